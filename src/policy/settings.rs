//! A policy as the configuration or code gives it, before it is compiled.

use std::time::SystemTime;

use super::action::{Action, Mode};
use crate::input::{Cause, Glob, LocationPattern};
use crate::rule::{Category, Paranoia};

/// Everything that turns findings into a verdict.
#[derive(Clone, Debug)]
pub struct PolicySettings {
    /// The mode of the whole. Default: enforce.
    pub mode: Mode,
    /// Rules up to this level block. Default: 1.
    pub paranoia: Paranoia,
    /// Rules up to this level alert. Default: the same.
    pub detection_paranoia: Paranoia,
    /// Modes of categories.
    pub categories: Vec<(Category, Mode)>,
    /// Modes of rules, by id or glob; the last that fits counts.
    pub rules: Vec<(Glob, Mode)>,
    /// What differs on a route.
    pub routes: Vec<RouteSettings>,
    /// Where which rule is not applied.
    pub exclusions: Vec<Exclusion>,
    /// What an uninspected part means.
    pub completeness: CompletenessActions,
}

impl Default for PolicySettings {
    fn default() -> Self {
        Self {
            mode: Mode::Enforce,
            paranoia: Paranoia::LEAST,
            detection_paranoia: Paranoia::LEAST,
            categories: Vec::new(),
            rules: Vec::new(),
            routes: Vec::new(),
            exclusions: Vec::new(),
            completeness: CompletenessActions::default(),
        }
    }
}

/// What differs on one route. The first that fits a request counts.
#[derive(Clone, Debug)]
pub struct RouteSettings {
    /// The framework's template, such as `/posts/{id}`.
    pub route: String,
    /// For which methods; none means all.
    pub methods: Vec<String>,
    /// The mode there.
    pub mode: Option<Mode>,
    /// Modes of categories there; they hold even over the milder mode of a rule.
    pub categories: Vec<(Category, Mode)>,
    /// Of which share of clients, in percent, findings are enforced; by a hash of the address.
    /// A client whose address is unknown is enforced.
    pub enforce_percent: Option<u8>,
    /// Where it stands, for messages.
    pub line: usize,
}

/// A rule that is not applied at a location.
#[derive(Clone, Debug)]
pub struct Exclusion {
    /// Which rules.
    pub rule: Glob,
    /// Where; none means everywhere on the route.
    pub location: Option<LocationPattern>,
    /// On which template; none means all.
    pub route: Option<String>,
    /// For which methods; none means all.
    pub methods: Vec<String>,
    /// Why, for whoever reads it next.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// From when on it no longer holds.
    pub expires: Option<SystemTime>,
    /// Where it stands, for messages.
    pub line: usize,
}

/// For each cause of an incomplete inspection what is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompletenessActions([Action; Cause::ALL.len()]);

impl Default for CompletenessActions {
    fn default() -> Self {
        Self(Cause::ALL.map(|cause| match cause {
            Cause::UnknownType | Cause::Upgrade | Cause::Unread | Cause::SplitValue => Action::Pass,
            Cause::Limit
            | Cause::DisabledDecoder
            | Cause::Undecodable
            | Cause::Budget
            | Cause::UnenforcedSchema
            | Cause::EngineFault => Action::Alert,
        }))
    }
}

impl CompletenessActions {
    /// Sets what is done for a cause.
    pub fn set(&mut self, cause: Cause, action: Action) {
        self.0[cause as usize] = action;
    }

    /// What is done for a cause.
    #[must_use]
    pub const fn of(&self, cause: Cause) -> Action {
        self.0[cause as usize]
    }
}
