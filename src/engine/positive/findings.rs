//! What a check leaves behind, as findings and causes of incompleteness.

use std::sync::Arc;

use super::schema_engine::SchemaEngine;
use super::{Positive, Surroundings};
use crate::finding::{Finding, Validation};
use crate::input::{Cause, Leaf, Location, Place};
use crate::rule::{Confidence, RuleInfo};
use crate::schema::{Failure, Keyword, Report, UndeclaredAction};

impl Positive {
    /// Takes in what a check leaves behind.
    pub(super) fn take(&self, schema: &SchemaEngine, mut report: Report, around: &mut Surroundings<'_>) {
        around.context.add_schema_steps(report.steps);
        if report.out_of_budget {
            let place = if self.body_bytes > 0 { Place::Body } else { Place::Query };
            report.failures.push(Failure {
                keyword: Keyword::Unvalidated,
                location: Location::whole(place),
                schema_pointer: Box::default(),
                message: "to validate it takes more work than a request may cost".into(),
            });
        }
        Self::tell_rest(&mut report);
        for (cause, holds) in [(Cause::UnenforcedSchema, report.unenforced), (Cause::Budget, report.out_of_budget)] {
            if holds {
                around.context.add_cause(cause);
            }
        }
        for failure in report.failures {
            let action = match failure.keyword {
                Keyword::MoreFailures => report.untold,
                _ => schema.schemas.action(self.selection, &failure),
            };
            let (index, rule) = &schema.rules[failure.keyword as usize];
            if action == UndeclaredAction::Pass || !around.engine.policy.active(around.context.scope()).contains(*index)
            {
                continue;
            }
            around.found.push((*index, self.finding(rule, failure, action == UndeclaredAction::Alert)));
        }
    }

    /// What failed and is not told stands behind one failure of its own, so that nothing hides behind
    /// failures that an exclusion or a mode takes out.
    fn tell_rest(report: &mut Report) {
        if report.untold > UndeclaredAction::Pass {
            let place = report.failures.last().map_or(Place::Body, |failure| failure.location.place());
            report.failures.push(Failure {
                keyword: Keyword::MoreFailures,
                location: Location::whole(place),
                schema_pointer: Box::default(),
                message: "more is wrong than is told here".into(),
            });
        }
    }

    fn finding(&self, rule: &Arc<RuleInfo>, failure: Failure, alerts_only: bool) -> Finding {
        Finding {
            rule: Arc::clone(rule),
            location: self.framework_location(failure.location),
            chain: String::new(),
            confidence: if alerts_only { Confidence::Likely } else { Confidence::Certain },
            span: 0..0,
            structure: failure.keyword.as_str(),
            validation: Some(Arc::new(Validation {
                keyword: failure.keyword.as_str(),
                schema_pointer: failure.schema_pointer,
                message: failure.message,
                alerts_only,
            })),
        }
    }

    /// A parameter of the path bears the name that the framework gives it, as in its leaf.
    fn framework_location(&self, location: Location) -> Location {
        let renamed = self.renamed.iter().find(|(own, _)| own.as_bytes() == location.name());
        match renamed.filter(|_| location.place() == Place::Path) {
            Some((_, theirs)) => Location::of(&Leaf::value(Place::Path, theirs.as_bytes(), b"")),
            None => location,
        }
    }
}
