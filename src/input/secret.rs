//! What looks like a secret, for whatever shows a name or a part of a value.
//!
//! # What this does not protect from
//!
//! A secret that looks like a word, under a name that does not tell: nobody can see that it is one.

use std::ops::Range;

/// From this length on, letters and digits in one run are taken for a token.
const TOKEN_BYTES_MIN: usize = 20;
/// The same where the run begins as the tokens of a well-known issuer do.
const KNOWN_TOKEN_BYTES_MIN: usize = 12;
const KNOWN_TOKENS: [&[u8]; 8] = [b"eyJ", b"sk_", b"sk-", b"pk_", b"ghp_", b"gho_", b"AKIA", b"xox"];
/// Names with one of these in them hold secrets.
const KEYS: [&[u8]; 17] = [
    b"passw",
    b"passphrase",
    b"pwd",
    b"secret",
    b"token",
    b"apikey",
    b"api_key",
    b"api-key",
    b"auth",
    b"credential",
    b"private",
    b"session",
    b"signature",
    b"cookie",
    b"card",
    b"cvv",
    b"ssn",
];
/// For each letter those that follow it at the beginning of a key, as bits: at nearly every place of a text no key begins.
const SECOND_LETTERS: [u32; 26] = second_letters();
/// What follows one of these words and a space is a credential.
const SCHEMES: [&[u8]; 3] = [b"bearer", b"basic", b"digest"];

/// Whether a value under this name is likely a secret.
pub(crate) fn is_secret_key(name: &[u8]) -> bool {
    let letter = |byte: u8| byte.to_ascii_lowercase().wrapping_sub(b'a');
    let begins = |pair: &[u8]| {
        let seconds = SECOND_LETTERS.get(usize::from(letter(pair[0])));
        seconds.is_some_and(|seconds| seconds.checked_shr(letter(pair[1]).into()).is_some_and(|bits| bits & 1 == 1))
    };
    let is_key = |text: &[u8]| !is_author(text) && KEYS.iter().any(|key| starts_with(text, key));
    name.windows(2).enumerate().any(|(at, pair)| begins(pair) && is_key(&name[at..]))
}

/// `author` and `authority`, but not `authorization`.
fn is_author(word: &[u8]) -> bool {
    starts_with(word, b"author")
        && !word.get(6..).is_some_and(|rest| starts_with(rest, b"iz") || starts_with(rest, b"is"))
}

/// Whether any part of the text looks like a secret by itself.
pub(crate) fn has_secret(text: &[u8]) -> bool {
    !secrets(text).is_empty()
}

/// The parts that look like secrets, in their order; they may overlap. Linear in the text.
pub(crate) fn secrets(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    cards(text, &mut found);
    let mut index = 0;
    let mut revealing = false;
    while index < text.len() {
        let length = text[index..].iter().take_while(|byte| is_token_byte(**byte)).count();
        if length == 0 {
            // Quotes, spaces and signs between a key and its value.
            revealing = revealing && b"\"': =>[]%\t\\".contains(&text[index]);
            index += 1;
            continue;
        }
        let run = &text[index..index + length];
        let (key, value) = split_pair(run);
        if revealing || is_token(run) {
            found.push(index..index + length);
            // The rest of what a key introduced, up to the next quote or separator.
            let rest = text[index + length..].iter().take_while(|byte| !b"\"'&;,\r\n}<".contains(byte)).count();
            if revealing && !is_scheme(run) {
                found.push(index + length..index + length + rest);
                index += rest;
            }
        } else if !value.is_empty() && is_secret_key(key) {
            found.push(index + key.len()..index + length);
        }
        revealing = is_scheme(run)
            || is_secret_key(if value.is_empty() { run } else { value })
            || (value == b"=" && is_secret_key(key));
        index += length;
    }
    if text.iter().any(|byte| b"=:%".contains(byte)) {
        found.extend(keyed_secrets(text));
    }
    found.sort_by_key(|range| range.start);
    found
}

/// `key=value` in one run, since `=` ends base64 too.
fn split_pair(run: &[u8]) -> (&[u8], &[u8]) {
    match run.iter().position(|&byte| byte == b'=') {
        Some(at) => run.split_at(at),
        None => (run, b""),
    }
}

fn is_scheme(run: &[u8]) -> bool {
    SCHEMES.iter().any(|scheme| run.eq_ignore_ascii_case(scheme))
}

const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=' | b'~')
}

fn is_token(run: &[u8]) -> bool {
    if run.len() < KNOWN_TOKEN_BYTES_MIN {
        return false;
    }
    let is_known = |part: &[u8]| KNOWN_TOKENS.iter().any(|start| part.starts_with(start));
    if run.split(|byte| matches!(byte, b'=' | b'/' | b'.')).any(is_known) {
        return true;
    }
    let at_least_two = |is: fn(&u8) -> bool| run.iter().filter(|byte| is(byte)).nth(1).is_some();
    run.len() >= TOKEN_BYTES_MIN && at_least_two(u8::is_ascii_digit) && at_least_two(u8::is_ascii_alphabetic)
}

/// Numbers of payment cards: 13 to 19 digits with single spaces or dashes between, by their check digit.
fn cards(text: &[u8], found: &mut Vec<Range<usize>>) {
    let mut index = 0;
    while index < text.len() {
        if !text[index].is_ascii_digit() {
            index += 1;
            continue;
        }
        let start = index;
        while index < text.len() {
            match text[index] {
                b'0'..=b'9' => {}
                b' ' | b'-' | b'+' if text.get(index + 1).is_some_and(u8::is_ascii_digit) => {}
                _ => break,
            }
            index += 1;
        }
        if index - start < 13 {
            continue;
        }
        let digits = text[start..index].iter().filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0');
        let digits: Vec<u8> = digits.collect();
        // Digits of something else may stand before or after, so any stretch counts.
        let any = (13..=19).any(|length| digits.windows(length).any(has_check_digit));
        if any {
            found.push(start..index);
        }
    }
}

/// The values that the name of a secret introduces with `=` or `:`, and what follows the scheme of a credential; escapes of a
/// URL count as what they stand for. In their order, and apart. Linear in the text.
pub(crate) fn keyed_secrets(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < text.len() {
        let (name, end) = word(text, index);
        if name.is_empty() {
            index += unit(text, index).1;
            continue;
        }
        index = end;
        let value = if SCHEMES.contains(&name.to_ascii_lowercase().as_slice()) {
            let start = skip(text, end, b" +");
            let length = text[start..].iter().take_while(|byte| !b" \"',;\r\n".contains(byte)).count();
            (start > end).then_some(start..start + length)
        } else if is_secret_key(&name) {
            introduced(text, end)
        } else {
            None
        };
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            index = value.end;
            found.push(value);
        }
    }
    found
}

/// The byte at an index, and how many bytes it is written with: three where it is escaped.
fn unit(text: &[u8], index: usize) -> (u8, usize) {
    let digit = |at: usize| text.get(index + at).and_then(|&byte| char::from(byte).to_digit(16));
    match (text[index], digit(1), digit(2)) {
        (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, 3),
        (byte, ..) => (byte, 1),
    }
}

/// The letters, digits and signs of a name from an index on, and where they end.
fn word(text: &[u8], mut index: usize) -> (Vec<u8>, usize) {
    let mut name = Vec::new();
    while index < text.len() {
        let (byte, length) = unit(text, index);
        if !byte.is_ascii_alphanumeric() && !b"_-.".contains(&byte) {
            break;
        }
        name.push(byte);
        index += length;
    }
    (name, index)
}

fn skip(text: &[u8], mut index: usize, of: &[u8]) -> usize {
    while index < text.len() && of.contains(&unit(text, index).0) {
        index += unit(text, index).1;
    }
    index
}

/// The value behind the name that ends at an index, where a sign says that there is one.
fn introduced(text: &[u8], index: usize) -> Option<Range<usize>> {
    let sign = skip(text, index, b"\"'])\\ +\t");
    let (byte, length) = (sign < text.len()).then(|| unit(text, sign))?;
    if byte != b'=' && byte != b':' {
        return None;
    }
    let start = skip(text, sign + length, b"=:> +\t\\");
    // Where the sign is not escaped, an escape is a part of the value. A quote ends at the next of its kind that is written as
    // it is, with or without a backslash.
    let escaped = length == 3;
    let quote = (start < text.len()).then(|| unit(text, start)).filter(|(byte, _)| b"\"'".contains(byte));
    let slashed = text[..start].ends_with(b"\\");
    let start = start + quote.map_or(0, |(_, length)| length);
    let ends: &[u8] = match quote {
        Some((b'"', _)) => b"\"",
        Some(_) => b"'\r\n",
        None => b"\"'&;,\r\n}<",
    };
    let mut end = start;
    while end < text.len() {
        let (byte, length) = unit(text, end);
        let slash = text[..end].ends_with(b"\\") && quote.is_some_and(|(quote, _)| quote == byte);
        if ends.contains(&byte) && (escaped || length == 1) && slash == (slashed && quote.is_some()) {
            break;
        }
        end += length;
    }
    Some(start..end)
}

/// The check of Luhn (ISO/IEC 7812-1).
fn has_check_digit(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| match (place % 2, u32::from(digit) * 2) {
            (0, _) => u32::from(digit),
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|&digit| digit != 0)
}

/// Whether the text, of any case, starts with the word, which is in lower case.
fn starts_with(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

const fn second_letters() -> [u32; 26] {
    let mut letters = [0; 26];
    let mut index = 0;
    while index < KEYS.len() {
        let key = KEYS[index];
        letters[(key[0] - b'a') as usize] |= 1 << (key[1] - b'a');
        index += 1;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_seen_and_words_are_not() {
        for (text, secret) in [
            ("4111 1111 1111 1111", true),
            ("x4111-1111-1111-1111' or 1=1", true),
            ("411111111111", false),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", true),
            ("Bearer abc", true),
            ("password=hunter2", true),
            ("{\"password\": \"hunter two\"}", true),
            ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", true),
            ("1' union select name from users--", false),
            ("../../../../etc/passwd", false),
            ("<script>alert(1)</script>", false),
        ] {
            assert_eq!(has_secret(text.as_bytes()), secret, "{text}");
        }
    }

    #[test]
    fn an_author_is_no_authorization() {
        for (name, secret) in
            [("author", false), ("Authority", false), ("authorization", true), ("author_auth", true), ("x-auth", true)]
        {
            assert_eq!(is_secret_key(name.as_bytes()), secret, "{name}");
        }
    }

    #[test]
    fn what_a_name_introduces_is_covered_and_the_attack_is_not() {
        for (text, masked) in [
            ("user=a&password=hunter2&q=<script>", "user=a&password=***&q=<script>"),
            ("user[pass%77ord]=hunter%262&q=1", "user[pass%77ord]=***&q=1"),
            ("%7B%22password%22%3A%22hun%26ter%22%2C%22q%22", "%7B%22password%22%3A%22***%22%2C%22q%22"),
            (r#"{"password": "hun&ter, two", "a": 1}"#, r#"{"password": "***", "a": 1}"#),
            (r#"{\"token\":\"abc\"}"#, r#"{\"token\":\"***"}"#),
            ("authorization: Bearer abc def\r\nq: 1", "authorization: ***\r\nq: 1"),
            ("Bearer abc' or 1=1", "Bearer ***' or 1=1"),
            ("1' union select password from users--", "1' union select password from users--"),
            ("4111 1111 1111 1111", "4111 1111 1111 1111"),
            ("password=", "password="),
            ("password", "password"),
            ("%", "%"),
        ] {
            let mut shown = text.as_bytes().to_vec();
            for secret in keyed_secrets(text.as_bytes()).into_iter().rev() {
                shown.splice(secret, *b"***");
            }
            assert_eq!(String::from_utf8(shown).unwrap(), masked, "{text}");
        }
    }

    #[test]
    fn all_of_what_a_key_introduces_is_covered() {
        let text = b"{\"password\": \"hunter two\", \"a\": 1}";
        let covered = secrets(text);
        for byte in text.windows(10).position(|window| window == b"hunter two").map(|at| at..at + 10).unwrap() {
            assert!(covered.iter().any(|range| range.contains(&byte)), "{byte} {covered:?}");
        }
    }
}
