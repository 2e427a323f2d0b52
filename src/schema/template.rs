//! Templates of paths: which of them a raw path fits, and what stands in its parameters.
//!
//! Text is kept in its canonical form, in which escapes that mean the same are the same; parameters are
//! cut as sent and decoded after, as routers do. A segment may mix text and parameters (`{base}...{head}`, `{id}.json`). Of several templates the most concrete counts,
//! segment by segment from the left: text, then text with parameters, then one parameter.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::build_error::BuildError;
use crate::input::canonical;

/// One template, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(Box<[u8]>),
    Pattern(Vec<Piece>),
    /// `{*name}`: one segment and all that follow.
    Rest(Box<str>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(Box<[u8]>),
    Parameter(Box<str>),
}

impl Template {
    /// Takes a template apart.
    pub(super) fn parse(text: &str) -> Result<Self, BuildError> {
        let wrong = |what: &str| BuildError::new(format!("path `{}` {what}", text.escape_debug()));
        let path = text.strip_prefix('/').ok_or_else(|| wrong("does not begin with /"))?;
        if path.contains(['?', '#']) {
            return Err(wrong("has a query or fragment, by which no path is told apart"));
        }
        let segments = path.split('/').map(|segment| parse_segment(segment).map_err(wrong));
        let segments = segments.collect::<Result<Vec<_>, _>>()?;
        match segments.iter().position(|segment| matches!(segment, Segment::Rest(_))) {
            Some(place) if place + 1 < segments.len() => Err(wrong("goes on behind its wildcard")),
            _ => Ok(Self { segments }),
        }
    }

    /// The template without the names of its parameters: what two templates of the same paths share.
    pub(super) fn shape(&self) -> String {
        let mut shape = String::new();
        for segment in &self.segments {
            shape.push('/');
            match segment {
                Segment::Literal(text) => shape.push_str(&String::from_utf8_lossy(text)),
                Segment::Rest(_) => shape.push_str("{*}"),
                Segment::Pattern(pieces) => pieces.iter().for_each(|piece| match piece {
                    Piece::Literal(text) => shape.push_str(&String::from_utf8_lossy(text)),
                    Piece::Parameter(_) => shape.push_str("{}"),
                }),
            }
        }
        shape
    }

    /// The parameters, in the order in which they stand.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().flat_map(|segment| match segment {
            Segment::Literal(_) => Vec::new(),
            Segment::Rest(name) => vec![&**name],
            Segment::Pattern(pieces) => pieces.iter().filter_map(Piece::name).collect(),
        })
    }

    /// The raw values of the parameters in a path that fits, in the order in which they stand.
    pub(super) fn capture<'p>(&self, path: &'p [u8]) -> Option<Vec<Cow<'p, [u8]>>> {
        let mut values = Vec::new();
        let mut rest = Some(path.strip_prefix(b"/")?);
        for segment in &self.segments {
            let left = rest?;
            let end = left.iter().position(|&byte| byte == b'/').unwrap_or(left.len());
            let raw = &left[..end];
            rest = left.get(end + 1..);
            match segment {
                Segment::Literal(text) if **text == *raw || **text == *canonical(raw) => {}
                Segment::Literal(_) => return None,
                Segment::Pattern(pieces) => values.extend(cut(pieces, raw)?),
                Segment::Rest(_) => {
                    values.push(Cow::Borrowed(left));
                    return (!left.is_empty()).then_some(values);
                }
            }
        }
        rest.is_none().then_some(values)
    }
}

impl Piece {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Parameter(name) => Some(name),
        }
    }
}

fn parse_segment(text: &str) -> Result<Segment, &'static str> {
    if let Some(name) = text.strip_prefix("{*").and_then(|rest| rest.strip_suffix('}')) {
        return Ok(Segment::Rest(name.into()));
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        if open > 0 {
            pieces.push(Piece::Literal(canonical(&rest.as_bytes()[..open]).into()));
        }
        let close = rest[open..].find('}').ok_or("has a brace that nothing closes")? + open;
        let name = &rest[open + 1..close];
        if name.is_empty() || name.contains(['{', '*']) {
            return Err("has a parameter without a plain name");
        }
        if matches!(pieces.last(), Some(Piece::Parameter(_))) {
            return Err("has two parameters with nothing between them");
        }
        pieces.push(Piece::Parameter(name.into()));
        rest = &rest[close + 1..];
    }
    if rest.contains('}') {
        return Err("closes a brace that nothing opens");
    }
    if pieces.is_empty() {
        return Ok(Segment::Literal(canonical(rest.as_bytes()).into()));
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(canonical(rest.as_bytes()).into()));
    }
    Ok(Segment::Pattern(pieces))
}

/// The values in a segment that fits its pieces: as sent, or where its text is escaped in canonical form.
fn cut<'p>(pieces: &[Piece], raw: &'p [u8]) -> Option<Vec<Cow<'p, [u8]>>> {
    let mut values = Vec::new();
    if fits(pieces, raw, &mut |value| values.push(Cow::Borrowed(value))) {
        return Some(values);
    }
    values.clear();
    let canonical = canonical(raw);
    fits(pieces, &canonical, &mut |value| values.push(Cow::Owned(value.to_vec()))).then_some(values)
}

/// Whether a segment fits its pieces, each parameter with at least one byte. Text between two
/// parameters is taken where it stands first.
fn fits<'p>(pieces: &[Piece], raw: &'p [u8], take: &mut dyn FnMut(&'p [u8])) -> bool {
    let mut rest = raw;
    let mut pieces = pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        let Piece::Parameter(_) = piece else {
            let Piece::Literal(text) = piece else { return false };
            let Some(after) = rest.strip_prefix(&**text) else { return false };
            rest = after;
            continue;
        };
        let end = match pieces.next() {
            None => rest.len(),
            // The last text is the end of the segment.
            Some(Piece::Literal(text)) if pieces.peek().is_none() => match rest.strip_suffix(&**text) {
                Some(value) => {
                    take(value);
                    return !value.is_empty();
                }
                None => return false,
            },
            Some(Piece::Literal(text)) => match memchr::memmem::find(rest.get(1..).unwrap_or_default(), text) {
                Some(at) => {
                    take(&rest[..at + 1]);
                    rest = &rest[at + 1 + text.len()..];
                    continue;
                }
                None => return false,
            },
            Some(Piece::Parameter(_)) => return false,
        };
        take(&rest[..end]);
        return end > 0;
    }
    rest.is_empty()
}

/// Templates by the paths that fit them.
#[derive(Debug, Default)]
pub(super) struct TemplateTree {
    literals: HashMap<Box<[u8]>, TemplateTree>,
    /// The most concrete first.
    patterns: Vec<(Vec<Piece>, TemplateTree)>,
    rest: Option<usize>,
    end: Option<usize>,
}

impl TemplateTree {
    /// Adds a template under a number; one of the same shape is known already and keeps its own.
    pub(super) fn insert(&mut self, template: &Template, number: usize) {
        let mut node = self;
        for segment in &template.segments {
            node = match segment {
                Segment::Literal(text) => node.literals.entry(text.clone()).or_default(),
                Segment::Pattern(pieces) => node.pattern(pieces),
                Segment::Rest(_) => {
                    node.rest.get_or_insert(number);
                    return;
                }
            };
        }
        node.end.get_or_insert(number);
    }

    fn pattern(&mut self, pieces: &[Piece]) -> &mut Self {
        let place = self.patterns.iter().position(|(known, _)| same_shape(known, pieces)).unwrap_or_else(|| {
            let place = self.patterns.partition_point(|(known, _)| literal_bytes(known) >= literal_bytes(pieces));
            self.patterns.insert(place, (pieces.to_vec(), Self::default()));
            place
        });
        &mut self.patterns[place].1
    }

    /// The most concrete template that a path fits whose text is compared byte for byte. The work is bounded by the templates: each place
    /// of the tree is looked at once, since it stands at one depth.
    pub(super) fn find(&self, path: &[u8]) -> Option<usize> {
        self.walk(Some(path.strip_prefix(b"/")?))
    }

    fn walk(&self, left: Option<&[u8]>) -> Option<usize> {
        let Some(left) = left else { return self.end };
        let end = memchr::memchr(b'/', left).unwrap_or(left.len());
        let (raw, rest) = (&left[..end], left.get(end + 1..));
        let literal = self.literals.get(raw).and_then(|node| node.walk(rest));
        let by_pattern = || {
            let mut fitting = self.patterns.iter().filter(|(pieces, _)| fits(pieces, raw, &mut |_| {}));
            fitting.find_map(|(_, node)| node.walk(rest))
        };
        literal.or_else(by_pattern).or_else(|| self.rest.filter(|_| !left.is_empty()))
    }
}

fn literal_bytes(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| if let Piece::Literal(text) = piece { text.len() } else { 0 }).sum()
}

fn same_shape(one: &[Piece], other: &[Piece]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|pair| match pair {
            (Piece::Literal(one), Piece::Literal(other)) => one == other,
            (Piece::Parameter(_), Piece::Parameter(_)) => true,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(template: &str, path: &str) -> Option<Vec<String>> {
        let template = Template::parse(template).expect(template);
        let values = template.capture(path.as_bytes())?;
        Some(values.into_iter().map(|value| String::from_utf8_lossy(&value).into_owned()).collect())
    }

    #[test]
    fn parameters_take_what_stands_in_their_place() {
        let cases: &[(&str, &str, Option<&[&str]>)] = &[
            ("/", "/", Some(&[])),
            ("/", "/a", None),
            ("/users/{id}", "/users/7", Some(&["7"])),
            ("/users/{id}", "/users/", None),
            ("/users/{id}", "/users/7/", None),
            ("/users/{id}/", "/users/7/", Some(&["7"])),
            ("/users/{id}/posts/{post}", "/users/a%2Fb/posts/1", Some(&["a%2Fb", "1"])),
            ("/files/{*path}", "/files/a/b", Some(&["a/b"])),
            ("/files/{*path}", "/files/", None),
            ("/café/{id}", "/caf%c3%a9/a%2C", Some(&["a%2C"])),
            ("/%65nc/{id}:cancel", "/e%6Ec/7%3acancel", Some(&["7"])),
            ("/report.{format}", "/report.csv", Some(&["csv"])),
            ("/{name}.json", "/a.b.json", Some(&["a.b"])),
            ("/{name}.json", "/.json", None),
            ("/compare/{base}...{head}", "/compare/a...b...c", Some(&["a", "b...c"])),
            ("/compare/{base}...{head}", "/compare/...b", None),
            ("/at({lat},{long})", "/at(1,2)", Some(&["1", "2"])),
            ("/at({lat},{long})", "/at(1,)", None),
        ];
        for (template, path, expected) in cases {
            let expected = expected.map(|values| values.iter().map(ToString::to_string).collect());
            assert_eq!(captured(template, path), expected, "{template} on {path}");
        }
    }

    #[test]
    fn the_most_concrete_template_counts() {
        let templates = ["/{any}/me", "/users/{id}", "/users/me", "/users/{id}.json", "/users/{id}/a", "/{*rest}"];
        let mut tree = TemplateTree::default();
        for (number, text) in templates.iter().enumerate() {
            tree.insert(&Template::parse(text).expect(text), number);
        }
        for (path, expected) in [
            ("/users/me", Some("/users/me")),
            ("/users/7", Some("/users/{id}")),
            ("/users/7.json", Some("/users/{id}.json")),
            ("/x/me", Some("/{any}/me")),
            ("/users/me/a", Some("/users/{id}/a")),
            ("/users/me/b", Some("/{*rest}")),
            ("/", None),
        ] {
            assert_eq!(tree.find(path.as_bytes()).map(|number| templates[number]), expected, "{path}");
        }
    }

    #[test]
    fn a_shape_has_no_names() {
        for (text, shape) in
            [("/users/{userId}", "/users/{}"), ("/files/{*path}", "/files/{*}"), ("/{a}-{b}/c", "/{}-{}/c")]
        {
            assert_eq!(Template::parse(text).expect(text).shape(), shape);
        }
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["", "a", "/{", "/}", "/{}", "/{a}{b}", "/{*a}/b", "/a?b=c", "/a#b", "/{a*}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
