//! Tags that show only in a charset that no page should be read in.

use super::super::CodeMatcher;
use super::super::Match;
use super::tags::runs_script;
use crate::rule::Confidence;

/// UTF-7, or ASCII of which the eighth bit is set, with script once it is read so.
pub(in super::super) static OTHER_CHARSET: CodeMatcher = CodeMatcher { name: "xss_other_charset", find };

fn find(value: &[u8]) -> Option<Match> {
    let found = |structure| Some(Match::new(Confidence::Certain, 0..value.len(), structure));
    if has_utf_7_tag(value) && runs_script(&from_utf_7(value)) {
        return found("tags in UTF-7, with script");
    }
    if has_eighth_bit_tag(value) && runs_script(&without_eighth_bit(value)) {
        return found("tags that are ASCII but for the eighth bit, with script");
    }
    None
}

/// In UTF-7 `<` is `+ADw`.
fn has_utf_7_tag(value: &[u8]) -> bool {
    memchr::memmem::find(value, b"+ADw").is_some()
}

/// `<` with the eighth bit, and a letter after it: a character of its own in Latin-1, in UTF-8 behind a
/// byte of its own, and no part of another letter.
fn has_eighth_bit_tag(value: &[u8]) -> bool {
    memchr::memchr_iter(0xBC, value).any(|at| {
        let before = at.checked_sub(1).and_then(|before| value.get(before));
        let alone = before.is_none_or(|&before| before.is_ascii() || before == 0xC2);
        alone && value.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
    })
}

/// The text with its shifted parts read, as far as they are ASCII.
fn from_utf_7(value: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(value.len());
    let (mut shifted, mut bits, mut count) = (false, 0_u32, 0_u32);
    for &byte in value {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => 64,
        };
        if !shifted {
            shifted = byte == b'+';
            (bits, count) = (0, 0);
            if !shifted {
                text.push(byte);
            }
        } else if digit == 64 {
            shifted = false;
            if byte != b'-' {
                text.push(byte);
            }
        } else {
            bits = (bits << 6 | u32::from(digit)) & 0x3F_FFFF;
            count += 6;
            if count >= 16 {
                count -= 16;
                text.push(u8::try_from(bits >> count & 0xFFFF).unwrap_or(b'?'));
            }
        }
    }
    text
}

fn without_eighth_bit(value: &[u8]) -> Vec<u8> {
    // In UTF-8 each such character has a byte before it.
    value.iter().filter(|&&byte| byte != 0xC2).map(|byte| byte & 0x7F).collect()
}
