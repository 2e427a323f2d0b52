//! What a validator finds, in our words: nothing of the value, and nothing that a client named.

use std::borrow::Cow;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use crate::input::{Leaf, Location, Place};
use crate::schema::compile::Check;
use crate::schema::source::RULE;
use crate::schema::tape::Tape;
use crate::schema::{Failure, Keyword, Report, UndeclaredAction};

/// Validates a tape; failures go to the report, with the location that `locate` makes of the
/// pointer in the document. Answers whether it is valid.
pub(super) fn validate(
    check: &Check,
    tape: &Tape,
    work_max: u64,
    report: &mut Report,
    locate: impl Fn(&str) -> Location,
) -> bool {
    let Some(root) = tape.under(&check.root) else { return true };
    tape.allow(work_max, check.patterns);
    let valid = check.validator.is_valid(root);
    report.steps += work_max - tape.work_left();
    if tape.is_spent() {
        report.out_of_budget = true;
        return false;
    }
    if valid {
        return true;
    }
    // The same work again, told. It may end early: that it is invalid is known, and what was told
    // until then is true.
    tape.allow(work_max.saturating_mul(2), check.patterns);
    tape.tell_errors();
    let errors: Vec<_> = check.validator.iter_errors(root).collect();
    let is_true = |error: &&ValidationError<'_>| *error.instance().as_ref() != Value::Bool(true);
    let told = report.failures.len();
    let mut tell = |error: &ValidationError<'_>| {
        let at = || locate(within(error.instance_path().as_str()));
        report.fail(UndeclaredAction::Block, || failure(error, check, at()));
    };
    errors.iter().filter(is_true).for_each(&mut tell);
    if !errors.iter().any(|error| is_true(&error)) {
        errors.iter().take(1).for_each(tell);
    }
    if tape.is_spent() || report.failures.len() == told {
        report.untold = UndeclaredAction::Block;
    }
    false
}

/// A pointer without the name of the root, under which the document stands.
fn within(pointer: &str) -> &str {
    let rest = pointer.strip_prefix('/').unwrap_or_default();
    rest.find('/').map_or("", |at| rest.split_at(at).1)
}

/// Whether a tape is valid, and nothing more.
pub(super) fn is_valid(check: &Check, tape: &Tape, work_max: u64) -> bool {
    tape.allow(work_max, check.patterns);
    tape.under(&check.root).is_none_or(|root| check.validator.is_valid(root)) && !tape.is_spent()
}

/// The location of a pointer in a body read so.
pub(super) fn location(place: Place, pointer: &str) -> Location {
    // Forms and parts are flat: their first token is the name.
    let name = match place {
        Place::Form | Place::Part => pointer.strip_prefix('/').unwrap_or(pointer).split('/').next().unwrap_or_default(),
        _ => pointer,
    };
    // The root of the fields is the body.
    let place = if name.is_empty() { Place::Body } else { place };
    Location::of(&Leaf::value(place, name.as_bytes(), b""))
}

pub(super) const UNDECLARED_FIELD: &str = "has a property that is not declared";

fn failure(error: &ValidationError<'_>, check: &Check, location: Location) -> Failure {
    let (keyword, message) = said(error.kind());
    let absolute = error.absolute_keyword_location().and_then(|uri| uri.as_str().split_once('#'));
    let pointer = match absolute {
        Some((_, pointer)) if !pointer.is_empty() => pointer.to_owned(),
        _ => {
            let inner = error.schema_path().as_str().split_once("/$ref").map_or("", |(_, inner)| inner);
            format!("{}{inner}", check.pointer)
        }
    };
    let (keyword, message) = match (keyword, pointer.rsplit('/').next()) {
        // `false` where the other properties or items have their schema.
        (Keyword::FalseSchema, Some("additionalProperties" | "unevaluatedProperties")) => {
            (Keyword::UndeclaredField, UNDECLARED_FIELD.into())
        }
        (Keyword::FalseSchema, Some("items" | "additionalItems" | "unevaluatedItems")) => {
            (Keyword::Items, "has items that are not declared".into())
        }
        told => (told.0, message),
    };
    // What a discriminator became is no part of anybody's document.
    let pointer = match pointer.find(&format!("/{RULE}")) {
        Some(at) => pointer.get(..at).unwrap_or_default().to_owned(),
        None => pointer,
    };
    Failure { keyword, location, schema_pointer: pointer.into(), message }
}

/// The keyword, and a sentence made of the schema alone.
fn said(kind: &Kind) -> (Keyword, Cow<'static, str>) {
    let told = |keyword, message: String| (keyword, Cow::Owned(message));
    let plain = |keyword, message| (keyword, Cow::Borrowed(message));
    match kind {
        Kind::AdditionalItems { limit } => told(Keyword::Items, format!("must have no items past the first {limit}")),
        Kind::UnevaluatedItems { .. } => plain(Keyword::Items, "has items that are not declared"),
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } => {
            plain(Keyword::UndeclaredField, UNDECLARED_FIELD)
        }
        Kind::AnyOf { .. } => plain(Keyword::AnyOf, "fits none of the alternatives"),
        Kind::OneOfNotValid { .. } => plain(Keyword::OneOf, "fits none of the alternatives"),
        Kind::OneOfMultipleValid { .. } => plain(Keyword::OneOf, "fits more than one of the alternatives"),
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } | Kind::Pattern { .. } => {
            plain(Keyword::Pattern, "does not match the pattern")
        }
        Kind::Constant { .. } => plain(Keyword::Const, "is not the one value that is allowed"),
        Kind::Contains => plain(Keyword::Contains, "does not contain the items that it must"),
        Kind::ContentEncoding { .. } | Kind::FromUtf8 { .. } => {
            plain(Keyword::ContentEncoding, "is not encoded as it must be")
        }
        Kind::ContentMediaType { .. } => plain(Keyword::ContentMediaType, "is not of the media type that it must be"),
        Kind::Enum { .. } => plain(Keyword::Enum, "is none of the values that are allowed"),
        Kind::ExclusiveMaximum { limit } => told(Keyword::ExclusiveMaximum, format!("must be less than {limit}")),
        Kind::ExclusiveMinimum { limit } => told(Keyword::ExclusiveMinimum, format!("must be more than {limit}")),
        Kind::Maximum { limit } => told(Keyword::Maximum, format!("must be at most {limit}")),
        Kind::Minimum { limit } => told(Keyword::Minimum, format!("must be at least {limit}")),
        Kind::MultipleOf { multiple_of } => told(Keyword::MultipleOf, format!("must be a multiple of {multiple_of}")),
        Kind::FalseSchema => plain(Keyword::FalseSchema, "must not be there"),
        Kind::Format { format } => told(Keyword::Format, format!("is no {}", format.escape_debug())),
        Kind::MaxItems { limit } => told(Keyword::MaxItems, format!("must have at most {limit} items")),
        Kind::MinItems { limit } => told(Keyword::MinItems, format!("must have at least {limit} items")),
        Kind::MaxLength { limit } => told(Keyword::MaxLength, format!("must be at most {limit} characters")),
        Kind::MinLength { limit } => told(Keyword::MinLength, format!("must be at least {limit} characters")),
        Kind::MaxProperties { limit } => told(Keyword::MaxProperties, format!("must have at most {limit} properties")),
        Kind::MinProperties { limit } => told(Keyword::MinProperties, format!("must have at least {limit} properties")),
        Kind::Not { .. } => plain(Keyword::Not, "is what it must not be"),
        Kind::PropertyNames { .. } => plain(Keyword::PropertyNames, "has a property whose name is not allowed"),
        // The name is the schema's.
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            told(Keyword::Required, format!("must have the property {}", name.escape_debug()))
        }
        Kind::Type { kind } => {
            use jsonschema::error::TypeKind;
            match kind {
                TypeKind::Single(name) => told(Keyword::Type, format!("must be of type {name}")),
                TypeKind::Multiple(names) => {
                    let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
                    told(Keyword::Type, format!("must be of type {}", names.join(" or ")))
                }
            }
        }
        Kind::UniqueItems => plain(Keyword::UniqueItems, "must not have an item twice"),
        Kind::Custom { .. } | Kind::Referencing(_) => plain(Keyword::FalseSchema, "does not fit"),
    }
}
