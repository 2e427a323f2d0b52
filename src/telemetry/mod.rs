//! The only place that records: once a request, when its response is done.
//!
//! Events leave through `tracing`, at WARN at the most: at ERROR, OpenTelemetry's bridge would
//! turn the user's own server span into a failed one. No value of a request leaves.
//!
//! # What this does not protect from
//!
//! Without a subscriber nothing is recorded.

mod given;
#[cfg(feature = "otel")]
#[expect(dead_code, reason = "the events come next")]
pub(crate) mod logs;
pub(crate) mod names;
mod record;
#[cfg(all(test, feature = "schema"))]
mod registry_tests;
mod surroundings;

pub(crate) use given::Given;
pub(crate) use record::{Outcome, concluded, rejected, reloaded, started};
pub(crate) use surroundings::Surroundings;
