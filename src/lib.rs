//! Runtime application self-protection for Rust web services.
