//! `[[route]]`: what differs on one route.

use super::file::comes_later;
use super::modes;
use crate::build_error::BuildError;
use crate::document::{At, Table};
use crate::policy::RouteSettings;
use crate::rule::format;

pub(super) fn routes(top: &mut Table<'_>) -> Result<Vec<RouteSettings>, BuildError> {
    top.tables("route")?.into_iter().map(route).collect()
}

fn route(mut table: Table<'_>) -> Result<RouteSettings, BuildError> {
    comes_later(&mut table, "undeclared", "schemas")?;
    let missing = table.error("a route needs `route`").mend("write it as the framework does: route = \"/posts/{id}\"");
    let template = template(&mut table)?.ok_or(missing)?;
    let route = RouteSettings {
        route: template.value,
        methods: format::methods(&mut table)?,
        mode: modes::mode(&mut table)?,
        categories: modes::categories(&mut table, &mut Vec::new())?,
        enforce_percent: percent(&mut table)?,
        line: template.line,
    };
    table.finish()?;
    Ok(route)
}

/// The template under `route`.
pub(super) fn template(table: &mut Table<'_>) -> Result<Option<At<String>>, BuildError> {
    let Some(text) = table.string("route")? else { return Ok(None) };
    let mend = "write it as the framework does: `/posts/{id}`, `/files/{*path}`";
    if !text.value.starts_with('/') {
        return Err(text.error(format!("route `{}` does not begin with /", text.value.escape_debug())).mend(mend));
    }
    // Older routers wrote parameters in this way; here they would be plain text, and fit nothing.
    if text.value.split('/').any(|segment| segment.len() > 1 && segment.starts_with([':', '*'])) {
        return Err(text.error(format!("route `{}` has no parameter", text.value.escape_debug())).mend(mend));
    }
    Ok(Some(At { value: text.value.to_owned(), line: text.line }))
}

fn percent(table: &mut Table<'_>) -> Result<Option<u8>, BuildError> {
    let Some(number) = table.number("enforce_percent")? else { return Ok(None) };
    let percent = u8::try_from(number.value).ok().filter(|percent| *percent <= 100);
    percent
        .map(Some)
        .ok_or_else(|| number.error(format!("`enforce_percent` must be 0 to 100, and not {}", number.value)))
}
