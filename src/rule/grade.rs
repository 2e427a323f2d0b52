//! How sure a finding is, how grave, and how far the rules go.

/// What a matcher knows; it decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    /// A hint. Never acts alone.
    Weak,
    /// Rarely an honest value. Alerts, and blocks from paranoia 2.
    Likely,
    /// The value changes the structure of what a back end builds from it. Blocks.
    Certain,
}

/// What a finding would mean; it ranks alerts and decides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// Worth a look.
    Warning,
    /// An attack that would read or change what it should not.
    Error,
    /// An attack that would take over data or the machine.
    Critical,
}

/// Which rules run: 1 finds what is sure, 4 finds most and errs most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Paranoia(u8);

impl Paranoia {
    /// The least: rules that an honest value hardly ever meets.
    pub const LEAST: Self = Self(1);

    /// A level from 1 to 4, else nothing.
    #[must_use]
    pub const fn new(level: u8) -> Option<Self> {
        if level >= 1 && level <= 4 { Some(Self(level)) } else { None }
    }

    /// The level as a number from 1 to 4.
    #[must_use]
    pub const fn level(self) -> u8 {
        self.0
    }
}

macro_rules! words {
    ($kind:ident: $($variant:ident = $word:literal),+) => {
        impl $kind {
            /// Every one, in rising order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that rules, the configuration and the signals use.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one of this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

words!(Confidence: Weak = "weak", Likely = "likely", Certain = "certain");
words!(Severity: Notice = "notice", Warning = "warning", Error = "error", Critical = "critical");
