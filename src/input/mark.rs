//! The structure of a document, beside its leaves.

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
