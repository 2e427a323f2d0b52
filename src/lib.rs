//! Runtime application self-protection for Rust web services.
//!
//! One [Tower](https://docs.rs/tower) layer decodes and inspects every request inside the process,
//! refuses attacks before the handler acts on them, and lets the rest through untouched:
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::{Router, routing::get};
//! use tower_rasp::RaspLayer;
//!
//! let app: Router = Router::new().route("/", get(|| async { "hello" })).layer(RaspLayer::default());
//! # }
//! ```
//!
//! With a configuration file, that is read again when you say so:
//!
//! ```no_run
//! # #[cfg(feature = "config")] {
//! use tower_rasp::Rasp;
//!
//! let rasp = Rasp::builder().config_path("rasp.toml").build()?;
//! let layer = rasp.layer();
//! rasp.reload()?; // a bad file is refused with its line, and the old one stays in force
//! # }
//! # Ok::<(), tower_rasp::BuildError>(())
//! ```
//!
//! The [`Verdict`] of a request, what was found and what was not inspected is in its
//! [`RequestContext`], which handlers find in the request's extensions as
//! `Arc<RequestContext>`. Events leave through `tracing`.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `config` | yes | the configuration file, rules from files |
//! | `axum` | no | matched routes, original URIs, peer addresses, and `RaspLayer::axum` |
//! | `schema` | no | input validation by JSON Schema, OpenAPI and inline schemas |
//! | `schemars` | no | schemas from your own types |
//! | `cli` | no | the command `rasp`: check, explain, replay, rules, schema, top |
//! | `otel` | no | metrics, span attributes and log records through the API of OpenTelemetry |
//! | `metrics` | no | the same metrics through the `metrics` facade |
//! | `full` | no | all of the above |
//! | `evidence` | no | what an attack held, encrypted to your key for incident work, and `rasp evidence`; not in `full`, since its cryptography brings a hundred crates |
//!
//! # What this does not protect from
//!
//! Input that is valid for your service and harmful by its meaning; formats that no decoder here
//! reads; request smuggling, which is decided before any layer sees a request. Each module says
//! more, and `SECURITY.md` has the threat model.

mod build_error;
mod byte_set;
#[cfg_attr(not(feature = "config"), allow(dead_code, reason = "rules need less of it than the configuration"))]
mod document;

mod input;

mod lexer;

mod transform;

mod decode;

mod rule;

mod finding;

mod detect;

#[cfg(feature = "schema")]
mod schema;

mod policy;

mod context;

mod engine;

mod config;

mod telemetry;

mod rasp;

mod middleware;

pub use build_error::BuildError;
pub use context::{Input, RequestContext, RequestId};
#[doc(hidden)]
pub use engine::Effort;
pub use engine::{Engine, Inspection, Limits};
pub use finding::{Finding, Validation};
pub use input::{Aspect, Cause, Completeness, Glob, Head, HeadBuilder, Header, Leaf, Location, LocationPattern, Place};
#[cfg(feature = "axum")]
pub use middleware::{AxumLayer, AxumResponseFuture, AxumService};
pub use middleware::{Blocked, Body, PeerAddress, RaspLayer, RaspService, ResponseBody, ResponseFuture};
pub use policy::{Action, JudgedFinding, Mode, ValidationError, Verdict};
pub use rasp::{Rasp, RaspBuilder};
pub use rule::{Category, Confidence, Paranoia, RULESET_VERSION, Rule, RuleInfo, Severity};
#[cfg(feature = "schema")]
pub use schema::{Undeclared, UndeclaredAction};
pub use telemetry::{AuditFormat, AuditLines, AuditLog};
#[cfg(feature = "evidence")]
pub use telemetry::{Evidence, EvidenceLines};

/// The upper bounds of the buckets of `rasp.inspection.duration`, in seconds, for recorders of the
/// `metrics` facade; through OpenTelemetry they are set already.
#[cfg(feature = "metrics")]
pub const DURATION_BUCKETS_SECONDS: &[f64] = telemetry::SECONDS;

/// The upper bounds of the buckets of `rasp.inspection.body.size`, in bytes, for recorders of the
/// `metrics` facade; through OpenTelemetry they are set already.
#[cfg(feature = "metrics")]
pub const BODY_SIZE_BUCKETS_BYTES: &[f64] = telemetry::BYTES;

#[cfg(doc)]
#[doc = include_str!("../examples/observability/runbook.md")]
pub mod runbook {}

/// What [`rasp_span!`] uses.
#[doc(hidden)]
pub mod __private {
    pub use crate::telemetry::known_method;
    pub use tracing;
}

/// What the `rasp` binary uses beside the rest; no promise is made about it.
#[doc(hidden)]
pub mod tools {
    pub use crate::config::{AnswerSettings, ClientSettings, Places, SchemaStatuses, Settings, TelemetrySettings};
    #[cfg(feature = "config")]
    pub use crate::config::{LIMIT_KEYS, LimitKey, Warning, from_path};
    pub use crate::detect::{MatchRecord, Proof, ViewRecord};
    pub use crate::document::nearest;
    pub use crate::engine::{Explanation, LeafRecord};
    pub use crate::input::is_secret;
    pub use crate::policy::{CompletenessActions, Exclusion, Plan, Policy, PolicySettings, RouteSettings};
    pub use crate::rule::MatcherSource;
    #[cfg(feature = "schema")]
    pub use crate::schema::{
        Loose, Origin, SchemaCheck, Unenforced, check as check_schema, check_source as check_schema_source,
    };
    #[cfg(feature = "evidence")]
    pub use crate::telemetry::{EvidenceKeys, SealedEvidence};
}

/// Entry points of the fuzz targets.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::decode::check::check as check_decoders;

    /// Reads a text as a document of schemas and compiles what it declares.
    #[cfg(feature = "schema")]
    pub fn check_document(data: &[u8]) {
        if let Ok(text) = std::str::from_utf8(data) {
            drop(crate::schema::check("document.yaml", text));
        }
    }
}

/// The README's snippets, compiled.
#[cfg(all(doctest, feature = "full"))]
#[doc = include_str!("../README.md")]
struct Readme;
