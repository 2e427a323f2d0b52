//! What a decoder tells, while it reads.

use crate::input::{Cause, Leaf, Notice};

/// Receives what a decoder reads. Leaves are borrowed: a sink that keeps one copies it.
pub trait Sink {
    /// One value or name, complete (or one window of a value too large to hold).
    fn leaf(&mut self, leaf: Leaf<'_>);
    /// A part went unread.
    fn incomplete(&mut self, cause: Cause);
    /// The bytes are odd in this way.
    fn notice(&mut self, notice: Notice);
    /// How what is read next stands to the rest; for whoever wants the structure of a document.
    fn structure(&mut self, _: Mark) {}
}

/// A step in the structure of a JSON document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// An object begins.
    Object,
    /// An array begins.
    Array,
    /// The innermost object or array ends.
    End,
    /// A key is read next; its name follows as a leaf unless it is empty.
    Key,
    /// A string is read next; its value follows as a leaf unless it is empty.
    String,
    /// A number is read next; its text follows as a leaf.
    Number,
    /// `true`.
    True,
    /// `false`.
    False,
    /// `null`.
    Null,
}
