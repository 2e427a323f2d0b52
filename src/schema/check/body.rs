//! The body of a request against what its operation declares.

use super::failures::{UNDECLARED_FIELD, is_valid, location, validate};
use super::media::{closeness, essence, is_json};
use super::reader::{BodyReader, Prospect, Read};
use super::style::Prefer;
use crate::input::{Aspect, Location, Place};
use crate::schema::compile::{Check, CompiledBody, CompiledOperation, Reading};
use crate::schema::tape::{Flaw, Tape};
use crate::schema::{Fact, Failure, Keyword, Report, UndeclaredAction};

/// What an operation says of a body of some media type.
pub enum BodyCheck<'a> {
    /// The operation declares no body at all.
    NotDeclared,
    /// It declares bodies, of other types.
    UndeclaredType(Failure),
    /// It declares the type and nothing of what is in it.
    Free,
    /// It declares what is in it.
    Schema(&'a CompiledBody),
    /// It does, and that cannot be enforced (cause `unenforced_schema`).
    Unenforced,
}

/// What became known of the leaves of a body.
#[derive(Default)]
pub struct Checked {
    /// Of a valid body what was read.
    valid: Option<Read>,
}

impl Checked {
    /// Whether the body is as its schema asks.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.valid.is_some()
    }

    /// What is known of a leaf for which the reader gave this prospect.
    #[must_use]
    pub fn fact(&self, prospect: Prospect, aspect: Aspect<'_>) -> Option<Fact> {
        let read = self.valid.as_ref()?;
        match prospect {
            Prospect::Nothing => None,
            Prospect::Fact(fact) => Some(fact),
            Prospect::Later(leaf) => read.fact(leaf, aspect),
        }
    }
}

impl CompiledOperation {
    /// What is declared for a body of this `Content-Type`.
    #[must_use]
    pub fn body(&self, content_type: Option<&[u8]>) -> BodyCheck<'_> {
        if self.bodies.is_empty() {
            return BodyCheck::NotDeclared;
        }
        let essence = content_type.map(essence).unwrap_or_default();
        let closeness = |body: &CompiledBody| closeness(&body.declared.media_type, essence);
        let closest = self.bodies.iter().map(|body| (closeness(body), body)).max_by_key(|(closeness, _)| *closeness);
        let Some((_, body)) = closest.filter(|(closeness, _)| *closeness > 0) else {
            return BodyCheck::UndeclaredType(Failure {
                keyword: Keyword::UndeclaredContentType,
                location: header("content-type"),
                schema_pointer: self.operation.origin.pointer.as_str().into(),
                message: "the media type is not declared".into(),
            });
        };
        // Under a range JSON is read as JSON, whatever it is called.
        let is_range = body.declared.media_type.contains('*') && is_json(essence);
        let as_json = |other: &&CompiledBody| {
            other.declared.media_type == "application/json" && other.declared.origin == body.declared.origin
        };
        let body = self.bodies.iter().find(as_json).filter(|_| is_range).unwrap_or(body);
        match (&body.check, body.reading()) {
            _ if body.declared.unenforced => BodyCheck::Unenforced,
            (None, _) => BodyCheck::Free,
            (Some(_), Reading::Unenforced) => BodyCheck::Unenforced,
            (Some(_), _) => BodyCheck::Schema(body),
        }
    }

    /// The failure of a request without the body that it must have.
    #[must_use]
    pub fn missing_body(&self) -> Option<Failure> {
        self.operation.body_required.then(|| Failure {
            keyword: Keyword::MissingBody,
            location: Location::whole(Place::Body),
            schema_pointer: self.operation.origin.pointer.as_str().into(),
            message: "a body must be there".into(),
        })
    }

    /// The failure of a body that is too large to be held.
    #[must_use]
    pub fn body_too_large(&self) -> Failure {
        Failure {
            keyword: Keyword::BodyTooLarge,
            location: Location::whole(Place::Body),
            schema_pointer: self.operation.origin.pointer.as_str().into(),
            message: "the body is too large".into(),
        }
    }

    /// What reads such a body.
    #[must_use]
    pub fn reader(&self, body: &CompiledBody) -> BodyReader {
        BodyReader::new(body.reading(), body.check.as_ref().map(|check| (&self.shapes, check.shape)))
    }

    /// Checks a body that was read whole.
    pub fn check_body(&self, body: &CompiledBody, reader: BodyReader, report: &mut Report) -> Checked {
        let place = match body.reading() {
            Reading::Form => Place::Form,
            Reading::Multipart => Place::Part,
            _ => Place::Body,
        };
        let Some(check) = &body.check else { return Checked::default() };
        let read = match self.read(body, check, reader) {
            Ok(read) => read,
            Err(Flaw::TooLarge) => {
                report.out_of_budget = true;
                return Checked::default();
            }
            Err(flaw) => {
                report.failures.push(flawed(flaw, &check.pointer));
                return Checked::default();
            }
        };
        for (names, keyword, message) in [
            (&read.repeated, Keyword::Duplicate, "may be there once only"),
            (&read.malformed, Keyword::Malformed, "is not of a media type that it must be"),
        ] {
            for name in names {
                report.fail(UndeclaredAction::Block, || Failure {
                    keyword,
                    location: location(place, &format!("/{name}")),
                    schema_pointer: check.pointer.as_ref().into(),
                    message: message.into(),
                });
            }
        }
        // A fact is one only about what was found valid.
        let is_written = read.repeated.is_empty() && read.malformed.is_empty();
        let valid = validate(check, &read.tape, self.work_max, report, |pointer| location(place, pointer));
        // What follows is one look along the tape, which the work for validation must not cut.
        read.tape.allow(u64::MAX, 1);
        let is_named = |name: &str| body.declared.encodings.iter().any(|one| one.unenforced && one.property == name);
        report.unenforced |= read.tape.root().is_some_and(|root| root.members().any(|(name, _)| is_named(name)));
        report.unenforced |= read.tape.is_unenforced();
        self.undeclared_fields(&read.tape, report, |pointer| location(place, pointer));
        Checked { valid: (valid && is_written).then_some(read) }
    }

    /// Members that the schema does not name, or that only the server gives.
    pub(super) fn undeclared_fields(&self, tape: &Tape, report: &mut Report, locate: impl Fn(&str) -> Location) {
        let undeclared = self.operation.undeclared.fields;
        for &node in tape.undeclared().iter().filter(|_| undeclared > UndeclaredAction::Pass) {
            // One that has a name there is only the server's to give.
            let (keyword, message) = match tape.is_named(node) {
                true => (Keyword::ReadOnly, "is the server's to give"),
                false => (Keyword::UndeclaredField, UNDECLARED_FIELD),
            };
            report.fail(undeclared, || Failure {
                keyword,
                location: locate(&tape.pointer(node)),
                schema_pointer: Box::default(),
                message: message.into(),
            });
        }
    }

    /// What a body says; texts that are not valid as numbers and the like may be so as strings.
    fn read(&self, body: &CompiledBody, check: &Check, mut reader: BodyReader) -> Result<Read, Flaw> {
        let typed = reader.finish(body, &self.shapes, Prefer::Typed)?;
        if reader.reading() == Reading::Json || self.fits(check, &typed.tape) {
            return Ok(typed);
        }
        let strings = reader.finish(body, &self.shapes, Prefer::Strings)?;
        Ok(if self.fits(check, &strings.tape) { strings } else { typed })
    }

    /// Whether a text is valid when it is read so.
    pub(super) fn fits(&self, check: &Check, tape: &Tape) -> bool {
        is_valid(check, tape, self.work_max)
    }
}

fn header(name: &str) -> Location {
    Location::of(&crate::input::Leaf::value(Place::Header, name.as_bytes(), b""))
}

fn flawed(flaw: Flaw, pointer: &str) -> Failure {
    let (keyword, message) = match flaw {
        Flaw::Malformed | Flaw::TooLarge => (Keyword::Malformed, "the body cannot be read as its media type"),
        Flaw::DuplicateKey => (Keyword::Duplicate, "a key is there twice"),
    };
    Failure { keyword, location: Location::whole(Place::Body), schema_pointer: pointer.into(), message: message.into() }
}
