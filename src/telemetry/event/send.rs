//! The two ways by which an event leaves the program's logs: `tracing`, or OpenTelemetry's Logs API.

use tracing::Level as TracingLevel;
use tracing::event;

#[cfg(feature = "otel")]
use super::Event;
use super::fields::version;
#[cfg(feature = "otel")]
use super::fields::{Value, fields};
use super::{Level, Pending};
use crate::rule::RULESET_VERSION;
#[cfg(feature = "otel")]
use crate::telemetry::logs::LogRecord;
use crate::telemetry::names;

/// Sends an event through `tracing`, at WARN at the most: at ERROR, OpenTelemetry's bridge would
/// turn the user's own server span into a failed one.
pub(in crate::telemetry) fn through_tracing(pending: &Pending<'_>) {
    // Fields are looked at only where somebody takes the event: nothing is made for nobody.
    let event = || pending.event().as_ref();
    let (rule, detail, request) = (|| event().rule.as_deref(), || &event().detail, || event().request.as_deref());
    let config_version = || detail().config_version.or(request().map(|request| request.config_version));
    // Each call is a place of its own with its own name, since those must be constants.
    macro_rules! send {
        ($($name:ident at $level:ident $(or $other:ident)?;)*) => {
            match (pending.name, pending.level) {
                $(
                    (names::$name, Level::$level) => send!(@ $name, $level),
                    $((names::$name, Level::$other) => send!(@ $name, $other),)?
                )*
                _ => {}
            }
        };
        (@ $name:ident, Debug) => { send!(! names::$name, TracingLevel::DEBUG) };
        (@ $name:ident, Info) => { send!(! names::$name, TracingLevel::INFO) };
        (@ $name:ident, Warn) => { send!(! names::$name, TracingLevel::WARN) };
        (! $name:expr, $level:expr) => {
            event!(
                name: $name,
                target: names::EVENTS,
                $level,
                security_rule.uuid = rule().map(|rule| rule.id.as_str()),
                security_rule.name = rule().map(|rule| rule.description.as_str()),
                security_rule.category = rule().map(|rule| rule.category.as_str()),
                security_rule.ruleset.name = rule().map(|rule| rule.ruleset()).or(detail().ruleset),
                security_rule.version = rule().map_or(detail().ruleset.map(|_| RULESET_VERSION), |rule| rule.version()),
                rasp.severity = rule().map(|rule| rule.severity.as_str()),
                rasp.weakness.id = rule().and_then(|rule| rule.category.cwe()).map(|cwe| display(format!("CWE-{cwe}"))),
                rasp.technique.id = rule().and_then(|rule| rule.category.attack_technique()),
                rasp.action = detail().action.map(|action| action.as_str()),
                rasp.verdict = detail().verdict.map(|verdict| verdict.as_str()),
                rasp.phase = detail().phase,
                rasp.location = detail().location.as_deref(),
                rasp.location.name = detail().location_name.as_deref(),
                rasp.confidence = detail().confidence.map(|confidence| confidence.as_str()),
                rasp.match.excerpt = detail().excerpt.as_deref(),
                rasp.validation.target = detail().validation_target,
                rasp.validation.keyword = detail().validation_keyword,
                rasp.validation.path = detail().validation_path.as_deref(),
                rasp.inspection.duration = detail().duration_seconds,
                error.type = detail().error_type,
                rasp.on_error = detail().on_error.map(|action| action.as_str()),
                rasp.suppressed.count = detail().suppressed.map(integer),
                rasp.ruleset.rules = detail().rules.map(integer),
                rasp.mode = request().map(|request| request.mode.as_str()),
                rasp.score = request().map(|request| integer(request.score)),
                rasp.match.count = request().map(|request| integer(request.matches)),
                rasp.inspection.completeness = request().map(|request| display(request.completeness)),
                rasp.request.id = request().map(|request| request.id.as_str()),
                rasp.handler.ran = request().map(|request| request.handler_ran),
                rasp.config.version = config_version().map(|number| display(version(number))),
                http.request.method = request().map(|request| request.method),
                http.route = request().and_then(|request| request.route.as_deref()),
                http.response.status_code = request().and_then(|request| request.status).map(integer),
                url.path = request().and_then(|request| request.path.as_deref()),
                client.address = request().and_then(|request| request.client).map(display),
                network.peer.address = request().and_then(|request| request.peer).map(display),
                user_agent.original = request().and_then(|request| request.user_agent.as_deref()),
                user.id = request().and_then(|request| request.user.as_deref()),
                "{}",
                event().message
            )
        };
    }
    send! {
        RULE_MATCHED at Warn or Info;
        VALIDATION_FAILED at Warn or Info;
        REQUEST_BLOCKED at Warn;
        REQUEST_INCOMPLETE at Info;
        REQUEST_INSPECTED at Debug;
        ENGINE_FAILED at Warn;
        CONFIG_RELOADED at Info;
        CONFIG_REJECTED at Warn;
        EVENTS_SUPPRESSED at Info;
    }
}

/// Bridges to OpenTelemetry make text of unsigned numbers.
fn integer(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// The same as a record of OpenTelemetry.
#[cfg(feature = "otel")]
pub(in crate::telemetry) fn to_record(event: &Event, trace: Option<opentelemetry::trace::SpanContext>) -> LogRecord {
    use opentelemetry::logs::{AnyValue, Severity};
    let value = |value| match value {
        Value::Text(text) => AnyValue::from(text),
        Value::Word(word) => AnyValue::from(word),
        Value::Integer(number) => AnyValue::from(number),
        Value::Number(number) => AnyValue::from(number),
        Value::Flag(flag) => AnyValue::from(flag),
        Value::Words(words) => words.into_iter().collect::<AnyValue>(),
    };
    LogRecord {
        name: event.name,
        severity: match event.level {
            Level::Debug => Severity::Debug,
            Level::Info => Severity::Info,
            Level::Warn => Severity::Warn,
        },
        time: event.time,
        message: event.message.clone(),
        attributes: fields(event).into_iter().map(|(name, field)| (name, value(field))).collect(),
        trace,
    }
}
