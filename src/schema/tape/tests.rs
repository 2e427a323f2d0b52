use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use jsonschema::json::Node as _;

/// A tape of a value, as a decoder would build it.
pub(in crate::schema) fn of(value: &Value) -> Tape {
    let mut builder = TapeBuilder::default();
    push(&mut builder, value);
    builder.finish().expect("a value has no flaw")
}

fn push(builder: &mut TapeBuilder, value: &Value) {
    match value {
        Value::Null => builder.begin(Kind::Null),
        Value::Bool(true) => builder.begin(Kind::True),
        Value::Bool(false) => builder.begin(Kind::False),
        Value::Number(number) => builder.scalar(Kind::Number, &number.to_string()),
        Value::String(text) => builder.scalar(Kind::String, text),
        Value::Array(elements) => {
            builder.begin(Kind::Array);
            elements.iter().for_each(|element| push(builder, element));
            builder.end();
        }
        Value::Object(members) => {
            builder.begin(Kind::Object);
            for (key, value) in members {
                builder.key(key);
                push(builder, value);
            }
            builder.end();
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-3_i64..3).prop_map(|number| json!(number)),
        (-3_i64..3).prop_map(|number| json!(number as f64 / 2.0)),
        "[a-cé]{0,3}".prop_map(Value::String),
    ];
    leaf.prop_recursive(3, 40, 16, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map("[a-z]{0,2}", inner, 0..16)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Schemas of many keywords, small enough that values often fit.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(true)),
        prop::sample::select(vec!["null", "boolean", "integer", "number", "string", "array", "object"])
            .prop_map(|name| json!({ "type": name })),
        (-2_i64..3).prop_map(|limit| json!({ "minimum": limit })),
        (-2_i64..3).prop_map(|limit| json!({ "exclusiveMaximum": limit })),
        Just(json!({ "multipleOf": 0.5 })),
        (0_u64..3).prop_map(|limit| json!({ "maxLength": limit })),
        (0_u64..3).prop_map(|limit| json!({ "minItems": limit })),
        (0_u64..3).prop_map(|limit| json!({ "maxProperties": limit })),
        Just(json!({ "uniqueItems": true })),
        Just(json!({ "pattern": "^[a-b]*$" })),
        prop::collection::vec(value(), 1..3).prop_map(|options| json!({ "enum": options })),
        "[a-z]".prop_map(|name| json!({ "required": [name] })),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::btree_map("[a-z]", inner.clone(), 0..4).prop_map(|map| json!({ "properties": map })),
            inner.clone().prop_map(|schema| json!({ "items": schema })),
            inner.clone().prop_map(|schema| json!({ "additionalProperties": schema })),
            inner.clone().prop_map(|schema| json!({ "propertyNames": schema })),
            inner.clone().prop_map(|schema| json!({ "contains": schema })),
            inner.clone().prop_map(|schema| json!({ "not": schema })),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|schemas| json!({ "anyOf": schemas })),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|schemas| json!({ "oneOf": schemas })),
            prop::collection::vec(inner, 1..4).prop_map(|schemas| json!({ "allOf": schemas })),
        ]
    })
}

proptest! {
    #[test]
    fn a_tape_equals_its_value_and_no_other(value in value(), other in value()) {
        let tape = of(&value);
        let root = tape.root().expect("it has a root");
        prop_assert!(root.equals_value(&value));
        let both = json!([value, other]);
        let unique = jsonschema::options().build(&json!({ "uniqueItems": true })).expect("a schema").is_valid(&both);
        prop_assert_eq!(!root.equals_value(&other), unique);
    }

    #[test]
    fn the_tape_is_as_valid_as_the_value(schema in schema(), value in value()) {
        let plain = jsonschema::options().build(&schema).expect("a schema").is_valid(&value);
        let validator = jsonschema::options_for::<TapeJson>().build(&schema).expect("a schema");
        let tape = of(&value);
        prop_assert_eq!(validator.is_valid(tape.root().expect("it has a root")), plain);
    }
}

#[test]
fn a_key_twice_is_a_flaw_in_small_and_large_objects() {
    for members in [2, 40] {
        let mut builder = TapeBuilder::default();
        builder.begin(Kind::Object);
        for number in 0..members {
            builder.key(&format!("k{}", number % (members - 1)));
            builder.begin(Kind::Null);
        }
        builder.end();
        assert_eq!(builder.finish().err(), Some(Flaw::DuplicateKey));
    }
}

#[test]
fn numbers_are_those_of_json() {
    for yes in ["0", "-0", "10", "1.5", "1e3", "-1.5E-7", "123456789012345678901234567890"] {
        assert!(number::is_number(yes), "{yes}");
    }
    let long = "1".repeat(200);
    for no in ["", "-", "01", "1.", ".5", "+1", "1e", "0x1", "NaN", "1e400", "1_0", long.as_str()] {
        assert!(!number::is_number(no), "{no}");
    }
}

#[test]
fn past_the_allowed_work_nothing_is_valid() {
    let value = json!({ "list": (0..2000).collect::<Vec<_>>() });
    let schema =
        json!({ "properties": { "list": { "items": { "anyOf": [{ "type": "string" }, { "minimum": 0 }] } } } });
    let validator = jsonschema::options_for::<TapeJson>().build(&schema).expect("a schema");
    let tape = of(&value);
    tape.allow(u64::MAX, 1);
    assert!(validator.is_valid(tape.root().expect("a root")) && !tape.is_spent());
    tape.allow(500, 1);
    let _ = validator.is_valid(tape.root().expect("a root"));
    assert!(tape.is_spent());
}

#[test]
fn the_contract_of_the_validator_holds() {
    let document = jsonschema::json::conformance::document();
    let tape = of(&document);
    jsonschema::json::conformance::assert_conformance::<TapeJson>(&tape.root().expect("a root"));
}
