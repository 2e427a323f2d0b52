//! What the sources say, merged: plain data, with the place of everything in it.

use std::sync::Arc;

use serde_json::Value;

use crate::input::Place;

/// Where something was written: for errors, warnings and signals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The file, or what the builder was given (`schema::<CreateUser>`).
    pub file: Arc<str>,
    /// The line there, from 1, where one is known.
    pub line: Option<usize>,
    /// The JSON Pointer there (RFC 6901): `/paths/~1users/post/parameters/0`.
    pub pointer: String,
}

/// A schema, in the document in which its `$ref`s resolve. All are JSON Schema 2020-12 or draft 7 by
/// now: what OpenAPI 3.0 writes otherwise was rewritten when the document was read.
#[derive(Clone, Debug)]
pub struct SchemaNode {
    /// The whole document, rewritten.
    pub document: Arc<Value>,
    /// Where in it the schema stands.
    pub pointer: String,
    /// Whether it is draft 7; else 2020-12.
    pub draft7: bool,
    /// Where a person finds it.
    pub origin: Origin,
}

impl SchemaNode {
    /// The schema itself, where its pointer leads anywhere.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        self.document.pointer(&self.pointer)
    }
}

/// Everything that is said about the requests of a service.
#[derive(Clone, Debug, Default)]
pub struct Contract {
    /// One for each method and template.
    pub operations: Vec<Operation>,
    /// Assertions that cannot be enforced; a request that meets one is incomplete.
    pub unenforced: Vec<Unenforced>,
    /// What is done about what no operation declares, where no route says otherwise. Routes can be
    /// undeclared only where a source describes a whole service (an OpenAPI document).
    pub undeclared: Undeclared,
    /// Whether a source describes a whole service, so that a path can be undeclared.
    pub describes_service: bool,
    /// The hosts of all documents' servers; empty where any will do.
    pub hosts: Vec<String>,
}

/// An assertion that cannot be enforced: a pattern that looks around, a body of XML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unenforced {
    /// Where it stands.
    pub origin: Origin,
    /// What it is, and why not.
    pub reason: String,
}

/// One method on one template.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The template as the framework writes it, base path included: `/api/users/{id}`.
    pub template: String,
    /// The method, in upper case.
    pub method: String,
    /// The parameters, each place and name once.
    pub parameters: Vec<Parameter>,
    /// The bodies by media type, as declared; empty where none is declared.
    pub bodies: Vec<BodySchema>,
    /// Whether a body must be there.
    pub body_required: bool,
    /// Ways to be let in, of which one must be fulfilled; empty where none is asked for.
    pub security: Vec<SecurityAlternative>,
    /// What is done about what it does not declare.
    pub undeclared: Undeclared,
    /// Where it stands.
    pub origin: Origin,
}

/// How a parameter is written (OpenAPI, "Style Values").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `blue,black`: path and header.
    Simple,
    /// `.blue.black`: path.
    Label,
    /// `;color=blue`: path.
    Matrix,
    /// `color=blue&color=black`: query, cookie, form fields.
    Form,
    /// `color=blue%20black`: query.
    SpaceDelimited,
    /// `color=blue|black`: query.
    PipeDelimited,
    /// `color[R]=100`: query.
    DeepObject,
}

/// One declared parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// `Path`, `Query`, `Header` or `Cookie`.
    pub place: Place,
    /// Its name; of a header in lower case.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// How it is written.
    pub style: Style,
    /// Whether the members of an array or object stand apart.
    pub explode: bool,
    /// Whether an empty value passes whatever the schema says (`allowEmptyValue`).
    pub allow_empty: bool,
    /// Its media type, where it has `content`: `application/json` in a query.
    pub content: Option<String>,
    /// What its value must be; none where anything will do.
    pub schema: Option<SchemaNode>,
    /// Whether something is said of it that cannot be enforced.
    pub unenforced: bool,
    /// Where it stands.
    pub origin: Origin,
}

/// A body of one media type.
#[derive(Clone, Debug)]
pub struct BodySchema {
    /// The type or range, lower case, without parameters: `application/json`, `text/*`, `*/*`.
    pub media_type: String,
    /// What it must be; none where anything will do.
    pub schema: Option<SchemaNode>,
    /// How fields of forms and parts of multipart bodies are written.
    pub encodings: Vec<Encoding>,
    /// Whether something is said of it that cannot be enforced.
    pub unenforced: bool,
    /// Where it stands.
    pub origin: Origin,
}

/// How one property of a form or multipart body is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// The property.
    pub property: String,
    /// The media types that its part may have, lower case; empty where none is named.
    pub content_types: Vec<String>,
    /// How it is written in a form; none: the default of its type.
    pub style: Option<Style>,
    /// Whether members stand apart; none: the default of its style.
    pub explode: Option<bool>,
    /// Whether something is said of its part that cannot be enforced.
    pub unenforced: bool,
}

/// Credentials that must all be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityAlternative {
    /// All of them; none where this alternative is to come without any.
    pub credentials: Vec<Credential>,
}

/// A credential that must be there; whether it is right the service decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// `Header`, `Query` or `Cookie`.
    pub place: Place,
    /// The name there; `authorization` for the schemes of HTTP.
    pub name: String,
    /// The scheme that the header begins with, lower case: `bearer`, `basic`; none: any value.
    pub scheme: Option<String>,
}

/// What is done about one kind of undeclared thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum UndeclaredAction {
    /// Nothing.
    #[default]
    Pass,
    /// It is a finding that alerts.
    Alert,
    /// It is a finding that refuses, where the mode enforces.
    Block,
}

/// What is done about what is not declared; each but `content_types` defaults to `pass`.
///
/// ```
/// use tower_rasp::{Rasp, Undeclared, UndeclaredAction};
///
/// let undeclared = Undeclared::strict().hosts(UndeclaredAction::Alert).headers("x-app-", UndeclaredAction::Block);
/// let builder = Rasp::builder().undeclared(undeclared);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undeclared {
    /// Paths of no template.
    pub(crate) routes: UndeclaredAction,
    /// Methods that a template does not declare.
    pub(crate) methods: UndeclaredAction,
    /// Media types that an operation does not declare. Where nothing is said: `block` where it says of a
    /// body what is in it, since the client chooses the type and with it the schema, else `pass`.
    pub(crate) content_types: Option<UndeclaredAction>,
    /// Query parameters that an operation does not declare; cookies too where it declares any, since
    /// those of other services come along.
    pub(crate) parameters: UndeclaredAction,
    /// Properties of bodies that a schema does not name, where it leaves `additionalProperties` open, and those
    /// that it names `readOnly`.
    pub(crate) fields: UndeclaredAction,
    /// Hosts that no server names.
    pub(crate) hosts: UndeclaredAction,
    /// Headers whose name begins so.
    pub(crate) headers: Option<UndeclaredHeaders>,
    /// Whether it is the preset, which asks for what can be had where it stands.
    pub(crate) is_preset: bool,
}

/// Headers that must be declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndeclaredHeaders {
    /// How their names begin, lower case: `x-app-`.
    pub(crate) prefix: String,
    /// What is done.
    pub(crate) action: UndeclaredAction,
}

impl Undeclared {
    /// All that can be blocked without naming a prefix.
    #[must_use]
    pub const fn strict() -> Self {
        let block = UndeclaredAction::Block;
        Self {
            routes: block,
            methods: block,
            content_types: Some(block),
            parameters: block,
            fields: block,
            hosts: block,
            headers: None,
            is_preset: true,
        }
    }

    /// Paths of no template; only an OpenAPI document can say so.
    #[must_use]
    pub const fn routes(mut self, action: UndeclaredAction) -> Self {
        self.routes = action;
        self
    }

    /// Methods that a template does not declare.
    #[must_use]
    pub const fn methods(mut self, action: UndeclaredAction) -> Self {
        self.methods = action;
        self
    }

    /// Media types that an operation does not declare. Where nothing is said: `Block` where it says of a body what is
    /// in it, else `Pass`.
    #[must_use]
    pub const fn content_types(mut self, action: UndeclaredAction) -> Self {
        self.content_types = Some(action);
        self
    }

    /// Query parameters, and cookies where an operation declares any.
    #[must_use]
    pub const fn parameters(mut self, action: UndeclaredAction) -> Self {
        self.parameters = action;
        self
    }

    /// Properties that no schema names where it leaves `additionalProperties` open, and those that are `readOnly`.
    #[must_use]
    pub const fn fields(mut self, action: UndeclaredAction) -> Self {
        self.fields = action;
        self
    }

    /// Hosts that no server of an OpenAPI document names.
    #[must_use]
    pub const fn hosts(mut self, action: UndeclaredAction) -> Self {
        self.hosts = action;
        self
    }

    /// Headers whose names begin so (`x-app-`).
    #[must_use]
    pub fn headers(mut self, prefix: &str, action: UndeclaredAction) -> Self {
        self.headers = Some(UndeclaredHeaders { prefix: prefix.to_ascii_lowercase(), action });
        self
    }
}
