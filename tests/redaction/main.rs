//! No secret leaves: each kind in each place of a request, beside an attack in the same value and in the same name, sent over
//! a real connection; then everything that came out is searched, by whatever way it left.

#[path = "../server/mod.rs"]
mod server;

mod places;
mod secrets;
mod ways;

use std::collections::BTreeMap;

use proptest::prelude::*;
use tower_rasp::AuditFormat;

use places::{PLACES, Place, Sent};
use secrets::{Kind, Secret};
use ways::{Spans, Watch};

const ATTACKS: [&str; 3] =
    ["1' union select password from users-- ", "\"><script>alert(document.cookie)</script>", "' or '1'='1"];

/// How many requests one handle gets, so that the limit of events holds none back.
const REQUESTS_MAX: usize = 200;

/// The ways of telling, two of each; with excerpts and without.
fn watches() -> [Watch; 4] {
    [
        Watch { excerpts: true, detect: false, audit: AuditFormat::Ocsf, spans: Spans::Tracing, through_logs: true },
        Watch {
            excerpts: true,
            detect: true,
            audit: AuditFormat::Ecs,
            spans: Spans::OpenTelemetry,
            through_logs: false,
        },
        Watch { excerpts: false, detect: true, audit: AuditFormat::Ocsf, spans: Spans::Tracing, through_logs: false },
        Watch {
            excerpts: false,
            detect: false,
            audit: AuditFormat::Ecs,
            spans: Spans::OpenTelemetry,
            through_logs: true,
        },
    ]
}

/// Two requests for a secret in a place, with an attack before it or behind it, apart or together; `turn` says which.
fn requests(place: &Place, secret: &Secret, turn: usize) -> Vec<Sent> {
    let text = &secret.text;
    let value = |turn: usize| {
        let attack = ATTACKS[turn % ATTACKS.len()];
        match turn / ATTACKS.len() % 3 {
            0 => format!("{text} {attack}"),
            1 => format!("{attack}{text}"),
            _ => format!("{text}{attack}"),
        }
    };
    [turn, turn + 4].into_iter().filter_map(|turn| place.request(&value(turn), text)).collect()
}

/// Sends every secret in every place where nothing may show it, and searches what left.
async fn check(secrets: &[Secret], watch: &Watch) {
    let mut all: Vec<(&Secret, &Place, Sent)> = Vec::new();
    for secret in secrets {
        for place in PLACES.iter().filter(|place| place.hides(secret.kind, watch.excerpts)) {
            all.extend(requests(place, secret, all.len()).into_iter().map(|sent| (secret, place, sent)));
        }
    }
    assert!(!all.is_empty());
    let mut leaks = BTreeMap::new();
    for some in all.chunks(REQUESTS_MAX) {
        let sent: Vec<&Sent> = some.iter().map(|(_, _, sent)| sent).collect();
        let left = watch.left(&sent).await;
        left.is_there(watch, sent.len());
        let joined = left.joined();
        for of_one in some.chunk_by(|(secret, ..), (next, ..)| secret.text == next.text) {
            let (secret, place, _) = &of_one[0];
            let traces = secret.traces().map(|trace| (&left, trace));
            for (left, trace) in traces.into_iter().chain(secret.joined_traces().map(|trace| (&joined, trace))) {
                if let Some((way, line)) = left.line_with(&trace) {
                    let found = leaks.entry(format!("`{trace}` of `{}` left by {way}: {line}", secret.text));
                    found.or_insert(place.name);
                }
            }
        }
    }
    assert!(
        leaks.is_empty(),
        "{watch:?}: {} leaks, each with the first of the places that it may be from: {leaks:#?}",
        leaks.len()
    );
}

#[tokio::test]
async fn every_secret_in_every_place_stays() {
    for watch in watches() {
        check(&secrets::known(), &watch).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_secrets_stay(secrets in secrets::random(), watch in 0..4_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(&secrets, &watches()[watch]));
    }
}

#[test]
fn every_kind_of_place_is_there() {
    for word in ["path", "query", "header", "cookie", "form", "json", "multipart", "text", "trailer", "agent", "schema"]
    {
        assert!(PLACES.iter().any(|place| place.name.contains(word)), "{word}");
    }
    for kind in [Kind::Token, Kind::Card, Kind::Word] {
        assert!(secrets::known().iter().any(|secret| secret.kind == kind));
        assert!(PLACES.iter().filter(|place| place.hides(kind, true)).count() >= 8, "{kind:?}");
    }
}
