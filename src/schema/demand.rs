//! What is asked of a body of bytes or parts: whether there is anything for which it must be held.
//!
//! A schema that says "bytes" asks nothing. Which parts there are is looked at as long as the body can be held;
//! past that it flows, since what it must name is no more than an honest client's mistake.

use serde_json::Value;

use super::compile::{Reading, reading};
use super::loose::SAYS_NOTHING;
use super::pointer::find;
use super::{BodySchema, Undeclared, UndeclaredAction};

/// How many references and combinations are followed; below them something is asked.
const DEPTH_MAX: usize = 16;

/// What is asked of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Demand {
    /// Nothing that its bytes could fail.
    Nothing,
    /// Which parts there are, and nothing of what is in them.
    Parts,
    /// What is in it.
    Content,
}

impl Demand {
    /// What is asked of a body, read by its declared media type.
    pub fn of(body: &BodySchema, undeclared: &Undeclared) -> Self {
        let Some(node) = &body.schema else { return Self::Nothing };
        let Some(schema) = node.value() else { return Self::Content };
        let asking = Asking { document: &node.document, draft7: node.draft7 };
        match reading(&body.media_type) {
            Reading::Text if !asking.of_text(schema, 0) => Self::Nothing,
            Reading::Multipart if body.encodings.iter().all(|one| one.content_types.is_empty() && !one.unenforced) => {
                asking.of_parts(schema, 0).max(of_others(undeclared))
            }
            _ => Self::Content,
        }
    }
}

/// What is asked of parts that nobody declares.
const fn of_others(undeclared: &Undeclared) -> Demand {
    match undeclared.fields {
        UndeclaredAction::Pass => Demand::Nothing,
        UndeclaredAction::Block => Demand::Content,
        _ => Demand::Parts,
    }
}

struct Asking<'a> {
    document: &'a Value,
    draft7: bool,
}

impl Asking<'_> {
    /// Whether a schema asks anything of a text.
    fn of_text(&self, schema: &Value, depth: usize) -> bool {
        match schema {
            Value::Bool(is_open) => !is_open,
            Value::Object(members) => members.iter().any(|(key, value)| match key.as_str() {
                "type" => value != "string" && !value.as_array().is_some_and(|names| names.contains(&"string".into())),
                _ => self.asks(key, value, depth),
            }),
            _ => true,
        }
    }

    /// Whether a keyword but `type` asks anything of a text.
    fn asks(&self, key: &str, value: &Value, depth: usize) -> bool {
        match key {
            "format" => value != "binary",
            // They are notes since draft 2019-09.
            "contentMediaType" | "contentEncoding" => self.draft7,
            "$ref" => self.target(value).is_none_or(|schema| depth >= DEPTH_MAX || self.of_text(schema, depth + 1)),
            "allOf" => value
                .as_array()
                .is_none_or(|all| depth >= DEPTH_MAX || all.iter().any(|schema| self.of_text(schema, depth + 1))),
            _ => !is_note(key),
        }
    }

    /// What a schema asks of the parts of a multipart body.
    fn of_parts(&self, schema: &Value, depth: usize) -> Demand {
        let Value::Object(members) = schema else {
            return if schema == &Value::Bool(true) { Demand::Nothing } else { Demand::Content };
        };
        let demands = members.iter().map(|(key, value)| match key.as_str() {
            "type" if value == "object" => Demand::Nothing,
            "required" => Demand::Parts,
            "properties" => {
                let asks = |part: &Value| self.of_text(part, 0) && self.of_items(part);
                let asks = value.as_object().is_none_or(|parts| parts.values().any(asks));
                if asks { Demand::Content } else { Demand::Parts }
            }
            "additionalProperties" if !self.of_text(value, 0) => Demand::Nothing,
            "$ref" => match self.target(value) {
                Some(schema) if depth < DEPTH_MAX => self.of_parts(schema, depth + 1),
                _ => Demand::Content,
            },
            _ if is_note(key) => Demand::Nothing,
            _ => Demand::Content,
        });
        demands.max().unwrap_or(Demand::Nothing)
    }

    /// Whether a part is anything but a list of files of which nothing is asked.
    fn of_items(&self, part: &Value) -> bool {
        let Some(members) = part.as_object().filter(|members| members.get("type") == Some(&"array".into())) else {
            return true;
        };
        members.iter().any(|(key, value)| match key.as_str() {
            "type" => false,
            "items" => self.of_text(value, 0),
            _ => self.asks(key, value, 0),
        })
    }

    fn target(&self, reference: &Value) -> Option<&Value> {
        find(self.document, reference.as_str()?.strip_prefix('#')?)
    }
}

/// Whether a keyword is for people, or for somebody else.
fn is_note(key: &str) -> bool {
    SAYS_NOTHING.contains(&key) || key.starts_with("x-") && !key.starts_with("x-rasp-")
}
