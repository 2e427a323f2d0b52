//! Metrics, as Prometheus reads them through both facades.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};
use tower_rasp::{Action, BODY_SIZE_BUCKETS_BYTES, DURATION_BUCKETS_SECONDS, Rasp, RaspBuilder};

/// What listens: OpenTelemetry with its Prometheus exporter, and a recorder of `metrics`.
struct Listeners {
    registry: Registry,
    provider: SdkMeterProvider,
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl Listeners {
    fn new() -> Self {
        let registry = Registry::new();
        let reader = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build().unwrap();
        let provider = SdkMeterProvider::builder().with_reader(reader).build();
        let recorder = PrometheusBuilder::new()
            .with_recommended_naming(true)
            .set_buckets_for_metric(Matcher::Full("rasp.inspection.duration".to_owned()), DURATION_BUCKETS_SECONDS)
            .unwrap()
            .set_buckets_for_metric(Matcher::Full("rasp.inspection.body.size".to_owned()), BODY_SIZE_BUCKETS_BYTES)
            .unwrap()
            .build_recorder();
        let handle = recorder.handle();
        Self { registry, provider, recorder, handle }
    }

    fn rasp(&self, builder: RaspBuilder) -> Rasp {
        builder.meter_provider(self.provider.clone()).build().unwrap()
    }

    fn listening<T>(&self, work: impl FnOnce() -> T) -> T {
        metrics::with_local_recorder(&self.recorder, work)
    }

    /// What each exports: OpenTelemetry, then `metrics`.
    fn texts(&self) -> [String; 2] {
        let otel = TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap();
        [otel, self.handle.render()]
    }
}

/// The lines that are ours, without comments.
fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with("rasp_")).collect()
}

/// Names and labels of all series, without what OpenTelemetry says of its scope.
fn series(text: &str) -> BTreeSet<String> {
    let plain = |line: &str| {
        let (name, labels) =
            line.rsplit_once(' ').unwrap().0.split_once('{').unwrap_or((line.rsplit_once(' ').unwrap().0, ""));
        let mut labels: Vec<&str> =
            labels.trim_end_matches('}').split("\",").map(|label| label.trim_end_matches('"')).collect();
        labels.retain(|label| !label.is_empty() && !label.starts_with("otel_scope"));
        labels.sort_unstable();
        format!("{name}{labels:?}").replace(".0000", ".0")
    };
    // The two print the same bounds in different ways: `1e-6` and `0.000001`.
    lines(text).into_iter().filter(|line| !line.contains("_bucket{")).map(plain).collect()
}

fn get(target: &str) -> Request<Bytes> {
    Request::get(target).body(Bytes::new()).unwrap()
}

/// A body that no decoder here reads.
fn compressed() -> Request<Bytes> {
    let request = Request::post("/").header("content-type", "application/json").header("content-encoding", "gzip");
    request.body(Bytes::from_static(b"\x1f\x8b\x08")).unwrap()
}

const ATTACK: &str = "/search?q=1%27%20OR%20%271%27=%271";

const CONFIG: &str = r#"
[category]
xss = "detect"
[[route]]
route = "/notes/{id}"
mode = "detect"
"#;

#[test]
fn both_facades_export_the_same_series() {
    let listeners = Listeners::new();
    let texts = listeners.listening(|| {
        let rasp = listeners.rasp(Rasp::builder().config_text(CONFIG));
        assert_eq!(rasp.inspect(&get("/search?q=shoes")).action, Action::Pass);
        assert_eq!(rasp.inspect(&get(ATTACK)).action, Action::Block);
        assert_eq!(rasp.inspect(&get("/notes/7?q=1%27%20OR%20%271%27=%271")).action, Action::Alert);
        assert_eq!(rasp.inspect(&compressed()).action, Action::Alert);
        rasp.reload().unwrap();
        listeners.texts()
    });
    for text in &texts {
        for expected in [
            "rasp_requests_total{",
            "rasp_action=\"pass\"",
            "rasp_action=\"block\"",
            "http_route=\"/notes/{id}\"",
            "rasp_verdict=\"block\"",
            "rasp_mode=\"detect\"",
            "rasp_rule_matches_total{",
            "security_rule_category=\"sql_injection\"",
            "rasp_inspection_duration_seconds_bucket{",
            "rasp_inspection_duration_seconds_count{",
            "rasp_phase=\"head\"",
            "rasp_phase=\"body\"",
            "rasp_inspection_body_size_bytes_bucket{",
            "rasp_inspection_incomplete_total{",
            "rasp_inspection_cause=\"disabled_decoder\"",
            "rasp_config_reloads_total",
            "rasp_ruleset_rules{",
            "rasp_mode_effective{",
            "rasp_inspection_memory_usage_bytes",
            "rasp_inspection_memory_limit_bytes",
            "le=\"16777216\"",
            "# TYPE rasp_requests_total counter",
            "# TYPE rasp_inspection_duration_seconds histogram",
        ] {
            assert!(text.contains(expected), "{expected} is not in {text}");
        }
        assert!(!text.contains("rasp_requests_total{http_route=\"/search"), "{text}");
    }
    assert_eq!(series(&texts[0]), series(&texts[1]));
}

#[test]
fn what_is_in_force_is_told_before_the_first_request() {
    let listeners = Listeners::new();
    let texts = listeners.listening(|| {
        let _rasp = listeners.rasp(Rasp::builder());
        listeners.texts()
    });
    for text in texts {
        for expected in ["rasp_mode_effective{", "rasp_inspection_memory_limit_bytes", "rasp_inspection_work_limit"] {
            assert!(text.contains(expected), "{expected} is not in {text}");
        }
    }
}

/// Counters of which one step is news, each by the label that tells its series.
const NEWS: [(&str, &str); 8] = [
    ("rasp_engine_errors_total", "error_type=\"panic\""),
    ("rasp_engine_errors_total", "error_type=\"budget_exceeded\""),
    ("rasp_engine_errors_total", "error_type=\"user_panic\""),
    ("rasp_config_reloads_total", ""),
    ("rasp_config_reloads_total", "error_type=\"config\""),
    ("rasp_events_dropped_total", "rasp_drop_reason=\"rate_limit\""),
    ("rasp_events_dropped_total", "rasp_drop_reason=\"queue_full\""),
    ("rasp_events_dropped_total", "rasp_drop_reason=\"write_failed\""),
];

#[test]
fn what_is_news_from_its_first_step_on_is_counted_from_0_on() {
    let listeners = Listeners::new();
    let texts = listeners.listening(|| {
        let _rasp = listeners.rasp(Rasp::builder());
        listeners.texts()
    });
    for text in texts {
        for (name, label) in NEWS {
            let is_it = |line: &&&str| {
                line.starts_with(name) && line.contains(label) && (!label.is_empty() || !line.contains("error_type"))
            };
            let ours = lines(&text);
            let line = ours.iter().find(is_it).unwrap_or_else(|| panic!("{name} {label} is not in {text}"));
            assert!(line.ends_with(" 0"), "{line}");
        }
    }
}

#[test]
fn a_mode_that_no_longer_holds_is_taken_back() {
    let folder = std::env::temp_dir().join(format!("rasp-metrics-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("rasp.toml");
    std::fs::write(&path, "mode = \"detect\"").unwrap();
    let listeners = Listeners::new();
    let [otel, facade] = listeners.listening(|| {
        let rasp = listeners.rasp(Rasp::builder().config_path(&path));
        drop(rasp.inspect(&get("/")));
        std::fs::write(&path, "mode = \"enforce\"").unwrap();
        rasp.reload().unwrap();
        std::fs::write(&path, "mode = \"never\"").unwrap();
        rasp.reload().unwrap_err();
        listeners.texts()
    });
    let of_xss = |text: &str| -> Vec<String> {
        let of_xss = |line: &&str| line.starts_with("rasp_mode_effective{") && line.contains("\"xss\"");
        let short =
            |line: &str| (line.contains("\"enforce\"").to_string(), line.rsplit_once(' ').unwrap().1.to_owned());
        text.lines().filter(of_xss).map(short).map(|(enforces, value)| format!("{enforces} {value}")).collect()
    };
    assert_eq!(of_xss(&otel), ["true 1"]);
    let mut both = of_xss(&facade);
    both.sort();
    assert_eq!(both, ["false 0", "true 1"]);
    for text in [otel, facade] {
        let reloads: Vec<&str> = text.lines().filter(|line| line.starts_with("rasp_config_reloads_total")).collect();
        assert_eq!(reloads.len(), 2, "{reloads:?}");
        assert!(reloads.iter().any(|line| line.contains("error_type=\"config\"")), "{reloads:?}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.next() as usize % from.len()]
    }
}

const VALUES: &[&str] = &[
    "1%27%20OR%20%271%27=%271",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "..%2f..%2f..%2fetc%2fpasswd",
    "$(cat%20/etc/passwd)",
    "%7B%7B7*7%7D%7D",
    "$%7Bjndi:ldap://x/y%7D",
    "http://169.254.169.254/latest/",
    "%0d%0aSet-Cookie:%20a=b",
    "__proto__",
    "O:8:%22stdClass%22:0:%7B%7D",
    "hello",
    "%ff%fe",
    "red+shoes",
    "%00",
    "admin)(%26(password=*",
];

const METHODS: &[&str] = &["GET", "POST", "PUT", "X-EVIL", "PROPFIND"];

#[test]
fn a_hundred_thousand_hostile_requests_make_few_series() {
    let listeners = Listeners::new();
    let texts = listeners.listening(|| {
        let rasp = listeners.rasp(Rasp::builder().config_text(CONFIG));
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
        for _ in 0..100_000 {
            let (a, b, value) = (chance.next(), chance.next(), chance.pick(VALUES));
            let method =
                if chance.next().is_multiple_of(4) { format!("M{b:x}") } else { chance.pick(METHODS).to_owned() };
            let target = format!("/{}{a:x}?p{b:x}={value}", chance.pick(&["", "notes/", "x/../"]));
            let request =
                Request::builder().method(method.as_str()).uri(target).header("user-agent", format!("agent {a:x}"));
            let body =
                if chance.next().is_multiple_of(8) { format!("{{\"k{a:x}\": \"{value}\"") } else { String::new() };
            let kind =
                chance.pick(&["application/json", "text/plain", "application/x-www-form-urlencoded", "what/ever"]);
            let request = request.header("content-type", kind).header(format!("x-{b:x}"), value);
            drop(rasp.inspect(&request.body(Bytes::from(body)).unwrap()));
        }
        listeners.texts()
    });
    for text in texts {
        let ours = lines(&text);
        println!("{} lines", ours.len());
        assert!(ours.len() < 400, "{} lines: {ours:#?}", ours.len());
        let counted: f64 = ours
            .iter()
            .filter(|line| line.starts_with("rasp_requests_total"))
            .map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap())
            .sum();
        assert_eq!(counted, 100_000.0);
        assert!(!text.contains("otel_metric_overflow"), "{text}");
    }
}

/// The values of a label of the series of this name, each once.
fn values(text: &str, name: &str, label: &str) -> BTreeSet<String> {
    let start = format!("{label}=\"");
    let of_name = lines(text).into_iter().filter(|line| line.starts_with(&format!("{name}{{")));
    of_name.filter_map(|line| line.split(&start).nth(1)?.split('"').next()).map(str::to_owned).collect()
}

/// The numbers of the series of this name that have no such label, added up.
fn without(text: &str, name: &str, label: &str) -> f64 {
    let of_name = lines(text).into_iter().filter(|line| line.starts_with(&format!("{name}{{")));
    let others = of_name.filter(|line| !line.contains(&format!("{label}=\"")));
    others.map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()).sum()
}

#[test]
fn past_two_hundred_templates_series_have_no_route() {
    let config: String =
        (0..250).map(|route| format!("[[route]]\nroute = \"/r{route}\"\nmode = \"detect\"\n")).collect();
    let listeners = Listeners::new();
    let texts = listeners.listening(|| {
        let rasp = listeners.rasp(Rasp::builder().config_text(config));
        // Twice: a template that has a name keeps it.
        for route in (0..250).chain(0..250) {
            drop(rasp.inspect(&get(&format!("/r{route}"))));
        }
        listeners.texts()
    });
    for text in texts {
        assert_eq!(values(&text, "rasp_requests_total", "http_route").len(), 200);
        assert_eq!(without(&text, "rasp_requests_total", "http_route"), 100.0);
        // And of the modes of routes fifty are shown.
        assert_eq!(values(&text, "rasp_mode_effective", "http_route").len(), 50);
    }
}

#[test]
fn past_five_hundred_rules_of_the_users_own_series_have_no_rule() {
    let rule = |number: u32| {
        format!(
            "[[rule]]\nid = \"app.rule-{number}\"\ndescription = \"one of many\"\ncategory = \"virtual_patch\"\n\
             severity = \"notice\"\nconfidence = \"certain\"\nlocation = \"query.r{number}\"\n\
             matcher = {{ regex = \"^{number}$\" }}\nexamples = [\"{number}\"]\ncounter_examples = [\"x\"]\n"
        )
    };
    // One configuration has room for fewer: it takes several, one after the other.
    let folder = std::env::temp_dir().join(format!("rasp-rules-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("rasp.toml");
    let write = |first: u32| std::fs::write(&path, (first..first + 65).map(rule).collect::<String>()).unwrap();
    write(0);
    let listeners = Listeners::new();
    let texts = listeners.listening(|| {
        let rasp = listeners.rasp(Rasp::builder().config_path(&path));
        for number in 0..520 {
            if number > 0 && number % 65 == 0 {
                write(number);
                rasp.reload().unwrap();
            }
            assert_eq!(rasp.inspect(&get(&format!("/?r{number}={number}"))).findings.len(), 1, "{number}");
        }
        listeners.texts()
    });
    std::fs::remove_dir_all(&folder).unwrap();
    for text in texts {
        assert_eq!(values(&text, "rasp_rule_matches_total", "security_rule_uuid").len(), 500);
        assert_eq!(without(&text, "rasp_rule_matches_total", "security_rule_uuid"), 20.0);
    }
}
