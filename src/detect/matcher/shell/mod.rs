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

mod command;

use super::{CodeMatcher, Match};
use crate::lexer::shell::{Lexer, Token};
use crate::rule::Confidence::{self, Certain, Likely, Weak};
use command::{Arguments, Kind, Name, Tail};

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

/// How much a command with its arguments proves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Proof {
    /// The name alone, short or ambiguous.
    Bare,
    /// A name that is no word, or arguments that fit.
    Fits,
    /// Arguments that only this command takes.
    Strong,
    /// Disguised, the path of a binary, or a file that nobody names in passing.
    Unmistakable,
}

const WORDS_LOOKED_BACK: usize = 200;

fn injection(value: &[u8]) -> Option<Match> {
    let mut best: Option<Match> = None;
    let mut setting = None;
    let mut at = 0;
    while let Some((opener, start, after)) = next_opener(value, at) {
        at = after;
        let Some(first) = first_of_command(value, after) else { continue };
        if !may_begin_command(first) {
            continue;
        }
        let mut lexer = Lexer::at(value, after);
        let Some((name, proof, arguments)) = command_at(&mut lexer, opener == Opener::Backtick, after) else {
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
            b'`' => Some((Opener::Backtick, 1)),
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
    let openers = b";|&\n\r`$<>";
    while index < openers.len() {
        table[openers[index] as usize] = true;
        index += 1;
    }
    table
};

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
    value.get(after..)?.iter().take(32).copied().find(|&byte| byte != b' ' && byte != b'\t')
}

const fn may_begin_command(first: u8) -> bool {
    first.is_ascii_alphabetic()
        || matches!(
            first,
            b'/' | b'\\' | b'\'' | b'"' | b'$' | b'{' | b'?' | b'*' | b'%' | b'^' | b'(' | b'!' | b'@' | b'.' | b'~'
        )
}

/// Reads a command: the words that only run another one, its name, its arguments.
fn command_at(lexer: &mut Lexer<'_>, in_backticks: bool, after: usize) -> Option<(Name, Proof, Arguments)> {
    let mut runs = false;
    for _ in 0..4 {
        let word = match lexer.next()? {
            Token::Word(word) => word,
            Token::Open | Token::Quote if !runs => continue,
            _ => return None,
        };
        if matches!(word.bytes(), b"!" | b"{" | b"@" | b"") || is_assignment(word.bytes()) {
            continue;
        }
        let name = command::look_up(&word)?;
        if lexer.offset() > after && !lexer.odd_blanks && called(lexer) {
            return None;
        }
        if name.kind == Kind::Runs && !name.unmistakable {
            runs = true;
            continue;
        }
        let odd = lexer.odd_blanks;
        let arguments = command::arguments(lexer, in_backticks);
        let unmistakable = name.unmistakable || odd || arguments.odd;
        let proof = if unmistakable && arguments.plain < 4 { Proof::Unmistakable } else { proof(name, &arguments)? };
        return Some((name, proof, arguments));
    }
    None
}

/// `find(` and `print (` call a function of some other language.
fn called(lexer: &Lexer<'_>) -> bool {
    matches!(lexer.following(), Some(b'(' | b'=' | b':' | b'.' | b','))
}

fn is_assignment(word: &[u8]) -> bool {
    let name = word.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    name > 0 && word.get(name) == Some(&b'=') && word.len() > name + 1
}

/// What a command with these arguments proves; nothing when no shell would run it so.
fn proof(name: Name, arguments: &Arguments) -> Option<Proof> {
    let has = |count: usize| count > 0;
    if arguments.foreign || arguments.plain > 3 && !arguments.sensitive {
        return None;
    }
    if arguments.sensitive {
        return Some(Proof::Unmistakable);
    }
    let file = has(arguments.paths) || has(arguments.files);
    let vague = arguments.dynamic || arguments.substitution || arguments.redirect;
    let flagged = has(arguments.flags) && arguments.plain < 2;
    let fits = |is: bool, proof: Proof| is.then_some(proof);
    match name.kind {
        Kind::Tells | Kind::TellsShort if arguments.count == 0 => {
            Some(if name.kind == Kind::Tells { Proof::Fits } else { Proof::Bare })
        }
        Kind::Tells | Kind::TellsShort => match (flagged || file, vague, arguments.plain) {
            (true, ..) => Some(Proof::Strong),
            (_, true, 0) => Some(Proof::Fits),
            (_, _, 1) if !name.plain_word && arguments.count == 1 => Some(Proof::Bare),
            _ => None,
        },
        Kind::Reads => match (has(arguments.paths), has(arguments.files) || flagged, vague) {
            (true, ..) => Some(Proof::Strong),
            (_, true, _) if arguments.plain < 2 => Some(Proof::Fits),
            (_, _, true) if arguments.plain == 0 => Some(Proof::Fits),
            _ => None,
        },
        Kind::Talks => fits(
            has(arguments.addresses) || flagged || vague && arguments.plain < 2,
            if has(arguments.addresses) { Proof::Strong } else { Proof::Fits },
        ),
        Kind::Shell if arguments.count == 0 && !arguments.redirect => Some(Proof::Bare),
        Kind::Shell => fits(flagged || file || arguments.redirect, Proof::Strong),
        Kind::Interprets => fits(flagged || file && arguments.plain == 0, Proof::Strong),
        Kind::Waits => fits((has(arguments.numbers) || vague || flagged) && arguments.plain == 0, Proof::Strong),
        Kind::Prints if arguments.plain < 2 => {
            fits(arguments.count > 0 || vague, if vague { Proof::Strong } else { Proof::Fits })
        }
        Kind::Prints => None,
        Kind::Changes => match (flagged || has(arguments.paths), has(arguments.files)) {
            (true, _) => Some(Proof::Strong),
            (_, true) if arguments.plain < 2 => Some(Proof::Fits),
            _ => None,
        },
        Kind::Filters => fits(has(arguments.paths) && arguments.plain < 2, Proof::Fits),
        Kind::Administers => fits(arguments.first_is(&ADMINISTERED) || flagged, Proof::Strong),
        Kind::Runs => None,
    }
}

/// What `net`, `reg`, `wmic`, `ip`, `sc` and `systemctl` are told to do.
const ADMINISTERED: [&str; 26] = [
    "user",
    "users",
    "localgroup",
    "group",
    "view",
    "share",
    "use",
    "accounts",
    "config",
    "session",
    "statistics",
    "query",
    "add",
    "process",
    "os",
    "service",
    "useraccount",
    "a",
    "addr",
    "address",
    "route",
    "link",
    "print",
    "list",
    "firewall",
    "computersystem",
];

/// How sure the command is, by where it stands.
fn confidence(place: &Place<'_>, name: Name, proof: Proof, arguments: &Arguments) -> Option<Confidence> {
    if !arguments.ends_cleanly() && proof < Proof::Strong {
        return Some(Weak).filter(|_| proof > Proof::Bare);
    }
    let prose = arguments.plain > 1 && !arguments.sensitive || arguments.plain > 3;
    match place.opener {
        Opener::Start => whole_confidence(proof, arguments, prose),
        Opener::Strong | Opener::Ampersand if is_list(place, proof, arguments) => None,
        Opener::Strong if place.value.get(place.start) == Some(&b'|') && name.kind == Kind::Filters => {
            (proof == Proof::Unmistakable && place.setting == Setting::Terse).then_some(Certain)
        }
        Opener::Strong => by_setting(place, name, proof, arguments),
        Opener::Ampersand => ampersand(place, name, proof, arguments),
        Opener::Line => match (place.setting, proof) {
            (Setting::Lines, Proof::Unmistakable) => Some(Likely),
            (Setting::Lines, _) => None,
            (Setting::Sentence, _) => Some(Weak),
            (Setting::Terse, _) if prose => Some(Weak),
            (Setting::Terse, Proof::Bare) if name.plain_word || !ends_value(place.value, arguments) => Some(Weak),
            (Setting::Terse, _) => Some(Certain),
        },
        Opener::Substitution => substitution(place, name, proof, arguments),
        Opener::Backtick => backticks(place, name, proof, arguments),
    }
}

fn by_setting(place: &Place<'_>, name: Name, proof: Proof, arguments: &Arguments) -> Option<Confidence> {
    let prose = arguments.plain > 1 && !arguments.sensitive;
    match (place.setting, proof) {
        (_, Proof::Bare)
            if name.plain_word && place.value.get(place.start) == Some(&b';') && !is_closed(place, arguments) =>
        {
            Some(Weak)
        }
        (Setting::Terse, Proof::Bare) if !ends_value(place.value, arguments) => Some(Likely),
        (Setting::Terse, _) if prose => Some(Likely),
        (Setting::Terse, _) => Some(Certain),
        (Setting::Sentence, Proof::Bare) => Some(Weak),
        (Setting::Sentence, Proof::Unmistakable) => Some(Certain),
        (Setting::Sentence, Proof::Strong | Proof::Fits) => {
            let tells =
                matches!(name.kind, Kind::Tells | Kind::TellsShort | Kind::Waits | Kind::Talks | Kind::Administers);
            Some(if tells && !prose && ends_value(place.value, arguments) { Certain } else { Likely })
        }
        (Setting::Lines, Proof::Unmistakable) => Some(Likely),
        (Setting::Lines, _) => Some(Weak),
    }
}

/// A single `&` joins parameters and names, so that it asks for more.
fn ampersand(place: &Place<'_>, name: Name, proof: Proof, arguments: &Arguments) -> Option<Confidence> {
    let before = place.value.get(..place.start).unwrap_or_default();
    let alone = !before.iter().any(u8::is_ascii_alphabetic);
    let spaced = matches!(place.value.get(place.after), Some(b' ' | b'\t'));
    match proof {
        Proof::Bare if alone && spaced && !name.plain_word && ends_value(place.value, arguments) => Some(Certain),
        Proof::Bare => Some(Weak),
        Proof::Fits if name.kind != Kind::Tells && !alone => Some(Likely),
        _ => by_setting(place, name, proof, arguments),
    }
}

fn substitution(place: &Place<'_>, name: Name, proof: Proof, arguments: &Arguments) -> Option<Confidence> {
    // `$(id).show()` is JavaScript, `$(pwd)` in a script is everyday.
    let after = place.value.get(arguments.end + 1).copied();
    let closed =
        matches!(arguments.tail, Tail::Close | Tail::Separator | Tail::End | Tail::Quote) || arguments.substitution;
    match (place.setting, proof) {
        (_, Proof::Bare) if after == Some(b'.') => None,
        _ if !closed => Some(Weak),
        (Setting::Terse, Proof::Bare) if name.plain_word && name.kind != Kind::TellsShort => Some(Likely),
        (Setting::Terse, _) => Some(Certain),
        (_, Proof::Unmistakable) => Some(if place.setting == Setting::Lines { Likely } else { Certain }),
        (Setting::Sentence, Proof::Strong) if matches!(name.kind, Kind::Waits | Kind::Talks) => Some(Certain),
        (Setting::Sentence, _) => Some(Likely),
        (Setting::Lines, _) => None,
    }
}

/// Markdown marks code so: words around the backticks make it a mention.
fn backticks(place: &Place<'_>, name: Name, proof: Proof, arguments: &Arguments) -> Option<Confidence> {
    if arguments.tail != Tail::Backtick && !arguments.substitution {
        return None;
    }
    let before = place.value.get(..place.start).unwrap_or_default().trim_ascii_end();
    let after = place.value.get(arguments.end + 1..).unwrap_or_default();
    let mentioned = words(before) > 0 && before.len() < place.start || words(after) > 0;
    let follows_opener = matches!(before.last(), Some(b';' | b'|' | b'&'));
    match (place.setting, mentioned && !follows_opener) {
        (Setting::Terse, false) => Some(if name.plain_word && proof == Proof::Bare { Likely } else { Certain }),
        (Setting::Lines, _) => None,
        _ => Some(if proof == Proof::Unmistakable { Likely } else { Weak }),
    }
}

/// Whether nothing but quotes, openers, or another command follows.
fn ends_value(value: &[u8], arguments: &Arguments) -> bool {
    let rest = value.get(arguments.end..).unwrap_or_default();
    let junk = |byte: &u8| b" \t\r\n;|&'\"`#\\)}/0-+*".contains(byte);
    let after = rest.iter().position(|byte| !junk(byte));
    match (arguments.tail, after) {
        (_, None) | (Tail::Comment | Tail::Quote, _) => true,
        (Tail::Separator, Some(at)) => {
            let mut lexer = Lexer::at(value, arguments.end + at);
            matches!(lexer.next(), Some(Token::Word(word)) if command::look_up(&word).is_some() || is_assignment(word.bytes()))
        }
        _ => false,
    }
}

/// `;set;` and `|dir|`: closed on both sides, with nothing before or after.
fn is_closed(place: &Place<'_>, arguments: &Arguments) -> bool {
    let before = place.value.get(..place.start).unwrap_or_default();
    !before.iter().any(u8::is_ascii_alphabetic) && ends_value(place.value, arguments)
}

/// `name|id|email`, `|id| id + 1`, `| id | name |`: a list, a closure, a row of a table.
fn is_list(place: &Place<'_>, proof: Proof, arguments: &Arguments) -> bool {
    if proof > Proof::Fits || arguments.count > 1 {
        return false;
    }
    let separator = place.value.get(place.start).copied().unwrap_or(0);
    let before = place.value.get(..place.start).unwrap_or_default().trim_ascii_end();
    let opens = matches!(before.last(), Some(b'(' | b'{' | b'=' | b',')) && separator == b'|';
    let many = before.iter().rev().take(WORDS_LOOKED_BACK).any(|&byte| byte == separator)
        && before.first().is_some_and(u8::is_ascii_alphanumeric);
    let rest = place.value.get(arguments.end..).unwrap_or_default();
    let next = rest.iter().position(|&byte| byte != separator && byte != b' ');
    let goes_on = rest.first() == Some(&separator) || rest.starts_with(&[b' ', separator]);
    let word_follows = next.and_then(|at| rest.get(at)).is_some_and(u8::is_ascii_alphabetic);
    let row = (many || goes_on && word_follows) && !ends_value(place.value, arguments);
    opens || row || many && proof == Proof::Bare && words_only(before, separator)
}

fn words_only(before: &[u8], separator: u8) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b' ') || *byte == separator;
    before.iter().rev().take(WORDS_LOOKED_BACK).all(word)
}

fn lines(value: &[u8]) -> Setting {
    let lines = memchr::memchr_iter(b'\n', value.trim_ascii()).take(4).count();
    if lines > 3 { Setting::Lines } else { Setting::Terse }
}

/// Three words or more before the command make it a sentence.
fn sentence_before(value: &[u8], start: usize) -> Setting {
    let before = value.get(start.saturating_sub(WORDS_LOOKED_BACK)..start).unwrap_or_default();
    if words(before) > 2 { Setting::Sentence } else { Setting::Terse }
}

/// Words of prose: letters, with blanks around them.
fn words(text: &[u8]) -> usize {
    let text = text.get(..WORDS_LOOKED_BACK).unwrap_or(text);
    let word = |word: &&[u8]| {
        word.len() > 1
            && word.iter().all(|byte| byte.is_ascii_alphabetic() || b",.!?:'\"".contains(byte) || *byte > 127)
    };
    text.split(u8::is_ascii_whitespace).filter(word).count()
}

fn whole(value: &[u8]) -> Option<Match> {
    let value_start = value.len() - value.trim_ascii_start().len();
    if !may_begin_command(*value.get(value_start)?) {
        return None;
    }
    let mut lexer = Lexer::at(value, value_start);
    let (_, proof, arguments) = command_at(&mut lexer, false, value_start)?;
    let prose = arguments.plain > 1;
    let confidence = whole_confidence(proof, &arguments, prose)?;
    let confidence = if lines(value) == Setting::Lines { confidence.min(Likely) } else { confidence };
    Some(Match::new(confidence, value_start..arguments.end.min(value.len()), structure(Opener::Start)))
}

/// A value that is a command from its first byte: only where it reaches into the system, or
/// hides what it is.
fn whole_confidence(proof: Proof, arguments: &Arguments, prose: bool) -> Option<Confidence> {
    match proof {
        _ if prose => None,
        Proof::Unmistakable if arguments.count > 0 || arguments.odd => Some(Certain),
        Proof::Unmistakable => Some(Likely),
        _ => None,
    }
}

/// Whether a string, such as the argument of `system(..)`, is a command line.
pub(super) fn is_command_line(text: &[u8]) -> bool {
    let mut lexer = Lexer::at(text, 0);
    match lexer.next() {
        Some(Token::Word(word)) => command::look_up(&word).is_some(),
        _ => false,
    }
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
