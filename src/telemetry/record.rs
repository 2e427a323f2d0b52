//! What is recorded, and when.

use tracing::{Level, event};

use super::names;
use crate::build_error::BuildError;
use crate::context::RequestContext;
use crate::engine::Engine;
use crate::input::Cause;
use crate::policy::{Action, JudgedFinding, Verdict};

/// How a request ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// The status of the response, when there was one.
    pub(crate) status: Option<u16>,
}

/// Records the final verdict of a request.
pub(crate) fn concluded(context: &RequestContext, verdict: &Verdict, outcome: Outcome) {
    if verdict.findings.is_empty() && verdict.causes.is_empty() {
        return;
    }
    let request = Request::of(context);
    for judged in &verdict.findings {
        rule_matched(&request, verdict, judged);
    }
    if !verdict.causes.is_empty() {
        incomplete(&request, verdict);
    }
    if verdict.action == Action::Block {
        blocked(&request, verdict, outcome);
    }
}

/// The attributes that every event of a request has.
struct Request {
    id: String,
    method: &'static str,
    route: Option<String>,
    client: Option<String>,
}

impl Request {
    fn of(context: &RequestContext) -> Self {
        Self {
            id: context.id().to_string(),
            method: known_method(context.head().method()),
            route: context.route().map(str::to_owned),
            client: context.head().client().map(|address| address.to_string()),
        }
    }
}

/// The method, or `_OTHER`: a client must not choose attribute values.
fn known_method(method: &[u8]) -> &'static str {
    const KNOWN: [&str; 10] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"];
    KNOWN.into_iter().find(|known| known.as_bytes() == method).unwrap_or("_OTHER")
}

fn rule_matched(request: &Request, verdict: &Verdict, judged: &JudgedFinding) {
    let location = judged.finding.location.to_redacted_string();
    let rule = &judged.finding.rule;
    macro_rules! matched {
        ($level:expr) => {
            event!(
                name: names::RULE_MATCHED,
                target: names::EVENTS,
                $level,
                security_rule.uuid = rule.id,
                security_rule.name = rule.description,
                security_rule.category = rule.category.as_str(),
                rasp.action = judged.action.as_str(),
                rasp.verdict = judged.verdict.as_str(),
                rasp.mode = verdict.mode.as_str(),
                rasp.location = location,
                rasp.confidence = judged.finding.confidence.as_str(),
                rasp.severity = rule.severity.as_str(),
                rasp.request.id = request.id,
                http.request.method = request.method,
                http.route = request.route,
                client.address = request.client,
                "rule {} matched at {}: {}",
                rule.id,
                location,
                judged.finding.structure
            )
        };
    }
    if judged.action == Action::Block {
        matched!(Level::WARN);
    } else {
        matched!(Level::INFO);
    }
}

fn blocked(request: &Request, verdict: &Verdict, outcome: Outcome) {
    let deciding = verdict.deciding().map(|judged| &judged.finding.rule);
    event!(
        name: names::REQUEST_BLOCKED,
        target: names::EVENTS,
        Level::WARN,
        security_rule.uuid = deciding.map(|rule| rule.id.as_str()),
        security_rule.name = deciding.map(|rule| rule.description.as_str()),
        security_rule.category = deciding.map(|rule| rule.category.as_str()),
        rasp.action = verdict.action.as_str(),
        rasp.verdict = verdict.verdict.as_str(),
        rasp.mode = verdict.mode.as_str(),
        rasp.score = verdict.score,
        rasp.match.count = verdict.findings.len(),
        rasp.inspection.completeness = %verdict.completeness,
        rasp.request.id = request.id,
        http.request.method = request.method,
        http.route = request.route,
        http.response.status_code = outcome.status,
        client.address = request.client,
        "request blocked by {}",
        deciding.map_or("an uninspected part", |rule| rule.id.as_str())
    );
}

fn incomplete(request: &Request, verdict: &Verdict) {
    let failed = verdict.causes.iter().any(|(cause, _)| *cause == Cause::EngineFault);
    event!(
        name: names::REQUEST_INCOMPLETE,
        target: names::EVENTS,
        Level::INFO,
        rasp.action = verdict.action.as_str(),
        rasp.mode = verdict.mode.as_str(),
        rasp.inspection.completeness = %verdict.completeness,
        rasp.request.id = request.id,
        http.request.method = request.method,
        http.route = request.route,
        client.address = request.client,
        "part of a request was not inspected: {}",
        verdict.completeness
    );
    if failed {
        event!(
            name: names::ENGINE_FAILED,
            target: names::EVENTS,
            Level::WARN,
            error.type = "panic",
            rasp.request.id = request.id,
            "the inspection of a request failed"
        );
    }
}

/// Says what is in force from now on, mode by mode.
pub(crate) fn started(engine: &Engine, version: u64) {
    modes(engine);
    event!(target: names::DIAGNOSTICS, Level::INFO, rasp.config.version = version, rasp.ruleset.rules = engine.rules().len(), "tower-rasp is in force");
}

/// Says that a new configuration is in force.
pub(crate) fn reloaded(engine: &Engine, version: u64) {
    modes(engine);
    event!(
        name: names::CONFIG_RELOADED,
        target: names::EVENTS,
        Level::INFO,
        rasp.config.version = version,
        rasp.ruleset.rules = engine.rules().len(),
        "a new configuration is in force"
    );
}

/// Says that a new configuration was refused.
pub(crate) fn rejected(error: &BuildError) {
    event!(
        name: names::CONFIG_REJECTED,
        target: names::EVENTS,
        Level::WARN,
        error.type = "config",
        "the new configuration was refused, and the old one stays: {error}"
    );
}

fn modes(engine: &Engine) {
    for (route, modes) in engine.policy().effective_modes() {
        let list: Vec<String> = modes.iter().map(|(category, mode)| format!("{category}={mode}")).collect();
        event!(
            target: names::DIAGNOSTICS,
            Level::INFO,
            http.route = route.map(|route| route.route.as_str()),
            modes = list.join(" "),
            "effective modes"
        );
    }
}
