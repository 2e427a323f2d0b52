//! `rasp top`: what a running service does, from its metrics endpoint, again and again.
//!
//! The page comes from elsewhere, so it is bounded in bytes, time and series, and nothing of it
//! reaches the terminal unescaped.

mod fetch;
mod page;
mod rates;
mod screen;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::output::{Output, complain};

use fetch::Endpoint;
use page::Page;
use rates::Rates;

/// Polls a metrics endpoint and shows requests, attacks, what was not inspected and what it costs, as they change.
///
/// The first block is what was counted since the service started, those after it are rates. On a terminal each block
/// takes the place of the one before.
#[derive(clap::Args)]
pub struct Arguments {
    /// The endpoint, such as http://127.0.0.1:3000/metrics. Plain HTTP only; without a path, /metrics.
    #[arg(value_name = "URL")]
    url: Endpoint,
    /// Shows what was counted since the service started, and ends.
    #[arg(long, conflicts_with_all = ["interval", "count"])]
    once: bool,
    /// Seconds between two polls.
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = interval)]
    interval: Duration,
    /// Ends after this many blocks.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// How many rules, categories and routes are shown.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rows: u16,
}

fn interval(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "it is no number of seconds".to_owned())?;
    if (0.1..=3600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("it must lie between 0.1 and 3600 seconds".to_owned())
    }
}

/// What a poll brought, and when.
struct Poll {
    page: Page,
    at: Instant,
}

fn poll(endpoint: &Endpoint) -> Result<Poll, Failure> {
    let text = endpoint.get().map_err(|error| Failure::Wrong(format!("{endpoint}: {error}")))?;
    Ok(Poll { page: Page::read(&text), at: Instant::now() })
}

pub fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let blocks = if arguments.once { Some(1) } else { arguments.count };
    let redraws = std::io::stdout().is_terminal() && !arguments.once;
    let mut before: Option<Poll> = None;
    let mut shown = 0;
    loop {
        match poll(&arguments.url) {
            Ok(now) => {
                let rates = Rates::between(before.as_ref().map(|poll| &poll.page), &now.page);
                let seconds = before.as_ref().map(|poll| now.at.duration_since(poll.at).as_secs_f64());
                if redraws {
                    write!(output, "{}", screen::CLEAR)?;
                }
                screen::show(output, &arguments.url.to_string(), &rates, seconds, usize::from(arguments.rows))?;
                output.flush()?;
                before = Some(now);
            }
            // Who was there once may come back: a service that restarts.
            Err(Failure::Wrong(message)) if before.is_some() => complain("warning", &message),
            Err(failure) => return Err(failure),
        }
        shown += 1;
        if blocks.is_some_and(|blocks| shown >= blocks) {
            return Ok(ExitCode::SUCCESS);
        }
        thread::sleep(arguments.interval);
    }
}
