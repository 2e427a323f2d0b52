//! What one request costs, in the scenarios that matter. Each asserts its verdict before it is
//! timed, so that no figure is taken from an engine that does not look.
//!
//! `cargo bench --bench scenarios` prints the nanoseconds of each, the median of 31 rounds.
//! `cargo bench --bench scenarios -- --repeat NAME COUNT` only runs one, for callgrind; see
//! `benches/instructions.sh`. `-- --every-value` times requests whose header values are all new.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use tower_rasp::{Action, Effort, Rasp};

#[path = "support/requests.rs"]
mod requests;

use requests::Scenario;

const ROUNDS: usize = 31;
const ROUND: Duration = Duration::from_millis(20);

fn main() {
    // With `--every-value` no header value is spared because it was seen before.
    let every_value = std::env::args().any(|argument| argument == "--every-value");
    let effort = if every_value { Effort::EveryValue } else { Effort::Least };
    let rasp = Rasp::builder().effort(effort).build().expect("the built-in rules");
    let scenarios = requests::all();
    for scenario in &scenarios {
        assert_eq!(rasp.inspect(&scenario.request).action, scenario.expected, "{}", scenario.name);
    }
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--repeat") {
        repeat(&rasp, &scenarios, &arguments[at + 1], arguments[at + 2].parse().expect("a count"));
        return;
    }
    println!("{:<34} {:>8} {:>10} {:>10}", "scenario", "bytes", "ns", "ns/byte");
    for scenario in &scenarios {
        let nanoseconds = median(|| inspect(&rasp, &scenario.request));
        let bytes = scenario.bytes();
        println!("{:<34} {bytes:>8} {nanoseconds:>10.0} {:>10.2}", scenario.name, nanoseconds / bytes as f64);
    }
}

fn inspect(rasp: &Rasp, request: &Request<Bytes>) -> Action {
    rasp.inspect(black_box(request)).action
}

fn repeat(rasp: &Rasp, scenarios: &[Scenario], name: &str, count: usize) {
    let scenario = scenarios.iter().find(|scenario| scenario.name == name).expect("a scenario of this name");
    for _ in 0..count {
        black_box(inspect(rasp, &scenario.request));
    }
}

/// Nanoseconds a call: the median over rounds, each long enough for the clock.
fn median(mut work: impl FnMut() -> Action) -> f64 {
    let mut count = 1_u32;
    loop {
        let took = time(&mut work, count);
        if took > ROUND / 2 {
            break;
        }
        count *= 2;
    }
    let mut rounds: Vec<f64> =
        (0..ROUNDS).map(|_| time(&mut work, count).as_nanos() as f64 / f64::from(count)).collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn time(work: &mut impl FnMut() -> Action, count: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        black_box(work());
    }
    start.elapsed()
}
