//! Text as its reader has it in the end, and where each byte of that was written.

use std::borrow::Cow;
use std::ops::Range;

/// So many layers of escapes are undone, one inside the other.
const LAYERS_MAX: usize = 4;
/// The names of HTML and XML for the signs of ASCII.
const NAMED: [(&[u8], u8); 5] =
    [(b"&quot;", b'"'), (b"&apos;", b'\''), (b"&amp;", b'&'), (b"&lt;", b'<'), (b"&gt;", b'>')];

/// Text with the escapes of URLs, of JSON and of XML undone, with letters and digits of full width as those of ASCII, and
/// without characters that nobody sees.
pub(super) struct Undone<'a> {
    bytes: Cow<'a, [u8]>,
    /// Where each byte begins in the text as it was written, and at last where that ends; empty where nothing was undone.
    starts: Vec<usize>,
}

impl<'a> Undone<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        let mut undone = Self { bytes: Cow::Borrowed(text), starts: Vec::new() };
        for _ in 0..LAYERS_MAX {
            match undone.without_a_layer() {
                Some(next) => undone = next,
                None => break,
            }
        }
        undone
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether anything was undone.
    pub(super) const fn is_changed(&self) -> bool {
        !self.starts.is_empty()
    }

    /// The same as it was written.
    pub(super) fn written(&self, range: &Range<usize>) -> Range<usize> {
        self.start(range.start)..self.start(range.end)
    }

    /// How many bytes the one at an index is written with: the more, the deeper it is escaped.
    pub(super) fn written_len(&self, index: usize) -> usize {
        self.written(&(index..index + 1)).len()
    }

    fn start(&self, index: usize) -> usize {
        self.starts.get(index).copied().unwrap_or(index)
    }

    /// None where there is no layer.
    fn without_a_layer(&self) -> Option<Self> {
        let first = self.bytes.iter().position(|byte| matches!(byte, b'%' | b'\\' | b'&' | 0x80..))?;
        let mut bytes = self.bytes[..first].to_vec();
        let mut starts: Vec<usize> = (0..first).map(|index| self.start(index)).collect();
        let mut index = first;
        while index < self.bytes.len() {
            let (byte, length) = unit(&self.bytes[index..]);
            if let Some(byte) = byte {
                bytes.push(byte);
                starts.push(self.start(index));
            }
            index += length;
        }
        starts.push(self.start(self.bytes.len()));
        (bytes.len() < self.bytes.len()).then_some(Self { bytes: Cow::Owned(bytes), starts })
    }
}

/// The first byte, with one layer undone, and how many it is written with; none for what nobody sees.
fn unit(text: &[u8]) -> (Option<u8>, usize) {
    let undone = match text {
        [b'%', b'u' | b'U', rest @ ..] => hex(rest, 4).map(|byte| (Some(byte), 6)),
        [b'%', rest @ ..] => hex(rest, 2).map(|byte| (Some(byte), 3)),
        [b'\\', ..] => Some(slashed(text)),
        [b'&', b'#', ..] => numbered(text),
        [b'&', ..] => {
            let named = NAMED.iter().find(|(name, _)| text.starts_with(name));
            named.map(|(name, byte)| (Some(*byte), name.len()))
        }
        // Full width.
        [0xef, 0xbc, byte @ 0x81..=0xbf, ..] => Some((Some(byte - 0x60), 3)),
        [0xef, 0xbd, byte @ 0x80..=0x9e, ..] => Some((Some(byte - 0x20), 3)),
        // Digits of Arabic and of Persian.
        [0xd9, byte @ 0xa0..=0xa9, ..] => Some((Some(byte - 0x70), 2)),
        [0xdb, byte @ 0xb0..=0xb9, ..] => Some((Some(byte - 0x80), 2)),
        // A soft hyphen, and characters without width.
        [0xc2, 0xad, ..] => Some((None, 2)),
        [0xe2, 0x80, 0x8b..=0x8f, ..] | [0xe2, 0x81, 0xa0, ..] | [0xef, 0xbb, 0xbf, ..] => Some((None, 3)),
        _ => None,
    };
    undone.unwrap_or((text.first().copied(), 1))
}

/// A byte in so many hexadecimal digits; none where they are fewer, or where it is none.
fn hex(text: &[u8], digits: usize) -> Option<u8> {
    let digits = text.get(..digits).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// What follows a backslash, or more of them where one JSON stands in another.
fn slashed(text: &[u8]) -> (Option<u8>, usize) {
    let slashes = text.iter().take_while(|byte| **byte == b'\\').count();
    let escape = match &text[slashes..] {
        [quote @ (b'"' | b'\'' | b'/'), ..] => Some((*quote, 1)),
        [b'n' | b'r', ..] => Some((b'\n', 1)),
        [b't', ..] => Some((b'\t', 1)),
        [b'u', rest @ ..] => hex(rest, 4).map(|byte| (byte, 5)),
        [b'x', rest @ ..] => hex(rest, 2).map(|byte| (byte, 3)),
        _ => None,
    };
    let (byte, length) = escape.unwrap_or((b'\\', 0));
    (Some(byte), slashes + length)
}

/// `&#52;` or `&#x34;`, of ASCII.
fn numbered(text: &[u8]) -> Option<(Option<u8>, usize)> {
    let length = text.iter().take(12).position(|byte| *byte == b';')?;
    let digits = std::str::from_utf8(&text[2..length]).ok()?;
    let byte = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u8::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    Some((Some(byte.ok().filter(u8::is_ascii)?), length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_undone_and_places_kept() {
        for (text, undone) in [
            ("plain", "plain"),
            ("a%20b%2520c%252520d", "a b c d"),
            ("100% %zz %4", "100% %zz %4"),
            ("%u0034\\u0034\\x34&#52;&#x34;４٤۴", "44444444"),
            ("%EF%BC%94", "4"),
            ("pass\u{ad}wo\u{200b}rd", "password"),
            (r#"\\\"a\\\" C:\\b\n"#, "\"a\" C:\\b\n"),
            ("&quot;&amp;&lt;&nope;&#;&#300;", "\"&<&nope;&#;&#300;"),
            ("é", "é"),
        ] {
            assert_eq!(String::from_utf8_lossy(Undone::of(text.as_bytes()).bytes()), undone, "{text}");
        }
        let undone = Undone::of(b"a%2520b");
        assert_eq!(undone.written(&(1..2)), 1..6);
        assert_eq!(undone.written(&(2..3)), 6..7);
        assert_eq!((undone.written_len(0), undone.written_len(1)), (1, 5));
    }
}
