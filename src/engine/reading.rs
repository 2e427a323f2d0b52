//! The decoders of one body, and their share of the memory of all requests.

use super::inspection::decoder;
use crate::context::{RequestContext, Share};
use crate::decode::{BodyDecoder, DecodeLimits, Sink};

/// The decoders that read a body.
pub(super) struct Reading {
    decoder: BodyDecoder,
    share: Share,
}

impl Reading {
    pub(super) fn new(context: &RequestContext, limits: &DecodeLimits, sink: &mut dyn Sink) -> Self {
        Self { decoder: decoder(limits, context.head(), sink), share: context.share() }
    }

    pub(super) fn push(&mut self, chunk: &[u8], sink: &mut dyn Sink) {
        self.decoder.push(chunk, sink);
    }

    /// Settles what the decoders hold with the memory of all requests; false when there is not enough.
    pub(super) fn has_room(&mut self) -> bool {
        self.share.cover(self.decoder.held_bytes())
    }

    /// Gives memory back: values are looked at in smaller windows. If that is not enough, from here on the
    /// body is looked at as text, chunk by chunk.
    pub(super) fn make_room(&mut self, sink: &mut dyn Sink) {
        self.decoder.shed(sink);
        if !self.has_room() {
            self.decoder.give_up(sink);
            self.share.cover(0);
        }
    }

    pub(super) fn end(&mut self, sink: &mut dyn Sink) {
        self.decoder.end(sink);
    }
}
