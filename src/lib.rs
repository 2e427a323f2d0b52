//! Runtime application self-protection for Rust web services.

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
pub use finding::Finding;
pub use input::{Aspect, Cause, Completeness, Glob, Head, HeadBuilder, Header, Leaf, Location, LocationPattern, Place};
#[cfg(feature = "axum")]
pub use middleware::{AxumLayer, AxumResponseFuture, AxumService};
pub use middleware::{Blocked, Body, PeerAddress, RaspLayer, RaspService, ResponseBody, ResponseFuture};
pub use policy::{Action, JudgedFinding, Mode, Verdict};
pub use rasp::{Rasp, RaspBuilder};
pub use rule::{Category, Confidence, Paranoia, RULESET_VERSION, Rule, RuleInfo, Severity};

/// What the `rasp` binary uses beside the rest; no promise is made about it.
#[doc(hidden)]
pub mod tools {
    pub use crate::config::{AnswerSettings, ClientSettings, Places, Settings};
    #[cfg(feature = "config")]
    pub use crate::config::{LIMIT_KEYS, LimitKey, Warning, from_path};
    pub use crate::detect::{MatchRecord, Proof, ViewRecord};
    pub use crate::document::nearest;
    pub use crate::engine::{Explanation, LeafRecord};
    pub use crate::policy::{CompletenessActions, Exclusion, Plan, Policy, PolicySettings, RouteSettings};
    pub use crate::rule::MatcherSource;
}
