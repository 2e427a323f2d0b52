//! How findings become a verdict.

use super::action::{Action, Mode};
use super::plan::{Policy, Scope, method_fits};
use super::settings::Exclusion;
use super::verdict::{JudgedFinding, Verdict};
use crate::finding::Finding;
use crate::input::{Completeness, Head};
use crate::rule::{Category, Confidence, Paranoia, Severity};

impl Policy {
    /// The verdict over what was found so far, each finding with the index of its rule.
    #[must_use]
    pub fn judge(
        &self,
        scope: &Scope,
        head: &Head,
        findings: &[(usize, Finding)],
        completeness: Completeness,
    ) -> Verdict {
        let mut verdict = Verdict::pass(scope.mode());
        if findings.is_empty() && completeness.is_whole() {
            return verdict;
        }
        for (index, (rule, finding)) in findings.iter().enumerate() {
            if self.exclusion_of(scope, head, finding).is_some() {
                verdict.excluded += 1;
                continue;
            }
            let confidence = raised(findings, index);
            let most = if alerts_only(finding) { Action::Alert } else { Action::Block };
            let would = self.action_for(confidence, finding.rule.paranoia).min(most);
            let action = would.under(self.cap(scope, self.plan(scope).mode_of(*rule)));
            verdict.confidence = verdict.confidence.max(Some(confidence));
            verdict.findings.push(JudgedFinding { finding: finding.clone(), action, verdict: would });
        }
        verdict.completeness = completeness;
        verdict.causes = completeness
            .causes()
            .map(|cause| (cause, self.settings.completeness.of(cause)))
            .filter(|&(_, action)| action != Action::Pass)
            .collect();
        let mode = verdict.mode;
        let of_causes = verdict.causes.iter().map(|&(_, action)| (action.under(mode), action));
        let all = verdict.findings.iter().map(|judged| (judged.action, judged.verdict)).chain(of_causes);
        (verdict.action, verdict.verdict) =
            all.fold((Action::Pass, Action::Pass), |so_far, one| (so_far.0.max(one.0), so_far.1.max(one.1)));
        verdict.score = score(&verdict.findings);
        verdict
    }

    /// A client outside the enforced share sees mode `detect` at the most.
    fn cap(&self, scope: &Scope, mode: Mode) -> Mode {
        if scope.enforced { mode } else { mode.min(Mode::Detect) }
    }

    fn action_for(&self, confidence: Confidence, paranoia: Paranoia) -> Action {
        match confidence {
            Confidence::Weak => Action::Pass,
            _ if paranoia > self.settings.paranoia => Action::Alert,
            Confidence::Certain => Action::Block,
            Confidence::Likely if self.settings.paranoia > Paranoia::LEAST => Action::Block,
            Confidence::Likely => Action::Alert,
        }
    }

    /// The exclusion that takes a finding out, the first of them.
    #[must_use]
    pub fn exclusion_of(&self, scope: &Scope, head: &Head, finding: &Finding) -> Option<&Exclusion> {
        let fits = |exclusion: &&Exclusion| {
            exclusion.rule.matches(&finding.rule.id)
                && exclusion.location.as_ref().is_none_or(|pattern| pattern.matches(&finding.location))
                && exclusion.route.as_deref().is_none_or(|route| scope.template(head) == Some(route))
                && method_fits(&exclusion.methods, head.method())
                && exclusion.expires.is_none_or(|end| head.time() < end)
        };
        self.settings.exclusions.iter().find(fits)
    }
}

/// Whether the configuration asks for an alert about this, at every level.
fn alerts_only(finding: &Finding) -> bool {
    finding.validation.as_ref().is_some_and(|validation| validation.alerts_only)
}

/// Two weak findings are as good as a likely one when they are different structures in one leaf.
fn raised(findings: &[(usize, Finding)], index: usize) -> Confidence {
    let (_, own) = &findings[index];
    let supports = |other: &Finding| {
        other.confidence == Confidence::Weak
            && other.location == own.location
            && other.rule.id != own.rule.id
            && other.structure != own.structure
    };
    let raise = own.confidence == Confidence::Weak && findings.iter().any(|(_, other)| supports(other));
    if raise { Confidence::Likely } else { own.confidence }
}

/// Per location and category the best finding counts, so that a big body does not add up.
fn score(findings: &[JudgedFinding]) -> u32 {
    let points = |severity: Severity| match severity {
        Severity::Critical => 5,
        Severity::Error => 4,
        Severity::Warning => 3,
        Severity::Notice => 2,
    };
    let mut best: Vec<(&crate::input::Location, Category, u32)> = Vec::new();
    for judged in findings.iter().filter(|judged| judged.verdict > Action::Pass) {
        let rule = &judged.finding.rule;
        let (location, score) = (&judged.finding.location, points(rule.severity));
        match best.iter_mut().find(|(known, category, _)| *known == location && *category == rule.category) {
            Some((.., most)) => *most = (*most).max(score),
            None => best.push((location, rule.category, score)),
        }
    }
    best.iter().map(|(.., score)| score).sum()
}
