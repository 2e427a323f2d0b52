//! The tokens of JavaScript.
//!
//! Whether a slash divides or begins a regular expression depends on the token before it, which
//! is remembered; the rest of the grammar is for whoever reads the tokens.
//!
//! # What this does not protect from
//!
//! Templates are one token, whatever stands in their `${}`.

use crate::lexer::html::is_space;

/// What kind of token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or keyword, perhaps with `\u0061` in it.
    Word,
    /// A number.
    Number,
    /// A string; not closed if the text or the line ends first.
    Text { closed: bool },
    /// A template, from backtick to backtick.
    Template { closed: bool },
    /// A regular expression.
    Regex,
    /// `(`, `[` or `{`.
    Open(u8),
    /// `)`, `]` or `}`.
    Close(u8),
    /// `=` and `+=` and their like.
    Assign,
    /// `++` or `--`.
    Step,
    /// `=>`
    Arrow,
    /// `.` or `?.`
    Dot,
    /// `...`
    Spread,
    /// `;`
    Semicolon,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `!` or `~`
    Prefix,
    /// `+` or `-`, before an operand or between two.
    Sign,
    /// What stands between two operands.
    Binary,
    /// A byte that begins no token.
    Unknown,
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it begins.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
    /// Whether white space stands before it.
    pub(crate) spaced: bool,
    /// Whether a line ends before it.
    pub(crate) on_new_line: bool,
}

/// Reads the tokens of a text one by one.
pub(crate) struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
    furthest: usize,
    operand_before: bool,
    comment: bool,
}

impl<'t> Tokens<'t> {
    /// The tokens of a text that follows on an operand, or on none.
    pub(crate) const fn new(text: &'t [u8], operand_before: bool) -> Self {
        Self { text, at: 0, furthest: 0, operand_before, comment: false }
    }

    /// How far the text has been looked at, which is the work that was done.
    pub(crate) const fn furthest(&self) -> usize {
        self.furthest
    }

    /// Whether a comment is the last that was read.
    pub(crate) const fn after_comment(&self) -> bool {
        self.comment
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn starts_with(&self, prefix: &[u8]) -> bool {
        self.text.get(self.at..).is_some_and(|rest| rest.starts_with(prefix))
    }

    /// Passes over white space and comments; tells if there was any, and if a line ended.
    fn skip_blanks(&mut self) -> (bool, bool) {
        let (from, mut line_ended) = (self.at, false);
        self.comment = false;
        while let Some(byte) = self.byte(0) {
            if is_space(byte) || byte == 0 {
                line_ended |= matches!(byte, b'\n' | b'\r');
                self.at += 1;
            } else if let Some(length) = wide_blank(self.text.get(self.at..).unwrap_or_default()) {
                line_ended |= self.byte(2).is_some_and(|last| matches!(last, 0xA8 | 0xA9));
                self.at += length;
            } else if self.starts_with(b"//")
                || self.starts_with(b"<!--")
                || ((line_ended || from == 0) && self.starts_with(b"-->"))
            {
                self.skip_line();
                self.comment = true;
            } else if self.starts_with(b"/*") {
                line_ended |= self.skip_block();
                self.comment = true;
            } else {
                break;
            }
        }
        (self.at > from, line_ended)
    }

    fn skip_line(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        // U+2028 and U+2029 end a line as well.
        let ends = |at: usize, byte: u8| match byte {
            b'\n' | b'\r' => true,
            0xE2 => matches!(rest.get(at + 1..at + 3), Some([0x80, 0xA8 | 0xA9])),
            _ => false,
        };
        self.at += rest.iter().enumerate().position(|(at, &byte)| ends(at, byte)).unwrap_or(rest.len());
    }

    fn skip_block(&mut self) -> bool {
        let rest = self.text.get(self.at + 2..).unwrap_or_default();
        let length = memchr::memmem::find(rest, b"*/").map_or(rest.len(), |length| length + 2);
        self.at += 2 + length;
        memchr::memchr2(b'\n', b'\r', rest.get(..length).unwrap_or_default()).is_some()
    }

    fn quoted(&mut self, quote: u8) -> bool {
        self.at += 1;
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\\' => self.at += 2,
                b'\n' | b'\r' if quote != b'`' => return false,
                _ => self.at += 1,
            }
            if byte == quote {
                return true;
            }
        }
        self.at = self.text.len();
        false
    }

    /// A regular expression, if the line has its end; otherwise nothing is consumed.
    fn regex(&mut self) -> bool {
        let (from, mut in_class) = (self.at, false);
        self.at += 1;
        while let Some(byte) = self.byte(0) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'\n' | b'\r' => break,
                b'/' if !in_class => {
                    while self.byte(0).is_some_and(|flag| flag.is_ascii_alphabetic()) {
                        self.at += 1;
                    }
                    return true;
                }
                _ => {}
            }
        }
        self.furthest = self.furthest.max(self.at);
        self.at = from;
        false
    }

    fn word(&mut self) {
        while let Some(byte) = self.byte(0) {
            if byte >= 0x80 && wide_blank(self.text.get(self.at..).unwrap_or_default()).is_some() {
                break;
            } else if is_word_byte(byte) {
                self.at += 1;
            } else if byte == b'\\' && self.byte(1) == Some(b'u') {
                self.at += 2;
                if self.byte(0) == Some(b'{') {
                    self.at += 1;
                    while self.byte(0).is_some_and(|digit| digit.is_ascii_hexdigit()) {
                        self.at += 1;
                    }
                    self.at += usize::from(self.byte(0) == Some(b'}'));
                }
            } else {
                break;
            }
        }
    }

    /// A number has one point: what follows a second one is a member, as in `1..toString()`.
    fn number(&mut self) {
        let (mut point, mut before) = (false, 0);
        while let Some(byte) = self.byte(0) {
            let exponent_sign = matches!(byte, b'+' | b'-')
                && matches!(before, b'e' | b'E')
                && self.byte(1).is_some_and(|digit| digit.is_ascii_digit());
            if !(byte.is_ascii_alphanumeric() || byte == b'_' || (byte == b'.' && !point) || exponent_sign) {
                break;
            }
            point |= byte == b'.';
            before = byte;
            self.at += 1;
        }
    }

    fn kind(&mut self, byte: u8) -> Kind {
        match byte {
            b'"' | b'\'' => Kind::Text { closed: self.quoted(byte) },
            b'`' => Kind::Template { closed: self.quoted(byte) },
            b'0'..=b'9' => {
                self.number();
                Kind::Number
            }
            b'.' if self.byte(1).is_some_and(|digit| digit.is_ascii_digit()) && !self.operand_before => {
                self.number();
                Kind::Number
            }
            b'/' if !self.operand_before => {
                if self.regex() {
                    return Kind::Regex;
                }
                self.mark(byte)
            }
            b'\\' if self.byte(1) == Some(b'u') => {
                self.word();
                Kind::Word
            }
            _ if is_word_byte(byte) => {
                self.word();
                Kind::Word
            }
            _ => self.mark(byte),
        }
    }

    fn mark(&mut self, byte: u8) -> Kind {
        for &(mark, kind) in MARKS {
            if mark.first() == Some(&byte) && self.starts_with(mark) {
                self.at += mark.len();
                return kind;
            }
        }
        self.at += 1;
        match byte {
            b'(' | b'[' | b'{' => Kind::Open(byte),
            b')' | b']' | b'}' => Kind::Close(byte),
            b'=' => Kind::Assign,
            b'.' => Kind::Dot,
            b';' => Kind::Semicolon,
            b',' => Kind::Comma,
            b':' => Kind::Colon,
            b'!' | b'~' => Kind::Prefix,
            b'+' | b'-' => Kind::Sign,
            b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'<' | b'>' | b'?' => Kind::Binary,
            _ => Kind::Unknown,
        }
    }
}

/// Marks of more than one byte, a longer one before its prefix.
const MARKS: &[(&[u8], Kind)] = &[
    (b"...", Kind::Spread),
    (b"===", Kind::Binary),
    (b"!==", Kind::Binary),
    (b">>>=", Kind::Assign),
    (b">>=", Kind::Assign),
    (b"<<=", Kind::Assign),
    (b"**=", Kind::Assign),
    (b"&&=", Kind::Assign),
    (b"||=", Kind::Assign),
    (b"??=", Kind::Assign),
    (b"=>", Kind::Arrow),
    (b"==", Kind::Binary),
    (b"!=", Kind::Binary),
    (b"<=", Kind::Binary),
    (b">=", Kind::Binary),
    (b"++", Kind::Step),
    (b"--", Kind::Step),
    (b"+=", Kind::Assign),
    (b"-=", Kind::Assign),
    (b"*=", Kind::Assign),
    (b"/=", Kind::Assign),
    (b"%=", Kind::Assign),
    (b"&=", Kind::Assign),
    (b"|=", Kind::Assign),
    (b"^=", Kind::Assign),
    (b"?.", Kind::Dot),
    (b"&&", Kind::Binary),
    (b"||", Kind::Binary),
    (b"??", Kind::Binary),
    (b"**", Kind::Binary),
    (b">>>", Kind::Binary),
    (b">>", Kind::Binary),
    (b"<<", Kind::Binary),
];

const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..=0xFF)
}

/// White space of two or three bytes: the no-break space, those of U+2000, and the byte order mark.
fn wide_blank(rest: &[u8]) -> Option<usize> {
    match rest {
        [0xC2, 0xA0 | 0x85, ..] => Some(2),
        [0xE2, 0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF, ..] | [0xE2, 0x81, 0x9F, ..] => Some(3),
        [0xE1, 0x9A, 0x80, ..] | [0xE3, 0x80, 0x80, ..] | [0xEF, 0xBB, 0xBF, ..] => Some(3),
        _ => None,
    }
}

/// Words after which an operand follows, so that a slash begins a regular expression.
const OPERATORS_IN_WORDS: &[&[u8]] =
    &[b"return", b"typeof", b"void", b"delete", b"throw", b"new", b"in", b"of", b"instanceof", b"case", b"do", b"else"];

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let (spaced, on_new_line) = self.skip_blanks();
        let start = self.at;
        let byte = self.byte(0)?;
        let kind = self.kind(byte);
        let end = self.at.min(self.text.len());
        self.furthest = self.furthest.max(end);
        self.operand_before = match kind {
            Kind::Word => !OPERATORS_IN_WORDS.contains(&self.text.get(start..end).unwrap_or_default()),
            Kind::Number | Kind::Text { .. } | Kind::Template { .. } | Kind::Regex => true,
            Kind::Close(byte) => byte != b'}',
            _ => false,
        };
        Some(Token { kind, start, end, spaced, on_new_line })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let tokens: Vec<&str> =
            Tokens::new(text.as_bytes(), false).filter_map(|token| text.get(token.start..token.end)).collect();
        assert_eq!(tokens, expected, "{text}");
    }

    #[test]
    fn tokens_are_told_apart() {
        check("alert(1)", &["alert", "(", "1", ")"]);
        check("a=/x[/]/g/2", &["a", "=", "/x[/]/g", "/", "2"]);
        check("\\u0061lert`1`", &["\\u0061lert", "`1`"]);
        check("x/*y*/=>'a\\'b'//c", &["x", "=>", "'a\\'b'"]);
        check("1e-3+.5", &["1e-3", "+", ".5"]);
        check("1..a", &["1.", ".", "a"]);
        check("<!--x\na\u{2028}b", &["a", "b"]);
    }

    #[test]
    fn no_bytes_make_it_panic() {
        for text in ["\\", "'\\", "`", "/", "/[", "\\u{", "0x", "/*", "..", "\u{e2}"] {
            assert!(Tokens::new(text.as_bytes(), false).count() < 4, "{text}");
        }
    }
}
