//! Script that a page's own script would run: out of a string, or right where it stands.

use super::super::CodeMatcher;
use super::super::Match;
use super::Budget;
use crate::lexer::javascript::Reading;
use crate::lexer::javascript::Start;
use crate::lexer::javascript::Tail;
use crate::lexer::javascript::read;
use crate::rule::Confidence;

/// The end of a string, script, and a tail that makes the page's script go on.
pub(in super::super) static SCRIPT_BREAKOUT: CodeMatcher = CodeMatcher { name: "xss_script_breakout", find };

/// Script as a whole value, that calls what only script in a page has a use for.
pub(in super::super) static SCRIPT_TEXT: CodeMatcher = CodeMatcher { name: "xss_script_text", find: find_text };

/// Script behind the end of a statement, a bracket or a comment of the page's own.
pub(in super::super) static SCRIPT_CONTINUATION: CodeMatcher =
    CodeMatcher { name: "xss_script_continuation", find: find_continuation };

fn find(value: &[u8]) -> Option<Match> {
    // In a string, its first quotation mark ends it, even after a backslash: one that the page puts
    // before the mark escapes ours instead.
    [b'\'', b'"', b'`'].into_iter().find_map(|quote| out_of_string(value, quote)).or_else(|| in_template(value))
}

fn out_of_string(value: &[u8], quote: u8) -> Option<Match> {
    let at = memchr::memchr(quote, value)?;
    let text = value.get(at + 1..)?;
    // Two backticks in a row: a string that is called, which throws before anything runs. Three
    // are the fence around code in a text.
    if quote == b'`' && text.first() == Some(&quote) {
        return None;
    }
    let next = text.iter().find(|byte| !byte.is_ascii_whitespace()).copied().unwrap_or_default();
    // `"<Name(..)>"` is how programs print.
    if next == b'<' {
        return None;
    }
    let reading = read(text, Start::AfterString);
    // Text between backticks is markup of prose, and a line may end with a quotation mark.
    let weak_start = quote == b'`' || !b"-+*/%;,)]}|&?:=>^.".contains(&next);
    if weak_start && (!reading.names_browser || (quote == b'`' && matches!(next, b':' | b'.'))) {
        return None;
    }
    let clean = matches!(reading.tail, Tail::Comment | Tail::EndTag) || reading.tail == Tail::Reopened(quote);
    let runs = (reading.calls && clean) || (reading.calls && reading.names_browser && reading.is_whole());
    let steers = reading.assigns && clean && names_page(text);
    (runs || steers).then(|| Match::new(Confidence::Certain, at..value.len(), "script after the end of a string"))
}

/// Whether what is assigned may be the page's.
fn names_page(text: &[u8]) -> bool {
    [&b"location"[..], b"document", b"window", b"innerHTML", b"onerror"]
        .iter()
        .any(|name| memchr::memmem::find(text, name).is_some())
}

/// `${alert(1)}` in a template.
fn in_template(value: &[u8]) -> Option<Match> {
    let mut budget = Budget::of(value);
    memchr::memmem::find_iter(value, b"${").find_map(|at| {
        let reading = budget.read(value.get(at + 2..)?, Start::Statement);
        let runs = reading.is_none_or(|reading| reading.calls && reading.names_at_top);
        // Source code has templates too, and evaluates what it built; only a probe opens dialogs in one.
        let shows = reading.is_none_or(|reading| reading.opens_dialog);
        let confidence = if shows { Confidence::Certain } else { Confidence::Likely };
        runs.then(|| Match::new(confidence, at..value.len(), "script in a template's braces"))
    })
}

fn find_text(value: &[u8]) -> Option<Match> {
    let reading = read(value, Start::Anywhere);
    let runs = reading.calls && reading.names_at_top && reading.is_whole();
    runs.then(|| Match::new(confidence_of_text(&reading), 0..value.len(), "script as the whole value"))
}

fn find_continuation(value: &[u8]) -> Option<Match> {
    let text = value.trim_ascii();
    let script = behind_statement(value, text)?;
    if text.len() > CONTINUATION_BYTES_MAX || memchr::memchr(b'\n', text).is_some() {
        return None;
    }
    let reading = read(script, Start::Anywhere);
    let page = reading.names_browser || names_page(script) || reaches_out(script);
    if !(reading.acts() && page && reading.is_whole()) {
        return None;
    }
    // A line of source that closes what its neighbours opened looks the same, but for its end.
    if matches!(text.first(), Some(b'}' | b')')) && reading.tail == Tail::Complete && !reading.open {
        return None;
    }
    let confidence = if reading.declares { Confidence::Likely } else { Confidence::Certain };
    Some(Match::new(confidence, 0..value.len(), "ends a statement of the page's script and goes on with another"))
}

/// No line of source is longer, and no probe.
const CONTINUATION_BYTES_MAX: usize = 1024;

/// What stands behind a mark that no text begins with: the end of a comment, of a bracket or of a
/// statement, an operator, or a line end where the page's comment began.
fn behind_statement<'v>(value: &[u8], text: &'v [u8]) -> Option<&'v [u8]> {
    let rest = |length: usize| text.get(length..);
    match text {
        [b'*', b'/', ..] => rest(2),
        [b')' | b']' | b'}', ..] => Some(text),
        [b';', ..] => rest(1),
        [b'-' | b'+', next, ..] if !next.is_ascii_whitespace() && !next.is_ascii_digit() => rest(1),
        [b'0'..=b'9', b';' | b'-' | b'+' | b'*', next, ..] if next.is_ascii_alphabetic() || *next == b'{' => rest(2),
        [0xE2, 0x80, 0xA8 | 0xA9, ..] => rest(3),
        _ if matches!(value.first(), Some(b'\n' | b'\r')) && text.ends_with(b"//") => Some(text),
        _ => None,
    }
}

/// Whether it loads or sends something, as only script in a page does.
fn reaches_out(script: &[u8]) -> bool {
    [&b"import("[..], b"navigator.sendBeacon", b"$.getScript", b"new Image", b"print()", b"XMLHttpRequest"]
        .iter()
        .any(|name| memchr::memmem::find(script, name).is_some())
}

/// A declaration makes it source code, that somebody may post.
const fn confidence_of_text(reading: &Reading) -> Confidence {
    if reading.declares { Confidence::Likely } else { Confidence::Certain }
}
