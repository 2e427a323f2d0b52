//! Patterns that admit few bytes, so that most attacks cannot stand in what they match.

use crate::byte_set::ByteSet;

/// The bytes of which everything that matches is made, where these are letters, digits, `_`, `-` and `.`
/// only: of an anchored pattern of such characters, classes of them, groups and repetitions. When in doubt,
/// none.
pub(super) fn alphabet(pattern: &str) -> Option<ByteSet> {
    let inner = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$'))?;
    if inner.ends_with('\\') {
        return None;
    }
    let mut bytes = ByteSet::EMPTY;
    let mut depth = 0_usize;
    let mut characters = inner.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '?' | '*' | '+' => {}
            '(' => {
                depth += 1;
                // Of the groups with a question mark only `(?:` changes nothing.
                if characters.next_if_eq(&'?').is_some() && characters.next() != Some(':') {
                    return None;
                }
            }
            ')' => depth = depth.checked_sub(1)?,
            // At the top it would take an anchor off each side.
            '|' if depth > 0 => {}
            '\\' => bytes = bytes.union(escaped(characters.next()?)?),
            '{' => {
                let mut counts = characters.by_ref().take_while(|next| *next != '}');
                if !counts.all(|next| next.is_ascii_digit() || next == ',') {
                    return None;
                }
            }
            '[' => bytes = bytes.union(class(&mut characters)?),
            // Outside of a class it stands for any character.
            '.' => return None,
            plain => bytes = bytes.union(itself(plain)?),
        }
    }
    (depth == 0).then_some(bytes)
}

fn itself(character: char) -> Option<ByteSet> {
    let is_plain = character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    is_plain.then(|| ByteSet::of(&[character as u8]))
}

fn escaped(character: char) -> Option<ByteSet> {
    match character {
        'd' => Some(ByteSet::of(b"0")),
        'w' => Some(ByteSet::of(b"a0_")),
        '.' | '-' | '_' => itself(character),
        _ => None,
    }
}

/// The bytes of a class, up to its bracket.
fn class(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<ByteSet> {
    let mut bytes = ByteSet::EMPTY;
    let mut last: Option<char> = None;
    while let Some(character) = characters.next() {
        match character {
            ']' => return Some(bytes),
            '-' => {
                let to = characters.peek().copied().filter(|&to| to != ']');
                let (Some(from), Some(to)) = (last.take(), to) else {
                    bytes = bytes.union(itself('-')?);
                    continue;
                };
                let alike = from.is_ascii_digit() && to.is_ascii_digit()
                    || from.is_ascii_lowercase() && to.is_ascii_lowercase()
                    || from.is_ascii_uppercase() && to.is_ascii_uppercase();
                if !alike {
                    return None;
                }
            }
            '\\' => {
                bytes = bytes.union(escaped(characters.next()?)?);
                last = None;
            }
            plain => {
                bytes = bytes.union(itself(plain)?);
                last = Some(plain);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_patterns_are_told_from_the_rest() {
        for yes in ["^[a-z]+$", "^\\d{4}-\\d{2}$", "^(?:a|b)_[A-Z0-9-]*$", "^v\\d+\\.\\d+$", "^[\\w.-]{1,64}$", "^$"] {
            assert!(alphabet(yes).is_some(), "{yes}");
        }
        for no in [
            "[a-z]+",
            "^[a-z]+",
            "^a|b$",
            "^.*$",
            "^[^a]$",
            "^\\S+$",
            "^[a-z' ]+$",
            "^[ -~]+$",
            "^(?=a)b$",
            "^[+-z]$",
            "^a\\$",
            "^[A-z]$",
            "^(a$",
            "^a)$",
            "^a/b$",
            "^\\D$",
        ] {
            assert!(alphabet(no).is_none(), "{no}");
        }
    }

    #[test]
    fn the_bytes_of_a_pattern_are_those_that_it_admits() {
        for (pattern, bytes) in [
            ("^[a-f]+$", "a"),
            ("^\\d{3}$", "0"),
            ("^\\w+$", "a0_"),
            ("^v[0-9.]+$", "a0."),
            ("^(?:a|b)$", "a"),
            ("^[a-z][a-z0-9-]*$", "a0-"),
            ("^[a\\-.]$", "a-."),
            ("^$", ""),
        ] {
            assert_eq!(alphabet(pattern), Some(ByteSet::of(bytes.as_bytes())), "{pattern}");
        }
    }
}
