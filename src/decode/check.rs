//! What must hold for the decoders on any bytes; run by the fuzzer and on `tests/regressions/`.

use super::cookie::cookies;
use super::form::query;
use super::path::path_segments;
use super::{BodyDecoder, DecodeLimits, Sink};
use crate::input::{Cause, Leaf, Location, Notice, Place};

const TYPES: [&[u8]; 8] = [
    b"application/json",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=b",
    b"text/plain",
    b"",
    b"multipart/form-data; boundary=b; boundary=c",
    b"application/octet-stream",
    b"text/html; charset=utf-16",
];

/// Everything that was told, in no order: readings that run side by side take turns by chunks.
#[derive(Default)]
struct Told(Vec<String>);

impl Sink for Told {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        self.0.push(format!("{} {:?} {:?}", Location::of(&leaf), leaf.aspect, leaf.value));
    }

    fn incomplete(&mut self, cause: Cause) {
        self.0.push(format!("incomplete: {cause:?}"));
    }

    fn notice(&mut self, notice: Notice) {
        self.0.push(format!("notice: {notice:?}"));
    }
}

fn read(content_type: &[u8], body: &[u8], step: usize) -> Vec<String> {
    let mut told = Told::default();
    let limits = DecodeLimits { depth_max: 8, leaves_max: 64, leaf_bytes_max: 64, ..DecodeLimits::default() };
    let mut decoder = BodyDecoder::new(&[content_type], &limits, &mut told);
    body.chunks(step).for_each(|chunk| decoder.push(chunk, &mut told));
    decoder.end(&mut told);
    told.0.sort();
    told.0.dedup();
    told.0
}

/// The input is one byte for the content type, one for the chunk size, then the body.
pub fn check(data: &[u8]) {
    let [kind, step, body @ ..] = data else { return };
    let content_type = TYPES[usize::from(*kind) % TYPES.len()];
    let whole = read(content_type, body, body.len().max(1));
    assert_eq!(whole, read(content_type, body, usize::from(*step).max(1)), "another chunking, other leaves");
    let (mut told, limits) = (Told::default(), DecodeLimits::default());
    query(body, Place::Query, &limits, &mut told);
    cookies(body, &limits, &mut told);
    path_segments(body, Some("/a/{b}/{*c}"), &mut told);
}

#[cfg(test)]
#[test]
fn inputs_that_broke_a_decoder_once_do_not_again() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions/decoders");
    let entries: Vec<_> = std::fs::read_dir(folder).expect("the folder").collect();
    assert!(!entries.is_empty());
    for entry in entries {
        let path = entry.expect("an entry").path();
        check(&std::fs::read(path).expect("a file"));
    }
}
