//! Traces, metrics and events as OTLP receivers got them, by gRPC and by HTTP.

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;

use serde_json::{Value, json};

use super::programs::{Program, find, folder, free_port, request, succeeds};
use super::service::Service;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The example, which exports to this port.
pub fn service(name: &str, port: u16, protocol: &str, more: &[(&str, &str)]) -> Service {
    let endpoint = format!("http://127.0.0.1:{port}");
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_SERVICE_NAME", "notes"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "100"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "300"),
    ];
    Service::start(name, &[&variables, more].concat())
}

/// The incident id that the client was shown.
fn incident(answer: &str) -> String {
    let answer: Value = serde_json::from_str(answer).expect("a problem");
    answer["incident"].as_str().or(answer["instance"].as_str()).expect("an incident id").to_owned()
}

#[test]
fn rotel_receives_the_signals_by_grpc_and_http() {
    let Some(rotel) = find("rotel-agent") else { return };
    for protocol in ["grpc", "http/protobuf"] {
        let name = format!("rotel-{}", &protocol[..4]);
        let folder = folder(&name);
        let (grpc, http) = (free_port(), free_port());
        let mut command = Command::new(&rotel);
        command.env("ROTEL_PID_FILE", folder.join("rotel.pid")).args(["start", "--exporter", "blackhole"]);
        command.args(["--otlp-grpc-endpoint", &format!("127.0.0.1:{grpc}")]);
        command.args(["--otlp-http-endpoint", &format!("127.0.0.1:{http}")]);
        for signal in ["traces", "metrics", "logs"] {
            command.args(["--debug-log", signal]);
        }
        command.args(["--debug-log-verbosity", "detailed"]);
        let mut rotel = Program::start(&mut command, folder.join("rotel.log"));
        let port = if protocol == "grpc" { grpc } else { http };
        rotel.until("rotel listens", |_| TcpStream::connect(("127.0.0.1", port)).ok());

        let service = service(&format!("{name}-service"), port, protocol, &[]);
        let incident = incident(&service.attack(TRACE));
        for wanted in [
            // Of the program.
            "service.name: Str(notes)",
            "deployment.environment.name: Str(test)",
            "tower_rasp",
            // The span of the request, with what we put onto it.
            ": GET /search",
            TRACE,
            "rasp.action: Str(block)",
            "security_rule.uuid: Str(sqli.union)",
            "http.response.status_code: Int(403)",
            incident.as_str(),
            // Metrics.
            "Name: rasp.requests",
            "Unit: {request}",
            "Name: rasp.inspection.duration",
            "Name: rasp.rule.matches",
            "Name: rasp.mode.effective",
            // Events.
            "rasp.request.blocked",
            "rasp.rule.matched",
        ] {
            rotel.until(&format!("rotel received {wanted} by {protocol}"), |rotel| {
                rotel.log().contains(wanted).then_some(())
            });
        }
    }
}

/// The first record that came for which this holds.
fn find_record(program: &Program, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
    program.log().lines().filter_map(|line| serde_json::from_str(line).ok()).find(wanted)
}

/// The value of an attribute, without its type.
fn attribute(record: &Value, name: &str) -> Value {
    let all = record["attributes"].as_array().map_or(&[][..], Vec::as_slice);
    let found = all.iter().find(|attribute| attribute["key"] == name);
    let value = found.unwrap_or_else(|| panic!("no {name} in {record}"))["value"].as_object().expect("a value");
    value.values().next().expect("a value").clone()
}

struct Tapped {
    tap: Program,
    _service: Service,
    incident: String,
}

/// oteltap, and the port that it listens on.
pub fn oteltap(name: &str) -> Option<(Program, u16)> {
    let oteltap = find("oteltap")?;
    let folder = folder(name);
    let port = free_port();
    let mut command = Command::new(oteltap);
    command.env("PYTHONUNBUFFERED", "1").args(["--port", &port.to_string()]);
    let mut tap = Program::start(&mut command, folder.join("otlp.ndjson"));
    tap.until("oteltap listens", |_| TcpStream::connect(("127.0.0.1", port)).ok());
    Some((tap, port))
}

/// An attack, and everything that oteltap received of it.
fn tapped(name: &str) -> Option<Tapped> {
    let (tap, port) = oteltap(name)?;
    let service = service(&format!("{name}-service"), port, "http/protobuf", &[]);
    let incident = incident(&service.attack(TRACE));
    Some(Tapped { tap, _service: service, incident })
}

/// What the span and the events of the attack say alike.
const OF_THE_ATTACK: [(&str, &str); 8] = [
    ("rasp.action", "block"),
    ("rasp.verdict", "block"),
    ("rasp.mode", "enforce"),
    ("security_rule.uuid", "sqli.union"),
    ("security_rule.category", "sql_injection"),
    ("http.request.method", "GET"),
    ("http.route", "/search"),
    ("http.response.status_code", "403"),
];

impl Tapped {
    fn record(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.tap.until(&format!("oteltap received {what}"), |tap| find_record(tap, &wanted))
    }

    fn server_span(&mut self) -> Value {
        self.record("the span of the attack", |record| record["name"] == "GET /search" && record["traceId"] == TRACE)
    }
}

#[test]
fn the_server_span_says_what_was_done() {
    let Some(mut tapped) = tapped("tap-spans") else { return };
    let span = tapped.server_span();
    assert_eq!((&span["kind"], &span["parentSpanId"]), (&json!(2), &json!("00f067aa0ba902b7")));
    // A refusal is no error of the server.
    assert_eq!(span["status"]["code"], 0, "{span}");
    for (name, value) in OF_THE_ATTACK {
        assert_eq!(attribute(&span, name), value, "{name}");
    }
    for (name, value) in [
        ("rasp.score", json!("5")),
        ("rasp.match.count", json!("1")),
        ("rasp.rules", json!({"values": [{"stringValue": "sqli.union"}]})),
        ("rasp.inspection.completeness", json!({"values": [{"stringValue": "whole"}]})),
        ("rasp.request.id", json!(tapped.incident)),
    ] {
        assert_eq!(attribute(&span, name), value, "{name}");
    }
    assert_eq!(span["events"], json!([]), "events leave as log records alone");
    assert!(!span.to_string().contains("UNION SELECT password"), "{span}");
}

#[test]
fn metrics_have_their_names_units_attributes_and_buckets() {
    let Some(mut tapped) = tapped("tap-metrics") else { return };
    for (name, unit, data, attributes) in [
        ("rasp.requests", "{request}", "sum", &["http.route", "rasp.action", "rasp.mode", "rasp.verdict"][..]),
        ("rasp.inspection.duration", "s", "histogram", &["rasp.action", "rasp.phase"]),
        ("rasp.rule.matches", "{match}", "sum", &["rasp.action", "security_rule.category", "security_rule.uuid"]),
        ("rasp.mode.effective", "{mode}", "gauge", &["rasp.mode", "security_rule.category"]),
        ("rasp.inspection.memory.usage", "By", "gauge", &[]),
        ("rasp.inspection.memory.limit", "By", "gauge", &[]),
        ("rasp.ruleset.rules", "{rule}", "gauge", &["security_rule.ruleset.name"]),
    ] {
        let metric = tapped.record(name, |record| record["name"] == name);
        assert_eq!((&metric["unit"], metric[data].is_object()), (&json!(unit), true), "{metric}");
        for point in metric[data]["dataPoints"].as_array().expect("points") {
            let keys = point["attributes"].as_array().expect("attributes").iter();
            let mut keys: Vec<&str> = keys.filter_map(|attribute| attribute["key"].as_str()).collect();
            keys.sort_unstable();
            assert_eq!(keys, attributes, "{metric}");
        }
        if name == "rasp.inspection.duration" {
            let bounds = metric[data]["dataPoints"][0]["explicitBounds"].as_array().expect("bounds");
            let bounds: Vec<f64> = bounds.iter().filter_map(Value::as_f64).collect();
            assert_eq!(bounds, tower_rasp::DURATION_BUCKETS_SECONDS);
        }
        if data == "sum" {
            assert_eq!(
                (&metric[data]["isMonotonic"], &metric[data]["aggregationTemporality"]),
                (&json!(true), &json!(2))
            );
        }
    }
}

#[test]
fn events_are_log_records_in_the_trace_of_their_request() {
    let Some(mut tapped) = tapped("tap-logs") else { return };
    let span = tapped.server_span();
    for name in ["rasp.request.blocked", "rasp.rule.matched"] {
        let record = tapped.record(name, |record| record["eventName"] == name);
        assert_eq!((&record["traceId"], &record["spanId"]), (&json!(TRACE), &span["spanId"]), "{record}");
        assert_eq!(record["severityNumber"], 13, "{record}");
        assert_ne!(record["timeUnixNano"], "0", "{record}");
        let own = [
            ("rasp.request.id", tapped.incident.as_str()),
            ("client.address", "127.0.0.1"),
            ("network.peer.address", "127.0.0.1"),
        ];
        for (key, value) in OF_THE_ATTACK.into_iter().chain(own) {
            assert_eq!(attribute(&record, key), value, "{key} of {record}");
        }
        if name == "rasp.rule.matched" {
            assert_eq!(attribute(&record, "rasp.location"), json!("query.q"));
        }
        assert!(!record.to_string().contains("UNION SELECT password"), "{record}");
        let _ = writeln!(std::io::stderr(), "oteltap received: {record}");
    }
}

#[test]
fn what_was_found_on_an_unknown_path_leaves_when_the_service_is_stopped() {
    let Some((mut tap, port)) = oteltap("tap-stopped") else { return };
    // Nothing leaves by itself.
    let never = [("OTEL_BLRP_SCHEDULE_DELAY", "3600000"), ("OTEL_BSP_SCHEDULE_DELAY", "3600000")];
    let service = service("tap-stopped-service", port, "http/protobuf", &never);
    let head =
        "GET /wp-login.php?q=1%27%20UNION%20SELECT%20password%20FROM%20users-- HTTP/1.1\r\naccept: application/json";
    let (status, answer) = request(service.port, head, "").expect("an answer");
    assert_eq!(status, 403, "{answer}");
    let incident = incident(&answer);
    // As containers are stopped.
    succeeds(Command::new("kill").args(["-TERM", &service.program.id().to_string()]));
    let record = tap.until("oteltap received the last event", |tap| {
        find_record(tap, |record| record["eventName"] == "rasp.request.blocked")
    });
    assert_eq!(attribute(&record, "rasp.request.id"), json!(incident));
}
