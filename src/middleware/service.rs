//! The service: the head is decided here, before the inner service is called.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use super::BoxError;
use super::body::Body;
use super::exchange::Exchange;
use super::future::ResponseFuture;
use super::head;
use super::layer::RaspLayer;
use super::response_body::ResponseBody;
use crate::context::RequestContext;
use crate::engine::Inspection;
use crate::policy::Action;
use crate::telemetry::Recording;

/// A service that decodes and inspects each request before and while the inner one works on it.
///
/// Made by [`RaspLayer`].
#[derive(Clone, Debug)]
pub struct RaspService<S> {
    pub(super) inner: S,
    pub(super) layer: RaspLayer,
}

impl<S> RaspService<S> {
    /// The service within.
    pub const fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S, B, R> Service<Request<B>> for RaspService<S>
where
    S: Service<Request<Body<B>>, Response = Response<R>>,
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BoxError>,
    R: http_body::Body<Data = Bytes>,
    R::Error: Into<BoxError>,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The head is decided without waiting, so the very service that was found ready is
        // called, and no clone of it.
        match self.layer.begin(request) {
            Begun::Inspected(request, exchange) => ResponseFuture::watching(self.inner.call(request), exchange),
            Begun::Known(request) => ResponseFuture::passing(self.inner.call(request)),
            Begun::Refused(response) => ResponseFuture::refused(response),
        }
    }
}

/// What the head led to.
pub(super) enum Begun<B> {
    /// The request goes on, and what it does is watched.
    Inspected(Request<Body<B>>, Arc<Exchange>),
    /// The request goes on; another layer of the same `Rasp` watches it.
    Known(Request<Body<B>>),
    /// The request ends here.
    Refused(Response<Bytes>),
}

/// The contexts of the other `Rasp`s that a request met before the last one.
#[derive(Clone)]
struct Earlier(Vec<Arc<RequestContext>>);

impl RaspLayer {
    /// Inspects the head of a request, and wraps its body.
    pub(super) fn begin<B: http_body::Body>(&self, mut request: Request<B>) -> Begun<B> {
        if self.knows(&request) {
            return Begun::Known(request.map(Body::passing));
        }
        let snapshot = self.rasp.snapshot();
        let head = head::read(&request, &snapshot.clients);
        let mut recording = Recording::begin(snapshot.in_force(), head.time());
        recording.identify(snapshot.in_force(), request.extensions());
        let of_head = recording.head();
        let mut inspection = Inspection::head(Arc::clone(&snapshot.engine), head);
        // A body that is required and absent is decided with the head.
        if request.body().is_end_stream() {
            inspection.end();
        }
        drop(of_head);
        let context = Arc::clone(inspection.context());
        let exchange = Arc::new(Exchange::new(context, snapshot, self.answers.clone(), recording));
        if inspection.action() == Action::Block {
            return Begun::Refused(exchange.answer(false));
        }
        leave(&mut request, inspection.context());
        Begun::Inspected(request.map(|body| Body::inspected(body, inspection, &exchange)), exchange)
    }

    /// Whether a layer of the same `Rasp` inspects the request already. One that is concluded is
    /// another request, whose extensions were copied.
    fn knows<B>(&self, request: &Request<B>) -> bool {
        let inspects = |context: &RequestContext| self.rasp.inspected(context) && context.verdict().is_none();
        let Some(last) = request.extensions().get::<Arc<RequestContext>>() else {
            return false;
        };
        let earlier = request.extensions().get::<Earlier>().map_or(&[][..], |earlier| &earlier.0);
        inspects(last) || earlier.iter().any(|context| inspects(context))
    }
}

/// Puts a context into the request's extensions, and one of another `Rasp` aside.
fn leave<B>(request: &mut Request<B>, context: &Arc<RequestContext>) {
    let extensions = request.extensions_mut();
    let Some(last) = extensions.insert(Arc::clone(context)) else {
        return;
    };
    match extensions.get_mut::<Earlier>() {
        Some(earlier) => earlier.0.push(last),
        None => drop(extensions.insert(Earlier(vec![last]))),
    }
}
