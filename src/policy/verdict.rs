//! The answer for one request.

use std::fmt;

use super::action::{Action, Mode};
use super::validation::ValidationError;
use crate::finding::Finding;
use crate::input::{Cause, Completeness};
use crate::rule::Confidence;

/// A finding, and what it led to.
#[derive(Clone)]
pub struct JudgedFinding {
    /// What was found.
    pub finding: Finding,
    /// What was done for it.
    pub action: Action,
    /// What enforcing would have done for it.
    pub verdict: Action,
}

/// The answer for one request.
#[derive(Clone)]
#[non_exhaustive]
pub struct Verdict {
    /// What is done: the strictest action of all findings and causes, under their modes.
    pub action: Action,
    /// What enforcing would do; differs from the action in mode `detect`.
    pub verdict: Action,
    /// The mode of the whole for this request.
    pub mode: Mode,
    /// The best confidence among the findings that count.
    pub confidence: Option<Confidence>,
    /// An anomaly score for those who are used to one: of each location and category the best
    /// finding, critical 5, error 4, warning 3, notice 2. It decides nothing.
    pub score: u32,
    /// The findings that count, in the order in which they were found.
    pub findings: Vec<JudgedFinding>,
    /// How many findings an exclusion took out.
    pub excluded: usize,
    /// What was not inspected.
    pub completeness: Completeness,
    /// The causes of incompleteness that ask for more than `pass`.
    pub causes: Vec<(Cause, Action)>,
}

impl Verdict {
    /// Nothing found, everything inspected.
    #[must_use]
    pub const fn pass(mode: Mode) -> Self {
        Self {
            action: Action::Pass,
            verdict: Action::Pass,
            mode,
            confidence: None,
            score: 0,
            findings: Vec::new(),
            excluded: 0,
            completeness: Completeness::WHOLE,
            causes: Vec::new(),
        }
    }

    /// The finding that decided: the first with the strictest action; an attack comes before what a
    /// schema does not allow.
    #[must_use]
    pub fn deciding(&self) -> Option<&JudgedFinding> {
        let strictest = self.findings.iter().map(|judged| (judged.action, judged.verdict)).max()?;
        let mut deciding = self.findings.iter().filter(|judged| (judged.action, judged.verdict) == strictest);
        deciding.clone().find(|judged| judged.finding.validation.is_none()).or_else(|| deciding.next())
    }

    /// What schemas refused, in the order in which it was found: empty unless that, and no attack,
    /// is why the request is refused.
    #[must_use]
    pub fn validation_errors(&self) -> Vec<ValidationError> {
        let is_refused = |judged: &&JudgedFinding| judged.action == Action::Block;
        if self.deciding().filter(is_refused).is_none_or(|judged| judged.finding.validation.is_none()) {
            return Vec::new();
        }
        self.findings.iter().filter(is_refused).filter_map(ValidationError::of).collect()
    }

    /// Whether the request is refused.
    #[must_use]
    pub fn is_block(&self) -> bool {
        self.action == Action::Block
    }
}

impl fmt::Debug for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let findings: Vec<&Finding> = self.findings.iter().map(|judged| &judged.finding).collect();
        formatter
            .debug_struct("Verdict")
            .field("action", &self.action)
            .field("verdict", &self.verdict)
            .field("mode", &self.mode)
            .field("score", &self.score)
            .field("findings", &findings)
            .field("completeness", &self.completeness)
            .finish_non_exhaustive()
    }
}
