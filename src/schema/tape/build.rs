//! Builds a tape, step by step as a decoder reads.

use std::cell::Cell;
use std::sync::Arc;

use super::number::is_number;
use super::{Declared, Kind, MEMBERS_SCANNED_MAX, Node, Tape};
use crate::schema::Fact;
use crate::schema::shape::{Additional, ShapeId, Shapes};

/// Why what was read is no one JSON document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It breaks the grammar, is no UTF-8, or nests too deep.
    Malformed,
    /// An object has a key twice.
    DuplicateKey,
    /// It has more values than are looked at.
    TooLarge,
}

/// One node of a document of some size, on average; room is made for so many.
const BYTES_A_NODE: usize = 16;
/// Room is made for no more than so many bytes at once: a long text has few nodes.
const RESERVED_BYTES_MAX: usize = 1 << 14;

/// Builds a [`Tape`].
#[derive(Debug, Default)]
pub struct TapeBuilder {
    nodes: Vec<Node>,
    text: Vec<u8>,
    open: Vec<u32>,
    key: (u32, u32),
    /// What the schema says of the member that the key begins.
    member: Declared,
    /// The shape of the document.
    shape: Option<(Arc<Shapes>, ShapeId)>,
    undeclared: Vec<u32>,
    unenforced: bool,
    /// What the next text is.
    awaits: Option<Awaits>,
    /// What the last text was, which may go on.
    last: Option<Awaits>,
    roots: usize,
    flaw: Option<Flaw>,
}

/// What is known of a name that the schema has.
pub const NAMED: Fact = Fact::Pinned("name");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaits {
    Key,
    Text,
}

impl TapeBuilder {
    /// A tape whose document has this shape.
    pub fn shaped(shapes: &Arc<Shapes>, shape: ShapeId) -> Self {
        Self { shape: Some((Arc::clone(shapes), shape)), ..Self::default() }
    }

    /// So many bytes of the document come next.
    pub fn expect(&mut self, bytes: usize) {
        let bytes = bytes.min(RESERVED_BYTES_MAX);
        self.text.reserve(bytes);
        self.nodes.reserve(bytes / BYTES_A_NODE);
    }

    /// A key is read next.
    pub fn begin_key(&mut self) {
        let at = self.text.len() as u32;
        self.key = (at, at);
        self.member = Declared::default();
        self.awaits = Some(Awaits::Key);
        self.last = None;
    }

    /// A node begins; containers stay open until [`end`](Self::end).
    pub fn begin(&mut self, kind: Kind) {
        let index = self.nodes.len() as u32;
        let declared = self.declared(index);
        if let Some(parent) = self.open.last().and_then(|&parent| self.nodes.get_mut(parent as usize)) {
            parent.children += 1;
        } else {
            self.roots += 1;
        }
        let at = self.text.len() as u32;
        let key = std::mem::take(&mut self.key);
        self.nodes.push(Node { kind, declared, key, text: (at, at), end: index + 1, children: 0 });
        self.awaits = matches!(kind, Kind::String | Kind::Number).then_some(Awaits::Text);
        self.last = None;
        if matches!(kind, Kind::Array | Kind::Object) {
            self.open.push(index);
        }
    }

    /// What the schema says of the node that begins.
    fn declared(&mut self, index: u32) -> Declared {
        let Some((shapes, root)) = &self.shape else { return Declared::default() };
        let parent = self.open.last().and_then(|&parent| self.nodes.get(parent as usize));
        let declared = match parent {
            None => Declared { shape: Some(*root), ..Declared::default() },
            Some(Node { kind: Kind::Array, declared, .. }) => {
                let items = declared.shape.and_then(|array| shapes.get(array).items);
                Declared { shape: items, ..Declared::default() }
            }
            Some(_) => std::mem::take(&mut self.member),
        };
        self.unenforced |= declared.shape.is_some_and(|shape| shapes.get(shape).unenforced);
        let read_only = declared.is_named && declared.shape.is_some_and(|shape| shapes.get(shape).read_only);
        if declared.is_undeclared || read_only {
            self.undeclared.push(index);
        }
        declared
    }

    /// What the schema says of the member of this key.
    fn member(&self) -> Declared {
        let parent = self.open.last().and_then(|&parent| self.nodes.get(parent as usize));
        let shape = parent.and_then(|parent| parent.declared.shape);
        let (Some((shapes, _)), Some(shape)) = (&self.shape, shape) else { return Declared::default() };
        let shape = shapes.get(shape);
        let own = shape.property(self.text.get(self.key.0 as usize..self.key.1 as usize).unwrap_or_default());
        let is_open = shape.additional == Additional::Open && !shape.properties.is_empty();
        Declared { shape: own.or(shape.others()), is_named: own.is_some(), is_undeclared: own.is_none() && is_open }
    }

    /// The innermost container ends.
    pub fn end(&mut self) {
        let end = self.nodes.len() as u32;
        self.last = None;
        if let Some(node) = self.open.pop().and_then(|index| self.nodes.get_mut(index as usize)) {
            node.end = end;
        }
    }

    /// The text of the key, string or number that was begun. Answers what is known of it if the
    /// document is valid.
    pub fn text(&mut self, bytes: &[u8]) -> Option<Fact> {
        self.last = self.awaits.take();
        let start = self.text.len() as u32;
        match self.last? {
            Awaits::Key => self.key = (start, start),
            Awaits::Text => self.nodes.last_mut()?.text = (start, start),
        }
        self.more(bytes)
    }

    /// The last text goes on.
    pub fn more(&mut self, bytes: &[u8]) -> Option<Fact> {
        let last = self.last?;
        self.text.extend_from_slice(bytes);
        let end = self.text.len() as u32;
        match last {
            Awaits::Key => {
                self.key.1 = end;
                self.member = self.member();
                self.member.is_named.then_some(NAMED)
            }
            Awaits::Text => {
                let node = self.nodes.last_mut()?;
                node.text.1 = end;
                let (shapes, _) = self.shape.as_ref()?;
                node.fact(shapes)
            }
        }
    }

    /// A whole scalar.
    pub fn scalar(&mut self, kind: Kind, text: &str) {
        self.begin(kind);
        self.text(text.as_bytes());
    }

    /// A whole key.
    pub fn key(&mut self, key: &str) {
        self.begin_key();
        self.text(key.as_bytes());
    }

    /// The index that the next node will have.
    pub fn next_node(&self) -> u32 {
        self.nodes.len() as u32
    }

    /// Bytes that it holds by now.
    pub fn bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>() + self.text.capacity() + self.undeclared.capacity() * 4
    }

    /// The tape.
    ///
    /// # Errors
    ///
    /// When what was read is no one JSON document.
    pub fn finish(self) -> Result<Tape, Flaw> {
        if let Some(flaw) = self.flaw {
            return Err(flaw);
        }
        if !self.open.is_empty() || self.roots > 1 {
            return Err(Flaw::Malformed);
        }
        let text = String::from_utf8(self.text).map_err(|_| Flaw::Malformed)?;
        // What is whole together need not be so apart, unless each byte is a character.
        let is_ascii = text.is_ascii();
        let is_text = |(start, end): (u32, u32)| is_ascii || text.get(start as usize..end as usize).is_some();
        let is_number = |node: &Node| text.get(node.text.0 as usize..node.text.1 as usize).is_some_and(is_number);
        let is_sound =
            |node: &Node| is_text(node.key) && is_text(node.text) && (node.kind != Kind::Number || is_number(node));
        if !self.nodes.iter().all(is_sound) {
            return Err(Flaw::Malformed);
        }
        let mut tape = Tape {
            nodes: self.nodes,
            text,
            sorted: Vec::new(),
            shapes: self.shape.map(|(shapes, _)| shapes),
            undeclared: self.undeclared,
            unenforced: self.unenforced,
            work_left: Cell::new(u64::MAX),
            is_spent: Cell::new(false),
            patterns: Cell::new(1),
            errors_left: Cell::new(None),
        };
        tape.sort()?;
        Ok(tape)
    }
}

impl Tape {
    /// Looks for keys that stand twice; the members of large objects are sorted for that, and to be
    /// searched later.
    fn sort(&mut self) -> Result<(), Flaw> {
        let mut members = Vec::new();
        for index in 0..self.nodes.len() as u32 {
            let node = self.node(index);
            if node.kind != Kind::Object || node.children < 2 {
                continue;
            }
            members.clear();
            members.extend(self.children(index).map(|child| (self.node(child).key, child)));
            if node.children <= MEMBERS_SCANNED_MAX {
                let mut rest = members.as_slice();
                while let Some(((key, _), others)) = rest.split_first() {
                    if others.iter().any(|(other, _)| self.is_same(*key, *other)) {
                        return Err(Flaw::DuplicateKey);
                    }
                    rest = others;
                }
                continue;
            }
            members.sort_unstable_by(|&(one, _), &(other, _)| self.slice(one).cmp(self.slice(other)));
            if members.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if self.is_same(*one, *other))) {
                return Err(Flaw::DuplicateKey);
            }
            let start = self.sorted.len() as u32;
            self.sorted.extend(members.iter().map(|(_, child)| child));
            let end = self.sorted.len() as u32;
            if let Some(node) = self.nodes.get_mut(index as usize) {
                node.text = (start, end);
            }
        }
        Ok(())
    }

    /// Whether two texts are the same.
    fn is_same(&self, one: (u32, u32), other: (u32, u32)) -> bool {
        one.1 - one.0 == other.1 - other.0 && self.bytes_of(one) == self.bytes_of(other)
    }
}
