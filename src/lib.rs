//! Runtime application self-protection for Rust web services.

mod build_error;
mod byte_set;
mod document;

mod input;

mod lexer;

mod transform;

mod decode;

mod rule;

mod finding;

mod detect;

mod policy;
