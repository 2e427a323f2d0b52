//! What is said of failures, and what is known of values.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::decoded_tests::{body, check, check_leaves, keywords};
use crate::schema::{Fact, Keyword};

const JSON: &str = "application/json";

/// Each keyword of JSON Schema has its word, and nothing of the value is told.
#[test]
fn each_keyword_is_told_without_the_value() {
    let secret = "hunter2-\"'<s3cret>";
    for (schema, value, keyword) in [
        (json!({"type": "integer"}), json!(secret), Keyword::Type),
        (json!({"type": ["integer", "null"]}), json!(secret), Keyword::Type),
        (json!({"enum": ["a", 1]}), json!(secret), Keyword::Enum),
        (json!({"const": "a"}), json!(secret), Keyword::Const),
        (json!({"multipleOf": 7}), json!(1_234_567), Keyword::MultipleOf),
        (json!({"maximum": 7}), json!(1_234_567), Keyword::Maximum),
        (json!({"exclusiveMaximum": 7}), json!(1_234_567), Keyword::ExclusiveMaximum),
        (json!({"minimum": 7}), json!(-1_234_567), Keyword::Minimum),
        (json!({"exclusiveMinimum": 7}), json!(-1_234_567), Keyword::ExclusiveMinimum),
        (json!({"maxLength": 2}), json!(secret), Keyword::MaxLength),
        (json!({"minLength": 99}), json!(secret), Keyword::MinLength),
        (json!({"pattern": "^a$"}), json!(secret), Keyword::Pattern),
        (json!({"format": "uuid"}), json!(secret), Keyword::Format),
        (json!({"format": "email"}), json!(secret), Keyword::Format),
        (json!({"format": "byte"}), json!(secret), Keyword::Format),
        (json!({"maxItems": 1}), json!([secret, secret]), Keyword::MaxItems),
        (json!({"minItems": 3}), json!([secret, secret]), Keyword::MinItems),
        (json!({"uniqueItems": true}), json!([secret, secret]), Keyword::UniqueItems),
        (json!({"contains": {"type": "null"}}), json!([secret]), Keyword::Contains),
        (json!({"maxProperties": 0}), json!({secret: secret}), Keyword::MaxProperties),
        (json!({"minProperties": 2}), json!({secret: secret}), Keyword::MinProperties),
        (json!({"required": ["a"]}), json!({secret: secret}), Keyword::Required),
        (json!({"dependentRequired": {"a": ["b"]}}), json!({"a": secret}), Keyword::Required),
        (json!({"propertyNames": {"maxLength": 2}}), json!({secret: secret}), Keyword::PropertyNames),
        (json!({"additionalProperties": false}), json!({secret: secret}), Keyword::UndeclaredField),
        (json!({"unevaluatedProperties": false}), json!({secret: secret}), Keyword::UndeclaredField),
        (json!({"unevaluatedItems": false}), json!([secret]), Keyword::Items),
        (json!({"prefixItems": [{}], "items": false}), json!([1, secret]), Keyword::Items),
        (json!({"anyOf": [{"type": "null"}, {"maxLength": 1}]}), json!(secret), Keyword::AnyOf),
        (json!({"oneOf": [{"type": "null"}, {"maxLength": 1}]}), json!(secret), Keyword::OneOf),
        (json!({"oneOf": [{"type": "string"}, {"minLength": 1}]}), json!(secret), Keyword::OneOf),
        (json!({"allOf": [{"type": "null"}]}), json!(secret), Keyword::Type),
        (json!({"not": {"type": "string"}}), json!(secret), Keyword::Not),
        (json!({"properties": {"a": false}}), json!({"a": secret}), Keyword::FalseSchema),
        (json!({"if": {}, "then": {"type": "null"}}), json!(secret), Keyword::Type),
    ] {
        let compiled = body(JSON, schema.clone(), 1_000_000);
        let report = check(&compiled, JSON, value.to_string().as_bytes(), 1 << 20);
        assert_eq!(keywords(&report).first(), Some(&keyword), "{schema}");
        for failure in &report.failures {
            let told = format!("{} {}", failure.message, failure.schema_pointer);
            for part in ["hunter2", "s3cret", "1234567"] {
                assert!(!told.contains(part), "{schema}: {told}");
            }
        }
    }
}

/// Schemas that pin, or nearly, and their combinations.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop::sample::select(vec![
        json!({"type": "string"}),
        json!({"type": "integer"}),
        json!({"type": "boolean"}),
        json!({"type": ["string", "null"]}),
        json!({"format": "uuid"}),
        json!({"format": "date-time", "type": "string"}),
        json!({"format": "duration"}),
        json!({"format": "unknown"}),
        json!({"pattern": "^[a-z0-9]+$"}),
        json!({"pattern": "[a-z]"}),
        json!({"pattern": "^[^x]*$"}),
        json!({"pattern": "^\\d{1,3}$|'"}),
        json!({"maxLength": 40}),
        json!(true),
        json!({"$ref": "#/$defs/any"}),
        json!({"$ref": "#/$defs/pinned", "type": "string"}),
    ]);
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(|schemas| json!({"anyOf": schemas})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|schemas| json!({"oneOf": schemas})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|schemas| json!({"allOf": schemas})),
            inner.clone().prop_map(|schema| json!({"not": schema})),
            inner.clone().prop_map(|schema| json!({"if": schema, "then": {"type": "integer"}})),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| {
                json!({"properties": {"a": one}, "allOf": [{"properties": {"a": other}}]})
            }),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| {
                json!({"oneOf": [{"properties": {"a": one}}, {"properties": {"b": other}}]})
            }),
            (inner.clone(), inner.clone())
                .prop_map(|(one, other)| { json!({"additionalProperties": one, "patternProperties": {"^a": other}}) }),
            (inner.clone(), inner).prop_map(|(one, other)| json!({"prefixItems": [one], "items": other})),
        ]
    })
}

fn value() -> impl Strategy<Value = Value> {
    let text = prop::sample::select(vec![
        json!("' or 1=1--"),
        json!("<script>alert(1)</script>"),
        json!("x'"),
        json!("abc9"),
        json!("2024-01-01T00:00:00Z"),
        json!("P1D"),
        json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        json!(7),
        json!(true),
        json!(null),
    ]);
    text.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map("[ab]c?", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_is_pinned_holds_no_mark(schema in schema(), value in value()) {
        let mut schema = schema;
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("$defs".to_owned(), json!({"any": {"type": "string"}, "pinned": {"pattern": "^[a-z]+[0-9]$"}}));
        }
        let compiled = body(JSON, schema.clone(), 1_000_000);
        let (report, leaves) = check_leaves(&compiled, JSON, value.to_string().as_bytes(), 1 << 20);
        for (text, fact) in leaves {
            let has_mark = text.iter().any(|byte| b"'<>()= ".contains(byte));
            let is_pinned = matches!(fact, Some(Fact::Pinned(_) | Fact::Plain(_)));
            prop_assert!(!(has_mark && is_pinned), "{} {:?} {:?}", schema, String::from_utf8(text), fact);
            prop_assert!(!is_pinned || report.failures.is_empty());
        }
    }
}
