//! How one rule tests one value: code matchers, each in a file of its own, listed in [`ALL`].
//!
//! A matcher is a pure function of the bytes. It answers with the structure that it recognised,
//! and how sure that makes it; it never looks at who sent the value. It is linear in the value.

mod call;
mod code;
mod crlf;
mod include;
mod jndi;
mod ldap;
mod nosql;
mod path;
mod prototype;
mod serialized;
mod shell;
mod sql;
mod ssrf;
mod system_file;
mod template;
mod xml;
mod xpath;
mod xss;

use crate::rule::Confidence;

/// What a matcher recognised in a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// How sure the structure makes it.
    pub confidence: Confidence,
    /// The bytes that it rests on.
    pub span: std::ops::Range<usize>,
    /// In words for a person: which context it breaks out of, and by what.
    pub structure: &'static str,
}

impl Match {
    /// A match over a span.
    pub(crate) const fn new(confidence: Confidence, span: std::ops::Range<usize>, structure: &'static str) -> Self {
        Self { confidence, span, structure }
    }
}

/// A matcher written in code, with the name by which rules call it.
pub struct CodeMatcher {
    /// The name that a rule's `matcher = { code = ".." }` gives.
    pub name: &'static str,
    /// Looks at one value (decoded, or one view of it).
    pub find: fn(&[u8]) -> Option<Match>,
}

/// What no rule of a product can name: a value over which it falls.
#[cfg(test)]
pub(crate) static PANICS: CodeMatcher = CodeMatcher {
    name: "test_panics",
    find: |value| match value {
        b"fall over" => panic!("a matcher of a test"),
        b"stand" => Some(Match::new(Confidence::Weak, 0..5, "a word of a test")),
        _ => None,
    },
};

/// Every code matcher: adding one is a file and a line.
pub(crate) static ALL: &[&CodeMatcher] = &[
    &code::CALL,
    &code::INDIRECT_CALL,
    &code::PROPERTY_PATH,
    &crlf::LINE,
    &crlf::LINE_IN_TEXT,
    &include::REMOTE,
    &include::WRAPPER,
    &jndi::LOOKUP,
    &ldap::FILTER,
    &nosql::NAME,
    &nosql::SCRIPT,
    &nosql::TEXT,
    &path::CLIMB,
    &path::CLIMB_HEX,
    &path::CLIMB_OVERLONG,
    &path::CLIMB_ENCODED,
    &path::SYSTEM_FILE,
    &prototype::NAME,
    &prototype::TEXT,
    &serialized::BYTES,
    &serialized::ENCODED,
    &serialized::GADGET,
    &serialized::JSON,
    &serialized::PHP,
    &serialized::PICKLE,
    &serialized::TYPE_NAME,
    &serialized::XML,
    &serialized::YAML,
    &shell::ARGUMENT,
    &shell::FUNCTION_IMPORT,
    &shell::INJECTION,
    &shell::WHOLE,
    &sql::BREAKOUT,
    &sql::CLAUSE,
    &sql::COMMENT_TAIL,
    &sql::FUNCTION,
    &sql::QUERY,
    &sql::STATEMENT,
    &sql::TAUTOLOGY,
    &sql::UNION,
    &ssrf::INNER_URL,
    &template::BRACE,
    &template::DIRECTIVE,
    &template::EXPRESSION,
    &template::SERVER_INCLUDE,
    &xml::ENTITY,
    &xml::INCLUDE,
    &xpath::EXPRESSION,
    &xss::ATTRIBUTE_BREAKOUT,
    &xss::CLIENT_TEMPLATE,
    &xss::EVENT_HANDLER,
    &xss::MARKUP_THAT_RUNS,
    &xss::OTHER_CHARSET,
    &xss::SCRIPT_BREAKOUT,
    &xss::SCRIPT_CONTINUATION,
    &xss::SCRIPT_TAG,
    &xss::SCRIPT_TEXT,
    &xss::SCRIPT_URL,
    &xss::SCRIPT_URL_DISGUISED,
    &xss::STYLE_SCRIPT,
];
