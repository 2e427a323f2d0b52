//! The `Cookie` header.
//!
//! # What this does not protect from
//!
//! Commas separate nothing, as in RFC 6265; `$Version` and the like are cookies as others are.

use memchr::memchr;

use super::DecodeLimits;
use super::Sink;
use super::gather::Gather;
use crate::input::Cause;
use crate::input::Leaf;
use crate::input::Place;

/// Reads the pairs of one `Cookie` header. Values are emitted as sent; one in double quotes is
/// emitted without them too, since only some back ends take those off.
pub fn cookies(raw: &[u8], limits: &DecodeLimits, sink: &mut dyn Sink) {
    let mut gather = Gather::new(limits);
    let mut leaves = 0;
    let mut rest = Some(raw);
    while let Some(header) = rest {
        if leaves >= limits.leaves_max {
            sink.incomplete(Cause::Limit);
            gather.finish(header, Leaf::value(Place::Cookie, b"", b""), sink);
            return;
        }
        let end = memchr(b';', header);
        let pair = header[..end.unwrap_or(header.len())].trim_ascii();
        rest = end.map(|end| &header[end + 1..]);
        if !pair.is_empty() {
            leaves += cookie(pair, limits, &mut gather, sink);
        }
    }
}

/// Emits one pair; returns how many leaves that was. Without `=` the whole is the value of a
/// cookie without a name, as browsers have it.
fn cookie(pair: &[u8], limits: &DecodeLimits, gather: &mut Gather, sink: &mut dyn Sink) -> usize {
    let (name, value) = match memchr(b'=', pair) {
        Some(equals) => (pair[..equals].trim_ascii(), pair[equals + 1..].trim_ascii()),
        None => (&[][..], pair),
    };
    let location = &name[..name.len().min(limits.location_bytes())];
    if !name.is_empty() {
        gather.finish(name, Leaf::name(Place::Cookie, location, b""), sink);
    }
    let label = Leaf::value(Place::Cookie, location, b"");
    gather.finish(value, label, sink);
    match value {
        [b'"', quoted @ .., b'"'] => {
            gather.finish(quoted, label, sink);
            3
        }
        _ => 2,
    }
}
