//! One request and its response: what both bodies share, and the end of both.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};

use bytes::Bytes;
use http::{Response, StatusCode};

use super::answer::{self, Answers};
use crate::context::RequestContext;
use crate::input::Cause;
use crate::policy::Action;
use crate::rasp::Snapshot;
use crate::telemetry::{Outcome, Recording};

/// What the future, the request's body and the response's body share. When the last of them is
/// done, or when the request is refused, the verdict is fixed and recorded.
pub(super) struct Exchange {
    context: Arc<RequestContext>,
    snapshot: Arc<Snapshot>,
    answers: Answers,
    /// The status of the response; 0 while there is none.
    status: AtomicU16,
    unread: AtomicBool,
    upgraded: AtomicBool,
    /// Whether the body is still being read.
    reading: AtomicBool,
    recording: Recording,
}

impl Exchange {
    pub(super) const fn new(
        context: Arc<RequestContext>,
        snapshot: Arc<Snapshot>,
        answers: Answers,
        recording: Recording,
    ) -> Self {
        Self {
            context,
            snapshot,
            answers,
            status: AtomicU16::new(0),
            unread: AtomicBool::new(false),
            upgraded: AtomicBool::new(false),
            reading: AtomicBool::new(false),
            recording,
        }
    }

    pub(super) const fn context(&self) -> &Arc<RequestContext> {
        &self.context
    }

    /// How many bytes of a body are held back at most.
    pub(super) fn hold_bytes_max(&self) -> usize {
        self.snapshot.engine.limits().body_hold_bytes_max
    }

    pub(super) const fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Whether the request's body is being read from now on.
    pub(super) fn set_reading(&self, reading: bool) {
        self.reading.store(reading, Ordering::Release);
    }

    /// The request's body was dropped before its end.
    pub(super) fn body_unread(&self) {
        // Whether that counts is known with the response: an upgrade reads no body.
        self.unread.store(true, Ordering::Release);
    }

    /// The inner service has answered with this status; what it left undone may still be a
    /// reason to refuse.
    pub(super) fn answered<R>(&self, response: &Response<R>) {
        let status = response.status();
        self.status.store(status.as_u16(), Ordering::Relaxed);
        self.recording.identify(self.snapshot.in_force(), response.extensions());
        let connect = self.context.head().method() == b"CONNECT" && status.is_success();
        if connect || status == StatusCode::SWITCHING_PROTOCOLS {
            self.upgraded.store(true, Ordering::Release);
        }
        if self.add_late_causes() && self.snapshot.engine.judge(&self.context).action == Action::Block {
            self.context.refuse();
        }
        if self.context.is_refused() {
            return;
        }
        let quiet = self.context.completeness().is_whole() && self.context.with_findings(<[_]>::is_empty);
        let last = quiet && !self.reading.load(Ordering::Acquire);
        let judge = || self.snapshot.engine.judge(&self.context);
        self.recording.answered(self.snapshot.in_force(), &self.context, last, judge);
    }

    /// Adds what only the end of a half tells; answers whether there was anything.
    fn add_late_causes(&self) -> bool {
        let cause = match (self.upgraded.load(Ordering::Acquire), self.unread.load(Ordering::Acquire)) {
            (true, _) => Cause::Upgrade,
            (false, true) => Cause::Unread,
            (false, false) => return false,
        };
        self.context.add_cause(cause);
        true
    }

    /// The answer to a refused request; its verdict is final. The service was called, or was not.
    pub(super) fn answer(&self, handler_ran: bool) -> Response<Bytes> {
        let (verdict, first) = self.context.conclude(|| self.snapshot.engine.judge(&self.context));
        let mut response = answer::build(&verdict, &self.context, &self.snapshot, &self.answers);
        response.extensions_mut().insert(Arc::clone(&self.context));
        response.extensions_mut().insert(Arc::clone(&verdict));
        if first {
            let outcome = Outcome { status: Some(response.status().as_u16()), handler_ran };
            self.recording.concluded(self.snapshot.in_force(), &self.context, &verdict, outcome);
        }
        response
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.context.verdict().is_some() {
            return;
        }
        self.add_late_causes();
        let (verdict, first) = self.context.conclude(|| self.snapshot.engine.judge(&self.context));
        if first {
            let status = self.status.load(Ordering::Relaxed);
            let outcome = Outcome { status: (status != 0).then_some(status), handler_ran: true };
            self.recording.concluded(self.snapshot.in_force(), &self.context, &verdict, outcome);
        }
    }
}
