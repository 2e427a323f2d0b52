//! Where a part's content begins for readers who end its headers at CR LF CR LF only.

/// What ends the headers of a part for axum's reader.
const END: &[u8] = b"\r\n\r\n";

/// Leaves out what such a reader still takes for headers.
pub(super) struct LateContent {
    matched: usize,
}

impl LateContent {
    /// After headers that ended so; `None` where all readers agree that they did.
    pub(super) fn after(block: &[u8]) -> Option<Self> {
        let matched = if block.ends_with(b"\r\n") { 2 } else { 0 };
        (!block.ends_with(END)).then_some(Self { matched })
    }

    /// What of the next piece is content.
    pub(super) fn of<'a>(&mut self, piece: &'a [u8]) -> &'a [u8] {
        for (index, &byte) in piece.iter().enumerate() {
            if self.matched == END.len() {
                return &piece[index..];
            }
            self.matched = if byte == END[self.matched] { self.matched + 1 } else { usize::from(byte == b'\r') };
        }
        b""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_begins_behind_the_first_blank_line_with_carriage_returns() {
        for (block, content, late) in [
            ("a: b\r\n\r\n", "x\r\n\r\ny", None),
            ("a: b\r\n\n", "x\r\n\r\ny", Some("y")),
            ("a: b\n\n", "x\r\n\r\r\n\r\ny\r\n\r\nz", Some("y\r\n\r\nz")),
            ("a: b\n\r\n", "\r\ny", Some("y")),
            ("\r\n", "\r\ny", Some("y")),
            ("\r\n", "x", Some("")),
        ] {
            for step in 1..content.len() {
                let mut reader = LateContent::after(block.as_bytes());
                let pieces = content.as_bytes().chunks(step);
                let read = reader.as_mut().map(|reader| pieces.flat_map(|piece| reader.of(piece)).copied().collect());
                assert_eq!(read, late.map(|late| late.as_bytes().to_vec()), "{block:?} {content:?} by {step}");
            }
        }
    }
}
