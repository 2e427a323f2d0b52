//! The head of a request to leaves.

use super::limits::Limits;
use crate::decode::{self, Sink};
use crate::input::{Cause, Head, Leaf, Notice, Place};

/// Emits every leaf of a head: method, path, query, headers, cookies.
pub(super) fn leaves(head: &Head, limits: &Limits, sink: &mut dyn Sink) {
    let limits = limits.decode();
    sink.leaf(Leaf::value(Place::Method, b"", head.method()));
    decode::path_segments(head.path(), head.route(), sink);
    if let Some(query) = head.query() {
        decode::query(query, Place::Query, &limits, sink);
    }
    let mut hosts = 0;
    for header in head.headers() {
        if !is_plain(header.name) {
            sink.leaf(Leaf::name(Place::Header, header.name, header.name));
        }
        match header.name {
            b"cookie" => decode::cookies(header.value, &limits, sink),
            b"host" => hosts += 1,
            b"content-encoding" if !header.value.eq_ignore_ascii_case(b"identity") => {
                sink.incomplete(Cause::DisabledDecoder);
            }
            _ => {}
        }
        if header.name != b"cookie" {
            sink.leaf(Leaf::value(Place::Header, header.name, header.value));
        }
    }
    if hosts > 1 {
        sink.notice(Notice::TwoHosts);
    }
}

/// A header name of letters, digits and hyphens, as nearly all are, breaks out of nothing.
fn is_plain(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}
