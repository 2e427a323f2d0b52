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
    let is_key = |text: &[u8]| KEYS.iter().any(|key| starts_with(text, key));
    name.windows(2).enumerate().any(|(at, pair)| begins(pair) && is_key(&name[at..]))
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
            revealing &= b"\"': =>[]%\t\\".contains(&text[index]);
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
    let digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = run.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let known = run.len() >= KNOWN_TOKEN_BYTES_MIN
        && KNOWN_TOKENS.iter().any(|start| run.split(|byte| b"=/.".contains(byte)).any(|part| part.starts_with(start)));
    known || (run.len() >= TOKEN_BYTES_MIN && digits >= 2 && letters >= 2)
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
    fn all_of_what_a_key_introduces_is_covered() {
        let text = b"{\"password\": \"hunter two\", \"a\": 1}";
        let covered = secrets(text);
        for byte in text.windows(10).position(|window| window == b"hunter two").map(|at| at..at + 10).unwrap() {
            assert!(covered.iter().any(|range| range.contains(&byte)), "{byte} {covered:?}");
        }
    }
}
