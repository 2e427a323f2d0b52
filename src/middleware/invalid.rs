//! What is told to a client whose request is not as its schema says.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::answer::Told;
use crate::config::SchemaStatuses;
use crate::context::RequestContext;
use crate::engine::Engine;
use crate::policy::ValidationError;

/// What the errors of a request come to. Its status is that of the error which makes the rest idle: who
/// asks for what is not there, or may not, need not be told that a value is too long.
pub(super) fn told<'a>(errors: &'a [ValidationError], statuses: &SchemaStatuses) -> Told<'a> {
    let ranked = errors.iter().map(|error| match error.keyword {
        "undeclared_route" | "ambiguous_path" => (0, statuses.route),
        "undeclared_method" => (1, statuses.method),
        "missing_credential" => (2, statuses.credential),
        "undeclared_content_type" | "encoded_body" => (3, statuses.content_type),
        "body_too_large" => (4, statuses.too_large),
        "no_memory" => (6, statuses.no_memory),
        "unvalidated" => (7, statuses.too_large),
        _ => (5, statuses.other),
    });
    let status = ranked.min().map_or(statuses.other, |(_, status)| status);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    Told {
        status,
        // INVALID_ARGUMENT.
        grpc_status: "3",
        title: status.canonical_reason().unwrap_or("Invalid"),
        detail: "The request is not as this service describes it.",
        errors,
    }
}

/// Seconds after which a client may come again when there was no memory.
const RETRY_SECONDS: &str = "1";

/// Adds what the standard asks to stand beside a status: `Allow`, `WWW-Authenticate`, `Accept`,
/// `Accept-Encoding`, `Retry-After` (RFC 9110, 15.5.2, 15.5.6, 15.5.16, 15.6.4).
pub(super) fn add_hints(response: &mut Response<Bytes>, engine: &Engine, context: &RequestContext) {
    let name: HeaderName = match response.status() {
        StatusCode::UNAUTHORIZED => WWW_AUTHENTICATE,
        StatusCode::METHOD_NOT_ALLOWED => ALLOW,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            ACCEPT
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
            return;
        }
        _ => return,
    };
    for value in engine.hints(context, name.as_str()) {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().append(&name, value);
        }
    }
}
