//! Behind a number or name: boolean expressions.
//!
//! # What this does not protect from
//!
//! Arithmetic that is true (`5 < 6 and 7 > 3`) only alerts.

use super::super::walk::{Operand, Operator, Tail, seen};
use super::{Case, Judgement, sure_if, sure_or_weak};
use crate::lexer::sql::Word;
use crate::rule::Confidence::{Certain, Likely, Weak};

impl Case<'_> {
    pub(super) fn tautology(&self) -> Judgement {
        if !self.has(seen::BOOLEAN)
            || !self.value.iter().any(|byte| byte.is_ascii_digit() || b"=<>!(#-/'\";|".contains(byte))
        {
            return None;
        }
        if self.has(seen::COMPARED_VALUES) {
            // Behind a number nothing but SQL can stand, and `5 < 6 && 7 > 3` is arithmetic.
            let ended = matches!(self.reading.tail, Tail::Comment | Tail::Reopened);
            let arithmetic = self.has(seen::COMPARED_EARLY) && self.reading.lead == Operand::Number && !ended;
            let sure = !arithmetic && !self.ends_in_prose();
            return Some((sure_if(sure), "a boolean operator and a comparison of values go on with the statement"));
        }
        if self.has(seen::COMPARED_EARLY) && self.reading.operands < 3 && !self.clean() {
            return None;
        }
        if self.has(seen::COMPARED_NAME) && self.clean() {
            let confidence = match self.reading.lead {
                Operand::Name | Operand::Variable if self.bare_comment() => Certain,
                Operand::Name | Operand::Variable => Weak,
                // `24 and 7 = always`
                Operand::Number if self.equates_a_number() && !self.closed() => Likely,
                Operand::None => sure_or_weak(self.closed() && self.reading.operator == Some(Operator::Boolean)),
                _ => Certain,
            };
            return Some((confidence, "a boolean operator and a comparison go on with the statement"));
        }
        let plain = self.reading.last != Operand::Name;
        if self.reading.lead == Operand::Number && self.reading.last == Operand::Constant && self.reading.operands == 2
        {
            // `1 or true`, up to the end.
            return self.clean().then_some((Likely, "a boolean operator and a constant go on with the statement"));
        }
        (plain && self.commented()).then(|| {
            (sure_if(self.bare_comment()), "a boolean operator, an operand and a comment go on with the statement")
        })
    }

    /// Whether the last comparison is of a number, with a word behind it.
    fn equates_a_number(&self) -> bool {
        let sign = memchr::memrchr(b'=', self.value).filter(|_| self.reading.last == Operand::Name);
        let before = sign.and_then(|sign| self.value.get(..sign)).unwrap_or_default().trim_ascii_end();
        let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0 && before.len().checked_sub(digits + 1).and_then(|at| before.get(at)) == Some(&b' ')
    }

    /// Whether the reading ended at a word that no statement has there.
    fn ends_in_prose(&self) -> bool {
        let rest = self.value.get(self.reading.end..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (word, behind) = rest.split_at_checked(length).unwrap_or_default();
        let apart = behind.first().is_none_or(|byte| byte.is_ascii_whitespace() || b",.;:?!".contains(byte));
        self.reading.tail == Tail::Broken && length > 1 && apart && Word::of(word) == Word::Plain
    }
}
