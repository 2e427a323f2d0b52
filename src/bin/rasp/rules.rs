//! `rasp rules`: the rules, their examples and their proof.

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;
use tower_rasp::tools::{MatcherSource, nearest};
use tower_rasp::{Engine, Rule};

use super::Configuration;
use super::failure::Failure;
use super::output::{Output, Style};
use super::shown::{count, excerpt, plain};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Every rule, one a line.
    List {
        #[command(flatten)]
        configuration: Configuration,
    },
    /// One rule with everything that it says.
    Show {
        /// The id of the rule.
        id: String,
        #[command(flatten)]
        configuration: Configuration,
    },
    /// Runs every example and counter-example.
    Test {
        #[command(flatten)]
        configuration: Configuration,
    },
}

pub fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::List { configuration } => list(&configuration.build()?.engine(), output),
        Command::Show { id, configuration } => show(&configuration.build()?.engine(), id, output),
        Command::Test { configuration } => test(&configuration.build()?.engine(), output),
    }
}

fn list(engine: &Engine, output: &mut Output) -> Result<ExitCode, Failure> {
    let widths = engine.rules().map(|rule| (rule.info.id.len(), rule.info.category.as_str().len()));
    let (id_width, category_width) = widths.fold((0, 0), |most, one| (most.0.max(one.0), most.1.max(one.1)));
    for rule in engine.rules() {
        let info = &rule.info;
        let (category, severity, paranoia) = (info.category.as_str(), info.severity.as_str(), info.paranoia.level());
        writeln!(
            output,
            "{:id_width$}  {category:category_width$}  {severity:8}  {paranoia}  {}",
            info.id, info.description
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(engine: &Engine, id: &str, output: &mut Output) -> Result<ExitCode, Failure> {
    let rule = engine.rules().find(|rule| rule.info.id == id).ok_or_else(|| unknown(engine, id))?;
    let info = &rule.info;
    let id = output.paint(&info.id, Style::Bold);
    writeln!(output, "{id}: {}", info.description)?;
    writeln!(output, "  from        {}:{}", rule.file, rule.line)?;
    writeln!(output, "  category    {}", info.category)?;
    writeln!(output, "  severity    {}", info.severity)?;
    writeln!(output, "  paranoia    {}", info.paranoia.level())?;
    writeln!(
        output,
        "  confidence  {}",
        rule.confidence.map_or("the matcher says it", |confidence| confidence.as_str())
    )?;
    writeln!(output, "  looks at    {}", places(rule))?;
    writeln!(output, "  matcher     {}", matcher(rule))?;
    for proof in engine.proof(rule) {
        let kind = if proof.expected { "example" } else { "counter-example" };
        let outcome = if proof.found { "found" } else { "not found" };
        let style = if proof.found == proof.expected { Style::Green } else { Style::Red };
        let outcome = output.paint(format!("{outcome:9}"), style);
        writeln!(output, "  {kind:15}  {outcome}  {}", excerpt(proof.value.as_bytes()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(engine: &Engine, id: &str) -> Failure {
    let ids: Vec<&str> = engine.rules().map(|rule| rule.info.id.as_str()).collect();
    let mend = nearest(id, &ids)
        .map_or_else(|| "`rasp rules list` shows every id".to_owned(), |id| format!("did you mean `{id}`?"));
    Failure::Wrong(format!("no rule is called `{}`; {mend}", id.escape_debug()))
}

fn places(rule: &Rule) -> String {
    let places: Vec<String> = rule.locations.iter().map(ToString::to_string).collect();
    let places = if places.is_empty() { "every value and name".to_owned() } else { places.join(", ") };
    let route = rule.when.route.as_ref().map_or_else(String::new, |route| format!(", on {route}"));
    let methods = &rule.when.methods;
    let methods = if methods.is_empty() { String::new() } else { format!(", for {}", methods.join(", ")) };
    places + &route + &methods
}

fn matcher(rule: &Rule) -> String {
    match &rule.matcher {
        MatcherSource::Code(name) => format!("code {name}"),
        MatcherSource::Regex(pattern) => format!("regex {}", plain(pattern)),
        MatcherSource::Notice(notice) => format!("notice {}", notice.as_str()),
        MatcherSource::Schema(keyword) => format!("schema keyword {keyword}"),
    }
}

fn test(engine: &Engine, output: &mut Output) -> Result<ExitCode, Failure> {
    let (mut values, mut wrong) = (0, 0);
    for rule in engine.rules() {
        for proof in engine.proof(rule) {
            values += 1;
            if proof.found == proof.expected {
                continue;
            }
            wrong += 1;
            let what = if proof.expected { "misses its example" } else { "finds its counter-example" };
            let what = output.paint(what, Style::Red);
            writeln!(
                output,
                "{}:{}: {} {what} {}",
                rule.file,
                rule.line,
                rule.info.id,
                excerpt(proof.value.as_bytes())
            )?;
        }
    }
    let rules = count(engine.rules().len(), "rule");
    if wrong > 0 {
        return Err(Failure::Wrong(format!("{wrong} of {} of {rules} came out wrong", count(values, "example"))));
    }
    writeln!(output, "{rules}, {}: all as they should be", count(values, "example"))?;
    Ok(ExitCode::SUCCESS)
}
