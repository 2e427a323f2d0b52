//! What is put onto the user's own span, and the opt-in spans of our own.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

#[cfg(feature = "otel")]
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer, TracerProvider};
#[cfg(feature = "otel")]
use opentelemetry::{Array, KeyValue, StringValue, Value};
use tracing::Span;
use tracing::field::{debug, display};
use tracing::span::Entered;

use super::datadog;
use super::event;
#[cfg(feature = "otel")]
use super::logs;
use super::names;
use super::surroundings::Surroundings;
use super::work::Work;
use crate::context::RequestContext;
use crate::input::{Cause, Completeness};
use crate::policy::{Action, Verdict};

/// Ids of rules on one span.
const RULES_MAX: usize = 16;

/// What of a verdict can change between two looks at it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Told(Action, Action, usize, Completeness);

impl Told {
    pub(super) const fn of(verdict: &Verdict) -> Self {
        Self(verdict.action, verdict.verdict, verdict.findings.len(), verdict.completeness)
    }
}

/// Whether there is a span that takes attributes.
pub(super) fn wants(surroundings: &Surroundings) -> bool {
    if takes(&surroundings.span) {
        return true;
    }
    #[cfg(feature = "otel")]
    if surroundings.context.has_active_span() {
        return surroundings.context.span().is_recording();
    }
    false
}

/// A span of `tracing` takes only fields that it was made with: those of `rasp_span!`.
fn takes(span: &Span) -> bool {
    span.has_field(names::ATTRIBUTE_ACTION)
}

/// Puts a verdict onto the user's span: by `tracing` where the span has the fields, else by
/// OpenTelemetry's API, and never by both. Its status stays unset, unless the engine failed: a
/// request that is refused is no error of the server.
pub(super) fn put(surroundings: &Surroundings, context: &RequestContext, verdict: &Verdict, for_datadog: bool) {
    if takes(&surroundings.span) {
        put_on_tracing(&surroundings.span, context, verdict);
        if for_datadog {
            datadog::put_on_tracing(&surroundings.span, verdict);
        }
    } else {
        #[cfg(feature = "otel")]
        {
            put_on_otel(&surroundings.context, context, verdict);
            if for_datadog {
                datadog::put_on_otel(&surroundings.context, verdict);
            }
        }
    }
}

fn rules(verdict: &Verdict) -> Vec<&str> {
    let mut rules: Vec<&str> = Vec::new();
    for judged in &verdict.findings {
        let id = judged.finding.rule.id.as_str();
        if rules.len() < RULES_MAX && !rules.contains(&id) {
            rules.push(id);
        }
    }
    rules
}

fn failed(verdict: &Verdict) -> bool {
    verdict.completeness.contains(Cause::EngineFault)
}

fn put_on_tracing(span: &Span, context: &RequestContext, verdict: &Verdict) {
    span.record(names::ATTRIBUTE_ACTION, verdict.action.as_str());
    span.record(names::ATTRIBUTE_VERDICT, verdict.verdict.as_str());
    span.record(names::ATTRIBUTE_MODE, verdict.mode.as_str());
    // As signed integers: bridges to OpenTelemetry make text of unsigned ones.
    span.record(names::ATTRIBUTE_SCORE, i64::from(verdict.score));
    span.record(names::ATTRIBUTE_MATCH_COUNT, i64::try_from(verdict.findings.len()).unwrap_or(i64::MAX));
    span.record(names::ATTRIBUTE_REQUEST_ID, display(context.id()));
    span.record(names::ATTRIBUTE_INSPECTION_COMPLETENESS, display(verdict.completeness));
    if let Some(deciding) = verdict.deciding() {
        let rule = &deciding.finding.rule;
        span.record(names::ATTRIBUTE_RULES, debug(rules(verdict)));
        span.record(names::SECURITY_RULE_UUID, rule.id.as_str());
        span.record(names::SECURITY_RULE_NAME, rule.description.as_str());
        span.record(names::SECURITY_RULE_CATEGORY, rule.category.as_str());
    }
    if failed(verdict) {
        span.record(names::ERROR_TYPE, "panic");
        span.record("otel.status_code", "ERROR");
    }
}

#[cfg(feature = "otel")]
fn put_on_otel(otel: &opentelemetry::Context, context: &RequestContext, verdict: &Verdict) {
    let span = otel.span();
    let list = |words: Vec<StringValue>| Value::Array(Array::String(words));
    let completeness = if verdict.completeness.is_whole() {
        vec!["whole".into()]
    } else {
        verdict.completeness.causes().map(|cause| cause.as_str().into()).collect()
    };
    span.set_attributes([
        KeyValue::new(names::ATTRIBUTE_ACTION, verdict.action.as_str()),
        KeyValue::new(names::ATTRIBUTE_VERDICT, verdict.verdict.as_str()),
        KeyValue::new(names::ATTRIBUTE_MODE, verdict.mode.as_str()),
        KeyValue::new(names::ATTRIBUTE_SCORE, i64::from(verdict.score)),
        KeyValue::new(names::ATTRIBUTE_MATCH_COUNT, i64::try_from(verdict.findings.len()).unwrap_or(i64::MAX)),
        KeyValue::new(names::ATTRIBUTE_REQUEST_ID, context.id().to_string()),
        KeyValue::new(names::ATTRIBUTE_INSPECTION_COMPLETENESS, list(completeness)),
    ]);
    if let Some(deciding) = verdict.deciding() {
        let rule = &deciding.finding.rule;
        span.set_attributes([
            KeyValue::new(
                names::ATTRIBUTE_RULES,
                list(rules(verdict).into_iter().map(|id| id.to_owned().into()).collect()),
            ),
            KeyValue::new(names::SECURITY_RULE_UUID, rule.id.clone()),
            KeyValue::new(names::SECURITY_RULE_NAME, rule.description.clone()),
            KeyValue::new(names::SECURITY_RULE_CATEGORY, rule.category.as_str()),
        ]);
    }
    if failed(verdict) {
        span.set_attribute(KeyValue::new(names::ERROR_TYPE, "panic"));
        span.set_status(Status::error("the inspection of the request failed"));
    }
}

/// A span for each phase of an inspection: by OpenTelemetry's API where the user's span is one of
/// its own, else by `tracing`.
pub(super) struct Phases {
    head: Span,
    body: OnceLock<Span>,
    parent: Option<Span>,
    head_began: SystemTime,
    body_times: Mutex<Option<(SystemTime, SystemTime)>>,
}

impl Phases {
    pub(super) fn new(surroundings: &Surroundings, now: SystemTime) -> Self {
        #[cfg(feature = "otel")]
        let through_otel = surroundings.context.has_active_span();
        #[cfg(not(feature = "otel"))]
        let through_otel = false;
        let parent = (!through_otel).then(|| surroundings.span.clone());
        let head = parent.as_ref().map_or_else(Span::none, |parent| phase_span(parent, "head"));
        Self { head, body: OnceLock::new(), parent, head_began: now, body_times: Mutex::new(None) }
    }

    pub(super) fn enter_head(&self) -> Entered<'_> {
        self.head.enter()
    }

    pub(super) fn body<T>(&self, inspect: impl FnOnce() -> T) -> T {
        if let Some(parent) = &self.parent {
            return self.body.get_or_init(|| phase_span(parent, "body")).in_scope(inspect);
        }
        let began = SystemTime::now();
        let result = inspect();
        let mut times = self.body_times.lock().unwrap_or_else(PoisonError::into_inner);
        let first = times.map_or(began, |(first, _)| first);
        *times = Some((first, SystemTime::now()));
        result
    }

    /// The request is done: what OpenTelemetry gets, it gets now, with the times of then.
    pub(super) fn end(&self, surroundings: &Surroundings, work: &Work) {
        if self.parent.is_some() {
            return;
        }
        let head_ended = self.head_began + Duration::from_nanos(work.head_nanoseconds);
        let body = *self.body_times.lock().unwrap_or_else(PoisonError::into_inner);
        let phases = [("head", Some((self.head_began, head_ended))), ("body", body)];
        for (phase, times) in phases {
            if let Some((began, ended)) = times {
                export_phase(surroundings, phase, began, ended);
            }
        }
    }
}

fn phase_span(parent: &Span, phase: &str) -> Span {
    tracing::info_span!(target: names::DIAGNOSTICS, parent: parent, names::INSPECT_SPAN, rasp.phase = phase)
}

#[cfg(feature = "otel")]
fn export_phase(surroundings: &Surroundings, phase: &'static str, began: SystemTime, ended: SystemTime) {
    let tracer = opentelemetry::global::tracer_provider().tracer_with_scope(logs::scope());
    let builder = SpanBuilder::from_name(names::INSPECT_SPAN)
        .with_kind(SpanKind::Internal)
        .with_start_time(began)
        .with_attributes([KeyValue::new(names::ATTRIBUTE_PHASE, phase)]);
    tracer.build_with_context(builder, &surroundings.context).end_with_timestamp(ended);
}

#[cfg(not(feature = "otel"))]
const fn export_phase(_: &Surroundings, _: &'static str, _: SystemTime, _: SystemTime) {}

/// A method as a span may hold it: `_OTHER` where it is none that is known, since a client chooses it.
#[must_use]
pub fn known_method(method: &http::Method) -> &'static str {
    event::known_method(method.as_str().as_bytes())
}

/// A server span of `tracing` with the fields that [`RaspLayer`](crate::RaspLayer) fills, for
/// `tower_http::trace::TraceLayer::make_span_with`; further fields of your own may follow.
///
/// A span takes only fields that it was made with, so without them nothing of ours is on it.
/// Where the span is OpenTelemetry's by its own API, nothing needs to be declared.
///
/// ```
/// # let request = http::Request::new(());
/// let span = tower_rasp::rasp_span!(request, tenant = "blue");
/// ```
///
/// It holds the method, or `_OTHER` for one that is not known, and no value of the request: neither path nor query.
///
/// `tracing` has numbers, truths and text, and no lists: `rasp.rules` and `rasp.inspection.completeness` come to
/// OpenTelemetry as text here (`["sqli.union"]`, `limit,unread`), while on a span of OpenTelemetry's API they are lists.
#[macro_export]
macro_rules! rasp_span {
    ($request:expr $(, $($fields:tt)*)?) => {
        $crate::__private::tracing::info_span!(
            "http.server.request",
            otel.name = $crate::__private::tracing::field::Empty,
            otel.kind = "server",
            otel.status_code = $crate::__private::tracing::field::Empty,
            error.type = $crate::__private::tracing::field::Empty,
            http.request.method = $crate::__private::known_method($request.method()),
            rasp.action = $crate::__private::tracing::field::Empty,
            rasp.verdict = $crate::__private::tracing::field::Empty,
            rasp.mode = $crate::__private::tracing::field::Empty,
            rasp.score = $crate::__private::tracing::field::Empty,
            rasp.match.count = $crate::__private::tracing::field::Empty,
            rasp.rules = $crate::__private::tracing::field::Empty,
            rasp.request.id = $crate::__private::tracing::field::Empty,
            rasp.inspection.completeness = $crate::__private::tracing::field::Empty,
            security_rule.uuid = $crate::__private::tracing::field::Empty,
            security_rule.name = $crate::__private::tracing::field::Empty,
            security_rule.category = $crate::__private::tracing::field::Empty,
            appsec.event = $crate::__private::tracing::field::Empty,
            appsec.blocked = $crate::__private::tracing::field::Empty,
            _dd.origin = $crate::__private::tracing::field::Empty,
            _dd.appsec.json = $crate::__private::tracing::field::Empty,
            $($($fields)*)?
        )
    };
}
