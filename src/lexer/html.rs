//! HTML tags, read as browsers read them, from every place where one could begin.
//!
//! What stands before a value in the page is unknown: a comment, a title, a string, an attribute
//! may swallow any part of its beginning. So there is no one tokenisation of a value, and this
//! reader follows all of them at once: each `<` that could open a tag begins a thread, threads that
//! come to the same state at the same byte become one, and there are never more threads than
//! states. The states inside a tag are those of the WHATWG tokeniser; comments, CDATA and raw text
//! need none, since a tag inside of them is a tag for the page in which they were closed before.
//!
//! # What this does not protect from
//!
//! Threads that meet share their marks from there on: of two tags that overlap, each may be taken
//! to have the other's attributes. That errs towards seeing too much, in values that hold no
//! honest markup anyway.

use std::ops::Range;

/// The quotation mark around an attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// `"`
    Double,
    /// `'`
    Single,
    /// A backtick, which old browsers took for a quotation mark.
    Backtick,
    /// None: the value ends at white space or `>`.
    None,
}

/// An attribute, with the place where its value begins.
#[derive(Clone, Debug)]
pub(crate) struct Attribute<'v> {
    /// All that the reader has marked this tag with so far.
    pub(crate) marks: u32,
    /// The name as written, without a quotation mark that got stuck to its front.
    pub(crate) name: &'v [u8],
    /// Where the name begins.
    pub(crate) start: usize,
    /// The value, if there is an equals sign.
    pub(crate) value: Option<(Quote, Range<usize>)>,
}

/// Whoever wants to know about tags. Marks are its own bits; those of threads that meet are joined.
pub(crate) trait TagReader {
    /// An element's name is complete; before it stands `<`, or `/`, `?` or `%` after that.
    fn element(&mut self, name: &[u8], before: u8) -> u32;
    /// An attribute's name is complete, and where its value begins is known.
    fn attribute(&mut self, attribute: &Attribute<'_>) -> u32;
    /// A tag ends before this place, by `>` or with the value.
    fn tag(&mut self, marks: u32, end: usize);
    /// Whether nothing more needs to be read.
    fn done(&self) -> bool;
}

const TAG_NAME: usize = 0;
const BEFORE_ATTRIBUTE: usize = 1;
const ATTRIBUTE_NAME: usize = 2;
const AFTER_NAME: usize = 3;
const BEFORE_VALUE: usize = 4;
const DOUBLE_QUOTED: usize = 5;
const SINGLE_QUOTED: usize = 6;
const BACKTICK_QUOTED: usize = 7;
const UNQUOTED: usize = 8;
const STATES: usize = 9;

#[derive(Clone, Copy, Default)]
struct Thread {
    marks: u32,
    name_start: usize,
    name_end: usize,
}

/// The threads, one a state at most.
#[derive(Clone, Copy, Default)]
struct Threads {
    active: u16,
    slots: [Thread; STATES],
}

impl Threads {
    fn put(&mut self, state: usize, thread: Thread) {
        let Some(slot) = self.slots.get_mut(state) else { return };
        if self.active & (1 << state) == 0 {
            *slot = thread;
        } else {
            // The later start is the shorter name, which no quotation mark precedes.
            slot.marks |= thread.marks;
            if thread.name_start > slot.name_start {
                slot.name_start = thread.name_start;
                slot.name_end = thread.name_end;
            }
        }
        self.active |= 1 << state;
    }
}

/// Reads every tag that begins in `value`.
pub(crate) fn read_tags<R: TagReader>(value: &[u8], reader: &mut R) {
    Walk { value, reader, unquoted_end: 0, threads: Threads::default() }.run();
}

/// Reads every tag that begins in `value`, and what follows where `value` is put into an attribute
/// or between two; such threads bear the first mark if the attribute is quoted, else the second.
pub(crate) fn read_tags_and_breakouts<R: TagReader>(value: &[u8], quoted: u32, unquoted: u32, reader: &mut R) {
    let mut threads = Threads::default();
    for state in [DOUBLE_QUOTED, SINGLE_QUOTED, BACKTICK_QUOTED, UNQUOTED, BEFORE_ATTRIBUTE] {
        let marks = if matches!(state, UNQUOTED | BEFORE_ATTRIBUTE) { unquoted } else { quoted };
        threads.put(state, Thread { marks, name_start: 0, name_end: 0 });
    }
    Walk { value, reader, unquoted_end: 0, threads }.run();
}

/// White space as browsers, old ones among them, see it between attributes.
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

struct Walk<'v, 'r, R> {
    value: &'v [u8],
    reader: &'r mut R,
    /// Values begin in rising order, so that the end of the last unquoted one often serves the next.
    unquoted_end: usize,
    threads: Threads,
}

impl<R: TagReader> Walk<'_, '_, R> {
    fn run(mut self) {
        let mut name_at = usize::MAX;
        let mut at = 0;
        while let Some(&byte) = self.value.get(at) {
            if let Some(next) = self.skip(at, name_at) {
                at = next;
                continue;
            }
            if at == name_at {
                self.threads.put(TAG_NAME, Thread { marks: 0, name_start: at, name_end: at });
            }
            if self.threads.active != 0 {
                self.step(byte, at);
                if self.reader.done() {
                    return;
                }
            }
            if byte == b'<' {
                name_at = self.name_after(at).unwrap_or(name_at);
            }
            at += 1;
        }
        self.end();
    }

    /// Where the tag's name begins, if `<` at this place opens one: letters, perhaps after `/` or `?`,
    /// or after the `%` that some servers drop.
    fn name_after(&self, less_than: usize) -> Option<usize> {
        let mut at = less_than + 1;
        if matches!(self.value.get(at), Some(b'/' | b'?' | b'%')) {
            at += 1;
        }
        self.value.get(at).is_some_and(u8::is_ascii_alphabetic).then_some(at)
    }

    /// Passes over bytes that change nothing: text, and the inside of a quoted value.
    fn skip(&self, at: usize, name_at: usize) -> Option<usize> {
        if name_at != usize::MAX && name_at >= at {
            return None;
        }
        let rest = self.value.get(at..)?;
        const DOUBLE: u16 = 1 << DOUBLE_QUOTED;
        const SINGLE: u16 = 1 << SINGLE_QUOTED;
        let next = match self.threads.active {
            0 => memchr::memchr(b'<', rest),
            DOUBLE => memchr::memchr2(b'<', b'"', rest),
            SINGLE => memchr::memchr2(b'<', b'\'', rest),
            _ => return None,
        };
        match next {
            Some(0) => None,
            Some(length) => Some(at + length),
            None => Some(self.value.len()),
        }
    }

    fn step(&mut self, byte: u8, at: usize) {
        let active = self.threads.active;
        if active.is_power_of_two() {
            // One thread is the usual case, and needs no copy of all.
            let state = active.trailing_zeros() as usize;
            self.threads.active = 0;
            if let Some(&thread) = self.threads.slots.get(state) {
                self.step_one(state, thread, byte, at);
            }
            return;
        }
        let before = std::mem::take(&mut self.threads);
        let mut active = before.active;
        while active != 0 {
            let state = active.trailing_zeros() as usize;
            active &= active - 1;
            if let Some(&thread) = before.slots.get(state) {
                self.step_one(state, thread, byte, at);
            }
        }
    }

    fn step_one(&mut self, state: usize, mut thread: Thread, byte: u8, at: usize) {
        let space = is_space(byte);
        match state {
            TAG_NAME if space || byte == b'/' || byte == b'>' => {
                thread.marks |= self.element(thread, at);
                self.between(thread, byte, at);
            }
            BEFORE_ATTRIBUTE => self.between(thread, byte, at),
            ATTRIBUTE_NAME if space => self.threads.put(AFTER_NAME, Thread { name_end: at, ..thread }),
            ATTRIBUTE_NAME if byte == b'=' => self.threads.put(BEFORE_VALUE, Thread { name_end: at, ..thread }),
            ATTRIBUTE_NAME if byte == b'/' || byte == b'>' => {
                thread.name_end = at;
                thread.marks |= self.attribute(thread, None);
                self.between(thread, byte, at);
            }
            AFTER_NAME if space => self.threads.put(AFTER_NAME, thread),
            AFTER_NAME if byte == b'=' => self.threads.put(BEFORE_VALUE, thread),
            AFTER_NAME => {
                thread.marks |= self.attribute(thread, None);
                self.between(thread, byte, at);
            }
            BEFORE_VALUE if space => self.threads.put(BEFORE_VALUE, thread),
            BEFORE_VALUE => self.begin_value(thread, byte, at),
            DOUBLE_QUOTED if byte == b'"' => self.threads.put(BEFORE_ATTRIBUTE, thread),
            SINGLE_QUOTED if byte == b'\'' => self.threads.put(BEFORE_ATTRIBUTE, thread),
            BACKTICK_QUOTED if byte == b'`' => self.threads.put(BEFORE_ATTRIBUTE, thread),
            UNQUOTED if space || byte == b'>' => self.between(thread, byte, at),
            _ => self.threads.put(state, thread),
        }
    }

    /// Between two attributes.
    fn between(&mut self, thread: Thread, byte: u8, at: usize) {
        if byte == b'>' {
            self.reader.tag(thread.marks, at + 1);
        } else if is_space(byte) || byte == b'/' {
            self.threads.put(BEFORE_ATTRIBUTE, thread);
        } else {
            self.threads.put(ATTRIBUTE_NAME, Thread { name_start: at, name_end: at, ..thread });
        }
    }

    fn begin_value(&mut self, mut thread: Thread, byte: u8, at: usize) {
        let (state, quote) = match byte {
            b'>' => return self.between(thread, byte, at),
            b'"' => (DOUBLE_QUOTED, Quote::Double),
            b'\'' => (SINGLE_QUOTED, Quote::Single),
            b'`' => (BACKTICK_QUOTED, Quote::Backtick),
            _ => (UNQUOTED, Quote::None),
        };
        let value = if quote == Quote::None {
            at..self.unquoted_end(at)
        } else {
            let start = at + 1;
            let length = self.value.get(start..).and_then(|rest| memchr::memchr(byte, rest));
            start..length.map_or(self.value.len(), |length| start + length)
        };
        thread.marks |= self.attribute(thread, Some((quote, value)));
        self.threads.put(state, thread);
        if quote == Quote::Backtick {
            self.threads.put(UNQUOTED, thread);
        }
    }

    fn unquoted_end(&mut self, start: usize) -> usize {
        if start > self.unquoted_end || self.unquoted_end == 0 {
            let rest = self.value.get(start..).unwrap_or_default();
            let length = rest.iter().position(|&byte| is_space(byte) || byte == b'>').unwrap_or(rest.len());
            self.unquoted_end = start + length;
        }
        self.unquoted_end
    }

    fn element(&mut self, thread: Thread, end: usize) -> u32 {
        let before = self.value.get(thread.name_start.wrapping_sub(1)).copied().unwrap_or(b'<');
        self.reader.element(self.value.get(thread.name_start..end).unwrap_or_default(), before)
    }

    fn attribute(&mut self, thread: Thread, value: Option<(Quote, Range<usize>)>) -> u32 {
        let mut start = thread.name_start;
        while start < thread.name_end && matches!(self.value.get(start), Some(b'"' | b'\'' | b'`')) {
            start += 1;
        }
        let name = self.value.get(start..thread.name_end).unwrap_or_default();
        self.reader.attribute(&Attribute { marks: thread.marks, name, start, value })
    }

    /// The value ends within tags: what there is of them counts, as the page may go on with `>`.
    fn end(mut self) {
        let end = self.value.len();
        for state in 0..STATES {
            let Some(&(mut thread)) = self.threads.slots.get(state) else { continue };
            if self.threads.active & (1 << state) == 0 {
                continue;
            }
            if state == TAG_NAME {
                thread.marks |= self.element(thread, end);
            }
            self.reader.tag(thread.marks, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Log(Vec<String>);

    impl TagReader for Log {
        fn element(&mut self, name: &[u8], _: u8) -> u32 {
            self.0.push(format!("<{}", String::from_utf8_lossy(name)));
            1
        }
        fn attribute(&mut self, attribute: &Attribute<'_>) -> u32 {
            let sign = if attribute.value.is_some() { "=" } else { "" };
            self.0.push(format!("{}{sign}", String::from_utf8_lossy(attribute.name)));
            0
        }
        fn tag(&mut self, _: u32, _: usize) {
            self.0.push(">".to_owned());
        }
        fn done(&self) -> bool {
            false
        }
    }

    fn check(value: &str, expected: &str) {
        let mut log = Log::default();
        read_tags(value.as_bytes(), &mut log);
        assert_eq!(log.0.join(" "), expected, "{value}");
    }

    #[test]
    fn tags_are_read_as_browsers_read_them() {
        for (value, expected) in [
            ("a < b and c > d", ""),
            ("I <3 you", ""),
            ("<p>", "<p >"),
            ("<img src=x onerror=y>", "<img src= onerror= >"),
            ("<img/src='x'onerror=y", "<img src= onerror= >"),
            ("<svg\u{c}onload\n=\n1>", "<svg onload= >"),
            ("<a b c=`d e`f=g>", "<a b c= f= >"),
            ("<a =b=c>", "<a =b= >"),
            ("<img \"\"\"><b>", "<img  > <b >"),
            ("</x y=z>", "<x y= >"),
            ("<?xml a='b'?>", "<xml a= ? >"),
        ] {
            check(value, expected);
        }
    }

    #[test]
    fn tags_inside_of_others_are_read_too() {
        check("<a title=\"<b c=d>\" e=f>", "<a title= <b c= > e= >");
        check("<!--<a b=\"--><c d=e>\">", "<a b= <c d= > >");
    }

    #[test]
    fn what_overlaps_is_read_in_linear_time() {
        for part in ["<a ", "<a/x=", "<a x=\"", "<a x='<b \"", "<a<", "<a x=`", "<", "</", "\"<a '"] {
            let value = part.repeat(400_000 / part.len());
            read_tags_and_breakouts(value.as_bytes(), 2, 4, &mut Quiet);
        }
    }

    struct Quiet;

    impl TagReader for Quiet {
        fn element(&mut self, _: &[u8], _: u8) -> u32 {
            0
        }
        fn attribute(&mut self, _: &Attribute<'_>) -> u32 {
            0
        }
        fn tag(&mut self, _: u32, _: usize) {}
        fn done(&self) -> bool {
            false
        }
    }
}
