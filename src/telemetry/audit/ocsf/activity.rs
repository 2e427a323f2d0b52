//! HTTP Activity (4002), as <https://schema.ocsf.io/1.5.0/classes/http_activity> has it: what was found in one request.

use serde_json::{Map, Value, json};

use super::{attack, metadata, milliseconds, severity, unmapped};
use crate::policy::Action;
use crate::rule::{Confidence, RuleInfo};
use crate::telemetry::event::{Event, Subject};

const CLASS: u64 = 4002;

/// The event as an activity; none where it is about no request.
pub(super) fn http_activity(event: &Event) -> Option<Value> {
    let request = event.request.as_deref()?;
    let (activity, name) = activity(request.method);
    let action = event.detail.action.unwrap_or(Action::Pass);
    let (severity, severity_name) = severity(event);
    let blocked = action == Action::Block;
    let (disposition, disposition_name) = match action {
        Action::Block => (2, "Blocked"),
        Action::Pass => (17, "Logged"),
        _ => (19, "Alert"),
    };
    let mut activity = json!({
        "activity_id": activity,
        "activity_name": name,
        "category_uid": 4,
        "class_uid": CLASS,
        "type_uid": CLASS * 100 + activity,
        "time": milliseconds(event.time),
        "severity_id": severity,
        "severity": severity_name,
        "message": event.message,
        "action_id": if blocked { 2 } else { 1 },
        "action": if blocked { "Denied" } else { "Allowed" },
        "disposition_id": disposition,
        "disposition": disposition_name,
        "is_alert": event.is_alert(),
        "metadata": metadata(event, Some(&request.id), &["security_control", "trace"]),
        "http_request": http_request(request),
        "unmapped": unmapped(event),
    });
    let map = activity.as_object_mut()?;
    if let Some(status) = request.status {
        map.insert("http_response".to_owned(), json!({ "code": status }));
    }
    if let Some(client) = request.client {
        map.insert("src_endpoint".to_owned(), json!({ "ip": client.to_string() }));
    }
    if let Some(rule) = event.rule.as_deref() {
        insert_rule(map, event, rule);
    }
    if let Some((trace, span)) = &request.trace {
        let time = milliseconds(request.time);
        let span = json!({ "uid": span, "start_time": time, "end_time": milliseconds(event.time) });
        map.insert("trace".to_owned(), json!({ "uid": trace, "span": span }));
    }
    Some(activity)
}

/// The methods of OCSF 1.5, in the order of their activities.
const KNOWN: [(&str, &str); 8] = [
    ("CONNECT", "Connect"),
    ("DELETE", "Delete"),
    ("GET", "Get"),
    ("HEAD", "Head"),
    ("OPTIONS", "Options"),
    ("POST", "Post"),
    ("PUT", "Put"),
    ("TRACE", "Trace"),
];

/// The activity of a method, as 1.5 knows them.
fn activity(method: &str) -> (u64, &str) {
    let place = KNOWN.iter().position(|(known, _)| *known == method);
    place.map_or((99, method), |place| (place as u64 + 1, KNOWN[place].1))
}

fn http_request(request: &Subject) -> Value {
    let mut map = Map::new();
    // The schema lists the methods that it knows; the others are the activity's name.
    if KNOWN.iter().any(|(method, _)| *method == request.method) {
        map.insert("http_method".to_owned(), request.method.into());
    }
    map.insert("uid".to_owned(), request.id.clone().into());
    if let Some(path) = &request.path {
        map.insert("url".to_owned(), json!({ "path": path }));
    }
    if let Some(agent) = &request.user_agent {
        map.insert("user_agent".to_owned(), agent.clone().into());
    }
    map.into()
}

fn insert_rule(map: &mut Map<String, Value>, event: &Event, rule: &RuleInfo) {
    let mut firewall = json!({
        "uid": rule.id,
        "name": rule.description,
        "category": rule.category.as_str(),
        "condition": rule.category.as_str().to_ascii_uppercase(),
    });
    if let Some(version) = rule.version() {
        firewall["version"] = version.into();
    }
    if let Some(location) = &event.detail.location {
        firewall["match_location"] = location.clone().into();
    }
    if let Some(excerpt) = &event.detail.excerpt {
        firewall["match_details"] = json!([excerpt]);
    }
    map.insert("firewall_rule".to_owned(), firewall);
    if let Some(confidence) = event.detail.confidence {
        let (id, name) = match confidence {
            Confidence::Certain => (3, "High"),
            Confidence::Likely => (2, "Medium"),
            Confidence::Weak => (1, "Low"),
        };
        map.insert("confidence_id".to_owned(), id.into());
        map.insert("confidence".to_owned(), name.into());
    }
    if let Some(attack) = attack(rule) {
        map.insert("attacks".to_owned(), json!([attack]));
    }
}
