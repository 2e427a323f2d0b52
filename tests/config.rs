//! The configuration file: a whole one, and the exact words in which broken ones are refused.

use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use tower_rasp::tools::{self, LIMIT_KEYS};
use tower_rasp::{Action, Category, Cause, Mode, Rasp};

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    config: String,
    error: String,
}

#[test]
fn every_broken_configuration_is_refused_in_these_words() {
    let cases: Cases = toml::from_str(include_str!("data/config.toml")).expect("a table of cases");
    assert!(cases.case.len() >= 40);
    let mut wrong = Vec::new();
    for case in cases.case {
        let error = Rasp::builder()
            .config_text(&case.config)
            .build()
            .map_or_else(|error| error.to_string(), |_| "accepted".into());
        if error != case.error {
            wrong.push(format!("{}\n  expected {}\n  got      {error}", case.name, case.error));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_mend() {
    let error = |path: &str| Rasp::builder().config_path(path).build().expect_err(path).to_string();
    assert_eq!(
        error("tests/data/config/none.toml"),
        "tests/data/config/none.toml: there is no such file; name another, or write one: an empty file means the defaults"
    );
    assert_eq!(
        error("tests/data/config/not_utf8.toml"),
        "tests/data/config/not_utf8.toml:2: the bytes are no UTF-8 from this line on; save the file as UTF-8"
    );
    assert!(error("tests/data").starts_with("tests/data: cannot be read: "));
    let large = "#".repeat((1 << 20) + 1);
    let error = Rasp::builder().config_text(large).build().expect_err("too large").to_string();
    assert_eq!(error, "rasp.toml: the file is larger than 1 MiB; move rules into files of their own");
}

#[test]
fn a_whole_configuration_says_what_it_says() {
    let path = Path::new("tests/data/config/whole.toml");
    let settings = tools::from_path(path).expect("a valid file");
    let policy = &settings.policy;
    assert_eq!((policy.mode, policy.paranoia.level(), policy.detection_paranoia.level()), (Mode::Detect, 2, 3));
    let own: Vec<_> = settings.rules.iter().filter(|rule| !rule.is_builtin()).map(|rule| &*rule.info.id).collect();
    assert_eq!(own, ["app.one", "app.two", "app.legacy-export"]);
    let limits: Vec<usize> = LIMIT_KEYS.iter().map(|key| key.of(&settings.limits)).collect();
    assert_eq!(limits, [65_536, 1_048_576, 4_096, 1_000, 64, 256, 8_192, 4, 16, 0, 50_000, 8]);
    let actions =
        [Cause::Limit, Cause::Unread, Cause::EngineFault, Cause::Budget].map(|cause| policy.completeness.of(cause));
    assert_eq!(actions, [Action::Block, Action::Alert, Action::Pass, Action::Alert]);
    assert_eq!(policy.categories, [(Category::VirtualPatch, Mode::Enforce), (Category::Scanner, Mode::Off)]);
    let modes: Vec<_> = policy.rules.iter().map(|(glob, mode)| (glob.to_string(), *mode)).collect();
    assert_eq!(modes, [("app.one".to_owned(), Mode::Enforce), ("app.*".to_owned(), Mode::Detect)]);
    let proxy: IpAddr = "192.0.2.7".parse().expect("an address");
    assert_eq!(settings.clients.trusted_proxies.iter().filter(|network| network.contains(&proxy)).count(), 1);
    assert_eq!(settings.clients.header.as_deref(), Some("x-forwarded-for"));
    assert_eq!(
        (settings.answer.status, &*settings.answer.title, &*settings.answer.detail),
        (418, "No", "Not like this.")
    );
    let route = &policy.routes[0];
    assert_eq!(
        (&*route.route, route.mode, route.enforce_percent, route.line),
        ("/posts/{id}", Some(Mode::Enforce), Some(10), 46)
    );
    assert_eq!(
        (&*route.methods, &*route.categories),
        (&["PUT".to_owned(), "PATCH".to_owned()][..], &[(Category::VirtualPatch, Mode::Off)][..])
    );
    let exclusion = &policy.exclusions[0];
    // 2027-03-01 at 00:00 UTC.
    assert_eq!(exclusion.expires, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_803_859_200)));
    assert_eq!((exclusion.owner.as_deref(), exclusion.methods.len()), (Some("content-team"), 1));
    Rasp::builder().config_path(path).build().expect("an engine");
}

#[test]
fn an_empty_configuration_is_the_default_one() {
    let rasp = Rasp::builder().config_text("").build().expect("an engine");
    assert_eq!(rasp.engine().limits(), Rasp::default().engine().limits());
    assert_eq!(rasp.engine().rules().len(), Rasp::default().engine().rules().len());
}

#[test]
fn the_version_follows_the_text_of_every_file() {
    let version = |path: &str| tools::from_path(Path::new(path)).expect(path).version;
    let whole = version("tests/data/config/whole.toml");
    assert_eq!(whole, version("./tests/data/../data/config/whole.toml"));
    assert_ne!(whole, version("tests/data/config/no_rules.toml"));
    // FNV-1a of the file's bytes and of one byte more at its end: the same on every machine.
    assert_eq!(version("tests/data/config/no_rules.toml"), 5_564_647_858_289_219_775);
}

#[test]
fn every_snippet_of_the_readme_loads() {
    let folder = std::env::temp_dir().join(format!("rasp-readme-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("openapi.yaml"), include_str!("../examples/notes.openapi.json")).expect("a file");
    let readme = include_str!("../README.md");
    let snippets = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let snippets: Vec<&str> = snippets.filter(|text| !text.starts_with("[dependencies]")).collect();
    assert!(snippets.len() >= 3, "{snippets:?}");
    for text in snippets {
        let path = folder.join("rasp.toml");
        std::fs::write(&path, text).expect("a file");
        Rasp::builder().config_path(path).build().unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
    std::fs::remove_dir_all(&folder).expect("the folder is removed");
}
