//! What of a request was not inspected, and why.

/// Why a part of a request was not inspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum Cause {
    /// A limit was met: count, depth, size or work.
    Limit,
    /// No decoder knows the content type, and the bytes look like none of those known.
    UnknownType,
    /// The decoder that the content needs is switched off or not compiled in.
    DisabledDecoder,
    /// The bytes could not be decoded to their end.
    Undecodable,
    /// The process's memory for inspection was used up.
    Budget,
    /// The connection was upgraded; what follows is another protocol.
    Upgrade,
    /// The service did not read the body to its end.
    Unread,
    /// A schema holds an assertion that cannot be enforced.
    UnenforcedSchema,
    /// The engine failed, for example by a panic in a matcher.
    EngineFault,
    /// A value longer than a window was looked at in windows: two that overlap too little for what an
    /// attack has between its words see each its half.
    SplitValue,
}

impl Cause {
    /// Every cause, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Limit,
        Self::UnknownType,
        Self::DisabledDecoder,
        Self::Undecodable,
        Self::Budget,
        Self::Upgrade,
        Self::Unread,
        Self::UnenforcedSchema,
        Self::EngineFault,
        Self::SplitValue,
    ];

    /// The word that the configuration and the signals use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::UnknownType => "unknown_type",
            Self::DisabledDecoder => "disabled_decoder",
            Self::Undecodable => "undecodable",
            Self::Budget => "budget",
            Self::Upgrade => "upgrade",
            Self::Unread => "unread",
            Self::UnenforcedSchema => "unenforced_schema",
            Self::EngineFault => "engine_fault",
            Self::SplitValue => "split_value",
        }
    }
}

/// The set of causes for which a part of a request went uninspected; empty means `whole`.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Completeness(u16);

impl Completeness {
    /// Everything was inspected.
    pub const WHOLE: Self = Self(0);

    /// Adds a cause.
    pub fn insert(&mut self, cause: Cause) {
        self.0 |= 1 << cause as u16;
    }

    /// This record without a cause.
    #[must_use]
    pub const fn without(self, cause: Cause) -> Self {
        Self(self.0 & !(1 << cause as u16))
    }

    /// The causes of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether everything was inspected.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.0 == 0
    }

    /// Whether this cause is among them.
    #[must_use]
    pub const fn contains(self, cause: Cause) -> bool {
        self.0 & (1 << cause as u16) != 0
    }

    /// The causes, in the order of [`Cause::ALL`].
    pub fn causes(self) -> impl Iterator<Item = Cause> {
        Cause::ALL.into_iter().filter(move |&cause| self.contains(cause))
    }

    /// The record as one number, for an atomic.
    pub(crate) const fn bits(self) -> u16 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
}

impl std::fmt::Display for Completeness {
    /// `whole`, or the causes with commas between them.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_whole() {
            return formatter.write_str("whole");
        }
        for (index, cause) in self.causes().enumerate() {
            if index > 0 {
                formatter.write_str(",")?;
            }
            formatter.write_str(cause.as_str())?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Completeness {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Completeness({self})")
    }
}
