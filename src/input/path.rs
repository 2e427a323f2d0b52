//! Paths in the one form in which equal ones have equal bytes (RFC 3986, section 6.2.2).
//!
//! Only what must be escaped in a segment is, with digits in capitals. An encoded slash stays one, and so within its segment.

use std::borrow::Cow;

/// A raw path or segment in that form.
pub fn canonical(raw: &[u8]) -> Cow<'_, [u8]> {
    if raw.iter().all(|&byte| stands(byte) || byte == b'/') {
        return Cow::Borrowed(raw);
    }
    let mut path = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let escape =
            after.first_chunk().filter(|_| byte == b'%').and_then(|&[high, low]| Some((digit(high)?, digit(low)?)));
        match escape {
            _ if byte == b'/' => path.push(b'/'),
            Some((high, low)) => {
                push(high << 4 | low, &mut path);
                rest = after.get(2..).unwrap_or_default();
            }
            None => push(byte, &mut path),
        }
    }
    Cow::Owned(path)
}

/// A decoded segment in that form.
#[cfg(feature = "schema")]
pub fn escaped(segment: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(segment.len());
    segment.iter().for_each(|&byte| push(byte, &mut escaped));
    escaped
}

fn push(byte: u8, path: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if stands(byte) {
        path.push(byte);
    } else {
        path.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xF)]]);
    }
}

/// Whether a byte may stand in a segment as it is (`pchar`, RFC 3986, section 3.3).
const fn stands(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
                | b'@'
        )
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_paths_have_equal_bytes() {
        for (raw, expected) in [
            ("/a/b", "/a/b"),
            ("/caf\u{e9}/{id}", "/caf%C3%A9/%7Bid%7D"),
            ("/caf%c3%a9", "/caf%C3%A9"),
            ("/%65nc%3a", "/enc:"),
            ("/a%2fb%5c%00", "/a%2Fb%5C%00"),
            ("/%2541%", "/%2541%25"),
            ("/%4", "/%254"),
        ] {
            assert_eq!(String::from_utf8_lossy(&canonical(raw.as_bytes())), expected, "{raw}");
            assert_eq!(canonical(&canonical(raw.as_bytes())), canonical(raw.as_bytes()), "{raw}");
        }
        #[cfg(feature = "schema")]
        assert_eq!(escaped(b"a/%41"), b"a%2F%2541");
    }
}
