//! What holds for every rule: its proof, and that gate and prefilter change nothing.

use super::*;
use crate::rule;

fn detector(exhaustive: bool) -> Detector {
    Detector::build(rule::builtin().expect("built-in rules"), exhaustive).expect("a detector")
}

fn everything(detector: &Detector) -> RuleMask {
    let mut all = RuleMask::none(detector.rules().len());
    (0..detector.rules().len()).for_each(|index| all.insert(index));
    all
}

#[test]
fn every_rule_finds_its_examples_and_none_of_its_counter_examples() {
    let detector = detector(false);
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
