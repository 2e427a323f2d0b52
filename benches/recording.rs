//! What recording costs on top of inspecting: the same requests through `Rasp::inspect_unrecorded`, and through
//! `Rasp::inspect` with each that can listen. All sides run in one process, turn by turn, and each is asked whether it
//! counted or wrote everything.
//!
//! `cargo bench --bench recording` prints the nanoseconds of a call, the median of all rounds, what it is more than
//! without recording, and whether that is within the bound of its kind; it fails where it is far from it. What a
//! subscriber needs to format an event has no bound of ours. `benches/bare` gives the figure of the build without features.

use std::hint::black_box;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tower_rasp::{Action, AuditFormat, AuditLog, Rasp};

#[path = "support/requests.rs"]
#[allow(dead_code, reason = "only the browser's request is used here")]
mod requests;
#[path = "support/sides.rs"]
mod sides;

use sides::{Side, compare, time};

/// Short rounds, of which a busy machine leaves most alone.
const ROUNDS: usize = 1_601;
const CALLS: u32 = 250;

/// Bounds in nanoseconds: of a benign request that somebody counts, of one that nobody does, and of an alert.
const COUNTED: f64 = 300.0;
const UNHEARD: f64 = 150.0;
const ALERTED: f64 = 5_000.0;

const ALERT_ROUNDS: usize = 161;
/// So many that the buckets of `LOUD` are full again after `REFILL`.
const ALERT_CALLS: u32 = 50;
const LOUD: &str = "[telemetry]\nevents_at_once = 1000\nevents_per_second = 1000";
const REFILL: Duration = Duration::from_millis(60);
/// `rasp.rule.matched` and `rasp.request.blocked`.
const EVENTS_EACH: u64 = 2;

fn main() {
    benign();
    within_a_span();
    unheard_alert();
    alert();
}

fn benign() {
    let (registry, provider) = open_telemetry();
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().with_recommended_naming(true).build_recorder();
    let handle = recorder.handle();

    let silent = Rasp::builder().build().expect("the built-in rules");
    let with_otel = Rasp::builder().meter_provider(provider).build().expect("the built-in rules");
    let with_facade = Rasp::builder().build().expect("the built-in rules");
    let request = requests::browser("/search?q=red+shoes&page=2");
    let inspect = |rasp: &Rasp| time(CALLS, || assert_eq!(rasp.inspect(black_box(&request)).action, Action::Pass));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                black_box((registry.gather(), handle.render()));
                thread::sleep(Duration::from_millis(100));
            }
        });
        let unrecorded = || assert_eq!(silent.inspect_unrecorded(black_box(&request)).action, Action::Pass);
        let sides = vec![
            Side::new("not recorded", || time(CALLS, unrecorded)),
            Side::new("nobody listens", || inspect(&silent)).within(UNHEARD),
            Side::new("OpenTelemetry's SDK, exported", || inspect(&with_otel)).within(COUNTED),
            Side::new("a recorder of `metrics`, exported", || {
                metrics::with_local_recorder(&recorder, || inspect(&with_facade))
            })
            .within(COUNTED),
        ];
        compare("a browser's GET", ROUNDS, sides, || ());
        done.store(true, Relaxed);
    });
    let expected = f64::from(CALLS) * ROUNDS as f64;
    let otel = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).expect("text");
    assert_eq!(counted(&otel), expected, "OpenTelemetry counted all");
    assert_eq!(counted(&handle.render()), expected, "`metrics` counted all");
}

/// A benign request within the user's own server span, onto which the verdict is put, beside counting it.
fn within_a_span() {
    let (_registry, provider) = open_telemetry();
    let tracers = SdkTracerProvider::builder().build();
    let tracer = tracers.tracer("bench");
    let rasp = Rasp::builder().meter_provider(provider).build().expect("the built-in rules");
    let request = requests::browser("/search?q=red+shoes&page=2");
    let spanned = |inspect: &dyn Fn() -> Action| {
        let _within = Context::new().with_span(tracer.start("GET /search")).attach();
        assert_eq!(inspect(), Action::Pass);
    };
    let recorded = || spanned(&|| rasp.inspect(black_box(&request)).action);
    let unrecorded = || spanned(&|| rasp.inspect_unrecorded(black_box(&request)).action);
    let sides = vec![
        Side::new("a span, not recorded", || time(CALLS, unrecorded)),
        Side::new("a span with the verdict, counted", || time(CALLS, recorded)).within(COUNTED),
    ];
    compare("a browser's GET, within a span", ROUNDS, sides, || ());
}

/// A request that is blocked, in a program that has no subscriber: later ones have one, and are taken to listen.
fn unheard_alert() {
    let rasp = Rasp::builder().config_text(LOUD).build().expect("the built-in rules");
    let request = requests::browser("/search?q=1%27+OR+%271%27%3D%271");
    let unrecorded = || assert_eq!(rasp.inspect_unrecorded(black_box(&request)).action, Action::Block);
    let sides = vec![
        Side::new("not recorded", || time(ALERT_CALLS, unrecorded)),
        Side::new("nobody listens", || time(ALERT_CALLS, || assert_block(&rasp, &request))).within(UNHEARD),
    ];
    compare("an attack, blocked, no subscriber", ROUNDS, sides, || ());
}

/// A request that is blocked, with its events.
fn alert() {
    let (registry, provider) = open_telemetry();
    let (log, mut lines) = AuditLog::new(AuditFormat::Ocsf);
    let (log_of_all, mut lines_of_all) = AuditLog::new(AuditFormat::Ecs);
    let (formatted, formatted_of_all, audited, audited_of_all) =
        (Lines::default(), Lines::default(), Lines::default(), Lines::default());
    let writers = [
        thread::spawn({
            let audited = audited.clone();
            move || lines.write_to(audited)
        }),
        thread::spawn({
            let audited = audited_of_all.clone();
            move || lines_of_all.write_to(audited)
        }),
    ];

    let loud = || Rasp::builder().config_text(LOUD);
    let plain = loud().build().expect("the built-in rules");
    let (by_tracing, by_taken) = (loud().build().expect("rules"), loud().build().expect("rules"));
    let taken = Taken::default();
    let to_nowhere = tracing::Dispatch::new(taken.clone());
    let to_others = tracing::Dispatch::new(Taken::default());
    let logs = SdkLoggerProvider::builder().with_log_processor(taken.clone()).build();
    let by_logs = loud().logger_provider(&logs).build().expect("the built-in rules");
    let by_audit = loud().audit_log(log).build().expect("the built-in rules");
    let by_all = loud().meter_provider(provider).audit_log(log_of_all).build().expect("the built-in rules");
    let held_back = Rasp::builder().build().expect("the built-in rules");
    let request = requests::browser("/search?q=1%27+OR+%271%27%3D%271");
    let blocked = |rasp: &Rasp| time(ALERT_CALLS, || assert_block(rasp, &request));
    let formatting = |lines: &Lines| {
        let lines = lines.clone();
        tracing::Dispatch::new(tracing_subscriber::fmt().with_writer(move || lines.clone()).finish())
    };
    let (to_lines, to_lines_of_all) = (formatting(&formatted), formatting(&formatted_of_all));
    let unrecorded = || assert_eq!(plain.inspect_unrecorded(black_box(&request)).action, Action::Block);
    let sides = vec![
        Side::new("not recorded", || time(ALERT_CALLS, unrecorded)),
        Side::new("`tracing`, taken and dropped", || {
            tracing::dispatcher::with_default(&to_nowhere, || blocked(&by_taken))
        })
        .within(ALERTED),
        Side::new("OpenTelemetry's log, taken and dropped", || blocked(&by_logs)).within(ALERTED),
        Side::new("`tracing`, formatted to a sink", || {
            tracing::dispatcher::with_default(&to_lines, || blocked(&by_tracing))
        }),
        Side::new("an audit log", || blocked(&by_audit)).within(ALERTED),
        Side::new("`tracing`, audit log, metrics", || {
            tracing::dispatcher::with_default(&to_lines_of_all, || blocked(&by_all))
        }),
        Side::new("held back by the limit", || tracing::dispatcher::with_default(&to_others, || blocked(&held_back)))
            .within(ALERTED),
    ];
    compare("an attack, blocked, two events", ALERT_ROUNDS, sides, || thread::sleep(REFILL));

    let requests = u64::from(ALERT_CALLS) * ALERT_ROUNDS as u64;
    let otel = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).expect("text");
    assert_eq!(counted(&otel), requests as f64, "OpenTelemetry counted all");
    drop((by_audit, by_all));
    for writer in writers {
        writer.join().expect("a writer").expect("written");
    }
    assert_eq!(taken.0.load(Relaxed), 2 * requests * EVENTS_EACH, "every event was taken");
    for lines in [formatted, formatted_of_all, audited, audited_of_all] {
        assert_eq!(lines.0.load(Relaxed), requests * EVENTS_EACH, "every event was written");
    }
}

fn assert_block(rasp: &Rasp, request: &Request<Bytes>) {
    assert_eq!(rasp.inspect(black_box(request)).action, Action::Block);
}

fn open_telemetry() -> (prometheus::Registry, SdkMeterProvider) {
    let registry = prometheus::Registry::new();
    let reader = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build().expect("an exporter");
    (registry, SdkMeterProvider::builder().with_reader(reader).build())
}

/// Takes events, counts them and does nothing more: what is left is our own share.
#[derive(Clone, Debug, Default)]
struct Taken(Arc<AtomicU64>);

impl tracing::Subscriber for Taken {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_event()
    }

    fn event(&self, _: &tracing::Event<'_>) {
        self.0.fetch_add(1, Relaxed);
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::Id {
        tracing::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::Id, _: &tracing::Id) {}
    fn enter(&self, _: &tracing::Id) {}
    fn exit(&self, _: &tracing::Id) {}
}

impl LogProcessor for Taken {
    fn emit(&self, _: &mut SdkLogRecord, _: &InstrumentationScope) {
        self.0.fetch_add(1, Relaxed);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }
}

/// A sink that counts lines.
#[derive(Clone, Default)]
struct Lines(Arc<AtomicU64>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(bytes.iter().filter(|&&byte| byte == b'\n').count() as u64, Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn counted(text: &str) -> f64 {
    let of_requests = text.lines().filter(|line| line.starts_with("rasp_requests_total{"));
    of_requests.map(|line| line.rsplit_once(' ').expect("a value").1.parse::<f64>().expect("a number")).sum()
}
