//! JSON, as `serde_json` reads it and as lenient readers do.
//!
//! Read as well: several documents one after another, a byte order mark, comments, trailing
//! commas, single quotes, unquoted keys, `NaN` and its like, lone surrogates. Where the grammar
//! breaks, what was read counts, and from there on the body is text.
//!
//! Every key is a leaf, every string, and every number as its text; `true`, `false` and `null` are
//! none. Numbers do not count towards the limit of leaves: they are short and cheap, and honest
//! bodies have very many.
//!
//! # What this does not protect from
//!
//! Below the depth limit keys are told from values by what stands before them, and have no pointer
//! of their own. A duplicate key is noticed only when few others stand between the two.

mod escape;
mod pointer;
mod run;
mod string;
mod token;

use self::escape::Escape;
use self::pointer::Position;
use self::run::Run;
use super::DecodeLimits;
use super::Sink;
use super::gather::Gather;
use super::text::BODY;
use crate::input::Cause;
use crate::input::Leaf;
use crate::input::Mark;
use crate::input::Notice;
use crate::input::Place;

/// What becomes of bytes that are no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fallback {
    /// They are read as text.
    Text,
    /// Another decoder reads the same bytes: this one falls silent.
    Silence,
}

/// Inside which token the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// In none: between tokens.
    Structure,
    String(u8),
    Escape(u8),
    Number,
    /// A word of which these bytes are still to come.
    Literal(&'static [u8]),
    /// A key without quotes.
    Word,
    Slash,
    LineComment,
    BlockComment,
    BlockCommentStar,
    /// The grammar broke, or a limit was met.
    Text,
    Silent,
}

/// What may come next between tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Document,
    FirstKey,
    Key,
    Colon,
    Value,
    FirstItem,
    Item,
    Comma,
}

/// What the string that is being read is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Key,
    Value,
    /// A key below the depth limit, where pointers stop.
    DeepKey,
    /// Below the depth limit, after a comma: a key or a value.
    Either,
}

/// What a byte between tokens did.
enum Between {
    /// It was used.
    Used,
    /// It was used, and a token began.
    Begun,
    /// A token began, and the byte belongs to it.
    BegunWith,
    /// No token begins so.
    Broken,
}

/// Reads JSON documents.
pub struct Json {
    depth_max: usize,
    leaves_max: usize,
    fallback: Fallback,
    state: State,
    expect: Expect,
    role: Role,
    position: Position,
    /// How many containers are open below the depth limit, and the last mark there.
    deep: u64,
    deep_mark: u8,
    gather: Gather,
    escape: Escape,
    run: Run,
    leaves: usize,
    /// Whether anything was emitted.
    is_read: bool,
    is_malformed: bool,
    is_limited: bool,
}

impl Json {
    pub(super) fn new(limits: &DecodeLimits, fallback: Fallback) -> Self {
        Self {
            depth_max: limits.depth_max,
            leaves_max: limits.leaves_max,
            fallback,
            state: State::Structure,
            expect: Expect::Document,
            role: Role::Value,
            position: Position::new(limits.location_bytes()),
            deep: 0,
            deep_mark: 0,
            gather: Gather::new(limits),
            escape: Escape::default(),
            run: Run::new(),
            leaves: 0,
            is_read: false,
            is_malformed: false,
            is_limited: false,
        }
    }

    pub(super) fn push(&mut self, chunk: &[u8], sink: &mut dyn Sink) {
        let mut at = 0;
        while at < chunk.len() {
            at = match self.state {
                State::Structure => self.structure(chunk, at, sink),
                State::String(quote) => self.string(chunk, at, quote, sink),
                State::Escape(quote) => self.escaped(chunk, at, quote, sink),
                State::Number => self.number(chunk, at, sink),
                State::Literal(rest) => self.literal(chunk, at, rest, sink),
                State::Word => self.word(chunk, at, sink),
                State::Slash => self.slash(chunk, at, sink),
                State::LineComment | State::BlockComment => self.comment(chunk, at, sink),
                State::BlockCommentStar => self.comment_star(chunk, at, sink),
                State::Text => {
                    self.gather.push(&chunk[at..], BODY, sink);
                    chunk.len()
                }
                State::Silent => chunk.len(),
            };
        }
        // What stands before a string is read, so inside one nothing need be carried, except that a
        // root string may be the beginning of text.
        let in_string = matches!(self.state, State::String(_) | State::Escape(_)) && self.position.depth() > 0;
        if !in_string && !matches!(self.state, State::Text | State::Silent) {
            self.run.carry(chunk);
        } else {
            self.run.restart(0);
        }
    }

    pub(super) fn end(&mut self, sink: &mut dyn Sink) {
        match self.state {
            State::String(_) | State::Escape(_) => {
                self.malformed(sink);
                self.flush_escape(sink);
                self.close_string(b"", sink);
            }
            State::Number => self.close_number(b"", sink),
            State::Word => self.close_string(b"", sink),
            State::Literal(_) | State::Slash => _ = self.fail(b"", 0, sink),
            State::LineComment | State::BlockComment | State::BlockCommentStar => self.gather.finish_text(BODY, sink),
            State::Structure | State::Text | State::Silent => {}
        }
        if !matches!(self.state, State::Text | State::Silent) && self.expect != Expect::Document {
            self.malformed(sink);
            if !self.is_read {
                self.fail(b"", 0, sink);
            }
        }
        if self.state == State::Text {
            self.gather.finish_text(BODY, sink);
        }
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.gather.held_bytes() + self.position.held_bytes() + self.run.held_bytes()
    }

    pub(super) fn shed(&mut self, sink: &mut dyn Sink) {
        self.run.shed();
        self.position.shed();
        match self.state {
            State::String(_) | State::Escape(_) | State::Word => self.shed_string(sink),
            State::Number => {
                self.gather.shed(Leaf::value(Place::Body, self.position.pointer(), b""), sink);
            }
            _ => self.gather.shed(BODY, sink),
        }
    }

    // Between tokens.

    fn structure(&mut self, chunk: &[u8], mut at: usize, sink: &mut dyn Sink) -> usize {
        while let Some(&byte) = chunk.get(at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                if self.leaves >= self.leaves_max && !matches!(byte, b',' | b':' | b'}' | b']') {
                    self.limit(sink);
                    return self.read_as_text(chunk, at, sink);
                }
                let between = if self.deep > 0 { self.deep_byte(byte) } else { self.byte(byte, sink) };
                match between {
                    Between::Used => {}
                    Between::Begun => return at + 1,
                    Between::BegunWith => return at,
                    Between::Broken => return self.fail(chunk, at, sink),
                }
            }
            at += 1;
        }
        at
    }

    fn byte(&mut self, byte: u8, sink: &mut dyn Sink) -> Between {
        match (self.expect, byte) {
            (_, b'/') => self.begin(State::Slash),
            (Expect::FirstKey | Expect::Key, b'"' | b'\'') => {
                if byte == b'\'' {
                    self.malformed(sink);
                }
                self.position.begin_key();
                self.gather.begin(Mark::Key);
                self.begin_string(Role::Key, byte)
            }
            (Expect::FirstKey | Expect::Comma, b'}') if self.position.is_in(true) => self.close(sink),
            (Expect::FirstItem | Expect::Comma, b']') if self.position.is_in(false) => self.close(sink),
            (Expect::Key, b'}') | (Expect::Item, b']') => {
                self.malformed(sink);
                self.close(sink)
            }
            (Expect::FirstKey | Expect::Key, _) if is_word(byte) => {
                self.malformed(sink);
                self.position.begin_key();
                self.role = Role::Key;
                self.state = State::Word;
                Between::BegunWith
            }
            (Expect::Colon, b':') => self.next(Expect::Value),
            (Expect::Comma, b',') => self.next(if self.position.is_in(true) { Expect::Key } else { Expect::Item }),
            (Expect::FirstItem | Expect::Item, _) => {
                self.position.begin_element();
                self.value(byte, sink)
            }
            // A byte order mark, and the record separator of JSON text sequences (RFC 7464).
            (Expect::Document, 0xEF | 0xBB | 0xBF | 0x1E) => Between::Used,
            (Expect::Document | Expect::Value, _) => self.value(byte, sink),
            _ => Between::Broken,
        }
    }

    fn value(&mut self, byte: u8, sink: &mut dyn Sink) -> Between {
        let literal: &[u8] = match byte {
            b'"' => {
                self.gather.begin(Mark::String);
                return self.begin_string(Role::Value, byte);
            }
            b'\'' => {
                self.malformed(sink);
                return self.begin_string(Role::Value, byte);
            }
            b'{' | b'[' => return self.open(byte == b'{', sink),
            b'0'..=b'9' | b'-' | b'+' | b'.' => {
                self.gather.begin(Mark::Number);
                self.state = State::Number;
                return Between::BegunWith;
            }
            b't' => {
                sink.structure(Mark::True);
                b"true"
            }
            b'f' => {
                sink.structure(Mark::False);
                b"false"
            }
            b'n' => {
                sink.structure(Mark::Null);
                b"null"
            }
            b'N' => b"NaN",
            b'I' => b"Infinity",
            b'u' => b"undefined",
            _ => return Between::Broken,
        };
        self.state = State::Literal(literal);
        Between::BegunWith
    }

    fn begin(&mut self, state: State) -> Between {
        self.state = state;
        Between::Begun
    }

    fn next(&mut self, expect: Expect) -> Between {
        self.expect = expect;
        Between::Used
    }

    fn begin_string(&mut self, role: Role, quote: u8) -> Between {
        self.role = role;
        self.begin(State::String(quote))
    }

    fn open(&mut self, is_object: bool, sink: &mut dyn Sink) -> Between {
        if self.position.depth() >= self.depth_max {
            self.limit(sink);
            self.deep = 1;
            self.deep_mark = if is_object { b'{' } else { b'[' };
            return Between::Used;
        }
        sink.structure(if is_object { Mark::Object } else { Mark::Array });
        self.position.open(is_object);
        self.next(if is_object { Expect::FirstKey } else { Expect::FirstItem })
    }

    fn close(&mut self, sink: &mut dyn Sink) -> Between {
        sink.structure(Mark::End);
        self.position.close();
        self.after_value();
        Between::Used
    }

    fn after_value(&mut self) {
        self.state = State::Structure;
        if self.deep > 0 {
            return;
        }
        self.expect = Expect::Comma;
        if self.position.depth() == 0 {
            self.position.next_document();
            self.expect = Expect::Document;
        }
    }

    /// Below the depth limit: brackets are counted, strings read, words passed over.
    fn deep_byte(&mut self, byte: u8) -> Between {
        match byte {
            b'"' | b'\'' => {
                let role = match self.deep_mark {
                    b'{' => Role::DeepKey,
                    b',' => Role::Either,
                    _ => Role::Value,
                };
                return self.begin_string(role, byte);
            }
            b'{' | b'[' => self.deep += 1,
            b'}' | b']' => {
                self.deep -= 1;
                if self.deep == 0 {
                    self.after_value();
                }
            }
            b',' | b':' => {}
            _ if is_word(byte) || matches!(byte, b'-' | b'+' | b'.') => return Between::Used,
            _ => return Between::Broken,
        }
        self.deep_mark = byte;
        Between::Used
    }

    // What is no JSON.

    fn malformed(&mut self, sink: &mut dyn Sink) {
        if !self.is_malformed && self.fallback == Fallback::Text {
            sink.notice(Notice::Malformed);
        }
        self.is_malformed = true;
    }

    fn limit(&mut self, sink: &mut dyn Sink) {
        if !self.is_limited {
            sink.incomplete(Cause::Limit);
        }
        self.is_limited = true;
    }

    /// The grammar breaks here.
    fn fail(&mut self, chunk: &[u8], at: usize, sink: &mut dyn Sink) -> usize {
        self.malformed(sink);
        self.read_as_text(chunk, at, sink)
    }

    fn read_as_text(&mut self, chunk: &[u8], at: usize, sink: &mut dyn Sink) -> usize {
        self.state = State::Silent;
        if self.fallback == Fallback::Text {
            self.state = State::Text;
            let (carried, begin) = self.run.before(at);
            self.gather.push(carried, BODY, sink);
            self.gather.push(&chunk[begin..], BODY, sink);
        }
        chunk.len()
    }
}

/// Whether a byte may be part of a key without quotes.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}
