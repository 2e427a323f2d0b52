//! The events of one request.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Detail, Event, Level, Subject};
use crate::config::TelemetrySettings;
use crate::context::Input;
use crate::context::RequestContext;
use crate::finding::Finding;
use crate::input::{Cause, Place};
use crate::policy::{Action, JudgedFinding, Verdict};
use crate::rule::Category;
use crate::telemetry::record::Outcome;
use crate::telemetry::surroundings::Surroundings;
use crate::telemetry::{names, redact};

/// What is known when a request is done.
pub(in crate::telemetry) struct About<'a> {
    pub(in crate::telemetry) context: &'a RequestContext,
    pub(in crate::telemetry) verdict: &'a Verdict,
    pub(in crate::telemetry) outcome: Outcome,
    pub(in crate::telemetry) settings: &'a TelemetrySettings,
    pub(in crate::telemetry) config_version: u64,
    pub(in crate::telemetry) user: Option<&'a str>,
    pub(in crate::telemetry) surroundings: Option<&'a Surroundings>,
    /// Set where the request is to be told although nothing was found.
    pub(in crate::telemetry) inspected: Option<Duration>,
}

/// Makes those events of the request that `admits` lets through, asked with the name and the rule.
pub(in crate::telemetry) fn of(about: &About<'_>, mut admits: impl FnMut(&'static str, &str) -> bool) -> Vec<Event> {
    let verdict = about.verdict;
    let mut maker = Maker { about, now: SystemTime::now(), subject: None, inputs: None, events: Vec::new() };
    for judged in &verdict.findings {
        let rule = &judged.finding.rule;
        let validation = rule.category == Category::Schema;
        let name = if validation { names::VALIDATION_FAILED } else { names::RULE_MATCHED };
        if admits(name, &rule.id) {
            maker.finding(name, judged);
        }
    }
    let failed = failure(verdict).is_some();
    for (name, there) in [
        (names::REQUEST_INCOMPLETE, !verdict.causes.is_empty()),
        (names::ENGINE_FAILED, failed),
        (names::REQUEST_BLOCKED, verdict.action == Action::Block),
        (names::REQUEST_INSPECTED, about.inspected.is_some()),
    ] {
        let rule = verdict.deciding().map_or("", |judged| &judged.finding.rule.id);
        if there && admits(name, rule) {
            maker.whole(name);
        }
    }
    maker.events
}

struct Maker<'a> {
    about: &'a About<'a>,
    now: SystemTime,
    subject: Option<Arc<Subject>>,
    /// What something was found in; read with the first excerpt.
    inputs: Option<Vec<Input>>,
    events: Vec<Event>,
}

impl Maker<'_> {
    /// What all of them share; made with the first.
    fn subject(&mut self) -> Arc<Subject> {
        let about = self.about;
        Arc::clone(self.subject.get_or_insert_with(|| Arc::new(subject(about))))
    }

    fn inputs(&mut self) -> &[Input] {
        let about = self.about;
        self.inputs.get_or_insert_with(|| about.context.inputs_found(about.verdict))
    }

    fn finding(&mut self, name: &'static str, judged: &JudgedFinding) {
        let finding = &judged.finding;
        let validation = name == names::VALIDATION_FAILED;
        let location = finding.location.to_redacted_string();
        let verb = if validation { "refused" } else { "matched at" };
        let what = finding.validation.as_ref().map_or(finding.structure, |validation| &validation.message);
        let message = format!("rule {} {verb} {location}: {what}", finding.rule.id);
        let excerpts = self.about.settings.excerpts && !validation;
        let detail = Detail {
            action: Some(judged.action),
            verdict: Some(judged.verdict),
            location_name: plain_name(finding, &location),
            confidence: Some(finding.confidence),
            excerpt: excerpts.then(|| redact::excerpt(self.inputs(), finding)).flatten(),
            phase: Some(phase(finding.location.place())),
            validation_target: validation.then(|| validation_target(finding.location.place())),
            validation_keyword: finding.validation.as_ref().map(|validation| validation.keyword),
            validation_path: finding.validation.as_ref().map(|validation| pointer(&validation.schema_pointer)),
            location: Some(location),
            ..Detail::default()
        };
        let level = if judged.action == Action::Block { Level::Warn } else { Level::Info };
        let request = Some(self.subject());
        let rule = Some(Arc::clone(&finding.rule));
        self.events.push(Event { name, level, time: self.now, message, request, rule, detail });
    }

    fn whole(&mut self, name: &'static str) {
        let (about, verdict) = (self.about, self.about.verdict);
        let mut detail = Detail { action: Some(verdict.action), verdict: Some(verdict.verdict), ..Detail::default() };
        let mut rule = None;
        let (level, message) = match name {
            names::REQUEST_BLOCKED => {
                let deciding = verdict.deciding().map(|judged| &judged.finding);
                rule = deciding.map(|finding| Arc::clone(&finding.rule));
                detail.phase = deciding.map(|finding| phase(finding.location.place()));
                let by = rule.as_ref().map_or("an uninspected part", |rule| rule.id.as_str());
                (Level::Warn, format!("request blocked by {by}"))
            }
            names::ENGINE_FAILED => {
                let (failed, error_type) = failure(verdict).unwrap_or((Cause::EngineFault, "panic"));
                detail.error_type = Some(error_type);
                let action = verdict.causes.iter().find(|(cause, _)| *cause == failed);
                detail.on_error = Some(action.map_or(Action::Pass, |(_, action)| *action));
                (Level::Warn, format!("the inspection of a request could not finish: {error_type}"))
            }
            names::REQUEST_INSPECTED => {
                detail.duration_seconds = about.inspected.map(|duration| duration.as_secs_f64());
                (Level::Debug, "a request was inspected".to_owned())
            }
            _ => (Level::Info, format!("part of a request was not inspected: {}", verdict.completeness)),
        };
        let request = Some(self.subject());
        self.events.push(Event { name, level, time: self.now, message, request, rule, detail });
    }
}

/// Why the engine could not finish: a panic, or a budget whose end the policy asks to tell.
fn failure(verdict: &Verdict) -> Option<(Cause, &'static str)> {
    let spent = verdict.causes.iter().any(|(cause, _)| *cause == Cause::Budget);
    let panicked = verdict.completeness.contains(Cause::EngineFault);
    match (panicked, spent) {
        (true, _) => Some((Cause::EngineFault, "panic")),
        (false, true) => Some((Cause::Budget, "budget_exceeded")),
        (false, false) => None,
    }
}

/// On which part of the way of a request a place is looked at.
const fn phase(place: Place) -> &'static str {
    match place {
        Place::Method | Place::Path | Place::Query | Place::Header | Place::Cookie => "head",
        _ => "body",
    }
}

/// The part of the request that a schema spoke about.
pub(in crate::telemetry) const fn validation_target(place: Place) -> &'static str {
    match place {
        Place::Method => "request",
        Place::Path => "path",
        Place::Query => "query",
        Place::Header | Place::Trailer => "header",
        Place::Cookie => "cookie",
        Place::Body | Place::Form | Place::Part | Place::File | Place::Xml | Place::Graphql => "body",
    }
}

/// A pointer into a document of the user's own, not longer than other texts.
fn pointer(pointer: &str) -> String {
    redact::shown(pointer.as_bytes(), redact::SHOWN_BYTES_MAX)
}

/// The name that the client chose, where it is a plain one, and so part of what is shown of its location.
fn plain_name(finding: &Finding, shown: &str) -> Option<String> {
    let location = &finding.location;
    let name = std::str::from_utf8(location.name()).ok()?;
    let plain = !name.is_empty() && shown.contains(name) && !name.contains('*');
    plain.then(|| name.to_owned())
}

fn subject(about: &About<'_>) -> Subject {
    let (context, verdict, settings) = (about.context, about.verdict, about.settings);
    let head = context.head();
    Subject {
        id: context.id().to_string(),
        time: head.time(),
        method: known_method(head.method()),
        route: context.route().map(str::to_owned),
        path: settings.url_path.then(|| redact::path(context, verdict)),
        client: head.client().filter(|_| settings.client_address),
        peer: head.peer().filter(|_| settings.client_address),
        user_agent: settings.user_agent.then(|| redact::user_agent(context, verdict)).flatten(),
        user: about.user.map(|user| redact::shown(user.as_bytes(), 256)),
        status: about.outcome.status,
        handler_ran: about.outcome.handler_ran,
        mode: verdict.mode,
        score: verdict.score,
        matches: verdict.findings.len(),
        completeness: verdict.completeness,
        config_version: about.config_version,
        trace: about.surroundings.and_then(Surroundings::trace_ids),
    }
}

/// The method, or `_OTHER`: a client must not choose attribute values.
pub(in crate::telemetry) fn known_method(method: &[u8]) -> &'static str {
    const KNOWN: [&str; 10] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"];
    KNOWN.into_iter().find(|known| known.as_bytes() == method).unwrap_or("_OTHER")
}
