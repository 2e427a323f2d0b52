//! The values that the name of a secret introduces, what follows the scheme of a credential, and the users of URLs.

use std::ops::Range;

use super::name::{is_secret_key, starts_with, tells};
use super::undone::Undone;

/// What follows one of these words and white space is a credential.
const SCHEMES: [&[u8]; 3] = [b"bearer", b"basic", b"digest"];
/// Indices behind a name, as in `user[password][0]`, and bytes of each.
const INDICES_MAX: usize = 4;
const INDEX_BYTES_MAX: usize = 64;
/// What ends a value that no quote begins.
const SEPARATORS: &[u8] = b"\"'&;,\r\n}<";

/// In which text a name stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Only `=`, `:` or a tag says that a value follows.
    #[cfg(feature = "evidence")]
    Strict,
    /// A space says so too, as in `--password hunter2`.
    Loose,
}

/// The values behind names and schemes. Linear in the text.
pub(super) fn keyed(undone: &Undone<'_>, reading: Reading, found: &mut Vec<Range<usize>>) {
    let text = undone.bytes();
    let mut index = 0;
    while index < text.len() {
        let length = text[index..].iter().take_while(|byte| is_name_byte(**byte)).count();
        let name = index..index + length;
        index += length.max(1);
        if let Some(value) = value_of(undone, name, reading).filter(|value| !value.is_empty()) {
            index = value.end;
            found.push(value);
        }
    }
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn value_of(undone: &Undone<'_>, name: Range<usize>, reading: Reading) -> Option<Range<usize>> {
    let text = undone.bytes();
    let word = &text[name.clone()];
    if SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme)) {
        return credential(text, name.end);
    }
    if !is_secret_key(word) {
        return None;
    }
    let tag = if is_tag(&text[..name.start]) { tagged(text, &name) } else { None };
    let signed = || introduced(undone, name.end);
    // A part of a path introduces nothing.
    let loose = reading == Reading::Loose && tells(word) && !text[..name.start].ends_with(b"/");
    tag.or_else(signed).or_else(|| if loose { spaced(undone, name.end) } else { None })
}

/// What is behind the scheme that ends at an index, and white space.
fn credential(text: &[u8], end: usize) -> Option<Range<usize>> {
    let start = skip(text, end, b" +\t\r\n\x0b\x0c");
    (start > end).then(|| start..start + length_until(&text[start..], b" \"',;\t\r\n<&"))
}

/// Whether an element begins before a name: `<` or `<prefix:`.
fn is_tag(before: &[u8]) -> bool {
    let prefix = |before: &[u8]| before.iter().rev().take_while(|byte| is_name_byte(**byte)).count();
    match before {
        [.., b'<'] => true,
        [before @ .., b':'] => before[..before.len() - prefix(before)].ends_with(b"<"),
        _ => false,
    }
}

/// The attributes and the content of the element whose name is at a range.
fn tagged(text: &[u8], name: &Range<usize>) -> Option<Range<usize>> {
    let head = name.end + length_until(&text[name.end..], b"<>");
    match text.get(head)? {
        b'>' if text[..head].ends_with(b"/") => return Some(name.end..head - 1),
        b'>' => {}
        _ => return None,
    }
    let start = if head == name.end { head + 1 } else { name.end };
    let mut end = head;
    while let Some(at) = text[end..].windows(2).position(|pair| pair == b"</") {
        end += at;
        let closing = &text[end + 2..];
        let closing = &closing[..length_until(closing, b"> ")];
        if closing.ends_with(&text[name.clone()]) {
            return Some(start..end);
        }
        end += 2 + closing.len();
    }
    Some(start..text.len())
}

/// The value behind the name that ends at an index, where a sign says that there is one.
fn introduced(undone: &Undone<'_>, end: usize) -> Option<Range<usize>> {
    let text = undone.bytes();
    if let Some(rest) = text[end..].strip_prefix(b"\"\r\n\r\n") {
        // A field of a multipart body.
        let start = text.len() - rest.len();
        return Some(start..start + length_until(rest, b"\r\n"));
    }
    let mut sign = name_end(text, end);
    // `name="password" value="x"`, `{"name":"password","value":"x"}`.
    let word = skip(text, sign, b"\"', &\r\n");
    if starts_with(&text[word..], b"value") {
        sign = name_end(text, word + b"value".len());
    }
    if !matches!(text.get(sign)?, b'=' | b':') {
        return None;
    }
    let mut start = skip(text, sign, b"=:>| +\t");
    if matches!(text[start..], [b'-', b'\r' | b'\n', ..]) {
        start += 1;
    }
    if let Some(block) = indented(text, start) {
        return Some(block);
    }
    Some(match text.get(start) {
        Some(quote @ (b'"' | b'\'')) => {
            // Three quotes begin a text of TOML or Python.
            let start = if text[start..].starts_with(&[*quote; 3]) { start + 2 } else { start };
            start + 1..quoted_end(undone, start)
        }
        Some(b'{' | b'[') => start..bracketed_end(undone, start),
        _ => start..separated_end(undone, start, undone.written_len(sign)),
    })
}

/// Past the quotes and indices that belong to a name.
fn name_end(text: &[u8], end: usize) -> usize {
    let mut end = skip(text, end, b"\"'])\\ +\t");
    for _ in 0..INDICES_MAX {
        let index = text[end..].iter().take(INDEX_BYTES_MAX).position(|byte| *byte == b']');
        match index {
            Some(length) if text[end] == b'[' => end = skip(text, end + length, b"\"'])\\ +\t"),
            _ => break,
        }
    }
    end
}

/// Behind a name and a space.
fn spaced(undone: &Undone<'_>, end: usize) -> Option<Range<usize>> {
    let text = undone.bytes();
    let start = skip(text, end, b" \"'+\t[]\\");
    let begins = start > end && text.get(start).is_some_and(u8::is_ascii_alphanumeric);
    begins.then(|| start..separated_end(undone, start, usize::MAX))
}

/// The lines below a key of YAML that begin with a space; none where the line of the key goes on.
fn indented(text: &[u8], start: usize) -> Option<Range<usize>> {
    let start = start + usize::from(text[start..].starts_with(b"\r\n"));
    let is_blank = |at: usize| text.get(at).is_some_and(|byte| b" \t\r\n".contains(byte));
    let mut end = start;
    while text.get(end) == Some(&b'\n') && is_blank(end + 1) {
        end += 1 + length_until(&text[end + 1..], b"\n");
    }
    (text.get(start) == Some(&b'\n')).then_some(start..end)
}

/// Where the quote ends that begins at an index: at the next that is not escaped deeper.
fn quoted_end(undone: &Undone<'_>, start: usize) -> usize {
    let text = undone.bytes();
    let ends = |at: &usize| text[*at] == text[start] && undone.written_len(*at) <= undone.written_len(start);
    (start + 1..text.len()).find(ends).unwrap_or(text.len())
}

/// Where the value ends that no quote begins: at the next separator that is not escaped deeper than the sign before it.
fn separated_end(undone: &Undone<'_>, start: usize, written_len: usize) -> usize {
    let text = undone.bytes();
    let ends = |at: &usize| SEPARATORS.contains(&text[*at]) && undone.written_len(*at) <= written_len;
    (start..text.len()).find(ends).unwrap_or(text.len())
}

/// Where the object or list ends that begins at an index.
fn bracketed_end(undone: &Undone<'_>, start: usize) -> usize {
    let text = undone.bytes();
    let (mut depth, mut index) = (0_usize, start);
    while index < text.len() {
        match text[index] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return index + 1,
            b'}' | b']' => depth -= 1,
            b'"' => index = quoted_end(undone, index),
            _ => {}
        }
        index += 1;
    }
    text.len()
}

/// The users of URLs, with their passwords: `scheme://user:password@`. Linear in the text.
pub(super) fn users(text: &[u8], found: &mut Vec<Range<usize>>) {
    let mut index = 0;
    while let Some(at) = text[index..].windows(3).position(|signs| signs == b"://") {
        let start = index + at + 3;
        let authority = &text[start..start + length_until(&text[start..], b"/?#\"'<>\\ \t\r\n\0")];
        if let Some(user) = authority.iter().rposition(|byte| *byte == b'@') {
            found.push(start..start + user);
        }
        index = start + authority.len();
    }
}

fn skip(text: &[u8], start: usize, of: &[u8]) -> usize {
    start + text[start..].iter().take_while(|byte| of.contains(byte)).count()
}

fn length_until(text: &[u8], of: &[u8]) -> usize {
    text.iter().take_while(|byte| !of.contains(byte)).count()
}
