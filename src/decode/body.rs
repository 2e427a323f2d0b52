//! Which decoders read a body: the content type is a hint, and every reading that a back end could
//! take is inspected.
//!
//! # What this does not protect from
//!
//! Of a binary format only the first bytes are looked at, unless it looks like text. A compressed body must be inflated before it
//! comes here.

use super::DecodeLimits;
use super::Decoder;
use super::Form;
use super::Json;
use super::Multipart;
use super::Sink;
use super::Text;
use super::codec::Codec;
use super::codec::STEP_BYTES;
use super::codec::Wide;
use super::content_type::Declared;
use super::gather::Gather;
use super::json::Fallback;
use super::sniff::First;
use super::sniff::SNIFF_BYTES_MAX;
use super::text::BODY;
use crate::input::Cause;
use crate::input::Leaf;
use crate::input::Notice;
use crate::input::Place;

/// Reads one body in every way that its content type or its first bytes suggest.
pub struct BodyDecoder {
    limits: DecodeLimits,
    declared: Declared,
    /// The first bytes, until they suffice to decide.
    first: Vec<u8>,
    stage: Stage,
    decoders: Vec<Decoder>,
    wide: Option<Box<WideReading>>,
    /// What undoes wide characters where nothing else is read.
    codec: Option<Codec>,
}

/// How far it is known how the body is to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The first bytes are awaited.
    First,
    Decided,
    /// There is no memory for it: each chunk is text by itself.
    GivenUp,
}

/// The body as text of wide characters.
struct WideReading {
    codec: Codec,
    text: Vec<u8>,
    body: BodyDecoder,
}

/// Passes on leaves alone: what is odd about a body that was not read to its end is our doing.
struct LeavesOnly<'a>(&'a mut dyn Sink);

impl Sink for LeavesOnly<'_> {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        self.0.leaf(leaf);
    }

    fn incomplete(&mut self, _: Cause) {}

    fn notice(&mut self, _: Notice) {}
}

/// The readings that were decided on.
struct Readings {
    form: bool,
    json: bool,
    text: bool,
    boundaries: Vec<Vec<u8>>,
    wide: Option<Wide>,
}

impl BodyDecoder {
    /// Begins a body; `content_types` are all values of `Content-Type`.
    pub fn new(content_types: &[&[u8]], limits: &DecodeLimits, sink: &mut dyn Sink) -> Self {
        let declared = Declared::new(content_types);
        if declared.has_two_boundaries && declared.multipart {
            sink.notice(Notice::TwoBoundaries);
        }
        if declared.has_many_boundaries {
            sink.incomplete(Cause::Limit);
        }
        if declared.has_unusual_charset {
            sink.notice(Notice::UnusualCharset);
            sink.incomplete(Cause::Undecodable);
        }
        Self::of(declared, limits)
    }

    fn of(declared: Declared, limits: &DecodeLimits) -> Self {
        Self {
            limits: *limits,
            declared,
            first: Vec::new(),
            stage: Stage::First,
            decoders: Vec::new(),
            wide: None,
            codec: None,
        }
    }

    /// Reads on.
    pub fn push(&mut self, chunk: &[u8], sink: &mut dyn Sink) {
        match self.stage {
            Stage::First => {}
            Stage::Decided => return self.read(chunk, sink),
            Stage::GivenUp if chunk.is_empty() => return,
            Stage::GivenUp => return self.read_as_text(chunk, sink),
        }
        if self.first.is_empty() && self.decide(First::new(chunk, false), sink) {
            return self.read(chunk, sink);
        }
        for step in chunk.chunks(SNIFF_BYTES_MAX) {
            self.push_first(step, sink);
        }
    }

    /// Reads on before it is known how.
    fn push_first(&mut self, step: &[u8], sink: &mut dyn Sink) {
        if self.stage != Stage::First {
            return self.read(step, sink);
        }
        self.first.extend_from_slice(step);
        let bytes = std::mem::take(&mut self.first);
        let first = First::new(&bytes, false);
        if self.decide(first, sink) {
            self.read(&bytes, sink);
        } else if !first.is_blank() || bytes.len() < SNIFF_BYTES_MAX {
            // White space before a body means nothing in any reading, and more of it is dropped.
            self.first = bytes;
        }
    }

    /// The body is at its end: emits what was held.
    pub fn end(&mut self, sink: &mut dyn Sink) {
        let first = std::mem::take(&mut self.first);
        if self.stage == Stage::First && !first.is_empty() {
            self.decide(First::new(&first, true), sink);
            self.read(&first, sink);
        }
        for decoder in &mut self.decoders {
            decoder.end(sink);
        }
        if let Some(wide) = &mut self.wide {
            wide.body.end(sink);
        }
    }

    /// Bytes of memory that it holds, itself included; none once it was given up.
    pub fn held_bytes(&self) -> usize {
        if self.stage == Stage::GivenUp {
            return 0;
        }
        let decoders = self.decoders.iter().map(Decoder::held_bytes).sum::<usize>();
        let wide = self.wide.as_ref().map_or(0, |wide| wide.text.capacity() + wide.body.held_bytes());
        let boundaries = self.declared.boundaries.iter().map(|boundary| size_of::<Vec<u8>>() + boundary.capacity());
        size_of::<Self>()
            + self.first.capacity()
            + self.decoders.capacity() * size_of::<Decoder>()
            + boundaries.sum::<usize>()
            + decoders
            + wide
    }

    /// Gives memory back: what was read of a value that goes on is emitted as a window, which overlaps
    /// little with the next.
    pub fn shed(&mut self, sink: &mut dyn Sink) {
        self.first.shrink_to_fit();
        for decoder in &mut self.decoders {
            decoder.shed(sink);
        }
        if let Some(wide) = &mut self.wide {
            wide.text = Vec::new();
            wide.body.shed(sink);
        }
    }

    /// Gives all memory back: what was held is emitted as if the body ended here, and from now on each
    /// chunk is text by itself.
    pub fn give_up(&mut self, sink: &mut dyn Sink) {
        self.end(&mut LeavesOnly(sink));
        let codec = self.wide.take().map(|wide| wide.codec);
        *self = Self { stage: Stage::GivenUp, codec, ..Self::of(Declared::default(), &self.limits) };
    }

    /// A chunk by itself, and what it decodes to; nothing is held after it.
    fn read_as_text(&mut self, chunk: &[u8], sink: &mut dyn Sink) {
        Gather::new(&self.limits).finish(chunk, BODY, sink);
        let Some(codec) = &mut self.codec else { return };
        let (mut decoded, mut text) = (Gather::new(&self.limits), Vec::new());
        for step in chunk.chunks(STEP_BYTES) {
            text.clear();
            codec.push(step, &mut text);
            decoded.push(&text, BODY, sink);
        }
        decoded.finish_text(BODY, sink);
    }

    fn read(&mut self, chunk: &[u8], sink: &mut dyn Sink) {
        for decoder in &mut self.decoders {
            decoder.push(chunk, sink);
        }
        if let Some(wide) = &mut self.wide {
            for step in chunk.chunks(STEP_BYTES) {
                wide.text.clear();
                wide.codec.push(step, &mut wide.text);
                wide.body.push(&wide.text, sink);
            }
        }
    }

    /// Chooses the decoders, if the first bytes suffice.
    fn decide(&mut self, first: First<'_>, sink: &mut dyn Sink) -> bool {
        let Some(readings) = readings(&self.declared, first) else { return false };
        self.stage = Stage::Decided;
        let limits = &self.limits;
        let is_read_elsewhere = readings.form || readings.text;
        if readings.form {
            self.decoders.push(Decoder::Form(Form::new(Place::Form, limits)));
        }
        if readings.json {
            let fallback = if is_read_elsewhere { Fallback::Silence } else { Fallback::Text };
            self.decoders.push(Decoder::Json(Json::new(limits, fallback)));
        }
        for boundary in &readings.boundaries {
            self.decoders.push(Decoder::Multipart(Box::new(Multipart::new(boundary, limits))));
        }
        if readings.text {
            self.decoders.push(Decoder::Text(Text::new(limits)));
        }
        if let Some(wide) = readings.wide {
            let declared = Declared { wide: None, ..self.declared.clone() };
            let body = Self::of(declared, limits);
            self.wide = Some(Box::new(WideReading { codec: Codec::Wide(wide), text: Vec::new(), body }));
        }
        if self.decoders.is_empty() && self.wide.is_none() {
            // Serialized objects show themselves in their first bytes.
            sink.leaf(Leaf { value: first.bytes(), ..BODY });
            sink.incomplete(Cause::UnknownType);
        }
        true
    }
}

/// Every reading that a back end could take, or `None` if that is still open.
fn readings(declared: &Declared, first: First<'_>) -> Option<Readings> {
    let mark = first.mark()?;
    let bytes = first.at_least(4)?;
    let is_sniffed = declared.text || declared.other || declared.multipart && declared.boundaries.is_empty();
    // Binary formats are full of NULs as well.
    let may_be_wide = !declared.other || bytes.iter().any(|byte| b"{[\"<".contains(byte));
    let mut readings = Readings {
        form: declared.form,
        json: declared.json || matches!(mark, b'{' | b'[') || is_sniffed && mark == b'"',
        text: declared.text,
        boundaries: declared.boundaries.clone(),
        wide: Wide::of(bytes).filter(|_| may_be_wide).or_else(|| declared.wide.clone()),
    };
    if readings.boundaries.is_empty() {
        readings.boundaries.extend(first.boundary()?.map(<[u8]>::to_vec));
    }
    if !declared.form && (mark != b'-' || readings.boundaries.is_empty()) {
        readings.form = first.is_form()?;
        if !readings.form && is_sniffed && first.may_be_form()? {
            (readings.form, readings.text) = (true, true);
        }
    }
    if is_sniffed {
        let is_read = readings.form || readings.json || readings.text || !readings.boundaries.is_empty();
        readings.text |= !is_read && (mark == b'<' || first.is_text()?);
    }
    Some(readings)
}
