//! One event, as data: made only when there is something to say and somebody who takes it, and sent by one way only.
//!
//! # What this does not protect from
//!
//! What the program's own rules, routes, configuration and extractor of users say leaves as it is.

mod fields;
mod make;
mod send;

use std::cell::OnceCell;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

pub(super) use fields::fields;
#[cfg(feature = "evidence")]
pub(super) use fields::version;
#[cfg(any(feature = "otel", feature = "metrics"))]
pub(super) use make::validation_target;
pub(super) use make::{About, each, known_method};
pub(super) use send::through_tracing;
#[cfg(feature = "otel")]
pub(super) use send::to_record;

use crate::input::Completeness;
use crate::policy::{Action, Mode};
use crate::rule::{Confidence, RuleInfo};
use crate::telemetry::names;

/// How much it matters to whoever reads logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Debug,
    Info,
    Warn,
}

/// An event that there is to tell. It is made when the first who takes it asks, and then is shared.
pub(super) struct Pending<'a> {
    /// One of `names::EVENT_NAMES`.
    pub(super) name: &'static str,
    pub(super) level: Level,
    make: &'a dyn Fn() -> Arc<Event>,
    made: OnceCell<Arc<Event>>,
}

impl<'a> Pending<'a> {
    pub(super) const fn new(name: &'static str, level: Level, make: &'a dyn Fn() -> Arc<Event>) -> Self {
        Self { name, level, make, made: OnceCell::new() }
    }

    pub(super) fn event(&self) -> &Arc<Event> {
        self.made.get_or_init(self.make)
    }
}

/// One event.
pub(super) struct Event {
    /// One of `names::EVENT_NAMES`.
    pub(super) name: &'static str,
    pub(super) level: Level,
    /// When it is told; the request came earlier.
    pub(super) time: SystemTime,
    /// One sentence for a person.
    pub(super) message: String,
    /// The request that it is about.
    pub(super) request: Option<Arc<Subject>>,
    /// The rule that matched, or that decided.
    pub(super) rule: Option<Arc<RuleInfo>>,
    pub(super) detail: Detail,
}

impl Event {
    /// Whether somebody is to look at it: a rule speaks, or the policy asks for more than to let the request pass.
    pub(super) fn is_alert(&self) -> bool {
        let acted = self.detail.action.is_some_and(|action| action > Action::Pass);
        self.rule.is_some() || (acted && self.name != names::REQUEST_INSPECTED)
    }
}

/// The attributes of one event beyond those of its request.
#[derive(Clone, Default)]
pub(super) struct Detail {
    pub(super) action: Option<Action>,
    pub(super) verdict: Option<Action>,
    pub(super) phase: Option<&'static str>,
    pub(super) location: Option<String>,
    pub(super) location_name: Option<String>,
    pub(super) confidence: Option<Confidence>,
    pub(super) excerpt: Option<String>,
    pub(super) validation_target: Option<&'static str>,
    pub(super) validation_keyword: Option<&'static str>,
    /// A pointer into the schema.
    pub(super) validation_path: Option<String>,
    pub(super) duration_seconds: Option<f64>,
    pub(super) error_type: Option<&'static str>,
    pub(super) on_error: Option<Action>,
    pub(super) suppressed: Option<u64>,
    pub(super) flood: Option<Flood>,
    pub(super) config_version: Option<u64>,
    pub(super) rules: Option<usize>,
    /// The rules in force, by the names of their rulesets.
    pub(super) ruleset: Option<&'static str>,
}

/// Events that were held back, without a pause of a minute between them.
#[derive(Clone)]
pub(super) struct Flood {
    pub(super) uid: String,
    /// Whether this is its first report.
    pub(super) is_new: bool,
    /// How many were held back since it began.
    pub(super) count: u64,
    pub(super) first: SystemTime,
    pub(super) last: SystemTime,
    /// A client that took part in it.
    pub(super) client: Option<IpAddr>,
}

/// What every event of one request says.
pub(super) struct Subject {
    pub(super) id: String,
    /// When the request came.
    pub(super) time: SystemTime,
    pub(super) method: &'static str,
    pub(super) route: Option<String>,
    pub(super) path: Option<String>,
    pub(super) client: Option<IpAddr>,
    pub(super) peer: Option<IpAddr>,
    pub(super) user_agent: Option<String>,
    pub(super) user: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) handler_ran: bool,
    pub(super) mode: Mode,
    pub(super) score: u32,
    pub(super) matches: usize,
    pub(super) completeness: Completeness,
    pub(super) config_version: u64,
    /// The ids of the trace and of the span, in hexadecimal digits.
    pub(super) trace: Option<(String, String)>,
}
