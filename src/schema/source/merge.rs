//! Two sources for one operation: merged where they agree, an error where they do not.

use crate::build_error::BuildError;
use crate::schema::{Operation, Origin, SchemaNode, Undeclared};

/// Adds an operation to those that are known.
pub(super) fn add(operations: &mut Vec<Operation>, operation: Operation) -> Result<(), BuildError> {
    let same = |known: &&mut Operation| {
        known.method == operation.method && shape(&known.template) == shape(&operation.template)
    };
    let Some(known) = operations.iter_mut().find(same) else {
        operations.push(operation);
        return Ok(());
    };
    if known.template != operation.template {
        let message =
            format!("the template {} collides with {} of {}", operation.template, known.template, place(&known.origin));
        return Err(operation.origin.error(message).mend("a path may fit one of them only"));
    }
    for parameter in operation.parameters {
        match known.parameters.iter().find(|own| own.place == parameter.place && own.name == parameter.name) {
            None => known.parameters.push(parameter),
            Some(own) => {
                let agree =
                    same_schema(own.schema.as_ref(), parameter.schema.as_ref()) && own.required == parameter.required;
                if !agree {
                    return Err(disagree(&parameter.origin, &own.origin, &format!("the parameter {}", parameter.name)));
                }
            }
        }
    }
    for body in operation.bodies {
        match known.bodies.iter().find(|own| own.media_type == body.media_type) {
            None => known.bodies.push(body),
            Some(own) if same_schema(own.schema.as_ref(), body.schema.as_ref()) => {}
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
    }
    Ok(())
}

/// A template without the names of its parameters.
fn shape(template: &str) -> String {
    let parameter = |segment: &str| segment.starts_with('{') && segment.ends_with('}');
    let segments = template.split('/').map(|segment| match parameter(segment) {
        true if segment.starts_with("{*") => "{*}",
        true => "{}",
        false => segment,
    });
    segments.collect::<Vec<_>>().join("/")
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
