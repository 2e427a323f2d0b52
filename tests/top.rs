//! `rasp top` against real sockets: what it shows, and what a hostile endpoint can do to it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

const PAGE: &str = include_str!("data/observability/metrics.prom");

/// Serves one connection after the other, each with its number, and ends with the test program.
fn serve(answer: impl Fn(usize, TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { continue };
            let mut request = Vec::new();
            let mut chunk = [0; 1024];
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read(&mut chunk) {
                    Ok(count) if count > 0 => request.extend_from_slice(&chunk[..count]),
                    _ => break,
                }
            }
            answer(number, stream);
        }
    });
    address
}

/// Sends an answer. Whoever has read enough closes the connection, and that is no failure.
fn send(mut stream: TcpStream, head: &str, body: &[u8]) {
    let _ = stream.write_all(format!("HTTP/1.1 {head}\r\n\r\n").as_bytes()).and_then(|()| stream.write_all(body));
}

fn page(text: impl Into<Vec<u8>>) -> SocketAddr {
    let text = text.into();
    serve(move |_, stream| send(stream, "200 OK", &text))
}

struct Run {
    out: String,
    complaints: String,
    code: Option<i32>,
}

fn top(address: SocketAddr, arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_rasp"))
        .args(["top", &format!("http://{address}/metrics")])
        .args(arguments)
        .output()
        .expect("the binary runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Run { out: text(output.stdout), complaints: text(output.stderr), code: output.status.code() }
}

#[track_caller]
fn shows(out: &str, lines: &[&str]) {
    // Columns are for the eye: spaces count as one.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: Vec<String> = out.lines().map(words).collect();
    for line in lines {
        assert!(shown.contains(&words(line)), "{line}\n-- is not in --\n{out}");
    }
}

#[track_caller]
fn fails(run: &Run, complaint: &str) {
    assert!(run.complaints.contains(complaint) && run.complaints.starts_with("error: http://"), "{}", run.complaints);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
}

#[test]
fn once_shows_what_was_counted_since_the_start() {
    let address = page(PAGE);
    let run = top(address, &["--once"]);
    assert_eq!((run.code, run.complaints.as_str()), (Some(0), ""));
    shows(
        &run.out,
        &[
            &format!("rasp top http://{address}/metrics since the service started"),
            "requests 1002 alert 12 block 40 pass 950",
            "would be refused, and was let through: 7",
            "time, body p50 10.0 µs p99 100.0 µs",
            "time, head p50 2.5 µs p99 25.3 µs",
            "memory 1.2 MiB of 64.0 MiB",
            "mode enforce 19 categories",
            "mode detect scanner",
            "mode detect 1 categories on /posts/{id}",
            "engine errors 1",
            "events dropped 17",
            "category total",
            "sql_injection 30",
            "rule total",
            "xss.markup 15",
            "attacked route total",
            "/posts/{id} 7",
            "not inspected total",
            "unread 12",
        ],
    );
    assert!(!run.out.contains('\x1b'), "no terminal, no steering of it");
}

#[test]
fn a_second_poll_shows_rates() {
    // 900 more requests pass, and ten more are refused.
    let later = PAGE.replace("} 900\n", "} 1800\n").replace("} 40\n", "} 50\n").replace("} 30\n", "} 45\n");
    let address = serve(move |number, stream| {
        let text = if number == 0 { PAGE } else { &later };
        send(stream, &format!("200 OK\r\ncontent-length: {}", text.len()), text.as_bytes());
    });
    let run = top(address, &["--interval", "0.5", "--count", "2"]);
    assert_eq!((run.code, run.complaints.as_str()), (Some(0), ""));
    let (_, second) = run.out.split_once("over ").expect("a second block");
    let lately = |name: &str| {
        let line = second.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {second}"));
        let rate = line.split_whitespace().find_map(|word| word.strip_suffix("/s")).expect("a rate");
        rate.parse::<f64>().expect("a number")
    };
    // How long it took is the machine's affair, so that rates are compared with one another.
    assert!(lately("sql_injection") > 0.0 && lately("xss ") == 0.0, "{second}");
    let ratio = lately("requests") / lately("/search");
    assert!((ratio - 91.0).abs() < 1.0, "{ratio}: {second}");
    shows(
        second,
        &["sqli.union RATE 45"]
            .map(|line| line.replace("RATE", &format!("{:.1}/s", lately("sqli.union"))))
            .each_ref()
            .map(String::as_str),
    );
}

#[test]
fn chunks_and_other_frames_are_read() {
    let address = serve(|number, mut stream| match number {
        0 => {
            let chunks: Vec<u8> = PAGE
                .as_bytes()
                .chunks(1000)
                .flat_map(|chunk| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat())
                .collect();
            send(stream, "200 OK\r\nTransfer-Encoding: chunked", &[&chunks[..], b"0\r\n\r\n"].concat());
        }
        // A head in two pieces, and a body after a moment.
        _ => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Le");
            thread::sleep(Duration::from_millis(20));
            let _ = stream.write_all(format!("ngth: {}\r\n\r\n", PAGE.len()).as_bytes());
            thread::sleep(Duration::from_millis(20));
            let _ = stream.write_all(PAGE.as_bytes());
        }
    });
    for _ in 0..2 {
        shows(&top(address, &["--once"]).out, &["requests 1002 alert 12 block 40 pass 950"]);
    }
}

#[test]
fn a_service_that_goes_away_is_waited_for() {
    let address = serve(|number, stream| match number {
        1 => send(stream, "503 Service Unavailable", b""),
        _ => send(stream, "200 OK", PAGE.as_bytes()),
    });
    let run = top(address, &["--interval", "0.1", "--count", "3"]);
    assert_eq!(run.code, Some(0));
    assert!(run.complaints.contains("warning: http://") && run.complaints.contains("status 503"), "{}", run.complaints);
    assert_eq!(run.out.matches("rasp top").count(), 2);
}

#[test]
fn what_is_no_metrics_page_is_said_to_be_none() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    fails(&top(free, &["--once"]), "refused");
    fails(&top(serve(|_, stream| send(stream, "404 Not Found", b"")), &["--once"]), "it answers with status 404");
    fails(&top(serve(|_, mut stream| drop(stream.write_all(b"SSH-2.0-x\r\n"))), &["--once"]), "not HTTP");
    fails(&top(serve(|_, stream| send(stream, "200 OK\r\ncontent-length: 9", b"x")), &["--once"]), "ended too early");
    fails(&top(serve(|_, stream| send(stream, "200 OK\r\ncontent-encoding: gzip", b"x")), &["--once"]), "compressed");
    let run = top(page("<html>\n<p>a page</p>\n"), &["--once"]);
    shows(&run.out, &["There is no series of tower-rasp on this page. Its first request makes them."]);
    shows(&run.out, &["lines left out: 2 that cannot be read, 0 past the limit"]);
}

#[test]
fn addresses_that_it_does_not_poll_are_refused() {
    for url in ["https://127.0.0.1/metrics", "file:///etc/hosts", "http://user:secret@127.0.0.1/"] {
        let output = Command::new(env!("CARGO_BIN_EXE_rasp")).args(["top", url]).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(1), "{url}");
    }
}

#[test]
fn an_answer_without_end_is_cut() {
    for head in ["200 OK", "200 OK\r\ntransfer-encoding: chunked", "200 OK\r\ncontent-length: 99999999999"] {
        let address = serve(move |_, mut stream| {
            let lines = if head.contains("chunked") {
                b"10\r\nrasp_x_total 1\n\n\r\n".repeat(100)
            } else {
                b"rasp_x 1\n".repeat(200)
            };
            send(stream.try_clone().expect("a socket"), head, b"");
            while stream.write_all(&lines).is_ok() {}
        });
        fails(&top(address, &["--once"]), "the answer has more than 8388608 bytes");
    }
    let address = serve(|_, mut stream| while stream.write_all(&[b'a'; 4096]).is_ok() {});
    fails(&top(address, &["--once"]), "the head of the answer has no end");
}

#[test]
fn an_answer_that_drips_is_given_up() {
    let address = serve(|_, mut stream| {
        send(stream.try_clone().expect("a socket"), "200 OK", b"");
        while stream.write_all(b"#").is_ok() {
            thread::sleep(Duration::from_millis(100));
        }
    });
    fails(&top(address, &["--once"]), "no whole answer came within 10 seconds");
}

#[test]
fn a_hostile_page_cannot_steer_the_terminal() {
    let mut text = String::from(
        "rasp_requests_total{rasp_action=\"\x1b[2J\x07\u{9b}31m\u{202e}pass\",http_route=\"\\n\\n\r\x08\"} 1\n",
    );
    text.push_str(
        "rasp_requests_total{rasp_action=\"block\",rasp_verdict=\"block\",http_route=\"\x1b]0;title\x07\"} 2\n",
    );
    text.push_str("rasp_mode_effective{rasp_mode=\"\x1b[31m\",security_rule_category=\"\x1b[5m\"} 1\n");
    text.push_str("rasp_inspection_duration_seconds_bucket{rasp_phase=\"\x1b[1m\",le=\"+Inf\"} 1\n");
    text.push_str("rasp_rule_matches_total{security_rule_uuid=\"");
    text.push_str(&"\x1b".repeat(100_000));
    text.push_str("\"} NaN\n");
    for number in 0..30_000 {
        text.push_str(&format!("rasp_rule_matches_total{{security_rule_uuid=\"r{number}\"}} 1e308\n"));
    }
    text.push_str(&"\x1b[31mgarbage{{{\"\n".repeat(1000));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(b"rasp_requests_total{rasp_action=\"\xff\xfe\"} 1\n");
    let run = top(page(bytes), &["--once"]);
    assert_eq!(run.code, Some(0), "{}", run.complaints);
    let steering = run.out.chars().find(|character| character.is_control() && *character != '\n');
    assert_eq!(steering, None, "{}", run.out);
    assert!(!run.out.contains('\u{202e}'));
    let longest = run.out.lines().map(|line| line.chars().count()).max();
    assert!(run.out.lines().count() < 60 && longest < Some(120), "{longest:?}\n{}", run.out);
}
