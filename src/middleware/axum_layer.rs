//! The layer with axum's body on both sides. Bodies are boxed here, and only here.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::axum::body::Body as AxumBody;
use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::BoxError;
use super::body::Body;
use super::future::ResponseFuture;
use super::layer::RaspLayer;
use super::service::Begun;

/// A [`RaspLayer`] whose requests and responses keep `axum::body::Body`.
///
/// Made by [`RaspLayer::axum`]; for use above `axum::middleware::from_fn`, whose request has that
/// type. A request without a body is not boxed.
#[derive(Clone, Debug)]
pub struct AxumLayer {
    layer: RaspLayer,
}

impl AxumLayer {
    pub(super) const fn new(layer: RaspLayer) -> Self {
        Self { layer }
    }
}

impl<S> Layer<S> for AxumLayer {
    type Service = AxumService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AxumService { inner, layer: self.layer.clone() }
    }
}

/// A [`RaspService`](super::RaspService) whose requests and responses keep `axum::body::Body`.
#[derive(Clone, Debug)]
pub struct AxumService<S> {
    inner: S,
    layer: RaspLayer,
}

impl<S, R> Service<Request<AxumBody>> for AxumService<S>
where
    S: Service<Request<AxumBody>, Response = Response<R>>,
    R: http_body::Body<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    type Response = Response<AxumBody>;
    type Error = S::Error;
    type Future = AxumResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<AxumBody>) -> Self::Future {
        let future = match self.layer.begin(request) {
            Begun::Inspected(request, exchange) => {
                ResponseFuture::watching(self.inner.call(request.map(keep_body)), exchange)
            }
            Begun::Known(request) => ResponseFuture::passing(self.inner.call(request.map(keep_body))),
            Begun::Refused(response) => ResponseFuture::refused(response),
        };
        AxumResponseFuture { future }
    }
}

fn keep_body(body: Body<AxumBody>) -> AxumBody {
    match body.into_passing() {
        Ok(body) => body,
        Err(body) => AxumBody::new(body),
    }
}

pin_project! {
    /// The response of an [`AxumService`].
    pub struct AxumResponseFuture<F> {
        #[pin]
        future: ResponseFuture<F>,
    }
}

impl<F, R, E> Future for AxumResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: http_body::Body<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    type Output = Result<Response<AxumBody>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(self.project().future.poll(cx));
        Poll::Ready(result.map(|response| response.map(AxumBody::new)))
    }
}
