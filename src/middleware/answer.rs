//! The answer to a refused request: an incident id, and nothing that helps an attacker.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};

use super::accept::{self, Form};
use crate::config::AnswerSettings;
use crate::context::RequestContext;
use crate::policy::Verdict;

/// A user's own answer.
pub(super) type Respond = dyn Fn(&Verdict, &RequestContext) -> Response<Bytes> + Send + Sync;

/// Builds the answer, in the user's way where there is one.
pub(super) fn build(
    verdict: &Verdict,
    context: &RequestContext,
    settings: &AnswerSettings,
    respond: Option<&Respond>,
) -> Response<Bytes> {
    let mut response = match respond {
        Some(respond) => respond(verdict, context),
        None if context.head().header("content-type").any(is_grpc) => grpc(context, settings),
        None => plain(context, settings),
    };
    if context.head().method() == b"HEAD" {
        response.body_mut().clear();
    }
    response
}

/// Whether a content type is that of gRPC in one of its codings.
pub(super) fn is_grpc(content_type: &[u8]) -> bool {
    let name = content_type.get(..b"application/grpc".len());
    let after = content_type.get(b"application/grpc".len());
    name.is_some_and(|name| name.eq_ignore_ascii_case(b"application/grpc"))
        && after.is_none_or(|byte| b"+;- \t".contains(byte))
}

fn plain(context: &RequestContext, settings: &AnswerSettings) -> Response<Bytes> {
    let status = StatusCode::from_u16(settings.status).unwrap_or(StatusCode::FORBIDDEN);
    let (content_type, body) = match accept::form(context.head().header("accept")) {
        Form::Text => ("text/plain; charset=utf-8", text(context, settings)),
        Form::Problem => ("application/problem+json", problem(context, settings, status)),
        Form::Html => ("text/html; charset=utf-8", page(context, settings)),
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn text(context: &RequestContext, settings: &AnswerSettings) -> String {
    format!("{}\n\n{}\n\nIncident: {}\n", settings.title, settings.detail, context.id())
}

fn problem(context: &RequestContext, settings: &AnswerSettings, status: StatusCode) -> String {
    let incident = context.id().to_string();
    serde_json::json!({
        "type": "about:blank",
        "title": settings.title,
        "status": status.as_u16(),
        "detail": settings.detail,
        "instance": format!("urn:rasp:incident:{incident}"),
        "incident": incident,
    })
    .to_string()
}

fn page(context: &RequestContext, settings: &AnswerSettings) -> String {
    let (title, detail, id) = (escape(&settings.title), escape(&settings.detail), context.id());
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body><h1>{title}</h1><p>{detail}</p><p>Incident: <code>{id}</code></p></body></html>\n"
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

/// `PERMISSION_DENIED`, with trailers only: the headers carry the status, and no body follows.
fn grpc(context: &RequestContext, settings: &AnswerSettings) -> Response<Bytes> {
    let message = percent_encode(&format!("{} (incident {})", settings.title, context.id()));
    let mut response = Response::new(Bytes::new());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("grpc-status", HeaderValue::from_static("7"));
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
        for no in ["", "application/grp", "application/grpcs", "text/application/grpc"] {
            assert!(!is_grpc(no.as_bytes()), "{no}");
        }
    }
}
