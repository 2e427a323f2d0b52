//! Reads a body for the service: inspects, holds, hands on.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::Frame;

use super::blocked::Blocked;
use super::exchange::Exchange;
use super::{BoxError, SLICE_BYTES};
use crate::context::Share;
use crate::engine::Inspection;
use crate::input::Cause;
use crate::policy::Action;

/// Past so many held frames, further bytes are copied together: a client that sends bytes one by
/// one must not make each cost a frame.
const HELD_FRAMES_MAX: usize = 1024;

/// What a body in reading has come to.
pub(super) struct Reader {
    inspection: Inspection,
    exchange: Arc<Exchange>,
    /// Whether anything can be refused. If not, inspection runs beside: it never makes wait.
    enforces: bool,
    /// Bytes that came and are not inspected to their end: the whole chunk, and how far.
    chunk: Option<(Bytes, usize)>,
    held: Held,
    /// Whether what is held may be handed on.
    released: bool,
    /// Bytes inspected since the task last let others run.
    spent: usize,
    /// Whether a poll was answered with nothing though there was more to inspect.
    yielded: bool,
    /// How the inner body came to its end, while leaves wait to be looked at.
    ending: Option<End>,
    end: End,
}

enum End {
    /// The inner body goes on.
    Open,
    /// It is at its end, and so is the inspection.
    Ended,
    /// It broke off; the service gets its error after what came before.
    Failed(BoxError),
    /// Nothing more is handed on.
    Finished,
}

impl Reader {
    pub(super) fn new(inspection: Inspection, exchange: Arc<Exchange>) -> Self {
        let enforces = inspection.enforces();
        let released = !enforces || is_grpc(&inspection) && !inspection.wants_whole_body();
        let held = Held::new(inspection.context().share());
        exchange.set_reading(true);
        Self {
            inspection,
            exchange,
            enforces,
            chunk: None,
            held,
            released,
            spent: 0,
            yielded: false,
            ending: None,
            end: End::Open,
        }
    }

    /// The next frame that may be handed on.
    pub(super) fn poll_frame<B>(
        &mut self,
        mut inner: Pin<&mut B>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        loop {
            if self.inspection.context().is_refused() {
                self.finish();
                return Poll::Ready(Some(Err(Blocked::new(self.inspection.context().id()).into())));
            }
            if self.released && !self.inspection.waits() {
                if let Some(frame) = self.held.pop() {
                    if self.held.is_empty() && matches!(self.end, End::Ended) && !self.yielded {
                        self.finish();
                    }
                    return Poll::Ready(Some(Ok(frame)));
                }
                match std::mem::replace(&mut self.end, End::Finished) {
                    End::Open => self.end = End::Open,
                    // Who polls twice in one task (multer does) must not get all that was held and
                    // the end of it in the second poll, after a first that had nothing.
                    End::Ended if std::mem::take(&mut self.yielded) => {
                        self.end = End::Ended;
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    End::Ended | End::Finished => return Poll::Ready(None),
                    End::Failed(error) => return Poll::Ready(Some(Err(error))),
                }
            }
            ready!(self.advance(inner.as_mut(), cx));
        }
    }

    /// One step: takes a frame from the inner body, or inspects a slice of one.
    fn advance<B>(&mut self, mut inner: Pin<&mut B>, cx: &mut Context<'_>) -> Poll<()>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        if self.enforces && self.spent >= SLICE_BYTES {
            self.spent = 0;
            self.yielded = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.inspection.waits() {
            self.exchange.recording().body(0, || self.inspection.drain(SLICE_BYTES));
            self.spent += SLICE_BYTES;
            return Poll::Ready(());
        }
        if let Some(end) = self.ending.take() {
            self.exchange.set_reading(false);
            self.end = end;
            self.released = true;
            return Poll::Ready(());
        }
        if let Some((chunk, done)) = self.chunk.take() {
            self.inspect_slice(chunk, done);
        } else {
            let Poll::Ready(frame) = inner.as_mut().poll_frame(cx) else {
                self.spent = 0;
                return Poll::Pending;
            };
            match frame {
                Some(Ok(frame)) => self.take_in(frame),
                Some(Err(error)) => self.end(End::Failed(error.into())),
                None => self.end(End::Ended),
            }
        }
        // A service may stop reading once the body says that it is at its end.
        if self.chunk.is_none() && self.is_open() && inner.is_end_stream() {
            self.end(End::Ended);
        }
        Poll::Ready(())
    }

    fn take_in(&mut self, frame: Frame<Bytes>) {
        match frame.into_data() {
            Ok(bytes) => self.inspect_slice(bytes, 0),
            Err(frame) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.inspect_trailers(trailers);
                }
                self.held.push(frame);
            }
        }
    }

    fn inspect_slice(&mut self, chunk: Bytes, done: usize) {
        let end = chunk.len().min(done.saturating_add(SLICE_BYTES));
        let slice = chunk.slice(done..end);
        let (inspection, enforces) = (&mut self.inspection, self.enforces);
        self.exchange.recording().body(slice.len(), || {
            if enforces {
                inspection.take_chunk(&slice);
            } else {
                inspection.chunk(&slice);
            }
        });
        self.spent += end - done;
        if end < chunk.len() {
            self.chunk = Some((chunk, end));
        } else {
            self.hold(chunk);
        }
    }

    fn inspect_trailers(&mut self, trailers: &HeaderMap) {
        self.exchange.recording().body(0, || {
            for (name, value) in trailers {
                self.inspection.trailer(name.as_str().as_bytes(), value.as_bytes());
            }
        });
    }

    /// Holds a chunk, or lets everything flow when there is no room for it.
    fn hold(&mut self, chunk: Bytes) {
        if !self.released {
            if self.held.bytes() + chunk.len() > self.exchange.hold_bytes_max() {
                self.released = true;
            } else if !self.held.reserve(chunk.len()) {
                self.released = true;
                self.inspection.incomplete(Cause::Budget);
            }
        }
        self.held.push_data(chunk);
    }

    /// The inner body is at its end; what waited for that is looked at slice by slice.
    fn end(&mut self, end: End) {
        let (inspection, enforces) = (&mut self.inspection, self.enforces);
        self.exchange.recording().body(0, || {
            if enforces {
                inspection.take_end();
            } else {
                inspection.end();
            }
        });
        self.ending = Some(end);
    }

    /// Whether the inner body goes on.
    const fn is_open(&self) -> bool {
        self.ending.is_none() && matches!(self.end, End::Open)
    }

    /// Nothing more is handed on, and nothing is held any longer.
    fn finish(&mut self) {
        self.held.clear();
        self.chunk = None;
        self.end = End::Finished;
    }

    /// Whether there is nothing more to come.
    pub(super) const fn is_finished(&self) -> bool {
        matches!(self.end, End::Finished)
    }

    pub(super) fn holds_nothing(&self) -> bool {
        self.chunk.is_none() && self.held.is_empty() && self.ending.is_none() && !matches!(self.end, End::Failed(_))
    }

    /// Bytes that the inner body has given and the service has not got.
    pub(super) fn held_bytes(&self) -> usize {
        self.held.bytes() + self.chunk.as_ref().map_or(0, |(chunk, _)| chunk.len())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.exchange.set_reading(false);
        if self.inspection.action() == Action::Block {
            // It may have been dropped while leaves waited.
            self.inspection.context().refuse();
        } else if matches!(self.end, End::Open) {
            self.exchange.body_unread();
        }
    }
}

/// gRPC clients may wait for an answer to each message. What a schema speaks of is held all the same.
fn is_grpc(inspection: &Inspection) -> bool {
    inspection.context().head().header("content-type").any(super::answer::is_grpc)
}

/// Frames that were inspected and not handed on.
struct Held {
    frames: VecDeque<Frame<Bytes>>,
    /// What comes after the frames, copied together.
    joined: BytesMut,
    bytes: usize,
    share: Share,
}

impl Held {
    fn new(share: Share) -> Self {
        Self { frames: VecDeque::new(), joined: BytesMut::new(), bytes: 0, share }
    }

    /// Takes memory for so many bytes, which are pushed next.
    fn reserve(&mut self, bytes: usize) -> bool {
        self.share.take(cost(bytes))
    }

    fn push_data(&mut self, chunk: Bytes) {
        self.bytes += chunk.len();
        if self.frames.len() < HELD_FRAMES_MAX {
            self.frames.push_back(Frame::data(chunk));
        } else {
            self.joined.extend_from_slice(&chunk);
        }
    }

    fn push(&mut self, frame: Frame<Bytes>) {
        let joined = self.take_joined();
        self.frames.extend(joined);
        self.frames.push_back(frame);
    }

    fn take_joined(&mut self) -> Option<Frame<Bytes>> {
        (!self.joined.is_empty()).then(|| Frame::data(self.joined.split().freeze()))
    }

    fn pop(&mut self) -> Option<Frame<Bytes>> {
        let frame = self.frames.pop_front().or_else(|| self.take_joined())?;
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        self.bytes -= bytes;
        self.share.release(cost(bytes));
        Some(frame)
    }

    fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.joined.is_empty()
    }

    const fn bytes(&self) -> usize {
        self.bytes
    }

    fn clear(&mut self) {
        self.frames.clear();
        self.joined.clear();
        self.bytes = 0;
        self.share.release(usize::MAX);
    }
}

/// What a held chunk costs of the budget.
const fn cost(bytes: usize) -> usize {
    bytes.saturating_add(size_of::<Frame<Bytes>>())
}
