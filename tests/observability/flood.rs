//! A hundred thousand hostile requests over HTTP: what the example shows of them stays small and well made.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;

use super::programs::{find, get, succeeds};
use super::service::Service;

const REQUESTS: u64 = 100_000;
const CONNECTIONS: u64 = 4;
/// Requests that are under way on one connection.
const AT_ONCE: u64 = 50;
const LINES_MAX: usize = 400;

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.next() as usize % from.len()]
    }
}

const VALUES: [&str; 12] = [
    "1%27%20OR%20%271%27=%271",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "..%2f..%2f..%2fetc%2fpasswd",
    "$(cat%20/etc/passwd)",
    "%7B%7B7*7%7D%7D",
    "$%7Bjndi:ldap://x/y%7D",
    "http://169.254.169.254/latest/",
    "%0d%0aSet-Cookie:%20a=b",
    "__proto__",
    "hello",
    "%ff%fe",
    "%00",
];
const PLACES: [&str; 6] = ["search", "notes/1", "notes/x", "x/../notes", "wp-login.php", "upload"];
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "PROPFIND"];
const KINDS: [&str; 4] = ["application/json", "text/plain", "application/x-www-form-urlencoded", "what/ever"];

/// One request of a client that chooses everything that it can choose.
fn write_request(text: &mut String, chance: &mut Chance) {
    let (a, b, value) = (chance.next(), chance.next(), chance.pick(&VALUES));
    let method = if a.is_multiple_of(4) { format!("M{b:x}") } else { chance.pick(&METHODS).to_owned() };
    let place = if b.is_multiple_of(4) { format!("{a:x}") } else { chance.pick(&PLACES).to_owned() };
    let body = match chance.next() % 16 {
        0 => format!("{{\"k{a:x}\": \"{value}\"}}"),
        // Deeper than any limit.
        1 => format!("{{\"title\": \"a\", \"text\": {}{}}}", "[".repeat(200), "]".repeat(200)),
        _ => String::new(),
    };
    let (kind, length) = (chance.pick(&KINDS), body.len());
    let _ = write!(
        text,
        "{method} /{place}?p{b:x}={value} HTTP/1.1\r\nhost: h{a:x}.example\r\nuser-agent: agent {a:x}\r\nx-{b:x}: {value}\r\n\
         content-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}"
    );
}

/// Reads one answer to its end.
fn read_answer(reader: &mut BufReader<TcpStream>) -> Option<()> {
    let (mut length, mut line, mut chunked) = (0, String::new(), false);
    while line != "\r\n" {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "transfer-encoding" => chunked = true,
            _ => {}
        }
    }
    assert!(!chunked, "no answer to these is of an unknown length");
    std::io::copy(&mut reader.take(length), &mut std::io::sink()).ok()?;
    Some(())
}

/// Sends so many requests; where the service closes the connection, what it left unanswered is sent again.
fn flood(port: u16, seed: u64, count: u64) {
    let mut chance = Chance(seed);
    let mut answered = 0;
    while answered < count {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        let mut reader = BufReader::new(stream.try_clone().expect("a connection"));
        let mut stream = stream;
        while answered < count {
            let mut text = String::new();
            let sent = AT_ONCE.min(count - answered);
            (0..sent).for_each(|_| write_request(&mut text, &mut chance));
            if stream.write_all(text.as_bytes()).is_err() {
                break;
            }
            let got = (0..sent).take_while(|_| read_answer(&mut reader).is_some()).count() as u64;
            answered += got;
            if got < sent {
                break;
            }
        }
    }
}

#[test]
fn a_hundred_thousand_hostile_requests_leave_a_small_page_that_promtool_takes() {
    let service = Service::start("flood", &[]);
    thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            let port = service.port;
            scope.spawn(move || flood(port, 0x9e37_79b9_7f4a_7c15 + connection, REQUESTS / CONNECTIONS));
        }
    });
    let page = get(service.port, "/metrics").expect("a page");
    let ours: Vec<&str> = page.lines().filter(|line| line.starts_with("rasp_")).collect();
    let of_requests = ours.iter().filter(|line| line.starts_with("rasp_requests_total{"));
    let counted: f64 =
        of_requests.map(|line| line.rsplit_once(' ').expect("a value").1.parse::<f64>().expect("a number")).sum();
    assert!(counted >= REQUESTS as f64, "{counted}");
    let _ = writeln!(std::io::stderr(), "{} lines of ours after {counted} hostile requests", ours.len());
    assert!(ours.len() < LINES_MAX, "{} lines: {ours:#?}", ours.len());
    // Nothing that a client chose, and nothing that a client can make look like a failure of the engine.
    let mut errors = ours.iter().filter(|line| line.starts_with("rasp_engine_errors_total{"));
    assert!(!page.contains("otel_metric_overflow") && errors.all(|line| line.ends_with(" 0")), "{page}");
    assert!(!page.contains("wp-login") && !page.contains("agent"), "{page}");

    let Some(promtool) = find("promtool") else { return };
    let file = service.folder.join("metrics.prom");
    fs::write(&file, &page).expect("a file");
    succeeds(Command::new(promtool).args(["check", "metrics"]).stdin(File::open(file).expect("a file")));
}
