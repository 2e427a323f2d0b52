//! A set of rules, and how it is read from TOML: the built-in files and a user's by one path.

use std::sync::Arc;

use super::format;
use super::{Category, Confidence, Paranoia, Severity};
use crate::build_error::BuildError;
use crate::byte_set::ByteSet;
use crate::document;
use crate::input::{LocationPattern, Notice};

/// The version of the built-in rules. A configuration may pin it; a pin that is not this is an
/// error, so that an update of the crate never changes what is blocked in silence.
pub const RULESET_VERSION: &str = "1";

/// What of a rule findings and signals show.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleInfo {
    /// Its id: `sqli.union`.
    pub id: String,
    /// One sentence for a person.
    pub description: String,
    /// The kind of attack.
    pub category: Category,
    /// What a finding would mean.
    pub severity: Severity,
    /// From which level on it runs.
    pub paranoia: Paranoia,
    /// Whether it is one of the crate's own.
    pub builtin: bool,
}

impl RuleInfo {
    /// The name of its ruleset: `builtin`, or `custom` for rules of your own.
    #[must_use]
    pub const fn ruleset(&self) -> &'static str {
        if self.builtin { "builtin" } else { "custom" }
    }

    /// The version of its ruleset; rules of your own have none.
    #[must_use]
    pub fn version(&self) -> Option<&'static str> {
        self.builtin.then_some(RULESET_VERSION)
    }
}

impl Needs {
    /// Whether the rule names a literal or word, so that the prefilter can nominate it.
    #[must_use]
    pub fn names_text(&self) -> bool {
        !self.literals.is_empty() || !self.words.is_empty()
    }
}

/// How a rule tests a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MatcherSource {
    /// A code matcher, by its name.
    Code(String),
    /// A linear regular expression over bytes.
    Regex(String),
    /// An oddity that a decoder reports; the rule looks at no value.
    Notice(Notice),
    /// A keyword of schemas that failed, by its word; the validators report it.
    Schema(String),
}

/// Without one of these bytes, and one of these literals or words, a rule cannot match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The bytes; [`ByteSet::ALL`] where the rule names none.
    pub bytes: ByteSet,
    /// Literals in any case; none where the rule names none.
    pub literals: Vec<String>,
    /// Literals that count only where no ASCII letter stands on either side.
    pub words: Vec<String>,
}

/// For which requests a rule runs at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When {
    /// Only on this template.
    pub route: Option<String>,
    /// Only for these methods; none means all.
    pub methods: Vec<String>,
}

/// One rule, as read.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What findings show of it.
    pub info: Arc<RuleInfo>,
    /// Its confidence, unless the matcher says it.
    pub confidence: Option<Confidence>,
    /// Where it looks; none means everywhere.
    pub locations: Vec<LocationPattern>,
    /// For which requests.
    pub when: When,
    /// Its necessary conditions.
    pub needs: Needs,
    /// How it tests.
    pub matcher: MatcherSource,
    /// The line on which that stands.
    pub matcher_line: usize,
    /// Values that it must find.
    pub examples: Vec<String>,
    /// Values that it must not find.
    pub counter_examples: Vec<String>,
    /// The file that it stands in.
    pub file: Arc<str>,
    /// The line there.
    pub line: usize,
}

/// Whether a file is one of the crate's own; the name of a user's never begins so.
pub(super) fn is_builtin(file: &str) -> bool {
    file.starts_with("builtin/")
}

impl Rule {
    /// Whether the rule is one of the crate's own.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        self.info.builtin
    }

    /// An error about this rule.
    pub(crate) fn error(&self, message: impl std::fmt::Display) -> BuildError {
        self.error_at(self.line, message)
    }

    /// An error about how this rule tests.
    pub(crate) fn matcher_error(&self, message: impl std::fmt::Display) -> BuildError {
        self.error_at(self.matcher_line, message)
    }

    fn error_at(&self, line: usize, message: impl std::fmt::Display) -> BuildError {
        BuildError::new(format!("rule `{}`: {message}", self.info.id)).in_file(&self.file).at_line(line)
    }
}

macro_rules! builtin_file {
    ($category:literal) => {
        (concat!("builtin/", $category, ".toml"), include_str!(concat!("builtin/", $category, ".toml")))
    };
}

/// The built-in rules: one file a category.
static BUILTIN: &[(&str, &str)] = &[
    builtin_file!("sql_injection"),
    builtin_file!("xss"),
    builtin_file!("command_injection"),
    builtin_file!("path_traversal"),
    builtin_file!("file_inclusion"),
    builtin_file!("ssrf"),
    builtin_file!("template_injection"),
    builtin_file!("nosql_injection"),
    builtin_file!("ldap_injection"),
    builtin_file!("xpath_injection"),
    builtin_file!("xxe"),
    builtin_file!("crlf_injection"),
    builtin_file!("jndi_injection"),
    builtin_file!("code_injection"),
    builtin_file!("deserialization"),
    builtin_file!("prototype_pollution"),
    builtin_file!("protocol"),
    builtin_file!("scanner"),
    #[cfg(feature = "schema")]
    builtin_file!("schema"),
];

/// The built-in rules.
pub fn builtin() -> Result<Vec<Rule>, BuildError> {
    let mut rules = Vec::new();
    for (file, text) in BUILTIN {
        rules.extend(parse(file, text)?);
    }
    Ok(rules)
}

/// The rules of one file.
pub fn parse(file: &str, text: &str) -> Result<Vec<Rule>, BuildError> {
    document::read(file, text, |mut top| {
        let rules = format::rules(&mut top, file)?;
        top.finish()?;
        Ok(rules)
    })
}
