//! What holds for every rule: its proof, and that gate and prefilter change nothing.

use super::*;
use crate::rule;

fn detector(effort: Effort) -> Detector {
    Detector::build(rule::builtin().expect("built-in rules"), effort).expect("a detector")
}

fn everything(detector: &Detector) -> RuleMask {
    RuleMask::first(detector.rules().len())
}

#[test]
fn every_rule_finds_its_examples_and_none_of_its_counter_examples() {
    let detector = detector(Effort::Least);
    let all = everything(&detector);
    let mut scratch = Scratch::default();
    let mut wrong = Vec::new();
    for rule in detector.rules() {
        let mut check = |value: &String, expected: bool| {
            if detector.fires(rule, value, &all, &mut scratch) != expected {
                wrong.push(format!("{} {} {value:?}", rule.info.id, if expected { "misses" } else { "finds" }));
            }
        };
        rule.examples.iter().for_each(|value| check(value, true));
        rule.counter_examples.iter().for_each(|value| check(value, false));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A small generator (xorshift), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// Pieces of examples glued together, with letters changed and bytes of every kind between.
fn mutated(values: &[String], random: &mut Random) -> Vec<u8> {
    let mut value = Vec::new();
    for _ in 0..1 + random.below(3) {
        let source = values[random.below(values.len())].as_bytes();
        let start = random.below(source.len());
        let length = 1 + random.below(source.len() - start);
        value.extend_from_slice(&source[start..source.len().min(start + length)]);
        if random.below(3) == 0 {
            value.push(random.below(256) as u8);
        }
    }
    if random.below(4) == 0 {
        value.make_ascii_uppercase();
    }
    value
}

#[test]
fn gate_and_prefilter_hide_nothing() {
    let (fast, plain) = (detector(Effort::Least), detector(Effort::Exhaustive));
    let all = everything(&fast);
    let values: Vec<String> =
        fast.rules().flat_map(|rule| rule.examples.iter().chain(&rule.counter_examples)).cloned().collect();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut scratch = Scratch::default();
    let mut look = |detector: &Detector, value: &[u8], location: &Location| {
        let mut found = Vec::new();
        let cut = detector.inspect(&location.leaf(value), &all, ViewLimits { views_max: 8 }, &mut scratch, &mut found);
        (cut, found.into_iter().map(|(_, finding)| format!("{finding:?}")).collect::<std::collections::BTreeSet<_>>())
    };
    let places =
        ["query.x", "query.name(x)", "header.x", "body./x", "path", "cookie.x"].map(|text| text.parse().expect(text));
    for round in 0..20_000 {
        let value =
            if round < values.len() { values[round].clone().into_bytes() } else { mutated(&values, &mut random) };
        let location: &Location = &places[random.below(places.len())];
        let (one, other) = (look(&fast, &value, location), look(&plain, &value, location));
        assert_eq!(one, other, "{} at {location}", String::from_utf8_lossy(&value));
    }
}
