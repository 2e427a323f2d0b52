//! Values that would change an LDAP search filter (RFC 4515).
//!
//! A filter is made of parentheses. A value breaks out by closing the one around it and opening
//! a component of its own, or by putting a group into the assertion.
//!
//! # What this does not protect from
//!
//! A lone `*` widens a search without changing its structure; only a schema can refuse it.

use super::{CodeMatcher, Match};
use crate::lexer::Cursor;
use crate::rule::Confidence;

/// How far behind a parenthesis a component is read.
const COMPONENT_BYTES_MAX: usize = 192;

/// A value that closes the filter around it, or puts a group into it.
pub(super) const FILTER: CodeMatcher = CodeMatcher { name: "ldap_filter", find: filter };

fn filter(value: &[u8]) -> Option<Match> {
    let mut best: Option<Match> = None;
    let mut depth: i64 = 0;
    for at in memchr::memchr2_iter(b'(', b')', value) {
        let closes = value.get(at) == Some(&b')');
        depth += if closes { -1 } else { 1 };
        let near = &value[..value.len().min(at + COMPONENT_BYTES_MAX)];
        let found = if closes { closed(near, at, depth < 0) } else { group(near, at) };
        let Some(found) = found else { continue };
        if found.confidence == Confidence::Certain {
            return Some(found);
        }
        best = best.or(Some(found));
    }
    best
}

/// What follows a closing parenthesis.
fn closed(value: &[u8], at: usize, unbalanced: bool) -> Option<Match> {
    if !unbalanced {
        return None;
    }
    let mut cursor = Cursor::new(value, at + 1);
    if cursor.eat(b"\0") || cursor.eat(b"\\00") || cursor.eat(b"\\x00") || cursor.eat(b"%00") {
        return Some(Match::new(Confidence::Certain, at..cursor.at(), "closes an LDAP filter and ends it by NUL"));
    }
    if !cursor.eat(b"(") {
        return None;
    }
    component(&mut cursor)
        .then(|| Match::new(Confidence::Certain, at..cursor.at(), "closes an LDAP filter and opens another"))
}

/// Reads the inside of a component: an operator that nests or stands alone, or an assertion.
fn component(cursor: &mut Cursor<'_>) -> bool {
    let signs = cursor.take_while(|byte| b"(&|! ".contains(&byte));
    let operator = signs.iter().any(|sign| b"&|!".contains(sign));
    if operator && cursor.peek().is_none_or(|next| next == b')') {
        return true;
    }
    assertion(cursor).is_some_and(|sign| sign != b"==")
}

/// Reads `attribute=`, `attribute>=`, `attribute:rule:=` and gives the sign, `==` for C's.
fn assertion<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let attribute = cursor.take_while(|byte| byte.is_ascii_alphanumeric() || b"-.;_".contains(&byte));
    if attribute.is_empty() || attribute.len() > 64 {
        return None;
    }
    if cursor.eat(b":") {
        cursor.take_while(|byte| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte));
    }
    let mut ahead = *cursor;
    let sign = ahead.take_while(|byte| b"=<>~".contains(&byte));
    if !matches!(sign, b"=" | b">=" | b"<=" | b"~=" | b"==") {
        return None;
    }
    *cursor = ahead;
    Some(sign)
}

/// `(|(mail=*`: a group with a wildcard in it. Behind other text it stands inside an assertion;
/// alone it is a filter, which an honest administrator may type.
fn group(value: &[u8], at: usize) -> Option<Match> {
    let mut cursor = Cursor::new(value, at + 1);
    let operator = cursor.eat_any(b"&|!")?;
    cursor.take_while(|byte| b"(&|! ".contains(&byte)).contains(&b'(').then_some(())?;
    (assertion(&mut cursor)? == b"=").then_some(())?;
    let wild = cursor.take_while(|byte| byte.is_ascii_alphanumeric() || b" @._-".contains(&byte)).len() < 64
        && cursor.eat(b"*");
    let inside = at > 0 && operator != b'!';
    let confidence = match (wild, inside) {
        (true, true) => Confidence::Certain,
        (true, false) => Confidence::Likely,
        (false, _) => Confidence::Weak,
    };
    Some(Match::new(confidence, at..cursor.at(), "a group of an LDAP filter"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_left_by_its_parentheses() {
        for (value, expected) in [
            ("*)(uid=*))(|(uid=*", Some(Confidence::Certain)),
            ("admin)(&)", Some(Confidence::Certain)),
            ("*)(&", Some(Confidence::Certain)),
            ("x)(cn>=a", Some(Confidence::Certain)),
            ("admin)(!(&(1=0", Some(Confidence::Certain)),
            ("*))\0", Some(Confidence::Certain)),
            ("a*)((|userpassword=*)", Some(Confidence::Certain)),
            ("*)(memberOf:1.2.840.113556.1.4.1941:=cn=x", Some(Confidence::Certain)),
            ("*(|(mail=*))", Some(Confidence::Certain)),
            ("(|(cn=*)(sn=*))", Some(Confidence::Likely)),
            ("(&(objectClass=person)(cn=Ann))", Some(Confidence::Weak)),
            ("f(a)(b=1)", None),
            ("items.map(|(k, v)| k)", None),
            ("if (!(a==b)) { f(c) }", None),
            ("see 1) and 2) (both)", None),
            ("great :) (really)", None),
            ("2 * (3 + 4) * (x)", None),
        ] {
            assert_eq!(filter(value.as_bytes()).map(|found| found.confidence), expected, "{value}");
        }
    }
}
