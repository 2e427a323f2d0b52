//! Memory for inspection is under one budget for the process, however many requests stall.
//!
//! One test, since it looks at the memory of the whole process.

use bytes::Bytes;
use tower_rasp::{Action, Cause, Head, Inspection, Rasp};

const BUDGET: usize = 1 << 19;
const REQUESTS: usize = 100;
/// Heads are held in any case.
const HEADS: usize = REQUESTS * 64;
const ATTACK: &str = "' UNION SELECT password FROM users-- ";

/// How bodies begin, with what they go on, and a piece with an attack in it.
fn rows() -> Vec<(&'static str, &'static str, String, String)> {
    let text = "lorem ipsum dolor sit amet ".repeat(2_400);
    let attack = format!("{text}{ATTACK}{}", &text[..200]);
    let form = |text: &str| text.replace(' ', "+").replace('\'', "%27");
    let part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
    let file = "--b\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.txt\"\r\n\r\n";
    let escaped = "lorem%20ipsum%20dolor%20sit%20amet%20".repeat(1_700);
    let wide = |text: &str| text.chars().flat_map(|letter| [letter, '\0']).collect::<String>();
    vec![
        ("application/json", "{\"a\":\"", text.clone(), attack.clone()),
        ("application/json", "{\"", text.clone(), attack.clone()),
        ("application/json", "[", "\"ab\",".repeat(12_000), format!("\"{ATTACK}\",")),
        ("application/x-www-form-urlencoded", "a=", form(&text), form(&attack)),
        ("application/x-www-form-urlencoded", "a=", escaped, form(&attack)),
        ("application/x-www-form-urlencoded", "", "a=b&".repeat(16_000), format!("a={}", form(ATTACK))),
        ("multipart/form-data; boundary=b", part, text.clone(), attack.clone()),
        ("multipart/form-data; boundary=b", file, text.clone(), attack.clone()),
        ("multipart/form-data; boundary=b", "--b\r\nx-long: ", "a".repeat(16_000), format!("\r\n\r\n{ATTACK}\r\n")),
        ("application/json; charset=utf-16le", "", wide(&text[..32_000]), wide(&attack[attack.len() - 900..])),
        ("text/plain", "", text, attack),
    ]
}

fn rasp() -> Rasp {
    let text = format!(
        "version = 1\n[limits]\nbody_hold_bytes_max = 65_536\ninspection_memory_bytes_max = {BUDGET}\nleaves_max = 1_000_000"
    );
    Rasp::builder().config_text(text).build().expect("a rasp")
}

fn resident_bytes() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<usize>().ok()? * 1024)
}

fn push(inspection: &mut Inspection, text: &str) -> Action {
    text.as_bytes()
        .chunks(16 * 1024)
        .map(|chunk| inspection.chunk(&Bytes::copy_from_slice(chunk)))
        .max()
        .unwrap_or(Action::Pass)
}

#[test]
fn stalled_bodies_hold_no_more_than_the_budget_and_are_inspected_all_the_same() {
    for (content_type, begin, middle, attack) in rows() {
        let rasp = rasp();
        let before = resident_bytes();
        let mut stalled: Vec<Inspection> = (0..REQUESTS)
            .map(|_| {
                let head = Head::builder(b"POST", b"/", None).header(b"content-type", content_type.as_bytes()).build();
                let mut inspection = Inspection::head(rasp.engine(), head);
                assert!(push(&mut inspection, &format!("{begin}{middle}")) < Action::Block, "{content_type} {begin}");
                inspection
            })
            .collect();
        assert!(
            rasp.inspection_memory_bytes() <= BUDGET + HEADS,
            "{content_type} {begin}: {}",
            rasp.inspection_memory_bytes()
        );
        let lacks = |inspection: &Inspection| {
            inspection.context().completeness().contains(Cause::Budget) || !inspection.context().inputs_whole()
        };
        let whole = stalled.iter().filter(|inspection| !lacks(inspection)).count();
        assert!(whole * middle.len().min(16_000) <= BUDGET, "{content_type} {begin}: {whole} are whole");
        if let (Some(before), Some(after)) = (before, resident_bytes()) {
            let each = after.saturating_sub(before + BUDGET) / REQUESTS;
            assert!(each < 6 * 1024, "{content_type} {begin}: {each} bytes each, beside the budget");
        }
        for inspection in &mut stalled {
            let action = push(inspection, &attack).max(inspection.end());
            assert_eq!(action, Action::Block, "{content_type} {begin}: {inspection:?}");
        }
        assert!(rasp.inspection_memory_bytes() <= BUDGET + HEADS);
        drop(stalled);
        assert_eq!(rasp.inspection_memory_bytes(), 0, "{content_type} {begin}");
    }
}
