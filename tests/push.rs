//! The push core: findings as soon as a value is complete, in bounded memory, at any chunking.

use bytes::Bytes;
use tower_rasp::{Action, Head, Inspection, Rasp};

const CHUNK: usize = 64 * 1024;
const ATTACK: &str = "x' UNION SELECT password FROM users--";

fn inspection(content_type: &str) -> Inspection {
    let head = Head::builder(b"POST", b"/", None).header(b"content-type", content_type.as_bytes()).build();
    Inspection::head(Rasp::default().engine(), head)
}

/// Bodies of `size` bytes with `early` in their first KiB, and no attack after it.
fn bodies(size: usize, early: &str) -> Vec<(&'static str, Vec<u8>)> {
    let filler = "lorem ipsum dolor sit amet ".repeat(37);
    let repeat = |begin: String, item: &dyn Fn(usize) -> String, end: &str| {
        let mut body = begin;
        let mut index = 0;
        while body.len() < size {
            body.push_str(&item(index));
            index += 1;
        }
        body.push_str(end);
        body.into_bytes()
    };
    let quoted = serde_json::to_string(early).expect("a string");
    let encoded: String = early.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let part =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    vec![
        ("application/json", repeat(format!(r#"{{"a":{quoted},"rest":["#), &|_| format!("\"{filler}\","), "\"end\"]}")),
        (
            "application/x-www-form-urlencoded",
            repeat(format!("a={encoded}"), &|index| format!("&f{index}={}", filler.replace(' ', "+")), ""),
        ),
        (
            "multipart/form-data; boundary=b",
            repeat(part("a", early), &|index| part(&format!("f{index}"), &filler), "--b--\r\n"),
        ),
    ]
}

#[test]
fn an_attack_at_the_start_of_ten_mebibytes_is_found_before_the_second_chunk() {
    for (content_type, body) in bodies(10 << 20, ATTACK) {
        let mut inspection = inspection(content_type);
        let first = Bytes::copy_from_slice(&body[..CHUNK]);
        assert_eq!(inspection.chunk(&first), Action::Block, "{content_type}");
        assert!(!inspection.context().findings().is_empty(), "{content_type}");
    }
}

fn findings(inspection: &Inspection) -> Vec<String> {
    inspection.context().findings().iter().map(|finding| format!("{finding:?}")).collect()
}

#[test]
fn one_byte_chunks_give_the_findings_of_one_chunk() {
    for (content_type, body) in bodies(20_000, ATTACK) {
        let body = Bytes::from(body);
        let (mut whole, mut pieces) = (inspection(content_type), inspection(content_type));
        whole.chunk(&body);
        whole.end();
        for index in 0..body.len() {
            pieces.chunk(&body.slice(index..=index));
        }
        pieces.end();
        assert_eq!(findings(&whole), findings(&pieces), "{content_type}");
        assert_eq!(whole.context().completeness(), pieces.context().completeness(), "{content_type}");
        assert!(!findings(&whole).is_empty(), "{content_type}");
    }
}

#[cfg(target_os = "linux")]
fn resident_bytes() -> usize {
    let text = std::fs::read_to_string("/proc/self/status").expect("the kernel tells");
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).expect("the resident size");
    let kibibytes: usize = line.split_whitespace().nth(1).expect("a number").parse().expect("a number");
    kibibytes * 1024
}

/// A benign body of 64 MiB, made chunk by chunk: one value, or many.
#[cfg(target_os = "linux")]
fn grows(content_type: &str, begin: &[u8], chunk: &[u8], end: &[u8]) -> usize {
    let mut inspection = inspection(content_type);
    inspection.chunk(&Bytes::copy_from_slice(begin));
    let push = |inspection: &mut Inspection| {
        // A list of so many items is past `leaves_max`, and that alerts.
        assert!(inspection.chunk(&Bytes::copy_from_slice(chunk)) < Action::Block, "{content_type}");
    };
    (0..16).for_each(|_| push(&mut inspection));
    let before = resident_bytes();
    (0..(64 << 20) / chunk.len()).for_each(|_| push(&mut inspection));
    let grown = resident_bytes().saturating_sub(before);
    inspection.chunk(&Bytes::copy_from_slice(end));
    assert!(inspection.end() < Action::Block, "{content_type}");
    grown
}

#[cfg(target_os = "linux")]
#[test]
fn a_body_of_64_mebibytes_grows_memory_by_less_than_one() {
    let text = "lorem ipsum dolor sit amet ".repeat(CHUNK / 27).into_bytes();
    let items = format!("\"{}\",", "lorem ipsum ".repeat(20)).repeat(CHUNK / 243).into_bytes();
    let part: &[u8] = b"--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.txt\"\r\n\r\n";
    for (content_type, begin, chunk, end) in [
        ("application/json", b"{\"a\":\"".as_slice(), &text, b"\"}".as_slice()),
        ("application/json", b"[", &items, b"1]"),
        ("application/x-www-form-urlencoded", b"a=", &text, b""),
        ("multipart/form-data; boundary=b", part, &text, b"\r\n--b--\r\n"),
        ("text/plain", b"a", &text, b"b"),
    ] {
        let grown = grows(content_type, begin, chunk, end);
        assert!(grown < 1 << 20, "{content_type} grew by {grown} bytes");
    }
}

#[test]
fn nothing_at_all_is_whole_and_passes() {
    let mut empty = Inspection::head(Rasp::default().engine(), Head::builder(b"", b"", None).build());
    assert_eq!(empty.end(), Action::Pass);
    assert!(empty.context().completeness().is_whole());
    for content_type in ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", ""]
    {
        let mut empty = inspection(content_type);
        empty.chunk(&Bytes::new());
        assert_eq!(empty.end(), Action::Pass, "{content_type}");
    }
}
