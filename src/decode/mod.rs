//! Bytes to leaves, resumable: each file knows one format.
//!
//! A decoder is pushed chunks of any size and emits each leaf as soon as it is complete. It
//! never fails: what it cannot read it reports, and goes on with what follows.
//!
//! # What this does not protect from
//!
//! A decoder reads as common back ends do; one that reads a format in a way of its own may see
//! values that we did not.

mod sink;

pub use sink::{Notice, Sink};
