//! The future of the response: the inner one's answer, or ours in its place.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;

use super::exchange::Exchange;
use super::response_body::ResponseBody;

pin_project! {
    /// The response of a [`RaspService`](super::RaspService).
    ///
    /// When the request is refused while the inner service still works, its future is dropped and
    /// the refusal is answered at once.
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F> {
        /// Another layer of the same `Rasp` watches.
        Passing { #[pin] inner: F },
        Watching { #[pin] inner: F, exchange: Arc<Exchange> },
        Refused { response: Box<Response<Bytes>> },
        Done,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn passing(inner: F) -> Self {
        Self { state: State::Passing { inner } }
    }

    pub(super) const fn watching(inner: F, exchange: Arc<Exchange>) -> Self {
        Self { state: State::Watching { inner, exchange } }
    }

    pub(super) fn refused(response: Response<Bytes>) -> Self {
        Self { state: State::Refused { response: Box::new(response) } }
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<ResponseBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        let result = match state.as_mut().project() {
            StateProjection::Passing { inner } => {
                ready!(inner.poll(cx)).map(|response| response.map(ResponseBody::passing))
            }
            StateProjection::Watching { inner, exchange } => ready!(poll_inner(inner, exchange, cx))
                .unwrap_or_else(|| Ok(exchange.answer(true).map(ResponseBody::refusal))),
            StateProjection::Refused { response } => Ok(std::mem::take(&mut **response).map(ResponseBody::refusal)),
            StateProjection::Done => return Poll::Pending,
        };
        // What the inner service still does for this request ends here.
        state.set(State::Done);
        Poll::Ready(result)
    }
}

type Answered<R, E> = Result<Response<ResponseBody<R>>, E>;

/// The inner service's answer, or none when the request was refused meanwhile.
fn poll_inner<F, R, E>(
    inner: Pin<&mut F>,
    exchange: &Arc<Exchange>,
    cx: &mut Context<'_>,
) -> Poll<Option<Answered<R, E>>>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    let context = exchange.context();
    if context.is_refused() {
        return Poll::Ready(None);
    }
    let Poll::Ready(result) = inner.poll(cx) else {
        context.register_refusal_waker(cx.waker());
        // Asked after the waker is in place, so that a refusal from another task is not missed.
        return if context.is_refused() { Poll::Ready(None) } else { Poll::Pending };
    };
    if let Ok(response) = &result {
        exchange.answered(response);
    }
    if context.is_refused() {
        return Poll::Ready(None);
    }
    Poll::Ready(Some(result.map(|mut response| {
        response.extensions_mut().insert(Arc::clone(context));
        response.map(|body| ResponseBody::watching(body, Arc::clone(exchange)))
    })))
}
