//! Values that would change an XPath expression.
//!
//! What XPath shares with SQL (`' or '1'='1`) is left to SQL's matchers. Here is what only XPath
//! has: axes, location paths and node functions, where a value leaves its string or predicate.
//!
//! # What this does not protect from
//!
//! A whole expression that a client may choose is no injection; only a schema can refuse it.

use super::{CodeMatcher, Match};
use crate::lexer::{Cursor, break_outs, is_word};
use crate::rule::Confidence;

/// A value that leaves its string or predicate and goes on as XPath, or is an expression.
pub(super) const EXPRESSION: CodeMatcher = CodeMatcher { name: "xpath_expression", find: expression };

/// Functions that ask about nodes or texts.
static FUNCTIONS: &[&[u8]] = &[
    b"boolean",
    b"codepoints-to-string",
    b"collection",
    b"concat",
    b"contains",
    b"count",
    b"doc",
    b"document",
    b"doc-available",
    b"ends-with",
    b"id",
    b"last",
    b"local-name",
    b"lower-case",
    b"matches",
    b"name",
    b"namespace-uri",
    b"normalize-space",
    b"not",
    b"number",
    b"position",
    b"starts-with",
    b"string",
    b"string-length",
    b"substring",
    b"substring-after",
    b"substring-before",
    b"sum",
    b"text",
    b"tokenize",
    b"translate",
    b"true",
    b"unparsed-text",
    b"upper-case",
];

/// Those of them that no other language has.
static OWN_FUNCTIONS: &[&[u8]] =
    &[b"local-name", b"namespace-uri", b"normalize-space", b"string-length", b"unparsed-text", b"doc-available"];

static AXES: &[&[u8]] = &[
    b"ancestor",
    b"ancestor-or-self",
    b"attribute",
    b"child",
    b"descendant",
    b"descendant-or-self",
    b"following",
    b"following-sibling",
    b"namespace",
    b"parent",
    b"preceding",
    b"preceding-sibling",
    b"self",
];

fn expression(value: &[u8]) -> Option<Match> {
    // Steps alone (`or ../..`) leave nothing: a quote, bracket or comparison does.
    if !value.iter().any(|byte| b"'\"|[]()=<>".contains(byte)) {
        return None;
    }
    for at in break_outs(value) {
        let mut cursor = Cursor::new(value, at);
        if goes_on(&mut cursor, true).is_some() {
            return Some(Match::new(Confidence::Certain, at - 1..cursor.at(), "leaves a string and goes on as XPath"));
        }
    }
    predicate_left(value).or_else(|| from_start(value))
}

/// Reads what may follow a string or number that was ended.
fn goes_on(cursor: &mut Cursor<'_>, quoted: bool) -> Option<()> {
    let closers = cursor.take_while(|byte| byte.is_ascii_whitespace() || b")]".contains(&byte));
    if cursor.eat(b"|") {
        let alone = cursor.eat(b" ");
        // Without a predicate that was closed, `|/usr/x` is a shell's.
        return match quoted && closers.contains(&b']') {
            true => joined_path(cursor).or_else(|| alone.then(|| step(cursor))?),
            false => path(cursor),
        };
    }
    if closers.ends_with(b"]") && cursor.peek() == Some(b'/') {
        return path(cursor);
    }
    let joins = cursor.eat(b"or") || cursor.eat(b"and");
    if !joins || cursor.peek().is_some_and(is_word) {
        return None;
    }
    // A word or sign that stands right behind, or behind one space, is read more freely.
    let mut near = *cursor;
    near.eat(b" ");
    if joined_path(&mut near).is_some() || quoted && near.eat(b"@") && !name(&mut near).is_empty() {
        *cursor = near;
        return Some(());
    }
    cursor.take_while(|byte| byte.is_ascii_whitespace() || byte == b'(');
    match asks(*cursor) {
        Some(Asks::OwnWords) => Some(()),
        Some(Asks::SharedWords) => quoted.then_some(()),
        None => path(cursor),
    }
}

/// A name of XML: with dashes and points inside, and a letter first.
fn name<'a>(cursor: &mut Cursor<'a>) -> &'a [u8] {
    if cursor.peek().is_some_and(|byte| !byte.is_ascii_alphabetic() && byte != b'_') {
        return b"";
    }
    cursor.take_while(|byte| is_word(byte) || byte == b'-' || byte == b'.')
}

/// What a function call or an axis tells.
enum Asks {
    /// Only XPath has this.
    OwnWords,
    /// A call that SQL or prose may hold too.
    SharedWords,
}

fn asks(mut cursor: Cursor<'_>) -> Option<Asks> {
    let mut word = name(&mut cursor);
    if cursor.eat(b"::") {
        return AXES.contains(&word).then_some(Asks::OwnWords);
    }
    // `fn:count(`: the prefix of the standard functions.
    if word == b"fn" && cursor.eat(b":") {
        word = name(&mut cursor);
    }
    if !cursor.eat(b"(") || !FUNCTIONS.contains(&word) {
        return None;
    }
    cursor.space();
    let empty = cursor.peek() == Some(b')');
    let nodes = matches!(word, b"name" | b"position" | b"last" | b"text") && empty;
    let over_path = path(&mut cursor.clone()).is_some();
    let nested = matches!(asks_inside(cursor), Some(Asks::OwnWords));
    Some(if OWN_FUNCTIONS.contains(&word) || nodes || over_path || nested { Asks::OwnWords } else { Asks::SharedWords })
}

/// The first argument of a call, read one level deep.
fn asks_inside(mut cursor: Cursor<'_>) -> Option<Asks> {
    let word = name(&mut cursor);
    let known = cursor.eat(b"::") && AXES.contains(&word)
        || cursor.eat(b"(") && (OWN_FUNCTIONS.contains(&word) || path(&mut cursor).is_some());
    known.then_some(Asks::OwnWords)
}

/// Reads the start of a location path: `//user`, `/*`, `../x`, `/@id`, `child::node()`.
fn path(cursor: &mut Cursor<'_>) -> Option<()> {
    let mut ahead = *cursor;
    let dots = ahead.take_while(|byte| byte == b'.').len();
    let slashes = ahead.take_while(|byte| byte == b'/').len();
    if dots > 2 || slashes > 2 || slashes == 0 {
        ahead = *cursor;
        let axis = AXES.contains(&name(&mut ahead)) && ahead.eat(b"::");
        return axis.then(|| *cursor = ahead);
    }
    let sign = ahead.eat_any(b"@*.");
    let word = name(&mut ahead);
    // `/.ud5`: no step goes on behind its point.
    if sign == Some(b'.') && !word.is_empty() {
        return None;
    }
    // `/and` alone is a word with a slash.
    let fits = sign.is_some() || !word.is_empty() && (slashes == 2 || dots > 0 || ahead.eat(b"::"));
    fits.then(|| *cursor = ahead)
}

/// The same behind an operator, where `/users` alone is a path too.
fn joined_path(cursor: &mut Cursor<'_>) -> Option<()> {
    path(cursor).or_else(|| {
        let mut ahead = *cursor;
        let fits = ahead.eat(b"/") && !name(&mut ahead).is_empty() && ahead.eat_any(b"/[").is_some();
        fits.then(|| *cursor = ahead)
    })
}

/// Reads one step that is no mere word: `user[`, `*`, `a/b`, `text()`.
fn step(cursor: &mut Cursor<'_>) -> Option<()> {
    let star = cursor.eat(b"*");
    let word = name(cursor);
    let goes_on = cursor.eat_any(b"[/(").is_some();
    (star || !word.is_empty() && goes_on).then_some(())
}

/// `1] | //user[x`: a bracket that the value did not open is closed, and another path begins.
fn predicate_left(value: &[u8]) -> Option<Match> {
    let mut depth: i64 = 0;
    for at in memchr::memchr2_iter(b'[', b']', value) {
        depth += if value.get(at) == Some(&b'[') { 1 } else { -1 };
        if depth >= 0 {
            continue;
        }
        let mut cursor = Cursor::new(value, at + 1);
        cursor.space();
        let joined = cursor.eat(b"|");
        cursor.eat(b" ");
        if joined && joined_path(&mut cursor).is_some() {
            return Some(Match::new(Confidence::Certain, at..cursor.at(), "leaves a predicate and adds another path"));
        }
    }
    None
}

/// A number or nothing, then XPath (sure); or an expression from the first byte (which an honest
/// client may send).
fn from_start(value: &[u8]) -> Option<Match> {
    let mut cursor = Cursor::new(value, 0);
    cursor.space();
    let begin = cursor;
    let joined_first = |mut cursor: Cursor<'_>| cursor.eat(b"or ") || cursor.eat(b"and ") || cursor.eat(b"|");
    if !joined_first(cursor) {
        cursor.take_while(|byte| is_word(byte) || b"-.*".contains(&byte));
    }
    if goes_on(&mut cursor, false).is_some() {
        return Some(Match::new(Confidence::Certain, 0..cursor.at(), "goes on as XPath"));
    }
    cursor = begin;
    let predicate = cursor.eat(b"*[");
    if matches!(asks(cursor), Some(Asks::OwnWords)) {
        // An expression whose string is left and joined to another.
        let joined = predicate && break_outs(value).any(|at| joins(Cursor::new(value, at)));
        let confidence = if joined { Confidence::Certain } else { Confidence::Likely };
        return Some(Match::new(confidence, begin.at()..value.len(), "an XPath expression"));
    }
    path(&mut cursor)?;
    let rest = cursor.rest();
    let near = &rest[..rest.len().min(256)];
    let asks_nodes = [b"[@".as_slice(), b"[contains(", b"[text()", b"[position()", b"[last()", b"::", b"/text()"]
        .iter()
        .any(|sign| memchr::memmem::find(near, sign).is_some());
    asks_nodes.then(|| Match::new(Confidence::Likely, begin.at()..value.len(), "an XPath expression"))
}

/// Whether `or` or `and` comes next, as a word.
fn joins(mut cursor: Cursor<'_>) -> bool {
    cursor.space();
    let word = cursor.word();
    word == b"or" || word == b"and"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_left_and_gone_on_with() {
        for (value, expected) in [
            ("'] | //user/*[contains(*,'", Some(Confidence::Certain)),
            ("')] | //*[('", Some(Confidence::Certain)),
            ("x' or name()='username' or 'x'='y", Some(Confidence::Certain)),
            ("' or count(parent::*[position()=1])=0 or 'a'='b", Some(Confidence::Certain)),
            ("' or contains(name,'adm') or '", Some(Confidence::Certain)),
            ("admin'or string-length(//a)>3 and '1", Some(Confidence::Certain)),
            ("1 or count(//*)>0", Some(Confidence::Certain)),
            ("1] | //password[1", Some(Confidence::Certain)),
            ("\"] | /* | /x[\"", Some(Confidence::Certain)),
            ("' or ancestor::node() or '", Some(Confidence::Certain)),
            ("' and //user[1]/name='a", Some(Confidence::Certain)),
            ("'] | user[name='x", Some(Confidence::Certain)),
            ("' or doc('http://h/x') or '", Some(Confidence::Certain)),
            ("//div[@id='x']", Some(Confidence::Likely)),
            ("count(/child::node())", Some(Confidence::Likely)),
            ("' or '1'='1", None),
            ("it's here or there", None),
            ("'a' or name()", None),
            ("the user's name() or id()", None),
            ("https://example.org/a//b", None),
            ("//example.org/a", None),
            ("a[0] | b[1]", None),
            ("cats or count (and) dogs", None),
            ("and/or", None),
        ] {
            assert_eq!(expression(value.as_bytes()).map(|found| found.confidence), expected, "{value}");
        }
    }
}
