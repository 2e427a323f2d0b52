//! How a request ended, and what is told of configurations.

use std::sync::Once;

use tracing::{Level, event};

use super::event::{Detail, Level as EventLevel};
use super::events::Events;
use super::names;
use crate::build_error::BuildError;
use crate::engine::Engine;
use crate::rule::Rule;

/// How a request ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// The status of the response, when there was one.
    pub(crate) status: Option<u16>,
    /// Whether the service was called.
    pub(crate) handler_ran: bool,
}

/// Says what is in force from now on, mode by mode.
pub(super) fn started(engine: &Engine, version: u64) {
    modes(engine);
    event!(target: names::DIAGNOSTICS, Level::INFO, rasp.config.version = format!("{version:016x}"), rasp.ruleset.rules = engine.rules().len(), "tower-rasp is in force");
}

/// Says that a new configuration is in force.
pub(super) fn reloaded(events: &Events, engine: &Engine, version: u64) {
    modes(engine);
    let detail = Detail {
        config_version: Some(version),
        rules: Some(engine.rules().len()),
        ruleset: Some(ruleset(engine)),
        ..Detail::default()
    };
    events.tell(names::CONFIG_RELOADED, EventLevel::Info, "a new configuration is in force".to_owned(), detail);
}

/// The rulesets in force, by their names.
fn ruleset(engine: &Engine) -> &'static str {
    if engine.rules().all(Rule::is_builtin) { "builtin" } else { "builtin+custom" }
}

/// Says that a new configuration was refused; `version` is that of the one that stays.
pub(super) fn rejected(events: &Events, error: &BuildError, version: u64) {
    let detail = Detail { error_type: Some("config"), config_version: Some(version), ..Detail::default() };
    let message = format!("the new configuration was refused, and the old one stays: {error}");
    events.tell(names::CONFIG_REJECTED, EventLevel::Warn, message, detail);
}

/// Says once that the program's own code panicked.
pub(super) fn user_panicked(once: &Once) {
    once.call_once(|| {
        event!(target: names::DIAGNOSTICS, Level::WARN, "the function given to `RaspBuilder::user` panicked; its requests go on without a user");
    });
}

fn modes(engine: &Engine) {
    for (route, modes) in engine.policy().effective_modes() {
        let list: Vec<String> = modes.iter().map(|(category, mode)| format!("{category}={mode}")).collect();
        event!(
            target: names::DIAGNOSTICS,
            Level::INFO,
            http.route = route.map(|route| route.route.as_str()),
            modes = list.join(" "),
            "effective modes"
        );
    }
}
