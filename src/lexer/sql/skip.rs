//! Where strings and comments end, remembered, so that many readings of one value search once.

use memchr::memchr;
use memchr::memmem;

/// The last answer to one question: asked from any position of `from..=end`, it would be the same.
#[derive(Clone, Copy, Default)]
struct Answer {
    from: usize,
    end: usize,
    position: Option<usize>,
    known: bool,
}

impl Answer {
    fn get(&mut self, value: &[u8], from: usize, search: impl FnOnce(&[u8]) -> Option<usize>) -> Option<usize> {
        if !(self.known && from >= self.from && from <= self.end) {
            let found = search(value.get(from..).unwrap_or_default()).map(|offset| from + offset);
            *self = Self { from, end: found.unwrap_or(usize::MAX), position: found, known: true };
        }
        self.position
    }
}

/// The remembered ends of strings in one kind of quotes.
#[derive(Clone, Copy, Default)]
struct Quotes {
    plain: Answer,
    escaped: Answer,
}

/// The remembered ends, one for each kind of thing that is skipped.
#[derive(Default)]
pub(super) struct Ends {
    single: Quotes,
    double: Quotes,
    back: Quotes,
    comment: Answer,
    line: Answer,
    dollars: Answer,
}

impl Ends {
    /// Behind the next `*/`.
    pub(super) fn comment(&mut self, value: &[u8], from: usize) -> Option<usize> {
        self.comment.get(value, from, |rest| memmem::find(rest, b"*/")).map(|position| position + 2)
    }

    /// Behind the next line end.
    pub(super) fn line(&mut self, value: &[u8], from: usize) -> Option<usize> {
        self.line.get(value, from, |rest| memchr(b'\n', rest)).map(|position| position + 1)
    }

    /// The next `$$`.
    pub(super) fn dollars(&mut self, value: &[u8], from: usize) -> Option<usize> {
        self.dollars.get(value, from, |rest| memmem::find(rest, b"$$"))
    }

    /// The quote that ends a string whose content begins here: the first that is neither doubled nor
    /// behind a backslash; when all are, the first behind a backslash, which is no escape in standard SQL.
    pub(super) fn quote(&mut self, value: &[u8], mut from: usize, quote: u8) -> Option<usize> {
        // A pair is told from its first quote, so what is remembered holds only where none begins.
        while value.get(from) == Some(&quote) {
            if value.get(from + 1) != Some(&quote) {
                return Some(from);
            }
            from += 2;
        }
        let quotes = match quote {
            b'\'' => &mut self.single,
            b'"' => &mut self.double,
            _ => &mut self.back,
        };
        let plain = quotes.plain.get(value, from, |rest| next_quote(rest, quote, false));
        plain.or_else(|| quotes.escaped.get(value, from, |rest| next_quote(rest, quote, true)))
    }
}

/// The next quote that is not doubled, and stands behind a backslash or not.
fn next_quote(rest: &[u8], quote: u8, escaped: bool) -> Option<usize> {
    let mut from = 0;
    while let Some(offset) = memchr(quote, rest.get(from..)?) {
        let position = from + offset;
        let before = rest.get(from..position).unwrap_or_default();
        let is_escaped = before.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1;
        let is_doubled = !is_escaped && rest.get(position + 1) == Some(&quote);
        if !is_doubled && is_escaped == escaped {
            return Some(position);
        }
        from = position + 1 + usize::from(is_doubled);
    }
    None
}
