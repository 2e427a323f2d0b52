//! The stages in their order, pushed: head, chunk, end.
//!
//! An [`Engine`] is one compiled configuration. An [`Inspection`] takes one request through it:
//! its head, then the body's chunks as they come, then its end. Nothing here waits, does I/O or
//! reads a clock, and nothing can fail: a panic in a matcher is caught and becomes a cause of
//! incompleteness.
//!
//! # What this does not protect from
//!
//! A body that the service never reads is never pushed, and so never inspected; the record of
//! completeness says so.

#[cfg(feature = "schema")]
mod announced;
mod build;
mod explain;
mod head;
mod inspection;
mod limits;
mod memo;
#[cfg(not(feature = "schema"))]
#[path = "no_schema.rs"]
#[expect(dead_code, reason = "nothing of it is ever made")]
mod positive;
#[cfg(feature = "schema")]
mod positive;
mod reading;
mod sink;
#[cfg(feature = "schema")]
mod waiting;

pub use crate::detect::Effort;
pub use build::{Engine, EngineParts};
pub use explain::{Explanation, LeafRecord};
pub use inspection::Inspection;
pub use limits::Limits;

#[cfg(test)]
mod tests;
