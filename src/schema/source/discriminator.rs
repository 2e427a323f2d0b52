//! `discriminator`: the value of one property chooses the schema among `oneOf` or `anyOf`, by `mapping` or by the name
//! of the schema (OpenAPI, "Discriminator Object").
//!
//! Each alternative then takes the values that choose it and no other. Without the property the alternatives decide,
//! as they do where they stand in place and have no name.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::assertions::pointer_of;
use super::document::Document;
use super::escape;
use crate::build_error::BuildError;

/// Has the alternatives of a schema take the values that choose them.
pub(super) fn enforce(document: &mut Document, pointer: &str, told: &str) -> Result<(), BuildError> {
    let Some(schema) = document.value.pointer(pointer) else { return Ok(()) };
    let Some(discriminator) = schema.get("discriminator").and_then(Value::as_object) else { return Ok(()) };
    let Some(property) = discriminator.get("propertyName").and_then(Value::as_str).map(str::to_owned) else {
        return Ok(());
    };
    let mut targets = BTreeMap::new();
    for (value, target) in discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten() {
        let target = target.as_str().unwrap_or_default();
        let named = pointer_of(target).unwrap_or_else(|| format!("/components/schemas/{}", escape(target)));
        if !document.value.pointer(&named).is_some_and(|schema| schema.is_object() || schema.is_boolean()) {
            let origin = document.origin(&format!("{told}/discriminator/mapping/{}", escape(value)));
            return Err(origin.error(format!("names the schema `{}`, which does not exist", target.escape_debug())));
        }
        targets.insert(value.clone(), named);
    }
    for keyword in ["oneOf", "anyOf"] {
        for index in 0..schema_count(&document.value, pointer, keyword) {
            choose(&mut document.value, &format!("{pointer}/{keyword}/{index}"), &property, &targets);
        }
    }
    Ok(())
}

fn schema_count(value: &Value, pointer: &str, keyword: &str) -> usize {
    value.pointer(pointer).and_then(|schema| schema.get(keyword)?.as_array()).map_or(0, Vec::len)
}

/// Says in one alternative, where it has a name, which values choose it.
fn choose(value: &mut Value, pointer: &str, property: &str, targets: &BTreeMap<String, String>) {
    let target = value.pointer(pointer).and_then(|option| option.get("$ref")?.as_str()).and_then(pointer_of);
    let Some(target) = target else { return };
    let mapped = targets.iter().filter(|(_, own)| **own == target).map(|(value, _)| value.clone());
    let mut values: Vec<String> = mapped.collect();
    let name = target.strip_prefix("/components/schemas/").map(|name| name.replace("~1", "/").replace("~0", "~"));
    let own = value.pointer(&format!("{target}/properties/{}", escape(property)));
    let is_free = |name: &String| !targets.contains_key(name) && own.is_none_or(|own| takes(own, name));
    values.extend(name.filter(is_free));
    let Some(Value::Object(option)) = value.pointer_mut(pointer) else { return };
    if !values.is_empty() && !option.contains_key("properties") {
        option.insert("properties".to_owned(), json!({ property: { "enum": values } }));
    }
}

/// Whether the property can hold the name of its schema: many hold numbers or words of their own.
fn takes(property: &Value, name: &str) -> bool {
    let is_string = match property.get("type") {
        Some(Value::String(word)) => word == "string",
        Some(Value::Array(words)) => words.iter().any(|word| word == "string"),
        _ => true,
    };
    let is_listed =
        property.get("enum").and_then(Value::as_array).is_none_or(|list| list.iter().any(|one| one == name));
    is_string && is_listed && property.get("const").is_none_or(|only| only == name)
}
