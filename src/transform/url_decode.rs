use super::{Transformation, hex_digits, push_code_point};
use crate::byte_set::ByteSet;

/// Undoes `%XX`, and `%uXXXX` as classic ASP and JavaScript's `escape` write it.
pub(super) const URL_DECODE: Transformation =
    Transformation { name: "url_decode", triggers: ByteSet::of(b"%"), apply: url_decode };

fn url_decode(value: &[u8], view: &mut Vec<u8>) {
    let mut index = 0;
    while let Some(offset) = memchr::memchr(b'%', &value[index..]) {
        view.extend_from_slice(&value[index..index + offset]);
        index += offset + escape(&value[index + offset + 1..], view);
    }
    view.extend_from_slice(&value[index..]);
}

/// Appends what the bytes after a percent sign stand for; answers how many were used, the sign
/// included.
fn escape(rest: &[u8], view: &mut Vec<u8>) -> usize {
    if let Some(byte) = hex_digits(rest, 2) {
        view.push(byte as u8);
        return 3;
    }
    if let Some(code_point) = rest.strip_prefix(b"u").or(rest.strip_prefix(b"U")).and_then(|rest| hex_digits(rest, 4)) {
        push_code_point(code_point, view);
        return 6;
    }
    // An incomplete escape such as `%4` is kept: servers differ on it, and dropping it would
    // hide the bytes around it.
    view.push(b'%');
    1
}
