//! Where the signals go: alerts to the terminal, metrics to `/metrics`, and all of it to a
//! collector where `OTEL_EXPORTER_OTLP_ENDPOINT` says which.

use std::env;
use std::error::Error;
use std::io::{IsTerminal, stderr};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use opentelemetry::InstrumentationScope;
use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{LogExporter, MetricExporter, SpanExporter};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use prometheus::{Registry, TextEncoder};
use tower_rasp::RaspBuilder;
use tracing::{Instrument, Level, Span, field, info, info_span, warn};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// The providers. The exporters read the standard variables: endpoint, protocol (`grpc` or `http/protobuf`), headers,
/// time-outs, and so on, for all signals or for one; the SDK reads `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`,
/// intervals, queues and the sampler. What it does not read is read here: `OTEL_SDK_DISABLED` and `OTEL_*_EXPORTER=none`.
pub struct Telemetry {
    registry: Registry,
    meters: SdkMeterProvider,
    logs: SdkLoggerProvider,
    traces: Option<SdkTracerProvider>,
}

/// Whether a signal is exported.
fn exports(signal: &str) -> bool {
    let set = |name: &str| env::var(name).is_ok_and(|value| !value.trim().is_empty());
    let is = |name: &str, wanted: &str| env::var(name).is_ok_and(|value| value.trim().eq_ignore_ascii_case(wanted));
    let somewhere = set("OTEL_EXPORTER_OTLP_ENDPOINT") || set(&format!("OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"));
    somewhere && !is("OTEL_SDK_DISABLED", "true") && !is(&format!("OTEL_{signal}_EXPORTER"), "none")
}

impl Telemetry {
    pub fn init() -> Result<Self, Box<dyn Error>> {
        let registry = Registry::new();
        let page = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build()?;
        let mut meters = SdkMeterProvider::builder().with_reader(page);
        if exports("METRICS") {
            meters = meters.with_periodic_exporter(MetricExporter::builder().build()?);
        }
        let mut logs = SdkLoggerProvider::builder().with_log_processor(Terminal);
        if exports("LOGS") {
            logs = logs.with_batch_exporter(LogExporter::builder().build()?);
        }
        let mut traces = None;
        if exports("TRACES") {
            let provider = SdkTracerProvider::builder().with_batch_exporter(SpanExporter::builder().build()?).build();
            // For spans `rasp.inspect`, which `[telemetry] inspect_span` asks for.
            opentelemetry::global::set_tracer_provider(provider.clone());
            traces = Some(provider);
        }
        let spans = traces.as_ref().map(|traces| {
            let layer = tracing_opentelemetry::layer().with_tracer(traces.tracer("notes"));
            let layer =
                layer.with_location(false).with_threads(false).with_target(false).with_tracked_inactivity(false);
            // Events are no span events here: they leave as log records.
            layer.with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target().starts_with("axum")))
        });
        let terminal = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal()).compact();
        let terminal =
            terminal.with_filter(filter_fn(|metadata| metadata.is_event() && *metadata.level() <= Level::INFO));
        tracing_subscriber::registry().with(spans).with(terminal).init();
        Ok(Self { registry, meters: meters.build(), logs: logs.build(), traces })
    }

    /// Gives the engine its providers.
    pub fn give(&self, builder: RaspBuilder) -> RaspBuilder {
        builder.meter_provider(self.meters.clone()).logger_provider(&self.logs)
    }

    /// `/metrics`. Serve it where only Prometheus can reach it.
    pub fn metrics(&self) -> Router {
        Router::new().route("/metrics", get(metrics)).with_state(self.registry.clone())
    }

    /// Sends what is left, side by side: a receiver that hangs is waited for once, for the SDK's five seconds.
    pub fn shut_down(&self) {
        let told = |ended: OTelSdkResult| {
            if let Err(error) = ended {
                warn!("the last signals were not sent: {error}");
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| told(self.traces.as_ref().map_or(Ok(()), SdkTracerProvider::shutdown)));
            scope.spawn(|| told(self.logs.shutdown()));
            scope.spawn(|| told(self.meters.shutdown()));
        });
    }
}

async fn metrics(State(registry): State<Registry>) -> Response {
    match TextEncoder::new().encode_to_string(&registry.gather()) {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Shows on the terminal what leaves through the Logs API.
#[derive(Debug)]
struct Terminal;

impl LogProcessor for Terminal {
    fn emit(&self, record: &mut SdkLogRecord, _scope: &InstrumentationScope) {
        let attribute = |name: &str| {
            let mut all = record.attributes_iter();
            all.find(|(key, _)| key.as_str() == name).map(|(_, value)| shown(value))
        };
        let place = || attribute("http.route").or_else(|| attribute("url.path")).unwrap_or_default();
        let request = attribute("http.request.method").map(|method| format!("{method} {}", place()));
        let name = record.event_name().unwrap_or_default();
        let text = record.body().map(shown).unwrap_or_default();
        let fields = ["http.response.status_code", "client.address", "rasp.request.id", "security_rule.uuid"];
        let [status, client, incident, rule] = fields.map(attribute);
        // What an event does not have is left out.
        macro_rules! show {
            ($level:ident) => {
                $level!(target: "tower_rasp", request, status, client, incident, rule, "{name}: {text}")
            };
        }
        if record.severity_number() >= Some(Severity::Warn) {
            show!(warn);
        } else {
            show!(info);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn shown(value: &AnyValue) -> String {
    match value {
        AnyValue::String(text) => text.as_str().to_owned(),
        AnyValue::Int(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

struct Headers<'a>(&'a axum::http::HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(header::HeaderName::as_str).collect()
    }
}

const KNOWN: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// The server span of each request, as OpenTelemetry wants it; tower-rasp puts its attributes on it.
pub async fn server_span(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    // A client chooses its method, and must not choose names. Nor the path of the span, which holds its values.
    let known = KNOWN.iter().find(|known| *known == request.method());
    let span = info_span!(
        "request",
        otel.kind = "server",
        otel.name = format!("{} {}", known.map_or("HTTP", Method::as_str), route.unwrap_or_default()).trim_end(),
        http.request.method = known.map_or("_OTHER", Method::as_str),
        http.route = route,
        http.response.status_code = field::Empty,
    );
    // Without a tracer there is nothing to continue.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&Headers(request.headers())));
    let response = next.run(request).instrument(span.clone()).await;
    note_status(&span, response.status());
    response
}

fn note_status(span: &Span, status: StatusCode) {
    // As an integer: of the unsigned ones the bridge makes strings.
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}
