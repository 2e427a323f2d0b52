//! What a decoder tells, while it reads.

use crate::input::{Cause, Leaf};

/// An oddity of the bytes themselves. Each is a fact for the `protocol` rules; only a form that
/// no honest client sends blocks by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Notice {
    /// A JSON object has the same key twice; back ends differ on which counts.
    DuplicateKey,
    /// The body broke off or broke the grammar of its format.
    Malformed,
    /// A multipart type with more than one boundary parameter: parsers disagree where parts end.
    TwoBoundaries,
    /// A multipart body with bare LF line ends.
    BareLineFeed,
    /// A part whose disposition names two names or file names, or `filename*`.
    AmbiguousPart,
    /// A charset was declared in which ASCII is not itself, as UTF-7 or EBCDIC.
    UnusualCharset,
}

impl Notice {
    /// The word that findings and `explain` use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DuplicateKey => "duplicate_key",
            Self::Malformed => "malformed",
            Self::TwoBoundaries => "two_boundaries",
            Self::BareLineFeed => "bare_line_feed",
            Self::AmbiguousPart => "ambiguous_part",
            Self::UnusualCharset => "unusual_charset",
        }
    }
}

/// Receives what a decoder reads. Leaves are borrowed: a sink that keeps one copies it.
pub trait Sink {
    /// One value or name, complete (or one window of a value too large to hold).
    fn leaf(&mut self, leaf: Leaf<'_>);
    /// A part went unread.
    fn incomplete(&mut self, cause: Cause);
    /// The bytes are odd in this way.
    fn notice(&mut self, notice: Notice);
}
