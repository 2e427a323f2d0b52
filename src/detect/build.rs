//! Rules compiled into a detector, and the proof that they fire.

use regex::bytes::{Regex, RegexBuilder};

use super::matcher::{self, CodeMatcher, Match};
use super::place::Slots;
use super::prefilter::Prefilter;
use super::{Detector, Effort, Scratch};
use crate::build_error::BuildError;
use crate::document::nearest_mend;
use crate::input::{Leaf, Location, Notice};
use crate::rule::{Category, MatcherSource, RULES_MAX, Rule, RuleMask};
use crate::transform::ViewLimits;

/// How large one compiled pattern may get.
const REGEX_BYTES_MAX: usize = 1 << 20;
/// How deep groups may nest in a pattern.
const REGEX_NESTING_MAX: u32 = 64;

/// A rule with its matcher ready.
pub(super) struct Compiled {
    pub(super) rule: Rule,
    matcher: Matcher,
}

enum Matcher {
    Code(&'static CodeMatcher),
    Regex(Box<Regex>),
    Notice(Notice),
    /// Validators report it.
    Schema,
}

impl Compiled {
    fn new(rule: Rule) -> Result<Self, BuildError> {
        let matcher = match &rule.matcher {
            MatcherSource::Code(name) => Matcher::Code(code_matcher(&rule, name)?),
            MatcherSource::Regex(pattern) => Matcher::Regex(Box::new(regex(&rule, pattern)?)),
            MatcherSource::Notice(notice) => Matcher::Notice(*notice),
            MatcherSource::Schema(_) => Matcher::Schema,
        };
        Ok(Self { rule, matcher })
    }

    /// Whether the rule looks at this leaf at all; its slot was checked before.
    pub(super) fn looks_at(&self, leaf: &Leaf<'_>) -> bool {
        let patterns = &self.rule.locations;
        patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches_leaf(leaf))
    }

    /// Whether the rule is about this oddity.
    pub(super) fn is_about(&self, notice: Notice) -> bool {
        matches!(self.matcher, Matcher::Notice(own) if own == notice)
    }

    pub(super) fn find(&self, value: &[u8]) -> Option<Match> {
        match &self.matcher {
            Matcher::Code(code) => {
                let matched = (code.find)(value)?;
                let confidence = self.rule.confidence.map_or(matched.confidence, |most| most.min(matched.confidence));
                Some(Match { confidence, ..matched })
            }
            Matcher::Regex(regex) => {
                let found = regex.find(value)?;
                Some(Match::new(self.rule.confidence?, found.range(), "fits the pattern of the rule"))
            }
            // Decoders and validators report these; no value is one.
            Matcher::Notice(_) | Matcher::Schema => None,
        }
    }
}

fn code_matcher(rule: &Rule, name: &str) -> Result<&'static CodeMatcher, BuildError> {
    #[cfg(test)]
    if name == matcher::PANICS.name {
        return Ok(&matcher::PANICS);
    }
    let known: Vec<&str> = matcher::ALL.iter().map(|code| code.name).collect();
    matcher::ALL
        .iter()
        .find(|code| code.name == name)
        .copied()
        .ok_or_else(|| rule.error(format!("there is no code matcher `{name}`")).mend(nearest_mend(name, &known)))
}

/// Byte patterns with ASCII classes: `\b` that knows Unicode makes the lazy DFA give up at the
/// first byte that is not ASCII, and turns microseconds into milliseconds.
fn regex(rule: &Rule, pattern: &str) -> Result<Regex, BuildError> {
    // The error draws the pattern over several lines; the last says what is wrong.
    let wrong = |error: String| {
        let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
        rule.matcher_error(format!("its pattern is no regular expression: {reason}"))
            .mend("a mark that stands for itself has a backslash before it, and the pattern single quotes around it: regex = 'f\\('")
    };
    let parsed = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .nest_limit(REGEX_NESTING_MAX)
        .build()
        .parse(pattern)
        .map_err(|error| wrong(error.to_string()))?;
    if parsed.properties().look_set().contains_word_unicode() {
        return Err(rule.matcher_error("its pattern asks for Unicode word boundaries").mend("take `(?u` out"));
    }
    RegexBuilder::new(pattern)
        .unicode(false)
        .nest_limit(REGEX_NESTING_MAX)
        .size_limit(REGEX_BYTES_MAX)
        .build()
        .map_err(|error| wrong(error.to_string()))
}

/// One example or counter-example of a rule, and what became of it.
pub struct Proof {
    /// The value.
    pub value: String,
    /// Whether the rule must find it.
    pub expected: bool,
    /// Whether it does.
    pub found: bool,
}

impl Detector {
    /// Compiles the rules together, and runs their proof: the canary of each rule, and for rules
    /// of a user every example and counter-example. An engine that does not fire does not start.
    pub fn build(rules: Vec<Rule>, effort: Effort) -> Result<Self, BuildError> {
        unique_ids(&rules)?;
        if let Some(one_more) = rules.get(RULES_MAX) {
            return Err(one_more
                .error(format!("an engine has {RULES_MAX} rules at the most"))
                .mend("join some into one"));
        }
        let prefilter = Prefilter::new(rules.iter())?;
        let rules = rules.into_iter().map(Compiled::new).collect::<Result<Vec<_>, _>>()?;
        let slots = Slots::new(&rules);
        let binary = binary_rules(&rules);
        let detector = Self { rules, prefilter, slots, binary, exhaustive: effort == Effort::Exhaustive };
        detector.prove()?;
        Ok(detector)
    }

    fn prove(&self) -> Result<(), BuildError> {
        let all = RuleMask::first(self.rules.len());
        let mut scratch = Scratch::default();
        for rule in self.rules() {
            let builtin = rule.is_builtin();
            let examples = if builtin { &rule.examples[..1] } else { &rule.examples[..] };
            for example in examples {
                if !self.fires(rule, example, &all, &mut scratch) {
                    return Err(rule.error(format!("does not find its example `{}`", example.escape_debug())));
                }
            }
            let counter_examples = if builtin { &[] } else { &rule.counter_examples[..] };
            if let Some(found) = counter_examples.iter().find(|value| self.fires(rule, value, &all, &mut scratch)) {
                return Err(rule.error(format!("finds its counter-example `{}`", found.escape_debug())));
            }
        }
        Ok(())
    }

    /// Every example and counter-example of a rule, and whether the rule finds it.
    #[must_use]
    pub fn proof(&self, rule: &Rule) -> Vec<Proof> {
        let all = RuleMask::first(self.rules.len());
        let mut scratch = Scratch::default();
        let examples = rule.examples.iter().map(|value| (value, true));
        let counter_examples = rule.counter_examples.iter().map(|value| (value, false));
        examples
            .chain(counter_examples)
            .map(|(value, expected)| {
                let found = self.fires(rule, value, &all, &mut scratch);
                Proof { value: value.clone(), expected, found }
            })
            .collect()
    }

    /// Whether `rule` finds `value` at the first place where it looks, with all rules running.
    pub(super) fn fires(&self, rule: &Rule, value: &str, active: &RuleMask, scratch: &mut Scratch) -> bool {
        match &rule.matcher {
            MatcherSource::Notice(notice) => {
                return notice.as_str() == value && self.notice(*notice, active).is_some();
            }
            MatcherSource::Schema(keyword) => return keyword == value,
            MatcherSource::Code(_) | MatcherSource::Regex(_) => {}
        }
        let location = rule.locations.first().map_or_else(Location::example, |pattern| pattern.example());
        let mut found = Vec::new();
        let limits = ViewLimits { views_max: 8 };
        self.inspect(&location.leaf(value.as_bytes()), active, limits, scratch, &mut found);
        found.iter().any(|(_, finding)| finding.rule.id == rule.info.id)
    }
}

fn binary_rules(rules: &[Compiled]) -> RuleMask {
    use Category::{Deserialization, JndiInjection, VirtualPatch, Xss, Xxe};
    let mut mask = RuleMask::NONE;
    let reads = |rule: &Rule| matches!(rule.info.category, Deserialization | JndiInjection | VirtualPatch | Xss | Xxe);
    rules.iter().enumerate().filter(|(_, compiled)| reads(&compiled.rule)).for_each(|(index, _)| mask.insert(index));
    mask
}

fn unique_ids(rules: &[Rule]) -> Result<(), BuildError> {
    let mut known = std::collections::HashMap::new();
    for rule in rules {
        if let Some(first) = known.insert(&rule.info.id, rule) {
            return Err(rule
                .error(format!("the id is taken by {}:{}", first.file, first.line))
                .mend("choose another id"));
        }
    }
    Ok(())
}
