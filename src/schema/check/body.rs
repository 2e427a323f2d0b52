//! The body of a request against what its operation declares.

use super::facts::{NodeFacts, Walk, location};
use super::failures::{is_valid, validate};
use super::media::{closeness, essence};
use super::reader::{BodyReader, Read};
use super::style::Prefer;
use crate::input::{Location, Place};
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
    read: Option<(Read, NodeFacts)>,
}

impl Checked {
    /// What is known of the value of a leaf, by its number.
    #[must_use]
    pub fn fact(&self, leaf: u32) -> Option<Fact> {
        self.read.as_ref().and_then(|(read, facts)| read.facts(facts, leaf).0)
    }

    /// Whether the name of a leaf is one that the schema has.
    #[must_use]
    pub fn is_named(&self, leaf: u32) -> bool {
        self.read.as_ref().is_some_and(|(read, facts)| read.facts(facts, leaf).1)
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
        let is_named = |name: &str| body.declared.encodings.iter().any(|one| one.unenforced && one.property == name);
        report.unenforced |= read.tape.root().is_some_and(|root| root.members().any(|(name, _)| is_named(name)));
        // Every later look at the tape is one walk along it.
        read.tape.allow(u64::MAX, 1);
        let undeclared = self.operation.undeclared.fields;
        let mut walk = Walk { shapes: &self.shapes, facts: NodeFacts::default(), undeclared, report, place };
        if let Some(root) = read.tape.root() {
            walk.node(root, Some(check.shape), false, &mut String::new());
        }
        let facts = walk.facts;
        Checked { read: (valid && is_written).then_some((read, facts)) }
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
