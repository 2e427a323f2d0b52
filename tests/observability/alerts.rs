//! From an attack to the message that wakes somebody: the example, Prometheus, Alertmanager and a
//! webhook, with the files of `examples/observability/`.

use std::fs;
use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::files::text;
use super::programs::{Program, encode, find, free_port, get, serve, succeeds};
use super::service::{ATTACK, Service};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// What came, by the path that it came to.
type Received = Arc<Mutex<Vec<(String, Value)>>>;

fn webhook(received: &Received) -> u16 {
    let received = Arc::clone(received);
    serve(move |request| {
        if let Some((head, body)) = request.split_once("\r\n\r\n")
            && let Ok(message) = serde_json::from_str(body)
        {
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            received.lock().expect("no panic").push((path, message));
        }
        String::new()
    })
}

#[test]
fn an_attack_becomes_an_alert_at_a_webhook() {
    let (Some(prometheus), Some(alertmanager)) = (find("prometheus"), find("prometheus-alertmanager")) else { return };
    let config = "version = 1\n";
    let path = super::programs::folder("alerts-config").join("rasp.toml");
    fs::write(&path, config).expect("a file");
    let service = Service::start("alerts", &[("RASP_CONFIG", path.to_str().expect("text"))]);
    let received = Received::default();
    let hook = webhook(&received);

    // The files as they are, but for addresses and waiting times.
    let write = |name: &str, text: String| fs::write(service.folder.join(name), text).expect("a file");
    let without_waiting = |text: &str| -> String {
        let mended = text.lines().map(|line| match line.trim() {
            wait if wait.starts_with("for: ") => line.replace(wait, "for: 0s"),
            wait if wait.starts_with("group_wait: ") => line.replace(wait, "group_wait: 1s"),
            wait if wait.starts_with("group_interval: ") => line.replace(wait, "group_interval: 1s"),
            _ => line.to_owned(),
        });
        mended.collect::<Vec<_>>().join("\n")
    };
    let (prometheus_port, alertmanager_port) = (free_port(), free_port());
    write("rasp.rules.yml", without_waiting(&text("rasp.rules.yml")));
    write(
        "alertmanager.yml",
        without_waiting(&text("alertmanager.yml")).replace("127.0.0.1:9099", &format!("127.0.0.1:{hook}")),
    );
    let mended = text("prometheus.yml")
        .replace("15s", "1s")
        .replace("127.0.0.1:9093", &format!("127.0.0.1:{alertmanager_port}"))
        .replace("127.0.0.1:3000", &format!("127.0.0.1:{}", service.port));
    write("prometheus.yml", mended);

    let mut command = Command::new(alertmanager);
    command.current_dir(&service.folder).args(["--config.file=alertmanager.yml", "--storage.path=am"]);
    command.args([&format!("--web.listen-address=127.0.0.1:{alertmanager_port}"), "--cluster.listen-address="]);
    let mut alertmanager = Program::start(&mut command, service.folder.join("alertmanager.log"));
    let mut command = Command::new(prometheus);
    command.current_dir(&service.folder).args(["--config.file=prometheus.yml", "--storage.tsdb.path=tsdb"]);
    command.arg(format!("--web.listen-address=127.0.0.1:{prometheus_port}"));
    let mut prometheus = Program::start(&mut command, service.folder.join("prometheus.log"));

    // The series must be there before they grow.
    service.attack(TRACE);
    let seen = "count_over_time(rasp_requests_total{job=\"notes\",rasp_action=\"block\"}[1m]) > 2";
    prometheus.until("Prometheus sees the first attack", |_| {
        get(prometheus_port, &format!("/api/v1/query?query={}", encode(seen)))
            .filter(|answer| answer.contains("\"value\""))
    });
    for _ in 0..150 {
        service.attack(TRACE);
    }
    // And a configuration that cannot be used.
    fs::write(&path, "version = 1\nmode = \"enforced\"\n").expect("a file");
    succeeds(Command::new("kill").args(["-HUP", &service.program.id().to_string()]));

    let mut delivered = |alert: &str, hook: &str| -> Value {
        alertmanager.until(&format!("the webhook receives {alert}"), |_| {
            let received = received.lock().expect("no panic");
            let of_hook = received.iter().filter(|(path, _)| path == hook).map(|(_, message)| message);
            let mut firing = of_hook.filter(|message| message["commonLabels"]["alertname"] == alert);
            firing.next_back().cloned()
        })
    };
    let campaign = delivered("RaspCampaignOnRoute", "/chat");
    let alert = &campaign["alerts"][0];
    assert_eq!((&alert["status"], &campaign["receiver"]), (&"firing".into(), &"chat".into()));
    assert_eq!(alert["labels"]["job"], "notes");
    assert_eq!(alert["labels"]["http_route"], "/search");
    assert_eq!(alert["labels"]["severity"], "warning");
    assert_eq!(alert["annotations"]["summary"], "notes: somebody works on /search");
    assert!(alert["annotations"]["runbook_url"].as_str().expect("a link").ends_with("#raspcampaignonroute"));
    // Nothing of the attack is in it.
    assert!(!campaign.to_string().contains("UNION") && !campaign.to_string().contains(ATTACK));

    let rejected = delivered("RaspReloadRejected", "/chat");
    assert_eq!(rejected["alerts"][0]["labels"]["job"], "notes");
    let _ = writeln!(std::io::stderr(), "Alertmanager delivered: {campaign}");

    // What Prometheus scraped is well made.
    if let Some(promtool) = find("promtool") {
        let page = get(service.port, "/metrics").expect("a page");
        fs::write(service.folder.join("metrics.prom"), &page).expect("a file");
        let page = fs::File::open(service.folder.join("metrics.prom")).expect("a file");
        succeeds(Command::new(promtool).args(["check", "metrics"]).stdin(page));
    }
}
