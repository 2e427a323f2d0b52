//! Calls that reach out of a language, as the expressions of many languages write them.

use super::{shell, system_file};
use crate::lexer::expression::{Lexer, Token};

/// Functions that hand their argument to a shell, a new process, or the interpreter itself.
pub(super) fn runs_commands(name: &[u8]) -> bool {
    FUNCTIONS.iter().any(|function| function.as_bytes().eq_ignore_ascii_case(name))
}

const FUNCTIONS: [&str; 24] = [
    "system",
    "exec",
    "shell_exec",
    "passthru",
    "popen",
    "proc_open",
    "pcntl_exec",
    "execSync",
    "spawnSync",
    "execFileSync",
    "execFile",
    "spawn",
    "check_output",
    "getoutput",
    "Popen",
    "eval",
    "assert",
    "phpinfo",
    "getRuntime",
    "create_function",
    "check_call",
    "getstatusoutput",
    "execvp",
    "execve",
];

/// Whether an argument is a command line in a string, or a bare word that PHP reads as one.
pub(super) fn is_command(argument: Option<Token<'_>>) -> bool {
    match argument {
        Some(Token::Text(text)) => shell::is_command_line(text),
        Some(Token::Name(name)) => shell::is_bare_command(name),
        _ => false,
    }
}

/// Whether the next token, behind brackets, is a string with a file of the system.
pub(super) fn names_system_file(lexer: &Lexer<'_>) -> bool {
    let mut copy = *lexer;
    let text = copy.by_ref().take(3).find_map(|token| match token {
        Token::Text(text) => Some(Some(text)),
        Token::Mark(b'(' | b'[') => None,
        _ => Some(None),
    });
    text.flatten().is_some_and(|text| {
        system_file::grade(text).is_some() || text.starts_with(b"php://") || text.starts_with(b"file://")
    })
}

/// Whether what follows is a dotted name of a platform's own library.
pub(super) fn named(lexer: &Lexer<'_>) -> bool {
    let organisation = matches!(lexer.ahead(2), Some(Token::Name(b"apache" | b"springframework")));
    lexer.ahead(1) == Some(Token::Mark(b'.'))
        && match lexer.ahead(0) {
            Some(Token::Name(b"java" | b"javax" | b"System")) => true,
            Some(Token::Name(b"org")) => organisation,
            _ => false,
        }
}
