//! Tags that run script: elements, their attributes, and attributes that break out of another.

use std::ops::Range;

use super::super::CodeMatcher;
use super::super::Match;
use super::Budget;
use super::handler::breaks_out;
use super::handler::is_component_callback;
use super::handler::is_directive;
use super::handler::is_handler;
use super::handler::may_hold_handler;
use super::handler::reaches_page;
use super::markup::DANGLES;
use super::markup::ELEMENTS;
use super::markup::FROM_QUOTED;
use super::markup::FROM_UNQUOTED;
use super::markup::LOADS;
use super::markup::RUNNING;
use super::markup::SCRIPT;
use super::markup::STYLES;
use super::markup::TAG;
use super::markup::becomes_script;
use super::markup::facts;
use super::markup::local_name;
use super::url;
use crate::lexer::html::Attribute;
use crate::lexer::html::Quote;
use crate::lexer::html::TagReader;
use crate::lexer::html::read_tags;
use crate::lexer::html::read_tags_and_breakouts;
use crate::lexer::javascript::Reading;
use crate::lexer::javascript::Start;
use crate::lexer::javascript::calls_browser;
use crate::rule::Confidence;

/// `<script>` with a source, or with script in it.
pub(in super::super) static SCRIPT_TAG: CodeMatcher =
    CodeMatcher { name: "xss_script_tag", find: |value| look(value, Wanted::Script) };

/// An attribute `on..=` with script in it, inside of a tag.
pub(in super::super) static EVENT_HANDLER: CodeMatcher =
    CodeMatcher { name: "xss_event_handler", find: |value| look(value, Wanted::Handler) };

/// Elements that load or run something by themselves.
pub(in super::super) static MARKUP_THAT_RUNS: CodeMatcher =
    CodeMatcher { name: "xss_markup_that_runs", find: |value| look(value, Wanted::Markup) };

/// The end of an attribute's value, and then an event handler.
pub(in super::super) static ATTRIBUTE_BREAKOUT: CodeMatcher =
    CodeMatcher { name: "xss_attribute_breakout", find: |value| look(value, Wanted::Breakout) };

/// Whether a document of its own would run script.
pub(super) fn runs_script(document: &[u8]) -> bool {
    [Wanted::Script, Wanted::Handler].into_iter().any(|wanted| look(document, wanted).is_some())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Script,
    Handler,
    Markup,
    Breakout,
}

fn look(value: &[u8], wanted: Wanted) -> Option<Match> {
    if matches!(wanted, Wanted::Handler | Wanted::Breakout) && !may_hold_handler(value) {
        return None;
    }
    let mut looker =
        Looker { value, wanted, budget: Budget::of(value), bare_words: 0, script_stays_open: false, found: None };
    match wanted {
        Wanted::Breakout => read_tags_and_breakouts(value, FROM_QUOTED, FROM_UNQUOTED, &mut looker),
        _ => read_tags(value, &mut looker),
    }
    looker.found
}

struct Looker<'v> {
    value: &'v [u8],
    wanted: Wanted,
    budget: Budget,
    /// Attributes without a value, before a tag of its own: words, if the value is prose.
    bare_words: usize,
    script_stays_open: bool,
    found: Option<Match>,
}

impl Looker<'_> {
    fn find(&mut self, confidence: Confidence, span: Range<usize>, structure: &'static str) {
        if self.found.as_ref().is_none_or(|found| found.confidence < confidence) {
            self.found = Some(Match::new(confidence, span, structure));
        }
    }

    fn script(&mut self, span: Range<usize>) -> Option<Reading> {
        self.budget.read(self.value.get(span).unwrap_or_default(), Start::Statement)
    }

    fn handler(&mut self, attribute: &Attribute<'_>, quote: Quote, span: Range<usize>) {
        let own_tag = attribute.marks & TAG != 0;
        let text = self.value.get(span.clone()).unwrap_or_default();
        let Some(reading) = self.script(span.clone()) else {
            return self.find(Confidence::Certain, span, "event handlers without end");
        };
        if quote == Quote::None && is_component_callback(text, &reading) {
            return;
        }
        let span = attribute.start..span.end;
        if self.wanted == Wanted::Handler {
            // A tag of its own is enough: what it calls may be cut off or disguised further on.
            if own_tag && (reading.acts() || self.budget.calls_browser(text)) {
                self.find(Confidence::Certain, span, "an event handler in a tag");
            }
        } else if !own_tag
            && breaks_out(attribute.name, &reading)
            && reading.acts()
            && ((reading.is_whole() && !reading.open) || reading.opens_dialog)
        {
            let words = attribute.marks & FROM_QUOTED == 0 && self.bare_words > 2;
            let confidence = if words && !reading.names_browser { Confidence::Likely } else { Confidence::Certain };
            self.find(confidence, span, "an event handler after the end of an attribute's value");
        }
    }

    fn directive(&mut self, attribute: &Attribute<'_>, span: Range<usize>) {
        let Some(reading) = self.script(span.clone()) else {
            return self.find(Confidence::Certain, span, "directives without end");
        };
        let text = self.value.get(span.clone()).unwrap_or_default();
        let own_tag = attribute.marks & TAG != 0;
        if own_tag && (reaches_page(text, &reading) || self.budget.calls_browser(text)) {
            self.find(Confidence::Certain, attribute.start..span.end, "a directive that a library in the page runs");
        }
    }

    /// The value is one tag and nothing else, but for what ends something before it.
    fn is_only_tag(&self, end: usize) -> bool {
        // Asked first, so that no tag but the last costs a search.
        self.value.len() == end
            && memchr::memrchr(b'<', self.value).is_some_and(|open| {
                let before = self.value.get(..open).unwrap_or_default();
                before.len() <= 32 && !before.iter().any(|byte| *byte == b'<' || byte.is_ascii_whitespace())
            })
    }

    /// An absolute address whose quotation mark the page is to close.
    fn dangles(&self, quote: Quote, span: Range<usize>) -> u32 {
        let open = matches!(quote, Quote::Double | Quote::Single) && span.end == self.value.len();
        let address = self.value.get(span).unwrap_or_default();
        if open && !address.contains(&b'<') && url::kind(address) == url::Kind::Web { DANGLES } else { 0 }
    }

    /// What follows a script's tag.
    fn content(&mut self, start: usize) {
        const CDATA: &[u8] = b"<![CDATA[";
        let text = self.value.get(start..).unwrap_or_default();
        let start = if text.starts_with(CDATA) { start + CDATA.len() } else { start };
        let close_by = !text.first().is_some_and(u8::is_ascii_whitespace);
        let Some(reading) = self.script(start..self.value.len()) else {
            return self.find(Confidence::Certain, start..self.value.len(), "script elements without end");
        };
        let sure = close_by || reading.names_browser || reading.is_whole();
        let runs = (reading.acts() && (sure || self.ends_script_after(start + reading.read_to)))
            || (calls_browser(self.until_tag(start)) && self.ends_script_after(start));
        if runs {
            self.find(Confidence::Certain, start..self.value.len(), "script in a script element");
        }
    }

    /// The text until the next tag, or what looks like one.
    fn until_tag(&self, start: usize) -> &[u8] {
        let rest = self.value.get(start..).unwrap_or_default();
        rest.get(..memchr::memchr(b'<', rest).unwrap_or(rest.len())).unwrap_or_default()
    }

    /// Whether an end tag of a script follows. Once it does not, it does not for any later place.
    fn ends_script_after(&mut self, start: usize) -> bool {
        const END: &[u8] = b"</script";
        let rest = self.value.get(start..).unwrap_or_default();
        let ends = !self.script_stays_open
            && memchr::memchr_iter(b'<', rest)
                .any(|at| rest.get(at..at + END.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(END)));
        self.script_stays_open |= !ends;
        ends
    }
}

impl TagReader for Looker<'_> {
    fn element(&mut self, name: &[u8], before: u8) -> u32 {
        if before == b'/' {
            return TAG;
        }
        let name = local_name(name);
        let kind = ELEMENTS.iter().find(|(element, _)| element.eq_ignore_ascii_case(name)).map_or(0, |(_, kind)| *kind);
        TAG | kind
    }

    fn attribute(&mut self, attribute: &Attribute<'_>) -> u32 {
        let Some((quote, span)) = attribute.value.clone() else {
            self.bare_words += usize::from(attribute.marks & TAG == 0);
            return 0;
        };
        match self.wanted {
            Wanted::Script => becomes_script(attribute.name, self.value.get(span).unwrap_or_default()),
            Wanted::Markup => {
                facts(attribute, self.value.get(span.clone()).unwrap_or_default()) | self.dangles(quote, span)
            }
            Wanted::Handler | Wanted::Breakout => {
                if is_handler(attribute.name) {
                    self.handler(attribute, quote, span);
                } else if self.wanted == Wanted::Handler && is_directive(attribute.name) {
                    self.directive(attribute, span);
                }
                0
            }
        }
    }

    fn tag(&mut self, marks: u32, end: usize) {
        match self.wanted {
            Wanted::Script if marks & SCRIPT == 0 => {}
            Wanted::Script if marks & LOADS != 0 => {
                self.find(Confidence::Certain, 0..end, "a script element with a source");
            }
            Wanted::Script => self.content(end),
            Wanted::Markup => {
                for &(all, one, confidence, structure) in RUNNING {
                    if marks & all == all && marks & one != 0 {
                        // Pages and mails have style sheets of elsewhere; alone such a link is pushed in.
                        let pushed_in = one == STYLES && self.is_only_tag(end);
                        let confidence = if pushed_in { Confidence::Certain } else { confidence };
                        return self.find(confidence, 0..end, structure);
                    }
                }
            }
            Wanted::Handler | Wanted::Breakout => {}
        }
    }

    fn done(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.confidence == Confidence::Certain)
    }
}
