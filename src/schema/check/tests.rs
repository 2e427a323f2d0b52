use std::sync::Arc;

use serde_json::{Value, json};

use super::{BodyCheck, BodyReader};
use crate::input::{Aspect, Head, Leaf, Mark, Place};
use crate::schema::{
    BodySchema, CompiledOperation, Credential, Encoding, Fact, Keyword, Operation, Origin, Parameter, Report,
    SchemaNode, SecurityAlternative, Style, Undeclared, UndeclaredAction,
};

fn node(schema: Value) -> SchemaNode {
    SchemaNode { document: Arc::new(schema), pointer: String::new(), draft7: false, origin: Origin::default() }
}

fn operation() -> Operation {
    Operation {
        template: "/x/{id}".to_owned(),
        method: "POST".to_owned(),
        parameters: Vec::new(),
        bodies: Vec::new(),
        body_required: false,
        security: Vec::new(),
        undeclared: Undeclared::default(),
        origin: Origin::default(),
    }
}

fn compile(operation: Operation) -> CompiledOperation {
    CompiledOperation::compile_all(vec![operation], 1_000_000).expect("it compiles").remove(0)
}

fn parameter(place: Place, name: &str, style: Style, explode: bool, schema: Value) -> Parameter {
    Parameter {
        unenforced: false,
        place,
        name: name.to_owned(),
        required: true,
        style,
        explode,
        allow_empty: false,
        content: None,
        schema: Some(node(schema)),
        origin: Origin::default(),
    }
}

/// The failures of a head whose one parameter is written so.
fn head_failures(parameter: Parameter, raw: &str) -> Vec<Keyword> {
    let place = parameter.place;
    let compiled = compile(Operation { parameters: vec![parameter], ..operation() });
    let mut head = Head::builder(b"POST", b"/x/1", (place == Place::Query).then_some(raw.as_bytes()));
    if place == Place::Header {
        head = head.header(b"x-p", raw.as_bytes());
    }
    if place == Place::Cookie {
        head = head.header(b"cookie", raw.as_bytes());
    }
    let mut report = Report::default();
    compiled.check_head(&head.build(), &[("id", raw.as_bytes())], &mut report);
    report.failures.iter().map(|failure| failure.keyword).collect()
}

#[test]
fn each_style_is_read_as_openapi_writes_it() {
    let ids = json!({"type": "array", "items": {"type": "integer"}, "minItems": 2});
    let point = json!({
        "type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
        "required": ["x", "y"], "additionalProperties": false,
    });
    let number = json!({"type": "integer"});
    let either = json!({"anyOf": [point, number]});
    let numbers = json!({"type": "array", "items": number});
    let nest =
        json!({"type": "object", "properties": {"l": numbers, "o": {"type": "object", "properties": {"x": number}}}});
    let points = json!({"type": "array", "items": point});
    let either_list = json!({"type": ["string", "array"], "items": number, "maxLength": 3});
    let maybe_list = json!({"anyOf": [numbers, {"type": "null"}]});
    let open = json!({"type": "object", "properties": {"x": number}, "additionalProperties": number});
    // Strictly one value, which holds a comma.
    let words = json!({"type": "array", "items": {"enum": ["a,b"]}});
    use Place::{Cookie, Header, Path, Query};
    use Style::*;
    for (place, name, style, explode, schema, good, bad) in [
        (Path, "id", Simple, false, &number, "5", "a"),
        (Path, "id", Simple, false, &ids, "1,2", "1,b"),
        (Path, "id", Simple, true, &ids, "1,2", "1"),
        (Path, "id", Simple, false, &point, "x,1,y,2", "x,1"),
        (Path, "id", Simple, true, &point, "x=1,y=2", "x=1,y=b"),
        (Path, "id", Label, false, &number, ".5", "5"),
        (Path, "id", Label, false, &ids, ".1,2", ".1,b"),
        (Path, "id", Label, true, &ids, ".1.2", ".1.b"),
        (Path, "id", Label, true, &point, ".x=1.y=2", ".x=1.y=b"),
        (Path, "id", Matrix, false, &number, ";id=5", ";other=5"),
        (Path, "id", Matrix, false, &ids, ";id=1,2", ";id=1,b"),
        (Path, "id", Matrix, true, &ids, ";id=1;id=2", ";id=1;id=b"),
        (Path, "id", Matrix, true, &point, ";x=1;y=2", ";x=1"),
        (Query, "p", Form, true, &number, "p=5", "p=5&p=6"),
        (Query, "p", Form, true, &ids, "p=1&p=2", "p=1&p=b"),
        (Query, "p", Form, false, &ids, "p=1,2", "p=1"),
        (Query, "p", Form, true, &point, "x=1&y=2", "x=1&y=b"),
        (Query, "p", Form, false, &point, "p=x,1,y,2", "p=x,1"),
        (Query, "p", SpaceDelimited, false, &ids, "p=1%202", "p=1%20b"),
        (Query, "p", PipeDelimited, false, &ids, "p=1|2", "p=1%7Cb"),
        (Query, "p", DeepObject, true, &point, "p[x]=1&p%5By%5D=2", "p[x]=1"),
        (Query, "p", DeepObject, true, &ids, "p[]=1&p[]=2", "p[]=1&p[]=b"),
        (Query, "p", DeepObject, true, &ids, "p[0]=1&p=2", "p[x]=1&p[y]=2"),
        (Query, "p", DeepObject, true, &either, "p[x]=1&p[y]=2", "p[x]=1&p[y]=b"),
        (Query, "p", DeepObject, true, &either, "p=5", "p=b"),
        (Query, "p", DeepObject, true, &either, "p=5", "p=5&p=6"),
        (Query, "p", DeepObject, true, &either, "p=5", "p[x]=1&p[y]=2&p=5"),
        (Query, "p", DeepObject, true, &nest, "p[l]=1&p[l]=2", "p[l]=1&p[l]=b"),
        (Query, "p", DeepObject, true, &nest, "p[l][]=1&p[l][]=2", "p[l][]=b"),
        (Query, "p", DeepObject, true, &nest, "p[l][0]=1", "p[l][0]=b"),
        (Query, "p", DeepObject, true, &nest, "p[o][x]=1&p[o][y]=2", "p[o][x]=b"),
        (Query, "p", DeepObject, true, &nest, "p[o][x]=1", "p[o][x]=1&p[o][x]=2"),
        (Query, "p", DeepObject, true, &nest, "p[l]=1", "p[l]=1&p[l][0]=2"),
        (Query, "p", DeepObject, true, &points, "p[0][x]=1&p[0][y]=2&p[1][x]=1&p[1][y]=2", "p[0][x]=1&p[0][y]=b"),
        (Query, "p", Form, true, &either_list, "p=abc", "p=1&p=b"),
        (Query, "p", Form, true, &either_list, "p=1&p=2", "p=abcd"),
        (Query, "p", Form, false, &either_list, "p=1,22", "p=1,bb"),
        (Query, "p", Form, true, &maybe_list, "p=", "p=b"),
        (Query, "p", Form, true, &maybe_list, "p=null", "p=1&p=null"),
        (Query, "p", Form, true, &open, "x=1&z=2", "x=1&z=b"),
        (Header, "x-p", Simple, false, &either_list, "abc", "1,bb"),
        (Cookie, "p", Form, false, &maybe_list, "p=", "p=b"),
        (Path, "id", Simple, false, &either_list, "abc", "abcd"),
        (Query, "p", Form, false, &ids, "p=1%2C2", "p=1%2cb"),
        (Query, "p", Form, false, &point, "p=x%2C1%2cy%2C2", "p=x%2C1"),
        (Query, "p", Form, false, &words, "p=a%2Cb", "p=a"),
        (Header, "x-p", Simple, false, &number, "5", "5.5"),
        (Header, "x-p", Simple, false, &ids, "1, 2", "1, b"),
        (Header, "x-p", Simple, true, &point, "x=1,y=2", "x=1"),
        (Cookie, "p", Form, true, &number, "a=b; p=5", "p=b"),
        (Cookie, "p", Form, false, &ids, "p=1,2", "p=1"),
    ] {
        let of = |raw| head_failures(parameter(place, name, style, explode, schema.clone()), raw);
        assert_eq!(of(good), [], "{place:?} {style:?} {explode} {good}");
        assert_ne!(of(bad), [], "{place:?} {style:?} {explode} {bad}");
    }
}

#[test]
fn what_is_missing_or_written_twice_is_told() {
    let number = || parameter(Place::Query, "p", Style::Form, true, json!({"type": "integer"}));
    assert_eq!(head_failures(number(), ""), [Keyword::MissingParameter]);
    assert_eq!(head_failures(number(), "p=1&p=2"), [Keyword::Duplicate]);
    assert_eq!(head_failures(number(), "p=x"), [Keyword::Type]);
    let optional = Parameter { required: false, ..number() };
    assert_eq!(head_failures(optional, "q=1"), []);
}

#[test]
fn a_text_may_be_a_string_where_one_is_allowed() {
    let either = |raw| {
        let schema = json!({"anyOf": [{"type": "integer", "maximum": 9}, {"type": "string", "pattern": "^[0-9]{4}$"}]});
        head_failures(parameter(Place::Query, "p", Style::Form, true, schema), raw)
    };
    assert_eq!(either("p=5"), []);
    assert_eq!(either("p=2024"), []);
    assert_eq!(either("p=55"), [Keyword::AnyOf]);
}

#[test]
fn json_in_a_parameter_is_read_as_such() {
    let content = |raw| {
        let schema = json!({"type": "object", "required": ["a"]});
        let plain = parameter(Place::Query, "p", Style::Form, true, schema);
        head_failures(Parameter { content: Some("application/json".to_owned()), ..plain }, raw)
    };
    assert_eq!(content("p=%7B%22a%22%3A1%7D"), []);
    assert_eq!(content("p=%7B%22a%22%3A1%2C%22a%22%3A2%7D"), [Keyword::Malformed], "a key twice");
    assert_eq!(content("p=%7B%7D"), [Keyword::Required]);
    assert_eq!(content("p=x"), [Keyword::Malformed]);
}

#[test]
fn one_way_in_is_enough() {
    let key = Credential { place: Place::Header, name: "x-key".to_owned(), scheme: None };
    let bearer =
        Credential { place: Place::Header, name: "authorization".to_owned(), scheme: Some("bearer".to_owned()) };
    let security =
        vec![SecurityAlternative { credentials: vec![key] }, SecurityAlternative { credentials: vec![bearer] }];
    let compiled = compile(Operation { security, ..operation() });
    for (name, value, passes) in [
        ("x-key", "abc", true),
        ("authorization", "Bearer abc", true),
        ("authorization", "Basic abc", false),
        ("authorization", "Bearer ", false),
        ("x-other", "abc", false),
    ] {
        let head = Head::builder(b"POST", b"/x/1", None).header(name.as_bytes(), value.as_bytes()).build();
        let mut report = Report::default();
        compiled.check_head(&head, &[], &mut report);
        assert_eq!(report.failures.is_empty(), passes, "{name}: {value}");
    }
}

#[test]
fn what_is_not_declared_is_told_where_it_counts() {
    let undeclared = Undeclared { parameters: UndeclaredAction::Block, ..Undeclared::default() };
    let declared = parameter(Place::Query, "p", Style::Form, true, json!({"type": "integer"}));
    let compiled = compile(Operation { undeclared, parameters: vec![declared], ..operation() });
    let head = Head::builder(b"POST", b"/x/1", Some(b"p=1&q=2")).header(b"cookie", b"_a=1").build();
    let mut report = Report::default();
    compiled.check_head(&head, &[], &mut report);
    let told: Vec<String> = report.failures.iter().map(|failure| failure.location.to_string()).collect();
    assert_eq!(told, ["query.q"]);
    assert_eq!(report.facts.of(Place::Query, b"p"), Some(Fact::Pinned("integer")));
}

#[test]
fn a_cookie_is_known_only_when_all_of_its_name_were_seen() {
    let declared = parameter(Place::Cookie, "id", Style::Form, true, json!({"type": "integer"}));
    let compiled = compile(Operation { parameters: vec![declared], ..operation() });
    for (lines, failures) in [
        (&[&b"id=5; other=\xff"[..]][..], &[][..]),
        (&[b" id = 5 "], &[]),
        (&[b"id=5; id =' or 1=1--"], &[Keyword::Duplicate]),
        (&[b"id=5", b"id=' or 1=1--\xff"], &[Keyword::Duplicate]),
        (&[b"id=5\xff"], &[Keyword::Type]),
        (&[b"\xa0id=5; id=5; x=\xff"], &[]),
    ] {
        let head = Head::builder(b"POST", b"/x/1", None);
        let head = lines.iter().fold(head, |head, line| head.header(b"cookie", line)).build();
        let mut report = Report::default();
        compiled.check_head(&head, &[], &mut report);
        let told: Vec<Keyword> = report.failures.iter().map(|failure| failure.keyword).collect();
        assert_eq!(told, failures, "{lines:?}");
        let known = failures.is_empty().then_some(Fact::Pinned("integer"));
        assert_eq!(report.facts.of(Place::Cookie, b"id"), known, "{lines:?}");
    }
}

fn body(media_type: &str, schema: Value, encodings: Vec<Encoding>) -> CompiledOperation {
    let declared = BodySchema {
        unenforced: false,
        media_type: media_type.to_owned(),
        schema: Some(node(schema)),
        encodings,
        origin: Origin::default(),
    };
    compile(Operation { bodies: vec![declared], body_required: true, ..operation() })
}

/// Pushes a value as the JSON decoder would.
fn read_json(reader: &mut BodyReader, value: &Value, pointer: &str) {
    match value {
        Value::Object(members) => {
            reader.structure(Mark::Object);
            for (name, member) in members {
                let pointer = format!("{pointer}/{name}");
                reader.structure(Mark::Key);
                reader.leaf(&Leaf::name(Place::Body, pointer.as_bytes(), name.as_bytes()));
                read_json(reader, member, &pointer);
            }
            reader.structure(Mark::End);
        }
        Value::String(text) => {
            reader.structure(Mark::String);
            reader.leaf(&Leaf::value(Place::Body, pointer.as_bytes(), text.as_bytes()));
        }
        Value::Number(number) => {
            reader.structure(Mark::Number);
            reader.leaf(&Leaf::value(Place::Body, pointer.as_bytes(), number.to_string().as_bytes()));
        }
        _ => reader.structure(Mark::Null),
    }
}

#[test]
fn failures_of_a_body_have_their_location_and_nothing_of_the_value() {
    let schema = json!({
        "type": "object", "required": ["id", "name"], "additionalProperties": false,
        "properties": {"id": {"type": "integer"}, "name": {"type": "string", "maxLength": 5}},
    });
    let compiled = body("application/json", schema, Vec::new());
    let BodyCheck::Schema(declared) = compiled.body(Some(b"application/json; charset=utf-8")) else {
        panic!("declared")
    };
    let mut reader = compiled.reader(declared);
    read_json(&mut reader, &json!({"id": "s3cret-id", "name": "s3cret-name", "s3cret-key": 1}), "");
    let mut report = Report::default();
    compiled.check_body(declared, reader, &mut report);
    let mut told: Vec<_> = report.failures.iter().map(|one| (one.keyword, one.location.to_string())).collect();
    told.sort();
    assert_eq!(
        told,
        [
            (Keyword::Type, "body./id".to_owned()),
            (Keyword::MaxLength, "body./name".to_owned()),
            (Keyword::UndeclaredField, "body".to_owned()),
        ]
    );
    assert!(report.failures.iter().all(|failure| !failure.message.contains("s3cret")));
    assert!(
        report.failures.iter().any(|failure| &*failure.schema_pointer == "/properties/name/maxLength"),
        "{report:?}"
    );
}

#[test]
fn a_valid_body_pins_what_its_schema_pins() {
    let schema = json!({"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}});
    let compiled = body("application/json", schema, Vec::new());
    let BodyCheck::Schema(declared) = compiled.body(Some(b"application/json")) else { panic!("declared") };
    let mut reader = compiled.reader(declared);
    reader.structure(Mark::Object);
    let mut leaves = Vec::new();
    for (name, mark, value) in [("id", Mark::Number, "7"), ("name", Mark::String, "x"), ("more", Mark::String, "y")] {
        let pointer = format!("/{name}");
        reader.structure(Mark::Key);
        let key = reader.leaf(&Leaf::name(Place::Body, pointer.as_bytes(), name.as_bytes()));
        reader.structure(mark);
        let value = reader.leaf(&Leaf::value(Place::Body, pointer.as_bytes(), value.as_bytes()));
        leaves.push((key, value));
    }
    reader.structure(Mark::End);
    let mut report = Report::default();
    let checked = compiled.check_body(declared, reader, &mut report);
    assert!(report.failures.is_empty(), "{report:?}");
    let known: Vec<_> = leaves
        .iter()
        .map(|&(key, value)| (checked.fact(key, Aspect::Name).is_some(), checked.fact(value, Aspect::Value)))
        .collect();
    assert_eq!(known, [(true, Some(Fact::Pinned("integer"))), (true, None), (false, None)]);
}

fn read_form(pairs: &[(&str, &str)], place: Place, compiled: &CompiledOperation, media_type: &str) -> Vec<Keyword> {
    let BodyCheck::Schema(declared) = compiled.body(Some(media_type.as_bytes())) else { panic!("declared") };
    let mut reader = compiled.reader(declared);
    for (name, value) in pairs {
        reader.leaf(&Leaf::name(place, name.as_bytes(), name.as_bytes()));
        reader.leaf(&Leaf::value(place, name.as_bytes(), value.as_bytes()));
    }
    let mut report = Report::default();
    compiled.check_body(declared, reader, &mut report);
    report.failures.iter().map(|failure| failure.keyword).collect()
}

#[test]
fn fields_are_coerced_as_their_schema_says() {
    let schema = json!({
        "type": "object", "required": ["age"],
        "properties": {"age": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2}},
    });
    for (media_type, place) in
        [("application/x-www-form-urlencoded", Place::Form), ("multipart/form-data", Place::Part)]
    {
        let compiled = body(media_type, schema.clone(), Vec::new());
        let read = |pairs: &[(&str, &str)]| read_form(pairs, place, &compiled, media_type);
        assert_eq!(read(&[("age", "5"), ("tags", "a"), ("tags", "b")]), []);
        assert_eq!(read(&[("age", "x")]), [Keyword::Type]);
        assert_eq!(read(&[("tags", "a")]), [Keyword::Required]);
        assert_eq!(read(&[("age", "5"), ("age", "6")]), [Keyword::Duplicate]);
        assert_eq!(read(&[("age", "5"), ("tags", "a"), ("tags", "b"), ("tags", "c")]), [Keyword::MaxItems]);
    }
}

#[test]
fn names_of_fields_lead_into_values() {
    let schema = json!({
        "type": "object",
        "properties": {
            "to": {"anyOf": [{"type": "object", "required": ["zip"], "properties": {"zip": {"type": "integer"}}}, {"enum": [""]}]},
            "lines": {"type": "array", "maxItems": 2, "items": {
                "type": "object", "additionalProperties": false,
                "properties": {"n": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "boolean"}}}}},
        },
    });
    let deep = |property: &str| Encoding {
        property: property.to_owned(),
        content_types: Vec::new(),
        style: Some(Style::DeepObject),
        explode: Some(true),
        unenforced: false,
    };
    let compiled = body("application/x-www-form-urlencoded", schema, vec![deep("to"), deep("lines")]);
    let read = |pairs: &[(&str, &str)]| read_form(pairs, Place::Form, &compiled, "application/x-www-form-urlencoded");
    assert_eq!(read(&[("to[zip]", "5"), ("to[other][x]", "y"), ("unrelated[x]", "y")]), []);
    assert_eq!(read(&[("to", "")]), []);
    assert_eq!(read(&[("to[zip]", "x")]), [Keyword::AnyOf]);
    assert_eq!(read(&[("to[other]", "x")]), [Keyword::AnyOf]);
    assert_eq!(read(&[("to[zip]", "5"), ("to", "")]), [Keyword::Duplicate]);
    assert_eq!(read(&[("to[zip]", "5"), ("to[zip]", "6")]), [Keyword::Duplicate]);
    assert!(read(&[("to[zip]", "5"), ("to[zip][x]", "6")]).contains(&Keyword::Duplicate));
    assert_eq!(read(&[("lines[0][n]", "1"), ("lines[1][n]", "2"), ("lines[0][tags][]", "true")]), []);
    assert_eq!(read(&[("lines[][n]", "1"), ("lines[][n]", "2"), ("lines[][n]", "3")]), [Keyword::MaxItems]);
    assert_eq!(read(&[("lines[0][m]", "1")]), [Keyword::UndeclaredField]);
    assert_eq!(read(&[("lines[0][tags][0]", "1")]), [Keyword::Type]);
}

#[test]
fn an_undeclared_media_type_and_a_missing_body_are_told() {
    let compiled = body("application/json", json!({}), Vec::new());
    assert!(matches!(compiled.body(Some(b"text/plain")), BodyCheck::UndeclaredType(_, None)));
    assert!(matches!(compiled.body(None), BodyCheck::UndeclaredType(_, None)));
    assert!(matches!(compiled.body(Some(b"application/a+json")), BodyCheck::UndeclaredType(_, Some(_))));
    assert_eq!(compiled.missing_body().map(|failure| failure.keyword), Some(Keyword::MissingBody));
    let xml = body("application/xml", json!({"type": "object"}), Vec::new());
    assert!(matches!(xml.body(Some(b"application/xml")), BodyCheck::Unenforced));
}

#[test]
fn hostile_documents_under_hostile_schemas_end_in_the_budget() {
    let deep = (0..12).fold(json!({"type": "string"}), |inner, _| json!({"anyOf": [inner.clone(), {"not": inner}]}));
    for schema in [
        json!({"patternProperties": {"^(a+)+$": deep.clone()}, "additionalProperties": deep.clone()}),
        json!({"additionalProperties": {"anyOf": [deep.clone(), deep]}}),
    ] {
        let compiled = {
            let declared = BodySchema {
                unenforced: false,
                media_type: "application/json".to_owned(),
                schema: Some(node(schema)),
                encodings: Vec::new(),
                origin: Origin::default(),
            };
            let operation = Operation { bodies: vec![declared], ..operation() };
            CompiledOperation::compile_all(vec![operation], 10_000).expect("it compiles").remove(0)
        };
        let BodyCheck::Schema(declared) = compiled.body(Some(b"application/json")) else { panic!("declared") };
        let mut reader = compiled.reader(declared);
        let members: serde_json::Map<_, _> = (0..5000).map(|number| (format!("a{number}"), json!(number))).collect();
        read_json(&mut reader, &Value::Object(members), "");
        let mut report = Report::default();
        compiled.check_body(declared, reader, &mut report);
        assert!(report.out_of_budget);
    }
}

#[test]
fn an_unresolvable_reference_is_an_error_with_its_pointer() {
    let mut origin = Origin { file: "api.yaml".into(), line: Some(7), pointer: "/components/schemas/A".to_owned() };
    origin.line = Some(7);
    let schema =
        SchemaNode { document: Arc::new(json!({"$ref": "#/nowhere"})), pointer: String::new(), draft7: false, origin };
    let declared = BodySchema {
        unenforced: false,
        media_type: "application/json".to_owned(),
        schema: Some(schema),
        encodings: Vec::new(),
        origin: Origin::default(),
    };
    let error = CompiledOperation::compile_all(vec![Operation { bodies: vec![declared], ..operation() }], 1).err();
    let text = error.expect("it does not compile").to_string();
    assert!(text.starts_with("api.yaml:7: the schema at /components/schemas/A"), "{text}");
}

#[test]
fn a_part_that_is_json_has_each_key_once() {
    let schema = json!({"type": "object", "properties": {"o": {"type": "object"}, "n": {"type": "integer"}}});
    let compiled = body("multipart/form-data", schema, Vec::new());
    let read = |text: &str| read_form(&[("o", text), ("n", "5")], Place::Part, &compiled, "multipart/form-data");
    assert_eq!(read(r#"{"a": [1, 2.5, null, true], "b": {"c": "x"}}"#), []);
    assert!(read(r#"{"a": 1, "a": 2}"#).contains(&Keyword::Duplicate));
    assert!(read(r#"{"a": ["#).contains(&Keyword::Malformed));
}
