//! The values that the name of a secret introduces, what follows the scheme of a credential, and the users of URLs.

use std::ops::Range;

use super::name::{is_header, is_secret_key, starts_with, tells};
use super::pair;
use super::undone::Undone;

/// What follows one of these words and white space, a colon or a quote is a credential.
const SCHEMES: [&[u8]; 3] = [b"bearer", b"basic", b"digest"];
/// The shortest name: `pw`, `-u`.
const NAME_BYTES_MIN: usize = 2;
/// Indices behind a name, as in `user[password][0]`, and bytes of each.
const INDICES_MAX: usize = 4;
const INDEX_BYTES_MAX: usize = 64;
/// Behind one of these options are a user and a password.
const USER_OPTIONS: [&[u8]; 3] = [b"-u", b"--user", b"--proxy-user"];
/// Bytes of a user and a password in a URL.
const USER_BYTES_MAX: usize = 256;
/// What ends a value that no quote begins, where more than the value goes on behind it.
const SEPARATORS: &[u8] = b"\"'&;,}<";
/// What ends a text of JSON.
const JSON_ENDS: [&[u8]; 3] = [b"\"}", b"\",\"", b"\", \""];
/// Comparisons of SQL by a word, and the words that follow the name of a column.
const COMPARISONS: [&[u8]; 4] = [b"like", b"ilike", b"rlike", b"regexp"];
const SQL_WORDS: [&[u8]; 13] = [
    b"from", b"where", b"and", b"or", b"union", b"select", b"order", b"group", b"limit", b"having", b"into",
    b"between", b"like",
];

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
        // No name is a sign or a number.
        if length < NAME_BYTES_MIN || !text[name.clone()].iter().any(u8::is_ascii_alphabetic) {
            continue;
        }
        found.extend(pair::before(text, &name));
        if let Some(value) = value_of(undone, name, reading).filter(|value| !value.is_empty()) {
            index = value.end;
            found.push(value);
        }
    }
}

pub(super) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn value_of(undone: &Undone<'_>, name: Range<usize>, reading: Reading) -> Option<Range<usize>> {
    let text = undone.bytes();
    let word = &text[name.clone()];
    if SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme)) {
        return credential(undone, name.end);
    }
    if reading == Reading::Loose && USER_OPTIONS.contains(&word) {
        return user(text, name.end);
    }
    if !is_secret_key(word) {
        return None;
    }
    // A key may be that of a pair: `"key":"password","value":"x"`.
    let is_short = |value: &Range<usize>| value.len() <= INDEX_BYTES_MAX;
    let is_pair = |value: &Range<usize>| {
        word.eq_ignore_ascii_case(b"key") && is_short(value) && is_secret_key(&text[value.clone()])
    };
    let tag = if is_tag(&text[..name.start]) { tagged(text, &name) } else { None };
    let tag = tag.filter(|value| !is_pair(value));
    let signed = || introduced(undone, name.end, word).filter(|value| !value.is_empty() && !is_pair(value));
    let paired = || pair::behind(undone, &name);
    let called = || if reading == Reading::Loose && tells(word) { called(text, name.end) } else { None };
    // A part of a path introduces nothing.
    let loose = reading == Reading::Loose && tells(word) && !text[..name.start].ends_with(b"/");
    tag.or_else(signed).or_else(paired).or_else(called).or_else(|| if loose { spaced(undone, name.end) } else { None })
}

/// What is behind the scheme that ends at an index.
fn credential(undone: &Undone<'_>, end: usize) -> Option<Range<usize>> {
    let text = undone.bytes();
    let start = skip(text, end, b" +\t\r\n\x0b\x0c:\"'");
    (start > end).then_some(())?;
    let name = text[start..].iter().take_while(|byte| is_name_byte(**byte)).count();
    if text[start + name..].starts_with(b"=\"") {
        // Parameters, as `Digest` has them (RFC 9110, 11.4).
        return Some(start..line_end(undone, start, start));
    }
    Some(start..start + length_until(&text[start..], b" \"',;\t\r\n<&"))
}

/// A user and a password behind the option that ends at an index.
fn user(text: &[u8], end: usize) -> Option<Range<usize>> {
    let start = skip(text, end, b" +=\t\"'");
    let value = start..start + length_until(&text[start..], b" +\"'\t\r\n");
    (start > end && text[value.clone()].contains(&b':')).then_some(value)
}

/// What a name holds between parentheses.
fn called(text: &[u8], end: usize) -> Option<Range<usize>> {
    (text.get(end) == Some(&b'(')).then(|| end + 1..end + 1 + length_until(&text[end + 1..], b")"))
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
fn introduced(undone: &Undone<'_>, end: usize, name: &[u8]) -> Option<Range<usize>> {
    let text = undone.bytes();
    if let Some(rest) = text[end..].strip_prefix(b"\"\r\n\r\n") {
        // A field of a multipart body.
        let start = text.len() - rest.len();
        return Some(start..start + length_until(rest, b"\r\n"));
    }
    let mut sign = name_end(text, end);
    // `name="password" value="x"`, `{"name":"password","value":"x"}`.
    let word = skip(text, sign, b"\"', &\r\n");
    if let Some(length) = pair::value_name(text, word) {
        sign = name_end(text, word + length);
    }
    let sign = comparison(text, sign)?;
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
        _ if is_header(name) => start..line_end(undone, start, sign),
        _ => start..separated_end(undone, start, undone.written_len(sign)),
    })
}

/// Where the sign ends that begins at an index and says that a value follows.
fn comparison(text: &[u8], start: usize) -> Option<usize> {
    match text.get(start..)? {
        [b'=' | b':', ..] => Some(start),
        [b'!' | b'~' | b'<' | b'>', b'=', ..] | [b'<', b'>', ..] => Some(start + 1),
        rest => {
            let end = start + COMPARISONS.iter().find(|word| starts_with(rest, word))?.len();
            text.get(skip(text, end, b" +\t")).is_some_and(|byte| b"\"'".contains(byte)).then_some(end)
        }
    }
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
    let word = &text[start..];
    let word = &word[..word.iter().take_while(|byte| is_name_byte(**byte)).count()];
    // A column of SQL introduces nothing.
    let is_sql = SQL_WORDS.iter().any(|of_sql| word.eq_ignore_ascii_case(of_sql));
    let begins = start > end && !is_sql && word.first().is_some_and(u8::is_ascii_alphanumeric);
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
pub(super) fn quoted_end(undone: &Undone<'_>, start: usize) -> usize {
    let text = undone.bytes();
    let ends = |at: &usize| text[*at] == text[start] && undone.written_len(*at) <= undone.written_len(start);
    (start + 1..text.len()).find(ends).unwrap_or(text.len())
}

/// Where the value ends that no quote begins: with the line, or at the next separator that is not escaped deeper than the sign
/// before it. Quotes and commas between parentheses belong to the value: `concat('a','b')`.
fn separated_end(undone: &Undone<'_>, start: usize, written_len: usize) -> usize {
    let text = undone.bytes();
    let mut depth = 0_usize;
    for at in (start..text.len()).filter(|at| undone.written_len(*at) <= written_len) {
        match text[at] {
            b'\r' | b'\n' => return at,
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'"' | b'\'' | b',' if depth > 0 => {}
            byte if SEPARATORS.contains(&byte) && separates(&text[at..]) => return at,
            _ => {}
        }
    }
    text.len()
}

/// Whether the first byte is the end of a value, and not a sign in a password, by what follows it.
fn separates(text: &[u8]) -> bool {
    let rest = &text[1..];
    let name = rest.iter().take_while(|byte| is_name_byte(**byte)).count();
    let is_behind_name = |of: &[u8]| name > 0 && rest.get(name).is_some_and(|byte| of.contains(byte));
    let is_next = |of: &[u8]| rest.first().is_none_or(|byte| of.contains(byte));
    match text[0] {
        b'<' => is_next(b"/!?") || is_behind_name(b"> \t\r\n/"),
        b'"' | b'\'' | b'}' => is_next(b" \t\r\n,;&(){}[]<>\"'+-|/*=#%"),
        _ => is_next(b" \t\r\n\"'}])<") || is_behind_name(b"=:["),
    }
}

/// Where the value of a header ends, which begins at an index: with the line; or where the text ends that it stands in, which
/// is escaped less than the sign before it.
fn line_end(undone: &Undone<'_>, start: usize, sign: usize) -> usize {
    let text = undone.bytes();
    let written_len = undone.written_len(sign);
    let ends = |at: &usize| match text[*at] {
        b'\r' | b'\n' => undone.written_len(*at) <= written_len,
        b'"' if JSON_ENDS.iter().any(|end| text[*at..].starts_with(end)) => undone.written_len(*at) <= written_len,
        // A field of a form.
        b'&' if text[sign] == b'=' => undone.written_len(*at) <= written_len && separates(&text[*at..]),
        byte => SEPARATORS.contains(&byte) && undone.written_len(*at) < written_len,
    };
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

/// The users of URLs, with their passwords: `scheme://user:password@`, or without the scheme. Linear in the text.
pub(super) fn users(text: &[u8], found: &mut Vec<Range<usize>>) {
    let mut index = 0;
    while let Some(at) = memchr::memmem::find(&text[index..], b"//") {
        let start = index + at + 2;
        let has_scheme = text[..start - 2].ends_with(b":");
        let authority = &text[start..start + length_until(&text[start..], b"/?#\"'<>\\ \t\r\n\0")];
        let colon = authority.iter().position(|byte| *byte == b':');
        let user = authority.iter().rposition(|byte| *byte == b'@').filter(|_| has_scheme || colon.is_some());
        // A slash in a password, but not behind a port.
        let is_cut = colon.is_some_and(|colon| authority[colon + 1..].iter().any(|byte| !byte.is_ascii_digit()));
        if let Some(user) = user.or_else(|| if is_cut { cut_user(&text[start..]) } else { None }) {
            found.push(start..start + user);
        }
        index = start + authority.len();
    }
}

/// Where the user of a URL ends in whose password stands what ends an authority.
fn cut_user(text: &[u8]) -> Option<usize> {
    let text = &text[..text.len().min(USER_BYTES_MAX)];
    text[..length_until(text, b"\"'<> \t\r\n\0")].iter().rposition(|byte| *byte == b'@')
}

pub(super) fn skip(text: &[u8], start: usize, of: &[u8]) -> usize {
    start + text[start..].iter().take_while(|byte| of.contains(byte)).count()
}

pub(super) fn length_until(text: &[u8], of: &[u8]) -> usize {
    text.iter().take_while(|byte| !of.contains(byte)).count()
}
