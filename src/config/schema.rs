//! `[[schema]]`, and `undeclared` on `[[route]]`: what good input looks like.

use std::path::Path;
use std::sync::Arc;

use super::fingerprint::Fingerprint;
use super::route;
use super::text;
use crate::build_error::BuildError;
use crate::document::{At, Table};
use crate::input::Place;
use crate::rule::format;
use crate::schema::{
    Origin, RouteUndeclared, SchemaLocation, Source, SourceKind, Text, Undeclared, UndeclaredAction, UndeclaredHeaders,
};

/// Bytes that one document of schemas may have.
const DOCUMENT_BYTES_MAX: usize = 32 << 20;

/// Every source, in the order of the file.
pub(super) fn sources(
    top: &mut Table<'_>,
    file: &str,
    base: &Path,
    fingerprint: &mut Fingerprint,
) -> Result<Vec<Source>, BuildError> {
    top.tables("schema")?.into_iter().map(|table| source(table, file, base, fingerprint)).collect()
}

fn source(mut table: Table<'_>, file: &str, base: &Path, fingerprint: &mut Fingerprint) -> Result<Source, BuildError> {
    let openapi = table.string("openapi")?;
    let json_schema = table.string("json_schema")?;
    let inline = table.value("schema");
    let kind = match (&openapi, &json_schema, &inline) {
        (Some(openapi), None, None) => SourceKind::OpenApi(read(openapi, base, fingerprint)?),
        (None, Some(path), None) => single(&mut table, read(path, base, fingerprint)?)?,
        (None, None, Some(value)) => {
            let name: Arc<str> = format!("{file}:{}", value.line).into();
            single(&mut table, Text::Value(name, Arc::new(value.value.clone())))?
        }
        _ => {
            return Err(table
                .error("a schema needs one of `openapi`, `json_schema` and `schema`")
                .mend("name a document: openapi = \"openapi.yaml\""));
        }
    };
    let unsupported = format::optional_word(&mut table, "unsupported", unsupported, &["alert", "error"])?;
    let source = Source {
        kind,
        undeclared: undeclared(&mut table)?,
        unsupported_is_error: unsupported.unwrap_or(false),
        origin: Origin { file: file.into(), line: Some(table.line()), pointer: String::new() },
    };
    table.finish()?;
    Ok(source)
}

fn unsupported(word: &str) -> Option<bool> {
    match word {
        "alert" => Some(false),
        "error" => Some(true),
        _ => None,
    }
}

/// A file beside the configuration.
fn read(path: &At<&str>, base: &Path, fingerprint: &mut Fingerprint) -> Result<Text, BuildError> {
    let full = base.join(path.value);
    let shown = full.strip_prefix(".").unwrap_or(&full).display().to_string();
    if !full.is_file() {
        return Err(path
            .error(format!("there is no file `{}`", path.value.escape_debug()))
            .mend("paths are relative to the configuration file"));
    }
    let text = text::read_up_to(&full, &shown, DOCUMENT_BYTES_MAX)?;
    fingerprint.add(&text);
    Ok(Text::Written(shown.into(), text.into()))
}

/// What one schema speaks of.
fn single(table: &mut Table<'_>, text: Text) -> Result<SourceKind, BuildError> {
    let no_route = table.error("a schema of one location needs `route`").mend("route = \"/notes/{id}\"");
    let no_method = table.error("a schema of one location needs `method`").mend("method = [\"POST\"]");
    let no_location = table.error("a schema needs `location`").mend("location = \"body\", or \"query.page\"");
    let route = route::template(table)?.ok_or(no_route)?.value;
    let methods = format::methods(table)?;
    if methods.is_empty() {
        return Err(no_method);
    }
    let location = location(&table.string("location")?.ok_or(no_location)?)?;
    Ok(SourceKind::Schema { text, route, methods, location })
}

fn location(text: &At<&str>) -> Result<SchemaLocation, BuildError> {
    if text.value == "body" {
        return Ok(SchemaLocation::Body);
    }
    let places =
        [("path.", Place::Path), ("query.", Place::Query), ("header.", Place::Header), ("cookie.", Place::Cookie)];
    let found = places.into_iter().find_map(|(prefix, place)| Some((place, text.value.strip_prefix(prefix)?)));
    match found.filter(|(_, name)| !name.is_empty() && !name.contains('*')) {
        Some((Place::Header, name)) => Ok(SchemaLocation::Parameter(Place::Header, name.to_ascii_lowercase())),
        Some((place, name)) => Ok(SchemaLocation::Parameter(place, name.to_owned())),
        None => Err(text
            .error(format!("`{}` is no location that one schema can speak of", text.value.escape_debug()))
            .mend("say `body`, or one parameter: `query.page`, `header.x-tenant`, `cookie.sid`, `path.id`")),
    }
}

/// `undeclared` of a source or a route: `"strict"`, or an action for each kind.
pub(super) fn undeclared(table: &mut Table<'_>) -> Result<Option<Undeclared>, BuildError> {
    let Some(value) = table.value("undeclared") else { return Ok(None) };
    if let Some(word) = value.value.as_str() {
        return match word {
            "strict" => Ok(Some(Undeclared::strict())),
            _ => Err(value
                .error(format!("`undeclared` must be \"strict\" or a table, and not \"{}\"", word.escape_debug()))
                .mend("write undeclared = { routes = \"block\" }")),
        };
    }
    let Some(mut table) = table.table("undeclared")? else { return Ok(None) };
    let undeclared = Undeclared {
        routes: action(&mut table, "routes")?,
        methods: action(&mut table, "methods")?,
        content_types: action(&mut table, "content_types")?,
        parameters: action(&mut table, "parameters")?,
        fields: action(&mut table, "fields")?,
        hosts: action(&mut table, "hosts")?,
        headers: headers(&mut table)?,
    };
    table.finish()?;
    Ok(Some(undeclared))
}

fn action(table: &mut Table<'_>, key: &'static str) -> Result<UndeclaredAction, BuildError> {
    let read = |word: &str| match word {
        "pass" => Some(UndeclaredAction::Pass),
        "alert" => Some(UndeclaredAction::Alert),
        "block" => Some(UndeclaredAction::Block),
        _ => None,
    };
    Ok(format::optional_word(table, key, read, &["pass", "alert", "block"])?.unwrap_or_default())
}

fn headers(table: &mut Table<'_>) -> Result<Option<UndeclaredHeaders>, BuildError> {
    let Some(mut table) = table.table("headers")? else { return Ok(None) };
    let missing =
        table.error("undeclared headers need `prefix`").mend("headers = { prefix = \"x-app-\", action = \"block\" }");
    let prefix = table.string("prefix")?.filter(|prefix| !prefix.value.is_empty()).ok_or(missing)?;
    let headers =
        UndeclaredHeaders { prefix: prefix.value.to_ascii_lowercase(), action: action(&mut table, "action")? };
    table.finish()?;
    Ok(Some(headers))
}

/// `undeclared` on one route.
pub(super) fn on_route(
    table: &mut Table<'_>,
    template: &str,
    methods: &[String],
) -> Result<Option<RouteUndeclared>, BuildError> {
    let undeclared = undeclared(table)?;
    Ok(undeclared.map(|undeclared| RouteUndeclared {
        template: template.to_owned(),
        methods: methods.to_vec(),
        undeclared,
    }))
}
