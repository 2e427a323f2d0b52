//! One thing found, and where.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::input::Location;
use crate::rule::{Confidence, RuleInfo};

/// A rule that matched, or a schema keyword that failed.
///
/// The value itself is not kept here, so that nothing secret leaves with a finding.
#[derive(Clone)]
pub struct Finding {
    /// The rule.
    pub rule: Arc<RuleInfo>,
    /// Where the value stood.
    pub location: Location,
    /// The transformations of the view in which it was found, with `|` between them; empty for
    /// the value as it came.
    pub chain: String,
    /// How sure the matcher is.
    pub confidence: Confidence,
    /// The bytes of the view that it rests on.
    pub span: Range<usize>,
    /// What was recognised, in words.
    pub structure: &'static str,
    /// What failed, where a schema did.
    pub validation: Option<Arc<Validation>>,
}

/// What a finding about a schema says besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validation {
    /// The keyword that failed: `max_length`.
    pub keyword: &'static str,
    /// The pointer of that keyword in its document (RFC 6901).
    pub schema_pointer: Box<str>,
    /// One sentence that holds nothing of the value: `must be at most 64 characters`.
    pub message: Cow<'static, str>,
    /// Whether the configuration asks for an alert and no more: `undeclared = { fields = "alert" }`.
    pub alerts_only: bool,
}

impl fmt::Debug for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {} ({}", self.rule.id, self.location.to_redacted_string(), self.confidence)?;
        if !self.chain.is_empty() {
            write!(formatter, ", as {}", self.chain)?;
        }
        write!(formatter, "): {}", self.structure)
    }
}
