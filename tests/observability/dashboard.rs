//! Every query of the dashboard and every recording rule, run by a real Prometheus on a page that
//! has all the series there are.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::files::{queries, text};
use super::programs::{Program, encode, find, folder, free_port, get, serve};

const PAGE: &str = include_str!("../data/observability/metrics.prom");

/// The page as it is after so many scrapes: what counts goes on counting.
fn later(page: &str, scrapes: u32) -> String {
    let grown = |line: &str| {
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        let counts = ["_total", "_bucket", "_sum", "_count"].iter().any(|ending| name.ends_with(ending));
        match line.rsplit_once(' ') {
            Some((series, value)) if counts && !line.starts_with('#') => {
                format!("{series} {}\n", value.parse::<f64>().expect("a number") * f64::from(scrapes))
            }
            _ => format!("{line}\n"),
        }
    };
    page.lines().map(grown).collect()
}

/// A query's answer: how many series, or why none.
fn query(port: u16, query: &str) -> Result<Vec<Value>, String> {
    let answer = get(port, &format!("/api/v1/query?query={}", encode(query))).ok_or("no answer, or an error")?;
    let answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
    answer["data"]["result"].as_array().cloned().ok_or_else(|| answer.to_string())
}

#[test]
fn every_query_gives_series() {
    let Some(prometheus) = find("prometheus") else { return };
    let folder = folder("dashboard");
    let mut scrapes = 0;
    let page = serve(move |_| {
        scrapes += 1;
        later(PAGE, scrapes)
    });
    fs::write(folder.join("rasp.rules.yml"), text("rasp.rules.yml")).expect("a file");
    let config = format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [rasp.rules.yml]\n\
         scrape_configs: [{{job_name: notes, static_configs: [{{targets: ['127.0.0.1:{page}']}}]}}]\n"
    );
    fs::write(folder.join("prometheus.yml"), config).expect("a file");
    let port = free_port();
    let mut command = Command::new(prometheus);
    command.current_dir(&folder).args(["--config.file=prometheus.yml", "--storage.tsdb.path=tsdb"]);
    command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    let mut program = Program::start(&mut command, folder.join("prometheus.log"));

    let recorded: Vec<(String, String)> = text("rasp.rules.yml")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- record: "))
        .map(|name| (name.to_owned(), name.to_owned()))
        .collect();
    assert!(recorded.len() >= 10);
    for (title, text) in queries().into_iter().chain(recorded) {
        let full = text.replace("$job", ".*").replace("$__rate_interval", "1m");
        let series =
            program.until(&format!("{title}: {text}"), |_| query(port, &full).ok().filter(|series| !series.is_empty()));
        for one in &series {
            let value: f64 = one["value"][1].as_str().and_then(|value| value.parse().ok()).expect("a number");
            assert!(value.is_finite(), "{title}: {text} gives {one}");
        }
    }
    // The variable of the dashboard.
    let jobs = get(port, "/api/v1/label/job/values?match%5B%5D=rasp_requests_total").expect("an answer");
    assert!(jobs.contains("\"notes\""), "{jobs}");
}
