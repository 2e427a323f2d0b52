//! Schemas to shapes.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::pattern;
use super::{Additional, Shape, ShapeId, Shapes, Types};
use crate::schema::SchemaNode;
use crate::schema::failure::Fact;
use crate::schema::pointer::{escape, find};

/// How deep combinations are followed; below it anything may stand.
const COMBINED_DEPTH_MAX: usize = 8;

/// Works out shapes; one for all schemas of an operation, so that what they share is shared.
#[derive(Debug, Default)]
pub struct ShapeBuilder {
    shapes: Shapes,
    known: HashMap<(usize, String), ShapeId>,
    /// By the address of the document: whether parts of it have names of their own, from which
    /// references may start.
    renamed: HashMap<usize, bool>,
    dialect: Dialect,
    /// The file of the document that is read.
    file: Arc<str>,
}

/// How the document that is read writes schemas.
#[derive(Clone, Copy, Debug, Default)]
struct Dialect {
    /// What stands beside a reference counts for nothing, and some formats are not known.
    draft7: bool,
    /// Where a reference leads is not followed here.
    is_renamed: bool,
}

impl Dialect {
    /// The pointer that a schema refers to in its own document.
    fn reference(self, schema: &Map<String, Value>) -> Option<String> {
        let target = schema.get("$ref")?.as_str()?.strip_prefix('#').filter(|_| !self.is_renamed)?;
        (target.is_empty() || target.starts_with('/')).then(|| percent_decode(target))
    }

    /// The same, where nothing stands beside it that says more of the values.
    fn lone_reference(self, schema: &Value) -> Option<String> {
        let schema = schema.as_object()?;
        let says_nothing =
            |key: &str| matches!(key, "$ref" | "description" | "title" | "summary" | "example" | "examples");
        (self.draft7 || schema.keys().all(|key| says_nothing(key))).then(|| self.reference(schema)).flatten()
    }
}

impl ShapeBuilder {
    /// The shape of a schema.
    pub fn shape(&mut self, node: &SchemaNode) -> ShapeId {
        let address = std::sync::Arc::as_ptr(&node.document) as usize;
        let is_renamed = *self.renamed.entry(address).or_insert_with(|| is_renamed(&node.document, true));
        self.dialect = Dialect { draft7: node.draft7, is_renamed };
        self.file = Arc::clone(&node.origin.file);
        self.at(&node.document, &node.pointer, 0)
    }

    /// All shapes so far.
    #[must_use]
    pub fn finish(self) -> Shapes {
        self.shapes
    }

    fn push(&mut self, shape: Shape) -> ShapeId {
        self.shapes.shapes.push(shape);
        (self.shapes.shapes.len() - 1) as ShapeId
    }

    fn get(&self, id: ShapeId) -> Shape {
        self.shapes.get(id).clone()
    }

    fn at(&mut self, document: &Value, pointer: &str, depth: usize) -> ShapeId {
        let key = (std::ptr::from_ref(document) as usize, pointer.to_owned());
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let Some(schema) = find(document, pointer) else { return self.push(Shape::ANY) };
        if let Some(target) = self.dialect.lone_reference(schema).filter(|target| target != pointer && depth < 64) {
            return self.at(document, &target, depth + 1);
        }
        // What refers back to it while it is made finds its place, which is filled below.
        let id = self.push(Shape::ANY);
        self.known.insert(key, id);
        let mut shape = match schema {
            Value::Bool(false) => Shape { types: Types::NONE, ..Shape::ANY },
            // Beside a reference that is not followed draft 7 knows nothing.
            Value::Object(schema) if self.dialect.draft7 && schema.contains_key("$ref") => self.unknown(),
            Value::Object(schema) => self.object(document, pointer, schema, depth),
            _ => Shape::ANY,
        };
        shape.origin = Some(format!("{} {}", self.file, if pointer.is_empty() { "/" } else { pointer }).into());
        if let Some(slot) = self.shapes.shapes.get_mut(id as usize) {
            *slot = shape;
        }
        id
    }

    /// Anything at all, with properties of which none is undeclared.
    fn unknown(&mut self) -> Shape {
        let additional = Additional::Shaped(self.push(Shape::ANY));
        Shape { additional, ..Shape::ANY }
    }

    fn object(&mut self, document: &Value, pointer: &str, schema: &Map<String, Value>, depth: usize) -> Shape {
        if depth > 64 {
            return Shape::ANY;
        }
        let mut shape = Shape { types: types(schema), fact: fact(schema, self.dialect), ..Shape::ANY };
        shape.unenforced = schema.get("x-rasp-unenforced").is_some();
        shape.read_only = schema.get("readOnly") == Some(&Value::Bool(true));
        if let Some(Value::Object(properties)) = schema.get("properties") {
            for name in properties.keys() {
                let id = self.at(document, &format!("{pointer}/properties/{}", escape(name)), depth + 1);
                shape.properties.push((name.as_str().into(), id));
            }
            shape.properties.sort();
        }
        let patterned = schema.get("patternProperties").and_then(Value::as_object).is_some_and(|map| !map.is_empty());
        shape.additional = match schema.get("additionalProperties").or(schema.get("unevaluatedProperties")) {
            Some(Value::Bool(false)) if !patterned => Additional::Closed,
            // Said outright it declares them.
            Some(Value::Bool(true)) if schema.contains_key("additionalProperties") => {
                Additional::Shaped(self.push(Shape::ANY))
            }
            Some(Value::Object(_)) if !patterned && schema.contains_key("additionalProperties") => {
                Additional::Shaped(self.at(document, &format!("{pointer}/additionalProperties"), depth + 1))
            }
            _ if patterned => Additional::Shaped(self.push(Shape::ANY)),
            _ => Additional::Open,
        };
        let prefixed = schema.contains_key("prefixItems") || schema.get("items").is_some_and(Value::is_array);
        if !prefixed && schema.contains_key("items") {
            shape.items = Some(self.at(document, &format!("{pointer}/items"), depth + 1));
        }
        let target = self.dialect.reference(schema);
        let is_lost = schema.contains_key("$ref") && target.is_none();
        if is_lost || schema.contains_key("$dynamicRef") {
            let other = self.unknown();
            shape.additional = if shape.additional == Additional::Open { other.additional } else { shape.additional };
        }
        if let Some(target) = target {
            let other = self.at(document, &target, depth + 1);
            shape = self.both(shape, other, 0);
        }
        for index in 0..schema.get("allOf").and_then(Value::as_array).map_or(0, Vec::len) {
            let other = self.at(document, &format!("{pointer}/allOf/{index}"), depth + 1);
            shape = self.both(shape, other, 0);
        }
        for keyword in ["anyOf", "oneOf", "x-rasp-alternatives"] {
            let count = schema.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
            let branches: Vec<ShapeId> =
                (0..count).map(|index| self.at(document, &format!("{pointer}/{keyword}/{index}"), depth + 1)).collect();
            let Some((&first, rest)) = branches.split_first() else { continue };
            let mut union = first;
            for &branch in rest {
                union = self.either(union, branch, 0);
            }
            shape = self.both(shape, union, 0);
        }
        for keyword in ["then", "else", "dependentSchemas"] {
            // What such a branch declares is declared, though nothing is known of its values.
            if let Some(Value::Object(properties)) = schema.get(keyword).and_then(|branch| branch.get("properties")) {
                for name in
                    properties.keys().filter(|name| shape.property(name.as_bytes()).is_none()).collect::<Vec<_>>()
                {
                    let any = self.push(Shape::ANY);
                    shape.properties.push((name.as_str().into(), any));
                    shape.properties.sort();
                }
            }
        }
        shape
    }

    /// What holds where both do.
    fn both(&mut self, mut one: Shape, other: ShapeId, depth: usize) -> Shape {
        let other = self.get(other);
        one.types = one.types.and(other.types);
        one.fact = one.fact.or(other.fact);
        one.unenforced |= other.unenforced;
        one.read_only |= other.read_only;
        one.origin = one.origin.or(other.origin);
        for (name, theirs) in other.properties {
            match one.properties.binary_search_by(|(known, _)| known.cmp(&name)) {
                Ok(at) if depth < COMBINED_DEPTH_MAX => {
                    let Some((_, ours)) = one.properties.get(at).cloned() else { continue };
                    let ours = self.get(ours);
                    let merged = self.both(ours, theirs, depth + 1);
                    let merged = self.push(merged);
                    if let Some(slot) = one.properties.get_mut(at) {
                        slot.1 = merged;
                    }
                }
                Ok(_) => {}
                Err(at) => one.properties.insert(at, (name, theirs)),
            }
        }
        one.items = one.items.or(other.items);
        if one.additional == Additional::Open {
            one.additional = other.additional;
        }
        one
    }

    /// What holds where one of the two does.
    fn either(&mut self, one: ShapeId, other: ShapeId, depth: usize) -> ShapeId {
        if one == other {
            return one;
        }
        if depth > COMBINED_DEPTH_MAX {
            return self.push(Shape::ANY);
        }
        let (ours, theirs) = (self.get(one), self.get(other));
        let mut union = Shape { types: ours.types.or(theirs.types), ..Shape::ANY };
        union.unenforced = ours.unenforced || theirs.unenforced;
        union.read_only = ours.read_only && theirs.read_only;
        union.fact = either_fact(&ours, &theirs);
        let names = ours.properties.iter().chain(&theirs.properties).map(|(name, _)| name.clone());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names.dedup();
        for name in names {
            let id = match (ours.property(name.as_bytes()), theirs.property(name.as_bytes())) {
                (Some(one), Some(other)) => self.either(one, other, depth + 1),
                // The branch that does not name it may still take it, as anything.
                (Some(id), None) | (None, Some(id)) => {
                    let types = self.get(id).types;
                    self.push(Shape { types, ..Shape::ANY })
                }
                (None, None) => continue,
            };
            union.properties.push((name, id));
        }
        union.items = match (ours.items, theirs.items) {
            (Some(one), Some(other)) => Some(self.either(one, other, depth + 1)),
            (Some(id), None) if !theirs.types.has(Types::ARRAY) => Some(id),
            (None, Some(id)) if !ours.types.has(Types::ARRAY) => Some(id),
            _ => None,
        };
        union.additional = match (ours.additional, theirs.additional) {
            (Additional::Closed, Additional::Closed) => Additional::Closed,
            _ => Additional::Open,
        };
        self.push(union)
    }
}

/// A fact holds of either when it holds of both, or when the other has no scalar of its own.
fn either_fact(one: &Shape, other: &Shape) -> Option<Fact> {
    let bare = |shape: &Shape| shape.types.within(Types::OBJECT.or(Types::ARRAY).or(Types::NULL));
    match (one.fact, other.fact) {
        (Some(Fact::Pinned(word)), Some(Fact::Pinned(other))) => {
            Some(Fact::Pinned(if word == other { word } else { "one_of" }))
        }
        (Some(Fact::Plain(bytes)), Some(Fact::Plain(other))) => Some(Fact::Plain(bytes.union(other))),
        (Some(Fact::Plain(bytes)), Some(Fact::Pinned(_))) | (Some(Fact::Pinned(_)), Some(Fact::Plain(bytes))) => {
            Some(Fact::Plain(bytes))
        }
        (Some(fact), Some(other)) if fact == other => Some(fact),
        (Some(fact), None) if bare(other) => Some(fact),
        (None, Some(fact)) if bare(one) => Some(fact),
        _ => None,
    }
}

fn types(schema: &Map<String, Value>) -> Types {
    match schema.get("type") {
        Some(Value::String(name)) => Types::of(name),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).fold(Types::NONE, |types, name| types.or(Types::of(name)))
        }
        _ => match (schema.get("const"), schema.get("enum")) {
            (Some(value), _) => types_of(value),
            (_, Some(Value::Array(options))) => {
                options.iter().fold(Types::NONE, |types, option| types.or(types_of(option)))
            }
            _ => Types::ANY,
        },
    }
}

fn types_of(value: &Value) -> Types {
    match value {
        Value::Null => Types::NULL,
        Value::Bool(_) => Types::BOOLEAN,
        Value::Number(_) => Types::NUMBER,
        Value::String(_) => Types::STRING,
        Value::Array(_) => Types::ARRAY,
        Value::Object(_) => Types::OBJECT,
    }
}

/// What the own keywords of a schema make known of its scalars.
fn fact(schema: &Map<String, Value>, dialect: Dialect) -> Option<Fact> {
    let word = |key: &str| schema.get(key).and_then(Value::as_str);
    if schema.get("const").is_some_and(is_scalar) {
        return Some(Fact::Pinned("const"));
    }
    if schema.get("enum").and_then(Value::as_array).is_some_and(|options| options.iter().all(is_scalar)) {
        return Some(Fact::Pinned("enum"));
    }
    let types = types(schema);
    let scalars = Types::NUMBER.or(Types::BOOLEAN).or(Types::NULL);
    if types != Types::NONE && types.within(scalars.or(Types::ARRAY).or(Types::OBJECT)) && types.has(scalars) {
        let integer = types.and(Types::NUMBER) == Types::INTEGER;
        return Some(Fact::Pinned(match (integer, types.has(Types::NUMBER)) {
            (true, _) => "integer",
            (_, true) => "number",
            _ => "boolean",
        }));
    }
    // The last two came after draft 7, which passes over them.
    let pinned: &[&str] = &["date", "date-time", "time", "ipv4", "ipv6", "uuid", "duration"];
    let pinned = if dialect.draft7 { pinned.get(..5).unwrap_or_default() } else { pinned };
    if let Some(format) = word("format").and_then(|format| pinned.iter().find(|known| **known == format)) {
        return Some(Fact::Pinned(format));
    }
    if let Some(bytes) = word("pattern").and_then(pattern::alphabet) {
        return Some(Fact::Plain(bytes));
    }
    word("x-rasp-content").or(word("format")).and_then(super::content).map(Fact::Content)
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

/// Whether a part of a document has a name of its own (`$id`), from which references start.
fn is_renamed(document: &Value, is_root: bool) -> bool {
    match document {
        Value::Array(elements) => elements.iter().any(|element| is_renamed(element, false)),
        Value::Object(members) => {
            !is_root && members.get("$id").is_some_and(Value::is_string)
                || members.values().any(|member| is_renamed(member, false))
        }
        _ => false,
    }
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.filter(|_| byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
