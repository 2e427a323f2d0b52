//! Reads a value as the rest of a statement, from one place on, as far as it fits the grammar.
//!
//! The grammar is the one that all dialects share, flattened: operands and operators alternate, words
//! of clauses and statements stand between them, brackets are counted by nobody. What does not fit, two
//! plain words in a row above all, ends the reading: that is how prose fails within two tokens.

mod mark;
mod operand;
pub(super) mod seen;
mod word;

use crate::lexer::sql::Kind;
use crate::lexer::sql::Lexer;
use crate::lexer::sql::Token;

use super::function::Function;
use super::marks::Marks;

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
    /// `null`, `true`, `@@version`.
    Constant,
    /// `@name`, which other languages have as well.
    Variable,
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
    /// Whether a plain name was among the operands.
    pub(super) names: bool,
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

fn is_named(operand: Operand) -> bool {
    matches!(operand, Operand::Name | Operand::Variable)
}

/// What stood before the brackets that are open: two bits each, of the innermost 64.
#[derive(Default)]
struct Brackets(u128);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    Group,
    Known,
    Stranger,
}

impl Brackets {
    fn open(&mut self, bracket: Bracket) {
        self.0 = self.0 << 2 | bracket as u128;
    }

    fn close(&mut self) -> Bracket {
        let bracket = match self.0 & 3 {
            1 => Bracket::Known,
            2 => Bracket::Stranger,
            _ => Bracket::Group,
        };
        self.0 >>= 2;
        bracket
    }
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
    double_equals: bool,
    brackets: Brackets,
    /// Of the bracket that a call announces.
    bracket: Bracket,
    aliased: bool,
    /// `if` was read where a statement may stand.
    conditional: bool,
    call: Option<Function>,
    package: bool,
    previous: Kind,
    reopened: Option<u8>,
    names: bool,
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
            double_equals: false,
            brackets: Brackets::default(),
            bracket: Bracket::Group,
            aliased: false,
            conditional: false,
            call: None,
            package: false,
            previous: Kind::End,
            reopened: None,
            names: false,
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
            if !self.marks.read(token.end - position) {
                return self.reading(Tail::Broken, token.start);
            }
            if merged && !self.marks.spend(token.end - position) {
                return self.reading(Tail::End, token.start);
            }
            let before = position;
            position = token.end;
            match self.step(token, &mut position) {
                Flow::On => {}
                Flow::Stop(tail) => {
                    let hidden = match tail {
                        Tail::Broken => token.behind_comment.is_some(),
                        // A line end behind a comment ends nothing but the comment.
                        Tail::End => self.is_behind_line_comment(token),
                        _ => false,
                    };
                    let tail = if hidden { Tail::Comment } else { tail };
                    return self.reading(tail, if hidden { before } else { token.start });
                }
            }
            if !matches!(token.kind, Kind::Close | Kind::Semicolon) {
                self.tokens += 1;
            }
            self.previous = token.kind;
            match token.kind {
                _ if self.ends_in_quote(token) => merged |= self.marks.pass(token.end),
                // The places from which `anchor` would read anew.
                Kind::Semicolon => merged |= self.marks.pass(token.start),
                _ => {}
            }
        }
    }

    /// A string or a quoted name: `anchor` would read anew from behind its last quote.
    fn ends_in_quote(&self, token: Token) -> bool {
        let last = token.end.checked_sub(1).filter(|&last| last > token.start);
        last.and_then(|last| self.lexer.value().get(last)).is_some_and(|byte| matches!(byte, b'\'' | b'"' | b'`'))
    }

    fn is_behind_line_comment(&self, token: Token) -> bool {
        let last = token.behind_comment.and_then(|resumed| resumed.checked_sub(1));
        last.and_then(|last| self.lexer.value().get(last)) == Some(&b'\n')
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
            names: self.names,
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
            Kind::Variable => self.variable(token),
            Kind::Name => self.name(),
            Kind::Open => self.open(*position),
            _ => self.mark(token, position),
        }
    }
}
