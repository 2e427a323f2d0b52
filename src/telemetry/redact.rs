//! What of a request may leave with an event. By default no value does, with three named
//! exceptions: the client's address, the path without its parameters, and the user agent.
//!
//! # What this does not protect from
//!
//! Where no route is known, a segment of the path that looks like a word leaves as it is.
//! Excerpts are opt-in: a secret that looks like a word, under a name that does not tell, is shown.

use std::ops::Range;

use crate::context::Input;
use crate::context::RequestContext;
use crate::finding::Finding;
use crate::input::{Place, has_secret, is_secret_key, secrets, segments};
use crate::policy::Verdict;

/// Bytes of a path, and of a user agent, that are shown.
pub(super) const SHOWN_BYTES_MAX: usize = 256;
/// Characters of an excerpt.
const EXCERPT_CHARACTERS_MAX: usize = 64;
/// Bytes before the found ones that an excerpt shows.
const EXCERPT_BYTES_BEFORE: usize = 16;
/// Bytes to each side of an excerpt that are searched for secrets.
const WINDOW_BYTES: usize = 512;
/// What stands for a secret.
const MASK: &str = "***";

/// The path: the matched template; without one the path itself, with `{}` for segments that look
/// like secrets, and for all of them when something was found in it.
pub(super) fn path(context: &RequestContext, verdict: &Verdict) -> String {
    if let Some(route) = context.route() {
        return shown(route.as_bytes(), SHOWN_BYTES_MAX);
    }
    let found = verdict.findings.iter().any(|judged| judged.finding.location.place() == Place::Path);
    let path = context.head().path();
    let path = &path[..path.len().min(SHOWN_BYTES_MAX + WINDOW_BYTES)];
    let mut text = String::new();
    for (segment, spread) in segments(path.strip_prefix(b"/").unwrap_or(path)) {
        text.push('/');
        if segment.is_empty() {
            continue;
        }
        // A percent sign can hide anything.
        let hidden = found || spread || segment.contains(&b'%') || has_secret(segment) || segment.len() > 64;
        match hidden {
            true => text += "{}",
            false => text += &shown(segment, SHOWN_BYTES_MAX),
        }
        if text.len() > SHOWN_BYTES_MAX {
            text.truncate(text.floor_char_boundary_at(SHOWN_BYTES_MAX));
            break;
        }
    }
    text
}

/// Cuts text between characters.
trait Boundary {
    fn floor_char_boundary_at(&self, bytes_max: usize) -> usize;
}

impl Boundary for str {
    fn floor_char_boundary_at(&self, bytes_max: usize) -> usize {
        (0..=bytes_max.min(self.len())).rev().find(|&at| self.is_char_boundary(at)).unwrap_or(0)
    }
}

/// The user agent; none when something was found in it, or when it holds what looks like a secret.
pub(super) fn user_agent(context: &RequestContext, verdict: &Verdict) -> Option<String> {
    let agent = context.head().header("user-agent").next()?;
    let found = verdict.findings.iter().any(|judged| {
        let location = &judged.finding.location;
        location.place() == Place::Header && location.name().eq_ignore_ascii_case(b"user-agent")
    });
    // What is cut may be the rest of a secret.
    let agent = &agent[..agent.len().min(SHOWN_BYTES_MAX + WINDOW_BYTES)];
    (!found && !has_secret(agent)).then(|| shown(agent, SHOWN_BYTES_MAX))
}

/// What was found, with a little around it: of the value as it came when nothing was undone, else
/// from its beginning. None where the location may hold nothing but secrets.
pub(super) fn excerpt(inputs: &[Input], finding: &Finding) -> Option<String> {
    let location = &finding.location;
    if location.place() == Place::Cookie || is_secret_key(location.name()) {
        return None;
    }
    let input = inputs.iter().find(|input| input.location == *location)?;
    let span = if finding.chain.is_empty() { finding.span.clone() } else { 0..0 };
    Some(excerpt_of(&input.value, &span))
}

fn excerpt_of(value: &[u8], span: &Range<usize>) -> String {
    let start = boundary(value, span.start.min(value.len()).saturating_sub(EXCERPT_BYTES_BEFORE));
    let window = start.saturating_sub(WINDOW_BYTES)..value.len().min(start + EXCERPT_CHARACTERS_MAX + WINDOW_BYTES);
    let text = &value[window.clone()];
    let mut masked = secrets(text);
    if window.start > 0 {
        // What the window cuts may be the end of a secret.
        let cut = text.iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
        masked.insert(0, 0..cut);
    }
    let mut out = String::new();
    let mut characters = 0;
    let mut at = start - window.start;
    while at < text.len() && characters < EXCERPT_CHARACTERS_MAX {
        let end = masked.iter().filter(|range| range.contains(&at)).map(|range| range.end).max();
        let piece = match end {
            Some(end) => {
                at = end;
                // Neighbours are shown as one.
                if out.ends_with(MASK) { String::new() } else { MASK.to_owned() }
            }
            None => {
                let (character, length) = character(&text[at..]);
                at += length;
                escaped(character, length, text[at - length])
            }
        };
        characters += piece.chars().count();
        if characters <= EXCERPT_CHARACTERS_MAX {
            out += &piece;
        }
    }
    out
}

/// Where the character begins that the byte at an index is of, as far as it is UTF-8.
fn boundary(value: &[u8], index: usize) -> usize {
    let within = |at: usize| value.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (index.saturating_sub(3)..=index).rev().find(|at| !within(*at)).unwrap_or(index)
}

/// The first character, and how many bytes it has; none where the first byte begins none.
fn character(text: &[u8]) -> (Option<char>, usize) {
    let head = &text[..text.len().min(4)];
    let valid = match std::str::from_utf8(head) {
        Ok(valid) => valid,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
    };
    valid.chars().next().map_or((None, 1), |character| (Some(character), character.len_utf8()))
}

/// A character as a terminal and a log can show it.
fn escaped(character: Option<char>, _length: usize, byte: u8) -> String {
    match character {
        None => format!("\\x{byte:02x}"),
        Some(character) if character.is_control() || is_directional(character) => {
            character.escape_unicode().to_string()
        }
        Some(character) => character.to_string(),
    }
}

/// Characters that change how the text around them is shown, or that are not seen.
const fn is_directional(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text as far as every byte of it is a visible one of ASCII, or a space.
fn plain(text: &[u8]) -> &str {
    let length = text.iter().take_while(|byte| matches!(byte, b' '..=b'~')).count();
    std::str::from_utf8(&text[..length]).unwrap_or_default()
}

/// Text with what a terminal would act on escaped, cut to so many bytes.
pub(super) fn shown(text: &[u8], bytes_max: usize) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < text.len() {
        let plain = plain(&text[at..]);
        if !plain.is_empty() {
            out += &plain[..plain.len().min(bytes_max - out.len())];
            at += plain.len();
            continue;
        }
        let (character, length) = character(&text[at..]);
        let piece = escaped(character, length, text[at]);
        if out.len() + piece.len() > bytes_max {
            break;
        }
        out += &piece;
        at += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_escaped_and_masked() {
        for (value, shown) in [
            ("1' or 1=1--", "1' or 1=1--"),
            ("a\x1b[31m\u{202e}b", "a\\u{1b}[31m\\u{202e}b"),
            ("4111 1111 1111 1111' or 1=1", "***' or 1=1"),
            ("4111%201111%201111%201111 1' or", "***' or"),
            ("a\u{fff9}b\u{34f}\u{ad}\u{180e}", "a\\u{fff9}b\\u{34f}\\u{ad}\\u{180e}"),
            ("{\"password\":\"hunter two\"}<script>", "{\"password\":\"***\"}<script>"),
        ] {
            assert_eq!(excerpt_of(value.as_bytes(), &(0..1)), shown, "{value}");
        }
        let long = "é".repeat(1000);
        assert!(excerpt_of(long.as_bytes(), &(900..901)).chars().count() <= EXCERPT_CHARACTERS_MAX);
        assert_eq!(excerpt_of(b"\xff\xfe", &(0..2)), "\\xff\\xfe");
        assert_eq!(excerpt_of(b"abc", &(70..90)), "abc");
        let wide = format!("{}' or 1=1", "ｘ".repeat(20));
        assert!(excerpt_of(wide.as_bytes(), &(60..62)).starts_with("ｘ"));
    }
}
