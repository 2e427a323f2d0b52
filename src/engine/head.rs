//! The head of a request to leaves, and what is odd about the head as a whole.

use super::limits::Limits;
use crate::decode::{self, DecodeLimits, Sink};
use crate::input::{Cause, Head, Header, Notice};

/// A sink that may have read a header before.
pub(super) trait HeadSink: Sink + Sized {
    /// Takes in the leaves of one header.
    fn header(&mut self, header: &Header<'_>, limits: &DecodeLimits) {
        decode::header(header, limits, self);
    }
}

/// Emits every leaf of a head. The framework's template names what stands in the path, else `template`
/// does.
pub(super) fn leaves(head: &Head, template: Option<&str>, limits: &Limits, sink: &mut impl HeadSink) {
    let limits = limits.decode();
    decode::target(head, head.route().or(template), &limits, sink);
    let mut hosts = 0;
    for header in head.headers() {
        match header.name {
            b"host" => hosts += 1,
            b"content-encoding" if !header.value.eq_ignore_ascii_case(b"identity") => {
                sink.incomplete(Cause::DisabledDecoder);
            }
            _ => {}
        }
        sink.header(&header, &limits);
    }
    if hosts > 1 {
        sink.notice(Notice::TwoHosts);
    }
}
