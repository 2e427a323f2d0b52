//! The body of a request against what its operation declares.

use super::failures::{UNDECLARED_FIELD, is_valid, location, validate};
use super::media::{closeness, essence, is_json};
use super::reader::{BodyReader, Prospect, Read};
use super::style::{Form, Prefer};
use crate::input::{Aspect, Location, Place};
use crate::schema::compile::{Check, CompiledBody, CompiledOperation, Reading, reading};
use crate::schema::demand::Demand;
use crate::schema::tape::{Flaw, Tape};
use crate::schema::{Fact, Failure, Keyword, Report, UndeclaredAction};

/// What an operation says of a body of some media type.
pub enum BodyCheck<'a> {
    /// The operation declares no body at all.
    NotDeclared,
    /// It declares bodies, of other types; with what a handler would read it as all the same.
    UndeclaredType(Failure, Option<Declared<'a>>),
    /// It declares the type and asks nothing of what is in it.
    Free,
    /// It declares what is in it.
    Schema(Declared<'a>),
    /// It does, and that cannot be enforced (cause `unenforced_schema`).
    Unenforced,
}

/// What is declared of a body, and how it is read.
#[derive(Clone, Copy)]
pub struct Declared<'a> {
    pub(super) body: &'a CompiledBody,
    reading: Reading,
}

impl Declared<'_> {
    /// How it is read.
    #[must_use]
    pub const fn reading(&self) -> Reading {
        self.reading
    }

    /// Whether one that is too large to be held is handed on unvalidated.
    #[must_use]
    pub fn flows(&self) -> bool {
        asked(self.body, self.reading) < Demand::Content
    }
}

/// What is asked of a body that is read so.
fn asked(body: &CompiledBody, reading: Reading) -> Demand {
    if reading == body.reading() { body.demand() } else { Demand::Content }
}

impl BodyCheck<'_> {
    /// The schema by which the body is checked.
    #[must_use]
    pub const fn declared(&self) -> Option<Declared<'_>> {
        match self {
            Self::Schema(declared) | Self::UndeclaredType(_, Some(declared)) => Some(*declared),
            _ => None,
        }
    }
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
            let failure = self.failure(Keyword::UndeclaredContentType, "the media type is not declared");
            let failure = Failure { location: header("content-type"), ..failure };
            return BodyCheck::UndeclaredType(failure, self.json_all_the_same(essence));
        };
        // Under a range JSON is read as JSON, whatever it is called.
        let is_range = body.declared.media_type.contains('*') && is_json(essence);
        let as_json = |other: &&CompiledBody| {
            other.declared.media_type == "application/json" && other.declared.origin == body.declared.origin
        };
        let body = self.bodies.iter().find(as_json).filter(|_| is_range).unwrap_or(body);
        match body.check.as_ref().map(|check| self.reading(body, check, essence)) {
            _ if body.declared.unenforced => BodyCheck::Unenforced,
            None => BodyCheck::Free,
            Some(Reading::Unenforced) => BodyCheck::Unenforced,
            Some(reading) if asked(body, reading) == Demand::Nothing => BodyCheck::Free,
            Some(reading) => BodyCheck::Schema(Declared { body, reading }),
        }
    }

    /// How a body of this type is read. A range says nothing of that; a text that its schema does not
    /// have is none, whatever the client calls it.
    fn reading(&self, body: &CompiledBody, check: &Check, essence: &[u8]) -> Reading {
        if !body.declared.media_type.ends_with("/*") {
            return body.reading();
        }
        let shape = self.shapes.get(check.shape);
        match (Form::of(shape), reading(&String::from_utf8_lossy(essence).to_ascii_lowercase())) {
            (Form::Array | Form::Object, Reading::Json) => Reading::Json,
            (Form::Object, fields @ (Reading::Form | Reading::Multipart)) => fields,
            _ => Reading::Text,
        }
    }

    /// Frameworks read every kind of JSON as JSON: the schema of another holds for one that is not declared.
    fn json_all_the_same(&self, essence: &[u8]) -> Option<Declared<'_>> {
        let is_plain = |body: &&CompiledBody| body.declared.media_type == "application/json";
        let bodies = || self.bodies.iter().filter(|body| body.is_enforced() && body.reading() == Reading::Json);
        let body = is_json(essence).then(|| bodies().find(is_plain).or_else(|| bodies().next()))??;
        Some(Declared { body, reading: Reading::Json })
    }

    /// Whether it says of some body what is in it, in a way that is enforced.
    #[must_use]
    pub fn has_body_schema(&self) -> bool {
        self.bodies.iter().any(CompiledBody::is_enforced)
    }

    /// Whether it says anything that is enforced.
    #[must_use]
    pub fn is_enforced(&self) -> bool {
        self.has_body_schema() || !self.operation.parameters.is_empty() || !self.operation.security.is_empty()
    }

    /// A failure of the body as a whole.
    #[must_use]
    pub fn failure(&self, keyword: Keyword, message: &'static str) -> Failure {
        Failure {
            keyword,
            location: Location::whole(Place::Body),
            schema_pointer: self.operation.origin.pointer.as_str().into(),
            message: message.into(),
        }
    }

    /// The failure of a request without the body that it must have.
    #[must_use]
    pub fn missing_body(&self) -> Option<Failure> {
        self.operation.body_required.then(|| self.failure(Keyword::MissingBody, "a body must be there"))
    }

    /// The failure of a body that is too large to be held.
    #[must_use]
    pub fn body_too_large(&self) -> Failure {
        self.failure(Keyword::BodyTooLarge, "the body is too large")
    }

    /// What reads such a body.
    #[must_use]
    pub fn reader(&self, declared: Declared<'_>) -> BodyReader {
        BodyReader::new(declared.reading, declared.body.check.as_ref().map(|check| (&self.shapes, check.shape)))
    }

    /// Checks a body that was read whole.
    pub fn check_body(&self, declared: Declared<'_>, reader: BodyReader, report: &mut Report) -> Checked {
        let body = declared.body;
        let place = match declared.reading {
            Reading::Form => Place::Form,
            Reading::Multipart => Place::Part,
            _ => Place::Body,
        };
        let Some(check) = &body.check else { return Checked::default() };
        let read = match self.read(body, check, reader) {
            Ok(read) => read,
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

    /// What a body says; texts that are not valid as numbers and the like may be so as strings,
    /// and lists of which there is nothing as empty ones.
    fn read(&self, body: &CompiledBody, check: &Check, mut reader: BodyReader) -> Result<Read, Flaw> {
        let typed = reader.finish(body, &self.shapes, Prefer::Typed)?;
        if reader.reading() == Reading::Json || self.fits(check, &typed.tape) {
            return Ok(typed);
        }
        for prefer in [Prefer::Strings, Prefer::StringsAndLists] {
            let other = reader.finish(body, &self.shapes, prefer)?;
            if self.fits(check, &other.tape) {
                return Ok(other);
            }
        }
        Ok(typed)
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
        Flaw::Malformed => (Keyword::Malformed, "the body cannot be read as its media type"),
        Flaw::TooLarge => (Keyword::Unvalidated, "the body has more in it, or nests deeper, than is looked at"),
        Flaw::DuplicateKey => (Keyword::Duplicate, "a key is there twice"),
    };
    Failure { keyword, location: Location::whole(Place::Body), schema_pointer: pointer.into(), message: message.into() }
}
