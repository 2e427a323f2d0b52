//! The commands that systems have, and what their arguments look like.
//!
//! A name alone proves little, since half of them are English words; the table says what a
//! command needs beside it to be one.

use crate::detect::matcher::system_file::{self, Grade};
use crate::lexer::shell::{Lexer, Token, Word};

/// What a command does, and with that which arguments it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Tells about the system; needs no argument, and is no word of any language.
    Tells,
    /// The same, but short or also a word.
    TellsShort,
    /// Reads files.
    Reads,
    /// Talks to another machine.
    Talks,
    /// A shell, which runs without an argument too.
    Shell,
    /// An interpreter, which needs code or a script.
    Interprets,
    /// Waits; needs a number.
    Waits,
    /// Prints its arguments.
    Prints,
    /// Changes files or processes.
    Changes,
    /// Works on what is piped through it.
    Filters,
    /// `net` and `reg`: a first argument from a short list.
    Administers,
    /// Opens a connection: a host and a port.
    Connects,
    /// Gives a variable its value.
    Assigns,
    /// Windows's loop, which runs the command in its brackets: `for /f %i in ('dir') do`.
    Loops,
    /// Runs the command that follows it.
    Runs,
}

use Kind::*;

/// Sorted by name, for a binary search.
#[rustfmt::skip]
static COMMANDS: &[(&str, Kind)] = &[
    ("adduser", Changes), ("alias", Assigns), ("apt", Changes), ("apt-get", Administers), ("aria2c", Talks),
    ("arp", TellsShort), ("ash", Shell), ("awk", Filters), ("axel", Talks), ("base32", Reads), ("base64", Reads),
    ("bash", Shell), ("bitsadmin", Talks), ("builtin", Runs), ("bunzip2", Reads), ("busybox", Runs), ("call", Runs),
    ("cat", Reads), ("cd", Changes), ("certutil", Talks), ("chgrp", Changes), ("chmod", Changes), ("chown", Changes),
    ("cmd", Shell), ("command", Runs), ("copy", Changes), ("cp", Changes), ("crontab", Changes),
    ("cscript", Interprets), ("csh", Shell), ("curl", Talks), ("cut", Filters), ("dash", Shell), ("date", TellsShort),
    ("dd", Changes), ("declare", Assigns), ("del", Changes), ("df", TellsShort), ("diff", Reads), ("dig", Talks),
    ("dir", TellsShort), ("dmesg", Tells), ("do", Runs), ("du", TellsShort), ("echo", Prints), ("ed", Reads),
    ("egrep", Filters), ("else", Runs), ("env", TellsShort), ("erase", Changes), ("eval", Runs), ("ex", Reads),
    ("exec", Runs), ("export", Assigns), ("expr", Prints), ("fetch", Talks), ("fgrep", Filters), ("file", Reads),
    ("find", Reads), ("findstr", Filters), ("finger", Talks), ("fold", Reads), ("for", Loops), ("ftp", Talks),
    ("gawk", Filters), ("gcc", Changes), ("getent", Tells), ("grep", Filters), ("groups", TellsShort),
    ("gunzip", Reads), ("gzip", Reads), ("halt", TellsShort), ("hd", Reads), ("head", Reads), ("hexdump", Reads),
    ("history", TellsShort), ("host", Talks), ("hostname", Tells), ("icacls", Changes), ("id", TellsShort),
    ("if", Runs), ("ifconfig", Tells), ("ip", Administers), ("ipconfig", Tells), ("iptables", Tells),
    ("java", Interprets), ("kill", Changes), ("killall", Changes), ("ksh", Shell), ("last", TellsShort),
    ("lastlog", Tells), ("less", Reads), ("ln", Changes), ("locate", Reads), ("ls", TellsShort),
    ("lsb_release", Tells), ("lsblk", Tells), ("lscpu", Tells), ("lsmod", Tells), ("lsof", Tells), ("lua", Interprets),
    ("lwp-download", Talks), ("lwp-request", Talks), ("lynx", Talks), ("mawk", Filters), ("md5sum", Reads),
    ("mkdir", Changes), ("mkfifo", Changes), ("mknod", Changes), ("more", Reads), ("mount", TellsShort),
    ("move", Changes), ("mshta", Talks), ("mv", Changes), ("mysql", Talks), ("mysqldump", Talks), ("nano", Reads),
    ("nc", Connects), ("ncat", Connects), ("net", Administers), ("net1", Administers), ("netcat", Connects),
    ("netsh", Administers), ("netstat", Tells), ("nice", Runs), ("nl", Reads), ("nltest", Tells), ("nmap", Talks),
    ("node", Interprets), ("nohup", Runs), ("nslookup", Talks), ("od", Reads), ("openssl", Talks),
    ("passwd", TellsShort), ("paste", Reads), ("perl", Interprets), ("pgrep", Changes), ("php", Interprets),
    ("pico", Reads), ("ping", Talks), ("ping6", Talks), ("pkill", Changes), ("poweroff", TellsShort),
    ("powershell", Shell), ("pr", Reads), ("printenv", Tells), ("printf", Prints), ("ps", TellsShort), ("psql", Talks),
    ("pwd", TellsShort), ("pwsh", Shell), ("python", Interprets), ("python2", Interprets), ("python3", Interprets),
    ("qwinsta", Tells), ("rbash", Shell), ("reboot", TellsShort), ("reg", Administers), ("regsvr32", Talks),
    ("ren", Changes), ("rev", Reads), ("rm", Changes), ("rmdir", Changes), ("route", Administers), ("rsync", Talks),
    ("ruby", Interprets), ("rundll32", Talks), ("sc", Administers), ("schtasks", Administers), ("scp", Connects),
    ("sed", Filters), ("service", Administers), ("set", TellsShort), ("setenv", Assigns), ("setsid", Runs),
    ("setx", Assigns), ("sftp", Connects), ("sh", Shell), ("sha1sum", Reads), ("sha256sum", Reads), ("shred", Changes),
    ("shutdown", Changes), ("sleep", Waits), ("socat", Connects), ("sort", Filters), ("source", Reads),
    ("sqlite3", Talks), ("ss", TellsShort), ("ssh", Connects), ("start", Runs), ("stat", Reads), ("strings", Reads),
    ("su", Changes), ("sudo", Runs), ("systemctl", Administers), ("systeminfo", Tells), ("tac", Reads),
    ("tail", Reads), ("tar", Changes), ("taskkill", Changes), ("tasklist", Tells), ("tcpdump", Tells), ("tcsh", Shell),
    ("tee", Changes), ("telnet", Connects), ("tftp", Talks), ("then", Runs), ("time", Runs), ("timeout", Waits),
    ("top", TellsShort), ("touch", Changes), ("tr", Filters), ("traceroute", Talks), ("tracert", Talks),
    ("tree", TellsShort), ("type", Reads), ("uname", Tells), ("uniq", Filters), ("unzip", Changes), ("uptime", Tells),
    ("useradd", Changes), ("userdel", Changes), ("usermod", Changes), ("usleep", Waits), ("ver", TellsShort),
    ("vi", Reads), ("vim", Reads), ("vol", TellsShort), ("vssadmin", Administers), ("w", TellsShort), ("wc", Filters),
    ("wget", Talks), ("whereis", Reads), ("which", Reads), ("while", Runs), ("who", TellsShort), ("whoami", Tells),
    ("wmic", Administers), ("wscript", Interprets), ("xargs", Runs), ("xterm", Talks), ("xxd", Reads),
    ("yum", Administers), ("zcat", Reads), ("zsh", Shell),
];

/// Written in capitals these are Windows's; the others exist in lower case only.
const WINDOWS: [&str; 24] = [
    "bitsadmin",
    "certutil",
    "cmd",
    "copy",
    "cscript",
    "del",
    "dir",
    "erase",
    "findstr",
    "ipconfig",
    "mshta",
    "net",
    "netstat",
    "nslookup",
    "ping",
    "powershell",
    "reg",
    "systeminfo",
    "tasklist",
    "tracert",
    "type",
    "ver",
    "whoami",
    "wmic",
];

/// English words among the short ones: nothing without arguments.
const PLAIN_WORDS: [&str; 22] = [
    "date", "dir", "du", "env", "groups", "halt", "history", "last", "mount", "passwd", "reboot", "set", "ss", "top",
    "tree", "ver", "vol", "w", "who", "start", "poweroff", "arp",
];

/// The verbs and nouns of PowerShell's own commands; any of the first may stand before any of the second.
const VERBS: [&str; 17] = [
    "add", "copy", "export", "foreach", "get", "import", "invoke", "move", "new", "out", "read", "remove", "select",
    "set", "start", "stop", "write",
];
const NOUNS: [&str; 30] = [
    "acl",
    "childitem",
    "ciminstance",
    "clipboard",
    "command",
    "computerinfo",
    "content",
    "credential",
    "eventlog",
    "expression",
    "file",
    "help",
    "host",
    "hotfix",
    "item",
    "itemproperty",
    "job",
    "localuser",
    "location",
    "member",
    "module",
    "netipaddress",
    "object",
    "process",
    "psdrive",
    "restmethod",
    "service",
    "sleep",
    "webrequest",
    "wmiobject",
];

/// `Get-Process`: a verb and a noun of PowerShell, in any case.
fn cmdlet(name: &[u8]) -> Option<Kind> {
    let hyphen = memchr::memchr(b'-', name)?;
    let (verb, noun) = (name.get(..hyphen)?, name.get(hyphen + 1..)?);
    let is = |known: &&str, word: &[u8]| known.as_bytes().eq_ignore_ascii_case(word);
    let known = VERBS.iter().any(|word| is(word, verb)) && NOUNS.iter().any(|word| is(word, noun));
    known.then(|| if noun.eq_ignore_ascii_case(b"sleep") { Waits } else { Tells })
}

pub(super) fn kind_of(name: &[u8]) -> Option<Kind> {
    if let Some(kind) = cmdlet(name) {
        return Some(kind);
    }
    let mut lower = [0_u8; 16];
    let name = match name {
        [stem @ .., b'.', e, x, f] if [e, x, f].map(u8::to_ascii_lowercase) == *b"exe" => stem,
        _ => name,
    };
    let lower = lower.get_mut(..name.len())?;
    lower.iter_mut().zip(name).for_each(|(to, from)| *to = from.to_ascii_lowercase());
    let index = COMMANDS.binary_search_by(|(known, _)| known.as_bytes().cmp(lower)).ok()?;
    let &(known, kind) = COMMANDS.get(index)?;
    (lower == name || WINDOWS.contains(&known) || kind == Tells).then_some(kind)
}

/// Names that no language has as a word: an argument of one word fits them.
const UNSPOKEN: [&str; 37] = [
    "adduser",
    "chgrp",
    "chmod",
    "chown",
    "cp",
    "cscript",
    "getent",
    "icacls",
    "ifconfig",
    "killall",
    "lwp-download",
    "lwp-request",
    "md5sum",
    "mkdir",
    "mv",
    "mkfifo",
    "mknod",
    "mysqldump",
    "netsh",
    "nmap",
    "nslookup",
    "pgrep",
    "pkill",
    "regsvr32",
    "rmdir",
    "rundll32",
    "schtasks",
    "setx",
    "sha1sum",
    "sqlite3",
    "taskkill",
    "tftp",
    "useradd",
    "userdel",
    "usermod",
    "whereis",
    "xxd",
];

pub(super) fn is_plain_word(name: &[u8]) -> bool {
    PLAIN_WORDS.iter().any(|word| word.as_bytes() == name)
}

/// Whether a command of the table fits a word with `?`, `*` or `[..]` for some letters.
fn kind_of_glob(pattern: &[u8]) -> Option<Kind> {
    let letters = pattern.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
    let known = COMMANDS.iter().find(|(name, _)| fits(pattern, name.as_bytes()))?;
    (letters > 0).then_some(known.1)
}

/// Wildcards as the shell reads them, for short names: `*` may only stand once.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let mut pattern = pattern;
    let mut name = name;
    while let Some((&mark, rest)) = pattern.split_first() {
        if mark == b'*' {
            return rest.len() <= name.len()
                && fits_tail(rest, name.get(name.len() - rest.len()..).unwrap_or_default());
        }
        let Some((&letter, name_rest)) = name.split_first() else { return false };
        let class = memchr::memchr(b']', rest).filter(|_| mark == b'[');
        let one = match class {
            Some(end) => rest.get(..end).is_some_and(|class| class.contains(&letter) || class.contains(&b'-')),
            None => mark == b'?' || mark == letter,
        };
        if !one {
            return false;
        }
        pattern = class.and_then(|end| rest.get(end + 1..)).unwrap_or(rest);
        name = name_rest;
    }
    name.is_empty()
}

fn fits_tail(pattern: &[u8], name: &[u8]) -> bool {
    pattern.iter().zip(name).all(|(&mark, &letter)| mark == b'?' || mark == letter)
}

/// The word in command position, looked up.
#[derive(Clone, Copy)]
pub(super) struct Name {
    pub kind: Kind,
    /// Written so as to hide, or as the path of a binary.
    pub unmistakable: bool,
    pub plain_word: bool,
    /// No word of any language.
    pub unspoken: bool,
}

/// Looks a word up: a name, the path of a binary, or either under wildcards.
pub(super) fn look_up(word: &Word) -> Option<Name> {
    let bytes = word.bytes();
    let base = bytes.rsplit(|&byte| byte == b'/' || byte == b'\\').next().unwrap_or_default();
    let path = base.len() < bytes.len();
    if word.glob {
        let kind = kind_of_glob(base)?;
        return (path || base.iter().filter(|byte| byte.is_ascii_alphanumeric()).count() > 1 && base.len() > 2)
            .then_some(Name { kind, unmistakable: path, plain_word: !path, unspoken: false });
    }
    // Nearly every path is one of a page, and this is the cheaper question.
    if path && !is_binary_directory(bytes) {
        return None;
    }
    let kind = kind_of(base)?;
    let unmistakable = path || word.disguised && base.len() > 1;
    let unspoken = UNSPOKEN.iter().any(|known| known.as_bytes() == base);
    Some(Name { kind, unmistakable, plain_word: is_plain_word(base), unspoken })
}

/// `/bin/`, `/usr/local/sbin/`, `C:\Windows\System32\`; the first slash may be missing.
fn is_binary_directory(path: &[u8]) -> bool {
    let mut parts = path.rsplit(|&byte| byte == b'/' || byte == b'\\').skip(1);
    parts.next().is_some_and(|directory| {
        matches!(directory, b"bin" | b"sbin") || directory.eq_ignore_ascii_case(b"system32") || directory == b"v1.0"
    })
}

/// Where a command ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tail {
    End,
    Separator,
    Close,
    Backtick,
    Quote,
    Comment,
    /// A parenthesis, or more words than a command that is injected has.
    Other,
}

/// What stands after the name, up to the end of the command.
#[derive(Clone, Copy)]
pub(super) struct Arguments {
    pub count: usize,
    /// Words of letters only.
    pub plain: usize,
    /// `-a`, `--all`.
    pub flags: usize,
    /// `/etc`, `./x`, `~/x`, `c:\x`.
    pub paths: usize,
    /// A file of the system that no post needs to name in a command.
    pub sensitive: bool,
    /// `name.ext`.
    pub files: usize,
    /// An address or URL.
    pub addresses: usize,
    /// `user@host`.
    pub logins: usize,
    pub numbers: usize,
    /// `X=1`.
    pub assignments: usize,
    /// `$x`, wildcards, quotations, `%x%`.
    pub dynamic: bool,
    pub redirect: bool,
    /// `$(`, a backtick with more behind it.
    pub substitution: bool,
    /// `=`, `:` and what else no argument is.
    pub foreign: bool,
    pub first: [u8; 12],
    pub tail: Tail,
    pub end: usize,
    pub odd: bool,
}

const ARGUMENTS_MAX: usize = 24;

/// Reads what follows a command's name.
pub(super) fn arguments(lexer: &mut Lexer<'_>, in_backticks: bool) -> Arguments {
    let mut found = Arguments {
        count: 0,
        plain: 0,
        flags: 0,
        paths: 0,
        sensitive: false,
        files: 0,
        addresses: 0,
        logins: 0,
        numbers: 0,
        assignments: 0,
        dynamic: false,
        redirect: false,
        substitution: false,
        foreign: false,
        first: [0; 12],
        tail: Tail::End,
        end: lexer.offset(),
        odd: false,
    };
    let mut redirected = false;
    for _ in 0..ARGUMENTS_MAX {
        let token = lexer.next();
        found.odd = lexer.odd_blanks;
        match token {
            None => return found,
            Some(Token::Word(word)) => {
                let plain = found.plain;
                found.add(&word);
                // The file of a redirection is no argument.
                found.plain = if redirected { plain } else { found.plain };
                redirected = false;
            }
            Some(Token::Redirect) => (found.redirect, redirected) = (true, true),
            Some(Token::Open) => {
                // `$(..)` inside arguments; what is in it is judged where it begins.
                found.substitution = true;
                found.tail = Tail::Other;
                return found;
            }
            Some(Token::Separator) => {
                found.tail = Tail::Separator;
                return found;
            }
            Some(Token::Close) => {
                found.tail = Tail::Close;
                return found;
            }
            Some(Token::Backtick) => {
                found.substitution = !in_backticks;
                found.tail = Tail::Backtick;
                return found;
            }
            Some(Token::Quote) => {
                found.tail = Tail::Quote;
                return found;
            }
            Some(Token::Comment) => {
                found.tail = Tail::Comment;
                return found;
            }
        }
        found.end = lexer.offset();
    }
    found.tail = Tail::Other;
    found
}

impl Arguments {
    fn add(&mut self, word: &Word) {
        let bytes = word.bytes();
        if self.count == 0 {
            self.first.iter_mut().zip(bytes).for_each(|(to, from)| *to = from.to_ascii_lowercase());
        }
        self.count += 1;
        self.odd |= word.disguised && bytes.len() > 1;
        self.dynamic |= word.glob || word.expansion || word.quoted;
        let system = matches!(system_file::grade(bytes), Some(Grade::System))
            || bytes.contains(&b'/') && matches!(system_file::grade_relative(bytes), Some(Grade::System));
        self.sensitive |= system || is_shell_path(bytes) || is_below_windows(bytes);
        // `powershell Get-Process` is told what to do as if by an option.
        self.flags += usize::from(cmdlet(bytes).is_some());
        self.sensitive |= word.quoted && memchr::memmem::find(bytes, b"system(").is_some();
        self.logins += usize::from(is_login(bytes));
        self.assignments += usize::from(super::is_assignment(bytes));
        match bytes {
            [] => {}
            [b'-', b'a'..=b'z' | b'A'..=b'Z' | b'-', ..] | [b'-', b'0'..=b'9'] => self.flags += 1,
            [b'/' | b'~', ..] | [b'.', b'/', ..] | [b'.', b'.', ..] => self.paths += 1,
            [_, b':', b'\\' | b'/', ..] => self.paths += 1,
            [drive, b':'] if drive.is_ascii_alphabetic() => self.paths += 1,
            b"localhost" => self.addresses += 1,
            _ if bytes.iter().all(u8::is_ascii_alphabetic) => self.plain += usize::from(!word.quoted),
            _ if is_number(bytes) => self.numbers += 1,
            _ if is_address(bytes) => {
                self.addresses += 1;
                self.files += usize::from(is_file(bytes));
            }
            // `5/6/2020` is a date.
            [b'0'..=b'9', ..] if bytes.contains(&b'/') => self.foreign = true,
            _ if bytes.contains(&b'/') || bytes.contains(&b'\\') => self.paths += 1,
            _ if is_file(bytes) => self.files += 1,
            _ if !word.quoted => {
                self.foreign |=
                    matches!(bytes, [b'=', ..] | [b':', ..]) || matches!(bytes.last(), Some(b':' | b'=' | b','));
                self.plain +=
                    usize::from(bytes.iter().all(|byte| byte.is_ascii_alphabetic() || b",.!?:'".contains(byte)));
            }
            _ => {}
        }
    }

    /// More words than a command takes: a sentence that begins like one.
    pub(super) const fn is_prose(&self) -> bool {
        self.plain > 1 + self.flags && !self.sensitive || self.plain > 3
    }

    /// Whether the command ends where one that was injected ends.
    pub(super) fn ends_cleanly(&self) -> bool {
        !matches!(self.tail, Tail::Other)
    }

    pub(super) fn first_is(&self, words: &[&str]) -> bool {
        let length = self.first.iter().position(|&byte| byte == 0).unwrap_or(self.first.len());
        self.first.get(..length).is_some_and(|first| words.iter().any(|word| word.as_bytes() == first))
    }
}

/// `/bin/sh` as an argument, and bash's sockets.
fn is_shell_path(word: &[u8]) -> bool {
    word.starts_with(b"/dev/tcp/")
        || word.starts_with(b"/dev/udp/")
        || [&b"/bin/sh"[..], b"/bin/bash", b"/bin/zsh", b"/bin/dash"].contains(&word)
}

/// `%SYSTEMROOT%\\win.ini`.
fn is_below_windows(word: &[u8]) -> bool {
    let below = |root: &str| {
        word.get(..root.len()).is_some_and(|head| head.eq_ignore_ascii_case(root.as_bytes()))
            && matches!(word.get(root.len()), Some(b'\\' | b'/'))
    };
    below("%systemroot%") || below("%windir%")
}

/// `5`, `0.5`, `10s`.
fn is_number(word: &[u8]) -> bool {
    let digits = word.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    digits > 0
        && matches!(word.get(digits..), Some([] | [b's' | b'm' | b'h']))
        && word.iter().filter(|&&b| b == b'.').count() < 2
}

/// `user@host`, as `ssh` takes it.
fn is_login(word: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b'@', word) else { return false };
    let (user, host) = (word.get(..at).unwrap_or_default(), word.get(at + 1..).unwrap_or_default());
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
    !user.is_empty() && !host.is_empty() && user.iter().chain(host).all(plain)
}

/// An IPv4 address, a URL, or a host name.
fn is_address(word: &[u8]) -> bool {
    if memchr::memmem::find(word, b"://").is_some() {
        return true;
    }
    // `root@10.0.0.1`, and not everybody's mail address.
    if let Some(at) = memchr::memchr(b'@', word) {
        let (user, host) = (word.get(..at).unwrap_or_default(), word.get(at + 1..).unwrap_or_default());
        let digits = host.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':'));
        return (user == b"root" || digits) && is_address(host);
    }
    let host = word.split(|&byte| byte == b'/' || byte == b':').next().unwrap_or_default();
    let last = host.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    let labels = host.split(|&byte| byte == b'.');
    let dots = labels.clone().count() > 1 && labels.clone().all(|label| !label.is_empty());
    host == b"localhost"
        || dots && labels.clone().all(|label| label.iter().all(u8::is_ascii_digit)) && labels.count() == 4
        || dots
            && host.len() > 5
            && last.len() > 1
            && last.len() < 13
            && last.iter().all(u8::is_ascii_alphabetic)
            && host.is_ascii()
}

/// A name with an extension.
fn is_file(word: &[u8]) -> bool {
    let Some(dot) = memchr::memrchr(b'.', word) else { return false };
    let end = word.get(dot + 1..).unwrap_or_default();
    !end.is_empty() && end.len() < 6 && end.iter().all(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(COMMANDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn wildcards_fit_names() {
        assert!(fits(b"c?t", b"cat") && fits(b"wh*mi", b"whoami") && fits(b"n[c]", b"nc") && !fits(b"c?t", b"cut2"));
    }
}
