//! `multipart/form-data` and its kin, as axum's reader takes it and as lenient ones do.
//!
//! Read as well: line ends without carriage return, a last boundary that is missing, what stands
//! before the first boundary and after the last, parts without a name or a blank line, folded
//! headers. Of names and file names each reading is emitted that some reader takes, and of content
//! that declares an encoding the decoded form too.
//!
//! Where only a lenient reader sees a boundary, both readings go on side by side from there. Where only
//! a lenient reader sees the end of a part's headers, both contents are emitted.
//!
//! # What this does not protect from
//!
//! A part that is itself multipart or JSON is read as text. Of two ambiguous line ends that a
//! lenient reader could each take or leave, it is taken to take both.

mod delimiter;
mod disposition;
mod late;
mod part;

use memchr::memchr;

use self::delimiter::Delimiter;
use self::delimiter::Ending;
use self::delimiter::Found;
use self::delimiter::Scanner;
use self::delimiter::Tail;
use self::part::Part;
use super::DecodeLimits;
use super::Sink;
use super::gather::Gather;
use super::text::BODY;
use crate::input::Cause;
use crate::input::Notice;

/// What is being read.
#[derive(Clone, Copy)]
enum Stage {
    /// What stands outside the parts; so much of the delimiter matched.
    Outside(usize),
    /// The rest of the line of a delimiter that stands outside the parts.
    OutsideTail(Tail),
    Headers,
    Content,
    /// Too many leaves.
    Text,
}

/// Which line ends make a boundary.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Carriage return and line feed. Where others would do, a lenient twin begins.
    Strict,
    /// Any.
    Lenient,
}

/// Reads parts.
pub struct Multipart {
    limits: DecodeLimits,
    delimiter: Delimiter,
    reading: Reading,
    twin: Option<Box<Multipart>>,
    stage: Stage,
    scanner: Scanner,
    /// The headers of the present part, and where its last line begins.
    block: Vec<u8>,
    line: usize,
    part: Part,
    text: Gather,
    leaves: usize,
    is_begun: bool,
    is_ended: bool,
    is_limited: bool,
    is_near: bool,
    is_bare: bool,
    is_malformed: bool,
}

impl Multipart {
    pub(super) fn new(boundary: &[u8], limits: &DecodeLimits) -> Self {
        Self::with(Delimiter::new(boundary), Reading::Strict, Stage::Outside(0), limits)
    }

    fn with(delimiter: Delimiter, reading: Reading, stage: Stage, limits: &DecodeLimits) -> Self {
        Self {
            limits: *limits,
            delimiter,
            reading,
            twin: None,
            stage,
            scanner: Scanner::new(),
            block: Vec::new(),
            line: 0,
            part: Part::new(limits),
            text: Gather::new(limits),
            leaves: 0,
            is_begun: false,
            is_ended: false,
            is_limited: false,
            is_near: false,
            is_bare: false,
            is_malformed: false,
        }
    }

    pub(super) fn push(&mut self, chunk: &[u8], sink: &mut dyn Sink) {
        if let Some(twin) = &mut self.twin {
            twin.push(chunk, sink);
        }
        let mut at = 0;
        while at < chunk.len() {
            at = match self.stage {
                Stage::Outside(matched) => self.outside(chunk, at, matched, sink),
                Stage::OutsideTail(tail) => self.outside_tail(chunk, at, tail, sink),
                Stage::Headers => self.headers(chunk, at, sink),
                Stage::Content => self.content(chunk, at, sink),
                Stage::Text => {
                    self.text.push(&chunk[at..], BODY, sink);
                    chunk.len()
                }
            };
        }
    }

    pub(super) fn end(&mut self, sink: &mut dyn Sink) {
        match self.stage {
            Stage::Outside(matched) => {
                push_text(&mut self.text, &self.delimiter.needle()[..matched], sink);
            }
            Stage::OutsideTail(_) | Stage::Text => {}
            Stage::Headers => {
                self.begin_part(sink);
                self.part.finish(b"", sink);
            }
            Stage::Content => {
                // A delimiter without the rest of its line ends the part as well.
                if !self.scanner.is_at_delimiter() {
                    self.part.push(&self.scanner.held, sink);
                }
                self.part.finish(b"", sink);
            }
        }
        self.text.finish_text(BODY, sink);
        if !self.is_ended {
            self.malformed(sink);
        }
        if let Some(twin) = &mut self.twin {
            twin.end(sink);
        }
    }

    pub(super) fn held_bytes(&self) -> usize {
        let own = self.block.capacity() + self.scanner.held.capacity() + self.delimiter.held_bytes();
        let twin = self.twin.as_ref().map_or(0, |twin| size_of::<Self>() + twin.held_bytes());
        own + self.part.held_bytes() + self.text.held_bytes() + twin
    }

    pub(super) fn shed(&mut self, sink: &mut dyn Sink) {
        if !matches!(self.stage, Stage::Headers) {
            self.block = Vec::new();
            self.line = 0;
        }
        self.block.shrink_to_fit();
        self.scanner.held.shrink_to_fit();
        self.part.shed(sink);
        self.text.shed(BODY, sink);
        if let Some(twin) = &mut self.twin {
            twin.shed(sink);
        }
    }

    // Outside the parts.

    /// The first boundary may stand anywhere, as axum's reader has it.
    fn outside(&mut self, chunk: &[u8], at: usize, matched: usize, sink: &mut dyn Sink) -> usize {
        let needle = self.delimiter.needle();
        if matched == 0 {
            let dash = memchr(b'-', &chunk[at..]).map_or(chunk.len(), |dash| at + dash);
            push_text(&mut self.text, &chunk[at..dash], sink);
            self.stage = Stage::Outside(usize::from(dash < chunk.len()));
            return dash + 1;
        }
        if chunk.get(at) == needle.get(matched) {
            let is_whole = matched + 1 == needle.len();
            self.stage = if is_whole { Stage::OutsideTail(Tail::Start) } else { Stage::Outside(matched + 1) };
            return at + 1;
        }
        let shorter = self.delimiter.shorter(matched);
        push_text(&mut self.text, &needle[..matched - shorter], sink);
        self.stage = Stage::Outside(shorter);
        at
    }

    fn outside_tail(&mut self, chunk: &[u8], at: usize, mut tail: Tail, sink: &mut dyn Sink) -> usize {
        let Some(&byte) = chunk.get(at) else { return chunk.len() };
        match tail.push(byte) {
            Ending::More => {
                self.scanner.held.push(byte);
                self.stage = Stage::OutsideTail(tail);
                at + 1
            }
            Ending::Not => {
                push_text(&mut self.text, self.delimiter.needle(), sink);
                push_text(&mut self.text, &self.scanner.held, sink);
                self.scanner.held.clear();
                self.stage = Stage::Outside(0);
                at
            }
            ending => {
                self.text.finish_text(BODY, sink);
                if !self.is_begun && ending == (Ending::Line { is_bare: true }) {
                    self.reading = Reading::Lenient;
                }
                self.boundary(ending, sink);
                at + 1
            }
        }
    }

    /// A boundary line was read, and what stood before it is emitted.
    fn boundary(&mut self, ending: Ending, sink: &mut dyn Sink) {
        self.is_begun = true;
        self.scanner.held.clear();
        self.block.clear();
        self.line = 0;
        self.stage = match ending {
            Ending::Last => {
                self.is_ended = true;
                Stage::Outside(0)
            }
            _ if self.leaves >= self.limits.leaves_max => {
                self.limit(sink);
                self.is_ended = true;
                Stage::Text
            }
            _ => Stage::Headers,
        };
        if ending == (Ending::Line { is_bare: true }) {
            self.bare(sink);
        }
    }

    // Inside a part.

    fn headers(&mut self, chunk: &[u8], at: usize, sink: &mut dyn Sink) -> usize {
        let rest = &chunk[at..];
        let room = self.limits.part_header_bytes_max.saturating_sub(self.block.len());
        let line_end = memchr(b'\n', rest).map(|end| end + 1);
        let taken = line_end.unwrap_or(rest.len()).min(room);
        self.block.extend_from_slice(&rest[..taken]);
        if line_end == Some(taken) {
            self.header_line(sink);
        } else if taken == room {
            // The rest of the headers is read as content.
            self.limit(sink);
            let rest = self.block.split_off(self.line);
            self.begin_part(sink);
            self.part.push(&rest, sink);
            self.scanner.held.clear();
        }
        at + taken
    }

    /// A line is complete: a header, a boundary, or the blank line.
    fn header_line(&mut self, sink: &mut dyn Sink) {
        let line = &self.block[self.line..];
        let is_bare = !line.ends_with(b"\r\n");
        let line = line.trim_ascii_end();
        if line.is_empty() {
            self.begin_part(sink);
        } else if let Some(is_last) = self.delimiter.is_line(line) {
            self.block.truncate(self.line);
            self.malformed(sink);
            self.begin_part(sink);
            self.part.finish(b"", sink);
            self.boundary(if is_last { Ending::Last } else { Ending::Line { is_bare } }, sink);
        } else {
            self.line = self.block.len();
        }
        if is_bare {
            self.bare(sink);
        }
    }

    fn begin_part(&mut self, sink: &mut dyn Sink) {
        self.leaves += self.part.begin(&self.block, sink);
        self.scanner.begin();
        self.stage = Stage::Content;
    }

    fn content(&mut self, chunk: &[u8], mut at: usize, sink: &mut dyn Sink) -> usize {
        while let Some(found) = self.scanner.next(&self.delimiter, chunk, &mut at) {
            match found {
                Found::Content(piece) => self.part.push(piece, sink),
                Found::HeldContent => {
                    self.part.push(&self.scanner.held, sink);
                    self.scanner.held.clear();
                }
                Found::Near { before } => {
                    self.part.push(before, sink);
                    // For axum's reader the part ends here, and the body with an error.
                    if !std::mem::replace(&mut self.is_near, true) {
                        self.part.emit_so_far(sink);
                    }
                    self.part.push(&self.scanner.held, sink);
                    self.scanner.held.clear();
                }
                Found::Line { before, is_strict, ending, .. } if is_strict || self.reading == Reading::Lenient => {
                    if !is_strict {
                        self.bare(sink);
                    }
                    self.part.finish(before, sink);
                    self.boundary(ending, sink);
                    return at;
                }
                Found::Line { before, line, ending, .. } => {
                    let line = if line.is_empty() { &self.scanner.held } else { line };
                    let (line, line_end): (_, &[u8]) = match line {
                        [line @ .., b'\r', b'\n'] => (line, b"\r\n"),
                        [line @ .., b'\n'] => (line, b"\n"),
                        line => (line, b""),
                    };
                    self.part.push(before, sink);
                    self.part.push(line, sink);
                    self.scanner.resume(line_end);
                    self.bare(sink);
                    self.begin_twin(&chunk[at..], ending, sink);
                }
            }
        }
        at
    }

    /// Reads on leniently as well, after a boundary that only lenient readers see.
    fn begin_twin(&mut self, rest: &[u8], ending: Ending, sink: &mut dyn Sink) {
        if self.twin.is_some() {
            return;
        }
        let mut twin = Self::with(self.delimiter.clone(), Reading::Lenient, Stage::Outside(0), &self.limits);
        // What is odd was said already, or will be by the strict reading.
        (twin.is_bare, twin.is_malformed) = (true, true);
        twin.boundary(ending, sink);
        twin.push(rest, sink);
        self.twin = Some(Box::new(twin));
    }

    // What is odd, said once.

    fn limit(&mut self, sink: &mut dyn Sink) {
        if !std::mem::replace(&mut self.is_limited, true) {
            sink.incomplete(Cause::Limit);
        }
    }

    fn bare(&mut self, sink: &mut dyn Sink) {
        if !std::mem::replace(&mut self.is_bare, true) {
            sink.notice(Notice::BareLineFeed);
        }
    }

    fn malformed(&mut self, sink: &mut dyn Sink) {
        if !std::mem::replace(&mut self.is_malformed, true) {
            sink.notice(Notice::Malformed);
        }
    }
}

/// Text outside the parts; the line end after the last boundary is none.
fn push_text(text: &mut Gather, piece: &[u8], sink: &mut dyn Sink) {
    let piece = if text.is_empty() { piece.trim_ascii_start() } else { piece };
    text.push(piece, BODY, sink);
}
