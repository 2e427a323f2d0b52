//! Tags that run script: elements, their attributes, and attributes that break out of another.

use std::ops::Range;

use super::super::CodeMatcher;
use super::super::Match;
use super::Budget;
use super::url;
use crate::lexer::html::Attribute;
use crate::lexer::html::Quote;
use crate::lexer::html::TagReader;
use crate::lexer::html::is_space;
use crate::lexer::html::read_tags;
use crate::lexer::html::read_tags_and_breakouts;
use crate::lexer::javascript::Kind;
use crate::lexer::javascript::Reading;
use crate::lexer::javascript::Start;
use crate::lexer::javascript::Tokens;
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

/// Whether an equals sign follows a name of letters that begins with `on`: cheap to know.
fn may_hold_handler(value: &[u8]) -> bool {
    memchr::memchr_iter(b'=', value).any(|equals| {
        let before = value.get(..equals).unwrap_or_default();
        let blanks = before.iter().rev().take_while(|&&byte| is_space(byte)).count();
        let before = before.get(..equals - blanks).unwrap_or_default();
        // Browsers know no longer names; the bound keeps this linear.
        let letters = before.iter().rev().take(HANDLER_NAME_MAX).take_while(|byte| is_handler_byte(**byte)).count();
        let name = before.get(before.len() - letters..).unwrap_or_default();
        is_handler(name) || letters == HANDLER_NAME_MAX
    })
}

const HANDLER_NAME_MAX: usize = 40;

const fn is_handler_byte(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Whether an attribute of this name may hold script: any event, known or not.
fn is_handler(name: &[u8]) -> bool {
    let Some((on, event)) = name.split_at_checked(2) else { return false };
    on.eq_ignore_ascii_case(b"on")
        && (3..HANDLER_NAME_MAX).contains(&event.len())
        && event.iter().all(|&byte| is_handler_byte(byte))
        && !WORDS.iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// Whether the attribute stands behind another's end, and is not a line of a program: an event that
/// browsers know, or script that they do.
fn breaks_out(attribute: &Attribute<'_>, reading: &Reading) -> bool {
    let known = is_known_event(attribute.name) || reading.names_browser;
    attribute.marks & TAG == 0 && !attribute.name.contains(&b'_') && known
}

/// Whether a handler's event begins like those that browsers know.
fn is_known_event(name: &[u8]) -> bool {
    let event = name.get(2..).unwrap_or_default();
    EVENTS.iter().any(|stem| event.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem)))
}

/// How the names of events begin.
const EVENTS: &[&[u8]] = &[
    b"abort",
    b"activate",
    b"after",
    b"animation",
    b"auxclick",
    b"before",
    b"begin",
    b"blur",
    b"bounce",
    b"cached",
    b"cancel",
    b"canplay",
    b"change",
    b"click",
    b"close",
    b"command",
    b"content",
    b"context",
    b"copy",
    b"cue",
    b"cut",
    b"dblclick",
    b"drag",
    b"drop",
    b"duration",
    b"emptied",
    b"end",
    b"error",
    b"finish",
    b"focus",
    b"form",
    b"fullscreen",
    b"gamepad",
    b"gotpointer",
    b"hashchange",
    b"input",
    b"invalid",
    b"key",
    b"load",
    b"lostpointer",
    b"message",
    b"mouse",
    b"offline",
    b"page",
    b"paste",
    b"pause",
    b"play",
    b"pointer",
    b"popstate",
    b"progress",
    b"property",
    b"ratechange",
    b"readystate",
    b"rejection",
    b"repeat",
    b"reset",
    b"resize",
    b"row",
    b"scroll",
    b"search",
    b"security",
    b"seek",
    b"select",
    b"show",
    b"slotchange",
    b"stalled",
    b"start",
    b"storage",
    b"submit",
    b"suspend",
    b"timeupdate",
    b"toggle",
    b"touch",
    b"transition",
    b"unhandled",
    b"unload",
    b"volume",
    b"waiting",
    b"webkit",
    b"wheel",
    b"zoom",
];

/// Words of English that begin like an event handler and are none.
const WORDS: &[&[u8]] = &[b"online", b"onset", b"onward", b"onwards", b"ongoing", b"onion", b"onsite", b"onscreen"];

// What a tag is.
const TAG: u32 = 1;
const SCRIPT: u32 = 1 << 1;
const FRAME: u32 = 1 << 2;
const PLUGIN: u32 = 1 << 3;
const APPLET: u32 = 1 << 4;
const BASE: u32 = 1 << 5;
const META: u32 = 1 << 6;
const LINK: u32 = 1 << 7;
const ANIMATION: u32 = 1 << 8;
const REFERENCE: u32 = 1 << 9;
const IMPORT: u32 = 1 << 10;

// What its attributes do.
const LOADS: u32 = 1 << 14;
const LOADS_ODDLY: u32 = 1 << 15;
const LOADS_ABSOLUTE: u32 = 1 << 16;
const LOADS_SVG_TEXT: u32 = 1 << 17;
const LOADS_PAGE_TEXT: u32 = 1 << 18;
const COMMANDS: u32 = 1 << 19;
const IMPORTS: u32 = 1 << 20;
const ALLOWS_SCRIPT: u32 = 1 << 21;
const SETS_SCRIPT: u32 = 1 << 22;
const IMPLEMENTS: u32 = 1 << 23;
const ODD_CHARSET: u32 = 1 << 24;
const DANGLES: u32 = 1 << 25;
const STYLES: u32 = 1 << 26;

// The value stands in an attribute, and no tag of its own began.
const FROM_QUOTED: u32 = 1 << 30;
const FROM_UNQUOTED: u32 = 1 << 31;

/// Elements by their names, without a namespace.
const ELEMENTS: &[(&[u8], u32)] = &[
    (b"script", SCRIPT),
    // XML events have their script in one of these.
    (b"handler", SCRIPT),
    (b"iframe", FRAME),
    (b"frame", FRAME),
    (b"portal", FRAME),
    (b"object", PLUGIN),
    (b"embed", PLUGIN),
    (b"applet", APPLET),
    (b"base", BASE),
    (b"meta", META),
    (b"link", LINK),
    (b"set", ANIMATION),
    (b"animate", ANIMATION),
    (b"animatecolor", ANIMATION),
    (b"animatetransform", ANIMATION),
    (b"animatemotion", ANIMATION),
    (b"use", REFERENCE),
    (b"import", IMPORT),
];

/// Which markup runs: of the first all, of the second at least one.
const RUNNING: &[(u32, u32, Confidence, &str)] = &[
    (TAG, LOADS_PAGE_TEXT, Confidence::Certain, "a tag that loads a page from its own attribute"),
    (0, LOADS_SVG_TEXT, Confidence::Certain, "an element that runs the picture in its own attribute"),
    (FRAME, LOADS_ODDLY, Confidence::Certain, "a frame with a scheme that is no web page's"),
    (PLUGIN, ALLOWS_SCRIPT | LOADS_ODDLY, Confidence::Certain, "a plug-in that may script the page"),
    (APPLET, LOADS, Confidence::Certain, "an applet"),
    (BASE, LOADS_ABSOLUTE | LOADS_ODDLY, Confidence::Certain, "a base element that redirects relative scripts"),
    (META, COMMANDS, Confidence::Certain, "a meta element that acts as a response header"),
    (META, ODD_CHARSET, Confidence::Certain, "a meta element with a charset that hides tags"),
    (LINK, IMPORTS, Confidence::Certain, "a link that imports a page"),
    (ANIMATION, SETS_SCRIPT, Confidence::Certain, "an animation of an attribute that runs script"),
    (IMPORT, IMPLEMENTS, Confidence::Certain, "an import of behaviour"),
    (PLUGIN, LOADS_ABSOLUTE, Confidence::Certain, "a plug-in with content of another origin"),
    (TAG, DANGLES, Confidence::Certain, "an address that takes the rest of the page along"),
    (LINK | LOADS_ABSOLUTE, STYLES, Confidence::Likely, "a style sheet of another origin"),
    (FRAME, LOADS, Confidence::Likely, "a frame with a page of another origin"),
    (PLUGIN, LOADS, Confidence::Likely, "a plug-in with outside content"),
];

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
            if own_tag && (reading.acts() || calls_browser(text)) {
                self.find(Confidence::Certain, span, "an event handler in a tag");
            }
        } else if breaks_out(attribute, &reading)
            && reading.acts()
            && ((reading.is_whole() && !reading.open) || reading.opens_dialog)
        {
            let words = attribute.marks & FROM_QUOTED == 0 && self.bare_words > 2;
            let confidence = if words && !reading.names_browser { Confidence::Likely } else { Confidence::Certain };
            self.find(confidence, span, "an event handler after the end of an attribute's value");
        }
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

/// The name without a namespace, and without what no name holds.
fn local_name(name: &[u8]) -> &[u8] {
    let end =
        name.iter().take(64).position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_')));
    let name = name.get(..end.unwrap_or(name.len().min(64))).unwrap_or(name);
    let start = name.iter().position(|&byte| byte == b':').map_or(0, |colon| colon + 1);
    name.get(start..).unwrap_or(name)
}

fn loads(name: &[u8], value: &[u8]) -> u32 {
    let is_source = [&b"src"[..], b"href", b"data", b"code", b"codebase", b"archive", b"classid"]
        .iter()
        .any(|source| name.eq_ignore_ascii_case(source));
    if is_source && !value.trim_ascii().is_empty() { LOADS } else { 0 }
}

/// `src=..`, and `is=script`, by which libraries make an element of another name.
fn becomes_script(name: &[u8], value: &[u8]) -> u32 {
    let name = local_name(name);
    let is = name.eq_ignore_ascii_case(b"is") && local_name(value).eq_ignore_ascii_case(b"script");
    loads(name, value) | if is { SCRIPT } else { 0 }
}

/// What an attribute adds to the tag.
fn facts(attribute: &Attribute<'_>, value: &[u8]) -> u32 {
    let name = local_name(attribute.name);
    let is = |names: &[&[u8]]| names.iter().any(|other| name.eq_ignore_ascii_case(other));
    let holds = |parts: &[&[u8]]| parts.iter().any(|part| holds_ignoring_case(value, part));
    let mut facts = loads(name, value);
    if facts & LOADS != 0 {
        facts |= match url::kind(value) {
            url::Kind::Relative => 0,
            url::Kind::Web => LOADS_ABSOLUTE,
            url::Kind::Other => LOADS_ODDLY,
        };
    }
    facts |= match url::data_media(value) {
        Some(url::Media::Page) => LOADS_PAGE_TEXT,
        Some(url::Media::Svg) if attribute.marks & (FRAME | PLUGIN | REFERENCE | ANIMATION) != 0 => LOADS_SVG_TEXT,
        _ => 0,
    };
    if is(&[b"equiv", b"http-equiv"]) && holds(&[b"refresh", b"set-cookie", b"link"]) {
        facts |= COMMANDS;
    }
    if is(&[b"rel"]) && holds(&[b"import"]) {
        facts |= IMPORTS;
    }
    if is(&[b"rel"]) && holds(&[b"stylesheet"]) {
        facts |= STYLES;
    }
    if is(&[b"charset", b"content"]) && holds(&[b"utf-7", b"utf7", b"imap4", b"mac-farsi"]) {
        facts |= ODD_CHARSET;
    }
    if (is(&[b"allowscriptaccess"]) && !holds(&[b"never"]))
        || is(&[b"classid"])
        || (is(&[b"type"]) && holds(&[b"scriptlet"]))
    {
        facts |= ALLOWS_SCRIPT;
    }
    if is(&[b"attributename"]) && (is_handler(local_name(value.trim_ascii())) || holds(&[b"innerhtml", b"srcdoc"])) {
        facts |= SETS_SCRIPT;
    }
    if is(&[b"implementation"]) {
        facts |= IMPLEMENTS;
    }
    facts
}

/// Whether the beginning of a value holds a word.
fn holds_ignoring_case(value: &[u8], word: &[u8]) -> bool {
    let beginning = value.get(..value.len().min(128)).unwrap_or(value);
    beginning.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

/// `{save}`, `{() => save(x)}`, `{submit(save)}`: a component's callback, as templates in script have
/// them. A browser that met it as an attribute would run nothing of the page's own.
fn is_component_callback(value: &[u8], reading: &Reading) -> bool {
    let Some(inner) = value.strip_prefix(b"{") else { return false };
    if !reading.is_whole() || reading.open || !reading.acts() {
        return true;
    }
    let mut arrow = false;
    let mut plain = !reading.names_browser;
    for token in Tokens::new(inner, false) {
        match token.kind {
            Kind::Semicolon => return false,
            Kind::Arrow => arrow = true,
            Kind::Word | Kind::Dot | Kind::Open(b'(') | Kind::Close(_) => {}
            Kind::Comma if !arrow => {}
            _ if !arrow => plain = false,
            _ => {}
        }
    }
    plain || (arrow && begins_with_arrow(inner))
}

/// Whether an arrow function is all there is.
fn begins_with_arrow(inner: &[u8]) -> bool {
    let mut depth = 0_usize;
    for token in Tokens::new(inner, false) {
        match token.kind {
            Kind::Arrow if depth == 0 => return true,
            Kind::Open(b'(') => depth += 1,
            Kind::Close(b')') => depth = depth.saturating_sub(1),
            Kind::Word | Kind::Comma => {}
            _ => return false,
        }
    }
    false
}
