//! Every way by which something leaves, watched.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry::Context;
use opentelemetry::trace::{FutureExt, TraceContextExt, Tracer, TracerProvider};
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use prometheus::{Registry, TextEncoder};
use tower::{Layer, ServiceExt, service_fn};
use tower_rasp::{
    AuditFormat, AuditLog, Blocked, Body, Evidence, Head, Inspection, Mode, Rasp, RequestContext, Verdict, rasp_span,
};
use tracing::Instrument;
use tracing::field::Empty;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;

use crate::places::Sent;
use crate::secrets::joined;
use crate::server::{raw, serve};

/// Whose spans the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spans {
    Tracing,
    OpenTelemetry,
}

/// What is told, and how.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    pub excerpts: bool,
    pub detect: bool,
    pub audit: AuditFormat,
    pub spans: Spans,
    pub through_logs: bool,
}

/// Text that several hands write.
#[derive(Clone, Default)]
struct Sheet(Arc<Mutex<Vec<u8>>>);

impl Sheet {
    fn add(&self, text: &str) {
        self.0.lock().unwrap().extend_from_slice(text.as_bytes());
        self.0.lock().unwrap().push(b'\n');
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A writer that has had enough when nothing waits: the server keeps its handle, so the lines themselves do not end.
struct UntilIdle(Vec<u8>);

/// Nothing waits.
struct Idle;

impl UntilIdle {
    fn all(write_to: impl FnOnce(&mut Self) -> std::io::Result<()>) -> String {
        let mut writer = Self(Vec::new());
        // The lines go on after an error of the writer's, so it leaves in another way.
        let left = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| write_to(&mut writer)));
        assert!(left.is_err_and(|left| left.is::<Idle>()));
        String::from_utf8(writer.0).unwrap()
    }
}

impl Write for UntilIdle {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::panic::resume_unwind(Box::new(Idle))
    }
}

/// What left, by its way.
pub struct Left(Vec<(&'static str, String)>);

impl Left {
    /// The way and the line that hold a text.
    pub fn line_with(&self, text: &str) -> Option<(&'static str, &str)> {
        self.0.iter().find_map(|(way, all)| all.contains(text).then(|| (*way, line_of(all, text))))
    }

    /// The same as a reader has it.
    pub fn joined(&self) -> Self {
        let lines = |all: &str| all.lines().map(joined).collect::<Vec<_>>().join("\n");
        Self(self.0.iter().map(|(way, all)| (*way, lines(all))).collect())
    }

    /// Something left by every way that should say something: a search in nothing proves nothing.
    pub fn is_there(&self, watch: &Watch, requests: usize) {
        for (way, text) in &self.0 {
            let expected = match *way {
                // An event leaves by one way only.
                "tracing" if watch.through_logs && watch.spans == Spans::OpenTelemetry => 0,
                "records of OpenTelemetry" if !watch.through_logs => 0,
                "spans of OpenTelemetry" if watch.spans == Spans::Tracing => 0,
                "metrics of OpenTelemetry" | "metrics" | "handles" => 3,
                _ => requests / 2,
            };
            let lines = text.lines().count();
            assert!(lines >= expected, "{way} has {lines} lines for {requests} requests, {watch:?}");
            // The counter of those begins at 0.
            let held_back = text.lines().find(|line| line.contains("rate_limit") && !line.ends_with(" 0"));
            assert_eq!(held_back, None, "events were held back");
        }
        let excerpt =
            self.0.iter().find(|(way, _)| *way == "audit log").map(|(_, text)| line_of(text, "union select password"));
        assert_eq!(excerpt.is_some_and(|line| !line.is_empty()), watch.excerpts, "{watch:?} {excerpt:?}");
    }
}

fn line_of<'a>(all: &'a str, text: &str) -> &'a str {
    all.lines().find(|line| line.contains(text)).unwrap_or_default()
}

/// One test at a time: `tracing` keeps one answer for all threads on who wants an event.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

const ACCEPTS: [&str; 4] = ["text/html", "application/json", "text/plain", "*/*"];

impl Watch {
    fn config(&self) -> String {
        format!(
            "version = 1\ndetection_paranoia = 4\n[telemetry]\nexcerpts = {}\nevents_at_once = 1000\nevents_per_second = 1000\n\
             datadog = true\ninspect_span = true\ninspected_one_in = 1\n\
             [[route]]\nroute = \"/posts/{{id}}\"\ncategory = {{ scanner = \"detect\" }}\n",
            self.excerpts
        )
    }

    /// Sends the requests and gathers everything that leaves.
    #[expect(clippy::await_holding_lock, reason = "one test at a time, on a runtime of one thread")]
    pub async fn left(&self, requests: &[&Sent]) -> Left {
        let _alone = alone();
        let (events, debug, answers) = (Sheet::default(), Sheet::default(), Sheet::default());
        let sink = events.clone();
        let told = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_span_events(FmtSpan::FULL)
            .with_writer(move || sink.clone())
            // What others trace of a connection is theirs.
            .with_filter(filter_fn(|metadata| {
                metadata.target().starts_with("tower_rasp") || metadata.target().starts_with("redaction")
            }));
        let _subscriber = tracing::subscriber::set_default(tracing_subscriber::registry().with(told));
        let registry = Registry::new();
        let reader = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build().unwrap();
        let recorder = PrometheusBuilder::new().with_recommended_naming(true).build_recorder();
        let _recorder = metrics::set_default_local_recorder(&recorder);
        let log_exporter = InMemoryLogExporter::default();
        let logs = SdkLoggerProvider::builder().with_simple_exporter(log_exporter.clone()).build();
        let span_exporter = InMemorySpanExporter::default();
        let traces = SdkTracerProvider::builder().with_simple_exporter(span_exporter.clone()).build();
        let (log, mut log_lines) = AuditLog::new(self.audit);
        let public = age::x25519::Identity::generate().to_public().to_string();
        let (evidence, mut evidence_lines) = Evidence::new(&public).unwrap();
        let mut builder = Rasp::builder()
            .config_text(self.config())
            .meter_provider(SdkMeterProvider::builder().with_reader(reader).build())
            .json_schema(http::Method::POST, "/checked", schema())
            .audit_log(log.clone())
            .evidence(evidence.clone());
        if self.detect {
            builder = builder.mode(Mode::Detect);
        }
        if self.through_logs {
            builder = builder.logger_provider(&logs);
        }
        let rasp = builder.build().unwrap();
        let address = start(&rasp, self.spans, &traces, &debug).await;
        for (index, sent) in requests.iter().enumerate() {
            answers.add(&raw(address, &sent.to_http(ACCEPTS[index % ACCEPTS.len()])).await.replace("\r\n", " "));
            in_memory(&rasp, sent, &debug);
        }
        let handles = format!("{rasp:?}\n{:?}\n{log:?} {log_lines:?}\n{evidence:?} {evidence_lines:?}", rasp.layer());
        let metrics = [TextEncoder::new().encode_to_string(&registry.gather()).unwrap(), recorder.handle().render()];
        let [audit, sealed] = [
            UntilIdle::all(|writer| log_lines.write_to(writer)),
            UntilIdle::all(|writer| evidence_lines.write_to(writer)),
        ];
        let [otel, facade] = metrics;
        let records = log_exporter.get_emitted_logs().unwrap();
        let records: Vec<String> = records.iter().map(|record| format!("{record:?}")).collect();
        let spans = span_exporter.get_finished_spans().unwrap();
        let spans: Vec<String> = spans.iter().map(|span| format!("{span:?}")).collect();
        Left(vec![
            ("tracing", events.text()),
            ("records of OpenTelemetry", records.join("\n")),
            ("spans of OpenTelemetry", spans.join("\n")),
            ("metrics of OpenTelemetry", otel),
            ("metrics", facade),
            ("audit log", audit),
            ("evidence without the key", sealed),
            ("Debug", debug.text()),
            ("handles", handles),
            ("answers", answers.text()),
        ])
    }
}

/// What `/checked` takes: nothing that a secret is.
fn schema() -> serde_json::Value {
    serde_json::json!({
        "type": "object",
        "properties": { "n": { "type": "integer" }, "s": { "type": "string", "maxLength": 3, "pattern": "^a+$" } },
        "additionalProperties": false,
    })
}

/// A server around which stand spans, and somebody who writes down all that can be written with `{:?}`.
async fn start(rasp: &Rasp, spans: Spans, traces: &SdkTracerProvider, debug: &Sheet) -> SocketAddr {
    let sheet = debug.clone();
    let handle = service_fn(move |request: Request<Body<Incoming>>| {
        let sheet = sheet.clone();
        async move {
            if let Some(context) = request.extensions().get::<Arc<RequestContext>>() {
                write_down(&sheet, context, context.head_verdict());
            }
            if let Err(error) = request.into_body().collect().await {
                let blocked = Blocked::find(&*error).copied();
                sheet.add(&format!("{error:?} {error} {blocked:?}"));
            }
            Ok::<_, Infallible>(Response::new(Full::from("done")))
        }
    });
    let inner = rasp.layer().layer(handle);
    let (sheet, tracer) = (debug.clone(), traces.tracer("test"));
    serve(service_fn(move |request: Request<Incoming>| {
        let (inner, sheet) = (inner.clone(), sheet.clone());
        let span = match spans {
            Spans::Tracing => rasp_span!(
                request,
                appsec.event = Empty,
                appsec.blocked = Empty,
                _dd.origin = Empty,
                _dd.appsec.json = Empty
            ),
            Spans::OpenTelemetry => tracing::Span::none(),
        };
        let context = match spans {
            Spans::Tracing => Context::new(),
            Spans::OpenTelemetry => Context::new().with_span(tracer.start("server")),
        };
        async move {
            let response = inner.oneshot(request).instrument(span).with_context(context.clone()).await.unwrap();
            let (parts, body) = response.into_parts();
            let context_of_request = parts.extensions.get::<Arc<RequestContext>>().cloned();
            let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            if let Some(seen) = &context_of_request {
                write_down(&sheet, seen, seen.verdict().map(|verdict| &**verdict));
            }
            context.span().end();
            Ok::<_, Infallible>(Response::from_parts(parts, Full::from(body)))
        }
    }))
    .await
}

/// Everything about a request that has a `Debug`.
fn write_down(sheet: &Sheet, context: &RequestContext, verdict: Option<&Verdict>) {
    let mut text = format!("{context:?} {:?} {:?} {:?}", context.id(), context.head(), context.findings());
    let inputs = context.inputs();
    let _ = write!(text, " {inputs:?} {verdict:?}");
    for judged in verdict.into_iter().flat_map(|verdict| &verdict.findings) {
        let (finding, location) = (&judged.finding, &judged.finding.location);
        let _ = write!(text, " {finding:?} {location:?} {:?} {:?}", finding.validation, location.leaf(b"x"));
    }
    if let Some(verdict) = verdict {
        let _ = write!(text, " {:?}", verdict.validation_errors());
    }
    sheet.add(&text);
}

/// The same without a server: the push interface.
fn in_memory(rasp: &Rasp, sent: &Sent, debug: &Sheet) {
    let (path, query) = sent.target.split_once('?').map_or((&*sent.target, None), |(path, query)| (path, Some(query)));
    let mut head = Head::builder(sent.method.as_bytes(), path.as_bytes(), query.map(str::as_bytes));
    for (name, value) in &sent.headers {
        head.push_header(name.as_bytes(), value.as_bytes());
    }
    let mut inspection = Inspection::head(rasp.engine(), head.build());
    debug.add(&format!("{inspection:?}"));
    inspection.chunk(&Bytes::from(sent.body.clone()));
    inspection.end();
    let verdict = inspection.engine().judge(inspection.context());
    debug.add(&format!("{inspection:?}"));
    write_down(debug, inspection.context(), Some(&verdict));
}
