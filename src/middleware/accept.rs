//! Which form of an answer a client wants, by its `Accept` headers (RFC 9110, 12.5.1).

/// The forms that an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Plain text, for whoever does not care.
    Text,
    /// A problem document, RFC 9457.
    Problem,
    /// A page.
    Html,
}

/// Ranges of one request that are looked at; who sends more gets what these ask for.
const RANGES_MAX: usize = 32;

/// The form that fits best: by quality, then by how exactly it was asked for, then by place.
pub(super) fn form<'a>(accept: impl Iterator<Item = &'a [u8]>) -> Form {
    let ranges = accept.flat_map(|line| line.split(|&byte| byte == b',')).filter_map(Range::parse);
    let ranges: Vec<Range<'_>> = ranges.take(RANGES_MAX).collect();
    let mut best = (Form::Text, Rank { quality: 0, exact: 0, early: 0 });
    for form in [Form::Text, Form::Problem, Form::Html] {
        if let Some(rank) = rank(form, &ranges).filter(|rank| rank.quality > 0 && *rank > best.1) {
            best = (form, rank);
        }
    }
    best.0
}

/// Whether plain text, or any text, is named.
pub(super) fn asks_for_text<'a>(accept: impl Iterator<Item = &'a [u8]>) -> bool {
    let ranges = accept.flat_map(|line| line.split(|&byte| byte == b',')).filter_map(Range::parse);
    ranges.take(RANGES_MAX).any(|range| range.kind.eq_ignore_ascii_case(b"text") && range.quality > 0)
}

/// How much a form is wanted; fields in the order in which they count.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    quality: u16,
    exact: u8,
    early: usize,
}

/// The most exact range that covers the form decides, as the standard says.
fn rank(form: Form, ranges: &[Range<'_>]) -> Option<Rank> {
    let ranked = ranges.iter().enumerate().filter_map(|(index, range)| {
        let exact = range.covers(form)?;
        Some(Rank { quality: range.quality, exact, early: RANGES_MAX - index })
    });
    ranked.max_by_key(|rank| (rank.exact, rank.early))
}

struct Range<'a> {
    kind: &'a [u8],
    subtype: &'a [u8],
    /// In thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(element: &'a [u8]) -> Option<Self> {
        let mut parts = element.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
        let name = parts.next()?;
        let slash = name.iter().position(|&byte| byte == b'/')?;
        let quality = parts.find_map(|part| part.strip_prefix(b"q=").or_else(|| part.strip_prefix(b"Q=")));
        Some(Self { kind: &name[..slash], subtype: &name[slash + 1..], quality: quality.map_or(1000, thousandths) })
    }

    /// How exactly it names the form; none where it does not.
    fn covers(&self, form: Form) -> Option<u8> {
        let is = |kind: &str, subtypes: &[&str]| {
            if self.kind == b"*" {
                return Some(0);
            }
            if !self.kind.eq_ignore_ascii_case(kind.as_bytes()) {
                return None;
            }
            if self.subtype == b"*" {
                return Some(1);
            }
            subtypes.iter().any(|subtype| self.subtype.eq_ignore_ascii_case(subtype.as_bytes())).then_some(2)
        };
        match form {
            Form::Text => is("text", &["plain"]),
            Form::Problem => is("application", &["problem+json", "json"]),
            Form::Html => {
                is("text", &["html"]).or_else(|| is("application", &["xhtml+xml"]).filter(|&exact| exact == 2))
            }
        }
    }
}

/// A quality in thousandths; what is no number counts as 0, so that nonsense asks for nothing.
fn thousandths(quality: &[u8]) -> u16 {
    let value = std::str::from_utf8(quality).ok().and_then(|text| text.parse::<f32>().ok());
    value.filter(|value| (0.0..=1.0).contains(value)).map_or(0, |value| (value * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_follows_what_the_client_asks_for() {
        let cases: &[(&str, &[&str], Form)] = &[
            ("nothing is asked", &[], Form::Text),
            ("an empty header", &[""], Form::Text),
            ("curl", &["*/*"], Form::Text),
            ("a browser", &["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], Form::Html),
            ("a script that names JSON first", &["application/json, text/plain, */*"], Form::Problem),
            ("plain text named first", &["text/plain, application/json"], Form::Text),
            ("a problem document", &["application/problem+json"], Form::Problem),
            ("any application type", &["application/*"], Form::Problem),
            ("any text", &["text/*"], Form::Text),
            ("qualities count before places", &["text/html;q=0.1, application/json;q=0.2"], Form::Problem),
            ("a more exact range decides over a wider one", &["text/*, text/plain;q=0"], Form::Html),
            ("several lines are one list", &["text/html;q=0.5", "application/json"], Form::Problem),
            ("quality zero asks for nothing", &["text/html;q=0"], Form::Text),
            ("a broken quality asks for nothing", &["text/html;q=x, application/json;q=0.001"], Form::Problem),
            ("a quality past one is broken", &["text/html;q=7, application/json;q=0.5"], Form::Problem),
            ("case does not count", &["Text/HTML;Q=1.0"], Form::Html),
            ("unknown types", &["image/png"], Form::Text),
            ("nonsense", &[";;,,/q=,\u{e9}"], Form::Text),
        ];
        for (name, accept, expected) in cases {
            assert_eq!(form(accept.iter().map(|line| line.as_bytes())), *expected, "{name}");
        }
    }
}
