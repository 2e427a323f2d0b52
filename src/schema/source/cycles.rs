//! Schemas that refer to themselves without looking deeper into the value: no value ends them. And such as refer on and
//! on, each step of which costs whoever validates a part of the stack, or look at one value thousands of times.

use std::collections::HashMap;

use serde_json::Value;

use super::document::Document;
use super::escape;
use crate::build_error::BuildError;

/// Schemas that may look at one value one within another.
const STEPS_MAX: u32 = 64;
/// How often schemas may look at one value, by all ways on which they are come to. Each further way costs, though the
/// schema is one: `allOf: [a, a]` over `allOf: [b, b]` looks four times.
const LOOKS_MAX: u32 = 20_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Colour {
    Open,
    /// With the most schemas that stand one within another from there, and how often they look.
    Done {
        steps: u32,
        looks: u32,
    },
}

/// Looks for such circles from one schema on.
#[derive(Default)]
pub(super) struct Cycles {
    seen: HashMap<String, Colour>,
}

impl Cycles {
    /// An error when a circle begins at or behind this schema.
    pub(super) fn check(&mut self, document: &Document, pointer: &str) -> Result<(), BuildError> {
        // A stack of its own: documents are deep, and threads' stacks are not.
        let mut stack = vec![(pointer.to_owned(), false)];
        while let Some((at, leaving)) = stack.pop() {
            if leaving {
                self.leave(document, at)?;
                continue;
            }
            match self.seen.get(&at) {
                Some(Colour::Done { .. }) => continue,
                Some(Colour::Open) => {
                    return Err(document
                        .origin(&at)
                        .error("refers to itself without a step into the value, so no value could be checked"));
                }
                None => {}
            }
            self.seen.insert(at.clone(), Colour::Open);
            stack.push((at.clone(), true));
            stack.extend(next(document, &at)?.into_iter().map(|next| (next, false)));
        }
        Ok(())
    }

    fn leave(&mut self, document: &Document, at: String) -> Result<(), BuildError> {
        let (mut steps, mut looks) = (0, 1_u32);
        for next in next(document, &at)? {
            if let Some(Colour::Done { steps: more, looks: times }) = self.seen.get(&next) {
                steps = steps.max(*more);
                looks = looks.saturating_add(*times);
            }
        }
        let steps = steps + 1;
        if steps > STEPS_MAX {
            let message = format!("refers on through more than {STEPS_MAX} schemas without a step into the value");
            return Err(document.origin(&at).error(message));
        }
        if looks > LOOKS_MAX {
            let message = format!("looks at one value more than {LOOKS_MAX} times, by all its references together");
            return Err(document.origin(&at).error(message));
        }
        self.seen.insert(at, Colour::Done { steps, looks });
        Ok(())
    }
}

/// The schemas that look at the same value as this one.
pub(super) fn next(document: &Document, at: &str) -> Result<Vec<String>, BuildError> {
    let Some(Value::Object(schema)) = document.value.pointer(at) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        found.push(document.target(reference, at)?);
    }
    for keyword in ["dependentSchemas", "dependencies"] {
        let names = schema.get(keyword).and_then(Value::as_object).into_iter().flat_map(|map| map.keys());
        found.extend(names.map(|name| format!("{at}/{keyword}/{}", escape(name))));
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let count = schema.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
        found.extend((0..count).map(|index| format!("{at}/{keyword}/{index}")));
    }
    let single = ["not", "if", "then", "else"].iter().filter(|keyword| schema.contains_key(**keyword));
    found.extend(single.map(|keyword| format!("{at}/{keyword}")));
    Ok(found)
}
