//! The places from which a value is read: its begin, behind each quote, and at words that begin anew.

use memchr::memchr_iter;
use memchr::memchr2_iter;
use memchr::memchr3_iter;

use crate::lexer::sql::Lexer;
use crate::lexer::sql::Word;
use crate::rule::Confidence;

use super::Family;
use super::Match;
use super::judge::Context;
use super::judge::judge;
use super::marks::Marks;
use super::walk::Reading;
use super::walk::Walk;

/// The surest match of this family.
pub(super) fn find(value: &[u8], family: Family) -> Option<Match> {
    let plain = find_in(value, family);
    let sure = plain.as_ref().is_some_and(|found| found.confidence == Confidence::Certain);
    if sure || value.len() > TYPED_BYTES_MAX || value.is_ascii() {
        return plain;
    }
    let Some(typed) = typed(value) else { return plain };
    // Prose has such marks everywhere, so here only what is certain counts.
    let found = find_in(&typed, family)
        .filter(|found| found.confidence == Confidence::Certain)
        .map(|found| Match { span: 0..value.len(), ..found });
    found.or(plain)
}

/// Long values are prose, in which typographic marks open and close clauses of every kind.
const TYPED_BYTES_MAX: usize = 512;

/// The value with typographic quotes and dashes as a keyboard has them: databases that convert between
/// character sets take the nearest character, and text that was pasted somewhere comes with them.
fn typed(value: &[u8]) -> Option<Vec<u8>> {
    let mut typed = Vec::new();
    let mut copied = 0;
    for position in memchr3_iter(0xe2, 0xca, 0xef, value) {
        let (replacement, length): (&[u8], usize) = match value.get(position..).unwrap_or_default() {
            [0xe2, 0x80, 0x98 | 0x99 | 0x9b | 0xb2, ..] | [0xef, 0xbc, 0x87, ..] => (b"'", 3),
            [0xca, 0xb9 | 0xbb | 0xbc, ..] => (b"'", 2),
            [0xe2, 0x80, 0x9c | 0x9d | 0x9f | 0xb3, ..] | [0xef, 0xbc, 0x82, ..] => (b"\"", 3),
            [0xe2, 0x80, 0x93 | 0x94, ..] => (b"--", 3),
            _ => continue,
        };
        typed.extend_from_slice(value.get(copied..position)?);
        typed.extend_from_slice(replacement);
        copied = position + length;
    }
    if copied == 0 {
        return None;
    }
    typed.extend_from_slice(value.get(copied..)?);
    Some(typed)
}

fn find_in(value: &[u8], family: Family) -> Option<Match> {
    let mut search = Search { family, value, lexer: Lexer::new(value), marks: Marks::new(value.len()), best: None };
    let done = search.start() || search.quotes() || search.words();
    debug_assert!(!done || search.best.is_some());
    if search.marks.exhausted() && search.best.as_ref().is_none_or(|best| best.confidence < Confidence::Likely) {
        return Some(Match::new(Confidence::Likely, 0..value.len(), "more beginnings of statements than can be read"));
    }
    search.best
}

struct Search<'a> {
    family: Family,
    value: &'a [u8],
    lexer: Lexer<'a>,
    marks: Marks,
    best: Option<Match>,
}

impl Search<'_> {
    /// Keeps what a reading shows; true when nothing better can come.
    fn keep(&mut self, context: Context, from: usize, reading: &Reading) -> bool {
        let Some((confidence, structure)) = judge(self.family, context, self.value, reading) else { return false };
        if self.best.as_ref().is_none_or(|best| best.confidence < confidence) {
            self.best = Some(Match::new(confidence, from..reading.end.max(from), structure));
        }
        confidence == Confidence::Certain
    }

    fn start(&mut self) -> bool {
        if matches!(self.family, Family::Breakout | Family::CommentTail) {
            return false;
        }
        let reading = Walk::from_start(&mut self.lexer, &mut self.marks);
        self.keep(Context::Start, 0, &reading)
    }

    /// Behind the last quote of each run of quotes.
    fn quotes(&mut self) -> bool {
        if self.family == Family::Tautology {
            return false;
        }
        let mut open = [false; 3];
        for position in memchr3_iter(b'\'', b'"', b'`', self.value) {
            let Some(&quote) = self.value.get(position) else { continue };
            let kind = usize::from(quote == b'"') + 2 * usize::from(quote == b'`');
            let escaped = position > 0 && self.value.get(position - 1) == Some(&b'\\');
            let doubled = self.value.get(position + 1) == Some(&quote);
            let Some(open) = open.get_mut(kind) else { continue };
            let first = !*open;
            // Of a run only the last quote matters; a pair is an escaped quote.
            if doubled {
                continue;
            }
            *open |= !escaped && !ends_pair(self.value, position, quote);
            if !may_go_on(self.value.get(position + 1..).unwrap_or_default()) || self.marks.passed(position + 1) {
                continue;
            }
            let reading = Walk::behind_operand(&mut self.lexer, &mut self.marks, position + 1);
            if self.keep(Context::Quote { quote, first, position }, position, &reading) {
                return true;
            }
        }
        false
    }

    /// At the words and marks that begin anew wherever they stand.
    fn words(&mut self) -> bool {
        match self.family {
            Family::Union => {
                let value = self.value;
                let begins = memchr2_iter(b'u', b'U', value);
                begins.filter(|&at| is_word(value, at, b"union")).any(|at| self.at(Context::Union { position: at }, at))
            }
            Family::Statement => {
                let value = self.value;
                memchr_iter(b';', value).any(|at| self.at(Context::Semicolon { position: at }, at))
            }
            _ => false,
        }
    }

    fn at(&mut self, context: Context, position: usize) -> bool {
        if self.marks.passed(position) {
            return false;
        }
        let reading = Walk::behind_operand(&mut self.lexer, &mut self.marks, position);
        self.keep(context, position, &reading)
    }
}

/// Whether a statement may go on with this behind a quote: cheap, and false only when a reading would
/// end at once, as it does behind every apostrophe of prose.
fn may_go_on(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let (word, behind) = rest.split_at_checked(length).unwrap_or_default();
    let next = behind.trim_ascii_start().first();
    match word.first() {
        None => next.is_some(),
        // A call, a comment before its bracket, a string or a longer name.
        Some(_) if next.is_some_and(|byte| !byte.is_ascii_alphanumeric() && !b".,;:!?".contains(byte)) => true,
        Some(b'0'..=b'9') => next == Some(&b'.'),
        Some(_) => Word::of(word) != Word::Plain,
    }
}

/// Whether the run of quotes that ends here is even. Only its last 64 are counted.
fn ends_pair(value: &[u8], position: usize, quote: u8) -> bool {
    let run = value.get(..position).unwrap_or_default().iter().rev().take(64).take_while(|&&byte| byte == quote);
    run.count() % 2 == 1
}

fn is_word(value: &[u8], position: usize, word: &[u8]) -> bool {
    let letter = |at: usize| value.get(at).is_some_and(|&byte| byte.is_ascii_alphabetic() || byte == b'_');
    let fits = value.get(position..position + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word));
    fits && !letter(position + word.len()) && !(position > 0 && letter(position - 1))
}
