//! `rasp schema infer`: what the requests of a corpus have in common, as an OpenAPI 3.1 document.
//!
//! It proposes, and a person reviews: types, bounds with slack, required members, enums that
//! recur, formats, each with the number of values that it rests on (`x-rasp-support`). Requests
//! that the engine refuses teach nothing, and neither do those that are labelled as attacks.

mod path;
mod sketch;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value, json};
use tower_rasp::{Action, Rasp};

use crate::failure::Failure;
use crate::output::Output;
use crate::replay::Records;
use crate::request;
pub use path::Paths;
use sketch::Sketch;

/// Media types of one operation that are proposed.
const MEDIA_TYPES_MAX: usize = 16;
const FORM: &str = "application/x-www-form-urlencoded";
/// Operations that are proposed.
const OPERATIONS_MAX: usize = 2_000;

#[derive(clap::Args)]
pub struct Arguments {
    /// Requests as JSON Lines, in the format of `rasp replay`.
    #[arg(required = true)]
    corpus: Vec<PathBuf>,
    /// Requests below which an operation is not proposed.
    #[arg(long, default_value_t = 1)]
    least: u64,
}

/// What was seen of one operation.
#[derive(Default)]
struct Operation {
    requests: u64,
    path: BTreeMap<String, Sketch>,
    query: BTreeMap<String, Sketch>,
    /// By media type; those that are not read have seen nothing.
    bodies: BTreeMap<String, Sketch>,
    with_body: u64,
    /// Requests with a credential in `authorization`, by its scheme.
    schemes: BTreeMap<&'static str, u64>,
}

/// Schemes of `authorization` that are proposed.
const SCHEMES: [&str; 2] = ["bearer", "basic"];

pub fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let rasp = Rasp::default();
    let mut kept = Vec::new();
    let mut left_out = 0_u64;
    let mut paths = Paths::default();
    for corpus in &arguments.corpus {
        for record in Records::open(corpus)? {
            let (record, _) = record?;
            let honest = record.label != "attack";
            match record.request() {
                Ok(request) if honest && request::inspect(&rasp, &request).action < Action::Block => {
                    paths.see(request.uri().path());
                    kept.push(request);
                }
                _ => left_out += 1,
            }
        }
    }
    let mut operations: BTreeMap<(String, String), Operation> = BTreeMap::new();
    for request in &kept {
        let (template, values) = paths.template(request.uri().path());
        let key = (template, request.method().as_str().to_ascii_lowercase());
        if operations.len() < OPERATIONS_MAX || operations.contains_key(&key) {
            operations.entry(key).or_default().see(request, &values);
        }
    }
    let document = document(&operations, arguments.least);
    writeln!(output, "{}", serde_json::to_string_pretty(&document).unwrap_or_default())?;
    output.flush()?;
    let told = format!(
        "{} requests in {} operations; {left_out} left out (attacks, or refused)",
        kept.len(),
        operations.len()
    );
    crate::output::complain("note", &told);
    Ok(ExitCode::SUCCESS)
}

impl Operation {
    fn see(&mut self, request: &Request<Bytes>, values: &[(String, String)]) {
        self.requests += 1;
        for (name, value) in values {
            self.path.entry(name.clone()).or_default().text(value);
        }
        if let Some(scheme) = scheme(request) {
            *self.schemes.entry(scheme).or_default() += 1;
        }
        see_pairs(&mut self.query, request.uri().query().unwrap_or_default().as_bytes());
        let body = request.body();
        if body.is_empty() {
            return;
        }
        self.with_body += 1;
        let content_type = request.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence =
            content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_known = self.bodies.len() < MEDIA_TYPES_MAX || self.bodies.contains_key(&essence);
        if !is_known || !is_media_type(&essence) {
            return;
        }
        let (is_json, is_form) = (is_json(&essence), essence == FORM);
        let sketch = self.bodies.entry(essence).or_default();
        if let Some(value) = is_json.then(|| serde_json::from_slice::<Value>(body).ok()).flatten() {
            sketch.value(&value);
        } else if is_form {
            sketch.members(pairs(body));
        }
    }
}

fn is_json(essence: &str) -> bool {
    essence.ends_with("/json") || essence.ends_with("+json")
}

/// Whether it is a type and a subtype (RFC 9110, section 8.3.1) of the letters that registered ones have.
fn is_media_type(essence: &str) -> bool {
    let is_token = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
    };
    essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

/// The scheme of the credential that a request brings.
fn scheme(request: &Request<Bytes>) -> Option<&'static str> {
    let value = request.headers().get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (own, credential) = value.split_once(' ')?;
    SCHEMES.into_iter().find(|known| known.eq_ignore_ascii_case(own) && !credential.trim().is_empty())
}

/// The pairs of a query or form, decoded.
fn pairs(raw: &[u8]) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in raw.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
        let equals = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(equals);
        found.entry(decode(name)).or_default().push(decode(value.get(1..).unwrap_or_default()));
    }
    found
}

fn see_pairs(sketches: &mut BTreeMap<String, Sketch>, raw: &[u8]) {
    for (name, values) in pairs(raw) {
        if sketches.len() < sketch::MEMBERS_MAX || sketches.contains_key(&name) {
            sketches.entry(name).or_default().texts(&values);
        }
    }
}

fn decode(raw: &[u8]) -> String {
    let spaced: Vec<u8> = raw.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_encoding::percent_decode(&spaced).decode_utf8_lossy().into_owned()
}

fn document(operations: &BTreeMap<(String, String), Operation>, least: u64) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for ((template, method), operation) in operations.iter().filter(|(_, operation)| operation.requests >= least) {
        let item = paths.entry(template.clone()).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(method.clone(), proposed(operation));
        }
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Proposed from traffic; review before use", "version": "0" },
        "paths": paths,
    });
    let named = SCHEMES.into_iter().filter(|scheme| operations.values().any(|one| one.asks_for(scheme)));
    let schemes: Map<String, Value> =
        named.map(|scheme| (scheme.to_owned(), json!({ "type": "http", "scheme": scheme }))).collect();
    if let Some(document) = document.as_object_mut().filter(|_| !schemes.is_empty()) {
        document.insert("components".to_owned(), json!({ "securitySchemes": schemes }));
    }
    document
}

impl Operation {
    /// Whether every request brought a credential of some scheme, and some of this one.
    fn asks_for(&self, scheme: &str) -> bool {
        let all: u64 = self.schemes.values().sum();
        all == self.requests && self.requests >= sketch::SUPPORT_MIN && self.schemes.contains_key(scheme)
    }
}

/// What is said of a body of one media type; of one that was not read that it is declared, and no more.
fn proposed_body(sketch: &Sketch) -> Value {
    if sketch.seen() == 0 { json!({}) } else { json!({ "schema": sketch.schema("") }) }
}

fn proposed(operation: &Operation) -> Value {
    let mut parameters = Vec::new();
    for (name, sketch) in &operation.path {
        parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": sketch.schema(name) }));
    }
    for (name, sketch) in &operation.query {
        let required = sketch.seen() == operation.requests && operation.requests >= sketch::SUPPORT_MIN;
        parameters.push(json!({ "name": name, "in": "query", "required": required, "schema": sketch.schema(name) }));
    }
    let mut proposal = json!({
        "x-rasp-support": operation.requests,
        "parameters": parameters,
        "responses": { "default": { "description": "not looked at" } },
    });
    let security: Vec<Value> =
        SCHEMES.into_iter().filter(|scheme| operation.asks_for(scheme)).map(|scheme| json!({ scheme: [] })).collect();
    if let Some(proposal) = proposal.as_object_mut().filter(|_| !security.is_empty()) {
        proposal.insert("security".to_owned(), Value::Array(security));
    }
    if !operation.bodies.is_empty() {
        let content: Map<String, Value> =
            operation.bodies.iter().map(|(media, sketch)| (media.clone(), proposed_body(sketch))).collect();
        let required = operation.with_body == operation.requests && operation.requests >= sketch::SUPPORT_MIN;
        if let Some(proposal) = proposal.as_object_mut() {
            proposal.insert("requestBody".to_owned(), json!({ "required": required, "content": content }));
        }
    }
    proposal
}
