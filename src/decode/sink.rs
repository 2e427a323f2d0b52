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
}
