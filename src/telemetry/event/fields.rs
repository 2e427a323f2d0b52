//! The attributes of an event, by their names.

use super::Event;
use crate::rule::RULESET_VERSION;
use crate::telemetry::names;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::telemetry) enum Value {
    Text(String),
    Word(&'static str),
    Integer(i64),
    Number(f64),
    Flag(bool),
    Words(Vec<&'static str>),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&'static str> for Value {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn add(&mut self, name: &'static str, value: Option<impl Into<Value>>) {
        self.0.extend(value.map(|value| (name, value.into())));
    }

    fn count(&mut self, name: &'static str, number: Option<impl TryInto<i64>>) {
        let number = number.map(|number| number.try_into().unwrap_or(i64::MAX));
        self.0.extend(number.map(|number| (name, Value::Integer(number))));
    }
}

/// Every attribute that the event has.
pub(in crate::telemetry) fn fields(event: &Event) -> Vec<(&'static str, Value)> {
    let mut fields = Fields(Vec::with_capacity(32));
    rule(event, &mut fields);
    detail(event, &mut fields);
    request(event, &mut fields);
    fields.0
}

fn rule(event: &Event, fields: &mut Fields) {
    let Some(rule) = &event.rule else { return };
    fields.add(names::SECURITY_RULE_UUID, Some(rule.id.clone()));
    fields.add(names::SECURITY_RULE_NAME, Some(rule.description.clone()));
    fields.add(names::SECURITY_RULE_CATEGORY, Some(rule.category.as_str()));
    fields.add(names::SECURITY_RULE_RULESET_NAME, Some(rule.ruleset()));
    fields.add(names::SECURITY_RULE_VERSION, rule.version());
    fields.add(names::ATTRIBUTE_SEVERITY, Some(rule.severity.as_str()));
    fields.add(names::ATTRIBUTE_WEAKNESS_ID, rule.category.cwe().map(|number| format!("CWE-{number}")));
    fields.add(names::ATTRIBUTE_TECHNIQUE_ID, rule.category.attack_technique());
}

fn detail(event: &Event, fields: &mut Fields) {
    let detail = &event.detail;
    fields.add(names::ATTRIBUTE_ACTION, detail.action.map(|action| action.as_str()));
    fields.add(names::ATTRIBUTE_VERDICT, detail.verdict.map(|verdict| verdict.as_str()));
    fields.add(names::ATTRIBUTE_PHASE, detail.phase);
    fields.add(names::ATTRIBUTE_LOCATION, detail.location.clone());
    fields.add(names::ATTRIBUTE_LOCATION_NAME, detail.location_name.clone());
    fields.add(names::ATTRIBUTE_CONFIDENCE, detail.confidence.map(|confidence| confidence.as_str()));
    fields.add(names::ATTRIBUTE_MATCH_EXCERPT, detail.excerpt.clone());
    fields.add(names::ATTRIBUTE_VALIDATION_TARGET, detail.validation_target);
    fields.add(names::ATTRIBUTE_VALIDATION_KEYWORD, detail.validation_keyword);
    fields.add(names::ATTRIBUTE_VALIDATION_PATH, detail.validation_path.clone());
    fields.add(names::ATTRIBUTE_INSPECTION_DURATION, detail.duration_seconds.map(Number));
    fields.add(names::ERROR_TYPE, detail.error_type);
    fields.add(names::ATTRIBUTE_ON_ERROR, detail.on_error.map(|action| action.as_str()));
    fields.count(names::ATTRIBUTE_SUPPRESSED_COUNT, detail.suppressed);
    fields.add(names::ATTRIBUTE_CONFIG_VERSION, detail.config_version.map(version));
    fields.count(names::ATTRIBUTE_RULESET_RULES, detail.rules);
    fields.add(names::SECURITY_RULE_RULESET_NAME, detail.ruleset);
    fields.add(names::SECURITY_RULE_VERSION, detail.ruleset.map(|_| RULESET_VERSION));
}

fn request(event: &Event, fields: &mut Fields) {
    let Some(request) = event.request.as_deref() else { return };
    fields.add(names::ATTRIBUTE_MODE, Some(request.mode.as_str()));
    fields.count(names::ATTRIBUTE_SCORE, Some(request.score));
    fields.count(names::ATTRIBUTE_MATCH_COUNT, Some(request.matches));
    let causes: Vec<&'static str> = request.completeness.causes().map(|cause| cause.as_str()).collect();
    let causes = if causes.is_empty() { vec!["whole"] } else { causes };
    fields.add(names::ATTRIBUTE_INSPECTION_COMPLETENESS, Some(Value::Words(causes)));
    fields.add(names::ATTRIBUTE_REQUEST_ID, Some(request.id.clone()));
    fields.add(names::ATTRIBUTE_HANDLER_RAN, Some(Value::Flag(request.handler_ran)));
    fields.add(names::ATTRIBUTE_CONFIG_VERSION, Some(version(request.config_version)));
    fields.add(names::HTTP_REQUEST_METHOD, Some(request.method));
    fields.add(names::HTTP_ROUTE, request.route.clone());
    fields.count(names::HTTP_RESPONSE_STATUS_CODE, request.status);
    fields.add(names::URL_PATH, request.path.clone());
    fields.add(names::CLIENT_ADDRESS, request.client.map(|client| client.to_string()));
    fields.add(names::NETWORK_PEER_ADDRESS, request.peer.map(|peer| peer.to_string()));
    fields.add(names::USER_AGENT_ORIGINAL, request.user_agent.clone());
    fields.add(names::USER_ID, request.user.clone());
}

struct Number(f64);

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number.0)
    }
}

/// A configuration's number as it is shown.
pub(in crate::telemetry) fn version(version: u64) -> String {
    format!("{version:016x}")
}

impl From<Value> for serde_json::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(text) => text.into(),
            Value::Word(word) => word.into(),
            Value::Integer(number) => number.into(),
            Value::Number(number) => number.into(),
            Value::Flag(flag) => flag.into(),
            Value::Words(words) => words.into(),
        }
    }
}
