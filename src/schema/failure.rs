//! What a check leaves behind: what failed, and what became known about the rest.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Keyword, UndeclaredAction};
use crate::byte_set::ByteSet;
use crate::input::{Location, Place};

/// A value that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What failed.
    pub keyword: Keyword,
    /// Where.
    pub location: Location,
    /// The pointer of the failing keyword in its document (RFC 6901).
    pub schema_pointer: Box<str>,
    /// One sentence that holds nothing of the value: `must be at most 64 characters`.
    pub message: Cow<'static, str>,
}

/// What a declared field holds that would be an attack elsewhere (`x-rasp-content`, or `format`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// HTML.
    Html,
    /// Markdown.
    Markdown,
    /// Source code of any language.
    Code,
    /// SQL.
    Sql,
}

/// What a schema makes known about one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// It was validated as something in which no attack can stand; the word says as what: `integer`,
    /// `uuid`, `enum`, `date`.
    Pinned(&'static str),
    /// It was validated by a pattern as made of these bytes. Some attacks are words: rules that need no
    /// other byte look at it all the same.
    Plain(ByteSet),
    /// It may hold what is everyday in such content.
    Content(Content),
}

impl Fact {
    /// What is known of several such values in one text, with commas and spaces between them.
    #[must_use]
    pub const fn joined(self) -> Self {
        match self {
            Self::Plain(bytes) => Self::Plain(bytes.union(ByteSet::of(b", \t"))),
            other => other,
        }
    }
}

/// What became known, by place and name.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    known: HashMap<Box<[u8]>, Vec<(Place, Fact)>>,
}

impl Facts {
    /// Remembers a fact.
    pub fn insert(&mut self, place: Place, name: &[u8], fact: Fact) {
        let facts = self.known.entry(name.into()).or_default();
        facts.retain(|(known, _)| *known != place);
        facts.push((place, fact));
    }

    /// Whether anything is known about a header, or about any cookie where that is its name.
    #[must_use]
    pub fn speak_of(&self, header: &[u8]) -> bool {
        let is_header = |(place, _): &(Place, Fact)| *place == Place::Header;
        match header {
            b"cookie" => self.known.values().flatten().any(|(place, _)| *place == Place::Cookie),
            _ => self.known.get(header).is_some_and(|facts| facts.iter().any(is_header)),
        }
    }

    /// What is known about a value.
    #[must_use]
    pub fn of(&self, place: Place, name: &[u8]) -> Option<Fact> {
        if self.known.is_empty() {
            return None;
        }
        self.known.get(name)?.iter().find(|(known, _)| *known == place).map(|(_, fact)| *fact)
    }
}

/// Everything that a check leaves behind.
#[derive(Clone, Debug)]
pub struct Report {
    /// What failed, in the order of reading.
    pub failures: Vec<Failure>,
    /// How many failures are told.
    failures_max: usize,
    /// The most that is to be done about failures that are not told.
    pub untold: UndeclaredAction,
    /// What became known.
    pub facts: Facts,
    /// Whether something stands there that cannot be enforced (cause `unenforced_schema`).
    pub unenforced: bool,
    /// Whether the work that one request may cost was spent before the end (cause `budget`).
    pub out_of_budget: bool,
    /// Steps of work that were done.
    pub steps: u64,
}

impl Report {
    /// An empty one, that tells so many failures.
    #[must_use]
    pub fn up_to(failures_max: usize) -> Self {
        Self {
            failures: Vec::new(),
            failures_max,
            untold: UndeclaredAction::Pass,
            facts: Facts::default(),
            unenforced: false,
            out_of_budget: false,
            steps: 0,
        }
    }

    /// How many more failures are told.
    #[must_use]
    pub fn room(&self) -> usize {
        self.failures_max.saturating_sub(self.failures.len())
    }

    /// Tells a failure, about which so much is to be done; past the bound only that is kept.
    pub fn fail(&mut self, action: UndeclaredAction, failure: impl FnOnce() -> Failure) {
        if self.room() > 0 {
            self.failures.push(failure());
        } else {
            self.untold = self.untold.max(action);
        }
    }
}

#[cfg(test)]
impl Default for Report {
    fn default() -> Self {
        Self::up_to(32)
    }
}
