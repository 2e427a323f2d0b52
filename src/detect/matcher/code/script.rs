//! Ruby, Perl and Python: commands in quotes of their own, calls without parentheses in an
//! interpolation, functions called by their name.
//!
//! # What this does not protect from
//!
//! A call without parentheses outside an interpolation (`system 'id'`), which prose and SQL
//! write too.

use super::super::call;
use super::{EVALUATES, Finding, OPENS, REACHES, RUNS, reaches_out, runs, skip};
use crate::lexer::expression::{Lexer, Token};
use crate::rule::Confidence::{Certain, Likely};

/// A name, with the three tokens before it and what follows.
pub(super) fn step(value: &[u8], name: &[u8], before: [Option<Token<'_>>; 3], lexer: &Lexer<'_>) -> Option<Finding> {
    let called = lexer.ahead(0) == Some(Token::Mark(b'('));
    let argument = if called { lexer.ahead(1) } else { lexer.ahead(0) };
    let receiver = match before[2] {
        Some(Token::Mark(b'.')) => before[1],
        _ => None,
    };
    match (receiver, name) {
        (None, b"x") if before[2] == Some(Token::Mark(b'%')) => command_quote(value, lexer).then_some((Certain, RUNS)),
        (None, b"qx") => command_quote(value, lexer).then_some((Certain, RUNS)),
        (Some(Token::Name(b"IO")), b"popen") if called => Some((Certain, RUNS)),
        (
            Some(Token::Name(b"Open3")),
            b"capture2" | b"capture2e" | b"capture3" | b"popen2" | b"popen3" | b"pipeline",
        ) if called => Some((if call::is_command(argument) { Certain } else { Likely }, RUNS)),
        (Some(Token::Name(b"subprocess")), b"call" | b"run" | b"Popen") if called => {
            runs(b"check_call", receiver, argument, lexer)
        }
        (Some(Token::Name(b"File" | b"IO" | b"Dir")), b"read" | b"readlines" | b"open" | b"entries" | b"foreach") => {
            call::names_system_file(lexer).then_some((Certain, OPENS))
        }
        (_, b"send" | b"__send__" | b"public_send" | b"method") if called && argument == Some(Token::Mark(b':')) => {
            matches!(lexer.ahead(2), Some(Token::Name(function)) if call::runs_commands(function))
                .then_some((Certain, REACHES))
        }
        (_, b"instance_eval" | b"class_eval" | b"module_eval") if called => {
            matches!(argument, Some(Token::Text(code)) if reaches_out(code)).then_some((Certain, EVALUATES))
        }
        (_, b"system" | b"exec" | b"spawn") if !called && is_interpolated(before, lexer) => {
            matches!(argument, Some(Token::Text(_))).then_some((Certain, RUNS))
        }
        (None, b"ENV") if before[2] == Some(Token::Mark(b'$')) && reads_environment(value) => Some((Certain, REACHES)),
        _ => None,
    }
}

/// `$ENV{PATH}`, and nothing else: Perl's variable of the process, for the answer to show.
fn reads_environment(value: &[u8]) -> bool {
    let name = value.trim_ascii().strip_prefix(b"$ENV{").and_then(|rest| rest.strip_suffix(b"}"));
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\'' | b'"');
    name.is_some_and(|name| (1..64).contains(&name.len()) && name.iter().all(plain))
}

/// `%x(uname -a)`, `%x{id}`, `qx/id/`: a command between delimiters, of which the first word is one.
fn command_quote(value: &[u8], lexer: &Lexer<'_>) -> bool {
    let Some(Token::Mark(open)) = lexer.ahead(0) else { return false };
    let close = match open {
        b'(' => b')',
        b'{' => b'}',
        b'[' => b']',
        b'/' | b'|' | b'!' => open,
        _ => return false,
    };
    let Some(at) = value.get(lexer.offset()..).and_then(|rest| memchr::memchr(open, rest.get(..8).unwrap_or(rest)))
    else {
        return false;
    };
    let inner = value.get(lexer.offset() + at + 1..).unwrap_or_default();
    let inner = inner.get(..COMMAND_BYTES_MAX).unwrap_or(inner);
    let Some(end) = memchr::memchr(close, inner) else { return false };
    let inner = inner.get(..end).unwrap_or_default();
    let inner = inner.trim_ascii();
    let quoted = [b'\'', b'"'].iter().find_map(|quote| inner.strip_prefix(&[*quote])?.strip_suffix(&[*quote]));
    call::is_command(Some(Token::Text(quoted.unwrap_or(inner))))
}

/// How far the end of a command in its own quotes is looked for.
const COMMAND_BYTES_MAX: usize = 512;

/// `@{[ system "id" ]}`, `#{system 'id'}`, `${\ system "id"}`: right behind the opener.
fn is_interpolated(before: [Option<Token<'_>>; 3], lexer: &Lexer<'_>) -> bool {
    let opened = match before {
        [Some(Token::Mark(sigil)), Some(Token::Mark(b'{')), Some(Token::Mark(inner))] => {
            matches!((sigil, inner), (b'@', b'[') | (b'$', b'\\'))
        }
        [_, Some(Token::Mark(b'#')), Some(Token::Mark(b'{'))] => true,
        _ => false,
    };
    // The expression ends where the interpolation does.
    let closed = skip(lexer, 1).take(4).any(|token| token == Token::Mark(b'}'));
    opened && closed
}
