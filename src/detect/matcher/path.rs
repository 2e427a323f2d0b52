//! Paths that leave their directory, and paths to files of the system.
//!
//! A value is judged as a path only where a back end could open it as one: it is the path from
//! its first byte to its last, prose around it makes it a mention. How far it climbs and what it
//! reaches decide.
//!
//! # What this does not protect from
//!
//! One step up to a file that looks like an asset, as pages link to each other; and names of
//! files that are secret in one application only.

use super::system_file::{self, Grade};
use super::{CodeMatcher, Match};
use crate::rule::Confidence::{self, Certain, Likely, Weak};

/// `..` and a separator.
pub(super) static CLIMB: CodeMatcher = CodeMatcher { name: "path_climb", find: climb };
/// The same with its dots spelled out as `0x2e`.
pub(super) static CLIMB_HEX: CodeMatcher = CodeMatcher { name: "path_climb_hex", find: climb_hex };
/// The same with its dots behind a lead byte of overlong UTF-8.
pub(super) static CLIMB_OVERLONG: CodeMatcher = CodeMatcher { name: "path_climb_overlong", find: climb_overlong };
/// The same in percent escapes that are left after the value was decoded.
pub(super) static CLIMB_ENCODED: CodeMatcher = CodeMatcher { name: "path_climb_encoded", find: climb_encoded };
/// A file of the operating system by its own name.
pub(super) static SYSTEM_FILE: CodeMatcher = CodeMatcher { name: "path_system_file", find: absolute };

/// What stands between two segments: `/`, `\`, and spellings that broken filters leave behind.
fn separator(bytes: &[u8], after_dots: bool) -> usize {
    match bytes {
        [b'/' | b'\\', ..] => 1,
        [b'0', b'x' | b'X', b'2', b'f' | b'F', ..] | [b'0', b'x' | b'X', b'5', b'c' | b'C', ..] => 4,
        // `%2f` whose percent sign a filter took away.
        [b'2', b'f' | b'F', ..] | [b'5', b'c' | b'C', ..] if after_dots => 2,
        // U+F025 and U+EFC8, which old code pages fold to a slash or backslash.
        [0xEF, 0x80, 0xA5, ..] | [0xEE, 0xBF, 0x88, ..] if after_dots => 3,
        // An overlong lead with a second byte that is no continuation: `C0 2F`, `C1 1C`.
        [0xC0 | 0xC1, b'/' | b'\\' | 0x1C, ..] => 2,
        // The same with an escape behind it that only a careless decoder takes: `C0 %9v`, `%bg%qf`.
        [0xC0 | 0xC1, b'%', rest @ ..] if after_dots && careless_escape(rest) => 4,
        [b'%', a, b, b'%', rest @ ..] if after_dots && !is_hex(*a, *b) && careless_escape(rest) => 6,
        [0xC0, 0xAF, ..] | [0xC1, 0x9C | 0xAF, ..] if after_dots => 2,
        [0xE0, 0x80, 0xAF, ..] | [0xE0, 0x81, 0x9C, ..] if after_dots => 3,
        [b'%', b'2', b'f' | b'F', ..] | [b'%', b'5', b'c' | b'C', ..] if after_dots => 3,
        [b'%', ..] if after_dots && spelled(&SLASHES, bytes) > 0 => spelled(&SLASHES, bytes),
        [b'%', b'u' | b'U', code @ ..] if after_dots && is_slash_code(code) => 6,
        _ => 0,
    }
}

const fn is_hex(a: u8, b: u8) -> bool {
    a.is_ascii_hexdigit() && b.is_ascii_hexdigit()
}

/// Two letters or digits that are no escape, though a per cent sign stands before them.
const fn careless_escape(after_percent: &[u8]) -> bool {
    matches!(after_percent, [a, b, ..] if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() && !is_hex(*a, *b))
}

/// The code points that code pages fold to a slash or backslash, as `%u` has them.
fn is_slash_code(code: &[u8]) -> bool {
    let slashes: [&[u8]; 8] = [b"002f", b"005c", b"2215", b"2216", b"ff0f", b"ff3c", b"efc8", b"f025"];
    code.get(..4).is_some_and(|code| slashes.iter().any(|slash| code.eq_ignore_ascii_case(slash)))
}

/// Overlong and repeated escapes, as a value has them that was encoded once more.
static SLASHES: [&[u8]; 11] = [
    b"%c0%af",
    b"%c1%9c",
    b"%c1%af",
    b"%c0%2f",
    b"%c0%5c",
    b"%e0%80%af",
    b"%e0%81%9c",
    b"%252f",
    b"%255c",
    b"%%32%66",
    b"%%35%63",
];
static DOTS: [&[u8]; 9] =
    [b"%c0%ae", b"%c0%5e", b"%c0%ee", b"%c0%fe", b"%c0%2e", b"%e0%80%ae", b"%252e", b"%uff0e", b"%u002e"];

/// The length of the first of these spellings that the bytes begin with, or 0.
fn spelled(spellings: &[&[u8]], bytes: &[u8]) -> usize {
    let begins = |known: &&&[u8]| bytes.get(..known.len()).is_some_and(|head| head.eq_ignore_ascii_case(known));
    spellings.iter().find(begins).map_or(0, |known| known.len())
}

/// A dot, as `0x2e` or behind an overlong lead too.
fn dot(bytes: &[u8]) -> usize {
    match bytes {
        [b'.', ..] => 1,
        [0xC0, b'.', ..] => 2,
        // Decoders that look at some bits of the second byte only take all of these for one.
        [0xC0, 0xAE | 0x5E | 0xEE | 0xFE, ..] => 2,
        [0xE0, 0x80, 0xAE, ..] => 3,
        [b'%', b'2', b'e' | b'E', ..] => 3,
        [b'%', ..] => spelled(&DOTS, bytes),
        [b'0', b'x' | b'X', b'2', b'e' | b'E', ..] => 4,
        _ => 0,
    }
}

/// A run of steps: `../..//./....\`.
struct Run {
    start: usize,
    end: usize,
    climbs: usize,
    /// Three dots or more, `..;/` and the like: not even a relative link is written so.
    disguised: bool,
    /// A mark in it is spelled out, or followed by what some back end drops: no link at all.
    spelled: bool,
    /// `..;/`, which one server takes for a step and those before it for a name.
    parameter: bool,
}

/// Reads the run of steps that begins at `start`, if it climbs.
fn run_at(value: &[u8], start: usize) -> Option<Run> {
    let mut run = Run { start, end: start, climbs: 0, disguised: false, spelled: false, parameter: false };
    let mut at = start;
    loop {
        let rest = |at: usize| value.get(at..).unwrap_or_default();
        let (mut dots, mut after, mut spelled) = (0, at, false);
        while dot(rest(after)) > 0 {
            spelled |= dot(rest(after)) > 1;
            after += dot(rest(after));
            dots += 1;
        }
        // Tomcat drops `;..`, Windows drops blanks and dots at the end, C stops at NUL; the other
        // marks stand where one escape was taken off, or an address is cut.
        let padding = rest(after)
            .iter()
            .take_while(|byte| dots > 1 && matches!(byte, b';' | b' ' | b'^' | b'%' | b'?' | b'~' | 0..0x20))
            .count();
        let padding = if separator(rest(after + padding), true) > 0 { padding } else { 0 };
        let first = separator(rest(after + padding), dots > 1);
        let single = after + padding + first;
        let mut end = single;
        while separator(rest(end), false) > 0 {
            end += separator(rest(end), false);
        }
        if dots == 0 && first == 0 || first == 0 && !rest(after).is_empty() && !ends_value(rest(after)) {
            break;
        }
        if dots > 1 {
            run.climbs += 1;
            spelled |= padding > 0 && value.get(after) != Some(&b' ') || first > 1;
            // `....//` and `..././` are what a filter of `../` leaves a step of.
            spelled |= dots > 3 && end > single || dots == 3 && matches!(rest(end), [b'.', b'/' | b'\\', ..]);
            run.disguised |= dots > 2 || padding > 0 || spelled;
            run.spelled |= spelled;
            run.parameter |= padding > 0 && value.get(after) == Some(&b';');
        }
        run.end = end;
        if end == at || first == 0 {
            break;
        }
        at = end;
    }
    (run.climbs > 0).then_some(run)
}

const fn ends_value(rest: &[u8]) -> bool {
    matches!(rest, [] | [0 | b'\r' | b'\n' | b'?' | b'#' | b'"' | b'\'', ..])
}

fn climb(value: &[u8]) -> Option<Match> {
    climb_spelled(value, false)
}

fn climb_hex(value: &[u8]) -> Option<Match> {
    let spelled = value.len() <= NAME_BYTES_MAX
        && memchr::memchr2_iter(b'x', b'X', value)
            .any(|at| dot(value.get(at.wrapping_sub(1)..).unwrap_or_default()) == 4);
    spelled.then(|| climb_spelled(value, true)).flatten()
}

fn climb_overlong(value: &[u8]) -> Option<Match> {
    let spelled = value.len() <= NAME_BYTES_MAX
        && (memchr::memchr(0xC0, value).is_some() || memchr::memmem::find(value, b"\xE0\x80\xAE").is_some());
    spelled.then(|| climb_spelled(value, true)).flatten()
}

fn climb_encoded(value: &[u8]) -> Option<Match> {
    let marks: [&[u8]; 11] = [
        b"%2e%2e",
        b"%2e.",
        b".%2e",
        b"..%",
        b"%c0%ae",
        b"%c0%5e",
        b"%c0%ee",
        b"%c0%fe",
        b"%e0%80%ae",
        b"%252e",
        b"%uff0e",
    ];
    let begins = |rest: &[u8]| {
        marks.iter().any(|mark| rest.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark)))
    };
    let spelled =
        value.len() <= NAME_BYTES_MAX && (0..value.len()).any(|at| begins(value.get(at..).unwrap_or_default()));
    spelled.then(|| climb_spelled(value, true)).flatten()
}

fn climb_spelled(value: &[u8], spelled_out: bool) -> Option<Match> {
    let mut best: Option<Match> = None;
    let mut at = 0;
    let mut climbs_before = 0;
    let is_json = matches!(value.trim_ascii_start().first(), Some(b'{' | b'['));
    while let Some(offset) = value.get(at..).and_then(|rest| next_dot(rest, spelled_out)) {
        let start = at + offset;
        let Some(run) = run_at(value, start) else {
            at = start + value.get(start..).unwrap_or_default().iter().take_while(|&&byte| byte == b'.').count().max(1);
            continue;
        };
        at = run.end.max(start + 1);
        let found = judge(value, &run, climbs_before, is_json);
        climbs_before += run.climbs;
        if let Some(found) = found {
            if found.confidence == Certain {
                return Some(found);
            }
            if best.as_ref().is_none_or(|best| best.confidence < found.confidence) {
                best = Some(found);
            }
        }
    }
    best
}

/// Where the next two dots begin. Spelled out (`0x2e0x2e`, `C0 2E C0 2E`) they are looked for in
/// values that could be file names only, and not in long texts.
fn next_dot(rest: &[u8], spelled_out: bool) -> Option<usize> {
    if !spelled_out {
        return memchr::memmem::find(rest, b"..");
    }
    (0..rest.len()).find(|&at| {
        let first = dot(rest.get(at..).unwrap_or_default());
        first > 0 && dot(rest.get(at + first..).unwrap_or_default()) > 0
    })
}

/// No system opens a path much longer than this.
const NAME_BYTES_MAX: usize = 1024;

fn judge(value: &[u8], run: &Run, climbs_before: usize, is_json: bool) -> Option<Match> {
    let before = value.get(run.start.saturating_sub(NAME_BYTES_MAX)..run.start).unwrap_or_default();
    let inner = if is_json { in_json_string(before) } else { None };
    let before = inner.unwrap_or(before);
    let target = value.get(run.end..).unwrap_or_default();
    let target = target.get(..TARGET_BYTES_MAX).unwrap_or(target);
    let climbs = run.climbs + climbs_before;
    let span = run.start..(run.end + target_length(target)).min(value.len());
    let reached = system_file::grade_relative(target);
    let is_path = is_path_before(before) && is_path_after(target);
    let confidence = match (is_path, reached) {
        (true, Some(Grade::System)) => Certain,
        // Settings in JSON name the files that they extend so.
        (true, _) if inner.is_some() => climbing(before, run, climbs, target)?.min(Likely),
        (true, Some(Grade::Server)) => Certain,
        (true, _) => climbing(before, run, climbs, target)?,
        (false, Some(Grade::System)) => Likely,
        (false, _) if climbs > 3 && is_path_before(before) => Likely,
        _ => return None,
    };
    let structure = match reached {
        Some(_) => "a path that leaves its directory, to a file of the server",
        None => "a path that leaves its directory",
    };
    Some(Match::new(confidence, span, structure))
}

/// What stands before a path in its own string, in a value that is JSON with strings in it.
fn in_json_string(before: &[u8]) -> Option<&[u8]> {
    let quote = memchr::memrchr(b'"', before)?;
    let opens = before.get(..quote)?.iter().rev().find(|byte| !byte.is_ascii_whitespace() && **byte != b'\\');
    matches!(opens, Some(b':' | b',' | b'[')).then(|| before.get(quote + 1..))?
}

/// How sure a climb to no file that we know is.
fn climbing(before: &[u8], run: &Run, climbs: usize, target: &[u8]) -> Option<Confidence> {
    // `static/css/../img/x.png` stays inside of what it names.
    let depth = before.split(|&byte| byte == b'/' || byte == b'\\').filter(|part| !part.is_empty() && *part != b".");
    let depth = depth.take(climbs + 3).count();
    let url = memchr::memmem::find(before, b"://").is_some();
    let below = if url { depth.saturating_sub(2) } else { depth };
    let length = target_length(target);
    let cut_short = target.get(length) == Some(&0);
    let disguise = run.disguised && separator_follows(run);
    // Above the root there is nothing: no page links to `/../x`.
    let above_root = !before.is_empty() && before.iter().all(|&byte| separator(&[byte], false) > 0);
    let rooted = matches!(before.first(), Some(b'/' | b'\\'));
    match climbs.saturating_sub(below) {
        _ if cut_short => Some(Certain),
        _ if above_root && (length > 0 || climbs > 1) => Some(Certain),
        _ if run.parameter && begins_segment(before) && !before.is_empty() => Some(Certain),
        1 if run.spelled && separator_follows(run) && begins_segment(before) => {
            Some(if system_file::is_asset(target) { Likely } else { Certain })
        }
        // A rooted path that climbs above its root: no client resolves a link to one.
        1 if rooted && length > 0 && !system_file::is_asset(target) => Some(Certain),
        0 if disguise && climbs > 1 => Some(Likely),
        0 => None,
        _ if disguise && climbs > 1 => Some(Certain),
        1 if system_file::is_asset(target) || target_length(target) == 0 => None,
        1 => Some(Weak),
        2 if system_file::is_asset(target) => Some(Weak),
        3 if system_file::is_asset(target) => Some(Likely),
        _ => Some(Certain),
    }
}

/// Whether a segment can begin behind these bytes.
fn begins_segment(before: &[u8]) -> bool {
    before.last().is_none_or(|byte| matches!(byte, b'/' | b'\\' | b'=' | b':'))
}

const fn separator_follows(run: &Run) -> bool {
    run.end > run.start + 2
}

const TARGET_BYTES_MAX: usize = 512;

/// The length of the path that a run leads to.
fn target_length(target: &[u8]) -> usize {
    let ends = |byte: &u8| matches!(byte, b'\'' | b'"' | b'<' | b'>' | b'|' | b'\n' | b'\r' | 0 | b')' | b'`' | b'&');
    target.iter().position(ends).unwrap_or(target.len())
}

/// Nothing before the path makes it a mention in prose: at most one word, such as `file=`.
fn is_path_before(before: &[u8]) -> bool {
    let before = before.trim_ascii_start();
    // `](../x)` and `href="../x"` are links.
    let link = before.ends_with(b"](") || before.ends_with(b"=\"") || before.ends_with(b"='");
    !link && !before.iter().any(u8::is_ascii_whitespace)
}

fn is_path_after(target: &[u8]) -> bool {
    let length = target_length(target);
    let blanks = target.get(..length).unwrap_or_default().trim_ascii_end();
    blanks.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count() <= 3
}

/// A whole value that is a path to a file of the system, without a step up.
fn absolute(value: &[u8]) -> Option<Match> {
    let trimmed = value.trim_ascii();
    let path = trimmed.strip_prefix(b"\"").or_else(|| trimmed.strip_prefix(b"'")).unwrap_or(trimmed);
    // Rooted, with a drive, or one of the few that are known without their slash.
    let may_be_one = matches!(
        path,
        [b'/' | b'\\' | b'.' | b'~' | b'$' | b'%' | b'e' | b'E' | b'p' | b'P' | b'w' | b'W' | b'm' | b'M', ..]
            | [_, b':' | b'|', ..]
    );
    if !may_be_one {
        return None;
    }
    let start = value.len() - value.trim_ascii_start().len();
    let length = target_length(path);
    let span = start..(start + length.max(1)).min(value.len());
    let path = path.get(..length).filter(|path| path.len() < TARGET_BYTES_MAX && !path.is_empty())?;
    let confidence = match system_file::grade(path)? {
        Grade::System => Certain,
        Grade::Server => Likely,
    };
    let quoted = trimmed.len() > path.len() + 1 && matches!(trimmed.first(), Some(b'"' | b'\''));
    let closed = quoted && !matches!(trimmed.get(path.len() + 2..), Some([] | [0, ..]));
    // `C:\Program Files\Apache Group\..`: names of Windows have blanks, a drive tells them from prose.
    let words_max = if matches!(path, [_, b':', b'\\' | b'/', ..]) { 5 } else { 2 };
    if closed || path.split(u8::is_ascii_whitespace).count() > words_max {
        return None;
    }
    // `/etc/passwd explained`: a word behind the path.
    let mut words = path.split(u8::is_ascii_whitespace);
    let whole = words.next().and_then(<[u8]>::last).is_some_and(u8::is_ascii_alphanumeric);
    let behind = words.next().unwrap_or_default();
    let explained = words_max == 2 && whole && behind.len() > 2 && behind.iter().all(u8::is_ascii_alphabetic);
    let confidence = if explained { confidence.min(Likely) } else { confidence };
    Some(Match::new(confidence, span, "a path to a file of the operating system"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confidence(value: &str) -> Option<Confidence> {
        let found = [climb, climb_hex, climb_overlong, absolute].into_iter().filter_map(|find| find(value.as_bytes()));
        found.map(|found| found.confidence).max()
    }

    #[test]
    fn paths_that_leave_or_reach_are_certain() {
        for value in [
            "../../etc/passwd",
            "..\\..\\..\\windows\\win.ini",
            "/../../../../x",
            "../../../../some/place",
            "....//....//etc/passwd",
            "..;/..;/manager/html",
            "/app/..;/manager/html",
            r#"{"a": {"file": "../../../../etc/passwd"}}"#,
            r#"[{"a": "{\"file\": \"../../../../etc/passwd\"}"}]"#,
            "/a/b/c/..;/d",
            "images/../../../../etc/shadow",
            "../../../../etc/passwd\0.jpg",
            "../../../secret.png\0",
            "..0x2f..0x2f..0x2fetc/passwd",
            "0x2e0x2e/0x2e0x2e/boot.ini",
            "../.env",
            "../config.php",
            "/var/www/images/../../../etc/passwd",
            "file=../../../etc/hosts",
            "/etc/passwd",
            "etc/passwd",
            "/proc/self/environ",
            "/proc/1/cmdline",
            "C:\\Windows\\win.ini",
            "c:/boot.ini",
            "/./././etc/shadow",
            "/var/log/nginx/access.log",
            "/root/.ssh/id_rsa",
            "/home/ann/.ssh/id_ed25519",
            "\\\\..\\\\..\\\\..\\\\etc\\\\passwd",
            "http://host/files/../../../../etc/passwd",
            "/usr/local/apache2/conf/httpd.conf",
            "WEB-INF/web.xml",
            "file:../../../../../../etc/group",
        ] {
            assert_eq!(confidence(value), Some(Certain), "{value:?}");
        }
    }

    #[test]
    fn honest_values_are_not() {
        for value in [
            "../images/logo.png",
            "[source](../../src/lib.rs) shows how",
            "see ../../src/lib.rs for more",
            "static/css/../img/logo.png",
            "http://example.org/a/b/../c.html",
            "1..2",
            r#"{"text": "see ../../../../etc/passwd for that"}"#,
            r#"{"extends": "../../settings/base.json"}"#,
            r#"{"text": "he said \"../x\" to me"}"#,
            "a, b..; c/d",
            "up to 9..; see docs/x",
            "0..=9",
            "wait... what?",
            "f(...args)",
            "and so on.../or not",
            "docs/etc/readme.md",
            "edit /etc/hosts and restart",
            "/etc/passwd explained",
            "/home/ann/photos",
            "/usr/share",
            "/var",
            "C:\\Users\\ann\\report.docx",
            "/etc",
            "etc.",
            "pass/etc/more",
            "/library/books/42",
            "./src/main.rs",
            "a/./b",
            "../",
            "..",
            "/opt/in",
            "/root",
            "import x from '../lib/x'",
        ] {
            assert!(confidence(value) < Some(Certain), "{value:?}");
        }
    }
}
