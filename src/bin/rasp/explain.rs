//! `rasp explain`: one request, everything that was decided about it, and why.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use tower_rasp::tools::{Explanation, LeafRecord, ViewRecord};
use tower_rasp::{Action, Verdict};

use super::failure::Failure;
use super::output::{Output, Style};
use super::raw_request::RawRequest;
use super::shown::{count, date, excerpt, plain};
use super::{Configuration, request};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    configuration: Configuration,
    /// A file with one raw HTTP/1.1 request; standard input without one.
    request: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let (name, text) = read(arguments)?;
    let raw = RawRequest::parse(&text).map_err(|(line, what)| Failure::Wrong(format!("{name}:{line}: {what}")))?;
    let engine = arguments.configuration.build()?.engine();
    let request = match raw.build() {
        Ok(request) => request,
        Err(error) => {
            let block = output.paint("block", Style::Red);
            writeln!(output, "verdict: {block}\n  refused before any layer sees it: {error}")?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    let explanation = engine.explain(request::head(&request), request.body());
    let route = explanation.context.route().unwrap_or("none is known");
    writeln!(output, "{} {}", request.method(), excerpt(request.uri().to_string().as_bytes()))?;
    writeln!(output, "route: {route}; mode: {}", engine.plan(&explanation.context).mode())?;
    schema(&explanation, output)?;
    leaves(&explanation.leaves, output)?;
    findings(&explanation, output)?;
    excluded(&explanation, arguments, output)?;
    verdict(&explanation.verdict, output)?;
    Ok(ExitCode::SUCCESS)
}

fn read(arguments: &Arguments) -> Result<(String, Vec<u8>), Failure> {
    let mut text = Vec::new();
    match &arguments.request {
        Some(path) => {
            text = std::fs::read(path).map_err(|error| Failure::of_file(path, &error))?;
            Ok((path.display().to_string(), text))
        }
        None => {
            std::io::stdin().lock().read_to_end(&mut text)?;
            Ok(("standard input".to_owned(), text))
        }
    }
}

fn schema(explanation: &Explanation, output: &mut Output) -> Result<(), Failure> {
    let Some(operation) = &explanation.operation else { return Ok(()) };
    output.heading("schema")?;
    writeln!(output, "  operation: {operation}")?;
    for leaf in &explanation.leaves {
        if let Some(why) = &leaf.schema {
            writeln!(output, "  {}: {}", leaf.location, plain(why))?;
        }
    }
    for judged in &explanation.verdict.findings {
        if let Some(validation) = &judged.finding.validation {
            let (location, pointer) = (&judged.finding.location, &validation.schema_pointer);
            writeln!(output, "  {location}: {} ({} at {pointer})", validation.message, validation.keyword)?;
        }
    }
    Ok(())
}

fn leaves(leaves: &[LeafRecord], output: &mut Output) -> Result<(), Failure> {
    output.heading(&count(leaves.len(), "leaf").replace("leafs", "leaves"))?;
    for leaf in leaves {
        for view in &leaf.views {
            if view.chain.is_empty() {
                writeln!(output, "  {} {}", leaf.location, excerpt(&view.value))?;
            } else {
                writeln!(output, "    as {} {}", view.chain, excerpt(&view.value))?;
            }
            steps(view, output)?;
        }
    }
    Ok(())
}

fn steps(view: &ViewRecord, output: &mut Output) -> Result<(), Failure> {
    if !view.nominated.is_empty() {
        let nominated = output.paint(format!("nominated: {}", view.nominated.join(", ")), Style::Dim);
        writeln!(output, "      {nominated}")?;
    }
    for found in &view.matches {
        let rule = output.paint(&found.rule, Style::Red);
        let (span, length) = (&found.span, view.value.len());
        let piece = view.value.get(span.start.min(length)..span.end.min(length)).unwrap_or_default();
        writeln!(output, "      found: {rule}, {}: {}: {}", found.confidence, found.structure, excerpt(piece))?;
    }
    Ok(())
}

fn findings(explanation: &Explanation, output: &mut Output) -> Result<(), Failure> {
    if !explanation.notices.is_empty() {
        output.heading("oddities")?;
        writeln!(output, "  {}", explanation.notices.join(", "))?;
    }
    if !explanation.verdict.findings.is_empty() {
        output.heading("findings")?;
    }
    for judged in &explanation.verdict.findings {
        let finding = &judged.finding;
        let (rule, action) = (&finding.rule, describe(judged.action, judged.verdict));
        writeln!(output, "  {} at {}: {}, {}: {action}", rule.id, finding.location, finding.confidence, rule.severity)?;
    }
    Ok(())
}

fn excluded(explanation: &Explanation, arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    if !explanation.excluded.is_empty() {
        output.heading("excluded")?;
    }
    let file = arguments.configuration.config.as_ref().map_or_else(String::new, |path| path.display().to_string());
    for (finding, exclusion) in &explanation.excluded {
        let until = exclusion.expires.map_or_else(String::new, |end| format!(" until {}", date(end)));
        let (id, location, line) = (&finding.rule.id, &finding.location, exclusion.line);
        writeln!(output, "  {id} at {location}: by {file}:{line}{until}: {}", exclusion.reason)?;
    }
    Ok(())
}

/// An action, and what it would have been where the mode is milder.
fn describe(action: Action, verdict: Action) -> String {
    if action == verdict { action.to_string() } else { format!("{action}, where enforcing would {verdict}") }
}

fn verdict(verdict: &Verdict, output: &mut Output) -> Result<(), Failure> {
    let style = match verdict.action {
        Action::Pass => Style::Green,
        Action::Alert | Action::Throttle => Style::Yellow,
        Action::Block => Style::Red,
    };
    output.heading("verdict")?;
    let action = output.paint(describe(verdict.action, verdict.verdict), style);
    writeln!(output, "  {action}")?;
    let confidence = verdict.confidence.map_or("none", |confidence| confidence.as_str());
    writeln!(output, "  mode: {}; confidence: {confidence}; score: {}", verdict.mode, verdict.score)?;
    if let Some(judged) = verdict.deciding() {
        let finding = &judged.finding;
        writeln!(output, "  decided by: {} at {}: {}", finding.rule.id, finding.location, finding.rule.description)?;
    }
    writeln!(output, "  complete: {}", verdict.completeness)?;
    for (cause, action) in &verdict.causes {
        writeln!(output, "  uninspected: {} means {}", cause.as_str(), action.under(verdict.mode))?;
    }
    Ok(())
}
