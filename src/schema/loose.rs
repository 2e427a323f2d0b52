//! Spots of a schema that admit more than anybody means: for whoever writes it.

use std::collections::HashSet;

use serde_json::Value;

use super::compile::{Reading, reading};
use super::demand::Demand;
use super::source::children;
use super::{BodySchema, Contract, Origin, SchemaNode, Schemas, Source, SourceKind, Unenforced};
use super::{Document, SchemaLocation, Text};
use crate::build_error::BuildError;

/// Spots that are told of one document.
const SPOTS_MAX: usize = 1_000;

/// One loose spot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loose {
    /// Where it stands.
    pub origin: Origin,
    /// What is loose about it, and the mend.
    pub what: &'static str,
}

/// What is to be said of a document that can be used.
#[derive(Debug)]
pub struct SchemaCheck {
    /// What it declares.
    pub contract: Contract,
    /// Where it admits more than anybody means.
    pub loose: Vec<Loose>,
    /// Bodies of parts or text of which something is asked, so that they must fit into `body_hold_bytes_max`.
    pub held: Vec<Origin>,
}

/// Checks one document: OpenAPI where it says so, else one JSON Schema.
///
/// # Errors
///
/// As an engine that is built with it.
pub fn check(file: &str, text: &str) -> Result<SchemaCheck, BuildError> {
    let text = Text::Written(file.into(), text.into());
    let document = Document::of(&text)?;
    // One without its version is told so.
    let is_openapi = ["openapi", "swagger", "paths"].iter().any(|key| document.value.get(key).is_some());
    let kind = match is_openapi {
        true => SourceKind::OpenApi(text),
        false => SourceKind::Schema {
            text,
            route: "/".to_owned(),
            methods: vec!["POST".to_owned()],
            location: SchemaLocation::Body,
        },
    };
    let source = Source { kind, undeclared: None, unsupported_is_error: false, origin: Origin::default() };
    check_source(&source)
}

/// Checks one source of a configuration.
///
/// # Errors
///
/// As an engine that is built with it.
pub fn check_source(source: &Source) -> Result<SchemaCheck, BuildError> {
    let (SourceKind::OpenApi(text) | SourceKind::Schema { text, .. }) = &source.kind;
    let document = Document::of(text)?;
    let contract = super::read(std::slice::from_ref(source))?;
    Schemas::compile(contract.clone(), 1)?;
    let mut walk = Walk { document: &document, seen: HashSet::new(), loose: Vec::new() };
    for operation in &contract.operations {
        let parameters = operation.parameters.iter().filter_map(|parameter| parameter.schema.as_ref());
        let bodies = operation.bodies.iter().filter_map(|body| body.schema.as_ref());
        parameters.chain(bodies).for_each(|schema| walk.schema(schema));
    }
    let mut loose = walk.loose;
    loose.sort_by_key(|spot| spot.origin.line);
    let held = held(&contract);
    Ok(SchemaCheck { contract, loose, held })
}

fn held(contract: &Contract) -> Vec<Origin> {
    let bodies = contract.operations.iter().flat_map(|one| one.bodies.iter().map(|body| (body, &one.undeclared)));
    let is_large = |body: &BodySchema| matches!(reading(&body.media_type), Reading::Multipart | Reading::Text);
    let held = bodies.filter(|(body, undeclared)| {
        is_large(body) && !body.unenforced && Demand::of(body, undeclared) == Demand::Content
    });
    held.map(|(body, _)| body.origin.clone()).collect()
}

impl SchemaCheck {
    /// What cannot be enforced.
    #[must_use]
    pub fn unenforced(&self) -> &[Unenforced] {
        &self.contract.unenforced
    }
}

struct Walk<'a> {
    document: &'a Document,
    seen: HashSet<String>,
    loose: Vec<Loose>,
}

impl Walk<'_> {
    fn schema(&mut self, node: &SchemaNode) {
        let mut stack = vec![node.pointer.clone()];
        while let Some(pointer) = stack.pop() {
            if self.loose.len() >= SPOTS_MAX || !self.seen.insert(pointer.clone()) {
                continue;
            }
            let Some(Value::Object(schema)) = node.document.pointer(&pointer) else { continue };
            let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
            stack.extend(target.map(str::to_owned));
            stack.extend(children(&node.document, &pointer));
            for what in spots(schema) {
                self.loose.push(Loose { origin: self.document.origin(&pointer), what });
            }
        }
    }
}

/// Keywords that ask nothing of a value.
pub(super) const SAYS_NOTHING: [&str; 11] = [
    "title",
    "description",
    "$comment",
    "default",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "xml",
    "externalDocs",
];
/// Keywords that ask something of the properties of an object.
const OF_OBJECTS: [&str; 10] = [
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "required",
    "dependentRequired",
    "dependentSchemas",
    "if",
    "not",
];

fn spots(schema: &serde_json::Map<String, Value>) -> Vec<&'static str> {
    let has = |key: &str| schema.contains_key(key);
    let is = |name: &str| match schema.get("type") {
        Some(Value::String(own)) => own == name,
        Some(Value::Array(names)) => names.iter().any(|own| own == name),
        _ => false,
    };
    let listed = has("enum") || has("const");
    let mut found = Vec::new();
    if is("string") && !listed && !has("maxLength") && !has("format") && !has("pattern") {
        found.push("a string without a bound; give it `maxLength`, or a `pattern`");
    }
    if is("array") && !has("maxItems") {
        found.push("an array without a bound; give it `maxItems`");
    }
    let combined = ["allOf", "anyOf", "oneOf", "$ref"].iter().any(|key| has(key));
    if schema.keys().all(|key| SAYS_NOTHING.contains(&key.as_str()) || key.starts_with("x-")) {
        found.push("anything at all; give it a `type`");
    }
    if is("object") && !OF_OBJECTS.iter().any(|key| has(key)) && !listed && !combined {
        found.push("an object of any properties; name them in `properties`");
    }
    if is("object") && has("properties") && !combined && !has("additionalProperties") && !has("unevaluatedProperties") {
        found.push("an object that takes properties nobody named; say `additionalProperties: false`");
    }
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
        && !(pattern.starts_with('^') && pattern.ends_with('$'))
    {
        found.push("a pattern that fits any part of a value; put it between ^ and $");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loosest_schemas_are_told() {
        for (text, told) in [
            (r#"{"description": "x"}"#, Some("anything at all; give it a `type`")),
            (r#"{"type": "object", "propertis": {}}"#, Some("an object of any properties; name them in `properties`")),
            (r#"{"type": "object", "additionalProperties": false}"#, None),
            (r#"{"type": "integer"}"#, None),
        ] {
            let found = check("a.json", text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(found.loose.first().map(|spot| spot.what), told, "{text}");
        }
    }

    #[test]
    fn a_document_without_its_version_is_no_schema() {
        let error = check("a.yaml", "info: {title: x}\npaths: {}\n").expect_err("no version").to_string();
        assert!(error.contains("is no OpenAPI document of version 3"), "{error}");
    }
}
