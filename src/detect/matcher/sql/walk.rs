//! Reads a value as the rest of a statement, from one place on, as far as it fits the grammar.
//!
//! The grammar is the one that all dialects share, flattened: operands and operators alternate, words
//! of clauses and statements stand between them, brackets are counted by nobody. What does not fit, two
//! plain words in a row above all, ends the reading: that is how prose fails within two tokens.

use crate::lexer::sql::Kind;
use crate::lexer::sql::Lexer;
use crate::lexer::sql::Token;
use crate::lexer::sql::Word;

use super::function::Function;
use super::function::function;
use super::function::is_hostile_package;
use super::marks::Marks;
use super::statement;
use super::statement::Strength;

/// What was seen on the way, as bits.
pub(super) mod seen {
    /// `or`, `and`, `||` ...
    pub(crate) const BOOLEAN: u32 = 1;
    /// Behind a boolean: a comparison in which no side is a plain name.
    pub(crate) const COMPARED_VALUES: u32 = 1 << 1;
    /// Behind a boolean: a comparison with a name.
    pub(crate) const COMPARED_NAME: u32 = 1 << 2;
    /// A comparison without a boolean before it.
    pub(crate) const COMPARED_EARLY: u32 = 1 << 3;
    /// `select`.
    pub(crate) const SELECT: u32 = 1 << 4;
    /// A `select` inside of an expression.
    pub(crate) const SUBSELECT: u32 = 1 << 5;
    /// A selected value that is no plain name: number, string, star.
    pub(crate) const LIST_VALUE: u32 = 1 << 6;
    /// A selected call or variable.
    pub(crate) const LIST_CALL: u32 = 1 << 7;
    /// Several selected values.
    pub(crate) const LIST_COMMA: u32 = 1 << 8;
    /// `from`, and a table.
    pub(crate) const FROM: u32 = 1 << 9;
    /// A clause behind the table.
    pub(crate) const QUERY_CLAUSE: u32 = 1 << 10;
    /// `union select`.
    pub(crate) const UNION: u32 = 1 << 11;
    /// `union all select`.
    pub(crate) const UNION_ALL: u32 = 1 << 12;
    /// `order by` or `group by` and a number or call.
    pub(crate) const BY_VALUE: u32 = 1 << 13;
    /// `order by` or `group by` and a name.
    pub(crate) const BY_NAME: u32 = 1 << 14;
    /// `having` and a value.
    pub(crate) const HAVING: u32 = 1 << 15;
    /// `limit` and a number.
    pub(crate) const LIMIT: u32 = 1 << 16;
    /// `into outfile ..`.
    pub(crate) const OUTFILE: u32 = 1 << 17;
    /// `procedure analyse(`.
    pub(crate) const PROCEDURE: u32 = 1 << 18;
    /// A whole statement.
    pub(crate) const STATEMENT: u32 = 1 << 19;
    /// The beginning of a statement.
    pub(crate) const STATEMENT_LOOSE: u32 = 1 << 20;
    /// A call that no honest value makes.
    pub(crate) const HOSTILE: u32 = 1 << 21;
    /// A call that waits.
    pub(crate) const WAIT: u32 = 1 << 22;
    /// Something follows the closing quote without an operator between.
    pub(crate) const GAP: u32 = 1 << 23;
    /// `;` before a statement.
    pub(crate) const STACKED: u32 = 1 << 24;
    /// A selected thing was renamed by a plain word.
    pub(crate) const ALIAS: u32 = 1 << 25;
    /// A call of a function that SQL knows.
    pub(crate) const KNOWN: u32 = 1 << 26;
    /// `case`.
    pub(crate) const CASE: u32 = 1 << 27;
    /// A comma outside of a select list.
    pub(crate) const COMMA: u32 = 1 << 28;
    /// A query behind `;`.
    pub(crate) const STACKED_SELECT: u32 = 1 << 29;
    /// `union` beside a comment, and nothing behind it.
    pub(crate) const HIDDEN_UNION: u32 = 1 << 30;
    /// `case .. end`.
    pub(crate) const CASE_END: u32 = 1 << 31;
}

/// How a reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// The value ends.
    End,
    /// A comment takes what the statement would go on with.
    Comment,
    /// A string was opened that the statement closes.
    Reopened,
    /// `;` with no statement behind it.
    Semicolon,
    /// What follows is no SQL.
    Broken,
}

/// What an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    /// None yet.
    None,
    /// A plain word or quoted name.
    Name,
    /// A number.
    Number,
    /// A string.
    Text,
    /// `null`, `true`, a variable.
    Constant,
    /// A call.
    Call,
    /// Something in brackets.
    Group,
}

/// The kind of the operator that comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Boolean,
    Compare,
    CompareByWord,
    Arithmetic,
}

/// What a reading found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Bits of [`seen`].
    pub(super) seen: u32,
    /// How it ended.
    pub(super) tail: Tail,
    /// Where it ended; for a comment, where that begins.
    pub(super) end: usize,
    /// Whether no operand is missing at the end.
    pub(super) complete: bool,
    /// The first operand, when the reading began with one.
    pub(super) lead: Operand,
    /// The last operand.
    pub(super) last: Operand,
    /// The operator that came first.
    pub(super) operator: Option<Operator>,
    /// Whether the first operator, and what follows it, touch their neighbours.
    pub(super) glued: bool,
    /// The quote that opened the string at the end.
    pub(super) reopened: Option<u8>,
    /// How many operands were read.
    pub(super) operands: usize,
    /// How many tokens were read that are no closing brackets.
    pub(super) tokens: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the begin of a value: anything that a statement may go on with.
    Start,
    /// An operand must follow.
    Operand,
    /// An operand is complete.
    After,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Nothing,
    Table,
    By,
    Having,
    Limit,
}

enum Flow {
    On,
    Stop(Tail),
}

/// One reading under way.
pub(super) struct Walk<'w, 'v> {
    lexer: &'w mut Lexer<'v>,
    marks: &'w mut Marks,
    state: State,
    seen: u32,
    lead: Operand,
    left: Operand,
    pending: Option<Operator>,
    first: Option<Operator>,
    glued: bool,
    expect: Expect,
    in_list: bool,
    in_clause: bool,
    aliased: bool,
    call: Option<Function>,
    package: bool,
    previous: Kind,
    reopened: Option<u8>,
    operands: usize,
    tokens: usize,
}

impl<'w, 'v> Walk<'w, 'v> {
    /// Reads from the begin of a value.
    pub(super) fn from_start(lexer: &'w mut Lexer<'v>, marks: &'w mut Marks) -> Reading {
        Self::new(lexer, marks, State::Start).run(0)
    }

    /// Reads from behind an operand, such as a string that a quote has just ended.
    pub(super) fn behind_operand(lexer: &'w mut Lexer<'v>, marks: &'w mut Marks, position: usize) -> Reading {
        let mut walk = Self::new(lexer, marks, State::After);
        walk.left = Operand::Text;
        walk.run(position)
    }

    fn new(lexer: &'w mut Lexer<'v>, marks: &'w mut Marks, state: State) -> Self {
        Self {
            lexer,
            marks,
            state,
            seen: 0,
            lead: Operand::None,
            left: Operand::None,
            pending: None,
            first: None,
            glued: false,
            expect: Expect::Nothing,
            in_list: false,
            in_clause: false,
            aliased: false,
            call: None,
            package: false,
            previous: Kind::End,
            reopened: None,
            operands: 0,
            tokens: 0,
        }
    }

    fn run(mut self, mut position: usize) -> Reading {
        let mut merged = false;
        loop {
            let token = self.lexer.token_at(position);
            if let Some(resumed) = token.behind_comment {
                merged |= self.marks.pass(resumed);
            }
            if merged && !self.marks.spend(token.end - position) {
                return self.reading(Tail::End, token.start);
            }
            let before = position;
            position = token.end;
            match self.step(token, &mut position) {
                Flow::On => {}
                Flow::Stop(tail) => {
                    let hidden = tail == Tail::Broken && token.behind_comment.is_some();
                    let tail = if hidden { Tail::Comment } else { tail };
                    return self.reading(tail, if hidden { before } else { token.start });
                }
            }
            if !matches!(token.kind, Kind::Close | Kind::Semicolon) {
                self.tokens += 1;
            }
            self.previous = token.kind;
            match token.kind {
                Kind::Text { closed: true } => merged |= self.marks.pass(token.end),
                // The places from which `anchor` would read anew.
                Kind::Semicolon => merged |= self.marks.pass(token.start),
                _ => {}
            }
        }
    }

    fn reading(&self, tail: Tail, end: usize) -> Reading {
        Reading {
            seen: self.seen,
            tail,
            end,
            complete: self.state == State::After,
            lead: self.lead,
            last: self.left,
            operator: self.first,
            glued: self.glued,
            reopened: self.reopened,
            operands: self.operands,
            tokens: self.tokens,
        }
    }

    fn step(&mut self, token: Token, position: &mut usize) -> Flow {
        match token.kind {
            Kind::End => Flow::Stop(Tail::End),
            Kind::Comment => Flow::Stop(Tail::Comment),
            Kind::Other => Flow::Stop(Tail::Broken),
            Kind::Semicolon => self.semicolon(position),
            Kind::Word(word) => self.word(token, word, position),
            Kind::Text { closed } => self.text(token, closed),
            Kind::Number => self.value(Operand::Number),
            Kind::Variable => self.value(Operand::Constant),
            Kind::Name => self.name(),
            Kind::Open => self.open(*position),
            _ => self.mark(token, position),
        }
    }

    // ---- operands ----

    fn value(&mut self, kind: Operand) -> Flow {
        if self.state == State::After {
            return self.alias_or_broken(kind);
        }
        self.operand(kind);
        Flow::On
    }

    fn name(&mut self) -> Flow {
        if self.state == State::After && !self.alias() {
            return Flow::Stop(Tail::Broken);
        }
        if self.state != State::After {
            self.operand(Operand::Name);
        }
        Flow::On
    }

    fn text(&mut self, token: Token, closed: bool) -> Flow {
        match self.state {
            State::After if self.previous == (Kind::Text { closed: true }) => {}
            State::After => {
                if !(closed && self.alias()) {
                    return Flow::Stop(Tail::Broken);
                }
            }
            _ => {
                self.glued &= !token.spaced || self.operands > 1;
                self.operand(Operand::Text);
            }
        }
        if closed {
            return Flow::On;
        }
        self.reopened = self.lexer.text(token).iter().copied().find(|byte| b"'\"`$".contains(byte));
        Flow::Stop(Tail::Reopened)
    }

    fn alias_or_broken(&mut self, kind: Operand) -> Flow {
        // `select @version name`, `select 1 @x`: only a name may rename.
        let renames = kind == Operand::Constant && self.alias();
        if renames { Flow::On } else { Flow::Stop(Tail::Broken) }
    }

    fn alias(&mut self) -> bool {
        let free = self.seen & seen::SELECT != 0 && !self.aliased;
        self.aliased = true;
        free
    }

    /// An operand is complete: what does it complete?
    fn operand(&mut self, kind: Operand) {
        self.right_side(kind);
        self.lead(kind);
        self.operands += 1;
        self.left = kind;
        self.state = State::After;
    }

    /// The first operand, signs and brackets before it or not, but no other operator.
    fn lead(&mut self, kind: Operand) {
        let signs_only = self.first.is_none_or(|first| first == Operator::Arithmetic);
        if self.operands == 0 && signs_only && self.lead == Operand::None && !self.in_clause {
            self.lead = kind;
        }
    }

    fn right_side(&mut self, kind: Operand) {
        if kind != Operand::Name {
            self.commit_call();
        }
        if self.in_list {
            self.seen |= match kind {
                Operand::Name | Operand::Group | Operand::None => 0,
                Operand::Call | Operand::Constant => seen::LIST_CALL,
                Operand::Number | Operand::Text => seen::LIST_VALUE,
            };
        }
        self.seen |= match (self.expect, kind) {
            (Expect::Table, Operand::Name | Operand::Group | Operand::Call | Operand::Text) => seen::FROM,
            (Expect::By, Operand::Name | Operand::Text) => seen::BY_NAME,
            (Expect::By, _) => seen::BY_VALUE,
            (Expect::Having, Operand::Name) => 0,
            (Expect::Having, _) => seen::HAVING,
            (Expect::Limit, Operand::Number | Operand::Constant) => seen::LIMIT,
            _ => 0,
        };
        self.expect = Expect::Nothing;
        let named = self.left == Operand::Name || kind == Operand::Name;
        match self.pending.take() {
            Some(Operator::Compare) => self.compared(named),
            Some(Operator::CompareByWord) if kind != Operand::Name => self.compared(named),
            _ => {}
        }
    }

    fn compared(&mut self, named: bool) {
        self.seen |= match (self.seen & seen::BOOLEAN != 0, named) {
            (false, _) => seen::COMPARED_EARLY,
            (true, true) => seen::COMPARED_NAME,
            (true, false) => seen::COMPARED_VALUES,
        };
    }

    fn commit_call(&mut self) {
        self.seen |= match self.call.take() {
            Some(Function::Hostile) => seen::HOSTILE,
            Some(Function::Wait) => seen::WAIT,
            Some(Function::Known) => seen::KNOWN,
            None => 0,
        };
    }

    fn call(&mut self, name: &[u8]) -> Flow {
        let known = function(name);
        let hostile = self.package || is_hostile_package(name);
        self.right_side(Operand::Call);
        self.lead(Operand::Call);
        self.operands += 1;
        self.call = if hostile { Some(Function::Hostile) } else { known };
        if self.call == Some(Function::Known) {
            self.seen |= seen::KNOWN;
        }
        self.left = Operand::Call;
        // The bracket itself is the next token.
        self.state = State::Operand;
        Flow::On
    }

    fn open(&mut self, position: usize) -> Flow {
        let after_word = matches!(self.previous, Kind::Word(_) | Kind::Name);
        let gap = self.tokens == 0 || (self.state == State::After && self.selects(position));
        match self.state {
            State::After if after_word && self.seen & seen::SELECT != 0 => {}
            State::After if gap => self.seen |= seen::GAP,
            State::After => return Flow::Stop(Tail::Broken),
            _ if self.left == Operand::Call && after_word => {}
            _ => {
                self.right_side(Operand::Group);
                self.left = Operand::None;
            }
        }
        self.left = Operand::None;
        self.state = State::Operand;
        Flow::On
    }

    fn selects(&mut self, position: usize) -> bool {
        self.lexer.token_at(position).kind == Kind::Word(Word::Select)
    }

    // ---- marks ----

    fn mark(&mut self, token: Token, position: &mut usize) -> Flow {
        let after = self.state != State::Operand;
        match token.kind {
            Kind::Compare if after => self.operator(Operator::Compare, token),
            Kind::Logic if after => self.operator(Operator::Boolean, token),
            Kind::Arithmetic if self.is_star(token) => {
                self.operand(Operand::Number);
                Flow::On
            }
            Kind::Arithmetic if after => self.operator(Operator::Arithmetic, token),
            Kind::Arithmetic if matches!(self.lexer.text(token), b"-" | b"+" | b"~") => Flow::On,
            Kind::Compare if self.lexer.text(token) == b"~*" => Flow::On,
            Kind::Not if self.state != State::After => Flow::On,
            Kind::Assign if after => self.to_operand(),
            Kind::Cast if after => self.cast(position),
            Kind::Close => self.close(),
            Kind::Comma if after => {
                self.seen |= if self.in_list { seen::LIST_COMMA } else { seen::COMMA };
                self.to_operand()
            }
            Kind::Dot if after => self.dot(position),
            Kind::Dot => Flow::On,
            _ => Flow::Stop(Tail::Broken),
        }
    }

    fn is_star(&self, token: Token) -> bool {
        let place = matches!(self.previous, Kind::Word(_) | Kind::Comma | Kind::Open | Kind::Dot);
        self.state == State::Operand && place && self.lexer.text(token) == b"*"
    }

    fn operator(&mut self, operator: Operator, token: Token) -> Flow {
        if self.first.is_none() {
            self.first = Some(operator);
            self.glued = !token.spaced;
        }
        if operator == Operator::Boolean {
            self.seen |= seen::BOOLEAN;
        }
        let keeps_name = operator == Operator::Arithmetic;
        if !keeps_name || self.pending.is_none() {
            self.pending = Some(operator);
        }
        self.to_operand()
    }

    fn to_operand(&mut self) -> Flow {
        self.aliased = false;
        self.state = State::Operand;
        Flow::On
    }

    fn close(&mut self) -> Flow {
        if self.state == State::Operand && !matches!(self.previous, Kind::Open) {
            return Flow::Stop(Tail::Broken);
        }
        if self.tokens == 0 {
            self.lead = Operand::Group;
        }
        self.call = None;
        self.left = Operand::Group;
        self.state = State::After;
        Flow::On
    }

    fn cast(&mut self, position: &mut usize) -> Flow {
        let token = self.lexer.token_at(*position);
        match token.kind {
            Kind::Word(_) => {
                *position = token.end;
                Flow::On
            }
            _ => Flow::Stop(Tail::Broken),
        }
    }

    fn dot(&mut self, position: &mut usize) -> Flow {
        let token = self.lexer.token_at(*position);
        if token.spaced && self.seen & seen::SELECT == 0 {
            return Flow::Stop(Tail::Broken);
        }
        match token.kind {
            Kind::Word(_) if self.opens_behind(token) => {
                *position = token.end;
                let name = self.lexer.text(token);
                self.call(name);
                self.previous = token.kind;
                Flow::On
            }
            Kind::Word(_) | Kind::Name | Kind::Arithmetic | Kind::Text { closed: true } => {
                *position = token.end;
                self.left = Operand::Name;
                Flow::On
            }
            Kind::Dot => Flow::On,
            _ => Flow::Stop(Tail::Broken),
        }
    }

    fn opens_behind(&mut self, token: Token) -> bool {
        self.lexer.token_at(token.end).kind == Kind::Open
    }

    fn semicolon(&mut self, position: &mut usize) -> Flow {
        let token = self.lexer.token_at(*position);
        match token.kind {
            Kind::Word(Word::Statement | Word::Select) if self.state != State::Operand => {
                self.seen |= seen::STACKED;
                if token.kind == Kind::Word(Word::Select) {
                    self.seen |= seen::STACKED_SELECT;
                }
                self.state = State::Start;
                self.in_list = false;
                Flow::On
            }
            Kind::Semicolon | Kind::Comment => Flow::On,
            _ => Flow::Stop(Tail::Semicolon),
        }
    }

    // ---- words ----

    fn word(&mut self, token: Token, word: Word, position: &mut usize) -> Flow {
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

    fn word_as_operand(&mut self, token: Token, word: Word, position: &mut usize) -> Flow {
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

    fn select(&mut self) {
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

    fn top(&mut self, position: &mut usize) -> Flow {
        let token = self.lexer.token_at(*position);
        if token.kind == Kind::Number {
            *position = token.end;
            let percent = self.lexer.token_at(token.end);
            if self.lexer.text(percent).eq_ignore_ascii_case(b"percent") {
                *position = percent.end;
            }
        }
        self.to_operand()
    }

    fn word_behind_operand(&mut self, token: Token, word: Word, position: &mut usize) -> Flow {
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
            Word::Into => self.into_file(position),
            Word::Procedure => self.procedure(position),
            Word::When if self.seen & seen::CASE != 0 => self.to_operand(),
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
            Word::Modifier => self.to_operand(),
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

    fn plain(&mut self, token: Token) -> Flow {
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

    fn within(&mut self, token: Token, position: &mut usize) -> Flow {
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

    fn negated(&mut self, token: Token, position: &mut usize) -> Flow {
        let next = self.lexer.token_at(*position);
        if matches!(next.kind, Kind::Word(Word::Compare | Word::In)) {
            *position = next.end;
            return self.operator(Operator::CompareByWord, token);
        }
        Flow::Stop(Tail::Broken)
    }

    fn union(&mut self, union: Token, position: &mut usize) -> Flow {
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
    fn union_rows(&mut self, token: Token, found: u32, position: &mut usize) -> Flow {
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

    fn query_clause(&mut self) {
        if self.seen & seen::FROM != 0 {
            self.seen |= seen::QUERY_CLAUSE;
        }
    }

    fn clause(&mut self, expect: Expect) -> Flow {
        self.in_list = false;
        self.pending = None;
        self.expect = expect;
        self.to_operand()
    }

    fn by(&mut self, position: &mut usize) -> Flow {
        let next = self.lexer.token_at(*position);
        if !self.lexer.text(next).eq_ignore_ascii_case(b"by") {
            return Flow::Stop(Tail::Broken);
        }
        *position = next.end;
        self.query_clause();
        self.clause(Expect::By)
    }

    fn into_file(&mut self, position: &mut usize) -> Flow {
        let next = self.lexer.token_at(*position);
        let name = self.lexer.text(next);
        if name.eq_ignore_ascii_case(b"outfile") || name.eq_ignore_ascii_case(b"dumpfile") {
            *position = next.end;
            self.seen |= seen::OUTFILE;
            return self.to_operand();
        }
        if self.seen & seen::SELECT != 0 { self.clause(Expect::Nothing) } else { Flow::Stop(Tail::Broken) }
    }

    fn procedure(&mut self, position: &mut usize) -> Flow {
        let next = self.lexer.token_at(*position);
        if self.lexer.text(next).eq_ignore_ascii_case(b"analyse") && self.opens_behind(next) {
            self.seen |= seen::PROCEDURE;
        }
        Flow::Stop(Tail::Broken)
    }

    fn renamed(&mut self, position: &mut usize) -> Flow {
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

    fn join(&mut self, token: Token) -> Flow {
        if self.lexer.text(token).eq_ignore_ascii_case(b"join") { self.clause(Expect::Table) } else { Flow::On }
    }

    /// A word that begins statements: whether one follows.
    fn statement(&mut self, token: Token, position: &mut usize) -> bool {
        let head = self.lexer.text(token);
        let gap = if self.state == State::After && self.tokens == 0 { seen::GAP } else { 0 };
        let open_ended = [&b"begin"[..], b"if", b"do", b"else"].iter().any(|word| head.eq_ignore_ascii_case(word));
        let behind_word = self.state == State::After && self.left == Operand::Name;
        if behind_word && !statement::follows_words(head) {
            return false;
        }
        if let Some((strength, end)) = statement::recognise(self.lexer, head, *position) {
            *position = end;
            self.seen |= gap
                | match strength {
                    Strength::Whole => seen::STATEMENT,
                    Strength::Loose => seen::STATEMENT_LOOSE,
                };
            self.left = Operand::Group;
            self.state = State::After;
            return true;
        }
        if open_ended && (self.seen & (seen::STACKED | seen::STATEMENT_LOOSE) != 0 || gap != 0) {
            // An expression or a statement follows; it will show.
            self.seen |= gap;
            self.state = State::Operand;
            return true;
        }
        false
    }
}
