//! Behind a quote: operators, boolean expressions, comments.
//!
//! # What this does not protect from
//!
//! An operator between quotes that stand apart (`the '=' sign`), which people write about.

use super::super::walk::{Operand, Operator, Tail, seen};
use super::{Case, Context, Judgement, is_one_of, sure_if, sure_or_weak};
use crate::rule::Confidence::{Certain, Likely, Weak};

impl Case<'_> {
    pub(super) fn breakout(&self) -> Judgement {
        let quote = self.quote()?;
        if self.has(seen::BOOLEAN) {
            return self.boolean_breakout(quote);
        }
        let rows = self.has(seen::COMMA) && self.reading.last == Operand::Group && !self.reading.names;
        if rows && self.commented() && quote == b'\'' && self.first() && self.simple() {
            return Some((Certain, "a quote ends the string, further values and the end of the row follow"));
        }
        self.reading.operator?;
        if self.has(seen::GAP | seen::SELECT) || self.reading.operands == 0 {
            return None;
        }
        let plain = self.reading.last != Operand::Name;
        if self.sets_column(quote) {
            return Some((Certain, "a quote ends the string, and another column is given an open string"));
        }
        match self.reading.tail {
            Tail::Reopened if self.first() => {
                let short = self.simple() && self.simple_behind() && !self.reading.names;
                let confidence = match (quote, short) {
                    _ if self.quotes_an_operator() => Weak,
                    (b'\'', true) => Certain,
                    (b'"', true) => Likely,
                    _ => Weak,
                };
                Some((confidence, "a quote ends the string, an operator and an open string follow"))
            }
            Tail::Comment if plain && self.reading.complete && self.first() => Some((
                sure_if(quote == b'\'' && self.simple()),
                "a quote ends the string, an operator, an operand and a comment follow",
            )),
            _ => None,
        }
    }

    /// `x', role='admin`: one more column of an `update`, up to a string that the statement closes.
    fn sets_column(&self, quote: u8) -> bool {
        let shape =
            self.reading.operator == Some(Operator::Compare) && self.has(seen::COMMA) && self.reading.operands == 2;
        let quotes = self.value.iter().filter(|&&byte| byte == quote).take(4).count();
        shape && self.reading.tail == Tail::Reopened && quote == b'\'' && quotes == 2 && self.first() && self.simple()
    }

    fn boolean_breakout(&self, quote: u8) -> Judgement {
        if self.has(seen::COMPARED_VALUES) {
            // Behind a quote that ends nothing, as in `said 'no' and 5 = 5`, the end has to fit.
            let sure = self.first() || self.closed();
            return Some((
                sure_if(sure),
                "a quote ends the string, a boolean operator and a comparison of values follow",
            ));
        }
        if self.has(seen::COMPARED_NAME) && self.clean() {
            let confidence = match self.first() {
                true => sure_if(quote == b'\'' || self.closed()),
                false => sure_or_weak(quote == b'\'' && self.commented() && self.bare_comment()),
            };
            return Some((confidence, "a quote ends the string, a boolean operator and a comparison follow"));
        }
        let plain = self.reading.last != Operand::Name;
        let structure = "a quote ends the string, a boolean operator and an operand follow";
        match self.reading.tail {
            Tail::Comment if self.reading.complete && self.first() => Some((sure_if(plain), structure)),
            Tail::Comment if self.reading.complete => {
                let sure = quote == b'\'' && plain && self.reading.last != Operand::Text && self.bare_comment();
                Some((sure_or_weak(sure), structure))
            }
            Tail::Reopened => {
                let confidence = match (self.first(), self.reading.glued, quote) {
                    (true, false, b'\'') => Certain,
                    (true, glued, _) if self.nothing_around() => sure_if(quote == b'\'' || !glued),
                    (true, false, b'"') => Likely,
                    _ => Weak,
                };
                Some((confidence, "a quote ends the string, a boolean operator and an open string follow"))
            }
            Tail::End if plain && self.reading.complete && self.first() => Some((Likely, structure)),
            _ => None,
        }
    }

    pub(super) fn comment_tail(&self) -> Judgement {
        let quote = self.quote()?;
        if self.reading.tail != Tail::Comment || self.reading.tokens > 0 {
            return None;
        }
        let Context::Quote { position, .. } = self.context else { return None };
        let comment = self.value.get(self.reading.end..).unwrap_or_default();
        let dashes = comment.trim_ascii_start().starts_with(b"--");
        let empty = !comment.iter().any(|&byte| byte.is_ascii_alphanumeric() || byte == quote);
        // A quote behind a word ends something; behind a blank or a bracket it begins something.
        let behind_word = self
            .value
            .get(..position)
            .and_then(<[u8]>::last)
            .is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte >= 0x80 || b"_%.)".contains(&byte));
        let confidence = match quote {
            _ if !self.first() => Weak,
            b'\'' if (behind_word && self.simple()) || (dashes && empty) => Certain,
            b'\'' if empty || (behind_word && dashes) => Likely,
            b'"' if self.simple() && dashes && empty => Certain,
            b'"' if self.simple() && dashes && behind_word => Likely,
            _ => Weak,
        };
        Some((confidence, "a quote ends the string, a comment hides the rest"))
    }

    /// Whether the quotes stand around an operator, and apart from the words around them, as those of
    /// `the '=' sign` and `the 'like' button` do.
    fn quotes_an_operator(&self) -> bool {
        let Context::Quote { position, quote, .. } = self.context else { return false };
        let (before, behind) = (self.value.get(..position), self.value.get(self.reading.end + 1..));
        let (before, behind) = (before.unwrap_or_default(), behind.unwrap_or_default());
        let apart =
            |byte: Option<&u8>| byte.is_none_or(|byte| byte.is_ascii_whitespace() || b"(),.;:?!".contains(byte));
        let quoted = self.value.get(position + 1..self.reading.end).unwrap_or_default();
        let quoted = quoted.split(|&byte| byte == quote).next().unwrap_or_default().trim_ascii();
        let spoken = !quoted.iter().any(u8::is_ascii_alphabetic) || is_one_of(quoted, &["like", "is", "in", "between"]);
        let clause = before.trim_ascii_end().rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
        let compared = is_one_of(clause, &["like", "or", "and", "where", "having"]);
        let alone = before.is_empty() && behind.is_empty();
        !alone && spoken && !compared && apart(before.last()) && apart(behind.first())
    }

    /// Whether at most one word stands before the quote.
    fn simple(&self) -> bool {
        let Context::Quote { position, .. } = self.context else { return false };
        let before = self.value.get(..position).unwrap_or_default();
        let word = before.trim_ascii();
        word.len() <= 64
            && word.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte >= 0x80 || b"-_.@+%\\/*".contains(&byte))
    }

    /// Whether at most one word stands behind the quote that opens a string again.
    fn simple_behind(&self) -> bool {
        let behind = self.value.get(self.reading.end + 1..).unwrap_or_default();
        behind.trim_ascii().iter().all(|&byte| byte.is_ascii_alphanumeric() || byte >= 0x80 || b"-_.%".contains(&byte))
    }

    /// Whether the value begins with the quote, and hardly anything follows the one that opens a string again.
    fn nothing_around(&self) -> bool {
        let Context::Quote { position, .. } = self.context else { return false };
        let before = self.value.get(..position).unwrap_or_default();
        let behind = self.value.get(self.reading.end + 1..).unwrap_or_default();
        // A string that begins with a digit is true wherever strings are compared with numbers.
        let ends = behind.trim_ascii().is_empty() || behind.first().is_some_and(u8::is_ascii_digit);
        before.trim_ascii().is_empty() && ends
    }
}
