//! Oddities of the bytes themselves.

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
    /// More than one Host header.
    TwoHosts,
    /// HTTP/1.1 without a Host header.
    NoHost,
    /// A target with an authority, and a Host header that names another.
    OtherHost,
    /// Content-Type headers that name different media types: back ends differ on which counts.
    TwoContentTypes,
}

impl Notice {
    /// Every notice.
    pub const ALL: [Self; 10] = [
        Self::DuplicateKey,
        Self::Malformed,
        Self::TwoBoundaries,
        Self::BareLineFeed,
        Self::AmbiguousPart,
        Self::UnusualCharset,
        Self::TwoHosts,
        Self::NoHost,
        Self::OtherHost,
        Self::TwoContentTypes,
    ];

    /// The word by which rules name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DuplicateKey => "duplicate_key",
            Self::Malformed => "malformed",
            Self::TwoBoundaries => "two_boundaries",
            Self::BareLineFeed => "bare_line_feed",
            Self::AmbiguousPart => "ambiguous_part",
            Self::UnusualCharset => "unusual_charset",
            Self::TwoHosts => "two_hosts",
            Self::NoHost => "no_host",
            Self::OtherHost => "other_host",
            Self::TwoContentTypes => "two_content_types",
        }
    }

    /// Where a finding about it stands.
    #[must_use]
    pub const fn place(self) -> super::Place {
        match self {
            Self::TwoHosts | Self::NoHost | Self::OtherHost | Self::TwoContentTypes => super::Place::Header,
            _ => super::Place::Body,
        }
    }
}
