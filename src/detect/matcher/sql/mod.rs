//! SQL injection: would this value change the statement that a back end puts it into?
//!
//! A back end may have put the value anywhere: as it is, behind `=`, or between quotes of one kind.
//! So it is read as the rest of a statement from its begin, and from behind each quote in it, whatever
//! stands before ([`walk`]); a `union` or a `;` ends a statement from wherever it stands. What such a
//! reading saw, and how it ended, decides ([`judge`]). Each rule asks for one family of structures.
//!
//! # What this does not protect from
//!
//! A value that is one honest operand (`admin`, `5`, `O'Reilly`) and harmful by its meaning; names of
//! columns and directions (`order by <value>`) that are plain words; a statement that is broken up over
//! several values of a request.

mod anchor;
mod function;
mod judge;
mod marks;
mod statement;
mod walk;

use super::CodeMatcher;
use super::Match;

use anchor::find;

/// The structures that one rule looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// An operator behind a quote that ends a string.
    Breakout,
    /// A boolean expression in place of a number.
    Tautology,
    /// `union select`.
    Union,
    /// A query, on its own or inside of an expression.
    Query,
    /// A statement that changes something, behind `;` or on its own.
    Statement,
    /// Calls that wait, read files or leak by errors.
    Function,
    /// `order by`, `having`, `into outfile` behind an operand.
    Clause,
    /// A quote, then a comment.
    CommentTail,
}

macro_rules! matchers {
    ($($matcher:ident = $name:literal, $family:ident;)+) => {
        $(
            pub(super) static $matcher: CodeMatcher =
                CodeMatcher { name: $name, find: |value| find(value, Family::$family) };
        )+
    };
}

matchers! {
    BREAKOUT = "sql_breakout", Breakout;
    TAUTOLOGY = "sql_tautology", Tautology;
    UNION = "sql_union", Union;
    QUERY = "sql_query", Query;
    STATEMENT = "sql_statement", Statement;
    FUNCTION = "sql_function", Function;
    CLAUSE = "sql_clause", Clause;
    COMMENT_TAIL = "sql_comment_tail", CommentTail;
}

#[cfg(test)]
mod tests;
