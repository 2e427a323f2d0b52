//! The request's body, as the inner service gets it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;

use super::BoxError;
use super::exchange::Exchange;
use super::reader::Reader;
use crate::engine::Inspection;

pin_project! {
    /// A request's body that inspects what is read through it.
    ///
    /// Nothing is read before the service reads. Then up to `body_hold_bytes_max` bytes are held
    /// until all of them were inspected, and handed on as they came, trailers too (only where more
    /// than a thousand frames are held, small ones are joined). Past that the body flows: each
    /// chunk is inspected before it is handed on. Where nothing can be refused (mode `detect`),
    /// and for gRPC, nothing is held.
    ///
    /// # Errors
    ///
    /// Those of the inner body, and [`Blocked`](super::Blocked) once, in place of bytes that hold
    /// an attack; then it is at its end.
    ///
    /// # What this does not protect from
    ///
    /// Past the hold, bytes from before the attack have reached the service: one that acts on
    /// half a body must be able to undo that. A client that waits for an answer to the first half
    /// of a small body before it sends the second waits for ever, unless the type is gRPC or the
    /// route is in mode `detect`.
    pub struct Body<B> {
        #[pin]
        inner: B,
        access: Access,
    }
}

enum Access {
    /// Nothing is inspected: the body is empty, or another layer of the same `Rasp` does it.
    Passing,
    Reading(Box<Reader>),
    Finished,
}

impl<B> Body<B> {
    pub(super) const fn passing(inner: B) -> Self {
        Self { inner, access: Access::Passing }
    }
}

impl<B: http_body::Body> Body<B> {
    pub(super) fn inspected(inner: B, mut inspection: Inspection, exchange: &Arc<Exchange>) -> Self {
        if !inspection.looks() {
            return Self::passing(inner);
        }
        if inner.is_end_stream() {
            inspection.end();
            return Self::passing(inner);
        }
        Self { inner, access: Access::Reading(Box::new(Reader::new(inspection, Arc::clone(exchange)))) }
    }

    #[cfg(test)]
    pub(super) const fn inner(&self) -> &B {
        &self.inner
    }

    /// The inner body, where there is nothing left to do for us.
    #[cfg(feature = "axum")]
    pub(super) fn into_passing(self) -> Result<B, Self> {
        if matches!(self.access, Access::Passing) { Ok(self.inner) } else { Err(self) }
    }
}

impl<B> http_body::Body for Body<B>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let body = self.project();
        match body.access {
            Access::Passing => body.inner.poll_frame(cx).map_err(Into::into),
            Access::Finished => Poll::Ready(None),
            Access::Reading(reader) => {
                let polled = reader.poll_frame(body.inner, cx);
                if polled.is_ready() && reader.is_finished() {
                    *body.access = Access::Finished;
                }
                polled
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.access {
            Access::Passing => self.inner.is_end_stream(),
            Access::Reading(reader) => reader.holds_nothing() && self.inner.is_end_stream(),
            Access::Finished => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.access {
            Access::Passing => self.inner.size_hint(),
            Access::Finished => SizeHint::with_exact(0),
            Access::Reading(reader) => {
                let (mut hint, held) = (self.inner.size_hint(), reader.held_bytes() as u64);
                if let Some(upper) = hint.upper() {
                    hint.set_upper(upper.saturating_add(held));
                }
                hint.set_lower(hint.lower().saturating_add(held));
                hint
            }
        }
    }
}
