//! `rasp evidence`: a key for evidence, and what was kept under it.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::Value;
use tower_rasp::BuildError;
use tower_rasp::tools::{EvidenceKeys, SealedEvidence};

use super::failure::Failure;
use super::output::{self, Output};
use super::shown::count;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a key: writes the secret half to a new file, as age-keygen does, and prints the public one.
    Keygen {
        /// The file to write; one that is there already is left alone.
        file: PathBuf,
    },
    /// Decrypts lines of evidence and prints them as JSON. It shows what attackers and clients sent.
    Open {
        /// The file of the secret key, of rasp evidence keygen or age-keygen.
        #[arg(long, value_name = "KEYFILE")]
        identity: PathBuf,
        /// Only the evidence of this incident id.
        #[arg(long, value_name = "ID")]
        incident: Option<String>,
        /// The file of evidence.
        file: PathBuf,
    },
}

pub fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::Keygen { file } => keygen(file, output),
        Command::Open { identity, incident, file } => open(identity, incident.as_deref(), file, output),
    }
}

fn keygen(path: &Path, output: &mut Output) -> Result<ExitCode, Failure> {
    let (secret, public) = EvidenceKeys::generate();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(secret.as_bytes()));
    written.map_err(|error| Failure::of_file(path, &error))?;
    writeln!(output, "{public}")?;
    Ok(ExitCode::SUCCESS)
}

fn open(identity: &Path, incident: Option<&str>, path: &Path, output: &mut Output) -> Result<ExitCode, Failure> {
    let text = fs::read_to_string(identity).map_err(|error| Failure::of_file(identity, &error))?;
    let keys = EvidenceKeys::from_text(&text).map_err(|error| at(identity, None, &error))?;
    let file = File::open(path).map_err(|error| Failure::of_file(path, &error))?;
    let (mut opened, mut closed) = (0, 0);
    for (index, line) in BufReader::new(file).split(b'\n').enumerate() {
        let line = line.map_err(|error| Failure::of_file(path, &error))?;
        match document(&line, incident, &keys) {
            Ok(None) => {}
            Ok(Some(document)) => {
                opened += 1;
                writeln!(output, "{}", shown(&document))?;
            }
            Err(error) => {
                closed += 1;
                let Failure::Wrong(message) = at(path, Some(index + 1), &error) else { continue };
                output::complain("warning", &message);
            }
        }
    }
    let wrong = match (incident, opened, closed) {
        (_, _, 1..) => format!("{} could not be opened", count(closed, "line")),
        (Some(id), 0, 0) => format!("no line is about the incident {}", id.escape_debug()),
        _ => return Ok(ExitCode::SUCCESS),
    };
    Err(Failure::Wrong(format!("{}: {wrong}", path.display())))
}

/// What a line holds; none where it is about another incident.
fn document(line: &[u8], incident: Option<&str>, keys: &EvidenceKeys) -> Result<Option<Value>, BuildError> {
    if line.is_empty() {
        return Ok(None);
    }
    let sealed = SealedEvidence::from_line(line)?;
    if incident.is_some_and(|id| id != sealed.incident) {
        return Ok(None);
    }
    sealed.open(keys).map(Some)
}

fn at(path: &Path, line: Option<usize>, error: &BuildError) -> Failure {
    let line = line.or(error.line()).map_or_else(String::new, |line| format!(":{line}"));
    let mend = error.mend_text().map_or_else(String::new, |mend| format!("; {mend}"));
    Failure::Wrong(format!("{}{line}: {}{mend}", path.display(), error.message()))
}

/// The document as JSON in which nothing steers a terminal: what is not seen there is escaped.
fn shown(document: &Value) -> String {
    let mut text = String::new();
    for character in format!("{document:#}").chars() {
        match character {
            ' '..='~' | '\n' => text.push(character),
            character if character.is_alphanumeric() => text.push(character),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // Writing to a String does not fail.
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_it_steers_a_terminal_and_it_is_still_the_same_json() {
        let document = serde_json::json!({ "a": "\u{202e}é\u{9b}31m\u{7f}\u{1b}[2J\u{1f600}" });
        let text = shown(&document);
        assert_eq!(text, "{\n  \"a\": \"\\u202eé\\u009b31m\\u007f\\u001b[2J\\ud83d\\ude00\"\n}");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), document);
    }
}
