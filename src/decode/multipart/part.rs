//! One part: its headers and its content.

use super::disposition::Disposition;
use super::late::LateContent;
use crate::decode::DecodeLimits;
use crate::decode::Sink;
use crate::decode::codec::Codec;
use crate::decode::codec::STEP_BYTES;
use crate::decode::content_type::Charset;
use crate::decode::content_type::charset_of;
use crate::decode::gather::Gather;
use crate::decode::gather::extend_cut;
use crate::decode::json::Fallback;
use crate::decode::json::Json;
use crate::input::Aspect;
use crate::input::Cause;
use crate::input::Leaf;
use crate::input::Notice;
use crate::input::Place;

/// The part that is being read; its buffers are reused by the next.
pub(super) struct Part {
    place: Place,
    /// The name, as far as it is kept for the location.
    name: Vec<u8>,
    disposition: Disposition,
    content: Gather,
    /// How some back ends decode the content, and the reading that comes of it.
    codec: Option<Codec>,
    decoded: Gather,
    /// Where another reader sees the content begin later, that.
    late: Option<(LateContent, Gather)>,
    /// The content as JSON, where it is declared as that.
    json: Option<Box<Json>>,
    limits: DecodeLimits,
    scratch: Vec<u8>,
    lower: Vec<u8>,
    location_bytes: usize,
}

impl Part {
    pub(super) fn new(limits: &DecodeLimits) -> Self {
        Self {
            place: Place::Part,
            name: Vec::new(),
            disposition: Disposition::default(),
            content: Gather::new(limits),
            codec: None,
            decoded: Gather::new(limits),
            late: None,
            json: None,
            limits: *limits,
            scratch: Vec::new(),
            lower: Vec::new(),
            location_bytes: limits.location_bytes(),
        }
    }

    /// Reads the headers and emits what they say; returns how many leaves that was.
    pub(super) fn begin(&mut self, block: &[u8], sink: &mut dyn Sink) -> usize {
        self.read_headers(block, sink);
        self.late = LateContent::after(block).map(|content| (content, Gather::new(&self.limits)));
        self.name.clear();
        extend_cut(&mut self.name, self.disposition.names.first(), self.location_bytes);
        self.place = if self.disposition.is_file { Place::File } else { Place::Part };
        if self.disposition.is_ambiguous {
            sink.notice(Notice::AmbiguousPart);
        }
        let mut leaves = 1;
        for name in self.disposition.names.iter() {
            leaves += 1;
            self.content.finish(name, Leaf::name(Place::Part, &self.name, b""), sink);
        }
        for filename in self.disposition.filenames.iter() {
            leaves += 1;
            let label = Leaf { aspect: Aspect::Filename, ..Leaf::value(self.place, &self.name, b"") };
            self.content.finish(filename, label, sink);
        }
        for (name, value) in headers(block) {
            leaves += 1;
            lower_into(name, &mut self.lower);
            let aspect = Aspect::Header(&self.lower[..self.lower.len().min(self.location_bytes)]);
            let label = Leaf { aspect, ..Leaf::value(self.place, &self.name, b"") };
            self.content.finish(unfold(value, &mut self.scratch), label, sink);
        }
        leaves
    }

    fn read_headers(&mut self, block: &[u8], sink: &mut dyn Sink) {
        self.disposition.clear();
        self.codec = None;
        self.json = None;
        for (name, value) in headers(block) {
            let value = unfold(value, &mut self.scratch);
            if name.eq_ignore_ascii_case(b"content-disposition") {
                self.disposition.read(value);
            } else if name.eq_ignore_ascii_case(b"content-type") {
                if is_json(value) {
                    self.json = Some(Box::new(Json::new(&self.limits, Fallback::Silence)));
                }
                match charset_of(value) {
                    Charset::Plain => {}
                    Charset::Wide(wide) => self.codec = Some(Codec::Wide(wide)),
                    Charset::Unusual => {
                        sink.notice(Notice::UnusualCharset);
                        sink.incomplete(Cause::Undecodable);
                    }
                }
            } else if name.eq_ignore_ascii_case(b"content-transfer-encoding") {
                match value.trim_ascii().to_ascii_lowercase().as_slice() {
                    b"base64" => self.codec = Some(Codec::base64()),
                    b"quoted-printable" => self.codec = Some(Codec::quoted_printable()),
                    b"" | b"7bit" | b"8bit" | b"binary" => {}
                    _ => sink.incomplete(Cause::DisabledDecoder),
                }
            } else if name.is_empty() {
                sink.notice(Notice::Malformed);
            }
        }
    }

    /// A piece of the content, more of which is to come.
    pub(super) fn push(&mut self, piece: &[u8], sink: &mut dyn Sink) {
        self.decode(piece, sink);
        self.read_late(piece, sink);
        self.read_json(piece, sink);
        self.content.push(piece, Leaf::value(self.place, &self.name, b""), sink);
    }

    pub(super) fn held_bytes(&self) -> usize {
        let buffers = [&self.name, &self.scratch, &self.lower].map(Vec::capacity);
        let late = self.late.as_ref().map_or(0, |(_, gather)| gather.held_bytes());
        let gathers = self.content.held_bytes() + self.decoded.held_bytes() + late;
        let json = self.json.as_ref().map_or(0, |json| size_of::<Json>() + json.held_bytes());
        buffers.iter().sum::<usize>() + gathers + self.disposition.held_bytes() + json
    }

    /// Gives memory back. What the headers said is emitted by now.
    pub(super) fn shed(&mut self, sink: &mut dyn Sink) {
        self.disposition = Disposition::default();
        (self.scratch, self.lower) = (Vec::new(), Vec::new());
        self.name.shrink_to_fit();
        let label = Leaf::value(self.place, &self.name, b"");
        self.content.shed(label, sink);
        self.decoded.shed(label, sink);
        if let Some((_, late)) = &mut self.late {
            late.shed(label, sink);
        }
        if let Some(json) = &mut self.json {
            json.shed(&mut Apart(sink));
        }
    }

    /// Some reader takes the content to end here.
    pub(super) fn emit_so_far(&self, sink: &mut dyn Sink) {
        self.content.emit_so_far(Leaf::value(self.place, &self.name, b""), sink);
    }

    /// The last piece of the content.
    pub(super) fn finish(&mut self, piece: &[u8], sink: &mut dyn Sink) {
        self.decode(piece, sink);
        self.read_late(piece, sink);
        self.read_json(piece, sink);
        if let Some(mut json) = self.json.take() {
            json.end(&mut Apart(sink));
        }
        let label = Leaf::value(self.place, &self.name, b"");
        self.content.finish(piece, label, sink);
        self.decoded.finish_text(label, sink);
        self.codec = None;
        if let Some((_, mut late)) = self.late.take() {
            late.finish_text(label, sink);
        }
    }

    fn read_late(&mut self, piece: &[u8], sink: &mut dyn Sink) {
        if let Some((content, gather)) = &mut self.late {
            gather.push(content.of(piece), Leaf::value(self.place, &self.name, b""), sink);
        }
    }

    fn read_json(&mut self, piece: &[u8], sink: &mut dyn Sink) {
        if let Some(json) = &mut self.json {
            json.push(piece, &mut Apart(sink));
        }
    }

    fn decode(&mut self, piece: &[u8], sink: &mut dyn Sink) {
        let Some(codec) = &mut self.codec else { return };
        for step in piece.chunks(STEP_BYTES) {
            self.scratch.clear();
            codec.push(step, &mut self.scratch);
            self.decoded.push(&self.scratch, Leaf::value(self.place, &self.name, b""), sink);
        }
    }
}

/// Whether a part is declared to be JSON: `application/json`, `application/x+json`.
fn is_json(content_type: &[u8]) -> bool {
    let end = memchr::memchr(b';', content_type).unwrap_or(content_type.len());
    let media_type = content_type[..end].trim_ascii().to_ascii_lowercase();
    media_type.ends_with(b"/json") || media_type.ends_with(b"+json")
}

/// The values of a document inside a part: leaves under their pointers, beside those of the part;
/// the structure of the body is another.
struct Apart<'a>(&'a mut dyn Sink);

impl Sink for Apart<'_> {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        self.0.leaf(leaf);
    }

    // The content is whole as text, beside this reading of it.
    fn incomplete(&mut self, _: Cause) {
        self.0.location_cut();
    }

    fn location_cut(&mut self) {
        self.0.location_cut();
    }

    fn notice(&mut self, _: Notice) {}
}

/// The headers of a block: name and value, folded lines still folded. A line without a colon is
/// the value of a header without a name.
fn headers(block: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = block;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let mut end = line_len(rest);
            while matches!(rest.get(end), Some(b' ' | b'\t')) {
                end += line_len(&rest[end..]);
            }
            let (line, next) = rest.split_at(end);
            rest = next;
            let line = line.trim_ascii();
            if !line.is_empty() {
                let colon = memchr::memchr(b':', line);
                return Some(
                    colon.map_or((&[][..], line), |colon| (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii())),
                );
            }
        }
    })
}

/// The length of the first line, its line end included.
fn line_len(bytes: &[u8]) -> usize {
    memchr::memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1)
}

/// A value with its lines joined by a space.
fn unfold<'a>(value: &'a [u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
    if memchr::memchr(b'\n', value).is_none() {
        return value;
    }
    scratch.clear();
    for line in value.split(|&byte| byte == b'\n') {
        if !scratch.is_empty() {
            scratch.push(b' ');
        }
        scratch.extend_from_slice(line.trim_ascii());
    }
    scratch
}

fn lower_into(name: &[u8], lower: &mut Vec<u8>) {
    lower.clear();
    lower.extend(name.iter().map(u8::to_ascii_lowercase));
}
