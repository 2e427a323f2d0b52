//! What the gauges show: rules, modes and memory in force.

use std::collections::HashSet;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::work::Peak;
use super::{instrument, names};
use crate::config::TelemetrySettings;
use crate::context::Budget;
use crate::engine::Engine;
use crate::input::Cause;
use crate::policy::{Action, Mode};
use crate::rule::Category;

/// Configured routes whose modes are shown where they differ; further ones are not.
const ROUTES_SHOWN_MAX: usize = 50;

/// Rules of the user's own that metrics name, over the life of a handle; further ones are counted
/// under their category alone.
const CUSTOM_RULES_MAX: usize = 500;

/// Takes one value with its attributes.
pub(super) type Show<'a> = dyn FnMut(&[(&'static str, &str)], u64) + 'a;

/// What is in force: it outlives configurations and providers.
pub(super) struct State {
    pub(super) budget: Arc<Budget>,
    pub(super) work: Peak,
    pub(super) facts: ArcSwap<Facts>,
}

/// What signals show of one configuration.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) settings: TelemetrySettings,
    /// The rules that metrics name.
    pub(super) named: HashSet<Box<str>>,
    /// The rules of the user's own among them, and among those of configurations before.
    custom: HashSet<Box<str>>,
    builtin_rules: u64,
    custom_rules: u64,
    memory_bytes_max: u64,
    work_max: u64,
    modes: Vec<(Option<Box<str>>, Category, Mode)>,
    on_fault: Action,
    on_budget: Action,
}

impl Facts {
    /// Those of an engine; `before` are those that it takes the place of.
    pub(super) fn of(engine: &Engine, settings: &TelemetrySettings, before: &Self) -> Self {
        let mut facts = Self {
            settings: settings.clone(),
            custom: before.custom.clone(),
            memory_bytes_max: engine.limits().inspection_memory_bytes_max as u64,
            work_max: engine.limits().schema_work_max as u64,
            modes: modes(engine),
            on_fault: engine.policy().settings().completeness.of(Cause::EngineFault),
            on_budget: engine.policy().settings().completeness.of(Cause::Budget),
            ..Self::default()
        };
        for rule in engine.rules() {
            let id = rule.info.id.as_str();
            let name = if rule.is_builtin() {
                facts.builtin_rules += 1;
                true
            } else {
                facts.custom_rules += 1;
                facts.custom.contains(id)
                    || (facts.custom.len() < CUSTOM_RULES_MAX && facts.custom.insert(Box::from(id)))
            };
            if name {
                facts.named.insert(Box::from(id));
            }
        }
        facts
    }

    /// What is done where the engine fails for this cause.
    pub(super) const fn on_error(&self, cause: Cause) -> Action {
        match cause {
            Cause::Budget => self.on_budget,
            _ => self.on_fault,
        }
    }

    /// Shows the values of one gauge.
    pub(super) fn gauges(state: &State, gauge: &str, show: &mut Show<'_>) {
        let facts = state.facts.load();
        if gauge == instrument::INSPECTION_MEMORY_USAGE.name {
            show(&[], state.budget.used() as u64);
        } else if gauge == instrument::INSPECTION_MEMORY_LIMIT.name {
            show(&[], facts.memory_bytes_max);
        } else if gauge == instrument::INSPECTION_WORK_USAGE.name {
            show(&[], state.work.most());
        } else if gauge == instrument::INSPECTION_WORK_LIMIT.name {
            show(&[], facts.work_max);
        } else if gauge == instrument::RULESET_RULES.name {
            for (name, rules) in [("builtin", facts.builtin_rules), ("custom", facts.custom_rules)] {
                show(&[(names::SECURITY_RULE_RULESET_NAME, name)], rules);
            }
        } else if gauge == instrument::MODE_EFFECTIVE.name {
            for (route, category, mode) in &facts.modes {
                let route = route.as_deref().map(|route| (names::HTTP_ROUTE, route));
                let all = [
                    Some((names::SECURITY_RULE_CATEGORY, category.as_str())),
                    Some((names::ATTRIBUTE_MODE, mode.as_str())),
                    route,
                ];
                let all: Vec<_> = all.into_iter().flatten().collect();
                show(&all, 1);
            }
        }
    }
}

/// The mode of each category, then those of routes where they are others.
fn modes(engine: &Engine) -> Vec<(Option<Box<str>>, Category, Mode)> {
    let mut modes: Vec<(Option<Box<str>>, Category, Mode)> = Vec::new();
    for (route, own) in engine.policy().effective_modes().take(1 + ROUTES_SHOWN_MAX) {
        let route = route.map(|route| Box::from(route.route.as_str()));
        for (category, mode) in own {
            let everywhere = |(route, of, general): &(Option<Box<str>>, Category, Mode)| {
                route.is_none() && *of == category && *general == mode
            };
            let shown = (route.clone(), category, mode);
            if !modes.iter().any(everywhere) && !modes.contains(&shown) {
                modes.push(shown);
            }
        }
    }
    modes
}
