//! A request in memory, in the words of the `http` crate, and its verdict.

use std::time::SystemTime;

use bytes::Bytes;
use http::Request;
use tower_rasp::{Head, Inspection, Rasp, Verdict};

/// Makes a request; an error is the `http` crate's refusal, after which no layer would see it.
pub fn build<'a>(
    method: &[u8],
    target: &[u8],
    headers: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    body: Bytes,
) -> Result<Request<Bytes>, http::Error> {
    headers
        .fold(Request::builder().method(method).uri(target), |request, (name, value)| request.header(name, value))
        .body(body)
}

/// The verdict over a whole request.
pub fn inspect(rasp: &Rasp, request: &Request<Bytes>) -> Verdict {
    let mut inspection = Inspection::head(rasp.engine(), head(request));
    if !request.body().is_empty() {
        inspection.chunk(request.body());
    }
    inspection.end();
    inspection.engine().judge(inspection.context())
}

/// The head of a request, as a layer would make it.
pub fn head(request: &Request<Bytes>) -> Head {
    let uri = request.uri();
    let method = request.method().as_str().as_bytes();
    let builder = Head::builder(method, uri.path().as_bytes(), uri.query().map(str::as_bytes)).time(SystemTime::now());
    let builder =
        uri.authority().into_iter().fold(builder, |head, authority| head.authority(authority.as_str().as_bytes()));
    let headers = request.headers().iter();
    headers.fold(builder, |head, (name, value)| head.header(name.as_str().as_bytes(), value.as_bytes())).build()
}
