//! One block of what happened, for a terminal of eighty columns.

use std::io::{self, Write};

use super::rates::{Counts, Rates};
use crate::output::{Output, Style};
use crate::shown::plain;

/// Clears the terminal and goes to its first line.
pub const CLEAR: &str = "\x1b[H\x1b[2J";
/// How many characters of a name are shown.
const NAME_CHARACTERS_MAX: usize = 44;

/// Shows what happened in `seconds`, or since the service started.
pub fn show(output: &mut Output, url: &str, rates: &Rates, seconds: Option<f64>, rows: usize) -> io::Result<()> {
    let block = Block { seconds, rows };
    let span = seconds.map_or("since the service started".to_owned(), |seconds| format!("over {seconds:.1} s"));
    let heading = output.paint(format!("rasp top  {}  {span}", plain(url)), Style::Bold);
    writeln!(output, "{heading}")?;
    if rates.series == 0 {
        writeln!(output, "There is no series of tower-rasp on this page. Its first request makes them.")?;
    } else {
        block.requests(output, rates)?;
        block.times(output, rates)?;
        block.state(output, rates)?;
        block.table(output, "category", &rates.categories)?;
        block.table(output, "rule", &rates.rules)?;
        block.table(output, "attacked route", &rates.routes)?;
        block.table(output, "not inspected", &rates.causes)?;
    }
    if rates.unreadable + rates.past_the_limit > 0 {
        let (unreadable, past) = (rates.unreadable, rates.past_the_limit);
        writeln!(output, "lines left out: {unreadable} that cannot be read, {past} past the limit")?;
    }
    writeln!(output)
}

struct Block {
    seconds: Option<f64>,
    rows: usize,
}

impl Block {
    /// A count as a rate, where there is a time.
    fn rate(&self, count: f64) -> String {
        match self.seconds {
            Some(seconds) => format!("{:.1}/s", count / seconds.max(0.001)),
            None => format!("{count:.0}"),
        }
    }

    fn requests(&self, output: &mut Output, rates: &Rates) -> io::Result<()> {
        write!(output, "requests       {:>10}", self.rate(rates.requests))?;
        for (action, count) in rates.actions.iter().take(self.rows) {
            let style = match action.as_str() {
                "block" => Style::Red,
                "alert" | "throttle" => Style::Yellow,
                _ => Style::Green,
            };
            let action = output.paint(shown(action), style);
            write!(output, "   {action} {}", self.rate(*count))?;
        }
        writeln!(output)?;
        if rates.let_through > 0.0 {
            let text = format!("would be refused, and was let through: {}", self.rate(rates.let_through));
            let text = output.paint(text, Style::Red);
            writeln!(output, "{text}")?;
        }
        Ok(())
    }

    fn times(&self, output: &mut Output, rates: &Rates) -> io::Result<()> {
        for (phase, times) in rates.times.iter().take(self.rows) {
            if let Some((middle, slow)) = times.quantile(0.5).zip(times.quantile(0.99)) {
                let phase = format!("time, {}", shown(phase));
                writeln!(output, "{phase:<14} p50 {:>10}   p99 {:>10}", time(middle), time(slow))?;
            }
        }
        Ok(())
    }

    fn state(&self, output: &mut Output, rates: &Rates) -> io::Result<()> {
        if let Some((used, limit)) = rates.memory_bytes {
            writeln!(output, "memory         {} of {}", bytes(used), bytes(limit))?;
        }
        for ((route, mode), categories) in rates.modes.iter().take(self.rows) {
            let line = match (route.as_str(), mode.as_str()) {
                ("", "enforce") => format!("mode enforce   {} categories", categories.len()),
                (route, mode) if !route.is_empty() => {
                    let style = if mode == "enforce" { Style::Green } else { Style::Yellow };
                    let line = format!("mode {:<9} {} categories on {}", shown(mode), categories.len(), shown(route));
                    output.paint(line, style)
                }
                _ => {
                    let names: Vec<String> = categories.iter().take(self.rows).map(|name| shown(name)).collect();
                    let more = if categories.len() > names.len() { ", .." } else { "" };
                    let line = format!("mode {:<9} {}{more}", shown(mode), names.join(", "));
                    output.paint(line, Style::Yellow)
                }
            };
            writeln!(output, "{line}")?;
        }
        for (what, count) in [("engine errors", rates.engine_errors), ("events dropped", rates.events_dropped)] {
            if count > 0.0 {
                let line = output.paint(format!("{what:<14} {:>10}", self.rate(count)), Style::Red);
                writeln!(output, "{line}")?;
            }
        }
        Ok(())
    }

    fn table(&self, output: &mut Output, what: &str, counts: &Counts) -> io::Result<()> {
        if counts.is_empty() {
            return Ok(());
        }
        let mut sorted: Vec<_> = counts.iter().collect();
        sorted.sort_by(|(name, one), (other_name, other)| {
            let by_count = other.lately.total_cmp(&one.lately).then(other.total.total_cmp(&one.total));
            by_count.then(name.cmp(other_name))
        });
        let heading = match self.seconds {
            Some(_) => format!("{what:<NAME_CHARACTERS_MAX$} {:>14} {:>14}", "lately", "total"),
            None => format!("{what:<NAME_CHARACTERS_MAX$} {:>14}", "total"),
        };
        output.heading(&heading)?;
        for (name, count) in sorted.iter().take(self.rows) {
            let name = if name.is_empty() { "(none)".to_owned() } else { shown(name) };
            match self.seconds {
                Some(_) => writeln!(
                    output,
                    "{name:<NAME_CHARACTERS_MAX$} {:>14} {:>14.0}",
                    self.rate(count.lately),
                    count.total
                )?,
                None => writeln!(output, "{name:<NAME_CHARACTERS_MAX$} {:>14.0}", count.total)?,
            }
        }
        if sorted.len() > self.rows {
            writeln!(output, ".. and {} more", sorted.len() - self.rows)?;
        }
        Ok(())
    }
}

/// A name that came with the page: escaped, and cut.
fn shown(name: &str) -> String {
    let cut: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
    let escaped = plain(&cut);
    if escaped.chars().count() <= NAME_CHARACTERS_MAX && cut.len() == name.len() {
        return escaped;
    }
    let mut short: String = escaped.chars().take(NAME_CHARACTERS_MAX - 2).collect();
    short.push_str("..");
    short
}

fn time(seconds: f64) -> String {
    match seconds {
        _ if seconds < 1e-6 => format!("{:.0} ns", seconds * 1e9),
        _ if seconds < 1e-3 => format!("{:.1} µs", seconds * 1e6),
        _ if seconds < 1.0 => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{seconds:.1} s"),
    }
}

fn bytes(count: f64) -> String {
    match count {
        _ if count < 1024.0 => format!("{count:.0} B"),
        _ if count < 1_048_576.0 => format!("{:.1} KiB", count / 1024.0),
        _ => format!("{:.1} MiB", count / 1_048_576.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_and_cut() {
        assert_eq!(shown("sqli.union"), "sqli.union");
        assert_eq!(shown("\x1b[31m\u{202e}"), "\\u{1b}[31m\\u{202e}");
        assert_eq!(shown(&"a".repeat(500)).chars().count(), NAME_CHARACTERS_MAX);
        assert!(shown(&"\x07".repeat(500)).chars().count() <= NAME_CHARACTERS_MAX);
    }

    #[test]
    fn times_have_their_unit() {
        for (seconds, text) in [(5e-7, "500 ns"), (2.5e-6, "2.5 µs"), (0.0125, "12.5 ms"), (2.0, "2.0 s")] {
            assert_eq!(time(seconds), text);
        }
    }
}
