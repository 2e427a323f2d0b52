//! The multi-pattern detector: gate, prefilter, then matchers that confirm.

pub mod matcher;
