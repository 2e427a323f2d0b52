//! What a good request looks like: positive security.
//!
//! Sources (JSON Schema, OpenAPI, types, inline tables) are read into one plain [`Contract`], an
//! operation a method and template. `compile` turns it into validators, which look at the head and
//! at the [`Tape`] of a body and leave [`Failure`]s and [`Facts`] in a [`Report`].
//!
//! # What this does not protect from
//!
//! A loose schema: a string without a bound or a pattern admits every attack, and is left to the
//! detectors. `rasp schema check` names such spots.

mod check;
mod compile;
mod contract;
mod demand;
mod failure;
mod keyword;
mod loose;
mod pointer;
mod set;
mod shape;
mod source;
mod tape;
mod template;

pub use check::{BodyCheck, BodyReader, Checked, Declared, Prospect};
pub use compile::{CompiledOperation, Reading};
#[cfg(feature = "config")]
pub use contract::UndeclaredHeaders;
pub use contract::{
    BodySchema, Contract, Credential, Encoding, Operation, Origin, Parameter, SchemaNode, SecurityAlternative, Style,
    Unenforced,
};
pub use contract::{Undeclared, UndeclaredAction};
pub use failure::{Content, Fact, Facts, Failure, Report};
pub use keyword::Keyword;
pub use loose::{Loose, SchemaCheck, check, check_source};
pub use set::{Hints, Schemas, Selection};
#[cfg(feature = "config")]
pub use source::RouteUndeclared;
pub use source::{Document, SchemaLocation, SchemaSettings, Source, SourceKind, Text, read};
