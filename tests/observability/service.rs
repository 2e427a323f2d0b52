//! The example, running.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use super::programs::{Program, folder, free_port, get, request, root, succeeds};

pub const ATTACK: &str = "/search?q=1%27%20UNION%20SELECT%20password%20FROM%20users--";

/// `examples/axum`, built once. `cargo test --test observability` does not build it by itself.
fn binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let own = std::env::current_exe().expect("a path");
        let profile = own.parent().and_then(|deps| deps.parent()).expect("a folder of the profile");
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--quiet", "--locked", "--offline", "--example", "axum"]).current_dir(root());
        if profile.ends_with("release") {
            command.arg("--release");
        }
        succeeds(&mut command);
        profile.join("examples/axum")
    };
    BUILT.get_or_init(build).clone()
}

/// The running example.
pub struct Service {
    pub program: Program,
    pub port: u16,
    pub folder: PathBuf,
}

impl Service {
    /// Starts it with these variables, and with none of the surroundings.
    pub fn start(name: &str, variables: &[(&str, &str)]) -> Self {
        let port = free_port();
        let folder = folder(name);
        let mut command = Command::new(binary());
        command.env_clear().env("ADDR", format!("127.0.0.1:{port}")).envs(variables.iter().copied());
        let mut program = Program::start(&mut command, folder.join("service.log"));
        program.until("the example answers", |_| get(port, "/search?q=hello"));
        Self { program, port, folder }
    }

    /// One attack, refused; its trace is the one given. What the client is told.
    #[track_caller]
    pub fn attack(&self, trace: &str) -> String {
        let head =
            format!("GET {ATTACK} HTTP/1.1\r\naccept: application/json\r\ntraceparent: 00-{trace}-00f067aa0ba902b7-01");
        let (status, body) = request(self.port, &head, "").expect("an answer");
        assert_eq!(status, 403, "{body}");
        body
    }
}
