//! The tokens that expression languages share: names, numbers, strings, marks.
//!
//! Jinja, Twig, Spring's and unified EL, OGNL, PHP, Python, Ruby, Java and JavaScript differ in
//! grammar and hardly in these.
//!
//! # What this does not protect from
//!
//! Regular expression literals and here-documents are not known as such.

/// A token; names and strings borrow from the value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Token<'a> {
    /// A name; `$`, `@` and `#` before it are marks.
    Name(&'a [u8]),
    /// Digits, with what belongs to a number.
    Number(&'a [u8]),
    /// What stands between two quotes; without an end, up to the limit.
    Text(&'a [u8]),
    /// One byte of punctuation.
    Mark(u8),
}

/// How far the end of a string or comment is looked for: quotes that nothing closes must not
/// make each byte be read many times.
const TEXT_BYTES_MAX: usize = 512;

/// How many bytes may be searched in vain for the end of a string, beside what was read so far.
const VAIN_BYTES_MAX: usize = 16_384;

/// Reads tokens from a place in a value; a copy of it looks ahead.
#[derive(Clone, Copy)]
pub struct Lexer<'a> {
    value: &'a [u8],
    at: usize,
    /// Bytes that were searched for the end of a string that has none.
    vain: usize,
}

impl<'a> Lexer<'a> {
    /// Starts at a byte of the value.
    #[must_use]
    pub const fn at(value: &'a [u8], at: usize) -> Self {
        Self { value, at, vain: 0 }
    }

    /// The byte at which the next token, or the blank before it, begins.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// The token after `skip` others, without moving.
    #[must_use]
    pub fn ahead(&self, skip: usize) -> Option<Token<'a>> {
        let mut copy = *self;
        copy.nth(skip)
    }

    /// Takes the next token if it is this mark.
    pub fn take_mark(&mut self, mark: u8) -> bool {
        let taken = self.ahead(0) == Some(Token::Mark(mark));
        if taken {
            self.next();
        }
        taken
    }

    fn rest(&self) -> &'a [u8] {
        self.value.get(self.at..).unwrap_or_default()
    }

    fn run(&self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| !belongs(byte)).unwrap_or(rest.len());
        rest.get(..length).unwrap_or_default()
    }

    /// What follows a quote.
    fn text(&mut self, quote: u8) -> Token<'a> {
        if self.vain > VAIN_BYTES_MAX + 8 * self.at {
            return Token::Mark(quote);
        }
        let inner = self.rest();
        let inner = inner.get(..TEXT_BYTES_MAX).unwrap_or(inner);
        let mut from = 0;
        while let Some(offset) = memchr::memchr2(quote, b'\\', inner.get(from..).unwrap_or_default()) {
            let at = from + offset;
            if inner.get(at) == Some(&quote) {
                self.at += at + 1;
                return Token::Text(inner.get(..at).unwrap_or_default());
            }
            from = at + 2;
        }
        self.vain += inner.len();
        Token::Mark(quote)
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.at += self.run(|byte| byte.is_ascii_whitespace()).len();
        while self.rest().starts_with(b"/*") {
            let comment = self.rest().get(..TEXT_BYTES_MAX).unwrap_or(self.rest());
            let Some(end) = memchr::memmem::find(comment, b"*/") else { break };
            self.at += end + 2;
            self.at += self.run(|byte| byte.is_ascii_whitespace()).len();
        }
        let first = *self.rest().first()?;
        if first.is_ascii_digit() {
            let number = self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            self.at += number.len();
            return Some(Token::Number(number));
        }
        if first.is_ascii_alphabetic() || first == b'_' {
            let name = self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            self.at += name.len();
            return Some(Token::Name(name));
        }
        self.at += 1;
        Some(match first {
            b'\'' | b'"' => self.text(first),
            _ => Token::Mark(first),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_apart() {
        let tokens: Vec<_> = Lexer::at(b"a.b_1('x y', 0x1F) /* c */ + \"d\\\"e\"", 0).collect();
        assert_eq!(
            tokens,
            [
                Token::Name(b"a"),
                Token::Mark(b'.'),
                Token::Name(b"b_1"),
                Token::Mark(b'('),
                Token::Text(b"x y"),
                Token::Mark(b','),
                Token::Number(b"0x1F"),
                Token::Mark(b')'),
                Token::Mark(b'+'),
                Token::Text(b"d\\\"e"),
            ]
        );
    }

    #[test]
    fn a_quote_without_end_is_a_mark() {
        assert_eq!(Lexer::at(b"'a", 0).collect::<Vec<_>>(), [Token::Mark(b'\''), Token::Name(b"a")]);
    }
}
