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
    assert_eq!(attributes(&groups("attribute_group"), "id"), set(names::ATTRIBUTE_NAMES));
    let groups = registry()["groups"].as_array().expect("groups").clone();
    let known = set(&[names::ATTRIBUTE_NAMES, names::FOREIGN_NAMES].concat());
    let referred = attributes(&groups, "ref");
    assert!(referred.is_subset(&known), "{:?}", referred.difference(&known).collect::<Vec<_>>());
    assert!(set(names::FOREIGN_NAMES).is_subset(&referred));
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
