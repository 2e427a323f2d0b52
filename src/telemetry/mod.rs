//! The only place that records: once a request, when its response is done.
//!
//! Events leave through `tracing`, at WARN at the most: at ERROR, OpenTelemetry's bridge would
//! turn the user's own server span into a failed one. No value of a request leaves.
//!
//! # What this does not protect from
//!
//! Without a subscriber nothing is recorded.

pub(crate) mod names;
mod record;

pub(crate) use record::{Outcome, Surroundings, concluded, rejected, reloaded, started};
