//! `[telemetry]`: what is recorded of requests.

use super::TelemetrySettings;
use crate::build_error::BuildError;
use crate::document::Table;

pub(super) fn telemetry(mut table: Table<'_>) -> Result<TelemetrySettings, BuildError> {
    let mut settings = TelemetrySettings::default();
    for (key, setting) in [
        ("route_attribute", &mut settings.route_attribute),
        ("span_attributes", &mut settings.span_attributes),
        ("datadog", &mut settings.datadog),
        ("inspect_span", &mut settings.inspect_span),
        ("client_address", &mut settings.client_address),
        ("url_path", &mut settings.url_path),
        ("user_agent", &mut settings.user_agent),
        ("excerpts", &mut settings.excerpts),
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
