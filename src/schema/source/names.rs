//! References by name (`$id`, `$anchor`), turned into references by place.
//!
//! Only what stands in the document has a name here; so an `$id` that is an address is never fetched.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::assertions::{children, pointer_of};
use super::document::Document;
use crate::schema::Unenforced;

/// How deep schemas are looked through.
const DEPTH_MAX: usize = 100;

#[derive(Default)]
struct Names {
    /// By `$id`.
    resources: HashMap<String, String>,
    /// By the pointer of the resource and the name.
    anchors: HashMap<(String, String), String>,
    /// How many schemas bear a dynamic name.
    dynamic: HashMap<String, Vec<String>>,
    /// The schemas that are done.
    rewritten: HashSet<String>,
    /// The places of resources.
    bases: HashSet<String>,
    /// Whether any schema is referred to as 2019-09 does it.
    recursive: bool,
}

/// Rewrites the references of these schemas and of all that stands in them.
pub(super) fn resolve(document: &mut Document, roots: &[String], unenforced: &mut Vec<Unenforced>) {
    let roots = &with_targets(&document.value, roots);
    let mut names = Names::default();
    for root in roots {
        gather(&document.value, root, "", 0, &mut names);
    }
    if names.resources.is_empty() && names.anchors.is_empty() && names.dynamic.is_empty() && !names.recursive {
        return;
    }
    names.bases = names.resources.values().cloned().collect();
    for root in roots {
        rewrite(document, root, Bases::default(), 0, &mut names, unenforced);
    }
}

/// The schemas, and those outside of them to which they refer.
fn with_targets(value: &Value, roots: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut stack: Vec<(String, bool)> = roots.iter().rev().map(|root| (root.clone(), true)).collect();
    while let Some((pointer, is_root)) = stack.pop() {
        if !seen.insert(pointer.clone()) {
            continue;
        }
        let target = value.pointer(&pointer).and_then(|schema| schema.get("$ref")).and_then(Value::as_str);
        stack.extend(target.and_then(pointer_of).map(|target| (target, true)));
        stack.extend(children(value, &pointer).into_iter().map(|child| (child, false)));
        if is_root {
            found.push(pointer);
        }
    }
    // What holds others comes before them, so that each is read with the base that it stands in, and once.
    found.sort_by_key(String::len);
    found
}

fn gather(value: &Value, pointer: &str, base: &str, depth: usize, names: &mut Names) {
    let Some(Value::Object(schema)) = value.pointer(pointer).filter(|_| depth <= DEPTH_MAX) else { return };
    let word = |key: &str| schema.get(key).and_then(Value::as_str);
    let mut base = base;
    match word("$id") {
        // Draft 7 writes anchors so.
        Some(id) if id.starts_with('#') => {
            names.anchors.insert((base.to_owned(), id[1..].to_owned()), pointer.to_owned());
        }
        Some(id) => {
            names.resources.insert(id.trim_end_matches('#').to_owned(), pointer.to_owned());
            base = pointer;
        }
        None => {}
    }
    names.recursive |= schema.contains_key("$recursiveRef") || schema.contains_key("$recursiveAnchor");
    for key in ["$anchor", "$dynamicAnchor"] {
        if let Some(anchor) = word(key) {
            names.anchors.insert((base.to_owned(), anchor.to_owned()), pointer.to_owned());
        }
    }
    if let Some(anchor) = word("$dynamicAnchor") {
        let known = names.dynamic.entry(anchor.to_owned()).or_default();
        if known.iter().all(|known| known != pointer) {
            known.push(pointer.to_owned());
        }
    }
    for child in children(value, pointer) {
        gather(value, &child, base, depth + 1, names);
    }
}

/// In what a schema stands.
#[derive(Clone, Copy, Default)]
struct Bases<'a> {
    /// The resource.
    id: &'a str,
    /// The schema that `$recursiveRef` means.
    recursive: Option<&'a str>,
}

fn rewrite(
    document: &mut Document,
    pointer: &str,
    base: Bases<'_>,
    depth: usize,
    names: &mut Names,
    unenforced: &mut Vec<Unenforced>,
) {
    if depth > DEPTH_MAX || !names.rewritten.insert(pointer.to_owned()) {
        return;
    }
    let mut base = base;
    if names.bases.contains(pointer) {
        base.id = pointer;
    }
    if document.value.pointer(pointer).is_some_and(|schema| schema.get("$recursiveAnchor") == Some(&Value::Bool(true)))
    {
        base.recursive = Some(pointer);
    }
    for child in children(&document.value, pointer) {
        rewrite(document, &child, base, depth + 1, names, unenforced);
    }
    let origin = document.origin(pointer);
    let Some(Value::Object(schema)) = document.value.pointer_mut(pointer) else { return };
    let target = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| names.place(reference, base.id))
        .map(|target| reference_to(&target));
    if let Some(target) = target {
        schema.insert("$ref".to_owned(), Value::String(target));
    }
    if let Some(Value::String(reference)) = schema.remove("$dynamicRef") {
        let name = reference.rsplit('#').next().unwrap_or_default();
        match (names.dynamic.get(name).map(Vec::as_slice), schema.contains_key("$ref")) {
            // With one bearer of the name it leads there whatever the way.
            (Some([only]), false) => {
                schema.insert("$ref".to_owned(), Value::String(reference_to(only)));
            }
            _ => {
                schema.insert("x-rasp-unenforced".to_owned(), Value::from("$dynamicRef"));
                let mut origin = origin;
                origin.pointer.push_str("/$dynamicRef");
                let reason = "where `$dynamicRef` leads depends on the way to it, which is not followed".to_owned();
                unenforced.push(Unenforced { origin, reason });
            }
        }
    }
    if schema.remove("$recursiveRef").is_some() {
        match base.recursive.filter(|_| !schema.contains_key("$ref")) {
            Some(place) => drop(schema.insert("$ref".to_owned(), Value::String(reference_to(place)))),
            None => {
                schema.insert("x-rasp-unenforced".to_owned(), Value::from("$recursiveRef"));
                let origin = document.origin(&format!("{pointer}/$recursiveRef"));
                let reason = "`$recursiveRef` is of a dialect that is not read here".to_owned();
                unenforced.push(Unenforced { origin, reason });
            }
        }
    }
    let Some(Value::Object(schema)) = document.value.pointer_mut(pointer) else { return };
    for name in ["$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor"] {
        schema.remove(name);
    }
}

impl Names {
    /// Where a reference leads, unless it is a pointer into the whole document already.
    fn place(&self, reference: &str, base: &str) -> Option<String> {
        let (resource, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = match resource {
            "" => base,
            id => self.resources.get(id).or_else(|| self.by_end(id))?,
        };
        match fragment {
            "" => Some(resource.to_owned()),
            _ if fragment.starts_with('/') => {
                let fragment = percent_encoding::percent_decode_str(fragment).decode_utf8_lossy();
                Some(format!("{resource}{fragment}"))
            }
            name => self.anchors.get(&(resource.to_owned(), name.to_owned())).cloned(),
        }
    }

    /// A relative name, by the last part of an address.
    fn by_end(&self, id: &str) -> Option<&String> {
        let id = id.trim_start_matches("./");
        let fits = |known: &&String| known.rsplit('/').next() == Some(id);
        self.resources.keys().find(fits).and_then(|known| self.resources.get(known))
    }
}

/// A pointer as a reference: what no fragment of a URI may hold is escaped (RFC 3986, 3.5).
pub(super) fn reference_to(pointer: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'~').remove(b'-').remove(b'.').remove(b'_');
    format!("#{}", utf8_percent_encode(pointer, FRAGMENT))
}
