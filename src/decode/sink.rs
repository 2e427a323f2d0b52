//! What a decoder tells, while it reads.

use crate::input::{Cause, Leaf, Mark, Notice};

/// Receives what a decoder reads. Leaves are borrowed: a sink that keeps one copies it.
pub trait Sink {
    /// One value or name, complete (or one window of a value too large to hold).
    fn leaf(&mut self, leaf: Leaf<'_>);
    /// A part went unread.
    fn incomplete(&mut self, cause: Cause);
    /// A location was cut, or a second reading: the value is whole, but rules that go by its location
    /// may not see it.
    fn location_cut(&mut self) {
        self.incomplete(Cause::Limit);
    }
    /// The bytes are odd in this way.
    fn notice(&mut self, notice: Notice);
    /// How what is read next stands to the rest; for whoever wants the structure of a document.
    fn structure(&mut self, _: Mark) {}
}
