//! The layer, and what is given to it in code.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use tower_layer::Layer;

use super::answer::Answers;
use super::service::RaspService;
use crate::context::RequestContext;
use crate::policy::{ValidationError, Verdict};
use crate::rasp::Rasp;

/// Protects the service that it is put around. Cheap to clone.
///
/// The default is the built-in policy: everything that is certain is refused. For one of your
/// own, build a [`Rasp`] and take its [`layer`](Rasp::layer).
///
/// The inner service gets a `Request<Body<B>>`, and the response becomes a
/// `Response<ResponseBody<R>>`; the error type stays, since a refusal is a response. Below it in
/// axum, `axum::middleware::from_fn` asks for axum's own body: see `axum` (feature `axum`).
///
/// # Where to put it
///
/// From outermost to innermost: trace and request id, catch-panic, timeouts, this, decompression,
/// authentication, routes. In axum `Router::layer` is the place: there the matched route is known,
/// and requests for unknown paths are seen too. `route_layer` does not see those. Around the whole
/// router (`layer.layer(router)`) no route is known, so no setting for a route holds.
///
/// A request that meets two layers of the same [`Rasp`] is inspected once; a different one
/// inspects again, and the stricter action holds. What a middleware between the two changes is not
/// inspected again: put a layer of another `Rasp` below what decodes or rewrites requests.
///
/// # What is left in the extensions
///
/// The request and the response carry an `Arc<`[`RequestContext`]`>`; its
/// [`verdict`](RequestContext::verdict) fills when both bodies are done. A refusal carries the
/// final `Arc<`[`Verdict`]`>` besides.
#[derive(Clone)]
pub struct RaspLayer {
    pub(super) rasp: Rasp,
    pub(super) answers: Answers,
}

impl RaspLayer {
    pub(super) fn new(rasp: Rasp) -> Self {
        Self { rasp, answers: Answers::default() }
    }

    /// Answers refused requests by a function of your own, in place of the built-in answer and of
    /// what the configuration says about it.
    ///
    /// What the answer tells, it tells an attacker: keep to the incident id,
    /// [`RequestContext::id`].
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::Response;
    /// use tower_rasp::Rasp;
    ///
    /// let layer = Rasp::default().layer().respond(|_verdict, context| {
    ///     let mut response = Response::new(Bytes::from(format!("refused: {}", context.id())));
    ///     *response.status_mut() = http::StatusCode::BAD_REQUEST;
    ///     response
    /// });
    /// ```
    #[must_use]
    pub fn respond(
        mut self,
        respond: impl Fn(&Verdict, &RequestContext) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.answers.all = Some(Arc::new(respond));
        self
    }

    /// Answers requests that are refused only because they are not as their schema says, by a function
    /// of your own: as the service's own errors look. It gets what is wrong, in the order of reading;
    /// no value of the request is in it. Every other refusal is answered as ever.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::Response;
    /// use tower_rasp::Rasp;
    ///
    /// let layer = Rasp::default().layer().respond_invalid(|errors, _context| {
    ///     let lines: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.location, error.message)).collect();
    ///     let mut response = Response::new(Bytes::from(lines.join("\n")));
    ///     *response.status_mut() = http::StatusCode::BAD_REQUEST;
    ///     response
    /// });
    /// ```
    #[must_use]
    pub fn respond_invalid(
        mut self,
        respond: impl Fn(&[ValidationError], &RequestContext) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.answers.invalid = Some(Arc::new(respond));
        self
    }

    /// The same layer with axum's body type on both sides, for use above
    /// `axum::middleware::from_fn` and whatever else asks for it.
    #[cfg(feature = "axum")]
    #[must_use]
    pub const fn axum(self) -> super::AxumLayer {
        super::AxumLayer::new(self)
    }
}

/// The built-in policy: mode `enforce`, paranoia 1, every category.
impl Default for RaspLayer {
    fn default() -> Self {
        Rasp::default().layer()
    }
}

impl<S> Layer<S> for RaspLayer {
    type Service = RaspService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RaspService { inner, layer: self.clone() }
    }
}

impl fmt::Debug for RaspLayer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RaspLayer").field("rasp", &self.rasp).finish_non_exhaustive()
    }
}
