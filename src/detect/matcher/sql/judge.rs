//! What a reading proves: for each family, the structures that make it certain, likely, or a hint.

use crate::lexer::sql::Word;
use crate::rule::Confidence;
use crate::rule::Confidence::Certain;
use crate::rule::Confidence::Likely;
use crate::rule::Confidence::Weak;

use super::Family;
use super::walk::Operand;
use super::walk::Operator;
use super::walk::Reading;
use super::walk::Tail;
use super::walk::seen;

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

    /// Whether the reading ended at a word that no statement has there.
    fn ends_in_prose(&self) -> bool {
        let rest = self.value.get(self.reading.end..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (word, behind) = rest.split_at_checked(length).unwrap_or_default();
        let apart = behind.first().is_none_or(|byte| byte.is_ascii_whitespace() || b",.;:?!".contains(byte));
        self.reading.tail == Tail::Broken && length > 1 && apart && Word::of(word) == Word::Plain
    }

    /// Whether the reading began with a number, a string or brackets, and not with a word.
    fn valued(&self) -> bool {
        matches!(self.reading.lead, Operand::Number | Operand::Text | Operand::Group | Operand::Constant)
    }

    // ---- families ----

    fn breakout(&self) -> Judgement {
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

    fn tautology(&self) -> Judgement {
        if !self.has(seen::BOOLEAN)
            || !self.value.iter().any(|byte| byte.is_ascii_digit() || b"=<>!(#-/'\";|".contains(byte))
        {
            return None;
        }
        if self.has(seen::COMPARED_VALUES) {
            // Behind a number nothing but SQL can stand, and `5 < 6 && 7 > 3` is arithmetic.
            let arithmetic = self.has(seen::COMPARED_EARLY) && self.reading.lead == Operand::Number && !self.closed();
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

    /// Whether what was selected is no list of plain words.
    fn list(&self) -> bool {
        self.has(seen::LIST_CALL)
            || (self.has(seen::LIST_VALUE) && (self.has(seen::LIST_COMMA | seen::FROM) || !self.has(seen::ALIAS)))
    }

    fn union(&self) -> Judgement {
        if self.has(seen::HIDDEN_UNION) {
            let sure = match self.context {
                Context::Start => self.valued(),
                Context::Quote { .. } => self.first(),
                _ => false,
            };
            return (sure && (self.reading.tail == Tail::End || self.bare_comment()))
                .then_some((Certain, "`union` between comments goes on with the statement"));
        }
        if !self.has(seen::UNION) {
            return None;
        }
        let structure = "`union select` adds a query to the statement";
        if self.list() {
            return Some((Certain, structure));
        }
        let sure = self.has(seen::UNION_ALL | seen::QUERY_CLAUSE) || self.commented() || self.strong_before();
        if self.has(seen::FROM) {
            return Some((sure_or_weak(sure), structure));
        }
        let confidence = match sure {
            true if self.clean() => Certain,
            true => Likely,
            false => Weak,
        };
        (self.reading.tail != Tail::Broken || self.has(seen::LIST_COMMA)).then_some((confidence, structure))
    }

    /// Whether the `union` stands behind something that ends an operand and no sentence.
    fn strong_before(&self) -> bool {
        match self.context {
            Context::Union { position } | Context::Semicolon { position } => {
                let before = self.value.get(..position).unwrap_or_default().trim_ascii_end();
                let number = before.iter().rev().take(32).take_while(|byte| byte.is_ascii_alphanumeric()).last();
                before.last().is_some_and(|byte| b"'\"`)/*".contains(byte)) || number.is_some_and(u8::is_ascii_digit)
            }
            Context::Quote { .. } => true,
            Context::Start => self.valued(),
        }
    }

    fn query(&self) -> Judgement {
        if self.has(seen::CASE_END) && (self.valued() || self.quote().is_some() || self.reading.operator.is_some()) {
            return Some((Certain, "`case .. end` stands in place of an operand"));
        }
        if !self.has(seen::SELECT) || self.has(seen::UNION) {
            return None;
        }
        let table = self.has(seen::FROM);
        let clause = self.has(seen::QUERY_CLAUSE) && self.reading.complete;
        if self.has(seen::SUBSELECT) {
            let placed = self.reading.operator.is_some() || self.has(seen::COMMA | seen::KNOWN);
            let sure = (self.list()
                && (table || self.clean() || self.has(seen::LIST_CALL | seen::BOOLEAN | seen::KNOWN)))
                || clause
                || (table && placed && self.clean());
            return (sure || table).then(|| (sure_if(sure), "a query stands in place of an operand"));
        }
        if self.reading.tail == Tail::Broken {
            return None;
        }
        let structure = "the value is a query";
        let ended = self.closed() && self.reading.tail != Tail::Reopened;
        let sure = match self.context {
            Context::Quote { .. } => self.list() && ended,
            _ if table => self.list() || clause || ended,
            _ => self.has(seen::LIST_CALL) || (self.list() && ended),
        };
        let named = table && !self.has(seen::ALIAS);
        (sure || table || self.list()).then(|| (if sure || named { sure_if(sure) } else { Weak }, structure))
    }

    fn statement(&self) -> Judgement {
        let structure = "a statement of its own";
        if self.has(seen::GAP) && self.quote() == Some(b'`') {
            // Markdown writes code in such quotes.
            return None;
        }
        if self.has(seen::STATEMENT) {
            return Some((Certain, structure));
        }
        if self.has(seen::STACKED | seen::GAP)
            && self.has(seen::STATEMENT_LOOSE)
            && self.clean()
            && self.reading.operator.is_none()
        {
            let sure = self.closed() || self.strong_before();
            return Some((sure_if(sure), structure));
        }
        if self.has(seen::STACKED_SELECT) && (self.list() || self.has(seen::FROM)) && self.clean() {
            return Some((sure_if(self.list() || self.closed()), "a query of its own behind `;`"));
        }
        (self.has(seen::STATEMENT_LOOSE) && self.clean() && self.reading.operator.is_none())
            .then(|| (if self.closed() { Likely } else { Weak }, structure))
    }

    fn function(&self) -> Judgement {
        if self.has(seen::GAP) && self.quote() == Some(b'`') {
            // Markdown writes code in such quotes.
            return None;
        }
        if self.has(seen::HOSTILE) {
            return Some((Certain, "a call that waits, reads files or fails with data"));
        }
        if self.has(seen::WAIT) {
            let inside = self.reading.tail != Tail::Broken
                && (self.reading.operands > 2 || self.reading.operator.is_some())
                || self.has(seen::SELECT | seen::BY_VALUE | seen::COMMA | seen::STACKED)
                || self.commented();
            return (inside || self.clean()).then(|| (sure_if(inside), "a call that waits"));
        }
        None
    }

    fn clause(&self) -> Judgement {
        if self.has(seen::OUTFILE) && self.reading.operands > 0 {
            return Some((Certain, "`into outfile` writes a file"));
        }
        if self.has(seen::PROCEDURE) {
            return Some((Certain, "`procedure analyse` behind the statement"));
        }
        if self.has(seen::SELECT | seen::GAP) || !self.clean() {
            return None;
        }
        let behind_value = self.quote().is_some_and(|_| self.first()) || self.valued();
        if self.has(seen::HAVING) {
            let sure = self.closed()
                || (behind_value && self.has(seen::COMPARED_EARLY | seen::COMPARED_VALUES))
                || (self.has(seen::BOOLEAN) && self.reading.last != Operand::Name);
            return Some((sure_or_weak(sure), "`having` goes on with the statement"));
        }
        if self.has(seen::BY_VALUE) {
            return Some((sure_or_weak(behind_value || self.closed()), "`order by` goes on with the statement"));
        }
        if self.has(seen::BY_NAME | seen::LIMIT) {
            return Some((sure_or_weak(behind_value && self.commented()), "a clause goes on with the statement"));
        }
        None
    }

    fn comment_tail(&self) -> Judgement {
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
}
