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
use super::{Found, escape};
use crate::build_error::BuildError;
use crate::schema::Unenforced;

/// The methods that a path item may declare.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Reads a document.
pub(super) fn read(mut document: Document, found: &mut Found) -> Result<(), BuildError> {
    let dialect = version(&document)?;
    let pointers = schemas(&document)?;
    Assertions { dialect, unenforced: &mut found.unenforced }.prepare(&mut document, &pointers)?;
    let whole = Arc::new(document.value.clone());
    let reader = Reader { document: &document, whole, dialect };
    found.hosts.extend(servers::hosts(&reader)?);
    let Some(paths) = document.value.get("paths").and_then(Value::as_object) else { return Ok(()) };
    for path in paths.keys().filter(|path| !path.starts_with("x-")) {
        if !path.starts_with('/') {
            let origin = document.origin(&format!("/paths/{}", escape(path)));
            return Err(origin.error(format!("the path `{}` does not begin with /", path.escape_debug())));
        }
        reader.path(path, found)?;
    }
    Ok(())
}

/// What reads operations out of a prepared document.
struct Reader<'a> {
    document: &'a Document,
    whole: Arc<Value>,
    dialect: Dialect,
}

impl Reader<'_> {
    fn path(&self, path: &str, found: &mut Found) -> Result<(), BuildError> {
        let pointer = format!("/paths/{}", escape(path));
        let (item, pointer) = self.document.resolve(&pointer)?;
        let Some(template) = template(path) else {
            found.unenforced.push(Unenforced {
                origin: self.document.origin(&pointer),
                reason: "a segment has more than one parameter, or one between braces that do not close".to_owned(),
            });
            return Ok(());
        };
        for method in METHODS.into_iter().filter(|method| item.get(*method).is_some()) {
            let operation = format!("{pointer}/{method}");
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

/// The template as routers write it; none where they cannot.
fn template(path: &str) -> Option<String> {
    let fits = |segment: &str| {
        let opens = segment.matches('{').count();
        let closes = segment.matches('}').count();
        opens == closes && opens < 2 && segment.find('{') <= segment.find('}')
    };
    path.split('/').all(fits).then(|| path.to_owned())
}

fn version(document: &Document) -> Result<Dialect, BuildError> {
    let version = document.value.get("openapi").and_then(Value::as_str).unwrap_or_default();
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

/// Where the schemas of requests stand: components, and those in place.
fn schemas(document: &Document) -> Result<Vec<String>, BuildError> {
    let mut found = Vec::new();
    let components = document.value.pointer("/components/schemas").and_then(Value::as_object);
    found.extend(names(components).map(|name| format!("/components/schemas/{}", escape(name))));
    for kind in ["parameters", "headers", "requestBodies"] {
        let components = document.value.pointer(&format!("/components/{kind}")).and_then(Value::as_object);
        for name in names(components) {
            within(document, &format!("/components/{kind}/{}", escape(name)), &mut found);
        }
    }
    for path in names(document.value.get("paths").and_then(Value::as_object)).filter(|path| path.starts_with('/')) {
        path_schemas(document, &format!("/paths/{}", escape(path)), &mut found);
    }
    let items = document.value.pointer("/components/pathItems").and_then(Value::as_object);
    for name in names(items) {
        path_schemas(document, &format!("/components/pathItems/{}", escape(name)), &mut found);
    }
    Ok(found)
}

fn path_schemas(document: &Document, pointer: &str, found: &mut Vec<String>) {
    let owners = std::iter::once(pointer.to_owned()).chain(METHODS.map(|method| format!("{pointer}/{method}")));
    for owner in owners {
        let parameters = document.value.pointer(&format!("{owner}/parameters")).and_then(Value::as_array);
        for index in 0..parameters.map_or(0, Vec::len) {
            within(document, &format!("{owner}/parameters/{index}"), found);
        }
        within(document, &format!("{owner}/requestBody"), found);
    }
}

/// The schemas of one parameter, header or body.
fn within(document: &Document, pointer: &str, found: &mut Vec<String>) {
    let Some(Value::Object(owner)) = document.value.pointer(pointer) else { return };
    if owner.get("schema").is_some_and(Value::is_object) {
        found.push(format!("{pointer}/schema"));
    }
    for media in names(owner.get("content").and_then(Value::as_object)) {
        let schema = format!("{pointer}/content/{}/schema", escape(media));
        if document.value.pointer(&schema).is_some_and(Value::is_object) {
            found.push(schema);
        }
    }
}

fn names(members: Option<&Map<String, Value>>) -> impl Iterator<Item = &String> {
    members.into_iter().flat_map(Map::keys)
}
