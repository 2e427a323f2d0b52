//! What each event says besides: who, by which rule, where in the schema; and which configuration was in force.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request};
use opentelemetry::logs::AnyValue;
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider};
use serde_json::json;
use tower_rasp::{Mode, PeerAddress, Rasp, RaspBuilder};

#[derive(Clone)]
struct User(&'static str);

const ATTACK: &str = "/search?q=1%27%20union%20select%20password%20from%20users--";

/// The events of these requests, each by its name and with its attributes as text.
fn events(builder: RaspBuilder, requests: Vec<Request<Bytes>>) -> Vec<(String, Vec<(String, String)>)> {
    let exporter = InMemoryLogExporter::default();
    let provider = SdkLoggerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let rasp = builder.logger_provider(&provider).build().expect("an engine");
    for request in &requests {
        let _ = rasp.inspect(request);
    }
    rasp.reload().expect("a reload");
    let text = |value: &AnyValue| match value {
        AnyValue::String(text) => text.as_str().to_owned(),
        AnyValue::ListAny(list) => format!("{list:?}"),
        other => format!("{other:?}"),
    };
    let logs = exporter.get_emitted_logs().expect("logs");
    let mut events = Vec::new();
    for log in &logs {
        let attributes = log.record.attributes_iter().map(|(key, value)| (key.to_string(), text(value))).collect();
        events.push((log.record.event_name().expect("a name").to_owned(), attributes));
    }
    events
}

#[track_caller]
fn of<'a>(events: &'a [(String, Vec<(String, String)>)], name: &str) -> &'a [(String, String)] {
    let event = events.iter().find(|(event, _)| event == name);
    &event.unwrap_or_else(|| panic!("no {name} in {events:?}")).1
}

fn value<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn request(method: &Method, target: &str, body: &str) -> Request<Bytes> {
    let request = Request::builder().method(method).uri(target).header("content-type", "application/json");
    let mut request = request.header("x-forwarded-for", "203.0.113.9").body(Bytes::from(body.to_owned())).unwrap();
    request.extensions_mut().insert(PeerAddress(SocketAddr::from(([10, 0, 0, 1], 4711))));
    request.extensions_mut().insert(User("alice"));
    request
}

const CONFIG: &str = r#"
version = 1
[client_address]
trusted_proxies = ["10.0.0.0/8"]
header = "x-forwarded-for"
[telemetry]
inspected_one_in = 1
[completeness]
budget = "alert"
[[rule]]
id = "app.own"
description = "Ours"
category = "virtual_patch"
severity = "notice"
confidence = "certain"
location = "query.own"
matcher = { regex = "[0-9]" }
examples = ["1"]
counter_examples = ["a"]
"#;

fn builder() -> RaspBuilder {
    let schema = json!({ "type": "object", "properties": { "title": { "type": "string", "maxLength": 4 } } });
    Rasp::builder()
        .config_text(CONFIG)
        .json_schema(Method::POST, "/notes", schema)
        .user(|extensions| extensions.get::<User>().map(|user| user.0.to_owned()))
}

fn all() -> Vec<(String, Vec<(String, String)>)> {
    let compressed = {
        let mut request = request(&Method::POST, "/upload", "x");
        request.headers_mut().insert("content-encoding", "gzip".parse().expect("a value"));
        request
    };
    let requests = vec![
        request(&Method::GET, ATTACK, ""),
        request(&Method::POST, "/notes", r#"{"title": "hunter22"}"#),
        compressed,
    ];
    events(builder(), requests)
}

const OF_REQUESTS: [&str; 5] = [
    "rasp.rule.matched",
    "rasp.request.blocked",
    "rasp.validation.failed",
    "rasp.request.incomplete",
    "rasp.request.inspected",
];

#[test]
fn every_event_about_a_request_says_who() {
    let events = all();
    for name in OF_REQUESTS {
        let attributes = of(&events, name);
        for (key, expected) in [
            ("user.id", "alice"),
            ("client.address", "203.0.113.9"),
            ("network.peer.address", "10.0.0.1"),
            ("rasp.mode", "enforce"),
        ] {
            assert_eq!(value(attributes, key), Some(expected), "{name}: {key}");
        }
        let completeness = value(attributes, "rasp.inspection.completeness").expect("completeness");
        assert!(completeness.starts_with('['), "an array: {completeness}");
    }
}

#[test]
fn addresses_have_one_switch() {
    let config = format!("{CONFIG}\n").replace("[telemetry]", "[telemetry]\nclient_address = false");
    let events = events(builder().config_text(config), vec![request(&Method::GET, ATTACK, "")]);
    for (name, attributes) in &events {
        assert_eq!(value(attributes, "client.address").or(value(attributes, "network.peer.address")), None, "{name}");
    }
}

#[test]
fn a_rule_is_told_with_its_ruleset() {
    let mut own = request(&Method::GET, "/?own=1", "");
    own.extensions_mut().remove::<User>();
    let builtin = events(builder(), vec![request(&Method::GET, ATTACK, "")]);
    let custom = events(builder(), vec![own]);
    for name in ["rasp.rule.matched", "rasp.request.blocked"] {
        let attributes = of(&builtin, name);
        assert_eq!(value(attributes, "security_rule.ruleset.name"), Some("builtin"), "{name}");
        assert_eq!(value(attributes, "security_rule.version"), Some("1"), "{name}");
        assert_eq!(value(attributes, "rasp.phase"), Some("head"), "{name}");
        let attributes = of(&custom, name);
        assert_eq!(value(attributes, "security_rule.uuid"), Some("app.own"), "{name}");
        assert_eq!(value(attributes, "security_rule.ruleset.name"), Some("custom"), "{name}");
        assert_eq!(value(attributes, "security_rule.version").or(value(attributes, "user.id")), None, "{name}");
    }
    let reloaded = of(&custom, "rasp.config.reloaded");
    assert_eq!(value(reloaded, "security_rule.ruleset.name"), Some("builtin+custom"));
}

#[test]
fn a_failed_validation_says_what_failed_and_where_in_the_schema() {
    let events = all();
    let attributes = of(&events, "rasp.validation.failed");
    for (key, expected) in [
        ("rasp.validation.target", "body"),
        ("rasp.validation.keyword", "max_length"),
        ("rasp.validation.path", "/properties/title/maxLength"),
        ("rasp.location", "body./title"),
        ("rasp.location.name", "/title"),
        ("rasp.phase", "body"),
        ("security_rule.uuid", "schema.max_length"),
        ("security_rule.category", "schema"),
    ] {
        assert_eq!(value(attributes, key), Some(expected), "{key}");
    }
    assert!(!format!("{attributes:?}").contains("hunter22"), "{attributes:?}");
}

#[test]
fn the_version_follows_what_is_given_in_code_too() {
    let version = |builder: RaspBuilder| {
        let events = events(builder, Vec::new());
        value(of(&events, "rasp.config.reloaded"), "rasp.config.version").expect("a version").to_owned()
    };
    let schema = |most: u64| json!({ "type": "string", "maxLength": most });
    let builders = || {
        vec![
            Rasp::builder(),
            Rasp::builder().mode(Mode::Detect),
            Rasp::builder().json_schema(Method::POST, "/a", schema(4)),
            Rasp::builder().json_schema(Method::POST, "/a", schema(5)),
            Rasp::builder().json_schema(Method::PUT, "/a", schema(5)),
            Rasp::builder().config_text("version = 1\n"),
        ]
    };
    let versions: Vec<String> = builders().into_iter().map(version).collect();
    assert_eq!(versions, builders().into_iter().map(version).collect::<Vec<_>>());
    let mut different = versions.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), versions.len(), "{versions:?}");
    assert_eq!(versions[0], version(Rasp::builder().config_text("")));
    assert!(versions.iter().all(|version| version.len() == 16 && version != "0000000000000000"), "{versions:?}");
}
