//! One automaton over the literals of all rules.

use aho_corasick::automaton::Automaton;
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, MatchKind};

use crate::rule::{Rule, RuleMask};

/// Nominates the rules one of whose literals a value holds.
pub(super) struct Prefilter {
    automaton: DFA,
    /// For each literal the rules that it nominates.
    nominates: Vec<RuleMask>,
}

impl Prefilter {
    /// Compiles the literals of `rules`; fails when they are too many for the automaton.
    pub(super) fn new<'a>(rules: impl ExactSizeIterator<Item = &'a Rule>) -> Result<Self, aho_corasick::BuildError> {
        let mut literals: Vec<&str> = Vec::new();
        let mut nominates: Vec<RuleMask> = Vec::new();
        for (index, rule) in rules.enumerate() {
            for literal in &rule.needs.literals {
                let known = literals.iter().position(|known| known == literal);
                let position = known.unwrap_or_else(|| {
                    literals.push(literal);
                    nominates.push(RuleMask::NONE);
                    literals.len() - 1
                });
                nominates[position].insert(index);
            }
        }
        let automaton = DFA::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(&literals)?;
        Ok(Self { automaton, nominates })
    }

    /// Adds to `nominated` the rules that the literals in `value` nominate: one step a byte.
    pub(super) fn nominate(&self, value: &[u8], nominated: &mut RuleMask) {
        let Ok(mut state) = self.automaton.start_state(Anchored::No) else { return };
        for &byte in value {
            state = self.automaton.next_state(Anchored::No, state, byte);
            if self.automaton.is_special(state) && self.automaton.is_match(state) {
                for index in 0..self.automaton.match_len(state) {
                    nominated.extend(&self.nominates[self.automaton.match_pattern(state, index).as_usize()]);
                }
            }
        }
    }
}
