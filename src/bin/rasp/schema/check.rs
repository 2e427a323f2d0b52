//! `rasp schema check`: are these schemas right, and where are they loose.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use tower_rasp::tools::{Origin, SchemaCheck, Unenforced, check_schema, check_schema_source, from_path};

use crate::failure::Failure;
use crate::output::Output;
use crate::{build, shown};

/// The exit code for warnings that are denied.
const DENIED: u8 = 2;

#[derive(clap::Args)]
pub struct Arguments {
    /// An OpenAPI document or a JSON Schema, in JSON or YAML; or a configuration (`.toml`), whose sources are
    /// checked together.
    file: PathBuf,
    /// Prints one JSON object instead of text.
    #[arg(long)]
    json: bool,
    /// Makes warnings end with exit code 2.
    #[arg(long)]
    deny_warnings: bool,
}

pub fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let checks = if arguments.file.extension().is_some_and(|extension| extension == "toml") {
        // All of it together first: two sources may be right alone, and wrong together.
        build(Some(&arguments.file))?;
        let sources = from_path(&arguments.file)?.schemas.sources;
        let checks: Result<Vec<_>, Failure> =
            sources.iter().map(|source| Ok((source.name().to_owned(), check_schema_source(source)?))).collect();
        checks?
    } else {
        vec![read(&arguments.file.display().to_string())?]
    };
    if checks.is_empty() {
        writeln!(output, "{}: has no [[schema]]", shown::plain(&arguments.file.display().to_string()))?;
    }
    let warnings: usize = checks.iter().map(|(_, check)| check.loose.len() + check.unenforced().len()).sum();
    for (file, check) in &checks {
        if arguments.json { print_json(file, check, output)? } else { print(file, check, output)? }
    }
    let denied = arguments.deny_warnings && warnings > 0;
    Ok(if denied { ExitCode::from(DENIED) } else { ExitCode::SUCCESS })
}

fn read(file: &str) -> Result<(String, SchemaCheck), Failure> {
    let text = std::fs::read_to_string(Path::new(file)).map_err(|error| Failure::Wrong(format!("{file}: {error}")))?;
    Ok((file.to_owned(), check_schema(file, &text)?))
}

fn print(file: &str, check: &SchemaCheck, output: &mut Output) -> Result<(), Failure> {
    let operations = &check.contract.operations;
    writeln!(output, "{file}: valid, {}", shown::count(operations.len(), "operation"))?;
    for operation in operations {
        writeln!(output, "  {} {}", operation.method, operation.template)?;
    }
    unenforced(check.unenforced(), output)?;
    if !check.held.is_empty() {
        output.heading("held until it is validated: larger than `body_hold_bytes_max` it is refused (413)")?;
    }
    for origin in &check.held {
        writeln!(output, "  {}", place(origin))?;
    }
    if !check.loose.is_empty() {
        output.heading("loose")?;
        for spot in &check.loose {
            writeln!(output, "  {}: {}", place(&spot.origin), spot.what)?;
        }
    }
    Ok(())
}

/// Lists what cannot be enforced, where there is anything.
pub fn unenforced(list: &[Unenforced], output: &mut Output) -> Result<(), Failure> {
    if !list.is_empty() {
        output.heading("not enforced: a request that meets it is incomplete (unenforced_schema)")?;
    }
    for one in list {
        writeln!(output, "  {}: {}", place(&one.origin), shown::plain(&one.reason))?;
    }
    Ok(())
}

fn print_json(file: &str, check: &SchemaCheck, output: &mut Output) -> Result<(), Failure> {
    let at = |origin: &Origin, what: &str| json!({ "line": origin.line, "pointer": origin.pointer, "message": what });
    let operations = check.contract.operations.iter().map(|one| json!({ "method": one.method, "route": one.template }));
    let report = json!({
        "file": file,
        "operations": operations.collect::<Vec<_>>(),
        "unenforced": check.unenforced().iter().map(|one| at(&one.origin, &one.reason)).collect::<Vec<_>>(),
        "held": check.held.iter().map(|one| json!({ "line": one.line, "pointer": one.pointer })).collect::<Vec<_>>(),
        "loose": check.loose.iter().map(|spot| at(&spot.origin, spot.what)).collect::<Vec<_>>(),
    });
    writeln!(output, "{report}")?;
    Ok(())
}

fn place(origin: &Origin) -> String {
    let line = origin.line.map_or_else(String::new, |line| format!(":{line}"));
    format!("{}{line} {}", origin.file, shown::plain(&origin.pointer))
}
