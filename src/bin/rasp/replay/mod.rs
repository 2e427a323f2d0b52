//! `rasp replay`: labelled requests through the engine, and how well it did.
//!
//! Corpora are read a line at a time, each record is built once as an `http::Request` in memory,
//! and what is timed is the way from there to the verdict. The formats in and out are stable.

mod base64;
mod changes;
mod clock;
mod held_out;
mod line;
mod rate;
mod record;
mod report;
mod tally;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use tower_rasp::{Action, Rasp, Verdict};

use super::failure::Failure;
use super::output::Output;
use super::{Configuration, build, request};
use changes::Changes;
use held_out::HeldOut;
use record::Record;
pub use record::Records;
use tally::Tally;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    configuration: Configuration,
    /// A second configuration: shows which verdicts it changes.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// A split file: reports the records that it names apart.
    #[arg(long, value_name = "SPLIT")]
    held_out: Option<PathBuf>,
    /// Writes one JSON object a request to this file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Labelled requests as JSON Lines.
    #[arg(required = true)]
    corpus: Vec<PathBuf>,
}

/// What became of one record.
pub struct Outcome {
    /// The verdict; none when the `http` crate refuses the request.
    verdict: Option<Verdict>,
    /// Thread CPU time of one evaluation, in nanoseconds.
    ns: u64,
}

impl Outcome {
    /// What is done: a request that no layer would ever see counts as blocked.
    fn action(&self) -> Action {
        self.verdict.as_ref().map_or(Action::Block, |verdict| verdict.action)
    }
}

pub fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let mut run = Run::new(arguments)?;
    let bar = progress_bar(&arguments.corpus)?;
    let done = arguments.corpus.iter().try_for_each(|path| run.corpus(path, &bar));
    bar.finish_and_clear();
    done?;
    if let Some((path, out)) = &mut run.out {
        out.flush().map_err(|error| Failure::of_file(path, &error))?;
    }
    if run.tallies.first().is_none_or(|(_, all)| all.records == 0) {
        return Err(Failure::Wrong("nothing was replayed: there is no record in the corpus".to_owned()));
    }
    for (title, tally) in &run.tallies {
        report::print(title, tally, output)?;
    }
    if let Some((_, changes)) = &run.against {
        changes.print(output)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A replay on its way.
struct Run<'a> {
    rasp: Rasp,
    against: Option<(Rasp, Changes)>,
    held_out: Option<HeldOut>,
    out: Option<(&'a Path, BufWriter<File>)>,
    /// Everything, then with a split what is held out and what is not.
    tallies: Vec<(&'static str, Tally)>,
}

impl<'a> Run<'a> {
    fn new(arguments: &'a Arguments) -> Result<Self, Failure> {
        let rasp = arguments.configuration.build()?;
        let against = arguments.against.as_deref().map(|path| build(Some(path))).transpose()?;
        let held_out = arguments.held_out.as_deref().map(HeldOut::read).transpose()?;
        let create = |path: &'a PathBuf| {
            let real = |path: &Path| path.canonicalize().ok();
            if arguments.corpus.iter().any(|corpus| real(corpus).is_some() && real(corpus) == real(path)) {
                return Err(Failure::Wrong(format!("{}: is read as a corpus; write to another file", path.display())));
            }
            let file = File::create(path).map_err(|error| Failure::of_new_file(path, &error))?;
            Ok::<_, Failure>((path.as_path(), BufWriter::new(file)))
        };
        let titles: &[&str] = if held_out.is_some() { &["all", "held out", "not held out"] } else { &["all"] };
        Ok(Self {
            rasp,
            against: against.map(|rasp| (rasp, Changes::default())),
            held_out,
            out: arguments.out.as_ref().map(create).transpose()?,
            tallies: titles.iter().map(|title| (*title, Tally::default())).collect(),
        })
    }

    fn corpus(&mut self, path: &Path, bar: &ProgressBar) -> Result<(), Failure> {
        let file =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        for record in Records::open(path)? {
            let (record, bytes) = record?;
            self.record(&file, &record)?;
            bar.inc(bytes);
        }
        Ok(())
    }

    fn record(&mut self, file: &str, record: &Record) -> Result<(), Failure> {
        let request = record.request();
        let outcome = match &request {
            Ok(request) => {
                let (verdict, ns) = clock::median(|| request::inspect(&self.rasp, request));
                Outcome { verdict: Some(verdict), ns }
            }
            Err(_) => Outcome { verdict: None, ns: 0 },
        };
        if let (Some((rasp, changes)), Ok(request)) = (&mut self.against, &request) {
            changes.add(record, outcome.action(), request::inspect(rasp, request).action);
        }
        if let Some((path, out)) = &mut self.out {
            line::write(out, record, &outcome).map_err(|error| Failure::of_file(path, &error))?;
        }
        let is_held_out = self.held_out.as_ref().is_some_and(|split| split.contains(record));
        for (title, tally) in &mut self.tallies {
            if *title == "all" || (*title == "held out") == is_held_out {
                tally.add(file, record, &outcome);
            }
        }
        Ok(())
    }
}

/// A bar over the bytes of all corpora; hidden where standard error is no terminal.
fn progress_bar(corpora: &[PathBuf]) -> Result<ProgressBar, Failure> {
    let mut bytes = 0;
    for path in corpora {
        bytes += std::fs::metadata(path).map_err(|error| Failure::of_file(path, &error))?.len();
    }
    let bar = ProgressBar::new(bytes);
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} % {eta:>4}");
    Ok(style.map_or(bar.clone(), |style| bar.with_style(style)))
}
