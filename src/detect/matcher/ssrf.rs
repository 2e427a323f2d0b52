//! Values that would make the server call itself, its network, or its cloud's metadata service.
//!
//! The value has to be a URL, from its first byte to its last: a URL in a sentence is a mention.
//! Its host is read as the resolvers of operating systems read it: IPv4 in one to four parts,
//! each decimal, octal or hexadecimal, IPv4 inside IPv6, names that always resolve inward.
//! Where parsers differ on which part of the URL is the host, each candidate counts.
//!
//! # What this does not protect from
//!
//! A name of the attacker's that resolves to an inner address, and an outer URL that redirects
//! there: only the code that connects can see that.

use super::system_file::{self, Grade};
use super::{CodeMatcher, Match};
use crate::rule::Confidence::{self, Certain, Likely};

/// A URL to an inner address, or of a scheme that no client needs.
pub(super) static INNER_URL: CodeMatcher = CodeMatcher { name: "ssrf_url", find: inner_url };

const URL_BYTES_MAX: usize = 4096;
const HOST_BYTES_MAX: usize = 128;

fn inner_url(value: &[u8]) -> Option<Match> {
    let start = value.iter().position(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b'<'))?;
    let url = value.get(start..(start + URL_BYTES_MAX).min(value.len()))?.trim_ascii_end();
    let (scheme, rest) = scheme(url)?;
    let span = start..start + url.len();
    if is_sentence(rest) {
        return None;
    }
    let (confidence, structure) = match scheme {
        Scheme::Web => (host_confidence(rest)?, "a URL that leads to an inner address"),
        Scheme::File => (file_confidence(rest), "a URL to a file of the server"),
        Scheme::Raw => (Certain, "a URL of a scheme that speaks raw bytes to any port"),
        Scheme::Directory => {
            let inner = host_confidence(rest).unwrap_or(Likely);
            (inner.max(Likely), "a URL of a scheme that no client needs")
        }
    };
    Some(Match::new(confidence, span, structure))
}

/// Two words or more after the host: somebody writes about a URL.
fn is_sentence(rest: &[u8]) -> bool {
    let words = rest.split(u8::is_ascii_whitespace).skip(1);
    words.filter(|word| word.len() > 1 && word.iter().all(u8::is_ascii_alphabetic)).take(2).count() > 1
}

#[derive(Clone, Copy)]
enum Scheme {
    Web,
    File,
    Raw,
    Directory,
}

/// The scheme, and what follows its slashes.
fn scheme(url: &[u8]) -> Option<(Scheme, &[u8])> {
    if let Some(rest) =
        url.strip_prefix(b"//").or_else(|| url.strip_prefix(b"\\\\")).or_else(|| url.strip_prefix(b"/\\"))
    {
        return Some((Scheme::Web, rest));
    }
    let colon = memchr::memchr(b':', url.get(..16.min(url.len()))?)?;
    let (name, rest) = (url.get(..colon)?, url.get(colon + 1..)?);
    let slashes = rest.iter().take_while(|&&byte| byte == b'/' || byte == b'\\').count();
    let mut lower = [0_u8; 16];
    let lower = lower.get_mut(..name.len())?;
    lower.iter_mut().zip(name).for_each(|(to, from)| *to = from.to_ascii_lowercase());
    let after = rest.get(slashes..)?;
    let scheme = match &*lower {
        b"http" | b"https" | b"ftp" | b"ftps" | b"ws" | b"wss" if slashes > 0 => Scheme::Web,
        b"url" => return self::scheme(rest),
        b"jar" | b"feed" | b"view-source" => return self::scheme(rest).map(|(_, rest)| (Scheme::Directory, rest)),
        b"file" | b"netdoc" | b"local_file" if slashes > 0 => Scheme::File,
        b"gopher" | b"dict" | b"tftp" if slashes > 1 => Scheme::Raw,
        b"ldap" | b"ldaps" | b"sftp" | b"smb" | b"rmi" | b"imap" | b"pop3" | b"smtp" | b"telnet" if slashes > 1 => {
            Scheme::Directory
        }
        _ => return None,
    };
    Some((scheme, if matches!(scheme, Scheme::File) { rest } else { after }))
}

fn file_confidence(rest: &[u8]) -> Confidence {
    let slashes = rest.iter().take_while(|&&byte| byte == b'/').count();
    let path = rest.get(slashes..).unwrap_or_default();
    let path = path.strip_prefix(b"localhost/").or_else(|| path.strip_prefix(b"127.0.0.1/")).unwrap_or(path);
    match system_file::grade_relative(path) {
        Some(Grade::System | Grade::Server) => Certain,
        None => Likely,
    }
}

/// The gravest of the hosts that some parser would connect to.
fn host_confidence(rest: &[u8]) -> Option<Confidence> {
    // WHATWG ends the authority at `/`, `\`, `?` and `#`; RFC 3986 knows no `\`; others look for
    // the last `@` first. What stands behind an `@` is a host to at least one of them.
    let authority = rest.get(..memchr::memchr(b'/', rest).unwrap_or(rest.len()))?;
    let authority = authority.get(..512).unwrap_or(authority);
    let ends = |byte: &u8| matches!(byte, b'?' | b'#' | b'\\' | b'@' | b' ' | b'&' | b'!' | b';' | 0 | b'\t');
    let has_at = authority.contains(&b'@');
    let candidates = authority.split(ends).take(if has_at { 8 } else { 1 });
    let best = candidates.filter_map(reach).max()?;
    Some(match best {
        Reach::Private => Likely,
        Reach::Loopback if !has_at && returns_to_client(authority, rest) => Likely,
        Reach::Loopback | Reach::Metadata => Certain,
    })
}

/// `http://127.0.0.1:51004/cb`: where a program on the client's own machine waits for the answer of an
/// authorization server (RFC 8252, section 7.3). The host is spelled plainly, and the port is none of those
/// at which services listen, or the path says what it is for.
fn returns_to_client(authority: &[u8], rest: &[u8]) -> bool {
    let Some(colon) = memchr::memrchr(b':', authority) else { return false };
    let (host, port) = authority.split_at_checked(colon).unwrap_or_default();
    let port = port.get(1..).and_then(|port| std::str::from_utf8(port).ok()).and_then(|port| port.parse::<u16>().ok());
    let plain = [&b"localhost"[..], b"127.0.0.1", b"[::1]"].iter().any(|name| host.eq_ignore_ascii_case(name));
    let path = rest.get(authority.len()..).unwrap_or_default();
    let path = path.get(..path.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(path.len()));
    let last = path.and_then(|path| path.rsplit(|&byte| byte == b'/').next()).unwrap_or_default();
    let returns = RETURNS.iter().any(|name| name.as_bytes().eq_ignore_ascii_case(last));
    plain && port.is_some_and(|port| port >= EPHEMERAL_PORT_MIN || returns && port > 1024)
}

/// Where systems begin to give ports to whoever asks for any (RFC 6335, section 6; Linux begins at 32768).
const EPHEMERAL_PORT_MIN: u16 = 32_768;

/// The last segments of addresses that authorization servers send a browser back to.
const RETURNS: [&str; 9] =
    ["callback", "cb", "redirect", "oauth", "oauth2", "authorize", "auth", "signin-oidc", "complete"];

/// Where a host leads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Reach {
    Private,
    Loopback,
    Metadata,
}

fn reach(host_and_port: &[u8]) -> Option<Reach> {
    let mut folded = [0_u8; HOST_BYTES_MAX];
    let length = fold(host_and_port, &mut folded);
    let host_and_port = folded.get(..length)?;
    if let Some(inner) = host_and_port.strip_prefix(b"[") {
        return ipv6(inner.get(..memchr::memchr(b']', inner)?)?);
    }
    let host = host_and_port.split(|&byte| byte == b':').next()?;
    let host = host.strip_suffix(b".").unwrap_or(host);
    match ipv4(host) {
        Some(address) => ipv4_reach(address),
        None => name_reach(host),
    }
}

/// Lower case, and digits in circles and ideographic dots as IDNA maps them.
fn fold(host: &[u8], folded: &mut [u8; HOST_BYTES_MAX]) -> usize {
    let mut length = 0;
    let mut put = |byte: u8| {
        if let Some(slot) = folded.get_mut(length) {
            *slot = byte.to_ascii_lowercase();
            length += 1;
        }
    };
    for chunk in host.get(..HOST_BYTES_MAX * 4).unwrap_or(host).utf8_chunks() {
        for character in chunk.valid().chars() {
            let code = u32::from(character);
            match code {
                0..=0x7F => put(code as u8),
                0x2460..=0x2468 => put((code - 0x2460) as u8 + b'1'),
                0x24EA => put(b'0'),
                0x24D0..=0x24E9 => put((code - 0x24D0) as u8 + b'a'),
                0x24B6..=0x24CF => put((code - 0x24B6) as u8 + b'a'),
                0xFF01..=0xFF5E => put((code - 0xFF01) as u8 + b'!'),
                0x3002 | 0xFF61 | 0x2024 => put(b'.'),
                // Soft hyphen and zero-width space vanish.
                0xAD | 0x200B => {}
                _ => put(b'?'),
            }
        }
    }
    length
}

/// IPv4 as `inet_aton` reads it: one to four parts, the last one fills what is left.
fn ipv4(host: &[u8]) -> Option<u32> {
    let mut parts = [0_u64; 4];
    let mut count = 0;
    for part in host.split(|&byte| byte == b'.') {
        *parts.get_mut(count)? = number(part)?;
        count += 1;
    }
    let last = parts.get(count.checked_sub(1)?).copied()?;
    let heads = parts.get(..count - 1)?;
    // Some parsers let a part overflow: `425.510.425.510` is `169.254.169.254` to them.
    let address = heads.iter().fold(0_u64, |address, part| address << 8 | part & 0xFF);
    let bits = 8 * (4 - heads.len() as u32);
    Some((address << bits | last & ((1_u64 << bits) - 1)) as u32)
}

/// `127`, `0177`, `0x7f`.
fn number(part: &[u8]) -> Option<u64> {
    let (digits, radix) = match part {
        [] => return None,
        [b'0', b'x', digits @ ..] => (digits, 16),
        [b'0', digits @ ..] if !digits.is_empty() && digits.iter().all(|digit| matches!(digit, b'0'..=b'7')) => {
            (digits, 8)
        }
        digits => (digits, 10),
    };
    digits.iter().try_fold(0_u64, |number, &digit| {
        let digit = (digit as char).to_digit(radix)?;
        Some(number.saturating_mul(u64::from(radix)).saturating_add(u64::from(digit)))
    })
}

const fn ipv4_reach(address: u32) -> Option<Reach> {
    match address.to_be_bytes() {
        [169, 254, ..] | [100, 100, 100, 200] | [192, 0, 0, 192] | [168, 63, 129, 16] => Some(Reach::Metadata),
        [127 | 0, ..] => Some(Reach::Loopback),
        [10, ..] | [192, 168, ..] | [172, 16..=31, ..] | [100, 64..=127, ..] | [198, 18 | 19, ..] => {
            Some(Reach::Private)
        }
        _ => None,
    }
}

fn ipv6(text: &[u8]) -> Option<Reach> {
    let text = text.split(|&byte| byte == b'%').next()?;
    let address: std::net::Ipv6Addr = std::str::from_utf8(text).ok()?.parse().ok()?;
    let segments = address.segments();
    let inner = u32::from(segments[6]) << 16 | u32::from(segments[7]);
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Some(Reach::Loopback),
        // Mapped (with and without `ffff`), and NAT64.
        [0, 0, 0, 0, 0, 0 | 0xFFFF, ..] | [0, 0, 0, 0, 0xFFFF, 0, ..] | [0x64, 0xFF9B, 0, 0, 0, 0, ..] => {
            ipv4_reach(inner)
        }
        [0x2002, high, low, ..] => ipv4_reach(u32::from(high) << 16 | u32::from(low)),
        [0xFD00, 0xEC2, ..] => Some(Reach::Metadata),
        [first, ..] if first & 0xFE00 == 0xFC00 || first & 0xFFC0 == 0xFE80 => Some(Reach::Private),
        _ => None,
    }
}

fn name_reach(host: &[u8]) -> Option<Reach> {
    let is = |names: &[&str]| names.iter().any(|name| name.as_bytes() == host);
    let ends = |ends: &[&str]| ends.iter().any(|end| host.ends_with(end.as_bytes()));
    if is(&METADATA_NAMES) || ends(&[".metadata.google.internal"]) {
        return Some(Reach::Metadata);
    }
    if is(&LOOPBACK_NAMES) || ends(&LOOPBACK_ENDS) {
        return Some(Reach::Loopback);
    }
    if ends(&ADDRESS_IN_NAME_ENDS) {
        return address_in_name(host);
    }
    if is(&PRIVATE_NAMES) || ends(&[".internal", ".svc.cluster.local", ".svc", ".localdomain"]) {
        return Some(Reach::Private);
    }
    None
}

const METADATA_NAMES: [&str; 6] = [
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.azure.internal",
];
const LOOPBACK_NAMES: [&str; 9] = [
    "localhost",
    "localhost.localdomain",
    "localhost6",
    "ip6-localhost",
    "ip6-loopback",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
];
const LOOPBACK_ENDS: [&str; 5] = [".localhost", ".localtest.me", ".lvh.me", ".vcap.me", ".lacolhost.com"];
const PRIVATE_NAMES: [&str; 5] =
    ["host.docker.internal", "gateway.docker.internal", "kubernetes", "kubernetes.default", "kubernetes.default.svc"];

/// Services that answer with the address that the name itself holds, or with several in turn.
const ADDRESS_IN_NAME_ENDS: [&str; 6] = [".nip.io", ".sslip.io", ".xip.io", ".1u.ms", ".rbndr.us", ".traefik.me"];

/// `127.0.0.1.nip.io`, `app-10-0-0-1.nip.io`, `7f000001.c0a80001.rbndr.us`.
fn address_in_name(host: &[u8]) -> Option<Reach> {
    let mut window = [0_u32; 4];
    let mut best = None;
    let mut run = 0;
    for part in host.split(|&byte| byte == b'.' || byte == b'-') {
        let hexadecimal = part.len() == 8 && part.iter().all(u8::is_ascii_hexdigit);
        if hexadecimal {
            let address =
                part.iter().fold(0_u32, |number, &digit| number << 4 | (digit as char).to_digit(16).unwrap_or(0));
            best = best.max(ipv4_reach(address));
        }
        match number(part) {
            Some(octet @ 0..=255) => {
                window = [window[1], window[2], window[3], octet as u32];
                run += 1;
            }
            _ => run = 0,
        }
        if run >= 4 {
            best = best.max(ipv4_reach(window.iter().fold(0, |address, octet| address << 8 | octet)));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_addresses_are_found_in_every_notation() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1:80/admin",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://017700000001",
            "http://0/",
            "http://0.0.0.0:80",
            "http://[::1]/",
            "http://[::]:80/",
            "http://[0:0:0:0:0:ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://localhost:6379/",
            "https://LOCALHOST./x",
            "http://foo.localhost",
            "http://localtest.me",
            "http://127.0.0.1.nip.io/",
            "http://app-127-0-0-1.sslip.io/",
            "http://7f000001.c0a80001.rbndr.us/",
            "http://①②⑦.⓪.⓪.①/",
            "http://127。0。0。1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://2852039166/",
            "http://0xa9fea9fe/",
            "http://425.510.425.510/",
            "http://good.example@169.254.169.254/",
            "http://evil.example#@127.0.0.1/",
            "http://evil.example\\@127.0.0.1/",
            "http://metadata.google.internal/computeMetadata/v1/",
            "http://[fd00:ec2::254]/latest/",
            "http://100.100.100.200/",
            "//127.0.0.1/x",
            "gopher://127.0.0.1:6379/_FLUSHALL",
            "dict://10.0.0.1:11211/stat",
            "file:///etc/passwd",
            "netdoc:///etc/passwd",
            "ldap://localhost:389/%0astats",
            "jar:http://127.0.0.1!/",
            "file:///c:/windows/win.ini",
            "url:file:///etc/hosts",
            "http:\\\\127.0.0.1\\",
            "http://a@127.0.0.1:51004/cb",
            "http://0x7f000001:51004/cb",
            "http://127.0.0.1:80/callback",
            "http://localhost:6379/callback/x",
        ] {
            assert_eq!(inner_url(url.as_bytes()).map(|found| found.confidence), Some(Certain), "{url}");
        }
    }

    #[test]
    fn outer_addresses_and_mentions_are_not_certain() {
        for url in [
            "http://example.org/",
            "https://example.org/?next=http://127.0.0.1/",
            "http://12.34.56.78/",
            "http://10.0.0.5/",
            "http://192.168.1.1/admin",
            "http://3232235777/",
            "the server at http://localhost:3000 works for me",
            "http://localhost:3000 works fine for me now",
            "127.0.0.1",
            "localhost",
            "https://user@example.org/",
            "https://localhost.example.org/",
            "https://127.example.org/",
            "mailto:ann@localhost",
            "https://8.8.8.8.nip.io/",
            "//cdn.example.org/x.js",
            "file:///home/ann/report.pdf",
            "time: 12:30",
            "http://[2001:db8::1]/",
            "jar of jam",
            "https://example.org/@ann/127.0.0.1",
            "http://127.0.0.1:51004/",
            "http://localhost:3000/callback",
            "http://[::1]:8400/cb?code=x",
        ] {
            assert!(inner_url(url.as_bytes()).map(|found| found.confidence) < Some(Certain), "{url}");
        }
    }
}
