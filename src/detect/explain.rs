//! What the detector sees in one leaf, view by view; for people, and not on the way of a request.

use super::matcher::Match;
use super::{Detector, RuleMask};
use crate::byte_set::ByteSet;
use crate::input::Leaf;
use crate::rule::Confidence;
use crate::transform::{self, Chain, ViewLimits};

/// One view of a leaf, and what became of it.
pub struct ViewRecord {
    /// The transformations that made it, with `|` between them; empty for the value as it came.
    pub chain: String,
    /// Its bytes.
    pub value: Vec<u8>,
    /// Whether gate and prefilter left a rule to run.
    pub passed_gate: bool,
    /// The ids of the rules that the prefilter nominated and that run here.
    pub nominated: Vec<String>,
    /// What their matchers confirmed.
    pub matches: Vec<MatchRecord>,
}

/// One rule that matched a view.
pub struct MatchRecord {
    /// The id of the rule.
    pub rule: String,
    /// How sure the matcher is.
    pub confidence: Confidence,
    /// The bytes of the view that it rests on.
    pub span: std::ops::Range<usize>,
    /// What was recognised, in words.
    pub structure: &'static str,
}

impl Detector {
    /// Goes the same way as [`inspect`](Self::inspect), and records each step.
    #[must_use]
    pub fn explain(&self, leaf: &Leaf<'_>, active: &RuleMask, limits: ViewLimits) -> Vec<ViewRecord> {
        let present = ByteSet::present_in(leaf.value);
        let mut records = vec![self.record(leaf, leaf.value, present, Chain::default(), active)];
        let mut scratch = transform::Scratch::default();
        let _cut = transform::views(leaf.value, present, limits, &mut scratch, |view, present, chain| {
            records.push(self.record(leaf, view, present, chain, active));
        });
        records
    }

    fn record(&self, leaf: &Leaf<'_>, value: &[u8], present: ByteSet, chain: Chain, active: &RuleMask) -> ViewRecord {
        let nominated = self.nominate(leaf, value, present);
        let needs = |index: &usize| self.rules[*index].rule.needs.bytes.intersects(present);
        let running: Vec<usize> = nominated.shared(active).iter().filter(needs).collect();
        let id = |index: usize| self.rules[index].rule.info.id.clone();
        let record = |index: usize| {
            let Match { confidence, span, structure } = self.confirm(index, leaf, value, present)?;
            Some(MatchRecord { rule: id(index), confidence, span, structure })
        };
        ViewRecord {
            chain: chain.to_string(),
            value: value.to_vec(),
            passed_gate: !nominated.is_empty(),
            nominated: running.iter().map(|&index| id(index)).collect(),
            matches: running.iter().filter_map(|&index| record(index)).collect(),
        }
    }
}
