//! Names under which secrets stand.

/// Names with one of these in them hold secrets.
const KEYS: [&[u8]; 20] = [
    b"passw",
    b"passphrase",
    b"passcode",
    b"pwd",
    b"secret",
    b"token",
    b"apikey",
    b"api_key",
    b"api-key",
    b"accesskey",
    b"auth",
    b"credential",
    b"private",
    b"session",
    b"sessid",
    b"signature",
    b"cookie",
    b"card",
    b"cvv",
    b"ssn",
];
/// These too, as a word of a name: `user_pin`, `connect.sid`. In running text they tell only where a sign follows.
const WORDS: [&[u8]; 15] = [
    b"pass", b"pin", b"otp", b"totp", b"mfa", b"2fa", b"cvc", b"sid", b"sig", b"hmac", b"pw", b"jwt", b"bearer",
    b"csrf", b"xsrf",
];
/// The longest of them.
const WORD_BYTES_MAX: usize = 6;
/// Words that end in `key` and are none.
const NO_KEYS: [&[u8]; 6] = [b"monkey", b"turkey", b"donkey", b"hockey", b"jockey", b"whiskey"];
/// For each letter those that follow it at the beginning of a key, as bits: at nearly every place of a text no key begins.
const SECOND_LETTERS: [u32; 26] = second_letters();

/// Whether a value under this name is likely a secret.
pub(crate) fn is_secret_key(name: &[u8]) -> bool {
    tells(name) || words(name).any(is_secret_word)
}

/// Whether the name of a secret stands in it that is one in running text too.
pub(super) fn tells(name: &[u8]) -> bool {
    let letter = |byte: u8| byte.to_ascii_lowercase().wrapping_sub(b'a');
    let begins = |pair: &[u8]| {
        let seconds = SECOND_LETTERS.get(usize::from(letter(pair[0])));
        seconds.is_some_and(|seconds| seconds.checked_shr(letter(pair[1]).into()).is_some_and(|bits| bits & 1 == 1))
    };
    let is_key = |text: &[u8]| !is_author(text) && KEYS.iter().any(|key| starts_with(text, key));
    name.windows(2).enumerate().any(|(at, pair)| begins(pair) && is_key(&name[at..]))
}

/// The words of a name: apart by signs, or by a capital behind a small letter.
fn words(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let same = |a: &u8, b: &u8| {
        a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() && !(a.is_ascii_lowercase() && b.is_ascii_uppercase())
    };
    name.chunk_by(same)
}

fn is_secret_word(word: &[u8]) -> bool {
    let number = word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let word = &word[..word.len() - number];
    let is_any = |of: &[&[u8]]| of.iter().any(|one| word.eq_ignore_ascii_case(one));
    let key = word.len().checked_sub(3).is_some_and(|at| word[at..].eq_ignore_ascii_case(b"key"));
    if key { !is_any(&NO_KEYS) } else { word.len() <= WORD_BYTES_MAX && is_any(&WORDS) }
}

/// Whether the name is that of a header which holds several values, each of them a secret.
pub(super) fn is_header(name: &[u8]) -> bool {
    (0..name.len()).any(|at| starts_with(&name[at..], b"auth") || starts_with(&name[at..], b"cookie"))
}

/// `author` and `authority`, but not `authorization`.
fn is_author(word: &[u8]) -> bool {
    starts_with(word, b"author")
        && !word.get(6..).is_some_and(|rest| starts_with(rest, b"iz") || starts_with(rest, b"is"))
}

/// Whether the text, of any case, starts with the word, which is in lower case.
pub(super) fn starts_with(text: &[u8], word: &[u8]) -> bool {
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
    fn names_of_secrets_are_known_by_their_words() {
        for name in [
            "authorization",
            "author_auth",
            "x-auth",
            "pass",
            "pass2",
            "passcode",
            "pin",
            "userPin",
            "otp",
            "mfa",
            "2fa",
            "sid",
            "connect.sid",
            "PHPSESSID",
            "sig",
            "signature",
            "access_key",
            "AWSAccessKeyId",
            "awsaccesskeyid",
            "X-Amz-Signature",
            "jwt",
            "bearer",
            "csrf",
            "key",
            "apikey",
            "Ssh-Key",
        ] {
            assert!(is_secret_key(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn names_of_other_things_are_not() {
        for name in [
            "author",
            "Authority",
            "passenger",
            "spin",
            "pinned",
            "inside",
            "design",
            "monkey",
            "keyword",
            "q",
            "bypass",
            "side",
            "name",
        ] {
            assert!(!is_secret_key(name.as_bytes()), "{name}");
        }
    }
}
