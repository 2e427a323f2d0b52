//! `[answer]`: what a refused client is told.

use super::{AnswerSettings, SchemaStatuses};
use crate::build_error::BuildError;
use crate::document::{At, Table};

const TITLE_BYTES_MAX: usize = 100;
const DETAIL_BYTES_MAX: usize = 1_000;

pub(super) fn answer(mut table: Table<'_>) -> Result<AnswerSettings, BuildError> {
    let default = AnswerSettings::default();
    let answer = AnswerSettings {
        status: status(&mut table, "status")?.unwrap_or(default.status),
        title: line(&mut table, "title", TITLE_BYTES_MAX)?.unwrap_or(default.title),
        detail: line(&mut table, "detail", DETAIL_BYTES_MAX)?.unwrap_or(default.detail),
        schema: schema_statuses(&mut table)?,
    };
    table.finish()?;
    Ok(answer)
}

/// A refusal must be one for every client and cache on the way: no 1xx, 2xx or 3xx.
fn status(table: &mut Table<'_>, key: &'static str) -> Result<Option<u16>, BuildError> {
    let Some(number) = table.number(key)? else { return Ok(None) };
    let status = u16::try_from(number.value).ok().filter(|status| (400..=599).contains(status));
    status.map(Some).ok_or_else(|| number.error(format!("`{key}` must be 400 to 599, and not {}", number.value)))
}

/// `schema_status`: by what is wrong, each with a default of its own.
fn schema_statuses(table: &mut Table<'_>) -> Result<SchemaStatuses, BuildError> {
    let mut statuses = SchemaStatuses::default();
    let Some(mut table) = table.table("schema_status")? else { return Ok(statuses) };
    for (key, field) in [
        ("route", &mut statuses.route),
        ("method", &mut statuses.method),
        ("credential", &mut statuses.credential),
        ("content_type", &mut statuses.content_type),
        ("too_large", &mut statuses.too_large),
        ("no_memory", &mut statuses.no_memory),
        ("other", &mut statuses.other),
    ] {
        *field = status(&mut table, key)?.unwrap_or(*field);
    }
    table.finish()?;
    Ok(statuses)
}

fn line(table: &mut Table<'_>, key: &'static str, bytes_max: usize) -> Result<Option<String>, BuildError> {
    let wrong = |text: &At<&str>| text.error(format!("`{key}` must be one line of 1 to {bytes_max} bytes"));
    let Some(text) = table.string(key)? else { return Ok(None) };
    let fits = !text.value.trim().is_empty() && text.value.len() <= bytes_max;
    if !fits || text.value.chars().any(char::is_control) {
        return Err(wrong(&text));
    }
    Ok(Some(text.value.to_owned()))
}
