//! Hostile documents under hostile schemas: the work grows with the document alone, or it ends in
//! the budget. Steps are counted, and no time.

use serde_json::{Map, Value, json};

use super::decoded_tests::{body, check, keywords};
use super::failures::validate;
use crate::input::{Location, Place};
use crate::schema::tape::tests::of;
use crate::schema::{Keyword, Report};

const WORK_MAX: u64 = 1_000_000;

/// What it is, the schema, and the document of a size.
type Pair<'a> = (&'a str, Value, &'a dyn Fn(usize) -> Value);

/// The steps that a value costs under a schema, and what was told.
fn steps(schema: &Value, value: &Value) -> (u64, Report) {
    let compiled = body("application/json", schema.clone(), WORK_MAX);
    let check = compiled.bodies[0].check.as_ref().expect("it has a schema");
    let tape = of(value);
    tape.allow(WORK_MAX, check.patterns);
    let _ = check.validator.is_valid(tape.under(&check.root).expect("a root"));
    let steps = WORK_MAX - tape.work_left();
    let mut report = Report::default();
    validate(check, &tape, WORK_MAX, &mut report, |_| Location::whole(Place::Body));
    (steps, report)
}

fn object(count: usize) -> Value {
    Value::Object((0..count).map(|number| (format!("a{number:06}"), json!(number))).collect::<Map<_, _>>())
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!([]), |inner, _| json!([inner]))
}

fn either(schema: Value, depth: usize) -> Value {
    (0..depth).fold(schema, |inner, _| json!({"anyOf": [{"allOf": [inner.clone(), {"type": "null"}]}, inner]}))
}

#[test]
fn work_grows_with_the_document_or_ends_in_the_budget() {
    let numbers = |count: usize| json!((0..count).collect::<Vec<_>>());
    let pairs: [Pair<'_>; 14] = [
        (
            "patterns for many names",
            json!({"patternProperties": {"^(a+)+$": {"type": "string"}, "(0|00)*1": {}, "9$": {"minimum": 3}}}),
            &object,
        ),
        ("names that have schemas", json!({"propertyNames": {"pattern": "^a[0-9]+$", "maxLength": 9}}), &object),
        ("alternatives in alternatives", json!({"items": either(json!({"type": "string"}), 9)}), &numbers),
        ("items that must differ", json!({"uniqueItems": true}), &numbers),
        ("large items that must differ", json!({"uniqueItems": true}), &|count| {
            (0..count).map(|number| json!({"k": [number, "a", {"b": number}]})).collect()
        }),
        (
            "differing items at each level",
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"uniqueItems": true, "items": {"$ref": "#/$defs/a"}}}}),
            &|count| nested(count.min(120)),
        ),
        ("divisions of large numbers", json!({"items": {"multipleOf": 3e-300}}), &|count| {
            (0..count).map(|number| json!(1e300 + 1e290 * number as f64)).collect()
        }),
        ("one that fits among many", json!({"contains": {"const": -1}, "minContains": 2}), &numbers),
        (
            "what nothing evaluated",
            json!({"allOf": [{"properties": {"a": {}}}, {"patternProperties": {"^b": {}}}], "unevaluatedProperties": {"type": "integer"}}),
            &object,
        ),
        (
            "items that nothing evaluated",
            json!({"anyOf": [{"prefixItems": [{}]}, {"contains": {"type": "string"}}], "unevaluatedItems": {"type": "integer"}}),
            &numbers,
        ),
        ("many constants", json!({"items": {"enum": (0..500).map(|n| json!({"a": n})).collect::<Vec<_>>()}}), &numbers),
        (
            "a schema that holds itself twice",
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [
                {"type": "array", "items": {"$ref": "#/$defs/a"}, "minItems": 9},
                {"type": "array", "items": {"$ref": "#/$defs/a"}},
            ]}}}),
            &|count| nested(count.min(120)),
        ),
        (
            "conditions at each level",
            json!({"$ref": "#/$defs/a", "$defs": {"a": {
                "if": {"items": {"$ref": "#/$defs/a"}, "minItems": 1}, "then": {"items": {"$ref": "#/$defs/a"}}, "else": {"maxItems": 0},
            }}}),
            &|count| nested(count.min(120)),
        ),
        ("a long text", json!({"pattern": "^(a|b|ab)*c$", "maxLength": 5, "format": "email"}), &|count| {
            json!("ab".repeat(count))
        }),
    ];
    for (name, schema, document) in pairs {
        let (small, _) = steps(&schema, &document(1_000));
        let (large, report) = steps(&schema, &document(4_000));
        assert!(large <= 5 * small + 100 || report.out_of_budget, "{name}: {small} steps, then {large}");
        assert!(report.failures.len() <= 32, "{name}");
        assert!(!report.out_of_budget || report.failures.is_empty(), "{name}: {report:?}");
    }
}

/// A document that fails everywhere is told in few words.
#[test]
fn many_errors_are_cut_and_none_is_made_up() {
    let schema = json!({"properties": {"list": {"items": {"anyOf": [{"type": "string"}, {"maximum": 1}]}}, "last": {"type": "integer"}}});
    let compiled = body("application/json", schema, WORK_MAX);
    let list: Vec<u32> = (2..20_000).collect();
    let document = json!({"last": 5, "list": list});
    let report = check(&compiled, "application/json", document.to_string().as_bytes(), 1 << 20);
    assert_eq!(keywords(&report), [Keyword::AnyOf; 32]);
    assert!(report.failures.iter().all(|failure| failure.location.to_string().starts_with("body./list/")));
    assert!(!report.out_of_budget);
}

/// One alternative alone may make more errors than are made.
#[test]
fn an_alternative_with_many_errors_is_one_failure() {
    let schema = json!({"anyOf": [{"items": {"type": "string"}}, {"type": "object"}]});
    let compiled = body("application/json", schema, WORK_MAX);
    let document = json!((0..5_000).collect::<Vec<_>>()).to_string();
    let report = check(&compiled, "application/json", document.as_bytes(), 1 << 20);
    assert_eq!(keywords(&report), [Keyword::AnyOf]);
    assert_eq!(report.failures[0].location.to_string(), "body");
}

/// The deepest document that is read fits the stack of a thread.
#[test]
fn the_deepest_document_is_validated() {
    let schema = json!({"$ref": "#/$defs/a", "$defs": {"a": {
        "allOf": [{"anyOf": [{"oneOf": [{"properties": {"a": {"$ref": "#/$defs/a"}}, "items": {"$ref": "#/$defs/a"}}]}]}],
        "unevaluatedProperties": false,
        "unevaluatedItems": false,
    }}});
    let compiled = body("application/json", schema, WORK_MAX);
    let good = format!("{}{}", "{\"a\":".repeat(60) + &"[".repeat(60), "]".repeat(60) + &"}".repeat(60))
        .replace(":[", ":[")
        .replace(":}", ":1}");
    let report = check(&compiled, "application/json", good.as_bytes(), 1 << 20);
    assert!(report.failures.is_empty(), "{report:?}");
    let bad = format!("{}{}", "{\"a\":".repeat(100) + "{\"b\":1}", "}".repeat(100));
    let report = check(&compiled, "application/json", bad.as_bytes(), 1 << 20);
    assert!(!report.failures.is_empty());
}
