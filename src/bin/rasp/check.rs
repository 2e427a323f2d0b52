//! `rasp check`: is this configuration valid, what does it do, what in it does nothing.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

#[cfg(feature = "schema")]
use tower_rasp::BuildError;
use tower_rasp::tools::{Exclusion, LIMIT_KEYS, Policy, Settings, from_path};
use tower_rasp::{Limits, Mode, RULESET_VERSION};

use super::failure::Failure;
use super::output::{Output, complain};
use super::{build, shown};

/// The exit code for warnings that are denied.
const DENIED: u8 = 2;

#[derive(clap::Args)]
pub struct Arguments {
    /// The configuration file.
    file: PathBuf,
    /// Makes warnings end with exit code 2.
    #[arg(long)]
    deny_warnings: bool,
}

pub fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = from_path(&arguments.file)?;
    let engine = build(Some(&arguments.file))?.engine();
    let policy = engine.policy();
    writeln!(output, "{}: valid", arguments.file.display())?;
    rules(&settings, policy, output)?;
    modes(policy, output)?;
    limits(&settings.limits, output)?;
    exclusions(&settings.policy.exclusions, output)?;
    let mut warnings: Vec<String> =
        settings.warnings(policy, SystemTime::now()).iter().map(ToString::to_string).collect();
    warnings.extend(schemas(settings, output)?);
    output.flush()?;
    for warning in &warnings {
        complain("warning", warning);
    }
    let denied = arguments.deny_warnings && !warnings.is_empty();
    Ok(if denied { ExitCode::from(DENIED) } else { ExitCode::SUCCESS })
}

/// What of the schemas is not enforced; answers what the routes say of operations that nobody declares here.
#[cfg(feature = "schema")]
fn schemas(mut settings: Settings, output: &mut Output) -> Result<Vec<String>, Failure> {
    settings.schemas.is_part = true;
    let contract = settings.schemas.contract()?;
    if !contract.operations.is_empty() {
        writeln!(output, "\nschemas: {}", shown::count(contract.operations.len(), "operation"))?;
    }
    crate::schema::unenforced(&contract.unenforced, output)?;
    let file = settings.places.file.unwrap_or_default();
    let idle = settings.schemas.idle_routes(&contract).into_iter();
    let told = |error: BuildError| {
        let (line, message) = (error.line().unwrap_or(1), error.message());
        format!("{file}:{line}: {message}; give its schema in code, or {}", error.mend_text().unwrap_or("take it out"))
    };
    Ok(idle.map(told).collect())
}

/// There are none without the feature.
#[cfg(not(feature = "schema"))]
fn schemas(_: Settings, _: &Output) -> Result<Vec<String>, Failure> {
    Ok(Vec::new())
}

fn rules(settings: &Settings, policy: &Policy, output: &mut Output) -> Result<(), Failure> {
    let builtin = settings.rules.iter().filter(|rule| rule.is_builtin()).count();
    let own = settings.rules.len() - builtin;
    let runs = |rule: &usize| policy.plans().any(|(_, plan)| plan.runs(*rule));
    let waits = |rule: &usize| settings.rules[*rule].info.paranoia > settings.policy.detection_paranoia;
    let (running, idle): (Vec<usize>, Vec<usize>) = (0..settings.rules.len()).partition(runs);
    let (waiting, off): (Vec<usize>, Vec<usize>) = idle.into_iter().partition(waits);
    writeln!(output, "rules: {builtin} built-in (version {RULESET_VERSION}), {own} of your own")?;
    let [running, waiting, off] = [running, waiting, off].map(|rules| rules.len());
    writeln!(output, "  {running} run, {waiting} wait for more paranoia, {off} are off")?;
    let policy = &settings.policy;
    let (paranoia, detection) = (policy.paranoia.level(), policy.detection_paranoia.level());
    writeln!(output, "mode: {}; paranoia {paranoia}, detection paranoia {detection}", policy.mode)?;
    Ok(())
}

/// The effective modes of each route: the categories under each mode.
fn modes(policy: &Policy, output: &mut Output) -> Result<(), Failure> {
    output.heading("effective modes")?;
    let percents = std::iter::once(None).chain(policy.settings().routes.iter().map(|route| route.enforce_percent));
    for ((route, modes), percent) in policy.effective_modes().zip(percents) {
        let name = route.map_or_else(|| "everywhere else".to_owned(), |route| on(&route.route, &route.methods));
        let name = if policy.settings().routes.is_empty() { "everywhere".to_owned() } else { name };
        let share = percent.map_or_else(String::new, |percent| format!(", for {percent} % of clients"));
        writeln!(output, "  {name}{share}")?;
        for mode in Mode::ALL.into_iter().rev() {
            let categories: Vec<&str> =
                modes.iter().filter(|(_, own)| *own == mode).map(|(category, _)| category.as_str()).collect();
            if !categories.is_empty() {
                writeln!(output, "    {mode}: {}", categories.join(", "))?;
            }
        }
    }
    Ok(())
}

fn on(route: &str, methods: &[String]) -> String {
    if methods.is_empty() { route.to_owned() } else { format!("{} {route}", methods.join("|")) }
}

fn limits(limits: &Limits, output: &mut Output) -> Result<(), Failure> {
    let default = Limits::default();
    let changed: Vec<_> = LIMIT_KEYS.iter().filter(|key| key.of(limits) != key.of(&default)).collect();
    if !changed.is_empty() {
        output.heading("limits that differ from their defaults")?;
    }
    for key in changed {
        writeln!(output, "  {} = {} (default {})", key.name, key.of(limits), key.of(&default))?;
    }
    Ok(())
}

fn exclusions(exclusions: &[Exclusion], output: &mut Output) -> Result<(), Failure> {
    if !exclusions.is_empty() {
        output.heading("exclusions")?;
    }
    for exclusion in exclusions {
        let at = exclusion.location.as_ref().map_or_else(String::new, |location| format!(" at {location}"));
        let route = exclusion.route.as_ref().map(|route| format!(" on {}", on(route, &exclusion.methods)));
        let until = exclusion.expires.map(|end| format!(" until {}", shown::date(end)));
        let owner = exclusion.owner.as_ref().map(|owner| format!(" ({owner})"));
        let [route, until, owner] = [route, until, owner].map(Option::unwrap_or_default);
        writeln!(
            output,
            "  line {}: {}{at}{route}{until}{owner}: {}",
            exclusion.line, exclusion.rule, exclusion.reason
        )?;
    }
    Ok(())
}
