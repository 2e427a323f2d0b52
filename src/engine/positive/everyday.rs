//! What is everyday in each kind of content, and so no finding there.

use crate::schema::Content;

/// For each kind of content the rules, as globs.
pub(super) const EVERYDAY: [(Content, &[&str]); 4] =
    [(Content::Html, HTML), (Content::Markdown, MARKDOWN), (Content::Code, CODE), (Content::Sql, SQL)];
/// Links, and what would break out of a page only if the value stood within a tag or a script of it.
/// What runs by itself (script, handlers, frames with odd addresses) is not everyday.
const HTML: &[&str] = &["xss.attribute_breakout", "xss.script_breakout", "xss.script_text", "path.climb", "ssrf.url"];
/// HTML may stand in it. Examples of code between its fences the detectors know by themselves.
const MARKDOWN: &[&str] = HTML;
const CODE: &[&str] = &[
    "code.*",
    "cmdi.*",
    "sqli.*",
    "ssti.*",
    "xss.*",
    "path.*",
    "nosqli.*",
    "xpath.*",
    "ldapi.*",
    "proto.*",
    "include.*",
    "ssrf.*",
    "xxe.*",
    "crlf.*",
];
const SQL: &[&str] = &["sqli.*"];
