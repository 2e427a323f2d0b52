//! The answer to a refused request: an incident id, and nothing that helps an attacker. One that is
//! only not as its schema says is told what is wrong with it, and no value.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};

use super::accept::{self, Form};
use super::invalid;
use crate::config::AnswerSettings;
use crate::context::RequestContext;
use crate::policy::{ValidationError, Verdict};
use crate::rasp::Snapshot;

type Respond = dyn Fn(&Verdict, &RequestContext) -> Response<Bytes> + Send + Sync;
type RespondInvalid = dyn Fn(&[ValidationError], &RequestContext) -> Response<Bytes> + Send + Sync;

/// A user's own answers.
#[derive(Clone, Default)]
pub(super) struct Answers {
    /// To every refused request.
    pub(super) all: Option<Arc<Respond>>,
    /// To one that is only not as its schema says.
    pub(super) invalid: Option<Arc<RespondInvalid>>,
}

/// Builds the answer, in the user's way where there is one.
pub(super) fn build(
    verdict: &Verdict,
    context: &RequestContext,
    snapshot: &Snapshot,
    answers: &Answers,
) -> Response<Bytes> {
    let errors = verdict.validation_errors();
    let grpc_type = context.head().header("content-type").find_map(grpc_type);
    let mut response = match (&answers.invalid, &answers.all) {
        (Some(respond), _) if !errors.is_empty() => respond(&errors, context),
        (_, Some(respond)) => respond(verdict, context),
        _ if errors.is_empty() => built_in(&Told::forbidden(&snapshot.answer), context, grpc_type),
        _ => {
            let told = invalid::told(&errors, &snapshot.answer.schema);
            let mut response = built_in(&told, context, grpc_type);
            invalid::add_hints(&mut response, &snapshot.engine, context);
            response
        }
    };
    if context.head().method() == b"HEAD" {
        // The length is that of the answer to a GET, or is not told (RFC 9110, 8.6).
        let length = std::mem::take(response.body_mut()).len();
        if length > 0 {
            response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| length.into());
        }
    }
    response
}

/// Whether a content type is that of gRPC in one of its codings.
pub(super) fn is_grpc(content_type: &[u8]) -> bool {
    grpc_type(content_type).is_some()
}

/// The content type of an answer to one of gRPC: a client in a browser reads no other than its own.
fn grpc_type(content_type: &[u8]) -> Option<&'static str> {
    let begins = |name: &&str| {
        let (begin, after) = content_type.split_at_checked(name.len()).unwrap_or_default();
        begin.eq_ignore_ascii_case(name.as_bytes()) && after.first().is_none_or(|byte| b"+;- \t".contains(byte))
    };
    let known = [
        ("application/grpc-web-text", "application/grpc-web-text+proto"),
        ("application/grpc-web", "application/grpc-web+proto"),
        ("application/grpc", "application/grpc"),
    ];
    known.into_iter().find(|(name, _)| begins(name)).map(|(_, answer)| answer)
}

/// What a refused client is told.
pub(super) struct Told<'a> {
    pub(super) status: StatusCode,
    /// The status of gRPC.
    pub(super) grpc_status: &'static str,
    pub(super) title: &'a str,
    pub(super) detail: &'a str,
    /// What is wrong, where a schema says so.
    pub(super) errors: &'a [ValidationError],
}

impl<'a> Told<'a> {
    /// `PERMISSION_DENIED` in gRPC.
    fn forbidden(settings: &'a AnswerSettings) -> Self {
        Self {
            status: StatusCode::from_u16(settings.status).unwrap_or(StatusCode::FORBIDDEN),
            grpc_status: "7",
            title: &settings.title,
            detail: &settings.detail,
            errors: &[],
        }
    }
}

fn built_in(told: &Told<'_>, context: &RequestContext, grpc_type: Option<&'static str>) -> Response<Bytes> {
    if let Some(content_type) = grpc_type {
        return grpc(told, context, content_type);
    }
    let (content_type, body) = match accept::form(context.head().header("accept")) {
        // Whoever sends JSON can read it.
        Form::Text if told.errors.is_empty() => ("text/plain; charset=utf-8", text(told, context)),
        Form::Text if accept::asks_for_text(context.head().header("accept")) => {
            ("text/plain; charset=utf-8", text(told, context))
        }
        Form::Text | Form::Problem => ("application/problem+json", problem(told, context)),
        Form::Html => ("text/html; charset=utf-8", page(told, context)),
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = told.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn text(told: &Told<'_>, context: &RequestContext) -> String {
    let lines: String = told.errors.iter().map(|error| format!("- {}: {}\n", error.location, error.message)).collect();
    let errors = if lines.is_empty() { lines } else { format!("{lines}\n") };
    format!("{}\n\n{}\n\n{errors}Incident: {}\n", told.title, told.detail, context.id())
}

fn problem(told: &Told<'_>, context: &RequestContext) -> String {
    let incident = context.id().to_string();
    let mut problem = serde_json::json!({
        "type": "about:blank",
        "title": told.title,
        "status": told.status.as_u16(),
        "detail": told.detail,
        "instance": format!("urn:rasp:incident:{incident}"),
        "incident": incident,
    });
    if !told.errors.is_empty() {
        problem["errors"] = serde_json::json!(told.errors);
    }
    problem.to_string()
}

fn page(told: &Told<'_>, context: &RequestContext) -> String {
    let (title, detail, id) = (escape(told.title), escape(told.detail), context.id());
    let item = |error: &ValidationError| {
        format!("<li><code>{}</code>: {}</li>", escape(&error.location.to_string()), escape(&error.message))
    };
    let items: String = told.errors.iter().map(item).collect();
    let errors = if items.is_empty() { items } else { format!("<ul>{items}</ul>") };
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body><h1>{title}</h1><p>{detail}</p>{errors}<p>Incident: <code>{id}</code></p></body></html>\n"
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// With trailers only: the headers carry the status, and no body follows.
fn grpc(told: &Told<'_>, context: &RequestContext, content_type: &'static str) -> Response<Bytes> {
    let message = percent_encode(&format!("{} (incident {})", told.title, context.id()));
    let mut response = Response::new(Bytes::new());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("grpc-status", HeaderValue::from_static(told.grpc_status));
    if let Ok(message) = HeaderValue::try_from(message) {
        headers.insert("grpc-message", message);
    }
    response
}

/// As gRPC writes messages in headers: printable ASCII but `%` as it is.
fn percent_encode(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if (b' '..=b'~').contains(&byte) && byte != b'%' {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_operator_are_escaped_for_where_they_stand() {
        assert_eq!(escape("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
        assert_eq!(percent_encode("100 % é\n"), "100 %25 %C3%A9%0A");
    }

    #[test]
    fn grpc_is_known_by_its_type_in_every_coding() {
        for yes in ["application/grpc", "application/grpc+proto", "Application/GRPC;x", "application/grpc-web"] {
            assert!(is_grpc(yes.as_bytes()), "{yes}");
        }
        for (asked, answered) in [
            ("application/grpc+json", "application/grpc"),
            ("application/grpc-web", "application/grpc-web+proto"),
            ("Application/gRPC-Web+proto", "application/grpc-web+proto"),
            ("application/grpc-web-text; charset=utf-8", "application/grpc-web-text+proto"),
        ] {
            assert_eq!(grpc_type(asked.as_bytes()), Some(answered), "{asked}");
        }
        for no in ["", "application/grp", "application/grpcs", "text/application/grpc"] {
            assert!(!is_grpc(no.as_bytes()), "{no}");
        }
    }
}
