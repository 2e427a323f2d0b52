//! Which rules look where, worked out once: a slot for each place and aspect.

use super::build::Compiled;
use crate::byte_set::ByteSet;
use crate::input::{Aspect, Leaf, Place};
use crate::rule::{MatcherSource, RuleMask};

/// What can happen to a leaf of one place and aspect.
pub(super) struct Slot {
    /// Without one of these bytes no rule of this slot can match.
    pub(super) gate: ByteSet,
    /// Without one of these no rule that a literal nominates can.
    pub(super) literal_gate: ByteSet,
    /// The rules that may look here.
    pub(super) rules: RuleMask,
    /// Those of them that look at every leaf here, whatever its name.
    pub(super) everywhere: RuleMask,
    /// Those that no literal nominates: for each class of bytes the rules that its presence does.
    pub(super) by_bytes: Box<[RuleMask; ByteSet::CLASSES]>,
    /// The bytes that nominate a rule by themselves.
    pub(super) bytes: ByteSet,
}

const ASPECTS: usize = 4;

/// A slot for each place and aspect.
pub(super) struct Slots(Vec<Slot>);

const fn aspect_index(aspect: Aspect<'_>) -> usize {
    match aspect {
        Aspect::Value => 0,
        Aspect::Name => 1,
        Aspect::Filename => 2,
        Aspect::Header(_) => 3,
    }
}

impl Slots {
    pub(super) fn new(rules: &[Compiled]) -> Self {
        let aspects = [Aspect::Value, Aspect::Name, Aspect::Filename, Aspect::Header(b"")];
        let slots = Place::ALL.iter().flat_map(|&place| aspects.map(|aspect| slot(rules, place, aspect)));
        Self(slots.collect())
    }

    pub(super) fn of(&self, leaf: &Leaf<'_>) -> &Slot {
        &self.0[leaf.place as usize * ASPECTS + aspect_index(leaf.aspect)]
    }
}

fn slot(rules: &[Compiled], place: Place, aspect: Aspect<'_>) -> Slot {
    let mut slot = Slot {
        gate: ByteSet::EMPTY,
        literal_gate: ByteSet::EMPTY,
        rules: RuleMask::NONE,
        everywhere: RuleMask::NONE,
        by_bytes: Box::new([RuleMask::NONE; ByteSet::CLASSES]),
        bytes: ByteSet::EMPTY,
    };
    for (index, compiled) in rules.iter().enumerate() {
        let rule = &compiled.rule;
        let is_name = matches!(aspect, Aspect::Name);
        let is_told = matches!(rule.matcher, MatcherSource::Notice(_) | MatcherSource::Schema(_));
        let here = !is_told
            && (rule.locations.is_empty() || rule.locations.iter().any(|pattern| pattern.may_match(place, is_name)));
        if here {
            slot.gate = slot.gate.union(rule.needs.bytes);
            slot.rules.insert(index);
            if rule.locations.is_empty() || rule.locations.iter().any(|one| one.matches_all_of(place, aspect)) {
                slot.everywhere.insert(index);
            }
            if !rule.needs.names_text() {
                slot.bytes = slot.bytes.union(rule.needs.bytes);
                rule.needs.bytes.classes().for_each(|class| slot.by_bytes[class].insert(index));
            } else {
                slot.literal_gate = slot.literal_gate.union(rule.needs.bytes);
            }
        }
    }
    slot
}
