//! The registry of signals, as far as names of series and labels go.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::programs::root;

/// What stands in Prometheus: names of series and of labels.
pub struct Names {
    pub series: BTreeSet<String>,
    pub labels: BTreeSet<String>,
}

/// The names as the exporters of Prometheus write them: dots become underscores, the unit and `_total` come at the end.
pub fn names() -> Names {
    let path = root().join("src/telemetry/registry.yaml");
    let text = fs::read_to_string(path).expect("the registry");
    let registry: Value = serde_saphyr::from_str(&text).expect("YAML");
    let mut names = Names { series: BTreeSet::new(), labels: BTreeSet::new() };
    for group in registry["groups"].as_array().expect("groups") {
        if let Some(metric) = group["metric_name"].as_str() {
            let unit = match group["unit"].as_str().expect("a unit") {
                "s" => "_seconds",
                "By" => "_bytes",
                _ => "",
            };
            let base = format!("{}{unit}", metric.replace('.', "_"));
            let endings: &[&str] = match group["instrument"].as_str().expect("an instrument") {
                "counter" => &["_total"],
                "histogram" => &["_bucket", "_sum", "_count"],
                _ => &[""],
            };
            names.series.extend(endings.iter().map(|ending| format!("{base}{ending}")));
        }
        for attribute in group["attributes"].as_array().into_iter().flatten() {
            let name = attribute["id"].as_str().or(attribute["ref"].as_str()).expect("a name");
            names.labels.insert(name.replace('.', "_"));
        }
    }
    assert!(names.series.contains("rasp_requests_total") && names.labels.contains("rasp_action"));
    names
}
