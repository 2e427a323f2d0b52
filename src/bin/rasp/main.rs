//! The command line of `tower-rasp`: is a configuration right, why was a request refused, how well
//! does the engine do, what are its rules, what does a running service do.

mod check;
#[cfg(feature = "evidence")]
mod evidence;
mod explain;
mod failure;
mod output;
mod raw_request;
mod replay;
mod request;
mod rules;
#[cfg(feature = "schema")]
mod schema;
mod shown;
mod top;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tower_rasp::Rasp;

use failure::Failure;
use output::Output;

/// Checks configurations, explains verdicts, replays corpora, shows rules and watches services of tower-rasp.
///
/// Exit codes: 0 when all is well; 1 for an error (one in the arguments too), which is told on standard error as
/// `error: FILE:LINE: what is wrong; what to do`; 2 from `check --deny-warnings` when there are
/// warnings and no error.
#[derive(Parser)]
#[command(name = "rasp", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Says whether a configuration is valid, what it does, and what in it does nothing.
    Check(check::Arguments),
    /// Shows everything that is decided about one raw HTTP/1.1 request, and why.
    Explain(explain::Arguments),
    /// Makes a key for evidence, or opens what was kept under it.
    #[cfg(feature = "evidence")]
    Evidence(evidence::Arguments),
    /// Runs corpora of labelled requests through the engine, and reports recall, false alarms and cost.
    Replay(replay::Arguments),
    /// Lists the rules, shows one, or runs the proof of all.
    Rules(rules::Arguments),
    /// Checks documents of schemas: OpenAPI, JSON Schema, or those of a configuration.
    #[cfg(feature = "schema")]
    Schema(schema::Arguments),
    /// Shows what a running service does, from its metrics endpoint, as it changes.
    Top(top::Arguments),
}

/// The configuration that a command works with.
#[derive(clap::Args)]
struct Configuration {
    /// The configuration file; without one the defaults hold.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Configuration {
    fn build(&self) -> Result<Rasp, Failure> {
        build(self.config.as_deref())
    }
}

fn build(config: Option<&Path>) -> Result<Rasp, Failure> {
    let builder = Rasp::builder();
    let builder = match config {
        Some(path) => builder.config_path(path),
        None => builder,
    };
    #[cfg(feature = "schema")]
    let builder = builder.schemas_may_be_elsewhere();
    Ok(builder.build()?)
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Where the text cannot be written, nobody is there to read it.
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    let mut output = Output::new();
    let done = match arguments.command {
        Command::Check(arguments) => check::run(&arguments, &mut output),
        Command::Explain(arguments) => explain::run(&arguments, &mut output),
        #[cfg(feature = "evidence")]
        Command::Evidence(arguments) => evidence::run(&arguments, &mut output),
        Command::Replay(arguments) => replay::run(&arguments, &mut output),
        Command::Rules(arguments) => rules::run(&arguments, &mut output),
        #[cfg(feature = "schema")]
        Command::Schema(arguments) => schema::run(&arguments, &mut output),
        Command::Top(arguments) => top::run(&arguments, &mut output),
    };
    match done.and_then(|code| output.flush().map(|()| code).map_err(Failure::from)) {
        Ok(code) => code,
        // Whoever read the output has read enough.
        Err(Failure::NobodyReads) => ExitCode::SUCCESS,
        Err(Failure::Wrong(message)) => {
            // What was found before the error comes before it.
            let _ = output.flush();
            output::complain("error", &message);
            ExitCode::FAILURE
        }
    }
}
