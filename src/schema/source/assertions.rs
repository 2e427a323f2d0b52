//! The schemas of a document, made ready: what cannot be enforced is taken out and said, what is
//! wrong is an error with its pointer.

use jsonschema::PatternOptions;
use serde_json::{Map, Value, json};

use super::cycles::Cycles;
use super::document::Document;
use super::escape;
use crate::build_error::BuildError;
use crate::schema::Unenforced;

/// In which words a schema is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// OpenAPI 3.0, which has its own.
    OpenApi30,
    /// 2020-12, and OpenAPI 3.1.
    Draft202012,
    /// Draft 7.
    Draft7,
}

/// Keywords whose value is one schema.
const ONE: [&str; 12] = [
    "additionalProperties",
    "items",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "propertyNames",
    "additionalItems",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];
/// Keywords whose value is a list of schemas.
const LIST: [&str; 5] = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];
/// Keywords whose value has a schema under each name.
const MAP: [&str; 5] = ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];

/// Makes the schemas of a document ready.
pub(super) struct Assertions<'a> {
    pub(super) dialect: Dialect,
    pub(super) unenforced: &'a mut Vec<Unenforced>,
}

impl Assertions<'_> {
    /// Makes ready the schemas at these pointers, and what stands in them.
    pub(super) fn prepare(&mut self, document: &mut Document, pointers: &[String]) -> Result<(), BuildError> {
        for pointer in pointers {
            self.schema(document, pointer, 0)?;
        }
        let mut cycles = Cycles::default();
        for pointer in pointers {
            self.references(document, pointer, &mut cycles, 0)?;
        }
        for pointer in pointers {
            self.meta(document, pointer)?;
        }
        Ok(())
    }

    /// Rewrites one schema and all below it.
    fn schema(&mut self, document: &mut Document, pointer: &str, depth: usize) -> Result<(), BuildError> {
        if depth > 100 {
            return Err(document.origin(pointer).error("schemas nest too deep"));
        }
        let Some(Value::Object(_)) = document.value.pointer(pointer) else { return Ok(()) };
        for child in children(&document.value, pointer) {
            self.schema(document, &child, depth + 1)?;
        }
        let read_only = read_only_properties(document, pointer);
        let origin = document.origin(pointer);
        let Some(Value::Object(schema)) = document.value.pointer_mut(pointer) else { return Ok(()) };
        if self.dialect == Dialect::OpenApi30 {
            rewrite_30(schema);
        }
        if !read_only.is_empty()
            && let Some(Value::Array(required)) = schema.get_mut("required")
        {
            // It is the server's to give: a request need not bring it.
            required.retain(|name| !name.as_str().is_some_and(|name| read_only.iter().any(|own| own == name)));
        }
        bound_integers(schema);
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str).map(str::to_owned) {
            match pattern_kind(&pattern) {
                Pattern::Linear => {}
                Pattern::NotLinear => {
                    schema.remove("pattern");
                    schema.insert("x-rasp-unenforced".to_owned(), json!("pattern"));
                    let mut origin = origin.clone();
                    origin.pointer.push_str("/pattern");
                    self.unenforced.push(Unenforced {
                        origin,
                        reason: "the pattern looks around or back, which no linear engine can".to_owned(),
                    });
                }
                Pattern::Broken(why) => {
                    let mut origin = origin;
                    origin.pointer.push_str("/pattern");
                    return Err(origin.error(format!("is no pattern: {why}")));
                }
            }
        }
        if let Some(Value::Object(patterns)) = schema.get("patternProperties") {
            for pattern in patterns.keys() {
                if let Pattern::Broken(why) = pattern_kind(pattern) {
                    return Err(origin.error(format!("a name of `patternProperties` is no pattern: {why}")));
                }
            }
            let bent: Vec<String> = patterns
                .keys()
                .filter(|pattern| matches!(pattern_kind(pattern), Pattern::NotLinear))
                .cloned()
                .collect();
            if !bent.is_empty() {
                if let Some(Value::Object(patterns)) = schema.get_mut("patternProperties") {
                    bent.iter().for_each(|pattern| drop(patterns.remove(pattern)));
                }
                // Without them nobody can say what else may be there.
                schema.remove("additionalProperties");
                schema.remove("unevaluatedProperties");
                schema.insert("x-rasp-unenforced".to_owned(), json!("patternProperties"));
                let reason =
                    "a name of `patternProperties` looks around or back, which no linear engine can".to_owned();
                self.unenforced.push(Unenforced { origin, reason });
            }
        }
        Ok(())
    }

    /// Every reference leads somewhere in the document, and no circle goes round in one value.
    fn references(
        &self,
        document: &Document,
        pointer: &str,
        cycles: &mut Cycles,
        depth: usize,
    ) -> Result<(), BuildError> {
        if depth > 100 {
            return Ok(());
        }
        let reference = document.value.pointer(pointer).and_then(|schema| schema.get("$ref")).and_then(Value::as_str);
        if let Some(reference) = reference {
            let names_anchor = reference.starts_with('#') && reference.len() > 1 && !reference.starts_with("#/");
            if !names_anchor && !names_id(document, reference) {
                let target = document.target(reference, pointer)?;
                if document.value.pointer(&target).is_none() {
                    let message = format!("`$ref` to `{}` leads nowhere", reference.escape_debug());
                    return Err(document.origin(pointer).error(message));
                }
            }
        }
        cycles.check(document, pointer)?;
        for child in children(&document.value, pointer) {
            self.references(document, &child, cycles, depth + 1)?;
        }
        Ok(())
    }

    /// Every keyword has a value that it can have.
    fn meta(&self, document: &Document, pointer: &str) -> Result<(), BuildError> {
        let Some(schema) = document.value.pointer(pointer) else { return Ok(()) };
        let checked = match self.dialect {
            Dialect::Draft7 => jsonschema::draft7::meta::validate(schema),
            Dialect::OpenApi30 | Dialect::Draft202012 => jsonschema::draft202012::meta::validate(schema),
        };
        checked.map_err(|error| {
            let inner = format!("{pointer}{}", error.instance_path());
            document.origin(&inner).error(format!("is no schema: {error}"))
        })
    }
}

/// Whether some schema of the document names itself so.
fn names_id(document: &Document, reference: &str) -> bool {
    fn holds(value: &Value, id: &str) -> bool {
        match value {
            Value::Object(members) => {
                members
                    .get("$id")
                    .and_then(Value::as_str)
                    .is_some_and(|own| own == id || own.ends_with(&format!("/{id}")))
                    || members.values().any(|member| holds(member, id))
            }
            Value::Array(elements) => elements.iter().any(|element| holds(element, id)),
            _ => false,
        }
    }
    let id = reference.split('#').next().unwrap_or_default();
    !id.is_empty() && holds(&document.value, id)
}

/// The schemas that stand directly in one.
pub fn children(document: &Value, pointer: &str) -> Vec<String> {
    let Some(Value::Object(schema)) = document.pointer(pointer) else { return Vec::new() };
    let mut found = Vec::new();
    for keyword in ONE {
        if schema.get(keyword).is_some_and(Value::is_object) {
            found.push(format!("{pointer}/{keyword}"));
        }
    }
    for keyword in LIST {
        let count = schema.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
        found.extend((0..count).map(|index| format!("{pointer}/{keyword}/{index}")));
    }
    for keyword in MAP {
        let names = schema.get(keyword).and_then(Value::as_object).into_iter().flat_map(Map::keys);
        found.extend(names.map(|name| format!("{pointer}/{keyword}/{}", escape(name))));
    }
    found
}

/// The names of properties that only a server gives.
fn read_only_properties(document: &Document, pointer: &str) -> Vec<String> {
    let properties =
        document.value.pointer(pointer).and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let is_read_only = |name: &String| {
        let own = format!("{pointer}/properties/{}", escape(name));
        let beside = document.value.pointer(&own).and_then(|property| property.get("readOnly"));
        let behind = document.resolve(&own).ok().and_then(|(property, _)| property.get("readOnly"));
        beside.or(behind) == Some(&Value::Bool(true))
    };
    properties.into_iter().flat_map(Map::keys).filter(|name| is_read_only(name)).cloned().collect()
}

/// OpenAPI 3.0 to 2020-12.
fn rewrite_30(schema: &mut Map<String, Value>) {
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
        if let Some(Value::String(name)) = schema.get("type").cloned() {
            schema.insert("type".to_owned(), json!([name, "null"]));
        }
        if let Some(Value::Array(options)) = schema.get_mut("enum")
            && !options.contains(&Value::Null)
        {
            options.push(Value::Null);
        }
    }
    // There it is an example, and may be anything.
    schema.remove("example");
}

/// `int32` and `int64` are ranges.
fn bound_integers(schema: &mut Map<String, Value>) {
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

enum Pattern {
    Linear,
    NotLinear,
    Broken(String),
}

/// Whether a pattern can be enforced in linear time, only with backtracking, or not at all.
fn pattern_kind(pattern: &str) -> Pattern {
    let schema = json!({ "pattern": pattern });
    let linear = jsonschema::options().with_pattern_options(PatternOptions::regex().size_limit(1 << 20)).build(&schema);
    match linear {
        Ok(_) => Pattern::Linear,
        Err(_) => match jsonschema::options().with_pattern_options(PatternOptions::fancy_regex()).build(&schema) {
            Ok(_) => Pattern::NotLinear,
            Err(error) => Pattern::Broken(error.to_string()),
        },
    }
}
