use super::Transformation;
use crate::byte_set::ByteSet;

/// Replaces characters by the ASCII that NFKC, or a database's best-fit table, makes of them:
/// full-width forms, small forms, mathematical letters, and look-alikes of `'` and `/`.
///
/// The curly quotes of ordinary prose are left alone: no common back end reads them as `'`.
pub(super) const COMPATIBILITY_FOLD: Transformation =
    Transformation { name: "compatibility_fold", triggers: ByteSet::of(b"\xEF"), apply: compatibility_fold };

fn compatibility_fold(value: &[u8], view: &mut Vec<u8>) {
    for chunk in value.utf8_chunks() {
        for character in chunk.valid().chars() {
            match ascii_of(u32::from(character)) {
                Some(ascii) if !character.is_ascii() => view.push(ascii),
                _ => view.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        view.extend_from_slice(chunk.invalid());
    }
}

fn ascii_of(code_point: u32) -> Option<u8> {
    let letter = |index: u32| Some(if index < 26 { b'A' + index as u8 } else { b'a' + (index - 26) as u8 });
    match code_point {
        0xFF01..=0xFF5E => Some((code_point - 0xFF01) as u8 + b'!'),
        0x1D400..=0x1D6A3 => letter((code_point - 0x1D400) % 52),
        0x24B6..=0x24CF => Some((code_point - 0x24B6) as u8 + b'A'),
        0x24D0..=0x24E9 => Some((code_point - 0x24D0) as u8 + b'a'),
        0x1D7CE..=0x1D7FF => Some(b'0' + ((code_point - 0x1D7CE) % 10) as u8),
        0x00A0 | 0x3000 | 0x2000..=0x200A => Some(b' '),
        0x017F => Some(b's'),
        0x212A => Some(b'K'),
        0x02B9 | 0x02BC | 0x2032 => Some(b'\''),
        0x2033 | 0x02BA => Some(b'"'),
        0x2044 | 0x2215 => Some(b'/'),
        0x29F5 | 0x2216 | 0xFE68 => Some(b'\\'),
        0x2024 => Some(b'.'),
        0xFE50 => Some(b','),
        0xFE52 => Some(b'.'),
        0xFE54 => Some(b';'),
        0xFE55 => Some(b':'),
        0xFE57 => Some(b'!'),
        0xFE59 => Some(b'('),
        0xFE5A => Some(b')'),
        0xFE5F => Some(b'#'),
        0xFE60 => Some(b'&'),
        0xFE61 => Some(b'*'),
        0xFE62 => Some(b'+'),
        0xFE63 => Some(b'-'),
        0xFE64 => Some(b'<'),
        0xFE65 => Some(b'>'),
        0xFE66 => Some(b'='),
        0xFE69 => Some(b'$'),
        0xFE6A => Some(b'%'),
        0xFE6B => Some(b'@'),
        _ => None,
    }
}
