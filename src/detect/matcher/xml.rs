//! XML documents that declare entities or pull in others.
//!
//! # What this does not protect from
//!
//! A schema or style sheet that a parser loads on its own (`xsi:schemaLocation`,
//! `xml-stylesheet`) is not looked at.

use super::{CodeMatcher, Match};
use crate::lexer::{Cursor, Declaration, EntityText, External, declarations};
use crate::rule::Confidence;

/// An entity, or a document type whose text lies elsewhere.
pub(super) const ENTITY: CodeMatcher = CodeMatcher { name: "xml_entity", find: entity };
/// An XInclude element.
pub(super) const INCLUDE: CodeMatcher = CodeMatcher { name: "xml_include", find: include };

fn entity(value: &[u8]) -> Option<Match> {
    let mut best: Option<Match> = None;
    let mut lead = Lead::new(value);
    for (at, declaration) in declarations(value) {
        let (confidence, structure) = match declaration {
            Declaration::Entity { text: EntityText::External(_), .. } => {
                (Some(Confidence::Certain), "an XML entity whose text lies elsewhere")
            }
            Declaration::Entity { parameter, text: EntityText::Internal(text) } => {
                (internal(text, parameter), "an XML entity")
            }
            Declaration::Doctype { external: Some(external), name } => {
                (external_subset(name, external), "an XML document type whose text lies elsewhere")
            }
            Declaration::Doctype { .. } => continue,
            Declaration::Stretched => (Some(Confidence::Certain), "an XML declaration that is pushed apart"),
        };
        let Some(confidence) = confidence else { continue };
        let confidence = if lead.reaches(at) { confidence } else { confidence.min(Confidence::Likely) };
        let found = Match::new(confidence, at..value.len(), structure);
        if confidence == Confidence::Certain {
            return Some(found);
        }
        best = best.filter(|best| best.confidence >= confidence).or(Some(found));
    }
    best
}

/// Where a declaration counts fully: where a parser would reach it. Behind prose it is a text
/// about XML.
struct Lead<'a> {
    value: &'a [u8],
    begins_with_markup: bool,
    /// Where the document is known to have begun before the value, once that was asked for.
    inside_from: Option<usize>,
}

impl<'a> Lead<'a> {
    fn new(value: &'a [u8]) -> Self {
        Self { value, begins_with_markup: begins_with_markup(value), inside_from: None }
    }

    fn reaches(&mut self, at: usize) -> bool {
        self.begins_with_markup
            || at > LEAD_BYTES_MIN && *self.inside_from.get_or_insert_with(|| inside_from(self.value)) <= at
    }
}

/// What is nearer to the beginning of a value cannot be pushed out of a window.
const LEAD_BYTES_MIN: usize = 1024;

/// Where first something ends that never began: a comment, an instruction, a tag. The value is the
/// later part of a document, as windows of a long one are, and what stands before is no prose.
fn inside_from(value: &[u8]) -> usize {
    let ends: [(&[u8], &[u8]); 4] = [(b"<!--", b"-->"), (b"<?", b"?>"), (b"<", b"\">"), (b"<", b"'>")];
    let of_pair = ends.iter().filter_map(|(open, close)| {
        let end = memchr::memmem::find(value, close)?;
        memchr::memmem::find(&value[..end], open).is_none().then_some(end)
    });
    // `EMENT x ANY><!ENTITY`; the arrow of a text is no end of a tag.
    let next = memchr::memchr(b'<', value).unwrap_or(value.len());
    let lead = value[..next].trim_ascii_end();
    let tag_ends = lead.ends_with(b">") && lead.iter().rev().nth(1).is_some_and(u8::is_ascii_alphanumeric);
    of_pair.chain(tag_ends.then_some(next)).min().unwrap_or(usize::MAX)
}

fn begins_with_markup(value: &[u8]) -> bool {
    let start = memchr::memchr(b'<', value).unwrap_or(value.len());
    let lead = value[..start].trim_ascii();
    // A mark of byte order, or one word as in `xml=<!DOCTYPE`, `]]><!DOCTYPE`.
    lead.len() <= 32 && !lead.iter().any(u8::is_ascii_whitespace)
}

/// An entity with its text in place. Drawing programs name their namespaces so, and older pages
/// single characters; neither expands into anything.
fn internal(text: &[u8], parameter: bool) -> Option<Confidence> {
    let one_character = text.len() <= 12
        && text
            .strip_prefix(b"&#")
            .and_then(|text| text.strip_suffix(b";"))
            .is_some_and(|number| number.iter().all(u8::is_ascii_alphanumeric));
    let address = (text.starts_with(b"http://") || text.starts_with(b"https://")) && !text.contains(&b'&');
    (parameter || !one_character && !address).then_some(Confidence::Certain)
}

/// Where the document types that honest documents name are kept.
static DOCTYPE_HOSTS: &[&[u8]] = &[
    b"docbook.org",
    b"www.docbook.org",
    b"www.oasis-open.org",
    b"docs.oasis-open.org",
    b"www.w3.org",
    b"www.apple.com",
    b"java.sun.com",
    b"xmlns.jcp.org",
    b"xmlns.oracle.com",
    b"struts.apache.org",
    b"hibernate.org",
    b"www.hibernate.org",
    b"mybatis.org",
    b"www.springframework.org",
    b"checkstyle.org",
    b"openmobilealliance.org",
    b"www.wapforum.org",
];

fn external_subset(name: &[u8], external: External<'_>) -> Option<Confidence> {
    let public = external.public.is_some_and(|public| memchr::memmem::find(public, b"//DTD ").is_some());
    let Some(system) = external.system else {
        // HTML 4 names no address.
        return (!public && !name.eq_ignore_ascii_case(b"html")).then_some(Confidence::Likely);
    };
    if system == b"about:legacy-compat" {
        return None;
    }
    let address = system.strip_prefix(b"http://").or_else(|| system.strip_prefix(b"https://"));
    if let Some(address) = address {
        let host = address.split(|&byte| byte == b'/').next().unwrap_or_default();
        if DOCTYPE_HOSTS.contains(&host) {
            return None;
        }
    }
    let relative = !system.starts_with(b"/") && !system.starts_with(b"\\") && !system.contains(&b':');
    let climbs = memchr::memmem::find(system, b"..").is_some();
    let honest = public || relative && !climbs && system.ends_with(b".dtd");
    Some(if honest { Confidence::Likely } else { Confidence::Certain })
}

fn include(value: &[u8]) -> Option<Match> {
    let named = memchr::memmem::find(value, b"http://www.w3.org/2001/XInclude").is_some();
    let mut best: Option<Match> = None;
    for at in memchr::memmem::find_iter(value, b"include") {
        let Some(confidence) = include_element(value, at, named) else { continue };
        let found = Match::new(confidence, at..value.len(), "an XInclude element");
        if confidence == Confidence::Certain {
            return Some(found);
        }
        best = best.or(Some(found));
    }
    best
}

/// The longest prefix of an element and the longest tag that are read.
const PREFIX_BYTES_MAX: usize = 32;
const TAG_BYTES_MAX: usize = 1024;

/// `<xi:include href=..`, by the offset of its local name.
fn include_element(value: &[u8], at: usize, named: bool) -> Option<Confidence> {
    let before = &value[at.saturating_sub(PREFIX_BYTES_MAX)..at];
    let open = before.iter().rposition(|&byte| byte == b'<')?;
    let prefix = &before[open + 1..];
    let plain = prefix.iter().all(|&byte| byte.is_ascii_alphanumeric() || b":_-.".contains(&byte));
    (plain && (prefix.is_empty() || prefix.ends_with(b":"))).then_some(())?;
    let mut cursor = Cursor::new(&value[..value.len().min(at + TAG_BYTES_MAX)], at + b"include".len());
    cursor.space().then_some(())?;
    let tag = cursor.take_while(|byte| byte != b'>' && byte != b'<');
    let href = attribute(tag, b"href");
    let leaves = href.is_some_and(|href| {
        href.starts_with(b"/") || href.contains(&b':') || href.contains(&b'\\') || href.starts_with(b"..")
    });
    let as_text = attribute(tag, b"parse").is_some_and(|parse| parse.eq_ignore_ascii_case(b"text"));
    match (named || prefix == b"xi:", leaves || as_text && href.is_some(), href) {
        (true, true, _) => Some(Confidence::Certain),
        (true, false, Some(_)) => Some(Confidence::Likely),
        // The declaration of the prefix may lie in an earlier part of the document.
        (false, true, _) if leaves && as_text => Some(Confidence::Certain),
        _ => None,
    }
}

/// The value of an attribute in the inside of a tag.
fn attribute<'a>(tag: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    memchr::memmem::find_iter(tag, name).find_map(|at| {
        let begins = tag[..at].last().is_none_or(u8::is_ascii_whitespace);
        let mut cursor = Cursor::new(tag, at + name.len());
        cursor.space();
        let assigned = cursor.eat(b"=");
        cursor.space();
        (begins && assigned).then(|| cursor.string())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_is_sure_where_a_parser_reads_it() {
        for (value, expected) in [
            (r#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>"#, "certain"),
            (r#"<!DOCTYPE a [<!ENTITY % p PUBLIC "q" "http://h/e.dtd"> %p;]>"#, "certain"),
            (r#"<!DOCTYPE a [<!ENTITY b "lol"><!ENTITY c "&b;&b;">]>"#, "certain"),
            (r#"<!DOCTYPE a SYSTEM "http://h/e.dtd"><a/>"#, "certain"),
            (r#"<!DOCTYPE a PUBLIC "-//B//TEXT//EN" "http://h/e.dtd"><a/>"#, "certain"),
            ("<!DOCTYPE a SYSTEM '\\\\h\\s\\e.dtd'>", "certain"),
            (r#"<!DOCTYPE note SYSTEM "note.dtd">"#, "likely"),
            (r#"In a text: <!ENTITY x SYSTEM "file:///etc/passwd"> is how one does it"#, "likely"),
            ("<!DOCTYPE html>", ""),
            (r#"<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">"#, ""),
            (r#"<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN">"#, ""),
            (r#"<!DOCTYPE html SYSTEM "about:legacy-compat">"#, ""),
            (r#"<!DOCTYPE svg [<!ENTITY ns_svg "http://www.w3.org/2000/svg">]><svg/>"#, ""),
            (r#"<!DOCTYPE a [<!ENTITY nbsp "&#160;">]>"#, ""),
            ("<a>&amp;</a>", ""),
        ] {
            let level = entity(value.as_bytes()).map_or("", |found| found.confidence.as_str());
            assert_eq!(level, expected, "{value}");
        }
    }

    #[test]
    fn a_later_part_of_a_document_is_known_by_what_ends_in_it() {
        let filler = "a b ".repeat(600);
        for (before, expected) in [
            (format!("{filler}-->"), "certain"),
            (format!("{filler}?>\n"), "certain"),
            (format!("{filler}\">"), "certain"),
            ("EMENT x ANY>".to_owned() + &"<!ELEMENT x ANY>".repeat(100), "certain"),
            (format!("{filler}<!-- a comment -->"), "likely"),
            (format!("{filler}<a href=\"x\">"), "likely"),
            (filler.clone(), "likely"),
            (format!("{filler}->"), "likely"),
        ] {
            let value = before + r#"<!ENTITY % x SYSTEM "file:///etc/passwd">"#;
            let level = entity(value.as_bytes()).map_or("", |found| found.confidence.as_str());
            assert_eq!(level, expected, "{value}");
        }
    }

    #[test]
    fn many_declarations_take_linear_time() {
        for part in ["<!ENTITY a \"b\"> ", "x <!DOCTYPE a SYSTEM 'b.dtd'> ", "<!ENTITY a ", "<!ENTITY a PUBLIC "] {
            let value = "some prose ".to_owned() + &part.repeat(60_000 / part.len());
            let _ = entity(value.as_bytes());
        }
    }

    #[test]
    fn an_include_is_sure_when_it_leaves_the_document() {
        for (value, expected) in [
            (
                r#"<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include parse="text" href="file:///a"/></a>"#,
                "certain",
            ),
            (r#"<xi:include href="http://h/a.xml"/>"#, "certain"),
            (r#"<xi:include href="chapter1.xml"/>"#, "likely"),
            (r#"<x:include parse="text" href="file:///a"/>"#, "certain"),
            (r#"<x:include href="file:///a"/>"#, ""),
            (r#"<jsp:include page="/a.jsp"/>"#, ""),
            ("#include <x> and xi:include", ""),
        ] {
            let level = include(value.as_bytes()).map_or("", |found| found.confidence.as_str());
            assert_eq!(level, expected, "{value}");
        }
    }
}
