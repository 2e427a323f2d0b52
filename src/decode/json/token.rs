//! Numbers, words and comments.

use memchr::memchr;

use super::Json;
use super::State;
use super::is_word;
use crate::decode::Sink;
use crate::decode::text::BODY;
use crate::input::Leaf;
use crate::input::Place;

impl Json {
    pub(super) fn number(&mut self, chunk: &[u8], at: usize, sink: &mut dyn Sink) -> usize {
        let rest = &chunk[at..];
        let is_number = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+' | b'_');
        match rest.iter().position(|byte| !is_number(byte)) {
            Some(end) => {
                self.close_number(&rest[..end], sink);
                at + end
            }
            None => {
                self.gather.push(rest, Leaf::value(Place::Body, self.position.pointer(), b""), sink);
                chunk.len()
            }
        }
    }

    pub(super) fn close_number(&mut self, piece: &[u8], sink: &mut dyn Sink) {
        self.gather.finish(piece, Leaf::value(Place::Body, self.position.pointer(), b""), sink);
        self.is_read = true;
        self.after_value();
    }

    pub(super) fn literal(&mut self, chunk: &[u8], at: usize, rest: &'static [u8], sink: &mut dyn Sink) -> usize {
        match (rest, chunk.get(at)) {
            ([next], Some(byte)) if byte == next => {
                // Of the literals only those of JSON end in `e` or `l`, as does `true`.
                if !matches!(next, b'e' | b'l') {
                    self.malformed(sink);
                }
                self.after_value();
                at + 1
            }
            ([next, rest @ ..], Some(byte)) if byte == next => {
                self.state = State::Literal(rest);
                at + 1
            }
            _ => self.fail(chunk, at, sink),
        }
    }

    pub(super) fn word(&mut self, chunk: &[u8], at: usize, sink: &mut dyn Sink) -> usize {
        let rest = &chunk[at..];
        match rest.iter().position(|&byte| !is_word(byte)) {
            Some(end) => {
                self.close_string(&rest[..end], sink);
                at + end
            }
            None => {
                self.take(rest, sink);
                chunk.len()
            }
        }
    }

    pub(super) fn slash(&mut self, chunk: &[u8], at: usize, sink: &mut dyn Sink) -> usize {
        self.state = match chunk.get(at) {
            Some(b'/') => State::LineComment,
            Some(b'*') => State::BlockComment,
            _ => return self.fail(chunk, at, sink),
        };
        self.malformed(sink);
        at + 1
    }

    /// A comment is read too: not every reader drops it.
    pub(super) fn comment(&mut self, chunk: &[u8], at: usize, sink: &mut dyn Sink) -> usize {
        let rest = &chunk[at..];
        let is_line = self.state == State::LineComment;
        let Some(end) = memchr(if is_line { b'\n' } else { b'*' }, rest) else {
            self.gather.push(rest, BODY, sink);
            return chunk.len();
        };
        self.gather.push(&rest[..end], BODY, sink);
        if is_line {
            self.close_comment(sink);
        } else {
            self.state = State::BlockCommentStar;
        }
        at + end + 1
    }

    pub(super) fn comment_star(&mut self, chunk: &[u8], at: usize, sink: &mut dyn Sink) -> usize {
        if chunk.get(at) == Some(&b'/') {
            self.close_comment(sink);
            return at + 1;
        }
        self.gather.push(b"*", BODY, sink);
        self.state = State::BlockComment;
        at
    }

    pub(super) fn close_comment(&mut self, sink: &mut dyn Sink) {
        self.is_read |= !self.gather.is_empty();
        self.gather.finish_text(BODY, sink);
        self.state = State::Structure;
    }
}
