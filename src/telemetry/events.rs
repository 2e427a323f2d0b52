//! Where events go: each through the Logs API where a provider was given, else through `tracing`;
//! and to the audit log, which is another's own record, where there is one.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use arc_swap::ArcSwapOption;

use super::audit::AuditLog;
use super::event::{self, About, Detail, Event, Flood, Level, Pending};
#[cfg(feature = "evidence")]
use super::evidence::{self, Evidence};
use super::given::Given;
use super::limit::{Limit, Report};
#[cfg(feature = "otel")]
use super::logs::Logs;
use super::names;
use super::surroundings::{self, Surroundings};
use crate::config::TelemetrySettings;
use crate::rule::RuleInfo;

/// Why an event was not sent.
pub(super) const RATE_LIMIT: &str = "rate_limit";
const QUEUE_FULL: &str = "queue_full";
const WRITE_FAILED: &str = "write_failed";
/// All of them.
pub(super) const DROP_REASONS: [&str; 3] = [RATE_LIMIT, QUEUE_FULL, WRITE_FAILED];

/// The events of one handle.
pub(super) struct Events {
    limit: Limit,
    /// The first event since the last report that was held back.
    example: ArcSwapOption<Example>,
    requests: AtomicU64,
    #[cfg(feature = "otel")]
    logs: Option<Arc<dyn Logs>>,
    audit: Option<AuditLog>,
    #[cfg(feature = "evidence")]
    evidence: Option<Evidence>,
}

/// Of an event that was held back.
struct Example {
    rule: Option<Arc<RuleInfo>>,
    client: Option<IpAddr>,
}

impl Example {
    fn of(about: &About<'_>, rule: &str) -> Self {
        let mut rules = about.verdict.findings.iter().map(|judged| &judged.finding.rule);
        let client = about.context.head().client().filter(|_| about.settings.client_address);
        Self { rule: rules.find(|known| known.id == rule).map(Arc::clone), client }
    }
}

/// How many events were not sent.
#[derive(Default)]
pub(super) struct Dropped {
    pub(super) rate_limit: u64,
    pub(super) queue_full: u64,
    pub(super) write_failed: u64,
}

impl Dropped {
    /// Each reason with its count, where there is one.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'static str, u64)> {
        DROP_REASONS
            .into_iter()
            .zip([self.rate_limit, self.queue_full, self.write_failed])
            .filter(|(_, count)| *count > 0)
    }
}

impl Events {
    pub(super) fn new(given: &Given) -> Self {
        Self {
            limit: Limit::new(),
            example: ArcSwapOption::empty(),
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
        if !self.listened_to() {
            return dropped;
        }
        let client = about.context.head().client();
        let now = self.limit.now();
        event::each(about, |pending, rule| {
            if self.limit.admits(now, about.settings, pending.name, rule, client) {
                dropped.queue_full += u64::from(!self.send(pending, about.surroundings));
                return;
            }
            dropped.rate_limit += 1;
            if self.limit.hold_back(now) {
                self.example.store(Some(Arc::new(Example::of(about, rule))));
            }
        });
        dropped.write_failed = self.audit.as_ref().map_or(0, AuditLog::take_lost);
        #[cfg(feature = "evidence")]
        {
            dropped.write_failed += self.evidence.as_ref().map_or(0, Evidence::take_lost);
            self.keep_evidence(about, now, &mut dropped);
        }
        self.report(now);
        dropped
    }

    /// Whether anybody may take events; else there is nothing to make, to count or to hold back.
    fn listened_to(&self) -> bool {
        #[cfg(feature = "otel")]
        if self.logs.is_some() {
            return true;
        }
        #[cfg(feature = "evidence")]
        if self.evidence.is_some() {
            return true;
        }
        self.audit.is_some() || surroundings::tracing_listens()
    }

    /// Tells of a flood that has ended, when a request comes of which nothing else is told.
    pub(super) fn report_when_due(&self) {
        if self.limit.holds_back() {
            self.report(self.limit.now());
        }
    }

    fn report(&self, now: u64) {
        if let Some(report) = self.limit.report(now) {
            self.suppressed(&report);
        }
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

    /// Tells how many events were held back.
    fn suppressed(&self, report: &Report) {
        let time = SystemTime::now();
        let ago = |duration| time.checked_sub(duration).unwrap_or(time);
        let example = self.example.swap(None);
        let flood = Flood {
            uid: format!("{:016x}", report.flood),
            is_new: report.is_new,
            count: report.total,
            first: ago(report.first_ago),
            last: ago(report.last_ago),
            client: example.as_ref().and_then(|example| example.client),
        };
        let detail = Detail { suppressed: Some(report.count), flood: Some(flood), ..Detail::default() };
        let message = format!("{} events were held back", report.count);
        let rule = example.and_then(|example| example.rule.clone());
        let (name, level) = (names::EVENTS_SUPPRESSED, Level::Info);
        self.send_made(Event { name, level, time, message, request: None, rule, detail });
    }

    /// Tells what no request is about.
    pub(super) fn tell(&self, name: &'static str, level: Level, message: String, detail: Detail) {
        let time = SystemTime::now();
        self.send_made(Event { name, level, time, message, request: None, rule: None, detail });
    }

    fn send_made(&self, event: Event) {
        let event = Arc::new(event);
        self.send(&Pending::new(event.name, event.level, &|| Arc::clone(&event)), None);
    }

    /// Sends one event; false when the audit log had no room for it.
    fn send(&self, pending: &Pending<'_>, surroundings: Option<&Surroundings>) -> bool {
        self.log(pending, surroundings);
        self.audit.as_ref().is_none_or(|audit| audit.offer(pending.event()))
    }

    #[cfg(feature = "otel")]
    fn log(&self, pending: &Pending<'_>, surroundings: Option<&Surroundings>) {
        match &self.logs {
            Some(logs) => {
                let event = pending.event();
                // What no request is about is of no trace, whichever request it comes with.
                let _apart = event.request.is_none().then(|| opentelemetry::Context::new().attach());
                logs.emit(event::to_record(event, surroundings.and_then(Surroundings::trace)));
            }
            None => event::through_tracing(pending),
        }
    }

    #[cfg(not(feature = "otel"))]
    #[expect(clippy::unused_self, reason = "the way is chosen with the feature `otel`")]
    fn log(&self, pending: &Pending<'_>, _: Option<&Surroundings>) {
        event::through_tracing(pending);
    }
}
