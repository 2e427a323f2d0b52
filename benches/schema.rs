//! What a schema costs, and what it spares: a body of about 1 KB without a schema, with one that pins
//! most of its fields and with one that pins few; then how long a large document takes to compile.
//!
//! `-- --repeat NAME COUNT` only runs one, for callgrind; see `benches/instructions.sh schema`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};
use tower_rasp::{Action, Rasp};

const ROUNDS: usize = 31;
const ROUND: Duration = Duration::from_millis(10);
const OPERATIONS: usize = 500;
const COMPONENTS: usize = 60;

struct Scenario {
    name: &'static str,
    schema: Option<Value>,
}

fn main() {
    let scenarios = [
        Scenario { name: "none", schema: None },
        Scenario { name: "few", schema: Some(few()) },
        Scenario { name: "most", schema: Some(most()) },
    ];
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--repeat") {
        let count = arguments[at + 2].parse().expect("a count");
        return repeat(&scenarios, &arguments[at + 1], count);
    }
    let engines = scenarios.each_ref().map(build);
    scenarios.iter().zip(&engines).for_each(|(scenario, rasp)| check(scenario, rasp));
    let good = post(&order());
    println!("{:<8} {:>10} {:>16}   ({} bytes)", "schema", "total ns", "beyond none, ns", good.body().len());
    let totals = medians(&engines, &good);
    for (scenario, total) in scenarios.iter().zip(totals) {
        println!("{:<8} {total:>10.0} {:>16.0}", scenario.name, total - totals[0]);
    }
    compile();
}

fn build(scenario: &Scenario) -> Rasp {
    let mut builder = Rasp::builder();
    if let Some(schema) = &scenario.schema {
        builder = builder.json_schema(Method::POST, "/orders", schema.clone());
    }
    builder.build().expect("a schema")
}

/// No figure is taken from an engine that does not look.
fn check(scenario: &Scenario, rasp: &Rasp) {
    let mut invalid = order();
    invalid["total"] = json!("much");
    let mut attack = order();
    attack["note"] = json!("x' OR '1'='1' --");
    let refused = if scenario.schema.is_some() { Action::Block } else { Action::Pass };
    for (what, body, expected) in
        [("good", order(), Action::Pass), ("invalid", invalid, refused), ("attack", attack, Action::Block)]
    {
        assert_eq!(rasp.inspect(&post(&body)).action, expected, "{}: {what}", scenario.name);
    }
}

fn repeat(scenarios: &[Scenario], name: &str, count: usize) {
    let scenario = scenarios.iter().find(|scenario| scenario.name == name).expect("a scenario of this name");
    let (rasp, request) = (build(scenario), post(&order()));
    for _ in 0..count {
        black_box(rasp.inspect(black_box(&request)).action);
    }
}

/// Nanoseconds a call of each: the median over rounds that alternate.
fn medians(engines: &[Rasp; 3], request: &Request<Bytes>) -> [f64; 3] {
    let time = |rasp: &Rasp, count: u32| {
        let start = Instant::now();
        for _ in 0..count {
            black_box(rasp.inspect(black_box(request)).action);
        }
        start.elapsed()
    };
    let mut count = 1_u32;
    while time(&engines[0], count) < ROUND / 2 {
        count *= 2;
    }
    let mut rounds = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for (rasp, rounds) in engines.iter().zip(&mut rounds) {
            rounds.push(time(rasp, count).as_nanos() as f64 / f64::from(count));
        }
    }
    rounds.map(|mut rounds| {
        rounds.sort_by(f64::total_cmp);
        rounds[ROUNDS / 2]
    })
}

fn post(body: &Value) -> Request<Bytes> {
    let body = body.to_string();
    Request::post("/orders")
        .header("host", "api.example.com")
        .header("user-agent", "okhttp/4.12.0")
        .header("content-type", "application/json")
        .header("content-length", body.len())
        .body(Bytes::from(body))
        .expect("a request")
}

/// An order as shops take them: ids, dates, words of a list, numbers, and a few texts.
fn order() -> Value {
    let line = |number: usize| {
        json!({
            "product": format!("3f2b8c1e-5d4a-4e6f-9a7b-{number:012}"), "count": number + 1,
            "price": 1250 * (number + 1), "currency": "EUR", "state": "in_stock",
        })
    };
    json!({
        "id": "0b8f0f0e-7c1d-4c58-9b7e-2f1d5f3a9c10", "customer": "a3bb189e-8bf9-4c8e-9c3f-7f3c2f5d9e21",
        "created": "2026-03-14T09:26:53Z", "deliver_on": "2026-03-20", "status": "open", "channel": "web",
        "paid": true, "total": 12500, "currency": "EUR", "language": "de-DE",
        "lines": (0..6).map(line).collect::<Vec<_>>(),
        "name": "Ada Lovelace", "note": "Please leave it with the neighbours at no. 12",
    })
}

/// Ids, dates and words are said.
fn most() -> Value {
    let uuid = json!({ "type": "string", "format": "uuid" });
    let number = json!({ "type": "integer", "minimum": 0 });
    let words = |words: &[&str]| json!({ "enum": words });
    let text = json!({ "type": "string", "maxLength": 200 });
    shape(
        &uuid,
        &number,
        &text,
        [
            json!({ "type": "string", "format": "date-time" }),
            json!({ "type": "string", "format": "date" }),
            words(&["open", "paid", "sent"]),
            words(&["web", "phone", "shop"]),
            words(&["EUR", "USD", "GBP"]),
            words(&["de-DE", "en-GB", "fr-FR"]),
            words(&["in_stock", "late", "gone"]),
        ],
    )
}

/// Only what is a number is said; every text is any text.
fn few() -> Value {
    let text = json!({ "type": "string" });
    shape(&text, &json!({ "type": "integer" }), &text, std::array::from_fn(|_| text.clone()))
}

fn shape(id: &Value, number: &Value, text: &Value, others: [Value; 7]) -> Value {
    let [time, date, status, channel, currency, language, state] = others;
    json!({
        "type": "object", "required": ["id", "customer", "lines", "total"],
        "properties": {
            "id": id, "customer": id, "created": time, "deliver_on": date, "status": status, "channel": channel,
            "paid": { "type": "boolean" }, "total": number, "currency": currency, "language": language,
            "lines": { "type": "array", "maxItems": 100, "items": {
                "type": "object", "required": ["product", "count"],
                "properties": {
                    "product": id, "count": number, "price": number, "currency": currency, "state": state,
                },
            } },
            "name": text, "note": text,
        },
    })
}

/// How long a document takes from its text to an engine, less the engine's own time.
fn compile() {
    let document = document().to_string();
    let base = fastest(|| Rasp::builder().build().expect("the built-in rules"));
    let whole = fastest(|| Rasp::builder().openapi_text("large.json", &document).build().expect("a document"));
    let rasp = Rasp::builder().openapi_text("large.json", &document).build().expect("a document");
    for (target, expected) in [("/r499/1", Action::Pass), ("/r499/x", Action::Block)] {
        let request = Request::post(target).header("content-type", "application/json");
        let request = request.body(Bytes::from_static(br#"{"id":1,"name":"a"}"#)).expect("a request");
        assert_eq!(rasp.inspect(&request).action, expected, "{target}");
    }
    println!(
        "an OpenAPI document of {OPERATIONS} operations and {COMPONENTS} components, {} KB: {} ms",
        document.len() / 1024,
        whole.saturating_sub(base).as_millis()
    );
}

fn fastest(build: impl Fn() -> Rasp) -> Duration {
    let time = |_| {
        let start = Instant::now();
        drop(black_box(build()));
        start.elapsed()
    };
    (0..3).map(time).min().unwrap_or_default()
}

/// Operations that share components, each of which refers to the next ones.
fn document() -> Value {
    let reference = |number: usize| json!({ "$ref": format!("#/components/schemas/C{}", number % COMPONENTS) });
    let component = |number: usize| {
        let properties = json!({
            "id": { "type": "integer" }, "name": { "type": "string", "pattern": format!("^[a-z{}]{{1,40}}$", number % 10) },
            "at": { "type": "string", "format": "date-time" }, "kind": { "enum": ["a", "b", "c"] },
            "next": reference(number + 1), "other": reference(number + 7), "list": { "type": "array", "items": reference(number + 13) },
        });
        (format!("C{number}"), json!({ "type": "object", "required": ["id"], "properties": properties }))
    };
    let path = |number: usize| {
        let content = json!({ "application/json": { "schema": {
            "allOf": [reference(number), { "type": "object", "properties": { "extra": reference(number + 3) } }],
        } } });
        let parameters = json!([
            { "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } },
            { "name": "page", "in": "query", "schema": { "type": "integer", "minimum": 1 } },
        ]);
        let operation = json!({
            "parameters": parameters, "requestBody": { "required": true, "content": content },
            "responses": { "200": { "description": "done" } },
        });
        (format!("/r{number}/{{id}}"), json!({ "post": operation }))
    };
    json!({
        "openapi": "3.1.0", "info": { "title": "large", "version": "1" },
        "components": { "schemas": (0..COMPONENTS).map(component).collect::<serde_json::Map<_, _>>() },
        "paths": (0..OPERATIONS).map(path).collect::<serde_json::Map<_, _>>(),
    })
}
