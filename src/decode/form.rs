//! `application/x-www-form-urlencoded`, in a body or a query.
//!
//! Pairs are what `form_urlencoded` reads from the same bytes, but as bytes: what is no UTF-8
//! stays as it is.
//!
//! # What this does not protect from
//!
//! `;` separates nothing here, as in nearly every back end of today. One that still splits there
//! sees other pairs, whose bytes lie within ours.

use memchr::memchr;
use memchr::memchr2;

use super::DecodeLimits;
use super::Sink;
use super::gather::Gather;
use super::gather::extend_cut;
use super::percent;
use super::percent::Percent;
use super::text::BODY;
use crate::input::Cause;
use crate::input::Leaf;
use crate::input::Place;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Name,
    Value,
    /// Too many leaves: the rest is read as it is.
    Text,
}

/// Reads pairs of names and values.
pub struct Form {
    pair: Pair,
    percent: Percent,
    leaves: usize,
    leaves_max: usize,
}

/// The pair that is being read.
struct Pair {
    place: Place,
    state: State,
    /// The name, as far as it is kept for the location.
    name: Vec<u8>,
    /// The name or value, whichever is being read.
    gather: Gather,
    location_bytes: usize,
}

impl Form {
    pub(super) fn new(place: Place, limits: &DecodeLimits) -> Self {
        let pair = Pair {
            place,
            state: State::Name,
            name: Vec::new(),
            gather: Gather::new(limits),
            location_bytes: limits.location_bytes(),
        };
        Self { pair, percent: Percent::form(), leaves: 0, leaves_max: limits.leaves_max }
    }

    pub(super) fn push(&mut self, mut chunk: &[u8], sink: &mut dyn Sink) {
        while !chunk.is_empty() {
            chunk = match self.pair.state {
                State::Name => self.push_name(chunk, sink),
                State::Value => self.push_value(chunk, sink),
                State::Text => {
                    self.pair.hold(chunk, sink);
                    &[]
                }
            };
        }
    }

    fn push_name<'a>(&mut self, chunk: &'a [u8], sink: &mut dyn Sink) -> &'a [u8] {
        if !self.is_begun() && self.leaves >= self.leaves_max {
            sink.incomplete(Cause::Limit);
            self.pair.state = State::Text;
            return chunk;
        }
        let Some(end) = memchr2(b'=', b'&', chunk) else {
            self.take(chunk, sink);
            return &[];
        };
        let (piece, separator) = (&chunk[..end], chunk[end]);
        if separator == b'=' {
            self.complete(piece, sink);
        } else if end > 0 || self.is_begun() {
            self.complete(piece, sink);
            self.complete(b"", sink);
        }
        &chunk[end + 1..]
    }

    fn push_value<'a>(&mut self, chunk: &'a [u8], sink: &mut dyn Sink) -> &'a [u8] {
        match memchr(b'&', chunk) {
            Some(end) => {
                self.complete(&chunk[..end], sink);
                &chunk[end + 1..]
            }
            None => {
                self.take(chunk, sink);
                &[]
            }
        }
    }

    pub(super) fn end(&mut self, sink: &mut dyn Sink) {
        match self.pair.state {
            State::Name if self.is_begun() => {
                self.complete(b"", sink);
                self.complete(b"", sink);
            }
            State::Name => {}
            State::Value => self.complete(b"", sink),
            State::Text => self.pair.gather.finish_text(rest_of(self.pair.place), sink),
        }
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.pair.name.capacity() + self.pair.gather.held_bytes()
    }

    pub(super) fn shed(&mut self, sink: &mut dyn Sink) {
        let Pair { place, state, name, gather, .. } = &mut self.pair;
        name.shrink_to_fit();
        gather.shed(label(*state, *place, name), sink);
    }

    /// Whether a part of a name or value is held.
    fn is_begun(&self) -> bool {
        !self.pair.gather.is_empty() || self.percent.is_pending()
    }

    /// One piece of the present name or value, more of which is to come.
    fn take(&mut self, piece: &[u8], sink: &mut dyn Sink) {
        self.percent.push(piece, &mut |decoded| self.pair.hold(decoded, sink));
    }

    /// The last piece of the present name or value.
    fn complete(&mut self, piece: &[u8], sink: &mut dyn Sink) {
        if self.percent.is_plain(piece) {
            self.pair.finish(piece, sink);
        } else {
            self.take(piece, sink);
            self.percent.finish(&mut |decoded| self.pair.hold(decoded, sink));
            self.pair.finish(b"", sink);
        }
        self.leaves += 1;
    }
}

impl Pair {
    /// Decoded bytes, more of which are to come.
    fn hold(&mut self, decoded: &[u8], sink: &mut dyn Sink) {
        if self.state == State::Name {
            extend_cut(&mut self.name, decoded, self.location_bytes);
        }
        self.gather.push(decoded, label(self.state, self.place, &self.name), sink);
    }

    /// The last decoded bytes of a name or a value: emits it, and the other is next.
    fn finish(&mut self, decoded: &[u8], sink: &mut dyn Sink) {
        if self.state == State::Name {
            extend_cut(&mut self.name, decoded, self.location_bytes);
            self.gather.finish(decoded, Leaf::name(self.place, &self.name, b""), sink);
            self.state = State::Value;
        } else {
            self.gather.finish(decoded, Leaf::value(self.place, &self.name, b""), sink);
            self.name.clear();
            self.state = State::Name;
        }
    }
}

/// Where what is being read stands.
const fn label(state: State, place: Place, name: &[u8]) -> Leaf<'_> {
    match state {
        State::Name => Leaf::name(place, name, b""),
        State::Value => Leaf::value(place, name, b""),
        State::Text => rest_of(place),
    }
}

/// Where the bytes past the limit stand.
const fn rest_of(place: Place) -> Leaf<'static> {
    match place {
        Place::Form => BODY,
        place => Leaf::value(place, b"", b""),
    }
}

/// Reads a raw query (or anything of its form that is at hand whole): the pairs that a [`Form`]
/// reads, without a copy of what stands for itself.
pub fn query(raw: &[u8], place: Place, limits: &DecodeLimits, sink: &mut dyn Sink) {
    let mut gather = Gather::new(limits);
    let (mut names, mut values) = (Vec::new(), Vec::new());
    let (mut rest, mut leaves) = (raw, 0);
    while !rest.is_empty() {
        if leaves >= limits.leaves_max {
            sink.incomplete(Cause::Limit);
            gather.finish(rest, rest_of(place), sink);
            return;
        }
        let end = memchr(b'&', rest).unwrap_or(rest.len());
        let (pair, next) = (&rest[..end], rest.get(end + 1..).unwrap_or_default());
        rest = next;
        if pair.is_empty() {
            continue;
        }
        let equals = memchr(b'=', pair).unwrap_or(pair.len());
        let name = decoded(&pair[..equals], &mut names);
        let location = &name[..name.len().min(limits.location_bytes())];
        gather.finish(name, Leaf::name(place, location, b""), sink);
        let value = decoded(pair.get(equals + 1..).unwrap_or_default(), &mut values);
        gather.finish(value, Leaf::value(place, location, b""), sink);
        leaves += 2;
    }
}

/// What a name or value stands for: itself, or its decoded bytes in `buffer`.
fn decoded<'a>(raw: &'a [u8], buffer: &'a mut Vec<u8>) -> &'a [u8] {
    if memchr2(b'%', b'+', raw).is_none() {
        return raw;
    }
    buffer.clear();
    percent::decode_form(raw, buffer);
    buffer
}
