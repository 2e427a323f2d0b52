//! A collector that takes everything and answers nothing: requests do not wait for it.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::programs::get;
use super::service::Service;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The sum of the series that begin so.
fn sum(page: &str, series: &str) -> u64 {
    let values = page.lines().filter(|line| line.starts_with(series)).filter_map(|line| line.rsplit_once(' '));
    values.map(|(_, value)| value.parse::<u64>().expect("a count")).sum()
}

#[test]
fn an_exporter_that_hangs_holds_up_no_request() {
    for protocol in ["grpc", "http/protobuf"] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        thread::spawn(move || {
            let mut held = Vec::new();
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                held.push(stream);
            }
        });
        // Queues of 16, and exporters that would wait for an hour. A request that waited for them would not be answered.
        let mut service = Service::start(
            &format!("hanging-{}", &protocol[..4]),
            &[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                ("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000"),
                ("OTEL_BSP_SCHEDULE_DELAY", "50"),
                ("OTEL_BLRP_SCHEDULE_DELAY", "50"),
                ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
                ("OTEL_BSP_MAX_QUEUE_SIZE", "16"),
                ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "16"),
                ("OTEL_BLRP_MAX_QUEUE_SIZE", "16"),
                ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "16"),
            ],
        );
        service.attack(TRACE);
        // Each on a connection of its own that is not answered.
        service.program.until("all exporters hang", |_| (connections.load(Ordering::SeqCst) >= 2).then_some(()));
        let port = service.port;
        for _ in 0..100 {
            service.attack(TRACE);
            get(port, "/search?q=hello").expect("an answer");
        }
        // Both queues overflowed meanwhile, and what did not fit was dropped by the SDK.
        for dropped in ["dropped a LogRecord due to queue full", "dropped a Span due to queue full"] {
            service.program.until(dropped, |program| program.log().contains(dropped).then_some(()));
        }
        let page = get(port, "/metrics").expect("the other exporter goes on");
        // The first request is the one that the start waited for.
        assert!(sum(&page, "rasp_requests_total{") >= 202, "{page}");
        // Two events of each attack, of which a bucket lets 20 go at once: the others were held back, and counted.
        assert!(sum(&page, "rasp_events_dropped_total{") >= 100, "{page}");
    }
}
