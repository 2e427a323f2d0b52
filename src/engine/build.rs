//! One configuration, compiled.

use std::sync::Arc;

use super::limits::Limits;
use super::memo::Memo;
use crate::build_error::BuildError;
use crate::context::{Budget, RequestContext};
use crate::detect::{Detector, Effort, Proof};
use crate::policy::{Policy, PolicySettings, Verdict};
use crate::rule::Rule;
#[cfg(feature = "schema")]
use crate::schema::Contract;

/// What an engine is compiled from.
pub struct EngineParts {
    /// The rules, built-in ones and a user's.
    pub rules: Vec<Rule>,
    /// How findings become a verdict.
    pub policy: PolicySettings,
    /// What good requests look like.
    #[cfg(feature = "schema")]
    pub contract: Contract,
    /// The limits.
    pub limits: Limits,
    /// The memory that all requests share; it outlives a reload.
    pub budget: Arc<Budget>,
    /// How much work is done for the same findings.
    pub effort: Effort,
}

/// One compiled configuration: detector, policy and limits.
pub struct Engine {
    pub(super) detector: Detector,
    pub(super) policy: Policy,
    pub(super) limits: Limits,
    pub(super) budget: Arc<Budget>,
    /// Headers that held nothing; none where every value is to be looked at.
    pub(super) memo: Option<Memo>,
}

impl Engine {
    /// Compiles the parts, and proves that every rule fires.
    pub fn build(parts: EngineParts) -> Result<Self, BuildError> {
        let detector = Detector::build(parts.rules, parts.effort)?;
        let policy = Policy::compile(parts.policy, &detector.rules().collect::<Vec<_>>())?;
        parts.budget.set_bytes_max(parts.limits.inspection_memory_bytes_max);
        let memo = (parts.effort == Effort::Least).then(Memo::new);
        Ok(Self { detector, policy, limits: parts.limits, budget: parts.budget, memo })
    }

    /// The limits in force.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The policy in force.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The rules in force.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.detector.rules()
    }

    /// Every example and counter-example of a rule of this engine, and whether it finds it.
    #[doc(hidden)]
    #[must_use]
    pub fn proof(&self, rule: &Rule) -> Vec<Proof> {
        self.detector.proof(rule)
    }

    /// The verdict over everything that was found so far.
    #[must_use]
    pub fn judge(&self, context: &RequestContext) -> Verdict {
        context.with_findings(|findings| {
            self.policy.judge(context.scope(), context.head(), findings, context.completeness())
        })
    }
}
