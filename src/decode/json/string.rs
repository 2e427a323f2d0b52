//! Strings and keys: pieces, escapes, and what they are emitted as.

use memchr::memchr2;

use super::Expect;
use super::Json;
use super::Role;
use super::State;
use super::escape::Step;
use super::pointer::Position;
use crate::decode::Sink;
use crate::decode::gather::Gather;
use crate::input::Cause;
use crate::input::Leaf;
use crate::input::Notice;
use crate::input::Place;

impl Json {
    pub(super) fn string(&mut self, chunk: &[u8], at: usize, quote: u8, sink: &mut dyn Sink) -> usize {
        let rest = &chunk[at..];
        let Some(end) = memchr2(quote, b'\\', rest) else {
            self.take(rest, sink);
            return chunk.len();
        };
        if rest[end] != quote {
            self.take(&rest[..end], sink);
            self.state = State::Escape(quote);
            return at + end + 1;
        }
        self.close_string(&rest[..end], sink);
        if self.position.depth() > 0 {
            self.run.restart(at + end + 1);
        }
        at + end + 1
    }

    pub(super) fn escaped(&mut self, chunk: &[u8], at: usize, quote: u8, sink: &mut dyn Sink) -> usize {
        let Some(&byte) = chunk.get(at) else { return chunk.len() };
        let Self { position, gather, escape, role, .. } = self;
        let step = escape.push(byte, &mut |piece| hold(position, gather, *role, piece, sink));
        match step {
            Step::More => at + 1,
            Step::Done => {
                self.state = State::String(quote);
                at + 1
            }
            Step::Unknown => {
                self.malformed(sink);
                self.state = State::String(quote);
                at
            }
        }
    }

    /// The body ends in an escape.
    pub(super) fn flush_escape(&mut self, sink: &mut dyn Sink) {
        let Self { position, gather, escape, role, .. } = self;
        escape.finish(&mut |piece| hold(position, gather, *role, piece, sink));
    }

    /// A piece of a string, more of which is to come.
    pub(super) fn take(&mut self, piece: &[u8], sink: &mut dyn Sink) {
        if !piece.is_empty() {
            if !self.escape.is_idle() {
                self.flush_escape(sink);
            }
            hold(&mut self.position, &mut self.gather, self.role, piece, sink);
        }
    }

    /// The last piece of a string or a key.
    pub(super) fn close_string(&mut self, piece: &[u8], sink: &mut dyn Sink) {
        if !self.escape.is_idle() {
            self.flush_escape(sink);
        }
        if self.role == Role::Key {
            self.position.extend_key(piece);
        }
        if self.position.take_cut() {
            sink.location_cut();
        }
        emit(&mut self.gather, self.role, self.position.pointer(), sink, |gather, label, sink| {
            gather.finish(piece, label, sink);
        });
        self.is_read = true;
        self.leaves += 1;
        self.state = State::Structure;
        if self.role != Role::Key {
            self.after_value();
        } else {
            self.expect = Expect::Colon;
            if self.position.is_duplicate_key() {
                sink.notice(Notice::DuplicateKey);
            }
        }
    }
}

/// Holds a piece of a string.
fn hold(position: &mut Position, gather: &mut Gather, role: Role, piece: &[u8], sink: &mut dyn Sink) {
    if role == Role::Key {
        position.extend_key(piece);
    }
    emit(gather, role, position.pointer(), sink, |gather, label, sink| gather.push(piece, label, sink));
}

/// Lets `gather` emit under the label that fits the role.
fn emit(
    gather: &mut Gather,
    role: Role,
    pointer: &[u8],
    sink: &mut dyn Sink,
    act: impl FnOnce(&mut Gather, Leaf<'_>, &mut dyn Sink),
) {
    match role {
        Role::Key | Role::DeepKey => act(gather, Leaf::name(Place::Body, pointer, b""), sink),
        Role::Value => act(gather, Leaf::value(Place::Body, pointer, b""), sink),
        Role::Either => act(gather, Leaf::value(Place::Body, pointer, b""), &mut Twice(sink)),
    }
}

/// Emits each leaf as a name too.
struct Twice<'a>(&'a mut dyn Sink);

impl Sink for Twice<'_> {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        self.0.leaf(Leaf::name(leaf.place, leaf.name, leaf.value));
        self.0.leaf(leaf);
    }

    fn incomplete(&mut self, cause: Cause) {
        self.0.incomplete(cause);
    }

    fn notice(&mut self, notice: Notice) {
        self.0.notice(notice);
    }
}
