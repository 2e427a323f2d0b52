//! Schemas as OpenAPI 3.0 writes them, in the words of 2020-12.
//!
//! `discriminator` only hints: what it says may not change what is valid (OpenAPI 3.1.1, "Discriminator Object"), so
//! that `oneOf` and `anyOf` decide without it.

use serde_json::{Map, Value, json};

/// OpenAPI 3.0 to 2020-12.
pub(super) fn openapi_30(schema: &mut Map<String, Value>) {
    if schema.contains_key("$ref") {
        // What stands beside a reference counts for nothing there.
        schema.retain(|key, _| key == "$ref");
        return;
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
    if schema.remove("nullable") == Some(Value::Bool(true)) {
        admit_null(schema);
    }
    // What these say is for people, and need not be what 2020-12 takes under the same name.
    for annotation in ["example", "examples", "xml", "externalDocs", "$id", "$schema", "$anchor", "id"] {
        schema.remove(annotation);
    }
}

fn admit_null(schema: &mut Map<String, Value>) {
    if let Some(Value::String(name)) = schema.get("type").cloned() {
        schema.insert("type".to_owned(), json!([name, "null"]));
    }
    if let Some(Value::Array(options)) = schema.get_mut("enum")
        && !options.contains(&Value::Null)
    {
        options.push(Value::Null);
    }
    // The standard gives `nullable` a meaning beside `type` only; documents put it beside these too, and mean null.
    let null = json!({ "type": "null" });
    for keyword in ["oneOf", "anyOf"] {
        if let Some(Value::Array(options)) = schema.get_mut(keyword) {
            options.push(null.clone());
        }
    }
    if !schema.contains_key("anyOf")
        && let Some(all) = schema.remove("allOf")
    {
        schema.insert("anyOf".to_owned(), json!([{ "allOf": all }, null]));
    }
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
