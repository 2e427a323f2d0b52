//! Values that go on as a script, line by line, behind the value that a service asked for.
//!
//! Scripts that people show each other begin with their first command. One that is injected begins
//! with a line end, behind nothing or behind one short word, and has no line that is not a
//! command's.

use super::command;
use crate::lexer::shell::{Lexer, Token};

/// No injected script is longer.
const SCRIPT_BYTES_MAX: usize = 2_048;
const LINES_MAX: usize = 32;
/// The value that it was put behind: `127.0.0.1`, `'`.
const BEFORE_BYTES_MAX: usize = 24;

/// Words that open, join or close a compound command.
const COMPOUND: [&str; 14] =
    ["if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "{", "}"];

/// Whether a value goes on as a script.
pub(super) fn goes_on_as_script(value: &[u8]) -> bool {
    if value.len() > SCRIPT_BYTES_MAX {
        return false;
    }
    // `;str=$(..)`: the separator stands before the script instead of a line end.
    let marks = value.iter().take_while(|byte| matches!(byte, b';' | b'|' | b'&' | b'\'' | b'"')).count();
    let separated = value.get(..marks).is_some_and(|marks| marks.iter().any(|byte| !matches!(byte, b'\'' | b'"')));
    let value = value.get(if separated { marks } else { 0 }..).unwrap_or_default();
    let mut lines = value.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let before = if separated { b"" } else { lines.next().unwrap_or_default() };
    let short = before.len() <= BEFORE_BYTES_MAX && !before.iter().any(u8::is_ascii_whitespace);
    if !short || is_statement(before) {
        return false;
    }
    let mut statements = 0;
    for line in lines.filter(|line| !line.is_empty()) {
        statements += 1;
        if statements > LINES_MAX || !is_statement(line) {
            return false;
        }
    }
    statements > 1
}

/// A line that a shell would run.
fn is_statement(line: &[u8]) -> bool {
    let mut lexer = Lexer::at(line, 0);
    let Some(Token::Word(word)) = lexer.next() else { return line.first() == Some(&b'[') };
    let bytes = word.bytes();
    let compound = COMPOUND.iter().any(|known| known.as_bytes() == bytes);
    compound
        || bytes == b"["
        || super::is_assignment(bytes)
        || opens_assignment(line)
        || command::look_up(&word).is_some()
}

/// `x=$(..)`, whose value the lexer reads as a word of its own.
fn opens_assignment(line: &[u8]) -> bool {
    let name = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    name > 0 && line.get(name..).is_some_and(|rest| rest.starts_with(b"=$") || rest.starts_with(b"=`"))
}

#[cfg(test)]
mod tests {
    use super::goes_on_as_script;

    #[test]
    fn scripts_behind_a_line_end_are_told_from_those_that_are_shown() {
        for yes in [
            "\nstr=$(echo ab)\nn=${#str}\nif [ \"2\" -ne ${n} ]\nthen sleep 0\nelse sleep 1\nfi",
            "127.0.0.1\nfor i in 1 2\ndo\nping x\ndone\nid",
        ] {
            assert!(goes_on_as_script(yes.as_bytes()), "{yes:?}");
        }
        for no in [
            "if [ -f x ]\nthen\n  cat x\nfi",
            "#!/bin/sh\nset -e\nmake\nmake install",
            "Dear all,\nwho is in?\nkind regards\nAnn",
            "\nHello\nsleep well\nAnn",
            "x",
            "",
        ] {
            assert!(!goes_on_as_script(no.as_bytes()), "{no:?}");
        }
    }
}
