//! The only place that records: once a request, when its response is done.
//!
//! `registry.yaml` describes every signal in the form of OpenTelemetry's conventions, and `SIGNALS.md` is its table. A
//! [`Recording`] goes with each request: it keeps the user's span ([`surroundings`]), measures the work, puts the verdict
//! onto the span (`spans.rs`, and `datadog.rs` where that is asked for), counts (`meters.rs`, through `otel.rs` and `facade.rs`) and lets the events go
//! (`events.rs`, made in `event/`, held back by `limit.rs`, cleared of values by `redact.rs`; `audit/` writes them as lines, `evidence/` what was found, encrypted). A [`Recorder`] goes with each handle.
//!
//! Events leave through the Logs API where a provider was given, else through `tracing`, at WARN at the most: at ERROR, OpenTelemetry's bridge would
//! turn the user's own server span into a failed one. No value of a request leaves.
//!
//! # What this does not protect from
//!
//! Without a subscriber and without a provider nothing is recorded. Several handles in one process that export to one
//! provider add up in counters and histograms, while of a gauge the last one shows. A provider that is set later counts
//! from at most a second after; what came before is not counted again. A global provider or recorder of no size is taken
//! for the one that does nothing.

mod audit;
mod datadog;
mod event;
mod events;
#[cfg(feature = "evidence")]
mod evidence;
#[cfg(feature = "metrics")]
mod facade;
#[cfg(any(feature = "otel", feature = "metrics"))]
mod facts;
#[cfg(any(feature = "otel", feature = "metrics"))]
mod generation;
mod given;
#[cfg(any(feature = "otel", feature = "metrics"))]
mod instrument;
mod limit;
mod lines;
#[cfg(feature = "otel")]
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
mod redact;
#[cfg(all(test, feature = "schema"))]
mod registry_tests;
#[cfg(any(feature = "otel", feature = "metrics"))]
mod series;
mod spans;
mod surroundings;
#[cfg_attr(not(any(feature = "otel", feature = "metrics")), allow(dead_code, reason = "metrics show it"))]
mod work;

pub use audit::{AuditFormat, AuditLines, AuditLog};
#[cfg(feature = "evidence")]
pub use evidence::{Evidence, EvidenceKeys, EvidenceLines, SealedEvidence};
pub(crate) use given::Given;
#[cfg(feature = "metrics")]
pub(crate) use instrument::{BYTES, SECONDS};
pub(crate) use record::Outcome;
pub(crate) use recorder::Recorder;
pub(crate) use recording::{InForce, Recording};
pub use spans::known_method;
