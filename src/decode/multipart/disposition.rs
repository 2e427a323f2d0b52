//! `Content-Disposition` of a part: every name and file name that some reader takes from it.

use crate::decode::parameters::Parameter;
use crate::decode::parameters::decode_extended;
use crate::decode::parameters::parameters;
use crate::decode::parameters::unescape;

/// How many readings are compared to leave out those that are equal; later ones all count.
const READINGS_COMPARED_MAX: usize = 8;

/// Distinct readings of one thing, in one reused buffer. The first is that of axum's reader.
#[derive(Default)]
pub(super) struct Readings {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Readings {
    fn held_bytes(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<usize>()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Adds what `write` appends, unless it was there.
    fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let begin = self.bytes.len();
        write(&mut self.bytes);
        let reading = &self.bytes[begin..];
        if self.iter().take(READINGS_COMPARED_MAX).any(|earlier| earlier == reading) {
            self.bytes.truncate(begin);
        } else {
            self.ends.push(self.bytes.len());
        }
    }

    /// The first reading; empty where there is none.
    pub(super) fn first(&self) -> &[u8] {
        self.iter().next().unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(&0).chain(&self.ends);
        begins.zip(&self.ends).map(|(&begin, &end)| &self.bytes[begin..end])
    }
}

/// What the dispositions of one part say.
#[derive(Default)]
pub(super) struct Disposition {
    pub(super) names: Readings,
    pub(super) filenames: Readings,
    /// Whether there is a file name, even an empty one.
    pub(super) is_file: bool,
    /// Whether readers may take different names from it.
    pub(super) is_ambiguous: bool,
    headers: usize,
    /// `filename*0`, `filename*1` and so on (RFC 2231), joined.
    joined: Vec<u8>,
}

impl Disposition {
    pub(super) fn held_bytes(&self) -> usize {
        self.names.held_bytes() + self.filenames.held_bytes() + self.joined.capacity()
    }

    pub(super) fn clear(&mut self) {
        self.names.clear();
        self.filenames.clear();
        self.is_file = false;
        self.is_ambiguous = false;
        self.headers = 0;
    }

    /// Reads one header value.
    pub(super) fn read(&mut self, header: &[u8]) {
        self.headers += 1;
        self.is_ambiguous |= self.headers > 1;
        for (key, readings) in [(&b"name"[..], &mut self.names), (b"filename", &mut self.filenames)] {
            if let Some((value, is_quoted)) = find(header, key) {
                self.is_file |= key == b"filename";
                readings.add(|out| if is_quoted { replace_quotes(value, out) } else { out.extend_from_slice(value) });
            }
        }
        let (mut names, mut filenames) = (0, 0);
        self.joined.clear();
        for parameter in parameters(header) {
            let name = parameter.name;
            if name.eq_ignore_ascii_case(b"name") {
                names += 1;
                add_all(&mut self.names, &parameter);
            } else if name.eq_ignore_ascii_case(b"filename") {
                filenames += 1;
                add_all(&mut self.filenames, &parameter);
            } else if let Some(section) = strip_prefix(name, b"name*") {
                names += 2;
                self.joined.clear();
                add_extended(&mut self.names, &mut self.joined, section, parameter.value);
                self.joined.clear();
            } else if let Some(section) = strip_prefix(name, b"filename*") {
                filenames += 2;
                add_extended(&mut self.filenames, &mut self.joined, section, parameter.value);
            }
        }
        if !self.joined.is_empty() {
            self.filenames.add(|out| out.extend_from_slice(&self.joined));
        }
        self.is_file |= filenames > 0;
        self.is_ambiguous |= names > 1 || filenames > 1;
    }
}

/// The readings of a plain parameter.
fn add_all(readings: &mut Readings, parameter: &Parameter<'_>) {
    let value = parameter.value;
    if parameter.is_quoted {
        // Browsers escape quotes only, and a file name may be `C:\new\file`.
        readings.add(|out| replace_quotes(value, out));
        if memchr::memchr(b'\\', value).is_some() {
            readings.add(|out| unescape(value, out));
        }
    } else {
        readings.add(|out| out.extend_from_slice(value));
        if let Some(space) = value.iter().position(u8::is_ascii_whitespace) {
            readings.add(|out| out.extend_from_slice(&value[..space]));
        }
    }
}

/// The readings of a parameter with a star: `section` is what follows that.
fn add_extended(readings: &mut Readings, joined: &mut Vec<u8>, section: &[u8], value: &[u8]) {
    match section {
        [] => readings.add(|out| decode_extended(value, out)),
        [.., b'*'] => decode_extended(value, joined),
        _ => unescape(value, joined),
    }
}

fn strip_prefix<'a>(name: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (head, rest) = name.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// `value` with `\"` as `"`, and no other escape undone.
fn replace_quotes(value: &[u8], out: &mut Vec<u8>) {
    let mut rest = value;
    while let Some(escape) = memchr::memmem::find(rest, b"\\\"") {
        out.extend_from_slice(&rest[..escape]);
        out.push(b'"');
        rest = &rest[escape + 2..];
    }
    out.extend_from_slice(rest);
}

/// What axum's reader takes for the parameter: it searches the bare bytes, ends a quoted string at
/// the first quote without a backslash before it, and an unquoted value at a space. With the
/// value, whether it was quoted.
fn find<'a>(header: &'a [u8], key: &[u8]) -> Option<(&'a [u8], bool)> {
    let mut header = header;
    let rest = loop {
        let hit = memchr::memmem::find(header, key)?;
        let (before, rest) = (&header[..hit], &header[hit + key.len()..]);
        // Of a hit that it passed over it forgets what stood there.
        if before.last().is_none_or(|&byte| byte == b';' || byte.is_ascii_whitespace()) {
            break rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        }
        header = rest;
    };
    let Some(quoted) = rest.strip_prefix(b"\"") else {
        let end = memchr::memchr2(b';', b' ', rest).unwrap_or(rest.len());
        return Some((&rest[..end], false));
    };
    let mut end = memchr::memchr(b'"', quoted)?;
    while end > 0 && quoted[end - 1] == b'\\' {
        end = end + 1 + memchr::memchr(b'"', &quoted[end + 1..])?;
    }
    Some((&quoted[..end], true))
}
