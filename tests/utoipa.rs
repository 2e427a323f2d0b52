//! A document that `utoipa` derives goes through the builder as it is, and is enforced.

#![cfg(feature = "schema")]

mod server;

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use serde::{Deserialize, Serialize};
use tower::{Layer, service_fn};
use tower_rasp::{Body, Rasp};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::{IntoParams, Modify, OpenApi, ToSchema};

use server::{empty, full, http1};

#[derive(Serialize, Deserialize, ToSchema)]
struct User {
    #[schema(min_length = 1, max_length = 8)]
    name: String,
    #[schema(maximum = 150)]
    age: u8,
    kind: Option<Kind>,
    tags: Vec<String>,
    #[schema(no_recursion)]
    friend: Option<Box<User>>,
    counts: std::collections::HashMap<String, i32>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Kind {
    SuperAdmin { level: i32 },
    Guest,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Filter {
    #[param(minimum = 1)]
    page: u32,
    ids: Option<Vec<i32>>,
}

#[utoipa::path(post, path = "/users", request_body = User, responses((status = 200)))]
#[expect(dead_code, reason = "only its description is looked at")]
fn create() {}

#[utoipa::path(get, path = "/users/{id}", params(("id" = u64, Path), Filter), responses((status = 200)),
    security(("key" = [])))]
#[expect(dead_code, reason = "only its description is looked at")]
fn show() {}

#[derive(OpenApi)]
#[openapi(paths(create, show), modifiers(&Key))]
struct Api;

struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("x-key")));
        document.components.get_or_insert_default().add_security_scheme("key", key);
    }
}

async fn server() -> SocketAddr {
    let rasp = Rasp::builder().openapi(&Api::openapi()).build().expect("a document");
    let echo = service_fn(|request: Request<Body<hyper::body::Incoming>>| async move {
        let read = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::new(read)))
    });
    server::serve(rasp.layer().layer(echo)).await
}

#[tokio::test]
async fn bodies_are_what_the_type_says() {
    let address = server().await;
    let user = r#""name": "Ada", "age": 36, "tags": ["x"], "counts": {"a": 1}"#;
    for (body, status) in [
        (format!("{{{user}}}"), 200),
        (format!(r#"{{{user}, "kind": null, "friend": null}}"#), 200),
        (format!(r#"{{{user}, "kind": {{"type": "guest"}}}}"#), 200),
        (format!(r#"{{{user}, "kind": {{"type": "superAdmin", "level": 3}}}}"#), 200),
        (format!(r#"{{{user}, "friend": {{{user}}}}}"#), 200),
        (format!(r#"{{{user}, "friend": {{"name": "Bob"}}}}"#), 422),
        (format!(r#"{{{user}, "kind": {{"type": "superAdmin"}}}}"#), 422),
        (format!(r#"{{{user}, "kind": {{"type": "root"}}}}"#), 422),
        (format!("{{{user}}}").replace("Ada", ""), 422),
        (format!("{{{user}}}").replace("36", "151"), 422),
        (format!("{{{user}}}").replace("[\"x\"]", "[1]"), 422),
        (format!("{{{user}}}").replace("{\"a\": 1}", "{\"a\": \"x\"}"), 422),
    ] {
        let request = server::request("POST", address, "/users").header("content-type", "application/json");
        let response = http1(address, request.body(full(body.clone())).expect("a request")).await;
        assert_eq!(response.status(), status, "{body}");
    }
}

#[tokio::test]
async fn parameters_and_credentials_are_asked_for() {
    let address = server().await;
    for (target, key, status) in [
        ("/users/1?page=1", true, 200),
        ("/users/1?page=1&ids=1&ids=2", true, 200),
        ("/users/1?page=1", false, 401),
        ("/users/1?page=0", true, 422),
        ("/users/1", true, 422),
        ("/users/1?page=1&ids=1&ids=x", true, 422),
        ("/users/x?page=1", true, 422),
        ("/users/-1?page=1", true, 422),
    ] {
        let request = server::request("GET", address, target);
        let request = if key { request.header("x-key", "1") } else { request };
        let response = http1(address, request.body(empty()).expect("a request")).await;
        assert_eq!(response.status(), status, "{target}");
    }
}
