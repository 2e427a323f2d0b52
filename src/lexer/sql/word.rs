//! The words of SQL, by the part that they play in a statement.

/// The part that a word plays. What dialects do not share, or never use as structure, is [`Plain`](Word::Plain).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// A name, or a word that this lexer does not know.
    Plain,
    /// A value without parentheses: `null`, `current_user`.
    Constant,
    /// `or`, `and`, `xor`.
    Logic,
    /// `not`.
    Not,
    /// Stands before an operand: `distinct`, `exists`, `binary`.
    Prefix,
    /// `div`, `mod`.
    Arithmetic,
    /// `like`, `regexp`, `between`: a comparison with a value behind it.
    Compare,
    /// `sounds`, with `like` behind it.
    Sounds,
    /// `in`.
    In,
    /// `is`.
    Is,
    /// `select`.
    Select,
    /// `top`, with a number behind it.
    Top,
    /// `from`.
    From,
    /// `where`, `on`, `having`-less clauses that go on with an expression.
    Where,
    /// `union`, `intersect`, `except`, `minus`.
    Union,
    /// `group` and `order`, with `by` behind them.
    By,
    /// `having`.
    Having,
    /// `limit`, `offset`.
    Limit,
    /// `into`.
    Into,
    /// `procedure`.
    Procedure,
    /// `case`.
    Case,
    /// `when`, `then`, `else`.
    When,
    /// `end`.
    End,
    /// `as`.
    As,
    /// `asc`, `desc`.
    Direction,
    /// `join` and the words before it.
    Join,
    /// Goes on with an operand inside of a function or clause: `using`, `collate`, `separator`.
    Modifier,
    /// Begins a statement: `insert`, `drop`, `exec`.
    Statement,
}

const WORD_BYTES_MAX: usize = 24;

impl Word {
    /// The part that this word plays.
    #[must_use]
    pub fn of(word: &[u8]) -> Self {
        let mut lower = [0; WORD_BYTES_MAX];
        let Some(lower) = lower.get_mut(..word.len()) else { return Self::Plain };
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        match &*lower {
            b"or" | b"and" | b"xor" => Self::Logic,
            b"not" => Self::Not,
            b"null" | b"true" | b"false" | b"unknown" | b"current_user" | b"session_user" | b"system_user"
            | b"current_timestamp" | b"current_date" | b"sysdate" | b"localtime" | b"rownum" | b"default" => {
                Self::Constant
            }
            b"distinct"
            | b"distinctrow"
            | b"all"
            | b"any"
            | b"some"
            | b"exists"
            | b"binary"
            | b"prior"
            | b"row"
            | b"interval"
            | b"high_priority"
            | b"sql_no_cache"
            | b"sql_calc_found_rows"
            | b"straight_join"
            | b"unique" => Self::Prefix,
            b"div" | b"mod" => Self::Arithmetic,
            b"like" | b"rlike" | b"regexp" | b"ilike" | b"glob" | b"between" | b"overlaps" => Self::Compare,
            b"sounds" => Self::Sounds,
            b"in" => Self::In,
            b"is" => Self::Is,
            b"select" => Self::Select,
            b"top" => Self::Top,
            b"from" => Self::From,
            b"where" | b"on" => Self::Where,
            b"union" | b"intersect" | b"except" | b"minus" => Self::Union,
            b"group" | b"order" => Self::By,
            b"having" => Self::Having,
            b"limit" | b"offset" => Self::Limit,
            b"into" => Self::Into,
            b"procedure" => Self::Procedure,
            b"case" => Self::Case,
            b"when" | b"then" | b"else" => Self::When,
            b"end" => Self::End,
            b"as" => Self::As,
            b"asc" | b"desc" => Self::Direction,
            b"join" | b"inner" | b"outer" | b"cross" | b"natural" | b"left" | b"right" | b"full" => Self::Join,
            b"using" | b"collate" | b"separator" | b"escape" | b"for" | b"against" | b"over" | b"partition" => {
                Self::Modifier
            }
            b"insert" | b"update" | b"delete" | b"drop" | b"create" | b"alter" | b"truncate" | b"exec" | b"execute"
            | b"declare" | b"set" | b"begin" | b"waitfor" | b"if" | b"call" | b"shutdown" | b"grant" | b"revoke"
            | b"merge" | b"replace" | b"load" | b"bulk" | b"backup" | b"copy" | b"do" | b"use" | b"print"
            | b"handler" | b"rename" | b"with" | b"values" | b"show" | b"goto" | b"kill" | b"prepare" | b"attach"
            | b"dbcc" | b"reconfigure" | b"commit" | b"rollback" | b"revert" | b"go" | b"pragma" | b"vacuum" => {
                Self::Statement
            }
            _ => Self::Plain,
        }
    }
}
