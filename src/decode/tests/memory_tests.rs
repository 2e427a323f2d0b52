//! What decoders hold where memory is short: little, and no value is read in another way.

use super::*;
use crate::input::Mark;

/// Values with their windows joined.
#[derive(Default)]
struct Joined {
    leaves: Vec<(String, Vec<u8>)>,
    repeats: Option<usize>,
    causes: usize,
    notices: Vec<Notice>,
}

impl Sink for Joined {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        let label = format!("{:?} {:?} {}", leaf.place, leaf.aspect, leaf.name.escape_ascii());
        match (self.repeats.take(), self.leaves.last_mut()) {
            (Some(repeats), Some((before, value))) => {
                assert!(value.ends_with(&leaf.value[..repeats]), "a window repeats other bytes than it says");
                // A name in windows has as its location what is known of it by then.
                *before = label;
                value.extend_from_slice(&leaf.value[repeats..]);
            }
            _ => self.leaves.push((label, leaf.value.to_vec())),
        }
    }

    fn incomplete(&mut self, _: Cause) {
        self.causes += 1;
    }

    fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    fn structure(&mut self, mark: Mark) {
        self.repeats = if let Mark::More(bytes) = mark { Some(bytes) } else { None };
    }
}

/// Bodies with this value in each place that a client can fill.
fn bodies(value: &str) -> [(&'static str, String); 4] {
    let part = |head: &str| format!("--B\r\nContent-Disposition: form-data; name=\"{head}\r\n\r\n{value}\r\n");
    [
        ("application/json", format!(r#"{{"a":"{value}","{value}":[["{value}\u0041",12345,true],"x"]}}"#)),
        ("application/x-www-form-urlencoded", format!("a={value}&{value}=%41&b={value}")),
        ("multipart/form-data; boundary=B", format!("{}{}--B--\r\n", part("a\""), part("b\"; filename=\"f\""))),
        ("text/plain", value.to_owned()),
    ]
}

fn read(content_type: &str, body: &str, sizes: &[usize], is_short: bool) -> Joined {
    let mut told = Joined::default();
    let mut decoder = BodyDecoder::new(&[content_type.as_bytes()], &DecodeLimits::default(), &mut told);
    let (mut rest, mut sizes) = (body.as_bytes(), sizes.iter().cycle());
    while !rest.is_empty() {
        let size = sizes.next().map_or(rest.len(), |&size| size.clamp(1, rest.len()));
        decoder.push(&rest[..size], &mut told);
        if is_short {
            decoder.shed(&mut told);
        }
        rest = &rest[size..];
    }
    decoder.end(&mut told);
    told
}

proptest! {
    #[test]
    fn short_memory_changes_windows_and_no_value(
        value in "[a-z+ ]{0,1500}", sizes in prop::collection::vec(prop_oneof![1..8_usize, 1..900_usize], 1..6),
    ) {
        for (content_type, body) in bodies(&value) {
            let (plain, short) = (read(content_type, &body, &sizes, false), read(content_type, &body, &sizes, true));
            prop_assert_eq!(plain.leaves, short.leaves, "{} in {:?}", content_type, sizes);
            prop_assert_eq!((plain.causes, plain.notices), (short.causes, short.notices));
        }
    }
}

#[test]
fn what_a_stalled_body_holds_is_counted_and_given_back() {
    let limits = DecodeLimits::default();
    for (content_type, body) in bodies(&"lorem ipsum ".repeat(5_000)) {
        for at in [100, 30_000, 59_000] {
            let mut told = Joined::default();
            let mut decoder = BodyDecoder::new(&[content_type.as_bytes()], &limits, &mut told);
            decoder.push(&body.as_bytes()[..at / 2], &mut told);
            decoder.push(&body.as_bytes()[at / 2..at], &mut told);
            decoder.shed(&mut told);
            // The name of a form may be long, since it is the location of its value.
            assert!(decoder.held_bytes() < 8 * 1024, "{content_type} at {at}: {}", decoder.held_bytes());
            decoder.give_up(&mut told);
            assert_eq!((decoder.held_bytes(), told.causes, told.notices.len()), (0, 0, 0), "{content_type} at {at}");
            let seen = |text: &str| {
                told.leaves.iter().any(|(_, value)| value.windows(text.len()).any(|window| window == text.as_bytes()))
            };
            let last = body[..at].trim_end_matches('\r').rsplit(['&', '=', '"', '\n', '%']).next().unwrap_or_default();
            assert!(seen(&last[last.len().saturating_sub(40)..]), "{content_type} at {at}: {last}");
        }
    }
}

#[test]
fn a_body_that_was_given_up_is_text_chunk_by_chunk() {
    let mut told = Told::default();
    let mut decoder = BodyDecoder::new(&[b"application/json"], &DecodeLimits::default(), &mut told);
    decoder.push(br#"{"a":"one"#, &mut told);
    decoder.give_up(&mut told);
    decoder.push(b" two", &mut told);
    decoder.push(b"", &mut told);
    decoder.push(br#" three"}"#, &mut told);
    decoder.end(&mut told);
    assert_eq!(told.lines(), ["body.name /a=a", "body /a=one", "body = two", "body = three\\\"}"]);
    assert!(told.causes.is_empty() && told.notices.is_empty(), "{told:?}");
}
