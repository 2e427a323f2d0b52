//! One operation: parameters of its path and its own, and its bodies.

use std::sync::Arc;

use serde_json::Value;

use super::super::assertions::Dialect;
use super::super::escape;
use super::{Reader, names_of, security};
use crate::build_error::BuildError;
use crate::input::Place;
use crate::schema::{BodySchema, Encoding, Operation, Parameter, SchemaNode, Style, Undeclared, Unenforced};

/// Parameters that an operation, or a path, may have.
const PARAMETERS_MAX: usize = 1_000;
/// Ranges, and the types in them that are read apart into fields.
const READ_APART: [(&str, &[&str]); 3] = [
    ("*/*", &["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]),
    ("application/*", &["application/json", "application/x-www-form-urlencoded"]),
    ("application/*+json", &["application/json"]),
];

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
        let stands = |parameter: &Parameter| {
            parameter.place != Place::Path || template.contains(&format!("{{{}}}", parameter.name))
        };
        for parameter in parameters.iter().filter(|parameter| !stands(parameter)) {
            let reason = format!("`{}` is no parameter of this path", parameter.name.escape_debug());
            unenforced.push(Unenforced { origin: parameter.origin.clone(), reason });
        }
        parameters.retain(stands);
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
        let list = format!("{owner}/parameters");
        let count = self.document.elements(&list)?.map_or(0, Vec::len);
        if count > PARAMETERS_MAX {
            return Err(self.document.origin(&list).error(format!("are more than {PARAMETERS_MAX}")));
        }
        let mut parameters = Vec::new();
        for index in 0..count {
            let (parameter, pointer) = self.document.resolve(&format!("{list}/{index}"))?;
            let Some(parameter) = self.parameter(parameter, &pointer, unenforced)? else { continue };
            let same = |known: &&Parameter| known.place == parameter.place && known.name == parameter.name;
            match parameters.iter().find(same) {
                None => parameters.push(parameter),
                Some(known) if known.origin == parameter.origin => {}
                Some(_) => {
                    let name = parameter.name.escape_debug();
                    return Err(parameter.origin.error(format!("the parameter `{name}` is declared twice")));
                }
            }
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
        let flag = |key: &str| self.document.flag(&format!("{pointer}/{key}"));
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
        let content = self.document.members(&format!("{pointer}/content"))?.and_then(|content| content.keys().next());
        let schema = match (&content, parameter.get("schema")) {
            (Some(media), _) => {
                let schema = format!("{pointer}/content/{}/schema", escape(media));
                self.document.value.pointer(&schema).is_some().then(|| self.node(&schema))
            }
            (None, Some(_)) => Some(self.node(&format!("{pointer}/schema"))),
            (None, None) => None,
        };
        if content.is_none() && schema.is_none() {
            let reason = "a parameter has neither `schema` nor `content`, so that any value will do".to_owned();
            unenforced.push(Unenforced { origin: origin.clone(), reason });
        }
        let is_json = content.is_none_or(|media| media.contains("json"));
        if !is_json {
            let reason = "a parameter of this media type is not read".to_owned();
            unenforced.push(Unenforced { origin: origin.clone(), reason });
        }
        Ok(Some(Parameter {
            place,
            name: if place == Place::Header { lower } else { name.to_owned() },
            required: place == Place::Path || flag("required")? == Some(true),
            style,
            explode: flag("explode")?.unwrap_or(style == Style::Form || style == Style::DeepObject),
            allow_empty: flag("allowEmptyValue")? == Some(true),
            content: content.filter(|_| is_json).cloned(),
            schema: schema.filter(|_| is_json),
            unenforced: !is_json,
            origin,
        }))
    }

    fn bodies(&self, operation: &str, unenforced: &mut Vec<Unenforced>) -> Result<(Vec<BodySchema>, bool), BuildError> {
        let pointer = format!("{operation}/requestBody");
        if self.document.members(&pointer)?.is_none() {
            return Ok((Vec::new(), false));
        }
        let (_, pointer) = self.document.resolve(&pointer)?;
        let required = self.document.flag(&format!("{pointer}/required"))?.unwrap_or(false);
        let mut bodies = Vec::new();
        for media in names_of(self.document.members(&format!("{pointer}/content"))?) {
            let at = format!("{pointer}/content/{}", escape(media));
            self.document.members(&at)?;
            let schema = format!("{at}/schema");
            let schema = self.document.value.pointer(&schema).is_some().then(|| self.node(&schema));
            let media_type = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            let origin = self.document.origin(&at);
            if bodies.iter().any(|known: &BodySchema| known.media_type == media_type) {
                let reason = "another body has this media type but for its parameters, by which none is chosen";
                unenforced.push(Unenforced { origin, reason: reason.to_owned() });
                let known = bodies.iter_mut().filter(|known| known.media_type == media_type);
                known.for_each(|known| known.unenforced = true);
                continue;
            }
            let encodings = self.encodings(&at, unenforced)?;
            let body = BodySchema { media_type, schema, encodings, unenforced: false, origin };
            self.add_body(body, &mut bodies, unenforced)?;
        }
        Ok((bodies, required))
    }

    /// A range is also declared as each type that is read apart; what would be read as text and is none is not read.
    fn add_body(
        &self,
        mut body: BodySchema,
        bodies: &mut Vec<BodySchema>,
        unenforced: &mut Vec<Unenforced>,
    ) -> Result<(), BuildError> {
        let subtype = body.media_type.split_once('/').map_or("", |(_, subtype)| subtype);
        let is_read = subtype == "json"
            || subtype.ends_with("+json")
            || body.media_type == "application/x-www-form-urlencoded"
            || body.media_type.starts_with("multipart/");
        let is_apart =
            body.media_type == "application/x-www-form-urlencoded" || body.media_type.starts_with("multipart/");
        let is_flat = |schema: &SchemaNode| Ok::<_, BuildError>(is_apart && !self.takes_objects(&schema.pointer)?);
        if body.schema.as_ref().map(is_flat).transpose()? == Some(true) {
            let reason = "parts are the properties of an object, which this schema is none of".to_owned();
            unenforced.push(Unenforced { origin: body.origin.clone(), reason });
            body.schema = None;
            body.unenforced = true;
        }
        let Some(schema) = body.schema.as_ref().filter(|_| !is_read) else {
            bodies.push(body);
            return Ok(());
        };
        if let Some((_, types)) = READ_APART.iter().find(|(range, _)| *range == body.media_type) {
            let has_fields = self.takes_objects(&schema.pointer)?;
            let known = |media: &str| {
                let is_apart = !media.ends_with("/json") && !has_fields;
                is_apart || bodies.iter().any(|known| known.media_type == media)
            };
            let more: Vec<BodySchema> = types
                .iter()
                .filter(|media| !known(media))
                .map(|media| BodySchema { media_type: (*media).to_owned(), ..body.clone() })
                .collect();
            bodies.extend(more);
        }
        let is_xml = subtype == "xml" || subtype.ends_with("+xml");
        // Of a range the client chooses the type: what is no text is read as JSON, and refused if it is none.
        let is_range = subtype == "*";
        if is_xml || !is_range && !self.takes_strings(&schema.pointer)? {
            let reason =
                if is_xml { "a body of XML is not validated" } else { "a body of this media type is not validated" };
            unenforced.push(Unenforced { origin: body.origin.clone(), reason: reason.to_owned() });
            body.unenforced = true;
        }
        bodies.push(body);
        Ok(())
    }

    /// Whether a schema may be meant for an object.
    fn takes_objects(&self, pointer: &str) -> Result<bool, BuildError> {
        let (schema, _) = self.document.resolve(pointer)?;
        Ok(match schema.get("type") {
            Some(Value::String(name)) => name == "object",
            Some(Value::Array(names)) => names.iter().any(|name| name == "object"),
            _ => true,
        })
    }

    /// Whether a schema may be meant for a string.
    fn takes_strings(&self, pointer: &str) -> Result<bool, BuildError> {
        let (schema, _) = self.document.resolve(pointer)?;
        Ok(match schema.get("type") {
            Some(Value::String(name)) => name == "string",
            Some(Value::Array(names)) => names.iter().any(|name| name == "string"),
            _ => schema.as_object().is_none_or(|schema| {
                !["properties", "items", "allOf", "oneOf", "anyOf"].iter().any(|keyword| schema.contains_key(*keyword))
            }),
        })
    }

    fn encodings(&self, media: &str, unenforced: &mut Vec<Unenforced>) -> Result<Vec<Encoding>, BuildError> {
        let pointer = format!("{media}/encoding");
        let mut encodings = Vec::new();
        for (property, encoding) in self.document.members(&pointer)?.into_iter().flatten() {
            let unenforced_here =
                encoding.get("headers").and_then(Value::as_object).is_some_and(|headers| !headers.is_empty());
            if unenforced_here {
                let origin = self.document.origin(&format!("{pointer}/{}/headers", escape(property)));
                let reason = "headers of parts are not validated".to_owned();
                unenforced.push(Unenforced { origin, reason });
            }
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
                unenforced: unenforced_here,
            });
        }
        Ok(encodings)
    }
}
