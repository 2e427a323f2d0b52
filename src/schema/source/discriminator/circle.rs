//! A parent that names its children in `oneOf`, each of which holds the parent in `allOf`. Written out it goes round
//! without an end; what its authors mean is that the alternatives are for who refers to the parent, and that a child
//! holds the rest of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Choice, Chosen, below, in_place, kin, read, reference_of, schema_count};
use crate::build_error::BuildError;
use crate::schema::source::document::Document;
use crate::schema::source::moves::Moves;
use crate::schema::source::names::reference_to;

/// Takes the alternatives out of such parents, and has others refer to a rule that holds both. Of two, one of which
/// is a child of the other, the parent comes first.
pub(in crate::schema::source) fn open(
    document: &mut Document,
    fresh: &mut Vec<String>,
    deeper: &Moves,
    moves: &mut Moves,
) -> Result<(), BuildError> {
    let mut parents = Vec::new();
    for pointer in fresh.iter() {
        for keyword in ["oneOf", "anyOf"] {
            if goes_round(document, pointer, keyword)? {
                parents.push((pointer.clone(), keyword));
            }
        }
    }
    for (pointer, keyword) in topmost_first(document, parents)? {
        if !goes_round(document, &pointer, keyword)? {
            continue;
        }
        let told = deeper.whole(&pointer);
        // What has no name is referred to by nobody but a child.
        if let Some(choice) = read(document, &pointer, &told)?.filter(|_| told.starts_with("/components/schemas/")) {
            let new = choice.apart(document, keyword, fresh, moves)?;
            fresh.extend(new);
        }
    }
    Ok(())
}

/// Whether a discriminator chooses among schemas by name that hold its own. One that stands in place cannot be chosen,
/// so that such a circle has no meaning and stays an error.
fn goes_round(document: &Document, pointer: &str, keyword: &str) -> Result<bool, BuildError> {
    if document.value.pointer(pointer).is_none_or(|schema| schema.get("discriminator").is_none()) {
        return Ok(false);
    }
    let count = schema_count(&document.value, pointer, keyword);
    let options: Vec<String> = (0..count).map(|index| format!("{pointer}/{keyword}/{index}")).collect();
    let are_named = options.iter().all(|option| reference_of(&document.value, option).is_some());
    Ok(are_named && in_place(document, options)?.contains(pointer))
}

/// The parents in the order of how many of the others they hold, their alternatives apart.
fn topmost_first(
    document: &Document,
    parents: Vec<(String, &'static str)>,
) -> Result<Vec<(String, &'static str)>, BuildError> {
    if parents.len() < 2 {
        return Ok(parents);
    }
    let mut bare = document.clone();
    for (pointer, keyword) in &parents {
        bare.value.pointer_mut(pointer).and_then(Value::as_object_mut).and_then(|schema| schema.remove(*keyword));
    }
    let mut counted = Vec::with_capacity(parents.len());
    for (pointer, keyword) in &parents {
        let held = in_place(&bare, vec![pointer.clone()])?;
        let count = parents.iter().filter(|(other, _)| held.contains(other)).count();
        counted.push((count, pointer.clone(), *keyword));
    }
    counted.sort();
    Ok(counted.into_iter().map(|(_, pointer, keyword)| (pointer, keyword)).collect())
}

impl Choice<'_> {
    /// Moves the alternatives into a rule that also holds the parent. Whatever refers to the parent and is no part of
    /// a child refers to the rule from then on. Answers the schemas that are new.
    fn apart(
        &self,
        document: &mut Document,
        keyword: &str,
        fresh: &[String],
        moves: &mut Moves,
    ) -> Result<Vec<String>, BuildError> {
        let (is_chosen, choice) = match self.chosen(document, keyword)? {
            Some(chosen) => {
                let all: BTreeSet<&String> = chosen.iter().flat_map(|(_, values)| values).collect();
                let property = self.property.as_str();
                let then = json!({ "properties": { (property): { "enum": all } }, "allOf": self.dispatch(&chosen) });
                (json!({ "type": "object", "required": [property] }), then)
            }
            None => {
                self.restrict(&mut document.value, keyword);
                (json!(false), json!(true))
            }
        };
        // Null that `nullable` admits stands beside the choice, one step above.
        let is_null = if self.pointer == self.named { json!(false) } else { json!({ "type": "null" }) };
        let Some(Value::Object(schema)) = document.value.pointer_mut(self.pointer) else { return Ok(Vec::new()) };
        let Some(options) = schema.remove(keyword) else { return Ok(Vec::new()) };
        let rule = json!({
            "$ref": reference_to(&self.named),
            "if": is_chosen,
            "then": choice,
            "else": { "if": is_null, "else": { (keyword): options } },
            "x-rasp-alternatives": options,
        });
        if let Some(Value::Object(discriminator)) = schema.get_mut("discriminator") {
            discriminator.insert(super::RULE.to_owned(), rule);
        }
        moves.add(format!("{}/{keyword}", self.pointer), format!("{}/else/else/{keyword}", self.rule()));
        let kept = in_place(document, vec![format!("{}/then", self.rule()), format!("{}/else", self.rule())])?;
        for pointer in fresh.iter().filter(|pointer| !kept.contains(*pointer)) {
            if reference_of(&document.value, pointer).as_ref() == Some(&self.named)
                && let Some(Value::Object(schema)) = document.value.pointer_mut(pointer)
            {
                schema.insert("$ref".to_owned(), Value::String(reference_to(&self.rule())));
            }
        }
        Ok(below(&document.value, self.rule()))
    }

    /// The alternatives, and what a mapping names beside them or holds one of them, each with its values.
    fn chosen(&self, document: &Document, keyword: &str) -> Result<Option<Vec<Chosen>>, BuildError> {
        let Some(mut chosen) = self.alternatives(&document.value, keyword) else { return Ok(None) };
        let listed: Vec<String> = chosen.iter().map(|(target, _)| target.clone()).collect();
        let mut others: BTreeSet<String> = self.mapping.values().cloned().collect();
        for child in kin(&document.value, &self.named) {
            let held = in_place(document, vec![child.clone()])?;
            let is_child_of_one = listed.iter().any(|own| *own != self.named && held.contains(own));
            others.extend(is_child_of_one.then_some(child));
        }
        let known: BTreeSet<String> = chosen.iter().flat_map(|(_, values)| values.clone()).collect();
        for other in others.into_iter().filter(|other| !listed.contains(other) && *other != self.named) {
            let values = self.values_of(&document.value, &other);
            let values: Vec<String> = values.into_iter().filter(|value| !known.contains(value)).collect();
            chosen.extend((!values.is_empty()).then_some((other, values)));
        }
        Ok(Some(chosen))
    }
}
