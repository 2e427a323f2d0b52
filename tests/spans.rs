//! What is put onto the user's own spans, by OpenTelemetry's API and by `tracing`.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use opentelemetry::trace::{FutureExt, SpanKind, Status, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tower::{Layer, ServiceExt, service_fn};
use tower_rasp::{Body, Rasp, rasp_span};
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

const ATTACK: &str = "/search?q=1%27%20OR%20%271%27=%271";

fn traces() -> (InMemorySpanExporter, SdkTracerProvider) {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    (exporter, provider)
}

fn request(target: &str, body: &str) -> Request<Full<Bytes>> {
    let request = Request::post(target).header("content-type", "text/plain");
    request.body(Full::from(body.to_owned())).unwrap()
}

/// Sends a request through a layer around a service that reads its body.
async fn serve(rasp: &Rasp, request: Request<Full<Bytes>>) -> StatusCode {
    let service = service_fn(|request: Request<Body<Full<Bytes>>>| async {
        let read = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Ok::<_, Infallible>(Response::new(Full::from(read)))
    });
    let response = rasp.layer().layer(service).oneshot(request).await.unwrap();
    let status = response.status();
    drop(response.into_body().collect().await);
    status
}

/// The attributes of a span whose keys are ours, as text.
fn ours(span: &SpanData) -> Vec<String> {
    let is_ours =
        |pair: &&KeyValue| pair.key.as_str().starts_with("rasp.") || pair.key.as_str().starts_with("security_rule.");
    let mut pairs: Vec<String> =
        span.attributes.iter().filter(is_ours).map(|pair| format!("{}={}", pair.key, pair.value)).collect();
    pairs.retain(|pair| !pair.starts_with("rasp.request.id="));
    pairs.sort();
    pairs
}

/// Serves within a span of OpenTelemetry's API, and gives that span.
async fn in_a_span_of_otel(config: &str, target: &str, body: &str) -> (StatusCode, Vec<SpanData>) {
    let (exporter, provider) = traces();
    let tracer = provider.tracer("test");
    let span = tracer.span_builder("server").with_kind(SpanKind::Server).start(&tracer);
    let context = Context::new().with_span(span);
    let rasp = Rasp::builder().config_text(config).build().unwrap();
    let status = serve(&rasp, request(target, body)).with_context(context.clone()).await;
    context.span().end();
    drop(context);
    (status, exporter.get_finished_spans().unwrap())
}

const BENIGN: [&str; 6] = [
    "rasp.action=pass",
    "rasp.inspection.completeness=[\"whole\"]",
    "rasp.match.count=0",
    "rasp.mode=enforce",
    "rasp.score=0",
    "rasp.verdict=pass",
];

#[tokio::test]
async fn a_benign_request_is_told_once_on_the_span_of_otel() {
    let (status, spans) = in_a_span_of_otel("", "/", "hello").await;
    assert_eq!((status, spans.len()), (StatusCode::OK, 1));
    assert_eq!(ours(&spans[0]), BENIGN);
    assert_eq!(spans[0].status, Status::Unset);
    let id = spans[0].attributes.iter().find(|pair| pair.key.as_str() == "rasp.request.id").unwrap();
    assert_eq!(id.value.as_str().len(), 24);
}

#[tokio::test]
async fn a_block_is_told_with_its_rule_and_is_no_error() {
    for (target, body) in [(ATTACK, "hello"), ("/", "1' OR '1'='1")] {
        let (status, spans) = in_a_span_of_otel("", target, body).await;
        assert_eq!((status, spans.len()), (StatusCode::FORBIDDEN, 1), "{target}");
        let told = ours(&spans[0]);
        for expected in ["rasp.action=block", "rasp.verdict=block", "security_rule.category=sql_injection"] {
            assert!(told.iter().any(|pair| pair == expected), "{expected}: {told:?}");
        }
        let rules = spans[0].attributes.iter().find(|pair| pair.key.as_str() == "rasp.rules").unwrap();
        assert!(matches!(rules.value, Value::Array(_)), "{rules:?}");
        assert_eq!(told.len(), 10, "each once: {told:?}");
        assert_eq!(spans[0].status, Status::Unset);
    }
}

#[tokio::test]
async fn in_mode_detect_the_action_and_the_verdict_differ() {
    let (status, spans) = in_a_span_of_otel("mode = \"detect\"", ATTACK, "hello").await;
    assert_eq!(status, StatusCode::OK);
    let told = ours(&spans[0]);
    for expected in ["rasp.action=alert", "rasp.verdict=block", "rasp.mode=detect"] {
        assert!(told.iter().any(|pair| pair == expected), "{expected}: {told:?}");
    }
}

#[tokio::test]
async fn the_switch_takes_everything_off_the_span() {
    let (_, spans) = in_a_span_of_otel("[telemetry]\nspan_attributes = false", ATTACK, "hello").await;
    assert!(ours(&spans[0]).is_empty(), "{spans:?}");
}

/// The attributes of a span that are in Datadog's words.
fn for_datadog(span: &SpanData) -> Vec<(String, String)> {
    let theirs = |key: &str| key.starts_with("appsec.") || key.starts_with("_dd.");
    let pairs = span.attributes.iter().filter(|pair| theirs(pair.key.as_str()));
    let mut pairs: Vec<_> = pairs.map(|pair| (pair.key.to_string(), pair.value.to_string())).collect();
    pairs.sort();
    pairs
}

const DATADOG: &str = "[telemetry]\ndatadog = true";

#[tokio::test]
async fn datadog_gets_an_attack_in_its_words_and_without_a_value() {
    for (config, target, blocked) in [
        (DATADOG, ATTACK, true),
        ("mode = \"detect\"\n[telemetry]\ndatadog = true", ATTACK, false),
        (DATADOG, "/search?4111111111111111=1%27%20OR%20%271%27=%271", true),
    ] {
        let (_, spans) = in_a_span_of_otel(config, target, "hello").await;
        let told = for_datadog(&spans[0]);
        let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
        let expected = ["_dd.appsec.json", "_dd.origin", "appsec.blocked", "appsec.event"];
        let expected: Vec<&str> = expected.into_iter().filter(|name| blocked || *name != "appsec.blocked").collect();
        assert_eq!(names, expected, "{config} {target}");
        assert!(told[1..].iter().all(|(_, value)| value == "true" || value == "appsec"), "{told:?}");
        let json: serde_json::Value = serde_json::from_str(&told[0].1).unwrap();
        let trigger = &json["triggers"][0];
        assert_eq!(trigger["rule"]["tags"]["type"], "sql_injection");
        let address = &trigger["rule_matches"][0]["parameters"][0]["address"];
        assert_eq!(address, if target == ATTACK { "query.q" } else { "query.*" });
        assert!(!told[0].1.contains("4111") && !told[0].1.contains("OR '1"), "{told:?}");
    }
}

#[tokio::test]
async fn a_span_of_the_macro_takes_what_datadog_reads() {
    let span = |request: &Request<_>| rasp_span!(request);
    let spans = in_a_span_of_tracing(DATADOG, ATTACK, "hello", false, span).await;
    let mut names: Vec<String> = for_datadog(&spans[0]).into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(names, ["_dd.appsec.json", "_dd.origin", "appsec.blocked", "appsec.event"]);
}

#[tokio::test]
async fn datadog_gets_nothing_where_nothing_was_found_or_nobody_asked() {
    for (config, target) in [(DATADOG, "/"), ("", ATTACK)] {
        let (_, spans) = in_a_span_of_otel(config, target, "hello").await;
        assert!(for_datadog(&spans[0]).is_empty(), "{config} {target}: {spans:?}");
    }
}

/// Serves within a span of `tracing` that a bridge makes OpenTelemetry's.
async fn in_a_span_of_tracing(
    config: &str,
    target: &str,
    body: &str,
    activate: bool,
    span: impl FnOnce(&Request<Full<Bytes>>) -> tracing::Span,
) -> Vec<SpanData> {
    let (exporter, provider) = traces();
    let bridge = tracing_opentelemetry::layer().with_tracer(provider.tracer("test")).with_context_activation(activate);
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(bridge));
    let rasp = Rasp::builder().config_text(config).build().unwrap();
    let request = request(target, body);
    let span = span(&request);
    serve(&rasp, request).instrument(span).await;
    provider.force_flush().unwrap();
    exporter.get_finished_spans().unwrap()
}

#[tokio::test]
async fn a_span_of_tracing_with_our_fields_takes_each_once() {
    for activate in [true, false] {
        let spans =
            in_a_span_of_tracing("", "/", "hello", activate, |request| rasp_span!(request, tenant = "blue")).await;
        assert_eq!(spans.len(), 1, "{spans:?}");
        let benign = BENIGN.map(|pair| pair.replace("[\"whole\"]", "whole"));
        assert_eq!(ours(&spans[0]), benign, "{activate}");
        assert!(spans[0].attributes.iter().any(|pair| pair.key.as_str() == "tenant"));
        let spans = in_a_span_of_tracing("", ATTACK, "hello", activate, |request| rasp_span!(request)).await;
        let told = ours(&spans[0]);
        assert_eq!(told.len(), 10, "{told:?}");
        for (name, number) in [("rasp.score", 5), ("rasp.match.count", 1)] {
            let told = spans[0].attributes.iter().find(|pair| pair.key.as_str() == name);
            assert_eq!(told.map(|pair| &pair.value), Some(&Value::I64(number)), "{name} is a number, and no text");
        }
        assert_eq!((&spans[0].status, &spans[0].span_kind), (&Status::Unset, &SpanKind::Server));
    }
}

#[tokio::test]
async fn a_span_of_tracing_without_our_fields_takes_them_through_the_bridge() {
    let spans = in_a_span_of_tracing("", "/", "hello", true, |_| tracing::info_span!("server")).await;
    assert_eq!(ours(&spans[0]), BENIGN);
}

#[tokio::test]
async fn the_opt_in_span_has_one_for_each_phase() {
    const CONFIG: &str = "[telemetry]\ninspect_span = true";
    let spans = in_a_span_of_tracing(CONFIG, "/", "hello", false, |_| tracing::info_span!("server")).await;
    let server = spans.iter().find(|span| span.name == "server").unwrap();
    let phases: Vec<String> = spans.iter().filter(|span| span.name == "rasp.inspect").flat_map(ours).collect();
    assert_eq!(phases, ["rasp.phase=head", "rasp.phase=body"]);
    for span in spans.iter().filter(|span| span.name == "rasp.inspect") {
        assert_eq!((span.parent_span_id, &span.span_kind), (server.span_context.span_id(), &SpanKind::Internal));
    }
    let spans = in_a_span_of_tracing("", "/", "hello", false, |_| tracing::info_span!("server")).await;
    assert_eq!(spans.len(), 1);
}
