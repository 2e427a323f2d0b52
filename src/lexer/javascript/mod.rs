//! JavaScript: its tokens, and what a text of them would do.

mod reading;
mod tokens;
mod words;

pub(crate) use reading::{Reading, Start, Tail, calls_browser, read};
pub(crate) use tokens::{Kind, Tokens};
