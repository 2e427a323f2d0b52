//! `Content-Type`, read by hand: what a back end could take it for.

use super::codec::Wide;
use super::parameters::Quotes;
use super::parameters::decode_extended;
use super::parameters::parameters;
use super::parameters::parameters_by;
use super::parameters::unescape;

/// How many boundaries are read side by side.
const BOUNDARIES_MAX: usize = 4;

/// What all `Content-Type` headers of a message say together. Several may hold.
#[derive(Clone, Default)]
pub(super) struct Declared {
    pub(super) form: bool,
    pub(super) json: bool,
    pub(super) multipart: bool,
    /// Text, XML, something that is no media type, or nothing.
    pub(super) text: bool,
    /// A type of which nothing is known here, images and archives among them.
    pub(super) other: bool,
    pub(super) boundaries: Vec<Vec<u8>>,
    /// Whether two boundary parameters differ.
    pub(super) has_two_boundaries: bool,
    /// Whether there were more boundaries than are read.
    pub(super) has_many_boundaries: bool,
    pub(super) wide: Option<Wide>,
    pub(super) has_unusual_charset: bool,
}

impl Declared {
    pub(super) fn new(content_types: &[&[u8]]) -> Self {
        let mut declared = Self::default();
        for header in content_types {
            declared.read_types(header);
            declared.read_parameters(header);
        }
        declared.text |= !(declared.form || declared.json || declared.multipart || declared.other);
        declared
    }

    /// The first type, and what else looks like a type after a comma.
    fn read_types(&mut self, header: &[u8]) {
        for (index, piece) in header.split(|&byte| byte == b',').enumerate() {
            let end = memchr::memchr(b';', piece).unwrap_or(piece.len());
            let media_type = piece[..end].trim_ascii();
            let is_type = memchr::memchr(b'/', media_type).is_some()
                && !media_type.iter().any(|byte| matches!(byte, b'=' | b'"' | b' '));
            if index == 0 || is_type {
                self.read_type(&media_type.to_ascii_lowercase());
            }
        }
    }

    fn read_type(&mut self, media_type: &[u8]) {
        let (kind, subtype) = match memchr::memchr(b'/', media_type) {
            Some(slash) => (&media_type[..slash], &media_type[slash + 1..]),
            None => (&b"text"[..], media_type),
        };
        let has = |word: &[u8]| memchr::memmem::find(subtype, word).is_some();
        match kind {
            b"multipart" => self.multipart = true,
            _ if has(b"form-urlencoded") => self.form = true,
            _ if has(b"json") => self.json = true,
            b"text" => self.text = true,
            _ if has(b"xml") && !has(b"openxml") => self.text = true,
            b"application" if [&b"script"[..], b"graphql", b"yaml", b"sql"].iter().any(|word| has(word)) => {
                self.text = true;
            }
            _ => self.other = true,
        }
    }

    fn read_parameters(&mut self, header: &[u8]) {
        self.read_boundaries(header, Quotes::Escaped);
        if memchr::memchr(b'\\', header).is_some() {
            self.read_boundaries(header, Quotes::Bare);
        }
        match charset_of(header) {
            Charset::Plain => {}
            Charset::Wide(wide) => self.wide = Some(wide),
            Charset::Unusual => self.has_unusual_charset = true,
        }
    }

    fn read_boundaries(&mut self, header: &[u8], quotes: Quotes) {
        let before = self.boundaries.len();
        for parameter in parameters_by(header, quotes) {
            let value = parameter.value;
            if parameter.name.eq_ignore_ascii_case(b"boundary") {
                self.has_two_boundaries |= !self.boundaries.is_empty() && !self.is_boundary(value);
                self.add_boundary(value);
                let mut other = Vec::new();
                if parameter.is_quoted {
                    unescape(value, &mut other);
                } else {
                    let is_end = |&byte: &u8| byte == b',' || byte.is_ascii_whitespace();
                    other.extend(value.iter().copied().take_while(|byte| !is_end(byte)));
                }
                self.add_boundary(&other);
            } else if parameter.name.eq_ignore_ascii_case(b"boundary*") {
                let mut decoded = Vec::new();
                decode_extended(value, &mut decoded);
                self.has_two_boundaries |= before < self.boundaries.len() && !self.is_boundary(&decoded);
                self.add_boundary(&decoded);
            }
        }
    }

    fn is_boundary(&self, value: &[u8]) -> bool {
        self.boundaries.iter().any(|boundary| boundary == value)
    }

    fn add_boundary(&mut self, value: &[u8]) {
        let has_line_end = value.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        if value.is_empty() || has_line_end || self.is_boundary(value) {
            return;
        }
        if self.boundaries.len() < BOUNDARIES_MAX {
            self.boundaries.push(value.to_vec());
        } else {
            self.has_many_boundaries = true;
        }
    }
}

/// Whether a `Content-Type` value says where the parts of the body begin.
#[cfg(feature = "schema")]
pub fn has_boundary(content_type: &[u8]) -> bool {
    !Declared::new(&[content_type]).boundaries.is_empty()
}

/// What a charset means for reading bytes.
pub(super) enum Charset {
    /// ASCII is itself in it.
    Plain,
    /// Characters of two or four bytes.
    Wide(Wide),
    /// Neither.
    Unusual,
}

/// Charsets in which ASCII bytes are ASCII characters, by how their names begin.
const PLAIN: &[&str] = &[
    "utf8",
    "usascii",
    "ascii",
    "ansi",
    "iso8859",
    "iso646us",
    "latin",
    "windows",
    "cp125",
    "xcp125",
    "gb",
    "big5",
    "euc",
    "shiftjis",
    "sjis",
    "xsjis",
    "koi8",
    "macintosh",
    "xmac",
    "tis620",
    "ksc",
    "ibm866",
    "binary",
    "none",
];

/// The charset that a header's parameters declare; of several the oddest counts.
pub(super) fn charset_of(header: &[u8]) -> Charset {
    let mut charset = Charset::Plain;
    for parameter in parameters(header).filter(|parameter| parameter.name.eq_ignore_ascii_case(b"charset")) {
        let letters = parameter.value.iter().filter(|byte| byte.is_ascii_alphanumeric());
        let name: String = letters.take(32).map(|byte| char::from(byte.to_ascii_lowercase())).collect();
        match name.as_str() {
            "utf16" | "utf16le" | "ucs2" | "iso10646ucs2" | "unicode" => charset = Charset::Wide(Wide::new(2, false)),
            "utf16be" | "unicodefffe" => charset = Charset::Wide(Wide::new(2, true)),
            "utf32" | "utf32be" | "ucs4" => charset = Charset::Wide(Wide::new(4, true)),
            "utf32le" => charset = Charset::Wide(Wide::new(4, false)),
            name if name.is_empty() || PLAIN.iter().any(|plain| name.starts_with(plain)) => {}
            _ => return Charset::Unusual,
        }
    }
    charset
}
