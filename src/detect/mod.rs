//! The multi-pattern detector: gate, prefilter, then matchers that confirm.
//!
//! The gate looks up each byte once: when no byte that any rule needs is present, the value is
//! done. The prefilter is one Aho-Corasick automaton over the literals of all rules. What the
//! two leave is a handful of nominated rules, and their matchers decide by structure. Every view
//! of the value goes the same way. With and without gate and prefilter the findings are equal,
//! since a rule's `needs` are necessary conditions.
//!
//! # What this does not protect from
//!
//! A value that is harmless alone and harmful beside another is seen alone.

mod build;
mod explain;
pub mod matcher;
mod place;
mod prefilter;

use crate::byte_set::ByteSet;
use crate::finding::Finding;
use crate::input::{Leaf, Location, Notice};
use crate::rule::{Rule, RuleMask};
use crate::transform::{self, Chain, ViewLimits};
use build::Compiled;
pub use build::Proof;
pub use explain::{MatchRecord, ViewRecord};
use matcher::Match;
use place::Slots;
use prefilter::Prefilter;

/// All rules, compiled together.
pub struct Detector {
    rules: Vec<Compiled>,
    prefilter: Prefilter,
    slots: Slots,
    binary: RuleMask,
    /// Run every rule on every view, gate and prefilter off: the plain way to the same findings.
    exhaustive: bool,
}

/// How much work is done for the same findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// Gate, prefilter, and no second look at a header that held nothing.
    #[default]
    Least,
    /// Gate and prefilter, on every value.
    EveryValue,
    /// Every rule on every view of every value: the plain way, for tests.
    Exhaustive,
}

/// What a detector needs while it looks at the values of one request.
#[derive(Default)]
pub struct Scratch {
    views: transform::Scratch,
    best: Vec<(usize, Chain, Match)>,
}

impl Scratch {
    /// Gives back what a large value took, so that a request in waiting keeps little.
    pub fn trim(&mut self) {
        self.views.trim();
        self.best.shrink_to(4);
    }
}

impl Detector {
    /// How many rules there are; masks are of this size.
    #[must_use]
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.rules.iter().map(|compiled| &compiled.rule)
    }

    /// Looks at bytes that are no text, with those rules of `active` whose structures are long, or made for
    /// programs that read such bytes. Nobody decodes an image step by step, so there are no views.
    pub fn inspect_binary(
        &self,
        leaf: &Leaf<'_>,
        active: &RuleMask,
        scratch: &mut Scratch,
        found: &mut Vec<(usize, Finding)>,
    ) {
        let best = &mut scratch.best;
        best.clear();
        let (present, active) = (ByteSet::present_in(leaf.value), active.shared(&self.binary));
        self.examine(leaf, leaf.value, present, Chain::default(), &active, best);
        found.extend(best.drain(..).map(|(rule, chain, matched)| (rule, self.finding(leaf, rule, chain, matched))));
    }

    /// Looks at one leaf with the rules of `active`, in every view. Answers whether the limit on
    /// views cut it short.
    pub fn inspect(
        &self,
        leaf: &Leaf<'_>,
        active: &RuleMask,
        limits: ViewLimits,
        scratch: &mut Scratch,
        found: &mut Vec<(usize, Finding)>,
    ) -> bool {
        let present = ByteSet::present_in(leaf.value);
        if !self.exhaustive && !self.slots.of(leaf).gate.union(transform::TRIGGERS).intersects(present) {
            return false;
        }
        let Scratch { views, best } = scratch;
        best.clear();
        self.examine(leaf, leaf.value, present, Chain::default(), active, best);
        let cut = transform::views(leaf.value, present, limits, views, |view, present, chain| {
            self.examine(leaf, view, present, chain, active, best);
        });
        if best.is_empty() {
            return cut;
        }
        found.extend(best.drain(..).map(|(rule, chain, matched)| (rule, self.finding(leaf, rule, chain, matched))));
        cut
    }

    /// Looks at one view: gate, prefilter, matchers. Keeps each rule's best match in `best`.
    fn examine(
        &self,
        leaf: &Leaf<'_>,
        value: &[u8],
        present: ByteSet,
        chain: Chain,
        active: &RuleMask,
        best: &mut Vec<(usize, Chain, Match)>,
    ) {
        let nominated = self.nominate(leaf, value, present).shared(active);
        if nominated.is_empty() {
            return;
        }
        for index in nominated.iter() {
            if let Some(matched) = self.confirm(index, leaf, value, present) {
                keep_best(best, index, chain, matched);
            }
        }
    }

    /// Gate and prefilter: the rules that may match this view, by the bytes and literals in it.
    fn nominate(&self, leaf: &Leaf<'_>, value: &[u8], present: ByteSet) -> RuleMask {
        let slot = self.slots.of(leaf);
        if self.exhaustive {
            return slot.rules;
        }
        let mut nominated = RuleMask::NONE;
        if !slot.gate.intersects(present) {
            return nominated;
        }
        for class in slot.bytes.shared(present).classes() {
            nominated.extend(&slot.by_bytes[class]);
        }
        if slot.literal_gate.intersects(present) {
            self.prefilter.nominate(value, &mut nominated);
        }
        nominated.shared(&slot.rules)
    }

    /// What the matcher of a nominated rule says, where the rule looks here and may match at all.
    fn confirm(&self, index: usize, leaf: &Leaf<'_>, value: &[u8], present: ByteSet) -> Option<Match> {
        let rule = &self.rules[index];
        let may_match = self.exhaustive || rule.rule.needs.bytes.intersects(present);
        let looks = may_match && (self.slots.of(leaf).everywhere.contains(index) || rule.looks_at(leaf));
        if looks { rule.find(value) } else { None }
    }

    /// The finding for an oddity that a decoder reported, where a rule is about it.
    #[must_use]
    pub fn notice(&self, notice: Notice, active: &RuleMask) -> Option<(usize, Finding)> {
        let index = self.rules.iter().position(|rule| rule.is_about(notice)).filter(|&index| active.contains(index))?;
        let rule = &self.rules[index].rule;
        let finding = Finding {
            rule: rule.info.clone(),
            location: Location::whole(notice.place()),
            chain: String::new(),
            confidence: rule.confidence?,
            span: 0..0,
            structure: notice.as_str(),
            validation: None,
        };
        Some((index, finding))
    }

    fn finding(&self, leaf: &Leaf<'_>, index: usize, chain: Chain, matched: Match) -> Finding {
        Finding {
            rule: self.rules[index].rule.info.clone(),
            location: Location::of(leaf),
            chain: chain.to_string(),
            confidence: matched.confidence,
            span: matched.span,
            structure: matched.structure,
            validation: None,
        }
    }
}

/// The first view in which a rule is most sure is the one that is told.
fn keep_best(best: &mut Vec<(usize, Chain, Match)>, rule: usize, chain: Chain, matched: Match) {
    match best.iter_mut().find(|(known, ..)| *known == rule) {
        Some((_, _, known)) if known.confidence >= matched.confidence => {}
        Some(slot) => *slot = (rule, chain, matched),
        None => best.push((rule, chain, matched)),
    }
}

#[cfg(test)]
mod tests;
