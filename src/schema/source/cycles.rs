//! Schemas that refer to themselves without looking deeper into the value: no value ends them.

use std::collections::HashMap;

use serde_json::Value;

use super::document::Document;
use super::escape;
use crate::build_error::BuildError;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Colour {
    Open,
    Done,
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
                self.seen.insert(at, Colour::Done);
                continue;
            }
            match self.seen.get(&at) {
                Some(Colour::Done) => continue,
                Some(Colour::Open) => {
                    return Err(document
                        .origin(&at)
                        .error("refers to itself without a step into the value, so no value could be checked"));
                }
                None => {}
            }
            self.seen.insert(at.clone(), Colour::Open);
            stack.push((at.clone(), true));
            let Some(Value::Object(schema)) = document.value.pointer(&at) else { continue };
            for reference in ["$ref", "$dynamicRef"].iter().filter_map(|keyword| schema.get(*keyword)?.as_str()) {
                let target = match reference.strip_prefix('#') {
                    Some(rest) if rest.is_empty() || rest.starts_with('/') => Some(document.target(reference, &at)?),
                    Some(name) => anchored(&document.value, name, 0),
                    None => None,
                };
                stack.extend(target.map(|target| (target, false)));
            }
            for keyword in ["dependentSchemas", "dependencies"] {
                let names = schema.get(keyword).and_then(Value::as_object).into_iter().flat_map(|map| map.keys());
                stack.extend(names.map(|name| (format!("{at}/{keyword}/{}", escape(name)), false)));
            }
            for keyword in ["allOf", "anyOf", "oneOf"] {
                let count = schema.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
                stack.extend((0..count).map(|index| (format!("{at}/{keyword}/{index}"), false)));
            }
            for keyword in ["not", "if", "then", "else"] {
                if schema.contains_key(keyword) {
                    stack.push((format!("{at}/{keyword}"), false));
                }
            }
        }
        Ok(())
    }
}

/// Where the schema of this anchor stands.
fn anchored(value: &Value, name: &str, depth: usize) -> Option<String> {
    let below = |(key, child)| Some(format!("/{key}{}", anchored(child, name, depth + 1)?));
    match value {
        _ if depth > 100 => None,
        Value::Object(map) => {
            let is_it = |keyword: &str| map.get(keyword).and_then(Value::as_str) == Some(name);
            if is_it("$anchor") || is_it("$dynamicAnchor") {
                return Some(String::new());
            }
            map.iter().map(|(key, child)| (escape(key), child)).find_map(below)
        }
        Value::Array(elements) => {
            elements.iter().enumerate().map(|(index, child)| (index.to_string(), child)).find_map(below)
        }
        _ => None,
    }
}
