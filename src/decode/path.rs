//! The path: whole, then segment by segment.
//!
//! # What this does not protect from
//!
//! Nothing is normalised here: `..`, `//` and encoded slashes stand in the whole path as sent, for
//! the rules to see. A template with doubled braces names nothing.

use super::Sink;
use super::percent;
use crate::input::Leaf;
use crate::input::Place;
use crate::input::canonical;

/// Reads a raw path. Segments are decoded after the split, as routers do, and bear the name of
/// their parameter where the template of the route (`/users/{id}`, `/files/{*rest}`) fits.
pub fn path_segments(raw: &[u8], template: Option<&str>, sink: &mut dyn Sink) {
    sink.leaf(Leaf::value(Place::Path, b"", raw));
    // A template without parameters names nothing.
    let names = |template: &&[u8]| memchr::memchr(b'{', template).is_some() && fits(raw, template);
    let template = template.map(str::as_bytes).filter(names);
    let mut patterns = template.into_iter().flat_map(segments);
    let mut decoded = Vec::new();
    let mut wildcard: Option<&[u8]> = None;
    let mut rest = raw.strip_prefix(b"/").unwrap_or(raw);
    for segment in segments(raw) {
        if wildcard.is_none() {
            match patterns.next().map(Pattern::of) {
                Some(Pattern::Wildcard(name)) => {
                    wildcard = Some(name);
                    if rest.len() > segment.len() {
                        emit(name, rest, &mut decoded, sink);
                    }
                }
                Some(Pattern::Parameter { prefix, name, suffix }) => {
                    emit(name, between(segment, prefix, suffix).unwrap_or(segment), &mut decoded, sink);
                    rest = rest.get(segment.len() + 1..).unwrap_or_default();
                    continue;
                }
                Some(Pattern::Literal(_)) | None => {}
            }
        }
        if !segment.is_empty() {
            emit(wildcard.unwrap_or_default(), segment, &mut decoded, sink);
        }
        rest = rest.get(segment.len() + 1..).unwrap_or_default();
    }
}

/// One segment of a template.
enum Pattern<'a> {
    Literal(&'a [u8]),
    Parameter { prefix: &'a [u8], name: &'a [u8], suffix: &'a [u8] },
    Wildcard(&'a [u8]),
}

impl<'a> Pattern<'a> {
    fn of(segment: &'a [u8]) -> Self {
        let brace = |wanted: u8| segment.iter().position(|&byte| byte == wanted);
        match (brace(b'{'), brace(b'}')) {
            (Some(open), Some(close)) if open < close => match &segment[open + 1..close] {
                [b'*', name @ ..] => Self::Wildcard(name),
                name => Self::Parameter { prefix: &segment[..open], name, suffix: &segment[close + 1..] },
            },
            _ => Self::Literal(segment),
        }
    }
}

fn segments(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.strip_prefix(b"/").unwrap_or(path).split(|&byte| byte == b'/')
}

/// Whether the template describes this path.
fn fits(raw: &[u8], template: &[u8]) -> bool {
    let mut patterns = segments(template);
    for segment in segments(raw) {
        let fits = match patterns.next().map(Pattern::of) {
            Some(Pattern::Wildcard(_)) => return true,
            Some(Pattern::Parameter { prefix, suffix, .. }) => between(segment, prefix, suffix).is_some(),
            Some(Pattern::Literal(literal)) => literal == segment || canonical(literal) == canonical(segment),
            None => false,
        };
        if !fits {
            return false;
        }
    }
    patterns.next().is_none()
}

/// What stands between a prefix and a suffix, if that is anything.
fn between<'a>(segment: &'a [u8], prefix: &[u8], suffix: &[u8]) -> Option<&'a [u8]> {
    segment.strip_prefix(prefix)?.strip_suffix(suffix).filter(|value| !value.is_empty())
}

fn emit(name: &[u8], raw: &[u8], decoded: &mut Vec<u8>, sink: &mut dyn Sink) {
    let mut value = raw;
    if memchr::memchr(b'%', raw).is_some() {
        decoded.clear();
        percent::decode(raw, decoded);
        value = decoded;
    }
    sink.leaf(Leaf::value(Place::Path, name, value));
}
