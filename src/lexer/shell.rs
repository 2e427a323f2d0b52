//! The POSIX shell and bash, with what the Windows command line does differently.
//!
//! A value rarely is a whole script: it lands in the middle of one, often inside quotes. So the
//! lexer starts wherever it is told to, and a quote that is never closed is a token of its own,
//! since the quotes around the value may close it. Words come without their disguise: `c'a't`,
//! `c\at`, `c^at`, `c$@at` and `$'\x63at'` all read `cat`, and `$IFS` and `{cat,/etc}` are
//! blanks.
//!
//! # What this does not protect from
//!
//! What a variable holds is not known: one that is no known blank or slash counts as empty.
//! Aliases, here-documents and arithmetic are words to it.

/// How many bytes of a word are kept; names of commands and files that matter are shorter.
const WORD_BYTES_MAX: usize = 96;

/// How far a list in braces may reach.
const BRACES_BYTES_MAX: usize = 96;

/// How far the end of a quotation is looked for: lexers may start at each separator of a value,
/// and all of them together have to stay linear in it.
const QUOTATION_BYTES_MAX: usize = 4_096;

/// One word as the shell reads it.
#[derive(Clone, Copy)]
pub struct Word {
    text: [u8; WORD_BYTES_MAX],
    length: usize,
    /// Quotes, escapes or empty expansions stood between the letters of the word.
    pub disguised: bool,
    /// All of it stood in quotes.
    pub quoted: bool,
    /// It has `*`, `?` or `[` outside quotes.
    pub glob: bool,
    /// It has an expansion: `$x`, `${x}`, `%x%`.
    pub expansion: bool,
    /// It is cut, and hardly anything of what was read is left of it: `c..`.
    pub hollow: bool,
}

impl Word {
    const fn empty() -> Self {
        Self {
            text: [0; WORD_BYTES_MAX],
            length: 0,
            disguised: false,
            quoted: false,
            glob: false,
            expansion: false,
            hollow: false,
        }
    }

    /// The bytes, cut where they grow too many.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.text.get(..self.length).unwrap_or_default()
    }

    fn push(&mut self, byte: u8) {
        if byte == b'/' && self.folds() {
            return;
        }
        if let Some(slot) = self.text.get_mut(self.length) {
            *slot = byte;
            self.length += 1;
        }
    }

    /// Makes `///` two slashes, `/.` nothing and `/x/..` a step back, so that no detour of a path
    /// pushes its end out of what is kept.
    fn folds(&mut self) -> bool {
        let kept = match self.bytes() {
            [.., b'/', b'/'] => self.length,
            [.., b'/', b'.'] => self.length - 1,
            [directory @ .., b'/', b'.', b'.'] => match memchr::memrchr(b'/', directory) {
                Some(slash) if !matches!(directory.get(slash + 1..), None | Some([] | [b'.'] | [b'.', b'.'])) => {
                    slash + 1
                }
                _ => return false,
            },
            _ => return false,
        };
        self.length = kept;
        true
    }
}

/// What a redirection does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Redirection {
    /// `<`: the word behind it is a file that is read.
    Reads,
    /// `>`, `>>`, `&>`: the word behind it is a file that is written.
    Writes,
    /// `<<`, `<<<`: the word behind it is a text.
    Here,
    /// `2>&1`: no word belongs to it.
    Duplicates,
}

/// A token of the shell.
#[derive(Clone, Copy)]
pub enum Token {
    /// A word; quotes and escapes are taken off.
    Word(Word),
    /// `;`, `&`, `&&`, `|`, `||`, a line end: what follows is a command.
    Separator,
    /// `$(`, `<(`, `>(` or `(`.
    Open,
    /// `)`.
    Close,
    /// A backtick, which opens or closes.
    Backtick,
    /// `<`, `>`, `>>`, `2>&1` and the like.
    Redirect(Redirection),
    /// A quote that is never closed: the one around the value, opened again.
    Quote,
    /// `#` at the start of a word; the rest of the line is one.
    Comment,
}

/// Reads tokens from a place in a value.
pub struct Lexer<'a> {
    value: &'a [u8],
    at: usize,
    /// Where reading ends, although the value may go on.
    end: usize,
    /// Inside `{cat,/etc/passwd}`, where commas are blanks.
    braces: bool,
    /// `$IFS` or a brace list stood for a blank: no honest text does that.
    pub odd_blanks: bool,
    /// A `${` was met that does not close.
    unclosed: bool,
}

impl<'a> Lexer<'a> {
    /// Starts at a byte of the value.
    #[must_use]
    pub const fn at(value: &'a [u8], at: usize) -> Self {
        Self::within(value, at, value.len())
    }

    /// Starts at a byte of the value, and reads no further than so many bytes.
    #[must_use]
    pub const fn within(value: &'a [u8], at: usize, bytes_max: usize) -> Self {
        Self { value, at, end: at.saturating_add(bytes_max), braces: false, odd_blanks: false, unclosed: false }
    }

    /// Goes back to a byte that was read.
    pub const fn back_to(&mut self, at: usize) {
        self.at = at;
        self.braces = false;
        self.odd_blanks = false;
    }

    /// Whether reading ended before the value did.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.at >= self.end && self.end < self.value.len()
    }

    /// The byte at which the next token, or the blank before it, begins.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// The byte that follows the last token, blanks included.
    #[must_use]
    pub fn following(&self) -> Option<u8> {
        self.value.get(self.at).copied()
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.value.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'a [u8] {
        self.value.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        while self.at < self.end {
            match self.peek(0) {
                b' ' | b'\t' => self.at += 1,
                b'\\' if self.peek(1) == b'\n' => {
                    self.at += 2;
                }
                b'{' if self.brace_list() => {
                    self.braces = true;
                    self.odd_blanks = true;
                    self.at += 1;
                }
                b',' | b'}' if self.braces => {
                    self.braces = self.peek(0) == b',';
                    self.at += 1;
                }
                b'%' => match cut_out(self.rest()) {
                    0 => return,
                    length => {
                        self.at += length;
                        self.odd_blanks = true;
                    }
                },
                b'$' => match blank_variable(self.rest()) {
                    0 => return,
                    length => {
                        self.at += length;
                        self.odd_blanks = true;
                    }
                },
                _ => return,
            }
        }
    }

    /// `{a,b}` without blanks is two words.
    fn brace_list(&self) -> bool {
        let inner = self.rest().get(1..).unwrap_or_default();
        let end =
            inner.iter().take(BRACES_BYTES_MAX).position(|byte| matches!(byte, b'}' | b' ' | b'\n' | b';' | b':'));
        let Some(end) = end.filter(|&end| inner.get(end) == Some(&b'}')) else { return false };
        inner.get(..end).is_some_and(|list| list.contains(&b','))
    }

    fn token(&mut self) -> Option<Token> {
        self.skip_blanks();
        let byte = *self.value.get(self.at).filter(|_| self.at < self.end)?;
        let (token, length) = match byte {
            b';' | b'\n' | b'\r' => (Token::Separator, 1),
            b'&' if matches!(self.peek(1), b'>') => (Token::Redirect(Redirection::Writes), 2),
            b'&' | b'|' => (Token::Separator, if self.peek(1) == byte { 2 } else { 1 }),
            b'$' | b'<' | b'>' if self.peek(1) == b'(' => (Token::Open, 2),
            b'(' => (Token::Open, 1),
            b')' => (Token::Close, 1),
            b'`' => (Token::Backtick, 1),
            b'<' | b'>' => self.redirect(0),
            b'0'..=b'9' if matches!(self.peek(1), b'<' | b'>') => self.redirect(1),
            b'#' => (Token::Comment, 1),
            0 => (Token::Separator, 1),
            _ => return Some(self.word()),
        };
        self.at += length;
        Some(token)
    }

    /// A redirection whose marks begin `from` bytes ahead, and its length.
    fn redirect(&self, from: usize) -> (Token, usize) {
        let marks = self.rest().iter().skip(from).take(3).take_while(|byte| matches!(byte, b'<' | b'>' | b'&')).count();
        let to = self.peek(from + marks);
        // The descriptor of `2>&1` belongs to it.
        let descriptor = self.peek(from + marks.saturating_sub(1)) == b'&' && (to.is_ascii_digit() || to == b'-');
        let kind = match (self.peek(from), self.peek(from + 1)) {
            _ if descriptor => Redirection::Duplicates,
            (b'<', b'<') => Redirection::Here,
            (b'<', _) => Redirection::Reads,
            _ => Redirection::Writes,
        };
        (Token::Redirect(kind), from + marks + usize::from(descriptor))
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        let mut word = Word::empty();
        while let Some(&byte) = self.value.get(self.at).filter(|_| self.at < self.end) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0 | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => break,
                b',' | b'}' if self.braces => break,
                b'\'' | b'"' => match self.quotation(byte, start, &mut word) {
                    Some(()) => {}
                    None if self.at == start => {
                        self.at += 1;
                        return Token::Quote;
                    }
                    None => break,
                },
                b'\\' | b'^' => self.escape(byte, start, &mut word),
                b'$' if self.peek(1) == b'(' && self.peek(2) != b')' => break,
                b'$' => {
                    if blank_variable(self.rest()) > 0 {
                        break;
                    }
                    self.variable(start, &mut word);
                }
                b'%' if self.at > start && cut_out(self.rest()) > 0 => break,
                b'%' => self.percent(&mut word),
                b'`' if self.peek(1) == b'`' => {
                    word.disguised = true;
                    self.at += 2;
                }
                b'`' => break,
                // `id#` at the end of a value: what a back end adds is cut off.
                b'#' if self.at > start && self.at + 1 == self.value.len() => break,
                _ => {
                    word.glob |= matches!(byte, b'*' | b'?' | b'[');
                    word.quoted = false;
                    word.push(byte);
                    self.at += 1;
                }
            }
        }
        if self.at == start {
            self.at += 1;
        }
        let cut = self.at >= self.end && self.at < self.value.len();
        word.hollow = cut && word.disguised && word.length > 0 && word.length * 8 < self.at - start;
        Token::Word(word)
    }

    /// A closed quotation joins the word; nothing when its end is missing.
    fn quotation(&mut self, quote: u8, start: usize, word: &mut Word) -> Option<()> {
        let inner = self.value.get(self.at + 1..)?;
        let length = memchr::memchr(quote, inner.get(..QUOTATION_BYTES_MAX).unwrap_or(inner))?;
        let after = inner.get(length + 1).copied().unwrap_or(0);
        // `c'a't` has letters on both sides; `'cat'` is an ordinary argument.
        word.quoted = self.at == start;
        word.disguised |= (self.at > start && word.length > 0) || (after.is_ascii_alphanumeric() && length < 16);
        inner.get(..length).unwrap_or_default().iter().for_each(|&byte| word.push(byte));
        self.at += length + 2;
        Some(())
    }

    /// `\x` and cmd's `^x` stand for `x`; in a Windows path a backslash separates.
    fn escape(&mut self, byte: u8, start: usize, word: &mut Word) {
        let next = self.peek(1);
        // A line that goes on behind its end: nothing stands between the letters.
        if byte == b'\\' && matches!(next, b'\n' | b'\r') {
            word.disguised |= word.length > 0;
            self.at += if (next, self.peek(2)) == (b'\r', b'\n') { 3 } else { 2 };
            return;
        }
        let path =
            byte == b'\\' && (word.bytes().contains(&b':') || self.peek(2).is_ascii_alphanumeric() && self.at == start);
        let odd = next.is_ascii_alphanumeric() && (byte == b'\\' || self.at > start);
        if path || byte == b'\\' && next == b'\\' {
            word.push(byte);
        }
        word.disguised |= odd && !path && word.bytes().last().is_none_or(u8::is_ascii_alphanumeric);
        self.at += 1;
        if !matches!(next, 0 | b' ' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'\'' | b'"' | b'`' | b'$') {
            word.push(next);
            self.at += 1;
        }
    }

    /// `$@`, `$9` and unset variables are nothing; `${HOME:0:1}` is a slash; `$'..'` is decoded.
    fn variable(&mut self, start: usize, word: &mut Word) {
        let inside = self.at > start;
        match self.peek(1) {
            b'\'' => return self.ansi_quotation(word),
            b'"' => {
                self.at += 1;
                return;
            }
            b'(' => self.at += 3,
            b'@' | b'*' | b'#' | b'?' | b'!' | b'$' | b'-' | b'0'..=b'9' => self.at += 2,
            b'{' => {
                let inner = self.rest().get(2..).unwrap_or_default();
                let close =
                    (!self.unclosed).then(|| inner.iter().take(BRACES_BYTES_MAX).position(|&byte| byte == b'}'));
                let length = close.flatten().unwrap_or(0);
                // One that does not close is looked for once, and not at each of a thousand openers.
                self.unclosed |= length == 0 && inner.first() != Some(&b'}');
                let name = inner.get(..length).unwrap_or_default();
                if name.contains(&b':') && name.last().is_some_and(u8::is_ascii_digit) {
                    word.push(b'/');
                    word.disguised = true;
                }
                self.at += length + 3;
            }
            _ => {
                let name = self.rest().iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
                self.at += 1 + name.count();
            }
        }
        self.at = self.at.min(self.value.len());
        let next = self.peek(0);
        word.disguised |= (inside || word.length > 0) && next.is_ascii_alphanumeric();
        word.expansion = true;
    }

    fn ansi_quotation(&mut self, word: &mut Word) {
        self.at += 2;
        word.disguised = true;
        let end = self.at + QUOTATION_BYTES_MAX;
        while let Some(&byte) = self.value.get(self.at).filter(|_| self.at < end) {
            self.at += 1;
            match byte {
                b'\'' => return,
                b'\\' => {
                    let (code, length) = escape_code(self.rest());
                    word.push(code);
                    self.at += length;
                }
                _ => word.push(byte),
            }
        }
    }

    /// `%COMSPEC%`, and cmd's cut-outs such as `%PATH:~0,1%`.
    fn percent(&mut self, word: &mut Word) {
        let inner = self.rest().get(1..).unwrap_or_default();
        let end = inner.iter().take(40).position(|&byte| byte == b'%' || byte == b' ').unwrap_or(0);
        let name = inner.get(..end).unwrap_or_default();
        if end == 0 || inner.get(end) != Some(&b'%') || !name.first().is_some_and(u8::is_ascii_alphabetic) {
            word.push(b'%');
            self.at += 1;
            return;
        }
        word.expansion = true;
        if name.eq_ignore_ascii_case(b"comspec") {
            b"cmd".iter().for_each(|&byte| word.push(byte));
        }
        self.at += end + 2;
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.token()
    }
}

/// The length of a cut-out of cmd at the start (`%ProgramFiles:~10,-5%`), or 0. What it cuts out is a
/// blank where it stands between words, and no honest text has one.
fn cut_out(rest: &[u8]) -> usize {
    let end = rest.iter().skip(1).take(40).position(|&byte| matches!(byte, b'%' | b' ' | b'\n')).unwrap_or(0);
    let name = rest.get(1..end + 1).unwrap_or_default();
    let cuts = rest.get(end + 1) == Some(&b'%') && memchr::memmem::find(name, b":~").is_some_and(|colon| colon > 1);
    if cuts { end + 2 } else { 0 }
}

/// The length of a variable at the start that holds blanks (`$IFS`, `${IFS%??}`, `$IFS$9`), or 0.
fn blank_variable(rest: &[u8]) -> usize {
    let length = if rest.starts_with(b"$IFS") {
        4
    } else if rest.starts_with(b"${IFS") {
        let end = rest.iter().take(24).position(|&byte| byte == b'}');
        end.map_or(0, |end| end + 1)
    } else {
        0
    };
    let tail = rest.get(length..).unwrap_or_default();
    let nothing = length > 0 && tail.first() == Some(&b'$') && matches!(tail.get(1), Some(b'0'..=b'9' | b'@' | b'*'));
    length + if nothing { 2 } else { 0 }
}

/// The byte that an escape inside `$'..'` stands for, and the length of what follows `\`.
fn escape_code(rest: &[u8]) -> (u8, usize) {
    let digits = |from: usize, most: usize, radix: u32| {
        let digits = rest.iter().skip(from).take(most).map_while(|&byte| (byte as char).to_digit(radix));
        digits.fold((0_u32, from), |(code, used), digit| (code * radix + digit, used + 1))
    };
    let (code, used) = match rest.first() {
        Some(b'x') => digits(1, 2, 16),
        Some(b'u') => digits(1, 4, 16),
        Some(b'0'..=b'7') => digits(0, 3, 8),
        Some(b'n') => (10, 1),
        Some(b't') => (9, 1),
        Some(&other) => (u32::from(other), 1),
        None => (u32::from(b'\\'), 0),
    };
    (code as u8, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> String {
        let words = Lexer::at(value.as_bytes(), 0).map(|token| match token {
            Token::Word(word) => String::from_utf8_lossy(word.bytes()).into_owned(),
            Token::Separator => ";".to_owned(),
            Token::Open => "(".to_owned(),
            Token::Close => ")".to_owned(),
            Token::Backtick => "`".to_owned(),
            Token::Redirect(_) => ">".to_owned(),
            Token::Quote => "'".to_owned(),
            Token::Comment => "#".to_owned(),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn disguises_are_taken_off() {
        for (value, expected) in [
            ("cat /etc/passwd", "cat /etc/passwd"),
            ("c'a't /etc/passwd", "cat /etc/passwd"),
            ("c\"\"at /et\\c/pas's'wd", "cat /etc/passwd"),
            ("c\\at /etc/passwd", "cat /etc/passwd"),
            ("wh^oami", "whoami"),
            ("who$@ami", "whoami"),
            ("who$9ami", "whoami"),
            ("who$()ami", "whoami"),
            ("cat$IFS/etc/passwd", "cat /etc/passwd"),
            ("cat${IFS}/etc/passwd", "cat /etc/passwd"),
            ("cat$IFS$9/etc/passwd", "cat /etc/passwd"),
            ("{cat,/etc/passwd}", "cat /etc/passwd"),
            ("$'\\x63at' x", "cat x"),
            ("$'\\143at' x", "cat x"),
            ("cat ${HOME:0:1}etc${HOME:0:1}passwd", "cat /etc/passwd"),
            ("cat<a>>b 2>&1", "cat > a > b >"),
            ("id;';id", "id ; ' ; id"),
            ("a|b||c&d&&e", "a ; b ; c ; d ; e"),
            ("`id` $(id) # x", "` id ` ( id ) # x"),
            ("%ComSpec% /c dir", "cmd /c dir"),
            ("type C:\\windows\\win.ini", "type C:\\windows\\win.ini"),
            ("100% cotton", "100% cotton"),
            ("c\\\nat x", "cat x"),
            ("/usr/../bin/./x/../cat", "/bin/cat"),
            ("////bin///cat ../../a", "//bin//cat ../../a"),
        ] {
            assert_eq!(read(value), expected, "{value}");
        }
    }

    #[test]
    fn no_input_makes_it_stop_or_fail() {
        for byte in 0..=255_u8 {
            for other in [b'\'', b'$', b'{', b'\\', b'%', b'`', b'a'] {
                let value = [byte, other, byte, b'{', other, b'$', byte];
                assert!(Lexer::at(&value, 0).count() <= value.len());
            }
        }
    }
}
