//! The files of `examples/observability/`: each is loaded by its program, and they agree with one
//! another and with the registry.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;

use super::programs::{example, find, succeeds};
use super::registry::names;

pub fn text(name: &str) -> String {
    fs::read_to_string(example(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Every rule: recorded ones, and alerts.
fn rules() -> Vec<Value> {
    let groups = yaml("rasp.rules.yml");
    list(&groups["groups"]).iter().flat_map(|group| list(&group["rules"])).cloned().collect()
}

fn alerts() -> BTreeMap<String, Value> {
    let alert = |rule: Value| Some((rule["alert"].as_str()?.to_owned(), rule));
    rules().into_iter().filter_map(alert).collect()
}

/// Every query of the dashboard, with the title of its panel.
pub fn queries() -> Vec<(String, String)> {
    let dashboard: Value = serde_json::from_str(&text("dashboard.json")).expect("JSON");
    let of_panel = |panel: &Value| {
        let title = panel["title"].as_str().expect("a title").to_owned();
        let targets = list(&panel["targets"]).iter();
        targets.map(|target| (title.clone(), target["expr"].as_str().expect("a query").to_owned())).collect::<Vec<_>>()
    };
    let mut queries: Vec<_> = list(&dashboard["panels"]).iter().flat_map(of_panel).collect();
    for annotation in list(&dashboard["annotations"]["list"]) {
        queries.push(("annotation".to_owned(), annotation["expr"].as_str().expect("a query").to_owned()));
    }
    assert!(queries.len() > 25, "{queries:?}");
    queries
}

#[test]
fn promtool_takes_the_rules_and_sees_each_alert_fire_and_not_fire() {
    let Some(promtool) = find("promtool") else { return };
    let run = |arguments: [&str; 2], file: &str| succeeds(Command::new(&promtool).args(arguments).arg(example(file)));
    run(["check", "config"], "prometheus.yml");
    run(["check", "rules"], "rasp.rules.yml");
    let told = run(["test", "rules"], "rasp.rules.test.yml");
    assert!(told.contains("SUCCESS"), "{told}");
}

#[test]
fn amtool_takes_the_configuration() {
    let Some(amtool) = find("amtool") else { return };
    succeeds(Command::new(amtool).arg("check-config").arg(example("alertmanager.yml")));
}

/// Those that wake somebody: users are turned away, or nothing is.
const PAGED: [&str; 4] = ["RaspBlocksJumpAfterChange", "RaspBreakerTripped", "RaspEngineErrors", "RaspGone"];

#[test]
fn amtool_routes_each_alert_as_the_readme_says() {
    let Some(amtool) = find("amtool") else { return };
    for (name, alert) in alerts() {
        let labels = alert["labels"].as_object().expect("labels").iter();
        let labels = labels.map(|(label, value)| format!("{label}={}", value.as_str().expect("text")));
        let mut command = Command::new(&amtool);
        command.args(["config", "routes", "test", "--config.file"]).arg(example("alertmanager.yml"));
        let receiver = succeeds(command.args(labels).args([format!("alertname={name}"), "job=shop".to_owned()]));
        let wanted = if PAGED.contains(&name.as_str()) { "page" } else { "chat" };
        // A warning on flags may follow.
        assert_eq!(receiver.lines().next(), Some(wanted), "{name}");
    }
}

#[test]
fn every_alert_has_a_severity_and_a_section_of_the_runbook() {
    let runbook = text("runbook.md");
    let sections: BTreeSet<String> =
        runbook.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_ascii_lowercase).collect();
    let alerts = alerts();
    assert!(alerts.len() >= 12, "{}", alerts.len());
    for (name, alert) in &alerts {
        let link = alert["annotations"]["runbook_url"].as_str().unwrap_or_else(|| panic!("{name} has no runbook"));
        let page = "https://docs.rs/tower-rasp/latest/tower_rasp/runbook/index.html";
        assert_eq!(link.split_once('#'), Some((page, name.to_ascii_lowercase().as_str())));
        assert!(sections.contains(&name.to_ascii_lowercase()), "the runbook has no section {name}");
        assert!(["critical", "warning"].contains(&alert["labels"]["severity"].as_str().unwrap_or_default()), "{name}");
    }
    assert_eq!(sections.len(), alerts.len(), "a section of the runbook is of no alert");
    // Its own links too.
    for anchor in runbook.split("](#").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(sections.contains(anchor), "{anchor}");
    }
}

#[test]
fn every_alert_is_shown_to_fire_and_not_to_fire() {
    let tests = yaml("rasp.rules.test.yml");
    let mut firing: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut given: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for test in list(&tests["tests"]) {
        let series = list(&test["input_series"]).iter().filter_map(|series| series["series"].as_str());
        let jobs: BTreeSet<&str> =
            series.filter_map(|series| series.split("job=\"").nth(1)?.split('"').next()).collect();
        for case in list(&test["alert_rule_test"]) {
            let name = case["alertname"].as_str().expect("a name");
            given.entry(name).or_default().extend(&jobs);
            // Silent before, in the same case, is not firing too.
            if list(&case["exp_alerts"]).is_empty() {
                given.entry(name).or_default().insert("before");
            }
            let fires =
                list(&case["exp_alerts"]).iter().map(|alert| alert["exp_labels"]["job"].as_str().expect("a job"));
            firing.entry(name).or_default().extend(fires.map(str::to_owned));
        }
    }
    for name in alerts().keys().map(String::as_str) {
        let (firing, given) = (&firing[name], &given[name]);
        assert!(!firing.is_empty(), "{name} never fires");
        let silent = given.iter().filter(|job| !firing.contains(**job)).count();
        assert!(silent > 0, "{name} always fires");
    }
}

/// The words of a query that are names: of series, of labels, of functions.
fn words(query: &str) -> impl Iterator<Item = &str> {
    let unquoted = query.split('"').step_by(2);
    unquoted.flat_map(|text| text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')))
}

#[test]
fn every_series_and_label_is_in_the_registry() {
    let names = names();
    let recorded: BTreeSet<String> =
        rules().iter().filter_map(|rule| rule["record"].as_str()).map(str::to_owned).collect();
    let mut queries = queries();
    for rule in rules() {
        let name = rule["alert"].as_str().or(rule["record"].as_str()).expect("a name").to_owned();
        for text in [&rule["expr"], &rule["annotations"]["summary"], &rule["annotations"]["description"]] {
            queries.push((name.clone(), text.as_str().unwrap_or_default().to_owned()));
        }
    }
    for line in text("rasp.rules.test.yml").lines().filter_map(|line| line.split("series: '").nth(1)) {
        queries.push(("test".to_owned(), line.split('\'').next().unwrap_or_default().to_owned()));
    }
    let mut used = BTreeSet::new();
    for (place, query) in &queries {
        for word in words(query) {
            let ours = word.contains("rasp_") || word.starts_with("security_rule") || word.starts_with("http_");
            if ours || word == "error_type" {
                let known = names.series.contains(word) || names.labels.contains(word) || recorded.contains(word);
                assert!(known, "{place}: `{word}` is neither a series nor a label");
                used.insert(word.to_owned());
            }
        }
    }
    // And the other way: the dashboard shows all that there is.
    for series in names.series.iter().filter(|name| !name.ends_with("_sum") && !name.ends_with("_count")) {
        assert!(used.contains(series), "nothing shows {series}");
    }
}

#[test]
fn the_dashboard_is_well_laid() {
    let dashboard: Value = serde_json::from_str(&text("dashboard.json")).expect("JSON");
    let panels = list(&dashboard["panels"]);
    let mut ids = BTreeSet::new();
    let mut cells = BTreeSet::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().expect("an id")), "{panel}");
        let at = |key: &str| panel["gridPos"][key].as_u64().expect("a place");
        assert!(at("x") + at("w") <= 24, "{panel}");
        for x in at("x")..at("x") + at("w") {
            for y in at("y")..at("y") + at("h") {
                assert!(cells.insert((x, y)), "{} lies on another", panel["title"]);
            }
        }
        assert!(panel["type"] == "row" || panel["datasource"]["uid"] == "${datasource}", "{panel}");
        let references: BTreeSet<&str> =
            list(&panel["targets"]).iter().filter_map(|target| target["refId"].as_str()).collect();
        assert_eq!(references.len(), list(&panel["targets"]).len(), "{panel}");
    }
    for (title, query) in queries() {
        assert!(query.contains("job=~\"$job\""), "{title} forgets the service: {query}");
    }
}

#[test]
fn the_collector_uses_what_it_defines() {
    let config = yaml("otel-collector.yaml");
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for (name, pipeline) in config["service"]["pipelines"].as_object().expect("pipelines") {
        // A line of a file has neither an event's name nor a scope: the filter would drop each.
        let has = |kind: &str, wanted: &str| list(&pipeline[kind]).iter().any(|component| component == wanted);
        assert!(!has("receivers", "filelog/ocsf") || !has("processors", "filter/security"), "{name}");
        for kind in ["receivers", "processors", "exporters"] {
            for component in list(&pipeline[kind]) {
                let component = component.as_str().expect("a name").to_owned();
                assert!(config[kind].get(&component).is_some(), "{name} uses {component}, which is not defined");
                used.insert((kind.to_owned(), component));
            }
        }
    }
    for kind in ["receivers", "processors", "exporters"] {
        for component in config[kind].as_object().expect("components").keys() {
            assert!(used.contains(&(kind.to_owned(), component.clone())), "nothing uses {component}");
        }
    }
}
