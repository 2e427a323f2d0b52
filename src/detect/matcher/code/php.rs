//! PHP: its tags, functions called by a name in pieces, and what scanners let it print.
//!
//! # What this does not protect from
//!
//! A name that is put together by arithmetic or by functions of the application's own.

use super::super::{Match, call};
use super::{Finding, PROBES, RUNS};
use crate::lexer::expression::{Lexer, Token};
use crate::rule::Confidence::{self, Certain, Likely};

/// `(..)('id')`: what a name in pieces, or a variable, is called with.
pub(super) fn indirect_call(value: &[u8]) -> Option<Match> {
    for open in memchr::memchr_iter(b'(', value) {
        if open == 0 || !matches!(value.get(open - 1), Some(b')' | b'\'' | b'"')) {
            continue;
        }
        let lexer = Lexer::at(value, open + 1);
        let argument = lexer.ahead(0);
        if !call::is_command(argument) || lexer.ahead(1) != Some(Token::Mark(b')')) {
            continue;
        }
        let before = value.get(open.saturating_sub(48)..open - 1).unwrap_or_default();
        let quoted = before.iter().any(|&byte| matches!(byte, b'\'' | b'"'));
        let named = value.get(open - 1) == Some(&b')') && called_name(before);
        let text = matches!(argument, Some(Token::Text(_)));
        if named
            || text
                && quoted
                && FUNCTION_PIECES.iter().any(|piece| memchr::memmem::find(before, piece.as_bytes()).is_some())
        {
            return Some(Match::new(Certain, open..value.len(), RUNS));
        }
    }
    None
}

/// What is left of `system`, `exec`, `passthru` when it is written in two pieces.
const FUNCTION_PIECES: [&str; 6] = ["sys", "tem", "exec", "pass", "popen", "assert"];

/// `(system)`, `(sys.(te).m)`: the parenthesis holds a name of a function, dots left out.
fn called_name(before: &[u8]) -> bool {
    let start =
        before.iter().rposition(|byte| !byte.is_ascii_alphanumeric() && !b"_.()".contains(byte)).map_or(0, |at| at + 1);
    let mut name = [0_u8; 24];
    let letters = before.get(start..).unwrap_or_default().iter().filter(|byte| !b".()".contains(byte));
    let length = name.iter_mut().zip(letters).map(|(slot, &byte)| *slot = byte).count();
    name.get(..length).is_some_and(call::runs_commands)
}

/// `print(md5(1))`, `echo md5('x')`: a scanner looks for the digest in the answer.
pub(super) fn probe(lexer: &Lexer<'_>) -> Option<Finding> {
    let open = usize::from(lexer.ahead(0) == Some(Token::Mark(b'(')));
    let digest = matches!(
        lexer.ahead(open),
        Some(Token::Name(b"md5" | b"sha1" | b"crc32" | b"base64_decode" | b"phpversion" | b"php_uname"))
    );
    let constant = matches!(lexer.ahead(open + 2), Some(Token::Text(_) | Token::Number(_) | Token::Mark(b')')));
    (digest && constant && lexer.ahead(open + 1) == Some(Token::Mark(b'('))).then_some((Certain, PROBES))
}

/// `<?php`, `<?=`, with something behind it that a page does not do by chance.
pub(super) fn php_tag(value: &[u8]) -> Option<(usize, Confidence)> {
    let start = memchr::memmem::find(value, b"<?")?;
    let rest = value.get(start + 2..)?;
    let rest = rest.get(..1024).unwrap_or(rest);
    let named = rest.get(..3).is_some_and(|tag| tag.eq_ignore_ascii_case(b"php"));
    let short = rest.first() == Some(&b'=');
    if !named && !short {
        return None;
    }
    let acts = [
        "$_GET",
        "$_POST",
        "$_REQUEST",
        "$_COOKIE",
        "eval(",
        "system(",
        "exec(",
        "passthru(",
        "phpinfo(",
        "base64_decode(",
        "assert(",
        "file_get_contents(",
        "file_put_contents(",
        "popen(",
        "`",
    ];
    let found = acts.iter().any(|act| memchr::memmem::find(rest, act.as_bytes()).is_some());
    Some((start, if found { Certain } else { Likely }))
}
