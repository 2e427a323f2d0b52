//! What an element is and what its attributes make of it, as bits that a tag is marked with.

use super::handler::is_handler;
use super::url;
use crate::lexer::html::Attribute;
use crate::rule::Confidence;

// What a tag is.
pub(super) const TAG: u32 = 1;
pub(super) const SCRIPT: u32 = 1 << 1;
pub(super) const FRAME: u32 = 1 << 2;
pub(super) const PLUGIN: u32 = 1 << 3;
pub(super) const APPLET: u32 = 1 << 4;
pub(super) const BASE: u32 = 1 << 5;
pub(super) const META: u32 = 1 << 6;
pub(super) const LINK: u32 = 1 << 7;
pub(super) const ANIMATION: u32 = 1 << 8;
pub(super) const REFERENCE: u32 = 1 << 9;
pub(super) const IMPORT: u32 = 1 << 10;

// What its attributes do.
pub(super) const LOADS: u32 = 1 << 14;
pub(super) const LOADS_ODDLY: u32 = 1 << 15;
pub(super) const LOADS_ABSOLUTE: u32 = 1 << 16;
pub(super) const LOADS_SVG_TEXT: u32 = 1 << 17;
pub(super) const LOADS_PAGE_TEXT: u32 = 1 << 18;
pub(super) const COMMANDS: u32 = 1 << 19;
pub(super) const IMPORTS: u32 = 1 << 20;
pub(super) const ALLOWS_SCRIPT: u32 = 1 << 21;
pub(super) const SETS_SCRIPT: u32 = 1 << 22;
pub(super) const IMPLEMENTS: u32 = 1 << 23;
pub(super) const ODD_CHARSET: u32 = 1 << 24;
pub(super) const DANGLES: u32 = 1 << 25;
pub(super) const STYLES: u32 = 1 << 26;

// The value stands in an attribute, and no tag of its own began.
pub(super) const FROM_QUOTED: u32 = 1 << 30;
pub(super) const FROM_UNQUOTED: u32 = 1 << 31;

/// Elements by their names, without a namespace.
pub(super) const ELEMENTS: &[(&[u8], u32)] = &[
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
pub(super) const RUNNING: &[(u32, u32, Confidence, &str)] = &[
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

/// The name without a namespace, and without what no name holds.
pub(super) fn local_name(name: &[u8]) -> &[u8] {
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
pub(super) fn becomes_script(name: &[u8], value: &[u8]) -> u32 {
    let name = local_name(name);
    let is = name.eq_ignore_ascii_case(b"is") && local_name(value).eq_ignore_ascii_case(b"script");
    loads(name, value) | if is { SCRIPT } else { 0 }
}

/// What an attribute adds to the tag.
pub(super) fn facts(attribute: &Attribute<'_>, value: &[u8]) -> u32 {
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
