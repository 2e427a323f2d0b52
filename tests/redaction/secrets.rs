//! What must not leave.

use percent_encoding::percent_decode_str;
use proptest::prelude::*;

/// Of which kind a secret is: by that a place may hide it or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It looks like a token: long, letters and digits.
    Token,
    /// The number of a payment card.
    Card,
    /// It looks like a word, as passwords do; only its place tells.
    Word,
}

#[derive(Clone, Debug)]
pub struct Secret {
    pub kind: Kind,
    pub text: String,
}

impl Secret {
    fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// Its beginning and its end: a part of it is a leak too.
    pub fn traces(&self) -> [String; 2] {
        ends(&self.text)
    }

    /// The same of what a reader makes of it.
    pub fn joined_traces(&self) -> [String; 2] {
        ends(&joined(&self.text))
    }
}

fn ends(text: &str) -> [String; 2] {
    let characters: Vec<char> = text.chars().collect();
    let some = characters.len().min(9);
    [characters[..some].iter().collect(), characters[characters.len() - some..].iter().collect()]
}

/// The letters and digits of a text: with the escapes of a URL undone as often as there may be any, those of full width as
/// they are read, and without what stands between. A number that is taken apart is a number.
pub fn joined(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..if text.contains('%') { 3 } else { 0 } {
        text = percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    let narrow = |character| match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        _ => character,
    };
    text.chars().map(narrow).filter(char::is_ascii_alphanumeric).collect()
}

/// One of each form.
pub fn known() -> Vec<Secret> {
    vec![
        Secret::new(Kind::Card, "4012888888881881"),
        Secret::new(Kind::Card, "4929.4929.4929.4929"),
        Secret::new(Kind::Card, "5105/1051/0510/5100"),
        Secret::new(Kind::Card, "４９２９ ４９２９ ４９２９ ４９２９"),
        Secret::new(Kind::Card, "3782, 822463, 10005"),
        Secret::new(Kind::Token, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.dBjftJeZ4CVPmB92K27uhbUJU1p1r"),
        Secret::new(Kind::Token, "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
        Secret::new(Kind::Token, "DEADBEEFCAFEBABEDEADBEEFCAFEBABE"),
        Secret::new(Kind::Token, "wJalrXUtnFEMI/K/MDENG/bPxRfiCYEXAMPLEKEY"),
        Secret::new(Kind::Token, "glpat-abcdefghijk"),
        Secret::new(Kind::Word, "correcthorse"),
    ]
}

/// Some of each kind.
pub fn random() -> impl Strategy<Value = Vec<Secret>> {
    let token = "[a-z]{4}[0-9]{4}[A-Za-z0-9_-]{16,40}[0-9]{3}[a-z]{6}";
    let jwt = "eyJ[a-z]{6}[0-9]{4}[A-Za-z0-9_-]{10}\\.eyJ[a-z]{4}[A-Za-z0-9_-]{20}\\.[A-Za-z0-9_-]{20}[0-9]{3}[a-z]{6}";
    // None that is a word of ours, or of SQL.
    let word = "q[bcdfghj]{2}x[a-z]{6,10}z[bcdfghj]{2}";
    (token, jwt, word, "[1-9][0-9]{14}", "[ ._,:\t/-]?").prop_map(|(token, jwt, word, digits, gap)| {
        let card = with_check_digit(&digits);
        let groups: Vec<&str> = card.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect();
        vec![
            Secret::new(Kind::Token, token),
            Secret::new(Kind::Token, jwt),
            Secret::new(Kind::Word, word),
            Secret::new(Kind::Card, groups.join(&gap)),
        ]
    })
}

/// The digits with the one that the check of Luhn asks for (ISO/IEC 7812-1).
fn with_check_digit(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(digit - b'0')) {
            (0, digit) if digit > 4 => digit * 2 - 9,
            (0, digit) => digit * 2,
            (_, digit) => digit,
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}
