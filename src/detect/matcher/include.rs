//! Values that an `include` or `fopen` would load something else by: stream wrappers, and
//! scripts on another machine.
//!
//! # What this does not protect from
//!
//! A plain URL to a page. Whether an outside address is welcome only the application knows.

use super::{CodeMatcher, Match, shell};
use crate::rule::Confidence::{self, Certain, Likely};

/// `php://filter/..`, `data://..`, `expect://..`.
pub(super) static WRAPPER: CodeMatcher = CodeMatcher { name: "include_wrapper", find: wrapper };
/// A URL or share whose file is a script, called the way that an include needs it.
pub(super) static REMOTE: CodeMatcher = CodeMatcher { name: "include_remote", find: remote };

const URL_BYTES_MAX: usize = 2048;

fn wrapper(value: &[u8]) -> Option<Match> {
    let mut best: Option<Match> = None;
    for colon in memchr::memchr_iter(b':', value).take(64) {
        let length = value
            .get(..colon)?
            .iter()
            .rev()
            .take(24)
            .take_while(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(byte));
        let start = colon - length.count();
        let Some(confidence) = value.get(start..).and_then(|rest| scheme_confidence(rest, colon - start)) else {
            continue;
        };
        // In a sentence or a line of source the wrapper is talked about.
        let before = value.get(start.saturating_sub(256)..start)?.trim_ascii_start();
        let mentioned = before.iter().any(|byte| byte.is_ascii_whitespace() || *byte == b'(');
        let confidence = if mentioned { confidence.min(Likely) } else { confidence };
        let end = value.len().min(start + URL_BYTES_MAX);
        if best.as_ref().is_none_or(|best| best.confidence < confidence) {
            best = Some(Match::new(confidence, start..end, "a stream wrapper in the place of a file name"));
        }
    }
    best
}

/// What a wrapper at the start of `rest` proves; `length` is that of its scheme.
fn scheme_confidence(rest: &[u8], length: usize) -> Option<Confidence> {
    let mut lower = [0_u8; 24];
    let scheme = lower.get_mut(..length)?;
    scheme.iter_mut().zip(rest).for_each(|(to, from)| *to = from.to_ascii_lowercase());
    let after = rest.get(length + 1..)?;
    let slashes = after.iter().take_while(|&&byte| byte == b'/').count();
    let path = after.get(slashes..)?;
    match &*scheme {
        b"php" if slashes > 1 => {
            starts(path, &["filter", "input", "stdin", "fd/", "temp", "memory", "output"]).then_some(Certain)
        }
        b"expect" | b"phar" | b"zip" | b"rar" | b"ogg" | b"zlib" | b"glob" if slashes > 1 => {
            (path.len() > 1).then_some(Certain)
        }
        b"phar" => memchr::memmem::find(path, b".phar").map(|_| Certain),
        b"compress.zlib" | b"compress.bzip2" | b"ssh2.exec" | b"ssh2.shell" if slashes > 1 => Some(Certain),
        b"data" => data(path, slashes),
        // An archive elsewhere or of the system, and a file in it.
        b"jar" => {
            let nested = starts(path, &["file:", "http:", "https:", "ftp:"]);
            (nested && memchr::memmem::find(path, b"!/").is_some()).then_some(Certain)
        }
        b"netdoc" if slashes > 1 => (path.len() > 1).then_some(Certain),
        _ => None,
    }
}

fn starts(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes())))
}

/// `data:` is everyday for pictures; as `data://`, or with PHP inside, it is code.
fn data(path: &[u8], slashes: usize) -> Option<Confidence> {
    let comma = memchr::memchr(b',', path.get(..128).unwrap_or(path))?;
    let (kind, content) = (path.get(..comma)?, path.get(comma + 1..)?.trim_ascii_start());
    if starts(kind, &["image/", "font/", "audio/", "video/"]) {
        return None;
    }
    let encoded = kind.to_ascii_lowercase().ends_with(b"base64");
    // `<?` in base64, by where it stands: at the start of a group of three bytes.
    let code =
        if encoded { starts(content, &["PD9", "PD8", "PDw/"]) } else { memchr::memmem::find(content, b"<?").is_some() };
    (code || slashes > 1).then_some(Certain)
}

fn remote(value: &[u8]) -> Option<Match> {
    let start = value.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let url = value.get(start..value.len().min(start + URL_BYTES_MAX))?;
    let rest = ["http://", "https://", "ftp://", "ftps://", "\\\\", "smb://", "hhttp://", "http:/"]
        .iter()
        .find_map(|scheme| starts(url, &[scheme]).then(|| url.get(scheme.len()..)).flatten())?;
    if rest.trim_ascii_end().iter().any(|byte| matches!(byte, b' ' | b'\n' | b'\t')) {
        return None;
    }
    let slash = rest.iter().position(|&byte| byte == b'/' || byte == b'\\')?;
    let path = rest.get(slash..)?;
    let end = path.iter().position(|byte| matches!(byte, b'?' | 0 | b'#' | b'%')).unwrap_or(path.len());
    let (file, tail) = (path.get(..end)?, path.get(end..)?);
    let name = file.rsplit(|&byte| byte == b'/' || byte == b'\\').next()?.trim_ascii_end();
    let dot = memchr::memrchr(b'.', name)?;
    let (stem, extension) = (name.get(..dot)?.to_ascii_lowercase(), name.get(dot + 1..)?.to_ascii_lowercase());
    let script = extensions(&SCRIPTS, &extension);
    let text = extensions(&TEXTS, &extension);
    let share = url.starts_with(b"\\\\") || starts(url, &["smb:"]);
    // `?` and NUL cut off the ending that the including code appends.
    let cut = matches!(tail, b"?" | b"??" | b"#" | [0, ..]) || starts(tail, &["%00", "?%00"]);
    let commanded = memchr::memchr(b'=', tail).is_some_and(|equals| {
        let argument = tail.get(equals + 1..).unwrap_or_default();
        starts(tail, &["?cmd=", "?c=", "?exec=", "?command=", "?x="]) && shell::is_command_line(argument)
    });
    let shell = WEB_SHELLS.iter().any(|known| stem == known.as_bytes());
    let confidence = match (script, text) {
        (true, _) if share || cut || commanded || shell => Certain,
        (_, true) if cut || commanded || shell => Certain,
        (true, _) | (_, true) if extensions(&SHELL_WORDS, &stem) => Likely,
        _ => return None,
    };
    Some(Match::new(confidence, start..start + url.len(), "a script on another machine, in the place of a file name"))
}

fn extensions(list: &[&str], extension: &[u8]) -> bool {
    list.iter().any(|known| known.as_bytes() == extension)
}

const SCRIPTS: [&str; 14] =
    ["php", "php3", "php4", "php5", "php7", "phtml", "phar", "inc", "asp", "aspx", "jsp", "cgi", "pl", "cfm"];
const TEXTS: [&str; 4] = ["txt", "dat", "log", "tpl"];

/// Scripts that take commands, by names which mean nothing else.
const WEB_SHELLS: [&str; 7] = ["webshell", "c99", "r57", "c100", "b374k", "wso", "revshell"];
/// Words that people call such a script by, and other files too.
const SHELL_WORDS: [&str; 6] = ["shell", "cmd", "backdoor", "evil", "rfi", "exploit"];

#[cfg(test)]
mod tests {
    use super::*;

    fn confidence(value: &str) -> Option<Confidence> {
        let found = wrapper(value.as_bytes()).into_iter().chain(remote(value.as_bytes()));
        found.map(|found| found.confidence).max()
    }

    #[test]
    fn wrappers_and_remote_scripts_are_certain() {
        for value in [
            "php://filter/convert.base64-encode/resource=index.php",
            "PHP://input",
            "pHp://FilTer/read=string.rot13/resource=x",
            "data://text/plain;base64,PD9waHAgc3lzdGVtKCk7Pz4=",
            "data:text/plain;base64,PD9waHAgc3lzdGVtKCk7Pz4=",
            "data:,<?php phpinfo();",
            "data:text/plain,<?=`id`?>",
            "expect://id",
            "zip://uploads/a.jpg#x.php",
            "phar://uploads/a.jpg/x",
            "compress.zlib:///etc/passwd",
            "page=php://filter/resource=/etc/passwd",
            "http://host.example/c99.txt",
            "http://host.example/shell.txt?",
            "http://host.example/a.txt?",
            "https://host.example/x.php?cmd=id",
            "ftp://host.example/x.php?",
            "\\\\10.0.0.1\\share\\x.php",
            "http://host.example/x.txt\0",
        ] {
            assert_eq!(confidence(value), Some(Certain), "{value}");
        }
    }

    #[test]
    fn plain_addresses_and_mentions_are_not() {
        for value in [
            "https://example.org/index.php",
            "https://example.org/index.php?id=5&page=2",
            "https://example.org/robots.txt",
            "https://example.org/shell.txt",
            "https://example.org/docs/cmd.php",
            "https://example.org/photo.jpg",
            "data:image/png;base64,iVBORw0KGgo=",
            "data: text/plain, as it were",
            "read php://input with file_get_contents('php://input')",
            "zip: 12345",
            "I expect: nothing",
            "glob: *.rs",
            "data:text/plain;charset=utf-8,hello",
            "\\\\server\\share\\report.docx",
            "php: a fractal",
            "https://example.org/what?",
        ] {
            assert!(confidence(value) < Some(Certain), "{value}");
        }
    }
}
