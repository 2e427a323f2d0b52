//! Globs over whole segments: of locations (`body./items/*`) and of rule ids (`xss.*`).
//!
//! `*` stands for one segment, `**` for any number of them, none included. A location without
//! an aspect means the value: `part.avatar` is not `part.avatar.filename`.

use std::fmt;
use std::str::FromStr;

use super::leaf::{Aspect, Leaf, Place};
use super::location::{Location, UnknownPlace};

/// A pattern of dotted words, such as a rule id: `sqli.tautology`, `xss.*`, `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    segments: Vec<String>,
}

impl Glob {
    /// A glob over words that dots separate. `*` alone stands for everything.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text == "*" {
            return Self { segments: vec!["**".to_owned()] };
        }
        Self { segments: text.split('.').map(str::to_owned).collect() }
    }

    /// Whether the whole of `text` fits.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let words: Vec<&str> = text.split('.').collect();
        fits(&self.segments, &words)
    }

    /// Whether all that fits `narrow` fits this one too.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> bool {
        covers(&self.segments, &narrow.segments)
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.segments == ["**"] {
            return formatter.write_str("*");
        }
        formatter.write_str(&self.segments.join("."))
    }
}

/// A pattern of locations.
#[derive(Clone, PartialEq, Eq)]
pub struct LocationPattern {
    text: String,
    place: Option<Place>,
    segments: Vec<String>,
    tail: Tail,
}

/// What follows the place in a pattern, sorted so that a leaf is tested without making a
/// [`Location`] of it.
#[derive(Clone, PartialEq, Eq)]
enum Tail {
    /// `**`: whatever stands there.
    Rest,
    /// `*`: any one name.
    Any,
    /// One name, by its bytes.
    Named(Box<[u8]>),
    /// Nothing: the whole of the place.
    Bare,
    /// Tokens of a pointer, of which some may be stars.
    Pointer(Vec<String>),
    /// More than that.
    Other,
}

impl Tail {
    fn of(segments: &[String], name: &[u8]) -> Self {
        let after_place = segments.get(1..).unwrap_or_default();
        let names = after_place.first().is_some_and(|segment| segment == "name()");
        match &after_place[usize::from(names)..] {
            [] => Self::Bare,
            [one] if one == "**" => Self::Rest,
            [one] if one == "*" => Self::Any,
            [_] if name.first() != Some(&b'/') => Self::Named(name.into()),
            tokens if name.first() == Some(&b'/') && tokens.iter().all(|token| !token.contains('%')) => {
                Self::Pointer(tokens.to_vec())
            }
            _ => Self::Other,
        }
    }
}

impl LocationPattern {
    /// Whether every leaf of this place and aspect fits, so that none needs a test.
    #[must_use]
    pub fn matches_all_of(&self, place: Place, aspect: Aspect<'_>) -> bool {
        let is_name = matches!(aspect, Aspect::Name);
        let named = matches!(place, Place::Query | Place::Header | Place::Cookie | Place::Form | Place::Trailer);
        match self.tail {
            _ if !self.may_match(place, is_name) => false,
            Tail::Rest => true,
            Tail::Any => named,
            _ => false,
        }
    }

    /// Whether the location of a leaf fits; without making one where the pattern is simple.
    #[must_use]
    pub fn matches_leaf(&self, leaf: &Leaf<'_>) -> bool {
        let is_name = matches!(leaf.aspect, Aspect::Name);
        let flat = !matches!(leaf.place, Place::Body | Place::Xml | Place::Graphql);
        let simple = is_name || matches!(leaf.aspect, Aspect::Value);
        match &self.tail {
            _ if !self.may_match(leaf.place, is_name) => false,
            Tail::Rest => true,
            Tail::Any if flat && simple => !leaf.name.is_empty() || !matches!(leaf.place, Place::Path | Place::Method),
            Tail::Named(name) if flat && simple => **name == *leaf.name,
            Tail::Bare if simple => leaf.name.is_empty(),
            Tail::Pointer(tokens) if simple && !flat => fits_pointer(tokens, leaf.name),
            _ => self.matches(&Location::of(leaf)),
        }
    }

    /// Whether the location fits.
    #[must_use]
    pub fn matches(&self, location: &Location) -> bool {
        let segments = location.segments();
        let words: Vec<&str> = segments.iter().map(String::as_str).collect();
        fits(&self.segments, &words)
    }

    /// Whether all that fits `narrow` fits this one too.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> bool {
        covers(&self.segments, &narrow.segments)
    }

    /// Whether some value of this place can fit (or some name, if `is_name`); cheap, to sort
    /// rules by place.
    #[must_use]
    pub fn may_match(&self, place: Place, is_name: bool) -> bool {
        let names_only = self.segments.get(1).is_some_and(|segment| segment == "name()");
        self.place.is_none_or(|own| own.word() as u8 == place.word() as u8 && names_only == is_name)
    }

    /// A location that fits, for proofs: every star becomes `x`.
    #[must_use]
    pub fn example(&self) -> Location {
        let text =
            if self.place.is_none() { "query.x".to_owned() } else { self.text.replace("**", "x").replace('*', "x") };
        text.parse().unwrap_or_else(|_| Location::example())
    }
}

/// Whether a JSON pointer fits the tokens; a pointer too deep to be laid out here does not, and
/// such a one is past every limit of depth that a pattern could mean.
fn fits_pointer(tokens: &[String], pointer: &[u8]) -> bool {
    const DEPTH_MAX: usize = 64;
    let Some(rest) = pointer.strip_prefix(b"/") else { return pointer.is_empty() && fits(tokens, &[""; 0]) };
    // Most patterns end in a name, and most pointers in another.
    let last = tokens.last().filter(|token| !token.starts_with('*'));
    if last.is_some_and(|token| !pointer.ends_with(token.as_bytes())) {
        return false;
    }
    let mut words = [&b""[..]; DEPTH_MAX];
    let mut depth = 0;
    for word in rest.split(|&byte| byte == b'/') {
        let Some(slot) = words.get_mut(depth) else { return false };
        *slot = word;
        depth += 1;
    }
    fits(tokens, &words[..depth])
}

fn fits<W: AsRef<[u8]>>(pattern: &[String], words: &[W]) -> bool {
    // The usual linear walk with one point to return to: the last `**`.
    let (mut at, mut word) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while word < words.len() {
        match pattern.get(at).map(String::as_str) {
            Some("**") => {
                back = Some((at, word));
                at += 1;
            }
            Some(segment) if segment == "*" || segment.as_bytes() == words[word].as_ref() => {
                at += 1;
                word += 1;
            }
            _ => match back {
                Some((star, from)) => {
                    at = star + 1;
                    word = from + 1;
                    back = Some((star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|segment| segment == "**")
}

/// Whether one pattern stands for all that another does; patterns are short and written by hand.
fn covers(wide: &[String], narrow: &[String]) -> bool {
    match (wide, narrow) {
        ([], []) => true,
        ([first, rest @ ..], _) if first == "**" => {
            covers(rest, narrow) || narrow.split_first().is_some_and(|(_, narrow)| covers(wide, narrow))
        }
        ([first, rest @ ..], [other, others @ ..]) => {
            other != "**" && (first == "*" || first == other) && covers(rest, others)
        }
        _ => false,
    }
}

/// A location pattern could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError(UnknownPlace);

impl fmt::Display for PatternError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for PatternError {}

impl FromStr for LocationPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text == "*" || text == "**" {
            let segments = vec!["**".to_owned()];
            return Ok(Self { text: text.to_owned(), place: None, segments, tail: Tail::Rest });
        }
        // The stars are taken out of the way of the escapes, and put back.
        let location: Location = text.parse().map_err(PatternError)?;
        let segments: Vec<String> = location.segments().iter().map(|word| word.replace("%2A", "*")).collect();
        let tail = Tail::of(&segments, location.name());
        Ok(Self { text: text.to_owned(), place: Some(location.place()), segments, tail })
    }
}

impl fmt::Display for LocationPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for LocationPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "LocationPattern({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, location: &str) -> bool {
        let pattern: LocationPattern = pattern.parse().expect(pattern);
        pattern.matches(&location.parse().expect(location))
    }

    #[test]
    fn globs_match_whole_segments() {
        for (pattern, location, expected) in [
            ("*", "query.q", true),
            ("query.*", "query.q", true),
            ("query.*", "query.a.b", true),
            ("query.q", "query.q2", false),
            ("query.q*", "query.q2", false),
            ("query.*", "query.name(q)", false),
            ("query.name(*)", "query.name(q)", true),
            ("body./items/*", "body./items/3", true),
            ("body./items/*", "body./items/3/id", false),
            ("body./items/**", "body./items/3/id", true),
            ("body.**", "body", true),
            ("body.**", "body./a/b", true),
            ("body./html", "body./html", true),
            ("body", "body./html", false),
            ("part.*.filename", "part.avatar.filename", true),
            ("part.*", "part.avatar.filename", false),
            ("part.*.header.content-type", "part.avatar.header.content-type", true),
            ("path", "path", true),
            ("path.*", "path.id", true),
        ] {
            assert_eq!(fits(pattern, location), expected, "{pattern} on {location}");
        }
    }

    #[test]
    fn a_wide_pattern_covers_a_narrow_one() {
        for (wide, narrow, expected) in [
            ("*", "query.q", true),
            ("body.**", "body./a/*", true),
            ("body./a/*", "body./a/b", true),
            ("body./a/*", "body.**", false),
            ("body./a/**", "body./a/**", true),
            ("query.q", "query.*", false),
            ("query.*", "query.name(q)", false),
        ] {
            let [wide_pattern, narrow_pattern] =
                [wide, narrow].map(|text| text.parse::<LocationPattern>().expect(text));
            assert_eq!(wide_pattern.covers(&narrow_pattern), expected, "{wide} over {narrow}");
        }
    }

    #[test]
    fn a_leaf_fits_where_its_location_does() {
        let patterns = [
            "*",
            "query.*",
            "query.**",
            "query.q",
            "query.name(*)",
            "query.name(q)",
            "header.user-agent",
            "path",
            "path.*",
            "path.**",
            "body",
            "body.**",
            "body./a",
            "body./*",
            "body.name(**)",
            "body.name(/a)",
            "part.*",
            "part.a",
            "part.*.filename",
            "part.**",
            "method",
        ];
        let locations = [
            "query.q",
            "query.r",
            "query.name(q)",
            "header.user-agent",
            "header.host",
            "path",
            "path.id",
            "body",
            "body./a",
            "body./a/b",
            "body.name(/a)",
            "part.a",
            "part.a.filename",
            "part.a.header.x",
            "method",
        ];
        for pattern in patterns {
            let pattern: LocationPattern = pattern.parse().expect(pattern);
            for location in locations {
                let location: Location = location.parse().expect(location);
                let leaf = location.leaf(b"");
                let is_name = matches!(leaf.aspect, Aspect::Name);
                let expected = pattern.may_match(leaf.place, is_name) && pattern.matches(&location);
                assert_eq!(pattern.matches_leaf(&leaf), expected, "{pattern} on {location}");
            }
        }
    }

    #[test]
    fn rule_globs_match_dotted_words() {
        assert!(Glob::new("xss.*").matches("xss.script"));
        assert!(!Glob::new("xss.*").matches("xssx.script"));
        assert!(!Glob::new("xss").matches("xss.script"));
        assert!(Glob::new("*").matches("xss.script"));
    }
}
