//! What the head of a request tells of its body, by what its operation declares.
//!
//! A body whose schema is enforced is validated or refused: one that cannot be read must not be a way
//! around its schema. Whoever wants it otherwise says so of the rule (`[rule_mode]`, an exclusion).

use crate::decode;
use crate::input::{Head, Leaf, Location, Place};
use crate::schema::{BodyCheck, Declared, Failure, Keyword, Reading, Report, Schemas, Selection, UndeclaredAction};

/// Judges a body by the head; what it is to be checked by, if it can be.
pub(super) fn judge<'s>(
    schemas: &'s Schemas,
    selection: Selection,
    head: &Head,
    hold_bytes_max: usize,
    report: &mut Report,
) -> Option<Declared<'s>> {
    let operation = schemas.operation(selection)?;
    let mut types = head.header("content-type");
    let content_type = types.next();
    if types.next().is_some() && !operation.operation().bodies.is_empty() {
        let location = Location::of(&Leaf::value(Place::Header, b"content-type", b""));
        let failure = operation.failure(Keyword::Duplicate, "may be there once only");
        report.failures.push(Failure { location, schema_pointer: Box::default(), ..failure });
    }
    let declared = match operation.body(content_type) {
        BodyCheck::NotDeclared => {
            report.failures.push(operation.failure(Keyword::UndeclaredContentType, "no body is declared"));
            None
        }
        BodyCheck::UndeclaredType(failure, declared) => {
            // What is declared does not count for this body, and that must not pass in silence.
            report.unenforced |= declared.is_none() && schemas.action(selection, &failure) == UndeclaredAction::Pass;
            report.failures.push(failure);
            declared
        }
        BodyCheck::Free => None,
        BodyCheck::Unenforced => {
            report.unenforced = true;
            None
        }
        BodyCheck::Schema(declared) => Some(declared),
    }?;
    let is_too_large = length(head) > hold_bytes_max;
    if is_too_large && declared.flows() {
        return None;
    }
    if is_too_large {
        report.failures.push(operation.body_too_large());
    }
    let unreadable = if is_encoded(head) {
        operation.failure(Keyword::EncodedBody, "the body must come without a content coding")
    } else if declared.reading() == Reading::Multipart && !decode::has_boundary(content_type.unwrap_or_default()) {
        operation.failure(Keyword::Malformed, "the media type has no boundary by which parts are told apart")
    } else {
        return Some(declared);
    };
    report.failures.push(unreadable);
    report.unenforced = true;
    None
}

/// Whether the head says that a body follows. Where it says nothing, the first byte does.
pub(super) fn has_body(head: &Head) -> bool {
    length(head) > 0 || head.header("transfer-encoding").next().is_some()
}

/// How large a body will be, where the head says it.
fn length(head: &Head) -> usize {
    let length = head.header("content-length").next().and_then(|length| std::str::from_utf8(length).ok());
    length.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
}

fn is_encoded(head: &Head) -> bool {
    let mut codings = head.header("content-encoding").flat_map(|line| line.split(|&byte| byte == b','));
    codings.any(|coding| !matches!(coding.trim_ascii(), b"") && !coding.trim_ascii().eq_ignore_ascii_case(b"identity"))
}
