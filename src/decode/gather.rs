//! One value as it arrives: borrowed where it lies whole in a chunk, else held; in windows where
//! it is large.

use super::DecodeLimits;
use super::Sink;
use super::limits::SHED_OVERLAP_BYTES;
use crate::input::Cause;
use crate::input::Leaf;
use crate::input::Mark;

/// Collects the pieces of one value and emits it, then is ready for the next.
///
/// A window is emitted when a byte beyond it arrives. Where windows begin and end is therefore a
/// matter of the value alone, and not of how it was cut into chunks; but where memory runs out, one
/// [is emitted early](Self::shed).
pub(super) struct Gather {
    held: Vec<u8>,
    window: usize,
    overlap: usize,
    /// What the value is to the structure, if that is said; and once a window was emitted, that.
    mark: Option<Mark>,
}

impl Gather {
    pub(super) fn new(limits: &DecodeLimits) -> Self {
        Self { held: Vec::new(), window: limits.window_bytes(), overlap: limits.overlap_bytes(), mark: None }
    }

    /// Bytes of memory that are held.
    pub(super) fn held_bytes(&self) -> usize {
        self.held.capacity()
    }

    /// Gives memory back: the value so far is a window, and its last bytes begin the next. A few bytes
    /// that no window has shown yet wait on, so that small pieces do not each repeat what came before.
    pub(super) fn shed(&mut self, label: Leaf<'_>, sink: &mut dyn Sink) {
        let overlap = SHED_OVERLAP_BYTES.min(self.overlap);
        let repeated = if let Some(Mark::More(bytes)) = self.mark { bytes } else { 0 };
        if self.held.len().saturating_sub(repeated) > overlap {
            self.window(&self.held, label, sink);
            self.held.drain(..self.held.len() - overlap);
            self.mark = Some(Mark::More(overlap));
        } else if repeated > overlap {
            self.held.drain(..repeated - overlap);
            self.mark = Some(Mark::More(overlap));
        }
        self.held.shrink_to_fit();
    }

    /// Whether no byte of the value came yet.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// What the value that begins is to the structure of the document.
    #[inline]
    pub(super) const fn begin(&mut self, mark: Mark) {
        self.mark = Some(mark);
    }

    /// One more piece of the value; `label` says where it stands.
    #[inline]
    pub(super) fn push(&mut self, piece: &[u8], label: Leaf<'_>, sink: &mut dyn Sink) {
        if self.held.len() + piece.len() <= self.window {
            self.held.extend_from_slice(piece);
        } else {
            self.overflow(piece, label, sink);
        }
    }

    fn overflow(&mut self, mut piece: &[u8], label: Leaf<'_>, sink: &mut dyn Sink) {
        if self.held.is_empty() {
            piece = self.windows(piece, label, sink);
        }
        while self.held.len() + piece.len() > self.window {
            let (head, rest) = piece.split_at(self.window - self.held.len());
            self.held.extend_from_slice(head);
            self.window(&self.held, label, sink);
            self.split(sink);
            self.held.copy_within(self.window - self.overlap.., 0);
            self.held.truncate(self.overlap);
            piece = rest;
        }
        self.held.extend_from_slice(piece);
    }

    /// Emits full windows without a copy; returns what begins the next one.
    fn windows<'a>(&mut self, mut piece: &'a [u8], label: Leaf<'_>, sink: &mut dyn Sink) -> &'a [u8] {
        while piece.len() > self.window {
            self.window(&piece[..self.window], label, sink);
            self.split(sink);
            piece = &piece[self.window - self.overlap..];
        }
        piece
    }

    /// One window was emitted, and more of the value follows.
    fn split(&mut self, sink: &mut dyn Sink) {
        self.mark = Some(Mark::More(self.overlap));
        sink.incomplete(Cause::SplitValue);
    }

    /// The last piece: emits the value, empty or not.
    #[inline]
    pub(super) fn finish(&mut self, piece: &[u8], label: Leaf<'_>, sink: &mut dyn Sink) {
        if self.held.is_empty() {
            let value = self.windows(piece, label, sink);
            self.window(value, label, sink);
        } else {
            self.push(piece, label, sink);
            self.window(&self.held, label, sink);
            self.held.clear();
        }
        self.mark = None;
    }

    #[inline]
    fn window(&self, value: &[u8], label: Leaf<'_>, sink: &mut dyn Sink) {
        if let Some(mark) = self.mark {
            sink.structure(mark);
        }
        sink.leaf(Leaf { value, ..label });
    }

    /// Emits the value as if it ended here, though it may go on.
    pub(super) fn emit_so_far(&self, label: Leaf<'_>, sink: &mut dyn Sink) {
        sink.leaf(Leaf { value: &self.held, ..label });
    }

    /// As [`finish`](Self::finish), but of an empty value there is no leaf.
    pub(super) fn finish_text(&mut self, label: Leaf<'_>, sink: &mut dyn Sink) {
        if !self.held.is_empty() {
            self.finish(b"", label, sink);
        }
    }
}

/// Adds what fits of `piece` to a name that is kept for a location.
pub(super) fn extend_cut(name: &mut Vec<u8>, piece: &[u8], bytes_max: usize) {
    let room = bytes_max.saturating_sub(name.len());
    name.extend_from_slice(&piece[..piece.len().min(room)]);
}
