//! The tables that a replay prints.

use std::io::Write;

use super::rate::{Rate, percent, wilson};
use super::tally::{Rates, Tally};
use crate::failure::Failure;
use crate::output::{Output, Style};
use crate::shown::{count, plain};

/// From how many records on a class counts in the mean over classes.
const CLASS_RECORDS_MIN: u64 = 10;

/// Prints everything about a set of records.
pub fn print(title: &str, tally: &Tally, output: &mut Output) -> Result<(), Failure> {
    let records = usize::try_from(tally.records).unwrap_or(usize::MAX);
    let line = output.paint(format!("== {title}: {} ==", count(records, "record")), Style::Bold);
    writeln!(output, "{line}")?;
    recall(tally, output)?;
    false_alarms(tally, output)?;
    if !tally.other_labels.is_empty() {
        table("other labels", &tally.other_labels, None, output)?;
    }
    uninspected(tally, output)?;
    costs(tally, output)?;
    writeln!(output)?;
    Ok(())
}

fn recall(tally: &Tally, output: &mut Output) -> Result<(), Failure> {
    if tally.qualities.is_empty() {
        return Ok(());
    }
    table("recall by class (attacks of good quality)", &tally.attacks, Some("total"), output)?;
    let counted: Vec<&Rate> = tally.attacks.values().filter(|rate| rate.records >= CLASS_RECORDS_MIN).collect();
    if !counted.is_empty() {
        let mean = |part: fn(&Rate) -> u64| {
            counted.iter().map(|rate| percent(part(rate), rate.records)).sum::<f64>() / counted.len() as f64
        };
        let (blocked, alerted) = (mean(|rate| rate.blocked), mean(|rate| rate.alerted));
        let name = format!("mean over {} classes of {CLASS_RECORDS_MIN}+", counted.len());
        writeln!(output, "  {name:32}{blocked:>7.2} %{:19}{alerted:>7.2} %", "")?;
    }
    table("recall by quality", &tally.qualities, None, output)?;
    if !tally.doubtful.is_empty() {
        table("recall by quality and class (not in the total above)", &tally.doubtful, None, output)?;
    }
    Ok(())
}

fn false_alarms(tally: &Tally, output: &mut Output) -> Result<(), Failure> {
    if tally.benign_classes.is_empty() {
        return Ok(());
    }
    table("false alarms by class", &tally.benign_classes, Some("total"), output)?;
    if tally.benign_classes.contains_key("code") {
        let others = tally.benign_classes.iter().filter(|(class, _)| *class != "code").map(|(_, rate)| *rate);
        row("total without code", sum(others), output)?;
    }
    table("false alarms by placement", &tally.benign_placements, None, output)?;
    table("false alarms by file", &tally.benign_files, None, output)
}

fn sum(rates: impl Iterator<Item = Rate>) -> Rate {
    rates.fold(Rate::default(), |mut sum, rate| {
        sum += rate;
        sum
    })
}

/// A table of rates, the largest first, with its total where one is named.
fn table(title: &str, rates: &Rates, total: Option<&str>, output: &mut Output) -> Result<(), Failure> {
    output.heading(title)?;
    let head = format!("  {:24}{:>8}{:>8}  {:17}{:>10}  {}", "", "records", "block", " 95 %", "or alert", " 95 %");
    let head = output.paint(head, Style::Dim);
    writeln!(output, "{head}")?;
    let mut rows: Vec<(&String, Rate)> = rates.iter().map(|(name, rate)| (name, *rate)).collect();
    rows.sort_by_key(|(_, rate)| std::cmp::Reverse(rate.records));
    for (name, rate) in rows {
        row(name, rate, output)?;
    }
    match total {
        Some(name) => row(name, sum(rates.values().copied()), output),
        None => Ok(()),
    }
}

fn row(name: &str, rate: Rate, output: &mut Output) -> Result<(), Failure> {
    let name = plain(name);
    let share = |part: u64| {
        let (low, high) = wilson(part, rate.records);
        format!("{:>7.2} %  [{low:>6.2}, {high:>6.2}]", percent(part, rate.records))
    };
    writeln!(output, "  {name:24}{:>8}{}{}", rate.records, share(rate.blocked), share(rate.alerted))?;
    Ok(())
}

fn uninspected(tally: &Tally, output: &mut Output) -> Result<(), Failure> {
    if tally.refused > 0 || !tally.incomplete.is_empty() {
        output.heading("not inspected whole")?;
    }
    if tally.refused > 0 {
        writeln!(
            output,
            "  {:24}{:>8}  counted as blocked: no layer would see them",
            "refused by `http`", tally.refused
        )?;
    }
    for (cause, records) in &tally.incomplete {
        writeln!(output, "  {cause:24}{records:>8}")?;
    }
    Ok(())
}

fn costs(tally: &Tally, output: &mut Output) -> Result<(), Failure> {
    if tally.costs.is_empty() {
        return Ok(());
    }
    output.heading("cost per request (thread CPU time, microseconds)")?;
    let head = output.paint(format!("  {:32}{:>10}{:>10}", "", "p50", "p99"), Style::Dim);
    writeln!(output, "{head}")?;
    for (file, costs) in &tally.costs {
        cost(file, costs.clone(), output)?;
    }
    cost("all", tally.costs.values().flatten().copied().collect(), output)
}

fn cost(name: &str, mut costs: Vec<u64>, output: &mut Output) -> Result<(), Failure> {
    costs.sort_unstable();
    // Nearest rank: one of the values that were measured.
    let rank = |percent: usize| {
        let index = (costs.len() * percent).div_ceil(100).saturating_sub(1);
        costs.get(index).map_or(0.0, |&ns| ns as f64 / 1_000.0)
    };
    writeln!(output, "  {name:32}{:>10.2}{:>10.2}", rank(50), rank(99))?;
    Ok(())
}
