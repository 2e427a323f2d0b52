//! Pairs of our own: an attack that must be blocked, and its near twin that must pass.
//!
//! A pair that does not hold stands in `tests/corpus/known_gaps.toml` with its reason, and the
//! list fails when a gap closes.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use tower_rasp::{Action, Category, Head, Inspection, Location, Place, Rasp, Verdict};

struct Pair {
    name: String,
    location: String,
    attack: String,
    benign: String,
}

fn corpus() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus"))
}

fn table(path: &Path) -> toml::Table {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn pairs(category: Category) -> Vec<Pair> {
    let table = table(&corpus().join(format!("{category}.toml")));
    let text = |pair: &toml::Value, key: &str| pair.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let pairs = table["pair"].as_array().expect("pairs");
    pairs
        .iter()
        .map(|pair| Pair {
            name: text(pair, "name").expect("a name"),
            location: text(pair, "location").unwrap_or_else(|| "query.x".to_owned()),
            attack: text(pair, "attack").expect("an attack"),
            benign: text(pair, "benign").expect("a twin"),
        })
        .collect()
}

fn percent(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "%{byte:02X}");
        text
    })
}

/// A JSON document with `value` at a pointer, whose last name may be another.
fn nested(pointer: &str, last: Option<&str>, value: serde_json::Value) -> String {
    let mut names: Vec<&str> = pointer.split('/').skip(1).collect();
    if let Some(last) = last {
        names.pop();
        names.push(last);
    }
    names.into_iter().rev().fold(value, |value, name| serde_json::json!({ name: value })).to_string()
}

/// A request with `value` at `location`: its head, and its body.
fn request(location: &str, value: &str) -> (Head, String) {
    let parsed: Location = location.parse().expect(location);
    let is_name = location.contains("name(");
    let name = String::from_utf8(parsed.name().to_vec()).expect("a name");
    let plain = |body: &str, kind: &str| {
        (Head::builder(b"POST", b"/", None).header(b"content-type", kind.as_bytes()).build(), body.to_owned())
    };
    let get = |query: String| (Head::builder(b"GET", b"/", Some(query.as_bytes())).build(), String::new());
    match parsed.place() {
        Place::Query if is_name => get(format!("{}=1", percent(value))),
        Place::Query => get(format!("{name}={}", percent(value))),
        Place::Header => {
            (Head::builder(b"GET", b"/", None).header(name.as_bytes(), value.as_bytes()).build(), String::new())
        }
        Place::Cookie => {
            let cookie = format!("{name}={}", percent(value));
            (Head::builder(b"GET", b"/", None).header(b"cookie", cookie.as_bytes()).build(), String::new())
        }
        Place::Path => {
            let path = if value.starts_with('/') { value.to_owned() } else { format!("/{}", percent(value)) };
            (Head::builder(b"GET", path.as_bytes(), None).build(), String::new())
        }
        Place::Method => (Head::builder(value.as_bytes(), b"/", None).build(), String::new()),
        Place::Form if is_name => plain(&format!("{}=1", percent(value)), "application/x-www-form-urlencoded"),
        Place::Form => plain(&format!("{name}={}", percent(value)), "application/x-www-form-urlencoded"),
        Place::Body if is_name => plain(&nested(&name, Some(value), serde_json::json!(1)), "application/json"),
        Place::Body if name.is_empty() => plain(value, "text/plain"),
        Place::Body => plain(&nested(&name, None, serde_json::json!(value)), "application/json"),
        place => panic!("no request is made for {place:?}"),
    }
}

fn verdict(rasp: &Rasp, location: &str, value: &str) -> Verdict {
    let (head, body) = request(location, value);
    let engine = rasp.engine();
    let mut inspection = Inspection::head(engine.clone(), head);
    if !body.is_empty() {
        inspection.chunk(&Bytes::from(body));
    }
    inspection.end();
    engine.judge(inspection.context())
}

fn has_pairs(category: Category) -> bool {
    !matches!(category, Category::Schema | Category::VirtualPatch)
}

#[test]
fn attacks_are_blocked_and_their_twins_pass() {
    let rasp = Rasp::default();
    let mut wrong = Vec::new();
    for category in Category::ALL.into_iter().filter(|&category| has_pairs(category)) {
        let pairs = pairs(category);
        assert!(pairs.len() >= 12, "{category} has {} pairs", pairs.len());
        for pair in pairs {
            let attack = verdict(&rasp, &pair.location, &pair.attack);
            let found = attack.findings.iter().any(|judged| judged.finding.rule.category == category);
            if attack.action != Action::Block || !found {
                wrong.push(format!("{category}: missed: {}", pair.name));
            }
            let benign = verdict(&rasp, &pair.location, &pair.benign);
            if benign.action == Action::Block {
                wrong.push(format!("{category}: blocked: {}", pair.name));
            }
        }
    }
    let gaps = table(&corpus().join("known_gaps.toml"));
    let gaps: Vec<&str> =
        gaps["gap"].as_array().expect("gaps").iter().map(|gap| gap["pair"].as_str().expect("a pair")).collect();
    let new: Vec<&String> = wrong.iter().filter(|one| !gaps.contains(&one.as_str())).collect();
    let closed: Vec<&&str> = gaps.iter().filter(|gap| !wrong.iter().any(|one| one == *gap)).collect();
    assert!(new.is_empty(), "{new:#?}");
    assert!(closed.is_empty(), "closed, so take them off the list: {closed:#?}");
}
