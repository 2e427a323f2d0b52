//! A place in a value, and the few steps that every small grammar takes from it.

/// A place in a value, from which tokens are read. Copies are cheap: a copy is the way back.
#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    value: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at an offset of the value.
    #[must_use]
    pub const fn new(value: &'a [u8], at: usize) -> Self {
        Self { value, at }
    }

    /// The offset.
    #[must_use]
    pub const fn at(self) -> usize {
        self.at
    }

    /// What has not been read.
    #[must_use]
    pub fn rest(self) -> &'a [u8] {
        self.value.get(self.at..).unwrap_or_default()
    }

    /// The next byte, unread.
    #[must_use]
    pub fn peek(self) -> Option<u8> {
        self.value.get(self.at).copied()
    }

    /// Whether all was read.
    #[must_use]
    pub fn is_done(self) -> bool {
        self.at >= self.value.len()
    }

    /// Reads one byte.
    pub fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// Reads the bytes for which `is` holds.
    pub fn take_while(&mut self, mut is: impl FnMut(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| !is(byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Reads white space, and says whether there was any.
    pub fn space(&mut self) -> bool {
        !self.take_while(|byte| byte.is_ascii_whitespace() || byte == 0x0b).is_empty()
    }

    /// Reads this text if it comes next, in either case.
    pub fn eat(&mut self, text: &[u8]) -> bool {
        let comes = self.rest().get(..text.len()).is_some_and(|next| next.eq_ignore_ascii_case(text));
        if comes {
            self.at += text.len();
        }
        comes
    }

    /// Reads one byte of the set if it comes next.
    pub fn eat_any(&mut self, set: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|byte| set.contains(byte))?;
        self.at += 1;
        Some(byte)
    }

    /// Reads a word of letters, digits and underscores; empty where none comes.
    pub fn word(&mut self) -> &'a [u8] {
        self.take_while(is_word)
    }

    /// Reads a string in quotes of either kind, to its closing quote or to the end.
    pub fn string(&mut self) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let quote = ahead.eat_any(b"'\"")?;
        let inside = ahead.take_while(|byte| byte != quote);
        ahead.at += usize::from(!ahead.is_done());
        *self = ahead;
        Some(inside)
    }
}

/// Whether a byte is a letter, a digit or an underscore.
#[must_use]
pub const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Where a value may end the string that it is placed into: the offset behind each quote that
/// would do so.
///
/// Of each kind of quote every second one opens a string of the value's own, and is left out. A
/// quote between two letters may be an apostrophe: it is given, and does not count.
pub fn break_outs(value: &[u8]) -> impl Iterator<Item = usize> {
    let mut open = [false; 2];
    memchr::memchr2_iter(b'\'', b'"', value).filter_map(move |at| {
        let kind = usize::from(value.get(at) == Some(&b'"'));
        let letter = |at: Option<usize>| at.and_then(|at| value.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        let apostrophe = kind == 0 && letter(at.checked_sub(1)) && letter(Some(at + 1));
        let open = open.get_mut(kind)?;
        if !apostrophe {
            *open = !*open;
        }
        (apostrophe || *open).then_some(at + 1)
    })
}

/// The strings in one kind of quotes, each with its offset and the cursor behind it. A backslash
/// keeps the byte behind it in the string, as in JSON.
pub fn quoted(value: &[u8], quote: u8) -> impl Iterator<Item = (usize, &[u8], Cursor<'_>)> {
    let mut cursor = Cursor::new(value, 0);
    std::iter::from_fn(move || {
        cursor.take_while(|byte| byte != quote);
        let start = cursor.at();
        cursor.next()?;
        let mut escaped = false;
        let inside = cursor.take_while(|byte| {
            let ends = byte == quote && !escaped;
            escaped = byte == b'\\' && !escaped;
            !ends
        });
        cursor.next();
        Some((start, inside, cursor))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_quote_that_closes_the_string_around_breaks_out() {
        for (value, expected) in [
            ("plain", vec![]),
            ("' or", vec![1]),
            ("x == 'a' or y", vec![6]),
            ("don't say 'a' or b", vec![4, 11]),
            ("a\"b'c", vec![2, 4]),
            ("'''", vec![1, 3]),
        ] {
            assert_eq!(break_outs(value.as_bytes()).collect::<Vec<_>>(), expected, "{value}");
        }
    }

    #[test]
    fn strings_in_quotes_are_read_past_escapes() {
        let read: Vec<&[u8]> = quoted(br#"{"a":"\"'","b":1, "c"#, b'"').map(|(_, text, _)| text).collect();
        assert_eq!(read, [b"a".as_slice(), br#"\"'"#, b"b", b"c"]);
    }

    #[test]
    fn a_string_ends_at_its_own_quote_or_with_the_value() {
        let mut cursor = Cursor::new(b"'a\"b' 'c", 0);
        assert_eq!(cursor.string(), Some(b"a\"b".as_slice()));
        assert!(cursor.space());
        assert_eq!(cursor.string(), Some(b"c".as_slice()));
        assert!(cursor.is_done() && cursor.string().is_none());
    }
}
