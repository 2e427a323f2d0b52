//! The commands that systems have.
//!
//! A name alone proves little, since half of them are English words; the table says what a
//! command is beside it.
//!
//! # What this does not protect from
//!
//! Programs of one machine only.

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
    /// Runs a script, by a name that is a mark of prose too: `. /tmp/x`.
    Sources,
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
    ("cmd", Shell), ("command", Runs), ("coproc", Runs), ("copy", Changes), ("cp", Changes), ("crontab", Changes),
    ("cscript", Interprets), ("csh", Shell), ("curl", Talks), ("cut", Filters), ("dash", Shell), ("date", TellsShort),
    ("dd", Changes), ("declare", Assigns), ("del", Changes), ("df", TellsShort), ("diff", Reads), ("dig", Talks),
    ("dir", TellsShort), ("dmesg", Tells), ("do", Runs), ("doas", Runs), ("du", TellsShort), ("echo", Prints), ("ed", Reads),
    ("egrep", Filters), ("elif", Runs), ("else", Runs), ("env", TellsShort), ("erase", Changes), ("eval", Runs),
    ("ex", Reads), ("exec", Runs), ("export", Assigns), ("expr", Prints), ("fetch", Talks), ("fgrep", Filters),
    ("file", Reads), ("find", Reads), ("findstr", Filters), ("finger", Talks), ("fold", Reads), ("for", Loops),
    ("ftp", Talks), ("gawk", Filters), ("gc", Reads), ("gcc", Changes), ("gci", Reads), ("getent", Tells), ("grep", Filters), ("groups", TellsShort),
    ("gunzip", Reads), ("gzip", Reads), ("halt", TellsShort), ("hd", Reads), ("head", Reads), ("hexdump", Reads),
    ("history", TellsShort), ("host", Talks), ("hostname", Tells), ("icacls", Changes), ("id", TellsShort),
    ("iex", Reads), ("if", Runs), ("ifconfig", Tells), ("ionice", Runs), ("ip", Administers), ("ipconfig", Tells), ("iptables", Tells),
    ("irm", Talks), ("iwr", Talks), ("java", Interprets), ("kill", Changes), ("killall", Changes), ("ksh", Shell),
    ("last", TellsShort), ("lastlog", Tells), ("less", Reads), ("ln", Changes), ("locate", Reads), ("ls", TellsShort),
    ("lsb_release", Tells), ("lsblk", Tells), ("lscpu", Tells), ("lsmod", Tells), ("lsof", Tells), ("lua", Interprets),
    ("lwp-download", Talks), ("lwp-request", Talks), ("lynx", Talks), ("mawk", Filters), ("md5sum", Reads),
    ("mkdir", Changes), ("mkfifo", Changes), ("mknod", Changes), ("more", Reads), ("mount", TellsShort),
    ("move", Changes), ("mshta", Talks), ("mv", Changes), ("mysql", Talks), ("mysqldump", Talks), ("nano", Reads),
    ("nc", Connects), ("ncat", Connects), ("net", Administers), ("net1", Administers), ("netcat", Connects),
    ("netsh", Administers), ("netstat", Tells), ("nice", Runs), ("nl", Reads), ("nltest", Tells), ("nmap", Talks),
    ("node", Interprets), ("nohup", Runs), ("nslookup", Talks), ("od", Reads), ("openssl", Talks),
    ("passwd", TellsShort), ("paste", Reads), ("perl", Interprets), ("pgrep", Changes), ("php", Interprets),
    ("pico", Reads), ("ping", Talks), ("ping6", Talks), ("pkexec", Runs), ("pkill", Changes), ("poweroff", TellsShort),
    ("powershell", Shell), ("pr", Reads), ("printenv", Tells), ("printf", Prints), ("ps", TellsShort), ("psql", Talks),
    ("pwd", TellsShort), ("pwsh", Shell), ("python", Interprets), ("python2", Interprets), ("python3", Interprets),
    ("qwinsta", Tells), ("rbash", Shell), ("rd", Changes), ("reboot", TellsShort), ("reg", Administers),
    ("regsvr32", Talks), ("ren", Changes), ("rev", Reads), ("rm", Changes), ("rmdir", Changes), ("route", Administers),
    ("rsync", Talks), ("ruby", Interprets), ("rundll32", Talks), ("sc", Administers), ("schtasks", Administers),
    ("scp", Connects), ("sed", Filters), ("service", Administers), ("set", TellsShort), ("setenv", Assigns),
    ("setsid", Runs), ("setx", Assigns), ("sftp", Connects), ("sh", Shell), ("sha1sum", Reads), ("sha256sum", Reads),
    ("shred", Changes), ("shutdown", Changes), ("sleep", Waits), ("socat", Connects), ("sort", Filters),
    ("source", Reads), ("sqlite3", Talks), ("ss", TellsShort), ("ssh", Connects), ("start", Runs), ("stat", Reads),
    ("stdbuf", Runs), ("strace", Runs), ("strings", Reads), ("su", Changes), ("sudo", Runs), ("systemctl", Administers), ("systeminfo", Tells),
    ("tac", Reads), ("tail", Reads), ("tar", Changes), ("taskkill", Changes), ("tasklist", Tells), ("tcpdump", Tells),
    ("tcsh", Shell), ("tee", Changes), ("telnet", Connects), ("tftp", Talks), ("then", Runs), ("time", Runs),
    ("timeout", Waits), ("top", TellsShort), ("touch", Changes), ("tr", Filters), ("traceroute", Talks),
    ("tracert", Talks), ("tree", TellsShort), ("type", Reads), ("uname", Tells), ("uniq", Filters), ("unshare", Runs), ("until", Runs),
    ("unzip", Changes), ("uptime", Tells), ("useradd", Changes), ("userdel", Changes), ("usermod", Changes),
    ("usleep", Waits), ("ver", TellsShort), ("vi", Reads), ("vim", Reads), ("vol", TellsShort),
    ("vssadmin", Administers), ("w", TellsShort), ("wc", Filters), ("wget", Talks), ("whereis", Reads),
    ("which", Reads), ("while", Runs), ("who", TellsShort), ("whoami", Tells), ("wmic", Administers),
    ("wscript", Interprets), ("xargs", Runs), ("xterm", Talks), ("xxd", Reads), ("yum", Administers), ("zcat", Reads),
    ("zsh", Shell),
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
pub(super) fn cmdlet(name: &[u8]) -> Option<Kind> {
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
pub(super) const UNSPOKEN: [&str; 37] = [
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

/// Tools of Windows that come with it, fetch files and are talked about by nobody else.
pub(super) const FETCHERS: [&str; 8] =
    ["certutil", "certutil.exe", "bitsadmin", "bitsadmin.exe", "mshta", "mshta.exe", "regsvr32", "regsvr32.exe"];

pub(super) fn is_plain_word(name: &[u8]) -> bool {
    PLAIN_WORDS.iter().any(|word| word.as_bytes() == name)
}

/// Whether a command of the table fits a word with `?`, `*` or `[..]` for some letters.
pub(super) fn kind_of_glob(pattern: &[u8]) -> Option<Kind> {
    let letters = pattern.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
    let known = COMMANDS.iter().find(|(name, _)| fits(pattern, name.as_bytes()))?;
    (letters > 0).then_some(known.1)
}

/// Wildcards as the shell reads them, for short names: `*` may only stand once.
pub(super) fn fits(pattern: &[u8], name: &[u8]) -> bool {
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
