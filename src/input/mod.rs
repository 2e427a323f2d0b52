//! The request without HTTP: its head, its leaves, where they stand, and what was not read.
//!
//! A [`Leaf`] is one untrusted value or name with its location. Decoders make leaves, the
//! detector and the schemas look at them, and a finding keeps the leaf's [`Location`].
//!
//! # What this does not protect from
//!
//! Nothing here decides; these are the words in which the other stages speak.

mod completeness;
mod head;
mod leaf;
mod location;
mod mark;
mod notice;
mod path;
mod pattern;
mod secret;

pub use completeness::{Cause, Completeness};
pub use head::{Head, HeadBuilder, Header};
pub use leaf::{Aspect, Leaf, Place};
pub use location::Location;
pub use mark::Mark;
pub use notice::Notice;
pub(crate) use path::canonical;
#[cfg(feature = "schema")]
pub(crate) use path::escaped;
pub use pattern::{Glob, LocationPattern};
pub use secret::is_secret;
#[cfg(feature = "evidence")]
pub(crate) use secret::keyed_secrets;
pub(crate) use secret::{has_secret, is_secret_key, secrets, segments};
