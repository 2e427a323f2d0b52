//! What a reading has seen on its way, as bits.

/// `or`, `and`, `||` ...
pub(in super::super) const BOOLEAN: u32 = 1;
/// Behind a boolean: a comparison in which no side is a plain name.
pub(in super::super) const COMPARED_VALUES: u32 = 1 << 1;
/// Behind a boolean: a comparison with a name.
pub(in super::super) const COMPARED_NAME: u32 = 1 << 2;
/// A comparison without a boolean before it.
pub(in super::super) const COMPARED_EARLY: u32 = 1 << 3;
/// `select`.
pub(in super::super) const SELECT: u32 = 1 << 4;
/// A `select` inside of an expression.
pub(in super::super) const SUBSELECT: u32 = 1 << 5;
/// A selected value that is no plain name: number, string, star.
pub(in super::super) const LIST_VALUE: u32 = 1 << 6;
/// A selected call or variable.
pub(in super::super) const LIST_CALL: u32 = 1 << 7;
/// Several selected values.
pub(in super::super) const LIST_COMMA: u32 = 1 << 8;
/// `from`, and a table.
pub(in super::super) const FROM: u32 = 1 << 9;
/// A clause behind the table.
pub(in super::super) const QUERY_CLAUSE: u32 = 1 << 10;
/// `union select`.
pub(in super::super) const UNION: u32 = 1 << 11;
/// `union all select`.
pub(in super::super) const UNION_ALL: u32 = 1 << 12;
/// `order by` or `group by` and a number or call.
pub(in super::super) const BY_VALUE: u32 = 1 << 13;
/// `order by` or `group by` and a name.
pub(in super::super) const BY_NAME: u32 = 1 << 14;
/// `having` and a value.
pub(in super::super) const HAVING: u32 = 1 << 15;
/// `limit` and a number.
pub(in super::super) const LIMIT: u32 = 1 << 16;
/// `into outfile ..`.
pub(in super::super) const OUTFILE: u32 = 1 << 17;
/// `procedure analyse(`.
pub(in super::super) const PROCEDURE: u32 = 1 << 18;
/// A whole statement.
pub(in super::super) const STATEMENT: u32 = 1 << 19;
/// The beginning of a statement.
pub(in super::super) const STATEMENT_LOOSE: u32 = 1 << 20;
/// A call that no honest value makes.
pub(in super::super) const HOSTILE: u32 = 1 << 21;
/// A call that waits.
pub(in super::super) const WAIT: u32 = 1 << 22;
/// Something follows the closing quote without an operator between.
pub(in super::super) const GAP: u32 = 1 << 23;
/// `;` before a statement.
pub(in super::super) const STACKED: u32 = 1 << 24;
/// A selected thing was renamed by a plain word.
pub(in super::super) const ALIAS: u32 = 1 << 25;
/// A call of a function that SQL knows.
pub(in super::super) const KNOWN: u32 = 1 << 26;
/// `case`.
pub(in super::super) const CASE: u32 = 1 << 27;
/// A comma outside of a select list.
pub(in super::super) const COMMA: u32 = 1 << 28;
/// A query behind `;`.
pub(in super::super) const STACKED_SELECT: u32 = 1 << 29;
/// `union` beside a comment, and nothing behind it.
pub(in super::super) const HIDDEN_UNION: u32 = 1 << 30;
/// `case .. end`.
pub(in super::super) const CASE_END: u32 = 1 << 31;
