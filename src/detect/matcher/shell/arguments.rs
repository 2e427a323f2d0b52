//! What stands behind a command's name, up to its end.
//!
//! # What this does not protect from
//!
//! Prose of more than some two dozen words: a file of the system behind it makes a finding less sure.

use super::names::cmdlet;
use crate::detect::matcher::system_file::{self, Grade};
use crate::lexer::shell::{Lexer, Redirection, Token, Word};

/// Where a command ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tail {
    End,
    Separator,
    Close,
    Backtick,
    Quote,
    Comment,
    /// A parenthesis, or more words than a command that is injected has.
    Other,
}

/// What stands after the name, up to the end of the command.
#[derive(Clone, Copy)]
pub(super) struct Arguments {
    pub count: usize,
    /// Words of letters only.
    pub plain: usize,
    /// `-a`, `--all`.
    pub flags: usize,
    /// `/etc`, `./x`, `~/x`, `c:\x`.
    pub paths: usize,
    /// A file of the system that no post needs to name in a command.
    pub sensitive: bool,
    /// The same, behind so many words that they are prose.
    pub sensitive_late: bool,
    /// `name.ext`.
    pub files: usize,
    /// An address or URL.
    pub addresses: usize,
    /// `user@host`.
    pub logins: usize,
    pub numbers: usize,
    /// `X=1`.
    pub assignments: usize,
    /// `$x`, wildcards, quotations, `%x%`.
    pub dynamic: bool,
    pub redirect: bool,
    /// `$(`, a backtick with more behind it.
    pub substitution: bool,
    /// `=`, `:` and what else no argument is.
    pub foreign: bool,
    pub first: [u8; FIRST_BYTES],
    pub tail: Tail,
    pub end: usize,
    pub odd: bool,
}

const ARGUMENTS_MAX: usize = 24;

/// As much of the first argument as is looked at: `-EncodedCommand` is the longest.
const FIRST_BYTES: usize = 16;

/// Reads what follows a command's name.
pub(super) fn arguments(lexer: &mut Lexer<'_>, in_backticks: bool) -> Arguments {
    let mut found = Arguments::none(lexer);
    let mut redirected = None;
    let mut tokens = 0;
    let mut prose = false;
    loop {
        let token = lexer.next();
        tokens += 1;
        prose |= tokens > ARGUMENTS_MAX && found.plain > 3;
        if prose {
            match token {
                Some(Token::Word(word)) => found.sensitive_late |= word.bytes().contains(&b'/') && is_sensitive(&word),
                Some(Token::Redirect(_)) => {}
                _ => {
                    found.tail = Tail::Other;
                    return found;
                }
            }
            continue;
        }
        found.odd = lexer.odd_blanks;
        match token {
            None => {
                found.tail = if lexer.is_cut() { Tail::Other } else { Tail::End };
                return found;
            }
            Some(Token::Word(word)) => {
                let plain = found.plain;
                match redirected {
                    // `base64 -d<<<aWQ=`: a text, and no argument.
                    Some(Redirection::Here) => found.dynamic = true,
                    _ => found.add(&word),
                }
                // The file of a redirection is no argument.
                found.plain = if redirected.is_some() { plain } else { found.plain };
                redirected = None;
            }
            Some(Token::Redirect(kind)) => {
                found.redirect = true;
                redirected = Some(kind).filter(|&kind| kind != Redirection::Duplicates);
            }
            Some(Token::Open) => {
                // `$(..)` inside arguments; what is in it is judged where it begins.
                found.substitution = true;
                found.tail = Tail::Other;
                return found;
            }
            Some(Token::Separator) => {
                found.tail = Tail::Separator;
                return found;
            }
            Some(Token::Close) => {
                found.tail = Tail::Close;
                return found;
            }
            Some(Token::Backtick) => {
                found.substitution = !in_backticks;
                found.tail = Tail::Backtick;
                return found;
            }
            Some(Token::Quote) => {
                found.tail = Tail::Quote;
                return found;
            }
            Some(Token::Comment) => {
                found.tail = Tail::Comment;
                return found;
            }
        }
        found.end = lexer.offset();
    }
}

impl Arguments {
    /// Nothing behind the name; the command ends where the lexer stands.
    pub(super) fn none(lexer: &Lexer<'_>) -> Self {
        Self {
            count: 0,
            plain: 0,
            flags: 0,
            paths: 0,
            sensitive: false,
            sensitive_late: false,
            files: 0,
            addresses: 0,
            logins: 0,
            numbers: 0,
            assignments: 0,
            dynamic: false,
            redirect: false,
            substitution: false,
            foreign: false,
            first: [0; FIRST_BYTES],
            tail: Tail::End,
            end: lexer.offset(),
            odd: false,
        }
    }

    fn add(&mut self, word: &Word) {
        let bytes = word.bytes();
        // `-d @/etc/passwd`
        let bytes = bytes.strip_prefix(b"@").filter(|file| file.first() == Some(&b'/')).unwrap_or(bytes);
        if self.count == 0 {
            self.first.iter_mut().zip(bytes).for_each(|(to, from)| *to = from.to_ascii_lowercase());
        }
        self.count += 1;
        self.odd |= word.disguised && bytes.len() > 1;
        self.dynamic |= word.glob || word.expansion || word.quoted;
        self.sensitive |= is_sensitive_path(bytes);
        // `powershell Get-Process` is told what to do as if by an option.
        self.flags += usize::from(cmdlet(bytes).is_some());
        // `socat tcp:host:443 exec:sh`
        self.sensitive |= bytes.get(..5).is_some_and(|head| head.eq_ignore_ascii_case(b"exec:"));
        self.sensitive |= word.quoted && memchr::memmem::find(bytes, b"system(").is_some();
        self.logins += usize::from(is_login(bytes));
        self.assignments += usize::from(super::is_assignment(bytes));
        let behind_target = self.paths + self.addresses > 0 && bytes.iter().all(u8::is_ascii_alphabetic);
        match bytes {
            [] => {}
            // What follows a file or a host takes nothing from the command: `rm -rf / all of it`.
            _ if behind_target => {}
            [.., b':'] if is_login(bytes) => {}
            [b'-', b'a'..=b'z' | b'A'..=b'Z' | b'-', ..] | [b'-', b'0'..=b'9'] => self.flags += 1,
            [b'/' | b'~', ..] | [b'.', b'/', ..] | [b'.', b'.', ..] => self.paths += 1,
            [_, b':', b'\\' | b'/', ..] => self.paths += 1,
            [drive, b':'] if drive.is_ascii_alphabetic() => self.paths += 1,
            b"localhost" => self.addresses += 1,
            _ if bytes.iter().all(u8::is_ascii_alphabetic) => self.plain += usize::from(!word.quoted),
            _ if is_number(bytes) => self.numbers += 1,
            _ if is_address(bytes) => {
                self.addresses += 1;
                self.files += usize::from(is_file(bytes));
            }
            // `5/6/2020` is a date.
            [b'0'..=b'9', ..] if bytes.contains(&b'/') => self.foreign = true,
            _ if bytes.contains(&b'/') || bytes.contains(&b'\\') => self.paths += 1,
            _ if is_file(bytes) => self.files += 1,
            _ if !word.quoted => {
                self.foreign |=
                    matches!(bytes, [b'=', ..] | [b':', ..]) || matches!(bytes.last(), Some(b':' | b'=' | b','));
                self.plain +=
                    usize::from(bytes.iter().all(|byte| byte.is_ascii_alphabetic() || b",.!?:'".contains(byte)));
            }
            _ => {}
        }
    }

    /// More words than a command takes: a sentence that begins like one.
    pub(super) const fn is_prose(&self) -> bool {
        self.plain > 1 + self.flags && !self.sensitive || self.plain > 3
    }

    /// Whether the command ends where one that was injected ends.
    pub(super) fn ends_cleanly(&self) -> bool {
        !matches!(self.tail, Tail::Other)
    }

    /// Whether there is nothing but options.
    pub(super) const fn is_options_only(&self) -> bool {
        self.count > 0 && self.flags == self.count
    }

    pub(super) fn first_is(&self, words: &[&str]) -> bool {
        let length = self.first.iter().position(|&byte| byte == 0).unwrap_or(self.first.len());
        self.first.get(..length).is_some_and(|first| words.iter().any(|word| word.as_bytes() == first))
    }
}

/// Whether a word names a file of the system.
pub(super) fn is_sensitive(word: &Word) -> bool {
    is_sensitive_path(word.bytes())
}

fn is_sensitive_path(bytes: &[u8]) -> bool {
    let system = matches!(system_file::grade(bytes), Some(Grade::System))
        || bytes.contains(&b'/') && matches!(system_file::grade_relative(bytes), Some(Grade::System));
    system || is_shell_path(bytes) || is_below_windows(bytes)
}

/// `/bin/sh` as an argument, and bash's sockets.
fn is_shell_path(word: &[u8]) -> bool {
    word.starts_with(b"/dev/tcp/")
        || word.starts_with(b"/dev/udp/")
        || [&b"/bin/sh"[..], b"/bin/bash", b"/bin/zsh", b"/bin/dash"].contains(&word)
}

/// `%SYSTEMROOT%\\win.ini`.
fn is_below_windows(word: &[u8]) -> bool {
    let below = |root: &str| {
        word.get(..root.len()).is_some_and(|head| head.eq_ignore_ascii_case(root.as_bytes()))
            && matches!(word.get(root.len()), Some(b'\\' | b'/'))
    };
    below("%systemroot%") || below("%windir%")
}

/// `5`, `0.5`, `10s`.
pub(super) fn is_number(word: &[u8]) -> bool {
    let digits = word.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    digits > 0
        && matches!(word.get(digits..), Some([] | [b's' | b'm' | b'h']))
        && word.iter().filter(|&&b| b == b'.').count() < 2
}

/// `user@host`, as `ssh` takes it.
fn is_login(word: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'@', word) else { return false };
    let (user, host) = (word.get(..at).unwrap_or_default(), word.get(at + 1..).unwrap_or_default());
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
    !user.is_empty() && !host.is_empty() && user.iter().chain(host).all(plain)
}

/// An IPv4 address, a URL, or a host name.
fn is_address(word: &[u8]) -> bool {
    if memchr::memmem::find(word, b"://").is_some() {
        return true;
    }
    // `root@10.0.0.1`, and not everybody's mail address.
    if let Some(at) = memchr::memchr(b'@', word) {
        let (user, host) = (word.get(..at).unwrap_or_default(), word.get(at + 1..).unwrap_or_default());
        let digits = host.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':'));
        return (user == b"root" || digits) && is_address(host);
    }
    let host = word.split(|&byte| byte == b'/' || byte == b':').next().unwrap_or_default();
    let last = host.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    let labels = host.split(|&byte| byte == b'.');
    let dots = labels.clone().count() > 1 && labels.clone().all(|label| !label.is_empty());
    host == b"localhost"
        || dots && labels.clone().all(|label| label.iter().all(u8::is_ascii_digit)) && labels.count() == 4
        || dots
            && host.len() > 5
            && last.len() > 1
            && last.len() < 13
            && last.iter().all(u8::is_ascii_alphabetic)
            && host.is_ascii()
}

/// A name with an extension.
fn is_file(word: &[u8]) -> bool {
    let Some(dot) = memchr::memrchr(b'.', word) else { return false };
    let end = word.get(dot + 1..).unwrap_or_default();
    !end.is_empty() && end.len() < 6 && end.iter().all(u8::is_ascii_alphanumeric)
}
