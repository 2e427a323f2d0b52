//! What the first bytes of a body look like.
//!
//! Each question is answered, or `None` as long as more bytes could change the answer. So the
//! answer is the same however the bytes arrive.

/// How many bytes are looked at before a decision.
pub(super) const SNIFF_BYTES_MAX: usize = 512;

/// The longest name that the first pair of an undeclared form may have.
const FORM_NAME_BYTES_MAX: usize = 128;

/// The beginning of a body.
#[derive(Clone, Copy)]
pub(super) struct First<'a> {
    bytes: &'a [u8],
    /// Where the white space before them ends, which does not count.
    begin: usize,
    /// Whether no more bytes will be looked at.
    is_all: bool,
}

impl<'a> First<'a> {
    pub(super) fn new(bytes: &'a [u8], is_end: bool) -> Self {
        let begin = bytes.len() - bytes.trim_ascii_start().len();
        let end = bytes.len().min(begin + SNIFF_BYTES_MAX);
        Self { bytes: &bytes[..end], begin, is_all: is_end || end - begin == SNIFF_BYTES_MAX }
    }

    /// The bytes that are looked at.
    pub(super) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes, once there are so many.
    pub(super) fn at_least(&self, count: usize) -> Option<&'a [u8]> {
        (self.is_all || self.bytes.len() >= count).then_some(self.bytes)
    }

    /// Whether all that came is white space.
    pub(super) const fn is_blank(&self) -> bool {
        self.begin == self.bytes.len()
    }

    /// The first byte that is neither white space nor a byte order mark; 0 where there is none.
    pub(super) fn mark(&self) -> Option<u8> {
        let is_blank = |&byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0xEF | 0xBB | 0xBF);
        let mark = self.bytes.iter().copied().find(|byte| !is_blank(byte));
        mark.or_else(|| self.is_all.then_some(0))
    }

    /// The boundary of a multipart body: the first line, where a part's headers follow it.
    pub(super) fn boundary(&self) -> Option<Option<&'a [u8]>> {
        let bytes = self.bytes.trim_ascii_start();
        if bytes.len() < 2 && b"--".starts_with(bytes) {
            return self.undecided();
        }
        let Some(line) = bytes.strip_prefix(b"--") else { return Some(None) };
        let Some(end) = line.iter().position(|byte| !byte.is_ascii_graphic()) else { return self.undecided() };
        let (boundary, rest) = line.split_at(end);
        let line_end: &[u8] = if rest.starts_with(b"\r") { b"\r\n" } else { b"\n" };
        let begin = |index: usize| line_end.get(index).or_else(|| b"content-".get(index - line_end.len()));
        for (index, byte) in rest.iter().enumerate() {
            match begin(index) {
                Some(wanted) if byte.eq_ignore_ascii_case(wanted) => {}
                Some(_) => return Some(None),
                None => return Some(Some(boundary).filter(|boundary| !boundary.is_empty())),
            }
        }
        self.undecided()
    }

    /// Whether some handler would take the text for pairs: there is a `=` in its first line, and no markup before.
    pub(super) fn may_be_form(&self) -> Option<bool> {
        let first = self.bytes[self.begin..].iter().find(|byte| matches!(byte, b'=' | b'\n' | b'<' | b'{' | b'"'));
        match first {
            Some(b'=') => self.is_text(),
            Some(_) => Some(false),
            None => self.is_all.then_some(false),
        }
    }

    /// Whether the body begins as the name of a pair does.
    pub(super) fn is_form(&self) -> Option<bool> {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-[]%+~$*".contains(byte);
        match self.bytes.iter().take(FORM_NAME_BYTES_MAX).position(|byte| !is_name(byte)) {
            Some(end) => Some(end > 0 && self.bytes.get(end) == Some(&b'=')),
            None if self.bytes.len() >= FORM_NAME_BYTES_MAX => Some(false),
            None => self.is_all.then_some(false),
        }
    }

    /// Whether the body is text, by all the bytes that are looked at.
    pub(super) fn is_text(&self) -> Option<bool> {
        let is_control = |&byte: &u8| byte < 0x20 && !byte.is_ascii_whitespace() || byte == 0x7F;
        // A stray control byte hides no text: one in twenty makes it binary.
        if self.is_all && self.bytes.iter().filter(|byte| is_control(byte)).count() * 20 > self.bytes.len() {
            return Some(false);
        }
        self.is_all.then(|| match std::str::from_utf8(self.bytes) {
            Ok(_) => true,
            Err(error) if error.error_len().is_none() => true,
            Err(_) => self.bytes.iter().filter(|byte| !byte.is_ascii()).count() * 4 < self.bytes.len(),
        })
    }

    fn undecided<T>(&self) -> Option<Option<T>> {
        self.is_all.then_some(None)
    }
}
