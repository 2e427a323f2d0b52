//! The recorder of one handle: it outlives configurations.

use std::sync::Arc;

use super::given::Given;
use super::meters::Meters;
use super::record;
use crate::build_error::BuildError;
use crate::config::TelemetrySettings;
use crate::context::Budget;
use crate::engine::Engine;

/// Records what one handle and its requests do.
pub(crate) struct Recorder {
    pub(super) given: Given,
    pub(super) meters: Meters,
}

impl Recorder {
    pub(crate) fn new(given: Given, budget: &Arc<Budget>) -> Self {
        let meters = Meters::new(
            #[cfg(feature = "otel")]
            &given,
            budget,
        );
        Self { given, meters }
    }

    /// The first configuration is in force.
    pub(crate) fn started(&self, engine: &Engine, settings: &TelemetrySettings, version: u64) {
        self.meters.in_force(engine, settings);
        record::started(engine, version);
    }

    /// A new configuration is in force.
    pub(crate) fn reloaded(&self, engine: &Engine, settings: &TelemetrySettings, version: u64) {
        self.meters.in_force(engine, settings);
        self.meters.reloaded(Ok(()));
        record::reloaded(engine, version);
    }

    /// A new configuration was refused.
    pub(crate) fn rejected(&self, error: &BuildError) {
        self.meters.reloaded(Err(error));
        record::rejected(error);
    }

    /// Events were not sent: `rate_limit` or `queue_full`.
    #[allow(dead_code, reason = "the events come next")]
    pub(crate) fn events_dropped(&self, reason: &'static str, count: u64) {
        self.meters.events_dropped(reason, count);
    }
}
