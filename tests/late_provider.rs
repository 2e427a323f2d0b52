//! A provider that is set after the layer was made still counts. In a process of its own: the providers are global.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use opentelemetry::global;
use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use prometheus::{Registry, TextEncoder};
use tower_rasp::Rasp;

fn provider() -> (Registry, SdkMeterProvider) {
    let registry = Registry::new();
    let reader = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build().unwrap();
    (registry.clone(), SdkMeterProvider::builder().with_reader(reader).build())
}

fn counts(registry: &Registry) -> bool {
    TextEncoder::new().encode_to_string(&registry.gather()).unwrap().contains("rasp_requests_total")
}

fn inspect(rasp: &Rasp) {
    drop(rasp.inspect(&Request::get("/").body(Bytes::new()).unwrap()));
}

#[test]
fn a_provider_counts_that_is_set_after_the_layer_after_the_first_request_or_anew() {
    let rasp = Rasp::default();
    let _layer = rasp.layer();
    let (registry, first) = provider();
    global::set_meter_provider(first);
    inspect(&rasp);
    assert!(counts(&registry), "set before the first request, it counts that one");

    // Set in the middle, it counts from at most a second later.
    let (registry, second) = provider();
    global::set_meter_provider(second);
    let patience = Instant::now() + Duration::from_secs(60);
    while !counts(&registry) && Instant::now() < patience {
        inspect(&rasp);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(counts(&registry), "set anew, it is never found");

    // The opt-in spans go to the tracer of then.
    let exporter = InMemorySpanExporter::default();
    let tracers = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let rasp = Rasp::builder().config_text("[telemetry]\ninspect_span = true").build().unwrap();
    let span = tracers.tracer("test").start("server");
    global::set_tracer_provider(tracers);
    let context = opentelemetry::Context::new().with_span(span);
    {
        let _guard = context.clone().attach();
        let request = Request::post("/").body(Bytes::from_static(b"hello")).unwrap();
        drop(rasp.inspect(&request));
    }
    let spans = exporter.get_finished_spans().unwrap();
    let phases: Vec<String> = spans.iter().map(|span| span.attributes[0].value.to_string()).collect();
    assert_eq!(phases, ["head", "body"]);
    let parent = context.span().span_context().span_id();
    assert!(spans.iter().all(|span| span.parent_span_id == parent && span.end_time >= span.start_time));
}
