//! Event handlers: which attributes may be one, and which values only look like script.

use memchr::memmem;

use crate::lexer::html::is_space;
use crate::lexer::javascript::Kind;
use crate::lexer::javascript::Reading;
use crate::lexer::javascript::Tokens;

/// Whether an equals sign follows a name of letters that begins with `on`: cheap to know.
pub(super) fn may_hold_handler(value: &[u8]) -> bool {
    memchr::memchr_iter(b'=', value).any(|equals| {
        let before = value.get(..equals).unwrap_or_default();
        let blanks = before.iter().rev().take_while(|&&byte| is_space(byte)).count();
        let before = before.get(..equals - blanks).unwrap_or_default();
        // Browsers know no longer names; the bound keeps this linear.
        let letters = before.iter().rev().take(HANDLER_NAME_MAX).take_while(|byte| is_handler_byte(**byte)).count();
        let (rest, name) = before.split_at(before.len() - letters);
        let goes_on = rest.last().is_some_and(|byte| DIRECTIVE_MARKS.contains(byte));
        is_handler(name) || letters == HANDLER_NAME_MAX || goes_on && is_directive(directive_name(before))
    })
}

/// What stands between the words of a directive's name.
const DIRECTIVE_MARKS: &[u8] = b"@:-.";

/// The name that ends here, if it is a directive's.
fn directive_name(before: &[u8]) -> &[u8] {
    let belongs = |byte: &u8| is_handler_byte(*byte) || DIRECTIVE_MARKS.contains(byte);
    let length = before.iter().rev().take(HANDLER_NAME_MAX).take_while(|byte| belongs(byte)).count();
    before.get(before.len() - length..).unwrap_or_default()
}

/// Whether an attribute of this name is script to a library in the page: Alpine, Angular, Vue, htmx.
pub(super) fn is_directive(name: &[u8]) -> bool {
    let name = name.strip_prefix(b"data-").unwrap_or(name);
    let starts = |prefix: &[u8]| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let marked = name.first() == Some(&b'@') && name.get(1).is_some_and(u8::is_ascii_alphabetic);
    marked
        || [&b"x-init"[..], b"x-effect", b"x-data", b"hx-on"].iter().any(|own| name.eq_ignore_ascii_case(own))
        || [&b"x-init."[..], b"x-on:", b"v-on:", b"hx-on:", b"hx-on-", b"ng-"].iter().any(|prefix| starts(prefix))
}

/// Whether the script of a directive uses what a page's own components have no use for: templates
/// of Vue and Alpine are posted as code, and call functions of their own.
pub(super) fn reaches_page(text: &[u8], reading: &Reading) -> bool {
    let read = text.get(..reading.read_to).unwrap_or(text);
    let named = || [&b"document"[..], b"window", b"location"].iter().any(|name| memmem::find(read, name).is_some());
    reading.acts() && reading.names_browser || reading.assigns && named()
}

const HANDLER_NAME_MAX: usize = 40;

const fn is_handler_byte(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Whether an attribute of this name may hold script: any event, known or not.
pub(super) fn is_handler(name: &[u8]) -> bool {
    let Some((on, event)) = name.split_at_checked(2) else { return false };
    on.eq_ignore_ascii_case(b"on")
        && (3..HANDLER_NAME_MAX).contains(&event.len())
        && event.iter().all(|&byte| is_handler_byte(byte))
        && !WORDS.iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// Whether the attribute stands behind another's end, and is not a line of a program: an event that
/// browsers know, or script that they do.
pub(super) fn breaks_out(name: &[u8], reading: &Reading) -> bool {
    !name.contains(&b'_') && (is_known_event(name) || reading.names_browser)
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

/// `{save}`, `{() => save(x)}`, `{submit(save)}`: a component's callback, as templates in script have
/// them. A browser that met it as an attribute would run nothing of the page's own.
pub(super) fn is_component_callback(value: &[u8], reading: &Reading) -> bool {
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
