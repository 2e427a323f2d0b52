//! Options that make a program run another: no separator is needed where a value is one argument.
//!
//! # What this does not protect from
//!
//! Options that only change what the called program does, such as `--output`.

use super::{CodeMatcher, Match};
use crate::rule::Confidence::Certain;

/// A value that is an option by which a known program runs a command.
pub(in crate::detect::matcher) static ARGUMENT: CodeMatcher = CodeMatcher { name: "shell_argument", find: argument };

/// Options of `ssh`, `git`, `tar`, `rsync` and `wget`, each with the mark that its command stands behind.
const OPTIONS: [&[u8]; 12] = [
    b"-oproxycommand",
    b"-o proxycommand",
    b"-olocalcommand",
    b"-o localcommand",
    b"--upload-pack",
    b"--receive-pack",
    b"--checkpoint-action",
    b"--use-compress-program",
    b"--to-command",
    b"--rsh",
    b"--rsync-path",
    b"--use-askpass",
];

fn argument(value: &[u8]) -> Option<Match> {
    let start = value.iter().take(32).position(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\''))?;
    let option = value.get(start..)?;
    let length = OPTIONS.iter().find_map(|known| {
        option.get(..known.len()).filter(|head| head.eq_ignore_ascii_case(known)).map(|_| known.len())
    })?;
    let command = option.get(length..)?.strip_prefix(b"=")?;
    command.first().filter(|byte| byte.is_ascii_graphic())?;
    Some(Match::new(Certain, start..value.len(), "an option that makes a program run a command"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_run_commands_are_told_from_their_mention() {
        for (value, is) in [
            ("-oProxyCommand=id", true),
            (" \"-oProxyCommand=touch /tmp/x\"", true),
            ("--upload-pack=touch x", true),
            ("--checkpoint-action=exec=sh x.sh", true),
            ("-oProxyCommand is dangerous", false),
            ("--rsh", false),
            ("see ssh -oProxyCommand=none", false),
            ("-o option=5", false),
        ] {
            assert_eq!(argument(value.as_bytes()).is_some(), is, "{value}");
        }
    }
}
