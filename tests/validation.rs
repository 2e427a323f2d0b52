//! Schemas at the edges of HTTP: hosts, gRPC, `Expect`, codings, several content types, modes and exclusions.

#![cfg(feature = "schema")]

mod server;

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use serde_json::json;
use tower::{Layer, service_fn};
use tower_rasp::{Body, Mode, Rasp, RaspBuilder, Undeclared};

use server::{Raw, empty, full, http1, http2, raw, serve, text};

const DOCUMENT: &str = "
openapi: 3.1.0
info: { title: t, version: '1' }
servers: [{ url: 'https://api.example.org/v1' }]
paths:
  /notes/{id}:
    put:
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
        - { name: x-tenant, in: header, schema: { type: integer } }
      requestBody:
        required: true
        content:
          application/json:
            schema: { type: object, properties: { title: { type: string, maxLength: 3 }, n: { type: integer } } }
          application/x-ndjson: { schema: { type: object, properties: { n: { type: integer } } } }
";

/// A service that answers what it read, behind this document and configuration.
async fn server_of(config: &str, change: impl FnOnce(RaspBuilder) -> RaspBuilder) -> SocketAddr {
    server_for(DOCUMENT, config, change).await
}

/// The same, behind another document.
async fn server_for(document: &str, config: &str, change: impl FnOnce(RaspBuilder) -> RaspBuilder) -> SocketAddr {
    let directory = std::env::temp_dir().join(format!("rasp-validation-{}-{:p}", std::process::id(), &config));
    std::fs::create_dir_all(&directory).expect("a directory");
    std::fs::write(directory.join("api.yaml"), document).expect("a document");
    std::fs::write(directory.join("rasp.toml"), config).expect("a configuration");
    let rasp = change(Rasp::builder().config_path(directory.join("rasp.toml"))).build().expect("it builds");
    std::fs::remove_dir_all(&directory).expect("ours to remove");
    let echo = service_fn(|request: Request<Body<hyper::body::Incoming>>| async move {
        let read = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Ok::<_, Infallible>(Response::new(Full::new(read)))
    });
    serve(rasp.layer().layer(echo)).await
}

async fn server(config: &str) -> SocketAddr {
    server_of(config, |builder| builder).await
}

const API: &str = "[[schema]]\nopenapi = \"api.yaml\"\n";

/// Puts a note; answers the status.
async fn put(address: SocketAddr, headers: &[(&str, &str)], body: &str) -> u16 {
    let request = headers
        .iter()
        .fold(server::request("PUT", address, "/v1/notes/7"), |request, (name, value)| request.header(*name, *value));
    http1(address, request.body(full(body.to_owned())).expect("a request")).await.status().as_u16()
}

/// Puts a note for a host, and no other; answers all that comes back.
async fn put_for(address: SocketAddr, host: &str, body: &str) -> String {
    let length = body.len();
    let request = format!(
        "PUT /v1/notes/7 HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    raw(address, &request).await
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn a_host_that_no_server_names_is_refused() {
    let address = server(&format!("{API}undeclared = {{ hosts = \"block\" }}\n")).await;
    for (host, status) in [
        ("api.example.org", "200"),
        ("API.example.org:443", "200"),
        ("api.example.org:", "200"),
        ("evil.example", "422"),
        ("api.example.org:1x", "422"),
        ("api.example.org:1:evil", "422"),
    ] {
        let answer = put_for(address, host, "{}").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {answer}");
        assert_eq!(answer.contains("undeclared_host"), status == "422", "{answer}");
    }
}

#[tokio::test]
async fn the_strict_preset_holds_for_the_host_that_a_server_names() {
    let address = server(&format!("{API}undeclared = \"strict\"\n")).await;
    for (host, body, told) in [
        ("api.example.org", r#"{"n": 1}"#, None),
        ("api.example.org", r#"{"other": 1}"#, Some("undeclared_field")),
        ("evil.example", r#"{"n": 1}"#, Some("undeclared_host")),
    ] {
        let answer = put_for(address, host, body).await;
        assert_eq!(answer.starts_with("HTTP/1.1 200"), told.is_none(), "{host}: {answer}");
        assert!(told.is_none_or(|told| answer.contains(told)), "{host}: {answer}");
    }
}

#[tokio::test]
async fn the_target_and_the_header_must_both_name_a_declared_host() {
    let address = server(&format!("{API}undeclared = {{ hosts = \"block\" }}\n")).await;
    for (target, host, status) in [
        ("api.example.org", "api.example.org", "200"),
        ("api.example.org", "evil.example", "422"),
        ("evil.example", "api.example.org", "422"),
    ] {
        let request = format!(
            "PUT http://{target}/v1/notes/7 HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
        );
        let answer = raw(address, &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{target}, {host}: {answer}");
    }
}

const ESCAPED: &str = "
openapi: 3.1.0
info: { title: t, version: '1' }
paths:
  /café/{id}: { get: &get { parameters: [{ name: id, in: path, required: true, schema: { type: integer } }] } }
  /a b/{id}.json: { get: *get }
  /enc/caf%C3%A9/{id}: { get: *get }
  /x/me/{id}: { get: *get }
  /x/{user}/{id}: { get: *get }
";

/// An escape and what it stands for are one (RFC 3986, section 6.2.2), unless some server would route them apart.
#[tokio::test]
async fn text_of_a_path_is_compared_whatever_is_escaped_in_it() {
    let address = server_for(ESCAPED, API, |builder| builder).await;
    for (target, told) in [
        ("/caf%C3%A9/7", "200"),
        ("/caf%C3%A9/x", "path.id"),
        ("/a%20b/7.json", "200"),
        ("/a%20b/7%2ejson", "200"),
        ("/a%20b/x%2ejson", "path.id"),
        ("/enc/caf%C3%A9/7", "200"),
        ("/enc/caf%C3%A9/x", "path.id"),
        ("/enc/caf%c3%a9/x", "path.id"),
        ("/%65nc/caf%C3%A9/x", "path.id"),
        ("/enc/café/x", "path.id"),
        ("/x/me/x", "path.id"),
        ("/x/%6de/7", "ambiguous_path"),
        ("/enc%2Fcaf%C3%A9/7", "ambiguous_path"),
    ] {
        let answer = raw(address, &format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        assert!(answer.contains(told), "{target}: {answer}");
    }
}

const UPLOADS: &str = "
openapi: 3.1.0
info: { title: t, version: '1' }
paths:
  /raw: { post: { requestBody: { required: true, content: { application/octet-stream: { schema: { type: string, format: binary } } } } } }
  /image: { post: { requestBody: { content: { image/*: { schema: { type: string } } } } } }
  /file: { post: { requestBody: { content: { multipart/form-data: { schema: { $ref: '#/components/schemas/File' } } } } } }
  /free: { post: { requestBody: { content: { multipart/form-data: { schema: {} } } } } }
  /both: { post: { requestBody: { content: { multipart/form-data: { schema: { type: object, properties: { file: {}, title: { type: string, maxLength: 3 } } } } } } } }
  /short: { post: { requestBody: { content: { text/plain: { schema: { type: string, maxLength: 3 } } } } } }
components:
  schemas:
    Bytes: { type: string, format: binary, description: a file }
    File: { type: object, required: [file], properties: { file: { $ref: '#/components/schemas/Bytes' }, more: { type: array, items: { $ref: '#/components/schemas/Bytes' } } } }
";

/// 300 KiB, past what is held by default.
const LARGE: usize = 300 << 10;

#[tokio::test]
async fn a_body_of_which_nothing_is_asked_may_be_large() {
    let address = server_for(UPLOADS, API, |builder| builder).await;
    let large = "x".repeat(LARGE);
    let part = |name: &str, text: &str| {
        format!(
            "--b\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a\"\r\ncontent-type: application/octet-stream\r\n\r\n{text}\r\n--b--\r\n"
        )
    };
    const MULTIPART: &str = "multipart/form-data; boundary=b";
    for (path, content_type, body, status) in [
        ("/raw", "application/octet-stream", large.clone(), 200),
        ("/raw", "text/plain", large.clone(), 415),
        ("/raw", "application/octet-stream", String::new(), 200),
        ("/image", "image/png", large.clone(), 200),
        ("/image", "video/mp4", large.clone(), 415),
        ("/file", MULTIPART, part("file", &large), 200),
        ("/file", MULTIPART, part("file", "x"), 200),
        ("/file", MULTIPART, part("other", "x"), 422),
        ("/free", MULTIPART, part("file", &large), 200),
        ("/both", MULTIPART, part("file", &large), 413),
        ("/both", MULTIPART, part("file", "x"), 200),
        ("/both", MULTIPART, part("title", "long"), 422),
        ("/short", "text/plain", large.clone(), 413),
        ("/short", "text/plain", "abc".to_owned(), 200),
    ] {
        let length = body.len();
        let request = server::request("POST", address, path).header("content-type", content_type);
        let response = http1(address, request.body(full(body)).expect("a request")).await;
        assert_eq!(response.status(), status, "{path}, {content_type}, {length} bytes");
    }
}

const KNOWN: &str = "
openapi: 3.1.0
info: { title: t, version: '1' }
paths:
  /sql/{q}: { get: { parameters: [{ name: q, in: path, required: true, schema: { type: string, x-rasp-content: sql } }] } }
  /free/{q}: { get: { parameters: [{ name: q, in: path, required: true, schema: { type: string } }] } }
  /pin/{word}/{q}: { get: { parameters: [
    { name: word, in: path, required: true, schema: { enum: [__proto__, a] } }, { name: q, in: path, required: true, schema: { type: string } }] } }
";

#[tokio::test]
async fn the_whole_path_is_not_refused_for_what_a_parameter_may_hold() {
    let address = server_for(KNOWN, API, |builder| builder).await;
    let select = "1%20UNION%20SELECT%20password%20FROM%20users";
    for (target, status) in [
        (format!("/sql/{select}"), "200"),
        (format!("/free/{select}"), "403"),
        ("/sql/..%2f..%2f..%2fetc%2fpasswd".to_owned(), "403"),
        ("/sql/%3Cscript%3Ealert(1)%3C%2Fscript%3E".to_owned(), "403"),
        ("/pin/__proto__/a".to_owned(), "200"),
        ("/pin/b/a".to_owned(), "422"),
        (format!("/pin/a/{select}"), "403"),
        (format!("/pin/__proto__/{select}"), "403"),
    ] {
        let answer = raw(address, &format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{target}: {answer}");
    }
}

#[test]
fn templates_that_differ_in_names_alone_are_one_in_a_document() {
    let document =
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {'/a/{x}': {get: {}}, '/a/{y}': {post: {}}}\n";
    let path = std::env::temp_dir().join(format!("rasp-identical-{}.yaml", std::process::id()));
    std::fs::write(&path, document).expect("it is written");
    let error = Rasp::builder().openapi_path(&path).build().expect_err("one path").to_string();
    std::fs::remove_file(path).expect("it was written");
    assert!(error.contains("fits the same paths as"), "{error}");
}

#[tokio::test]
async fn grpc_is_told_an_invalid_argument_in_its_headers() {
    let schema = json!({ "type": "integer" });
    let address =
        server_of("", |builder| builder.json_schema_at(Method::POST, "/s/M", "header.x-tenant", schema)).await;
    for (tenant, grpc) in [("7", None), ("seven", Some("3"))] {
        let request = server::request("POST", address, "/s/M").header("content-type", "application/grpc");
        let response = http2(address, request.header("x-tenant", tenant).body(empty()).expect("a request")).await;
        assert_eq!(response.status(), 200);
        let status = response.headers().get("grpc-status").map(|value| value.to_str().expect("text").to_owned());
        assert_eq!(status.as_deref(), grpc);
        assert_eq!(text(response).await, "");
    }
}

fn announced(target: &str) -> String {
    format!(
        "PUT {target} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 11\r\nexpect: 100-continue\r\n\r\n"
    )
}

#[tokio::test]
async fn what_is_wrong_with_the_head_is_answered_before_the_body_is_asked_for() {
    let address = server(API).await;
    let mut bad = Raw::connect(address).await;
    bad.send(&announced("/v1/notes/x")).await;
    let answer = bad.until("path.id").await;
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    // The service reads, so the client is asked for the body, and then that is judged.
    for (body, status) in [("{\"n\": 1234}", "HTTP/1.1 200"), ("{\"n\": \"ab\"}", "HTTP/1.1 422")] {
        let mut good = Raw::connect(address).await;
        good.send(&announced("/v1/notes/7")).await;
        assert!(good.until("\r\n\r\n").await.starts_with("HTTP/1.1 100"));
        good.send(body).await;
        let answer = good.until("\r\n\r\n").await;
        assert!(answer.starts_with(status), "{answer}");
    }
}

#[tokio::test]
async fn a_route_may_say_otherwise_about_what_is_undeclared() {
    let body = r#"{"other": 1}"#;
    let fields = format!("{API}undeclared = {{ fields = \"block\" }}\n");
    let route = "[[route]]\nroute = \"/v1/notes/{note}\"\n";
    let milder = server(&format!("{fields}{route}undeclared = {{ fields = \"pass\" }}\n")).await;
    assert_eq!(put(milder, &[JSON], body).await, 200);
    let stricter = server(&format!("{API}{route}undeclared = {{ fields = \"block\" }}\n")).await;
    assert_eq!(put(stricter, &[JSON], body).await, 422);
}

#[tokio::test]
async fn modes_and_exclusions_hold_for_rules_of_schemas() {
    let (long, both) = (r#"{"title": "too long"}"#, r#"{"title": "too long", "n": "x"}"#);
    let exclusion = |rule: &str, location: &str, route: &str| {
        format!(
            "[[exclusion]]\nrule = \"{rule}\"\nlocation = \"{location}\"\nroute = \"{route}\"\nreason = \"old clients\"\n"
        )
    };
    for (name, config, of_long, of_both) in [
        ("as it is", String::new(), 422, 422),
        ("a category", "[category]\nschema = \"detect\"\n".to_owned(), 200, 200),
        ("a rule", "[rule_mode]\n\"schema.max_length\" = \"off\"\n".to_owned(), 200, 422),
        ("a place", exclusion("schema.*", "body./title", "/v1/notes/{id}"), 200, 422),
        ("all places", exclusion("schema.*", "body./*", "/v1/notes/{id}"), 200, 200),
        ("another place", exclusion("schema.*", "body./n", "/v1/notes/{id}"), 422, 422),
        ("another route", exclusion("schema.*", "body./*", "/v1/other"), 422, 422),
    ] {
        let address = server(&format!("{config}{API}")).await;
        assert_eq!(put(address, &[JSON], long).await, of_long, "{name}");
        assert_eq!(put(address, &[JSON], both).await, of_both, "{name}");
    }
}

#[tokio::test]
async fn a_request_of_two_content_types_is_refused_whichever_comes_first() {
    let address = server(API).await;
    let ndjson = ("content-type", "application/x-ndjson");
    for headers in [[JSON, ndjson], [ndjson, JSON], [JSON, JSON]] {
        assert_eq!(put(address, &headers, "{}").await, 422, "{headers:?}");
    }
    assert_eq!(put(address, &[JSON], "{}").await, 200);
}

#[tokio::test]
async fn what_cannot_be_enforced_follows_the_policy_of_completeness() {
    let ndjson = ("content-type", "application/x-ndjson");
    let listed = ("content-type", "application/json, application/x-ndjson");
    let gzip = ("content-encoding", "gzip");
    let identity = ("content-encoding", "identity");
    for (action, status) in [("block", 403), ("alert", 200), ("pass", 200)] {
        let config = format!(
            "[completeness]\nunenforced_schema = \"{action}\"\ndisabled_decoder = \"pass\"\nundecodable = \"pass\"\n{API}"
        );
        let address = server(&config).await;
        assert_eq!(put(address, &[JSON], "{}").await, 200);
        assert_eq!(put(address, &[JSON, identity], "{}").await, 200);
        // What could be validated and was not made so is refused, whatever the policy of completeness.
        assert_eq!(put(address, &[JSON, gzip], "{}").await, 415, "a coding, {action}");
        assert_eq!(put(address, &[ndjson], "{}\n{}").await, status, "no reader, {action}");
        assert_eq!(put(address, &[listed], "{}").await, 415, "a list of types, {action}");
    }
}

#[test]
fn a_word_is_an_attack_too() {
    let findings = |schema: serde_json::Value, value: &str| {
        let rasp = Rasp::builder().json_schema(Method::POST, "/x", json!({ "properties": { "name": schema } }));
        let rasp = rasp.mode(Mode::Detect).build().expect("it builds");
        let request = Request::post("/x").header("content-type", "application/json");
        let verdict = rasp.inspect(&request.body(json!({ "name": value }).to_string().into()).expect("a request"));
        assert!(verdict.findings.iter().all(|one| one.finding.validation.is_none()), "{value} is valid");
        let mut rules: Vec<String> = verdict.findings.iter().map(|one| one.finding.rule.id.clone()).collect();
        rules.sort();
        rules
    };
    let mut found = 0;
    for value in [
        "__proto__",
        "constructor",
        "constructor.prototype.x",
        "rO0ABXNyABFqYXZh",
        "sqlmap",
        "..",
        "169.254.169.254",
        "x",
    ] {
        let free = findings(json!({ "type": "string" }), value);
        found += free.len();
        assert_eq!(findings(json!({ "type": "string", "pattern": "^[\\w.]+$" }), value), free, "{value}");
    }
    assert!(found > 0, "`__proto__` is one");
    assert!(findings(json!({ "enum": ["__proto__"] }), "__proto__").is_empty(), "the schema says it itself");
}

#[test]
fn schemas_are_given_in_code_for_one_location_or_as_a_file() {
    let error = |builder: RaspBuilder| builder.build().expect_err("an error").to_string();
    let get = |location| Rasp::builder().json_schema_at(Method::GET, "/x", location, json!({ "type": "integer" }));
    assert_eq!(
        error(get("query.*")),
        "json_schema_at(GET, /x, query.*): `query.*` is no location that one schema can speak of; say `body`, or one parameter: `query.page`, `header.x-tenant`, `cookie.sid`, `path.id`"
    );
    let rasp = get("query.page").build().expect("it builds");
    let is_refused = |rasp: &Rasp, target: &str| {
        rasp.inspect(&Request::get(target).body(Bytes::new()).expect("a request")).is_block()
    };
    assert!(is_refused(&rasp, "/x?page=x") && !is_refused(&rasp, "/x?page=1"));
    assert_eq!(error(Rasp::builder().openapi_path("tests/none.yaml")), "tests/none.yaml: there is no such file");
    assert_eq!(
        error(Rasp::builder().openapi_path("tests/data/openapi/broken.yaml")),
        "tests/data/openapi/broken.yaml:9: /paths/~1a/get/parameters/0/schema: `$ref` to `#/components/schemas/Nowhere` leads nowhere"
    );
    let rasp = Rasp::builder().openapi_path("tests/data/config/hostless.yaml").build().expect("it builds");
    assert!(is_refused(&rasp, "/api/notes?page=x") && !is_refused(&rasp, "/api/notes?page=1"));
}

#[tokio::test]
async fn what_code_does_not_declare_is_refused_as_code_says() {
    let note = json!({ "type": "object", "properties": { "title": { "type": "string", "maxLength": 3 } } });
    let address = server_of("", |builder| {
        builder.json_schema(Method::PUT, "/v1/notes/{id}", note).undeclared(Undeclared::strict())
    })
    .await;
    assert_eq!(put(address, &[JSON], r#"{"title":"a"}"#).await, 200);
    assert_eq!(put(address, &[JSON], r#"{"title":"a","other":1}"#).await, 422);
    assert_eq!(put(address, &[("content-type", "application/a+json")], r#"{"title":"a"}"#).await, 415);
}

#[test]
fn what_code_says_and_nobody_can_enforce_is_an_error_where_it_is_asked_for() {
    let looks_around = json!({ "type": "string", "pattern": "^(?=.*a)b" });
    let builder = || Rasp::builder().json_schema(Method::PUT, "/notes", looks_around.clone());
    assert!(builder().build().is_ok());
    let error = builder().unsupported_is_error().build().expect_err("it looks around").to_string();
    assert!(error.contains("/pattern: ") && error.contains("`unsupported`"), "{error}");
    let no_parameter = Rasp::builder().json_schema_at(Method::GET, "/notes/{id}", "path.nope", json!({})).build();
    let error = no_parameter.expect_err("it has none").to_string();
    assert!(error.contains("`/notes/{id}` has no parameter `nope`"), "{error}");
}
