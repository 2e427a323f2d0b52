//! Bodies with a schema that are not as it asks: everything in them is looked at, however they come.

use std::collections::BTreeSet;

use bytes::Bytes;
use tower_rasp::{Action, Head, Inspection, Rasp};

const ATTACK: &str = "x' UNION SELECT password FROM users--";

/// A schema that pins one field, says of another what it holds, and of a third nothing.
fn with_schema() -> Rasp {
    let schema = serde_json::json!({ "type": "object", "required": ["id"], "properties": {
        "id": { "type": "string", "enum": ["a", "b"] }, "html": { "type": "string", "x-rasp-content": "html" },
        "list": { "type": "array", "items": { "type": "integer" } }, "text": { "type": "string" },
    } });
    let types = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"];
    let content = types.map(|one| (one.to_owned(), serde_json::json!({ "schema": schema })));
    let content: serde_json::Map<_, _> = content.into_iter().collect();
    let document = serde_json::json!({
        "openapi": "3.1.0", "info": { "title": "x", "version": "1" },
        "paths": { "/": { "post": { "requestBody": { "content": content }, "responses": {} } } },
    });
    let limits = "[limits]\nbody_hold_bytes_max = 4000";
    Rasp::builder().config_text(limits).openapi_text("x.json", &document.to_string()).build().expect("a document")
}

/// A body with a value in each of the fields.
fn with_fields(content_type: &str, values: &[(&str, &str)], end: &str) -> Vec<u8> {
    let fields = values.iter().map(|&(name, value)| match content_type {
        "application/json" => format!("{}:{}", serde_json::json!(name), serde_json::json!(value)),
        "application/x-www-form-urlencoded" => {
            form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
        }
        _ => format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"),
    });
    let fields: Vec<String> = fields.collect();
    let whole = match content_type {
        "application/json" => format!("{{{}{end}}}", fields.join(",")),
        "application/x-www-form-urlencoded" => format!("{}{end}", fields.join("&")),
        _ => format!("{}{end}--b--\r\n", fields.concat()),
    };
    whole.into_bytes()
}

fn attacks(inspection: &Inspection) -> BTreeSet<(String, String)> {
    let findings = inspection.context().findings();
    let of_detectors = findings.iter().filter(|finding| !finding.rule.id.starts_with("schema."));
    of_detectors.map(|finding| (finding.rule.id.to_string(), finding.location.to_string())).collect()
}

#[test]
fn a_body_that_its_schema_refuses_is_looked_at_as_without_one() {
    let (plain, schema) = (Rasp::default(), with_schema());
    let mut found_in = 0;
    let long = "lorem ipsum ".repeat(500);
    for content_type in ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"] {
        for (name, value) in [
            ("id", ATTACK),
            ("list", ATTACK),
            ("text", ATTACK),
            ("html", ATTACK),
            ("html", "x onmouseover=f(1)"),
            (ATTACK, "a"),
        ] {
            for (what, values, end) in [
                ("not in the list", vec![("id", "c"), (name, value)], ""),
                ("twice", vec![("id", "a"), ("id", "a"), (name, value)], ""),
                ("too long", vec![(name, value), ("text", &long)], ""),
                ("cut", vec![(name, value)], ",&\"a"),
            ] {
                let body = Bytes::from(with_fields(content_type, &values, end));
                for chunk in [1, 7, 100, body.len()] {
                    let head = || Head::builder(b"POST", b"/", None).header(b"content-type", content_type.as_bytes());
                    let inspect = |rasp: &Rasp| {
                        let mut inspection = Inspection::head(rasp.engine(), head().build());
                        let mut rest = body.clone();
                        while !rest.is_empty() {
                            inspection.chunk(&rest.split_to(chunk.min(rest.len())));
                        }
                        inspection.end();
                        inspection
                    };
                    let (expected, found) = (inspect(&plain), inspect(&schema));
                    assert_eq!(attacks(&found), attacks(&expected), "{content_type} {name} {what} in {chunk}");
                    found_in += usize::from(!attacks(&found).is_empty());
                    assert!(found.action() > Action::Pass, "{content_type} {name} {what} in {chunk}");
                }
            }
        }
    }
    assert!(found_in > 200, "attacks were found in {found_in} bodies only");
}
