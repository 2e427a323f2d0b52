//! How much a command with its arguments proves, wherever it stands.

use super::arguments::{Arguments, Tail};
use super::command::Name;
use super::names::Kind;

/// How much a command with its arguments proves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Proof {
    /// A file of the system, behind words of prose.
    Late,
    /// The name alone, short or ambiguous.
    Bare,
    /// A name that is no word, or arguments that fit.
    Fits,
    /// Arguments that only this command takes.
    Strong,
    /// Disguised, the path of a binary, or a file that nobody names in passing.
    Unmistakable,
}

/// What a command with these arguments proves; nothing when no shell would run it so.
pub(super) fn proof(name: Name, arguments: &Arguments) -> Option<Proof> {
    let named = name.unspoken && (1..3).contains(&arguments.count) && arguments.numbers == 0 && !arguments.foreign;
    let late = arguments.sensitive_late.then_some(Proof::Late);
    let proof = proof_by_kind(name, arguments).or(named.then_some(Proof::Bare)).or(late)?;
    // `\ln 5` and `\date \\` are TeX.
    let tex = name.escaped
        && proof < Proof::Unmistakable
        && (name.plain_word || arguments.plain > 0 || proof == Proof::Bare && arguments.count > 0);
    (!tex).then_some(proof)
}

fn proof_by_kind(name: Name, arguments: &Arguments) -> Option<Proof> {
    let has = |count: usize| count > 0;
    // `netsh firewall set opmode disable`
    let administers = name.kind == Kind::Administers && arguments.first_is(&ADMINISTERED) && arguments.plain < 7;
    if arguments.foreign || arguments.plain > 3 && !arguments.sensitive && !administers {
        return None;
    }
    if arguments.sensitive {
        return Some(Proof::Unmistakable);
    }
    let file = has(arguments.paths) || has(arguments.files);
    let vague = arguments.dynamic || arguments.substitution || arguments.redirect;
    let flagged = has(arguments.flags) && arguments.plain < 2;
    let optioned = has(arguments.flags) && arguments.plain <= arguments.flags;
    let fits = |is: bool, proof: Proof| is.then_some(proof);
    match name.kind {
        Kind::Tells | Kind::TellsShort if arguments.count == 0 => {
            Some(if name.kind == Kind::Tells { Proof::Fits } else { Proof::Bare })
        }
        Kind::TellsShort if arguments.count == 1 && arguments.first_is(&PROCESSES) => Some(Proof::Strong),
        Kind::Tells | Kind::TellsShort => match (flagged || file, vague, arguments.plain) {
            (true, ..) => Some(Proof::Strong),
            (_, true, 0) => Some(Proof::Fits),
            _ => None,
        },
        Kind::Reads => match (has(arguments.paths), has(arguments.files) || flagged, vague) {
            (true, ..) => Some(Proof::Strong),
            (_, true, _) if arguments.plain < 2 => Some(Proof::Fits),
            (_, _, true) if arguments.plain == 0 => Some(Proof::Fits),
            _ => None,
        },
        Kind::Connects if arguments.plain == 1 && arguments.numbers == 1 && arguments.count == 2 => Some(Proof::Fits),
        Kind::Connects if has(arguments.logins) && arguments.plain == 0 => Some(Proof::Strong),
        Kind::Talks | Kind::Connects => fits(
            has(arguments.addresses) || flagged || vague && arguments.plain < 2,
            if has(arguments.addresses) { Proof::Strong } else { Proof::Fits },
        ),
        // `bash <(curl x)`: a script that another command prints.
        Kind::Shell if arguments.substitution && arguments.tail == Tail::Other && arguments.count == 0 => {
            Some(Proof::Strong)
        }
        Kind::Shell if arguments.count == 0 && !arguments.redirect => Some(Proof::Bare),
        // `powershell -InputFormat none write x`: an option, its value, and what is run.
        Kind::Shell => fits(
            flagged || has(arguments.flags) && arguments.plain <= arguments.flags + 1 || file || arguments.redirect,
            Proof::Strong,
        ),
        Kind::Interprets if flagged || optioned => Some(Proof::Strong),
        Kind::Interprets => fits(file && arguments.plain == 0, Proof::Fits),
        Kind::Waits => fits((has(arguments.numbers) || vague || flagged) && arguments.plain == 0, Proof::Strong),
        Kind::Prints if arguments.plain < 2 => {
            fits(arguments.count > 0 || vague, if vague { Proof::Strong } else { Proof::Fits })
        }
        Kind::Prints => None,
        Kind::Assigns => fits(has(arguments.assignments) && arguments.count == arguments.assignments, Proof::Fits),
        Kind::Loops => fits(arguments.first_is(&["/f", "/l", "/r", "/d"]), Proof::Unmistakable),
        Kind::Changes if arguments.count > 1 && arguments.first_is(&MODES) => Some(Proof::Strong),
        // `kill 1`, `rm *`.
        Kind::Changes
            if arguments.plain == 0 && arguments.count == 1 && (has(arguments.numbers) || arguments.dynamic) =>
        {
            Some(Proof::Bare)
        }
        Kind::Changes => match (flagged || has(arguments.paths), has(arguments.files)) {
            (true, _) => Some(Proof::Strong),
            (_, true) if arguments.plain < 2 => Some(Proof::Fits),
            _ => None,
        },
        Kind::Filters => fits(has(arguments.paths) && arguments.plain < 2, Proof::Fits),
        Kind::Administers => fits(arguments.first_is(&ADMINISTERED) || flagged, Proof::Strong),
        Kind::Sources => fits(has(arguments.paths) && arguments.plain == 0, Proof::Strong),
        Kind::Runs => None,
    }
}

/// What `ps` is told to list.
const PROCESSES: [&str; 4] = ["aux", "auxw", "auxww", "axu"];

/// What `chmod` is told to set.
const MODES: [&str; 10] = ["777", "0777", "755", "0755", "666", "4755", "+x", "a+x", "u+s", "+s"];

/// What `net`, `reg`, `wmic`, `ip`, `sc` and `systemctl` are told to do.
const ADMINISTERED: [&str; 36] = [
    "/create",
    "/query",
    "/run",
    "/delete",
    "/change",
    "stop",
    "start",
    "create",
    "delete",
    "install",
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
