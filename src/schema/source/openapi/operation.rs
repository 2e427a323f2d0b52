//! One operation: parameters of its path and its own, and its bodies.

use std::sync::Arc;

use serde_json::Value;

use super::super::assertions::Dialect;
use super::super::escape;
use super::{Reader, names, security};
use crate::build_error::BuildError;
use crate::input::Place;
use crate::schema::{BodySchema, Encoding, Operation, Parameter, SchemaNode, Style, Undeclared, Unenforced};

impl Reader<'_> {
    pub(super) fn operation(
        &self,
        template: &str,
        method: &str,
        path: &str,
        pointer: &str,
        unenforced: &mut Vec<Unenforced>,
    ) -> Result<Operation, BuildError> {
        let mut parameters = self.parameters(path, unenforced)?;
        for parameter in self.parameters(pointer, unenforced)? {
            // The operation's own takes the place of its path's.
            parameters.retain(|known| known.place != parameter.place || known.name != parameter.name);
            parameters.push(parameter);
        }
        let (bodies, body_required) = self.bodies(pointer, unenforced)?;
        Ok(Operation {
            template: template.to_owned(),
            method: method.to_ascii_uppercase(),
            parameters,
            bodies,
            body_required,
            security: security::alternatives(self, pointer, unenforced)?,
            undeclared: Undeclared::default(),
            origin: self.document.origin(pointer),
        })
    }

    fn node(&self, pointer: &str) -> SchemaNode {
        SchemaNode {
            document: Arc::clone(&self.whole),
            pointer: pointer.to_owned(),
            draft7: self.dialect == Dialect::Draft7,
            origin: self.document.origin(pointer),
        }
    }

    fn parameters(&self, owner: &str, unenforced: &mut Vec<Unenforced>) -> Result<Vec<Parameter>, BuildError> {
        let list = self.document.value.pointer(&format!("{owner}/parameters")).and_then(Value::as_array);
        let mut parameters = Vec::new();
        for index in 0..list.map_or(0, Vec::len) {
            let (parameter, pointer) = self.document.resolve(&format!("{owner}/parameters/{index}"))?;
            parameters.extend(self.parameter(parameter, &pointer, unenforced)?);
        }
        Ok(parameters)
    }

    fn parameter(
        &self,
        parameter: &Value,
        pointer: &str,
        unenforced: &mut Vec<Unenforced>,
    ) -> Result<Option<Parameter>, BuildError> {
        let origin = self.document.origin(pointer);
        let word = |key: &str| parameter.get(key).and_then(Value::as_str);
        let flag = |key: &str| parameter.get(key).and_then(Value::as_bool);
        let name = word("name").ok_or_else(|| origin.error("a parameter has no `name`"))?;
        let place = match word("in") {
            Some("path") => Place::Path,
            Some("query") => Place::Query,
            Some("header") => Place::Header,
            Some("cookie") => Place::Cookie,
            _ => return Err(origin.error("a parameter must be `in` path, query, header or cookie")),
        };
        // These three are said elsewhere, and a parameter of theirs means nothing (OpenAPI, "Parameter Object").
        let lower = name.to_ascii_lowercase();
        if place == Place::Header && matches!(lower.as_str(), "accept" | "content-type" | "authorization") {
            return Ok(None);
        }
        let usual = if matches!(place, Place::Query | Place::Cookie) { Style::Form } else { Style::Simple };
        let style = match (word("style"), place) {
            (None, _) => usual,
            (Some("simple"), Place::Path | Place::Header) => Style::Simple,
            (Some("label"), Place::Path) => Style::Label,
            (Some("matrix"), Place::Path) => Style::Matrix,
            (Some("form"), Place::Query | Place::Cookie) => Style::Form,
            (Some("spaceDelimited"), Place::Query) => Style::SpaceDelimited,
            (Some("pipeDelimited"), Place::Query) => Style::PipeDelimited,
            (Some("deepObject"), Place::Query) => Style::DeepObject,
            (Some(other), _) => {
                return Err(origin.error(format!("`{}` is no style of this place", other.escape_debug())));
            }
        };
        let content = parameter.get("content").and_then(Value::as_object).and_then(|content| content.keys().next());
        let schema = match (&content, parameter.get("schema")) {
            (Some(media), _) => {
                let schema = format!("{pointer}/content/{}/schema", escape(media));
                self.document.value.pointer(&schema).is_some().then(|| self.node(&schema))
            }
            (None, Some(_)) => Some(self.node(&format!("{pointer}/schema"))),
            (None, None) => None,
        };
        let is_json = content.is_none_or(|media| media.contains("json"));
        if !is_json {
            let reason = "a parameter of this media type is not read".to_owned();
            unenforced.push(Unenforced { origin: origin.clone(), reason });
        }
        Ok(Some(Parameter {
            place,
            name: if place == Place::Header { lower } else { name.to_owned() },
            required: place == Place::Path || flag("required") == Some(true),
            style,
            explode: flag("explode").unwrap_or(style == Style::Form || style == Style::DeepObject),
            allow_empty: flag("allowEmptyValue") == Some(true),
            content: content.filter(|_| is_json).cloned(),
            schema: schema.filter(|_| is_json),
            origin,
        }))
    }

    fn bodies(&self, operation: &str, unenforced: &mut Vec<Unenforced>) -> Result<(Vec<BodySchema>, bool), BuildError> {
        let pointer = format!("{operation}/requestBody");
        if self.document.value.pointer(&pointer).is_none() {
            return Ok((Vec::new(), false));
        }
        let (body, pointer) = self.document.resolve(&pointer)?;
        let required = body.get("required").and_then(Value::as_bool).unwrap_or(false);
        let mut bodies = Vec::new();
        for media in names(body.get("content").and_then(Value::as_object)) {
            let at = format!("{pointer}/content/{}", escape(media));
            let schema = format!("{at}/schema");
            let schema = self.document.value.pointer(&schema).is_some().then(|| self.node(&schema));
            let media_type = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            if media_type.ends_with("xml") && schema.is_some() {
                let reason = "a body of XML is not validated".to_owned();
                unenforced.push(Unenforced { origin: self.document.origin(&at), reason });
            }
            bodies.push(BodySchema {
                media_type,
                schema,
                encodings: self.encodings(&at)?,
                origin: self.document.origin(&at),
            });
        }
        Ok((bodies, required))
    }

    fn encodings(&self, media: &str) -> Result<Vec<Encoding>, BuildError> {
        let pointer = format!("{media}/encoding");
        let mut encodings = Vec::new();
        for (property, encoding) in
            self.document.value.pointer(&pointer).and_then(Value::as_object).into_iter().flatten()
        {
            let style = match encoding.get("style").and_then(Value::as_str) {
                None => None,
                Some("form") => Some(Style::Form),
                Some("spaceDelimited") => Some(Style::SpaceDelimited),
                Some("pipeDelimited") => Some(Style::PipeDelimited),
                Some("deepObject") => Some(Style::DeepObject),
                Some(other) => {
                    let origin = self.document.origin(&format!("{pointer}/{}/style", escape(property)));
                    return Err(origin.error(format!("`{}` is no style of a field", other.escape_debug())));
                }
            };
            let types = encoding.get("contentType").and_then(Value::as_str).unwrap_or_default();
            let types =
                types.split(',').map(|one| one.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
            encodings.push(Encoding {
                property: property.clone(),
                content_types: types.filter(|one| !one.is_empty()).collect(),
                style,
                explode: encoding.get("explode").and_then(Value::as_bool),
            });
        }
        Ok(encodings)
    }
}
