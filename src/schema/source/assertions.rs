//! The schemas of a document, made ready: what cannot be enforced is taken out and said, what is
//! wrong is an error with its pointer.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::cycles::Cycles;
use super::document::Document;
use super::moves::Moves;
use super::pattern::{Pattern, Patterns};
use super::{discriminator, escape, loosen, names, rewrite};
use crate::build_error::BuildError;
use crate::schema::pointer::find;
use crate::schema::{Origin, Unenforced};

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

/// Makes the schemas of a document ready.
pub(super) struct Assertions {
    pub(super) dialect: Dialect,
    pub(super) unenforced: Vec<Unenforced>,
    seen: HashSet<String>,
    cycles: Cycles,
    patterns: Patterns,
    /// Schemas whose content stands one step deeper than the document has it.
    deeper: Moves,
    /// Alternatives that stand elsewhere than the document has them.
    loosened: Moves,
}

impl Assertions {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            unenforced: Vec::new(),
            seen: HashSet::new(),
            cycles: Cycles::default(),
            patterns: Patterns::default(),
            deeper: Moves::default(),
            loosened: Moves::default(),
        }
    }

    /// Makes ready the schemas at these pointers, what stands in them and what they refer to.
    pub(super) fn prepare(&mut self, document: &mut Document, roots: &[String]) -> Result<(), BuildError> {
        let mut queue: Vec<String> = roots.iter().rev().cloned().collect();
        let mut whole = Vec::new();
        let mut fresh = Vec::new();
        while let Some(pointer) = queue.pop() {
            let pointer = self.deeper.now(&pointer);
            if !self.seen.contains(&pointer) {
                self.schema(document, &pointer, &mut queue, &mut fresh, 0)?;
                whole.push(pointer);
            }
        }
        for pointer in &fresh {
            self.reference(document, pointer)?;
        }
        if self.is_openapi(document) && self.dialect != Dialect::Draft7 {
            discriminator::open(document, &mut fresh, &self.deeper, &mut self.loosened)?;
            for index in 0..fresh.len() {
                let Some(pointer) = fresh.get(index).cloned() else { break };
                let told = self.deeper.whole(&pointer);
                let new = discriminator::enforce(document, &pointer, &told, &fresh, &mut self.loosened)?;
                fresh.extend(new);
            }
        }
        for pointer in &fresh {
            self.cycles.check(document, pointer)?;
        }
        loosen::loosen(&mut document.value, &fresh, &mut self.loosened);
        for pointer in &fresh {
            let pointer = self.loosened.now(pointer);
            let target = target_of(&document.value, &pointer).map(|target| self.loosened.now(&target));
            refer(&mut document.value, &pointer, target);
        }
        for pointer in &whole {
            self.meta(document, &self.loosened.now(pointer))?;
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
        let origin = document.origin(&self.deeper.before(pointer));
        if depth > DEPTH_MAX {
            return Err(origin.error(format!("schemas nest deeper than {DEPTH_MAX}")));
        }
        match find(&document.value, pointer) {
            Some(Value::Object(_)) => {}
            Some(Value::Bool(_)) => return Ok(()),
            Some(_) => return Err(origin.error("is no schema: a schema is an object, true or false")),
            // Told where it is referred to.
            None => return Ok(()),
        }
        if !self.seen.insert(pointer.to_owned()) {
            return Ok(());
        }
        fresh.push(pointer.to_owned());
        self.declared_dialect(document, pointer, &origin)?;
        let read_only = read_only_properties(document, pointer);
        let Some(Value::Object(schema)) = document.value.pointer_mut(pointer) else { return Ok(()) };
        if let Some(reason) = rewrite::tidy(schema) {
            schema.insert("x-rasp-unenforced".to_owned(), json!("required"));
            self.unenforced.push(Unenforced { origin: below(&origin, "required"), reason: reason.to_owned() });
        }
        if !read_only.is_empty()
            && let Some(Value::Array(required)) = schema.get_mut("required")
        {
            // It is the server's to give: a request need not bring it.
            required.retain(|name| !name.as_str().is_some_and(|name| read_only.iter().any(|own| own == name)));
        }
        if self.dialect == Dialect::OpenApi30 && rewrite::openapi_30(schema) {
            self.deeper.add(pointer.to_owned(), format!("{pointer}/anyOf/0"));
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(pointer_of) {
            queue.push(target);
        }
        queue.extend(discriminator::targets(&document.value, pointer, &origin.pointer));
        let Some(Value::Object(schema)) = document.value.pointer_mut(pointer) else { return Ok(()) };
        rewrite::bound_integers(schema);
        self.pattern(schema, &origin)?;
        self.names(schema, &origin)?;
        for child in children(&document.value, pointer) {
            self.schema(document, &child, queue, fresh, depth + 1)?;
        }
        Ok(())
    }

    /// A schema may name its dialect, which must be one that is read here.
    fn declared_dialect(&self, document: &Document, pointer: &str, origin: &Origin) -> Result<(), BuildError> {
        let named = find(&document.value, pointer).and_then(|schema| schema.get("$schema")).and_then(Value::as_str);
        let is_known = |uri: &str| ["2020-12", "draft-07", "oas/3.1"].iter().any(|known| uri.contains(known));
        match named.filter(|uri| self.dialect != Dialect::OpenApi30 && !is_known(uri)) {
            Some(uri) => {
                let message = format!("`{}` is no dialect that is read here", uri.escape_debug());
                Err(below(origin, "$schema").error(message).mend("write it in 2020-12 or draft 7"))
            }
            None => Ok(()),
        }
    }

    fn pattern(&mut self, schema: &mut Map<String, Value>, origin: &Origin) -> Result<(), BuildError> {
        let Some(pattern) = schema.get("pattern").and_then(Value::as_str) else { return Ok(()) };
        match self.patterns.kind(pattern) {
            Pattern::Linear => {}
            Pattern::Rewritten(plain) => drop(schema.insert("pattern".to_owned(), Value::String(plain))),
            Pattern::NotLinear { reason, weaker } => {
                schema.remove("pattern");
                schema.extend(weaker.map(|weaker| ("pattern".to_owned(), Value::String(weaker))));
                schema.insert("x-rasp-unenforced".to_owned(), json!("pattern"));
                let reason = format!("the pattern {reason}");
                self.unenforced.push(Unenforced { origin: below(origin, "pattern"), reason });
            }
            Pattern::Broken => return Err(below(origin, "pattern").error("is no pattern of ECMA-262")),
        }
        Ok(())
    }

    /// The patterns of names.
    fn names(&mut self, schema: &mut Map<String, Value>, origin: &Origin) -> Result<(), BuildError> {
        let Some(Value::Object(named)) = schema.get_mut("patternProperties") else { return Ok(()) };
        let mut is_bent = false;
        for (pattern, member) in std::mem::take(named) {
            match self.patterns.kind(&pattern) {
                Pattern::Linear => drop(named.insert(pattern, member)),
                Pattern::Rewritten(plain) => drop(named.insert(plain, member)),
                Pattern::NotLinear { .. } => is_bent = true,
                Pattern::Broken => {
                    let told = below(origin, &format!("patternProperties/{}", escape(&pattern)));
                    return Err(told.error("is no pattern of ECMA-262"));
                }
            }
        }
        if is_bent {
            // Without them nobody can say what else may be there.
            schema.remove("additionalProperties");
            schema.remove("unevaluatedProperties");
            schema.insert("x-rasp-unenforced".to_owned(), json!("patternProperties"));
            let reason = "a name of `patternProperties` is no pattern that a linear engine can".to_owned();
            self.unenforced.push(Unenforced { origin: origin.clone(), reason });
        }
        Ok(())
    }

    fn is_openapi(&self, document: &Document) -> bool {
        document.value.get("openapi").is_some()
    }

    /// A reference leads somewhere in the document; it is written as a URI is.
    fn reference(&self, document: &mut Document, pointer: &str) -> Result<(), BuildError> {
        let reference = find(&document.value, pointer).and_then(|schema| schema.get("$ref")).and_then(Value::as_str);
        let Some(reference) = reference else { return Ok(()) };
        let told = self.deeper.before(pointer);
        let target = self.loosened.now(&self.deeper.now(&document.target(reference, &told)?));
        if self.is_openapi(document) && !is_schema_place(&self.deeper.before(&target)) {
            let message = format!("`$ref` to `{}` leads to what is no schema", reference.escape_debug());
            return Err(document.origin(&told).error(message));
        }
        if find(&document.value, &target).is_none() {
            let message = format!("`$ref` to `{}` leads nowhere", reference.escape_debug());
            return Err(document.origin(&told).error(message));
        }
        refer(&mut document.value, pointer, Some(target));
        Ok(())
    }

    /// Every keyword has a value that it can have.
    fn meta(&self, document: &Document, pointer: &str) -> Result<(), BuildError> {
        let Some(schema) = find(&document.value, pointer) else { return Ok(()) };
        let checked = match self.dialect {
            Dialect::Draft7 => jsonschema::draft7::meta::validate(schema),
            Dialect::OpenApi30 | Dialect::Draft202012 => jsonschema::draft202012::meta::validate(schema),
        };
        checked.map_err(|error| {
            let inner = self.deeper.before(&format!("{pointer}{}", error.instance_path()));
            document.origin(&inner).error(format!("is no schema: {error}"))
        })
    }
}

/// Whether schemas stand there in an OpenAPI document, and not parameters, responses, paths and the like.
fn is_schema_place(pointer: &str) -> bool {
    let mut tokens = pointer.split('/').skip(1);
    match (tokens.next(), tokens.next(), tokens.next()) {
        (Some("components"), Some("schemas"), name) => name.is_some(),
        (Some("paths" | "components" | "webhooks"), ..) => {
            pointer.split('/').any(|token| matches!(token, "schema" | "schemas" | "$defs" | "definitions"))
        }
        (Some("info" | "servers" | "security" | "tags" | "openapi" | "externalDocs") | None, ..) => false,
        // Whatever its authors call the place of their own.
        _ => true,
    }
}

fn below(origin: &Origin, keyword: &str) -> Origin {
    Origin { pointer: format!("{}/{keyword}", origin.pointer), ..origin.clone() }
}

/// Where the reference of a schema leads.
fn target_of(value: &Value, pointer: &str) -> Option<String> {
    find(value, pointer)?.get("$ref")?.as_str().and_then(pointer_of)
}

fn refer(value: &mut Value, pointer: &str, target: Option<String>) {
    if let (Some(Value::Object(schema)), Some(target)) = (value.pointer_mut(pointer), target) {
        schema.insert("$ref".to_owned(), Value::String(names::reference_to(&target)));
    }
}

/// The pointer that a reference into its own document names.
pub(super) fn pointer_of(reference: &str) -> Option<String> {
    let pointer = reference.strip_prefix('#').filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
    Some(percent_encoding::percent_decode_str(pointer).decode_utf8_lossy().into_owned())
}

/// The schemas that stand directly in one.
pub fn children(document: &Value, pointer: &str) -> Vec<String> {
    let Some(Value::Object(schema)) = find(document, pointer) else { return Vec::new() };
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
        find(&document.value, pointer).and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let is_read_only = |name: &String| {
        let own = format!("{pointer}/properties/{}", escape(name));
        let beside = find(&document.value, &own).and_then(|property| property.get("readOnly"));
        let behind = document.resolve(&own).ok().and_then(|(property, _)| property.get("readOnly"));
        beside.or(behind) == Some(&Value::Bool(true))
    };
    properties.into_iter().flat_map(Map::keys).filter(|name| is_read_only(name)).cloned().collect()
}
