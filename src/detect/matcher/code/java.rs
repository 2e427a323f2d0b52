//! Java's expression languages: OGNL, and the property paths that Spring binds parameters to.
//!
//! # What this does not protect from
//!
//! Paths that stay within the application's own beans.

use super::super::{Match, call};
use super::{Finding, REACHES};
use crate::lexer::expression::{Lexer, Token};
use crate::rule::Confidence::Certain;

/// OGNL: `#_memberAccess`, `(#x=..)`, `@java.lang.Runtime@getRuntime`.
pub(super) fn ognl(
    value: &[u8],
    mark: Token<'_>,
    before: [Option<Token<'_>>; 3],
    lexer: &Lexer<'_>,
) -> Option<Finding> {
    if mark == Token::Mark(b'#') {
        let Some(Token::Name(name)) = lexer.ahead(0) else { return None };
        let internal = matches!(name, b"_memberAccess" | b"_memberaccess" | b"xwork");
        let start = lexer.offset().saturating_sub(1);
        let adjacent = start > 0 && value.get(start - 1..start + 1) == Some(b"(#");
        let assigned = adjacent && lexer.ahead(1) == Some(Token::Mark(b'='));
        let context = matches!(name, b"context" | b"attr" | b"request" | b"dm" | b"application") && assigned;
        let chained = assigned && matches!(before[1], Some(Token::Mark(b'{' | b'.')));
        let taken = name == b"context"
            && lexer.ahead(1) == Some(Token::Mark(b'['))
            && matches!(lexer.ahead(2), Some(Token::Text(_)));
        return (internal || context || chained || taken).then_some((Certain, REACHES));
    }
    if !call::named(lexer) && lexer.ahead(0) != Some(Token::Name(b"ognl")) {
        return None;
    }
    let mut copy = *lexer;
    let class = copy.by_ref().take(16).find(|token| !matches!(token, Token::Name(_) | Token::Mark(b'.')));
    (class == Some(Token::Mark(b'@')) && matches!(copy.next(), Some(Token::Name(_)))).then_some((Certain, REACHES))
}

/// `class.module.classLoader.resources..`: what Spring binds parameters to (CVE-2022-22965).
pub(super) fn property_path(value: &[u8]) -> Option<Match> {
    let start = memchr::memmem::find(value, b"lass")?;
    let mut lexer = Lexer::at(value, start.checked_sub(1)?);
    if !matches!(lexer.next()?, Token::Name(b"class" | b"Class")) {
        return None;
    }
    for _ in 0..8 {
        match lexer.next()? {
            Token::Name(b"module") | Token::Text(b"module") | Token::Mark(b'.' | b'[' | b']') => {}
            Token::Name(b"classLoader" | b"protectionDomain") | Token::Text(b"classLoader" | b"protectionDomain") => {
                let more = matches!(lexer.next(), Some(Token::Mark(b'.' | b'[' | b']' | b'=')) | None);
                return more
                    .then(|| Match::new(Certain, start - 1..value.len(), "a path of properties to the class loader"));
            }
            _ => return None,
        }
    }
    None
}
