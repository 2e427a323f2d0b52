//! The split: which records nobody looked into while rules were written.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::record::Record;
use crate::failure::Failure;

/// Whole sources, and lists of others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOut {
    #[serde(default)]
    sources: Vec<String>,
    #[serde(default)]
    lists: BTreeMap<String, Vec<String>>,
}

impl HeldOut {
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::of_file(path, &error))?;
        toml::from_str(&text).map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = 1 + before.matches('\n').count();
            Failure::Wrong(format!("{}:{line}: {}", path.display(), error.message()))
        })
    }

    pub fn contains(&self, record: &Record) -> bool {
        let source = record.source();
        let of_list = || {
            let lists = self.lists.get(source)?;
            record.list.as_ref().filter(|list| lists.contains(list))
        };
        self.sources.iter().any(|held_out| held_out == source) || of_list().is_some()
    }
}
