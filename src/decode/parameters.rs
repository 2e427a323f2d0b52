//! Parameters of a header value: `; name=value; name="value"`, read leniently.

use super::percent;

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parameter<'a> {
    pub(super) name: &'a [u8],
    /// The value: between its quotes, escapes still in it, or up to the next semicolon.
    pub(super) value: &'a [u8],
    pub(super) is_quoted: bool,
}

/// Where a quoted string ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// At the first quote without a backslash before it (RFC 9110, 5.6.4).
    Escaped,
    /// At the first quote, as axum's reader of media types has it.
    Bare,
}

/// The parameters of `header`, in order. What has no `=` is none.
pub(super) fn parameters(header: &[u8]) -> impl Iterator<Item = Parameter<'_>> {
    parameters_by(header, Quotes::Escaped)
}

/// The same for a reader who ends quoted strings so.
pub(super) fn parameters_by(header: &[u8], quotes: Quotes) -> impl Iterator<Item = Parameter<'_>> {
    let mut rest = header;
    std::iter::from_fn(move || {
        loop {
            let end = memchr::memchr2(b'=', b';', rest)?;
            let (name, separator) = (rest[..end].trim_ascii(), rest[end]);
            rest = &rest[end + 1..];
            if separator == b'=' {
                let (value, is_quoted, next) = value(rest, quotes);
                rest = next;
                return Some(Parameter { name, value, is_quoted });
            }
        }
    })
}

/// A value, whether it was quoted, and what follows the semicolon after it.
fn value(rest: &[u8], quotes: Quotes) -> (&[u8], bool, &[u8]) {
    let rest = rest.trim_ascii_start();
    let (value, is_quoted, after) = match rest {
        [b'"', quoted @ ..] => {
            let end = quote_end(quoted, quotes);
            (&quoted[..end], true, quoted.get(end + 1..).unwrap_or_default())
        }
        _ => {
            let end = memchr::memchr(b';', rest).unwrap_or(rest.len());
            (rest[..end].trim_ascii_end(), false, &rest[end..])
        }
    };
    let next = memchr::memchr(b';', after).map_or(&[][..], |semicolon| &after[semicolon + 1..]);
    (value, is_quoted, next)
}

/// Where a quoted string ends; at the end where its quote is missing.
fn quote_end(quoted: &[u8], quotes: Quotes) -> usize {
    if quotes == Quotes::Bare {
        return memchr::memchr(b'"', quoted).unwrap_or(quoted.len());
    }
    let mut at = 0;
    while let Some(step) = memchr::memchr2(b'"', b'\\', &quoted[at..]) {
        at += step;
        if quoted[at] == b'"' {
            return at;
        }
        at = (at + 2).min(quoted.len());
    }
    quoted.len()
}

/// `value` with each `\x` as `x`.
pub(super) fn unescape(value: &[u8], out: &mut Vec<u8>) {
    let mut bytes = value.iter();
    while let Some(&byte) = bytes.next() {
        let byte = if byte == b'\\' { bytes.next().copied().unwrap_or(byte) } else { byte };
        out.push(byte);
    }
}

/// The value of a parameter `name*` (RFC 5987): `charset'language'%XX`.
pub(super) fn decode_extended(value: &[u8], out: &mut Vec<u8>) {
    let mut pieces = value.splitn(3, |&byte| byte == b'\'');
    percent::decode(pieces.nth(2).unwrap_or(value), out);
}
