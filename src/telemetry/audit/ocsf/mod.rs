//! OCSF 1.5, as <https://schema.ocsf.io/1.5.0/> has it: an activity for what was found in one request, and a finding for
//! what has a life of its own.
//!
//! The schema takes no attribute of others; what it has no word for stands in `unmapped`.

mod activity;
mod finding;

use serde_json::{Map, Value, json};

use super::milliseconds;
use crate::policy::Action;
use crate::rule::{RuleInfo, Severity};
use crate::telemetry::event::{self, Event};
use crate::telemetry::names;

/// Whether the event has a class.
pub(super) fn has_class(event: &Event) -> bool {
    event.request.is_some() || event.detail.flood.is_some()
}

/// The event in its class; none where it has none.
pub(super) fn object(event: &Event) -> Option<Value> {
    activity::http_activity(event).or_else(|| finding::detection_finding(event))
}

fn metadata(event: &Event, correlation: Option<&str>, profiles: &[&str]) -> Value {
    let mut metadata = json!({
        "version": "1.5.0",
        "profiles": profiles,
        "event_code": event.name,
        "product": { "name": "tower-rasp", "vendor_name": "tower-rasp", "version": env!("CARGO_PKG_VERSION") },
    });
    if let Some(correlation) = correlation {
        metadata["correlation_uid"] = correlation.into();
    }
    metadata
}

/// That of the rule; without one it is what was done that counts.
fn severity(event: &Event) -> (u64, &'static str) {
    match event.rule.as_ref().map(|rule| rule.severity) {
        None if !event.is_alert() => (1, "Informational"),
        None if event.detail.action == Some(Action::Block) => (3, "Medium"),
        None => (2, "Low"),
        Some(Severity::Notice) => (2, "Low"),
        Some(Severity::Warning) => (3, "Medium"),
        Some(Severity::Error) => (4, "High"),
        Some(Severity::Critical) => (5, "Critical"),
    }
}

/// The technique that a rule finds, of MITRE ATT&CK.
fn attack(rule: &RuleInfo) -> Option<Value> {
    let technique = rule.category.attack_technique()?;
    // A technique of a technique has a word of its own.
    Some(match technique.split_once('.') {
        Some((whole, _)) => json!({ "technique": { "uid": whole }, "sub_technique": { "uid": technique } }),
        None => json!({ "technique": { "uid": technique } }),
    })
}

/// The attributes under their own names.
fn unmapped(event: &Event) -> Value {
    const KEPT: [&str; 5] = [
        names::HTTP_ROUTE,
        names::USER_ID,
        names::ERROR_TYPE,
        names::NETWORK_PEER_ADDRESS,
        names::SECURITY_RULE_RULESET_NAME,
    ];
    let own = |name: &str| name.starts_with("rasp.") || KEPT.contains(&name);
    let fields = event::fields(event).into_iter().filter(|(name, _)| own(name));
    let fields: Map<String, Value> = fields.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    fields.into()
}
