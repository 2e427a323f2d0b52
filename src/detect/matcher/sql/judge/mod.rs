//! What a reading proves: for each family, the structures that make it certain, likely, or a hint.

mod number;
mod query;
mod quote;

use crate::rule::Confidence;
use crate::rule::Confidence::Certain;
use crate::rule::Confidence::Likely;
use crate::rule::Confidence::Weak;

use super::Family;
use super::walk::Operand;
use super::walk::Operator;
use super::walk::Reading;
use super::walk::Tail;

/// From where a reading began.
#[derive(Clone, Copy, Debug)]
pub(super) enum Context {
    /// From the begin of the value.
    Start,
    /// Behind a quote.
    Quote {
        /// Which quote.
        quote: u8,
        /// Whether it is the one that ends a string around the whole of the value.
        first: bool,
        /// Where it stands.
        position: usize,
    },
    /// At a `union`.
    Union {
        /// Where it stands.
        position: usize,
    },
    /// At a `;`.
    Semicolon {
        /// Where it stands.
        position: usize,
    },
}

type Judgement = Option<(Confidence, &'static str)>;

/// A reading, with what the tests of all families need.
struct Case<'a> {
    reading: &'a Reading,
    context: Context,
    value: &'a [u8],
}

/// What this reading proves for this family.
pub(super) fn judge(family: Family, context: Context, value: &[u8], reading: &Reading) -> Judgement {
    let mut reading = *reading;
    if let (Context::Quote { quote, .. }, Some(reopened)) = (context, reading.reopened)
        && quote != reopened
    {
        // The statement goes on with the other quote, so this string has no end.
        reading.tail = Tail::Broken;
    }
    let case = Case { reading: &reading, context, value };
    match family {
        Family::Breakout => case.breakout(),
        Family::Tautology => case.tautology(),
        Family::Union => case.union(),
        Family::Query => case.query(),
        Family::Statement => case.statement(),
        Family::Function => case.function(),
        Family::Clause => case.clause(),
        Family::CommentTail => case.comment_tail(),
    }
}

fn is_one_of(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(word))
}

const fn sure_if(sure: bool) -> Confidence {
    if sure { Certain } else { Likely }
}

const fn sure_or_weak(sure: bool) -> Confidence {
    if sure { Certain } else { Weak }
}

impl Case<'_> {
    fn has(&self, bits: u32) -> bool {
        self.reading.seen & bits != 0
    }

    /// Whether the rest fits the grammar to its end.
    fn clean(&self) -> bool {
        self.reading.tail != Tail::Broken && self.reading.complete
    }

    /// Whether something behind the end of the value is cut off, or goes on inside of a string.
    fn closed(&self) -> bool {
        self.reading.complete && matches!(self.reading.tail, Tail::Comment | Tail::Reopened | Tail::Semicolon)
    }

    /// Whether no operator was read, but for the sign of the number that the value begins with.
    fn is_bare(&self) -> bool {
        let signed = matches!(self.value.trim_ascii_start().first(), Some(b'-' | b'+'))
            && self.reading.operator == Some(Operator::Arithmetic)
            && self.reading.lead == Operand::Number
            && self.reading.operands == 1;
        self.reading.operator.is_none() || signed
    }

    /// `select@example.org`: an address of mail, which begins with a word of SQL.
    fn is_mail_address(&self) -> bool {
        let Some(at) = memchr::memchr(b'@', self.value) else { return false };
        let (name, host) = (self.value.get(..at).unwrap_or_default(), self.value.get(at + 1..).unwrap_or_default());
        let label = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        let name_byte = |byte: &u8| label(byte) || matches!(byte, b'_' | b'+');
        host.len() < 254 && host.contains(&b'.') && host.iter().all(label) && name.iter().all(name_byte)
    }

    fn commented(&self) -> bool {
        self.reading.complete && self.reading.tail == Tail::Comment
    }

    /// Whether the comment at the end holds no sentence.
    fn bare_comment(&self) -> bool {
        let comment = self.value.get(self.reading.end..).unwrap_or_default();
        let words =
            comment.split(|byte| byte.is_ascii_whitespace()).filter(|part| part.iter().any(u8::is_ascii_alphabetic));
        self.reading.tail == Tail::Comment && words.take(2).count() < 2
    }

    fn quote(&self) -> Option<u8> {
        match self.context {
            Context::Quote { quote, .. } => Some(quote),
            _ => None,
        }
    }

    /// Whether the quote is the first of its kind, as it must be to end a string around the value.
    fn first(&self) -> bool {
        matches!(self.context, Context::Quote { first: true, .. })
    }

    /// Whether the reading began with a number, a string or brackets, and not with a word.
    fn valued(&self) -> bool {
        matches!(self.reading.lead, Operand::Number | Operand::Text | Operand::Group | Operand::Constant)
    }
}
