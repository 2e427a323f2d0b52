//! What `--out` writes: one JSON object a request. The format is stable.

use std::io::{self, Write};

use serde::Serialize;

use super::Outcome;
use super::record::Record;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    label: &'a str,
    class: Option<&'a str>,
    verdict: &'static str,
    confidence: Option<&'static str>,
    score: u32,
    ns: u64,
    complete: String,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    category: &'static str,
    location: String,
    confidence: &'static str,
}

/// Writes the line of one record.
pub fn write(out: &mut impl Write, record: &Record, outcome: &Outcome) -> io::Result<()> {
    let verdict = outcome.verdict.as_ref();
    let findings = verdict.map_or(&[][..], |verdict| &verdict.findings).iter().map(|judged| Finding {
        rule: &judged.finding.rule.id,
        category: judged.finding.rule.category.as_str(),
        location: judged.finding.location.to_string(),
        confidence: judged.finding.confidence.as_str(),
    });
    let line = Line {
        id: &record.id,
        label: &record.label,
        class: record.class.as_deref(),
        verdict: outcome.action().as_str(),
        confidence: verdict.and_then(|verdict| verdict.confidence).map(|confidence| confidence.as_str()),
        score: verdict.map_or(0, |verdict| verdict.score),
        ns: outcome.ns,
        complete: verdict.map_or_else(|| "refused".to_owned(), |verdict| verdict.completeness.to_string()),
        findings: findings.collect(),
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}
