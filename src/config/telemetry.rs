//! `[telemetry]`: what is recorded of requests.

use super::TelemetrySettings;
use crate::build_error::BuildError;
use crate::document::Table;

pub(super) fn telemetry(mut table: Table<'_>) -> Result<TelemetrySettings, BuildError> {
    let mut settings = TelemetrySettings::default();
    for (key, setting) in [
        ("route_attribute", &mut settings.route_attribute),
        ("span_attributes", &mut settings.span_attributes),
        ("inspect_span", &mut settings.inspect_span),
    ] {
        if let Some(value) = table.boolean(key)? {
            *setting = value;
        }
    }
    table.finish()?;
    Ok(settings)
}
