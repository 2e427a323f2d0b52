//! The names of events, and the targets under which they are recorded.

/// The target of security events.
pub(crate) const EVENTS: &str = "tower_rasp::event";
/// The target of diagnostics.
pub(crate) const DIAGNOSTICS: &str = "tower_rasp";

/// A request was refused.
pub(crate) const REQUEST_BLOCKED: &str = "rasp.request.blocked";
/// A rule matched.
pub(crate) const RULE_MATCHED: &str = "rasp.rule.matched";
/// A new configuration is in force.
pub(crate) const CONFIG_RELOADED: &str = "rasp.config.reloaded";
/// A new configuration was refused, and the old one stays.
pub(crate) const CONFIG_REJECTED: &str = "rasp.config.rejected";
/// An inspection could not finish.
pub(crate) const ENGINE_FAILED: &str = "rasp.engine.failed";
/// Part of a request went uninspected, and the policy asks for more than `pass`.
pub(crate) const REQUEST_INCOMPLETE: &str = "rasp.request.incomplete";
