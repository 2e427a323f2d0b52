//! Requests against a compiled operation: the head at once, the body when all of it was read.
//!
//! | of OpenAPI | what is done |
//! |---|---|
//! | `in: path`, `simple` `label` `matrix` | split raw, then decoded; scalars, arrays, objects, with and without `explode` |
//! | `in: query`, `form` `spaceDelimited` `pipeDelimited` `deepObject` | the same; a scalar twice is `duplicate` |
//! | `in: header`, `in: cookie` | lines of one header are one list; a cookie as `form` |
//! | `content` of a parameter | one JSON document |
//! | `allowEmptyValue` | an empty text passes |
//! | types of texts | as the schema allows, through references and combinations; where a string and something else would do, either |
//! | JSON bodies | on the tape; what `serde_json` refuses is `malformed` or `duplicate` |
//! | forms, multipart | an object of fields; `encoding` says how texts are split and which types parts may have |
//! | `deepObject` in forms | `a[b]`, and as documents mean it `a[0][b]` and `a[]` |
//! | other bodies | one string: its bytes, as text |
//! | XML bodies | not enforced, and said (cause `unenforced_schema`) |
//! | `security` | one alternative must be there; whether it is right the service decides |
//! | formats | all of the draft, and `int32`, `byte`; unknown ones pass |
//!
//! Work is counted in steps: a look at a value is one, and 16 bytes of text are one more. A request
//! that would take more than its operation allows is incomplete (cause `budget`), and never valid.
//!
//! # What this does not protect from
//!
//! A pattern is linear but not free: what one costs on a byte is the schema's own matter. Of the
//! alternatives that a value fits none of, one failure is told and not the failures of each.

mod body;
mod deep;
mod embedded;
mod failures;
mod head;
mod media;
mod origin;
mod reader;
mod style;

pub use body::{BodyCheck, Checked};
pub use reader::{BodyReader, Prospect};

#[cfg(test)]
mod decoded_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod said_tests;
#[cfg(test)]
mod tests;
