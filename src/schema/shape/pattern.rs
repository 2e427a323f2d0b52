//! Patterns that admit no mark in which an attack could stand.

/// Whether everything that matches consists of letters, digits, `_`, `-` and single dots: an
/// anchored pattern of such characters, classes of them, groups and repetitions. When in doubt, no.
pub(super) fn is_plain(pattern: &str) -> bool {
    let Some(inner) = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')) else { return false };
    if inner.ends_with('\\') {
        return false;
    }
    let mut depth = 0_usize;
    let mut characters = inner.chars().peekable();
    while let Some(character) = characters.next() {
        let fits = match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '?' | '*' | '+' => true,
            '(' => {
                depth += 1;
                // Of the groups with a question mark only `(?:` changes nothing.
                characters.next_if_eq(&'?').is_none() || characters.next() == Some(':')
            }
            ')' => {
                depth = depth.wrapping_sub(1);
                depth < usize::MAX / 2
            }
            // At the top it would take an anchor off each side.
            '|' => depth > 0,
            '\\' => matches!(characters.next(), Some('d' | 'w' | '.' | '-' | '_')),
            '{' => characters.by_ref().take_while(|next| *next != '}').all(|next| next.is_ascii_digit() || next == ','),
            '[' => is_plain_class(&mut characters),
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    depth == 0
}

/// A class of plain characters, up to its bracket.
fn is_plain_class(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut last = None;
    while let Some(character) = characters.next() {
        match character {
            ']' => return true,
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '.' => last = Some(character),
            '-' => {
                let (Some(from), Some(&to)) = (last, characters.peek()) else {
                    last = None;
                    continue;
                };
                let alike = from.is_ascii_digit() && to.is_ascii_digit()
                    || from.is_ascii_lowercase() && to.is_ascii_lowercase()
                    || from.is_ascii_uppercase() && to.is_ascii_uppercase();
                if to != ']' && !alike {
                    return false;
                }
                last = None;
            }
            '\\' => match characters.next() {
                Some('d' | 'w' | '.' | '-' | '_') => last = None,
                _ => return false,
            },
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn plain_patterns_are_told_from_the_rest() {
        for yes in ["^[a-z]+$", "^\\d{4}-\\d{2}$", "^(?:a|b)_[A-Z0-9-]*$", "^v\\d+\\.\\d+$", "^[\\w.-]{1,64}$", "^$"] {
            assert!(is_plain(yes), "{yes}");
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
            assert!(!is_plain(no), "{no}");
        }
    }
}
