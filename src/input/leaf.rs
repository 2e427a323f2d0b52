//! One untrusted value or name, borrowed, with its location.

/// The part of a request in which a value stands; the first word of a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Place {
    /// The request method.
    Method,
    /// The path: whole without a name, one parameter of the template with one.
    Path,
    /// A query parameter.
    Query,
    /// A header field; names are in lower case.
    Header,
    /// A cookie.
    Cookie,
    /// The body as text, or a JSON value by its pointer (RFC 6901).
    Body,
    /// A field of an urlencoded form.
    Form,
    /// A part of a multipart body that is a field: no file name was given.
    Part,
    /// The content of a multipart part that came with a file name.
    File,
    /// An XML element or attribute.
    Xml,
    /// A GraphQL argument or variable.
    Graphql,
    /// A trailer field.
    Trailer,
}

impl Place {
    /// Every place, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::Method,
        Self::Path,
        Self::Query,
        Self::Header,
        Self::Cookie,
        Self::Body,
        Self::Form,
        Self::Part,
        Self::File,
        Self::Xml,
        Self::Graphql,
        Self::Trailer,
    ];

    /// The place whose word this one shares: a file's content is written as its part.
    pub(super) const fn word(self) -> Self {
        match self {
            Self::File => Self::Part,
            other => other,
        }
    }

    /// The word that locations use. A file's content is written as its part: `part.avatar`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
            Self::Form => "form",
            Self::Part | Self::File => "part",
            Self::Xml => "xml",
            Self::Graphql => "graphql",
            Self::Trailer => "trailer",
        }
    }
}

/// What of the named thing this leaf is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aspect<'a> {
    /// Its value.
    Value,
    /// Its name: a parameter name, a JSON key, a header name.
    Name,
    /// The file name of a multipart part.
    Filename,
    /// A header of a multipart part, by its name in lower case.
    Header(&'a [u8]),
}

/// One untrusted value or name, borrowed from whoever decoded it.
#[derive(Clone, Copy)]
pub struct Leaf<'a> {
    /// Where in the request.
    pub place: Place,
    /// The name there: parameter, header or cookie name, JSON pointer; empty where there is none.
    pub name: &'a [u8],
    /// What of the named thing this is.
    pub aspect: Aspect<'a>,
    /// The decoded bytes; for [`Aspect::Name`] the name itself.
    pub value: &'a [u8],
}

impl<'a> Leaf<'a> {
    /// A value under a name.
    #[must_use]
    pub const fn value(place: Place, name: &'a [u8], value: &'a [u8]) -> Self {
        Self { place, name, aspect: Aspect::Value, value }
    }

    /// A name, as a leaf of its own. `name` is its full location (for JSON the pointer), and
    /// `value` the bare name.
    #[must_use]
    pub const fn name(place: Place, name: &'a [u8], value: &'a [u8]) -> Self {
        Self { place, name, aspect: Aspect::Name, value }
    }

    /// Whether both stand at one location.
    pub(crate) fn stands_with(&self, other: &Self) -> bool {
        self.place == other.place && self.aspect == other.aspect && self.name == other.name
    }
}

// Values stay out of logs: only the location and the length are shown.
impl std::fmt::Debug for Leaf<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Leaf({}, {} bytes)", super::Location::of(self).to_redacted_string(), self.value.len())
    }
}
