//! The decoders of one body, and their share of the memory of all requests.

use super::inspection::decoder;
use crate::context::{RequestContext, Share};
use crate::decode::{BodyDecoder, DecodeLimits, Sink};

/// The decoders that read a body.
pub(super) struct Reading {
    decoder: BodyDecoder,
    share: Share,
}

/// Whether there was memory for what the decoders hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Enough,
    /// Values were looked at in smaller windows, and nothing else changed.
    Short,
    /// From here on the body is looked at as text, chunk by chunk.
    None,
}

impl Reading {
    pub(super) fn new(context: &RequestContext, limits: &DecodeLimits, sink: &mut dyn Sink) -> Self {
        Self { decoder: decoder(limits, context.head(), sink), share: context.share() }
    }

    /// Reads on, then settles what is held.
    pub(super) fn push(&mut self, chunk: &[u8], sink: &mut dyn Sink) -> Room {
        self.decoder.push(chunk, sink);
        if self.covers() {
            return Room::Enough;
        }
        self.decoder.shed(sink);
        if self.covers() {
            return Room::Short;
        }
        self.decoder.give_up(sink);
        self.covers();
        Room::None
    }

    fn covers(&mut self) -> bool {
        self.share.cover(self.decoder.held_bytes())
    }

    pub(super) fn end(&mut self, sink: &mut dyn Sink) {
        self.decoder.end(sink);
    }
}
