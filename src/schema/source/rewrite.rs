//! Schemas as OpenAPI 3.0 writes them, in the words of 2020-12.

use serde_json::{Map, Value, json};

/// What stays beside an alternative with null: it says nothing of values, or is asked for at its schema.
const BESIDE: [&str; 6] = ["readOnly", "writeOnly", "deprecated", "title", "description", "default"];

type Fits = fn(&Value) -> bool;

/// Words that are for people, and what they must be; what is none of it is dropped, since it asserts nothing.
const ANNOTATIONS: [(&str, Fits); 7] = [
    ("title", Value::is_string),
    ("description", Value::is_string),
    ("$comment", Value::is_string),
    ("deprecated", Value::is_boolean),
    ("readOnly", Value::is_boolean),
    ("writeOnly", Value::is_boolean),
    ("examples", Value::is_array),
];

/// OpenAPI 3.0 to 2020-12. Answers whether what stood in the schema stands in `anyOf/0` now.
pub(super) fn openapi_30(schema: &mut Map<String, Value>) -> bool {
    let is_nullable = schema.remove("nullable") == Some(Value::Bool(true));
    if schema.contains_key("$ref") {
        // What stands beside a reference counts for nothing there; of `nullable` everybody means it.
        schema.retain(|key, _| key == "$ref");
        return is_nullable && or_null(schema);
    }
    for (exclusive, limit) in [("exclusiveMaximum", "maximum"), ("exclusiveMinimum", "minimum")] {
        match schema.get(exclusive) {
            Some(Value::Bool(true)) => {
                let value = schema.remove(limit);
                schema.remove(exclusive);
                if let Some(value) = value {
                    schema.insert(exclusive.to_owned(), value);
                }
            }
            Some(Value::Bool(false)) => drop(schema.remove(exclusive)),
            _ => {}
        }
    }
    // What these say is for people, and need not be what 2020-12 takes under the same name.
    for other in ["example", "examples", "xml", "externalDocs", "$id", "$schema", "$anchor", "id", "$dynamicRef"] {
        schema.remove(other);
    }
    is_nullable && admit_null(schema)
}

/// An `enum` without null still forbids it (OpenAPI proposal 2019-10-31, "Clarify Nullable").
fn admit_null(schema: &mut Map<String, Value>) -> bool {
    // The standard gives `nullable` a meaning beside `type` only; documents put it beside these too, and mean null.
    if ["allOf", "anyOf", "oneOf", "not"].iter().any(|keyword| schema.contains_key(*keyword)) {
        return or_null(schema);
    }
    if let Some(Value::String(name)) = schema.get("type").cloned() {
        schema.insert("type".to_owned(), json!([name, "null"]));
    }
    false
}

fn or_null(schema: &mut Map<String, Value>) -> bool {
    let is_beside = |key: &str| BESIDE.contains(&key) || key.starts_with("x-");
    let (beside, own): (Map<_, _>, Map<_, _>) = std::mem::take(schema).into_iter().partition(|(key, _)| is_beside(key));
    *schema = beside;
    schema.insert("anyOf".to_owned(), json!([own, { "type": "null" }]));
    true
}

/// Mends what asserts nothing or has one meaning only, so that the rest counts. Answers what means nothing.
pub(super) fn tidy(schema: &mut Map<String, Value>) -> Option<&'static str> {
    for (keyword, fits) in ANNOTATIONS {
        if schema.get(keyword).is_some_and(|value| !fits(value)) {
            schema.remove(keyword);
        }
    }
    if let Some(Value::Array(names)) = schema.get_mut("required") {
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| !name.is_string() || seen.insert(name.clone()));
    }
    // In YAML `null` is the word for nothing where it has no quotes.
    if let Some(Value::Array(names)) = schema.get_mut("type") {
        names.iter_mut().filter(|name| name.is_null()).for_each(|name| *name = json!("null"));
    }
    // Draft 3 wrote it so.
    schema.get("required").is_some_and(Value::is_boolean).then(|| {
        schema.remove("required");
        "`required` is a list of names, in the schema of the object"
    })
}

/// `int32` and `int64` are ranges.
pub(super) fn bound_integers(schema: &mut Map<String, Value>) {
    let numeric = match schema.get("type") {
        Some(Value::String(name)) => matches!(name.as_str(), "integer" | "number"),
        Some(Value::Array(names)) => names.iter().any(|name| name == "integer" || name == "number"),
        _ => false,
    };
    let range: Option<(Value, Value)> = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => Some((json!(i32::MIN), json!(i32::MAX))),
        Some("int64") => Some((json!(i64::MIN), json!(i64::MAX))),
        _ => None,
    };
    if let Some((least, most)) = range.filter(|_| numeric) {
        if !schema.contains_key("minimum") && !schema.contains_key("exclusiveMinimum") {
            schema.insert("minimum".to_owned(), least);
        }
        if !schema.contains_key("maximum") && !schema.contains_key("exclusiveMaximum") {
            schema.insert("maximum".to_owned(), most);
        }
    }
    // Of numbers the formats say no more; of strings they would ask what nobody means.
    if numeric && matches!(schema.get("format").and_then(Value::as_str), Some("int32" | "int64" | "float" | "double")) {
        schema.remove("format");
    }
}
