//! What follows from an assertion that cannot be enforced: without it a schema takes more than it says.
//!
//! So whatever refuses because something else fits (`not`, `oneOf`, `if`, `maxContains`) may refuse what is valid, and
//! is loosened until it takes no less than the document says.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::assertions::{children, pointer_of};
use super::moves::Moves;

/// Loosens these schemas, which must hold all that they refer to.
pub(super) fn loosen(value: &mut Value, schemas: &[String], moves: &mut Moves) {
    let marked = |pointer: &&String| mark(value, pointer).is_some();
    let first: Vec<&str> = schemas.iter().filter(marked).map(String::as_str).collect();
    if first.is_empty() {
        return;
    }
    let unsure = |pointer: &&&str| !matches!(mark(value, pointer), Some("pattern" | "required"));
    let unseen: Vec<&str> = first.iter().filter(unsure).copied().collect();
    let loose = reach(value, schemas, first, false);
    let unseen = reach(value, schemas, unseen, true);
    let mut loose: Vec<String> = loose.into_iter().collect();
    // What stands in others comes before them, so that their pointers hold.
    loose.sort_by_key(|pointer| std::cmp::Reverse(pointer.len()));
    let is_loose: HashSet<String> = loose.iter().cloned().collect();
    for pointer in &loose {
        one(value, pointer, &is_loose, unseen.contains(pointer), moves);
    }
}

fn mark<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.get("x-rasp-unenforced")?.as_str()
}

/// The schemas that hold one of these or refer to it; in one value only, or anywhere.
fn reach(value: &Value, schemas: &[String], first: Vec<&str>, in_place: bool) -> HashSet<String> {
    let mut above: HashMap<String, Vec<&str>> = HashMap::new();
    for pointer in schemas {
        let below = children(value, pointer).into_iter().filter(|child| !in_place || is_in_place(child, pointer));
        let target = value.pointer(pointer).and_then(|schema| schema.get("$ref")?.as_str()).and_then(pointer_of);
        below.chain(target).for_each(|below| above.entry(below).or_default().push(pointer));
    }
    let mut found = HashSet::new();
    let mut stack = first;
    while let Some(pointer) = stack.pop() {
        if found.insert(pointer.to_owned()) {
            stack.extend(above.get(pointer).into_iter().flatten());
        }
    }
    found
}

fn is_in_place(child: &str, pointer: &str) -> bool {
    let keyword = child[pointer.len()..].split('/').nth(1).unwrap_or_default();
    matches!(keyword, "allOf" | "anyOf" | "oneOf" | "if" | "then" | "else" | "dependentSchemas")
}

fn one(value: &mut Value, pointer: &str, loose: &HashSet<String>, unseen: bool, moves: &mut Moves) {
    let holds = |keyword: &str| loose.contains(&format!("{pointer}/{keyword}"));
    let options = value.pointer(pointer).and_then(|schema| schema.get("oneOf")?.as_array()).map_or(0, Vec::len);
    let one_of = (0..options).any(|index| holds(&format!("oneOf/{index}")));
    let Some(Value::Object(schema)) = value.pointer_mut(pointer) else { return };
    let mut gone: Vec<&str> = Vec::new();
    if holds("not") {
        gone.push("not");
    }
    if holds("if") {
        gone.extend(["if", "then", "else"]);
    }
    if holds("contains") {
        gone.push("maxContains");
    }
    if unseen {
        gone.extend(["unevaluatedProperties", "unevaluatedItems"]);
    }
    let mut changed = false;
    for keyword in gone {
        changed |= schema.remove(keyword).is_some();
    }
    if one_of && let Some(options) = schema.remove("oneOf") {
        changed = true;
        let place = if schema.contains_key("anyOf") {
            let all = schema.entry("allOf").or_insert_with(|| json!([]));
            let index = all.as_array().map_or(0, Vec::len);
            if let Value::Array(all) = all {
                all.push(json!({ "anyOf": options }));
            }
            format!("{pointer}/allOf/{index}/anyOf")
        } else {
            schema.insert("anyOf".to_owned(), options);
            format!("{pointer}/anyOf")
        };
        moves.add(format!("{pointer}/oneOf"), place);
    }
    if changed {
        schema.entry("x-rasp-unenforced").or_insert_with(|| json!("loosened"));
    }
}
