//! What must hold for the push core on any bytes; run by the fuzzer and by `tests/regressions.rs`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bytes::Bytes;
use tower_rasp::{Action, Completeness, Effort, Head, Inspection, Rasp};

const TYPES: [&[u8]; 8] = [
    b"application/json",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=b",
    b"text/plain",
    b"",
    b"multipart/form-data; boundary=b; boundary=c",
    b"application/octet-stream",
    b"text/html; charset=utf-16",
];

static PLAIN: LazyLock<Rasp> = LazyLock::new(Rasp::default);
static EXHAUSTIVE: LazyLock<Rasp> =
    LazyLock::new(|| Rasp::builder().effort(Effort::Exhaustive).build().expect("an engine"));

/// The input is: one byte for the content type, one for the chunk size, then target, a zero
/// byte, a header value, a zero byte, and the body.
pub fn check(data: &[u8]) {
    let [kind, step, rest @ ..] = data else { return };
    let mut parts = rest.splitn(3, |&byte| byte == 0);
    let (target, header, body) =
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let request = Request { content_type: TYPES[usize::from(*kind) % TYPES.len()], target, header };
    let body = Bytes::copy_from_slice(body);
    let whole = outcome(&PLAIN, &request, &body, body.len().max(1));
    let pieces = outcome(&PLAIN, &request, &body, usize::from(*step).max(1));
    assert_eq!(whole, pieces, "another chunking, another verdict");
    assert_eq!(whole, outcome(&EXHAUSTIVE, &request, &body, body.len().max(1)), "the prefilter hid something");
}

struct Request<'a> {
    content_type: &'a [u8],
    target: &'a [u8],
    header: &'a [u8],
}

type Outcome = (Action, BTreeSet<(String, String, String)>, String);

fn outcome(rasp: &Rasp, request: &Request<'_>, body: &Bytes, step: usize) -> Outcome {
    let question = request.target.iter().position(|&byte| byte == b'?');
    let (path, query) = match question {
        Some(at) => (&request.target[..at], Some(&request.target[at + 1..])),
        None => (request.target, None),
    };
    let head = Head::builder(b"POST", path, query)
        .header(b"content-type", request.content_type)
        .header(b"x-any", request.header)
        .header(b"cookie", request.header)
        .build();
    let mut inspection = Inspection::head(rasp.engine(), head);
    let mut at = 0;
    while at < body.len() {
        let end = (at + step).min(body.len());
        inspection.chunk(&body.slice(at..end));
        at = end;
    }
    inspection.end();
    let context = inspection.context();
    let completeness: Completeness = context.completeness();
    assert!(!completeness.to_string().contains("engine_fault"), "a panic was caught");
    let findings = context.findings();
    let findings = findings
        .iter()
        .map(|finding| (finding.rule.id.clone(), finding.location.to_full_string(), finding.confidence.to_string()));
    (inspection.action(), findings.collect(), completeness.to_string())
}
