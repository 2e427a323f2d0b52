//! What a schema says about the shape of its values, worked out once: which types, which
//! properties, and which values no attack can stand in.
//!
//! A shape is coarser than its schema and never stricter: it decides how a text is read as a value
//! and which locations are pinned, and validates nothing.

mod build;
mod pattern;

pub use build::ShapeBuilder;

use std::sync::Arc;

use super::failure::{Content, Fact};

/// A set of JSON types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Types(u8);

impl Types {
    /// No type at all.
    pub const NONE: Self = Self(0);
    /// Any type.
    pub const ANY: Self = Self(0x7F);
    /// `null`.
    pub const NULL: Self = Self(1);
    /// `boolean`.
    pub const BOOLEAN: Self = Self(2);
    /// `integer`.
    pub const INTEGER: Self = Self(4);
    /// `number`, integers included.
    pub const NUMBER: Self = Self(8 | 4);
    /// `string`.
    pub const STRING: Self = Self(16);
    /// `array`.
    pub const ARRAY: Self = Self(32);
    /// `object`.
    pub const OBJECT: Self = Self(64);
    /// What one text can be.
    pub const SCALARS: Self = Self(1 | 2 | 8 | 4 | 16);

    /// The type of this name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => Self::ANY,
        }
    }

    /// Whether it holds any type of the other set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it holds types of the other set only.
    #[must_use]
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The types of both sets.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The number of a shape.
pub type ShapeId = u32;

/// What properties may be there that are not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Additional {
    /// Any, and nothing is said of them.
    Open,
    /// None.
    Closed,
    /// Those of this shape.
    Shaped(ShapeId),
}

/// Among more properties than these, one is found by halves.
const PROPERTIES_SCANNED_MAX: usize = 16;

/// What is known of the values of one schema.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The types that they may have.
    pub types: Types,
    /// What is known of a scalar that is valid.
    pub fact: Option<Fact>,
    /// The properties by name, sorted.
    pub properties: Vec<(Box<str>, ShapeId)>,
    /// What other properties may be.
    pub additional: Additional,
    /// What elements are.
    pub items: Option<ShapeId>,
    /// Whether a part of the schema cannot be enforced.
    pub unenforced: bool,
    /// Whether only the server gives such a value (`readOnly`).
    pub read_only: bool,
    /// File and pointer of the schema, for people; none where several were put together.
    pub origin: Option<Arc<str>>,
}

impl Shape {
    /// Anything at all.
    pub const ANY: Self = Self {
        types: Types::ANY,
        fact: None,
        properties: Vec::new(),
        additional: Additional::Open,
        items: None,
        unenforced: false,
        read_only: false,
        origin: None,
    };

    /// The shape of a property that the schema names.
    #[must_use]
    pub fn property(&self, name: &[u8]) -> Option<ShapeId> {
        if self.properties.len() <= PROPERTIES_SCANNED_MAX {
            return self.properties.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, shape)| *shape);
        }
        let found = self.properties.binary_search_by(|(known, _)| known.as_bytes().cmp(name)).ok()?;
        self.properties.get(found).map(|(_, shape)| *shape)
    }

    /// The shape of the properties that it does not name.
    #[must_use]
    pub const fn others(&self) -> Option<ShapeId> {
        if let Additional::Shaped(others) = self.additional { Some(others) } else { None }
    }
}

/// All shapes of the schemas of an operation.
#[derive(Clone, Debug, Default)]
pub struct Shapes {
    shapes: Vec<Shape>,
}

impl Shapes {
    /// The shape of this number.
    #[must_use]
    pub fn get(&self, id: ShapeId) -> &Shape {
        static ANY: Shape = Shape::ANY;
        self.shapes.get(id as usize).unwrap_or(&ANY)
    }
}

/// What the word after `x-rasp-content`, or a format, says that a field holds.
fn content(word: &str) -> Option<Content> {
    Some(match word {
        "html" => Content::Html,
        "markdown" | "commonmark" => Content::Markdown,
        "code" => Content::Code,
        "sql" => Content::Sql,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
