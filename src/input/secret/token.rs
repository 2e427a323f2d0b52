//! What looks like a token.

use std::ops::Range;

/// From this length on, letters and digits in one part of a run are taken for a token.
const TOKEN_BYTES_MIN: usize = 20;
/// The same where the part begins as the tokens of a well-known issuer do.
const KNOWN_TOKEN_BYTES_MIN: usize = 12;
const KNOWN_TOKENS: [&[u8]; 10] =
    [b"eyJ", b"sk_", b"sk-", b"pk_", b"AKIA", b"ASIA", b"AIza", b"npm_", b"hf_", b"GOCSPX-"];
/// Beginnings that nothing else has: of any length.
const SURE_TOKENS: [&[u8]; 19] = [
    b"ghp_",
    b"gho_",
    b"ghu_",
    b"ghs_",
    b"ghr_",
    b"github_pat_",
    b"glpat-",
    b"xoxa-",
    b"xoxb-",
    b"xoxp-",
    b"xoxr-",
    b"xoxs-",
    b"sk_live_",
    b"sk_test_",
    b"rk_live_",
    b"shpat_",
    b"whsec_",
    b"xapp-",
    b"dop_v1_",
];
/// The shortest of them, with a byte behind it; each has a `_` or a `-`.
const SURE_TOKEN_BYTES_MIN: usize = 5;
/// Beginnings of tokens that have several parts.
const TOKENS_IN_PARTS: [&[u8]; 3] = [b"SG.", b"hooks.slack.com/services/", b"discord.com/api/webhooks/"];
/// The letters before the sign that a token of any other issuer begins with: `lin_api_`, `dckr-`.
const ISSUER_LETTERS: std::ops::RangeInclusive<usize> = 2..=8;
/// A line of base64 in PEM (RFC 7468): behind one of these the text goes on.
const PEM_LINE_BYTES: usize = 64;

/// The runs in which a token stands, and keys in the form of PEM. Linear in the text.
pub(super) fn tokens(text: &[u8], found: &mut Vec<Range<usize>>) {
    pem(text, found);
    let mut index = 0;
    // Whether a token goes on behind white space, as one does that was cut between its parts.
    let mut goes_on = false;
    while index < text.len() {
        let length = text[index..].iter().take_while(|byte| is_token_byte(**byte)).count();
        if length == 0 {
            goes_on &= text[index].is_ascii_whitespace();
            index += 1;
            continue;
        }
        let run = &text[index..index + length];
        let token = is_token(run);
        if token || goes_on {
            found.push(index..index + length);
        }
        goes_on = token && (run.ends_with(b".") || run.len() == PEM_LINE_BYTES);
        index += length;
    }
}

/// Keys in the form of PEM (RFC 7468), whole or cut.
fn pem(text: &[u8], found: &mut Vec<Range<usize>>) {
    let position = |from: usize, mark: &[u8]| memchr::memmem::find(&text[from..], mark);
    let mut index = 0;
    while let Some(at) = position(index, b"-----BEGIN ") {
        let start = index + at;
        let end = position(start, b"-----END ").map_or(text.len(), |length| start + length);
        found.push(start..end);
        index = end;
    }
}

const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=' | b'~')
}

fn is_token(run: &[u8]) -> bool {
    // Words and numbers of a few bytes are most of any text.
    if run.len() < SURE_TOKEN_BYTES_MIN {
        return false;
    }
    let mut in_stretches = Vec::new();
    if run.len() >= TOKEN_BYTES_MIN {
        shuffled(run, &mut in_stretches);
    }
    !in_stretches.is_empty()
        || run.len() >= KNOWN_TOKEN_BYTES_MIN && TOKENS_IN_PARTS.iter().any(|start| holds(run, start))
        || run.split(is_between_parts).any(|part| is_token_part(part) || is_issued(part))
}

/// Whether a beginning stands in a run behind no letter, and something before it ends.
fn holds(run: &[u8], start: &[u8]) -> bool {
    let is_there =
        |at: usize| run.len() - at >= KNOWN_TOKEN_BYTES_MIN && (at == 0 || !run[at - 1].is_ascii_alphanumeric());
    (0..run.len()).any(|at| run[at] == start[0] && run[at..].starts_with(start) && is_there(at))
}

/// Whether a word follows a short one that has letters behind digits, as no name with a number does.
fn is_issued(part: &[u8]) -> bool {
    if part.len() <= KNOWN_TOKEN_BYTES_MIN {
        return false;
    }
    let mut words = part.split(|byte| b"-_".contains(byte)).peekable();
    std::iter::from_fn(|| Some((words.next()?, *words.peek()?))).any(|(issuer, word)| {
        let is_mixed = |pair: &[u8]| pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic();
        ISSUER_LETTERS.contains(&issuer.len())
            && issuer.iter().all(u8::is_ascii_alphabetic)
            && word.len() >= KNOWN_TOKEN_BYTES_MIN
            && word.windows(2).any(is_mixed)
    })
}

fn is_between_parts(byte: &u8) -> bool {
    b"=/.+~".contains(byte)
}

fn is_token_part(part: &[u8]) -> bool {
    let is_short = part.len() < KNOWN_TOKEN_BYTES_MIN;
    if part.len() < SURE_TOKEN_BYTES_MIN || is_short && !part.iter().any(|byte| b"_-".contains(byte)) {
        return false;
    }
    let begins = |of: &[&[u8]], at: usize| {
        of.iter().any(|start| part[at..].len() > start.len() && part[at..].starts_with(start))
    };
    // What stands before may be the end of an attack, but no letter.
    let is_token_at = |at: usize| {
        let is_free = at == 0 || !part[at - 1].is_ascii_alphabetic();
        let is_long = part.len() - at >= KNOWN_TOKEN_BYTES_MIN;
        is_free && (begins(&SURE_TOKENS, at) || (is_long && begins(&KNOWN_TOKENS, at)))
    };
    if (0..part.len()).any(is_token_at) {
        return true;
    }
    let at_least_two = |is: fn(&u8) -> bool| part.iter().filter(|byte| is(byte)).nth(1).is_some();
    let letters = part.len() >= TOKEN_BYTES_MIN && at_least_two(u8::is_ascii_alphabetic);
    letters && (at_least_two(u8::is_ascii_digit) || part.split(|byte| b"-_".contains(byte)).any(is_hex))
}

/// Not only one letter, which fills a buffer and is no secret.
fn is_hex(word: &[u8]) -> bool {
    word.len() >= TOKEN_BYTES_MIN && word.iter().all(u8::is_ascii_hexdigit) && word.iter().any(|byte| *byte != word[0])
}

/// Letters without the order of words, and of a name in camel case: many capitals, and some behind small letters or digits.
/// Base64 has slashes of its own, so it may be in several parts. Linear in the text.
pub(super) fn shuffled(text: &[u8], found: &mut Vec<Range<usize>>) {
    let (mut start, mut end, mut rises) = (0, 0, 0);
    for part in text.split(is_between_parts) {
        let capitals = part.iter().filter(|byte| byte.is_ascii_uppercase()).count();
        let is_rise =
            |pair: &&[u8]| !b"-_".contains(&pair[0]) && !pair[0].is_ascii_uppercase() && pair[1].is_ascii_uppercase();
        end += part.len();
        if capitals * 3 < part.len() {
            (start, rises) = (end + 1, 0);
        } else {
            rises += part.windows(2).filter(is_rise).count();
            if end - start >= TOKEN_BYTES_MIN && rises >= 3 {
                found.push(start..end);
            }
        }
        end += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_token(text: &str) -> bool {
        let mut found = Vec::new();
        tokens(text.as_bytes(), &mut found);
        !found.is_empty()
    }

    #[test]
    fn tokens_are_seen() {
        for text in [
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "DEADBEEFCAFEBABEDEADBEEFCAFEBABE",
            "/x/DEADBEEFCAFEBABEDEADBEEFCAFEBABE'",
            "wJalrXUtnFEMI/K/MDENG/bPxRfiCYEXAMPLEKEY",
            "AIzaSyDabcdefghijklmnop",
            "glpat-abcdefgh",
            "github_pat_abc",
            "sk_live_abc",
            "xoxb-1",
            "q=glpat-abcdefgh",
            "1glpat-abcdefgh",
            "b--glpat-abcdefgh",
            "b--AKIAIOSFODNNEXAMPLE",
            "b--deadbeefcafebabefeedfaceabcdefab",
            "-----BEGIN PRIVATE KEY-----\nabc\n",
            "/a/long/path/of/small/letters/wJalrXUtnFEMI/K/MDENG/bPxRfiCYEXAMPLEKEY",
            "NDExMSAxMTExIDExMTEgMTExMQ==",
            "npm_zpw2zzabcd1x",
            "hf_abcdefghijklmnop",
            "GOCSPX-abcdefghijklmn",
            "SG.abcdefgh.ijklmnop",
            "whsec_zpw",
            "dop_v1_abcdefgh12",
            "own_a1b2c3d4e5f6",
            "https://hooks.slack.com/services/T00/B00/zpw",
            "550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert!(has_token(text), "{text}");
        }
    }

    #[test]
    fn words_paths_and_products_are_no_tokens() {
        for text in [
            "getElementsByClassNameAndTag",
            "on_the_shelf_and-risk-analysis",
            "XMLHttpRequestEventTarget",
            "UNION/SELECT/name/FROM/users",
            "UNION+SELECT+name1+FROM+table2--",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "2026-11-24T14:10:00.123Z",
            "../../../../etc/php5/apache2/php.ini",
            "http://s3.eu-west-1.amazonaws.com/a/b/c/1/2",
            "users_archive202611",
            "/report-november2026/SG.1",
            "python-requests/2.31.0",
            "Apache-HttpClient/4.5.14 (Java/17.0.9)",
            "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        ] {
            assert!(!has_token(text), "{text}");
        }
    }
}
