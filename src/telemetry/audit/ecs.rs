//! The names of the Elastic Common Schema; what it has no name for keeps ours, but `rasp.location`, which would be a
//! value and the object of `rasp.location.name` at once: it is `rasp.location.path`.

use serde_json::{Map, Value, json};

use super::date_time;
use crate::policy::Action;
use crate::telemetry::event::{self, Event};
use crate::telemetry::names;

/// The event as a document with dotted names, which Elasticsearch reads as it does nested ones.
pub(super) fn document(event: &Event) -> Value {
    let mut map = Map::new();
    let action = event.detail.action;
    let (kind, outcome) = match action {
        None if event.name == names::CONFIG_RELOADED => ("change", Some("success")),
        None if event.name == names::CONFIG_REJECTED => ("change", Some("failure")),
        Some(Action::Block) => ("denied", Some("failure")),
        Some(_) => ("allowed", Some("success")),
        None => ("info", None),
    };
    for (name, value) in [
        ("@timestamp", json!(date_time(event.time))),
        ("ecs.version", json!("8.11.0")),
        ("message", json!(event.message)),
        ("event.kind", json!(if event.is_alert() { "alert" } else { "event" })),
        ("event.category", categories(event)),
        ("event.type", json!([kind])),
        ("event.action", json!(event.name)),
        ("event.module", json!("tower_rasp")),
    ] {
        map.insert(name.to_owned(), value);
    }
    if let Some(outcome) = outcome {
        map.insert("event.outcome".to_owned(), json!(outcome));
    }
    if let Some(flood) = &event.detail.flood {
        map.insert("event.id".to_owned(), json!(flood.uid));
        map.insert("event.start".to_owned(), json!(date_time(flood.first)));
        map.insert("event.end".to_owned(), json!(date_time(flood.last)));
        if let Some(client) = flood.client {
            map.insert("related.ip".to_owned(), json!([client.to_string()]));
        }
    }
    if let Some((trace, span)) = event.request.as_ref().and_then(|request| request.trace.as_ref()) {
        map.insert("trace.id".to_owned(), json!(trace));
        map.insert("span.id".to_owned(), json!(span));
    }
    for (name, value) in event::fields(event) {
        map.insert(ecs_name(name).to_owned(), value.into());
    }
    map.into()
}

/// What kind of thing it tells of.
fn categories(event: &Event) -> Value {
    match event.name {
        names::CONFIG_RELOADED | names::CONFIG_REJECTED => json!(["configuration"]),
        _ => json!(["web", "intrusion_detection"]),
    }
}

/// The name of an attribute in the schema.
fn ecs_name(name: &'static str) -> &'static str {
    match name {
        names::SECURITY_RULE_UUID => "rule.id",
        names::SECURITY_RULE_NAME => "rule.name",
        names::SECURITY_RULE_CATEGORY => "rule.category",
        names::SECURITY_RULE_RULESET_NAME => "rule.ruleset",
        names::SECURITY_RULE_VERSION => "rule.version",
        names::ATTRIBUTE_TECHNIQUE_ID => "threat.technique.id",
        names::HTTP_REQUEST_METHOD => "http.request.method",
        names::ATTRIBUTE_REQUEST_ID => "http.request.id",
        names::CLIENT_ADDRESS => "client.ip",
        names::NETWORK_PEER_ADDRESS => "source.ip",
        names::ATTRIBUTE_LOCATION => "rasp.location.path",
        other => other,
    }
}
