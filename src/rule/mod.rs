//! What to look for, as data: the format of a rule, ours or a user's.
//!
//! A rule brings its own proof. Its examples and counter-examples are its documentation and its
//! test, and they run wherever a ruleset is built.
//!
//! # What this does not protect from
//!
//! A rule is as good as its matcher. What no rule looks for is not found; schemas say what good
//! input is, and stop more.

mod category;
pub(crate) mod format;
mod grade;
mod mask;
mod set;

pub use category::Category;
pub use grade::{Confidence, Paranoia, Severity};
pub use mask::{RULES_MAX, RuleMask};
#[cfg(any(feature = "config", test))]
pub use set::parse;
pub use set::{MatcherSource, RULESET_VERSION, Rule, RuleInfo, When, builtin};
