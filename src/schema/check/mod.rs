//! Requests against a compiled operation: the head at once, the body when all of it was read.

mod body;
mod facts;
mod failures;
mod head;
mod media;
mod reader;
mod style;

pub use body::{BodyCheck, Checked};
pub use reader::BodyReader;

/// Failures of one request that are told; more are counted by nobody.
pub(super) const FAILURES_MAX: usize = 32;

#[cfg(test)]
mod decoded_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
