//! Operators, brackets and the other marks between operands.

use super::super::function::Function;
use super::super::function::function;
use super::Bracket;
use super::Flow;
use super::Operand;
use super::Operator;
use super::State;
use super::Tail;
use super::Walk;
use super::is_named;
use super::seen;
use crate::lexer::sql::Kind;
use crate::lexer::sql::Token;
use crate::lexer::sql::Word;

impl Walk<'_, '_> {
    pub(super) fn mark(&mut self, token: Token, position: &mut usize) -> Flow {
        let after = self.state != State::Operand;
        match token.kind {
            Kind::Compare if after => {
                self.double_equals = self.lexer.text(token) == b"==";
                self.operator(Operator::Compare, token)
            }
            Kind::Logic if after => self.operator(Operator::Boolean, token),
            Kind::Arithmetic if self.is_star(token) => {
                self.operand(Operand::Number);
                Flow::On
            }
            Kind::Arithmetic if after => self.operator(Operator::Arithmetic, token),
            Kind::Arithmetic if matches!(self.lexer.text(token), b"-" | b"+" | b"~") => Flow::On,
            Kind::Compare if self.lexer.text(token) == b"~*" => Flow::On,
            Kind::Not if self.state != State::After => Flow::On,
            Kind::Assign if after => self.expect_operand(),
            Kind::Cast if after => self.cast(position),
            Kind::Close => self.close(),
            Kind::Comma if after => {
                self.seen |= if self.in_list { seen::LIST_COMMA } else { seen::COMMA };
                self.expect_operand()
            }
            Kind::Dot if after => self.dot(position),
            Kind::Dot => Flow::On,
            _ => Flow::Stop(Tail::Broken),
        }
    }

    pub(super) fn is_star(&self, token: Token) -> bool {
        let place = matches!(self.previous, Kind::Word(_) | Kind::Comma | Kind::Open | Kind::Dot);
        self.state == State::Operand && place && self.lexer.text(token) == b"*"
    }

    pub(super) fn operator(&mut self, operator: Operator, token: Token) -> Flow {
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
        self.expect_operand()
    }

    pub(super) fn expect_operand(&mut self) -> Flow {
        self.aliased = false;
        self.state = State::Operand;
        Flow::On
    }

    pub(super) fn close(&mut self) -> Flow {
        if self.state == State::Operand && !matches!(self.previous, Kind::Open) {
            return Flow::Stop(Tail::Broken);
        }
        if self.tokens == 0 {
            self.lead = Operand::Group;
        }
        self.call = None;
        // A name in brackets is no more than a name, nor is what a function returns that SQL does not know.
        self.left = match self.brackets.close() {
            Bracket::Stranger => Operand::Name,
            Bracket::Group if is_named(self.left) => Operand::Name,
            _ => Operand::Group,
        };
        self.state = State::After;
        Flow::On
    }

    pub(super) fn cast(&mut self, position: &mut usize) -> Flow {
        let token = self.lexer.token_at(*position);
        match token.kind {
            Kind::Word(_) => {
                *position = token.end;
                Flow::On
            }
            _ => Flow::Stop(Tail::Broken),
        }
    }

    pub(super) fn dot(&mut self, position: &mut usize) -> Flow {
        let token = self.lexer.token_at(*position);
        if token.spaced && self.seen & seen::SELECT == 0 {
            return Flow::Stop(Tail::Broken);
        }
        match token.kind {
            Kind::Word(_) if self.opens_behind(token) => {
                *position = token.end;
                let name = self.lexer.text(token);
                // `time.sleep(5)` is no SQL; `dbms_lock.sleep(5)` is.
                let foreign = !self.package && function(name) == Some(Function::Wait);
                self.call(if foreign { b"" } else { name });
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

    pub(super) fn opens_behind(&mut self, token: Token) -> bool {
        self.lexer.token_at(token.end).kind == Kind::Open
    }

    pub(super) fn semicolon(&mut self, position: &mut usize) -> Flow {
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
}
