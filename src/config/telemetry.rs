//! `[telemetry]`: what is recorded of requests.

use super::TelemetrySettings;
use crate::build_error::BuildError;
use crate::document::{Table, nearest_mend};
use crate::policy::Action;

pub(super) fn telemetry(mut table: Table<'_>) -> Result<TelemetrySettings, BuildError> {
    let mut settings = TelemetrySettings::default();
    #[cfg(not(feature = "evidence"))]
    for key in ["evidence", "evidence_secrets"] {
        super::file::needs_feature(&mut table, key, "evidence")?;
    }
    if let Some(word) = table.string("evidence")? {
        settings.evidence = match word.value {
            "off" => None,
            "alert" => Some(Action::Alert),
            "block" => Some(Action::Block),
            other => {
                let known = ["alert", "block", "off"];
                return Err(word
                    .error(format!("`{other}` is no value of `evidence`"))
                    .mend(nearest_mend(other, &known)));
            }
        };
    }
    for (key, setting) in [
        ("route_attribute", &mut settings.route_attribute),
        ("span_attributes", &mut settings.span_attributes),
        ("datadog", &mut settings.datadog),
        ("inspect_span", &mut settings.inspect_span),
        ("client_address", &mut settings.client_address),
        ("url_path", &mut settings.url_path),
        ("user_agent", &mut settings.user_agent),
        ("excerpts", &mut settings.excerpts),
        ("evidence_secrets", &mut settings.evidence_secrets),
    ] {
        if let Some(value) = table.boolean(key)? {
            *setting = value;
        }
    }
    if let Some(number) = table.number("inspected_one_in")? {
        settings.inspected_one_in = number.value;
    }
    for (key, setting) in
        [("events_at_once", &mut settings.events_at_once), ("events_per_second", &mut settings.events_per_second)]
    {
        if let Some(number) = table.number(key)? {
            if !(1..=1000).contains(&number.value) {
                return Err(number.error(format!("`{key}` is {}; it must be from 1 to 1000", number.value)));
            }
            *setting = number.value;
        }
    }
    table.finish()?;
    Ok(settings)
}
