//! Evidence: what an attack held, readable with the operator's key and by nobody else.

mod server;

use std::convert::Infallible;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};
use serde_json::Value;
use tower::{Layer, service_fn};
use tower_rasp::{Body, Evidence, Rasp, RaspBuilder};

use server::{ATTACK, ATTACK_ENCODED, Boxed, full, http1, raw, serve};

/// A writer that the test looks into.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A key of age's own making.
fn key() -> (age::x25519::Identity, String) {
    let key = age::x25519::Identity::generate();
    let public = key.to_public().to_string();
    (key, public)
}

/// The document of a line, opened by age's own API.
fn opened(key: &age::x25519::Identity, line: &str) -> Value {
    let line: Value = serde_json::from_str(line).unwrap();
    let plain = age::decrypt(key, line["evidence"].as_str().unwrap().as_bytes()).unwrap();
    let document: Value = serde_json::from_slice(&plain).unwrap();
    for clear in ["rasp.request.id", "time", "rasp.config.version"] {
        assert_eq!(document[clear], line[clear], "{clear}");
    }
    assert_eq!(line.as_object().unwrap().len(), 4, "{line}");
    document
}

async fn start(rasp: &Rasp) -> SocketAddr {
    let handle = |request: Request<Body<Incoming>>| async {
        let read = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Ok::<Response<Boxed>, Infallible>(Response::new(full(read)))
    };
    serve(rasp.layer().layer(service_fn(handle))).await
}

/// What is written for these requests, sent over a real connection.
async fn lines(builder: RaspBuilder, public: &str, requests: &[String]) -> Vec<String> {
    let (evidence, mut lines) = Evidence::new(public).unwrap();
    let written = Written::default();
    let sink = written.clone();
    let writer = std::thread::spawn(move || lines.write_to(sink));
    let rasp = builder.evidence(evidence).build().unwrap();
    let address = start(&rasp).await;
    for request in requests {
        raw(address, request).await;
    }
    let wanted = requests.len();
    // The server keeps its handle, so the lines do not end; those of benign requests never come.
    for _ in 0..500 {
        if written.0.lock().unwrap().iter().filter(|&&byte| byte == b'\n').count() >= wanted {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    drop((rasp, writer));
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn config(telemetry: &str) -> RaspBuilder {
    let limits = "events_at_once = 1000\nevents_per_second = 1000";
    Rasp::builder().config_text(format!("version = 1\n[telemetry]\n{limits}\n{telemetry}"))
}

const SECRETS: [&str; 6] =
    ["dXNlcjpodW50ZXIy", "hunter2cookie", "hunter2query", "hunter2form", "hunter2json", "hunter2agent"];

/// Attacks with credentials around them.
fn attacks() -> Vec<String> {
    let encoded = form_urlencoded::byte_serialize(ATTACK.as_bytes()).collect::<String>();
    let post = |kind: &str, body: &str| {
        format!(
            "POST /notes?token=hunter2query&page=2 HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Basic dXNlcjpodW50ZXIy\r\n\
             cookie: sid=hunter2cookie\r\nuser-agent: curl/8 (password=hunter2agent)\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    vec![
        post("application/x-www-form-urlencoded", &format!("password=hunter2form&note={encoded}")),
        post("application/json", &serde_json::json!({ "password": "hunter2json", "note": ATTACK }).to_string()),
        post("text/plain", &format!("password=hunter2form&note={ATTACK}")),
    ]
}

#[tokio::test]
async fn what_an_attack_held_comes_back_with_the_key_and_credentials_do_not() {
    let (key, public) = key();
    let lines = lines(config(""), &public, &attacks()).await;
    assert_eq!(lines.len(), 3, "{lines:?}");
    for (line, location) in lines.iter().zip(["form.note", "body./note", "body"]) {
        for clear in SECRETS.into_iter().chain(["UNION", "curl", "notes", "sql_injection", "127.0.0.1", "note"]) {
            assert!(!line.contains(clear), "{clear} is readable without the key");
        }
        let document = opened(&key, line);
        let text = document.to_string();
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} in {document:#}");
        }
        assert_eq!((&document["rasp.action"], &document["http.response.status_code"]), (&"block".into(), &403.into()));
        assert_eq!(document["client.address"], "127.0.0.1");
        let request = &document["request"];
        assert_eq!((&request["method"], &request["path"]), (&"POST".into(), &"/notes".into()));
        assert_eq!(request["query"], "token=***&page=2");
        for (name, value) in [("authorization", "***"), ("cookie", "***"), ("user-agent", "curl/8 (password=***")] {
            let headers = request["headers"].as_array().unwrap();
            assert!(headers.contains(&serde_json::json!([name, value])), "{name}: {headers:?}");
        }
        let leaf = document["leaves"].as_array().unwrap().iter().find(|leaf| leaf["rasp.location"] == location);
        assert!(leaf.is_some_and(|leaf| leaf["value"].as_str().unwrap().ends_with(ATTACK)), "{document:#}");
        let findings = document["findings"].as_array().unwrap();
        assert!(findings.iter().any(|finding| finding["security_rule.category"] == "sql_injection"), "{document:#}");
    }
}

/// Where else a password stands: the request, and what the document shows there.
fn passwords() -> Vec<(String, &'static str)> {
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let text = |body: &str| {
        let body = format!("{body} {ATTACK}");
        format!(
            "POST /notes HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    vec![
        (get(&format!("http://bob:hunter2@x/search?q={ATTACK_ENCODED}")), "***@x"),
        (get(&format!("/search?PHPSESSID=hunter2&q={ATTACK_ENCODED}")), "PHPSESSID=***&q="),
        (text("<password>hunter2</password>"), "<password>***</password>"),
        (text("password: >\n  hunter2\nnote:"), "password: >***\\nnote:"),
        (text(r#"{"pass\u0077ord":"hunter2"}"#), r#"\\u0077ord\":\"***\""#),
        (text("see postgres://bob:hunter2@db/x"), "postgres://***@db/x"),
        (text("sid=hunter2;"), "sid=***;"),
        (text("Basic\thunter2"), "Basic\\t***"),
    ]
}

#[tokio::test]
async fn passwords_are_masked_however_they_are_written() {
    let (key, public) = key();
    let requests: Vec<String> = passwords().into_iter().map(|(request, _)| request).collect();
    let lines = lines(config(""), &public, &requests).await;
    assert_eq!(lines.len(), requests.len());
    for (line, (request, shown)) in lines.iter().zip(passwords()) {
        let document = opened(&key, line).to_string();
        assert!(!document.contains("hunter2") && document.contains(shown), "{request}\n{document}");
    }
}

#[tokio::test]
async fn credentials_are_kept_where_the_switch_says_so() {
    let (key, public) = key();
    let lines = lines(config("evidence_secrets = true"), &public, &attacks()[..1]).await;
    let document = opened(&key, &lines[0]).to_string();
    for secret in ["Basic dXNlcjpodW50ZXIy", "sid=hunter2cookie", "token=hunter2query", "hunter2agent"] {
        assert!(!lines[0].contains(secret) && document.contains(secret), "{secret}: {document}");
    }
}

#[tokio::test]
async fn the_setting_says_from_which_action_on_and_nothing_is_kept_of_benign_requests() {
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let (key, public) = key();
    let alert = |text: &str| config(text).mode(tower_rasp::Mode::Detect);
    for (builder, kept) in [(alert(""), "alert"), (alert("evidence = \"alert\""), "alert"), (config(""), "block")] {
        let lines = lines(builder, &public, &[get(&format!("/?q={ATTACK_ENCODED}"))]).await;
        assert_eq!(lines.iter().map(|line| opened(&key, line)["rasp.action"].clone()).collect::<Vec<_>>(), [kept]);
    }
    for (builder, target) in [
        (alert("evidence = \"block\""), format!("/?q={ATTACK_ENCODED}")),
        (config("evidence = \"off\""), format!("/?q={ATTACK_ENCODED}")),
        (config(""), "/?q=hello".to_owned()),
    ] {
        let (evidence, mut lines) = Evidence::new(&public).unwrap();
        let rasp = builder.evidence(evidence).build().unwrap();
        let _ = rasp.inspect(&Request::get(target).body(Bytes::new()).unwrap());
        drop(rasp);
        let mut written = Vec::new();
        lines.write_to(&mut written).unwrap();
        assert!(written.is_empty(), "{}", String::from_utf8_lossy(&written));
    }
}

/// Has no room for the first line.
struct Full(Vec<u8>, bool);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if std::mem::replace(&mut self.1, false) {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn evidence_goes_on_after_a_line_that_could_not_be_written() {
    let (key, public) = key();
    let (evidence, mut lines) = Evidence::new(&public).unwrap();
    let rasp = config("").evidence(evidence).build().unwrap();
    for _ in 0..2 {
        let request = Request::get(format!("/?q={ATTACK_ENCODED}")).body(Bytes::new()).unwrap();
        assert!(rasp.inspect(&request).is_block());
    }
    drop(rasp);
    let mut full = Full(Vec::new(), true);
    lines.write_to(&mut full).unwrap();
    let text = String::from_utf8(full.0).unwrap();
    let written: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(written.len(), 1, "{text}");
    opened(&key, written[0]);
}

#[test]
fn names_and_bytes_that_are_no_text_are_evidence_too() {
    let (key, public) = key();
    let (evidence, mut lines) = Evidence::new(&public).unwrap();
    let rasp = config("").evidence(evidence).build().unwrap();
    let name = Request::get(format!("/?{ATTACK_ENCODED}=1")).body(Bytes::new()).unwrap();
    let bytes = Request::get("/?q=%ff1%27%20UNION%20SELECT%20password%20FROM%20users--").body(Bytes::new()).unwrap();
    for request in [name, bytes] {
        assert!(rasp.inspect(&request).is_block());
    }
    drop(rasp);
    let mut written = Vec::new();
    lines.write_to(&mut written).unwrap();
    let documents: Vec<Value> = String::from_utf8(written).unwrap().lines().map(|line| opened(&key, line)).collect();
    assert!(
        documents[0]["leaves"].as_array().unwrap().iter().any(|leaf| leaf["value"] == ATTACK),
        "{:#}",
        documents[0]
    );
    let hex = documents[1]["leaves"][0]["value"]["hex"].as_str().expect("hexadecimal digits");
    assert!(hex.starts_with("ff3127"), "{hex}");
}

/// What the metrics say of dropped events.
fn dropped(registry: &Registry, reason: &str) -> Option<u64> {
    let text = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
    let line = text.lines().find(|line| line.starts_with("rasp_events_dropped_total") && line.contains(reason))?;
    line.rsplit_once(' ').unwrap().1.parse().ok()
}

#[test]
fn a_queue_that_nobody_empties_slows_nothing_and_what_does_not_fit_is_counted() {
    let registry = Registry::new();
    let reader = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build().unwrap();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();
    let (evidence, mut lines) = Evidence::new(&key().1).unwrap();
    let rasp = config("").meter_provider(provider).evidence(evidence).build().unwrap();
    let attack = |more: &str| {
        let uri = format!("/?q={ATTACK_ENCODED}");
        Request::get(uri).header("x-more", more).body(Bytes::new()).unwrap()
    };
    // Eight times 1 MiB do not fit, since what was found needs room too.
    let large = "x".repeat(1 << 20);
    for _ in 0..8 {
        assert!(rasp.inspect(&attack(&large)).is_block());
    }
    assert_eq!(dropped(&registry, "queue_full"), Some(1));
    for _ in 0..1100 {
        assert!(rasp.inspect(&attack("")).is_block());
    }
    let full = dropped(&registry, "queue_full").unwrap();
    let held_back = dropped(&registry, "rate_limit").unwrap_or(0);
    assert!(full > 1, "{full}");
    drop(rasp);
    let mut written = Vec::new();
    lines.write_to(&mut written).unwrap();
    let count = written.iter().filter(|&&byte| byte == b'\n').count();
    assert!(count >= 8 && count as u64 + full + held_back >= 1108, "{count} written, {full} and {held_back} dropped");
}

#[test]
fn a_flood_of_attacks_is_no_flood_of_evidence() {
    let (evidence, mut lines) = Evidence::new(&key().1).unwrap();
    let rasp = Rasp::builder().evidence(evidence).build().unwrap();
    for _ in 0..500 {
        let _ = rasp.inspect(&Request::get(format!("/?q={ATTACK_ENCODED}")).body(Bytes::new()).unwrap());
    }
    drop(rasp);
    let mut written = Vec::new();
    lines.write_to(&mut written).unwrap();
    let count = written.iter().filter(|&&byte| byte == b'\n').count();
    assert!((20..100).contains(&count), "{count}");
}

/// A folder of the test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rasp-evidence-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn with(&self, name: &str, text: &str) -> String {
        std::fs::write(self.0.join(name), text).unwrap();
        self.file(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn rasp(arguments: &[&str]) -> (String, String, Option<i32>) {
    let run = Command::new(env!("CARGO_BIN_EXE_rasp")).args(arguments).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(run.stdout), text(run.stderr), run.status.code())
}

/// The lines of two attacks, under this key.
async fn two(public: &str) -> Vec<String> {
    lines(config(""), public, &attacks()[..2]).await
}

#[tokio::test]
async fn the_command_makes_a_key_and_opens_what_was_kept_under_it() {
    let folder = Folder::new("open");
    let key = folder.file("key.txt");
    let (public, complaints, code) = rasp(&["evidence", "keygen", &key]);
    assert_eq!((complaints.as_str(), code), ("", Some(0)));
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    let lines = two(public.trim()).await;
    let file = folder.with("evidence.jsonl", &format!("{}\n", lines.join("\n")));
    let (out, complaints, code) = rasp(&["evidence", "open", "--identity", &key, &file]);
    assert_eq!((complaints.as_str(), code), ("", Some(0)));
    let all: Vec<Value> = serde_json::Deserializer::from_str(&out).into_iter().map(Result::unwrap).collect();
    assert_eq!(all.len(), 2, "{out}");
    let id = all[1]["rasp.request.id"].as_str().unwrap();
    let (out, _, code) = rasp(&["evidence", "open", "--identity", &key, "--incident", id, &file]);
    assert_eq!((serde_json::from_str::<Value>(&out).unwrap(), code), (all[1].clone(), Some(0)));
    // Another program of the same format.
    let sealed: Value = serde_json::from_str(&lines[1]).unwrap();
    if let Some(output) = age_of(&key, sealed["evidence"].as_str().unwrap()) {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), all[1]);
    }
    let (_, complaints, code) = rasp(&["evidence", "keygen", &key]);
    assert!(complaints.contains(&format!("error: {key}: ")) && code == Some(1), "a key was written over: {complaints}");
}

/// What `age` makes of an armored file; none where it is not there.
fn age_of(key: &str, armored: &str) -> Option<Output> {
    let spawned = Command::new("age")
        .args(["--decrypt", "--identity", key])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        assert!(std::env::var("RASP_REAL").as_deref() != Ok("1"), "there is no `age`");
        eprintln!("SKIPPED: there is no `age`; evidence was opened by the crate alone");
        return None;
    };
    child.stdin.take().unwrap().write_all(armored.as_bytes()).unwrap();
    Some(child.wait_with_output().unwrap())
}

/// A line with one thing in clear as somebody wants it.
fn with(line: &str, name: &str, value: Value) -> String {
    let mut line: Value = serde_json::from_str(line).unwrap();
    line[name] = value;
    line.to_string()
}

#[tokio::test]
async fn the_command_says_what_is_wrong() {
    let folder = Folder::new("wrong");
    let (key, other) = (folder.file("key.txt"), folder.file("other.txt"));
    let public = rasp(&["evidence", "keygen", &key]).0;
    rasp(&["evidence", "keygen", &other]);
    let lines = two(public.trim()).await;
    let ids: Vec<String> = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["rasp.request.id"].as_str().unwrap().to_owned())
        .collect();
    let (first, second) = (lines[0].as_str(), lines[1].as_str());
    let file = folder.with("evidence.jsonl", first);
    let cut = folder.with("cut.jsonl", &format!("{second}\n{}", &first[..first.len() / 2]));
    let changed = folder.with("changed.jsonl", &second.replace(&ids[1], &ids[0]));
    let later = folder.with("later.jsonl", &with(second, "time", 1.into()));
    let newer = folder.with("newer.jsonl", &with(second, "rasp.config.version", "9".into()));
    let more = folder.with("more.jsonl", &with(second, "http.route", "/".into()));
    let broken = folder.with("broken.jsonl", &first.replacen("\\nYWdl", "\\nYWdm", 1));
    let empty = folder.with("empty.txt", "# nothing\n");
    let no_key = folder.with("no_key.txt", &format!("# a public key\n{public}"));
    let locked = folder.with("locked.txt", "-----BEGIN AGE ENCRYPTED FILE-----\n");
    for (identity, file, told) in [
        (
            &other,
            &file,
            "evidence.jsonl:1: the key does not open it: it was encrypted to another; give the file of the key",
        ),
        (&other, &file, "error: {}: 1 line could not be opened"),
        (&key, &cut, "cut.jsonl:2: this is no line of evidence; it was cut"),
        (&key, &changed, "changed.jsonl:1: the evidence was changed or cut"),
        (&key, &later, "later.jsonl:1: the evidence was changed or cut"),
        (&key, &newer, "newer.jsonl:1: the evidence was changed or cut"),
        (&key, &more, "more.jsonl:1: the evidence was changed or cut"),
        (&key, &broken, "broken.jsonl:1: the evidence was changed or cut"),
        (&empty, &file, "empty.txt: there is no key in it; `rasp evidence keygen FILE` makes one"),
        (&no_key, &file, "no_key.txt:2: this is no secret key of age; "),
        (&locked, &file, "locked.txt: the key itself is encrypted; decrypt it first"),
        (&folder.file("none"), &file, "none: there is no such file"),
        (&key, &folder.file("none"), "none: there is no such file"),
    ] {
        let (_, complaints, code) = rasp(&["evidence", "open", "--identity", identity, file]);
        assert!(complaints.contains(&told.replace("{}", file)) && code == Some(1), "{told}\n{complaints}");
        assert!(!complaints.contains(public.trim()), "{complaints}");
    }
    let (out, complaints, code) = rasp(&["evidence", "open", "--identity", &key, &cut]);
    assert!(out.contains(&ids[1]) && code == Some(1), "what can be opened is: {out} {complaints}");
    let (_, complaints, code) = rasp(&["evidence", "open", "--identity", &key, "--incident", "0", &file]);
    assert_eq!((complaints, code), (format!("error: {file}: no line is about the incident 0\n"), Some(1)));
}

#[tokio::test]
async fn over_http_two_the_head_is_evidence_too() {
    let (key, public) = key();
    let (evidence, mut lines) = Evidence::new(&public).unwrap();
    let written = Written::default();
    let sink = written.clone();
    let writer = std::thread::spawn(move || lines.write_to(sink));
    let rasp = config("").evidence(evidence).build().unwrap();
    let address = start(&rasp).await;
    let request = server::request("GET", address, &format!("/a?q={ATTACK_ENCODED}")).body(server::empty()).unwrap();
    assert_eq!(server::http2(address, request).await.status(), 403);
    let request = server::request("GET", address, &format!("/b?q={ATTACK_ENCODED}")).body(server::empty()).unwrap();
    assert_eq!(http1(address, request).await.status(), 403);
    while written.0.lock().unwrap().iter().filter(|&&byte| byte == b'\n').count() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    drop((rasp, writer));
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let paths: Vec<Value> = text.lines().map(|line| opened(&key, line)["request"]["path"].clone()).collect();
    assert_eq!(paths, ["/a", "/b"]);
}
