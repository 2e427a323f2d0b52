//! Values of a document that is itself a value: `payload={"text":"..."}`, a JSON string of JSON.
//!
//! # What this does not protect from
//!
//! One level is read: of a document in a document in a value, the inner one is text.

use super::DecodeLimits;
use super::Json;
use super::Sink;
use super::json::Fallback;
use crate::input::Aspect;
use crate::input::Cause;
use crate::input::Leaf;
use crate::input::Notice;
use crate::input::Place;

/// Reads a value that looks like an object or an array, and emits what stands in it under the value's own location.
pub fn inside(leaf: &Leaf<'_>, limits: &DecodeLimits, emit: &mut dyn FnMut(&Leaf<'_>)) {
    if leaf.aspect == Aspect::Value && may_hold_values(leaf) && is_document(leaf.value) {
        let mut json = Json::new(limits, Fallback::Silence);
        let mut values = Values { outer: leaf, emit };
        json.push(leaf.value, &mut values);
        json.end(&mut values);
    }
}

/// A document of its own was read as one already, or its type says that it is none.
fn may_hold_values(leaf: &Leaf<'_>) -> bool {
    match leaf.place {
        Place::Query | Place::Form | Place::Cookie | Place::Header | Place::Part | Place::Graphql => true,
        Place::Body => !leaf.name.is_empty(),
        _ => false,
    }
}

/// Whether it begins as an object with a quoted key does, or an array of more than names.
fn is_document(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    let Some((first, rest)) = value.split_first() else { return false };
    let second = rest.trim_ascii_start().first();
    match first {
        b'{' => second == Some(&b'"'),
        b'[' => matches!(second, Some(b'"' | b'{' | b'[')),
        _ => false,
    }
}

/// Puts each value where the outer one stands.
struct Values<'a, 'b> {
    outer: &'a Leaf<'a>,
    emit: &'b mut dyn FnMut(&Leaf<'_>),
}

impl Sink for Values<'_, '_> {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        if leaf.aspect == Aspect::Value {
            (self.emit)(&Leaf { value: leaf.value, ..*self.outer });
        }
    }

    // The value is whole as text, beside this reading of it.
    fn incomplete(&mut self, _: Cause) {}

    fn notice(&mut self, _: Notice) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(leaf: &Leaf<'_>) -> Vec<String> {
        let mut values = Vec::new();
        inside(leaf, &DecodeLimits::default(), &mut |inner| {
            assert_eq!((inner.place, inner.name), (leaf.place, leaf.name));
            values.push(String::from_utf8_lossy(inner.value).into_owned());
        });
        values
    }

    #[test]
    fn a_document_in_a_value_is_read_under_its_location() {
        let rows: [(&str, &[&str]); 7] = [
            (r#"{"a":"x","b":["y",{"c":"z\n"}]}"#, &["x", "y", "z\n"]),
            (r#" [ "x", 7 ]"#, &["x", "7"]),
            (r#"{"a":"x"#, &["x"]),
            ("{{7*7}}", &[]),
            ("[a](b)", &[]),
            ("{a:b}", &[]),
            ("x", &[]),
        ];
        for (value, inner) in rows {
            assert_eq!(values(&Leaf::value(Place::Query, b"q", value.as_bytes())), inner, "{value}");
        }
        let document = br#"{"a":"x"}"#;
        assert!(values(&Leaf::value(Place::Body, b"", document)).is_empty(), "it was read as a body");
        assert!(values(&Leaf::value(Place::File, b"f", document)).is_empty(), "it is a file's content");
        assert!(values(&Leaf::name(Place::Query, b"q", document)).is_empty(), "it is a name");
    }
}
