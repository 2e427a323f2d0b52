//! Where a value was found, in the one notation that rules, exclusions, alerts and `explain` use.
//!
//! ```text
//! path   path.id   query.q   query.name(q)   header.user-agent   cookie.sid   trailer.x
//! body   body./user/name   body.name(/user/name)   form.title
//! part.title   part.avatar.filename   part.avatar.header.content-type   part.name(avatar)
//! ```
//!
//! Bytes that could be mistaken for the notation, or for a terminal's, are written `%XX`; in the
//! name of a part a dot too. Layers that were undone inside a value follow: `|base64|json./x`.

use std::fmt;
use std::str::FromStr;

use super::leaf::{Aspect, Leaf, Place};
use super::secret::{has_secret, segments};

/// How many bytes of a name that a client chose are shown; the rest is cut.
const NAME_BYTES_SHOWN_MAX: usize = 64;

/// Which of the named thing, owned.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Value,
    Name,
    Filename,
    Header(Box<[u8]>),
}

/// Where a value was found.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Location {
    place: Place,
    name: Box<[u8]>,
    part: Part,
    layers: Vec<Box<str>>,
}

impl Location {
    /// The location of a leaf.
    #[must_use]
    pub fn of(leaf: &Leaf<'_>) -> Self {
        let part = match leaf.aspect {
            Aspect::Value => Part::Value,
            Aspect::Name => Part::Name,
            Aspect::Filename => Part::Filename,
            Aspect::Header(name) => Part::Header(name.into()),
        };
        Self { place: leaf.place, name: leaf.name.into(), part, layers: Vec::new() }
    }

    /// The location of a whole place: `path`, `method`, `body`.
    #[must_use]
    pub fn whole(place: Place) -> Self {
        Self { place, name: Box::default(), part: Part::Value, layers: Vec::new() }
    }

    /// The location at which rules without one are proved: a query parameter.
    #[must_use]
    pub fn example() -> Self {
        Self { place: Place::Query, name: (*b"x").into(), part: Part::Value, layers: Vec::new() }
    }

    /// A leaf at this location.
    #[must_use]
    pub fn leaf<'a>(&'a self, value: &'a [u8]) -> Leaf<'a> {
        let aspect = match &self.part {
            Part::Value => Aspect::Value,
            Part::Name => Aspect::Name,
            Part::Filename => Aspect::Filename,
            Part::Header(name) => Aspect::Header(name),
        };
        Leaf { place: self.place, name: &self.name, aspect, value }
    }

    /// In which part of the request.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }

    /// The name there, as the client sent it; empty where there is none.
    #[must_use]
    pub const fn name(&self) -> &[u8] {
        &self.name
    }

    /// The location as segments, for globs: place, then name or pointer tokens, then the aspect.
    pub(super) fn segments(&self) -> Vec<String> {
        let mut segments = vec![self.place.as_str().to_owned()];
        if self.part == Part::Name {
            segments.push("name()".to_owned());
        }
        match self.place {
            Place::Body | Place::Xml | Place::Graphql if self.name.first() == Some(&b'/') => {
                segments.extend(self.name[1..].split(|&byte| byte == b'/').map(escaped));
            }
            Place::Body | Place::Path | Place::Method if self.name.is_empty() => {}
            _ => segments.push(escaped(&self.name)),
        }
        match &self.part {
            Part::Filename => segments.push("filename".to_owned()),
            Part::Header(name) => segments.extend(["header".to_owned(), escaped(name)]),
            Part::Value | Part::Name => {}
        }
        segments
    }

    /// The location with every name in full; [`Display`](fmt::Display) cuts long ones.
    #[must_use]
    pub fn to_full_string(&self) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = self.write(&mut text, usize::MAX);
        text
    }

    /// The location as signals show it: a name that a client chose stands there only when it looks
    /// like a name, and as `*` when it could be a value: other bytes than `[A-Za-z0-9_.-]`, more than
    /// 64 of them, nine digits and more, or the look of a token, by itself or with others of its pointer.
    #[must_use]
    pub fn to_redacted_string(&self) -> String {
        let is_name = |name: &[u8]| {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
            let digits = name.iter().filter(|byte| byte.is_ascii_digit()).count();
            name.len() <= NAME_BYTES_SHOWN_MAX && digits < 9 && name.iter().all(plain) && !has_secret(name)
        };
        let shown = |name: &[u8]| -> Vec<u8> { if is_name(name) { name.to_vec() } else { b"*".to_vec() } };
        let name = match self.name.strip_prefix(b"/") {
            Some(pointer) => {
                let token =
                    |(token, spread)| [b"/".to_vec(), if spread { b"*".to_vec() } else { shown(token) }].concat();
                segments(pointer).flat_map(token).collect()
            }
            None => shown(&self.name),
        };
        let part = match &self.part {
            Part::Header(header) => Part::Header(shown(header).into()),
            other => other.clone(),
        };
        let shown = Self { place: self.place, name: name.into(), part, layers: self.layers.clone() };
        // The star was ours, so it is written as it is.
        shown.to_string().replace("%2A", "*")
    }

    fn write(&self, out: &mut impl fmt::Write, bytes_max: usize) -> fmt::Result {
        out.write_str(self.place.as_str())?;
        let bare = self.name.is_empty()
            && self.part == Part::Value
            && matches!(self.place, Place::Body | Place::Path | Place::Method);
        if !bare {
            out.write_char('.')?;
            if self.part == Part::Name {
                out.write_str("name(")?;
            }
            let dots = matches!(self.place, Place::Part | Place::File);
            write_escaped(out, cut(&self.name, bytes_max), dots)?;
            match &self.part {
                Part::Value => {}
                Part::Name => out.write_char(')')?,
                Part::Filename => out.write_str(".filename")?,
                Part::Header(name) => {
                    out.write_str(".header.")?;
                    write_escaped(out, cut(name, bytes_max), false)?;
                }
            }
        }
        self.layers.iter().try_for_each(|layer| write!(out, "|{layer}"))
    }
}

fn cut(name: &[u8], bytes_max: usize) -> &[u8] {
    &name[..name.len().min(bytes_max)]
}

/// Whether a byte of a name is shown as it is.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'%' | b'|' | b'(' | b')' | b'*' | b'"' | b'\\' | b'<' | b'>')
}

fn write_escaped(out: &mut impl fmt::Write, name: &[u8], dots: bool) -> fmt::Result {
    for &byte in name {
        if is_plain(byte) && !(dots && byte == b'.') {
            out.write_char(char::from(byte))?;
        } else {
            write!(out, "%{byte:02X}")?;
        }
    }
    Ok(())
}

pub(super) fn escaped(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    let _ = write_escaped(&mut text, name, false);
    text
}

fn unescaped(text: &str) -> Box<[u8]> {
    let bytes = text.as_bytes();
    let mut name = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let hex = (bytes[index] == b'%').then(|| text.get(index + 1..index + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                name.push(byte);
                index += 3;
            }
            None => {
                name.push(bytes[index]);
                index += 1;
            }
        }
    }
    name.into()
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(formatter, NAME_BYTES_SHOWN_MAX)
    }
}

// What is written for debugging ends in logs, so names that could be values are left out.
impl fmt::Debug for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Location({})", self.to_redacted_string())
    }
}

/// The first word of a location is none that the grammar knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownPlace(pub String);

impl fmt::Display for UnknownPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is no part of a request; known are ", self.0)?;
        for (index, place) in Place::ALL.iter().filter(|place| **place != Place::File).enumerate() {
            write!(formatter, "{}{}", if index > 0 { ", " } else { "" }, place.as_str())?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownPlace {}

impl FromStr for Location {
    type Err = UnknownPlace;

    fn from_str(text: &str) -> Result<Self, UnknownPlace> {
        let mut pieces = text.split('|');
        let head = pieces.next().unwrap_or_default();
        let layers = pieces.map(Box::from).collect();
        let (word, rest) = head.split_once('.').unwrap_or((head, ""));
        let place =
            Place::ALL.into_iter().find(|place| place.as_str() == word).ok_or_else(|| UnknownPlace(word.to_owned()))?;
        let (name, part) = if let Some(name) = rest.strip_prefix("name(").and_then(|rest| rest.strip_suffix(')')) {
            (name, Part::Name)
        } else if place == Place::Part {
            part_of(rest)
        } else {
            (rest, Part::Value)
        };
        Ok(Self { place, name: unescaped(name), part, layers })
    }
}

fn part_of(rest: &str) -> (&str, Part) {
    if let Some(name) = rest.strip_suffix(".filename") {
        return (name, Part::Filename);
    }
    match rest.split_once(".header.") {
        Some((name, header)) => (name, Part::Header(unescaped(header))),
        None => (rest, Part::Value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_back() {
        for text in [
            "path",
            "path.id",
            "method",
            "query.q",
            "query.",
            "query.name(q)",
            "header.user-agent",
            "cookie.sid",
            "body",
            "body./user/name",
            "body.name(/user/name)",
            "body./items/3",
            "form.title",
            "form.a.b%20c%28",
            "part.avatar",
            "part.av%2Eatar.filename",
            "part.avatar.header.content-type",
            "part.name(avatar)",
            "xml./order/@id",
            "graphql.variables./id",
            "trailer.x",
            "query.q|base64|json./x",
        ] {
            assert_eq!(text.parse::<Location>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn names_that_a_client_chose_are_escaped_and_cut() {
        let name = [b"\x1b[31m\xff|".as_slice(), &[b'a'; 100]].concat();
        let shown = Location::of(&Leaf::value(Place::Query, &name, b"")).to_string();
        assert!(shown.starts_with("query.%1B[31m%FF%7Ca"), "{shown}");
        assert!(shown.is_ascii() && shown.len() < 90, "{shown}");
    }

    #[test]
    fn in_signals_a_name_that_could_be_a_value_is_a_star() {
        for (text, shown) in [
            ("query.q", "query.q"),
            ("body./user/name", "body./user/name"),
            ("form.name({\"password\":\"hunter2\"})", "form.name(*)"),
            ("query.name(x'+union)", "query.name(*)"),
            ("body./4111111111111111/a", "body./*/a"),
            ("body./a/4111/1111/1111/1111", "body./a/*/*/*/*"),
            ("part.avatar.filename", "part.avatar.filename"),
        ] {
            assert_eq!(text.parse::<Location>().expect(text).to_redacted_string(), shown);
        }
    }

    #[test]
    fn an_unknown_place_is_named_with_the_known_ones() {
        let error = "boddy./x".parse::<Location>().expect_err("no such place").to_string();
        assert!(error.contains("`boddy`") && error.contains("body"), "{error}");
    }
}
