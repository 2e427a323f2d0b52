//! What is done with a request, and whether it is done at all.

/// What is done with a request, from mild to strict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Action {
    /// Nothing.
    #[default]
    Pass,
    /// It is told.
    Alert,
    /// It is slowed down.
    Throttle,
    /// It is refused.
    Block,
}

/// Whether findings act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// Not looked at.
    Off,
    /// Looked at and told; the request goes on.
    Detect,
    /// Looked at, told, and refused where the verdict says so.
    Enforce,
}

impl Action {
    /// Every action, from mild to strict.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Alert, Self::Throttle, Self::Block];

    /// The word that the configuration and the signals use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Alert => "alert",
            Self::Throttle => "throttle",
            Self::Block => "block",
        }
    }

    /// The action of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }

    /// What is left of the action in a mode: without enforcement nothing goes past an alert.
    #[must_use]
    pub fn under(self, mode: Mode) -> Self {
        match mode {
            Mode::Enforce => self,
            Mode::Detect => self.min(Self::Alert),
            Mode::Off => Self::Pass,
        }
    }
}

impl Mode {
    /// Every mode, from mild to strict.
    pub const ALL: [Self; 3] = [Self::Off, Self::Detect, Self::Enforce];

    /// The word that the configuration and the signals use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Detect => "detect",
            Self::Enforce => "enforce",
        }
    }

    /// The mode of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}
