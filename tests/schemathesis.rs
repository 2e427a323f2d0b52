//! Schemathesis over whole documents: what it generates as valid passes, what it generates as invalid is refused.
//!
//! The table is told in every run; with `-- --nocapture` what was missed is too. The program is `st` of `pip install schemathesis`; it is looked for in PATH and in `target/tools/bin`.

#![cfg(feature = "schema")]

#[allow(dead_code, reason = "only where a program is")]
#[path = "observability/programs.rs"]
mod programs;
mod server;

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tower::{Layer, service_fn};
use tower_rasp::{Body, Cause, Rasp, RequestContext};

/// The documents of `tests/data/openapi`, each with the base path of its servers and the credentials it asks for.
const DOCUMENTS: [(&str, &str, &[&str]); 17] = [
    ("billing.yaml", "/v1", &["authorization: Basic eDp5"]),
    ("chat.yaml", "/api/v10", &["authorization: Bot x", "x-csrf-token: x"]),
    ("cloud.yaml", "/compute/v1", &[]),
    ("cluster.json", "", &[]),
    ("codehost.yaml", "/api/v3", &["authorization: Bearer x", "x-app-key: x"]),
    ("dialect.yaml", "", &[]),
    ("forge.yaml", "/api/v3", &[]),
    ("modern.yaml", "", &[]),
    ("objects.json", "/v2", &["authorization: Bearer x"]),
    ("payments.json", "", &["authorization: Basic eDp5"]),
    ("quirks.yaml", "", &[]),
    ("search.yaml", "/search", &[]),
    ("shop.yaml", "/v1", &["x-api-key: x"]),
    ("store.yaml", "/api/v3", &["authorization: Bearer x", "api_key: x"]),
    ("styles.yaml", "/base", &[]),
    ("talk.yaml", "/api/v10", &["authorization: Bot x"]),
    ("uploads.yaml", "/files", &[]),
];

/// In percent, as CONTRIBUTING says.
const ACCEPTED_MIN: f64 = 99.5;
const REFUSED_MIN: f64 = 97.0;

const SEED: &str = "11";
/// The header by which the service tells whether a request met something that is not enforced.
const UNENFORCED: &str = "x-unenforced";

/// Generated requests for each operation and phase.
const EXAMPLES: &str = "12";
/// How many misses of a document are told.
const TOLD_MAX: usize = 6;

/// Only schemas speak here, the detectors are another matter.
const CONFIG: &str =
    "undeclared = { routes = \"block\", methods = \"block\", content_types = \"block\" }\n[category]\n";
const CATEGORIES: [&str; 18] = [
    "sql_injection",
    "xss",
    "command_injection",
    "path_traversal",
    "file_inclusion",
    "ssrf",
    "template_injection",
    "nosql_injection",
    "ldap_injection",
    "xpath_injection",
    "xxe",
    "crlf_injection",
    "jndi_injection",
    "code_injection",
    "deserialization",
    "prototype_pollution",
    "protocol",
    "scanner",
];

/// Requests of one kind, and how many of them were answered as they should be.
#[derive(Clone, Copy, Default)]
struct Count {
    all: usize,
    right: usize,
}

impl Count {
    fn percent(self) -> f64 {
        100.0 * self.right as f64 / self.all.max(1) as f64
    }

    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.right += other.right;
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:>5} of {:>5} = {:6.2} %", self.right, self.all, self.percent())
    }
}

#[derive(Default)]
struct Counts {
    accepted: Count,
    refused: Count,
    /// Of both those that met nothing of which the build says that it cannot be enforced, as XML.
    accepted_enforced: Count,
    refused_enforced: Count,
    misses: Vec<String>,
}

impl Counts {
    fn columns(&self) -> [Count; 4] {
        [self.accepted, self.refused, self.accepted_enforced, self.refused_enforced]
    }

    fn add(&mut self, other: &Self) {
        self.accepted.add(other.accepted);
        self.refused.add(other.refused);
        self.accepted_enforced.add(other.accepted_enforced);
        self.refused_enforced.add(other.refused_enforced);
    }

    fn row(&self, name: &str) -> String {
        let cells = self.columns().map(|count| format!(" | {count}"));
        format!("{name:14}{}\n", cells.concat())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn valid_requests_pass_and_invalid_ones_are_refused() {
    let Some(program) = programs::find("st") else { return };
    let folder = programs::folder("schemathesis");
    let mut rows: HashMap<&str, Counts> = stream::iter(DOCUMENTS)
        .map(|(name, base, credentials)| {
            let (program, folder) = (program.clone(), folder.join(name));
            async move { (name, tokio::spawn(run(program, folder, name, base, credentials)).await.expect("a report")) }
        })
        .buffer_unordered(std::thread::available_parallelism().map_or(2, usize::from))
        .collect()
        .await;
    let titles = ["valid, accepted", "invalid, refused", "the same, where all", "of it is enforced"];
    let mut table = format!("\n{:14}{}\n", "", titles.map(|title| format!(" | {title:^25}")).concat());
    let (mut all, mut misses) = (Counts::default(), String::new());
    for (name, ..) in DOCUMENTS {
        let row = rows.remove(name).expect("each has run");
        assert!(row.accepted.all > 20 && row.refused.all > 20, "{name}: almost nothing was sent");
        table += &row.row(name);
        all.add(&row);
        for miss in row.misses {
            let _ = writeln!(misses, "{name}: {miss}");
        }
    }
    println!("{misses}");
    // The shares are told in every run.
    let _ = writeln!(std::io::stderr(), "{table}{}", all.row("all"));
    let (accepted, refused) = (all.accepted.percent(), all.refused_enforced.percent());
    assert!(
        accepted >= ACCEPTED_MIN && refused >= REFUSED_MIN,
        "{accepted} and {refused} %: {table}{}",
        all.row("all")
    );
}

/// Serves the document, and lets the program send what it thinks of.
async fn run(
    program: PathBuf,
    folder: PathBuf,
    name: &'static str,
    base: &'static str,
    credentials: &'static [&'static str],
) -> Counts {
    std::fs::create_dir_all(&folder).expect("a folder");
    let document = programs::root().join("tests/data/openapi").join(name);
    let address = serve(&document, &folder).await;
    let report = folder.join("report.ndjson");
    let mut command = Command::new(program);
    command.arg("run").arg(document).args(["--url", &format!("http://{address}{base}"), "--no-color"]);
    command.args(["--checks", "positive_data_acceptance,negative_data_rejection", "--mode", "all"]);
    command.args(["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--warnings", "off"]);
    command.args(["--seed", SEED, "--max-examples", EXAMPLES, "--no-shrink", "--generation-database", "none"]);
    command.args(["--suppress-health-check", "all", "--report", "ndjson", "--output-sanitize", "false"]);
    // Whether a credential is asked for is tested elsewhere: without one nothing else would be judged.
    for credential in credentials {
        command.args(["--header", credential]);
    }
    command.arg("--report-ndjson-path").arg(&report).current_dir(&folder);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it ends").expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    std::fs::write(folder.join("said.txt"), said.as_bytes()).expect("a file");
    // 1 means that a check failed, which is counted below.
    assert!(matches!(output.status.code(), Some(0 | 1)), "{name}: {said}{}", String::from_utf8_lossy(&output.stderr));
    count(&std::fs::read_to_string(report).expect("a report"))
}

/// A hyper service that reads what it is sent and answers 200, behind the document.
async fn serve(document: &Path, folder: &Path) -> SocketAddr {
    let mut config = format!("[[schema]]\nopenapi = {document:?}\n{CONFIG}");
    for category in CATEGORIES {
        let _ = writeln!(config, "{category} = \"off\"");
    }
    std::fs::write(folder.join("rasp.toml"), config).expect("a configuration");
    let rasp = Rasp::builder().config_path(folder.join("rasp.toml")).build().expect("the document loads");
    let reads = service_fn(|request: Request<Body<hyper::body::Incoming>>| async move {
        let (parts, body) = request.into_parts();
        let read = body.collect().await;
        let context = parts.extensions.get::<Arc<RequestContext>>().expect("the layer's");
        let unenforced = context.completeness().causes().any(|cause| cause == Cause::UnenforcedSchema);
        let status = if read.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        let response = Response::builder().status(status).header(UNENFORCED, unenforced.to_string());
        Ok::<_, Infallible>(response.body(Full::new(Bytes::from_static(b"{}"))).expect("a response"))
    });
    server::serve(rasp.layer().layer(reads)).await
}

/// What was sent and how it was answered, from the events of a run.
fn count(report: &str) -> Counts {
    let mut counts = Counts::default();
    for line in report.lines() {
        let event: Value = serde_json::from_str(line).expect("an event");
        let recorder = &event["ScenarioFinished"]["recorder"];
        let cases = recorder["cases"].as_object().into_iter().flatten();
        for (id, case) in cases {
            // A case on which no check ran says nothing: repeated ones, and what cannot be sent.
            let Some(checks) = recorder["checks"][id].as_array().filter(|checks| !checks.is_empty()) else { continue };
            let interaction = &recorder["interactions"][id];
            let Some(status) = interaction["response"]["status_code"].as_u64() else { continue };
            // What bears no credential, or an empty one, is judged by nothing else.
            if status == 401 || !is_written(&case["value"], &interaction["request"]) {
                continue;
            }
            let failed = checks.iter().any(|check| check["status"] == "failure");
            let valid = case["value"]["meta"]["generation"]["mode"] == "positive";
            // The check takes a 404 for an answer to a valid request; here it is a refusal.
            let right = !failed && (!valid || status < 300);
            let one = Count { all: 1, right: usize::from(right) };
            let is_enforced = interaction["response"]["headers"][UNENFORCED][0] != "true";
            let enforced = if is_enforced { one } else { Count::default() };
            let one = match valid {
                true => Counts { accepted: one, accepted_enforced: enforced, ..Counts::default() },
                false => Counts { refused: one, refused_enforced: enforced, ..Counts::default() },
            };
            counts.add(&one);
            if !right && is_enforced && counts.misses.len() < TOLD_MAX {
                counts.misses.push(miss(&case["value"], &interaction["request"], status));
            }
        }
    }
    counts
}

/// Whether a form has what was thought of. Objects in it, and lists of them, the program writes by their names
/// alone, unless the encoding is `deepObject`: that is another value, valid or not.
fn is_written(case: &Value, request: &Value) -> bool {
    if case["media_type"] != "application/x-www-form-urlencoded" {
        return true;
    }
    let holds_objects = |value: &Value| match value {
        Value::Array(elements) => elements.iter().any(|element| element.is_object() || element.is_array()),
        value => value.is_object(),
    };
    let sent = BASE64_STANDARD.decode(request["body"]["$base64"].as_str().unwrap_or_default()).expect("base64");
    let has_steps = |name: &str| form_urlencoded::parse(&sent).any(|(sent, _)| sent.starts_with(&format!("{name}[")));
    let members = case["body"].as_object().into_iter().flatten();
    members.filter(|(_, value)| holds_objects(value)).all(|(name, _)| has_steps(name))
}

fn miss(case: &Value, request: &Value, status: u64) -> String {
    let (mode, phase) = (&case["meta"]["generation"]["mode"], &case["meta"]["phase"]["data"]["description"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let what = format!("{} {} {}", text(&request["method"]), text(&request["uri"]), case["media_type"]);
    let told = format!("{} got {status}: {what}: {} {}", text(mode), text(phase), case["body"]);
    told.chars().take(400).collect()
}
