use super::{Transformation, hex_digits, push_code_point};
use crate::byte_set::ByteSet;

/// Undoes the escapes of JavaScript, JSON and C strings: `\x3c`, `\u003c`, `\u{3c}`, `\74`, `\n`, `\'`.
pub(super) const JAVASCRIPT_DECODE: Transformation =
    Transformation { name: "javascript_decode", triggers: ByteSet::of(b"\\"), apply: javascript_decode };

fn javascript_decode(value: &[u8], view: &mut Vec<u8>) {
    let mut index = 0;
    while let Some(offset) = memchr::memchr(b'\\', &value[index..]) {
        view.extend_from_slice(&value[index..index + offset]);
        index += offset + 1;
        index += escape(&value[index..], view);
    }
    view.extend_from_slice(&value[index..]);
}

/// Appends what the bytes after a backslash stand for; answers how many were used.
fn escape(rest: &[u8], view: &mut Vec<u8>) -> usize {
    let Some((&kind, after)) = rest.split_first() else {
        view.push(b'\\');
        return 0;
    };
    let (code_point, used) = match kind {
        b'x' => (hex_digits(after, 2), 3),
        b'u' if after.first() == Some(&b'{') => braced(after),
        b'u' => (hex_digits(after, 4), 5),
        b'0'..=b'7' => octal(rest),
        b'n' => (Some(10), 1),
        b'r' => (Some(13), 1),
        b't' => (Some(9), 1),
        b'b' => (Some(8), 1),
        b'f' => (Some(12), 1),
        b'v' => (Some(11), 1),
        b'\'' | b'"' | b'`' | b'/' | b'\\' => (Some(u32::from(kind)), 1),
        _ => (None, 0),
    };
    match code_point {
        Some(code_point) => {
            push_code_point(code_point, view);
            used
        }
        // Not an escape: a Windows path, a regular expression. The backslash is kept.
        None => {
            view.push(b'\\');
            0
        }
    }
}

/// `{3c}` after `\u`: at most 8 digits, so that padding with zeros stays bounded.
fn braced(after: &[u8]) -> (Option<u32>, usize) {
    let digits = after[1..].iter().take(8).take_while(|digit| digit.is_ascii_hexdigit()).count();
    let closed = digits > 0 && after.get(1 + digits) == Some(&b'}');
    (closed.then(|| hex_digits(&after[1..], digits)).flatten(), digits + 3)
}

/// Up to three octal digits, at most `\377`.
fn octal(rest: &[u8]) -> (Option<u32>, usize) {
    let digits = rest.iter().take(3).take_while(|digit| matches!(digit, b'0'..=b'7')).count();
    let number = rest[..digits].iter().fold(0, |number, digit| number * 8 + u32::from(digit - b'0'));
    if number > 0o377 { (Some(number / 8), digits - 1) } else { (Some(number), digits) }
}
