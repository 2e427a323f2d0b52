//! `%XX` and `+`, resumable.

use memchr::memchr;
use memchr::memchr2;

/// The value of a hexadecimal digit.
pub(super) const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// An escape of which not every byte came yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Nothing,
    Percent,
    Digit(u8),
}

/// Undoes percent escapes; for forms, `+` is a space too.
///
/// An incomplete escape such as `%4` or `%zz` is kept: servers differ on it, and dropping it would
/// hide the bytes around it.
pub(super) struct Percent {
    plus: bool,
    pending: Pending,
}

impl Percent {
    pub(super) const fn form() -> Self {
        Self { plus: true, pending: Pending::Nothing }
    }

    pub(super) const fn path() -> Self {
        Self { plus: false, pending: Pending::Nothing }
    }

    /// Whether `piece` stands for itself.
    pub(super) fn is_plain(&self, piece: &[u8]) -> bool {
        self.pending == Pending::Nothing && self.special(piece).is_none()
    }

    /// Whether an escape has begun and is not complete.
    pub(super) fn is_pending(&self) -> bool {
        self.pending != Pending::Nothing
    }

    fn special(&self, piece: &[u8]) -> Option<usize> {
        if self.plus { memchr2(b'%', b'+', piece) } else { memchr(b'%', piece) }
    }

    /// Hands on what `piece` stands for, as far as it is known.
    pub(super) fn push(&mut self, mut piece: &[u8], out: &mut impl FnMut(&[u8])) {
        while let Some(&byte) = piece.first() {
            match (self.pending, hex_digit(byte)) {
                (Pending::Nothing, _) => piece = self.plain(piece, out),
                (Pending::Percent, Some(_)) => {
                    self.pending = Pending::Digit(byte);
                    piece = &piece[1..];
                }
                (Pending::Digit(high), Some(low)) => {
                    out(&[hex_digit(high).unwrap_or(0) << 4 | low]);
                    self.pending = Pending::Nothing;
                    piece = &piece[1..];
                }
                (_, None) => self.finish(out),
            }
        }
    }

    /// Bytes that stand for themselves, and the mark after them.
    fn plain<'a>(&mut self, piece: &'a [u8], out: &mut impl FnMut(&[u8])) -> &'a [u8] {
        let end = self.special(piece).unwrap_or(piece.len());
        if end > 0 {
            out(&piece[..end]);
        }
        match piece[end..] {
            [b'+', ref rest @ ..] => {
                out(b" ");
                rest
            }
            [_, ref rest @ ..] => {
                self.pending = Pending::Percent;
                rest
            }
            [] => &[],
        }
    }

    /// Hands on an incomplete escape as it is.
    pub(super) fn finish(&mut self, out: &mut impl FnMut(&[u8])) {
        match std::mem::replace(&mut self.pending, Pending::Nothing) {
            Pending::Nothing => {}
            Pending::Percent => out(b"%"),
            Pending::Digit(digit) => out(&[b'%', digit]),
        }
    }
}

/// `raw` without its percent escapes, after what `decoded` holds.
pub(super) fn decode(raw: &[u8], decoded: &mut Vec<u8>) {
    decode_by(Percent::path(), raw, decoded);
}

/// The same where `+` is a space too.
pub(super) fn decode_form(raw: &[u8], decoded: &mut Vec<u8>) {
    decode_by(Percent::form(), raw, decoded);
}

fn decode_by(mut percent: Percent, raw: &[u8], decoded: &mut Vec<u8>) {
    decoded.reserve(raw.len());
    let mut out = |piece: &[u8]| decoded.extend_from_slice(piece);
    percent.push(raw, &mut out);
    percent.finish(&mut out);
}
