//! The head of a request: method, path, query, headers, cookies.
//!
//! # What this does not protect from
//!
//! A header whose value has a format of its own (a list, parameters, a token) is one leaf.

use super::DecodeLimits;
use super::Sink;
use super::cookie::cookies;
use super::form::query;
use super::path::path_segments;
use crate::input::Head;
use crate::input::Header;
use crate::input::Leaf;
use crate::input::Place;

/// Reads a whole head.
pub fn head(head: &Head, limits: &DecodeLimits, sink: &mut dyn Sink) {
    method(head, sink);
    path_segments(head.path(), head.route(), sink);
    parameters(head, limits, sink);
    head.headers().for_each(|one| header(&one, limits, sink));
}

/// Reads the method.
pub fn method(head: &Head, sink: &mut dyn Sink) {
    sink.leaf(Leaf::value(Place::Method, b"", head.method()));
}

/// Reads the query.
pub fn parameters(head: &Head, limits: &DecodeLimits, sink: &mut dyn Sink) {
    if let Some(raw) = head.query() {
        query(raw, Place::Query, limits, sink);
    }
}

/// Reads one header: its name where that could matter, and its value or its cookies.
pub fn header(header: &Header<'_>, limits: &DecodeLimits, sink: &mut dyn Sink) {
    if !is_plain(header.name) {
        sink.leaf(Leaf::name(Place::Header, header.name, header.name));
    }
    if header.name == b"cookie" {
        cookies(header.value, limits, sink);
    } else {
        sink.leaf(Leaf::value(Place::Header, header.name, header.value));
    }
}

/// A name of letters, digits and hyphens, as nearly all are, breaks out of nothing.
fn is_plain(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}
