//! Detection Finding (2004), as <https://schema.ocsf.io/1.5.0/classes/detection_finding> has it: an attack of many
//! requests. It is created with the first report of a flood and updated with each further one.

use serde_json::{Value, json};

use super::{attack, metadata, milliseconds, severity, unmapped};
use crate::telemetry::event::Event;

const CLASS: u64 = 2004;

/// The event as a finding; none where it is about no flood.
pub(super) fn detection_finding(event: &Event) -> Option<Value> {
    let flood = event.detail.flood.as_ref()?;
    let (activity, name) = if flood.is_new { (1, "Create") } else { (2, "Update") };
    let (status, status_name) = if flood.is_new { (1, "New") } else { (2, "In Progress") };
    let (severity, severity_name) = severity(event);
    let (first, last) = (milliseconds(flood.first), milliseconds(flood.last));
    let mut info = json!({
        "uid": flood.uid,
        "title": "Attacks came faster than the limit of events",
        "desc": event.message,
        "types": ["attack flood"],
        "created_time": first,
        "modified_time": milliseconds(event.time),
        "first_seen_time": first,
        "last_seen_time": last,
        "related_events_count": flood.count,
    });
    if let Some(rule) = event.rule.as_deref() {
        let mut analytic = json!({ "type_id": 1, "type": "Rule", "uid": rule.id, "name": rule.description, "category": rule.category.as_str() });
        if let Some(version) = rule.version() {
            analytic["version"] = version.into();
        }
        info["analytic"] = analytic;
        if let Some(attack) = attack(rule) {
            info["attacks"] = json!([attack]);
        }
    }
    let mut finding = json!({
        "activity_id": activity,
        "activity_name": name,
        "category_uid": 2,
        "class_uid": CLASS,
        "type_uid": CLASS * 100 + activity,
        "time": milliseconds(event.time),
        "start_time": first,
        "end_time": last,
        "count": flood.count,
        "severity_id": severity,
        "severity": severity_name,
        "status_id": status,
        "status": status_name,
        "is_alert": true,
        "message": event.message,
        "metadata": metadata(event, Some(&flood.uid), &[]),
        "finding_info": info,
        "unmapped": unmapped(event),
    });
    if let Some(client) = flood.client {
        finding["evidences"] = json!([{ "src_endpoint": { "ip": client.to_string() } }]);
    }
    Some(finding)
}
