//! Leaves of a body that wait for its end.
//!
//! What a schema pins is looked at by detectors only if the body turns out not to be valid, which is
//! rare. So no leaf is kept for that: the bytes are, and from them it is read again.

use crate::decode::{BodyDecoder, DecodeLimits, Sink};
use crate::input::{Cause, Head, Leaf, Notice};
use crate::schema::Prospect;

use super::inspection::decoder;

/// One leaf of a body of some size, on average, names included; room is made for so many.
const BYTES_A_LEAF: usize = 8;
/// And for those of no more bytes than these at once.
const RESERVED_BYTES_MAX: usize = 1 << 14;

/// A body of which not every leaf was looked at yet.
#[derive(Default)]
pub(super) struct Waiting {
    bytes: Vec<u8>,
    /// Where each chunk ends. Where several decoders read one body, its leaves come in the same order
    /// only if the chunks are the same.
    ends: Vec<usize>,
    /// What was told of each leaf.
    prospects: Vec<Prospect>,
    /// Whether of some leaf nothing is known before the end, and whether of some a fact is, if the
    /// body is valid.
    has_unknown: bool,
    has_facts: bool,
    again: Option<Again>,
}

/// The second reading.
struct Again {
    decoder: Box<BodyDecoder>,
    next_chunk: usize,
    next_leaf: usize,
}

impl Waiting {
    /// A chunk is read next.
    pub(super) fn chunk(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len());
        self.prospects.reserve(bytes.len().min(RESERVED_BYTES_MAX) / BYTES_A_LEAF);
    }

    /// A leaf was read, of which so much was told.
    pub(super) fn leaf(&mut self, prospect: Prospect) {
        self.has_unknown |= matches!(prospect, Prospect::Later(_));
        self.has_facts |= matches!(prospect, Prospect::Fact(_));
        self.prospects.push(prospect);
    }

    /// Whether any leaf is to be looked at yet; with those or without of which a fact was told.
    pub(super) const fn is_needed(&self, with_facts: bool) -> bool {
        self.has_unknown || self.has_facts && with_facts
    }

    /// Whether there is anything to read again.
    pub(super) const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes that it holds.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes.capacity()
            + self.ends.capacity() * size_of::<usize>()
            + self.prospects.capacity() * size_of::<Prospect>()
    }

    /// Reads one chunk again, and hands out its leaves with what was told of each. Answers how much it
    /// read. After the last chunk it is empty.
    pub(super) fn read_again(
        &mut self,
        head: &Head,
        limits: &DecodeLimits,
        look: &mut dyn FnMut(&Leaf<'_>, Prospect),
    ) -> usize {
        let prospects = &self.prospects;
        let again = self.again.get_or_insert_with(|| Again {
            decoder: Box::new(decoder(
                limits,
                head,
                &mut Leaves { prospects, next_leaf: &mut 0, look: &mut |_, _| {} },
            )),
            next_chunk: 0,
            next_leaf: 0,
        });
        let mut leaves = Leaves { prospects, next_leaf: &mut again.next_leaf, look };
        let start = again.next_chunk.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0);
        let end = self.ends.get(again.next_chunk).copied().unwrap_or(start);
        again.decoder.push(self.bytes.get(start..end).unwrap_or_default(), &mut leaves);
        again.next_chunk += 1;
        if again.next_chunk >= self.ends.len() {
            again.decoder.end(&mut leaves);
            *self = Self::default();
        }
        end - start
    }
}

/// Counts the leaves as they come again. Those that were not read the first time are none.
struct Leaves<'a> {
    prospects: &'a [Prospect],
    next_leaf: &'a mut usize,
    look: &'a mut dyn FnMut(&Leaf<'_>, Prospect),
}

impl Sink for Leaves<'_> {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        if let Some(&prospect) = self.prospects.get(*self.next_leaf) {
            *self.next_leaf += 1;
            (self.look)(&leaf, prospect);
        }
    }

    // The first reading has told both.
    fn incomplete(&mut self, _: Cause) {}

    fn notice(&mut self, _: Notice) {}
}
