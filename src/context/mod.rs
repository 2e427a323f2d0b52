//! What one request leaves behind for others: inputs, findings so far, the verdict, whether it
//! was refused.
//!
//! The [`RequestContext`] rides in the request's extensions behind an `Arc`. It is `Send` and
//! `Sync`; its locks are the request's own, and no two requests share one.
//!
//! # What this does not protect from
//!
//! Inputs are kept within limits; a guard that needs one that was dropped must say so, and
//! [`RequestContext::inputs_whole`] tells.

mod budget;
mod inputs;
mod refusal;
mod request;

pub use budget::Budget;
pub(crate) use budget::Share;
pub use inputs::Input;
pub(crate) use request::Keeper;
pub use request::{RequestContext, RequestId};
