//! Bytes to tokens: each file knows one language and nothing else.
//!
//! A lexer borrows from its input, never fails and never allocates per token: bytes that begin
//! no token of the language are tokens of their own kind.
//!
//! # What this does not protect from
//!
//! A lexer knows no dialect's every word; what it does not know is a plain word to it.

mod base64;
mod cursor;
mod declaration;
pub mod expression;
pub mod html;
pub mod javascript;
mod lookup;
pub mod shell;
pub mod sql;

pub use base64::{decode_base64, is_base64};
pub use cursor::{Cursor, break_outs, is_word, quoted};
pub use declaration::{Declaration, EntityText, External, declarations};
pub use lookup::{Lookup, resolve_lookups};
