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
use crate::lexer::shell::{Lexer, Redirection, Token, Word};
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
    let mut bytes_left = BYTES_FOR_EACH * value.len();
    while let Some((opener, start, after)) = next_opener(value, at) {
        at = after;
        let Some(first) = first_of_command(value, after) else { continue };
        if !may_begin_command(first) && !redirects_first(value, after, first) || is_unknown_word(value, after) {
            continue;
        }
        let mut lexer = Lexer::within(value, after_blanks(value, after), bytes_left.max(COMMAND_BYTES_MIN));
        let command = command_at(value, opener == Opener::Backtick, after, &mut lexer);
        bytes_left = bytes_left.saturating_sub(lexer.offset() - after);
        let Some((name, proof, arguments)) = command else { continue };
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
    // What was read in part only is told, and not passed over.
    let unread = || Match::new(Likely, 0..value.len(), "more commands inside of commands than are read");
    best.or_else(|| (bytes_left == 0 && !value.is_empty()).then(unread))
}

/// How often all commands of one value together may read it. Commands do not overlap, save where
/// openers stand inside of quotations and of each other.
const BYTES_FOR_EACH: usize = 8;

/// How much is read of a command when that is used up.
const COMMAND_BYTES_MIN: usize = 128;

/// Where a command begins that blanks stand before.
fn after_blanks(value: &[u8], after: usize) -> usize {
    let rest = value.get(after..).unwrap_or_default();
    after + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
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
        return !rest.starts_with(SEPARATORS) && is_lone_assignment(rest.get(length + 1..).unwrap_or_default());
    }
    let ends = matches!(rest.get(length), None | Some(b' ' | b';' | b')' | b',' | b':' | b'\n' | b'\r' | b'&' | b'|'));
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

/// The variable that says what separates words: nobody sets it in passing.
const SEPARATORS: &[u8] = b"IFS=";

type Command = (Name, Proof, Arguments);

/// Reads a command: the words that only run another one, its name, its arguments.
fn command_at(value: &[u8], in_backticks: bool, after: usize, lexer: &mut Lexer<'_>) -> Option<Command> {
    let start = lexer.offset();
    let mut prefix = Prefix::default();
    loop {
        let word = match lexer.next() {
            Some(Token::Word(word)) => word,
            Some(Token::Open | Token::Quote) if !prefix.runs => continue,
            Some(Token::Open | Token::Backtick) if prefix.evaluates => {
                return Some((SHELL, Proof::Strong, Arguments::none(lexer)));
            }
            Some(Token::Redirect(Redirection::Duplicates)) => continue,
            Some(Token::Redirect(_)) => match lexer.next()? {
                Token::Word(file) => {
                    prefix.redirects_system_file |= arguments::is_sensitive(&file);
                    continue;
                }
                _ => return None,
            },
            // `$(</etc/passwd)` and `>/etc/passwd` need no command.
            _ if prefix.redirects_system_file && !prefix.runs => {
                return Some((READS, Proof::Unmistakable, Arguments::none(lexer)));
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
        if word.bytes().starts_with(SEPARATORS) && !prefix.runs {
            return Some((READS, Proof::Strong, Arguments::none(lexer)));
        }
        if prefix.takes(&word) {
            continue;
        }
        let name = command::look_up(&word)?;
        if evaluates_in_brackets(&word, lexer) {
            return Some((SHELL, Proof::Strong, Arguments::none(lexer)));
        }
        let called = called(lexer) || opens_bracket(value, lexer.offset());
        if lexer.offset() > start && !lexer.odd_blanks && called {
            return None;
        }
        let only_runs = name.kind == Kind::Runs && !name.unmistakable;
        if only_runs || command::may_run_another(&word) && runs_another(lexer) {
            // `sudo -l` runs nothing, and tells.
            if word.bytes() == b"sudo" && !prefix.runs {
                let behind = lexer.offset();
                let arguments = arguments::arguments(lexer, in_backticks);
                if arguments.is_options_only() {
                    return Some((name, Proof::Strong, arguments));
                }
                lexer.back_to(behind);
            }
            prefix.runs = true;
            prefix.evaluates = matches!(word.bytes(), b"eval" | b"exec");
            continue;
        }
        let odd = lexer.odd_blanks;
        let mut arguments = arguments::arguments(lexer, in_backticks);
        arguments.sensitive |= prefix.redirects_system_file;
        let unmistakable = name.unmistakable || odd || arguments.odd;
        let proof = if unmistakable && arguments.plain < 4 { Proof::Unmistakable } else { proof(name, &arguments)? };
        return Some((name, proof, arguments));
    }
}

/// What stands before the name of a command.
#[derive(Default)]
struct Prefix {
    /// A word that only runs what follows: `sudo`, `then`.
    runs: bool,
    /// And runs even what another command prints: `eval $(..)`.
    evaluates: bool,
    /// `</etc/passwd`, `>/etc/passwd`.
    redirects_system_file: bool,
}

impl Prefix {
    /// Whether a word is no name of a command yet: an assignment, a mark, an option of what runs it.
    fn takes(&self, word: &Word) -> bool {
        let option = word.bytes().first() == Some(&b'-') || arguments::is_number(word.bytes());
        self.runs && option || matches!(word.bytes(), b"!" | b"{" | b"@" | b"") || is_assignment(word.bytes())
    }
}

/// Whether a known command follows the options of one that may run another: `env -i a=b id`.
fn runs_another(lexer: &mut Lexer<'_>) -> bool {
    let behind = lexer.offset();
    let prefix = Prefix { runs: true, ..Prefix::default() };
    let words = lexer.map_while(|token| match token {
        Token::Word(word) => Some(word),
        _ => None,
    });
    let named = words.take(RUNNER_WORDS_MAX).find(|word| !prefix.takes(word));
    lexer.back_to(behind);
    named.and_then(|word| command::look_up(&word)).is_some_and(|name| !name.plain_word)
}

/// More options has no `env` and no `timeout`.
const RUNNER_WORDS_MAX: usize = 24;

/// `iex (iwr http://..)`: PowerShell runs what the command in the brackets answers.
fn evaluates_in_brackets(word: &Word, lexer: &mut Lexer<'_>) -> bool {
    if ![&b"iex"[..], b"invoke-expression"].iter().any(|name| word.bytes().eq_ignore_ascii_case(name)) {
        return false;
    }
    let behind = lexer.offset();
    let fetches = matches!(lexer.next(), Some(Token::Open))
        && matches!(lexer.next(), Some(Token::Word(word)) if command::look_up(&word).is_some());
    lexer.back_to(behind);
    fetches
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
const READS: Name =
    Name { kind: Kind::Reads, unmistakable: true, plain_word: false, unspoken: false, fetches: false, escaped: false };
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
    let (name, proof, arguments) = command_at(value, false, value_start, &mut Lexer::at(value, value_start))?;
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
