//! What the builder offers in http's words: schemas from code.

use std::path::Path;
use std::sync::Arc;

use http::Method;
use serde::Serialize;
use serde_json::Value;

use crate::rasp::RaspBuilder;
use crate::schema::{Origin, SchemaLocation, Source, SourceKind, Text, Undeclared};

impl RaspBuilder {
    /// The bodies of a method on a route must be what `T` can be deserialised from.
    ///
    /// The schema is the one that `schemars` makes for deserialising, in 2020-12. What `T` refuses
    /// by code of its own is not in it.
    ///
    /// # What this does not protect from
    ///
    /// `schemars` does not know `#[serde(alias)]`: under its alias a field is one that the schema does not name, so
    /// that its bounds do not hold there, and a required field that comes under its alias alone is refused. Refuse
    /// what is not named, by `#[serde(deny_unknown_fields)]` or [`undeclared`](Self::undeclared), or name both in the
    /// schema: `#[schemars(extend(..))]`.
    ///
    /// ```
    /// use http::Method;
    /// use schemars::JsonSchema;
    /// use tower_rasp::Rasp;
    ///
    /// #[derive(serde::Deserialize, JsonSchema)]
    /// struct CreateUser {
    ///     #[schemars(length(min = 1, max = 64))]
    ///     name: String,
    ///     age: u8,
    /// }
    ///
    /// let rasp = Rasp::builder().schema::<CreateUser>(Method::POST, "/users").build()?;
    /// # Ok::<(), tower_rasp::BuildError>(())
    /// ```
    #[cfg(feature = "schemars")]
    pub fn schema<T: schemars::JsonSchema>(self, method: Method, route: &str) -> Self {
        let settings = schemars::generate::SchemaSettings::draft2020_12().for_deserialize();
        let schema = settings.into_generator().into_root_schema_for::<T>();
        let name = format!("schema::<{}>", T::schema_name());
        self.source(&name, single(&name, method, route, SchemaLocation::Body, schema.to_value()))
    }

    /// The bodies of a method on a route must be as this JSON Schema says (2020-12, or draft 7 where
    /// `$schema` names it).
    ///
    /// ```
    /// use http::Method;
    /// use serde_json::json;
    /// use tower_rasp::Rasp;
    ///
    /// let schema = json!({ "type": "object", "required": ["title"] });
    /// let rasp = Rasp::builder().json_schema(Method::POST, "/notes", schema).build()?;
    /// # Ok::<(), tower_rasp::BuildError>(())
    /// ```
    pub fn json_schema(self, method: Method, route: &str, schema: Value) -> Self {
        let name = format!("json_schema({method}, {route})");
        self.source(&name, single(&name, method, route, SchemaLocation::Body, schema))
    }

    /// One parameter, or the bodies, of a method on a route must be as this JSON Schema says. The location is
    /// written as in the configuration: `query.page`, `header.x-tenant`, `cookie.sid`, `path.id`, `body`; what is no
    /// such location is told by [`build`](Self::build).
    ///
    /// A schema says what a value must be, and not that there must be one.
    ///
    /// ```
    /// use http::Method;
    /// use serde_json::json;
    /// use tower_rasp::Rasp;
    ///
    /// let page = json!({ "type": "integer", "minimum": 1 });
    /// let rasp = Rasp::builder().json_schema_at(Method::GET, "/notes", "query.page", page).build()?;
    /// # Ok::<(), tower_rasp::BuildError>(())
    /// ```
    pub fn json_schema_at(self, method: Method, route: &str, location: &str, schema: Value) -> Self {
        let name = format!("json_schema_at({method}, {route}, {location})");
        match SchemaLocation::parse(location) {
            Ok(location) => self.source(&name, single(&name, method, route, location, schema)),
            Err(error) => self.schema_source(Err(error.in_file(&name))),
        }
    }

    /// An OpenAPI document, 3.0 or 3.1, as whatever serialises to its JSON: a `utoipa` document, or a
    /// `serde_json::Value`. What is wrong with it is told by [`build`](Self::build).
    pub fn openapi(self, document: &impl Serialize) -> Self {
        // What cannot be serialised is no document, and is told as such.
        let value = serde_json::to_value(document).unwrap_or_default();
        self.source("openapi(..)", SourceKind::OpenApi(Text::Value("openapi(..)".into(), Arc::new(value))))
    }

    /// An OpenAPI document, 3.0 or 3.1, as text in JSON or YAML; `name` is what errors call it.
    pub fn openapi_text(self, name: &str, text: &str) -> Self {
        self.source(name, SourceKind::OpenApi(Text::Written(name.into(), text.into())))
    }

    /// An OpenAPI document, 3.0 or 3.1, from a file in JSON or YAML. It is read by [`build`](Self::build), whose
    /// errors name file, line and pointer, and by every reload.
    pub fn openapi_path(self, path: impl AsRef<Path>) -> Self {
        let name = path.as_ref().display().to_string();
        self.source(&name, SourceKind::OpenApi(Text::File(name.as_str().into())))
    }

    /// What is done about what the schemas given in code do not declare, all of them: as `undeclared` of a `[[schema]]`.
    /// Two sources of one operation, one in code and one in the configuration, must say the same or one of them
    /// nothing. Routes and hosts only an OpenAPI document declares.
    ///
    /// ```
    /// use http::Method;
    /// use serde_json::json;
    /// use tower_rasp::{Rasp, Undeclared};
    ///
    /// let note = json!({ "type": "object", "properties": { "title": { "type": "string" } } });
    /// let rasp =
    ///     Rasp::builder().json_schema(Method::POST, "/notes", note).undeclared(Undeclared::strict()).build()?;
    /// # Ok::<(), tower_rasp::BuildError>(())
    /// ```
    pub fn undeclared(self, undeclared: Undeclared) -> Self {
        self.schema_undeclared(undeclared)
    }

    /// Makes an assertion that cannot be enforced, in any of the schemas given in code, an error of
    /// [`build`](Self::build): as `unsupported = "error"` of a `[[schema]]`.
    pub const fn unsupported_is_error(self) -> Self {
        self.schema_unsupported_is_error()
    }

    fn source(self, name: &str, kind: SourceKind) -> Self {
        let origin = Origin { file: name.into(), line: None, pointer: String::new() };
        self.schema_source(Ok(Source { kind, undeclared: None, unsupported_is_error: false, origin }))
    }
}

fn single(name: &str, method: Method, route: &str, location: SchemaLocation, schema: Value) -> SourceKind {
    SourceKind::Schema {
        text: Text::Value(name.into(), Arc::new(schema)),
        route: route.to_owned(),
        methods: vec![method.to_string()],
        location,
    }
}
