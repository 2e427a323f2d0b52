//! SQL in all its dialects at once: MySQL, PostgreSQL, SQL Server, Oracle and SQLite.
//!
//! The lexer answers one question: which token stands at this position, if the text there is code?
//! It has no state of its own beside a memory of where the last strings and comments ended, so a reader
//! may start anywhere (behind any quote, say), and many readings of one value cost little more than one.
//! Comments are blank, those that MySQL runs (`/*!50000 .. */`) are code, and a comment that swallows
//! the rest of the value is a token, since that is how an injected text ends.
//!
//! # What this does not protect from
//!
//! Where dialects disagree it takes the reading that lets more text be code: `#` always begins a comment,
//! `"` a string, `--` a comment without a space behind it. A tagged dollar quote (`$tag$`) is read to the
//! end of the value when its second tag does not come within [`TAGGED_BYTES_MAX`].

mod skip;
mod word;

pub use word::Word;

use skip::Ends;

/// How far the second half of a bracketed name or of a tagged string is looked for.
const TAGGED_BYTES_MAX: usize = 256;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The end of the value.
    End,
    /// A comment that runs to the end of the value.
    Comment,
    /// A word, with the part that it plays.
    Word(Word),
    /// A number in any notation.
    Number,
    /// A string; `closed` when its end is part of the value.
    Text {
        /// Whether the value holds the end of it.
        closed: bool,
    },
    /// A quoted name: `` `name` `` or `[name]`.
    Name,
    /// `@name`, `@@name`, `:name`, `?`.
    Variable,
    /// `=`, `<>`, `<=>`, `~`, and so on.
    Compare,
    /// `+`, `-`, `*`, `/`, `%`, `^`, `|`, `&` and shifts.
    Arithmetic,
    /// `||` and `&&`.
    Logic,
    /// `!`.
    Not,
    /// `:=`.
    Assign,
    /// `::`.
    Cast,
    /// `(`, and `{` with the word behind it.
    Open,
    /// `)` and `}`.
    Close,
    /// `,`.
    Comma,
    /// `;`.
    Semicolon,
    /// `.`.
    Dot,
    /// A byte that begins no token.
    Other,
}

/// One token, and what stood before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
    /// Whether anything blank stood before it.
    pub spaced: bool,
    /// Where the code went on behind the last comment before it, if there was one.
    pub behind_comment: Option<usize>,
}

/// Reads tokens from any position of one value.
pub struct Lexer<'a> {
    value: &'a [u8],
    ends: Ends,
}

impl<'a> Lexer<'a> {
    /// A lexer of this value.
    #[must_use]
    pub fn new(value: &'a [u8]) -> Self {
        Self { value, ends: Ends::default() }
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &'a [u8] {
        self.value
    }

    /// The bytes of a token.
    #[must_use]
    pub fn text(&self, token: Token) -> &'a [u8] {
        self.value.get(token.start..token.end).unwrap_or_default()
    }

    /// The token at this position, behind what is blank there.
    pub fn token_at(&mut self, position: usize) -> Token {
        let blank = self.blank(position);
        let start = blank.end;
        let (kind, end) = if blank.comment_to_the_end {
            (Kind::Comment, self.value.len())
        } else {
            match self.byte(start) {
                Some(byte) => self.token(byte, start),
                None => (Kind::End, start),
            }
        };
        Token { kind, start, end, spaced: start > position, behind_comment: blank.behind_comment }
    }

    fn byte(&self, position: usize) -> Option<u8> {
        self.value.get(position).copied()
    }

    fn rest(&self, position: usize) -> &'a [u8] {
        self.value.get(position..).unwrap_or_default()
    }

    fn blank(&mut self, position: usize) -> Blank {
        let mut blank = Blank { end: position, ..Blank::default() };
        loop {
            let rest = self.rest(blank.end);
            let length = blank_length(rest);
            if length > 0 {
                blank.end += length;
                continue;
            }
            let end = match rest {
                [b'-', b'-', ..] | [b'#', ..] => self.ends.line(self.value, blank.end),
                [b'/', b'*', b'!', after @ ..] => {
                    Some(blank.end + 3 + after.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count())
                }
                [b'/', b'*', ..] => self.ends.comment(self.value, blank.end + 2),
                [b'*', b'/', b'*', ..] => return blank,
                [b'*', b'/', ..] => Some(blank.end + 2),
                _ => return blank,
            };
            let Some(end) = end else {
                blank.comment_to_the_end = true;
                return blank;
            };
            blank.end = end;
            blank.behind_comment = Some(end);
        }
    }

    fn token(&mut self, byte: u8, start: usize) -> (Kind, usize) {
        match byte {
            b'0'..=b'9' => (Kind::Number, start + number_length(self.rest(start))),
            b'.' if self.byte(start + 1).is_some_and(|next| next.is_ascii_digit()) => {
                (Kind::Number, start + number_length(self.rest(start)))
            }
            b'\'' | b'"' => self.quoted(start, byte),
            b'`' => match self.ends.quote(self.value, start + 1, b'`') {
                Some(end) => (Kind::Name, end + 1),
                None => (Kind::Text { closed: false }, self.value.len()),
            },
            b'$' => self.dollar(start),
            b'[' => bracketed(self.rest(start)).map_or((Kind::Other, start + 1), |length| (Kind::Name, start + length)),
            b'\\' if self.byte(start + 1) == Some(b'N') => (Kind::Word(Word::Constant), start + 2),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => self.word(start),
            b'@' | b':' | b'?' => self.variable(start, byte),
            b'{' => {
                let inner = start + 1 + blank_length(self.rest(start + 1));
                (Kind::Open, inner + word_length(self.rest(inner)))
            }
            _ => {
                let (kind, length) = operator(self.rest(start));
                (kind, start + length)
            }
        }
    }

    fn quoted(&mut self, start: usize, quote: u8) -> (Kind, usize) {
        match self.ends.quote(self.value, start + 1, quote) {
            Some(end) => (Kind::Text { closed: true }, end + 1),
            None => (Kind::Text { closed: false }, self.value.len()),
        }
    }

    fn word(&mut self, start: usize) -> (Kind, usize) {
        let length = word_length(self.rest(start)).max(1);
        let end = start + length;
        let word = self.value.get(start..end).unwrap_or_default();
        match self.byte(end) {
            Some(b'\'') if is_string_prefix(word, self.byte(end + 1)) => match oracle_quote(word, self.rest(end)) {
                Some(quoted) => (Kind::Text { closed: true }, end + quoted),
                None => self.quoted(end, b'\''),
            },
            Some(b'&') if word.eq_ignore_ascii_case(b"u") && self.byte(end + 1) == Some(b'\'') => {
                self.quoted(end + 1, b'\'')
            }
            _ => (Kind::Word(Word::of(word)), end),
        }
    }

    fn variable(&self, start: usize, byte: u8) -> (Kind, usize) {
        let rest = self.rest(start);
        let sigils = rest.iter().take(2).take_while(|&&next| next == byte).count();
        let name = word_length(self.rest(start + sigils));
        match (byte, sigils, rest.get(1)) {
            (b'@', 1, Some(b'>' | b'@')) => (Kind::Compare, start + 2),
            (b'@', ..) => (Kind::Variable, start + sigils + name),
            (b':', 2, _) => (Kind::Cast, start + 2),
            (b':', _, Some(b'=')) => (Kind::Assign, start + 2),
            (b':', ..) if name > 0 => (Kind::Variable, start + 1 + name),
            (b'?', ..) => (Kind::Variable, start + 1),
            _ => (Kind::Other, start + 1),
        }
    }

    fn dollar(&mut self, start: usize) -> (Kind, usize) {
        let tag = word_length(self.rest(start + 1).split(|&byte| byte == b'$').next().unwrap_or_default());
        if tag == 0 && self.byte(start + 1) == Some(b'$') {
            return match self.ends.dollars(self.value, start + 2) {
                Some(end) => (Kind::Text { closed: true }, end + 2),
                None => (Kind::Text { closed: false }, self.value.len()),
            };
        }
        let after = start + 1 + tag;
        if tag == 0 || self.byte(after) != Some(b'$') {
            let name = word_length(self.rest(start + 1));
            return if name == 0 { (Kind::Other, start + 1) } else { (Kind::Variable, start + 1 + name) };
        }
        let delimiter = self.value.get(start..=after).unwrap_or_default();
        let window = self.rest(after + 1);
        let window = window.get(..TAGGED_BYTES_MAX).unwrap_or(window);
        match memchr::memmem::find(window, delimiter) {
            Some(offset) => (Kind::Text { closed: true }, after + 1 + offset + delimiter.len()),
            None => (Kind::Text { closed: false }, self.value.len()),
        }
    }
}

#[derive(Default)]
struct Blank {
    end: usize,
    behind_comment: Option<usize>,
    comment_to_the_end: bool,
}

/// The length of the white space that begins here: what at least one back end takes for it.
fn blank_length(rest: &[u8]) -> usize {
    match rest {
        [0..=0x20 | 0x7f | 0xa0, ..] => 1,
        [0xc2, 0x85 | 0xa0, ..] => 2,
        [0xe2, 0x80, 0x80..=0x8b | 0xa8 | 0xa9 | 0xaf, ..] | [0xe3, 0x80, 0x80, ..] | [0xef, 0xbb, 0xbf, ..] => 3,
        [b'\\', b'0'..=b'9', ..] => 1,
        [b'0'..=b'9', ..] => idle_number_length(rest),
        _ => 0,
    }
}

/// MySQL drops a number such as `1.e` before a bracket, a dot or a quoted name.
fn idle_number_length(rest: &[u8]) -> usize {
    let digits = rest.iter().take(16).take_while(|byte| byte.is_ascii_digit()).count();
    match rest.get(digits..) {
        Some([b'.', b'e' | b'E', b'(' | b'.' | b'`', ..]) => digits + 2,
        _ => 0,
    }
}

fn word_length(rest: &[u8]) -> usize {
    let mut length = 0;
    while let Some(&byte) = rest.get(length) {
        let part = byte.is_ascii_alphanumeric()
            || byte == b'_'
            || (byte == b'$' && length > 0)
            || (byte >= 0x80 && !begins_blank(rest, length));
        if !part {
            break;
        }
        length += 1;
    }
    length
}

/// Whether white space beyond ASCII begins at this byte, and no letter ends with it.
fn begins_blank(rest: &[u8], position: usize) -> bool {
    let letter_goes_on = position > 0 && rest.get(position - 1).is_some_and(|&byte| byte >= 0x80);
    let blank = blank_length(rest.get(position..).unwrap_or_default());
    blank > 1 || (blank == 1 && !letter_goes_on)
}

fn number_length(rest: &[u8]) -> usize {
    let digits = |from: usize| rest.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    if let [b'0', b'x' | b'X', first, ..] = rest
        && first.is_ascii_hexdigit()
    {
        return 2 + rest.iter().skip(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
    }
    if let [b'0', b'b' | b'B', b'0' | b'1', ..] = rest {
        return 2 + rest.iter().skip(2).take_while(|byte| matches!(byte, b'0' | b'1')).count();
    }
    let mut length = digits(0);
    let dotted = rest.get(length) == Some(&b'.') && rest.get(length + 1) != Some(&b'.');
    if dotted {
        length += 1 + digits(length + 1);
    }
    if let Some(b'e' | b'E') = rest.get(length) {
        let sign = usize::from(matches!(rest.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        let ends = !rest.get(length + 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        // MySQL takes `1.e` for a number, whatever comes behind it.
        if exponent > 0 {
            length += 1 + sign + exponent;
        } else if dotted && ends {
            length += 1;
        }
    }
    length
}

fn bracketed(rest: &[u8]) -> Option<usize> {
    let inner = rest.get(1..)?.iter().take(TAGGED_BYTES_MAX);
    let length = inner.take_while(|byte| byte.is_ascii_alphanumeric() || b"_ .$#@".contains(byte)).count();
    (length > 0 && rest.get(1 + length) == Some(&b']')).then_some(length + 2)
}

fn is_string_prefix(word: &[u8], first: Option<u8>) -> bool {
    match word {
        [b'_', ..] => true,
        // `A' or B'` are primes.
        [b'x' | b'X' | b'b' | b'B'] => first.is_some_and(|byte| byte.is_ascii_hexdigit() || byte == b'\''),
        [one] => b"nNeEqQ".contains(one),
        [b'n' | b'N', b'q' | b'Q'] => true,
        _ => false,
    }
}

/// The length of an Oracle string with a delimiter of its own, `q'[..]'`, from its quote on.
fn oracle_quote(word: &[u8], rest: &[u8]) -> Option<usize> {
    let (b'q' | b'Q') = word.last()? else { return None };
    let closing = match rest.get(1)? {
        b'[' => b']',
        b'(' => b')',
        b'{' => b'}',
        b'<' => b'>',
        &other => other,
    };
    let window = rest.get(2..)?;
    let window = window.get(..TAGGED_BYTES_MAX).unwrap_or(window);
    memchr::memmem::find(window, &[closing, b'\'']).map(|offset| 2 + offset + 2)
}

fn operator(rest: &[u8]) -> (Kind, usize) {
    match rest {
        [b'<', b'=', b'>', ..] => (Kind::Compare, 3),
        [b'!', b'~', b'*', ..] => (Kind::Compare, 3),
        [b'-', b'>', b'>', ..] => (Kind::Arithmetic, 3),
        [b'|', b'|', ..] | [b'&', b'&', ..] => (Kind::Logic, 2),
        [b'<', b'<', ..] | [b'>', b'>', ..] | [b'-', b'>', ..] => (Kind::Arithmetic, 2),
        [b'<', b'=' | b'>' | b'@', ..] | [b'>' | b'=' | b'^' | b'~', b'=', ..] => (Kind::Compare, 2),
        [b'!', b'=' | b'<' | b'>' | b'~', ..] | [b'~', b'*' | b'~', ..] => (Kind::Compare, 2),
        [b'=' | b'<' | b'>', ..] => (Kind::Compare, 1),
        [b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'|' | b'&' | b'~', ..] => (Kind::Arithmetic, 1),
        [b'!', ..] => (Kind::Not, 1),
        [b'(', ..] => (Kind::Open, 1),
        [b')' | b'}', ..] => (Kind::Close, 1),
        [b',', ..] => (Kind::Comma, 1),
        [b';', ..] => (Kind::Semicolon, 1),
        [b'.', ..] => (Kind::Dot, 1),
        _ => (Kind::Other, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(value: &str) -> Vec<Kind> {
        let mut lexer = Lexer::new(value.as_bytes());
        let mut kinds = Vec::new();
        let mut position = 0;
        loop {
            let token = lexer.token_at(position);
            kinds.push(token.kind);
            if matches!(token.kind, Kind::End | Kind::Comment) {
                return kinds;
            }
            assert!(token.end > position, "no progress in {value}");
            position = token.end;
        }
    }

    const TEXT: Kind = Kind::Text { closed: true };
    const OPEN_TEXT: Kind = Kind::Text { closed: false };
    const PLAIN: Kind = Kind::Word(Word::Plain);

    #[test]
    fn every_quote_makes_a_string_or_a_name() {
        for value in
            ["'a''b'", "'a\\'b'", "\"a\"", "N'a'", "x'41'", "_utf8'a'", "q'[it's]'", "q'!a!'", "$$a'b$$", "$t$a$t$"]
        {
            assert_eq!(kinds(value), [TEXT, Kind::End], "{value}");
        }
        for value in ["`a b`", "[a b]"] {
            assert_eq!(kinds(value), [Kind::Name, Kind::End], "{value}");
        }
        assert_eq!(kinds("'a\\'"), [TEXT, Kind::End], "without a later quote, the backslash is no escape");
        assert_eq!(kinds("'a"), [OPEN_TEXT, Kind::End]);
    }

    #[test]
    fn numbers_end_where_words_begin() {
        for value in ["1union", "1e0union", "1.union", ".1union", "0x1funion", "1.5e-3union"] {
            assert_eq!(kinds(value), [Kind::Number, Kind::Word(Word::Union), Kind::End], "{value}");
        }
        assert_eq!(kinds("1.e(1)"), [Kind::Open, Kind::Number, Kind::Close, Kind::End]);
    }

    #[test]
    fn comments_are_blank_and_those_that_run_are_code() {
        for value in ["a/**/or", "a--x\nor", "a#x\nor", "a/*!50000or*/", "a /*!or", "a\u{a0}or", "a\u{b}or"] {
            assert_eq!(kinds(value), [PLAIN, Kind::Word(Word::Logic), Kind::End], "{value}");
        }
        for value in ["a--", "a#b", "a/*b", "a -- b"] {
            assert_eq!(kinds(value), [PLAIN, Kind::Comment], "{value}");
        }
    }

    #[test]
    fn operators_of_every_dialect_are_known() {
        for value in ["=", "<=>", "!=", "^=", "<>", "~*", "@>"] {
            assert_eq!(kinds(value), [Kind::Compare, Kind::End], "{value}");
        }
        assert_eq!(kinds("@@version :=a::b"), [Kind::Variable, Kind::Assign, PLAIN, Kind::Cast, PLAIN, Kind::End]);
    }

    #[test]
    fn no_bytes_stop_the_lexer() {
        let mut state = 7_u32;
        for length in 0..400 {
            let value: Vec<u8> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let byte = (state >> 24) as u8;
                    if byte & 3 == 0 { b"'\"`/*-#$@[]q\\\n"[usize::from(byte >> 2) % 14] } else { byte }
                })
                .collect();
            let mut lexer = Lexer::new(&value);
            let mut position = 0;
            while position < value.len() {
                let token = lexer.token_at(position);
                assert!(token.end > position && token.end <= value.len() && token.start >= position);
                position = token.end;
            }
        }
    }
}
