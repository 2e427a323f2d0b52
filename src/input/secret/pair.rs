//! The values of names that are values themselves: `{"value":"x","name":"password"}`, `<key>password</key><string>x</string>`.

use std::ops::Range;

use super::keyed::{is_name_byte, length_until, quoted_end, skip};
use super::name::is_secret_key;
use super::undone::Undone;

/// Names under which the value of another name stands.
const VALUES: [&[u8]; 5] = [b"value", b"val", b"content", b"text", b"data"];
/// Bytes before a name in which its value is sought, of a tag behind it, and tags.
const BEFORE_BYTES_MAX: usize = 256;
const TAG_BYTES_MAX: usize = 64;
const TAGS_MAX: usize = 3;
/// What stands between a name and its value in a list, and in what PHP serialises: `s:8:"password";s:1:"x"`.
const BETWEEN: &[u8] = b",;:s0123456789 \t\r\n";

/// How long the name of a value is that begins at an index; none where there is no such name.
pub(super) fn value_name(text: &[u8], start: usize) -> Option<usize> {
    let word = &text[start..];
    let word = &word[..word.iter().take_while(|byte| is_name_byte(**byte)).count()];
    VALUES.iter().any(|value| word.eq_ignore_ascii_case(value)).then_some(word.len())
}

/// The value behind a name that is a whole text itself.
pub(super) fn behind(undone: &Undone<'_>, name: &Range<usize>) -> Option<Range<usize>> {
    let text = undone.bytes();
    match (text[..name.start].last()?, text.get(name.end)?) {
        (b'>', b'<') => element(text, name.end),
        (quote @ (b'"' | b'\''), close) if quote == close => {
            attribute(text, name).or_else(|| next_text(undone, name.end + 1))
        }
        _ => None,
    }
}

/// The value before a name that is a value itself.
pub(super) fn before(text: &[u8], name: &Range<usize>) -> Option<Range<usize>> {
    (!name.is_empty()).then_some(())?;
    let sign = text[..name.start].iter().rposition(|byte| !b"\"' \t".contains(byte))?;
    if !matches!(text[sign], b':' | b'=') || !is_secret_key(&text[name.clone()]) {
        return None;
    }
    let start = sign.saturating_sub(BEFORE_BYTES_MAX);
    let start = text[start..sign].iter().rposition(|byte| b"{<".contains(byte)).map_or(start, |at| start + at);
    let is_start = |at: &usize| *at == 0 || !is_name_byte(text[at - 1]);
    let at = (start..sign).rev().filter(is_start).find_map(|at| value_name(text, at).map(|length| at + length))?;
    // Only as far as the name, so that many names cost no more than their text.
    let value = skip(text, at, b"\"' :=\t").min(sign);
    let end = value + length_until(&text[value..sign], b"\"'&;\r\n<>}");
    (value > at && value < end).then_some(value..end)
}

/// The content of the element behind the end of the one that holds a name.
fn element(text: &[u8], end: usize) -> Option<Range<usize>> {
    let mut start = end;
    for _ in 0..TAGS_MAX {
        if text.get(start) == Some(&b'<') {
            start += text[start..].iter().take(TAG_BYTES_MAX).position(|byte| *byte == b'>')? + 1;
            start = skip(text, start, b" \t\r\n");
        }
    }
    Some(start..start + length_until(&text[start..], b"<"))
}

/// The content of the element of which a name is an attribute: `<field name="password">x`.
fn attribute(text: &[u8], name: &Range<usize>) -> Option<Range<usize>> {
    text[..name.start - 1].ends_with(b"=").then_some(())?;
    let tag = text[name.end..].iter().take(TAG_BYTES_MAX).position(|byte| b"<>".contains(byte))?;
    let start = name.end + tag + 1;
    (text[start - 1] == b'>').then(|| start..start + length_until(&text[start..], b"<"))
}

/// The text in quotes that follows in a list, unless it is a name.
fn next_text(undone: &Undone<'_>, end: usize) -> Option<Range<usize>> {
    let text = undone.bytes();
    let between = text[end..].iter().take(TAG_BYTES_MAX).take_while(|byte| BETWEEN.contains(byte)).count();
    let start = end + between;
    if !text[end..start].iter().any(|byte| b",;".contains(byte)) || !b"\"'".contains(text.get(start)?) {
        return None;
    }
    let value = start + 1..quoted_end(undone, start);
    let behind = skip(text, value.end, b"\"' \t");
    (!text.get(behind).is_some_and(|byte| b":=".contains(byte))).then_some(value)
}
