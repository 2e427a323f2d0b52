//! The response's body: the inner one's, or that of our answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::BoxError;
use super::blocked::Blocked;
use super::exchange::Exchange;

pin_project! {
    /// The body of a response: the inner service's, frame by frame as it comes, or the answer to
    /// a refused request.
    ///
    /// When the request is refused after the response has begun, the body ends with a
    /// [`Blocked`] error, by which the server resets the stream or closes the connection.
    pub struct ResponseBody<R> {
        #[pin]
        kind: Kind<R>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<R> {
        /// Without `exchange` nothing is watched any more.
        Inner { #[pin] body: R, exchange: Option<Arc<Exchange>>, broken: bool },
        Refusal { bytes: Option<Bytes> },
    }
}

impl<R> ResponseBody<R> {
    pub(super) const fn passing(body: R) -> Self {
        Self { kind: Kind::Inner { body, exchange: None, broken: false } }
    }

    pub(super) const fn watching(body: R, exchange: Arc<Exchange>) -> Self {
        Self { kind: Kind::Inner { body, exchange: Some(exchange), broken: false } }
    }

    pub(super) fn refusal(bytes: Bytes) -> Self {
        Self { kind: Kind::Refusal { bytes: (!bytes.is_empty()).then_some(bytes) } }
    }
}

impl<R> Body for ResponseBody<R>
where
    R: Body<Data = Bytes>,
    R::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.project().kind.project() {
            KindProjection::Refusal { bytes } => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            KindProjection::Inner { broken: true, .. } => Poll::Ready(None),
            KindProjection::Inner { mut body, exchange, broken } => {
                if let Some(blocked) = refused(exchange) {
                    *broken = true;
                    *exchange = None;
                    return Poll::Ready(Some(Err(blocked.into())));
                }
                let polled = body.as_mut().poll_frame(cx);
                match &polled {
                    Poll::Pending => return wait(exchange, broken, cx),
                    Poll::Ready(Some(Ok(_))) if !body.is_end_stream() => {}
                    Poll::Ready(_) => *exchange = None,
                }
                polled.map_err(Into::into)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { body, broken, .. } => *broken || body.is_end_stream(),
            Kind::Refusal { bytes } => bytes.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Inner { broken: true, .. } => SizeHint::with_exact(0),
            Kind::Inner { body, .. } => body.size_hint(),
            Kind::Refusal { bytes } => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
        }
    }
}

fn refused(exchange: &Option<Arc<Exchange>>) -> Option<Blocked> {
    let context = exchange.as_ref()?.context();
    context.is_refused().then(|| Blocked::new(context.id()))
}

/// Waits for the inner body, or for a refusal by whoever still works on the request.
fn wait(
    exchange: &mut Option<Arc<Exchange>>,
    broken: &mut bool,
    cx: &Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
    if let Some(exchange) = exchange {
        exchange.context().register_refusal_waker(cx.waker());
    }
    let Some(blocked) = refused(exchange) else {
        return Poll::Pending;
    };
    *broken = true;
    *exchange = None;
    Poll::Ready(Some(Err(blocked.into())))
}
