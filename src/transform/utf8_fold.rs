use super::Transformation;
use crate::byte_set::ByteSet;

/// Reads overlong UTF-8 (`C0 AF` for `/`) as decoders before RFC 3629 did; they still exist.
pub(super) const UTF8_FOLD: Transformation =
    Transformation { name: "utf8_fold", triggers: ByteSet::of(b"\xC0"), apply: utf8_fold };

fn utf8_fold(value: &[u8], view: &mut Vec<u8>) {
    let mut index = 0;
    while index < value.len() {
        match overlong(&value[index..]) {
            Some((byte, used)) => {
                view.push(byte);
                index += used;
            }
            None => {
                view.push(value[index]);
                index += 1;
            }
        }
    }
}

/// The ASCII character that an overlong sequence at the start stands for, and its length.
fn overlong(bytes: &[u8]) -> Option<(u8, usize)> {
    let zeros = match bytes.first()? {
        0xC0 | 0xC1 => 0,
        0xE0 => 1,
        0xF0 => 2,
        0xF8 => 3,
        0xFC => 4,
        _ => return None,
    };
    // Between the lead and the two bytes that count, only continuation bytes without value.
    let (high, low) = match zeros {
        0 => (bytes[0] & 0x1F, *bytes.get(1)?),
        _ => {
            let middle = bytes.get(1..zeros)?;
            if middle.iter().any(|&byte| byte != 0x80) {
                return None;
            }
            (bytes.get(zeros)? ^ 0x80, *bytes.get(zeros + 1)?)
        }
    };
    let is_ascii = high < 2 && low & 0xC0 == 0x80;
    is_ascii.then_some((high << 6 | low & 0x3F, zeros + 2))
}
