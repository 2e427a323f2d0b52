//! Words: those of clauses, queries and statements.

use super::super::function::function;
use super::super::function::is_hostile_package;
use super::super::statement;
use super::super::statement::Strength;
use super::Expect;
use super::Flow;
use super::Operand;
use super::Operator;
use super::State;
use super::Tail;
use super::Walk;
use super::seen;
use crate::lexer::sql::Kind;
use crate::lexer::sql::Token;
use crate::lexer::sql::Word;

impl Walk<'_, '_> {
    pub(super) fn word(&mut self, token: Token, word: Word, position: &mut usize) -> Flow {
        match self.state {
            State::Operand => self.word_as_operand(token, word, position),
            State::After => self.word_behind_operand(token, word, position),
            State::Start => match word {
                Word::Plain | Word::Constant | Word::Not | Word::Prefix | Word::Select | Word::Case | Word::Top => {
                    self.word_as_operand(token, word, position)
                }
                Word::Statement if self.statement(token, position) => Flow::On,
                _ if word != Word::Logic && word != Word::Union && self.opens_behind(token) => {
                    self.word_as_operand(token, word, position)
                }
                _ => self.word_behind_operand(token, word, position),
            },
        }
    }

    pub(super) fn word_as_operand(&mut self, token: Token, word: Word, position: &mut usize) -> Flow {
        match word {
            Word::Not | Word::Prefix | Word::When => Flow::On,
            Word::Case => {
                self.seen |= seen::CASE;
                Flow::On
            }
            Word::Select => {
                self.select();
                Flow::On
            }
            Word::Top => self.top(position),
            Word::Logic | Word::From | Word::Where | Word::Union | Word::By | Word::Having => Flow::Stop(Tail::Broken),
            _ if self.opens_behind(token) => {
                let name = self.lexer.text(token);
                self.call(name)
            }
            Word::Constant => self.value(Operand::Constant),
            Word::Statement if matches!(self.previous, Kind::Word(Word::Statement)) => {
                if self.statement(token, position) { Flow::On } else { Flow::Stop(Tail::Broken) }
            }
            Word::Plain => {
                self.package = is_hostile_package(self.lexer.text(token));
                self.operand(Operand::Name);
                Flow::On
            }
            _ => Flow::Stop(Tail::Broken),
        }
    }

    pub(super) fn select(&mut self) {
        let inner = self.state == State::Operand && self.tokens > 0;
        // A bracket around the whole of a query does not make it an operand.
        if inner && (self.operands > 0 || self.first.is_some() || self.seen & (seen::COMMA | seen::GAP) != 0) {
            self.seen |= seen::SUBSELECT;
        }
        self.seen |= seen::SELECT;
        self.seen &= !seen::ALIAS;
        self.in_list = true;
        self.pending = None;
        self.expect = Expect::Nothing;
        self.state = State::Operand;
    }

    pub(super) fn top(&mut self, position: &mut usize) -> Flow {
        let token = self.lexer.token_at(*position);
        if token.kind == Kind::Number {
            *position = token.end;
            let percent = self.lexer.token_at(token.end);
            if self.lexer.text(percent).eq_ignore_ascii_case(b"percent") {
                *position = percent.end;
            }
        }
        self.expect_operand()
    }

    pub(super) fn word_behind_operand(&mut self, token: Token, word: Word, position: &mut usize) -> Flow {
        self.in_clause = true;
        match word {
            Word::Logic => self.operator(Operator::Boolean, token),
            Word::Arithmetic => self.operator(Operator::Arithmetic, token),
            Word::Compare | Word::Is => self.operator(Operator::CompareByWord, token),
            Word::In => self.within(token, position),
            Word::Not | Word::Sounds => self.negated(token, position),
            Word::Union => self.union(token, position),
            Word::From => self.clause(Expect::Table),
            Word::Where => {
                self.query_clause();
                self.clause(Expect::Nothing)
            }
            Word::By => self.by(position),
            Word::Having => {
                self.query_clause();
                self.clause(Expect::Having)
            }
            Word::Limit => {
                self.query_clause();
                self.clause(Expect::Limit)
            }
            Word::Into => self.outfile(position),
            Word::Procedure => self.procedure(position),
            Word::When if self.seen & seen::CASE != 0 => self.expect_operand(),
            Word::End if self.seen & (seen::CASE | seen::STATEMENT_LOOSE) != 0 => {
                if self.seen & seen::CASE != 0 {
                    self.seen |= seen::CASE_END;
                }
                self.left = Operand::Group;
                Flow::On
            }
            Word::As => self.renamed(position),
            Word::Direction => Flow::On,
            Word::Join if self.seen & seen::SELECT != 0 => self.join(token),
            Word::Modifier => self.expect_operand(),
            Word::Select if self.left == Operand::Name && self.seen & seen::SELECT == 0 => Flow::Stop(Tail::Broken),
            Word::Select => {
                if self.operands == 0 && self.tokens == 0 {
                    self.seen |= seen::GAP;
                }
                self.select();
                Flow::On
            }
            Word::Statement => {
                if self.statement(token, position) {
                    Flow::On
                } else {
                    self.plain(token)
                }
            }
            _ => self.plain(token),
        }
    }

    pub(super) fn plain(&mut self, token: Token) -> Flow {
        if self.tokens == 0 && self.opens_behind(token) {
            let name = self.lexer.text(token);
            if function(name).is_some() || is_hostile_package(name) {
                self.seen |= seen::GAP;
                return self.call(name);
            }
        }
        if self.alias() {
            self.seen |= seen::ALIAS;
            self.left = Operand::Name;
            return Flow::On;
        }
        Flow::Stop(Tail::Broken)
    }

    pub(super) fn within(&mut self, token: Token, position: &mut usize) -> Flow {
        let next = self.lexer.token_at(*position);
        if self.lexer.text(next).eq_ignore_ascii_case(b"boolean") {
            // `in boolean mode` behind a full-text search.
            *position = self.lexer.token_at(next.end).end;
            return Flow::On;
        }
        if matches!(next.kind, Kind::Open | Kind::Variable) {
            return self.operator(Operator::CompareByWord, token);
        }
        Flow::Stop(Tail::Broken)
    }

    pub(super) fn negated(&mut self, token: Token, position: &mut usize) -> Flow {
        let next = self.lexer.token_at(*position);
        if matches!(next.kind, Kind::Word(Word::Compare | Word::In)) {
            *position = next.end;
            return self.operator(Operator::CompareByWord, token);
        }
        Flow::Stop(Tail::Broken)
    }

    pub(super) fn union(&mut self, union: Token, position: &mut usize) -> Flow {
        let mut found = seen::UNION;
        let mut token = self.lexer.token_at(*position);
        let mut beside_comment = union.behind_comment.is_some();
        loop {
            beside_comment |= token.behind_comment.is_some() || token.kind == Kind::Comment;
            match token.kind {
                Kind::End | Kind::Comment if beside_comment => {
                    self.seen |= seen::HIDDEN_UNION;
                    return Flow::On;
                }
                Kind::Word(Word::Prefix) => found |= seen::UNION_ALL,
                Kind::Open | Kind::Arithmetic => {}
                Kind::Word(Word::Select) => break,
                Kind::Word(_) => return self.union_rows(token, found, position),
                _ => return Flow::Stop(Tail::Broken),
            }
            if !self.marks.read(token.end - *position) {
                return Flow::Stop(Tail::Broken);
            }
            *position = token.end;
            token = self.lexer.token_at(*position);
        }
        *position = token.end;
        self.seen &= !(seen::LIST_VALUE | seen::LIST_CALL | seen::LIST_COMMA | seen::FROM | seen::QUERY_CLAUSE);
        self.seen |= found;
        self.select();
        // What follows stands behind `select`, whatever was read before.
        self.previous = Kind::Word(Word::Select);
        Flow::On
    }

    /// `union values (..)` and `union table name`.
    pub(super) fn union_rows(&mut self, token: Token, found: u32, position: &mut usize) -> Flow {
        let next = self.lexer.token_at(token.end);
        let word = self.lexer.text(token);
        if word.eq_ignore_ascii_case(b"values") && next.kind == Kind::Open {
            self.seen |= found | seen::LIST_VALUE;
        } else if word.eq_ignore_ascii_case(b"table") && matches!(next.kind, Kind::Word(Word::Plain) | Kind::Name) {
            self.seen |= found | seen::FROM;
        } else {
            return Flow::Stop(Tail::Broken);
        }
        *position = next.end;
        self.left = Operand::Group;
        self.state = if next.kind == Kind::Open { State::Operand } else { State::After };
        Flow::On
    }

    pub(super) fn query_clause(&mut self) {
        if self.seen & seen::FROM != 0 {
            self.seen |= seen::QUERY_CLAUSE;
        }
    }

    pub(super) fn clause(&mut self, expect: Expect) -> Flow {
        self.in_list = false;
        self.pending = None;
        self.expect = expect;
        self.expect_operand()
    }

    pub(super) fn by(&mut self, position: &mut usize) -> Flow {
        let next = self.lexer.token_at(*position);
        if !self.lexer.text(next).eq_ignore_ascii_case(b"by") {
            return Flow::Stop(Tail::Broken);
        }
        *position = next.end;
        self.query_clause();
        self.clause(Expect::By)
    }

    pub(super) fn outfile(&mut self, position: &mut usize) -> Flow {
        let next = self.lexer.token_at(*position);
        let name = self.lexer.text(next);
        if name.eq_ignore_ascii_case(b"outfile") || name.eq_ignore_ascii_case(b"dumpfile") {
            *position = next.end;
            self.seen |= seen::OUTFILE;
            return self.expect_operand();
        }
        if self.seen & seen::SELECT != 0 { self.clause(Expect::Nothing) } else { Flow::Stop(Tail::Broken) }
    }

    pub(super) fn procedure(&mut self, position: &mut usize) -> Flow {
        let next = self.lexer.token_at(*position);
        if self.lexer.text(next).eq_ignore_ascii_case(b"analyse") && self.opens_behind(next) {
            self.seen |= seen::PROCEDURE;
        }
        Flow::Stop(Tail::Broken)
    }

    pub(super) fn renamed(&mut self, position: &mut usize) -> Flow {
        let next = self.lexer.token_at(*position);
        match next.kind {
            Kind::Word(_) | Kind::Name | Kind::Text { closed: true } => {
                // `cast(x as varchar(8000))` has a length behind the type.
                let behind = self.lexer.token_at(next.end);
                *position = next.end;
                if behind.kind == Kind::Open {
                    let length = self.lexer.token_at(behind.end);
                    *position = self.lexer.token_at(length.end).end;
                }
                self.left = Operand::Group;
                Flow::On
            }
            _ => Flow::Stop(Tail::Broken),
        }
    }

    pub(super) fn join(&mut self, token: Token) -> Flow {
        if self.lexer.text(token).eq_ignore_ascii_case(b"join") { self.clause(Expect::Table) } else { Flow::On }
    }

    /// A word that begins statements: whether one follows.
    pub(super) fn statement(&mut self, token: Token, position: &mut usize) -> bool {
        let head = self.lexer.text(token);
        let gap = if self.state == State::After && self.tokens == 0 { seen::GAP } else { 0 };
        let open_ended = [&b"begin"[..], b"if", b"do", b"else"].iter().any(|word| head.eq_ignore_ascii_case(word));
        let behind_word = self.state == State::After && self.left == Operand::Name;
        if behind_word && !statement::follows_words(head) {
            return false;
        }
        if let Some((strength, end)) = statement::recognise(self.lexer, head, *position) {
            *position = end;
            self.seen |= match strength {
                Strength::Whole => gap | seen::STATEMENT,
                // `; if 1=1 drop table x`: a condition, and the statement that hangs on it.
                Strength::Loose if self.conditional && self.seen & seen::COMPARED_EARLY != 0 => gap | seen::STATEMENT,
                Strength::Loose => gap | seen::STATEMENT_LOOSE,
                Strength::Passing => 0,
            };
            self.left = Operand::Group;
            let opened = end.checked_sub(1).and_then(|last| self.lexer.value().get(last)) == Some(&b'(');
            self.state = if opened { State::Operand } else { State::After };
            return true;
        }
        if open_ended && (self.seen & (seen::STACKED | seen::STATEMENT_LOOSE) != 0 || gap != 0) {
            // An expression or a statement follows; it will show.
            self.conditional |= head.eq_ignore_ascii_case(b"if");
            self.seen |= gap;
            self.state = State::Operand;
            return true;
        }
        false
    }
}
