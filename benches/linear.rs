//! What hostile input costs as it grows: of each shape four times as much may take at most about four times as long.
//! And what a body costs that comes byte by byte. Both are asserted with room for a noisy machine: a
//! quadratic reading would take sixteen times as long.
//!
//! `cargo bench --bench linear`

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tower_rasp::{Head, Inspection, Rasp};

/// So many bytes of a shape at first, and then four times as many; no value of them comes in windows.
const BYTES: usize = 15_000;

/// Four times the input may take so many times as long.
const GROWTH_MAX: f64 = 9.0;

/// A body in chunks of one byte may take so many times as long as in one chunk. Measured: 4 to 7.
const BYTEWISE_MAX: f64 = 16.0;

/// What opens and never closes, what nests, and what looks like the beginning of many things.
const SHAPES: &[&str] = &[
    "a ",
    "'",
    "\"",
    "`",
    "--",
    "/*",
    "(",
    "((",
    "[[",
    "{{",
    "${",
    "$(",
    "<(",
    "<",
    "<a ",
    "<a x='<b \"",
    "<a/onx=/*",
    "<script>/*",
    "javascript:",
    "data:text/html;base64,PHN2Zy9",
    "{{'",
    "<%",
    "${jndi:",
    "${lower:",
    ";ls 'a ",
    ";a ",
    "x=1&",
    "|",
    "&&",
    "\\",
    "%25",
    "%2525",
    "&#x26;",
    "\\u005c",
    "../",
    "..\\",
    "/etc/",
    "//",
    "http://",
    "http://a@",
    "' or ",
    "' or '1'='1' ",
    "1 or 1=1 ",
    "union select ",
    "select a from b where ",
    ";drop ",
    "exec(",
    "if true;then ",
    "$@",
    "a=b ",
    ">a ",
    "*)(",
    "(|",
    "{\"$gt\":",
    "{\"a\":",
    "[",
    "__proto__.",
    "<!ENTITY a '",
    "\r\n",
    "\r\na: b",
    "rO0A",
    "O:1:\"",
    "1'||'",
    "c''at ",
    "\u{2028}",
    "\u{ff07}",
    "\0",
];

fn main() {
    let rasp = Rasp::default();
    println!("{:<34} {:>12} {:>12} {:>7}", "shape", "ns, once", "ns, 4 times", "times");
    for shape in SHAPES {
        let body = |bytes: usize| Bytes::from(shape.repeat(bytes / shape.len()));
        let (once, four) = (body(BYTES), body(4 * BYTES));
        for content_type in ["text/plain", "application/x-www-form-urlencoded"] {
            let [once, four] = [&once, &four].map(|body| best(|| inspect(&rasp, content_type, body, body.len())));
            let growth = four / once;
            if content_type == "text/plain" || growth > GROWTH_MAX {
                println!("{:<34} {once:>12.0} {four:>12.0} {growth:>7.1}", shape.escape_debug().to_string());
            }
            assert!(growth <= GROWTH_MAX, "`{shape}` as {content_type} takes {growth:.1} times as long");
        }
    }
    println!("{:<34} {:>12} {:>12} {:>7}", "body", "ns, whole", "ns, by bytes", "times");
    let prose = "it's the year's best \\u0026 select few; ".repeat(300);
    for (name, content_type, body) in [
        ("JSON", "application/json", format!("{{\"text\":\"{prose}\",\"tags\":[\"a\",\"b\"],\"n\":7}}")),
        ("a form", "application/x-www-form-urlencoded", format!("text={}", prose.replace(' ', "+"))),
        (
            "parts",
            "multipart/form-data; boundary=b",
            format!("--b\r\ncontent-disposition: form-data; name=a\r\n\r\n{prose}\r\n--b--"),
        ),
        ("text", "text/plain", prose.clone()),
    ] {
        let body = Bytes::from(body);
        let [whole, bytewise] = [body.len(), 1].map(|step| best(|| inspect(&rasp, content_type, &body, step)));
        println!("{name:<34} {whole:>12.0} {bytewise:>12.0} {:>7.1}", bytewise / whole);
        assert!(bytewise / whole <= BYTEWISE_MAX, "{name} by bytes takes {:.1} times as long", bytewise / whole);
    }
}

fn inspect(rasp: &Rasp, content_type: &str, body: &Bytes, step: usize) {
    let head = Head::builder(b"POST", b"/", None).header(b"content-type", content_type.as_bytes()).build();
    let mut inspection = Inspection::head(rasp.engine(), head);
    for begin in (0..body.len()).step_by(step) {
        inspection.chunk(&body.slice(begin..body.len().min(begin + step)));
    }
    black_box(inspection.end());
}

/// Nanoseconds of the fastest of some calls: what disturbs a machine only makes it slower.
fn best(mut work: impl FnMut()) -> f64 {
    let mut times = (0..5).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    times.by_ref().min().unwrap_or(Duration::MAX).as_nanos() as f64
}
