//! One JSON Schema for one location.

use std::sync::Arc;

use serde_json::Value;

use super::assertions::{Assertions, Dialect};
use super::document::Document;
use super::{Found, SchemaLocation, names};
use crate::build_error::BuildError;
use crate::input::Place;
use crate::schema::{BodySchema, Operation, Parameter, SchemaNode, Style, Undeclared};

/// Reads a document that is one schema.
pub(super) fn read(
    mut document: Document,
    route: &str,
    methods: &[String],
    location: &SchemaLocation,
    found: &mut Found,
) -> Result<(), BuildError> {
    location.stands_in(route).map_err(|error| error.in_file(&document.file))?;
    let dialect = dialect(&document)?;
    names::resolve(&mut document, &[String::new()], &mut found.unenforced);
    let mut assertions = Assertions::new(dialect);
    assertions.prepare(&mut document, &[String::new()])?;
    found.unenforced.append(&mut assertions.unenforced);
    let origin = document.origin("");
    let draft7 = dialect == Dialect::Draft7;
    let schema =
        SchemaNode { document: Arc::new(document.value), pointer: String::new(), draft7, origin: origin.clone() };
    for method in methods {
        let mut operation = Operation {
            template: route.to_owned(),
            method: method.clone(),
            parameters: Vec::new(),
            bodies: Vec::new(),
            body_required: false,
            security: Vec::new(),
            undeclared: Undeclared::default(),
            origin: origin.clone(),
        };
        match location {
            SchemaLocation::Body => {
                operation.body_required = true;
                operation.bodies.push(BodySchema {
                    media_type: "application/json".to_owned(),
                    schema: Some(schema.clone()),
                    encodings: Vec::new(),
                    unenforced: false,
                    origin: origin.clone(),
                });
            }
            SchemaLocation::Parameter(place, name) => operation.parameters.push(Parameter {
                place: *place,
                name: name.clone(),
                // A single schema says what a value must be, and not that there must be one.
                required: *place == Place::Path,
                style: if matches!(place, Place::Query | Place::Cookie) { Style::Form } else { Style::Simple },
                explode: matches!(place, Place::Query | Place::Cookie),
                allow_empty: false,
                content: None,
                schema: Some(schema.clone()),
                unenforced: false,
                origin: origin.clone(),
            }),
        }
        found.operations.push(operation);
    }
    Ok(())
}

fn dialect(document: &Document) -> Result<Dialect, BuildError> {
    match document.value.get("$schema").and_then(Value::as_str) {
        None => Ok(Dialect::Draft202012),
        Some(uri) if uri.contains("2020-12") => Ok(Dialect::Draft202012),
        Some(uri) if uri.contains("draft-07") => Ok(Dialect::Draft7),
        Some(uri) => Err(document
            .origin("/$schema")
            .error(format!("`{}` is no dialect that is read here", uri.escape_debug()))
            .mend("write it in 2020-12 or draft 7")),
    }
}
