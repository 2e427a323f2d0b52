//! Values that would add a command to a shell's command line.
//!
//! Nominated by what opens a command (`;`, `|`, `&`, a line end, `$(`, a backtick), decided by
//! what follows it: a command that systems have, arguments that such a command takes, and an end
//! that leaves the rest of the line whole. How much of that is asked for depends on the opener:
//! `&` stands in addresses and in names of firms, a backtick marks code in Markdown.
//!
//! # What this does not protect from
//!
//! Commands of one machine only, and a value that is used as a whole command line where any
//! program is welcome. In texts of several lines, which may be scripts that people show each
//! other, only what no such script contains is certain.

mod arguments;
mod command;
mod judge;
mod names;
mod option;
mod proof;
mod script;

use super::{CodeMatcher, Match};
use crate::lexer::shell::{Lexer, Token};
use crate::rule::Confidence::{Certain, Likely};
use arguments::Arguments;
use command::Name;
use judge::{confidence, lines, sentence_before, whole_confidence};
use names::Kind;
pub(super) use option::ARGUMENT;
use proof::{Proof, proof};

/// A command behind something that opens one.
pub(super) static INJECTION: CodeMatcher = CodeMatcher { name: "shell_injection", find: injection };
/// A value that is a command line from its first byte.
pub(super) static WHOLE: CodeMatcher = CodeMatcher { name: "shell_command", find: whole };
/// A function definition in the form by which old versions of bash run what follows it.
pub(super) static FUNCTION_IMPORT: CodeMatcher = CodeMatcher { name: "shell_function_import", find: function_import };

/// What opens a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Opener {
    /// Nothing: the value begins with it.
    Start,
    /// `;`, `||`, `&&`, `|`.
    Strong,
    /// A single `&`.
    Ampersand,
    Line,
    /// `$(`, `<(`.
    Substitution,
    Backtick,
}

/// What the value looks like around the command.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Setting {
    /// A word or two.
    Terse,
    /// A sentence.
    Sentence,
    /// Several lines.
    Lines,
}

fn injection(value: &[u8]) -> Option<Match> {
    let mut best: Option<Match> = None;
    let mut setting = None;
    let mut at = 0;
    let mut words_left = PREFIX_WORDS_MAX + value.len() / 8;
    while let Some((opener, start, after)) = next_opener(value, at) {
        at = after;
        let Some(first) = first_of_command(value, after) else { continue };
        if !may_begin_command(first) && !redirects_first(value, after, first) || is_unknown_word(value, after) {
            continue;
        }
        let Some((name, proof, arguments)) = command_at(value, opener == Opener::Backtick, after, &mut words_left)
        else {
            continue;
        };
        let setting = (*setting.get_or_insert_with(|| lines(value))).max(sentence_before(value, start));
        let place = Place { value, opener, start, after, setting };
        let Some(confidence) = confidence(&place, name, proof, &arguments) else { continue };
        if best.as_ref().is_none_or(|best| best.confidence < confidence) {
            best = Some(Match::new(confidence, start..arguments.end.min(value.len()), structure(opener)));
        }
        if confidence == Certain {
            break;
        }
    }
    best
}

const fn structure(opener: Opener) -> &'static str {
    match opener {
        Opener::Start => "a command line that reaches into the system",
        Opener::Strong | Opener::Ampersand => "ends a shell command and begins another",
        Opener::Line => "begins a new line with a shell command",
        Opener::Substitution | Opener::Backtick => "a command substitution of the shell",
    }
}

struct Place<'a> {
    value: &'a [u8],
    opener: Opener,
    start: usize,
    after: usize,
    setting: Setting,
}

/// The next opener at or after `at`: what it is, where it begins, and where a command could.
fn next_opener(value: &[u8], at: usize) -> Option<(Opener, usize, usize)> {
    let mut at = at;
    loop {
        let offset = value.get(at..)?.iter().position(|&byte| OPENERS[usize::from(byte)])?;
        let start = at + offset;
        let next = value.get(start + 1).copied().unwrap_or(0);
        let found = match value.get(start)? {
            b';' if ends_entity(value, start) => None,
            b'|' | b';' => Some((Opener::Strong, if next == b'|' || next == b'&' { 2 } else { 1 })),
            b'&' if next == b'&' => Some((Opener::Strong, 2)),
            b'&' => Some((Opener::Ampersand, 1)),
            b'\n' | b'\r' => Some((Opener::Line, 1)),
            b'`' if next == b'`' => None,
            b'`' => Some((Opener::Backtick, 1)),
            b'{' => defines_function(value, start).then_some((Opener::Strong, 1)),
            _ if next == b'(' => Some((Opener::Substitution, 2)),
            _ => None,
        };
        match found {
            Some((opener, length)) => return Some((opener, start, start + length)),
            None => at = start + 1,
        }
    }
}

static OPENERS: [bool; 256] = {
    let mut table = [false; 256];
    let mut index = 0;
    let openers = b";|&\n\r`$<>{";
    while index < openers.len() {
        table[openers[index] as usize] = true;
        index += 1;
    }
    table
};

/// `f(){ cat x; }`: the brace behind the name of a function.
fn defines_function(value: &[u8], at: usize) -> bool {
    let before = value.get(at.saturating_sub(4)..at).unwrap_or_default().trim_ascii_end();
    before.ends_with(b"()") && matches!(value.get(at + 1), Some(b' ' | b'\n'))
}

/// The semicolon of `&lt;` or `&#39;` ends no command.
fn ends_entity(value: &[u8], at: usize) -> bool {
    let before = value.get(at.saturating_sub(9)..at).unwrap_or_default();
    memchr::memrchr(b'&', before).is_some_and(|ampersand| {
        let name = before.get(ampersand + 1..).unwrap_or_default();
        let name = name.strip_prefix(b"#").unwrap_or(name);
        name.len() > 1 && name.iter().all(u8::is_ascii_alphanumeric)
    })
}

/// The first byte behind an opener that is no blank.
fn first_of_command(value: &[u8], after: usize) -> Option<u8> {
    value.get(after..)?.iter().copied().find(|&byte| byte != b' ' && byte != b'\t')
}

/// `>a cat x`, `2>&1 id`, and `$(</etc/passwd)`, which reads a file without a command.
fn redirects_first(value: &[u8], after: usize, first: u8) -> bool {
    let behind = || value.get(after..).unwrap_or_default().trim_ascii_start().get(1);
    matches!(first, b'<' | b'>') || first.is_ascii_digit() && matches!(behind(), Some(b'<' | b'>'))
}

/// A plain word that is no command: what most separators are followed by, told without a lexer.
fn is_unknown_word(value: &[u8], after: usize) -> bool {
    let rest = value.get(after..).unwrap_or_default();
    let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
    let rest = rest.get(blanks..).unwrap_or_default();
    let length = rest.iter().take(24).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    if rest.get(length) == Some(&b'=') && length > 0 {
        return is_lone_assignment(rest.get(length + 1..).unwrap_or_default());
    }
    let ends = matches!(rest.get(length), None | Some(b' ' | b';' | b')' | b',' | b':' | b'\n' | b'\r'));
    length > 0 && ends && rest.get(..length).is_some_and(|word| names::kind_of(word).is_none())
}

/// The value of `q=0.9,text/html` up to the end or the next separator: an assignment that runs nothing.
fn is_lone_assignment(value: &[u8]) -> bool {
    let plain = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._,/+-:*".contains(byte);
    let length = value.iter().take(64).take_while(plain).count();
    matches!(value.get(length), None | Some(b';'))
}

const fn may_begin_command(first: u8) -> bool {
    first.is_ascii_alphabetic()
        || matches!(
            first,
            b'/' | b'\\' | b'\'' | b'"' | b'$' | b'{' | b'?' | b'*' | b'%' | b'^' | b'(' | b'!' | b'@' | b'.' | b'~'
        )
}

/// How many words before the names of commands are read in one value, beside one for each eighth byte of it:
/// assignments, `sudo`, redirections.
const PREFIX_WORDS_MAX: usize = 512;

/// Reads a command: the words that only run another one, its name, its arguments.
fn command_at(
    value: &[u8],
    in_backticks: bool,
    after: usize,
    words_left: &mut usize,
) -> Option<(Name, Proof, Arguments)> {
    let lexer = &mut Lexer::at(value, after);
    let mut runs = false;
    loop {
        *words_left = words_left.checked_sub(1)?;
        let word = match lexer.next()? {
            Token::Word(word) => word,
            Token::Open | Token::Quote if !runs => continue,
            // `>a cat /etc/passwd`; `$(</etc/passwd)` needs no command.
            Token::Redirect => {
                let behind = lexer.offset();
                let arguments = arguments::arguments(lexer, in_backticks);
                if arguments.sensitive && arguments.count == 1 {
                    return (!runs).then_some((READS, Proof::Unmistakable, arguments));
                }
                *lexer = Lexer::at(value, behind);
                match lexer.next()? {
                    Token::Word(_) => continue,
                    _ => return None,
                }
            }
            _ => return None,
        };
        if word.expansion && word.bytes().is_empty() {
            if assigned_before(value, after) {
                return Some((READS, Proof::Strong, arguments::arguments(lexer, in_backticks)));
            }
            if names_shell(value.get(after..lexer.offset()).unwrap_or_default()) {
                let arguments = arguments::arguments(lexer, in_backticks);
                return proof(SHELL, &arguments).map(|_| (SHELL, Proof::Unmistakable, arguments));
            }
        }
        if runs && word.bytes().first() == Some(&b'-') {
            continue;
        }
        if matches!(word.bytes(), b"!" | b"{" | b"@" | b"") || is_assignment(word.bytes()) {
            continue;
        }
        let name = command::look_up(&word)?;
        let called = called(lexer) || opens_bracket(value, lexer.offset());
        if lexer.offset() > after && !lexer.odd_blanks && called {
            return None;
        }
        if name.kind == Kind::Runs && !name.unmistakable {
            // `sudo -l` runs nothing, and tells.
            if word.bytes() == b"sudo" {
                let behind = lexer.offset();
                let arguments = arguments::arguments(lexer, in_backticks);
                if arguments.is_options_only() {
                    return Some((name, Proof::Strong, arguments));
                }
                *lexer = Lexer::at(value, behind);
            }
            runs = true;
            continue;
        }
        let odd = lexer.odd_blanks;
        let arguments = arguments::arguments(lexer, in_backticks);
        let unmistakable = name.unmistakable || odd || arguments.odd;
        let proof = if unmistakable && arguments.plain < 4 { Proof::Unmistakable } else { proof(name, &arguments)? };
        return Some((name, proof, arguments));
    }
}

/// `sleep (8 hours)`: no shell takes a bracket behind a command.
fn opens_bracket(value: &[u8], at: usize) -> bool {
    value.get(at..).and_then(|rest| rest.iter().find(|byte| !matches!(byte, b' ' | b'\t'))) == Some(&b'(')
}

/// `find(` and `print (` call a function of some other language.
fn called(lexer: &Lexer<'_>) -> bool {
    matches!(lexer.following(), Some(b'(' | b'=' | b':' | b'.' | b','))
}

/// What a command that we cannot name counts as.
const READS: Name = Name { kind: Kind::Reads, unmistakable: true, plain_word: false, unspoken: false, fetches: false };
/// `$SHELL`, `$0`: the shell itself.
const SHELL: Name = Name { kind: Kind::Shell, ..READS };

/// A variable that holds the name of the shell.
fn names_shell(word: &[u8]) -> bool {
    let word = word.trim_ascii();
    [&b"$SHELL"[..], b"${SHELL}", b"$BASH", b"${BASH}", b"$0", b"${0}"].contains(&word)
}

/// `;a=id;$a`: the command before this one gave a variable its value.
fn assigned_before(value: &[u8], after: usize) -> bool {
    let before = value.get(after.saturating_sub(64)..after.saturating_sub(1)).unwrap_or_default();
    let start = before.iter().rposition(|byte| matches!(byte, b';' | b'&' | b'|' | b'\n')).map_or(0, |at| at + 1);
    before
        .get(start..)
        .map(<[u8]>::trim_ascii_start)
        .is_some_and(|word| is_assignment(word) && !word.iter().any(|byte| byte.is_ascii_whitespace() || *byte == b'('))
}

fn is_assignment(word: &[u8]) -> bool {
    let name = word.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    name > 0 && word.get(name) == Some(&b'=') && word.len() > name + 1
}

fn whole(value: &[u8]) -> Option<Match> {
    let blanks = value.len() - value.trim_ascii_start().len();
    // `'cat /etc/passwd'`: in quotation marks, escaped or not, it is the same line.
    let behind = value.get(blanks..).unwrap_or_default();
    let quotes = behind.iter().take(2).take_while(|byte| matches!(byte, b'\'' | b'"' | b'\\')).count();
    let quoted = quotes > 0
        && memchr::memchr2(b'\'', b'"', behind.get(quotes..).unwrap_or_default())
            .is_some_and(|end| behind.get(quotes + end + 1..).is_some_and(<[u8]>::is_empty));
    let value_start = blanks + if quoted { quotes } else { 0 };
    if !may_begin_command(*value.get(value_start)?) || is_unknown_word(value, value_start) {
        return None;
    }
    let (name, proof, arguments) = command_at(value, false, value_start, &mut (PREFIX_WORDS_MAX + value.len() / 8))?;
    let prose = arguments.plain > 1;
    // No text ends with NUL: it cuts off what the back end puts behind the command.
    let bare = proof == Proof::Bare && name.plain_word;
    // Perl's `open` runs what ends with a pipe, and `;` cuts off what a shell would get behind it.
    let piped = matches!(value.last(), Some(b'|' | b';')) && proof > Proof::Bare && !name.plain_word;
    let cut = !prose && (piped || value.last() == Some(&0) && !bare);
    let confidence = if cut { Certain } else { whole_confidence(name, proof, &arguments, prose)? };
    let confidence = if lines(value) == Setting::Lines { confidence.min(Likely) } else { confidence };
    Some(Match::new(confidence, value_start..arguments.end.min(value.len()), structure(Opener::Start)))
}

/// Whether a string, such as the argument of `system(..)`, is a command line.
pub(super) fn is_command_line(text: &[u8]) -> bool {
    let mut lexer = Lexer::at(text, 0);
    match lexer.next() {
        Some(Token::Word(word)) => command::look_up(&word).is_some(),
        _ => false,
    }
}

/// Whether a bare word, such as the argument of `system(id)`, is a command that needs no other.
pub(super) fn is_bare_command(name: &[u8]) -> bool {
    matches!(names::kind_of(name), Some(Kind::Tells | Kind::TellsShort)) && !names::is_plain_word(name)
}

/// CVE-2014-6271: `() { :;}; command`.
fn function_import(value: &[u8]) -> Option<Match> {
    let start = memchr::memmem::find(value, b"()")?;
    let blank = |byte: &u8| byte.is_ascii_whitespace();
    let before = value.get(..start)?;
    if !before.iter().all(|byte| blank(byte) || matches!(byte, b'"' | b'\'' | b'=' | b'x')) {
        return None;
    }
    let rest = value.get(start + 2..)?.trim_ascii_start();
    let body = rest.strip_prefix(b"{")?;
    let end = memchr::memchr(b'}', body)?;
    let after = body.get(end + 1..)?.trim_ascii_start();
    // CVE-2014-6278 needs no separator, only a parser that goes on: `() { _; } >_[$($())] { id; }`.
    let goes_on = matches!(after.first(), Some(b';' | b'>' | b'&' | b'|'));
    let more = after.iter().skip(1).any(|byte| byte.is_ascii_graphic());
    (goes_on && more)
        .then(|| Match::new(Certain, start..value.len(), "a function that bash imports, and a command behind it"))
}

#[cfg(test)]
mod tests;
