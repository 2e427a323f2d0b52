//! The `rasp` binary as a user runs it: what it prints, what it complains of, how it exits.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use tower_rasp::Rasp;

const CONFIG: &str = "tests/data/cli/rasp.toml";
const CORPUS: &str = "tests/data/cli/corpus.jsonl";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rasp"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// What a run printed, and how it ended.
struct Run {
    out: String,
    complaints: String,
    code: Option<i32>,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Self { out: text(output.stdout), complaints: text(output.stderr), code: output.status.code() }
    }
}

fn rasp(arguments: &[&str]) -> Run {
    command(arguments).output().expect("the binary runs").into()
}

fn with_input(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("a pipe").write_all(input).expect("it reads");
    child.wait_with_output().expect("it ends").into()
}

#[track_caller]
fn fails(arguments: &[&str], complaint: &str) {
    let run = rasp(arguments);
    assert_eq!((run.complaints.as_str(), run.code), (format!("error: {complaint}\n").as_str(), Some(1)));
}

/// The lines stand in the output, in this order and next to each other.
#[track_caller]
fn shows(out: &str, lines: &str) {
    assert!(out.contains(lines), "{lines}\n-- is not in --\n{out}");
}

#[test]
fn check_says_what_a_configuration_does() {
    let run = rasp(&["check", CONFIG]);
    let builtin = Rasp::default().engine().rules().len();
    // Which categories are off depends on the built-in rules.
    let lines: Vec<&str> = run.out.lines().filter(|line| !line.starts_with("    off: ")).collect();
    let expected = format!(
        "tests/data/cli/rasp.toml: valid
rules: {builtin} built-in (version 1), 2 of your own
  2 run, 0 wait for more paranoia, {builtin} are off
mode: enforce; paranoia 1, detection paranoia 4

effective modes
  everywhere else
    enforce: virtual_patch
  GET /admin/{{page}}, for 50 % of clients
    detect: virtual_patch
  /strict
    enforce: virtual_patch

limits that differ from their defaults
  views_max = 4 (default 8)

exclusions
  line 22: app.evil at query.safe until 2999-12-31 (search-team): a field of free text"
    );
    assert_eq!(lines.join("\n"), expected);
    let warning = "warning: tests/data/cli/rasp.toml:13: `enforce_percent` does nothing: route `/admin/{page}` enforces nothing\n";
    assert_eq!((run.complaints.as_str(), run.code), (warning, Some(0)));
}

#[test]
fn check_warns_of_what_does_nothing() {
    let run = rasp(&["check", "tests/data/cli/warnings.toml"]);
    let expected = "\
5: category `virtual_patch` has mode `enforce`, as the whole has anyway
8: the mode of `app.evil` is shadowed by that of `app.*` in line 9: the last counts
15: `0.0.0.0/0` trusts everybody: any client can write the address that it likes
19: route `/a` changes nothing
22: route `/a` is shadowed by line 19: the first counts
27: `enforce_percent` does nothing: route `/b` enforces nothing
36: the exclusion of `app.evil` is shadowed by the wider one in line 31
41: the exclusion of `app.evil` has expired; take it out or renew it
46: the exclusion of `app.late` is unused: no such rule runs
50: rule `app.late` never runs: its paranoia is 3, and `detection_paranoia` is 1
";
    let complaints = run.complaints.replace("warning: tests/data/cli/warnings.toml:", "");
    assert_eq!((complaints.as_str(), run.code), (expected, Some(0)));
    assert_eq!(rasp(&["check", "--deny-warnings", "tests/data/cli/warnings.toml"]).code, Some(2));
    let quiet = rasp(&["check", "--deny-warnings", "tests/data/cli/lenient.toml"]);
    assert_eq!((quiet.complaints.as_str(), quiet.code), ("", Some(0)));
}

#[test]
fn check_warns_of_an_exclusion_that_turns_everything_off() {
    let run = rasp(&["check", "tests/data/cli/all_off.toml"]);
    let warning = "warning: tests/data/cli/all_off.toml:3: this exclusion turns everything off everywhere, whatever the modes say; name the rule and the location that it is about\n";
    assert_eq!((run.complaints.as_str(), run.code), (warning, Some(0)));
}

#[test]
fn check_refuses_what_is_not_valid() {
    fails(
        &["check", "tests/data/cli/none.toml"],
        "tests/data/cli/none.toml: there is no such file; name another, or write one: an empty file means the defaults",
    );
    fails(
        &["check", "tests/data/config/no_rules.toml.none"],
        "tests/data/config/no_rules.toml.none: there is no such file; name another, or write one: an empty file means the defaults",
    );
    fails(
        &["check", "tests/data/cli/split.toml"],
        "tests/data/cli/split.toml:3: unknown key `lists`; did you mean `limits`?",
    );
    fails(
        &["check", "tests/data/config/broken.toml"],
        "tests/data/config/broken_rule.toml:3: rule `app.broken`: does not find its example `abc`",
    );
}

#[test]
fn explain_shows_every_step_and_the_reasons() {
    let run = rasp(&["explain", "--config", CONFIG, "tests/data/cli/request.txt"]);
    assert_eq!((run.complaints.as_str(), run.code), ("", Some(0)));
    shows(&run.out, "GET \"/search?q=evil&safe=evil\"\nroute: none is known; mode: enforce\n");
    shows(
        &run.out,
        "  query.q \"evil\"
      nominated: app.evil
      found: app.evil, certain: fits the pattern of the rule: \"evil\"
",
    );
    shows(
        &run.out,
        "  header.x-note \"odd \\xff\\t\\u{202e}.\"
      nominated: app.odd
      found: app.odd, likely: fits the pattern of the rule: \"odd\"
",
    );
    shows(
        &run.out,
        "
findings
  app.evil at query.q: certain, critical: block
  app.odd at header.x-note: likely, warning: alert

excluded
  app.evil at query.safe: by tests/data/cli/rasp.toml:22 until 2999-12-31: a field of free text

verdict
  block
  mode: enforce; confidence: certain; score: 8
  decided by: app.evil at query.q: The word evil
  complete: whole
",
    );
    assert!(run.out.chars().all(|character| character == '\n' || (' '..='~').contains(&character)), "{}", run.out);
}

#[test]
fn explain_reads_bare_line_feeds_from_standard_input() {
    let run = with_input(&["explain", "--config", CONFIG], b"GET /admin/x?q=evil HTTP/1.1\nHost: example\n\n");
    shows(&run.out, "route: /admin/{page}; mode: detect\n");
    shows(&run.out, "\nverdict\n  alert, where enforcing would block\n  mode: detect;");
    let refused = with_input(&["explain"], b"GET /a\x01b HTTP/1.1\n\n");
    assert_eq!(refused.out, "verdict: block\n  refused before any layer sees it: invalid uri character\n");
}

#[test]
fn explain_names_the_line_that_is_no_request() {
    let run = with_input(&["explain"], b"GET / HTTP/1.1\nHost: example\nno header\n\n");
    let complaint = "error: standard input:3: a header field is `name: value`; an empty line comes before the body\n";
    assert_eq!((run.complaints.as_str(), run.code), (complaint, Some(1)));
    let run = with_input(&["explain"], b"");
    let complaint =
        "error: standard input:1: a request begins with its method and its target; write `GET /path HTTP/1.1`\n";
    assert_eq!((run.complaints.as_str(), run.code), (complaint, Some(1)));
    fails(&["explain", "tests/data/cli/none.txt"], "tests/data/cli/none.txt: there is no such file");
}

#[test]
fn replay_prints_its_tables() {
    let run = rasp(&["replay", "--config", CONFIG, CORPUS]);
    assert_eq!((run.complaints.as_str(), run.code), ("", Some(0)));
    let (tables, costs) = run.out.split_once("\ncost per request").expect("a table of costs");
    assert_eq!(
        tables,
        "== all: 8 records ==

recall by class (attacks of good quality)
                           records   block   95 %              or alert   95 %
  brand_new                      1 100.00 %  [ 20.65, 100.00] 100.00 %  [ 20.65, 100.00]
  sqli                           1 100.00 %  [ 20.65, 100.00] 100.00 %  [ 20.65, 100.00]
  xss                            1   0.00 %  [  0.00,  79.35] 100.00 %  [ 20.65, 100.00]
  total                          3  66.67 %  [ 20.77,  93.85] 100.00 %  [ 43.85, 100.00]

recall by quality
                           records   block   95 %              or alert   95 %
  good                           3  66.67 %  [ 20.77,  93.85] 100.00 %  [ 43.85, 100.00]
  low                            1   0.00 %  [  0.00,  79.35]   0.00 %  [  0.00,  79.35]

recall by quality and class (not in the total above)
                           records   block   95 %              or alert   95 %
  low xss                        1   0.00 %  [  0.00,  79.35]   0.00 %  [  0.00,  79.35]

false alarms by class
                           records   block   95 %              or alert   95 %
  (none)                         1 100.00 %  [ 20.65, 100.00] 100.00 %  [ 20.65, 100.00]
  code                           1 100.00 %  [ 20.65, 100.00] 100.00 %  [ 20.65, 100.00]
  prose                          1   0.00 %  [  0.00,  79.35]   0.00 %  [  0.00,  79.35]
  total                          3  66.67 %  [ 20.77,  93.85]  66.67 %  [ 20.77,  93.85]
  total without code             2  50.00 %  [  9.45,  90.55]  50.00 %  [  9.45,  90.55]

false alarms by placement
                           records   block   95 %              or alert   95 %
  (none)                         2  50.00 %  [  9.45,  90.55]  50.00 %  [  9.45,  90.55]
  form                           1 100.00 %  [ 20.65, 100.00] 100.00 %  [ 20.65, 100.00]

false alarms by file
                           records   block   95 %              or alert   95 %
  corpus.jsonl                   3  66.67 %  [ 20.77,  93.85]  66.67 %  [ 20.77,  93.85]

other labels
                           records   block   95 %              or alert   95 %
  curious                        1   0.00 %  [  0.00,  79.35]   0.00 %  [  0.00,  79.35]

not inspected whole
  refused by `http`              1  counted as blocked: no layer would see them
"
    );
    shows(costs, "p50       p99\n");
}

#[test]
fn replay_writes_one_line_a_request() {
    let path = std::env::temp_dir().join(format!("rasp-replay-{}.jsonl", std::process::id()));
    let out = path.to_str().expect("a path");
    let run = rasp(&["replay", "--config", CONFIG, "--out", out, CORPUS]);
    assert_eq!((run.complaints.as_str(), run.code), ("", Some(0)));
    let text = std::fs::read_to_string(&path).expect("the file");
    std::fs::remove_file(&path).expect("it is there");
    let evil = r#"{"rule":"app.evil","category":"virtual_patch","location":"query.q","confidence":"certain"}"#;
    let odd = r#"{"rule":"app.odd","category":"virtual_patch","location":"query.q","confidence":"likely"}"#;
    let body = evil.replace("query.q", "body");
    let line = |id: &str,
                label: &str,
                class: &str,
                verdict: &str,
                confidence: &str,
                score: u32,
                complete: &str,
                findings: &str| {
        format!(
            r#"{{"id":"{id}","label":"{label}","class":{class},"verdict":"{verdict}","confidence":{confidence},"score":{score},"ns":_,"complete":"{complete}","findings":[{findings}]}}"#
        )
    };
    let expected = [
        line("one/1", "attack", r#""sqli""#, "block", r#""certain""#, 5, "whole", evil),
        line("one/2", "attack", r#""xss""#, "alert", r#""likely""#, 3, "whole", odd),
        line("one/3", "attack", r#""xss""#, "pass", "null", 0, "whole", ""),
        line("two/4", "attack", r#""brand_new""#, "block", r#""certain""#, 5, "whole", &body),
        line("two/5", "benign", r#""code""#, "block", r#""certain""#, 5, "whole", evil),
        line("two/6", "benign", r#""prose""#, "pass", "null", 0, "whole", ""),
        line("two/7", "benign", "null", "block", "null", 0, "refused", ""),
        line("two/8", "curious", r#""x""#, "pass", "null", 0, "whole", ""),
    ];
    assert_eq!(text.lines().map(without_time).collect::<Vec<_>>(), expected);
}

/// A line of `--out` whose time is `_`.
fn without_time(line: &str) -> String {
    let (before, rest) = line.split_once("\"ns\":").expect("a time");
    let (time, after) = rest.split_once(',').expect("more keys");
    time.parse::<u64>().expect("whole nanoseconds");
    format!("{before}\"ns\":_,{after}")
}

#[test]
fn replay_reports_held_out_parts_apart() {
    let run = rasp(&["replay", "--config", CONFIG, "--held-out", "tests/data/cli/split.toml", CORPUS]);
    let titles: Vec<&str> = run.out.lines().filter(|line| line.starts_with("==")).collect();
    assert_eq!(titles, ["== all: 8 records ==", "== held out: 4 records ==", "== not held out: 4 records =="]);
    fails(
        &["replay", "--held-out", "tests/data/cli/none.toml", CORPUS],
        "tests/data/cli/none.toml: there is no such file",
    );
    fails(
        &["replay", "--held-out", CONFIG, CORPUS],
        "tests/data/cli/rasp.toml:3: unknown field `detection_paranoia`, expected `sources` or `lists`",
    );
}

#[test]
fn replay_shows_what_changes_between_two_configurations() {
    let run = rasp(&["replay", "--config", CONFIG, "--against", "tests/data/cli/lenient.toml", CORPUS]);
    shows(
        &run.out,
        "== against: 4 of 7 verdicts change ==
  attack    alert -> pass        1
  attack    block -> alert       2
  benign    block -> alert       1

each of them
  block -> alert  one/1
  alert -> pass  one/2
  block -> alert  two/4
  block -> alert  two/5
",
    );
    fails(
        &["replay", "--against", "tests/data/cli/split.toml", CORPUS],
        "tests/data/cli/split.toml:3: unknown key `lists`; did you mean `limits`?",
    );
}

#[test]
fn replay_names_the_line_that_is_no_record() {
    let mend = "a record is one JSON object a line, with id, label, method and target at the least";
    for (text, complaint) in [
        ("\n{\"id\": 1", format!("2: invalid type: integer `1`, expected a string (column 8); {mend}")),
        ("no json", format!("1: expected ident (column 2); {mend}")),
        ("{\"id\": \"a/1\"}", format!("1: missing field `label` (column 13); {mend}")),
        (
            r#"{"id":"a","label":"attack","method":"GET","target":"/","body_b64":"?"}"#,
            "1: `body_b64` is no base64".to_owned(),
        ),
        (
            r#"{"id":"a","label":"attack","method":"GET","target":"/","body":"a","body_b64":"YQ=="}"#,
            "1: a record has either `body` or `body_b64`, and not both".to_owned(),
        ),
    ] {
        let path = std::env::temp_dir().join(format!("rasp-broken-{}.jsonl", std::process::id()));
        std::fs::write(&path, text).expect("a file");
        let run = rasp(&["replay", path.to_str().expect("a path")]);
        let expected = format!("error: {}:{complaint}\n", path.display());
        std::fs::remove_file(&path).expect("it is there");
        assert_eq!((run.complaints, run.code), (expected, Some(1)));
    }
    fails(&["replay", "tests/data/cli/none.jsonl"], "tests/data/cli/none.jsonl: there is no such file");
    fails(
        &["replay", "--out", "tests/data/nowhere/x.jsonl", CORPUS],
        "tests/data/nowhere/x.jsonl: there is no directory `tests/data/nowhere`; make it, or name another file",
    );
    let empty = std::env::temp_dir().join(format!("rasp-empty-{}.jsonl", std::process::id()));
    std::fs::write(&empty, "").expect("a file");
    let run = rasp(&["replay", empty.to_str().expect("a path")]);
    std::fs::remove_file(&empty).expect("it is there");
    let complaint = "error: nothing was replayed: there is no record in the corpus\n";
    assert_eq!((run.complaints.as_str(), run.code), (complaint, Some(1)));
}

#[test]
fn rules_are_listed_shown_and_tested() {
    let run = rasp(&["rules", "list", "--config", CONFIG]);
    let own: Vec<Vec<&str>> = run
        .out
        .lines()
        .filter(|line| line.starts_with("app."))
        .map(|line| line.split("  ").filter(|word| !word.is_empty()).map(str::trim).collect())
        .collect();
    assert_eq!(
        own,
        [
            ["app.evil", "virtual_patch", "critical", "1", "The word evil"],
            ["app.odd", "virtual_patch", "warning", "1", "The word odd"]
        ]
    );
    let run = rasp(&["rules", "show", "app.evil", "--config", CONFIG]);
    assert_eq!(
        run.out,
        r#"app.evil: The word evil
  from        tests/data/cli/rasp.toml:29
  category    virtual_patch
  severity    critical
  paranoia    1
  confidence  certain
  looks at    every value and name
  matcher     regex (?i)evil\b
  example          found      "evil"
  example          found      "be EVIL now"
  counter-example  not found  "evilly"
"#
    );
    let run = rasp(&["rules", "test", "--config", CONFIG]);
    assert!(run.out.ends_with("all as they should be\n") && run.code == Some(0), "{}", run.out);
    assert_eq!(rasp(&["rules", "test"]).code, Some(0));
}

#[test]
fn rules_that_are_not_there_or_not_right_are_errors() {
    fails(&["rules", "show", "app.evi", "--config", CONFIG], "no rule is called `app.evi`; did you mean `app.evil`?");
    fails(
        &["rules", "show", "warehouse.inventory.discrepancy"],
        "no rule is called `warehouse.inventory.discrepancy`; `rasp rules list` shows every id",
    );
    fails(
        &["rules", "test", "--config", "tests/data/config/broken.toml"],
        "tests/data/config/broken_rule.toml:3: rule `app.broken`: does not find its example `abc`",
    );
}

#[test]
fn slips_in_the_arguments_are_errors_too() {
    for arguments in [&[][..], &["chekc"], &["replay"], &["check"], &["rules", "show"]] {
        let run = rasp(arguments);
        assert_eq!((run.out.as_str(), run.code), ("", Some(1)), "{arguments:?}");
        assert!(!run.complaints.is_empty());
    }
    let help = rasp(&["--help"]);
    shows(&help.out, "Exit codes: 0 when all is well");
    assert_eq!(help.code, Some(0));
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let mut child = command(&["explain", "--config", CONFIG])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    child.stdin.take().expect("a pipe").write_all(b"GET / HTTP/1.1\n\n").expect("it reads");
    let run: Run = child.wait_with_output().expect("it ends").into();
    assert_eq!((run.complaints.as_str(), run.code), ("", Some(0)));
}

#[test]
fn schema_check_lists_operations_and_loose_spots() {
    let run = rasp(&["schema", "check", "tests/data/openapi/shop.yaml"]);
    shows(&run.out, "tests/data/openapi/shop.yaml: valid, 6 operations\n  GET /v1/items\n  POST /v1/items\n");
    shows(
        &run.out,
        "not enforced: a request that meets it is incomplete (unenforced_schema)\n  tests/data/openapi/shop.yaml:83 /components/schemas/Item/properties/sku/pattern: ",
    );
    assert_eq!(run.code, Some(0));
    let run = rasp(&["schema", "check", "--deny-warnings", "tests/data/openapi/note.schema.yaml"]);
    shows(
        &run.out,
        "loose
  tests/data/openapi/note.schema.yaml:1 : an object that takes properties nobody named; say `additionalProperties: false`
  tests/data/openapi/note.schema.yaml:5 /properties/text: a string without a bound; give it `maxLength`, or a `pattern`
  tests/data/openapi/note.schema.yaml:6 /properties/tags: an array without a bound; give it `maxItems`
  tests/data/openapi/note.schema.yaml:6 /properties/tags/items: a pattern that fits any part of a value; put it between ^ and $
",
    );
    assert_eq!(run.code, Some(2));
    let run = rasp(&["schema", "check", "--json", "tests/data/openapi/note.schema.yaml"]);
    assert!(
        run.out.starts_with("{\"file\":\"tests/data/openapi/note.schema.yaml\",\"held\":[],\"loose\":[{\"line\":1,"),
        "{}",
        run.out
    );
}

#[test]
fn check_lists_what_of_the_schemas_is_not_enforced() {
    let directory = std::env::temp_dir().join(format!("rasp-check-schemas-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("it is made");
    std::fs::copy("tests/data/openapi/shop.yaml", directory.join("shop.yaml")).expect("it is copied");
    let config = directory.join("rasp.toml");
    let text = "[[schema]]\nopenapi = \"shop.yaml\"\n[[route]]\nroute = \"/v1/item\"\nundeclared = \"strict\"\n";
    std::fs::write(&config, text).expect("it is written");
    let (config, shop) = (config.display().to_string(), directory.join("shop.yaml").display().to_string());
    let run = rasp(&["check", "--deny-warnings", &config]);
    shows(
        &run.out,
        &format!(
            "schemas: 6 operations

not enforced: a request that meets it is incomplete (unenforced_schema)
  {shop}:83 /components/schemas/Item/properties/sku/pattern: "
        ),
    );
    // Its schema may be given in code, which nobody sees here.
    let warning = format!(
        "warning: {config}:5: `undeclared` does nothing: no schema declares the route `/v1/item`; give its schema in code, or did you mean `/v1/items`?\n"
    );
    assert_eq!((run.complaints, run.code), (warning, Some(2)));
    std::fs::remove_dir_all(directory).expect("it was made");
}

#[test]
fn explain_names_the_schema_of_each_field() {
    let directory = std::env::temp_dir().join(format!("rasp-explain-schema-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("it is made");
    let document = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n  /a/{id}:\n    post:\n      parameters:\n        - {name: id, in: path, required: true, schema: {type: integer}}\n      requestBody:\n        content:\n          application/json:\n            schema:\n              properties:\n                day: {type: string, format: date}\n                text: {type: string}\n";
    std::fs::write(directory.join("api.yaml"), document).expect("it is written");
    let config = directory.join("rasp.toml");
    std::fs::write(&config, "[[schema]]\nopenapi = \"api.yaml\"\n").expect("it is written");
    let request = "POST /a/7?q=1 HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\r\n{\"day\": \"2026-01-02\", \"text\": \"x\", \"more\": 1}";
    let run = with_input(&["explain", "--config", &config.display().to_string()], request.as_bytes());
    let api = directory.join("api.yaml").display().to_string();
    let schema = format!("{api} /paths/~1a~1{{id}}/post/requestBody/content/application~1json/schema/properties");
    for line in [
        "  operation: POST /a/{id}\n".to_owned(),
        format!("  path.id: no detector looks: integer, by {api} /paths/~1a~1{{id}}/post/parameters/0/schema\n"),
        "  query.q: named by no schema: every detector looks\n".to_owned(),
        format!("  body./day: no detector looks: date, by {schema}/day\n"),
        format!("  body./text: not pinned by {schema}/text: every detector looks\n"),
        "  body./more: named by no schema: every detector looks\n".to_owned(),
    ] {
        shows(&run.out, &line);
    }
    std::fs::remove_dir_all(directory).expect("it was made");
}

#[test]
fn schema_check_refuses_with_the_place() {
    fails(
        &["schema", "check", "tests/data/openapi/broken.yaml"],
        "tests/data/openapi/broken.yaml:9: /paths/~1a/get/parameters/0/schema: `$ref` to `#/components/schemas/Nowhere` leads nowhere",
    );
}

#[test]
fn schema_check_speaks_of_what_stands_in_the_configuration() {
    let config = std::env::temp_dir().join(format!("rasp-inline-{}.toml", std::process::id()));
    let write = |location: &str| {
        let text = format!(
            "[[schema]]\nschema = {{ type = \"string\" }}\nroute = \"/notes/{{id}}\"\nmethod = [\"GET\"]\nlocation = \"{location}\"\n"
        );
        std::fs::write(&config, text).expect("it is written");
    };
    let name = config.to_string_lossy().into_owned();
    write("path.id");
    let run = rasp(&["schema", "check", &name]);
    shows(&run.out, &format!("{name}:2: valid, 1 operation\n  GET /notes/{{id}}\n"));
    shows(&run.out, &format!("{name}:2 : a string without a bound; give it `maxLength`, or a `pattern`\n"));
    write("path.nope");
    let mend = "name one that stands in the route: `path.id` of `/notes/{id}`";
    fails(&["schema", "check", &name], &format!("{name}:5: `/notes/{{id}}` has no parameter `nope`; {mend}"));
    std::fs::write(&config, "paranoia = 1\n").expect("it is written");
    shows(&rasp(&["schema", "check", &name]).out, &format!("{name}: has no [[schema]]\n"));
    std::fs::remove_file(config).expect("it was written");
}

#[test]
fn schema_infer_proposes_what_its_traffic_fits() {
    let corpus = std::env::temp_dir().join(format!("rasp-infer-{}.jsonl", std::process::id()));
    let mut lines = String::new();
    for number in 0..30 {
        lines.push_str(&format!(
            "{{\"id\":\"a/{number}\",\"label\":\"benign\",\"method\":\"POST\",\"target\":\"/users/{number}?page=1\",\"headers\":[[\"Content-Type\",\"application/json\"],[\"Authorization\",\"Bearer t{number}\"]],\"body\":\"{{\\\"name\\\":\\\"ann{number}\\\",\\\"age\\\":3{number}}}\"}}\n"
        ));
    }
    lines.push_str("{\"id\":\"a/x\",\"label\":\"attack\",\"method\":\"GET\",\"target\":\"/only/attacks\"}\n");
    std::fs::write(&corpus, lines).expect("it is written");
    let corpus = corpus.to_string_lossy().into_owned();
    let run = rasp(&["schema", "infer", &corpus]);
    assert_eq!(
        (run.code, run.complaints.as_str()),
        (Some(0), "note: 30 requests in 1 operations; 1 left out (attacks, or refused)\n")
    );
    shows(&run.out, "\"security\": [\n          {\n            \"bearer\": []");
    // What it proposes is a document that can be used, and that its traffic fits.
    let document = format!("{corpus}.json");
    std::fs::write(&document, &run.out).expect("it is written");
    let check = rasp(&["schema", "check", "--deny-warnings", &document]);
    shows(&check.out, ": valid, 1 operation\n  POST /users/{id}\n");
    assert_eq!(check.code, Some(0), "{}", check.out);
    for file in [corpus, document] {
        std::fs::remove_file(file).expect("it was written");
    }
}

/// The traffic passes under what was proposed from it, even where all that is not declared is refused.
#[test]
fn schema_infer_proposes_each_media_type_and_nothing_of_a_clients_own() {
    let directory = std::env::temp_dir().join(format!("rasp-infer-media-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("it is made");
    let file = |name: &str| directory.join(name).to_string_lossy().into_owned();
    let mut lines = String::new();
    for number in 0..60 {
        for (path, media, body) in [
            (
                "/up",
                "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n",
            ),
            ("/text", "text/plain", "hello"),
            ("/xml", "application/xml", "<a/>"),
            ("/raw", "application/octet-stream", "data"),
            ("/vendor", "application/vnd.x+json", "{\"n\":1}"),
            ("/login", "application/json", &format!("{{\"password\":\"SECRETPW{}\"}}", number % 3)),
        ] {
            let record = serde_json::json!({ "id": "a", "label": "benign", "method": "POST", "target": path, "headers": [["Content-Type", media]], "body": body });
            lines.push_str(&format!("{record}\n"));
        }
    }
    std::fs::write(file("x.jsonl"), lines).expect("it is written");
    let run = rasp(&["schema", "infer", &file("x.jsonl")]);
    for media in
        ["multipart/form-data", "text/plain", "application/xml", "application/octet-stream", "application/vnd.x+json"]
    {
        shows(&run.out, &format!("\"{media}\": {{"));
    }
    assert!(!run.out.contains("SECRETPW"), "{}", run.out);
    std::fs::write(file("api.json"), &run.out).expect("it is written");
    std::fs::write(file("rasp.toml"), "[[schema]]\nopenapi = \"api.json\"\nundeclared = \"strict\"\n")
        .expect("it is written");
    let coverage = rasp(&["schema", "coverage", "--config", &file("rasp.toml"), &file("x.jsonl")]);
    shows(&coverage.out, "360 requests of 360 covered (100.0 %)");
    std::fs::remove_dir_all(directory).expect("it was written");
}

#[test]
fn schema_coverage_tells_what_no_schema_covers() {
    let directory = std::env::temp_dir().join(format!("rasp-coverage-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("it is made");
    let file = |name: &str, text: &str| {
        let path = directory.join(name);
        std::fs::write(&path, text).expect("it is written");
        path.to_string_lossy().into_owned()
    };
    file(
        "api.yaml",
        "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths:\n  /a/{id}:\n    get:\n      parameters:\n        - {name: id, in: path, required: true, schema: {type: integer}}\n        - {name: p, in: query, schema: {type: integer}}\n",
    );
    let config = file("rasp.toml", "[[schema]]\nopenapi = \"api.yaml\"\n");
    let record =
        |target: &str| format!("{{\"id\":\"x\",\"label\":\"benign\",\"method\":\"GET\",\"target\":\"{target}\"}}\n");
    let corpus =
        file("x.jsonl", &[record("/a/1?p=2"), record("/a/2?p=2&q=1"), record("/b/1/c"), record("/b/2/c")].concat());
    let run = rasp(&["schema", "coverage", "--config", &config, &corpus]);
    assert_eq!(run.code, Some(0), "{}", run.complaints);
    shows(&run.out, "1 request of 4 covered (25.0 %); 0 left out\n");
    shows(&run.out, "       1  GET /a/{id}: parameter query.q\n");
    shows(&run.out, "       2  GET /b/{id}/c: route\n");
    std::fs::remove_dir_all(directory).expect("it was made");
}
