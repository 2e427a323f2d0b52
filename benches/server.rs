//! The smallest axum server, with the layer or without it, for `benches/throughput.sh`.
//!
//! `cargo bench` runs it without arguments, and then it does nothing.

use axum::Router;
use axum::routing::get;
use tower_rasp::RaspLayer;

fn main() {
    let side = std::env::args().find(|argument| argument == "with" || argument == "without");
    let Some(side) = side else { return };
    let router = Router::new().route("/search", get(|| async { "ok" }));
    let router = if side == "with" { router.layer(RaspLayer::default()) } else { router };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let address = std::env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:18080".to_owned());
        let listener = tokio::net::TcpListener::bind(&address).await.expect("the address is free");
        axum::serve(listener, router).await.expect("the server runs");
    });
}
