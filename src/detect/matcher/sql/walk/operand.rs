//! Operands: what completes an expression, and what a completed one shows.

use super::super::function::Function;
use super::super::function::function;
use super::super::function::is_hostile_package;
use super::Bracket;
use super::Expect;
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
    pub(super) fn value(&mut self, kind: Operand) -> Flow {
        if self.state == State::After {
            return self.alias_or_broken(kind);
        }
        self.operand(kind);
        Flow::On
    }

    pub(super) fn variable(&mut self, token: Token) -> Flow {
        match self.lexer.text(token) {
            [b'@', b'@', ..] => self.value(Operand::Constant),
            [b'@', ..] => self.value(Operand::Variable),
            _ => self.name(),
        }
    }

    pub(super) fn name(&mut self) -> Flow {
        if self.state == State::After && !self.alias() {
            return Flow::Stop(Tail::Broken);
        }
        if self.state != State::After {
            self.operand(Operand::Name);
        }
        Flow::On
    }

    pub(super) fn text(&mut self, token: Token, closed: bool) -> Flow {
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

    pub(super) fn alias_or_broken(&mut self, kind: Operand) -> Flow {
        // `select @version name`, `select 1 @x`: only a name may rename.
        let renames = matches!(kind, Operand::Constant | Operand::Variable) && self.alias();
        if renames { Flow::On } else { Flow::Stop(Tail::Broken) }
    }

    pub(super) fn alias(&mut self) -> bool {
        let free = self.seen & seen::SELECT != 0 && !self.aliased;
        self.aliased = true;
        free
    }

    /// An operand is complete: what does it complete?
    pub(super) fn operand(&mut self, kind: Operand) {
        self.right_side(kind, is_named(kind));
        self.lead(kind);
        self.operands += 1;
        self.names |= is_named(kind);
        self.left = kind;
        self.state = State::After;
    }

    /// The first operand, signs and brackets before it or not, but no other operator.
    pub(super) fn lead(&mut self, kind: Operand) {
        let signs_only = self.first.is_none_or(|first| first == Operator::Arithmetic);
        if self.operands == 0 && signs_only && self.lead == Operand::None && !self.in_clause {
            self.lead = kind;
        }
    }

    pub(super) fn right_side(&mut self, kind: Operand, named: bool) {
        if kind != Operand::Name {
            self.commit_call();
        }
        if self.in_list {
            self.seen |= match kind {
                Operand::Name | Operand::Group | Operand::None => 0,
                Operand::Call | Operand::Constant | Operand::Variable => seen::LIST_CALL,
                Operand::Number | Operand::Text => seen::LIST_VALUE,
            };
        }
        self.seen |= match (self.expect, kind) {
            (Expect::Table, Operand::Name | Operand::Group | Operand::Call | Operand::Text) => seen::FROM,
            (Expect::By, Operand::Name | Operand::Text) => seen::BY_NAME,
            (Expect::By, _) => seen::BY_VALUE,
            (Expect::Having, Operand::Name) => 0,
            (Expect::Having, _) => seen::HAVING,
            (Expect::Limit, Operand::Number | Operand::Constant | Operand::Variable) => seen::LIMIT,
            _ => 0,
        };
        self.expect = Expect::Nothing;
        let literal = |side: Operand| matches!(side, Operand::Number | Operand::Text);
        let named = named || is_named(self.left);
        if self.double_equals && !(literal(self.left) && literal(kind)) {
            // Only SQLite has `==`, and every other language.
            self.pending = None;
        }
        self.double_equals = false;
        match self.pending.take() {
            Some(Operator::Compare) => self.compared(named),
            Some(Operator::CompareByWord) if !is_named(kind) => self.compared(named),
            _ => {}
        }
    }

    pub(super) fn compared(&mut self, named: bool) {
        self.seen |= match (self.seen & seen::BOOLEAN != 0, named) {
            (false, _) => seen::COMPARED_EARLY,
            (true, true) => seen::COMPARED_NAME,
            (true, false) => seen::COMPARED_VALUES,
        };
    }

    pub(super) fn commit_call(&mut self) {
        self.seen |= match self.call.take() {
            Some(Function::Hostile) => seen::HOSTILE,
            Some(Function::Wait) => seen::WAIT,
            Some(Function::Known) => seen::KNOWN,
            None => 0,
        };
    }

    pub(super) fn call(&mut self, name: &[u8]) -> Flow {
        let known = function(name);
        let hostile = self.package || is_hostile_package(name);
        let stranger = known.is_none() && !hostile;
        self.right_side(Operand::Call, stranger);
        self.bracket = if stranger { Bracket::Stranger } else { Bracket::Known };
        self.lead(Operand::Name);
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

    pub(super) fn open(&mut self, position: usize) -> Flow {
        let after_word = matches!(self.previous, Kind::Word(_) | Kind::Name);
        let gap = self.tokens == 0 || (self.state == State::After && self.selects(position));
        match self.state {
            State::After if after_word && self.seen & seen::SELECT != 0 => {}
            State::After if gap => self.seen |= seen::GAP,
            State::After => return Flow::Stop(Tail::Broken),
            _ if self.left == Operand::Call && after_word => {}
            _ => {
                let brace = position.checked_sub(1).and_then(|last| self.lexer.value().get(last)) != Some(&b'(');
                self.right_side(Operand::Group, brace);
            }
        }
        self.brackets.open(std::mem::replace(&mut self.bracket, Bracket::Group));
        self.left = Operand::None;
        self.state = State::Operand;
        Flow::On
    }

    pub(super) fn selects(&mut self, position: usize) -> bool {
        self.lexer.token_at(position).kind == Kind::Word(Word::Select)
    }
}
