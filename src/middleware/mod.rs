//! The only place that knows tower, http and async.
//!
//! A request comes to [`RaspService`]; `head.rs` makes the core's head of it, and the engine
//! decides on that before the inner service is called. The inner service gets the request with a
//! [`Body`] that inspects what is read through it. Whoever refuses later (the body, a guard) sets
//! a flag in the request's context and wakes the [`ResponseFuture`], which drops the inner future
//! or its response and answers in its place; once the response has begun, [`ResponseBody`] breaks
//! it off. `exchange.rs` fixes and records the verdict when both bodies are done.
//!
//! # What this does not protect from
//!
//! - A body that the service does not read is not inspected (cause `unread`), and neither is what
//!   follows an upgrade (cause `upgrade`).
//! - Past `body_hold_bytes_max`, bytes from before the attack have already reached the service.
//! - What the server refuses or repairs before us (request smuggling by two lengths, a raw `<` in
//!   the target) is never seen here.
//! - A service that is called beside the layer, for example by a second listener.

mod accept;
mod answer;
#[cfg(feature = "axum")]
mod axum_layer;
mod blocked;
mod body;
#[cfg(feature = "schema")]
mod builder;
mod client_address;
mod exchange;
mod future;
mod head;
mod invalid;
mod layer;
mod reader;
mod response_body;
mod service;

use bytes::Bytes;
use http::Request;

use crate::engine::Inspection;
use crate::policy::Verdict;
use crate::rasp::Rasp;
use crate::telemetry::{Outcome, Recording};

#[cfg(feature = "axum")]
pub use axum_layer::{AxumLayer, AxumResponseFuture, AxumService};
pub use blocked::Blocked;
pub use body::Body;
pub use client_address::PeerAddress;
pub use future::ResponseFuture;
pub use layer::RaspLayer;
pub use response_body::ResponseBody;
pub use service::RaspService;

/// The error of a body that may be ours or that of the body within.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Bytes that are inspected in one go; after that a task yields to others.
const SLICE_BYTES: usize = 65_536;

impl Rasp {
    /// A layer that protects what it is put around.
    #[must_use]
    pub fn layer(&self) -> RaspLayer {
        RaspLayer::new(self.clone())
    }

    /// Inspects a request in memory, without any middleware, and records the verdict as the layer
    /// would. All of the request is inspected, also where its head is reason enough to refuse it.
    ///
    /// The verdict is final. It costs the length of the request, all at once.
    #[must_use]
    pub fn inspect(&self, request: &Request<Bytes>) -> Verdict {
        let snapshot = self.snapshot();
        let head = head::read(request, &snapshot.clients);
        let mut recording = Recording::begin(snapshot.in_force(), head.time());
        recording.identify(snapshot.in_force(), request.extensions());
        let body = request.body();
        let of_head = recording.head();
        let mut inspection = Inspection::head(snapshot.engine.clone(), head);
        if body.is_empty() {
            inspection.end();
        }
        drop(of_head);
        if !body.is_empty() {
            recording.body(body.len(), || {
                for slice in slices(body) {
                    inspection.chunk(&slice);
                }
                inspection.end();
            });
        }
        let context = inspection.context();
        let (verdict, _) = context.conclude(|| snapshot.engine.judge(context));
        let outcome = Outcome { status: None, handler_ran: false };
        recording.concluded(snapshot.in_force(), context, &verdict, outcome);
        Verdict::clone(&verdict)
    }

    /// [`inspect`](Self::inspect) without recording anything, for benchmarks: the side that the cost of recording is
    /// compared with.
    #[doc(hidden)]
    #[must_use]
    pub fn inspect_unrecorded(&self, request: &Request<Bytes>) -> Verdict {
        let snapshot = self.snapshot();
        let mut inspection = Inspection::head(snapshot.engine.clone(), head::read(request, &snapshot.clients));
        for slice in slices(request.body()) {
            inspection.chunk(&slice);
        }
        inspection.end();
        let context = inspection.context();
        let (verdict, _) = context.conclude(|| snapshot.engine.judge(context));
        Verdict::clone(&verdict)
    }
}

fn slices(body: &Bytes) -> impl Iterator<Item = Bytes> {
    (0..body.len()).step_by(SLICE_BYTES).map(|start| body.slice(start..body.len().min(start + SLICE_BYTES)))
}

#[cfg(all(test, feature = "otel", feature = "schema"))]
mod panic_tests;
#[cfg(test)]
mod tests;
