//! Runtime application self-protection for Rust web services.

mod byte_set;

mod input;

mod lexer;

mod decode;

mod rule;

mod detect;
