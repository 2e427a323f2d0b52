//! What is counted over the records.

use std::collections::BTreeMap;

use super::Outcome;
use super::rate::Rate;
use super::record::Record;

/// Qualities whose attacks are counted apart: not every one of them is an attack.
const DOUBTFUL: [&str; 3] = ["medium", "low", "context"];

/// Rates by a name.
pub type Rates = BTreeMap<String, Rate>;

/// Counts over a set of records.
#[derive(Default)]
pub struct Tally {
    pub records: u64,
    /// Attacks of good quality by class.
    pub attacks: Rates,
    /// All attacks by quality.
    pub qualities: Rates,
    /// Attacks of doubtful quality, by quality and class.
    pub doubtful: Rates,
    pub benign_classes: Rates,
    pub benign_placements: Rates,
    pub benign_files: Rates,
    /// Records whose label is neither attack nor benign.
    pub other_labels: Rates,
    /// Requests that the `http` crate refuses.
    pub refused: u64,
    /// Requests that were not inspected whole, by cause.
    pub incomplete: BTreeMap<&'static str, u64>,
    /// Nanoseconds of each request that was inspected, by file.
    pub costs: BTreeMap<String, Vec<u64>>,
}

impl Tally {
    pub fn add(&mut self, file: &str, record: &Record, outcome: &Outcome) {
        self.records += 1;
        let count = |rates: &mut Rates, name: &str| {
            rates.entry(name.to_owned()).or_default().add(outcome.action());
        };
        match record.label.as_str() {
            "attack" => {
                let quality = record.quality.as_deref().unwrap_or("good");
                count(&mut self.qualities, quality);
                if DOUBTFUL.contains(&quality) {
                    count(&mut self.doubtful, &format!("{quality} {}", record.class()));
                } else {
                    count(&mut self.attacks, record.class());
                }
            }
            "benign" => {
                count(&mut self.benign_classes, record.class());
                count(&mut self.benign_placements, record.placement());
                count(&mut self.benign_files, file);
            }
            other => count(&mut self.other_labels, other),
        }
        let Some(verdict) = &outcome.verdict else {
            self.refused += 1;
            return;
        };
        self.costs.entry(file.to_owned()).or_default().push(outcome.ns);
        for cause in verdict.completeness.causes() {
            *self.incomplete.entry(cause.as_str()).or_default() += 1;
        }
    }
}
