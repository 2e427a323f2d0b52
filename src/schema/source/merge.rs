//! Two sources for one operation: merged where they agree, an error where they do not.

use std::collections::HashMap;

use crate::build_error::BuildError;
use crate::schema::{Operation, Origin, Parameter, SchemaNode, Undeclared};

/// Operations by method and paths.
#[derive(Default)]
pub(super) struct Merged {
    pub(super) operations: Vec<Operation>,
    known: HashMap<(String, String), usize>,
}

impl Merged {
    /// Adds an operation to those that are known.
    pub(super) fn add(&mut self, operation: Operation) -> Result<(), BuildError> {
        let key = (operation.method.clone(), shape(&operation.template));
        match self.known.get(&key).and_then(|&index| self.operations.get_mut(index)) {
            Some(known) => merge(known, operation),
            None => {
                self.known.insert(key, self.operations.len());
                self.operations.push(operation);
                Ok(())
            }
        }
    }
}

fn merge(known: &mut Operation, operation: Operation) -> Result<(), BuildError> {
    if known.template != operation.template {
        let message =
            format!("the template {} collides with {} of {}", operation.template, known.template, place(&known.origin));
        return Err(operation.origin.error(message).mend("a path may fit one of them only"));
    }
    for parameter in operation.parameters {
        match known.parameters.iter().find(|own| own.place == parameter.place && own.name == parameter.name) {
            None => known.parameters.push(parameter),
            Some(own) => {
                let written = |one: &Parameter| {
                    (one.required, one.style, one.explode, one.allow_empty, one.content.clone(), one.unenforced)
                };
                let agree =
                    same_schema(own.schema.as_ref(), parameter.schema.as_ref()) && written(own) == written(&parameter);
                if !agree {
                    return Err(disagree(&parameter.origin, &own.origin, &format!("the parameter {}", parameter.name)));
                }
            }
        }
    }
    for body in operation.bodies {
        match known.bodies.iter().find(|own| own.media_type == body.media_type) {
            None => known.bodies.push(body),
            Some(own) if same_schema(own.schema.as_ref(), body.schema.as_ref()) && own.encodings == body.encodings => {}
            Some(own) => return Err(disagree(&body.origin, &own.origin, &format!("the {} body", body.media_type))),
        }
    }
    known.body_required |= operation.body_required;
    match (known.security.is_empty(), operation.security.is_empty()) {
        (true, false) => known.security = operation.security,
        (false, false) if known.security != operation.security => {
            return Err(disagree(&operation.origin, &known.origin, "the credentials"));
        }
        _ => {}
    }
    if known.undeclared == Undeclared::default() {
        known.undeclared = operation.undeclared;
    } else if operation.undeclared != Undeclared::default() && known.undeclared != operation.undeclared {
        return Err(disagree(&operation.origin, &known.origin, "what is not declared"));
    }
    Ok(())
}

/// A template without the names of its parameters: `/files/{}.{}`, `/{*}`.
pub(super) fn shape(template: &str) -> String {
    let mut shape = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let close = rest[open..].find('}').map_or(rest.len(), |close| open + close);
        shape.push_str(&rest[..open]);
        shape.push_str(if rest[open..].starts_with("{*") { "{*}" } else { "{}" });
        rest = rest.get(close + 1..).unwrap_or_default();
    }
    shape + rest
}

fn same_schema(one: Option<&SchemaNode>, other: Option<&SchemaNode>) -> bool {
    one.and_then(SchemaNode::value) == other.and_then(SchemaNode::value)
}

fn disagree(here: &Origin, there: &Origin, what: &str) -> BuildError {
    here.error(format!("says of {what} something else than {}", place(there))).mend("leave it to one of the two")
}

fn place(origin: &Origin) -> String {
    match origin.line {
        Some(line) => format!("{}:{line}", origin.file),
        None => format!("{} {}", origin.file, origin.pointer),
    }
}
