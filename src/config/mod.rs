//! The configuration file, with the place of everything in it, into the parts below.
//!
//! [`Settings`] is what a configuration says, as data; the feature `config` adds the file, read
//! table by table. [`Settings::warnings`] says what in it is unused, expired or shadowed.
//!
//! # What this does not protect from
//!
//! A valid configuration can still be a careless one: `mode = "off"` is valid.

#[cfg(feature = "config")]
mod answer;
#[cfg(feature = "config")]
mod clients;
#[cfg(feature = "config")]
mod exclusion;
#[cfg(feature = "config")]
mod file;
mod fingerprint;
#[cfg(feature = "config")]
mod limits;
#[cfg(feature = "config")]
mod modes;
#[cfg(feature = "config")]
mod route;
#[cfg(feature = "config")]
mod rules;
#[cfg(all(feature = "config", feature = "schema"))]
mod schema;
mod settings;
#[cfg(feature = "config")]
mod telemetry;
#[cfg(feature = "config")]
mod text;
#[cfg(feature = "config")]
mod warnings;

#[cfg(feature = "config")]
pub use file::{from_path, from_text};
pub(crate) use fingerprint::Fingerprint;
#[cfg(feature = "config")]
pub use limits::{KEYS as LIMIT_KEYS, LimitKey};
pub use settings::{AnswerSettings, ClientSettings, Places, SchemaStatuses, Settings, TelemetrySettings};
#[cfg(feature = "config")]
pub use warnings::Warning;
