//! Bodies as the decoders read them, in chunks of any size, against schemas.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{BodyCheck, BodyReader, Prospect};
use crate::decode::{BodyDecoder, DecodeLimits, Sink};
use crate::input::{Aspect, Cause, Leaf, Mark, Notice};
use crate::schema::{BodySchema, CompiledOperation, Fact, Keyword, Operation, Origin, Report, SchemaNode, Undeclared};

pub(super) fn body(media_type: &str, schema: Value, work_max: u64) -> CompiledOperation {
    let document = Arc::new(schema);
    let schema = SchemaNode { document, pointer: String::new(), draft7: false, origin: Origin::default() };
    let declared = BodySchema {
        unenforced: false,
        media_type: media_type.to_owned(),
        schema: Some(schema),
        encodings: Vec::new(),
        origin: Origin::default(),
    };
    let operation = Operation {
        template: "/".to_owned(),
        method: "POST".to_owned(),
        parameters: Vec::new(),
        bodies: vec![declared],
        body_required: true,
        security: Vec::new(),
        undeclared: Undeclared::default(),
        origin: Origin::default(),
    };
    CompiledOperation::compile_all(vec![operation], work_max).expect("it compiles").remove(0)
}

/// What the engine does: bytes, marks and leaves go to the reader.
struct Feed(BodyReader, Vec<Promised>);

/// A value, and what was to be known of it.
type Promised = (Prospect, Vec<u8>);

/// A value, and what is known of it.
type Known = (Vec<u8>, Option<Fact>);

impl Sink for Feed {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        let prospect = self.0.leaf(&leaf);
        if leaf.aspect == Aspect::Value {
            self.1.push((prospect, leaf.value.to_vec()));
        }
    }

    fn incomplete(&mut self, cause: Cause) {
        self.0.incomplete(cause);
    }

    fn location_cut(&mut self) {}

    fn notice(&mut self, notice: Notice) {
        self.0.notice(notice);
    }

    fn structure(&mut self, mark: Mark) {
        self.0.structure(mark);
    }
}

/// The report about a body of this type that comes in chunks of this size.
pub(super) fn check(compiled: &CompiledOperation, content_type: &str, bytes: &[u8], chunk: usize) -> Report {
    check_leaves(compiled, content_type, bytes, chunk).0
}

/// And the values with what is known of them.
pub(super) fn check_leaves(
    compiled: &CompiledOperation,
    content_type: &str,
    bytes: &[u8],
    chunk: usize,
) -> (Report, Vec<Known>) {
    let BodyCheck::Schema(declared) = compiled.body(Some(content_type.as_bytes())) else { panic!("declared") };
    let mut feed = Feed(compiled.reader(declared), Vec::new());
    let mut decoder = BodyDecoder::new(&[content_type.as_bytes()], &DecodeLimits::default(), &mut feed);
    for piece in bytes.chunks(chunk.max(1)) {
        feed.0.chunk(piece);
        decoder.push(piece, &mut feed);
    }
    decoder.end(&mut feed);
    let mut report = Report::default();
    let Feed(reader, leaves) = feed;
    let checked = compiled.check_body(declared, reader, &mut report);
    let known = |(prospect, value): Promised| (value, checked.fact(prospect, Aspect::Value));
    (report, leaves.into_iter().map(known).collect())
}

pub(super) fn keywords(report: &Report) -> Vec<Keyword> {
    report.failures.iter().map(|failure| failure.keyword).collect()
}

const JSON: &str = "application/json";

#[test]
fn a_string_in_windows_is_whole() {
    for length in [65_535, 65_536, 65_537, 131_072, 200_000] {
        let compiled = body(JSON, json!({"items": {"minLength": length, "maxLength": length}}), 1_000_000);
        // Characters of two bytes lie across the cuts.
        for (text, escaped) in [("é".repeat(length), "é".repeat(length)), ("\n".repeat(length), "\\n".repeat(length))]
        {
            assert_eq!(text.chars().count(), length);
            for chunk in [1_000, 65_536, 1 << 20] {
                let report = check(&compiled, JSON, format!("[\"{escaped}\"]").as_bytes(), chunk);
                assert_eq!(keywords(&report), [], "{length} in {chunk}");
                let report = check(&compiled, JSON, format!("[\"{escaped}\\n\"]").as_bytes(), chunk);
                assert_eq!(keywords(&report), [Keyword::MaxLength], "{length} in {chunk}");
            }
        }
    }
}

#[test]
fn a_key_in_windows_is_whole() {
    let key = "k".repeat(70_000);
    let compiled = body(JSON, json!({"required": [key]}), 1_000_000);
    assert_eq!(keywords(&check(&compiled, JSON, format!("{{\"{key}\":1}}").as_bytes(), 999)), []);
    assert_eq!(keywords(&check(&compiled, JSON, format!("{{\"{key}x\":1}}").as_bytes(), 999)), [Keyword::Required]);
}

#[test]
fn what_serde_json_refuses_is_malformed() {
    let compiled = body(JSON, json!({}), 1_000_000);
    for (text, keyword) in [
        ("{'a':1}", Keyword::Malformed),
        ("{\"a\":1,}", Keyword::Malformed),
        ("[1,]", Keyword::Malformed),
        ("[1] [2]", Keyword::Malformed),
        ("[1] x", Keyword::Malformed),
        ("{a:1}", Keyword::Malformed),
        ("[NaN]", Keyword::Malformed),
        ("[01]", Keyword::Malformed),
        ("[1e400]", Keyword::Malformed),
        ("[+1]", Keyword::Malformed),
        ("[1//c\n]", Keyword::Malformed),
        ("[tru]", Keyword::Malformed),
        ("[\"a", Keyword::Malformed),
        ("[[1]", Keyword::Malformed),
        ("  ", Keyword::Malformed),
        ("{\"a\":1,\"a\":2}", Keyword::Duplicate),
        ("{\"a\":1,\"\\u0061\":2}", Keyword::Duplicate),
    ] {
        for chunk in [1, 3, 100] {
            assert_eq!(keywords(&check(&compiled, JSON, text.as_bytes(), chunk)), [keyword], "{text} in {chunk}");
        }
    }
    assert_eq!(keywords(&check(&compiled, JSON, b"[\"\xFF\"]", 100)), [Keyword::Malformed]);
    // Two broken strings that are whole together.
    assert_eq!(keywords(&check(&compiled, JSON, b"[\"\xC3\",\"\xA9\"]", 100)), [Keyword::Malformed]);
}

#[test]
fn a_part_is_read_whole_and_once() {
    let schema = json!({"properties": {"a": {"type": "string", "maxLength": 3}}});
    let content_type = "multipart/form-data; boundary=b";
    let compiled = body("multipart/form-data", schema, 1_000_000);
    let part =
        |content: &str| format!("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{content}\r\n--b--\r\n");
    for (text, expected) in [
        (part("abc"), vec![]),
        (part("abcd"), vec![Keyword::MaxLength]),
        (part(&"a".repeat(100_000)), vec![Keyword::MaxLength]),
        // Where readers disagree on the end.
        (part("ab\n--b\nlong"), vec![Keyword::Malformed]),
        (part("ab\r\n--bx\r\nlong"), vec![Keyword::Malformed]),
        ("--b\r\n\r\nabcd\r\n--b--\r\n".to_owned(), vec![Keyword::Malformed]),
    ] {
        for chunk in [7, 1_000, 1 << 20] {
            let report = check(&compiled, content_type, text.as_bytes(), chunk);
            assert_eq!(keywords(&report), expected, "{:.90} in {chunk}", text);
        }
    }
}

#[test]
fn a_text_is_itself_whatever_it_looks_like() {
    let compiled = body("text/plain", json!({"type": "string", "maxLength": 6}), 1_000_000);
    for (text, expected) in
        [("[\"a\"]", vec![]), ("a=b&c=d", vec![Keyword::MaxLength]), ("{\"a\":1}", vec![Keyword::MaxLength])]
    {
        for chunk in [1, 100] {
            assert_eq!(keywords(&check(&compiled, "text/plain", text.as_bytes(), chunk)), expected, "{text}");
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        (-1e9..1e9_f64).prop_map(|number| json!(number)),
        ".{0,9}".prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 60, 20, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::btree_map(".{0,3}", inner, 0..20)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_document_is_what_serde_json_reads(value in value(), other in value(), chunk in 1_usize..40) {
        let compiled = body(JSON, json!({"const": value}), 1_000_000);
        let text = serde_json::to_string(&value).expect("a value");
        prop_assert_eq!(keywords(&check(&compiled, JSON, text.as_bytes(), chunk)), []);
        let pretty = serde_json::to_string_pretty(&other).expect("a value");
        let expected = if other == value { vec![] } else { vec![Keyword::Const] };
        prop_assert_eq!(keywords(&check(&compiled, JSON, pretty.as_bytes(), chunk)), expected);
    }
}
