//! Expressions that a template library would run in the browser.

use super::super::CodeMatcher;
use super::super::Match;
use crate::lexer::javascript::Kind;
use crate::lexer::javascript::Start;
use crate::lexer::javascript::Tokens;
use crate::lexer::javascript::read;
use crate::rule::Confidence;

/// A constructor reached from a template's braces or attribute: the way from an expression to any script.
pub(in super::super) static CLIENT_TEMPLATE: CodeMatcher = CodeMatcher { name: "xss_client_template", find };

fn find(value: &[u8]) -> Option<Match> {
    let structure = "an expression in a template that makes script";
    in_braces(value)
        .or_else(|| calls_constructor(value))
        .or_else(|| in_filter(value))
        .map(|at| Match::new(Confidence::Certain, at..value.len(), structure))
}

/// `{{..}}` in which a constructor, an evaluation or a function of the page is called.
fn in_braces(value: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let start = at + memchr::memmem::find(value.get(at..)?, b"{{")? + 2;
        let length = memchr::memmem::find(value.get(start..)?, b"}}")?;
        let inner = value.get(start..start + length)?;
        if reaches_script(inner) {
            return Some(start);
        }
        at = start + length;
    }
}

fn reaches_script(inner: &[u8]) -> bool {
    let evaluates = memchr::memmem::find_iter(inner, b"$eval").any(|at| inner.get(at + 5) == Some(&b'('));
    evaluates || memchr::memmem::find_iter(inner, NAME).any(|at| is_reached(inner, at)) || calls_page(inner)
}

const NAME: &[u8] = b"constructor";

/// Whether a constructor is a member of something, or the scope's own, and something is done with it.
fn is_reached(inner: &[u8], at: usize) -> bool {
    let before = inner.get(..at).unwrap_or_default().trim_ascii_end().last();
    let after = inner.get(at + NAME.len()..).unwrap_or_default();
    let member = before.is_none_or(|byte| b".'\"`([,=;-+!".contains(byte));
    let in_chain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$.]'\"".contains(byte);
    // Members that take longer to name than this are none.
    let chain = after.iter().take(128).take_while(|&byte| in_chain(byte)).count();
    let acts = matches!(after.get(chain), Some(b'(' | b'`' | b'=' | b'['));
    member && (acts || after.starts_with(b".prototype"))
}

fn calls_page(inner: &[u8]) -> bool {
    let reading = read(inner, Start::Statement);
    reading.calls && (reading.opens_dialog || reading.names_at_top)
}

/// `.constructor('..')()`: text becomes a function, and runs.
fn calls_constructor(value: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(value, NAME).find(|&at| {
        let rest = value.get(at + NAME.len()..).unwrap_or_default();
        let rest = rest.strip_prefix(b"']").or_else(|| rest.strip_prefix(b"\"]")).unwrap_or(rest);
        if !matches!(rest.first(), Some(b'(' | b'`')) {
            return false;
        }
        let mut tokens = Tokens::new(rest, true).map(|token| token.kind);
        match (tokens.next(), tokens.next(), tokens.next(), tokens.next()) {
            (
                Some(Kind::Open(b'(')),
                Some(Kind::Text { .. } | Kind::Template { .. }),
                Some(Kind::Close(b')')),
                next,
            ) => {
                matches!(next, Some(Kind::Open(b'(') | Kind::Template { .. }))
            }
            (Some(Kind::Template { closed: true }), next, ..) => {
                matches!(next, Some(Kind::Open(b'(') | Kind::Template { .. }))
            }
            _ => false,
        }
    })
}

/// `|orderBy:'..(..)'`: a filter that evaluates its text.
fn in_filter(value: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"orderBy";
    memchr::memmem::find_iter(value, NAME).find(|&at| {
        let before = value.get(..at).unwrap_or_default().trim_ascii_end();
        let rest = value.get(at + NAME.len()..).unwrap_or_default().trim_ascii_start();
        let Some(rest) = rest.strip_prefix(b":") else { return false };
        let filters = before.last() == Some(&b'|');
        let text = Tokens::new(rest, false).next().filter(|token| matches!(token.kind, Kind::Text { .. }));
        let text = text.and_then(|text| rest.get(text.start..text.end)).unwrap_or_default();
        filters && memchr::memchr(b'(', text).is_some()
    })
}
