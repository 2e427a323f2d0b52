//! OpenAPI 3.0 and 3.1: every operation with its parameters, bodies and credentials.
//!
//! # What this does not protect from
//!
//! Responses, callbacks and webhooks are not read; links and examples say nothing of requests.

mod operation;
mod security;
mod servers;

use std::sync::Arc;

use serde_json::{Map, Value};

use super::assertions::{Assertions, Dialect};
use super::document::Document;
use super::{Found, escape, names};
use crate::build_error::BuildError;
use crate::schema::{Operation, SchemaNode, Unenforced};

/// Operations that a document may declare, each base path counted.
const OPERATIONS_MAX: usize = 50_000;
/// The methods that a path item may declare.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What else a path item may hold, and the methods.
const PATH_KEYS: [&str; 13] = [
    "$ref",
    "summary",
    "description",
    "servers",
    "parameters",
    "get",
    "put",
    "post",
    "delete",
    "options",
    "head",
    "patch",
    "trace",
];

/// Reads a document.
pub(super) fn read(document: Document, found: &mut Found) -> Result<(), BuildError> {
    let dialect = version(&document)?;
    let mut reader = Reader { document: &document, whole: Arc::default(), dialect, bases: Vec::new() };
    reader.bases = servers::bases_of(&reader, "/servers")?;
    found.hosts.extend(servers::hosts(&reader)?);
    let paths = document.members("/paths")?;
    let too_many = || document.origin("/paths").error(format!("declares more than {OPERATIONS_MAX} operations"));
    if paths.is_some_and(|paths| paths.len() > OPERATIONS_MAX) {
        return Err(too_many());
    }
    for path in names_of(paths).filter(|path| !path.starts_with("x-")) {
        if !path.starts_with('/') {
            let origin = document.origin(&format!("/paths/{}", escape(path)));
            return Err(origin.error(format!("the path `{}` does not begin with /", path.escape_debug())));
        }
        reader.path(path, found)?;
        if found.operations.len() > OPERATIONS_MAX {
            return Err(too_many());
        }
    }
    prepare(document, dialect, found)
}

/// Makes ready the schemas that requests meet, then those that only responses do: of them errors are told, and what
/// cannot be enforced is not.
fn prepare(mut document: Document, dialect: Dialect, found: &mut Found) -> Result<(), BuildError> {
    let mut met: Vec<String> = found.operations.iter_mut().flat_map(nodes).map(|node| node.pointer.clone()).collect();
    met.sort();
    met.dedup();
    let others = keys(document.value.pointer("/components/schemas"));
    let others: Vec<String> = others.map(|name| format!("/components/schemas/{}", escape(name))).collect();
    if dialect != Dialect::OpenApi30 {
        let all: Vec<String> = others.iter().chain(&met).cloned().collect();
        names::resolve(&mut document, &all, &mut found.unenforced);
    }
    let mut assertions = Assertions::new(dialect);
    assertions.prepare(&mut document, &met)?;
    found.unenforced.append(&mut assertions.unenforced);
    assertions.prepare(&mut document, &others)?;
    let whole = Arc::new(document.value);
    found.operations.iter_mut().flat_map(nodes).for_each(|node| node.document = Arc::clone(&whole));
    found.unenforced.sort_by(|one, other| one.origin.pointer.cmp(&other.origin.pointer));
    found.unenforced.dedup();
    Ok(())
}

fn nodes(operation: &mut Operation) -> impl Iterator<Item = &mut SchemaNode> {
    let parameters = operation.parameters.iter_mut().filter_map(|parameter| parameter.schema.as_mut());
    parameters.chain(operation.bodies.iter_mut().filter_map(|body| body.schema.as_mut()))
}

/// What reads operations out of a document; its schemas are made ready after.
struct Reader<'a> {
    document: &'a Document,
    whole: Arc<Value>,
    dialect: Dialect,
    /// The base paths of the document's servers.
    bases: Vec<String>,
}

impl Reader<'_> {
    fn path(&self, path: &str, found: &mut Found) -> Result<(), BuildError> {
        let pointer = format!("/paths/{}", escape(path));
        let own = self.document.value.pointer(&pointer);
        if own.is_some_and(|own| own.get("$ref").is_some() && METHODS.iter().any(|method| own.get(*method).is_some())) {
            let error =
                self.document.origin(&pointer).error("has operations beside its `$ref`, which mean nothing sure");
            return Err(error.mend("leave one of the two"));
        }
        let (_, pointer) = self.document.resolve(&pointer)?;
        let item = self.document.members(&pointer)?;
        for key in names_of(item).filter(|key| !PATH_KEYS.contains(&key.as_str()) && !key.starts_with("x-")) {
            let methods = METHODS.iter().any(|method| method.eq_ignore_ascii_case(key));
            let reason = if methods { "methods are written in lower case" } else { "is no method that is read here" };
            let origin = self.document.origin(&format!("{pointer}/{}", escape(key)));
            found.unenforced.push(Unenforced { origin, reason: reason.to_owned() });
        }
        let Some(template) = template(path) else {
            let reason = "two parameters stand side by side, or a brace is not closed".to_owned();
            found.unenforced.push(Unenforced { origin: self.document.origin(&pointer), reason });
            return Ok(());
        };
        for method in METHODS.into_iter().filter(|method| item.is_some_and(|item| item.contains_key(*method))) {
            let operation = format!("{pointer}/{method}");
            self.document.members(&operation)?;
            for base in servers::base_paths(self, &pointer, &operation)? {
                let template = if template == "/" && !base.is_empty() { base } else { format!("{base}{template}") };
                found.operations.push(self.operation(
                    &template,
                    method,
                    &pointer,
                    &operation,
                    &mut found.unenforced,
                )?);
            }
        }
        Ok(())
    }
}

/// The template; none where nobody could say which part of a segment is which parameter.
fn template(path: &str) -> Option<String> {
    let fits = |segment: &str| {
        let mut rest = segment;
        while let Some(open) = rest.find('{') {
            let Some(close) = rest[open..].find('}').filter(|&close| close > 1) else { return false };
            let name = &rest[open + 1..open + close];
            rest = &rest[open + close + 1..];
            if name.contains('{') || rest.starts_with('{') {
                return false;
            }
        }
        !rest.contains('}')
    };
    path.split('/').all(fits).then(|| path.to_owned())
}

fn version(document: &Document) -> Result<Dialect, BuildError> {
    if document.value.get("swagger").is_some() {
        let error = document.origin("/swagger").error("is a document of Swagger 2.0, which is not read here");
        return Err(error.mend("convert it to OpenAPI 3"));
    }
    // YAML takes 3.1 for a number.
    let version = match document.value.get("openapi") {
        Some(Value::String(version)) => version.clone(),
        Some(Value::Number(version)) => version.to_string(),
        _ => String::new(),
    };
    if version.starts_with("3.0") {
        return Ok(Dialect::OpenApi30);
    }
    if !version.starts_with("3.1") {
        let told = if version.is_empty() {
            "is no OpenAPI document of version 3"
        } else {
            "is of a version that is not read here"
        };
        return Err(document.origin("/openapi").error(told).mend("give one with `openapi: 3.0.x` or `3.1.x`"));
    }
    match document.value.get("jsonSchemaDialect").and_then(Value::as_str) {
        Some(dialect) if dialect.contains("draft-07") => Ok(Dialect::Draft7),
        Some(dialect) if !dialect.contains("2020-12") && !dialect.contains("oas/3.1") => Err(document
            .origin("/jsonSchemaDialect")
            .error(format!("`{}` is no dialect that is read here", dialect.escape_debug()))),
        _ => Ok(Dialect::Draft202012),
    }
}

fn keys(members: Option<&Value>) -> impl Iterator<Item = &String> {
    names_of(members.and_then(Value::as_object))
}

fn names_of(members: Option<&Map<String, Value>>) -> impl Iterator<Item = &String> {
    members.into_iter().flat_map(Map::keys)
}
