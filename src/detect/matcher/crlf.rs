//! Line ends that begin a header or a message of the value's own.
//!
//! # What this does not protect from
//!
//! A forged line of a log file looks like any text of two lines.

use super::{CodeMatcher, Match};
use crate::lexer::Cursor;
use crate::rule::Confidence;

/// A new line that reads as a header or as the start of a message, in a value of one line.
pub(super) const LINE: CodeMatcher = CodeMatcher { name: "crlf_line", find: |value| find(value, Habit::OneLine) };
/// The same where text of many lines is everyday.
pub(super) const LINE_IN_TEXT: CodeMatcher =
    CodeMatcher { name: "crlf_line_in_text", find: |value| find(value, Habit::ManyLines) };

/// Whether honest values at this location have line ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Habit {
    OneLine,
    ManyLines,
}

/// Headers whose names are no words of any prose.
static HEADERS: &[&[u8]] = &[
    b"accept-encoding",
    b"accept-language",
    b"cache-control",
    b"content-disposition",
    b"content-encoding",
    b"content-language",
    b"content-length",
    b"content-location",
    b"content-security-policy",
    b"content-transfer-encoding",
    b"content-type",
    b"if-modified-since",
    b"if-none-match",
    b"keep-alive",
    b"last-modified",
    b"mime-version",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"proxy-connection",
    b"referrer-policy",
    b"set-cookie",
    b"set-cookie2",
    b"strict-transport-security",
    b"transfer-encoding",
    b"user-agent",
    b"www-authenticate",
];

static METHODS: &[&[u8]] = &[b"CONNECT", b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"PATCH", b"POST", b"PUT", b"TRACE"];

fn find(value: &[u8], habit: Habit) -> Option<Match> {
    let mut best: Option<Match> = None;
    let mut first_line: Option<&[u8]> = None;
    // Whether nothing but empty lines and headers came since the first line: what is pushed into a
    // header stands right behind the value's own.
    let mut in_head = true;
    for (at, next) in line_starts(value) {
        let first = *first_line.get_or_insert_with(|| value[..at].trim_ascii_end());
        let mut cursor = Cursor::new(value, next);
        cursor.take_while(|byte| byte == b' ' || byte == b'\t');
        let body = habit == Habit::OneLine && begins_body(value, at, cursor);
        let read = if body {
            Some((Confidence::Likely, "an empty line, then a body of markup"))
        } else {
            line(cursor, first, habit)
        };
        let behind_value = in_head;
        in_head &= is_header_or_empty(cursor);
        let Some((confidence, structure)) = read else { continue };
        let sure =
            habit == Habit::OneLine || behind_value && confidence == Confidence::Certain && breaks_a_token(first);
        let confidence = if sure { confidence } else { Confidence::Weak };
        let found = Match::new(confidence, at..value.len(), structure);
        if confidence == Confidence::Certain {
            return Some(found);
        }
        best = best.filter(|best| best.confidence >= confidence).or(Some(found));
    }
    best
}

/// Whether the line that begins here is empty, a header, or the first of a message.
fn is_header_or_empty(mut cursor: Cursor<'_>) -> bool {
    let token = cursor.take_while(|byte| byte.is_ascii_alphanumeric() || b"-_/.".contains(&byte));
    match cursor.peek() {
        None | Some(b'\r' | b'\n') => token.is_empty(),
        // Or one of the characters that are sent as a line end.
        Some(0xe5) => token.is_empty() && matches!(cursor.rest(), [0xe5, 0x98, 0x8a | 0x8d, ..]),
        Some(b':') => !token.is_empty(),
        Some(b' ') => message_start(token, cursor),
        Some(_) => false,
    }
}

/// Where lines end and the next ones begin: CR, LF, and the characters U+560A and U+560D, which
/// servers that cut characters to bytes send as LF and CR.
fn line_starts(value: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    memchr::memchr3_iter(b'\r', b'\n', 0xe5, value).filter_map(|at| match value.get(at..)? {
        [b'\r', b'\n', ..] => None,
        [0xe5, 0x98, 0x8a | 0x8d, ..] => Some((at, at + 3)),
        [0xe5, ..] => None,
        _ => Some((at, at + 1)),
    })
}

/// Whether the line that ends at `at` is empty and markup follows.
fn begins_body(value: &[u8], at: usize, mut cursor: Cursor<'_>) -> bool {
    let line = value[..at].strip_suffix(b"\r").unwrap_or(&value[..at]);
    let empty = matches!(line.last(), Some(b'\r' | b'\n'));
    empty && cursor.eat(b"<") && cursor.peek().is_some_and(|byte| byte == b'!' || byte.is_ascii_alphabetic())
}

/// Whether the line that was broken is one token, such as an address or a name, and no heading
/// or fence of a text.
fn breaks_a_token(first: &[u8]) -> bool {
    let first = first.trim_ascii();
    first.len() <= 256
        && first.iter().all(|byte| byte.is_ascii_graphic())
        && !first.ends_with(b":")
        && !first.starts_with(b"--")
        && !first.starts_with(b"```")
        && !first.starts_with(b"~~~")
        && !first.starts_with(b"<")
        && !first.ends_with(b"|")
}

/// What the line that begins here would be to a parser of messages.
fn line(cursor: Cursor<'_>, first: &[u8], habit: Habit) -> Option<(Confidence, &'static str)> {
    let mut ahead = cursor;
    let token = ahead.take_while(|byte| byte.is_ascii_alphanumeric() || b"-_/.".contains(&byte));
    if ahead.peek() == Some(b' ') {
        return message_start(token, ahead).then_some((Confidence::Certain, "a line end, then another message"));
    }
    if token.is_empty() || token.len() > 64 || !ahead.eat(b":") {
        return None;
    }
    ahead.take_while(|byte| byte == b' ' || byte == b'\t');
    let content = ahead.take_while(|byte| byte != b'\r' && byte != b'\n');
    let confidence = header(&token.to_ascii_lowercase(), content, first, habit)?;
    Some((confidence, "a line end, then a header"))
}

/// `HTTP/1.1 200`, or `GET /x HTTP/1.1`.
fn message_start(token: &[u8], mut cursor: Cursor<'_>) -> bool {
    cursor.space();
    if let Some(version) = token.strip_prefix(b"HTTP/") {
        let code = cursor.take_while(|byte| byte.is_ascii_digit());
        return version.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') && code.len() == 3;
    }
    METHODS.contains(&token) && {
        let target = cursor.take_while(|byte| byte.is_ascii_graphic());
        (target.starts_with(b"/") || target.contains(&b':') || target == b"*") && cursor.eat(b" HTTP/")
    }
}

/// How sure a line `name: content` makes it, by what such a header would hold.
fn header(name: &[u8], content: &[u8], first: &[u8], habit: Habit) -> Option<Confidence> {
    if splits(name, content, first) {
        // `Party`, then `Location: https://..`: people tell each other so where to meet.
        let place =
            name == b"location" && habit == Habit::ManyLines && first.first().is_some_and(u8::is_ascii_uppercase);
        return Some(if place { Confidence::Likely } else { Confidence::Certain });
    }
    let known = HEADERS.contains(&name) || name.starts_with(b"access-control-") || name.starts_with(b"sec-fetch-");
    let starts = |prefixes: &[&[u8]]| prefixes.iter().any(|prefix| content.starts_with(prefix));
    let fits = match name {
        b"content-type" => media_type(content),
        _ if known => !content.is_empty(),
        // Lists of settings have these in texts of many lines.
        _ if habit == Habit::ManyLines => false,
        b"referer" | b"origin" | b"link" => starts(ADDRESSES) || starts(&[b"<http"]),
        b"cookie" => content.contains(&b'=') && !content.starts_with(b"="),
        b"authorization" => starts(&[b"Basic ", b"Bearer ", b"Digest "]),
        b"connection" => starts(&[b"close", b"keep-alive", b"Close", b"Keep-Alive", b"upgrade", b"Upgrade"]),
        b"host" => content.contains(&b'.') && content.iter().all(|byte| byte.is_ascii_graphic()),
        b"subject" => first.contains(&b'@'),
        _ => name.strip_prefix(b"x-").is_some_and(|rest| !rest.is_empty()) && !content.is_empty(),
    };
    match habit {
        Habit::OneLine if fits || is_bare(content, first) => Some(Confidence::Certain),
        Habit::ManyLines if fits => Some(Confidence::Likely),
        _ => None,
    }
}

static ADDRESSES: &[&[u8]] = &[b"http://", b"https://", b"//", b"/"];

/// A header that changes what a client does with a response, or who gets a mail, with a value that
/// it would have.
fn splits(name: &[u8], content: &[u8], first: &[u8]) -> bool {
    let starts = |prefixes: &[&[u8]]| prefixes.iter().any(|prefix| content.starts_with(prefix));
    match name {
        b"set-cookie" | b"set-cookie2" => {
            let named = content.iter().position(|&byte| byte == b'=');
            named.is_some_and(|length| length > 0 && content[..length].iter().all(u8::is_ascii_graphic))
        }
        b"location" => starts(ADDRESSES) || starts(&[b"javascript:", b"data:"]),
        b"refresh" => content.first().is_some_and(u8::is_ascii_digit) && memchr::memchr(b';', content).is_some(),
        b"content-length" => !content.is_empty() && content.iter().all(u8::is_ascii_digit),
        b"transfer-encoding" => [b"chunked".as_slice(), b"gzip", b"deflate", b"compress", b"identity"]
            .iter()
            .any(|coding| content.get(..coding.len()).is_some_and(|start| start.eq_ignore_ascii_case(coding))),
        b"to" | b"cc" | b"bcc" | b"from" | b"reply-to" => {
            content.contains(&b'@') && (first.contains(&b'@') || name == b"bcc")
        }
        _ => name.starts_with(b"access-control-allow-") && !content.is_empty(),
    }
}

/// `text/html`
fn media_type(content: &[u8]) -> bool {
    let mut cursor = Cursor::new(content, 0);
    !cursor.word().is_empty() && cursor.eat(b"/") && !cursor.word().is_empty()
}

/// `/%0d%0aname:value`: an unknown name behind an address, but nothing of it is prose.
fn is_bare(content: &[u8], first: &[u8]) -> bool {
    let address = first.first().is_none_or(|byte| b"/?#&.".contains(byte))
        && first.iter().all(u8::is_ascii_graphic)
        // The marks of comments and headings.
        && !first.starts_with(b"//")
        && !first.starts_with(b"##");
    address && !content.is_empty() && content.iter().all(u8::is_ascii_graphic) && !content.starts_with(b"//")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(found: Option<Match>) -> &'static str {
        found.map_or("", |found| found.confidence.as_str())
    }

    #[test]
    fn a_line_end_counts_when_a_header_or_a_message_follows() {
        for (value, one_line, many_lines) in [
            ("/\r\nSet-Cookie:a=b", "certain", "certain"),
            ("/\nSet-Cookie: a=b", "certain", "certain"),
            ("/\rSet-Cookie:a=b", "certain", "certain"),
            ("\r\n\tContent-Length: 0", "certain", "certain"),
            ("/嘊嘍Set-Cookie:a=b", "certain", "certain"),
            ("en\r\nLocation: https://h/", "certain", "certain"),
            ("a\r\n\r\nHTTP/1.1 200 OK\r\n", "certain", "certain"),
            ("a\r\nGET /admin HTTP/1.1\r\nHost: x.y", "certain", "certain"),
            ("a@b.cd\r\nBcc: x@y.zz", "certain", "certain"),
            ("en\r\nX-A: b\r\nSet-Cookie: a=b", "certain", "certain"),
            ("?\r\nname:value", "certain", ""),
            ("how to do it\r\nContent-Type: text/html", "certain", "weak"),
            ("```\nContent-Type: text/html\n```", "certain", "weak"),
            ("milk\nNote: remember the eggs", "", ""),
            ("We meet\nLocation: Berlin\nDate: Monday", "", ""),
            ("a\r\n\r\n<html>", "likely", ""),
            ("web\nHost: a.example", "certain", ""),
            ("//\nSPDX-License-Identifier: MIT", "", ""),
            ("Order\nContent-Type: dvd", "", ""),
            ("Hi\nSubject: lunch", "", ""),
            ("Party\nLocation: https://maps.example/x", "certain", "weak"),
            ("#!/bin/sh\necho a\necho b\nSet-Cookie: a=b", "certain", "weak"),
            ("a\nContent-Length: short", "certain", "weak"),
            ("a\nTransfer-Encoding: Chunked", "certain", "certain"),
            ("a\nSet-Cookie: please", "certain", "weak"),
            ("GET well soon\nPUT it down", "", ""),
            ("one\ntwo: 3 apples", "", ""),
        ] {
            assert_eq!(level(find(value.as_bytes(), Habit::OneLine)), one_line, "{value:?}");
            assert_eq!(level(find(value.as_bytes(), Habit::ManyLines)), many_lines, "{value:?}");
        }
    }
}
