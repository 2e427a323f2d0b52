//! The tape as the validator reads it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::ControlFlow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber as _, Node as JsonNode, NodeIdentity, Object};
use serde_json::Value;

use super::number::TapeNumber;
use super::{Children, Kind, TEXT_BYTES_A_STEP, Tape};

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
    /// The key of this node, as a string.
    Key(&'a Tape, u32),
    Name(&'a str),
    /// An object with the whole document under this name: a validator has many roots, and the name says which.
    Under(&'a Tape, &'a str),
}

impl<'a> TapeNode<'a> {
    pub(super) const fn at(tape: &'a Tape, index: u32) -> Self {
        Self { source: Source::Tape(tape, index) }
    }

    pub(super) const fn under(tape: &'a Tape, name: &'a str) -> Self {
        Self { source: Source::Under(tape, name) }
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.source {
            Source::Tape(tape, index) if !tape.is_spent() => tape.node(index).kind,
            Source::Tape(..) => Kind::Null,
            Source::Under(..) => Kind::Object,
            Source::Key(..) | Source::Name(_) => Kind::String,
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
            Source::Key(tape, index) => tape.slice(tape.node(index).key),
            Source::Name(name) => name,
            Source::Under(..) => "",
        }
    }

    /// The members of an object, or the elements of an array under empty names.
    pub fn members(self) -> impl Iterator<Item = (&'a str, Self)> {
        let (within, whole) = match self.source {
            Source::Tape(tape, index) => (Some((tape, index)), None),
            Source::Under(tape, name) => (None, Some((name, Self::at(tape, 0)))),
            Source::Key(..) | Source::Name(_) => (None, None),
        };
        let children = within.into_iter().flat_map(|(tape, index)| {
            tape.children(index).map(move |child| (tape.slice(tape.node(child).key), Self::at(tape, child)))
        });
        whole.into_iter().chain(children)
    }

    /// Whether it is of this kind; counts as work.
    fn is(&self, kind: Kind) -> bool {
        match self.source {
            Source::Tape(tape, index) => tape.work(1) && tape.node(index).kind == kind,
            Source::Key(tape, _) => tape.work(1) && kind == Kind::String,
            Source::Under(tape, _) => tape.work(1) && kind == Kind::Object,
            Source::Name(_) => kind == Kind::String,
        }
    }

    /// Counts work on the tape that it stands on.
    fn work(&self, amount: usize) -> bool {
        match self.source {
            Source::Tape(tape, _) | Source::Key(tape, _) | Source::Under(tape, _) => tape.work(amount),
            Source::Name(_) => true,
        }
    }

    fn container(&self, kind: Kind) -> Option<Container<'a>> {
        match self.source {
            Source::Tape(tape, index) if self.is(kind) => Some(Container { tape, index, under: None }),
            Source::Under(tape, name) if self.is(kind) => Some(Container { tape, index: 0, under: Some(name) }),
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

    // A look-up passes over half of the members of a small object.
    const KEYS_PER_LOOKUP: usize = 4;

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
        self.work(text.len() / TEXT_BYTES_A_STEP);
        Some(Cow::Borrowed(text))
    }

    fn as_number(&self) -> Option<TapeNumber<'a>> {
        let number = self.is(Kind::Number).then(|| TapeNumber(self.text()))?;
        self.work(number.steps());
        Some(number)
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
        self.work(1);
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
        if !self.work(1) {
            return false;
        }
        match (self.kind(), expected) {
            (Kind::String, Value::String(expected)) => self.text() == expected,
            (Kind::Null, Value::Null) | (Kind::True, Value::Bool(true)) | (Kind::False, Value::Bool(false)) => true,
            (Kind::Number, Value::Number(expected)) => {
                let own = TapeNumber(self.text());
                match (own.as_i64(), expected.as_i64()) {
                    (Some(own), Some(expected)) => own == expected,
                    _ => own.canonical() == TapeNumber(&expected.to_string()).canonical(),
                }
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

    /// What an error keeps of the value: while errors are told, nothing. They are counted, since one
    /// document may have as many as it has values; those past the bound are marked by `true`.
    fn to_value(&self) -> Cow<'a, Value> {
        if let Source::Tape(tape, _) | Source::Key(tape, _) | Source::Under(tape, _) = self.source
            && let Some(is_past) = tape.error()
        {
            return Cow::Owned(if is_past { Value::Bool(true) } else { Value::Null });
        }
        if !self.work(1) {
            return Cow::Owned(Value::Null);
        }
        Cow::Owned(match self.kind() {
            Kind::Null => Value::Null,
            Kind::True => Value::Bool(true),
            Kind::False => Value::Bool(false),
            Kind::Number => Value::Number(TapeNumber(self.text()).to_number().into_owned()),
            Kind::String => Value::String(self.text().to_owned()),
            Kind::Array => self.members().map(|(_, element)| element.to_value().into_owned()).collect(),
            Kind::Object => {
                let member = |(name, value): (&str, Self)| (name.to_owned(), value.to_value().into_owned());
                Value::Object(self.members().map(member).collect())
            }
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(match self.source {
            Source::Tape(tape, index) => NodeIdentity::tagged(std::ptr::from_ref(tape) as usize, 2 * index + 1),
            // Keys are even and nodes odd, so that none is taken for another.
            Source::Key(tape, index) => NodeIdentity::tagged(std::ptr::from_ref(tape) as usize, 2 * index),
            Source::Name(name) => NodeIdentity::new(name.as_ptr() as usize),
            // It stands above the first node, and has no number there.
            Source::Under(tape, _) => NodeIdentity::tagged(std::ptr::from_ref(tape) as usize, u32::MAX),
        })
    }
}

/// An object or array of the tape.
#[derive(Clone, Copy)]
pub struct Container<'a> {
    tape: &'a Tape,
    index: u32,
    /// The name under which the whole document stands in it.
    under: Option<&'a str>,
}

impl<'a> Container<'a> {
    fn length(&self) -> usize {
        if self.under.is_some() { 1 } else { self.tape.node(self.index).children as usize }
    }

    fn all(&self) -> Members<'a> {
        let children = self.under.is_none().then(|| self.tape.children(self.index));
        Members { tape: self.tape, children, under: self.under }
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
        match self.under {
            Some(name) => (name == key).then(|| TapeNode::at(self.tape, 0)),
            None => self.tape.member(self.index, key).map(|index| TapeNode::at(self.tape, index)),
        }
    }

    fn members(&self) -> Members<'a> {
        self.all()
    }

    fn try_for_each_name_node<B>(
        &self,
        _: &mut String,
        mut each: impl FnMut(TapeNode<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        for child in self.tape.children(self.index) {
            if !self.tape.work(1) {
                break;
            }
            each(TapeNode { source: Source::Key(self.tape, child) })?;
        }
        ControlFlow::Continue(())
    }
}

impl<'a> Array<'a, TapeJson> for Container<'a> {
    type Node = TapeNode<'a>;
    type ElementsIter = Elements<'a>;

    fn len(&self) -> usize {
        self.length()
    }

    fn elements(&self) -> Elements<'a> {
        Elements(self.all())
    }

    fn is_unique(&self) -> bool {
        let node = self.tape.node(self.index);
        // Each descendant is written once.
        self.tape.work((node.end - self.index) as usize);
        let mut seen = HashSet::new();
        self.elements().all(|element| {
            let mut text = String::new();
            element.canonical(&mut text);
            self.tape.work(text.len() / TEXT_BYTES_A_STEP) && seen.insert(text)
        })
    }
}

/// The members of an object.
pub struct Members<'a> {
    tape: &'a Tape,
    children: Option<Children<'a>>,
    under: Option<&'a str>,
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, TapeNode<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(name) = self.under.take() {
            return self.tape.work(1).then(|| (name, TapeNode::at(self.tape, 0)));
        }
        let child = self.children.as_mut()?.next()?;
        let key = self.tape.slice(self.tape.node(child).key);
        // Each pattern of the schema may look at the key.
        let steps = (1 + key.len() / TEXT_BYTES_A_STEP) * self.tape.patterns.get();
        self.tape.work(steps).then(|| (key, TapeNode::at(self.tape, child)))
    }
}

/// The elements of an array.
pub struct Elements<'a>(Members<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = TapeNode<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let child = self.0.children.as_mut()?.next()?;
        self.0.tape.work(1).then(|| TapeNode::at(self.0.tape, child))
    }
}
