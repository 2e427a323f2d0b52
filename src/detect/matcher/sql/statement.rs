//! The shapes in which statements begin, as a table: what must follow the first word.

use crate::lexer::sql::Kind;
use crate::lexer::sql::Lexer;
use crate::lexer::sql::Word;

/// How much of a statement was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    /// So much that it cannot be anything else.
    Whole,
    /// As much as an English sentence may have too: the tail has to decide.
    Loose,
    /// Proves nothing: other statements may follow.
    Passing,
}

/// One thing that follows in a shape.
enum Piece {
    /// One of these words.
    Is(&'static [&'static str]),
    /// Any of these words, any number of times.
    May(&'static [&'static str]),
    /// A name, maybe qualified: `a`, `a.b`, `a..b`, `[a b]`.
    Name,
    /// A name of a procedure that ships with a server: `xp_`, `sp_`, `dbms_`.
    Builtin,
    /// `@name`.
    Variable,
    /// A string, a variable, or a number.
    Value,
    /// `(`.
    Open,
    /// `=` or `:=`.
    Equals,
}

use Piece::{Builtin, Equals, Is, May, Name, Open, Value, Variable};
use Strength::{Loose, Passing, Whole};

struct Shape(&'static str, &'static [Piece], Strength);

const OBJECTS: &[&str] = &[
    "table",
    "database",
    "schema",
    "view",
    "procedure",
    "proc",
    "function",
    "user",
    "login",
    "role",
    "index",
    "trigger",
    "column",
    "extension",
    "alias",
    "sequence",
    "type",
    "server",
    "event",
    "package",
];
const PRIVILEGES: &[&str] = &[
    "all", "select", "insert", "update", "delete", "execute", "create", "dba", "connect", "file", "super", "sysadmin",
];
const NOISE: &[&str] = &[
    "if",
    "not",
    "exists",
    "only",
    "ignore",
    "low_priority",
    "high_priority",
    "delayed",
    "quick",
    "local",
    "concurrent",
];
const CREATED: &[&str] = &["or", "replace", "temp", "temporary", "unique", "global", "external", "public", "definer"];

/// The first shape that fits holds, so the longer ones come first.
static SHAPES: &[Shape] = &[
    Shape("insert", &[May(NOISE), Is(&["into"]), Name, Open], Whole),
    Shape("insert", &[May(NOISE), Is(&["into"]), Name, Is(&["values", "select", "set", "default", "exec"])], Whole),
    Shape("insert", &[May(NOISE), Name, Open], Loose),
    Shape("replace", &[Is(&["into"]), Name, Open], Whole),
    Shape("replace", &[Is(&["into"]), Name, Is(&["values", "select", "set"])], Whole),
    Shape("update", &[May(NOISE), Name, Is(&["set"]), Name, Equals], Whole),
    Shape("delete", &[May(NOISE), Is(&["from"]), Name, Is(&["where"]), Name, Equals], Whole),
    Shape("delete", &[May(NOISE), Is(&["from"]), Name, Is(&["where"]), Value, Equals], Whole),
    Shape("delete", &[May(NOISE), Is(&["from"]), Name], Loose),
    Shape("drop", &[Is(OBJECTS), May(NOISE), Name], Loose),
    Shape("create", &[May(CREATED), Is(OBJECTS), May(NOISE), Name, Open], Whole),
    Shape(
        "create",
        &[
            May(CREATED),
            Is(OBJECTS),
            May(NOISE),
            Name,
            Is(&["as", "returns", "return", "identified", "with", "language"]),
        ],
        Whole,
    ),
    Shape("create", &[May(CREATED), Is(OBJECTS), May(NOISE), Name], Loose),
    Shape("alter", &[Is(&["system", "session"]), Is(&["set", "flush", "kill"])], Whole),
    Shape(
        "alter",
        &[
            Is(OBJECTS),
            May(NOISE),
            Name,
            Is(&["add", "drop", "modify", "change", "set", "rename", "identified", "with"]),
        ],
        Whole,
    ),
    Shape("truncate", &[Is(&["table"]), Name], Loose),
    Shape("exec", &[Builtin], Whole),
    Shape("exec", &[Variable], Whole),
    Shape("exec", &[Name, Value], Whole),
    Shape("exec", &[Open, Value], Whole),
    Shape("exec", &[Open, Is(&["char", "nchar", "cast", "convert", "concat", "reverse"]), Open], Whole),
    Shape("execute", &[Builtin], Whole),
    Shape("execute", &[Is(&["immediate"]), Value], Whole),
    Shape("execute", &[Is(&["as"]), Is(&["login", "user", "caller"])], Whole),
    Shape("execute", &[Open, Value], Whole),
    Shape("execute", &[Name, Value], Whole),
    Shape("execute", &[Name], Loose),
    Shape("call", &[Name, Open], Loose),
    Shape("declare", &[Variable], Whole),
    Shape("set", &[Variable, Equals], Whole),
    Shape("set", &[Is(&["global", "session"]), Name, Equals], Whole),
    Shape("waitfor", &[Is(&["delay", "time"]), Value], Whole),
    Shape("shutdown", &[Is(&["with"]), Is(&["nowait"])], Whole),
    Shape("shutdown", &[], Loose),
    Shape("grant", &[Is(PRIVILEGES), May(&["privileges"]), Is(&["on", "to"])], Whole),
    Shape("grant", &[Name, May(&["privileges"]), Is(&["on", "to"]), Name], Loose),
    Shape("revoke", &[Name, May(&["privileges"]), Is(&["on", "from"]), Name], Loose),
    Shape("merge", &[Is(&["into"]), Name, Is(&["using", "as"])], Whole),
    Shape("merge", &[Is(&["into"]), Name, Name, Is(&["using"])], Whole),
    Shape("load", &[Is(&["data"]), May(NOISE), Is(&["infile"]), Value], Whole),
    Shape("bulk", &[Is(&["insert"]), Name, Is(&["from"]), Value], Whole),
    Shape("backup", &[Is(&["database", "log"]), Name, Is(&["to"])], Whole),
    Shape("copy", &[Name, Is(&["from", "to"]), Is(&["program"]), Value], Whole),
    Shape("copy", &[Name, Is(&["from", "to"]), Value], Whole),
    Shape("copy", &[Name, Is(&["from", "to"])], Loose),
    Shape("copy", &[Open, Is(&["select"])], Whole),
    Shape("use", &[Name], Passing),
    Shape("print", &[Value], Passing),
    Shape("handler", &[Name, Is(&["open", "read"])], Whole),
    Shape("rename", &[Is(&["table"]), Name, Is(&["to"])], Whole),
    Shape("with", &[Name, Is(&["as"]), Open, Is(&["select"])], Whole),
    Shape("show", &[May(&["full"]), Is(&["tables", "databases", "variables", "grants", "processlist"])], Loose),
    Shape("prepare", &[Name, Is(&["from"]), Value], Whole),
    Shape("prepare", &[Name, Is(&["from"]), Name, Open], Whole),
    Shape("attach", &[Is(&["database"]), Value, Is(&["as"])], Whole),
    Shape("goto", &[Name], Passing),
    Shape("pragma", &[Name, Open], Whole),
    Shape("pragma", &[Name, Equals], Whole),
    Shape("vacuum", &[Is(&["into"]), Value], Whole),
    Shape("vacuum", &[], Loose),
    Shape("rollback", &[], Loose),
];

/// Whether this first word means a statement even behind a plain word, where prose has most of them too.
pub(super) fn follows_words(head: &[u8]) -> bool {
    [&b"waitfor"[..], b"declare", b"exec", b"execute"].iter().any(|word| head.eq_ignore_ascii_case(word))
}

/// Whether the tokens behind this first word make a statement of it, and where what was read ends.
pub(super) fn recognise(lexer: &mut Lexer<'_>, head: &[u8], behind: usize) -> Option<(Strength, usize)> {
    SHAPES
        .iter()
        .filter(|shape| head.eq_ignore_ascii_case(shape.0.as_bytes()))
        .find_map(|shape| fit(lexer, shape.1, behind).map(|end| (shape.2, end)))
}

fn fit(lexer: &mut Lexer<'_>, pieces: &[Piece], mut position: usize) -> Option<usize> {
    for piece in pieces {
        position = match piece {
            May(words) => any_of(lexer, words, position),
            Is(words) => one_of(lexer, words, position)?,
            Name => name(lexer, position, false)?,
            Builtin => name(lexer, position, true)?,
            Variable => token_of(lexer, position, |kind| kind == Kind::Variable)?,
            Value => {
                token_of(lexer, position, |kind| matches!(kind, Kind::Text { .. } | Kind::Variable | Kind::Number))?
            }
            Open => token_of(lexer, position, |kind| kind == Kind::Open)?,
            Equals => token_of(lexer, position, |kind| matches!(kind, Kind::Compare | Kind::Assign))?,
        };
    }
    Some(position)
}

fn token_of(lexer: &mut Lexer<'_>, position: usize, fits: impl Fn(Kind) -> bool) -> Option<usize> {
    let token = lexer.token_at(position);
    // `$name` is a variable of other languages.
    let foreign = token.kind == Kind::Variable && lexer.text(token).first() == Some(&b'$');
    (fits(token.kind) && !foreign).then_some(token.end)
}

fn one_of(lexer: &mut Lexer<'_>, words: &[&str], position: usize) -> Option<usize> {
    let token = lexer.token_at(position);
    let text = lexer.text(token);
    let fits =
        matches!(token.kind, Kind::Word(_)) && words.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()));
    fits.then_some(token.end)
}

/// Of optional words at most four are read: no dialect has more in a row.
fn any_of(lexer: &mut Lexer<'_>, words: &[&str], mut position: usize) -> usize {
    for _ in 0..4 {
        match one_of(lexer, words, position) {
            Some(end) => position = end,
            None => break,
        }
    }
    position
}

/// A name of at most four parts.
fn name(lexer: &mut Lexer<'_>, mut position: usize, builtin: bool) -> Option<usize> {
    for _ in 0..4 {
        let token = lexer.token_at(position);
        match token.kind {
            Kind::Word(Word::Select | Word::From | Word::Where | Word::Logic | Word::Union) => return None,
            Kind::Word(_) | Kind::Name => {}
            Kind::Text { closed: true } if lexer.text(token).first() == Some(&b'"') => {}
            _ => return None,
        }
        let mut next = lexer.token_at(token.end);
        if next.kind != Kind::Dot {
            return (!builtin || is_builtin(lexer.text(token))).then_some(token.end);
        }
        position = next.end;
        next = lexer.token_at(position);
        if next.kind == Kind::Dot {
            position = next.end;
        }
    }
    None
}

fn is_builtin(name: &[u8]) -> bool {
    let name = name.strip_prefix(b"[").unwrap_or(name);
    [&b"xp_"[..], b"sp_", b"dbms_", b"utl_"]
        .iter()
        .any(|prefix| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
}
