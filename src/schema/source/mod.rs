//! Where schemas come from; each file reads one kind of source into the plain [`Contract`].
//!
//! Documents are read once, when an engine is built. They refer to themselves only: nothing is
//! fetched, and no other file is opened.

mod assertions;
mod cycles;
mod discriminator;
mod document;
mod json_schema;
mod lines;
mod loosen;
mod merge;
mod moves;
mod names;
mod openapi;
mod pattern;
mod rewrite;

use std::sync::Arc;

use serde_json::Value;

use super::{Contract, Operation, Origin, Undeclared, UndeclaredAction, Unenforced};
use crate::build_error::BuildError;
use crate::document::nearest as document_nearest;
use crate::input::Place;
use crate::schema::pointer::escape;

pub use assertions::children;
pub use document::Document;

/// One source of schemas, as the configuration or the builder gives it.
#[derive(Clone, Debug)]
pub struct Source {
    /// What it is.
    pub kind: SourceKind,
    /// What is done about what it does not declare; none: nothing.
    pub undeclared: Option<Undeclared>,
    /// Whether an assertion that cannot be enforced is an error.
    pub unsupported_is_error: bool,
    /// Where it was given.
    pub origin: Origin,
}

impl Source {
    /// What it says, as one text: the same for the same source.
    #[must_use]
    pub fn summary(&self) -> String {
        match &self.kind {
            SourceKind::OpenApi(text) => text.content(),
            SourceKind::Schema { text, route, methods, location } => {
                format!("{} {route} {location:?}\n{}", methods.join(","), text.content())
            }
        }
    }

    /// The source with its document read, where that is a file of its own.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn loaded(&self) -> Result<Self, BuildError> {
        let mut source = self.clone();
        if let SourceKind::OpenApi(Text::File(path)) = &self.kind {
            let text = std::fs::read_to_string(&**path).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => BuildError::new("there is no such file").in_file(path),
                _ => BuildError::new(format!("cannot be read: {error}")).in_file(path),
            })?;
            source.kind = SourceKind::OpenApi(Text::Written(Arc::clone(path), text.into()));
        }
        Ok(source)
    }

    /// The file that it was read from, or what was given in its place: `rasp.toml:12`.
    #[must_use]
    pub fn name(&self) -> &str {
        let (SourceKind::OpenApi(text) | SourceKind::Schema { text, .. }) = &self.kind;
        match text {
            Text::Written(name, _) | Text::File(name) | Text::Value(name, _) => name,
        }
    }

    fn no_hosts(&self) -> BuildError {
        let error =
            BuildError::new("`undeclared.hosts` does nothing: a server of the document names no host, or it has none")
                .in_file(&self.origin.file)
                .mend("give it servers: [{ url: https://api.example.org/v1 }]");
        self.origin.line.into_iter().fold(error, BuildError::at_line)
    }
}

/// What a source is.
#[derive(Clone, Debug)]
pub enum SourceKind {
    /// An OpenAPI document, 3.0 or 3.1.
    OpenApi(Text),
    /// One JSON Schema for one location of one template.
    Schema {
        /// The schema.
        text: Text,
        /// The template: `/users/{id}`.
        route: String,
        /// The methods, in upper case.
        methods: Vec<String>,
        /// The body, or one parameter by its place and name.
        location: SchemaLocation,
    },
}

/// What a single schema speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaLocation {
    /// The body, as `application/json`.
    Body,
    /// A parameter: `query.page`, `header.x-tenant`, `cookie.sid`, `path.id`.
    Parameter(Place, String),
}

impl SchemaLocation {
    /// The location that a text names: `body`, or one parameter.
    ///
    /// # Errors
    ///
    /// When one schema cannot speak of it.
    pub fn parse(text: &str) -> Result<Self, BuildError> {
        if text == "body" {
            return Ok(Self::Body);
        }
        let places =
            [("path.", Place::Path), ("query.", Place::Query), ("header.", Place::Header), ("cookie.", Place::Cookie)];
        let found = places.into_iter().find_map(|(prefix, place)| Some((place, text.strip_prefix(prefix)?)));
        match found.filter(|(_, name)| !name.is_empty() && !name.contains('*')) {
            Some((Place::Header, name)) => Ok(Self::Parameter(Place::Header, name.to_ascii_lowercase())),
            Some((place, name)) => Ok(Self::Parameter(place, name.to_owned())),
            None => {
                Err(BuildError::new(format!("`{}` is no location that one schema can speak of", text.escape_debug()))
                    .mend("say `body`, or one parameter: `query.page`, `header.x-tenant`, `cookie.sid`, `path.id`"))
            }
        }
    }

    /// Whether requests of a template can have it: a parameter of the path stands in the template, or nowhere.
    ///
    /// # Errors
    ///
    /// When they cannot.
    pub fn stands_in(&self, template: &str) -> Result<(), BuildError> {
        let Self::Parameter(Place::Path, name) = self else { return Ok(()) };
        let stands = [format!("{{{name}}}"), format!("{{*{name}}}")].iter().any(|own| template.contains(own));
        if stands {
            return Ok(());
        }
        let (name, template) = (name.escape_debug(), template.escape_debug());
        Err(BuildError::new(format!("`{template}` has no parameter `{name}`"))
            .mend("name one that stands in the route: `path.id` of `/notes/{id}`"))
    }
}

/// A document as it came.
#[derive(Clone, Debug)]
pub enum Text {
    /// JSON or YAML, and the name of the file.
    Written(Arc<str>, Arc<str>),
    /// A file that is read when an engine is built.
    File(Arc<str>),
    /// A value given in code, and what it was given as.
    Value(Arc<str>, Arc<Value>),
}

impl Text {
    fn content(&self) -> String {
        match self {
            Self::Written(_, text) | Self::File(text) => text.to_string(),
            Self::Value(_, value) => value.to_string(),
        }
    }
}

/// Everything that a configuration says of schemas.
#[derive(Clone, Debug, Default)]
pub struct SchemaSettings {
    /// The sources.
    pub sources: Vec<Source>,
    /// What single routes say about what is not declared there.
    pub routes: Vec<RouteUndeclared>,
    /// Whether more sources may be given in code, where this cannot be seen.
    pub is_part: bool,
}

/// What is done about what is not declared on one route.
#[derive(Clone, Debug)]
pub struct RouteUndeclared {
    /// The template.
    pub template: String,
    /// For which methods; none means all.
    pub methods: Vec<String>,
    /// What is done.
    pub undeclared: Undeclared,
    /// Where it stands in the configuration.
    pub line: usize,
}

impl SchemaSettings {
    /// Has everything told that is not declared, whatever the sources and routes say.
    pub fn tell_undeclared(&mut self) {
        self.routes.clear();
        self.sources.iter_mut().for_each(|source| source.undeclared = Some(Undeclared::strict()));
    }

    /// Reads all sources into one contract, in which what routes say holds over what sources say.
    ///
    /// # Errors
    ///
    /// As [`read`]; and when a route says something that no schema speaks of.
    pub fn contract(&self) -> Result<Contract, BuildError> {
        let mut contract = read(&self.sources)?;
        if let Some(error) = self.idle_routes(&contract).into_iter().next().filter(|_| !self.is_part) {
            return Err(error);
        }
        for operation in &mut contract.operations {
            if let Some(route) = self.routes.iter().find(|route| route.speaks_of(operation)) {
                operation.undeclared = route.undeclared.clone();
            }
        }
        Ok(contract)
    }

    /// What routes say about operations that no schema declares, so that it does nothing.
    #[must_use]
    pub fn idle_routes(&self, contract: &Contract) -> Vec<BuildError> {
        let is_idle = |route: &&RouteUndeclared| !contract.operations.iter().any(|one| route.speaks_of(one));
        self.routes.iter().filter(is_idle).map(|route| route.idle(contract)).collect()
    }
}

impl RouteUndeclared {
    /// Whether it holds for an operation: templates are the same whatever their parameters are called.
    fn speaks_of(&self, operation: &Operation) -> bool {
        self.is_at(operation) && (self.methods.is_empty() || self.methods.contains(&operation.method))
    }

    fn is_at(&self, operation: &Operation) -> bool {
        let plain = |template: &str| merge::shape(template).replace("{*}", "{}");
        self.template == operation.template || plain(&self.template) == plain(&operation.template)
    }

    fn idle(&self, contract: &Contract) -> BuildError {
        let here: Vec<&Operation> = contract.operations.iter().filter(|one| self.is_at(one)).collect();
        let (template, methods) = (self.template.escape_debug(), self.methods.join("|"));
        if !here.is_empty() {
            let known: Vec<&str> = here.iter().map(|one| one.method.as_str()).collect();
            return BuildError::new(format!("`undeclared` does nothing: no schema declares {methods} {template}"))
                .at_line(self.line)
                .mend(format!("declared there are {}", known.join(", ")));
        }
        let known: Vec<&str> = contract.operations.iter().map(|one| one.template.as_str()).collect();
        let mend = document_nearest(&self.template, &known).map_or_else(
            || "routes are written with the base path of their document; `rasp schema check` lists them".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        BuildError::new(format!("`undeclared` does nothing: no schema declares the route `{template}`"))
            .at_line(self.line)
            .mend(mend)
    }
}

/// Reads all sources into one contract.
///
/// # Errors
///
/// When a document cannot be used, or two sources say different things of one operation. The error
/// names file, line and pointer.
pub fn read(sources: &[Source]) -> Result<Contract, BuildError> {
    let mut contract = Contract::default();
    let mut merged = merge::Merged::default();
    for source in sources {
        let mut found = Found::default();
        match &source.kind {
            SourceKind::OpenApi(text) => openapi::read(Document::of(text)?, &mut found)?,
            SourceKind::Schema { text, route, methods, location } => {
                json_schema::read(Document::of(text)?, route, methods, location, &mut found)?;
            }
        }
        if let Some(first) = found.unenforced.first().filter(|_| source.unsupported_is_error) {
            return Err(first.origin.error(format!("{}, and `unsupported` is \"error\"", first.reason)));
        }
        if let Some(undeclared) = &source.undeclared {
            let is_of_hosts = matches!(source.kind, SourceKind::OpenApi(_)) && !undeclared.is_preset;
            if undeclared.hosts > UndeclaredAction::Pass && is_of_hosts && found.hosts.is_empty() {
                return Err(source.no_hosts());
            }
            found.operations.iter_mut().for_each(|operation| operation.undeclared = undeclared.clone());
            // The strictest of all sources holds for what belongs to none of them.
            contract.undeclared = stricter(&contract.undeclared, undeclared);
        }
        contract.describes_service |= matches!(source.kind, SourceKind::OpenApi(_));
        contract.unenforced.append(&mut found.unenforced);
        contract.hosts.append(&mut found.hosts);
        for operation in found.operations {
            merged.add(operation)?;
        }
    }
    contract.operations = merged.operations;
    contract.hosts.sort();
    contract.hosts.dedup();
    Ok(contract)
}

/// What one source says.
#[derive(Default)]
struct Found {
    operations: Vec<Operation>,
    unenforced: Vec<Unenforced>,
    hosts: Vec<String>,
}

fn stricter(one: &Undeclared, other: &Undeclared) -> Undeclared {
    Undeclared {
        routes: one.routes.max(other.routes),
        methods: one.methods.max(other.methods),
        content_types: one.content_types.max(other.content_types),
        parameters: one.parameters.max(other.parameters),
        fields: one.fields.max(other.fields),
        hosts: one.hosts.max(other.hosts),
        headers: one.headers.clone().or_else(|| other.headers.clone()),
        is_preset: one.is_preset && other.is_preset,
    }
}

impl Origin {
    /// An error about what stands here.
    pub(crate) fn error(&self, message: impl std::fmt::Display) -> BuildError {
        let pointer = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        let error = BuildError::new(format!("{pointer}: {message}")).in_file(&self.file);
        match self.line {
            Some(line) => error.at_line(line),
            None => error,
        }
    }
}

/// Where below a `discriminator` the rule stands that it becomes.
pub const RULE: &str = "x-rasp-rule";

#[cfg(test)]
mod tests;
