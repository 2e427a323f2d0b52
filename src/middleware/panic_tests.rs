//! A panic of the engine, as those see it who stand outside: the client, and the back ends of the service's operator.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use opentelemetry::Context;
use opentelemetry::trace::{FutureExt, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tower::{Layer, ServiceExt, service_fn};

use super::*;

/// A rule and two schemas that fall over a value; the crate has them in its own tests only.
const CONFIG: &str = r#"
[[rule]]
id = "test.falls"
description = "falls over a value"
category = "virtual_patch"
severity = "notice"
matcher = { code = "test_panics" }
examples = ["stand"]
counter_examples = ["sit"]

[[schema]]
schema = { type = "string", format = "test_panics" }
route = "/checked"
method = ["GET"]
location = "query.word"

[[schema]]
schema = { type = "object", properties = { word = { type = "string", format = "test_panics" } } }
route = "/checked"
method = ["POST"]
location = "body"

[completeness]
unread = "pass"
engine_fault = "#;

/// A handle with the back ends of its operator.
struct Operated {
    rasp: Rasp,
    spans: InMemorySpanExporter,
    tracers: SdkTracerProvider,
    logs: InMemoryLogExporter,
    registry: prometheus::Registry,
}

impl Operated {
    fn new(engine_fault: &str) -> Self {
        let (spans, logs, registry) = <(InMemorySpanExporter, InMemoryLogExporter, prometheus::Registry)>::default();
        let reader = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build().expect("an exporter");
        let builder = Rasp::builder()
            .config_text(format!("{CONFIG}\"{engine_fault}\"\n"))
            .meter_provider(SdkMeterProvider::builder().with_reader(reader).build())
            .logger_provider(&SdkLoggerProvider::builder().with_simple_exporter(logs.clone()).build());
        let tracers = SdkTracerProvider::builder().with_simple_exporter(spans.clone()).build();
        Self { rasp: builder.build().expect("an engine"), spans, tracers, logs, registry }
    }

    /// Sends a request within a server span, and gives that span.
    async fn serve(&self, target: &str, body: &str) -> (StatusCode, SpanData) {
        let method = if body.is_empty() { "GET" } else { "POST" };
        let request = Request::builder().method(method).uri(target).header("content-type", "application/json");
        let request = request.body(Full::from(body.to_owned())).expect("a request");
        let service = service_fn(|request: Request<Body<Full<Bytes>>>| async {
            let read = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            Ok::<_, Infallible>(Response::new(Full::from(read)))
        });
        let span = self.tracers.tracer("test").start("server");
        let context = Context::new().with_span(span);
        let answered = self.rasp.layer().layer(service).oneshot(request).with_context(context.clone()).await;
        let response = answered.expect("an answer");
        let status = response.status();
        drop(response.into_body().collect().await);
        context.span().end();
        let span = self.spans.get_finished_spans().expect("spans").pop().expect("a span");
        (status, span)
    }

    /// The attributes of the events of this name, as text.
    fn events(&self, name: &str) -> Vec<Vec<String>> {
        let logs = self.logs.get_emitted_logs().expect("logs");
        let named = logs.iter().filter(|log| log.record.event_name() == Some(name));
        named.map(|log| log.record.attributes_iter().map(|(key, value)| format!("{key}={value:?}")).collect()).collect()
    }

    fn page(&self) -> String {
        prometheus::TextEncoder::new().encode_to_string(&self.registry.gather()).expect("a page")
    }
}

fn attribute(span: &SpanData, name: &str) -> Option<String> {
    span.attributes.iter().find(|pair| pair.key.as_str() == name).map(|pair| pair.value.to_string())
}

const FALLS: [(&str, &str, &str); 3] = [
    ("a matcher", "/?q=fall%20over", ""),
    ("the schema of a head", "/checked?word=stumble", ""),
    ("the schema of a body", "/checked", "{\"word\": \"stumble\"}"),
];

#[tokio::test]
async fn a_panic_is_told_to_each_back_end_and_answered_as_the_policy_says() {
    for (policy, answer) in [("pass", 200), ("alert", 200), ("block", 403)] {
        for (what, target, body) in FALLS {
            let operated = Operated::new(policy);
            let (status, span) = operated.serve(target, body).await;
            assert_eq!(status, answer, "{what}, {policy}");
            // The span has failed: the only time that something of ours says so.
            assert!(matches!(span.status, Status::Error { .. }), "{what}, {policy}: {span:?}");
            assert_eq!(attribute(&span, "error.type").as_deref(), Some("panic"));
            assert_eq!(attribute(&span, "rasp.action").as_deref(), Some(policy));
            let failed = operated.events("rasp.engine.failed");
            assert_eq!(failed.len(), 1, "{what}, {policy}: {failed:?}");
            for wanted in ["error.type=", "rasp.on_error="].iter().zip(["panic", policy]) {
                let is_told = |pair: &String| pair.starts_with(wanted.0) && pair.contains(wanted.1);
                assert!(failed[0].iter().any(is_told), "{what}, {policy}: {failed:?}");
            }
            let page = operated.page();
            let line = |series: &str, labels: &[&str]| {
                let mut of_series = page.lines().filter(|line| line.starts_with(series));
                of_series.any(|line| labels.iter().all(|label| line.contains(label)) && line.ends_with(" 1"))
            };
            let on_error = format!("rasp_on_error=\"{policy}\"");
            assert!(line("rasp_engine_errors_total{", &["error_type=\"panic\"", &on_error]), "{page}");
            assert!(line("rasp_inspection_duration_seconds_count{", &["error_type=\"panic\""]), "{page}");
            assert!(line("rasp_inspection_incomplete_total{", &["rasp_inspection_cause=\"engine_fault\""]), "{page}");

            // And the service lives on.
            let (status, span) = operated.serve("/?q=hello", "").await;
            assert_eq!((status, &span.status), (StatusCode::OK, &Status::Unset), "{what}, {policy}");
            assert_eq!(attribute(&span, "error.type"), None);
            assert_eq!(operated.events("rasp.engine.failed").len(), 1);
        }
    }
}
