//! The configuration file, with the place of everything in it, into the parts below.
//!
//! [`Settings`] is what a configuration says, as data; the feature `config` adds the file.
//!
//! # What this does not protect from
//!
//! A valid configuration can still be a careless one; `rasp check` says what is unused, expired
//! or shadowed in it.

#[cfg(feature = "config")]
mod file;
mod settings;

#[cfg(feature = "config")]
pub use file::{from_path, from_text};
pub use settings::{AnswerSettings, ClientSettings, Settings};
