//! `[[schema]]`, and `undeclared` on `[[route]]`: what good input looks like.

use std::path::Path;
use std::sync::Arc;

use super::fingerprint::Fingerprint;
use super::route;
use super::text;
use crate::build_error::BuildError;
use crate::document::{At, Table};
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
    let place = Spot {
        line: table.line(),
        route: route::template(&mut table)?,
        method: table.line_of("method"),
        methods: format::methods(&mut table)?,
        location: table.string("location")?,
    };
    let undeclared = undeclared(&mut table)?;
    let unsupported = format::optional_word(&mut table, "unsupported", unsupported, &["alert", "error"])?;
    // A slip in a key comes before what is missing because of it.
    table.finish()?;
    let kind = match (&openapi, &json_schema, &inline) {
        (Some(openapi), None, None) => {
            place.is_empty()?;
            SourceKind::OpenApi(read(openapi, base, fingerprint)?)
        }
        (None, Some(path), None) => place.of(read(path, base, fingerprint)?)?,
        (None, None, Some(value)) => {
            let name: Arc<str> = format!("{file}:{}", value.line).into();
            place.of(Text::Value(name, Arc::new(value.value.clone())))?
        }
        _ => {
            return Err(BuildError::new("a schema needs one of `openapi`, `json_schema` and `schema`")
                .at_line(place.line)
                .mend("name a document: openapi = \"openapi.yaml\""));
        }
    };
    if let (SourceKind::Schema { .. }, Some(said)) = (&kind, &undeclared) {
        said.of_one_route("hosts", said.value.hosts)?;
        said.of_one_route("routes", said.value.routes)?;
    }
    let line = undeclared.as_ref().map_or(place.line, |said| said.line);
    let origin = Origin { file: file.into(), line: Some(line), pointer: String::new() };
    let undeclared = undeclared.map(|said| said.value);
    Ok(Source { kind, undeclared, unsupported_is_error: unsupported.unwrap_or(false), origin })
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

/// Where in the requests one schema holds, as its table says it.
struct Spot<'d> {
    /// The line of the table.
    line: usize,
    route: Option<At<String>>,
    /// The line of `method`.
    method: Option<usize>,
    methods: Vec<String>,
    location: Option<At<&'d str>>,
}

impl Spot<'_> {
    /// What a schema in this spot is.
    fn of(&self, text: Text) -> Result<SourceKind, BuildError> {
        let missing = |key, mend| {
            BuildError::new(format!("a schema of one location needs `{key}`")).at_line(self.line).mend(mend)
        };
        let route = self.route.as_ref().ok_or_else(|| missing("route", "route = \"/notes/{id}\""))?;
        if self.methods.is_empty() {
            return Err(missing("method", "method = [\"POST\"]"));
        }
        let no_location = || missing("location", "location = \"body\", or \"query.page\"");
        let said = self.location.as_ref().ok_or_else(no_location)?;
        let location = SchemaLocation::parse(said.value).map_err(|error| error.at_line(said.line))?;
        location.stands_in(&route.value).map_err(|error| error.at_line(said.line))?;
        Ok(SourceKind::Schema { text, route: route.value.clone(), methods: self.methods.clone(), location })
    }

    /// A document says by itself where its schemas hold.
    fn is_empty(&self) -> Result<(), BuildError> {
        let lines = [
            ("route", self.route.as_ref().map(|route| route.line)),
            ("method", self.method),
            ("location", self.location.as_ref().map(|location| location.line)),
        ];
        let Some((key, line)) = lines.into_iter().find_map(|(key, line)| Some((key, line?))) else { return Ok(()) };
        Err(BuildError::new(format!("`{key}` says nothing beside `openapi`, which has its own"))
            .at_line(line)
            .mend("take it out"))
    }
}

impl At<Undeclared> {
    /// Refuses what only a document of the whole service can say; the preset asks for what can be had.
    fn of_one_route(&self, key: &str, action: UndeclaredAction) -> Result<(), BuildError> {
        if action == UndeclaredAction::Pass || self.value.is_preset {
            return Ok(());
        }
        Err(self
            .error(format!("`undeclared.{key}` does nothing here, where one route is spoken of"))
            .mend("say it in a [[schema]] that has `openapi`"))
    }
}

/// `undeclared` of a source or a route: `"strict"`, or an action for each kind.
fn undeclared(table: &mut Table<'_>) -> Result<Option<At<Undeclared>>, BuildError> {
    let Some(value) = table.value("undeclared") else { return Ok(None) };
    if let Some(word) = value.value.as_str() {
        return match word {
            "strict" => Ok(Some(At { value: Undeclared::strict(), line: value.line })),
            _ => Err(value
                .error(format!("`undeclared` must be \"strict\" or a table, and not \"{}\"", word.escape_debug()))
                .mend("write undeclared = { fields = \"block\" }")),
        };
    }
    let Some(mut table) = table.table("undeclared")? else { return Ok(None) };
    let undeclared = Undeclared {
        routes: action(&mut table, "routes")?,
        methods: action(&mut table, "methods")?,
        content_types: named_action(&mut table, "content_types")?,
        parameters: action(&mut table, "parameters")?,
        fields: action(&mut table, "fields")?,
        hosts: action(&mut table, "hosts")?,
        headers: headers(&mut table)?,
        is_preset: false,
    };
    table.finish()?;
    Ok(Some(At { value: undeclared, line: value.line }))
}

fn action(table: &mut Table<'_>, key: &'static str) -> Result<UndeclaredAction, BuildError> {
    Ok(named_action(table, key)?.unwrap_or_default())
}

fn named_action(table: &mut Table<'_>, key: &'static str) -> Result<Option<UndeclaredAction>, BuildError> {
    let read = |word: &str| match word {
        "pass" => Some(UndeclaredAction::Pass),
        "alert" => Some(UndeclaredAction::Alert),
        "block" => Some(UndeclaredAction::Block),
        _ => None,
    };
    format::optional_word(table, key, read, &["pass", "alert", "block"])
}

fn headers(table: &mut Table<'_>) -> Result<Option<UndeclaredHeaders>, BuildError> {
    let Some(mut table) = table.table("headers")? else { return Ok(None) };
    let line = table.line();
    let prefix = table.string("prefix")?.filter(|prefix| !prefix.value.is_empty());
    let action = named_action(&mut table, "action")?;
    table.finish()?;
    let missing = |key| {
        BuildError::new(format!("undeclared headers need `{key}`"))
            .at_line(line)
            .mend("headers = { prefix = \"x-app-\", action = \"block\" }")
    };
    let prefix = prefix.ok_or_else(|| missing("prefix"))?.value.to_ascii_lowercase();
    Ok(Some(UndeclaredHeaders { prefix, action: action.ok_or_else(|| missing("action"))? }))
}

/// `undeclared` on one route.
pub(super) fn on_route(
    table: &mut Table<'_>,
    template: &str,
    methods: &[String],
) -> Result<Option<RouteUndeclared>, BuildError> {
    let Some(said) = undeclared(table)? else { return Ok(None) };
    said.of_one_route("routes", said.value.routes)?;
    let (template, methods) = (template.to_owned(), methods.to_vec());
    Ok(Some(RouteUndeclared { template, methods, undeclared: said.value, line: said.line }))
}
