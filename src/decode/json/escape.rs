//! Backslash escapes of JSON strings, resumable.

use crate::decode::percent::hex_digit;

/// What stands for a surrogate without its other half.
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// An escape that is being read, and a high surrogate that waits for its low one.
#[derive(Default)]
pub(super) struct Escape {
    /// The bytes after the backslash so far: nothing, or `u` and digits.
    seen: [u8; 5],
    seen_len: usize,
    high: Option<u16>,
}

/// What became of an escape with one more byte.
pub(super) enum Step {
    /// It goes on.
    More,
    /// It is complete and stands for what was handed out.
    Done,
    /// It is none that JSON knows, and was handed out as it is. The byte was not used.
    Unknown,
}

impl Escape {
    /// One byte after the backslash.
    pub(super) fn push(&mut self, byte: u8, out: &mut impl FnMut(&[u8])) -> Step {
        if self.seen_len > 0 {
            return self.push_digit(byte, out);
        }
        let stands_for: &[u8] = match byte {
            b'u' => {
                self.remember(byte);
                return Step::More;
            }
            b'"' => b"\"",
            b'\\' => b"\\",
            b'/' => b"/",
            b'\'' => b"'",
            b'b' => b"\x08",
            b'f' => b"\x0c",
            b'n' => b"\n",
            b'r' => b"\r",
            b't' => b"\t",
            // Kept: dropping it would hide the bytes around it, and what reads `\x41` reads it later.
            _ => {
                self.finish(out);
                out(b"\\");
                return Step::Unknown;
            }
        };
        self.flush(out);
        out(stands_for);
        Step::Done
    }

    fn push_digit(&mut self, byte: u8, out: &mut impl FnMut(&[u8])) -> Step {
        if hex_digit(byte).is_none() {
            self.finish(out);
            return Step::Unknown;
        }
        self.remember(byte);
        if self.seen_len < self.seen.len() {
            return Step::More;
        }
        let digits = self.seen[1..].iter().filter_map(|&digit| hex_digit(digit));
        let unit = digits.fold(0_u16, |unit, digit| unit << 4 | u16::from(digit));
        self.seen_len = 0;
        self.push_unit(unit, out);
        Step::Done
    }

    fn remember(&mut self, byte: u8) {
        if let Some(slot) = self.seen.get_mut(self.seen_len) {
            *slot = byte;
            self.seen_len += 1;
        }
    }

    fn push_unit(&mut self, unit: u16, out: &mut impl FnMut(&[u8])) {
        match (self.high.take(), unit) {
            (Some(high), 0xDC00..=0xDFFF) => {
                let code = 0x1_0000 + (u32::from(high - 0xD800) << 10) + u32::from(unit - 0xDC00);
                push_char(code, out);
            }
            (high, _) => {
                if high.is_some() {
                    out(REPLACEMENT);
                }
                if matches!(unit, 0xD800..=0xDBFF) {
                    self.high = Some(unit);
                } else {
                    push_char(u32::from(unit), out);
                }
            }
        }
    }

    /// The string goes on with other bytes, or ends: a waiting surrogate stays alone.
    #[inline]
    pub(super) fn flush(&mut self, out: &mut impl FnMut(&[u8])) {
        if self.high.take().is_some() {
            out(REPLACEMENT);
        }
    }

    /// Whether there is nothing to flush.
    pub(super) const fn is_idle(&self) -> bool {
        self.high.is_none()
    }

    /// The escape breaks off: what was seen of it is handed out as it is.
    pub(super) fn finish(&mut self, out: &mut impl FnMut(&[u8])) {
        self.flush(out);
        if self.seen_len > 0 {
            out(b"\\");
            out(&self.seen[..self.seen_len]);
            self.seen_len = 0;
        }
    }
}

fn push_char(code: u32, out: &mut impl FnMut(&[u8])) {
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out(character.encode_utf8(&mut [0; 4]).as_bytes());
}
