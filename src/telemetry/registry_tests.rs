//! The registry describes every name, and nothing else.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names;

pub(super) fn registry() -> Value {
    serde_saphyr::from_str(include_str!("registry.yaml")).expect("the registry is YAML")
}

pub(super) fn groups(kind: &str) -> Vec<Value> {
    let registry = registry();
    let groups = registry["groups"].as_array().expect("groups");
    groups.iter().filter(|group| group["type"] == kind).cloned().collect()
}

/// The words of a group under a key.
fn words(groups: &[Value], key: &str) -> BTreeSet<String> {
    groups.iter().filter_map(|group| group[key].as_str()).map(str::to_owned).collect()
}

fn attributes(groups: &[Value], key: &str) -> BTreeSet<String> {
    let attributes = groups.iter().filter_map(|group| group["attributes"].as_array()).flatten();
    attributes.filter_map(|attribute| attribute[key].as_str()).map(str::to_owned).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn every_name_is_in_the_registry_and_every_entry_has_a_name() {
    assert_eq!(words(&groups("event"), "name"), set(names::EVENT_NAMES));
    assert_eq!(words(&groups("span"), "name"), set(names::SPAN_NAMES));
    assert_eq!(words(&groups("metric"), "metric_name"), set(names::METRIC_NAMES));
    let own = [names::ATTRIBUTE_NAMES, names::DATADOG_NAMES].concat();
    assert_eq!(attributes(&groups("attribute_group"), "id"), set(&own));
    let groups = registry()["groups"].as_array().expect("groups").clone();
    let known = set(&[own, names::FOREIGN_NAMES.to_vec()].concat());
    let referred = attributes(&groups, "ref");
    assert!(referred.is_subset(&known), "{:?}", referred.difference(&known).collect::<Vec<_>>());
    assert!(set(names::FOREIGN_NAMES).is_subset(&referred));
}

#[test]
fn every_instrument_is_as_the_registry_says_and_only_reserved_ones_are_missing() {
    use super::instrument::{self, Kind};
    let metrics = groups("metric");
    let live: Vec<&Value> = metrics.iter().filter(|metric| metric["note"] != "reserved").collect();
    let (registered, made): (Vec<_>, Vec<_>) = (
        live.iter().map(|metric| metric["metric_name"].as_str().expect("a name")).collect(),
        instrument::ALL.iter().map(|one| one.name).collect(),
    );
    assert_eq!(registered, made);
    for (metric, one) in live.iter().zip(instrument::ALL) {
        let kind = match one.kind {
            Kind::Counter => "counter",
            Kind::Histogram(_) => "histogram",
            Kind::Gauge => "gauge",
        };
        assert_eq!(metric["instrument"], kind, "{}", one.name);
        assert_eq!(metric["unit"], one.unit, "{}", one.name);
        assert_eq!(metric["brief"].as_str().map(str::trim), Some(one.description), "{}", one.name);
        let refs = metric["attributes"].as_array().expect("attributes").iter();
        let refs: Vec<&str> = refs.filter_map(|attribute| attribute["ref"].as_str()).collect();
        assert_eq!(refs, one.attributes, "{}", one.name);
    }
}

/// The table of all signals, as `SIGNALS.md` has it.
fn table() -> String {
    let mut text = String::new();
    for (title, kind, name) in
        [("Metrics", "metric", "metric_name"), ("Events", "event", "name"), ("Spans", "span", "id")]
    {
        text += &format!("## {title}\n\n| name | is | attributes |\n|---|---|---|\n");
        for group in groups(kind) {
            let word = |key: &str| group[key].as_str().unwrap_or_default().trim().to_owned();
            let refs = group["attributes"].as_array().into_iter().flatten();
            let refs: Vec<String> =
                refs.filter_map(|attribute| Some(format!("`{}`", attribute["ref"].as_str()?))).collect();
            let kind =
                if kind == "metric" { format!("{}, `{}`: ", word("instrument"), word("unit")) } else { String::new() };
            let reserved = if group["note"] == "reserved" { "Reserved: " } else { "" };
            text += &format!("| `{}` | {reserved}{kind}{} | {} |\n", word(name), word("brief"), refs.join(", "));
        }
        text.push('\n');
    }
    text += "## Attributes\n\n| name | values | is |\n|---|---|---|\n";
    let groups = groups("attribute_group");
    for attribute in groups.iter().flat_map(|group| group["attributes"].as_array().expect("attributes")) {
        let word = |key: &str| attribute[key].as_str().unwrap_or_default().to_owned();
        let members = attribute["type"]["members"].as_array().into_iter().flatten();
        let members: Vec<String> =
            members.filter_map(|member| Some(format!("`{}`", member["value"].as_str()?))).collect();
        let values = if members.is_empty() { word("type") } else { members.join(", ") };
        let reserved = if attribute["note"] == "reserved" { "Reserved: " } else { "" };
        text += &format!("| `{}` | {values} | {reserved}{} |\n", word("id"), word("brief"));
    }
    text
}

/// With `UPDATE_SIGNALS` set it writes the file.
#[test]
fn the_docs_table_is_that_of_the_registry() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/telemetry/SIGNALS.md");
    let head = "# Signals\n\nEvery signal of tower-rasp; written by a test from `registry.yaml`, which says more.\n\n";
    let text = format!("{head}{}", table());
    if std::env::var_os("UPDATE_SIGNALS").is_some() {
        std::fs::write(path, &text).expect("the file is written");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == text, "SIGNALS.md is old: run this test with UPDATE_SIGNALS=1");
}

#[test]
fn every_entry_says_what_the_conventions_ask_for() {
    for kind in ["attribute_group", "span", "event", "metric"] {
        for group in groups(kind) {
            let id = &group["id"];
            assert!(group["brief"].is_string() && group["attributes"].is_array(), "{id}");
            assert!(kind == "attribute_group" || group["stability"].is_string(), "{id}");
            if kind == "metric" {
                assert!(group["instrument"].is_string() && group["unit"].is_string(), "{id}");
                assert_eq!(id.as_str(), group["metric_name"].as_str().map(|name| format!("metric.{name}")).as_deref());
            }
            for attribute in group["attributes"].as_array().expect("attributes") {
                let described = attribute["ref"].is_string() && !attribute["requirement_level"].is_null();
                let defined = attribute["brief"].is_string() && attribute["stability"].is_string();
                let valued = attribute["type"].is_object() || attribute["examples"].is_array();
                assert!(described || (defined && valued), "{id}: {attribute}");
            }
        }
    }
}
