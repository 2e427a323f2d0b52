//! Bytes to tokens: each file knows one language and nothing else.
//!
//! A lexer borrows from its input, never fails and never allocates per token: bytes that begin
//! no token of the language are tokens of their own kind.
//!
//! # What this does not protect from
//!
//! A lexer knows no dialect's every word; what it does not know is a plain word to it.

pub(crate) mod html;
pub(crate) mod javascript;
