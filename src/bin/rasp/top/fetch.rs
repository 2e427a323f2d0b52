//! One GET over plain HTTP/1.1, bounded in bytes and in time.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// How long one poll may take, all in all.
const POLL_TIME_MAX: Duration = Duration::from_secs(10);
/// How many bytes of an answer are read, its head included.
const ANSWER_BYTES_MAX: usize = 8 << 20;
/// How long the head of an answer may be.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// Where the metrics are.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// As it stands in the URL, port included where it was given.
    authority: String,
    host: String,
    port: u16,
    target: String,
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix("http://") else {
            return Err("it must begin with http://; for https, poll through a proxy on loopback".to_owned());
        };
        if rest.chars().any(|character| character.is_control() || character.is_whitespace() || !character.is_ascii()) {
            return Err("it holds characters that no URL has".to_owned());
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = match rest.find(['/', '?']) {
            Some(at) if rest[at..].starts_with('/') => (&rest[..at], rest[at..].to_owned()),
            Some(at) => (&rest[..at], format!("/metrics{}", &rest[at..])),
            None => (rest, "/metrics".to_owned()),
        };
        let (host, port) = host_and_port(authority).ok_or("its host or port cannot be read")?;
        let target = if target == "/" { "/metrics".to_owned() } else { target };
        Ok(Self { authority: authority.to_owned(), host: host.to_owned(), port, target })
    }
}

/// `host`, `host:port`, `[address]` or `[address]:port`.
fn host_and_port(authority: &str) -> Option<(&str, u16)> {
    let (host, rest) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => authority.find(':').map_or((authority, ""), |at| authority.split_at(at)),
    };
    let port = match rest {
        "" => 80,
        _ => rest.strip_prefix(':')?.parse().ok()?,
    };
    (!host.is_empty() && !host.contains('@')).then_some((host, port))
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "http://{}{}", self.authority, self.target)
    }
}

impl Endpoint {
    /// The body of the answer.
    pub fn get(&self) -> Result<String, String> {
        let deadline = Instant::now() + POLL_TIME_MAX;
        let stream = self.connect(deadline)?;
        let mut answer = Answer { stream, deadline, bytes: Vec::new() };
        let request = format!(
            "GET {} HTTP/1.1\r\nhost: {}\r\naccept: text/plain;version=0.0.4\r\nuser-agent: rasp-top/{}\r\n\
             connection: close\r\n\r\n",
            self.target,
            self.authority,
            env!("CARGO_PKG_VERSION")
        );
        answer.stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
        answer.body().map(|body| String::from_utf8_lossy(&body).into_owned())
    }

    fn connect(&self, deadline: Instant) -> Result<TcpStream, String> {
        let addresses = (self.host.as_str(), self.port).to_socket_addrs().map_err(|error| error.to_string())?;
        let mut failure = "the host has no address".to_owned();
        for address in addresses {
            match TcpStream::connect_timeout(&address, left(deadline)?) {
                Ok(stream) => {
                    stream.set_write_timeout(Some(left(deadline)?)).map_err(|error| error.to_string())?;
                    return Ok(stream);
                }
                Err(error) => failure = error.to_string(),
            }
        }
        Err(failure)
    }
}

/// The time that is left, or the complaint that there is none.
fn left(deadline: Instant) -> Result<Duration, String> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(format!("no whole answer came within {} seconds", POLL_TIME_MAX.as_secs()));
    }
    Ok(left)
}

/// An answer that comes in.
struct Answer {
    stream: TcpStream,
    deadline: Instant,
    bytes: Vec<u8>,
}

impl Answer {
    /// Reads some more; false at the end of the connection.
    fn more(&mut self) -> Result<bool, String> {
        if self.bytes.len() >= ANSWER_BYTES_MAX {
            return Err(format!("the answer has more than {ANSWER_BYTES_MAX} bytes"));
        }
        self.stream.set_read_timeout(Some(left(self.deadline)?)).map_err(|error| error.to_string())?;
        let mut chunk = [0; 16 << 10];
        match self.stream.read(&mut chunk) {
            Ok(0) => Ok(false),
            Ok(count) => {
                self.bytes.extend_from_slice(&chunk[..count]);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(true),
            // The deadline has passed, and the next look at it says so.
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(true),
            Err(error) => Err(error.to_string()),
        }
    }

    fn body(&mut self) -> Result<Vec<u8>, String> {
        let head = self.head()?;
        self.bytes.drain(..head.bytes);
        match head.length {
            Length::Known(length) => {
                while self.bytes.len() < length {
                    if !self.more()? {
                        return Err("the answer ended too early".to_owned());
                    }
                }
                self.bytes.truncate(length);
                Ok(std::mem::take(&mut self.bytes))
            }
            Length::Chunked => {
                // To the end of the connection, which we asked for, or to the last chunk.
                loop {
                    if let Some(body) = unchunk(&self.bytes)? {
                        return Ok(body);
                    }
                    // Twice as much before the next look: the work stays linear.
                    let enough = self.bytes.len() * 2;
                    loop {
                        if !self.more()? {
                            return unchunk(&self.bytes)?.ok_or_else(|| "the answer ended too early".to_owned());
                        }
                        if self.bytes.len() >= enough || self.bytes.ends_with(b"0\r\n\r\n") {
                            break;
                        }
                    }
                }
            }
            Length::ToTheEnd => {
                while self.more()? {}
                Ok(std::mem::take(&mut self.bytes))
            }
        }
    }

    fn head(&mut self) -> Result<Head, String> {
        let mut looked_at = 0;
        loop {
            if let Some(at) = self.bytes[looked_at..].windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                return Head::read(&self.bytes[..looked_at + at + 4]);
            }
            looked_at = self.bytes.len().saturating_sub(3);
            if looked_at > HEAD_BYTES_MAX {
                return Err("the head of the answer has no end".to_owned());
            }
            if !self.more()? {
                return Err("the answer is not HTTP".to_owned());
            }
        }
    }
}

enum Length {
    Known(usize),
    Chunked,
    ToTheEnd,
}

struct Head {
    bytes: usize,
    length: Length,
}

impl Head {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")?.split(' ').nth(1)).unwrap_or_default();
        match status {
            "200" => {}
            _ if status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()) => {
                return Err(format!("it answers with status {status}"));
            }
            _ => return Err("the answer is not HTTP".to_owned()),
        }
        let mut length = Length::ToTheEnd;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("transfer-encoding") && value.to_ascii_lowercase().ends_with("chunked") {
                length = Length::Chunked;
            } else if name.eq_ignore_ascii_case("content-length") && !matches!(length, Length::Chunked) {
                length = Length::Known(value.parse().map_err(|_| "its length cannot be read".to_owned())?);
            } else if name.eq_ignore_ascii_case("content-encoding") && !value.eq_ignore_ascii_case("identity") {
                return Err("the answer is compressed, though nobody asked for that".to_owned());
            }
        }
        Ok(Self { bytes: bytes.len(), length })
    }
}

/// The body in its chunks, or none where the last one has not come.
fn unchunk(mut bytes: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let mut body = Vec::with_capacity(bytes.len());
    loop {
        let Some(end) = bytes.iter().take(1024).position(|&byte| byte == b'\n') else {
            return if bytes.len() < 1024 { Ok(None) } else { Err("a chunk has no size".to_owned()) };
        };
        let line = String::from_utf8_lossy(&bytes[..end]);
        let digits = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(digits, 16).map_err(|_| "a chunk has no size".to_owned())?;
        if size == 0 {
            return Ok(Some(body));
        }
        let start = end + 1;
        let Some(chunk) = start.checked_add(size).and_then(|end| bytes.get(start..end)) else { return Ok(None) };
        body.extend_from_slice(chunk);
        bytes = &bytes[start + size..];
        bytes = bytes.strip_prefix(b"\r\n").unwrap_or(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read() {
        for (text, host, port, target) in [
            ("http://127.0.0.1:3000/metrics", "127.0.0.1", 3000, "/metrics"),
            ("http://localhost", "localhost", 80, "/metrics"),
            ("http://localhost/", "localhost", 80, "/metrics"),
            ("http://[::1]:9/a?b=c#d", "::1", 9, "/a?b=c"),
            ("http://host?x", "host", 80, "/metrics?x"),
        ] {
            let endpoint: Endpoint = text.parse().expect(text);
            assert_eq!((endpoint.host.as_str(), endpoint.port, endpoint.target.as_str()), (host, port, target));
        }
    }

    #[test]
    fn what_is_no_url_of_ours_is_refused() {
        for text in
            ["https://a/", "127.0.0.1", "http://", "http://a:b/", "http://u:p@a/", "http://a/\r\nx: y", "http://[::1"]
        {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }

    #[test]
    fn chunks_are_put_together() {
        assert_eq!(unchunk(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"), Ok(Some(b"abcde".to_vec())));
        assert_eq!(unchunk(b"3\r\nab"), Ok(None));
        assert_eq!(unchunk(b"3"), Ok(None));
        assert_eq!(unchunk(b"ffffffffffffffff\r\nab"), Ok(None));
        assert!(unchunk(b"x\r\nab").is_err());
        assert!(unchunk(&[b'1'; 2000]).is_err());
    }
}
