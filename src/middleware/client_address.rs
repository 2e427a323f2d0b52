//! Whose request it is: the peer, or whom trusted proxies name.
//!
//! # What this does not protect from
//!
//! A proxy that is trusted and does not append to its header, but passes on what the client sent,
//! lets clients choose their address.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV4};

use http::HeaderMap;

use crate::config::ClientSettings;

/// The address of the peer, for servers other than axum's.
///
/// Put it into the extensions of each request before it comes to the layer. Without it, and
/// without axum's `ConnectInfo<SocketAddr>`, the client is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// The client's address; none when it cannot be known.
///
/// The header is read from the right, where the nearest proxy writes, past every trusted hop. The
/// first address that is no trusted proxy is the client's: everything left of it came from the
/// client and may be a lie.
pub(super) fn client(peer: Option<SocketAddr>, headers: &HeaderMap, settings: &ClientSettings) -> Option<IpAddr> {
    let peer = peer?.ip().to_canonical();
    let trusts = |address: &IpAddr| settings.trusted_proxies.iter().any(|network| network.contains(address));
    let Some(header) = settings.header.as_deref().filter(|_| trusts(&peer)) else {
        return Some(peer);
    };
    let forwarded = header.eq_ignore_ascii_case("forwarded");
    let mut client = peer;
    for line in headers.get_all(header).iter().rev() {
        for hop in FromRight::new(line.as_bytes()) {
            // A trusted proxy that names nobody leaves the client unknown.
            client = if forwarded { forwarded_for(hop)? } else { address(hop)? };
            if !trusts(&client) {
                return Some(client);
            }
        }
    }
    Some(client)
}

/// The elements of a list, the last first, empty ones left out.
///
/// Read from the right, quotes and all: what a client wrote at the left, such as a quote without
/// an end, cannot change how the elements of the proxies are read.
struct FromRight<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> FromRight<'a> {
    const fn new(line: &'a [u8]) -> Self {
        Self { rest: Some(line) }
    }
}

impl<'a> Iterator for FromRight<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let rest = self.rest.take()?;
            let element = match last_comma(rest) {
                Some(comma) => {
                    self.rest = Some(&rest[..comma]);
                    &rest[comma + 1..]
                }
                None => rest,
            };
            if !element.trim_ascii().is_empty() {
                return Some(element.trim_ascii());
            }
        }
    }
}

/// The last comma that is not within quotes, counted from the right.
fn last_comma(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    for (index, &byte) in line.iter().enumerate().rev() {
        match byte {
            b'"' if !is_escaped(line, index) => quoted = !quoted,
            b',' if !quoted => return Some(index),
            _ => {}
        }
    }
    None
}

fn is_escaped(line: &[u8], index: usize) -> bool {
    line[..index].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

/// The `for` of one element of `Forwarded` (RFC 7239); none when it has no address there.
fn forwarded_for(element: &[u8]) -> Option<IpAddr> {
    let mut found = None;
    for pair in element.split(|&byte| byte == b';') {
        let pair = pair.trim_ascii();
        let equals = pair.iter().position(|&byte| byte == b'=')?;
        if pair[..equals].eq_ignore_ascii_case(b"for") {
            let value = &pair[equals + 1..];
            let value = match value {
                [b'"', within @ .., b'"'] => within,
                _ => value,
            };
            // A parameter must not stand twice; then nobody knows which counts.
            if found.replace(address(value)?).is_some() {
                return None;
            }
        }
    }
    found
}

/// An address with or without brackets and port; IPv4 within IPv6 is IPv4.
fn address(node: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(node).ok()?.trim();
    let bracketed = || {
        let (inside, after) = text.strip_prefix('[')?.split_once(']')?;
        let port = after.is_empty() || after.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
        port.then(|| inside.parse::<Ipv6Addr>().ok()).flatten().map(IpAddr::V6)
    };
    let plain = || text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddrV4>().ok().map(|address| IpAddr::V4(*address.ip()));
    plain().or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    struct Case {
        name: &'static str,
        peer: Option<&'static str>,
        header: Option<&'static str>,
        lines: &'static [(&'static str, &'static str)],
        client: Option<&'static str>,
    }

    const fn case(
        name: &'static str,
        peer: &'static str,
        header: &'static str,
        lines: &'static [(&'static str, &'static str)],
        client: Option<&'static str>,
    ) -> Case {
        Case { name, peer: Some(peer), header: Some(header), lines, client }
    }

    const XFF: &str = "x-forwarded-for";
    const FORWARDED: &str = "forwarded";
    const PROXY: &str = "10.0.0.1:5000";

    /// The trusted networks are 10.0.0.0/8 and fd00::/8.
    const CASES: &[Case] = &[
        Case { name: "no peer is no client", peer: None, header: Some(XFF), lines: &[(XFF, "1.2.3.4")], client: None },
        Case {
            name: "without a header the peer is the client",
            peer: Some(PROXY),
            header: None,
            lines: &[(XFF, "1.2.3.4")],
            client: Some("10.0.0.1"),
        },
        case("a header from a stranger is a lie", "9.9.9.9:1", XFF, &[(XFF, "1.2.3.4")], Some("9.9.9.9")),
        case("a trusted proxy names the client", PROXY, XFF, &[(XFF, "1.2.3.4")], Some("1.2.3.4")),
        case("the client cannot choose by writing first", PROXY, XFF, &[(XFF, "6.6.6.6, 1.2.3.4")], Some("1.2.3.4")),
        case("trusted hops are skipped", PROXY, XFF, &[(XFF, "6.6.6.6, 1.2.3.4, 10.2.2.2")], Some("1.2.3.4")),
        case(
            "lines are one list",
            PROXY,
            XFF,
            &[(XFF, "6.6.6.6"), (XFF, "1.2.3.4"), (XFF, "10.2.2.2")],
            Some("1.2.3.4"),
        ),
        case(
            "a line of the client's own does not count",
            PROXY,
            XFF,
            &[(XFF, "10.1.1.1, 6.6.6.6"), (XFF, "1.2.3.4")],
            Some("1.2.3.4"),
        ),
        case("all hops trusted: the farthest", PROXY, XFF, &[(XFF, "10.3.3.3, 10.2.2.2")], Some("10.3.3.3")),
        case("no header: the peer", PROXY, XFF, &[], Some("10.0.0.1")),
        case(
            "other headers do not count",
            PROXY,
            XFF,
            &[("x-real-ip", "6.6.6.6"), (FORWARDED, "for=6.6.6.6")],
            Some("10.0.0.1"),
        ),
        case("a port", PROXY, XFF, &[(XFF, "1.2.3.4:99")], Some("1.2.3.4")),
        case("IPv6", PROXY, XFF, &[(XFF, "2001:db8::1")], Some("2001:db8::1")),
        case("brackets", PROXY, XFF, &[(XFF, "[2001:db8::1]")], Some("2001:db8::1")),
        case("brackets and a port", PROXY, XFF, &[(XFF, "[2001:db8::1]:99")], Some("2001:db8::1")),
        case("IPv4 within IPv6 is IPv4", PROXY, XFF, &[(XFF, "::ffff:1.2.3.4")], Some("1.2.3.4")),
        case("a trusted peer as IPv4 within IPv6", "[::ffff:10.0.0.1]:7", XFF, &[(XFF, "1.2.3.4")], Some("1.2.3.4")),
        case("an IPv6 proxy", "[fd00::1]:7", XFF, &[(XFF, "1.2.3.4")], Some("1.2.3.4")),
        case("empty elements", PROXY, XFF, &[(XFF, "1.2.3.4, ,")], Some("1.2.3.4")),
        case("garbage from a proxy: unknown", PROXY, XFF, &[(XFF, "1.2.3.4, unknown")], None),
        case("garbage from the client does not count", PROXY, XFF, &[(XFF, "\"<>, 1.2.3.4")], Some("1.2.3.4")),
        case("a header with one address", PROXY, "x-real-ip", &[("x-real-ip", "1.2.3.4")], Some("1.2.3.4")),
        case("Forwarded", PROXY, FORWARDED, &[(FORWARDED, "for=1.2.3.4;proto=https;by=10.0.0.1")], Some("1.2.3.4")),
        case(
            "Forwarded from the right",
            PROXY,
            FORWARDED,
            &[(FORWARDED, "for=6.6.6.6, For=1.2.3.4 , for=10.2.2.2")],
            Some("1.2.3.4"),
        ),
        case(
            "Forwarded with a quoted address",
            PROXY,
            FORWARDED,
            &[(FORWARDED, "for=\"[2001:db8::1]:99\"")],
            Some("2001:db8::1"),
        ),
        case(
            "an open quote of the client hides no hop",
            PROXY,
            FORWARDED,
            &[(FORWARDED, "for=\"6.6.6.6, for=1.2.3.4")],
            Some("1.2.3.4"),
        ),
        case(
            "an open quote before a quoted hop",
            PROXY,
            FORWARDED,
            &[(FORWARDED, "for=\"6.6.6.6, for=\"[2001:db8::1]:99\"")],
            Some("2001:db8::1"),
        ),
        case(
            "a comma within quotes",
            PROXY,
            FORWARDED,
            &[(FORWARDED, "for=6.6.6.6, for=1.2.3.4;host=\"a,b\"")],
            Some("1.2.3.4"),
        ),
        case("a hidden hop: unknown", PROXY, FORWARDED, &[(FORWARDED, "for=1.2.3.4, for=_hidden")], None),
        case("a hop without a client: unknown", PROXY, FORWARDED, &[(FORWARDED, "for=1.2.3.4, by=10.0.0.1")], None),
        case("two clients in one hop: unknown", PROXY, FORWARDED, &[(FORWARDED, "for=1.2.3.4;for=6.6.6.6")], None),
    ];

    #[test]
    fn the_client_is_whom_the_trusted_hops_name() {
        for case in CASES {
            let settings = ClientSettings {
                trusted_proxies: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()],
                header: case.header.map(str::to_owned),
            };
            let mut headers = HeaderMap::new();
            for (name, value) in case.lines {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            let peer = case.peer.map(|peer| peer.parse().unwrap());
            let expected = case.client.map(|client| client.parse().unwrap());
            assert_eq!(client(peer, &headers, &settings), expected, "{}", case.name);
        }
    }
}
