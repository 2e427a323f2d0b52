//! Where a part ends: a line end, `--boundary`, and the rest of that line.

use memchr::memmem::Finder;
use memchr::memrchr2;

/// How much white space after a boundary is held; with more than that, it is a boundary line.
const PADDING_BYTES_MAX: usize = 1_024;

/// The delimiter `--boundary`, prepared for searching.
#[derive(Clone)]
pub(super) struct Delimiter {
    needle: Vec<u8>,
    finder: Finder<'static>,
    /// For each length matched, how much of it may begin a later match.
    failure: Vec<usize>,
}

impl Delimiter {
    pub(super) fn new(boundary: &[u8]) -> Self {
        let needle = [b"--".as_slice(), boundary].concat();
        let mut failure = vec![0; needle.len()];
        let mut matched = 0;
        for index in 1..needle.len() {
            while matched > 0 && needle[matched] != needle[index] {
                matched = failure[matched - 1];
            }
            matched += usize::from(needle[matched] == needle[index]);
            failure[index] = matched;
        }
        Self { finder: Finder::new(&needle).into_owned(), needle, failure }
    }

    pub(super) fn held_bytes(&self) -> usize {
        // The finder has a copy of the needle.
        2 * self.needle.capacity() + self.failure.capacity() * size_of::<usize>()
    }

    pub(super) fn needle(&self) -> &[u8] {
        &self.needle
    }

    /// How much of a match of this length may begin a later one.
    pub(super) fn shorter(&self, matched: usize) -> usize {
        matched.checked_sub(1).and_then(|last| self.failure.get(last)).copied().unwrap_or(0)
    }

    /// Whether a line of headers is a boundary, and then whether it is the last.
    pub(super) fn is_line(&self, line: &[u8]) -> Option<bool> {
        let rest = line.strip_prefix(&*self.needle)?;
        if rest.starts_with(b"--") {
            return Some(true);
        }
        rest.trim_ascii().is_empty().then_some(false)
    }
}

/// How far the rest of a boundary line was read.
#[derive(Clone, Copy)]
pub(super) enum Tail {
    Start,
    Dash,
    Padding(usize),
    Return,
}

/// What the rest of the line is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Not decided yet.
    More,
    /// A part follows.
    Line { is_bare: bool },
    /// Two dashes: no part follows.
    Last,
    /// Other bytes: it is no boundary line.
    Not,
}

impl Tail {
    pub(super) fn push(&mut self, byte: u8) -> Ending {
        *self = match (*self, byte) {
            (Self::Start, b'-') => Self::Dash,
            (Self::Dash, b'-') => return Ending::Last,
            (Self::Start, b' ' | b'\t') => Self::Padding(1),
            (Self::Padding(PADDING_BYTES_MAX..), _) => return Ending::Line { is_bare: false },
            (Self::Padding(count), b' ' | b'\t') => Self::Padding(count + 1),
            (Self::Start | Self::Padding(_), b'\r') => Self::Return,
            (Self::Start | Self::Padding(_), b'\n') => return Ending::Line { is_bare: true },
            (Self::Return, b'\n') => return Ending::Line { is_bare: false },
            _ => return Ending::Not,
        };
        Ending::More
    }
}

#[derive(Clone, Copy)]
enum Phase {
    /// Nothing is held.
    Idle,
    /// A line end is held, and so much of the delimiter.
    Match(usize),
    /// The delimiter is held, and a part of the rest of its line.
    Tail(Tail),
}

/// What the scanner came upon.
pub(super) enum Found<'a> {
    /// Content.
    Content(&'a [u8]),
    /// What was held is content.
    HeldContent,
    /// Content, then in `held` a delimiter on a line that goes on otherwise: content for most.
    Near { before: &'a [u8] },
    /// Content, then a boundary line, in `held` or else in `line`.
    Line { before: &'a [u8], line: &'a [u8], is_strict: bool, ending: Ending },
}

/// Finds boundary lines in content.
///
/// A boundary contains no line end, so no boundary line begins inside what was matched of another:
/// a mismatch is content as a whole, and the search is linear.
pub(super) struct Scanner {
    /// What may be a boundary line, from its line end on.
    pub(super) held: Vec<u8>,
    phase: Phase,
}

impl Scanner {
    pub(super) const fn new() -> Self {
        Self { held: Vec::new(), phase: Phase::Idle }
    }

    /// Content begins, on a line of its own.
    pub(super) fn begin(&mut self) {
        self.held.clear();
        self.phase = Phase::Match(0);
    }

    /// The last line that was found was content after all. Its line end may begin another.
    pub(super) fn resume(&mut self, line_end: &[u8]) {
        self.begin();
        self.held.extend_from_slice(line_end);
    }

    /// At the end of the body: whether what is held is a delimiter.
    pub(super) const fn is_at_delimiter(&self) -> bool {
        matches!(self.phase, Phase::Tail(_))
    }

    /// The next thing from `at` on, which moves behind it; nothing at the end of the chunk.
    pub(super) fn next<'a>(&mut self, delimiter: &Delimiter, chunk: &'a [u8], at: &mut usize) -> Option<Found<'a>> {
        while let Some(&byte) = chunk.get(*at) {
            match self.phase {
                Phase::Idle => return self.search(delimiter, chunk, at),
                Phase::Match(0) if byte == b'\n' && self.held == b"\r" => {}
                Phase::Match(matched) if delimiter.needle.get(matched) == Some(&byte) => {
                    let is_whole = matched + 1 == delimiter.needle.len();
                    self.phase = if is_whole { Phase::Tail(Tail::Start) } else { Phase::Match(matched + 1) };
                }
                Phase::Match(_) => {
                    self.phase = Phase::Idle;
                    if !self.held.is_empty() {
                        return Some(Found::HeldContent);
                    }
                    continue;
                }
                Phase::Tail(mut tail) => match tail.push(byte) {
                    Ending::More => self.phase = Phase::Tail(tail),
                    Ending::Not => {
                        self.phase = Phase::Idle;
                        let is_strict = self.held.starts_with(b"\r\n");
                        return Some(if is_strict { Found::Near { before: b"" } } else { Found::HeldContent });
                    }
                    ending => {
                        self.phase = Phase::Idle;
                        self.held.push(byte);
                        *at += 1;
                        let is_strict = self.held.starts_with(b"\r\n");
                        return Some(Found::Line { before: b"", line: b"", is_strict, ending });
                    }
                },
            }
            self.held.push(byte);
            *at += 1;
        }
        None
    }

    /// Searches the chunk while nothing is held.
    fn search<'a>(&mut self, delimiter: &Delimiter, chunk: &'a [u8], at: &mut usize) -> Option<Found<'a>> {
        let (begin, length) = (*at, delimiter.needle.len());
        let mut from = begin;
        while let Some(offset) = delimiter.finder.find(&chunk[from..]) {
            let hit = from + offset;
            from = hit + length;
            let Some(line) = line_end_before(&chunk[..hit], begin) else { continue };
            let mut tail = Tail::Start;
            let mut end = from;
            let ending = loop {
                let Some(&byte) = chunk.get(end) else {
                    self.phase = Phase::Tail(tail);
                    return Some(self.hold(chunk, line, at));
                };
                match tail.push(byte) {
                    Ending::More => end += 1,
                    ending => break ending,
                }
            };
            let is_strict = chunk[line..].starts_with(b"\r\n");
            if ending == Ending::Not && is_strict {
                *at = from;
                self.held.extend_from_slice(&chunk[line..from]);
                return Some(Found::Near { before: &chunk[begin..line] });
            }
            if ending != Ending::Not {
                *at = end + 1;
                return Some(Found::Line { before: &chunk[begin..line], line: &chunk[line..=end], is_strict, ending });
            }
        }
        // The chunk may end in a line end and a part of the delimiter.
        let near = chunk.len().saturating_sub(length).max(begin);
        let last = memrchr2(b'\r', b'\n', &chunk[near..]).map(|last| near + last);
        let line = last
            .filter(|&last| delimiter.needle.starts_with(&chunk[last + 1..]))
            .and_then(|last| line_end_before(&chunk[..=last], begin));
        match (line, last) {
            (Some(line), Some(last)) => {
                self.phase = Phase::Match(chunk.len() - last - 1);
                Some(self.hold(chunk, line, at))
            }
            _ => {
                *at = chunk.len();
                Some(Found::Content(&chunk[begin..]))
            }
        }
    }

    /// Holds the chunk from `line` on; before it stands content.
    fn hold<'a>(&mut self, chunk: &'a [u8], line: usize, at: &mut usize) -> Found<'a> {
        let before = &chunk[*at..line];
        self.held.extend_from_slice(&chunk[line..]);
        *at = chunk.len();
        Found::Content(before)
    }
}

/// Where the line end begins with which `bytes` ends, not before `begin`.
fn line_end_before(bytes: &[u8], begin: usize) -> Option<usize> {
    match bytes.get(begin..)? {
        [.., b'\r', b'\n'] => Some(bytes.len() - 2),
        [.., b'\r' | b'\n'] => Some(bytes.len() - 1),
        _ => None,
    }
}
