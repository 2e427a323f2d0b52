//! Every signal of the registry that is not reserved, received by a real back end: the example goes through everything
//! that it can be made to tell, oteltap receives spans, metrics and log records, and Prometheus scrapes. A signal or an
//! attribute that is new in the registry fails here until a request below makes it.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::otlp;
use super::programs::{Program, encode, find, folder, free_port, get, request, succeeds};
use super::registry::{kind, live_groups, members, series};
use super::service::Service;

const CONFIG: &str = r#"
version = 1

[limits]
body_hold_bytes_max = 65_536
inspection_memory_bytes_max = 65_536

[completeness]
unknown_type = "alert"
upgrade = "alert"
unread = "alert"

[telemetry]
inspect_span = true
inspected_one_in = 1
excerpts = true
datadog = true

# What the document does not declare comes to the decoders here.
[rule_mode]
"schema.undeclared_content_type" = "off"
"schema.encoded_body" = "off"

[[route]]
route = "/events"
mode = "detect"

# What cannot be enforced.
[[schema]]
schema = { type = "string", pattern = "^(?=a)a" }
route = "/events"
method = ["GET"]
location = "query.odd"
"#;

/// What cannot be made from outside: only a panic in the engine makes it, and none is known. The crate's own tests make
/// one (`src/middleware/panic_tests.rs`), and see these two attributes, and `panic` as an `error.type`, through the SDK.
const ONLY_A_PANIC: [(&str, &str); 2] =
    [("span.rasp.server", "error.type"), ("metric.rasp.inspection.duration", "error.type")];

const REJECTED: &str = "\"eventName\":\"rasp.config.rejected\"";

const ATTACK: &str = "GET /search?q=1%27%20UNION%20SELECT%20password%20FROM%20users-- HTTP/1.1";

/// Requests by what they make the engine tell: the lines of the head, the body, and the status.
const REQUESTS: [(&str, &str, &str, u16); 7] = [
    ("an attack", ATTACK, "", 403),
    ("a body against its schema", "POST /notes HTTP/1.1\r\ncontent-type: application/json", "{\"title\": 7}", 422),
    ("limit", "GET /search?q=%252525252525252525252525252541 HTTP/1.1", "", 200),
    (
        "unknown_type",
        "PUT /notes/1 HTTP/1.1\r\ncontent-type: application/octet-stream",
        "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\0\0\0",
        404,
    ),
    ("disabled_decoder", "PUT /notes/1 HTTP/1.1\r\ncontent-type: text/plain\r\ncontent-encoding: gzip", "x", 404),
    ("undecodable", "PUT /notes/1 HTTP/1.1\r\ncontent-type: text/plain; charset=ibm037", "x", 404),
    ("unread", "GET /search?q=a HTTP/1.1", "hello", 200),
];

/// A response that does not end by itself: its head is read, and the connection is closed.
fn begin(port: u16, head: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.write_all(format!("{head}\r\nhost: 127.0.0.1\r\n\r\n").as_bytes()).expect("a request");
    let mut bytes = [0; 512];
    let count = stream.read(&mut bytes).expect("an answer");
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

/// Makes everything be told.
fn tell_all(service: &mut Service, config: &Path) {
    for (what, head, body, status) in REQUESTS {
        let head = format!("{head}\r\nuser-agent: test/1");
        let (answered, text) = request(service.port, &head, body).expect("an answer");
        assert_eq!(answered, status, "{what}: {text}");
    }
    // More than there is memory for.
    let long = "a".repeat(200_000);
    let head = "POST /upload HTTP/1.1\r\ncontent-type: multipart/form-data; boundary=b\r\nuser-agent: test/1";
    let part = format!("--b\r\ncontent-disposition: form-data; name=f; filename=f\r\n\r\n{long}\r\n--b--\r\n");
    let (answered, text) = request(service.port, head, &part).expect("an answer");
    assert_eq!(answered, 200, "budget: {text}");
    let upgrade = "GET /ws HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==";
    assert!(begin(service.port, upgrade).starts_with("HTTP/1.1 101"));
    assert!(begin(service.port, "GET /events?odd=b HTTP/1.1").starts_with("HTTP/1.1 200"));
    // A flood.
    for _ in 0..40 {
        assert_eq!(request(service.port, ATTACK, "").expect("an answer").0, 403);
    }
    let id = service.program.id().to_string();
    let hang_up = || succeeds(Command::new("kill").args(["-HUP", &id]));
    hang_up();
    wait_for(service, "rasp.config.reloaded");
    fs::write(config, "version = 1\nmode = \"enforced\"\n").expect("a file");
    hang_up();
    wait_for(service, "rasp.config.rejected");
}

fn wait_for(service: &mut Service, event: &str) {
    service.program.until(event, |program| program.log().contains(event).then_some(()));
}

/// The attributes of a record, or of a point of a metric: names, and the words that say their types.
fn attributes(record: &Value) -> Vec<(String, String)> {
    let all = record["attributes"].as_array().into_iter().flatten();
    let kind = |value: &Value| value.as_object().and_then(|value| value.keys().next().cloned()).unwrap_or_default();
    all.map(|one| (one["key"].as_str().expect("a key").to_owned(), kind(&one["value"]))).collect()
}

/// Whether ours: spans have attributes of the program too.
fn is_ours(name: &str) -> bool {
    let prefixes = ["rasp.", "security_rule.", "appsec.", "_dd."];
    prefixes.iter().any(|prefix| name.starts_with(prefix)) || name == "error.type"
}

/// What came of one group.
fn received(records: &[Value], group: &Value) -> Vec<Vec<(String, String)>> {
    let id = group["id"].as_str().expect("an id");
    let mut received = Vec::new();
    for record in records {
        if id == "span.rasp.server" {
            let of_span = attributes(record);
            if record["kind"] == 2 && of_span.iter().any(|(name, _)| name == "rasp.action") {
                received.push(of_span.into_iter().filter(|(name, _)| is_ours(name)).collect());
            }
        } else if let Some(metric) = group["metric_name"].as_str() {
            let data = ["sum", "gauge", "histogram"].iter().find_map(|data| record[data]["dataPoints"].as_array());
            if record["name"] == metric {
                received.extend(data.into_iter().flatten().map(attributes));
            }
        } else if record["eventName"] == group["name"] || record["name"] == group["name"] {
            received.push(attributes(record));
        }
    }
    received
}

/// What is missing or wrong in what was received of one group.
fn faults(group: &Value, received: &[Vec<(String, String)>]) -> Vec<String> {
    let id = group["id"].as_str().expect("an id");
    if received.is_empty() {
        return vec![format!("{id} was not received")];
    }
    let mut faults = BTreeSet::new();
    let seen: BTreeSet<&str> = received.iter().flatten().map(|(name, _)| name.as_str()).collect();
    let mut known = BTreeSet::new();
    for attribute in group["attributes"].as_array().expect("attributes") {
        let name = attribute["ref"].as_str().expect("a name");
        known.insert(name);
        let required = attribute["requirement_level"] == "required";
        if required && received.iter().any(|record| record.iter().all(|(key, _)| key != name)) {
            faults.insert(format!("{id}: a record without {name}, which is required"));
        }
        let expected = attribute["requirement_level"] != "opt_in" && !ONLY_A_PANIC.contains(&(id, name));
        if expected && !seen.contains(name) {
            faults.insert(format!("{id}: {name} was never received"));
        }
        if ONLY_A_PANIC.contains(&(id, name)) && seen.contains(name) {
            faults.insert(format!("{id}: {name} was received, so the engine failed"));
        }
    }
    for (name, value) in received.iter().flatten() {
        if !known.contains(name.as_str()) {
            faults.insert(format!("{id}: {name} is not in the registry"));
        }
        // Metrics have one word where spans and events have a list.
        let expected = kind(name).filter(|_| group["type"] != "metric");
        let expected = expected.map(|kind| match kind.as_str() {
            "int" => "intValue",
            "double" => "doubleValue",
            "boolean" => "boolValue",
            "string[]" => "arrayValue",
            _ => "stringValue",
        });
        if expected.is_some_and(|expected| expected != value) {
            faults.insert(format!("{id}: {name} came as {value}"));
        }
    }
    faults.into_iter().collect()
}

#[test]
fn every_signal_that_is_not_reserved_is_received_by_a_real_back_end() {
    let Some(prometheus) = find("prometheus") else { return };
    let Some((mut tap, port)) = otlp::oteltap("complete") else { return };
    let config = folder("complete-config").join("rasp.toml");
    fs::write(&config, CONFIG).expect("a file");
    let path = ("RASP_CONFIG", config.to_str().expect("text"));
    let seldom = ("OTEL_METRIC_EXPORT_INTERVAL", "3000");
    let mut service = otlp::service("complete-service", port, "http/protobuf", &[path, seldom]);

    let page = format!(
        "global: {{scrape_interval: 1s}}\n\
         scrape_configs: [{{job_name: notes, static_configs: [{{targets: ['127.0.0.1:{}']}}]}}]\n",
        service.port
    );
    fs::write(service.folder.join("prometheus.yml"), page).expect("a file");
    let web = free_port();
    let mut command = Command::new(prometheus);
    command.current_dir(&service.folder).args(["--config.file=prometheus.yml", "--storage.tsdb.path=tsdb"]);
    command.arg(format!("--web.listen-address=127.0.0.1:{web}"));
    let mut prometheus = Program::start(&mut command, service.folder.join("prometheus.log"));

    tell_all(&mut service, &config);

    let groups = ["span", "event", "metric"].map(live_groups).concat();
    assert!(groups.len() >= 24, "{}", groups.len());
    // The last to come says that all were sent; what is missing then is told at once.
    let is_last = |line: &str| line.contains(REJECTED) || tells_of_a_refused_reload(line);
    let records = tap.until("oteltap received the last event and the metrics after it", |tap| {
        let log = tap.log();
        (log.lines().filter(|line| is_last(line)).count() >= 2).then(|| records(&log))
    });
    let faults: Vec<String> = groups.iter().flat_map(|group| faults(group, &received(&records, group))).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let server = groups.iter().find(|group| group["id"] == "span.rasp.server").expect("the server span");
    let attacked = received(&records, server);
    assert!(attacked.iter().flatten().any(|(name, _)| name == "_dd.appsec.json"), "Datadog's names were asked for");

    let mut scraped = |query: &str| {
        prometheus.until(&format!("Prometheus has {query}"), |_| {
            get(web, &format!("/api/v1/query?query={}", encode(query))).filter(|answer| answer.contains("\"value\""))
        })
    };
    for series in groups.iter().filter(|group| group["type"] == "metric").flat_map(series) {
        scraped(&series);
    }
    for cause in members("rasp.inspection.cause").iter().filter(|cause| *cause != "engine_fault") {
        scraped(&format!("rasp_inspection_incomplete_total{{rasp_inspection_cause=\"{cause}\"}}"));
    }
    scraped("rasp_inspection_body_size_bytes_count{rasp_inspection_completeness=\"whole\"}");
    scraped("rasp_mode_effective{http_route=\"/events\",rasp_mode=\"detect\"}");
    scraped("rasp_config_reloads_total{error_type=\"config\"} > 0");
    scraped("rasp_engine_errors_total{error_type=\"budget_exceeded\"} > 0");
    scraped("rasp_events_dropped_total{rasp_drop_reason=\"rate_limit\"} > 0");
}

/// Whether a line is of the metric, and one was counted: it is there from the start, at 0.
fn tells_of_a_refused_reload(line: &str) -> bool {
    let record: Value = serde_json::from_str(line).unwrap_or_default();
    let points = record["sum"]["dataPoints"].as_array().into_iter().flatten();
    let mut refused = points.filter(|point| attributes(point).iter().any(|(name, _)| name == "error.type"));
    record["name"] == "rasp.config.reloads" && refused.any(|point| point["asInt"] != "0" && point["asInt"] != 0)
}

/// What oteltap wrote, each line once.
fn records(log: &str) -> Vec<Value> {
    let lines: BTreeSet<&str> = log.lines().collect();
    lines.into_iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
}
