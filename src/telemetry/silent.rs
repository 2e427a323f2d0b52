//! No metrics: neither `otel` nor `metrics` is compiled in.

use std::sync::Arc;
use std::time::SystemTime;

use super::work::Work;
use crate::build_error::BuildError;
use crate::config::TelemetrySettings;
use crate::context::{Budget, RequestContext};
use crate::engine::Engine;
use crate::policy::Verdict;

/// Counts nothing.
pub(super) struct Meters;

impl Meters {
    pub(super) const fn new(_: &Arc<Budget>) -> Self {
        Self
    }

    pub(super) const fn in_force(&self, _: &Engine, _: &TelemetrySettings) {}

    pub(super) const fn on(&self) -> bool {
        false
    }

    pub(super) const fn look(&self, _: SystemTime) {}

    pub(super) const fn concluded(&self, _: &RequestContext, _: &Verdict, _: &Work) {}

    pub(super) const fn reloaded(&self, _: Result<(), &BuildError>) {}

    pub(super) const fn user_panicked(&self) {}

    pub(super) const fn events_dropped(&self, _: &'static str, _: u64) {}
}
