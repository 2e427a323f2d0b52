//! Patterns: which of them a linear engine can enforce, and what documents write that ECMA-262 does not.
//!
//! JSON Schema asks for ECMA-262 with its `u` flag. Documents hold what their authors' engines took besides: a class in
//! a range (`[\w-.]`), a brace that counts nothing, a class of everything (`[^]`). Such a pattern is put in the words of
//! the standard; one of another language is not enforced, and said; one that no engine takes is an error.

use std::collections::HashMap;

use jsonschema::PatternOptions;
use serde_json::json;

/// Bytes that one pattern may compile to.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// What can be done with a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// It can be enforced as it stands.
    Linear,
    /// It can be enforced when it is written so.
    Rewritten(String),
    /// It cannot be enforced, for this reason; what can be is a pattern that whatever it fits fits too.
    NotLinear { reason: &'static str, weaker: Option<String> },
    /// It is none.
    Broken,
}

/// The patterns of a document, each looked at once.
#[derive(Default)]
pub(super) struct Patterns(HashMap<String, Pattern>);

impl Patterns {
    pub(super) fn kind(&mut self, pattern: &str) -> Pattern {
        if let Some(known) = self.0.get(pattern) {
            return known.clone();
        }
        let kind = kind(pattern);
        self.0.insert(pattern.to_owned(), kind.clone());
        kind
    }
}

fn kind(pattern: &str) -> Pattern {
    if is_linear(pattern) {
        return Pattern::Linear;
    }
    let plain = plain(pattern);
    if plain != pattern && is_linear(&plain) {
        return Pattern::Rewritten(plain);
    }
    let weaker = Some(without_looks(&plain)).filter(|weaker| *weaker != plain && is_linear(weaker));
    if weaker.is_some() || is_standard(pattern) || is_standard(&plain) {
        return Pattern::NotLinear { reason: bound_by(&plain), weaker };
    }
    match is_standard(&skeleton(&plain)) {
        true => Pattern::NotLinear { reason: "is written in another language of patterns than ECMA-262", weaker: None },
        false => Pattern::Broken,
    }
}

fn is_linear(pattern: &str) -> bool {
    let options = PatternOptions::regex().size_limit(PATTERN_BYTES_MAX);
    jsonschema::options().with_pattern_options(options).build(&json!({ "pattern": pattern })).is_ok()
}

/// Whether it is a pattern of ECMA-262.
fn is_standard(pattern: &str) -> bool {
    let schema = json!({ "format": "regex" });
    let validator = jsonschema::options().should_validate_formats(true).build(&schema);
    validator.is_ok_and(|validator| validator.is_valid(&json!(pattern)))
}

/// Why no linear engine can enforce a pattern of the standard.
fn bound_by(pattern: &str) -> &'static str {
    let looks = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|group| pattern.contains(group));
    match looks || pattern.as_bytes().windows(3).any(is_back_reference) {
        true => "looks around or back, which no linear engine can",
        // Too large, or of single UTF-16 units.
        false => "is none that a linear engine could compile",
    }
}

/// The same without what looks around, which only ever refuses, and with anything for what looks back.
fn without_looks(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let is_look = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|look| rest.starts_with(look));
        let taken = match first {
            '(' if is_look => group_bytes(rest),
            '\\' if is_back_reference(rest.as_bytes()) => {
                text.push_str("[\\s\\S]*");
                let name = rest.starts_with("\\k").then(|| rest.find('>')).flatten();
                let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
                name.unwrap_or(digits) + 1
            }
            '[' => class(rest, &mut text),
            '\\' => escape(rest, false, &mut text),
            _ => {
                text.push(first);
                first.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    text
}

fn is_back_reference(rest: &[u8]) -> bool {
    matches!(rest, [b'\\', b'1'..=b'9', ..] | [b'\\', b'k', b'<', ..])
}

/// How long the group is that begins here, with all groups in it.
fn group_bytes(rest: &str) -> usize {
    let (mut depth, mut at, mut in_class) = (0_usize, 0, false);
    while let Some(&byte) = rest.as_bytes().get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class => depth += 1,
            b')' if !in_class && depth == 1 => break,
            b')' if !in_class => depth -= 1,
            _ => {}
        }
    }
    at
}

/// What Annex B of ECMA-262 lets a pattern say without the `u` flag, as one says it with it.
fn plain(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '\\' => escape(rest, false, &mut text),
            '[' => class(rest, &mut text),
            '{' if !counts(rest) => {
                text.push_str("\\{");
                1
            }
            _ => {
                text.push(first);
                first.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    text
}

/// Whether a brace begins a repetition.
fn counts(rest: &str) -> bool {
    let Some((inner, _)) = rest[1..].split_once('}') else { return false };
    let (least, most) = inner.split_once(',').unwrap_or((inner, "0"));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && is_number(least) && is_number(most)
}

/// One class; answers how many bytes it took.
fn class(rest: &str, text: &mut String) -> usize {
    for (all, as_plain) in [("[^]", "[\\s\\S]"), ("[]", "[^\\s\\S]")] {
        if rest.starts_with(all) {
            text.push_str(as_plain);
            return all.len();
        }
    }
    text.push('[');
    let mut at = 1;
    if rest[1..].starts_with('^') {
        text.push('^');
        at = 2;
    }
    // Whether what stands before is a set, from which no range can begin.
    let mut after_set = false;
    while let Some(next) = rest[at..].chars().next() {
        at += match next {
            ']' => {
                text.push(']');
                return at + 1;
            }
            '\\' => {
                let is_set = is_set(&rest[at..]);
                let taken = escape(&rest[at..], true, text);
                after_set = is_set;
                taken
            }
            '-' if after_set || is_set(&rest[at + 1..]) => {
                text.push_str("\\-");
                after_set = false;
                1
            }
            _ => {
                text.push(next);
                after_set = false;
                next.len_utf8()
            }
        };
    }
    at
}

fn is_set(rest: &str) -> bool {
    ["\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\p", "\\P"].iter().any(|set| rest.starts_with(set))
}

/// One escape; answers how many bytes it took.
fn escape(rest: &str, in_class: bool, text: &mut String) -> usize {
    if let Some((character, taken)) = surrogates(rest) {
        text.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
        return taken;
    }
    let next = rest[1..].chars().next();
    if matches!(next, Some('p' | 'P' | 'u' | 'x')) && rest[2..].starts_with('{') {
        let taken = rest.find('}').map_or(rest.len(), |close| close + 1);
        text.push_str(&rest[..taken]);
        return taken;
    }
    let digit_after = rest.get(2..).is_some_and(|after| after.starts_with(|next: char| next.is_ascii_digit()));
    match next {
        Some('b') if in_class => text.push_str("\\x08"),
        Some('0') if !digit_after => text.push_str("\\x00"),
        Some(next) => {
            text.push('\\');
            text.push(next);
        }
        None => text.push('\\'),
    }
    1 + next.map_or(0, char::len_utf8)
}

/// A character of two UTF-16 units: `\ud83d\ude00`.
fn surrogates(rest: &str) -> Option<(char, usize)> {
    let unit = |text: &str| u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok();
    let pair = [unit(rest)?, unit(rest.get(6..)?)?];
    let character = char::decode_utf16(pair).next()?.ok()?;
    (u32::from(character) > 0xFFFF).then_some((character, 12))
}

/// What is left of a pattern when its words of other languages are plain letters: whether it is a pattern at all.
fn skeleton(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let taken = if let Some(after) = rest.strip_prefix("(?#") {
            rest.len() - after.split_once(')').map_or(0, |(_, after)| after.len())
        } else if rest.starts_with("(?>") {
            text.push_str("(?:");
            3
        } else if let Some(after) = rest.strip_prefix('\\') {
            let Some(next) = after.chars().next() else {
                text.push('\\');
                break;
            };
            match next {
                'p' | 'P' if after[1..].starts_with('{') => {
                    text.push('x');
                    rest.find('}').map_or(rest.len(), |close| close + 1)
                }
                next if next.is_ascii_alphanumeric() => {
                    text.push('x');
                    2
                }
                next => {
                    text.push('\\');
                    text.push(next);
                    1 + next.len_utf8()
                }
            }
        } else {
            text.push(first);
            first.len_utf8()
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_documents_write_is_told_from_what_is_broken() {
        use Pattern::{Broken, Linear, NotLinear, Rewritten};
        let rewritten = |text: &str| Rewritten(text.to_owned());
        let around = |weaker: &str| NotLinear {
            reason: "looks around or back, which no linear engine can",
            weaker: Some(weaker.to_owned()),
        };
        let foreign = || NotLinear { reason: "is written in another language of patterns than ECMA-262", weaker: None };
        for (pattern, expected) in [
            (r"^\/\-\_\@[\w\-.]+\d{2,4}(?<year>\u00e9\p{L})$", Linear),
            (r"^[\w-.]+$", rewritten(r"^[\w\-.]+$")),
            (r"^[a-z.-\d]+$", rewritten(r"^[a-z.\-\d]+$")),
            (r"^[^]{1,3}[^\]]$", rewritten(r"^[\s\S]{1,3}[^\]]$")),
            (r"^{[a-z]{2,}}$", rewritten(r"^\{[a-z]{2,}}$")),
            (r"^x{,3}$", rewritten(r"^x\{,3}$")),
            (r"[\b]\0", rewritten(r"[\x08]\x00")),
            (r"^\ud83d\ude00$", rewritten(r"^\u{1f600}$")),
            (r"^(?!admin)[a-z]+$", around("^[a-z]+$")),
            (r"^(?=.*[)\)](?:x))[\w-.](?<!a)$", around(r"^[\w\-.]$")),
            (r"^(a|b)\1+$", around(r"^(a|b)[\s\S]*+$")),
            (r"(?<n>a)\k<n>b", around(r"(?<n>a)[\s\S]*b")),
            (r"(?>a)\Z", foreign()),
            (r"^\h(?#why)\p{javaLetter}$", foreign()),
            (r"[\ud83c-\udbff]", NotLinear { reason: "is none that a linear engine could compile", weaker: None }),
        ] {
            assert_eq!(kind(pattern), expected, "{pattern}");
        }
        for pattern in ["(", "[z-a]", "a\\", "*a", "[a", "a)", "x{3,1}"] {
            assert!(matches!(kind(pattern), Broken), "{pattern}: {:?}", kind(pattern));
        }
        let large = "(((a{1,100}){1,100}){1,100}){1,9}";
        assert!(matches!(kind(large), NotLinear { weaker: None, .. }), "{:?}", kind(large));
    }
}
