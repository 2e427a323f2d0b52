//! `[[route]]`: what differs on one route.

use super::modes;
use crate::build_error::BuildError;
use crate::document::{At, Table};
use crate::policy::RouteSettings;
use crate::rule::format;

/// The routes, and what some of them say about what is not declared there.
pub(super) fn routes(top: &mut Table<'_>, undeclared: &mut Undeclared) -> Result<Vec<RouteSettings>, BuildError> {
    top.tables("route")?.into_iter().map(|table| route(table, undeclared)).collect()
}

/// What routes say about what is not declared.
#[cfg(feature = "schema")]
pub(super) type Undeclared = Vec<crate::schema::RouteUndeclared>;
#[cfg(not(feature = "schema"))]
#[derive(Default)]
pub(super) struct Undeclared {}

#[cfg_attr(not(feature = "schema"), expect(unused_variables, reason = "there is nothing to gather"))]
fn route(mut table: Table<'_>, undeclared: &mut Undeclared) -> Result<RouteSettings, BuildError> {
    #[cfg(not(feature = "schema"))]
    super::file::needs_feature(&mut table, "undeclared", "schema")?;
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
    #[cfg(feature = "schema")]
    undeclared.extend(super::schema::on_route(&mut table, &route.route, &route.methods)?);
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
