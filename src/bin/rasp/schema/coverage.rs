//! `rasp schema coverage`: what of the traffic no schema covers.
//!
//! The schemas of a configuration are put in force as if nothing undeclared were let through, and
//! what would be told is counted: routes, methods, media types, parameters, fields.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use tower_rasp::{Mode, Rasp};

use super::infer::Paths;
use crate::failure::Failure;
use crate::output::Output;
use crate::replay::Records;
use crate::{request, shown};

/// Different spots that are listed; the counts of all are summed up.
const SPOTS_MAX: usize = 10_000;

#[derive(clap::Args)]
pub struct Arguments {
    /// The configuration whose schemas are looked at.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Requests as JSON Lines, in the format of `rasp replay`.
    #[arg(required = true)]
    corpus: Vec<PathBuf>,
}

#[derive(Default)]
struct Coverage {
    requests: u64,
    covered: u64,
    left_out: u64,
    /// By what is not covered: the operation or path, then the rule and location.
    spots: BTreeMap<(Place, String), u64>,
    /// The paths of no operation, from which templates are made.
    paths: Paths,
}

/// An operation of the schemas, or a method and a path that is of none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Operation(String),
    Path(String, String),
}

pub fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let rasp = Rasp::builder().config_path(&arguments.config).mode(Mode::Detect).undeclared_is_told().build()?;
    let mut coverage = Coverage::default();
    for corpus in &arguments.corpus {
        for record in Records::open(corpus)? {
            let (record, _) = record?;
            match record.request() {
                Ok(request) if record.label != "attack" => coverage.see(&rasp, &request),
                _ => coverage.left_out += 1,
            }
        }
    }
    coverage.print(output)?;
    Ok(ExitCode::SUCCESS)
}

impl Coverage {
    fn see(&mut self, rasp: &Rasp, request: &http::Request<bytes::Bytes>) {
        self.requests += 1;
        let explanation = rasp.engine().explain(request::head(request), request.body());
        let operation = explanation.operation.clone();
        let path = || Place::Path(request.method().to_string(), request.uri().path().to_owned());
        let mut whole = operation.is_some();
        for finding in explanation.context.findings() {
            let Some(what) = finding.rule.id.strip_prefix("schema.undeclared_") else { continue };
            whole = false;
            let (place, spot) = match (what, &operation) {
                ("field" | "parameter" | "header" | "content_type", Some(operation)) => {
                    (Place::Operation(operation.clone()), format!("{} {}", what.replace('_', " "), finding.location))
                }
                // Without an operation the path itself is what is not covered.
                _ => {
                    self.paths.see(request.uri().path());
                    (path(), what.to_owned())
                }
            };
            if self.spots.len() < SPOTS_MAX || self.spots.contains_key(&(place.clone(), spot.clone())) {
                *self.spots.entry((place, spot)).or_default() += 1;
            }
        }
        self.covered += u64::from(whole);
    }

    /// The same, with one line for the paths that differ in their ids only.
    fn by_template(&self) -> BTreeMap<(String, &str), u64> {
        let mut spots = BTreeMap::new();
        for ((place, spot), count) in &self.spots {
            let place = match place {
                Place::Operation(operation) => operation.clone(),
                Place::Path(method, path) => format!("{method} {}", self.paths.template(path).0),
            };
            *spots.entry((place, spot.as_str())).or_default() += count;
        }
        spots
    }

    fn print(&self, output: &mut Output) -> Result<(), Failure> {
        let percent = self.covered as f64 * 100.0 / self.requests.max(1) as f64;
        let covered = shown::count(self.covered as usize, "request");
        writeln!(output, "{covered} of {} covered ({percent:.1} %); {} left out", self.requests, self.left_out)?;
        let mut spots: Vec<_> = self.by_template().into_iter().collect();
        spots.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        if !spots.is_empty() {
            output.heading("not covered")?;
        }
        for ((place, spot), count) in spots {
            writeln!(output, "  {count:>6}  {}: {}", shown::plain(&place), shown::plain(spot))?;
        }
        Ok(())
    }
}
