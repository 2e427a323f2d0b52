//! How sure a command is, by where in the value it stands.

use super::arguments::{Arguments, Tail, arguments};
use super::command::{self, Name};
use super::names::Kind;
use super::proof::{Proof, proof};
use super::script::goes_on_as_script;
use super::{Opener, Place, Setting, is_assignment};
use crate::lexer::shell::{Lexer, Token};
use crate::rule::Confidence::{self, Certain, Likely, Weak};

const WORDS_LOOKED_BACK: usize = 200;

/// How sure the command is, by where it stands.
pub(super) fn confidence(place: &Place<'_>, name: Name, proof: Proof, arguments: &Arguments) -> Option<Confidence> {
    if proof == Proof::Late {
        return Some(Likely);
    }
    if !arguments.ends_cleanly() && proof < Proof::Strong {
        return Some(Weak).filter(|_| proof > Proof::Bare);
    }
    let prose = arguments.is_prose() && name.kind != Kind::Administers && !name.unspoken;
    match place.opener {
        Opener::Start => whole_confidence(name, proof, arguments, prose),
        Opener::Strong | Opener::Ampersand if is_list(place, proof, arguments) => None,
        Opener::Strong if place.value.get(place.start) == Some(&b'|') && name.kind == Kind::Filters => {
            (proof == Proof::Unmistakable && place.setting == Setting::Terse).then_some(Certain)
        }
        Opener::Strong => by_setting(place, name, proof, arguments, prose),
        Opener::Ampersand => ampersand(place, name, proof, arguments, prose),
        Opener::Line => match (place.setting, proof) {
            (Setting::Lines, Proof::Unmistakable) => Some(Likely),
            (Setting::Lines, _) => None,
            (Setting::Sentence, _) => Some(Weak),
            (Setting::Terse, _) if prose => Some(Weak),
            (Setting::Terse, Proof::Bare)
                if name.plain_word || !ends_value(place.value, arguments) || has_blank(place) =>
            {
                Some(Weak)
            }
            (Setting::Terse, Proof::Fits | Proof::Strong) if has_blank(place) => Some(Likely),
            (Setting::Terse, _) => Some(Certain),
        },
        Opener::Substitution => substitution(place, name, proof, arguments),
        Opener::Backtick => backticks(place, name, proof, arguments),
    }
}

fn has_blank(place: &Place<'_>) -> bool {
    let before = place.value.get(..place.start).unwrap_or_default().trim_ascii();
    before.iter().rev().take(WORDS_LOOKED_BACK).any(u8::is_ascii_whitespace)
}

fn by_setting(place: &Place<'_>, name: Name, proof: Proof, arguments: &Arguments, prose: bool) -> Option<Confidence> {
    // A single mark joins the names of a list too.
    let doubled = place.after > place.start + 1;
    let ambiguous = name.plain_word || name.kind == Kind::Shell && place.value.get(place.start) == Some(&b';');
    match (place.setting, proof) {
        (_, Proof::Bare) if ambiguous && !doubled && !is_closed(place, arguments) => Some(Weak),
        (Setting::Terse, Proof::Bare) if !ends_value(place.value, arguments) => Some(Likely),
        // `mine; mkdir there` and `name; id`: words on both sides, and blanks as prose has them.
        (Setting::Terse, Proof::Bare) if arguments.count > 0 && has_blank(place) => Some(Weak),
        (Setting::Terse, Proof::Bare) if !doubled && is_words_list(place) && !begins_with_command(place) => Some(Weak),
        (Setting::Terse, _) if prose => Some(Likely),
        (Setting::Terse, _) => Some(Certain),
        (Setting::Sentence, Proof::Bare | Proof::Late) => Some(Weak),
        (Setting::Sentence, Proof::Unmistakable) => Some(Certain),
        (Setting::Sentence, Proof::Strong | Proof::Fits) => {
            let tells = matches!(
                name.kind,
                Kind::Tells | Kind::TellsShort | Kind::Waits | Kind::Talks | Kind::Connects | Kind::Administers
            );
            Some(if tells && !prose && ends_value(place.value, arguments) { Certain } else { Likely })
        }
        (Setting::Lines, Proof::Unmistakable) => Some(Likely),
        (Setting::Lines, _) => Some(Weak),
    }
}

/// A single `&` joins parameters and names, so that it asks for more.
fn ampersand(place: &Place<'_>, name: Name, proof: Proof, arguments: &Arguments, prose: bool) -> Option<Confidence> {
    let before = place.value.get(..place.start).unwrap_or_default();
    let alone = !before.iter().any(u8::is_ascii_alphabetic);
    // `'&dir` ends a quotation first, `&dir&` goes on behind it: no list of parameters does.
    let spaced = matches!(place.value.get(place.after), Some(b' ' | b'\t'))
        || matches!(before.last(), Some(b'\'' | b'"'))
        || alone && is_between(place, arguments);
    match proof {
        Proof::Bare if alone && spaced && ends_value(place.value, arguments) => Some(Certain),
        Proof::Bare => Some(Weak),
        Proof::Fits if name.kind != Kind::Tells && !alone && !(spaced && is_between(place, arguments)) => Some(Likely),
        _ => by_setting(place, name, proof, arguments, prose),
    }
}

/// `x & del y.txt &`: a command that the next one follows is none of a list of names.
fn is_between(place: &Place<'_>, arguments: &Arguments) -> bool {
    let rest = place.value.get(arguments.end..).unwrap_or_default().trim_ascii();
    arguments.tail == Tail::Separator && rest == b"&"
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
        (Setting::Sentence, Proof::Strong) if matches!(name.kind, Kind::Waits | Kind::Talks | Kind::Connects) => {
            Some(Certain)
        }
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
    let mentioned = before.len() < place.start && is_text(before) || after.first() == Some(&b' ') && is_text(after);
    let follows_opener = matches!(before.last(), Some(b';' | b'|' | b'&'));
    match (place.setting, mentioned && !follows_opener) {
        (Setting::Terse, false) => {
            let vague =
                name.plain_word && proof == Proof::Bare || name.kind == Kind::Interprets && proof < Proof::Strong;
            Some(if vague { Likely } else { Certain })
        }
        (Setting::Lines, _) => None,
        _ => Some(if proof == Proof::Unmistakable { Likely } else { Weak }),
    }
}

/// Whether it holds anything that reads as a word.
fn is_text(text: &[u8]) -> bool {
    let text = text.get(text.len().saturating_sub(WORDS_LOOKED_BACK)..).unwrap_or_default();
    text.windows(2).any(|pair| pair.iter().all(u8::is_ascii_alphabetic))
}

/// Whether nothing but quotes, openers, or another command follows.
fn ends_value(value: &[u8], arguments: &Arguments) -> bool {
    let rest = value.get(arguments.end..).unwrap_or_default();
    let junk = |byte: &u8| b" \t\r\n;|&'\"`#\\()}/0-+*".contains(byte);
    let after = rest.iter().position(|byte| !junk(byte));
    match (arguments.tail, after) {
        (_, None) | (Tail::Comment | Tail::Quote, _) => true,
        (Tail::Separator, Some(at)) => {
            let mut lexer = Lexer::at(value, arguments.end + at);
            matches!(lexer.next(), Some(Token::Word(word)) if command::look_up(&word).is_some() || is_assignment(word.bytes()) || closes_block(word.bytes()))
        }
        _ => false,
    }
}

const fn closes_block(word: &[u8]) -> bool {
    matches!(word, b"fi" | b"done" | b"esac")
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
    let opens = matches!(before.last(), Some(b'(' | b'{' | b'=' | b','))
        && separator == b'|'
        && matches!(arguments.tail, Tail::Separator | Tail::Other);
    let many = before.iter().rev().take(WORDS_LOOKED_BACK).any(|&byte| byte == separator)
        && before.first().is_some_and(u8::is_ascii_alphanumeric);
    let rest = place.value.get(arguments.end..).unwrap_or_default();
    let next = rest.iter().position(|&byte| byte != separator && byte != b' ');
    let goes_on = rest.first() == Some(&separator) || rest.starts_with(&[b' ', separator]);
    let word_follows = next.and_then(|at| rest.get(at)).is_some_and(u8::is_ascii_alphabetic);
    let row = (many || goes_on && word_follows) && !ends_value(place.value, arguments);
    opens || row || many && proof == Proof::Bare && words_only(before, separator)
}

/// `name; id`, `name; id; date`: a word, then `;` and a blank.
fn is_words_list(place: &Place<'_>) -> bool {
    let before = place.value.get(..place.start).unwrap_or_default();
    let before = before.get(before.len().saturating_sub(WORDS_LOOKED_BACK)..).unwrap_or_default();
    let word = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b' ' | b';' | b':');
    place.value.get(place.start) == Some(&b';')
        && matches!(place.value.get(place.after), Some(b' '))
        && before.last().is_some_and(u8::is_ascii_alphabetic)
        && before.iter().all(word)
}

/// `ls; id`: what stands before the separator is a command too, so that the value is a list of them.
fn begins_with_command(place: &Place<'_>) -> bool {
    let mut lexer = Lexer::at(place.value, 0);
    let Some(Token::Word(word)) = lexer.next() else { return false };
    let Some(name) = command::look_up(&word).filter(|name| !name.plain_word) else { return false };
    let first = arguments(&mut lexer, false);
    first.end == place.start && first.tail == Tail::Separator && proof(name, &first).is_some()
}

fn words_only(before: &[u8], separator: u8) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b' ') || *byte == separator;
    before.iter().rev().take(WORDS_LOOKED_BACK).all(word)
}

pub(super) fn lines(value: &[u8]) -> Setting {
    // Blank lines and escaped line ends make no text of several lines.
    let counts = |line: &&[u8]| !matches!(line.trim_ascii(), [] | b"\\");
    let lines = value.split(|&byte| byte == b'\n').filter(counts).take(5).count().saturating_sub(1);
    let fence = lines > 0 && memchr::memmem::find(value, b"```").is_some();
    if fence || lines > 3 && !goes_on_as_script(value) { Setting::Lines } else { Setting::Terse }
}

/// Three words or more before the command make it a sentence.
pub(super) fn sentence_before(value: &[u8], start: usize) -> Setting {
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

fn runs_code(name: Name, arguments: &Arguments) -> bool {
    let inline = ["-e", "-c", "-r", "-ne", "-pe", "/c", "/k", "-command", "-enc", "-encodedcommand"];
    matches!(name.kind, Kind::Interprets | Kind::Shell) && arguments.count > 1 && arguments.first_is(&inline)
}

/// A value that is a command from its first byte: only where it reaches into the system, or
/// hides what it is.
pub(super) fn whole_confidence(name: Name, proof: Proof, arguments: &Arguments, prose: bool) -> Option<Confidence> {
    let tells = matches!(name.kind, Kind::Tells | Kind::TellsShort | Kind::Reads | Kind::Changes);
    match proof {
        // `net user x y /add`, `reg add HKLM\..`: nothing but a command.
        Proof::Strong if name.kind == Kind::Administers && (1..5).contains(&arguments.plain) && arguments.count > 2 => {
            Some(Certain)
        }
        _ if prose => None,
        // `perl -e '..'`, `cmd /c dir`: code handed to what runs it.
        Proof::Strong if runs_code(name, arguments) => Some(Certain),
        // `certutil -urlcache -f http://..`: a tool of the system that fetches a file.
        Proof::Strong if name.fetches && arguments.flags > 0 && arguments.addresses > 0 => Some(Certain),
        // `/usr/bin/id` names a program that only tells; `/bin/bash` may be a setting.
        Proof::Unmistakable if arguments.count == 0 && tells => Some(Certain),
        Proof::Strong if tells && arguments.flags > 0 && arguments.paths > 0 && arguments.plain == 0 => Some(Certain),
        Proof::Unmistakable if arguments.count > 0 || arguments.odd => Some(Certain),
        Proof::Unmistakable => Some(Likely),
        _ => None,
    }
}
