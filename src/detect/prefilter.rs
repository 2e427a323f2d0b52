//! One automaton over the literals of all rules.

use aho_corasick::automaton::Automaton;
use aho_corasick::automaton::StateID;
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, MatchKind};

use crate::rule::{Rule, RuleMask};

/// Nominates the rules one of whose literals a value holds.
pub(super) struct Prefilter {
    automaton: DFA,
    literals: Vec<Literal>,
}

/// One literal of the automaton, and the rules that it nominates.
struct Literal {
    length: usize,
    /// Wherever it stands.
    anywhere: RuleMask,
    /// Where no letter stands on either side.
    as_word: RuleMask,
}

impl Prefilter {
    /// Compiles the literals of `rules`; fails when they are too many for the automaton.
    pub(super) fn new<'a>(rules: impl Iterator<Item = &'a Rule>) -> Result<Self, aho_corasick::BuildError> {
        let mut texts: Vec<&str> = Vec::new();
        let mut literals: Vec<Literal> = Vec::new();
        for (index, rule) in rules.enumerate() {
            let anywhere = rule.needs.literals.iter().map(|text| (text, false));
            for (text, is_word) in anywhere.chain(rule.needs.words.iter().map(|text| (text, true))) {
                let known = texts.iter().position(|known| known == text);
                let position = known.unwrap_or_else(|| {
                    texts.push(text);
                    literals.push(Literal { length: text.len(), anywhere: RuleMask::NONE, as_word: RuleMask::NONE });
                    literals.len() - 1
                });
                let literal = &mut literals[position];
                let mask = if is_word { &mut literal.as_word } else { &mut literal.anywhere };
                mask.insert(index);
            }
        }
        let automaton = DFA::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(&texts)?;
        Ok(Self { automaton, literals })
    }

    /// Adds to `nominated` the rules that the literals in `value` nominate: one step a byte.
    pub(super) fn nominate(&self, value: &[u8], nominated: &mut RuleMask) {
        let Ok(mut state) = self.automaton.start_state(Anchored::No) else { return };
        for (at, &byte) in value.iter().enumerate() {
            state = self.automaton.next_state(Anchored::No, state, byte);
            if self.automaton.is_special(state) && self.automaton.is_match(state) {
                self.matched(state, value, at + 1, nominated);
            }
        }
    }

    #[cold]
    fn matched(&self, state: StateID, value: &[u8], end: usize, nominated: &mut RuleMask) {
        for index in 0..self.automaton.match_len(state) {
            let literal = &self.literals[self.automaton.match_pattern(state, index).as_usize()];
            nominated.extend(&literal.anywhere);
            let before = end.checked_sub(literal.length + 1).and_then(|at| value.get(at));
            let is_word = ![before, value.get(end)].into_iter().flatten().any(u8::is_ascii_alphabetic);
            if is_word {
                nominated.extend(&literal.as_word);
            }
        }
    }
}
