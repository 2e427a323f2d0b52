//! Which paths lead to files that no client has to name.
//!
//! Judged by where operating systems and servers keep things: a root directory, what kind of
//! file stands there, and not a list of every file.
//!
//! # What this does not protect from
//!
//! Installations in places of their own.

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    /// A file of the application that is not meant to be served: settings, keys, logs.
    Server,
    /// A file of the operating system or of a server.
    System,
}

const PATH_BYTES_MAX: usize = 192;

/// A path in one form: lower case, `/` between segments, none empty or `.`, no drive.
struct Normal {
    bytes: [u8; PATH_BYTES_MAX],
    length: usize,
    /// It began with a separator or a drive.
    rooted: bool,
}

impl Normal {
    fn of(path: &[u8]) -> Self {
        let mut normal = Self { bytes: [0; PATH_BYTES_MAX], length: 0, rooted: false };
        let path = below_home(path).inspect(|_| normal.rooted = true).unwrap_or(path);
        let path = match path {
            [drive, b':' | b'|', b'/' | b'\\', rest @ ..] if drive.is_ascii_alphabetic() => {
                normal.rooted = true;
                rest
            }
            _ => path,
        };
        normal.rooted |= matches!(path.first(), Some(b'/' | b'\\')) || path.starts_with(b"./");
        let end =
            path.iter().position(|byte| matches!(byte, 0 | b'?' | b'#' | b'%' | b';' | b'^' | b'|' | b'&' | b'\n'));
        let path = path.get(..end.unwrap_or(path.len())).unwrap_or_default();
        for segment in path.split(|&byte| byte == b'/' || byte == b'\\') {
            let segment = without_tail(segment.trim_ascii());
            if segment.is_empty() {
                continue;
            }
            if normal.length > 0 {
                normal.push(b'/');
            }
            segment.iter().for_each(|byte| normal.push(byte.to_ascii_lowercase()));
        }
        normal
    }

    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.length) {
            *slot = byte;
            self.length += 1;
        }
    }

    fn path(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// A segment without the dots at its end and the name of a stream, which Windows drops: `x.`, `x::$DATA`.
fn without_tail(segment: &[u8]) -> &[u8] {
    let stream = segment.iter().position(|&byte| byte == b':').filter(|&colon| colon > 1);
    let segment = segment.get(..stream.unwrap_or(segment.len())).unwrap_or_default();
    let dots = segment.iter().rev().take_while(|&&byte| byte == b'.').count();
    let steps_up = dots > 1 && dots == segment.len();
    segment.get(..segment.len() - if steps_up { 0 } else { dots }).unwrap_or_default()
}

/// What follows `~/`, `$HOME/`, `%SYSTEMROOT%\\`, `\\\\?\\` or `\\\\host\\c$\\`, with a root that stands for them.
fn below_home(path: &[u8]) -> Option<&[u8]> {
    let at = |root: &[u8]| {
        let rest = path.get(root.len()..)?;
        (path.get(..root.len())?.eq_ignore_ascii_case(root) && matches!(rest.first(), Some(b'/' | b'\\')))
            .then_some(rest)
    };
    let roots: [&[u8]; 11] = [
        b"~",
        b"~root",
        b"$home",
        b"${home}",
        b"%systemroot%",
        b"%windir%",
        b"%systemdrive%",
        b"%userprofile%",
        b"%homepath%",
        b"\\\\?",
        b"\\\\.",
    ];
    if let Some(rest) = roots.iter().find_map(|root| at(root)) {
        return Some(match rest {
            [_, drive, b':', below @ ..] if drive.is_ascii_alphabetic() => below,
            _ => rest,
        });
    }
    let host = path.strip_prefix(b"\\\\").or_else(|| path.strip_prefix(b"//"))?;
    let end = host.iter().take(64).position(|byte| matches!(byte, b'/' | b'\\'))?;
    match host.get(end + 1..)? {
        [drive, b'$', rest @ ..] if drive.is_ascii_alphabetic() => Some(rest),
        _ => None,
    }
}

/// Grades a path that stands alone.
pub(super) fn grade(path: &[u8]) -> Option<Grade> {
    let normal = Normal::of(path);
    let grade = grade_normal(normal.path(), normal.rooted)?;
    let known = ["etc/passwd", "etc/shadow", "etc/group", "etc/hosts", "windows/win.ini", "winnt/win.ini"];
    let named = known.iter().any(|known| normal.path() == known.as_bytes())
        || normal.path().starts_with(b"web-inf/")
        || normal.path().starts_with(b"meta-inf/")
        || is_below_repository(normal.path())
        || is_below_secret(normal.path())
        || normal.path().starts_with(b".ht");
    (normal.rooted || named || normal.path().starts_with(b"proc/self/")).then_some(grade)
}

/// Grades a path that steps up before it, or that is an argument of a command.
pub(super) fn grade_relative(path: &[u8]) -> Option<Grade> {
    let normal = Normal::of(path);
    let path = normal.path();
    let bare =
        ["boot.ini", "win.ini", "system.ini", "php.ini", "my.cnf", "passwd", "shadow", "id_rsa", "authorized_keys"];
    if bare.iter().any(|name| path == name.as_bytes()) {
        return Some(Grade::System);
    }
    // A shell is a setting where it stands alone, and a target where a path climbs to it.
    if matches!(path, b"bin/sh" | b"bin/bash" | b"bin/id" | b"bin/cat" | b"bin/ls" | b"usr/bin/id") {
        return Some(Grade::System);
    }
    grade_normal(path, true).or_else(|| is_server_file(path).then_some(Grade::Server))
}

/// `.git/config`, `.svn/entries`: what a repository keeps of itself.
fn is_below_repository(path: &[u8]) -> bool {
    let (root, rest) = split(path);
    let git = ["config", "head", "index", "logs/head", "packed-refs", "credentials"];
    root == b".git" && in_list(&git, rest)
        || root == b".svn" && matches!(rest, b"entries" | b"wc.db")
        || root == b".hg" && matches!(rest, b"hgrc" | b"store/00manifest.i")
}

/// `.ssh/id_rsa`, `.aws/credentials`: a directory of keys, and a file in it.
fn is_below_secret(path: &[u8]) -> bool {
    let (root, rest) = split(path);
    matches!(root, b".ssh" | b".aws" | b".kube" | b".docker" | b".gnupg" | b".azure") && !rest.is_empty()
}

/// A file that holds the secrets or the settings of an application, by a name that frameworks give it.
fn is_secret(file: &[u8]) -> bool {
    let (stem, copy) = match file.iter().rposition(|&byte| byte == b'.') {
        Some(dot) if dot > 0 && in_list(&COPIES, file.get(dot + 1..).unwrap_or_default()) => {
            (file.get(..dot).unwrap_or_default(), true)
        }
        _ => (file.strip_suffix(b"~").unwrap_or(file), file.ends_with(b"~")),
    };
    // `.env.production`, and not `.env.example`, which everybody may read.
    let is_sample = |name: &[u8]| name.split(|&byte| byte == b'.').any(|part| in_list(&SAMPLES, part));
    let environment = stem.strip_prefix(b".env.").is_some_and(|name| !is_sample(name));
    // `application-prod.yml`, `appsettings.Production.json`.
    let profile = |name: &[u8], ends: &[&str]| {
        let rest = stem.strip_prefix(name).filter(|rest| matches!(rest.first(), Some(b'.' | b'-')));
        rest.is_some_and(|rest| ends.iter().any(|end| rest.ends_with(end.as_bytes())))
    };
    let settings = profile(b"application", &[".properties", ".yml", ".yaml"]) || profile(b"appsettings", &[".json"]);
    environment || settings || in_list(&SECRETS, stem) || copy && in_list(&PAGES, stem)
}

/// How copies of a file end, that editors and people leave behind.
static COPIES: [&str; 7] = ["bak", "old", "orig", "save", "swp", "backup", "copy"];

/// Pages that hold settings: to read is their copy, which no server runs.
static PAGES: [&str; 4] = ["config.php", "configuration.php", "settings.php", "settings.py"];

/// Endings of files that are there to be copied.
static SAMPLES: [&str; 5] = ["example", "sample", "dist", "template", "md"];

static SECRETS: [&str; 27] = [
    ".env",
    ".htpasswd",
    ".pgpass",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".bash_history",
    "wp-config.php",
    "localsettings.php",
    "local_settings.py",
    "web.config",
    "applicationhost.config",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "secrets.yml",
    "secrets.yaml",
    "secrets.json",
    "database.yml",
    "master.key",
    "credentials.xml",
    "credentials.yml.enc",
    "tomcat-users.xml",
    "standalone.xml",
    "machine.config",
];

fn grade_normal(path: &[u8], rooted: bool) -> Option<Grade> {
    let (root, rest) = split(path);
    let (second, _) = split(rest);
    let file = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    let system = |is: bool, otherwise: Option<Grade>| if is { Some(Grade::System) } else { otherwise };
    let settings = matches!(file, b"httpd.conf" | b"php.ini" | b"my.cnf" | b"my.ini" | b".htpasswd" | b"server.xml");
    match root {
        _ if rooted && settings && !rest.is_empty() => Some(Grade::System),
        _ if is_below_repository(path) || is_below_secret(path) => Some(Grade::System),
        // `~/.ssh/id_rsa`, and the home directory itself in the place of the root.
        _ if rooted && in_list(&HOME, root) && (!rest.is_empty() || root.ends_with(b"_history")) => Some(Grade::System),
        b".dockerenv" if rooted => Some(Grade::System),
        // At the root of a disk, and below where applications are installed.
        _ if rooted && is_secret(file) && (rest.is_empty() || in_list(&INSTALLED, root)) => Some(Grade::System),
        b"etc" if !rest.is_empty() => Some(Grade::System),
        b"proc" => system(in_list(&PROC, second) || second.iter().all(u8::is_ascii_digit) && second != rest, None),
        b"var" if !rest.is_empty() => {
            // `/var/www/html` is where sites live, and a setting of many.
            // Traces of errors name the scripts there that browsers get anyway.
            let file_of_site = file.contains(&b'.') && !is_asset(file);
            let files = second != b"www" || file_of_site || rest.split(|&byte| byte == b'/').any(is_kept);
            system(in_list(&VAR, second) && second != rest && files || is_settings(file), None)
        }
        b"root" if is_in_settings(rest) => Some(Grade::System),
        b"root" => {
            let own = rest.split(|&byte| byte == b'/').any(|part| in_list(&HOME, part));
            system(own || second == rest && rest.contains(&b'.'), None)
        }
        b"users" if second == b"administrator" && file.contains(&b'.') && second != rest => Some(Grade::System),
        b"users" if rest.split(|&byte| byte == b'/').any(|part| matches!(part, b"keychains" | b"psreadline")) => {
            Some(Grade::System)
        }
        b"home" | b"users" | b"export" if is_in_settings(rest) => Some(Grade::System),
        b"home" | b"users" | b"export" => {
            system(rest.split(|&byte| byte == b'/').any(|part| in_list(&HOME, part)), None)
        }
        b"usr"
        | b"opt"
        | b"volumes"
        | b"srv"
        | b"apache"
        | b"apache2"
        | b"mysql"
        | b"nginx"
        | b"private"
        | b"library"
        | b"xampp"
        | b"wamp"
        | b"wamp64"
        | b"program files"
        | b"program files (x86)"
        | b"programdata"
        | b"system"
        | b"www"
        | b"php"
        | b"php4"
        | b"php5"
        | b"logs"
        | b"log" => {
            let kept = rest.split(|&byte| byte == b'/').any(is_kept);
            system(
                is_settings(file)
                    || file.ends_with(b".plist")
                    || kept && second != b"" && file != second
                    || root.starts_with(b"xampp") && is_server_file(path),
                None,
            )
        }
        b"dev" => system(
            matches!(
                second,
                b"mem"
                    | b"kmem"
                    | b"tcp"
                    | b"udp"
                    | b"random"
                    | b"urandom"
                    | b"zero"
                    | b"stdin"
                    | b"sda"
                    | b"sda1"
                    | b"hda"
                    | b"fd"
            ),
            None,
        ),
        b"sys" => system(matches!(second, b"class" | b"kernel" | b"devices" | b"firmware") && second != rest, None),
        b"run" => system(second == b"secrets" && second != rest, None),
        b"boot" => system(matches!(second, b"grub" | b"grub2" | b"loader") && second != rest, None),
        b"tmp" => system(second.starts_with(b"sess_"), None),
        b"boot.ini" | b"autoexec.bat" | b"config.sys" | b"pagefile.sys" | b"ntldr" | b"ntdetect.com" if rooted => {
            Some(Grade::System)
        }
        b"my.ini" | b"io.sys" | b"msdos.sys" | b"unattended.xml" if rooted => Some(Grade::System),
        b"win.ini" | b"system.ini" if rooted => Some(Grade::System),
        b"system32" if rooted && second == b"config" && second != rest => Some(Grade::System),
        b"system32" if rooted => system(is_settings(file) || is_windows_file(file), None),
        b"unattend.xml" | b"unattend.txt" | b"sysprep.inf" | b"sysprep.xml" if rooted => Some(Grade::System),
        b"windows" | b"winnt" | b"minint" => system(
            matches!(second, b"system32" | b"repair" | b"system" | b"panther" | b"temp" | b"debug") && second != rest
                || is_settings(file)
                || is_windows_file(file),
            None,
        ),
        b"inetpub" | b"documents and settings" | b"recycler" => system(!rest.is_empty(), None),
        b"web-inf" | b"meta-inf" => system(!rest.is_empty(), None),
        _ if root.starts_with(b"php") && file == b"php.ini" => Some(Grade::System),
        _ if matches!(file, b".htaccess" | b".htpasswd" | b"httpd.conf" | b"php.ini" | b"my.cnf" | b"ntuser.dat") => {
            system(rooted || file.first() == Some(&b'.'), None)
        }
        _ => None,
    }
}

/// `ann/.config/gh/hosts.yml`: what a program keeps about its user.
fn is_in_settings(rest: &[u8]) -> bool {
    memchr::memmem::find(rest, b".config/").is_some_and(|at| at < rest.len() - b".config/".len())
}

/// A directory in which a server keeps what it does not serve, or all that it does.
fn is_kept(part: &[u8]) -> bool {
    matches!(part, b"logs" | b"log" | b"conf" | b"etc" | b"htdocs" | b"cgi-bin")
}

fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'/', path) {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => (path, b""),
    }
}

fn in_list(list: &[&str], name: &[u8]) -> bool {
    list.iter().any(|known| known.as_bytes() == name)
}

static PROC: [&str; 24] = [
    "self",
    "thread-self",
    "version",
    "cmdline",
    "cpuinfo",
    "meminfo",
    "mounts",
    "config.gz",
    "sched_debug",
    "net",
    "sys",
    "kallsyms",
    "modules",
    "devices",
    "filesystems",
    "partitions",
    "stat",
    "uptime",
    "interrupts",
    "ioports",
    "swaps",
    "loadavg",
    "mdstat",
    "kcore",
];

static VAR: [&str; 23] = [
    "cron",
    "lock",
    "lp",
    "log",
    "logs",
    "adm",
    "spool",
    "mail",
    "run",
    "www",
    "lib",
    "backups",
    "cpanel",
    "cache",
    "webmin",
    "apache",
    "apache2",
    "nginx",
    "mysql",
    "saf",
    "local",
    "db",
    "jenkins_home",
];

/// Directories in which applications are installed, and those of their keepers.
static INSTALLED: [&str; 15] = [
    "app",
    "code",
    "data",
    "home",
    "inetpub",
    "opt",
    "projects",
    "root",
    "srv",
    "users",
    "usr",
    "var",
    "web",
    "workspace",
    "www",
];

static HOME: [&str; 29] = [
    ".ssh",
    ".aws",
    ".bash_history",
    ".bashrc",
    ".bash_profile",
    ".profile",
    ".zsh_history",
    ".zshrc",
    ".netrc",
    ".npmrc",
    ".git-credentials",
    ".gnupg",
    ".kube",
    ".docker",
    ".pgpass",
    ".mysql_history",
    ".my.cnf",
    "ntuser.dat",
    ".azure",
    ".env",
    ".gitconfig",
    ".htpasswd",
    ".psql_history",
    ".pypirc",
    ".python_history",
    ".sqlite_history",
    ".terraform.d",
    ".vagrant.d",
    ".viminfo",
];

/// `my.cnf`, `access_log`, `sshd_config`: what stands in the directories of a server.
fn is_settings(file: &[u8]) -> bool {
    let name = file.trim_ascii_end();
    [
        ".conf", ".cnf", ".cfg", ".ini", ".config", ".log", "_log", "_config", "-release", "rc", ".err", ".pem",
        ".key", ".defs",
    ]
    .iter()
    .any(|end| name.ends_with(end.as_bytes()))
        || memchr::memmem::find(name, b".conf.").is_some()
        || memchr::memmem::find(name, b"hosts.").is_some()
}

fn is_windows_file(file: &[u8]) -> bool {
    [".sys", ".dat", ".exe", ".evt", ".evtx", ".inf", ".sam", ".bak", ".xml", ".txt"]
        .iter()
        .any(|end| file.ends_with(end.as_bytes()))
}

/// Settings, keys, logs and copies of an application: by the end of the name, or its stem.
fn is_server_file(path: &[u8]) -> bool {
    let file = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    let dotted = [".env", ".htaccess", ".htpasswd", ".git", ".svn", ".ssh", ".bash_history", ".aws", ".npmrc"];
    if path.split(|&byte| byte == b'/').any(|part| in_list(&dotted, part)) {
        return true;
    }
    let ends = [".conf", ".config", ".cnf", ".cfg", ".ini", ".log", ".sql", ".bak", ".old", ".swp", ".db", ".sqlite"];
    let keys = [".mdb", ".key", ".pem", ".p12", ".jks", ".inc", ".properties", "_log", ".env"];
    if ends.iter().chain(&keys).any(|end| file.ends_with(end.as_bytes())) {
        return true;
    }
    let stems: [&[u8]; 6] = [b"config", b"passw", b"secret", b"credential", b"database", b"settings"];
    let page = [".php", ".asp", ".aspx", ".jsp", ".cfm", ".cgi", ".pl", ".py", ".rb", ".yml", ".yaml", ".xml", ".txt"];
    page.iter().any(|end| file.ends_with(end.as_bytes()))
        && stems.iter().any(|stem| memchr::memmem::find(file, stem).is_some())
}

/// Files that pages and sources name of each other, with a relative path.
pub(super) fn is_asset(target: &[u8]) -> bool {
    let normal = Normal::of(target);
    let file = normal.path().rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    let Some(dot) = memchr::memrchr(b'.', file) else { return false };
    let end = file.get(dot + 1..).unwrap_or_default();
    let end = end.get(..end.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(end.len()));
    in_list(&ASSETS, end.unwrap_or_default())
}

static ASSETS: [&str; 54] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "avif", "css", "scss", "less", "js", "mjs", "cjs", "jsx", "ts",
    "tsx", "vue", "map", "html", "htm", "xhtml", "md", "rst", "pdf", "json", "rs", "py", "go", "c", "h", "cc", "cpp",
    "hpp", "java", "kt", "rb", "cs", "swift", "toml", "lock", "woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4",
    "webm", "ogg", "wav", "csv", "zip", "wasm",
];
