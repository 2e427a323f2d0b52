//! The events of one request.

use std::cell::{LazyCell, OnceCell};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Detail, Event, Level, Pending, Subject};
use crate::config::TelemetrySettings;
use crate::context::Input;
use crate::context::RequestContext;
use crate::finding::Finding;
use crate::input::{Cause, Place};
use crate::policy::{Action, JudgedFinding, Verdict};
use crate::rule::{Category, RuleInfo};
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

/// Hands on each event that there is to tell of the request, with the id of its rule; it is made when it is asked for.
pub(in crate::telemetry) fn each(about: &About<'_>, mut tell: impl FnMut(&Pending<'_>, &str)) {
    let verdict = about.verdict;
    let maker = Maker { about, now: LazyCell::new(SystemTime::now), subject: OnceCell::new(), inputs: OnceCell::new() };
    for judged in &verdict.findings {
        let rule = &judged.finding.rule;
        let validation = rule.category == Category::Schema;
        let name = if validation { names::VALIDATION_FAILED } else { names::RULE_MATCHED };
        let level = if judged.action == Action::Block { Level::Warn } else { Level::Info };
        tell(&Pending::new(name, level, &|| Arc::new(maker.finding(name, level, judged))), &rule.id);
    }
    let rule = verdict.deciding().map_or("", |judged| &judged.finding.rule.id);
    for (name, level, there) in [
        (names::REQUEST_INCOMPLETE, Level::Info, !verdict.causes.is_empty()),
        (names::ENGINE_FAILED, Level::Warn, failure(verdict).is_some()),
        (names::REQUEST_BLOCKED, Level::Warn, verdict.action == Action::Block),
        (names::REQUEST_INSPECTED, Level::Debug, about.inspected.is_some()),
    ] {
        if there {
            tell(&Pending::new(name, level, &|| Arc::new(maker.whole(name, level))), rule);
        }
    }
}

struct Maker<'a> {
    about: &'a About<'a>,
    now: LazyCell<SystemTime>,
    subject: OnceCell<Arc<Subject>>,
    /// What something was found in; read with the first excerpt.
    inputs: OnceCell<Vec<Input>>,
}

impl Maker<'_> {
    /// What all of them share; made with the first.
    fn subject(&self) -> Arc<Subject> {
        Arc::clone(self.subject.get_or_init(|| Arc::new(subject(self.about))))
    }

    fn inputs(&self) -> &[Input] {
        self.inputs.get_or_init(|| self.about.context.inputs_found(self.about.verdict))
    }

    fn finding(&self, name: &'static str, level: Level, judged: &JudgedFinding) -> Event {
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
        self.event(name, level, message, Some(Arc::clone(&finding.rule)), detail)
    }

    fn whole(&self, name: &'static str, level: Level) -> Event {
        let (about, verdict) = (self.about, self.about.verdict);
        let mut detail = Detail { action: Some(verdict.action), verdict: Some(verdict.verdict), ..Detail::default() };
        let mut rule = None;
        let message = match name {
            names::REQUEST_BLOCKED => {
                let deciding = verdict.deciding().map(|judged| &judged.finding);
                rule = deciding.map(|finding| Arc::clone(&finding.rule));
                detail.phase = deciding.map(|finding| phase(finding.location.place()));
                let by = rule.as_ref().map_or("an uninspected part", |rule| rule.id.as_str());
                format!("request blocked by {by}")
            }
            names::ENGINE_FAILED => {
                let (failed, error_type) = failure(verdict).unwrap_or((Cause::EngineFault, "panic"));
                detail.error_type = Some(error_type);
                let action = verdict.causes.iter().find(|(cause, _)| *cause == failed);
                detail.on_error = Some(action.map_or(Action::Pass, |(_, action)| *action));
                format!("the inspection of a request could not finish: {error_type}")
            }
            names::REQUEST_INSPECTED => {
                detail.duration_seconds = about.inspected.map(|duration| duration.as_secs_f64());
                "a request was inspected".to_owned()
            }
            _ => format!("part of a request was not inspected: {}", verdict.completeness),
        };
        self.event(name, level, message, rule, detail)
    }

    fn event(
        &self,
        name: &'static str,
        level: Level,
        message: String,
        rule: Option<Arc<RuleInfo>>,
        detail: Detail,
    ) -> Event {
        Event { name, level, time: *self.now, message, request: Some(self.subject()), rule, detail }
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
