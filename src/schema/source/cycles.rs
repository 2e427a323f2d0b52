//! Schemas that refer to themselves without looking deeper into the value: no value ends them.

use std::collections::HashMap;

use serde_json::Value;

use super::document::Document;
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
            if let Some(reference) =
                schema.get("$ref").and_then(Value::as_str).filter(|target| target.starts_with("#/"))
            {
                stack.push((document.target(reference, &at)?, false));
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
