//! The tape as the validator reads it.

use std::borrow::Cow;
use std::collections::HashSet;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node as JsonNode, NodeIdentity, Object};
use serde_json::Value;

use super::number::TapeNumber;
use super::{Children, Kind, Tape};

/// The representation of JSON that validators are compiled for.
pub struct TapeJson;

/// One node of a tape, or the name of a member as a string of its own.
#[derive(Clone, Copy)]
pub struct TapeNode<'a> {
    source: Source<'a>,
}

#[derive(Clone, Copy)]
enum Source<'a> {
    Tape(&'a Tape, u32),
    Name(&'a str),
}

impl<'a> TapeNode<'a> {
    pub(super) const fn at(tape: &'a Tape, index: u32) -> Self {
        Self { source: Source::Tape(tape, index) }
    }

    /// Its index on the tape.
    #[must_use]
    pub const fn index(self) -> u32 {
        match self.source {
            Source::Tape(_, index) => index,
            Source::Name(_) => u32::MAX,
        }
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.source {
            Source::Tape(tape, index) if !tape.is_spent() => tape.node(index).kind,
            Source::Tape(..) => Kind::Null,
            Source::Name(_) => Kind::String,
        }
    }

    /// The text of a string or number.
    #[must_use]
    pub fn text(self) -> &'a str {
        match self.source {
            Source::Tape(tape, index) => {
                let node = tape.node(index);
                if matches!(node.kind, Kind::String | Kind::Number) { tape.slice(node.text) } else { "" }
            }
            Source::Name(name) => name,
        }
    }

    /// The members of an object, or the elements of an array under empty names.
    pub fn members(self) -> impl Iterator<Item = (&'a str, Self)> {
        let tape = match self.source {
            Source::Tape(tape, index) => Some((tape, index)),
            Source::Name(_) => None,
        };
        tape.into_iter().flat_map(|(tape, index)| {
            tape.children(index).map(move |child| (tape.slice(tape.node(child).key), Self::at(tape, child)))
        })
    }

    /// Whether it is of this kind; counts as work.
    fn is(&self, kind: Kind) -> bool {
        match self.source {
            Source::Tape(tape, index) => tape.work(1) && tape.node(index).kind == kind,
            Source::Name(_) => kind == Kind::String,
        }
    }

    fn container(&self, kind: Kind) -> Option<Container<'a>> {
        match self.source {
            Source::Tape(tape, index) if self.is(kind) => Some(Container { tape, index }),
            _ => None,
        }
    }

    /// Writes one form for all nodes that JSON takes for equal.
    fn canonical(self, out: &mut String) {
        match self.kind() {
            Kind::Null => out.push('n'),
            Kind::False => out.push('f'),
            Kind::True => out.push('t'),
            Kind::Number => {
                out.push('#');
                out.push_str(&TapeNumber(self.text()).canonical());
                out.push(' ');
            }
            Kind::String => canonical_text(self.text(), out),
            Kind::Array => {
                out.push('[');
                self.members().for_each(|(_, element)| element.canonical(out));
                out.push(']');
            }
            Kind::Object => {
                let mut members: Vec<_> = self.members().collect();
                members.sort_unstable_by_key(|(key, _)| *key);
                out.push('{');
                for (key, value) in members {
                    canonical_text(key, out);
                    value.canonical(out);
                }
                out.push('}');
            }
        }
    }
}

/// The length comes first, so that no text can imitate what follows it.
fn canonical_text(text: &str, out: &mut String) {
    out.push('"');
    out.push_str(&text.len().to_string());
    out.push(':');
    out.push_str(text);
}

impl Json for TapeJson {
    type Node<'a> = TapeNode<'a>;
    type PreparedKey = String;
    type StringBuffer = String;

    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut String, string: &str, f: impl FnOnce(TapeNode<'_>) -> T) -> T {
        buffer.clear();
        buffer.push_str(string);
        f(TapeNode { source: Source::Name(buffer) })
    }
}

impl<'a> JsonNode<'a, TapeJson> for TapeNode<'a> {
    type Object = Container<'a>;
    type Array = Container<'a>;
    type Number = TapeNumber<'a>;

    fn as_object(&self) -> Option<Container<'a>> {
        self.container(Kind::Object)
    }

    fn as_array(&self) -> Option<Container<'a>> {
        self.container(Kind::Array)
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        let text = self.is(Kind::String).then(|| self.text())?;
        if let Source::Tape(tape, _) = self.source {
            tape.work(text.len() / 16);
        }
        Some(Cow::Borrowed(text))
    }

    fn as_number(&self) -> Option<TapeNumber<'a>> {
        self.is(Kind::Number).then(|| TapeNumber(self.text()))
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    fn is_number(&self) -> bool {
        self.kind() == Kind::Number
    }

    fn json_type(&self) -> JsonType {
        if let Source::Tape(tape, _) = self.source {
            tape.work(1);
        }
        match self.kind() {
            Kind::Null => JsonType::Null,
            Kind::False | Kind::True => JsonType::Boolean,
            Kind::Number => JsonType::Number,
            Kind::String => JsonType::String,
            Kind::Array => JsonType::Array,
            Kind::Object => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match (self.kind(), expected) {
            (Kind::String, Value::String(expected)) => self.text() == expected,
            (Kind::Null, Value::Null) | (Kind::True, Value::Bool(true)) | (Kind::False, Value::Bool(false)) => true,
            (Kind::Number, Value::Number(expected)) => {
                TapeNumber(self.text()).canonical() == TapeNumber(&expected.to_string()).canonical()
            }
            (Kind::Array, Value::Array(expected)) => {
                let Some(array) = self.as_array() else { return false };
                array.length() == expected.len()
                    && array.elements().zip(expected).all(|(one, other)| one.equals_value(other))
            }
            (Kind::Object, Value::Object(expected)) => {
                let Some(object) = self.as_object() else { return false };
                let equal =
                    |(key, value): (&String, &Value)| object.get(key).is_some_and(|own| own.equals_value(value));
                object.length() == expected.len() && expected.iter().all(equal)
            }
            _ => false,
        }
    }

    /// For error messages only, which show no value: a container is not copied for one.
    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(match self.kind() {
            Kind::Null | Kind::Array | Kind::Object => Value::Null,
            Kind::True => Value::Bool(true),
            Kind::False => Value::Bool(false),
            Kind::Number => Value::Number(TapeNumber(self.text()).to_number().into_owned()),
            Kind::String => Value::String(String::new()),
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(match self.source {
            Source::Tape(tape, index) => NodeIdentity::tagged(std::ptr::from_ref(tape) as usize, index + 1),
            Source::Name(name) => NodeIdentity::new(name.as_ptr() as usize),
        })
    }
}

/// An object or array of the tape.
#[derive(Clone, Copy)]
pub struct Container<'a> {
    tape: &'a Tape,
    index: u32,
}

impl Container<'_> {
    fn length(&self) -> usize {
        self.tape.node(self.index).children as usize
    }
}

impl<'a> Object<'a, TapeJson> for Container<'a> {
    type Node = TapeNode<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        self.length()
    }

    fn get(&self, key: &String) -> Option<TapeNode<'a>> {
        if !self.tape.work(2) {
            return None;
        }
        self.tape.member(self.index, key).map(|index| TapeNode::at(self.tape, index))
    }

    fn members(&self) -> Members<'a> {
        Members { tape: self.tape, children: self.tape.children(self.index) }
    }
}

impl<'a> Array<'a, TapeJson> for Container<'a> {
    type Node = TapeNode<'a>;
    type ElementsIter = Elements<'a>;

    fn len(&self) -> usize {
        self.length()
    }

    fn elements(&self) -> Elements<'a> {
        Elements(Members { tape: self.tape, children: self.tape.children(self.index) })
    }

    fn is_unique(&self) -> bool {
        let node = self.tape.node(self.index);
        // Each descendant is written once.
        self.tape.work((node.end - self.index) as usize);
        let mut seen = HashSet::new();
        self.elements().all(|element| {
            let mut text = String::new();
            element.canonical(&mut text);
            self.tape.work(text.len() / 16);
            seen.insert(text)
        })
    }
}

/// The members of an object.
pub struct Members<'a> {
    tape: &'a Tape,
    children: Children<'a>,
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, TapeNode<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if !self.tape.work(1) {
            return None;
        }
        let child = self.children.next()?;
        Some((self.tape.slice(self.tape.node(child).key), TapeNode::at(self.tape, child)))
    }
}

/// The elements of an array.
pub struct Elements<'a>(Members<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = TapeNode<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(_, node)| node)
    }
}
