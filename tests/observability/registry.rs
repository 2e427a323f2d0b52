//! The registry of signals, as far as names of series and labels go.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::programs::root;

/// Every group of this kind that is not reserved.
pub fn live_groups(kind: &str) -> Vec<Value> {
    let is_live = |group: &&Value| group["type"] == kind && group["note"] != "reserved";
    registry()["groups"].as_array().expect("groups").iter().filter(is_live).cloned().collect()
}

fn registry() -> Value {
    let path = root().join("src/telemetry/registry.yaml");
    let text = fs::read_to_string(path).expect("the registry");
    serde_saphyr::from_str(&text).expect("YAML")
}

/// The series of a metric, as the exporters of Prometheus write them.
pub fn series(metric: &Value) -> Vec<String> {
    let unit = match metric["unit"].as_str().expect("a unit") {
        "s" => "_seconds",
        "By" => "_bytes",
        _ => "",
    };
    let base = format!("{}{unit}", metric["metric_name"].as_str().expect("a name").replace('.', "_"));
    let endings: &[&str] = match metric["instrument"].as_str().expect("an instrument") {
        "counter" => &["_total"],
        "histogram" => &["_bucket", "_sum", "_count"],
        _ => &[""],
    };
    endings.iter().map(|ending| format!("{base}{ending}")).collect()
}

/// The members of an attribute's list of words.
pub fn members(attribute: &str) -> Vec<String> {
    let registry = registry();
    let attributes = registry["groups"][0]["attributes"].as_array().expect("attributes");
    let found = attributes.iter().find(|known| known["id"] == attribute).expect("an attribute");
    let members = found["type"]["members"].as_array().expect("members").iter();
    members.map(|member| member["value"].as_str().expect("a value").to_owned()).collect()
}

/// The type of an attribute of ours, a list of words counted as text; none for OpenTelemetry's.
pub fn kind(attribute: &str) -> Option<String> {
    let registry = registry();
    let attributes = registry["groups"][0]["attributes"].as_array().expect("attributes");
    let found = attributes.iter().find(|known| known["id"] == attribute)?;
    Some(found["type"].as_str().unwrap_or("string").to_owned())
}

/// What stands in Prometheus: names of series and of labels.
pub struct Names {
    pub series: BTreeSet<String>,
    pub labels: BTreeSet<String>,
}

/// The names as the exporters of Prometheus write them: dots become underscores, the unit and `_total` come at the end.
pub fn names() -> Names {
    let registry = registry();
    let mut names = Names { series: BTreeSet::new(), labels: BTreeSet::new() };
    for group in registry["groups"].as_array().expect("groups") {
        if group["metric_name"].is_string() {
            names.series.extend(series(group));
        }
        for attribute in group["attributes"].as_array().into_iter().flatten() {
            let name = attribute["id"].as_str().or(attribute["ref"].as_str()).expect("a name");
            names.labels.insert(name.replace('.', "_"));
        }
    }
    assert!(names.series.contains("rasp_requests_total") && names.labels.contains("rasp_action"));
    names
}
