//! The recorder of one handle: it outlives configurations.

use std::sync::{Arc, Once};

use super::events::{Dropped, Events};
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
    pub(super) events: Events,
    /// Told once.
    user_panics: Once,
}

impl Recorder {
    pub(crate) fn new(given: Given, budget: &Arc<Budget>) -> Self {
        let meters = Meters::new(
            #[cfg(feature = "otel")]
            &given,
            budget,
        );
        let events = Events::new(&given);
        Self { given, meters, events, user_panics: Once::new() }
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
        record::reloaded(&self.events, engine, version);
    }

    /// A new configuration was refused; `version` is that of the one that stays.
    pub(crate) fn rejected(&self, error: &BuildError, version: u64) {
        self.meters.reloaded(Err(error));
        record::rejected(&self.events, error, version);
    }

    /// The program's own code that finds users panicked; its request goes on without one.
    pub(super) fn user_panicked(&self) {
        self.meters.user_panicked();
        record::user_panicked(&self.user_panics);
    }

    /// Counts events that were not sent.
    pub(super) fn events_dropped(&self, dropped: &Dropped) {
        for (reason, count) in dropped.each() {
            self.meters.events_dropped(reason, count);
        }
    }
}
