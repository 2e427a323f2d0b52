//! Script in a page: each matcher is one context that a page may have put the value into.
//!
//! All that concerns tags shares one way of reading them, which knows no context, since any part of
//! a value's beginning may be swallowed by what the page has before it. What is left is told from
//! honest markup by whether script would run, and from prose by whether the script is script.
//!
//! # What this does not protect from
//!
//! Markup that only looks: forms that send elsewhere, images that report, styles that cover the
//! page. A page that takes a value's plain words for code is not protected either.

mod breakout;
mod charset;
mod css;
mod handler;
mod markup;
mod tags;
mod template;
#[cfg(test)]
mod tests;
mod url;

use crate::lexer::javascript::Reading;
use crate::lexer::javascript::Start;
use crate::lexer::javascript::calls_browser;
use crate::lexer::javascript::read;

pub(super) use breakout::{SCRIPT_BREAKOUT, SCRIPT_CONTINUATION, SCRIPT_TEXT};
pub(super) use charset::OTHER_CHARSET;
pub(super) use css::STYLE_SCRIPT;
pub(super) use tags::{ATTRIBUTE_BREAKOUT, EVENT_HANDLER, MARKUP_THAT_RUNS, SCRIPT_TAG};
pub(super) use template::CLIENT_TEMPLATE;
pub(super) use url::{SCRIPT_URL, SCRIPT_URL_DISGUISED};

/// How often a value's bytes may be read as script in all, so that the work stays linear.
const READINGS_MAX: usize = 8;

/// What is left to read of a value. Places that begin like script may overlap, but so many come from
/// no honest hand.
struct Budget {
    left: usize,
}

impl Budget {
    fn of(value: &[u8]) -> Self {
        Self { left: READINGS_MAX * value.len() + 4096 }
    }

    /// Reads script; nothing once the budget is spent, which itself is a finding.
    fn read(&mut self, text: &[u8], start: Start) -> Option<Reading> {
        if self.left == 0 {
            return None;
        }
        let reading = read(text, start);
        self.left = self.left.saturating_sub(reading.read_to);
        Some(reading)
    }

    /// Whether a function of the browser is called anywhere in the text; once the budget is spent,
    /// which itself is a finding, it is.
    fn calls_browser(&mut self, text: &[u8]) -> bool {
        let spent = self.left == 0;
        self.left = self.left.saturating_sub(text.len());
        spent || calls_browser(text)
    }
}
