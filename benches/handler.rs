//! An empty axum handler with the layer and without it, in one process and without a network.
//!
//! `cargo bench --bench handler` times both in turn. `benches/instructions.sh handler` counts the
//! instructions of both; `benches/throughput.sh` measures the same over a real server.

use std::hint::black_box;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Request, StatusCode};
use tower::ServiceExt;
use tower_rasp::RaspLayer;

#[path = "support/requests.rs"]
#[allow(dead_code, reason = "only the browser's request is used here")]
mod requests;

const ROUNDS: usize = 41;
const CALLS: usize = 2000;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let plain = Router::new().route("/search", get(|| async { "ok" }));
    let layered = plain.clone().layer(RaspLayer::default());
    runtime.block_on(async {
        let attack = Request::get("/search?q=1%27%20UNION%20SELECT%20password%20FROM%20users--").body(Body::empty());
        let answer = layered.clone().oneshot(attack.expect("a request")).await.expect("infallible");
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "the layer must look");
        assert_eq!(call(&layered).await, StatusCode::OK);
        let arguments: Vec<String> = std::env::args().collect();
        if let Some(at) = arguments.iter().position(|argument| argument == "--repeat") {
            let router = if arguments[at + 1] == "with_layer" { &layered } else { &plain };
            for _ in 0..arguments[at + 2].parse::<usize>().expect("a count") {
                call(router).await;
            }
            return;
        }
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            without.push(round(&plain).await);
            with.push(round(&layered).await);
        }
        let (without, with) = (median(without), median(with));
        println!("without the layer {without:>8.0} ns a request");
        println!("with the layer    {with:>8.0} ns a request");
        println!("the layer adds    {:>8.0} ns", with - without);
    });
}

async fn round(router: &Router) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS {
        black_box(call(router).await);
    }
    nanoseconds(start.elapsed()) / CALLS as f64
}

fn nanoseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

async fn call(router: &Router) -> StatusCode {
    let request = requests::browser("/search?q=red+shoes&page=2").map(|_| Body::empty());
    router.clone().oneshot(request).await.expect("infallible").status()
}
