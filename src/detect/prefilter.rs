//! One automaton over the literals of all rules.
//!
//! aho-corasick builds it; [`Table`] lays it out as one flat table of 16-bit steps, so that a byte
//! costs two look-ups, and a value of no literal never leaves the loop.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, MatchKind};

use crate::build_error::BuildError;
use crate::rule::{Rule, RuleMask};

/// Nominates the rules one of whose literals a value holds.
pub(super) struct Prefilter {
    table: Table,
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

/// A deterministic automaton as one table.
struct Table {
    /// The column of each byte.
    columns: [u8; 256],
    width: usize,
    /// For each state and column the next state, with [`MATCHES`] set where that one matches.
    steps: Vec<u16>,
    /// For each state the literals that end there.
    matches: Vec<Vec<u16>>,
}

/// The bit of a step that says that a literal ends.
const MATCHES: u16 = 1 << 15;
/// How many states the literals of all rules may take.
const STATES_MAX: usize = MATCHES as usize;

impl Table {
    fn new(literals: &[&str]) -> Result<Self, BuildError> {
        let too_many = || {
            BuildError::new("the literals of the rules are too many for the prefilter")
                .mend(format!("shorten or drop some: they may take {STATES_MAX} states"))
        };
        let automaton = DFA::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(literals)
            .map_err(|_| too_many())?;
        let start = automaton.start_state(Anchored::No).map_err(|_| too_many())?;
        let (columns, samples) = columns(literals);
        let mut order = vec![start];
        let mut known = std::collections::HashMap::from([(start, 0)]);
        let mut table = Self { columns, width: samples.len(), steps: Vec::new(), matches: Vec::new() };
        let mut at = 0;
        while let Some(&state) = order.get(at) {
            for &sample in &samples {
                let next = automaton.next_state(Anchored::No, state, sample);
                let number = *known.entry(next).or_insert_with(|| {
                    order.push(next);
                    order.len() - 1
                });
                let flag = if automaton.is_match(next) { MATCHES } else { 0 };
                table.steps.push(u16::try_from(number).map_err(|_| too_many())? | flag);
            }
            table.matches.push(matches(&automaton, state));
            at += 1;
        }
        if order.len() > STATES_MAX { Err(too_many()) } else { Ok(table) }
    }

    /// The state after `byte`, and whether a literal ends there.
    #[inline]
    fn step(&self, state: usize, byte: u8) -> (usize, bool) {
        let step = self.steps.get(state * self.width + usize::from(self.columns[usize::from(byte)])).copied();
        let step = step.unwrap_or_default();
        (usize::from(step & !MATCHES), step & MATCHES != 0)
    }
}

/// A column for each letter that a literal holds, in either case, and one for all other bytes;
/// with a byte of each.
fn columns(literals: &[&str]) -> ([u8; 256], Vec<u8>) {
    let mut columns = [0; 256];
    let unused =
        (0..=255).find(|byte: &u8| !literals.iter().any(|text| text.as_bytes().contains(&byte.to_ascii_lowercase())));
    let mut samples = vec![unused.unwrap_or_default()];
    for &byte in literals.iter().flat_map(|text| text.as_bytes()) {
        if columns[usize::from(byte)] == 0 {
            columns[usize::from(byte)] = samples.len() as u8;
            columns[usize::from(byte.to_ascii_uppercase())] = samples.len() as u8;
            samples.push(byte);
        }
    }
    (columns, samples)
}

fn matches(automaton: &DFA, state: StateID) -> Vec<u16> {
    let count = if automaton.is_match(state) { automaton.match_len(state) } else { 0 };
    (0..count).map(|index| automaton.match_pattern(state, index).as_u32() as u16).collect()
}

impl Prefilter {
    /// Compiles the literals of `rules`; fails when they are too many for the table.
    pub(super) fn new<'a>(rules: impl Iterator<Item = &'a Rule>) -> Result<Self, BuildError> {
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
        Ok(Self { table: Table::new(&texts)?, literals })
    }

    /// Adds to `nominated` the rules that the literals in `value` nominate: one step a byte.
    pub(super) fn nominate(&self, value: &[u8], nominated: &mut RuleMask) {
        let mut state = 0;
        for (at, &byte) in value.iter().enumerate() {
            let matches;
            (state, matches) = self.table.step(state, byte);
            if matches {
                self.matched(state, value, at + 1, nominated);
            }
        }
    }

    #[cold]
    fn matched(&self, state: usize, value: &[u8], end: usize, nominated: &mut RuleMask) {
        for &index in &self.table.matches[state] {
            let literal = &self.literals[usize::from(index)];
            nominated.extend(&literal.anywhere);
            let before = end.checked_sub(literal.length + 1).and_then(|at| value.get(at));
            let is_word = ![before, value.get(end)].into_iter().flatten().any(u8::is_ascii_alphabetic);
            if is_word {
                nominated.extend(&literal.as_word);
            }
        }
    }
}
