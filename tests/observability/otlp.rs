//! Traces, metrics and events as OTLP receivers got them, by gRPC and by HTTP.

use std::io::Write;
use std::process::Command;

use serde_json::Value;

use super::programs::{Program, find, folder, free_port};
use super::service::Service;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn service(name: &str, port: u16, protocol: &str) -> Service {
    let endpoint = format!("http://127.0.0.1:{port}");
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_SERVICE_NAME", "notes"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "100"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "300"),
    ];
    Service::start(name, &variables)
}

#[test]
fn rotel_receives_all_three_signals_by_grpc_and_http() {
    let Some(rotel) = find("rotel-agent") else { return };
    for protocol in ["grpc", "http/protobuf"] {
        let name = format!("rotel-{}", &protocol[..4]);
        let folder = folder(&name);
        let (grpc, http) = (free_port(), free_port());
        let mut command = Command::new(&rotel);
        command.env("ROTEL_PID_FILE", folder.join("rotel.pid")).args(["start", "--exporter", "blackhole"]);
        command.args(["--otlp-grpc-endpoint", &format!("127.0.0.1:{grpc}")]);
        command.args(["--otlp-http-endpoint", &format!("127.0.0.1:{http}")]);
        for signal in ["traces", "metrics", "logs"] {
            command.args(["--debug-log", signal]);
        }
        command.args(["--debug-log-verbosity", "detailed"]);
        let mut rotel = Program::start(&mut command, folder.join("rotel.log"));
        let port = if protocol == "grpc" { grpc } else { http };
        rotel.until("rotel listens", |_| std::net::TcpStream::connect(("127.0.0.1", port)).ok());

        let service = service(&format!("{name}-service"), port, protocol);
        service.attack(TRACE);
        for wanted in [
            "tower_rasp",
            "rasp.request.blocked",
            "rasp.rule.matched",
            "GET /search",
            "rasp.requests",
            "rasp.inspection.duration",
            "rasp.rule.matches",
            "security_rule.uuid",
            "http.response.status_code",
            "rasp.mode.effective",
            TRACE,
        ] {
            rotel.until(&format!("rotel received {wanted} by {protocol}"), |rotel| {
                rotel.log().contains(wanted).then_some(())
            });
        }
    }
}

/// Everything that has arrived: one line of JSON each.
fn lines(program: &Program) -> Vec<Value> {
    program.log().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn oteltap_receives_exact_records() {
    let Some(oteltap) = find("oteltap") else { return };
    let folder = folder("oteltap");
    let port = free_port();
    let mut command = Command::new(oteltap);
    command.env("PYTHONUNBUFFERED", "1").args(["--port", &port.to_string()]);
    let mut oteltap = Program::start(&mut command, folder.join("otlp.ndjson"));
    oteltap.until("oteltap listens", |_| std::net::TcpStream::connect(("127.0.0.1", port)).ok());
    let service = service("oteltap-service", port, "http/protobuf");
    service.attack(TRACE);
    oteltap.until("all three signals arrive", |tap| {
        let log = tap.log();
        ["rasp.request.blocked", "rasp.mode.effective", "GET /search"]
            .iter()
            .all(|name| log.contains(name))
            .then_some(())
    });
    let _ = writeln!(std::io::stderr(), "{:#?}", lines(&oteltap));
    let _ = &service;
}
