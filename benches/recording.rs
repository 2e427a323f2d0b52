//! What recording a benign request costs on top of inspecting it: the same requests through `Rasp::inspect` with nobody
//! listening, and with each that can. All sides run in one process, turn by turn, and each is asked whether it counted.
//!
//! `cargo bench --bench recording` prints the nanoseconds of each, the median of 61 rounds, and what it is more than with
//! nobody listening. `--no-default-features` gives the figure of the build that cannot record.

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use http::Request;
use tower_rasp::{Action, Rasp};

#[path = "support/requests.rs"]
#[allow(dead_code, reason = "only the browser's request is used here")]
mod requests;

const ROUNDS: usize = 61;
const CALLS: u32 = 4_000;

struct Side {
    name: &'static str,
    rasp: Rasp,
    rounds: Vec<f64>,
}

fn main() {
    let registry = prometheus::Registry::new();
    let reader = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build().expect("an exporter");
    let provider = opentelemetry_sdk::metrics::SdkMeterProvider::builder().with_reader(reader).build();
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().with_recommended_naming(true).build_recorder();
    let handle = recorder.handle();
    let recorder: &'static _ = Box::leak(Box::new(recorder));

    let with_otel = Rasp::builder().meter_provider(provider).build().expect("the built-in rules");
    let with_facade = Rasp::builder().build().expect("the built-in rules");
    let mut sides = [
        Side { name: "nobody listens", rasp: Rasp::builder().build().expect("the built-in rules"), rounds: Vec::new() },
        Side { name: "OpenTelemetry's SDK", rasp: with_otel, rounds: Vec::new() },
        Side { name: "a recorder of `metrics`", rasp: with_facade, rounds: Vec::new() },
    ];
    let request = requests::browser("/search?q=red+shoes&page=2");
    for _ in 0..ROUNDS {
        for (index, side) in sides.iter_mut().enumerate() {
            let took = if index == 2 {
                metrics::with_local_recorder(recorder, || round(&side.rasp, &request))
            } else {
                round(&side.rasp, &request)
            };
            side.rounds.push(took);
        }
    }
    let otel = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).expect("text");
    let expected = f64::from(CALLS) * ROUNDS as f64;
    assert_eq!(counted(&otel), expected, "OpenTelemetry counted all");
    assert_eq!(counted(&handle.render()), expected, "`metrics` counted all");

    let base = median(&mut sides[0].rounds);
    println!("{:<28} {:>10} {:>10}", "a browser's GET", "ns", "more");
    for side in &mut sides {
        let nanoseconds = median(&mut side.rounds);
        println!("{:<28} {nanoseconds:>10.0} {:>10.0}", side.name, nanoseconds - base);
    }
}

/// Nanoseconds a call.
fn round(rasp: &Rasp, request: &Request<Bytes>) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS {
        assert_eq!(rasp.inspect(black_box(request)).action, Action::Pass);
    }
    start.elapsed().as_nanos() as f64 / f64::from(CALLS)
}

fn counted(text: &str) -> f64 {
    let of_requests = text.lines().filter(|line| line.starts_with("rasp_requests_total{"));
    of_requests.map(|line| line.rsplit_once(' ').expect("a value").1.parse::<f64>().expect("a number")).sum()
}

fn median(rounds: &mut [f64]) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}
