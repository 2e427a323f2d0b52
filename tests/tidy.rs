//! The house rules that a machine can check: layers, documents, and nothing of one machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() && !path.ends_with("target") && !path.ends_with(".git") {
                open.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The table of ARCHITECTURE.md: module, and what it may import.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let words = |cell: &str| -> BTreeSet<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let text = read("ARCHITECTURE.md");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        let module = words(cells[1]).into_iter().next().expect("a module");
        (module, words(cells[3]))
    })
    .collect()
}

/// The module of `src/` that a file belongs to.
fn module_of(path: &Path) -> Option<String> {
    let relative = path.strip_prefix(root().join("src")).ok()?;
    let first = relative.components().next()?.as_os_str().to_string_lossy().into_owned();
    let module = first.trim_end_matches(".rs").to_owned();
    (module != "lib" && module != "bin").then_some(module)
}

/// Every `crate::module` that the text names, tests and comments aside.
fn imports(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>())
        .filter(|module| !module.is_empty() && module != "__private")
        .collect()
}

#[test]
fn imports_point_down() {
    let table = table();
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let Some(module) = module_of(&path).filter(|_| !path.to_string_lossy().ends_with("tests.rs")) else { continue };
        let allowed = table.get(&module).unwrap_or_else(|| panic!("`{module}` is not in ARCHITECTURE.md"));
        for import in imports(&fs::read_to_string(&path).expect("a file")) {
            if import != module && !allowed.contains(&import) {
                wrong.push(format!("{} imports `{import}`", path.strip_prefix(root()).expect("inside").display()));
            }
        }
    }
    assert!(wrong.is_empty(), "against the table of ARCHITECTURE.md: {wrong:#?}");
}

#[test]
fn the_table_has_no_circle_and_no_stranger() {
    let table = table();
    let mut below: BTreeSet<&str> = BTreeSet::new();
    let text = read("ARCHITECTURE.md");
    for row in text.lines().filter(|line| line.starts_with("| `")) {
        let module = row.split('`').nth(1).expect("a module");
        for import in &table[module] {
            assert!(below.contains(import.as_str()), "`{module}` imports `{import}`, which does not stand above it");
        }
        below.insert(module);
        let (file, folder) = (format!("src/{module}.rs"), format!("src/{module}/mod.rs"));
        assert!(root().join(file).exists() || root().join(folder).exists(), "there is no `{module}`");
    }
}

#[test]
fn every_folder_says_what_it_does_not_protect_from() {
    let folders =
        files("src", "mod.rs").into_iter().filter(|path| path.components().count() == root().components().count() + 3);
    for path in folders {
        let text = fs::read_to_string(&path).expect("a file");
        assert!(text.contains("//! # What this does not protect from"), "{}", path.display());
    }
}

#[test]
fn nothing_names_one_machine() {
    let marks = [concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/ro", "ot/.")];
    let texts =
        ["src", "examples", "benches", "fuzz/fuzz_targets", ".ci"].into_iter().flat_map(|folder| files(folder, ""));
    let papers = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "Cargo.toml"];
    for path in texts.chain(papers.map(|name| root().join(name))) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let found = marks.iter().find(|mark| text.contains(*mark));
        // Attacks ask for such paths too, so the rules and lexers are left out.
        let is_rule = path.to_string_lossy().contains("/rule/") || path.to_string_lossy().contains("/matcher/");
        assert!(found.is_none() || is_rule, "{} names {found:?}", path.display());
    }
}

#[test]
fn every_feature_is_in_the_table_of_the_readme() {
    let manifest: toml::Table = read("Cargo.toml").parse().expect("a manifest");
    let readme = read("README.md");
    for feature in manifest["features"].as_table().expect("features").keys() {
        assert!(readme.contains(&format!("| `{feature}` |")), "README.md does not describe the feature `{feature}`");
    }
}

#[test]
fn every_limit_is_in_the_table_of_the_readme() {
    let readme = read("README.md");
    let source = read("src/engine/limits.rs");
    let fields =
        source.lines().filter_map(|line| line.trim().strip_prefix("pub ")).filter(|line| line.ends_with(": usize,"));
    let names: Vec<&str> = fields.filter_map(|line| line.split(':').next()).collect();
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        assert!(readme.contains(&format!("| `{name}` |")), "README.md does not describe the limit `{name}`");
    }
}

#[test]
fn every_switch_of_telemetry_is_in_the_table_of_the_readme() {
    let (readme, source) = (read("README.md"), read("src/config/settings.rs"));
    let of_telemetry = source.split("pub struct TelemetrySettings {").nth(1).and_then(|rest| rest.split('}').next());
    let fields = of_telemetry.expect("the settings").lines().filter_map(|line| line.trim().strip_prefix("pub "));
    let names: Vec<&str> = fields.filter_map(|line| line.split(':').next()).collect();
    assert!(names.len() >= 11, "{names:?}");
    for name in names {
        assert!(readme.contains(&format!("| `{name}` |")), "README.md does not describe `{name}` of [telemetry]");
    }
}

#[test]
fn the_default_tree_stays_small_and_within_the_declared_rust() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--edges", "normal", "--prefix", "none", "--locked", "--offline", "--format", "{p}"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let crates: BTreeSet<&str> =
        text.lines().filter_map(|line| line.split(" (").next()).filter(|line| !line.is_empty()).collect();
    assert!(crates.len() < 45, "{} crates: {crates:#?}", crates.len());
}

/// `1.89` or `1.89.0` as numbers.
fn version(text: &str) -> Vec<u32> {
    text.split('.').map(|number| number.parse().expect("a version")).chain([0, 0]).take(3).collect()
}

#[test]
fn no_dependency_declares_a_newer_rust_than_we_do() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--all-features"])
        .args(["--filter-platform", &host()])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("metadata");
    let own = version(env!("CARGO_PKG_RUST_VERSION"));
    let used = names_in_tree();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let Some(declared) = package["rust_version"].as_str().filter(|_| used.contains(name)) else { continue };
        assert!(version(declared) <= own, "{name} asks for Rust {declared}");
    }
}

/// The platform that the tests run on: only its crates are sure to be there.
fn host() -> String {
    let output = std::process::Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_owned()
}

/// The crates that users build, with all features; not those of our tests.
fn names_in_tree() -> BTreeSet<String> {
    let output = std::process::Command::new(env!("CARGO"))
        .args([
            "tree",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--locked",
            "--offline",
            "--all-features",
            "--format",
            "{p}",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}
