//! `discriminator`: the value of one property chooses the schema, by `mapping` or by the name of the schema (OpenAPI,
//! "Discriminator Object"). It chooses among `oneOf` or `anyOf`, or, of a parent, among those that hold it in `allOf`.
//!
//! The choice is written as a rule of `if` and `then` below the discriminator, so that a value of no schema is refused,
//! and what is told of another is what the chosen schema says. Without the property the alternatives decide, as they
//! do where one of them stands in place and has no name.

mod circle;

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use super::assertions::{children, pointer_of};
use super::cycles::next;
use super::document::Document;
use super::moves::Moves;
use super::names::reference_to;
use super::{RULE, escape};
use crate::build_error::BuildError;

pub(super) use circle::open;

/// A discriminator, read.
struct Choice<'a> {
    /// Where its schema stands now.
    pointer: &'a str,
    /// The name by which others refer to the schema.
    named: String,
    property: String,
    mapping: BTreeMap<String, String>,
}

/// A schema, and the values that choose it.
type Chosen = (String, Vec<String>);

/// Has the value of its property choose the schema, where a schema has a discriminator. Answers the schemas that are
/// new by that; references to a parent among `fresh` lead to its rule from then on.
pub(super) fn enforce(
    document: &mut Document,
    pointer: &str,
    told: &str,
    fresh: &[String],
    moves: &mut Moves,
) -> Result<Vec<String>, BuildError> {
    let Some(choice) = read(document, pointer, told)? else { return Ok(Vec::new()) };
    for keyword in ["oneOf", "anyOf"] {
        match choice.alternatives(&document.value, keyword) {
            Some(chosen) => return Ok(choice.among(document, keyword, &chosen, moves)),
            None => choice.restrict(&mut document.value, keyword),
        }
    }
    let is_parent = ["oneOf", "anyOf"].iter().all(|keyword| schema_count(&document.value, pointer, keyword) == 0);
    if is_parent { choice.among_children(document, fresh) } else { Ok(Vec::new()) }
}

/// The schemas that a discriminator may choose, and that nothing else need refer to. `named` is where others find
/// the schema.
pub(super) fn targets(value: &Value, pointer: &str, named: &str) -> Vec<String> {
    let discriminator = value.pointer(pointer).and_then(|schema| schema.get("discriminator"));
    let Some(discriminator) = discriminator else { return Vec::new() };
    let mapping = discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten();
    let mut found: Vec<String> = mapping.filter_map(|(_, target)| Some(target_of(target.as_str()?))).collect();
    found.extend(kin(value, named));
    found
}

fn read<'a>(document: &Document, pointer: &'a str, told: &str) -> Result<Option<Choice<'a>>, BuildError> {
    let discriminator = document.value.pointer(pointer).and_then(|schema| schema.get("discriminator"));
    let property = discriminator.and_then(|own| own.get("propertyName")?.as_str());
    let Some(property) = property.filter(|_| discriminator.is_some_and(|own| own.get(RULE).is_none())) else {
        return Ok(None);
    };
    let mut mapping = BTreeMap::new();
    let entries = discriminator.and_then(|own| own.get("mapping")?.as_object()).into_iter().flatten();
    for (value, target) in entries {
        let target = target.as_str().unwrap_or_default();
        let named = target_of(target);
        if !document.value.pointer(&named).is_some_and(|schema| schema.is_object() || schema.is_boolean()) {
            let origin = document.origin(&format!("{told}/discriminator/mapping/{}", escape(value)));
            return Err(origin.error(format!("names the schema `{}`, which does not exist", target.escape_debug())));
        }
        mapping.insert(value.clone(), named);
    }
    Ok(Some(Choice { pointer, named: told.to_owned(), property: property.to_owned(), mapping }))
}

/// The pointer to a schema that a mapping names, by a reference or by its name.
fn target_of(target: &str) -> String {
    pointer_of(target).unwrap_or_else(|| format!("/components/schemas/{}", escape(target)))
}

fn schema_count(value: &Value, pointer: &str, keyword: &str) -> usize {
    value.pointer(pointer).and_then(|schema| schema.get(keyword)?.as_array()).map_or(0, Vec::len)
}

fn reference_of(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.get("$ref")?.as_str().and_then(pointer_of)
}

/// The schemas that hold one in `allOf` or refer to it and say more, and those that hold them.
fn kin(value: &Value, named: &str) -> Vec<String> {
    let schemas = value.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten();
    let mut above: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, _) in schemas {
        let pointer = format!("/components/schemas/{}", escape(name));
        let held = (0..schema_count(value, &pointer, "allOf")).map(|index| format!("{pointer}/allOf/{index}"));
        let parents = held.chain([pointer.clone()]).filter_map(|held| reference_of(value, &held));
        parents.for_each(|parent| above.entry(parent).or_default().push(pointer.clone()));
    }
    let mut found: Vec<String> = Vec::new();
    let mut stack = vec![named.to_owned()];
    while let Some(at) = stack.pop() {
        for child in above.get(&at).into_iter().flatten() {
            if child != named && !found.contains(child) {
                found.push(child.clone());
                stack.push(child.clone());
            }
        }
    }
    found
}

impl Choice<'_> {
    fn rule(&self) -> String {
        format!("{}/discriminator/{RULE}", self.pointer)
    }

    /// The values that choose a schema: those of the mapping, and its name.
    fn values_of(&self, value: &Value, target: &str) -> Vec<String> {
        let own = value.pointer(&format!("{target}/properties/{}", escape(&self.property)));
        let mapped = self.mapping.iter().filter(|(_, own)| *own == target).map(|(value, _)| value.clone());
        let mut values: Vec<String> = mapped.filter(|_| own.is_none_or(takes_strings)).collect();
        let name = target.strip_prefix("/components/schemas/").map(|name| name.replace("~1", "/").replace("~0", "~"));
        let is_free = |name: &String| !self.mapping.contains_key(name) && own.is_none_or(|own| takes(own, name));
        values.extend(name.filter(is_free));
        values
    }

    /// Each alternative with the values that choose it; none where one has no name, or a value would choose two.
    fn alternatives(&self, value: &Value, keyword: &str) -> Option<Vec<Chosen>> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for index in 0..schema_count(value, self.pointer, keyword) {
            let target = reference_of(value, &format!("{}/{keyword}/{index}", self.pointer))?;
            let values = self.values_of(value, &target);
            if values.is_empty() || !values.iter().all(|value| seen.insert(value.clone())) {
                return None;
            }
            found.push((target, values));
        }
        (!found.is_empty()).then_some(found)
    }

    /// The rule for those with a value of their own, under `then`.
    fn dispatch(&self, chosen: &[Chosen]) -> Value {
        let one = |(target, values): &Chosen| {
            json!({
                "if": { "properties": { (self.property.as_str()): { "enum": values } } },
                "then": { "$ref": reference_to(target) },
            })
        };
        Value::Array(chosen.iter().map(one).collect())
    }

    /// Moves the alternatives into a rule, which the schema holds in `allOf`.
    fn among(&self, document: &mut Document, keyword: &str, chosen: &[Chosen], moves: &mut Moves) -> Vec<String> {
        let all: Vec<&String> = chosen.iter().flat_map(|(_, values)| values).collect();
        let property = self.property.as_str();
        let dispatch = self.dispatch(chosen);
        let Some(Value::Object(schema)) = document.value.pointer_mut(self.pointer) else { return Vec::new() };
        let Some(options) = schema.remove(keyword) else { return Vec::new() };
        schema.insert("x-rasp-alternatives".to_owned(), options.clone());
        let rule = json!({
            "if": { "type": "object", "required": [property] },
            "then": { "properties": { (property): { "enum": all } }, "allOf": dispatch },
            "else": { (keyword): options },
        });
        if let Some(Value::Object(discriminator)) = schema.get_mut("discriminator") {
            discriminator.insert(RULE.to_owned(), rule);
        }
        let held = schema.entry("allOf").or_insert_with(|| json!([]));
        let index = held.as_array().map_or(0, Vec::len);
        if let Value::Array(held) = held {
            held.push(json!({ "$ref": reference_to(&self.rule()) }));
        }
        moves.add(format!("{}/{keyword}", self.pointer), format!("{}/else/{keyword}", self.rule()));
        let mut new = below(&document.value, self.rule());
        new.push(format!("{}/allOf/{index}", self.pointer));
        new
    }

    /// Has what refers to a parent refer to a rule that chooses among its children; what a child holds of it stays.
    fn among_children(&self, document: &mut Document, fresh: &[String]) -> Result<Vec<String>, BuildError> {
        let mut targets = kin(&document.value, &self.named);
        targets.extend(self.mapping.values().cloned());
        targets.retain(|target| *target != self.named);
        targets.sort();
        targets.dedup();
        let with_values = |target: String| (self.values_of(&document.value, &target), target);
        let chosen = targets.into_iter().map(with_values).filter(|(values, _)| !values.is_empty());
        let chosen: Vec<Chosen> = chosen.map(|(values, target)| (target, values)).collect();
        if chosen.is_empty() {
            return Ok(Vec::new());
        }
        let kept = in_place(document, chosen.iter().map(|(target, _)| target.clone()).collect())?;
        let is_outside = |pointer: &&String| {
            !kept.contains(*pointer) && reference_of(&document.value, pointer).as_ref() == Some(&self.named)
        };
        let outside: Vec<&String> = fresh.iter().filter(is_outside).collect();
        if outside.is_empty() {
            return Ok(Vec::new());
        }
        let (property, parent) = (self.property.as_str(), reference_to(&self.named));
        let own = self.values_of(&document.value, &self.named);
        let all: Vec<&String> = chosen.iter().flat_map(|(_, values)| values).collect();
        let mut alternatives: Vec<Value> =
            chosen.iter().map(|(target, _)| json!({ "$ref": reference_to(target) })).collect();
        alternatives.push(json!({ "$ref": parent }));
        let rule = json!({
            "if": { "type": "object", "required": [property], "properties": { (property): { "enum": all } } },
            "then": { "allOf": self.dispatch(&chosen) },
            "else": { "$ref": parent, "properties": { (property): { "enum": own } } },
            "x-rasp-alternatives": alternatives,
        });
        let discriminator = format!("{}/discriminator", self.pointer);
        if let Some(Value::Object(discriminator)) = document.value.pointer_mut(&discriminator) {
            discriminator.insert(RULE.to_owned(), rule);
        }
        for pointer in outside {
            if let Some(Value::Object(schema)) = document.value.pointer_mut(pointer) {
                schema.insert("$ref".to_owned(), Value::String(reference_to(&self.rule())));
            }
        }
        Ok(below(&document.value, self.rule()))
    }

    /// Says in each alternative that has a name which values choose it.
    fn restrict(&self, value: &mut Value, keyword: &str) {
        for index in 0..schema_count(value, self.pointer, keyword) {
            let pointer = format!("{}/{keyword}/{index}", self.pointer);
            let Some(target) = reference_of(value, &pointer) else { continue };
            let values = self.values_of(value, &target);
            let Some(Value::Object(option)) = value.pointer_mut(&pointer) else { continue };
            if !values.is_empty() && !option.contains_key("properties") {
                option.insert("properties".to_owned(), json!({ (self.property.as_str()): { "enum": values } }));
            }
        }
    }
}

/// All schemas that look at the same value as these.
fn in_place(document: &Document, first: Vec<String>) -> Result<HashSet<String>, BuildError> {
    let mut found = HashSet::new();
    let mut stack = first;
    while let Some(at) = stack.pop() {
        if found.insert(at.clone()) {
            stack.extend(next(document, &at)?);
        }
    }
    Ok(found)
}

/// A schema and all that stand in it.
fn below(value: &Value, pointer: String) -> Vec<String> {
    let mut found = vec![pointer];
    let mut index = 0;
    while let Some(at) = found.get(index) {
        let inner = children(value, at);
        found.extend(inner);
        index += 1;
    }
    found
}

/// Whether the property can hold the name of its schema: many hold numbers or words of their own.
fn takes(property: &Value, name: &str) -> bool {
    let is_listed =
        property.get("enum").and_then(Value::as_array).is_none_or(|list| list.iter().any(|one| one == name));
    takes_strings(property) && is_listed && property.get("const").is_none_or(|only| only == name)
}

fn takes_strings(property: &Value) -> bool {
    match property.get("type") {
        Some(Value::String(word)) => word == "string",
        Some(Value::Array(words)) => words.iter().any(|word| word == "string"),
        _ => true,
    }
}
