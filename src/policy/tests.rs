//! Modes, paranoia, confidence and exclusions, on findings made by hand.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::*;
use crate::finding::Finding;
use crate::input::{Cause, Completeness, Glob, Head};
use crate::rule::{Category, Confidence, Paranoia, Rule, RuleInfo};

fn rules() -> Vec<Rule> {
    let text = r#"
        [[rule]]
        id = "sqli.a"
        description = "a"
        category = "sql_injection"
        severity = "critical"
        confidence = "certain"
        matcher = { regex = "a" }
        examples = ["a"]
        counter_examples = ["b"]
        [[rule]]
        id = "xss.b"
        description = "b"
        category = "xss"
        severity = "warning"
        confidence = "certain"
        paranoia = 2
        matcher = { regex = "b" }
        examples = ["b"]
        counter_examples = ["a"]
    "#;
    crate::rule::parse("rules.toml", text).expect("rules")
}

fn policy(settings: PolicySettings) -> Policy {
    let rules = rules();
    Policy::compile(settings, &rules.iter().collect::<Vec<_>>()).expect("a policy")
}

fn head(path: &str) -> Head {
    Head::builder(b"POST", path.as_bytes(), None).time(SystemTime::UNIX_EPOCH + Duration::from_secs(1000)).build()
}

fn finding(rule: usize, confidence: Confidence, location: &str) -> (usize, Finding) {
    let rules = rules();
    let rule_info: Arc<RuleInfo> = rules[rule].info.clone();
    let location = location.parse().expect("a location");
    let structure = ["one", "two"][rule];
    (
        rule,
        Finding {
            rule: rule_info,
            location,
            chain: String::new(),
            confidence,
            span: 0..1,
            structure,
            validation: None,
        },
    )
}

fn judge(settings: PolicySettings, path: &str, findings: &[(usize, Finding)]) -> Verdict {
    let policy = policy(settings);
    let head = head(path);
    policy.judge(&policy.scope(&head), &head, findings, Completeness::WHOLE)
}

fn settings(change: impl FnOnce(&mut PolicySettings)) -> PolicySettings {
    let mut settings = PolicySettings::default();
    change(&mut settings);
    settings
}

fn route(change: impl FnOnce(&mut RouteSettings)) -> RouteSettings {
    let mut route = RouteSettings {
        route: "/posts/{id}".to_owned(),
        methods: Vec::new(),
        mode: None,
        categories: Vec::new(),
        enforce_percent: None,
        line: 1,
    };
    change(&mut route);
    route
}

const CERTAIN_SQL: fn() -> Vec<(usize, Finding)> = || vec![finding(0, Confidence::Certain, "query.q")];

#[test]
fn confidence_and_paranoia_decide() {
    for (confidence, paranoia, expected) in [
        (Confidence::Certain, 1, Action::Block),
        (Confidence::Likely, 1, Action::Alert),
        (Confidence::Likely, 2, Action::Block),
        (Confidence::Weak, 4, Action::Pass),
    ] {
        let settings = settings(|settings| settings.paranoia = Paranoia::new(paranoia).expect("a level"));
        let verdict = judge(settings, "/", &[finding(0, confidence, "query.q")]);
        assert_eq!(verdict.action, expected, "{confidence} at {paranoia}");
    }
}

#[test]
fn a_rule_above_the_blocking_level_only_alerts() {
    let settings = settings(|settings| settings.detection_paranoia = Paranoia::new(2).expect("a level"));
    assert_eq!(judge(settings, "/", &[finding(1, Confidence::Certain, "query.q")]).action, Action::Alert);
}

#[test]
fn two_weak_findings_count_only_as_different_structures_in_one_leaf() {
    let weak = |rule, location| finding(rule, Confidence::Weak, location);
    let raise =
        |settings: fn(&mut PolicySettings), findings: &[_]| judge(self::settings(settings), "/", findings).action;
    assert_eq!(raise(|_| (), &[weak(0, "query.q"), weak(1, "query.q")]), Action::Alert);
    assert_eq!(raise(|_| (), &[weak(0, "query.q"), weak(0, "query.q")]), Action::Pass);
    assert_eq!(raise(|_| (), &[weak(0, "query.q"), weak(1, "query.r")]), Action::Pass);
}

#[test]
fn detect_alerts_where_enforce_would_block() {
    let verdict = judge(settings(|settings| settings.mode = Mode::Detect), "/", &CERTAIN_SQL());
    assert_eq!((verdict.action, verdict.verdict), (Action::Alert, Action::Block));
}

#[test]
fn effective_modes_follow_the_written_order() {
    type Change = fn(&mut PolicySettings);
    let rows: [(&str, Change, Mode); 7] = [
        ("the whole", |s| s.mode = Mode::Detect, Mode::Detect),
        ("a category over the whole", |s| s.categories.push((Category::SqlInjection, Mode::Off)), Mode::Off),
        (
            "a rule over its category",
            |s| {
                s.categories.push((Category::SqlInjection, Mode::Off));
                s.rules.push((Glob::new("sqli.*"), Mode::Detect));
            },
            Mode::Detect,
        ),
        (
            "a route over the whole",
            |s| {
                s.mode = Mode::Detect;
                s.routes.push(route(|route| route.mode = Some(Mode::Enforce)));
            },
            Mode::Enforce,
        ),
        (
            "the milder of route and category",
            |s| {
                s.categories.push((Category::SqlInjection, Mode::Detect));
                s.routes.push(route(|route| route.mode = Some(Mode::Enforce)));
            },
            Mode::Detect,
        ),
        (
            "the milder of route and rule",
            |s| {
                s.rules.push((Glob::new("sqli.a"), Mode::Enforce));
                s.routes.push(route(|route| route.mode = Some(Mode::Detect)));
            },
            Mode::Detect,
        ),
        (
            "the route's own table over all",
            |s| {
                s.rules.push((Glob::new("sqli.a"), Mode::Off));
                s.routes.push(route(|route| {
                    route.mode = Some(Mode::Detect);
                    route.categories.push((Category::SqlInjection, Mode::Enforce));
                }));
            },
            Mode::Enforce,
        ),
    ];
    for (name, change, expected) in rows {
        let policy = policy(settings(change));
        let scope = policy.scope(&head("/posts/7"));
        assert_eq!(policy.plan(&scope).mode_of(0), expected, "{name}");
    }
}

#[test]
fn an_exclusion_holds_for_its_rule_location_route_and_time_only() {
    let exclusion = |rule: &str, location: &str, route: &str, expires: u64| Exclusion {
        rule: Glob::new(rule),
        location: Some(location.parse().expect("a pattern")),
        route: Some(route.to_owned()),
        methods: vec!["POST".to_owned()],
        reason: "a test".to_owned(),
        owner: None,
        expires: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(expires)),
        line: 1,
    };
    for (name, rule, location, route, expires, expected) in [
        ("all fit", "sqli.*", "query.*", "/posts/{id}", 2000, Action::Pass),
        ("another rule", "xss.*", "query.*", "/posts/{id}", 2000, Action::Block),
        ("another location", "sqli.*", "query.r", "/posts/{id}", 2000, Action::Block),
        ("another route", "sqli.*", "query.*", "/users/{id}", 2000, Action::Block),
        ("expired", "sqli.*", "query.*", "/posts/{id}", 1000, Action::Block),
    ] {
        let settings = settings(|settings| settings.exclusions.push(exclusion(rule, location, route, expires)));
        assert_eq!(judge(settings, "/posts/7", &CERTAIN_SQL()).action, expected, "{name}");
    }
}

#[test]
fn a_path_that_servers_read_differently_belongs_to_no_route() {
    for path in ["/posts//7", "/posts/./7", "/posts/../posts/7", "/posts/%2f7", "//posts/7", "/posts/%2e%2e"] {
        let settings = settings(|s| s.routes.push(route(|route| route.mode = Some(Mode::Off))));
        assert_eq!(judge(settings, path, &CERTAIN_SQL()).action, Action::Block, "{path}");
    }
}

#[test]
fn a_share_of_clients_is_enforced_and_always_the_same() {
    let policy = policy(settings(|s| s.routes.push(route(|route| route.enforce_percent = Some(30)))));
    let enforced = |last: u32| {
        let client = std::net::IpAddr::from([10, 0, (last / 256) as u8, (last % 256) as u8]);
        let head = Head::builder(b"POST", b"/posts/7", None).client(Some(client)).build();
        policy.enforces(&policy.scope(&head))
    };
    let share = (0..1000).filter(|&last| enforced(last)).count();
    assert!((200..400).contains(&share), "{share}");
    assert!((0..50).all(|last| enforced(last) == enforced(last)));
}

#[test]
fn a_cause_of_incompleteness_acts_as_configured() {
    let mut completeness = Completeness::WHOLE;
    completeness.insert(Cause::Limit);
    for (action, mode, expected) in [
        (Action::Pass, Mode::Enforce, Action::Pass),
        (Action::Alert, Mode::Enforce, Action::Alert),
        (Action::Block, Mode::Enforce, Action::Block),
        (Action::Block, Mode::Detect, Action::Alert),
    ] {
        let policy = policy(settings(|settings| {
            settings.mode = mode;
            settings.completeness.set(Cause::Limit, action);
        }));
        let head = head("/");
        assert_eq!(policy.judge(&policy.scope(&head), &head, &[], completeness).action, expected);
    }
}

#[test]
fn the_score_takes_the_best_finding_of_a_location_and_category() {
    let findings = [
        finding(0, Confidence::Certain, "query.q"),
        finding(0, Confidence::Likely, "query.q"),
        finding(0, Confidence::Certain, "query.r"),
    ];
    assert_eq!(judge(PolicySettings::default(), "/", &findings).score, 10);
}
