//! The request's own inputs, for guards: ranges into its refcounted bytes where a value came as it
//! is, and copies where decoding changed it. Those of the body are kept as they come; the head is
//! there to the end, and its inputs are read from it when somebody asks.

use std::cell::LazyCell;
use std::ops::Range;

use bytes::Bytes;

use super::budget::Share;
use crate::decode::{self, DecodeLimits, Sink};
use crate::input::{Aspect, Cause, Head, Leaf, Location, Notice};

/// The least by which a list of the inputs grows.
const GROWTH_BYTES_MIN: usize = 512;

/// One kept input.
#[derive(Clone)]
pub struct Input {
    /// Where it stood.
    pub location: Location,
    /// Its decoded bytes, refcounted.
    pub value: Bytes,
}

// Values stay out of logs.
impl std::fmt::Debug for Input {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Input({}, {} bytes)", self.location.to_redacted_string(), self.value.len())
    }
}

/// A range; there are many, and none is of more bytes than that.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn of(range: &Range<usize>) -> Option<Self> {
        Some(Self { start: range.start.try_into().ok()?, end: range.end.try_into().ok()? })
    }

    const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Where the bytes of a value lie.
enum Place {
    /// In a buffer of the request.
    Source(u32, Span),
    /// In the arena of decoded values.
    Decoded(Span),
}

struct Entry {
    place: crate::input::Place,
    name: Span,
    aspect: AspectKind,
    value: Place,
}

enum AspectKind {
    Value,
    Filename,
    Header(Span),
}

/// The kept inputs of one request.
pub(super) struct Inputs {
    sources: Vec<Bytes>,
    arena: Vec<u8>,
    entries: Vec<Entry>,
    /// Whether the last of the sources is the chunk in hand.
    chunk_kept: bool,
    /// What is held of the budget; none before there is a body.
    share: Option<Share>,
    bytes_left: usize,
    whole: bool,
}

impl Inputs {
    pub(super) const fn new(bytes_max: usize) -> Self {
        Self {
            sources: Vec::new(),
            arena: Vec::new(),
            entries: Vec::new(),
            chunk_kept: false,
            share: None,
            bytes_left: bytes_max,
            whole: true,
        }
    }

    /// A new buffer begins; leaves may lie in it.
    pub(super) fn begin_source(&mut self, share: &Share) {
        self.share.get_or_insert_with(|| share.another());
        self.chunk_kept = false;
    }

    /// Keeps a leaf: as a range where it lies in `source`, else as a copy. Names are inspected
    /// and not kept; what was dropped for a limit is remembered as a fact.
    pub(super) fn keep(&mut self, leaf: &Leaf<'_>, source: &Bytes) {
        if !is_input(leaf) {
            return;
        }
        let Some(value) = self.store_value(leaf.value, source) else {
            self.whole = false;
            return;
        };
        let header = if let Aspect::Header(name) = leaf.aspect { name } else { b"" };
        let (Some(name), Some(header)) = (self.copy(leaf.name), self.copy(header)) else {
            self.whole = false;
            return;
        };
        let aspect = match leaf.aspect {
            Aspect::Filename => AspectKind::Filename,
            Aspect::Header(_) => AspectKind::Header(header),
            Aspect::Value | Aspect::Name => AspectKind::Value,
        };
        if self.room(1, |inputs| &mut inputs.entries).is_none() {
            self.whole = false;
            return;
        }
        self.entries.push(Entry { place: leaf.place, name, aspect, value });
    }

    fn store_value(&mut self, value: &[u8], source: &Bytes) -> Option<Place> {
        let Some(range) = range_within(value, source) else {
            return self.copy(value).map(Place::Decoded);
        };
        if !self.chunk_kept {
            self.room(1, |inputs| &mut inputs.sources)?;
            self.bytes_left = self.bytes_left.checked_sub(source.len())?;
            if !self.share.as_mut()?.take(source.len()) {
                return None;
            }
            self.sources.push(source.clone());
            self.chunk_kept = true;
        }
        let index = u32::try_from(self.sources.len() - 1).ok()?;
        Some(Place::Source(index, Span::of(&range)?))
    }

    fn copy(&mut self, bytes: &[u8]) -> Option<Span> {
        if bytes.is_empty() {
            return Some(Span { start: 0, end: 0 });
        }
        self.room(bytes.len(), |inputs| &mut inputs.arena)?;
        let start = self.arena.len();
        self.arena.extend_from_slice(bytes);
        Span::of(&(start..self.arena.len()))
    }

    /// Makes room for so many more of what `list` holds, within the limit and the budget.
    fn room<T>(&mut self, count: usize, list: impl Fn(&mut Self) -> &mut Vec<T>) -> Option<()> {
        let left = self.bytes_left.checked_sub(count * size_of::<T>())?;
        let held = list(self);
        if held.capacity() - held.len() < count {
            let more = count.max(held.capacity()).max(GROWTH_BYTES_MIN / size_of::<T>());
            if !self.share.as_mut()?.take(more * size_of::<T>()) {
                return None;
            }
            list(self).reserve_exact(more);
        }
        self.bytes_left = left;
        Some(())
    }

    pub(super) const fn whole(&self) -> bool {
        self.whole
    }

    /// The kept inputs that are wanted, after those of the head.
    pub(super) fn matching(
        &self,
        head: &Head,
        limits: &DecodeLimits,
        wanted: impl Fn(&Leaf<'_>) -> bool,
    ) -> Vec<Input> {
        let arena = LazyCell::new(|| Bytes::copy_from_slice(&self.arena));
        let input = |entry: &Entry| {
            let aspect = match &entry.aspect {
                AspectKind::Value => Aspect::Value,
                AspectKind::Filename => Aspect::Filename,
                AspectKind::Header(name) => Aspect::Header(&self.arena[name.range()]),
            };
            let leaf = Leaf { place: entry.place, name: &self.arena[entry.name.range()], aspect, value: b"" };
            wanted(&leaf).then(|| {
                let value = match &entry.value {
                    Place::Source(index, span) => self.sources[*index as usize].slice(span.range()),
                    Place::Decoded(span) => arena.slice(span.range()),
                };
                Input { location: Location::of(&leaf), value }
            })
        };
        let mut of_head = OfHead { source: head.bytes(), wanted: &wanted, inputs: Vec::new() };
        decode::head(head, limits, &mut of_head);
        of_head.inputs.extend(self.entries.iter().filter_map(input));
        of_head.inputs
    }
}

/// Names are inspected, and nobody looks for them at a sink.
fn is_input(leaf: &Leaf<'_>) -> bool {
    !matches!(leaf.aspect, Aspect::Name) && !leaf.value.is_empty()
}

/// Takes the inputs of a head.
struct OfHead<'a, W> {
    source: &'a Bytes,
    wanted: W,
    inputs: Vec<Input>,
}

impl<W: Fn(&Leaf<'_>) -> bool> Sink for OfHead<'_, W> {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        if is_input(&leaf) && (self.wanted)(&leaf) {
            let value = match range_within(leaf.value, self.source) {
                Some(range) => self.source.slice(range),
                None => Bytes::copy_from_slice(leaf.value),
            };
            self.inputs.push(Input { location: Location::of(&leaf), value });
        }
    }

    // The inspection has told both.
    fn incomplete(&mut self, _: Cause) {}

    fn notice(&mut self, _: Notice) {}
}

/// Where `value` lies in `source`, when it is a part of it and no copy.
fn range_within(value: &[u8], source: &[u8]) -> Option<Range<usize>> {
    let start = (value.as_ptr() as usize).checked_sub(source.as_ptr() as usize)?;
    (start + value.len() <= source.len()).then_some(start..start + value.len())
}
