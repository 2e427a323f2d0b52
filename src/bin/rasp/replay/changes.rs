//! What a second configuration changes.

use std::collections::BTreeMap;
use std::io::Write;

use tower_rasp::Action;

use super::record::Record;
use crate::failure::Failure;
use crate::output::{Output, Style};
use crate::shown::plain;

/// The records whose verdict differs.
#[derive(Default)]
pub struct Changes {
    records: u64,
    counts: BTreeMap<(String, Action, Action), u64>,
    changed: Vec<(String, Action, Action)>,
}

impl Changes {
    pub fn add(&mut self, record: &Record, from: Action, to: Action) {
        self.records += 1;
        if from != to {
            *self.counts.entry((record.label.clone(), from, to)).or_default() += 1;
            self.changed.push((record.id.clone(), from, to));
        }
    }

    pub fn print(&self, output: &mut Output) -> Result<(), Failure> {
        let title = format!("== against: {} of {} verdicts change ==", self.changed.len(), self.records);
        let title = output.paint(title, Style::Bold);
        writeln!(output, "{title}")?;
        for ((label, from, to), records) in &self.counts {
            writeln!(output, "  {:10}{:14}{records:>8}", plain(label), format!("{from} -> {to}"))?;
        }
        if !self.changed.is_empty() {
            output.heading("each of them")?;
        }
        for (id, from, to) in &self.changed {
            writeln!(output, "  {from} -> {to}  {}", plain(id))?;
        }
        Ok(())
    }
}
