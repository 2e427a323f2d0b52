use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::schema::{CompiledOperation, Style};

fn openapi(text: &str) -> Source {
    Source {
        kind: SourceKind::OpenApi(Text::Written("api.yaml".into(), text.into())),
        undeclared: None,
        unsupported_is_error: false,
        origin: Origin::default(),
    }
}

fn contract(text: &str) -> Contract {
    let contract = read(&[openapi(text)]).unwrap_or_else(|error| panic!("{error}"));
    CompiledOperation::compile_all(contract.operations.clone(), 1_000).unwrap_or_else(|error| panic!("{error}"));
    contract
}

const SHOP: &str = include_str!("../../../tests/data/openapi/shop.yaml");

#[test]
fn a_document_gives_its_operations() {
    let contract = contract(SHOP);
    let told: Vec<String> =
        contract.operations.iter().map(|operation| format!("{} {}", operation.method, operation.template)).collect();
    assert_eq!(
        told,
        [
            "GET /v1/items",
            "POST /v1/items",
            "GET /v1/items/{itemId}",
            "PUT /v1/items/{itemId}",
            "POST /v1/items/{itemId}/photo",
            "POST /v1/login",
        ]
    );
    let list = &contract.operations[0];
    let styles: Vec<(&str, Style, bool, bool)> = list
        .parameters
        .iter()
        .map(|parameter| (parameter.name.as_str(), parameter.style, parameter.explode, parameter.required))
        .collect();
    assert_eq!(
        styles,
        [
            ("x-request-id", Style::Simple, false, true),
            ("page", Style::Form, true, false),
            ("tags", Style::PipeDelimited, false, false),
            ("filter", Style::DeepObject, true, false),
        ]
    );
    assert_eq!(list.security.len(), 2);
    assert!(contract.operations[5].security.is_empty());
    assert_eq!(contract.hosts, ["shop.example"]);
    let reasons: Vec<&str> = contract.unenforced.iter().map(|one| one.origin.pointer.as_str()).collect();
    assert_eq!(
        reasons,
        ["/components/schemas/Item/properties/sku/pattern", "/paths/~1items/post/requestBody/content/application~1xml"]
    );
    assert!(contract.unenforced.iter().all(|one| one.origin.line.is_some()), "{:?}", contract.unenforced);
}

#[test]
fn what_is_only_the_servers_is_not_asked_of_a_request() {
    let contract = contract(SHOP);
    let schema = contract.operations[1].bodies[0].schema.as_ref().expect("it has one");
    let item = schema.document.pointer("/components/schemas/Item").expect("it is there");
    assert_eq!(item["required"], json!(["name", "price"]));
    assert_eq!(item["properties"]["price"]["exclusiveMinimum"], json!(0));
    assert_eq!(item["properties"]["note"]["type"], json!(["string", "null"]));
}

#[test]
fn bad_documents_are_refused_with_their_place() {
    let head = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\n";
    for (rest, expected) in [
        (
            "paths:\n  /a:\n    get:\n      parameters:\n        - {name: p, in: query, schema: {$ref: '#/nowhere'}}\n",
            "api.yaml:7: /paths/~1a/get/parameters/0/schema: `$ref` to `#/nowhere` leads nowhere",
        ),
        (
            "paths:\n  /a:\n    get:\n      parameters:\n        - {name: p, in: query, schema: {$ref: 'http://other/x'}}\n",
            "leads out of the document; bundle",
        ),
        (
            "paths:\n  /a:\n    get:\n      parameters:\n        - name: p\n          in: query\n          schema:\n            pattern: '('\n",
            "api.yaml:10: /paths/~1a/get/parameters/0/schema/pattern: is no pattern of ECMA-262",
        ),
        (
            "components:\n  schemas:\n    A:\n      $ref: '#/components/schemas/B'\n    B:\n      allOf:\n        - $ref: '#/components/schemas/A'\n",
            "refers to itself without a step",
        ),
        (
            "paths:\n  /a/{x}: {get: {}}\n  /a/{y}: {get: {}}\n",
            "api.yaml:5: /paths/~1a~1{y}/get: the template /a/{y} collides with /a/{x} of api.yaml:4",
        ),
        (
            "paths:\n  /a:\n    get:\n      parameters:\n        - {name: p, in: query, schema: {type: strin}}\n",
            "is no schema",
        ),
        (
            "paths:\n  /a:\n    get:\n      parameters:\n        - {name: p, in: query, style: matrix}\n",
            "`matrix` is no style of this place",
        ),
        (
            "paths:\n  /a:\n    get:\n      security: [{key: []}]\n",
            "names the security scheme `key`, which is not declared",
        ),
        ("paths: [\n", "api.yaml:"),
        (
            "paths:\n  /a:\n    get:\n      parameters:\n        - {name: p, in: query, schema: {$ref: '#/paths'}}\n",
            "/paths/~1a/get/parameters/0/schema: `$ref` to `#/paths` leads to what is no schema",
        ),
        (
            "components:\n  responses:\n    R: {description: x}\n  schemas:\n    A: {$ref: '#/components/responses/R'}\n",
            "api.yaml:7: /components/schemas/A: `$ref` to `#/components/responses/R` leads to what is no schema",
        ),
        (
            "components:\n  schemas:\n    A: {$schema: 'http://json-schema.org/draft-04/schema#'}\n",
            "/components/schemas/A/$schema: `http://json-schema.org/draft-04/schema#` is no dialect that is read here",
        ),
        (
            "components:\n  schemas:\n    A: {oneOf: [{$ref: '#/components/schemas/B'}], discriminator: {propertyName: k, mapping: {b: Nowhere}}}\n    B: {}\n",
            "/components/schemas/A/discriminator/mapping/b: names the schema `Nowhere`, which does not exist",
        ),
    ] {
        let error = read(&[openapi(&format!("{head}{rest}"))])
            .and_then(|contract| CompiledOperation::compile_all(contract.operations, 1_000).map(drop));
        let text = error.expect_err(rest).to_string();
        assert!(text.contains(expected), "{text}\nand not {expected}");
    }
    for (text, expected) in [
        ("openapi: 2.9.0\n", "/openapi: is of a version that is not read here"),
        ("info: {}\n", "/openapi: is no OpenAPI document of version 3"),
        ("info: {}\nswagger: '2.0'\n", "api.yaml:2: /swagger: is a document of Swagger 2.0"),
    ] {
        let error = read(&[openapi(text)]).expect_err(text).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn what_requests_refer_to_is_read_wherever_it_stands() {
    let contract = contract(
        r##"
openapi: 3.1
paths:
  /a/{x}.{y}:
    post:
      parameters: [{ name: z, in: path, required: true, schema: {} }]
      requestBody:
        content:
          "*/*": { schema: { $ref: "#/x-shapes/A" } }
          application/x-ndjson: { schema: { type: object } }
      responses: { 200: { content: { application/json: { schema: { pattern: "(?=a)" } } } } }
x-shapes:
  A:
    type: object
    properties: { b: { $ref: "#here" }, c: { $dynamicRef: "#here" } }
    $defs: { b: { $dynamicAnchor: here, type: string } }
"##,
    );
    let operation = &contract.operations[0];
    assert!(operation.parameters.is_empty());
    let bodies: Vec<(&str, bool)> =
        operation.bodies.iter().map(|body| (body.media_type.as_str(), !body.unenforced)).collect();
    assert_eq!(
        bodies,
        [
            ("application/json", true),
            ("application/x-www-form-urlencoded", true),
            ("multipart/form-data", true),
            ("*/*", true),
            ("application/x-ndjson", false),
        ]
    );
    let reasons: Vec<&str> = contract.unenforced.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(reasons, ["`z` is no parameter of this path", "a body of this media type is not validated",]);
}

#[test]
fn names_lead_where_they_stand_and_once() {
    contract(
        r##"
openapi: 3.1.0
paths:
  /a:
    post:
      requestBody: { content: { application/json: { schema: { $ref: "https://x.example/a.json" } } } }
components:
  schemas:
    B: { $ref: "#/components/schemas/A/$defs/b" }
    A:
      $id: https://x.example/a.json
      properties: { b: { $ref: "#/$defs/b" }, c: { $ref: "a.json#there" } }
      $defs: { b: { $anchor: there, type: string } }
"##,
    );
}

#[test]
fn circles_through_values_are_no_circles() {
    contract(
        "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths:\n  /tree:\n    post:\n      requestBody:\n        content:\n          application/json:\n            schema: {$ref: '#/components/schemas/Tree'}\ncomponents:\n  schemas:\n    Tree:\n      type: object\n      properties:\n        children: {type: array, items: {$ref: '#/components/schemas/Tree'}}\n",
    );
}

fn single(location: SchemaLocation, schema: serde_json::Value) -> Source {
    let text = Text::Value("inline".into(), Arc::new(schema));
    let kind = SourceKind::Schema { text, route: "/notes".to_owned(), methods: vec!["POST".to_owned()], location };
    Source { kind, undeclared: None, unsupported_is_error: false, origin: Origin::default() }
}

#[test]
fn two_sources_of_one_operation_are_merged_or_refused() {
    let page = || SchemaLocation::Parameter(Place::Query, "page".to_owned());
    let body = || single(SchemaLocation::Body, json!({"type": "object"}));
    let merged = read(&[body(), single(page(), json!({"type": "integer"}))]).expect("they agree");
    assert_eq!(merged.operations.len(), 1);
    assert_eq!((merged.operations[0].parameters.len(), merged.operations[0].bodies.len()), (1, 1));
    assert!(read(&[body(), body()]).is_ok());
    let error = read(&[body(), single(SchemaLocation::Body, json!({"type": "array"}))]).expect_err("they do not agree");
    assert!(error.to_string().contains("says of the application/json body something else"), "{error}");
}

#[test]
fn what_cannot_be_enforced_may_be_an_error() {
    let source = Source { unsupported_is_error: true, ..single(SchemaLocation::Body, json!({"pattern": "^(?=a)b"})) };
    let error = read(&[source]).expect_err("it looks ahead");
    assert!(error.to_string().contains("/pattern: the pattern looks around"), "{error}");
}

#[test]
fn json_and_yaml_are_read_alike() {
    let yaml = Document::of(&Text::Written("a.yaml".into(), "a: [1, two, null, true, 1.5]\n200: {b: 'x'}\n".into()))
        .expect("yaml");
    let text: Arc<str> = r#"{"a": [1, "two", null, true, 1.5], "200": {"b": "x"}}"#.into();
    let json = Document::of(&Text::Written("a.json".into(), text)).expect("json");
    assert_eq!(yaml.value, json.value);
    assert_eq!(yaml.origin("/200/b").line, Some(2));
}

fn schema(text: &str) -> Result<Contract, crate::build_error::BuildError> {
    let text = Text::Written("s.json".into(), text.into());
    let kind = SourceKind::Schema {
        text,
        route: "/notes".to_owned(),
        methods: vec!["POST".to_owned()],
        location: SchemaLocation::Body,
    };
    let contract = read(&[Source { kind, undeclared: None, unsupported_is_error: false, origin: Origin::default() }])?;
    CompiledOperation::compile_all(contract.operations.clone(), 1_000)?;
    Ok(contract)
}

#[test]
fn a_circle_is_told_however_it_is_written() {
    for circle in [
        r##"{"$ref": "#"}"##,
        r##"{"anyOf": [{"type": "integer"}, {"$ref": "#"}]}"##,
        r##"{"$anchor": "a", "$ref": "#a"}"##,
        r##"{"$id": "urn:a", "$ref": "urn:a"}"##,
        r##"{"$id": "urn:a", "allOf": [{"$id": "urn:b", "$ref": "urn:a"}]}"##,
        r##"{"$ref": "urn:a", "$defs": {"a": {"$id": "urn:a", "$ref": "urn:a#"}}}"##,
        r##"{"$dynamicAnchor": "a", "$dynamicRef": "#a"}"##,
        r##"{"$recursiveAnchor": true, "anyOf": [{"$recursiveRef": "#"}]}"##,
        r##"{"dependentSchemas": {"a/b": {"$ref": "#"}}}"##,
        r##"{"dependencies": {"a": {"not": {"$ref": "#"}}, "b": ["a"]}}"##,
    ] {
        let error = schema(circle).expect_err(circle).to_string();
        assert!(error.contains("refers to itself without a step"), "{circle}: {error}");
    }
    for progress in [
        r##"{"properties": {"next": {"$ref": "#"}}}"##,
        r##"{"$anchor": "a", "items": {"$ref": "#a"}}"##,
        r##"{"$id": "urn:a", "items": {"$ref": "urn:a"}}"##,
        r##"{"$dynamicAnchor": "a", "additionalProperties": {"$dynamicRef": "#a"}}"##,
        r##"{"$recursiveAnchor": true, "items": {"$recursiveRef": "#"}}"##,
        r##"{"dependencies": {"a": ["b"]}}"##,
    ] {
        assert!(schema(progress).is_ok(), "{progress}");
    }
}

#[test]
fn what_cannot_be_enforced_refuses_nothing_that_is_valid() {
    // Each takes any string, for its pattern cannot be enforced.
    let contract = contract(
        r##"
openapi: 3.0.3
paths:
  /a:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                one: { oneOf: [{ $ref: "#/components/schemas/Code" }, { type: string, maxLength: 3 }] }
                both: { anyOf: [{}], oneOf: [{ $ref: "#/components/schemas/Code" }, { type: string }] }
                not: { not: { allOf: [{ $ref: "#/components/schemas/Code" }] } }
                again: { $ref: "#/paths/~1a/post/requestBody/content/application~1json/schema/properties/one/oneOf/1" }
components: { schemas: { Code: { type: string, pattern: "^(?=x)" } } }
"##,
    );
    let schema = contract.operations[0].bodies[0].schema.as_ref().and_then(|node| node.value()).expect("it has one");
    let properties = &schema["properties"];
    assert_eq!(properties["one"]["anyOf"][1], json!({"type": "string", "maxLength": 3}));
    assert_eq!(properties["both"]["allOf"][0]["anyOf"][1], json!({"type": "string"}));
    assert!(properties["not"].get("not").is_none());
    let again = properties["again"]["$ref"].as_str().expect("a reference");
    assert!(again.ends_with("/properties/one/anyOf/1"), "{again}");
    let reasons: Vec<&str> = contract.unenforced.iter().map(|one| one.origin.pointer.as_str()).collect();
    assert_eq!(reasons, ["/components/schemas/Code/pattern"]);
}

#[test]
fn null_beside_anything_is_null() {
    let contract = contract(
        r##"
openapi: 3.0.3
paths:
  /a:
    post:
      requestBody:
        content:
          application/json:
            schema:
              required: [all]
              properties:
                all: { nullable: true, readOnly: true, allOf: [{ $ref: "#/components/schemas/A" }] }
                beside: { $ref: "#/components/schemas/A", nullable: true }
                deep: { $ref: "#/paths/~1a/post/requestBody/content/application~1json/schema/properties/all/allOf/0" }
                word: { type: string, enum: [a], nullable: true }
components: { schemas: { A: { type: integer } } }
"##,
    );
    let schema = contract.operations[0].bodies[0].schema.as_ref().and_then(|node| node.value()).expect("it has one");
    let a = json!({"$ref": "#/components/schemas/A"});
    let properties = &schema["properties"];
    assert_eq!(schema["required"], json!([]));
    assert_eq!(properties["all"]["anyOf"], json!([{"allOf": [a]}, {"type": "null"}]));
    assert_eq!(properties["beside"]["anyOf"], json!([a, {"type": "null"}]));
    assert_eq!(properties["word"], json!({"type": ["string", "null"], "enum": ["a"]}));
    assert!(properties["deep"]["$ref"].as_str().is_some_and(|it| it.ends_with("/properties/all/anyOf/0/allOf/0")));
}

/// Each small document loads, or is refused with this.
#[test]
fn what_documents_hold_is_read_or_refused_with_its_place() {
    let rows = include_str!("../../../tests/data/openapi/small.txt");
    let mut wrong = Vec::new();
    for row in rows.split("\n==== ").skip(1) {
        let (title, text) = row.split_once('\n').expect("a title and a document");
        let (name, expected) = title.split_once(" | ").unwrap_or((title, ""));
        let contract = read(&[openapi(text)]);
        let told = contract.and_then(|contract| {
            let told: Vec<String> =
                contract.unenforced.iter().map(|one| format!("{}: {}", one.origin.pointer, one.reason)).collect();
            crate::schema::Schemas::compile(contract, 1_000).map(|_| told.join("; "))
        });
        let told = told.unwrap_or_else(|error| format!("error: {error}"));
        if !(told.is_empty() && expected.is_empty() || !expected.is_empty() && told.contains(expected)) {
            wrong.push(format!("{name}: {told}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Documents in the manner of large public ones: operations, and what of them is not enforced.
#[test]
fn whole_documents_load() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/openapi/");
    for (name, operations, unenforced) in [
        ("billing.yaml", 8, &[][..]),
        ("chat.yaml", 8, &[]),
        ("cloud.yaml", 8, &[]),
        (
            "cluster.json",
            7,
            &[
                "/paths/~1api~1v1~1namespaces~1{namespace}~1pods~1{name}/patch/requestBody/content/application~1apply-patch+yaml",
            ],
        ),
        ("codehost.yaml", 28, &[]),
        (
            "dialect.yaml",
            7,
            &[
                "/components/schemas/List/properties/first/$dynamicRef",
                "/components/schemas/List/properties/rest/items/$dynamicRef",
            ],
        ),
        ("forge.yaml", 11, &[]),
        ("modern.yaml", 8, &[]),
        (
            "objects.json",
            14,
            &[
                "/components/securitySchemes/mutual",
                "/paths/~1buckets/post/requestBody/content/application~1xml",
                "/paths/~1buckets~1{bucket}~1related/post/requestBody/content/application~1x-ndjson",
                "/paths/~1buckets~1{bucket}~1related/post/requestBody/content/multipart~1mixed",
                "/paths/~1buckets~1{bucket}~1upload/post/requestBody/content/multipart~1form-data/encoding/avatar/headers",
            ],
        ),
        (
            "payments.json",
            8,
            &[
                "/paths/~1v1~1payouts/post/requestBody/content/application~1json/schema/properties/statement_descriptor/pattern",
            ],
        ),
        (
            "quirks.yaml",
            4,
            &["/paths/~1regex/get/parameters/3/schema/pattern", "/paths/~1regex/get/parameters/4/schema/pattern"],
        ),
        ("search.yaml", 4, &[]),
        (
            "store.yaml",
            12,
            &[
                "/components/requestBodies/Pet/content/application~1xml",
                "/paths/~1store~1order/post/requestBody/content/application~1xml",
            ],
        ),
        ("styles.yaml", 8, &[]),
        ("talk.yaml", 6, &[]),
        ("uploads.yaml", 4, &[]),
    ] {
        let text = std::fs::read_to_string(format!("{folder}{name}")).expect("a document");
        let contract = contract(&text);
        assert_eq!(contract.operations.len(), operations, "{name}");
        let told: Vec<&str> = contract.unenforced.iter().map(|one| one.origin.pointer.as_str()).collect();
        assert_eq!(told, unenforced, "{name}");
        assert!(contract.unenforced.iter().all(|one| one.origin.line.is_some_and(|line| line > 1)), "{name}");
        let bodies = contract.operations.iter().flat_map(|operation| &operation.bodies);
        let mut passed_over =
            bodies.filter(|body| told.contains(&body.origin.pointer.as_str()) && body.schema.is_none());
        assert!(passed_over.all(|body| body.unenforced), "{name}: a request that meets it must be incomplete");
    }
}

const WHOLE: [&str; 8] = [
    include_str!("../../../tests/data/openapi/chat.yaml"),
    include_str!("../../../tests/data/openapi/cluster.json"),
    include_str!("../../../tests/data/openapi/codehost.yaml"),
    include_str!("../../../tests/data/openapi/modern.yaml"),
    include_str!("../../../tests/data/openapi/objects.json"),
    include_str!("../../../tests/data/openapi/payments.json"),
    include_str!("../../../tests/data/openapi/quirks.yaml"),
    include_str!("../../../tests/data/openapi/styles.yaml"),
];

/// The nodes of a document, in its order.
fn nodes(value: &serde_json::Value, pointer: String, found: &mut Vec<String>) {
    use serde_json::Value;
    match value {
        Value::Array(elements) => {
            elements
                .iter()
                .enumerate()
                .for_each(|(index, element)| nodes(element, format!("{pointer}/{index}"), found));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| nodes(member, format!("{pointer}/{}", escape(name)), found));
        }
        _ => {}
    }
    found.push(pointer);
}

/// Takes a node away, puts another in its place, or moves one into it.
fn mutate(value: &mut serde_json::Value, pointers: &[String], at: usize, from: usize, how: usize) {
    let (at, from) = (&pointers[at % pointers.len()], &pointers[from % pointers.len()]);
    let other = match how {
        0 => value.pointer(from).cloned().unwrap_or_default(),
        1 => json!(null),
        2 => json!([]),
        3 => json!({}),
        4 => json!("x"),
        5 => json!(-1),
        6 => json!({ "$ref": format!("#{from}") }),
        7 => json!({ "$ref": format!("#{at}") }),
        8 => json!([{ "allOf": [{ "$ref": format!("#{at}") }] }]),
        _ => {
            let Some((parent, name)) = at.rsplit_once('/') else { return };
            match value.pointer_mut(parent) {
                Some(serde_json::Value::Object(members)) => drop(members.remove(name)),
                Some(serde_json::Value::Array(elements)) => drop(elements.pop()),
                _ => {}
            }
            return;
        }
    };
    if let Some(slot) = value.pointer_mut(at) {
        *slot = other;
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(96))]

    #[test]
    fn a_document_that_was_damaged_loads_or_says_where(
        which in 0..WHOLE.len(),
        steps in proptest::collection::vec((proptest::prelude::any::<usize>(), proptest::prelude::any::<usize>(), 0..10_usize), 1..4),
    ) {
        let written = Text::Written("whole.yaml".into(), WHOLE[which].into());
        let mut value = Document::of(&written).expect("it loads").value;
        for (at, from, how) in steps {
            let mut pointers = Vec::new();
            nodes(&value, String::new(), &mut pointers);
            mutate(&mut value, &pointers, at, from, how);
        }
        let kind = SourceKind::OpenApi(Text::Value("damaged".into(), Arc::new(value)));
        let source = Source { kind, undeclared: None, unsupported_is_error: false, origin: Origin::default() };
        let loaded = read(&[source]).and_then(|contract| crate::schema::Schemas::compile(contract, 1_000));
        if let Err(error) = loaded {
            let told = error.to_string();
            proptest::prop_assert!(told.contains('/') || told.contains("the document"), "{told}");
        }
    }
}

#[test]
fn hostile_documents_are_refused_before_they_cost_much() {
    let schemas = |of: &dyn Fn(usize) -> String, last: usize| {
        let members: Vec<String> = (0..last).map(|at| format!("\"A{at}\": {}", of(at + 1))).collect();
        format!(
            "{{\"openapi\": \"3.1.0\", \"paths\": {{}}, \"components\": {{\"schemas\": {{{}, \"A{last}\": {{}}}}}}}}",
            members.join(", ")
        )
    };
    let reference = |to: usize| format!("{{\"$ref\": \"#/components/schemas/A{to}\"}}");
    let bomb: String = ('b'..='j').fold("x: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned(), |text, name| {
        let before = char::from(name as u8 - 1);
        let aliases = vec![format!("*{before}"); 10].join(",");
        format!("{text}{name}: &{name} [{aliases}]\n")
    });
    let paths: Vec<String> = (0..60_000).map(|at| format!("\"/a{at}\":{{}}")).collect();
    let parameters = vec!["{name: a, in: query}"; 1_001].join(",");
    for (name, text, expected) in [
        ("references", schemas(&reference, 10_000), "refers on through more than 64 schemas"),
        ("combinations", schemas(&|to| format!("{{\"allOf\": [{}]}}", reference(to)), 2_000), "refers on through more"),
        (
            "doubled combinations",
            schemas(&|to| format!("{{\"allOf\": [{0}, {0}]}}", reference(to)), 28),
            "looks at one value more than 20000 times",
        ),
        ("aliases", bomb, "cannot be read"),
        (
            "paths",
            format!("{{\"openapi\": \"3.0.0\", \"paths\": {{{}}}}}", paths.join(",")),
            "more than 50000 operations",
        ),
        ("depth", format!("openapi: 3.0.0\nx: {}{}\n", "[".repeat(10_000), "]".repeat(10_000)), "cannot be read"),
        (
            "parameters",
            format!("openapi: 3.0.0\npaths: {{/a: {{get: {{parameters: [{parameters}]}}}}}}\n"),
            "are more than 1000",
        ),
        (
            "a circle of names",
            r##"{"openapi": "3.1.0", "components": {"schemas": {"A": {"$id": "urn:a", "$ref": "urn:a"}}}}"##.to_owned(),
            "refers to itself without a step",
        ),
    ] {
        let told = read(&[openapi(&text)]).map(drop).expect_err(name).to_string();
        assert!(told.contains(expected), "{name}: {told}");
    }
}

#[test]
fn two_sources_that_write_a_value_differently_are_refused() {
    let document = |parameter: &str| {
        openapi(&format!(
            "openapi: 3.1.0\npaths:\n  /a:\n    get:\n      parameters: [{{ name: q, in: query, schema: {{ type: array }}, {parameter} }}]\n"
        ))
    };
    assert!(read(&[document("explode: true"), document("style: form")]).is_ok());
    for other in ["explode: false", "style: pipeDelimited, explode: true", "allowEmptyValue: true"] {
        let error = read(&[document("explode: true"), document(other)]).expect_err(other).to_string();
        assert!(error.contains("says of the parameter q something else"), "{other}: {error}");
    }
}
