//! What the builder offers in http's words: schemas from code.

use std::sync::Arc;

use http::Method;
use serde::Serialize;
use serde_json::Value;

use crate::rasp::RaspBuilder;
use crate::schema::{Origin, SchemaLocation, Source, SourceKind, Text};

impl RaspBuilder {
    /// The bodies of a method on a route must be what `T` can be deserialised from.
    ///
    /// The schema is the one that `schemars` makes for deserialising, in 2020-12. What `T` refuses
    /// by code of its own is not in it.
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

    fn source(self, name: &str, kind: SourceKind) -> Self {
        let origin = Origin { file: name.into(), line: None, pointer: String::new() };
        self.schema_source(Source { kind, undeclared: None, unsupported_is_error: false, origin })
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
