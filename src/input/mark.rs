//! The structure of a document, beside its leaves. A mark about a leaf stands right before it, so that
//! readings of one body that go on side by side are not taken for each other.

/// A step in the structure of a JSON document, or of a value in windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// An object begins.
    Object,
    /// An array begins.
    Array,
    /// The innermost object or array ends.
    End,
    /// The next leaf is a key.
    Key,
    /// The next leaf is a string.
    String,
    /// The next leaf is the text of a number.
    Number,
    /// The next leaf goes on with the value of the last one of its reading, of which it repeats so
    /// many bytes. In every format.
    More(usize),
    /// `true`.
    True,
    /// `false`.
    False,
    /// `null`.
    Null,
}
