//! What Datadog shows a request as an attack by: attributes of a span in its own words, when something was found. Opt-in.
//!
//! The names that begin with an underscore are what Datadog's own tracers write and no public contract: another version
//! of its back end may read them differently.
//!
//! # What this does not protect from
//!
//! Nothing here was tried with Datadog itself. A trigger has the redacted location and no value, so its views of the
//! attack's payload stay empty.

#[cfg(feature = "otel")]
use opentelemetry::KeyValue;
#[cfg(feature = "otel")]
use opentelemetry::trace::TraceContextExt;
use serde_json::{Value, json};
use tracing::Span;

use super::names;
use crate::policy::{Action, JudgedFinding, Verdict};

/// Findings that are told on one span.
const TRIGGERS_MAX: usize = 16;

/// The attributes of a verdict; none where nothing was found.
fn attributes(verdict: &Verdict) -> Vec<(&'static str, String)> {
    if verdict.findings.is_empty() {
        return Vec::new();
    }
    let triggers: Vec<Value> = verdict.findings.iter().take(TRIGGERS_MAX).map(trigger).collect();
    let mut attributes = vec![
        (names::DATADOG_EVENT, "true".to_owned()),
        (names::DATADOG_ORIGIN, "appsec".to_owned()),
        (names::DATADOG_TRIGGERS, json!({ "triggers": triggers }).to_string()),
    ];
    if verdict.action == Action::Block {
        attributes.push((names::DATADOG_BLOCKED, "true".to_owned()));
    }
    attributes
}

fn trigger(judged: &JudgedFinding) -> Value {
    let finding = &judged.finding;
    let rule = &finding.rule;
    let category = rule.category.as_str();
    json!({
        "rule": {
            "id": rule.id,
            "name": rule.description,
            "tags": { "type": category, "category": "attack_attempt" },
        },
        "rule_matches": [{
            "operator": finding.structure,
            "operator_value": "",
            "parameters": [{ "address": finding.location.to_redacted_string(), "key_path": [], "highlight": [] }],
        }],
    })
}

/// Puts them onto a span of `tracing`, as far as it has the fields.
pub(super) fn put_on_tracing(span: &Span, verdict: &Verdict) {
    for (name, value) in attributes(verdict) {
        span.record(name, value.as_str());
    }
}

#[cfg(feature = "otel")]
pub(super) fn put_on_otel(context: &opentelemetry::Context, verdict: &Verdict) {
    let pairs = attributes(verdict).into_iter().map(|(name, value)| KeyValue::new(name, value));
    context.span().set_attributes(pairs);
}
