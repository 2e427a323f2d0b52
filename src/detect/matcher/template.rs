//! Values that a template engine on the server would evaluate.
//!
//! A placeholder (`{{ name }}`, `${user.name}`) is everyday: people post templates, mails have
//! merge fields. An attack computes something that no placeholder needs: it calculates with
//! constants, calls into the language below, or walks from an object to its class.
//!
//! # What this does not protect from
//!
//! A placeholder that shows a variable of the application's own which should stay secret, and
//! engines whose expressions need no brackets.

mod expression;

use super::{CodeMatcher, Match};
use crate::rule::Confidence::{self, Certain, Likely};
use expression::Flavour;

/// An expression in the brackets of some engine that computes.
pub(super) static EXPRESSION: CodeMatcher = CodeMatcher { name: "template_expression", find: find_expression };
/// An expression in single braces, as Smarty writes them.
pub(super) static BRACE: CodeMatcher = CodeMatcher { name: "template_brace", find: find_brace };
/// A directive of an engine: `<#assign`, `#set(`, `{php}`.
pub(super) static DIRECTIVE: CodeMatcher = CodeMatcher { name: "template_directive", find: directive };
/// Server-side includes, and those at the edge.
pub(super) static SERVER_INCLUDE: CodeMatcher = CodeMatcher { name: "server_include", find: server_include };

struct Brackets {
    open: &'static [u8],
    close: &'static [u8],
    flavour: Flavour,
}

const fn brackets(open: &'static [u8], close: &'static [u8], flavour: Flavour) -> Brackets {
    Brackets { open, close, flavour }
}

/// Longer ones first where one begins with another.
static BRACKETS: [Brackets; 12] = [
    brackets(b"{{", b"}}", Flavour::Curly),
    brackets(b"{%", b"%}", Flavour::Statement),
    brackets(b"${", b"}", Flavour::Dollar),
    brackets(b"#{", b"}", Flavour::Expression),
    brackets(b"*{", b"}", Flavour::Expression),
    brackets(b"~{", b"}", Flavour::Expression),
    brackets(b"@{", b"}", Flavour::Expression),
    brackets(b"%{", b"}", Flavour::Expression),
    brackets(b"<%", b"%>", Flavour::Scriptlet),
    brackets(b"@(", b")", Flavour::Razor),
    brackets(b"[[", b"]]", Flavour::Square),
    brackets(b"[=", b"]", Flavour::Curly),
];

static BRACE_BRACKETS: [Brackets; 1] = [brackets(b"{", b"}", Flavour::Brace)];

/// Expressions are short; what is longer is a text with brackets in it.
const EXPRESSION_BYTES_MAX: usize = 4096;

fn find_expression(value: &[u8]) -> Option<Match> {
    find(value, &BRACKETS)
}

fn find_brace(value: &[u8]) -> Option<Match> {
    find(value, &BRACE_BRACKETS)
}

fn find(value: &[u8], table: &[Brackets]) -> Option<Match> {
    let mut best: Option<Match> = None;
    let mut closes = [0_usize; BRACKETS.len()];
    let mut prose = None;
    let mut at = 0;
    while let Some(start) = value.get(at..).and_then(|rest| rest.iter().position(|&byte| OPENERS[usize::from(byte)])) {
        let start = at + start;
        at = start + 1;
        let rest = value.get(start..).unwrap_or_default();
        if table.len() > 1 && is_probe(rest) {
            return Some(Match::new(Certain, start..start + 4, "the openers of several template engines in a row"));
        }
        for (index, kind) in table.iter().enumerate().filter(|(_, kind)| rest.starts_with(kind.open)) {
            let inner_start = start + kind.open.len();
            let Some(end) = close_after(value, inner_start, kind.close, closes.get_mut(index)) else { continue };
            // A brace inside ends the shortest reading; the longest is up to the last one nearby.
            let inner = value.get(inner_start..end).unwrap_or_default();
            let whole = start == 0 && end + kind.close.len() >= value.trim_ascii_end().len();
            let Some((mut confidence, structure)) = expression::judge(inner, rest, kind.flavour, whole) else {
                continue;
            };
            // A sum reaches nothing, and texts about templates have them as examples.
            if structure == expression::CALCULATES && !whole && *prose.get_or_insert_with(|| is_prose(value)) {
                confidence = confidence.min(Likely);
            }
            if best.as_ref().is_none_or(|best| best.confidence < confidence) {
                best = Some(Match::new(confidence, start..end + kind.close.len(), structure));
            }
        }
        if best.as_ref().is_some_and(|best| best.confidence == Certain) {
            break;
        }
    }
    best
}

/// How many words make a text out of what stands around an expression.
const PROSE_WORDS_MIN: usize = 6;

/// Whether a value has the words of a text.
fn is_prose(value: &[u8]) -> bool {
    let is_word = |part: &&[u8]| {
        let word = part.trim_ascii_end();
        let word = word.strip_suffix(b".").or_else(|| word.strip_suffix(b",")).unwrap_or(word);
        word.len() > 1 && word.iter().all(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii())
    };
    value.split(u8::is_ascii_whitespace).filter(is_word).nth(PROSE_WORDS_MIN - 1).is_some()
}

/// The first bytes of all brackets.
static OPENERS: [bool; 256] = {
    let mut table = [false; 256];
    let mut index = 0;
    let openers = b"{$#*~%<@[";
    while index < openers.len() {
        table[openers[index] as usize] = true;
        index += 1;
    }
    table
};

/// Where the brackets close. Kept for the openers before that place, so that all searches
/// together pass over the value once.
fn close_after(value: &[u8], from: usize, close: &[u8], known: Option<&mut usize>) -> Option<usize> {
    let known = known?;
    if *known < from {
        let found = memchr::memmem::find(value.get(from..)?, close);
        *known = found.map_or(usize::MAX, |offset| from + offset);
    }
    (*known < value.len() && *known - from <= EXPRESSION_BYTES_MAX).then_some(*known)
}

/// `${{<%[%'"}}%\`: no expression, only a look at which engine fails.
fn is_probe(rest: &[u8]) -> bool {
    let openers = ["${", "{{", "<%", "[%", "#{", "{%", "{#", "@{", "[["];
    let mut rest = rest;
    let mut seen = 0_u16;
    // Each kind once: the same one again and again is a list in a list.
    while let Some(kind) = openers.iter().position(|opener| rest.starts_with(opener.as_bytes())) {
        if seen & (1 << kind) != 0 {
            break;
        }
        seen |= 1 << kind;
        rest = rest.get(openers[kind].len()..).unwrap_or_default();
    }
    let count = seen.count_ones();
    count > 2 || count == 2 && matches!(rest, [b'<' | b'[', b'%', ..])
}

/// Directives that compute, from engines that mark them with a word.
fn directive(value: &[u8]) -> Option<Match> {
    for at in memchr::memchr2_iter(b'#', b'{', value) {
        let rest = value.get(at..)?;
        let before = at.checked_sub(1).and_then(|before| value.get(before)).copied().unwrap_or(0);
        let found = match before {
            b'<' | b'[' if rest.first() == Some(&b'#') => freemarker(rest.get(1..)?),
            _ if rest.first() == Some(&b'#') => velocity(rest.get(1..)?),
            _ => smarty(rest.get(1..)?),
        };
        if let Some((confidence, length)) = found {
            let end = value.len().min(at + 1 + length);
            return Some(Match::new(confidence, at..end, "a directive of a template engine"));
        }
    }
    None
}

fn word_at(rest: &[u8]) -> &[u8] {
    let length = rest.iter().take(40).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    rest.get(..length).unwrap_or_default()
}

/// `<#assign x = ..>`: nobody but FreeMarker writes so.
fn freemarker(rest: &[u8]) -> Option<(Confidence, usize)> {
    let word = word_at(rest);
    let after = rest.get(word.len()).copied()?;
    let computes =
        matches!(word, b"assign" | b"local" | b"global" | b"include" | b"import" | b"function" | b"macro" | b"setting");
    let closes = || rest.iter().take(EXPRESSION_BYTES_MAX).any(|byte| matches!(byte, b'>' | b']'));
    (computes && after.is_ascii_whitespace() && closes()).then_some((Certain, word.len()))
}

/// `#set($x = ..)`, `#evaluate(..)`.
fn velocity(rest: &[u8]) -> Option<(Confidence, usize)> {
    let word = word_at(rest);
    let open = rest.get(word.len()..)?.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let call = rest.get(word.len() + open..)?;
    if call.first() != Some(&b'(') {
        return None;
    }
    let variable = call.get(1..)?.trim_ascii_start().first() == Some(&b'$');
    match word {
        b"set" | b"evaluate" | b"parse" | b"include" | b"foreach" if variable => Some((Certain, word.len())),
        b"evaluate" => Some((Likely, word.len())),
        _ => None,
    }
}

/// `{php}`, `{$smarty.version}`, `{fetch file=..}`.
fn smarty(rest: &[u8]) -> Option<(Confidence, usize)> {
    let word = word_at(rest);
    let after = rest.get(word.len()..)?;
    let found = match word {
        b"php" | b"include_php" => after.first() == Some(&b'}') || after.starts_with(b" "),
        b"" => rest.starts_with(b"$smarty.") || rest.starts_with(b"$smarty["),
        b"fetch" => after.starts_with(b" file="),
        b"self" | b"Smarty_Internal_Write_File" | b"Smarty_Internal_Runtime_WriteFile" => after.starts_with(b"::"),
        _ => false,
    };
    (found && after.iter().take(256).any(|&byte| byte == b'}')).then_some((Certain, word.len()))
}

/// `<!--#exec cmd="..">`, `<esi:include src="..">`.
fn server_include(value: &[u8]) -> Option<Match> {
    for at in memchr::memchr_iter(b'<', value) {
        let rest = value.get(at + 1..)?;
        let found = match rest {
            [b'!', b'-', b'-', comment @ ..] => comment_directive(comment),
            _ => edge_directive(rest.strip_prefix(b"/").unwrap_or(rest)),
        };
        if let Some(confidence) = found {
            return Some(Match::new(confidence, at..value.len().min(at + 32), "a directive for server-side includes"));
        }
    }
    None
}

fn comment_directive(comment: &[u8]) -> Option<Confidence> {
    if comment.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(b"esi")) {
        return Some(Certain);
    }
    let blanks = comment.iter().take(16).take_while(|byte| byte.is_ascii_whitespace()).count();
    let rest = comment.get(blanks..)?.strip_prefix(b"#")?.trim_ascii_start();
    let word = word_at(rest).to_ascii_lowercase();
    let after = rest.get(word.len()..)?;
    let attribute = after.get(..96).unwrap_or(after).contains(&b'=');
    match word.as_slice() {
        b"exec" | b"include" | b"echo" | b"config" | b"set" | b"flastmod" | b"fsize" | b"if" | b"elif" => {
            attribute.then_some(if blanks == 0 { Certain } else { Likely })
        }
        b"printenv" => Some(Certain),
        _ => None,
    }
}

fn edge_directive(rest: &[u8]) -> Option<Confidence> {
    let name = rest.get(..4)?;
    if !name.eq_ignore_ascii_case(b"esi:") {
        return None;
    }
    let word = word_at(rest.get(4..)?).to_ascii_lowercase();
    matches!(
        word.as_slice(),
        b"include"
            | b"inline"
            | b"debug"
            | b"vars"
            | b"assign"
            | b"remove"
            | b"try"
            | b"attempt"
            | b"choose"
            | b"comment"
            | b"function"
            | b"eval"
            | b"text"
            | b"when"
    )
    .then_some(Certain)
}

#[cfg(test)]
mod tests;
