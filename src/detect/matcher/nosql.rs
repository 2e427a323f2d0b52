//! Operators and scripts that would change a NoSQL query, mostly MongoDB's.
//!
//! An operator counts only in key position: as a name (`user[$ne]`, a JSON key), or in text that
//! a back end may read as JSON. A script counts when it leaves the string around it and goes on
//! as a condition or statement.
//!
//! # What this does not protect from
//!
//! An API that takes operators from its clients on purpose needs an exclusion; a query language
//! without `$` operators or JavaScript (Cypher, N1QL) is not read here.

use super::{CodeMatcher, Match};
use crate::lexer::{Cursor, break_outs, is_word};
use crate::rule::Confidence;

/// An operator as a parameter's or key's name.
pub(super) const NAME: CodeMatcher = CodeMatcher { name: "nosql_operator_name", find: operator_name };
/// An operator in key position of a text that may be read as JSON or as a query string.
pub(super) const TEXT: CodeMatcher = CodeMatcher { name: "nosql_operator_text", find: operator_text };
/// JavaScript that leaves the string of a `$where` clause, or is one.
pub(super) const SCRIPT: CodeMatcher = CodeMatcher { name: "nosql_script", find: script };

/// Operators that select or run: nothing but a query holds such a key.
static QUERY_OPERATORS: &[&[u8]] = &[
    b"accumulator",
    b"addFields",
    b"and",
    b"bitsAllClear",
    b"bitsAllSet",
    b"bitsAnyClear",
    b"bitsAnySet",
    b"elemMatch",
    b"eq",
    b"exists",
    b"expr",
    b"function",
    b"geoIntersects",
    b"geoWithin",
    b"gt",
    b"gte",
    b"in",
    b"jsonSchema",
    b"lookup",
    b"lt",
    b"lte",
    b"mod",
    b"ne",
    b"near",
    b"nearSphere",
    b"nin",
    b"nor",
    b"not",
    b"options",
    b"or",
    b"regex",
    b"unionWith",
    b"where",
];

/// Operators whose word other formats use too (analytics, OData, update documents).
static OTHER_OPERATORS: &[&[u8]] = &[
    b"addToSet",
    b"all",
    b"between",
    b"contains",
    b"endsWith",
    b"facet",
    b"group",
    b"iLike",
    b"inc",
    b"like",
    b"match",
    b"merge",
    b"natural",
    b"out",
    b"project",
    b"pull",
    b"push",
    b"rename",
    b"set",
    b"size",
    b"startsWith",
    b"text",
    b"unset",
    b"unwind",
];

/// Methods of a collection that write, and those that only read.
static WRITING_METHODS: &[&[u8]] = &[
    b"deleteMany",
    b"deleteOne",
    b"drop",
    b"dropDatabase",
    b"insert",
    b"insertMany",
    b"insertOne",
    b"mapReduce",
    b"remove",
    b"save",
    b"update",
    b"updateMany",
    b"updateOne",
];

/// Reads `$word` and says how sure an operator of this name makes it.
fn operator(cursor: &mut Cursor<'_>) -> Option<Confidence> {
    if !cursor.eat(b"$") {
        return None;
    }
    let word = cursor.word();
    // The tables are short, and the names case-sensitive.
    if QUERY_OPERATORS.contains(&word) {
        Some(Confidence::Certain)
    } else if OTHER_OPERATORS.contains(&word) {
        Some(Confidence::Likely)
    } else {
        None
    }
}

fn operator_name(value: &[u8]) -> Option<Match> {
    let mut best: Option<Match> = None;
    for at in memchr::memchr_iter(b'$', value) {
        let before = value[..at].last();
        let mut cursor = Cursor::new(value, at);
        let Some(confidence) = operator(&mut cursor) else { continue };
        let begins = before.is_none_or(|byte| b"[.'\"".contains(byte));
        let ends = cursor.peek().is_none_or(|byte| b"[].'\"".contains(&byte));
        if begins && ends && best.as_ref().is_none_or(|best| best.confidence < confidence) {
            best = Some(Match::new(confidence, at..cursor.at(), "a query operator as a name"));
        }
    }
    best
}

fn operator_text(value: &[u8]) -> Option<Match> {
    let mut best: Option<Match> = None;
    let mut before = Before::new(value);
    for at in memchr::memchr3_iter(b'$', b'\'', b'"', value) {
        match value.get(at) {
            Some(b'\'') => before.quotes[0] += 1,
            Some(b'"') => before.quotes[1] += 1,
            _ => {
                let Some((confidence, span)) = operator_key(value, at, &before) else { continue };
                let found = Match::new(confidence, span, "a query operator in key position");
                if confidence == Confidence::Certain {
                    return Some(found);
                }
                best = best.filter(|best| best.confidence >= confidence).or(Some(found));
            }
        }
    }
    best
}

/// What is known of the text before an operator, kept up while the value is walked through.
struct Before {
    /// Where the value begins, white space aside.
    start: usize,
    /// How far it is one literal: letters, digits, underscores, points.
    literal_end: usize,
    /// How far it is one parameter name: no white space, no `$` of a PHP variable, no path.
    name_end: usize,
    /// How many single and double quotes came.
    quotes: [usize; 2],
}

impl Before {
    fn new(value: &[u8]) -> Self {
        let mut cursor = Cursor::new(value, 0);
        cursor.space();
        let (start, mut name) = (cursor.at(), cursor);
        cursor.take_while(|byte| is_word(byte) || byte == b'.');
        name.take_while(|byte| byte.is_ascii_graphic() && byte != b'$' && byte != b'/');
        Self { start, literal_end: cursor.at(), name_end: name.at(), quotes: [0; 2] }
    }
}

/// The operator at `at`, if it stands where a key stands.
fn operator_key(value: &[u8], at: usize, before: &Before) -> Option<(Confidence, std::ops::Range<usize>)> {
    let mut cursor = Cursor::new(value, at);
    let confidence = operator(&mut cursor)?;
    let quote = value[..at].last().filter(|byte| b"'\"".contains(byte));
    let start = at - usize::from(quote.is_some());
    let text = value[..start].trim_ascii_end();
    cursor.eat_any(b"'\"");
    let shape = if text.last() == Some(&b'[') && cursor.eat(b"]") {
        let goes_on = cursor.peek().is_none_or(|next| b"=[".contains(&next));
        let plain = before.name_end + 1 >= start;
        goes_on.then_some(if plain { Confidence::Certain } else { Confidence::Likely })?
    } else {
        cursor.space();
        let mut quotes = before.quotes;
        if let Some(quote) = quote {
            quotes[usize::from(*quote == b'"')] -= 1;
        }
        (cursor.eat(b":") && begins_value(cursor)).then(|| key_context(text, before, quotes))??
    };
    Some((confidence.min(shape), start..cursor.at()))
}

/// Whether JSON or JavaScript could begin a value here.
fn begins_value(mut cursor: Cursor<'_>) -> bool {
    cursor.space();
    match cursor.peek() {
        None | Some(b'\'' | b'"' | b'[' | b'{' | b'/' | b'-' | b'0'..=b'9') => true,
        _ => {
            [b"true".as_slice(), b"false", b"null", b"undefined", b"new", b"function", b"this"].contains(&cursor.word())
        }
    }
}

/// How sure the text before a key makes it that a back end reads a key there.
fn key_context(text: &[u8], before: &Before, quotes: [usize; 2]) -> Option<Confidence> {
    let (last, first) = (text.last(), text.get(before.start));
    match last {
        None => return Some(Confidence::Certain),
        Some(b'{' | b',') => {}
        Some(_) => return None,
    }
    let literal = text[..text.len() - 1].trim_ascii_end();
    let whole = matches!(first, Some(b'{' | b'[' | b','));
    let short = literal.len() <= before.literal_end;
    // `admin', $or: [..`: the quote before the comma ends the string around.
    let leaves = match literal.iter().rev().find(|byte| !b" )]}".contains(byte)) {
        Some(b'\'') => quotes[0] % 2 == 1,
        Some(b'"') => quotes[1] % 2 == 1,
        _ => false,
    };
    Some(if whole || short || leaves { Confidence::Certain } else { Confidence::Likely })
}

fn script(value: &[u8]) -> Option<Match> {
    let line = first_line(value);
    for at in break_outs(value).take_while(|at| *at <= line) {
        let mut cursor = Cursor::new(value, at);
        if clause(&mut cursor).is_some() {
            return Some(Match::new(Confidence::Certain, at - 1..cursor.at(), "leaves a string and goes on as script"));
        }
    }
    unquoted(value)
}

/// Where the first line ends. No string of JavaScript goes on behind it, unless a backslash says so.
fn first_line(value: &[u8]) -> usize {
    memchr::memchr2_iter(b'\n', b'\r', value)
        .find(|&end| !value[..end].ends_with(b"\\") && !value[..end].ends_with(b"\\\r"))
        .unwrap_or(value.len())
}

/// Reads what may follow a literal that was ended: a further condition, or a statement.
fn clause(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.take_while(|byte| byte.is_ascii_whitespace() || b")]}".contains(&byte));
    if cursor.eat(b";") {
        statement(cursor)
    } else if cursor.eat(b"||") || cursor.eat(b"&&") {
        condition(cursor)
    } else {
        None
    }
}

fn statement(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.take_while(|byte| byte.is_ascii_whitespace() || b";})".contains(&byte));
    let word = cursor.word();
    let spaced = cursor.space();
    let next = cursor.peek();
    let fits = match word {
        b"return" => {
            matches!(next, None | Some(b'\'' | b'"' | b'(' | b'!' | b'/' | b'{' | b'[' | b';' | b'0'..=b'9'))
                || spaced && [b"true".as_slice(), b"false", b"this", b"null", b"new"].contains(&cursor.word())
        }
        b"sleep" | b"while" | b"function" | b"require" => next == Some(b'('),
        b"for" | b"if" => !spaced && next == Some(b'('),
        b"do" => !spaced && next == Some(b'{'),
        b"this" | b"db" | b"process" => !spaced && matches!(next, Some(b'.' | b'[')),
        b"var" | b"const" => spaced && !cursor.word().is_empty() && declares(cursor),
        b"throw" => spaced && (matches!(next, Some(b'\'' | b'"')) || cursor.word() == b"new"),
        b"" => false,
        _ => cursor.eat(b"=") && !cursor.space() && cursor.word() == b"new",
    };
    fits.then_some(())
}

/// `=` of a declaration, or its end.
fn declares(cursor: &mut Cursor<'_>) -> bool {
    cursor.space();
    cursor.is_done() || cursor.eat_any(b"=;").is_some()
}

fn condition(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.take_while(|byte| byte.is_ascii_whitespace() || b"!(".contains(&byte));
    let operand = operand(cursor)?;
    if operand == Operand::Script {
        return Some(());
    }
    cursor.space();
    let compares = [b"===".as_slice(), b"!==", b"==", b"!="].into_iter().any(|sign| cursor.eat(sign));
    if compares || operand == Operand::Plain && cursor.eat_any(b"<>").is_some() {
        cursor.space();
        cursor.eat(b"=");
        return self::operand(cursor).and_then(|_| clean_tail(*cursor));
    }
    // `|| true //`, `|| 1 || '`
    let ends = *cursor;
    let joins = operand == Operand::Plain && (cursor.eat(b"||") || cursor.eat(b"&&"));
    cursor.space();
    if joins && cursor.eat_any(b"'\"").is_some() {
        return Some(());
    }
    (operand == Operand::Plain && !ends.is_done()).then(|| clean_tail(ends))?
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operand {
    /// A string; alone it proves nothing, since SQL joins strings by `||`.
    Text,
    /// A number or a truth value.
    Plain,
    /// The document, the database, a pause: script and nothing else.
    Script,
}

fn operand(cursor: &mut Cursor<'_>) -> Option<Operand> {
    if cursor.string().is_some() {
        return Some(Operand::Text);
    }
    if cursor.peek() == Some(b'/') {
        let mut ahead = *cursor;
        ahead.next();
        ahead.take_while(|byte| byte != b'/' && byte != b'\n');
        return ahead.eat(b"/.test(").then_some(Operand::Script);
    }
    let word = cursor.word();
    match word {
        b"" => None,
        b"true" | b"false" | b"null" => Some(Operand::Plain),
        b"this" | b"db" | b"obj" => matches!(cursor.peek(), Some(b'.' | b'[')).then_some(Operand::Script),
        b"sleep" | b"function" | b"eval" => (cursor.peek() == Some(b'(')).then_some(Operand::Script),
        _ => word.iter().all(u8::is_ascii_digit).then_some(Operand::Plain),
    }
}

/// What may stand behind a condition that was pushed in: nothing, a comment, a joint, a closer.
fn clean_tail(mut cursor: Cursor<'_>) -> Option<()> {
    cursor.space();
    let rest = cursor.rest();
    let clean = rest.is_empty()
        || [b"//".as_slice(), b"/*", b"||", b"&&", b";", b"\0", b"<!--", b"'", b"\"", b")", b"]", b"}", b"%00"]
            .iter()
            .any(|tail| rest.starts_with(tail));
    clean.then_some(())
}

/// A value that stands outside of quotes: one literal, then script; or script from its first byte.
fn unquoted(value: &[u8]) -> Option<Match> {
    let mut cursor = Cursor::new(value, 0);
    cursor.space();
    let start = cursor.at();
    let found = |cursor: Cursor<'_>, confidence| {
        Some(Match::new(confidence, start..cursor.at(), "a script that queries documents"))
    };
    let begin = cursor;
    let word = cursor.word();
    if word == b"return" {
        cursor.space();
        if cursor.eat(b"this.") {
            return found(cursor, Confidence::Likely);
        }
    }
    if word == b"this" && cursor.eat(b".") && !cursor.word().is_empty() {
        return predicate(&mut cursor).and_then(|confidence| found(cursor, confidence));
    }
    if word == b"db" && cursor.eat(b".") && !cursor.word().is_empty() {
        return shell_call(&mut cursor).and_then(|confidence| found(cursor, confidence));
    }
    if word == b"function" && cursor.eat(b"()") && memchr::memmem::find(cursor.rest(), b"return").is_some() {
        return found(cursor, Confidence::Likely);
    }
    cursor = begin;
    cursor.take_while(|byte| is_word(byte) || byte == b'.');
    clause(&mut cursor)?;
    found(cursor, Confidence::Certain)
}

/// What asks about a field of `this`.
fn predicate(cursor: &mut Cursor<'_>) -> Option<Confidence> {
    if cursor.eat(b".") {
        let method = cursor.word();
        let tests = [b"match".as_slice(), b"search", b"test", b"replace"].contains(&method);
        return (tests && cursor.eat(b"(/")).then_some(Confidence::Certain);
    }
    cursor.space();
    (cursor.eat(b"==") || cursor.eat(b"!=")).then_some(Confidence::Likely)
}

/// `.insert(` and its kin, behind `db.name` or `db.getCollection('name')`.
fn shell_call(cursor: &mut Cursor<'_>) -> Option<Confidence> {
    if cursor.eat(b"(") && (cursor.string().is_none() || !cursor.eat(b")")) {
        return None;
    }
    if !cursor.eat(b".") {
        return None;
    }
    let method = cursor.word();
    let writes = WRITING_METHODS.contains(&method);
    if !cursor.eat(b"(") || !(writes || method.starts_with(b"find") || method == b"aggregate") {
        return None;
    }
    Some(if writes { Confidence::Certain } else { Confidence::Likely })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(found: Option<Match>) -> Option<Confidence> {
        found.map(|found| found.confidence)
    }

    #[test]
    fn an_operator_counts_as_a_name_only() {
        for (name, expected) in [
            ("user[$ne]", Some(Confidence::Certain)),
            ("$where", Some(Confidence::Certain)),
            ("a[0][$in][]", Some(Confidence::Certain)),
            ("user.$gt", Some(Confidence::Certain)),
            ("filter['$regex']", Some(Confidence::Certain)),
            ("$set", Some(Confidence::Likely)),
            ("$schema", None),
            ("$ref", None),
            ("$filter", None),
            ("$orderby", None),
            ("price$in", None),
            ("us$ne", None),
        ] {
            assert_eq!(level(operator_name(name.as_bytes())), expected, "{name}");
        }
    }

    #[test]
    fn a_key_in_text_counts_when_a_back_end_would_read_one() {
        for (text, expected) in [
            (r#"{"$gt":""}"#, Some(Confidence::Certain)),
            ("{ $ne: 1 }", Some(Confidence::Certain)),
            (r#"[{"a":{"$nin":["x"]}}]"#, Some(Confidence::Certain)),
            ("admin', $or: [ {}, { 'a':'a", Some(Confidence::Certain)),
            ("1, $where: '1 == 1'", Some(Confidence::Certain)),
            ("pass[$ne]=1", Some(Confidence::Certain)),
            ("the filter {\"$gt\": 5} finds elders", Some(Confidence::Likely)),
            ("$list[$in]=5", Some(Confidence::Likely)),
            ("it costs $in total: 5", None),
            (r#"{"$schema":"https://json-schema.org/draft-07"}"#, None),
            (r#"{"price":"$or: 5"}"#, None),
        ] {
            assert_eq!(level(operator_text(text.as_bytes())), expected, "{text}");
        }
    }

    #[test]
    fn a_script_leaves_its_string_or_is_one() {
        for (text, expected) in [
            ("'; return true; var x='", Some(Confidence::Certain)),
            ("' || '1'=='1", Some(Confidence::Certain)),
            ("a\" && this.password.match(/^a/)//", Some(Confidence::Certain)),
            ("';sleep(500);", Some(Confidence::Certain)),
            ("'||1==1//", Some(Confidence::Certain)),
            ("' || true || '", Some(Confidence::Certain)),
            ("0;return true", Some(Confidence::Certain)),
            ("a\\\n'; return true; var x='", Some(Confidence::Certain)),
            // Behind a line end no string of JavaScript is left to break out of.
            ("# it doesn't\nmy $x = 'a';\n    return 'b';", None),
            ("|| 1==1", Some(Confidence::Certain)),
            ("this.password.match(/.*/)", Some(Confidence::Certain)),
            ("db.users.drop()", Some(Confidence::Certain)),
            ("db.users.find({})", Some(Confidence::Likely)),
            ("if (x == 'a' || y == 'b') return", None),
            ("she said 'hi'; return soon", None),
            ("' || 'a' || '", None),
            ("this.is great", None),
            ("Tom & Jerry's; sleep well", None),
            ("a || b", None),
        ] {
            assert_eq!(level(script(text.as_bytes())), expected, "{text}");
        }
    }
}
