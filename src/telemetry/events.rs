//! Where events go: each through the Logs API where a provider was given, else through `tracing`;
//! and to the audit log, which is another's own record, where there is one.

#[cfg(feature = "otel")]
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::audit::AuditLog;
use super::event::{self, About, Detail, Event, Level};
#[cfg(feature = "evidence")]
use super::evidence::{self, Evidence};
use super::given::Given;
use super::limit::Limit;
#[cfg(feature = "otel")]
use super::logs::Logs;
use super::names;
use super::surroundings::Surroundings;
use crate::config::TelemetrySettings;

/// Why an event was not sent.
pub(super) const RATE_LIMIT: &str = "rate_limit";
const QUEUE_FULL: &str = "queue_full";

/// The events of one handle.
pub(super) struct Events {
    limit: Limit,
    requests: AtomicU64,
    #[cfg(feature = "otel")]
    logs: Option<Arc<dyn Logs>>,
    audit: Option<AuditLog>,
    #[cfg(feature = "evidence")]
    evidence: Option<Evidence>,
}

/// How many events were not sent.
#[derive(Default)]
pub(super) struct Dropped {
    pub(super) rate_limit: u64,
    pub(super) queue_full: u64,
}

impl Dropped {
    /// Each reason with its count, where there is one.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [(RATE_LIMIT, self.rate_limit), (QUEUE_FULL, self.queue_full)].into_iter().filter(|(_, count)| *count > 0)
    }
}

impl Events {
    pub(super) fn new(given: &Given) -> Self {
        Self {
            limit: Limit::new(),
            requests: AtomicU64::new(0),
            #[cfg(feature = "otel")]
            logs: given.logs.clone(),
            audit: given.audit.clone(),
            #[cfg(feature = "evidence")]
            evidence: given.evidence.clone(),
        }
    }

    /// Whether this request is one of those that are told although nothing was found.
    pub(super) fn samples(&self, settings: &TelemetrySettings) -> bool {
        let one_in = settings.inspected_one_in;
        one_in > 0 && self.requests.fetch_add(1, Ordering::Relaxed).is_multiple_of(one_in)
    }

    /// Tells what there is to say of a request, as far as the limit lets it.
    pub(super) fn concluded(&self, about: &About<'_>) -> Dropped {
        let mut dropped = Dropped::default();
        let client = about.context.head().client();
        let now = self.limit.now();
        let events = event::of(about, |name, rule| {
            let admitted = self.limit.admits(now, about.settings, name, rule, client);
            dropped.rate_limit += u64::from(!admitted);
            admitted
        });
        for event in &events {
            dropped.queue_full += u64::from(!self.send(event, about.surroundings));
        }
        #[cfg(feature = "evidence")]
        self.keep_evidence(about, now, &mut dropped);
        if let Some(count) = self.limit.report(now) {
            let detail = Detail { suppressed: Some(count), ..Detail::default() };
            let message = format!("{count} events were held back");
            self.tell(names::EVENTS_SUPPRESSED, Level::Info, message, detail);
        }
        dropped
    }

    /// Puts the evidence of the request into its queue, where that is asked for and the limit lets it.
    #[cfg(feature = "evidence")]
    fn keep_evidence(&self, about: &About<'_>, now: u64, dropped: &mut Dropped) {
        let Some(evidence) = self.evidence.as_ref().filter(|_| Evidence::wants(about)) else { return };
        let rule = about.verdict.deciding().map_or("", |judged| &judged.finding.rule.id);
        if !self.limit.admits(now, about.settings, evidence::LIMITED_AS, rule, about.context.head().client()) {
            dropped.rate_limit += 1;
        } else if !evidence.offer(about) {
            dropped.queue_full += 1;
        }
    }

    /// Tells what no request is about.
    pub(super) fn tell(&self, name: &'static str, level: Level, message: String, detail: Detail) {
        let time = SystemTime::now();
        self.send(&Event { name, level, time, message, request: None, rule: None, detail }, None);
    }

    /// Sends one event; false when the audit log had no room for it.
    fn send(&self, event: &Event, surroundings: Option<&Surroundings>) -> bool {
        self.log(event, surroundings);
        self.audit.as_ref().is_none_or(|audit| audit.offer(event))
    }

    #[cfg(feature = "otel")]
    fn log(&self, event: &Event, surroundings: Option<&Surroundings>) {
        match &self.logs {
            Some(logs) => logs.emit(event::to_record(event, surroundings.and_then(Surroundings::trace))),
            None => event::through_tracing(event),
        }
    }

    #[cfg(not(feature = "otel"))]
    #[expect(clippy::unused_self, reason = "the way is chosen with the feature `otel`")]
    fn log(&self, event: &Event, _: Option<&Surroundings>) {
        event::through_tracing(event);
    }
}
