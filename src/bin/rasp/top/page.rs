//! The Prometheus text format, as far as the series of tower-rasp go.
//!
//! Lines that cannot be read are counted and left out; other programs' series are passed over.

/// How many series of ours are kept.
const SERIES_MAX: usize = 20_000;
/// How many labels of a series are kept.
const LABELS_MAX: usize = 16;

/// One series and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: String,
    /// Sorted by name.
    labels: Vec<(String, String)>,
    pub value: f64,
}

impl Series {
    /// The value of a label, empty where the series does not have it.
    pub fn label(&self, name: &str) -> &str {
        self.labels.iter().find(|(label, _)| label == name).map_or("", |(_, value)| value)
    }

    /// What tells it from others.
    pub fn key(&self) -> (&str, &[(String, String)]) {
        (&self.name, &self.labels)
    }
}

/// What was read of a page.
#[derive(Debug, Default)]
pub struct Page {
    pub series: Vec<Series>,
    /// Lines that could not be read.
    pub unreadable: usize,
    /// Series of ours past those that are kept.
    pub past_the_limit: usize,
}

impl Page {
    pub fn read(text: &str) -> Self {
        let mut page = Self::default();
        for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if !line.starts_with("rasp_") {
                // An HTML page, or another program's series.
                page.unreadable += usize::from(!line.starts_with(|first: char| first.is_ascii_alphabetic()));
            } else if page.series.len() == SERIES_MAX {
                page.past_the_limit += 1;
            } else {
                match series(line) {
                    Some(series) => page.series.push(series),
                    None => page.unreadable += 1,
                }
            }
        }
        page
    }

    /// The series with this name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Series> {
        self.series.iter().filter(move |series| series.name == name)
    }
}

/// `name{label="value",..} value`, and perhaps a time or an exemplar after it.
fn series(line: &str) -> Option<Series> {
    let end = line.find(|character: char| !is_name(character)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let (mut labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    labels.sort();
    let value = rest.split_ascii_whitespace().next()?.parse().ok()?;
    Some(Series { name: name.to_owned(), labels, value })
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == ':'
}

/// The labels up to `}`, and what comes after it.
fn labels(mut rest: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if let Some(rest) = rest.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (name, after) = rest.split_once('=')?;
        let (value, after) = quoted(after.trim_start().strip_prefix('"')?)?;
        if labels.len() < LABELS_MAX {
            labels.push((name.trim().to_owned(), value));
        }
        rest = after;
    }
}

/// The text up to the closing quote, and what comes after it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_read_with_labels_escapes_times_and_exemplars() {
        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        for (line, labels, value) in [
            ("rasp_x 1", vec![], 1.0),
            ("rasp_x{} 1.5e3 1700000000000", vec![], 1500.0),
            (r#"rasp_x{b="2",a="1",} +Inf"#, vec![label("a", "1"), label("b", "2")], f64::INFINITY),
            (r#"rasp_x{ a = "} \"\\\n" } 3 # {trace_id="x"} 1"#, vec![label("a", "} \"\\\n")], 3.0),
            ("  rasp_x\t4", vec![], 4.0),
        ] {
            let series = vec![Series { name: "rasp_x".to_owned(), labels, value }];
            assert_eq!(Page::read(line).series, series, "{line}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_counted() {
        for line in
            ["rasp_x", "rasp_x{", "rasp_x{a} 1", "rasp_x{a=\"b} 1", "rasp_x{a=\"\\", "rasp_x{} one", "<html>", "\u{7f}"]
        {
            let page = Page::read(line);
            assert_eq!((page.series.len(), page.unreadable), (0, 1), "{line}");
        }
        let page = Page::read("# HELP rasp_x x\nother{a=\"b\"} 1\n\n");
        assert_eq!((page.series.len(), page.unreadable), (0, 0));
    }

    #[test]
    fn a_page_without_end_is_cut() {
        let text: String = (0..SERIES_MAX + 5).map(|number| format!("rasp_x{{a=\"{number}\"}} 1\n")).collect();
        let page = Page::read(&text);
        assert_eq!((page.series.len(), page.past_the_limit), (SERIES_MAX, 5));
        let many: String = (0..100).map(|number| format!("l{number}=\"x\",")).collect();
        assert_eq!(Page::read(&format!("rasp_x{{{many}}} 1")).series[0].labels.len(), LABELS_MAX);
    }
}
