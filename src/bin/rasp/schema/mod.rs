//! `rasp schema`: are these schemas right, what traffic do they not cover, and what would fit it.

mod check;
mod coverage;
mod infer;

pub use check::unenforced;

use std::process::ExitCode;

use clap::Subcommand;

use super::failure::Failure;
use super::output::Output;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Says what is wrong with a document of schemas, and where it is loose.
    Check(check::Arguments),
    /// Says which routes, parameters and fields of traffic the schemas of a configuration do not cover.
    Coverage(coverage::Arguments),
    /// Proposes an OpenAPI 3.1 document from traffic, for a person to review.
    Infer(infer::Arguments),
}

pub fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::Check(arguments) => check::run(arguments, output),
        Command::Coverage(arguments) => coverage::run(arguments, output),
        Command::Infer(arguments) => infer::run(arguments, output),
    }
}
