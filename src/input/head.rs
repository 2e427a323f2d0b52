//! The head of a request: one buffer, and where in it each thing stands.

use std::net::IpAddr;
use std::ops::Range;
use std::time::SystemTime;

use bytes::Bytes;

type Span = Range<u32>;

/// One header field, borrowed from a [`Head`].
#[derive(Clone, Copy)]
pub struct Header<'a> {
    /// The name, in lower case.
    pub name: &'a [u8],
    /// The value, any bytes.
    pub value: &'a [u8],
}

/// Everything of a request but its body, in one refcounted buffer.
///
/// The core knows no clock: the time of the request comes with its head.
#[derive(Clone)]
pub struct Head {
    bytes: Bytes,
    method: Span,
    path: Span,
    query: Option<Span>,
    authority: Option<Span>,
    needs_host: bool,
    headers: Vec<(Span, Span)>,
    route: Option<Span>,
    client: Option<IpAddr>,
    peer: Option<IpAddr>,
    time: SystemTime,
}

impl Head {
    /// Begins a head with its method, raw path and raw query (without `?`).
    #[must_use]
    pub fn builder(method: &[u8], path: &[u8], query: Option<&[u8]>) -> HeadBuilder {
        HeadBuilder::new(1024, 16, method, path, query)
    }

    /// The same with room for exactly so many bytes in all, and so many headers.
    pub(crate) fn builder_with_room(
        bytes: usize,
        headers: usize,
        method: &[u8],
        path: &[u8],
        query: Option<&[u8]>,
    ) -> HeadBuilder {
        HeadBuilder::new(bytes, headers, method, path, query)
    }

    fn slice(&self, span: &Span) -> &[u8] {
        &self.bytes[span.start as usize..span.end as usize]
    }

    /// The method, as sent.
    #[must_use]
    pub fn method(&self) -> &[u8] {
        self.slice(&self.method)
    }

    /// The path, as sent: not decoded, not normalised.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        self.slice(&self.path)
    }

    /// Whether every server reads the path in the same way: no `//`, `.`, `..`, encoded slash or
    /// backslash is in it. A path that could be another must not borrow what is said of that one.
    #[must_use]
    pub fn has_plain_path(&self) -> bool {
        let path = self.path();
        let Some(rest) = path.strip_prefix(b"/") else { return false };
        let is_escaped = |at: usize| {
            let code = path.get(at + 1..at + 3).unwrap_or_default();
            [b"2f", b"5c", b"2e", b"00"].iter().any(|escape| code.eq_ignore_ascii_case(*escape))
        };
        let inner = rest.strip_suffix(b"/").unwrap_or(rest);
        let segments_plain =
            inner.is_empty() || inner.split(|&byte| byte == b'/').all(|segment| !matches!(segment, b"" | b"." | b".."));
        segments_plain
            && !rest.starts_with(b"/")
            && memchr::memchr(b'\\', path).is_none()
            && !memchr::memchr_iter(b'%', path).any(is_escaped)
    }

    /// The query, as sent, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&[u8]> {
        self.query.as_ref().map(|span| self.slice(span))
    }

    /// The authority of the target, where it had one (absolute form, HTTP/2).
    #[must_use]
    pub fn authority(&self) -> Option<&[u8]> {
        self.authority.as_ref().map(|span| self.slice(span))
    }

    /// Whether the version of HTTP asks for a Host header, as 1.1 does.
    #[must_use]
    pub const fn needs_host(&self) -> bool {
        self.needs_host
    }

    /// The framework's matched template, such as `/posts/{id}`.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.route.as_ref().and_then(|span| std::str::from_utf8(self.slice(span)).ok())
    }

    /// The client's address, when it is known.
    #[must_use]
    pub const fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// The address of the connection's other end, when it is known: the client, or the nearest proxy.
    #[must_use]
    pub const fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    /// When the request came.
    #[must_use]
    pub const fn time(&self) -> SystemTime {
        self.time
    }

    /// The header fields in their order, duplicates included.
    pub fn headers(&self) -> impl Iterator<Item = Header<'_>> {
        self.headers.iter().map(|(name, value)| Header { name: self.slice(name), value: self.slice(value) })
    }

    /// The values of one header, by its name in lower case.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers().filter(move |header| header.name == name.as_bytes()).map(|header| header.value)
    }

    /// The refcounted buffer that all of the head lies in.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

// A head holds credentials; only its shape is shown.
impl std::fmt::Debug for Head {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Head")
            .field("route", &self.route())
            .field("headers", &self.headers.len())
            .finish_non_exhaustive()
    }
}

/// Makes a [`Head`], copying each piece once into one buffer.
pub struct HeadBuilder {
    buffer: Vec<u8>,
    head: Head,
}

impl HeadBuilder {
    fn new(bytes: usize, headers: usize, method: &[u8], path: &[u8], query: Option<&[u8]>) -> Self {
        let mut builder = Self {
            buffer: Vec::with_capacity(bytes),
            head: Head {
                bytes: Bytes::new(),
                method: 0..0,
                path: 0..0,
                query: None,
                authority: None,
                needs_host: false,
                headers: Vec::with_capacity(headers),
                route: None,
                client: None,
                peer: None,
                time: SystemTime::UNIX_EPOCH,
            },
        };
        builder.head.method = builder.push(method);
        builder.head.path = builder.push(path);
        builder.head.query = query.map(|query| builder.push(query));
        builder
    }

    #[inline]
    fn push(&mut self, bytes: &[u8]) -> Span {
        let start = self.buffer.len() as u32;
        self.buffer.extend_from_slice(bytes);
        start..self.buffer.len() as u32
    }

    /// Adds a header field; the name must be in lower case, as the `http` crate keeps it.
    #[must_use]
    pub fn header(mut self, name: &[u8], value: &[u8]) -> Self {
        self.push_header(name, value);
        self
    }

    /// Adds a header field in place, for whoever has many.
    #[inline]
    pub fn push_header(&mut self, name: &[u8], value: &[u8]) {
        let name = self.push(name);
        let value = self.push(value);
        self.head.headers.push((name, value));
    }

    /// Sets the authority of the target.
    #[must_use]
    pub fn authority(mut self, authority: &[u8]) -> Self {
        self.head.authority = Some(self.push(authority));
        self
    }

    /// Sets whether the version of HTTP asks for a Host header, as 1.1 does; by default it is not known to.
    #[must_use]
    pub const fn needs_host(mut self, needs_host: bool) -> Self {
        self.head.needs_host = needs_host;
        self
    }

    /// Sets the framework's matched template.
    #[must_use]
    pub fn route(mut self, route: &str) -> Self {
        self.head.route = Some(self.push(route.as_bytes()));
        self
    }

    /// Sets the client's address.
    #[must_use]
    pub const fn client(mut self, client: Option<IpAddr>) -> Self {
        self.head.client = client;
        self
    }

    /// Sets the address of the connection's other end.
    #[must_use]
    pub const fn peer(mut self, peer: Option<IpAddr>) -> Self {
        self.head.peer = peer;
        self
    }

    /// Sets when the request came.
    #[must_use]
    pub const fn time(mut self, time: SystemTime) -> Self {
        self.head.time = time;
        self
    }

    /// The finished head.
    #[must_use]
    pub fn build(mut self) -> Head {
        self.head.bytes = Bytes::from(self.buffer);
        self.head
    }
}
