//! Schemas from types agree with serde: what a handler's type takes in and gives back passes its own schema.

#![cfg(feature = "schemars")]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroU16;

use axum::extract::Query;
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tower_rasp::{Rasp, RaspBuilder};

/// Values of one type that are looked at.
const CASES: u32 = 64;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Numbers {
    tiny: u8,
    small_signed: i16,
    wide: u64,
    wide_signed: i64,
    huge: u128,
    huge_signed: i128,
    never_zero: NonZeroU16,
    real: f64,
    short: f32,
    letter: char,
    size: usize,
    is_it: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Options {
    #[serde(rename = "the-name")]
    name: String,
    #[serde(default)]
    count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    maybe: Option<i8>,
    twice: Option<Option<bool>>,
    #[serde(skip)]
    hidden: u8,
    #[serde(alias = "other", default = "seven")]
    aliased: u8,
    nothing: (),
}

fn seven() -> u8 {
    7
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Collections {
    by_name: HashMap<String, i32>,
    by_number: BTreeMap<u16, bool>,
    set: BTreeSet<u8>,
    pair: (u8, String),
    three: [i16; 3],
    bytes: Vec<u8>,
    nested: Vec<Vec<Option<u8>>>,
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Flat {
    id: Id,
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    kind: Internal,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Common {
    page: u8,
    sort: Option<Unit>,
}

/// A text like a UUID.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
struct Id(#[schemars(extend("format" = "uuid"))] String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Unit {
    FirstOne,
    #[serde(rename = "2nd")]
    Second,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
enum External {
    Nothing,
    One(u8),
    Two(u8, String),
    Fields { a: i32, b: Option<Box<External>> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all_fields = "kebab-case")]
enum Internal {
    Empty,
    Circle { the_radius: u16 },
    Wrapped(Common),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Nothing,
    Word(String),
    Pair(u8, bool),
    Fields { x: i8 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Untagged {
    Number(i64),
    Flag(bool),
    Words(Vec<String>),
    Object { key: String },
    Text(String),
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Tree {
    value: Untagged,
    left: Option<Box<Tree>>,
    children: Vec<Tree>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Fields {
    page: u32,
    ratio: f32,
    #[serde(rename = "sort-by")]
    sort: Unit,
    word: String,
    letter: char,
    signed: i64,
    is_it: bool,
    maybe: Option<u8>,
    #[serde(default)]
    note: String,
}

/// Fields that are written and not read, or read and not written; types without names for their fields.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all(serialize = "kebab-case", deserialize = "kebab-case"))]
struct OneWay {
    plain_one: u8,
    #[serde(skip_serializing)]
    only_read: String,
    #[serde(skip_deserializing)]
    only_written: u64,
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    #[schemars(with = "String")]
    as_text: i32,
    text: Cow<'static, str>,
    pair: Pair,
    wrapped: Wrapped,
    none: Nothing,
    step: Step,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Pair(u8, #[serde(default)] String);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Wrapped(i16);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Nothing;

/// Written and read as another type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Option<u8>", into = "Option<u8>")]
#[schemars(with = "Option<u8>")]
struct Step(u8);

impl From<Option<u8>> for Step {
    fn from(step: Option<u8>) -> Self {
        Self(step.unwrap_or_default())
    }
}

impl From<Step> for Option<u8> {
    fn from(step: Step) -> Self {
        (step.0 > 0).then_some(step.0)
    }
}

fn as_text<S: Serializer>(number: &i32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Level {
    #[serde(alias = "min")]
    Low,
    High,
    #[serde(other)]
    AnotherOne,
}

/// The detectors are another matter, so that only schemas speak here.
fn builder() -> RaspBuilder {
    let categories = [
        "sql_injection",
        "xss",
        "command_injection",
        "path_traversal",
        "file_inclusion",
        "ssrf",
        "template_injection",
        "nosql_injection",
        "ldap_injection",
        "xpath_injection",
        "xxe",
        "crlf_injection",
        "jndi_injection",
        "code_injection",
        "deserialization",
        "prototype_pollution",
        "protocol",
        "scanner",
    ];
    let off: String = categories.iter().map(|category| format!("{category} = \"off\"\n")).collect();
    Rasp::builder().config_text(format!("[category]\n{off}"))
}

fn refused(rasp: &Rasp, content_type: &str, body: &str) -> Option<String> {
    let request = http::Request::post("/x").header("content-type", content_type).body(body.to_owned().into());
    let verdict = rasp.inspect(&request.expect("a request"));
    let whole = verdict.completeness.to_string() == "whole";
    (!whole || !verdict.findings.is_empty()).then(|| format!("{body}\n{verdict:?}"))
}

/// What the type takes in and gives back passes, and so does what it gives as a whole text.
fn agrees<T>(strategy: impl Strategy<Value = T>)
where
    T: JsonSchema + Serialize + DeserializeOwned + std::fmt::Debug,
{
    let rasp = builder().schema::<T>(http::Method::POST, "/x").build().expect("a schema");
    assert!(refused(&rasp, "application/json", "[[[]]]").is_some(), "no type here takes this");
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(CASES));
    let result = runner.run(&strategy, |value| {
        let given = serde_json::to_string(&value).expect("it serialises");
        let taken: T = serde_json::from_str(&given).map_err(|error| TestCaseError::reject(error.to_string()))?;
        let back = serde_json::to_string(&taken).expect("it serialises");
        for text in [given, back] {
            prop_assert_eq!(refused(&rasp, "application/json", &text), None);
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{}: {error}", T::schema_name()));
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-zA-Z0-9 _.-]{0,12}", "\\PC{0,6}"]
}

fn real() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        Just(0.1),
        Just(-0.0),
        Just(1e300),
        Just(f64::MIN_POSITIVE),
        Just(9_007_199_254_740_993.0)
    ]
    .prop_filter("JSON has none", |number| number.is_finite())
}

fn common() -> impl Strategy<Value = Common> {
    (any::<u8>(), proptest::option::of(unit())).prop_map(|(page, sort)| Common { page, sort })
}

fn unit() -> impl Strategy<Value = Unit> {
    prop_oneof![Just(Unit::FirstOne), Just(Unit::Second)]
}

fn internal() -> impl Strategy<Value = Internal> {
    prop_oneof![
        Just(Internal::Empty),
        any::<u16>().prop_map(|the_radius| Internal::Circle { the_radius }),
        common().prop_map(Internal::Wrapped),
    ]
}

fn untagged() -> impl Strategy<Value = Untagged> {
    prop_oneof![
        any::<i64>().prop_map(Untagged::Number),
        any::<bool>().prop_map(Untagged::Flag),
        proptest::collection::vec(word(), 0..3).prop_map(Untagged::Words),
        word().prop_map(|key| Untagged::Object { key }),
        word().prop_map(Untagged::Text),
        Just(Untagged::Nothing),
    ]
}

#[test]
fn numbers_within_the_bounds_of_their_type_pass() {
    let edges = prop_oneof![Just(i128::MIN), Just(i128::MAX), Just(-1), any::<i128>()];
    let wide = prop_oneof![Just(u64::MAX), Just(1 << 53), any::<u64>()];
    let signed = prop_oneof![Just(i64::MIN), Just(i64::MAX), any::<i64>()];
    let first = (any::<u8>(), any::<i16>(), wide, signed, any::<u128>(), edges);
    let second = (any::<NonZeroU16>(), real(), any::<f32>(), any::<char>(), any::<usize>(), any::<bool>());
    let strategy = (first, second).prop_map(|(first, second)| Numbers {
        tiny: first.0,
        small_signed: first.1,
        wide: first.2,
        wide_signed: first.3,
        huge: first.4,
        huge_signed: first.5,
        never_zero: second.0,
        real: second.1,
        short: if second.2.is_finite() { second.2 } else { 0.5 },
        letter: second.3,
        size: second.4,
        is_it: second.5,
    });
    agrees(strategy);
}

#[test]
fn fields_that_may_be_absent_may_be_absent() {
    use proptest::option::of as maybe;
    let strategy = (word(), any::<u32>(), maybe(word()), maybe(any::<i8>()), maybe(maybe(any::<bool>())), any::<u8>());
    agrees(strategy.prop_map(|(name, count, note, maybe, twice, aliased)| Options {
        name,
        count,
        note,
        maybe,
        twice,
        hidden: 0,
        aliased,
        nothing: (),
    }));
}

#[test]
fn maps_sets_tuples_and_arrays_pass() {
    use proptest::collection::{btree_map, btree_set, hash_map, vec};
    let maps = (hash_map(word(), any::<i32>(), 0..4), btree_map(any::<u16>(), any::<bool>(), 0..4));
    let rest = btree_map("[a-z]{1,4}", any::<u8>(), 0..3);
    let lists =
        (btree_set(any::<u8>(), 0..4), vec(any::<u8>(), 0..4), vec(vec(proptest::option::of(any::<u8>()), 0..3), 0..3));
    let strategy = (maps, lists, (any::<u8>(), word()), any::<[i16; 3]>(), rest);
    agrees(strategy.prop_map(|((by_name, by_number), (set, bytes, nested), pair, three, rest)| {
        let rest = rest.into_iter().filter(|(name, _)| !["set", "pair"].contains(&name.as_str())).collect();
        Collections { by_name, by_number, set, pair, three, bytes, nested, rest }
    }));
}

#[test]
fn flattened_and_internally_tagged_pass() {
    let id = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    // A field of two flattened structs is one field.
    let kind = internal().prop_filter("no field twice", |kind| !matches!(kind, Internal::Wrapped(_)));
    agrees((id, common(), kind).prop_map(|(id, common, kind)| Flat { id: Id(id), common, kind }));
    agrees(internal());
}

#[test]
fn other_enums_pass() {
    let leaf = prop_oneof![
        Just(External::Nothing),
        any::<u8>().prop_map(External::One),
        (any::<u8>(), word()).prop_map(|(one, two)| External::Two(one, two)),
    ];
    agrees(leaf.prop_recursive(4, 8, 1, |inner| {
        (any::<i32>(), proptest::option::of(inner.prop_map(Box::new))).prop_map(|(a, b)| External::Fields { a, b })
    }));
    agrees(prop_oneof![
        Just(Adjacent::Nothing),
        word().prop_map(Adjacent::Word),
        (any::<u8>(), any::<bool>()).prop_map(|(one, two)| Adjacent::Pair(one, two)),
        any::<i8>().prop_map(|x| Adjacent::Fields { x }),
    ]);
    agrees(untagged());
}

#[test]
fn fields_of_one_direction_and_converted_ones_pass() {
    let texts = (word(), word(), word());
    let numbers = (any::<u8>(), any::<u64>(), any::<i32>(), any::<u8>(), any::<i16>(), any::<u8>());
    agrees((texts, numbers).prop_map(|(texts, numbers)| OneWay {
        plain_one: numbers.0,
        only_read: texts.0,
        only_written: numbers.1,
        as_text: numbers.2,
        text: Cow::Owned(texts.1),
        pair: Pair(numbers.3, texts.2),
        wrapped: Wrapped(numbers.4),
        none: Nothing,
        step: Step(numbers.5),
    }));
    agrees(prop_oneof![Just(Level::Low), Just(Level::High), Just(Level::AnotherOne)]);
}

#[test]
fn types_that_hold_themselves_pass() {
    let leaf = untagged().prop_map(|value| Tree { value, left: None, children: Vec::new() });
    agrees(leaf.prop_recursive(5, 16, 3, |inner| {
        let left = proptest::option::of(inner.clone().prop_map(Box::new));
        (untagged(), left, proptest::collection::vec(inner, 0..3)).prop_map(|(value, left, children)| Tree {
            value,
            left,
            children,
        })
    }));
}

#[test]
fn forms_pass_that_the_type_takes() {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_deserialize();
    let schema = settings.into_generator().into_root_schema_for::<Fields>().to_value();
    let document = serde_json::json!({
        "openapi": "3.1.0",
        "info": { "title": "x", "version": "1" },
        "paths": { "/x": { "post": { "requestBody": { "required": true, "content": {
            "application/x-www-form-urlencoded": { "schema": { "$ref": "#/components/schemas/Fields" } } } } } } },
        "components": { "schemas": { "Fields": schema } },
    });
    // Definitions stand where the schema looks for them.
    let mut document = document;
    document["$defs"] = document["components"]["schemas"]["Fields"]["$defs"].take();
    document["components"]["schemas"]["Fields"].as_object_mut().expect("a schema").remove("$defs");
    let rasp = builder().openapi(&document).build().expect("a document");
    let numbers = (any::<u32>(), any::<f32>(), any::<i64>(), any::<bool>(), proptest::option::of(any::<u8>()));
    let strategy = (numbers, unit(), word(), any::<char>(), word());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(CASES));
    let result = runner.run(&strategy, |((page, ratio, signed, is_it, maybe), sort, word, letter, note)| {
        let ratio = if ratio.is_finite() { ratio } else { 0.5 };
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("page", &page.to_string()).append_pair("ratio", &ratio.to_string());
        let sort = serde_json::to_value(&sort).expect("a word");
        form.append_pair("sort-by", sort.as_str().expect("a word")).append_pair("word", &word);
        form.append_pair("letter", &letter.to_string()).append_pair("signed", &signed.to_string());
        form.append_pair("is_it", &is_it.to_string()).append_pair("note", &note);
        if let Some(maybe) = maybe {
            form.append_pair("maybe", &maybe.to_string());
        }
        let form = form.finish();
        let uri: http::Uri = format!("/x?{form}").parse().expect("an address");
        let taken = Query::<Fields>::try_from_uri(&uri);
        prop_assert!(taken.is_ok(), "{:?}", taken.err());
        prop_assert_eq!(refused(&rasp, "application/x-www-form-urlencoded", &form), None);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
