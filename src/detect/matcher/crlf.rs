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
        let Some((confidence, structure)) = read else { continue };
        let sure = habit == Habit::OneLine || confidence == Confidence::Certain && breaks_a_token(first);
        let confidence = if sure { confidence } else { Confidence::Weak };
        let found = Match::new(confidence, at..value.len(), structure);
        if confidence == Confidence::Certain {
            return Some(found);
        }
        best = best.filter(|best| best.confidence >= confidence).or(Some(found));
    }
    best
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
    let starts = |prefixes: &[&[u8]]| prefixes.iter().any(|prefix| content.starts_with(prefix));
    let own_name = HEADERS.contains(&name) || name.starts_with(b"access-control-") || name.starts_with(b"sec-fetch-");
    let fits = match name {
        _ if own_name => !content.is_empty(),
        // Lists of settings have these in texts of many lines.
        b"host" | b"connection" | b"origin" | b"link" | b"referer" if habit == Habit::ManyLines => false,
        b"location" | b"refresh" | b"referer" | b"origin" | b"link" => {
            starts(&[b"http://", b"https://", b"//", b"/", b"<http", b"0;", b"javascript:", b"data:"])
        }
        b"cookie" => content.contains(&b'=') && !content.starts_with(b"="),
        b"authorization" => starts(&[b"Basic ", b"Bearer ", b"Digest "]),
        b"connection" => starts(&[b"close", b"keep-alive", b"Close", b"Keep-Alive", b"upgrade", b"Upgrade"]),
        b"host" => content.contains(&b'.') && content.iter().all(|byte| byte.is_ascii_graphic()),
        b"to" | b"cc" | b"bcc" | b"from" | b"reply-to" => {
            first.contains(&b'@') && content.contains(&b'@') || name == b"bcc" && content.contains(&b'@')
        }
        b"subject" => first.contains(&b'@'),
        _ => name.strip_prefix(b"x-").is_some_and(|rest| !rest.is_empty()) && !content.is_empty(),
    };
    if fits {
        return Some(Confidence::Certain);
    }
    // `/%0d%0aname:value`: an unknown name, but nothing of it is prose.
    let bare = !content.is_empty() && content.iter().all(u8::is_ascii_graphic) && !content.starts_with(b"//");
    let address = first.first().is_none_or(|byte| b"/?#&.".contains(byte)) && first.iter().all(u8::is_ascii_graphic);
    match (bare, address) {
        (true, true) => Some(Confidence::Certain),
        (true, false) => Some(Confidence::Likely),
        (false, _) => None,
    }
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
            ("?\r\nname:value", "certain", "certain"),
            ("how to do it\r\nContent-Type: text/html", "certain", "weak"),
            ("```\nContent-Type: text/html\n```", "certain", "weak"),
            ("milk\nNote: remember the eggs", "", ""),
            ("We meet\nLocation: Berlin\nDate: Monday", "likely", "weak"),
            ("a\r\n\r\n<html>", "likely", ""),
            ("web\nHost: a.example", "certain", "weak"),
            ("GET well soon\nPUT it down", "", ""),
            ("one\ntwo: 3 apples", "", ""),
        ] {
            assert_eq!(level(find(value.as_bytes(), Habit::OneLine)), one_line, "{value:?}");
            assert_eq!(level(find(value.as_bytes(), Habit::ManyLines)), many_lines, "{value:?}");
        }
    }
}
