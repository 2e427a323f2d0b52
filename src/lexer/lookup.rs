//! Log4j's look-ups, `${prefix:name:-default}`, resolved as far as they can be without a system.

/// How much of one look-up's text is kept.
const TEXT_BYTES_MAX: usize = 256;
/// How deep look-ups are followed.
const DEPTH_MAX: usize = 32;

/// What is known of one look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// Its text, with everything inside resolved.
    Text(&'a [u8]),
    /// It lies deeper in others than they are followed, and is closed, so that they count.
    TooDeep,
}

/// Resolves every look-up from the inside out and gives each to `each`, with its offset, until
/// that says to stop. What names no default is nothing, since no system is asked.
pub fn resolve_lookups(value: &[u8], mut each: impl FnMut(usize, Lookup<'_>) -> bool) {
    let mut text: Vec<u8> = Vec::new();
    // For each look-up that is open: where it began in the value and in `text`.
    let mut open: Vec<(usize, usize)> = Vec::new();
    // How many were opened beyond the depth that is followed.
    let mut beyond = 0_usize;
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        match byte {
            b'$' => {
                // `$${` is an escape that older versions resolve all the same.
                let mut brace = at + 1;
                while value.get(brace) == Some(&b'$') {
                    brace += 1;
                }
                let opens = value.get(brace) == Some(&b'{');
                match (opens, open.len() < DEPTH_MAX) {
                    (true, true) => open.push((at, text.len())),
                    (true, false) => beyond += 1,
                    (false, _) => push(&mut text, &open, &value[at..brace]),
                }
                at = brace + usize::from(opens);
                continue;
            }
            b'}' if beyond > 0 => {
                beyond -= 1;
                if each(open.first().map_or(at, |&(began, _)| began), Lookup::TooDeep) {
                    return;
                }
            }
            b'}' => {
                if let Some((began, start)) = open.pop() {
                    if each(began, Lookup::Text(&text[start..])) {
                        return;
                    }
                    resolve(&mut text, start);
                    if open.is_empty() {
                        text.clear();
                    }
                }
            }
            _ => push(&mut text, &open, &[byte]),
        }
        at += 1;
    }
    // One that the value leaves open may be closed by the text behind it.
    for (began, start) in open {
        if each(began, Lookup::Text(&text[start..])) {
            return;
        }
    }
}

fn push(text: &mut Vec<u8>, open: &[(usize, usize)], bytes: &[u8]) {
    if let Some(&(_, start)) = open.last() {
        let room = TEXT_BYTES_MAX.saturating_sub(text.len() - start);
        let (kept, rest) = bytes.split_at(bytes.len().min(room));
        text.extend_from_slice(kept);
        rest.iter().for_each(|&byte| push_past_end(text, start, byte));
    }
}

/// A name of any length is nothing, but its default counts: the last byte kept is the last one
/// read, so that `:-` is seen.
fn push_past_end(text: &mut Vec<u8>, start: usize, byte: u8) {
    let Some(last) = text.last_mut() else { return };
    let begins_default = *last == b':' && byte == b'-';
    *last = byte;
    if begins_default && memchr::memmem::find(&text[start..], b":-").is_none() {
        text.truncate(start);
        text.extend_from_slice(b":-");
    }
}

/// Replaces the look-up from `start` on by what it stands for.
fn resolve(text: &mut Vec<u8>, start: usize) {
    let lookup = &text[start..text.len().min(start + TEXT_BYTES_MAX)];
    let resolved = if let Some(at) = memchr::memmem::find(lookup, b":-") {
        lookup[at + 2..].to_vec()
    } else {
        let (prefix, argument) = split(lookup);
        match prefix.to_ascii_lowercase().as_slice() {
            b"lower" | b"upper" => argument.to_vec(),
            // A date format in quotes is a literal.
            b"date" => argument.iter().copied().filter(|byte| !b"'\"".contains(byte)).collect(),
            b"base64" => super::decode_base64(argument, TEXT_BYTES_MAX),
            _ => Vec::new(),
        }
    };
    text.truncate(start);
    text.extend_from_slice(&resolved);
}

fn split(lookup: &[u8]) -> (&[u8], &[u8]) {
    let colon = lookup.iter().position(|&byte| byte == b':').unwrap_or(lookup.len());
    (&lookup[..colon], lookup.get(colon + 1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(value: &str) -> String {
        let mut text = Vec::new();
        resolve_lookups(value.as_bytes(), |_, resolved| {
            if let Lookup::Text(resolved) = resolved {
                text = resolved.to_vec();
            }
            false
        });
        String::from_utf8_lossy(&text).into_owned()
    }

    #[test]
    fn look_ups_are_resolved_from_the_inside_out() {
        for (value, expected) in [
            ("${a}", "a"),
            ("x${${lower:J}n${::-d}i:x}", "Jndi:x"),
            ("${j${env:NONE:-n}${what:ever:-di}}", "jndi"),
            ("${a${env:NONE}b}", "ab"),
            ("${${a:-${b:-c}}}", "c"),
            ("${${date:'j'}${base64:bg==}}", "jn"),
            ("${${::-$${::-j}}ndi", "jndi"),
            ("$ { a } $$", ""),
        ] {
            assert_eq!(last(value), expected, "{value}");
        }
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let deep = "${a:-".repeat(10_000) + &"}".repeat(10_000);
        let mut too_deep = 0;
        resolve_lookups(deep.as_bytes(), |_, found| {
            match found {
                Lookup::Text(text) => assert!(text.len() <= 2 * TEXT_BYTES_MAX),
                Lookup::TooDeep => too_deep += 1,
            }
            false
        });
        assert_eq!(too_deep, 10_000 - DEPTH_MAX);
    }

    #[test]
    fn a_default_behind_a_long_name_counts() {
        let long = format!("${{j${{env:{}:-nd}}i:x}}", "A".repeat(5_000));
        assert_eq!(last(&long), "jndi:x");
        let twice = format!("${{{}:-a:-b}}", "x:".repeat(300));
        assert_eq!(last(&twice), ":-a:-b");
    }
}
