//! Queries, statements, calls and clauses.
//!
//! # What this does not protect from
//!
//! A statement that is one English sentence too, with nothing that ends it.

use super::super::walk::{Operand, Tail, seen};
use super::{Case, Context, Judgement, sure_if, sure_or_weak};
use crate::rule::Confidence::{Certain, Likely, Weak};

/// A text shorter than this is no document.
const DOCUMENT_BYTES_MIN: usize = 1024;
/// As far as the begin of a fence is looked for, and the end of a line.
const FENCE_BYTES_MAX: usize = 2048;
const LINE_BYTES_MAX: usize = 256;

impl Case<'_> {
    /// Whether what was selected is no list of plain words.
    fn list(&self) -> bool {
        self.has(seen::LIST_CALL)
            || (self.has(seen::LIST_VALUE) && (self.has(seen::LIST_COMMA | seen::FROM) || !self.has(seen::ALIAS)))
    }

    pub(super) fn union(&self) -> Judgement {
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
        if self.is_shown() {
            return Some((Likely, structure));
        }
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

    /// Whether the `union` stands in code that a long document shows, in backticks or in a fence. What
    /// begins the value, and what stands behind a quote that ends a string, is read by itself.
    fn is_shown(&self) -> bool {
        let Context::Union { position } = self.context else { return false };
        if self.value.len() < DOCUMENT_BYTES_MIN {
            return false;
        }
        let before = self.value.get(position.saturating_sub(FENCE_BYTES_MAX)..position).unwrap_or_default();
        let line = before.get(memchr::memrchr(b'\n', before).map_or(0, |end| end + 1)..).unwrap_or_default();
        let behind = self.value.get(self.reading.end..).unwrap_or_default();
        let behind = behind.get(..behind.len().min(LINE_BYTES_MAX)).unwrap_or_default();
        let closed = memchr::memchr2(b'`', b'\n', behind).and_then(|end| behind.get(end)) == Some(&b'`');
        let marked = memchr::memrchr3(b'`', b'\'', b'"', line).and_then(|mark| line.get(mark)) == Some(&b'`');
        let fence = memchr::memmem::rfind(before, b"\n```").and_then(|start| before.get(start + 4));
        marked && closed || fence.is_some_and(u8::is_ascii_alphabetic)
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

    pub(super) fn query(&self) -> Judgement {
        if self.has(seen::CASE_END) && (self.valued() || self.quote().is_some() || self.reading.operator.is_some()) {
            return Some((Certain, "`case .. end` stands in place of an operand"));
        }
        if !self.has(seen::SELECT) || self.has(seen::UNION) || self.is_mail_address() {
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

    pub(super) fn statement(&self) -> Judgement {
        let structure = "a statement of its own";
        if self.has(seen::GAP) && self.quote() == Some(b'`') {
            // Markdown writes code in such quotes.
            return None;
        }
        if self.has(seen::STATEMENT) && !self.is_mail_address() {
            return Some((Certain, structure));
        }
        if self.has(seen::STACKED | seen::GAP) && self.has(seen::STATEMENT_LOOSE) && self.clean() && self.is_bare() {
            let sure = self.closed() || self.strong_before();
            return Some((sure_if(sure), structure));
        }
        if self.has(seen::STACKED_SELECT) && (self.list() || self.has(seen::FROM)) && self.clean() {
            return Some((sure_if(self.list() || self.closed()), "a query of its own behind `;`"));
        }
        (self.has(seen::STATEMENT_LOOSE) && self.clean() && self.reading.operator.is_none())
            .then(|| (if self.closed() { Likely } else { Weak }, structure))
    }

    pub(super) fn function(&self) -> Judgement {
        if self.has(seen::GAP) && self.quote() == Some(b'`') {
            // Markdown writes code in such quotes.
            return None;
        }
        // `Benchmark (2023) results`: a word of prose, and no second argument.
        let spoken = self.reading.tail == Tail::Broken
            && !self.has(seen::COMMA | seen::SELECT)
            && self.value.get(..9).is_some_and(|head| head.eq_ignore_ascii_case(b"benchmark"));
        if self.has(seen::HOSTILE) && !spoken {
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

    pub(super) fn clause(&self) -> Judgement {
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
}
