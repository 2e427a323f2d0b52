//! The only place that records: once a request, when its response is done.
//!
//! Events leave through `tracing`, at WARN at the most: at ERROR, OpenTelemetry's bridge would
//! turn the user's own server span into a failed one. No value of a request leaves.
//!
//! # What this does not protect from
//!
//! Without a subscriber nothing is recorded.

#[cfg(feature = "metrics")]
mod facade;
#[cfg(any(feature = "otel", feature = "metrics"))]
mod facts;
#[cfg(any(feature = "otel", feature = "metrics"))]
mod generation;
mod given;
#[cfg(any(feature = "otel", feature = "metrics"))]
mod instrument;
#[cfg(feature = "otel")]
#[allow(dead_code, reason = "the events come next")]
pub(crate) mod logs;
#[cfg(any(feature = "otel", feature = "metrics"))]
mod meters;
#[cfg(not(any(feature = "otel", feature = "metrics")))]
#[path = "silent.rs"]
mod meters;
pub(crate) mod names;
#[cfg(feature = "otel")]
mod otel;
mod record;
mod recorder;
mod recording;
#[cfg(all(test, feature = "schema"))]
mod registry_tests;
#[cfg(any(feature = "otel", feature = "metrics"))]
mod series;
mod spans;
mod surroundings;
mod work;

pub(crate) use given::Given;
#[cfg(feature = "metrics")]
pub(crate) use instrument::{BYTES, SECONDS};
pub(crate) use record::Outcome;
pub(crate) use recorder::Recorder;
pub(crate) use recording::Recording;
