//! The file itself: its top table, read into [`Settings`].

use std::path::Path;

use super::fingerprint::Fingerprint;
use super::text;
use super::{AnswerSettings, ClientSettings, Places, Settings, TelemetrySettings};
use super::{answer, clients, exclusion, limits, modes, route, rules, telemetry};
use crate::build_error::BuildError;
use crate::document::{self, Table};
use crate::policy::{CompletenessActions, Mode, PolicySettings};
use crate::rule::{Paranoia, format};

/// The version of the grammar that this reads.
const GRAMMAR_VERSION: u64 = 1;

/// The settings of a configuration file; rule files that it names are relative to it.
pub fn from_path(path: &Path) -> Result<Settings, BuildError> {
    let file = path.display().to_string();
    let text = text::read(path, &file).map_err(|error| match error.mend_text() {
        Some(_) => error,
        None => error.mend("name another, or write one: an empty file means the defaults"),
    })?;
    from_text(&file, &text, path.parent().unwrap_or(Path::new("")))
}

/// The settings of a configuration as text; `file` is its name in errors, and rule files that it
/// names are relative to `base`.
pub fn from_text(file: &str, text: &str, base: &Path) -> Result<Settings, BuildError> {
    text::check_size(text.len(), file)?;
    let mut fingerprint = Fingerprint::default();
    fingerprint.add(text);
    document::read(file, text, |mut top| {
        let mut settings = top_table(&mut top, file, base, &mut fingerprint)?;
        top.finish()?;
        settings.version = fingerprint.value();
        Ok(settings)
    })
}

fn top_table(
    top: &mut Table<'_>,
    file: &str,
    base: &Path,
    fingerprint: &mut Fingerprint,
) -> Result<Settings, BuildError> {
    grammar_version(top)?;
    comes_later(top, "ban", "bans")?;
    #[cfg(not(feature = "schema"))]
    needs_feature(top, "schema", "schema")?;
    #[cfg(feature = "schema")]
    let sources = super::schema::sources(top, file, base, fingerprint)?;
    let mut undeclared = route::Undeclared::default();
    let mode = modes::mode(top)?.unwrap_or(Mode::Enforce);
    let paranoia = format::paranoia(top, "paranoia")?.unwrap_or(Paranoia::LEAST);
    let detection_paranoia = detection_paranoia(top, paranoia)?;
    let rules = rules::all(top, file, base, fingerprint)?;
    let mut places = Places { file: Some(file.to_owned()), ..Places::default() };
    let policy = PolicySettings {
        mode,
        paranoia,
        detection_paranoia,
        categories: modes::categories(top, &mut places.categories)?,
        rules: modes::rules(top, &rules, &mut places.rules)?,
        routes: route::routes(top, &mut undeclared)?,
        exclusions: exclusion::exclusions(top, &rules)?,
        completeness: completeness(top)?,
    };
    Ok(Settings {
        rules,
        policy,
        limits: limits::limits(top)?,
        answer: answer(top)?,
        clients: clients(top, &mut places)?,
        telemetry: telemetry(top)?,
        places,
        #[cfg(feature = "schema")]
        schemas: crate::schema::SchemaSettings { sources, routes: undeclared, is_part: false },
        version: 0,
    })
}

fn grammar_version(top: &mut Table<'_>) -> Result<(), BuildError> {
    match top.number("version")? {
        Some(version) if version.value != GRAMMAR_VERSION => Err(version
            .error(format!("version {} of the configuration is not known", version.value))
            .mend(format!("this crate reads version = {GRAMMAR_VERSION}"))),
        _ => Ok(()),
    }
}

/// Refuses a key of the grammar that this version does not do yet: what it asks for would not
/// happen, and that must not pass in silence.
fn comes_later(table: &mut Table<'_>, key: &'static str, what: &str) -> Result<(), BuildError> {
    let Some(line) = table.line_of(key) else { return Ok(()) };
    Err(BuildError::new(format!("`{key}` comes in a later version: this one has no {what} yet"))
        .at_line(line)
        .mend("take it out until then"))
}

/// Refuses a key whose feature is not compiled in.
#[cfg(not(all(feature = "schema", feature = "evidence")))]
pub(super) fn needs_feature(table: &mut Table<'_>, key: &'static str, feature: &str) -> Result<(), BuildError> {
    let Some(line) = table.line_of(key) else { return Ok(()) };
    Err(BuildError::new(format!("`{key}` needs the feature `{feature}`, which is not compiled in"))
        .at_line(line)
        .mend(format!("tower-rasp = {{ version = \"..\", features = [\"{feature}\"] }}")))
}

fn detection_paranoia(top: &mut Table<'_>, paranoia: Paranoia) -> Result<Paranoia, BuildError> {
    let line = top.line_of("detection_paranoia").unwrap_or(1);
    let detection = format::paranoia(top, "detection_paranoia")?.unwrap_or(paranoia);
    if detection >= paranoia {
        return Ok(detection);
    }
    let (detection, paranoia) = (detection.level(), paranoia.level());
    Err(BuildError::new(format!("`detection_paranoia` is {detection}, below `paranoia`, which is {paranoia}"))
        .at_line(line)
        .mend(format!("say {paranoia} or more: what blocks also alerts")))
}

fn completeness(top: &mut Table<'_>) -> Result<CompletenessActions, BuildError> {
    top.table("completeness")?.map_or_else(|| Ok(CompletenessActions::default()), modes::completeness)
}

fn answer(top: &mut Table<'_>) -> Result<AnswerSettings, BuildError> {
    top.table("answer")?.map_or_else(|| Ok(AnswerSettings::default()), answer::answer)
}

fn clients(top: &mut Table<'_>, places: &mut Places) -> Result<ClientSettings, BuildError> {
    let table = top.table("client_address")?;
    table.map_or_else(|| Ok(ClientSettings::default()), |table| clients::clients(table, &mut places.trusted_proxies))
}

fn telemetry(top: &mut Table<'_>) -> Result<TelemetrySettings, BuildError> {
    top.table("telemetry")?.map_or_else(|| Ok(TelemetrySettings::default()), telemetry::telemetry)
}
