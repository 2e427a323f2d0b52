//! What a valid document makes known of each of its nodes.

use crate::input::{Leaf, Location, Place};
use crate::schema::shape::{Additional, ShapeId, Shapes};
use crate::schema::tape::{Kind, TapeNode};
use crate::schema::{Fact, Failure, Keyword, Report, UndeclaredAction};

/// What is known of the nodes of a tape, by their index.
#[derive(Clone, Debug, Default)]
pub struct NodeFacts {
    facts: Vec<Option<Fact>>,
    /// Whether the schema names the key of the node.
    named: Vec<bool>,
}

impl NodeFacts {
    /// What is known of the value of a node.
    #[must_use]
    pub fn of(&self, node: u32) -> Option<Fact> {
        self.facts.get(node as usize).copied().flatten()
    }

    /// Whether the key of a node is one of the schema's own.
    #[must_use]
    pub fn is_named(&self, node: u32) -> bool {
        self.named.get(node as usize).copied().unwrap_or(false)
    }

    fn set(&mut self, node: u32, fact: Option<Fact>, named: bool) {
        let index = node as usize;
        if self.facts.len() <= index {
            self.facts.resize(index + 1, None);
            self.named.resize(index + 1, false);
        }
        if let (Some(slot), Some(name)) = (self.facts.get_mut(index), self.named.get_mut(index)) {
            *slot = fact;
            *name = named;
        }
    }
}

/// Walks a document beside its shape.
pub(super) struct Walk<'a> {
    pub(super) shapes: &'a Shapes,
    pub(super) facts: NodeFacts,
    /// What is done about properties that are not declared.
    pub(super) undeclared: UndeclaredAction,
    pub(super) report: &'a mut Report,
    pub(super) place: Place,
}

impl Walk<'_> {
    /// The tape nests as deep as the decoder allows, so this ends.
    pub(super) fn node(&mut self, node: TapeNode<'_>, shape: Option<ShapeId>, named: bool, pointer: &mut String) {
        let Some(id) = shape else {
            return self.facts.set(node.index(), None, named);
        };
        let shape = self.shapes.get(id);
        self.report.unenforced |= shape.unenforced;
        match node.kind() {
            Kind::Object => {
                self.facts.set(node.index(), None, named);
                let open = shape.additional == Additional::Open && !shape.properties.is_empty();
                for (name, member) in node.members() {
                    let own = shape.property(name);
                    let length = pointer.len();
                    if self.tells() {
                        push(pointer, name);
                    }
                    let read_only = own.is_some_and(|own| self.shapes.get(own).read_only);
                    if self.tells() && own.is_none() && open {
                        self.fail(Keyword::UndeclaredField, "has a property that is not declared", pointer);
                    } else if self.tells() && read_only {
                        self.fail(Keyword::ReadOnly, "is the server's to give", pointer);
                    }
                    let other = if let Additional::Shaped(other) = shape.additional { Some(other) } else { None };
                    self.node(member, own.or(other), own.is_some(), pointer);
                    pointer.truncate(length);
                }
            }
            Kind::Array => {
                self.facts.set(node.index(), None, named);
                for (index, (_, element)) in node.members().enumerate() {
                    let length = pointer.len();
                    if self.tells() {
                        push(pointer, &index.to_string());
                    }
                    self.node(element, shape.items, false, pointer);
                    pointer.truncate(length);
                }
            }
            _ => self.facts.set(node.index(), shape.fact, named),
        }
    }

    /// Whether properties that are not declared are failures.
    fn tells(&self) -> bool {
        self.undeclared > UndeclaredAction::Pass
    }

    fn fail(&mut self, keyword: Keyword, message: &'static str, pointer: &str) {
        self.report.fail(self.undeclared, || Failure {
            keyword,
            location: location(self.place, pointer),
            schema_pointer: Box::default(),
            message: message.into(),
        });
    }
}

/// The location of a pointer in a body read so.
pub(super) fn location(place: Place, pointer: &str) -> Location {
    // Forms and parts are flat: their first token is the name.
    let name = match place {
        Place::Form | Place::Part => pointer.strip_prefix('/').unwrap_or(pointer).split('/').next().unwrap_or_default(),
        _ => pointer,
    };
    Location::of(&Leaf::value(place, name.as_bytes(), b""))
}

fn push(pointer: &mut String, token: &str) {
    pointer.push('/');
    for character in token.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}
