//! Names that would write to the prototype of an object of JavaScript.
//!
//! # What this does not protect from
//!
//! A key `constructor` or `prototype` alone writes to no prototype, and a list of names to
//! refuse is no schema.

use super::{CodeMatcher, Match};
use crate::lexer::Cursor;
use crate::rule::Confidence;

/// A parameter's or key's name whose path leads to a prototype.
pub(super) const NAME: CodeMatcher = CodeMatcher { name: "prototype_name", find: name };
/// A value that is such a path, or JSON with such a key.
pub(super) const TEXT: CodeMatcher = CodeMatcher { name: "prototype_text", find: text };

fn name(value: &[u8]) -> Option<Match> {
    let found = path(value)?;
    let confidence = if found.leads { Confidence::Certain } else { Confidence::Likely };
    Some(Match::new(confidence, found.span, "a name that leads to a prototype"))
}

struct Path {
    span: std::ops::Range<usize>,
    /// Whether the segments reach a prototype; else only an accessor of objects is named.
    leads: bool,
}

/// Splits a name at brackets, dots and slashes, and looks for the segments that lead to a
/// prototype.
fn path(value: &[u8]) -> Option<Path> {
    let mut cursor = Cursor::new(value, 0);
    let mut constructor: Option<usize> = None;
    let mut accessor: Option<Path> = None;
    loop {
        cursor.take_while(separates);
        if cursor.is_done() {
            return accessor;
        }
        let start = cursor.at();
        let segment = cursor.take_while(|byte| !separates(byte));
        let span = start..cursor.at();
        if is_or_hides(segment, b"__proto__") {
            return Some(Path { span, leads: true });
        }
        match constructor {
            Some(start) if is_or_hides(segment, b"prototype") => {
                return Some(Path { span: start..cursor.at(), leads: true });
            }
            _ => constructor = is_or_hides(segment, b"constructor").then_some(start),
        }
        if segment.starts_with(b"__define") || segment.starts_with(b"__lookup") {
            accessor = segment.ends_with(b"ter__").then_some(Path { span, leads: false });
        }
    }
}

fn separates(byte: u8) -> bool {
    matches!(byte, b'[' | b']' | b'.' | b'/' | b'"' | b'\'')
}

/// Whether a segment is the word, or becomes it when a filter takes the word out once.
fn is_or_hides(segment: &[u8], word: &[u8]) -> bool {
    if segment.len() == 2 * word.len() {
        return memchr::memmem::find_iter(segment, word)
            .any(|at| segment[..at].iter().chain(&segment[at + word.len()..]).eq(word));
    }
    segment == word
}

/// The longest value that is read as a path.
const PATH_BYTES_MAX: usize = 512;

fn text(value: &[u8]) -> Option<Match> {
    let structure = "a path to a prototype";
    let trimmed = value.trim_ascii();
    let keyed = matches!(trimmed.first(), Some(b'{' | b'[')).then(|| json_key(value)).flatten();
    if let Some(span) = keyed {
        return Some(Match::new(Confidence::Certain, span, "JSON with a key that leads to a prototype"));
    }
    if trimmed.first() == Some(&b'{') {
        return None;
    }
    // Parameters of an address: `?__proto__[x]=y`.
    let start = memchr::memchr3(b'?', b'#', b'&', trimmed).map_or(0, |at| at + 1);
    let parameters = trimmed.get(start..).unwrap_or_default();
    let mut best: Option<Match> = None;
    for parameter in parameters.split(|byte| b"&;".contains(byte)).filter(|part| part.len() <= PATH_BYTES_MAX) {
        let name = parameter.split(|&byte| byte == b'=').next().unwrap_or_default().trim_ascii_end();
        let assigned = name.len() < parameter.trim_ascii_end().len();
        if !name.iter().all(u8::is_ascii_graphic) {
            continue;
        }
        let Some(found) = path(name).filter(|found| found.leads) else { continue };
        let begins = found.span.start <= 1;
        let deeper = name[found.span.end..].iter().any(|byte| !separates(*byte));
        let bracketed = name.contains(&b'[') && !name.contains(&b'(');
        let confidence = match (begins || assigned || bracketed, deeper) {
            (true, true) => Confidence::Certain,
            _ => Confidence::Likely,
        };
        if best.as_ref().is_none_or(|best| best.confidence < confidence) {
            best = Some(Match::new(confidence, 0..value.len(), structure));
        }
    }
    best
}

/// `"__proto__":` or `"constructor": {"prototype":` in a text that begins as JSON, at any depth of
/// JSON in strings of JSON.
fn json_key(value: &[u8]) -> Option<std::ops::Range<usize>> {
    let proto = memchr::memmem::find_iter(value, b"__proto__")
        .find_map(|at| key_start(value, at, b"__proto__").map(|start| start..at + b"__proto__".len()));
    proto.or_else(|| {
        memchr::memmem::find_iter(value, b"prototype").find_map(|at| {
            let brace = key_start(value, at, b"prototype")?;
            let before = value[..brace].trim_ascii_end().strip_suffix(b"{")?.trim_ascii_end().strip_suffix(b":")?;
            let name = unquoted(before.trim_ascii_end())?;
            let start = name.strip_suffix(b"constructor")?.len();
            key_start(value, start, b"constructor").map(|start| start..at + b"prototype".len())
        })
    })
}

/// Where the quotes before a word begin, if it stands as a key: in quotes, behind a brace or comma,
/// before a colon. In a string of JSON the quotes are escaped, once for each string around.
fn key_start(value: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let before = unquoted(&value[..at])?;
    let opens = matches!(before.trim_ascii_end().last(), Some(b'{' | b','));
    let mut after = Cursor::new(value, at + word.len());
    after.take_while(|byte| byte == b'\\');
    let quote = after.eat_any(b"\"'");
    after.space();
    (opens && quote == value.get(at - 1).copied() && after.eat(b":")).then_some(before.len())
}

/// The text without the quote at its end, and the backslashes before that.
fn unquoted(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_suffix(b"\"").or_else(|| text.strip_suffix(b"'"))?;
    let backslashes = text.iter().rev().take(ESCAPES_MAX).take_while(|&&byte| byte == b'\\').count();
    Some(&text[..text.len() - backslashes])
}

/// Backslashes before a quote: five strings of JSON in each other have so many.
const ESCAPES_MAX: usize = 31;

#[cfg(test)]
mod tests {
    use super::*;

    fn level(found: Option<Match>) -> &'static str {
        found.map_or("", |found| found.confidence.as_str())
    }

    #[test]
    fn a_name_leads_to_a_prototype_by_its_segments() {
        for (value, expected) in [
            ("__proto__", "certain"),
            ("__proto__[x]", "certain"),
            ("a[__proto__][b]", "certain"),
            ("a.__proto__.b", "certain"),
            ("constructor[prototype][x]", "certain"),
            ("a.constructor.prototype.b", "certain"),
            ("__pro__proto__to__.x", "certain"),
            ("__defineGetter__", "likely"),
            ("constructor", ""),
            ("prototype", ""),
            ("constructor_prototype", ""),
            ("proto", ""),
            ("prototype.constructor", ""),
        ] {
            assert_eq!(level(name(value.as_bytes())), expected, "{value}");
        }
    }

    #[test]
    fn a_value_counts_as_a_path_or_as_json() {
        for (value, expected) in [
            (r#"{"__proto__":{"a":1}}"#, "certain"),
            (r#"{"a": {"constructor" : {"prototype":{"b":1}}}}"#, "certain"),
            (r#"{"a":"{\"b\":\"{\\\"__proto__\\\": {}}\"}"}"#, "certain"),
            (r#"{"a":"{\"constructor\":{\"prototype\":1}}"}"#, "certain"),
            (r#"{"a":"the \"__proto__\": a key"}"#, ""),
            (r#"{"constructor":"x","prototype":1}"#, ""),
            ("__proto__.isAdmin", "certain"),
            ("__proto__[isAdmin]=1", "certain"),
            ("https://h/?a=1&__proto__[x]=y", "certain"),
            ("https://h/#__proto__[x]=y", "certain"),
            ("constructor.prototype.x", "certain"),
            ("a.constructor.prototype.b=1", "certain"),
            ("__proto__", "likely"),
            ("Object.__proto__.x", "likely"),
            ("never touch __proto__ by hand", ""),
            (r#"{"text":"__proto__: a story"}"#, ""),
            ("the constructor.prototype chain", ""),
            ("prototype", ""),
        ] {
            assert_eq!(level(text(value.as_bytes())), expected, "{value}");
        }
    }
}
