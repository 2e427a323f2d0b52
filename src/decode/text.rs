//! The whole body as one value.
//!
//! # What this does not protect from
//!
//! A format inside the text is not taken apart here; another decoder may read the same bytes.

use super::DecodeLimits;
use super::Sink;
use super::gather::Gather;
use crate::input::Leaf;
use crate::input::Place;

/// Where bytes stand that belong to no format.
pub(super) const BODY: Leaf<'static> = Leaf::value(Place::Body, b"", b"");

/// Reads a body as text, in windows.
pub struct Text {
    gather: Gather,
}

impl Text {
    pub(super) fn new(limits: &DecodeLimits) -> Self {
        Self { gather: Gather::new(limits) }
    }

    pub(super) fn push(&mut self, chunk: &[u8], sink: &mut dyn Sink) {
        self.gather.push(chunk, BODY, sink);
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.gather.held_bytes()
    }

    pub(super) fn shed(&mut self, sink: &mut dyn Sink) {
        self.gather.shed(BODY, sink);
    }

    pub(super) fn end(&mut self, sink: &mut dyn Sink) {
        self.gather.finish_text(BODY, sink);
    }
}
