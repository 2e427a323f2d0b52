//! stub
mod sink;
use crate::input::{Leaf, Place};
pub use sink::Sink;
#[derive(Clone, Copy, Debug)]
pub struct DecodeLimits {
    pub depth_max: usize,
    pub leaves_max: usize,
    pub leaf_bytes_max: usize,
    pub name_bytes_max: usize,
    pub part_header_bytes_max: usize,
}
pub struct BodyDecoder {
    text: Vec<u8>,
}
impl BodyDecoder {
    pub fn new(_types: &[&[u8]], _limits: DecodeLimits, _sink: &mut dyn Sink) -> Self {
        Self { text: Vec::new() }
    }
    pub fn push(&mut self, chunk: &[u8], _sink: &mut dyn Sink) {
        self.text.extend_from_slice(chunk)
    }
    pub fn end(&mut self, sink: &mut dyn Sink) {
        sink.leaf(Leaf::value(Place::Body, b"", &self.text))
    }
}
pub fn query(raw: &[u8], place: Place, _limits: &DecodeLimits, sink: &mut dyn Sink) {
    for pair in raw.split(|&b| b == b'&') {
        let mut it = pair.splitn(2, |&b| b == b'=');
        let n = it.next().unwrap_or_default();
        let v = it.next().unwrap_or_default();
        sink.leaf(Leaf::name(place, n, n));
        sink.leaf(Leaf::value(place, n, v));
    }
}
pub fn cookies(raw: &[u8], _limits: &DecodeLimits, sink: &mut dyn Sink) {
    sink.leaf(Leaf::value(Place::Cookie, b"", raw))
}
pub fn path_segments(raw: &[u8], _template: Option<&str>, _limits: &DecodeLimits, sink: &mut dyn Sink) {
    sink.leaf(Leaf::value(Place::Path, b"", raw))
}
