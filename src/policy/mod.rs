//! Findings become a verdict: mode, paranoia, confidence, exclusions.
//!
//! [`Policy::compile`] works out the effective mode of every rule on every configured route,
//! once, in `plan.rs`; nothing else in the crate computes a mode. [`Policy::judge`] turns the
//! findings of one request into its [`Verdict`].
//!
//! # What this does not protect from
//!
//! A policy is as good as what it is told: an exclusion that is too wide, or mode `detect`, lets
//! attacks pass. Both are said at start and in every verdict.

mod action;
mod judge;
mod plan;
mod route;
mod settings;
mod validation;
mod verdict;

pub use action::{Action, Mode};
pub use plan::{Plan, Policy, Scope};
pub use settings::{CompletenessActions, Exclusion, PolicySettings, RouteSettings};
pub use validation::ValidationError;
pub use verdict::{JudgedFinding, Verdict};

#[cfg(test)]
mod tests;
