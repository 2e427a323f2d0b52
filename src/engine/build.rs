//! One configuration, compiled.

use std::sync::Arc;

use super::limits::Limits;
use super::memo::Memo;
use super::positive::SchemaEngine;
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
    /// Boxed: most engines have none.
    #[cfg_attr(not(feature = "schema"), expect(dead_code, reason = "there is none then"))]
    pub(super) schema: Option<Box<SchemaEngine>>,
    pub(super) limits: Limits,
    pub(super) budget: Arc<Budget>,
    /// Headers that held nothing; none where every value is to be looked at.
    pub(super) memo: Option<Memo>,
}

impl Engine {
    /// Compiles the parts, and proves that every rule fires.
    pub fn build(parts: EngineParts) -> Result<Self, BuildError> {
        let detector = Detector::build(parts.rules, parts.effort)?;
        let rules: Vec<&Rule> = detector.rules().collect();
        let policy = Policy::compile(parts.policy, &rules)?;
        #[cfg(feature = "schema")]
        let schema = SchemaEngine::build(parts.contract, &rules, parts.limits.schema_work_max as u64)?.map(Box::new);
        #[cfg(not(feature = "schema"))]
        let schema = None;
        parts.budget.set_bytes_max(parts.limits.inspection_memory_bytes_max);
        let memo = (parts.effort == Effort::Least).then(Memo::new);
        Ok(Self { detector, policy, schema, limits: parts.limits, budget: parts.budget, memo })
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

    /// What a client is told beside the status, where a schema is why it is refused: the values of a
    /// response header, by its name in lower case (`allow`, `www-authenticate`, `accept`).
    #[cfg(feature = "schema")]
    pub(crate) fn hints(&self, context: &RequestContext, header: &str) -> Vec<String> {
        self.schema.as_ref().map_or_else(Vec::new, |schema| schema.hints(context.head()).of(header))
    }

    /// There are none without schemas.
    #[cfg(not(feature = "schema"))]
    pub(crate) const fn hints(&self, _: &RequestContext, _: &str) -> Vec<String> {
        Vec::new()
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
