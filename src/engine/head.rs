//! The head of a request to leaves, and what is odd about the head as a whole.

use super::limits::Limits;
use crate::decode::{self, DecodeLimits, Sink};
use crate::input::{Cause, Head, Header, Notice};

/// A sink that may have read a path or a header before.
pub(super) trait HeadSink: Sink + Sized {
    /// Takes in the leaves of the path; the template names them.
    fn path(&mut self, raw: &[u8], template: Option<&str>) {
        decode::path_segments(raw, template, self);
    }

    /// Takes in the leaves of one header.
    fn header(&mut self, header: &Header<'_>, limits: &DecodeLimits) {
        decode::header(header, limits, self);
    }
}

/// Emits every leaf of a head. The framework's template names what stands in the path, else `template`
/// does.
pub(super) fn leaves(head: &Head, template: Option<&str>, limits: &Limits, sink: &mut impl HeadSink) {
    let limits = limits.decode();
    decode::method(head, sink);
    sink.path(head.path(), head.route().or(template));
    decode::parameters(head, &limits, sink);
    let (mut host, mut content_type, mut hosts) = (None, None, 0);
    for header in head.headers() {
        match header.name {
            b"host" => {
                hosts += 1;
                host = Some(header.value);
            }
            b"content-type" => {
                if content_type.is_some_and(|first| !is_same_type(first, header.value)) {
                    sink.notice(Notice::TwoContentTypes);
                }
                content_type.get_or_insert(header.value);
            }
            // A coding that is left on the body hides it, in whichever header it is named.
            b"content-encoding" if !header.value.eq_ignore_ascii_case(b"identity") => {
                sink.incomplete(Cause::DisabledDecoder);
            }
            b"transfer-encoding" if !header.value.trim_ascii().eq_ignore_ascii_case(b"chunked") => {
                sink.incomplete(Cause::DisabledDecoder);
            }
            _ => {}
        }
        sink.header(&header, &limits);
    }
    match (host, head.authority()) {
        (None, None) if head.needs_host() => sink.notice(Notice::NoHost),
        (Some(host), Some(authority)) if !is_same_host(host, authority) => sink.notice(Notice::OtherHost),
        _ => {}
    }
    if hosts > 1 {
        sink.notice(Notice::TwoHosts);
    }
}

/// Whether two content types name one media type, whatever their parameters.
fn is_same_type(one: &[u8], other: &[u8]) -> bool {
    let media_type = |value: &'_ [u8]| memchr::memchr(b';', value).unwrap_or(value.len());
    one[..media_type(one)].trim_ascii().eq_ignore_ascii_case(other[..media_type(other)].trim_ascii())
}

/// Whether two authorities name one host and port; the ports of HTTP and HTTPS may be left out.
fn is_same_host(one: &[u8], other: &[u8]) -> bool {
    host_of(one).eq_ignore_ascii_case(host_of(other))
}

fn host_of(authority: &[u8]) -> &[u8] {
    let begin = memchr::memrchr(b'@', authority).map_or(0, |at| at + 1);
    let host = authority[begin..].trim_ascii();
    host.strip_suffix(b":80").or_else(|| host.strip_suffix(b":443")).unwrap_or(host)
}
