//! Addresses that run script when they are followed.

use super::super::CodeMatcher;
use super::super::Match;
use super::Budget;
use super::tags::runs_script;
use crate::lexer::javascript::Reading;
use crate::lexer::javascript::Start;
use crate::rule::Confidence;

/// `javascript:` and its kin with script behind it, as a whole value, in quotation marks, after an
/// equals sign or in a bracket; and `data:` with a page that runs script.
pub(in super::super) static SCRIPT_URL: CodeMatcher =
    CodeMatcher { name: "xss_script_url", find: |value| find(value, Written::Plainly) };

/// The same, with bytes in the scheme that browsers drop.
pub(in super::super) static SCRIPT_URL_DISGUISED: CodeMatcher =
    CodeMatcher { name: "xss_script_url_disguised", find: |value| find(value, Written::Disguised) };

/// How a scheme is written. Each way has a rule of its own, since the plain one can be looked for by
/// its letters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Plainly,
    Disguised,
}

fn find(value: &[u8], written: Written) -> Option<Match> {
    let mut budget = Budget::of(value);
    memchr::memchr_iter(b':', value).find_map(|colon| {
        script_at(value, colon, written, &mut budget).or_else(|| data_at(value, colon, written, &mut budget))
    })
}

/// Schemes of script. Of the last two nothing but their name needs to be known: no honest value has them.
const SCHEMES: &[&[u8]] = &[b"javascript", b"vbscript", b"livescript"];

fn script_at(value: &[u8], colon: usize, written: Written, budget: &mut Budget) -> Option<Match> {
    let (scheme, start) =
        SCHEMES.iter().find_map(|scheme| Some((*scheme, scheme_start(value, colon, scheme, written)?)))?;
    let before = boundary(value, start)?;
    let body = value.get(colon + 1..)?;
    let found = |confidence| Some(Match::new(confidence, start..value.len(), "an address that is script"));
    let Some(reading) = read_address(body, budget) else { return found(Confidence::Certain) };
    let other = scheme != b"javascript" && body.first().is_some_and(|byte| !byte.is_ascii_whitespace());
    if !reading.acts() && (!other || before == Boundary::Start) {
        return None;
    }
    let named = value.get(start..colon).unwrap_or_default();
    let is_title = before == Boundary::Start
        && !reading.names_browser
        && (!reading.is_whole() || (named.first() == Some(&b'J') && body.first() == Some(&b' ')));
    found(if is_title { Confidence::Likely } else { Confidence::Certain })
}

/// Browsers drop tabs and line ends from an address, so that words may be split by them.
fn read_address(body: &[u8], budget: &mut Budget) -> Option<Reading> {
    let reading = budget.read(body, Start::Statement)?;
    let splits = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r');
    let beginning = body.get(..body.len().min(SPLIT_MAX)).unwrap_or(body);
    if reading.acts() || !beginning.iter().any(splits) {
        return Some(reading);
    }
    budget.left = budget.left.saturating_sub(beginning.len());
    let joined: Vec<u8> = beginning.iter().copied().filter(|byte| !splits(byte)).collect();
    let joined = budget.read(&joined, Start::Statement)?;
    Some(if joined.names_browser { joined } else { reading })
}

/// As much of an address as is read with its words joined.
const SPLIT_MAX: usize = 2048;

/// Where the scheme before this colon begins. Browsers drop tabs and line ends from addresses, old
/// ones other controls too, and style sheets backslashes.
fn scheme_start(value: &[u8], colon: usize, scheme: &[u8], written: Written) -> Option<usize> {
    let mut letters = scheme.iter().rev();
    let mut wanted = letters.next();
    let mut at = colon;
    while let Some(&letter) = wanted {
        at = at.checked_sub(1)?;
        match value.get(at)? {
            byte if byte.eq_ignore_ascii_case(&letter) => wanted = letters.next(),
            0..=31 | b'\\' => {}
            _ => return None,
        }
    }
    let is_plain = colon - at == scheme.len();
    (is_plain == (written == Written::Plainly)).then_some(at)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Boundary {
    /// The address is the value's beginning.
    Start,
    /// A mark that an address may stand behind.
    Mark,
}

/// What stands before the address: the beginning of the value, or a mark, white space between or not.
fn boundary(value: &[u8], start: usize) -> Option<Boundary> {
    let before = value.get(..start)?;
    // Deeper white space than this is none that a person would write either.
    let blanks = before.iter().rev().take_while(|&&byte| byte <= b' ' || byte >= 0x80 || byte == b'\\').count();
    match before.get(..before.len() - blanks)?.last() {
        None => Some(Boundary::Start),
        Some(b'"' | b'\'' | b'`' | b'=' | b'(' | b';' | b',' | b'<' | b'[' | b'{' | b'|') => Some(Boundary::Mark),
        // `feed:javascript:`, `view-source:javascript:`
        Some(b':') if blanks == 0 => Some(Boundary::Mark),
        // `[x]: javascript:` of Markdown, `[img]javascript:` of forums.
        Some(b':') if before.get(..before.len() - blanks).is_some_and(|text| text.ends_with(b"]:")) => {
            Some(Boundary::Mark)
        }
        Some(b']') if blanks == 0 => Some(Boundary::Mark),
        Some(_) => None,
    }
}

/// A page in base64 that would run script.
fn data_at(value: &[u8], colon: usize, written: Written, budget: &mut Budget) -> Option<Match> {
    let start = scheme_start(value, colon, b"data", written)?;
    boundary(value, start)?;
    let address = value.get(start..)?;
    data_media(address)?;
    let (head, content) = address.split_at_checked(address.iter().take(MEDIA_MAX).position(|&byte| byte == b',')?)?;
    if !head.windows(6).any(|window| window.eq_ignore_ascii_case(b"base64")) {
        return None;
    }
    let document = from_base64(content.get(1..)?);
    budget.left = budget.left.checked_sub(document.len())?;
    runs_script(&document)
        .then(|| Match::new(Confidence::Certain, start..value.len(), "a page in an address, with script"))
}

const MEDIA_MAX: usize = 128;

/// What a `data:` address holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// A page or script.
    Page,
    /// A picture that may hold script.
    Svg,
    /// Pictures, fonts and the like.
    Other,
}

/// The media type of a `data:` address, if it is one.
pub(super) fn data_media(address: &[u8]) -> Option<Media> {
    let address = trim(address);
    let mut head = [0_u8; MEDIA_MAX];
    let mut length = 0;
    for &byte in address {
        match byte {
            b',' => break,
            b'"' | b'\'' | b'<' | b'>' => return None,
            0..=b' ' => continue,
            _ => {}
        }
        let Some(slot) = head.get_mut(length) else { break };
        *slot = byte.to_ascii_lowercase();
        length += 1;
    }
    let media = head.get(..length)?.strip_prefix(b"data:")?;
    let holds = |part: &[u8]| media.windows(part.len()).any(|window| window == part);
    if holds(b"image/svg") {
        return Some(Media::Svg);
    }
    let is_page = holds(b"html") || holds(b"xml") || holds(b"xsl") || holds(b"script");
    let markup = address.iter().take(MEDIA_MAX).position(|&byte| byte == b',').is_some_and(|comma| {
        // In base64 a `<` at the beginning is `P` and one of sixteen letters.
        holds(b"base64") && matches!(address.get(comma + 1..comma + 3), Some([b'P', b'A'..=b'P']))
    });
    Some(if is_page || (markup && !media.starts_with(b"image/")) { Media::Page } else { Media::Other })
}

/// How an address is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Within the site.
    Relative,
    /// A page of the web, maybe elsewhere.
    Web,
    /// Another scheme.
    Other,
}

/// How an address in an attribute is meant.
pub(super) fn kind(address: &[u8]) -> Kind {
    let address = trim(address);
    let starts = |prefix: &[u8]| address.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if [&b"http:"[..], b"https:", b"//", b"\\\\", b"/\\"].iter().any(|prefix| starts(prefix)) {
        return Kind::Web;
    }
    if starts(b"about:") || starts(b"data:") || starts(b"blob:") {
        return Kind::Relative;
    }
    let letters = address.iter().take(24).take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-').count();
    if letters > 1 && address.get(letters) == Some(&b':') { Kind::Other } else { Kind::Relative }
}

fn trim(address: &[u8]) -> &[u8] {
    let start = address.iter().position(|&byte| byte > b' ').unwrap_or(address.len());
    address.get(start..).unwrap_or_default()
}

/// What base64 holds, as far as it is base64.
fn from_base64(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for &byte in text {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            // A plus sign may have become a space on its way.
            b'+' | b'-' | b' ' => 62,
            b'/' | b'_' => 63,
            b'\t' | b'\n' | b'\r' => continue,
            _ => break,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
