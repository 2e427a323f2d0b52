//! The schemas of a document, made ready: what cannot be enforced is taken out and said, what is
//! wrong is an error with its pointer.

use std::collections::HashSet;

use jsonschema::PatternOptions;
use serde_json::{Map, Value, json};

use super::cycles::Cycles;
use super::document::Document;
use super::{escape, rewrite};
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
const MAP: [&str; 6] = ["properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"];

/// How deep schemas may nest.
const DEPTH_MAX: usize = 100;
/// Bytes that one pattern may compile to.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// Makes the schemas of a document ready.
pub(super) struct Assertions {
    pub(super) dialect: Dialect,
    pub(super) unenforced: Vec<Unenforced>,
    seen: HashSet<String>,
    cycles: Cycles,
}

impl Assertions {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, unenforced: Vec::new(), seen: HashSet::new(), cycles: Cycles::default() }
    }

    /// Makes ready the schemas at these pointers, what stands in them and what they refer to.
    pub(super) fn prepare(&mut self, document: &mut Document, roots: &[String]) -> Result<(), BuildError> {
        let mut queue: Vec<String> = roots.iter().rev().cloned().collect();
        let mut whole = Vec::new();
        let mut fresh = Vec::new();
        while let Some(pointer) = queue.pop() {
            if !self.seen.contains(&pointer) {
                self.schema(document, &pointer, &mut queue, &mut fresh, 0)?;
                whole.push(pointer);
            }
        }
        for pointer in &fresh {
            self.references(document, pointer)?;
        }
        for pointer in &whole {
            self.meta(document, pointer)?;
        }
        Ok(())
    }

    /// Rewrites one schema and all below it.
    fn schema(
        &mut self,
        document: &mut Document,
        pointer: &str,
        queue: &mut Vec<String>,
        fresh: &mut Vec<String>,
        depth: usize,
    ) -> Result<(), BuildError> {
        if depth > DEPTH_MAX {
            return Err(document.origin(pointer).error(format!("schemas nest deeper than {DEPTH_MAX}")));
        }
        match document.value.pointer(pointer) {
            Some(Value::Object(_)) => {}
            Some(Value::Bool(_)) => return Ok(()),
            Some(_) => {
                return Err(document.origin(pointer).error("is no schema: a schema is an object, true or false"));
            }
            // Told where it is referred to.
            None => return Ok(()),
        }
        if !self.seen.insert(pointer.to_owned()) {
            return Ok(());
        }
        fresh.push(pointer.to_owned());
        for child in children(&document.value, pointer) {
            self.schema(document, &child, queue, fresh, depth + 1)?;
        }
        let read_only = read_only_properties(document, pointer);
        let origin = document.origin(pointer);
        let Some(Value::Object(schema)) = document.value.pointer_mut(pointer) else { return Ok(()) };
        if self.dialect == Dialect::OpenApi30 {
            rewrite::openapi_30(schema);
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(pointer_of) {
            queue.push(target);
        }
        if !read_only.is_empty()
            && let Some(Value::Array(required)) = schema.get_mut("required")
        {
            // It is the server's to give: a request need not bring it.
            required.retain(|name| !name.as_str().is_some_and(|name| read_only.iter().any(|own| own == name)));
        }
        rewrite::bound_integers(schema);
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str).map(str::to_owned) {
            match pattern_kind(&pattern) {
                Pattern::Linear => {}
                Pattern::NotLinear(reason) => {
                    schema.remove("pattern");
                    schema.insert("x-rasp-unenforced".to_owned(), json!("pattern"));
                    let mut origin = origin.clone();
                    origin.pointer.push_str("/pattern");
                    self.unenforced.push(Unenforced { origin, reason: format!("the pattern {reason}") });
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
                .filter(|pattern| matches!(pattern_kind(pattern), Pattern::NotLinear(_)))
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
                let reason = "a name of `patternProperties` is no pattern that a linear engine can".to_owned();
                self.unenforced.push(Unenforced { origin, reason });
            }
        }
        Ok(())
    }

    /// A reference leads somewhere in the document, and no circle goes round in one value.
    fn references(&mut self, document: &Document, pointer: &str) -> Result<(), BuildError> {
        let reference = document.value.pointer(pointer).and_then(|schema| schema.get("$ref"));
        if let Some(reference) = reference.and_then(Value::as_str) {
            let target = document.target(reference, pointer)?;
            if document.value.pointer(&target).is_none() {
                let message = format!("`$ref` to `{}` leads nowhere", reference.escape_debug());
                return Err(document.origin(pointer).error(message));
            }
        }
        self.cycles.check(document, pointer)
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

/// The pointer that a reference into its own document names.
pub(super) fn pointer_of(reference: &str) -> Option<String> {
    let pointer = reference.strip_prefix('#').filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
    Some(percent_encoding::percent_decode_str(pointer).decode_utf8_lossy().into_owned())
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
        let members = schema.get(keyword).and_then(Value::as_object).into_iter().flatten();
        // Of `dependencies` (draft 7) some are lists of names.
        let names = members.filter(|(_, member)| !member.is_array() || keyword != "dependencies").map(|(name, _)| name);
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

enum Pattern {
    Linear,
    NotLinear(&'static str),
    Broken(String),
}

/// Whether a pattern can be enforced in linear time, only with backtracking, or not at all.
fn pattern_kind(pattern: &str) -> Pattern {
    let schema = json!({ "pattern": pattern });
    let linear = |bytes_max| {
        let options = PatternOptions::regex().size_limit(bytes_max);
        jsonschema::options().with_pattern_options(options).build(&schema).is_ok()
    };
    if linear(PATTERN_BYTES_MAX) {
        return Pattern::Linear;
    }
    if linear(PATTERN_BYTES_MAX << 6) {
        return Pattern::NotLinear("is too large to be compiled");
    }
    match jsonschema::options().with_pattern_options(PatternOptions::fancy_regex()).build(&schema) {
        Ok(_) => Pattern::NotLinear("looks around or back, which no linear engine can"),
        Err(error) => Pattern::Broken(error.to_string()),
    }
}
