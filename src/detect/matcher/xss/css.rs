//! Style sheets that run script, in browsers that let them.

use super::super::CodeMatcher;
use super::super::Match;
use super::Budget;
use crate::lexer::html::is_space;
use crate::lexer::javascript::Start;
use crate::rule::Confidence;

/// `x:expression(..)` with script in it, and properties that bind script to an element.
pub(in super::super) static STYLE_SCRIPT: CodeMatcher = CodeMatcher { name: "xss_style_script", find };

fn find(value: &[u8]) -> Option<Match> {
    let mut tag_before = false;
    let mut seen = 0;
    let mut budget = Budget::of(value);
    memchr::memchr_iter(b':', value).find_map(|colon| {
        tag_before |= memchr::memchr(b'<', value.get(seen..colon).unwrap_or_default()).is_some();
        seen = colon;
        expression(value, colon, &mut budget).or_else(|| binding(value, colon, tag_before))
    })
}

fn expression(value: &[u8], colon: usize, budget: &mut Budget) -> Option<Match> {
    let mut letters = Letters { text: value.get(colon + 1..)?, at: 0 };
    let opened = letters.skip_blanks().word(b"expression")?.skip_blanks();
    if opened.text.get(opened.at) != Some(&b'(') {
        return None;
    }
    let script = opened.text.get(opened.at + 1..)?;
    let acts = budget.read(script, Start::Statement).is_none_or(|reading| reading.acts());
    acts.then(|| Match::new(Confidence::Certain, colon..value.len(), "script in a style's expression"))
}

/// `behavior:url(..)` in a tag, `-moz-binding:url(..)` anywhere.
fn binding(value: &[u8], colon: usize, tag_before: bool) -> Option<Match> {
    let before = value.get(..colon)?.trim_ascii_end();
    let ends = |name: &[u8]| {
        before
            .len()
            .checked_sub(name.len())
            .and_then(|start| before.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(name))
    };
    if !(ends(b"-moz-binding") || (tag_before && (ends(b"behavior") || ends(b"behaviour")))) {
        return None;
    }
    let mut letters = Letters { text: value.get(colon + 1..)?, at: 0 };
    let opened = letters.skip_blanks().word(b"url")?.skip_blanks();
    (opened.text.get(opened.at) == Some(&b'('))
        .then(|| Match::new(Confidence::Certain, colon..value.len(), "a style that binds script to an element"))
}

/// The letters of a style sheet, comments and backslashes left out as old browsers did.
struct Letters<'t> {
    text: &'t [u8],
    at: usize,
}

/// As far as a comment or white space is followed: what is longer hides nothing that still runs.
const BLANK_MAX: usize = 256;

impl Letters<'_> {
    fn skip_blanks(&mut self) -> &mut Self {
        while self.at < BLANK_MAX {
            match self.text.get(self.at) {
                Some(&byte) if is_space(byte) || byte == 0 || byte == b'\\' => self.at += 1,
                Some(b'/') if self.skip_comment() => {}
                _ => break,
            }
        }
        self
    }

    fn skip_comment(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let rest = rest.get(..rest.len().min(BLANK_MAX)).unwrap_or(rest);
        if !rest.starts_with(b"/*") {
            return false;
        }
        let end = rest.get(2..).and_then(|comment| memchr::memmem::find(comment, b"*/"));
        self.at += end.map_or(0, |length| length + 4);
        end.is_some()
    }

    fn word(&mut self, word: &[u8]) -> Option<&mut Self> {
        for letter in word {
            while self.text.get(self.at).is_some_and(|&byte| byte == b'\\' || byte == 0) || self.skip_comment() {
                self.at += usize::from(matches!(self.text.get(self.at), Some(b'\\' | 0)));
            }
            if !self.text.get(self.at)?.eq_ignore_ascii_case(letter) {
                return None;
            }
            self.at += 1;
        }
        Some(self)
    }
}
