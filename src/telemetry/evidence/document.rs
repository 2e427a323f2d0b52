//! The evidence of one request as a document, before it is encrypted.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::Case;
use crate::context::Input;
use crate::input::{Aspect, Location, Place, is_secret_key, keyed_secrets};
use crate::policy::JudgedFinding;
use crate::telemetry::audit::milliseconds;
use crate::telemetry::event::version;
use crate::telemetry::names;

/// What stands for a credential.
const MASK: &str = "***";

/// The document. Bytes that are no UTF-8 are `{"hex": ".."}`.
pub(super) fn of(case: &Case) -> Value {
    let verdict = &case.verdict;
    json!({
        names::ATTRIBUTE_REQUEST_ID: case.id,
        "time": milliseconds(case.head.time()),
        names::ATTRIBUTE_CONFIG_VERSION: version(case.config_version),
        names::ATTRIBUTE_ACTION: verdict.action.as_str(),
        names::ATTRIBUTE_VERDICT: verdict.verdict.as_str(),
        names::ATTRIBUTE_MODE: verdict.mode.as_str(),
        names::ATTRIBUTE_INSPECTION_COMPLETENESS: verdict.completeness.to_string(),
        names::HTTP_ROUTE: case.route,
        names::HTTP_RESPONSE_STATUS_CODE: case.status,
        names::ATTRIBUTE_HANDLER_RAN: case.handler_ran,
        names::CLIENT_ADDRESS: case.head.client().map(|client| client.to_string()),
        names::USER_ID: case.user,
        "request": request(case),
        "findings": verdict.findings.iter().map(|judged| finding(case, judged)).collect::<Vec<_>>(),
        "leaves": leaves(case),
        "leaves_whole": case.inputs_whole,
    })
}

fn request(case: &Case) -> Value {
    let head = &case.head;
    let headers = head.headers().map(|header| {
        let value = if !case.secrets && is_secret_key(header.name) { MASK.into() } else { shown(case, header.value) };
        json!([text(header.name), value])
    });
    json!({
        "method": text(head.method()),
        "authority": head.authority().map(|authority| shown_authority(case, authority)),
        "path": shown(case, head.path()),
        "query": head.query().map(|query| shown(case, query)),
        "headers": headers.collect::<Vec<_>>(),
    })
}

fn finding(case: &Case, judged: &JudgedFinding) -> Value {
    let finding = &judged.finding;
    json!({
        names::SECURITY_RULE_UUID: finding.rule.id,
        names::SECURITY_RULE_CATEGORY: finding.rule.category.as_str(),
        names::ATTRIBUTE_LOCATION: location(case, &finding.location),
        names::ATTRIBUTE_CONFIDENCE: finding.confidence.as_str(),
        names::ATTRIBUTE_ACTION: judged.action.as_str(),
        "chain": finding.chain,
        "span": [finding.span.start, finding.span.end],
        "structure": finding.structure,
    })
}

/// The values in which something was found, then the names.
fn leaves(case: &Case) -> Vec<Value> {
    let value = |input: &Input| {
        let at = &input.location;
        let secret = at.place() == Place::Cookie || is_secret_key(at.name());
        let value = if secret && !case.secrets { MASK.into() } else { shown(case, &input.value) };
        json!({ names::ATTRIBUTE_LOCATION: location(case, at), "value": value })
    };
    let mut leaves: Vec<Value> = case.inputs.iter().map(value).collect();
    for judged in &case.verdict.findings {
        let at = &judged.finding.location;
        if at.leaf(b"").aspect == Aspect::Name {
            let leaf = json!({ names::ATTRIBUTE_LOCATION: location(case, at), "value": shown(case, at.name()) });
            if !leaves.contains(&leaf) {
                leaves.push(leaf);
            }
        }
    }
    leaves
}

fn location(case: &Case, location: &Location) -> Value {
    shown(case, location.to_full_string().as_bytes())
}

/// Bytes of a client without the credentials that a name in them tells of, unless those are asked for.
fn shown(case: &Case, bytes: &[u8]) -> Value {
    if case.secrets { text(bytes) } else { text(&masked(bytes)) }
}

/// An authority may begin with a user and a password.
fn shown_authority(case: &Case, bytes: &[u8]) -> Value {
    match bytes.iter().rposition(|&byte| byte == b'@') {
        Some(at) if !case.secrets => text(&[MASK.as_bytes(), &bytes[at..]].concat()),
        _ => shown(case, bytes),
    }
}

fn masked(bytes: &[u8]) -> Cow<'_, [u8]> {
    let secrets = keyed_secrets(bytes);
    if secrets.is_empty() {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for secret in secrets {
        out.extend_from_slice(&bytes[at..secret.start]);
        out.extend_from_slice(MASK.as_bytes());
        at = secret.end;
    }
    out.extend_from_slice(&bytes[at..]);
    Cow::Owned(out)
}

fn text(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => json!({ "hex": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() }),
    }
}
