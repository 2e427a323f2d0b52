//! One document as a flat list of nodes, built while the decoders read it.
//!
//! The nodes stand in the order of reading; a container knows where its last one ends. Texts lie
//! in one buffer. What `serde_json` would refuse (a key twice, a comment, two documents) is a
//! [`Flaw`]: no honest client sends it.
//!
//! While it is built, each node gets the shape that its schema has for its place. What is known of a
//! value if the document is valid is so known as soon as the value is read.
//!
//! Every look at a node counts as work. Past the limit the tape answers `null` to everything and
//! says so, so that a hostile document under a hostile schema ends, and never as valid.
//!
//! # What this does not protect from
//!
//! The tape holds what one reader reads; other readings of the same bytes go to the detectors.

mod build;
mod node;
mod number;

pub(in crate::schema) use number::is_number;

use std::cell::Cell;
use std::sync::Arc;

pub use build::{Flaw, NAMED, TapeBuilder};
pub use node::{TapeJson, TapeNode};

use super::Fact;
use super::shape::{ShapeId, Shapes};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `false`.
    False,
    /// `true`.
    True,
    /// A number, by its text.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// What a schema says of a node, by its place.
#[derive(Clone, Copy, Debug, Default)]
struct Declared {
    shape: Option<ShapeId>,
    /// Whether the schema names its key.
    is_named: bool,
    /// Whether it does not, and is silent about other names.
    is_undeclared: bool,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    kind: Kind,
    declared: Declared,
    /// Where its key lies in the buffer; empty for what is no member.
    key: (u32, u32),
    /// Where its text lies; of a large object where its sorted members do.
    text: (u32, u32),
    /// The node behind its last descendant.
    end: u32,
    /// How many children it has.
    children: u32,
}

impl Node {
    /// What is known of its value in a valid document.
    fn fact(&self, shapes: &Shapes) -> Option<Fact> {
        let is_scalar = !matches!(self.kind, Kind::Array | Kind::Object);
        self.declared.shape.filter(|_| is_scalar).and_then(|shape| shapes.get(shape).fact)
    }
}

/// How much of a text is read for one step of work.
const TEXT_BYTES_A_STEP: usize = 16;

/// Objects with more members are searched by a sorted list.
const MEMBERS_SCANNED_MAX: u32 = 16;

/// One document.
#[derive(Debug)]
pub struct Tape {
    nodes: Vec<Node>,
    text: String,
    /// The members of large objects, each run sorted by key.
    sorted: Vec<u32>,
    shapes: Option<Arc<Shapes>>,
    undeclared: Vec<u32>,
    unenforced: bool,
    work_left: Cell<u64>,
    is_spent: Cell<bool>,
    /// How many patterns may look at one key.
    patterns: Cell<usize>,
    /// How many more errors are told; none where no error is.
    errors_left: Cell<Option<usize>>,
}

impl Tape {
    /// The document; none where nothing was read.
    #[must_use]
    pub fn root(&self) -> Option<TapeNode<'_>> {
        (!self.nodes.is_empty()).then(|| TapeNode::at(self, 0))
    }

    /// The document under a name of its own, as a validator of many roots takes it; none where nothing was read.
    #[must_use]
    pub fn under<'a>(&'a self, name: &'a str) -> Option<TapeNode<'a>> {
        (!self.nodes.is_empty()).then(|| TapeNode::under(self, name))
    }

    /// What is known of the value of a node, if the document is valid.
    #[must_use]
    pub fn fact(&self, node: u32) -> Option<Fact> {
        self.node(node).fact(self.shapes.as_deref()?)
    }

    /// Whether the schema names the key of a node.
    #[must_use]
    pub fn is_named(&self, node: u32) -> bool {
        self.node(node).declared.is_named
    }

    /// Whether some part of it cannot be held against its schema.
    #[must_use]
    pub const fn is_unenforced(&self) -> bool {
        self.unenforced
    }

    /// The members of which the schema says nothing.
    #[must_use]
    pub fn undeclared(&self) -> &[u32] {
        &self.undeclared
    }

    /// The pointer (RFC 6901) of a node.
    #[must_use]
    pub fn pointer(&self, node: u32) -> String {
        let (mut pointer, mut at) = (String::new(), 0);
        while at < node {
            let mut children = self.children(at).enumerate();
            let Some((number, child)) = children.find(|&(_, child)| node < self.node(child).end) else { break };
            pointer.push('/');
            match self.node(at).kind {
                Kind::Object => {
                    pointer.push_str(&self.slice(self.node(child).key).replace('~', "~0").replace('/', "~1"))
                }
                _ => pointer.push_str(&number.to_string()),
            }
            at = child;
        }
        pointer
    }

    /// How much work may be done on it: a look at a node costs one step, a text one more for each 16
    /// bytes, and a key as much for each of the `patterns` that may look at it.
    pub fn allow(&self, work: u64, patterns: usize) {
        self.work_left.set(work);
        self.is_spent.set(false);
        self.patterns.set(patterns.max(1));
        self.errors_left.set(None);
    }

    /// What of the allowed work is left.
    #[must_use]
    pub fn work_left(&self) -> u64 {
        self.work_left.get()
    }

    /// From here on errors are told: of the values in them nothing is copied, and past a bound of
    /// errors all ends as if the work were spent.
    pub(super) fn tell_errors(&self) {
        self.errors_left.set(Some(ERRORS_MAX));
    }

    /// Counts an error, where they are told. Answers whether it is past the bound.
    fn error(&self) -> Option<bool> {
        let left = self.errors_left.get()?;
        self.errors_left.set(Some(left.saturating_sub(1)));
        if left == 0 {
            self.work_left.set(0);
            self.is_spent.set(true);
        }
        Some(left == 0 || self.is_spent.get())
    }

    /// Whether the allowed work did not suffice.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.is_spent.get()
    }

    /// Counts work; false when none is left.
    fn work(&self, amount: usize) -> bool {
        match self.work_left.get().checked_sub(amount as u64) {
            Some(left) => {
                self.work_left.set(left);
                true
            }
            None => {
                self.work_left.set(0);
                self.is_spent.set(true);
                false
            }
        }
    }

    fn node(&self, index: u32) -> Node {
        const UNKNOWN: Declared = Declared { shape: None, is_named: false, is_undeclared: false };
        const NOTHING: Node =
            Node { kind: Kind::Null, declared: UNKNOWN, key: (0, 0), text: (0, 0), end: 0, children: 0 };
        self.nodes.get(index as usize).copied().unwrap_or(NOTHING)
    }

    fn slice(&self, (start, end): (u32, u32)) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    fn bytes_of(&self, (start, end): (u32, u32)) -> &[u8] {
        self.text.as_bytes().get(start as usize..end as usize).unwrap_or_default()
    }

    /// The children of a container, by their indices.
    fn children(&self, index: u32) -> Children<'_> {
        let node = self.node(index);
        Children { tape: self, next: index + 1, end: node.end }
    }

    /// The member of this key.
    fn member(&self, index: u32, key: &str) -> Option<u32> {
        let node = self.node(index);
        if node.children <= MEMBERS_SCANNED_MAX {
            let is_it = |key: &[u8], (start, end): (u32, u32)| {
                (end - start) as usize == key.len() && self.bytes_of((start, end)) == key
            };
            return self.children(index).find(|&child| is_it(key.as_bytes(), self.node(child).key));
        }
        let sorted = self.sorted.get(node.text.0 as usize..node.text.1 as usize)?;
        let found = sorted.binary_search_by(|&child| self.slice(self.node(child).key).cmp(key)).ok()?;
        sorted.get(found).copied()
    }
}

/// Errors of one validation that are made, those of alternatives included.
const ERRORS_MAX: usize = 512;

struct Children<'a> {
    tape: &'a Tape,
    next: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let index = self.next;
        if index >= self.end {
            return None;
        }
        self.next = self.tape.node(index).end.max(index + 1);
        Some(index)
    }
}

#[cfg(test)]
pub(super) mod tests;
