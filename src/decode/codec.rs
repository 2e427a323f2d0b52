//! Encodings of text that some back ends undo before they read: wide characters, base64,
//! quoted-printable.

use super::percent::hex_digit;

/// How many bytes are decoded in one step, so that the decoded ones need little memory.
pub(super) const STEP_BYTES: usize = 8_192;

/// Undoes one encoding, resumable. What does not fit it is dropped or kept as decoders do; the
/// bytes as sent are read elsewhere in any case.
pub(super) enum Codec {
    /// UTF-16 or UTF-32.
    Wide(Wide),
    /// Base64, either alphabet.
    Base64 { bits: u32, count: u8 },
    /// Quoted-printable; holds what follows an equals sign.
    QuotedPrintable { pending: Option<Quoted> },
}

#[derive(Clone, Copy)]
pub(super) enum Quoted {
    Equals,
    Digit(u8),
    Return,
}

impl Codec {
    pub(super) const fn base64() -> Self {
        Self::Base64 { bits: 0, count: 0 }
    }

    pub(super) const fn quoted_printable() -> Self {
        Self::QuotedPrintable { pending: None }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for &byte in bytes {
            match self {
                Self::Wide(wide) => wide.push(byte, out),
                Self::Base64 { bits, count } => base64(byte, bits, count, out),
                Self::QuotedPrintable { pending } => *pending = quoted_printable(byte, *pending, out),
            }
        }
    }
}

fn base64(byte: u8, bits: &mut u32, count: &mut u8, out: &mut Vec<u8>) {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        b'=' => {
            *count = 0;
            return;
        }
        _ => return,
    };
    *bits = *bits << 6 | u32::from(value);
    *count += 6;
    if *count >= 8 {
        *count -= 8;
        out.push((*bits >> *count & 0xff) as u8);
    }
}

fn quoted_printable(byte: u8, pending: Option<Quoted>, out: &mut Vec<u8>) -> Option<Quoted> {
    match (pending, byte) {
        (Some(Quoted::Equals), b'\r') => return Some(Quoted::Return),
        (Some(Quoted::Equals | Quoted::Return), b'\n') => return None,
        (Some(Quoted::Equals), _) if hex_digit(byte).is_some() => return Some(Quoted::Digit(byte)),
        (Some(Quoted::Digit(high)), _) => match (hex_digit(high), hex_digit(byte)) {
            (Some(high), Some(low)) => {
                out.push(high << 4 | low);
                return None;
            }
            _ => out.extend([b'=', high]),
        },
        (Some(Quoted::Equals), _) => out.push(b'='),
        (Some(Quoted::Return) | None, _) => {}
    }
    if byte == b'=' {
        return Some(Quoted::Equals);
    }
    out.push(byte);
    None
}

/// Characters of two or four bytes, into UTF-8.
#[derive(Clone)]
pub(super) struct Wide {
    width: usize,
    is_big_endian: bool,
    unit: [u8; 4],
    unit_len: usize,
    high: Option<u32>,
    is_begun: bool,
}

impl Wide {
    pub(super) const fn new(width: usize, is_big_endian: bool) -> Self {
        Self { width, is_big_endian, unit: [0; 4], unit_len: 0, high: None, is_begun: false }
    }

    /// The encoding that a body shows by its first bytes: a byte order mark, or an ASCII character
    /// among NULs.
    pub(super) fn of(first: &[u8]) -> Option<Self> {
        match *first {
            [0xFF, 0xFE, 0, 0, ..] => Some(Self::new(4, false)),
            [0, 0, 0xFE, 0xFF, ..] => Some(Self::new(4, true)),
            [0xFF, 0xFE, ..] => Some(Self::new(2, false)),
            [0xFE, 0xFF, ..] => Some(Self::new(2, true)),
            [1..=0x7f, 0, 0, 0, ..] => Some(Self::new(4, false)),
            [0, 0, 0, 1..=0x7f, ..] => Some(Self::new(4, true)),
            [1..=0x7f, 0, 1..=0x7f, 0, ..] => Some(Self::new(2, false)),
            [0, 1..=0x7f, 0, 1..=0x7f, ..] => Some(Self::new(2, true)),
            _ => None,
        }
    }

    fn push(&mut self, byte: u8, out: &mut Vec<u8>) {
        if let Some(slot) = self.unit.get_mut(self.unit_len) {
            *slot = byte;
        }
        self.unit_len += 1;
        if self.unit_len < self.width {
            return;
        }
        self.unit_len = 0;
        let unit = self.unit.iter().take(self.width);
        let join = |code: u32, &byte: &u8| code << 8 | u32::from(byte);
        let code = if self.is_big_endian { unit.fold(0, join) } else { unit.rev().fold(0, join) };
        self.push_unit(code, out);
    }

    fn push_unit(&mut self, code: u32, out: &mut Vec<u8>) {
        // A byte order mark at the start counts for more than what was declared.
        if !std::mem::replace(&mut self.is_begun, true) {
            match (self.width, code) {
                (_, 0xFEFF) => return,
                (2, 0xFFFE) | (4, 0xFFFE_0000) => {
                    self.is_big_endian = !self.is_big_endian;
                    return;
                }
                _ => {}
            }
        }
        let code = match (self.high.take(), code) {
            (Some(high), 0xDC00..=0xDFFF) => 0x1_0000 + ((high - 0xD800) << 10) + (code - 0xDC00),
            (_, 0xD800..=0xDBFF) => {
                self.high = Some(code);
                return;
            }
            _ => code,
        };
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}
