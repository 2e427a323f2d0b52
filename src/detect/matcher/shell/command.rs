//! The word in command position: a name, the path of a binary, or either under wildcards.
//!
//! # What this does not protect from
//!
//! A name that only a variable holds.

use super::names::{FETCHERS, Kind, Kind::Reads, UNSPOKEN, cmdlet, is_plain_word, kind_of, kind_of_glob};
use crate::lexer::shell::Word;

/// The word in command position, looked up.
#[derive(Clone, Copy)]
pub(super) struct Name {
    pub kind: Kind,
    /// Written so as to hide, or as the path of a binary.
    pub unmistakable: bool,
    pub plain_word: bool,
    /// No word of any language.
    pub unspoken: bool,
    /// A tool of Windows that can be made to fetch a file.
    pub fetches: bool,
    /// A backslash stands before it, as before the commands of TeX.
    pub escaped: bool,
}

/// Whether a command also runs another one that follows it: `env id`, `timeout 5 id`.
pub(super) fn may_run_another(word: &Word) -> bool {
    matches!(word.bytes(), b"env" | b"timeout")
}

impl Name {
    const fn plain(kind: Kind) -> Self {
        Self { kind, unmistakable: false, plain_word: false, unspoken: false, fetches: false, escaped: false }
    }
}

/// Looks a word up: a name, the path of a binary, or either under wildcards.
pub(super) fn look_up(word: &Word) -> Option<Name> {
    if word.hollow {
        return Some(Name {
            kind: Reads,
            unmistakable: true,
            plain_word: false,
            unspoken: false,
            fetches: false,
            escaped: false,
        });
    }
    let bytes = word.bytes();
    // `. /tmp/x` runs a script as `source` does.
    if bytes == b"." {
        return Some(Name::plain(Kind::Sources));
    }
    // A backslash in front keeps aliases out, and begins a path of Windows where another one follows.
    if let [b'\\', name @ ..] = bytes
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    {
        return kind_of(name).map(|kind| Name { escaped: true, plain_word: is_plain_word(name), ..Name::plain(kind) });
    }
    let base = bytes.rsplit(|&byte| byte == b'/' || byte == b'\\').next().unwrap_or_default();
    let path = base.len() < bytes.len();
    if word.glob {
        let kind = kind_of_glob(base)?;
        let letters = bytes.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
        let marks = bytes.iter().filter(|&&byte| byte == b'?').count();
        // `/b*` is a pattern of somebody's own; `/???/c?t` has the depth of a binary.
        let path = path
            && (letters > 1 || letters == 1 && marks > 3)
            && (is_binary_directory(bytes) || globs_directory(bytes));
        return (path || base.iter().filter(|byte| byte.is_ascii_alphanumeric()).count() > 1 && base.len() > 2)
            .then_some(Name {
                kind,
                unmistakable: path,
                plain_word: !path,
                unspoken: false,
                fetches: false,
                escaped: false,
            });
    }
    // Nearly every path is one of a page, and this is the cheaper question.
    if path && !is_binary_directory(bytes) {
        return None;
    }
    let kind = kind_of(base)?;
    let unmistakable = path || word.disguised && base.len() > 1;
    let unspoken = UNSPOKEN.iter().any(|known| known.as_bytes() == base) || cmdlet(base).is_some();
    let fetches = FETCHERS.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(base));
    Some(Name { kind, unmistakable, plain_word: is_plain_word(base), unspoken, fetches, escaped: false })
}

/// `/b?n/cat`, `/???/c?t`: wildcards in a directory of the path.
fn globs_directory(path: &[u8]) -> bool {
    let directory = path.get(..memchr::memrchr(b'/', path).unwrap_or(0)).unwrap_or_default();
    directory.iter().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}

/// `/bin/`, `/usr/local/sbin/`, `C:\Windows\System32\`; the first slash may be missing.
fn is_binary_directory(path: &[u8]) -> bool {
    let mut parts = path.rsplit(|&byte| byte == b'/' || byte == b'\\').skip(1);
    parts.next().is_some_and(|directory| {
        matches!(directory, b"bin" | b"sbin") || directory.eq_ignore_ascii_case(b"system32") || directory == b"v1.0"
    })
}
