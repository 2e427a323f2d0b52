//! One document, JSON or YAML, with the line of every pointer.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::Spanned;

use super::{Text, lines};
use crate::build_error::BuildError;
use crate::schema::Origin;
use crate::schema::pointer::find;

/// Bytes that a document may have.
const DOCUMENT_BYTES_MAX: usize = 32 << 20;
/// Values that it may hold, aliases followed.
const NODES_MAX: usize = 4_000_000;
/// Steps of reading that aliases may repeat.
const ANCHORED_MAX: usize = 200_000;
/// How deep it may nest.
const DEPTH_MAX: usize = 120;
/// References that may stand one behind another.
const REFERENCES_MAX: usize = 32;

/// A document that was read.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its file, or what it was given as.
    pub file: Arc<str>,
    /// What it holds.
    pub value: Value,
    lines: HashMap<String, usize>,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// When it is neither JSON nor YAML, or larger than a document may be.
    pub fn of(text: &Text) -> Result<Self, BuildError> {
        match text {
            Text::Value(name, value) => {
                Ok(Self { file: Arc::clone(name), value: Value::clone(value), lines: HashMap::new() })
            }
            Text::Written(file, text) => Self::read(file, text),
            // `Source::loaded` reads it before.
            Text::File(file) => Err(BuildError::new("the file was not read").in_file(file)),
        }
    }

    fn read(file: &Arc<str>, text: &str) -> Result<Self, BuildError> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        if text.len() > DOCUMENT_BYTES_MAX {
            let message = format!("the document has {} bytes, and may have {DOCUMENT_BYTES_MAX}", text.len());
            return Err(BuildError::new(message).in_file(file));
        }
        if let Ok(value) = serde_json::from_str(text) {
            // It is JSON, in which every key stands once or nobody can say which counts.
            let lines = lines::of(text).map_err(|(pointer, line)| {
                BuildError::new(format!("{pointer}: the key stands twice")).in_file(file).at_line(line)
            })?;
            return Ok(Self { file: Arc::clone(file), value, lines });
        }
        let tree: Spanned<Tree> = serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
            let line = error.location().map_or(1, |location| location.line() as usize);
            let told = error.to_string();
            let told = told.lines().next().unwrap_or_default();
            BuildError::new(format!("the document cannot be read: {told}")).in_file(file).at_line(line.max(1))
        })?;
        let mut lines = HashMap::new();
        let line = tree.referenced.line() as usize;
        let value = tree.value.into_value(&mut String::new(), line, &mut lines);
        Ok(Self { file: Arc::clone(file), value, lines })
    }

    /// Where something stands: the nearest pointer above it whose line is known.
    #[must_use]
    pub fn origin(&self, pointer: &str) -> Origin {
        let mut known = pointer;
        loop {
            if let Some(&line) = self.lines.get(known) {
                return Origin { file: Arc::clone(&self.file), line: Some(line), pointer: pointer.to_owned() };
            }
            match known.rfind('/') {
                Some(slash) => known = known.get(..slash).unwrap_or_default(),
                None => return Origin { file: Arc::clone(&self.file), line: None, pointer: pointer.to_owned() },
            }
        }
    }

    /// What stands at a pointer, or at the end of the references that stand there; and where.
    ///
    /// # Errors
    ///
    /// When a reference leads out of the document, nowhere, or back to itself.
    pub fn resolve(&self, pointer: &str) -> Result<(&Value, String), BuildError> {
        let mut at = pointer.to_owned();
        for _ in 0..REFERENCES_MAX {
            let Some(value) = find(&self.value, &at) else {
                return Err(self.origin(pointer).error(format!("refers to {at}, where nothing is")));
            };
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Ok((value, at)) };
            at = self.target(reference, &at)?;
        }
        Err(self.origin(pointer).error("refers to itself"))
    }

    /// The members of what stands at a pointer; none where nothing or null does.
    ///
    /// # Errors
    ///
    /// When something else stands there.
    pub fn members(&self, pointer: &str) -> Result<Option<&Map<String, Value>>, BuildError> {
        match find(&self.value, pointer) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) => Ok(Some(members)),
            Some(_) => Err(self.origin(pointer).error("must be a map of names")),
        }
    }

    /// The elements of what stands at a pointer; none where nothing or null does.
    ///
    /// # Errors
    ///
    /// When something else stands there.
    pub fn elements(&self, pointer: &str) -> Result<Option<&Vec<Value>>, BuildError> {
        match find(&self.value, pointer) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(elements)) => Ok(Some(elements)),
            Some(_) => Err(self.origin(pointer).error("must be a list")),
        }
    }

    /// Whether something is switched on at a pointer.
    ///
    /// # Errors
    ///
    /// When it is neither true nor false.
    pub fn flag(&self, pointer: &str) -> Result<Option<bool>, BuildError> {
        match find(&self.value, pointer) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.origin(pointer).error("must be true or false")),
        }
    }

    /// The pointer that a reference names.
    ///
    /// # Errors
    ///
    /// When it leads out of the document.
    pub fn target(&self, reference: &str, from: &str) -> Result<String, BuildError> {
        let pointer = reference.strip_prefix('#').filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let Some(pointer) = pointer else {
            let error =
                self.origin(from).error(format!("`$ref` to `{}` leads out of the document", reference.escape_debug()));
            return Err(error.mend("bundle the document: everything that it refers to must stand in it"));
        };
        Ok(percent_encoding::percent_decode_str(pointer).decode_utf8_lossy().into_owned())
    }
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: NODES_MAX,
            max_events: NODES_MAX * 3,
            max_depth: DEPTH_MAX,
            max_recorded_anchor_events: ANCHORED_MAX,
            max_documents: 1,
        },
        strict_booleans: true,
        with_snippet: false,
    }
}

/// A document with the place of each value.
enum Tree {
    Scalar(Value),
    Array(Vec<Spanned<Tree>>),
    Object(Vec<(Key, Spanned<Tree>)>),
}

impl Tree {
    fn into_value(self, pointer: &mut String, line: usize, lines: &mut HashMap<String, usize>) -> Value {
        lines.insert(pointer.clone(), line);
        match self {
            Self::Scalar(value) => value,
            Self::Array(elements) => {
                let mut array = Vec::with_capacity(elements.len());
                for (index, element) in elements.into_iter().enumerate() {
                    let length = pointer.len();
                    pointer.push_str(&format!("/{index}"));
                    let line = element.referenced.line() as usize;
                    array.push(element.value.into_value(pointer, line, lines));
                    pointer.truncate(length);
                }
                Value::Array(array)
            }
            Self::Object(members) => {
                let mut object = Map::new();
                for (key, member) in members {
                    let length = pointer.len();
                    pointer.push('/');
                    pointer.push_str(&super::escape(&key.0));
                    let line = member.referenced.line() as usize;
                    let value = member.value.into_value(pointer, line, lines);
                    pointer.truncate(length);
                    object.insert(key.0, value);
                }
                Value::Object(object)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TreeVisitor;

        impl<'de> Visitor<'de> for TreeVisitor {
            type Value = Tree;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Scalar(Value::Null))
            }

            fn visit_none<E>(self) -> Result<Tree, E> {
                Ok(Tree::Scalar(Value::Null))
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
                Tree::deserialize(deserializer)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree::Scalar(Value::Bool(value)))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
                Ok(Tree::Scalar(Value::from(value)))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
                Ok(Tree::Scalar(Value::from(value)))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
                Ok(Tree::Scalar(Number::from_f64(value).map_or(Value::Null, Value::Number)))
            }

            fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
                Ok(Tree::Scalar(Value::String(value.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Tree, A::Error> {
                let mut array = Vec::new();
                while let Some(element) = elements.next_element()? {
                    array.push(element);
                }
                Ok(Tree::Array(array))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
                let mut object = Vec::new();
                while let Some(member) = members.next_entry()? {
                    object.push(member);
                }
                Ok(Tree::Object(object))
            }
        }

        deserializer.deserialize_any(TreeVisitor)
    }
}

/// A key, which in YAML may be written as a number: `200:`.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key")
            }

            fn visit_str<E>(self, value: &str) -> Result<Key, E> {
                Ok(Key(value.to_owned()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Key, E> {
                Ok(Key(value.to_string()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Key, E> {
                Ok(Key(value.to_string()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Key, E> {
                Ok(Key(value.to_string()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Key, E> {
                Ok(Key(value.to_string()))
            }

            fn visit_unit<E>(self) -> Result<Key, E> {
                Ok(Key("null".to_owned()))
            }
        }

        deserializer.deserialize_any(KeyVisitor)
    }
}
