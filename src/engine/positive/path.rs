//! The path as a whole, where schemas know what stands in it: what a parameter may hold is nothing to find there.
//!
//! A parameter that shares its segment with other text is looked at as if nothing were known.

use super::Positive;
use super::schema_engine::SchemaEngine;
use crate::input::{Leaf, Place};
use crate::rule::RuleMask;
use crate::schema::Fact;

/// Stands for what is known.
const KNOWN: &[u8] = b"x";

/// A path without what is known in it.
pub(super) struct Aside {
    /// Without what is pinned, for the rules to which nothing else is everyday.
    unpinned: Vec<u8>,
    rules: RuleMask,
    /// Without what is known at all, for the others.
    unknown: Vec<u8>,
    others: RuleMask,
}

impl Aside {
    /// The two readings, each with the rules that look at it.
    pub(super) fn leaves(&self) -> [(Leaf<'_>, &RuleMask); 2] {
        let leaf = |value| Leaf::value(Place::Path, b"", value);
        [(leaf(self.unpinned.as_slice()), &self.rules), (leaf(self.unknown.as_slice()), &self.others)]
    }
}

impl Positive {
    /// Sets aside what is known in the whole path; none where nothing is that could be taken for an attack.
    pub(super) fn set_aside(&self, leaf: &Leaf<'_>, schema: &SchemaEngine, active: &RuleMask) -> Option<Aside> {
        if leaf.place != Place::Path || !leaf.name.is_empty() {
            return None;
        }
        let template = &schema.schemas.operation(self.selection)?.operation().template;
        let known = |segment: &str| self.facts.of(Place::Path, parameter(segment)?.as_bytes()).filter(tells);
        // Most paths end here, and are looked at where they lie.
        template.split('/').find_map(known)?;
        let (mut unpinned, mut unknown, mut rules) = (Vec::new(), Vec::new(), *active);
        let (mut sent, mut declared) = (leaf.value.split(|&byte| byte == b'/'), template.split('/'));
        loop {
            let (segment, fact) = match (sent.next(), declared.next()) {
                (Some(segment), Some(declared)) => (segment, known(declared)),
                (None, None) => break,
                // It is no path of this template: the framework's is another.
                _ => return None,
            };
            let is_pinned = matches!(fact, Some(Fact::Pinned(_)));
            if let Some(fact) = fact.filter(|_| !is_pinned) {
                rules = rules.shared(&schema.rules_for(fact, active));
            }
            unpinned.push(if is_pinned { KNOWN } else { segment });
            unknown.push(if fact.is_some() { KNOWN } else { segment });
        }
        let others = active.without(&rules);
        Some(Aside { unpinned: unpinned.join(&b'/'), rules, unknown: unknown.join(&b'/'), others })
    }
}

/// The parameter that a segment of a template is.
fn parameter(segment: &str) -> Option<&str> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    (!name.contains(['{', '}', '*'])).then_some(name)
}

/// Whether a fact is about texts that could be taken for an attack; numbers, dates and the like cannot.
fn tells(fact: &Fact) -> bool {
    matches!(fact, Fact::Content(_) | Fact::Pinned("enum" | "const" | "one_of"))
}
