//! The layer in axum: at every place where a layer can stand, over real connections.

mod server;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Form, Json, MatchedPath, Multipart, Path, Query, Request};
use axum::middleware::{Next, from_fn};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::StatusCode;
use http_body_util::BodyExt;
use serde_json::json;
use tower::{Layer, ServiceBuilder, ServiceExt};
use tower_rasp::{Action, Mode, Rasp, RaspLayer, RequestContext};

use server::{ATTACK, ATTACK_ENCODED, Raw, http1, raw, request, text};

async fn start(app: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

#[derive(serde::Deserialize)]
struct Search {
    q: String,
}

fn routes() -> Router {
    Router::new()
        .route("/search", get(|Query(search): Query<Search>| async move { search.q }))
        .route("/form", post(|Form(search): Form<Search>| async move { search.q }))
        .route("/json", post(|Json(value): Json<serde_json::Value>| async move { value["q"].to_string() }))
        .route("/text", post(|text: String| async move { text }))
        .route("/upload", post(upload))
        .route(
            "/posts/{id}",
            get(|Path(id): Path<String>, Extension(context): Extension<Arc<RequestContext>>| async move {
                format!("{id} {:?} {:?}", context.route(), context.head().client())
            }),
        )
        .route("/events", get(|| async { Sse::new(events()) }))
        .route(
            "/ws",
            get(|upgrade: WebSocketUpgrade| async {
                upgrade.on_upgrade(|mut socket| async move {
                    while let Some(Ok(Message::Text(text))) = socket.recv().await {
                        let _ = socket.send(Message::Text(text)).await;
                    }
                })
            }),
        )
}

async fn upload(mut multipart: Multipart) -> Result<String, Response> {
    let mut bytes = 0;
    while let Some(mut field) = multipart.next_field().await.map_err(IntoResponse::into_response)? {
        while let Some(chunk) = field.chunk().await.map_err(IntoResponse::into_response)? {
            bytes += chunk.len();
        }
    }
    Ok(bytes.to_string())
}

fn events() -> impl futures_util::Stream<Item = Result<Event, std::convert::Infallible>> {
    let first = Event::default().data("first");
    futures_util::StreamExt::chain(
        futures_util::stream::iter([Ok(first)]),
        // The stream has no end.
        futures_util::stream::pending(),
    )
}

async fn check(name: &str, app: Router) {
    for (target, status) in [("/search?q=hello".to_owned(), 200), (format!("/search?q={ATTACK_ENCODED}"), 403)] {
        let response = app.clone().oneshot(Request::get(&target).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), status, "{name}: {target}");
    }
    for (value, status) in [("hello", 200), (ATTACK_ENCODED, 403)] {
        let ask = Request::post("/form").header("content-type", "application/x-www-form-urlencoded");
        let response = app.clone().oneshot(ask.body(Body::from(format!("q={value}"))).unwrap()).await.unwrap();
        assert_eq!(response.status(), status, "{name}: form {value}");
    }
}

async fn pass(request: Request, next: Next) -> Response {
    next.run(request).await
}

#[tokio::test]
async fn it_stands_at_every_place_of_a_router() {
    let rasp = Rasp::default();
    let boxed = || rasp.layer().axum();
    check("layer", routes().layer(RaspLayer::default())).await;
    check("layer, with axum's body", routes().layer(boxed())).await;
    check("route_layer", routes().route_layer(rasp.layer())).await;
    check("below from_fn", routes().layer(rasp.layer()).layer(from_fn(pass))).await;
    check("above from_fn", routes().layer(from_fn(pass)).layer(rasp.layer())).await;
    check("above from_fn, with axum's body", routes().layer(from_fn(pass)).layer(boxed())).await;
    check("in a ServiceBuilder", routes().layer(ServiceBuilder::new().layer(rasp.layer()))).await;
    check(
        "in a ServiceBuilder, above from_fn",
        routes().layer(ServiceBuilder::new().layer(boxed()).layer(from_fn(pass))),
    )
    .await;
    check(
        "in a ServiceBuilder, below from_fn",
        routes().layer(ServiceBuilder::new().layer(from_fn(pass)).layer(rasp.layer())),
    )
    .await;
    check("twice", routes().layer(rasp.layer()).layer(boxed())).await;
    check("in a nested router", Router::new().merge(routes().layer(rasp.layer())).layer(from_fn(pass))).await;
    check("as a fallback service", Router::new().fallback_service(boxed().layer(routes()))).await;
}

#[tokio::test]
async fn every_extractor_gets_its_bytes_and_no_attack() {
    let address = start(routes().layer(RaspLayer::default())).await;
    let part = |value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n{value}\r\n--b--\r\n");
    for (value, status) in [("a quiet note", 200), (ATTACK, 403)] {
        for (target, kind, body) in [
            ("/json", "application/json", json!({ "q": value }).to_string()),
            (
                "/form",
                "application/x-www-form-urlencoded",
                format!("q={}", value.replace(' ', "+").replace('\'', "%27")),
            ),
            ("/text", "text/plain", value.to_owned()),
            ("/upload", "multipart/form-data; boundary=b", part(value)),
        ] {
            let ask = request("POST", address, target).header("content-type", kind);
            let response = http1(address, ask.body(server::full(body)).unwrap()).await;
            assert_eq!(response.status(), status, "{target}: {value}");
        }
    }
}

#[tokio::test]
async fn the_route_and_the_client_are_known_and_the_target_is_the_original() {
    let nested = Router::new().nest("/blog", routes().layer(RaspLayer::default()));
    let address = start(nested).await;
    let get = |target: String| async move {
        let response = http1(address, request("GET", address, &target).body(server::empty()).unwrap()).await;
        (response.status(), text(response).await)
    };
    let (status, body) = get("/blog/posts/7".to_owned()).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, r#"7 Some("/blog/posts/{id}") Some(127.0.0.1)"#));
    let (status, _) = get(format!("/blog/posts/{ATTACK_ENCODED}")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_layer_in_a_nested_router_sees_the_whole_path() {
    let app = Router::new().nest(
        "/outer",
        Router::new()
            .route(
                "/inner",
                get(|Extension(context): Extension<Arc<RequestContext>>| async move {
                    String::from_utf8_lossy(context.head().path()).into_owned()
                }),
            )
            .layer(RaspLayer::default()),
    );
    let response = app.oneshot(Request::get("/outer/inner").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(text(response).await, "/outer/inner");
}

#[tokio::test]
async fn a_scan_for_unknown_paths_is_seen_by_a_layer_and_not_by_a_route_layer() {
    let scan = || Request::get(format!("/nothing?q={ATTACK_ENCODED}")).body(Body::empty()).unwrap();
    let seen = routes().layer(RaspLayer::default()).oneshot(scan()).await.unwrap();
    assert_eq!(seen.status(), StatusCode::FORBIDDEN);
    let unseen = routes().route_layer(RaspLayer::default()).oneshot(scan()).await.unwrap();
    assert_eq!(unseen.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_a_peer_the_client_is_unknown() {
    let ask = Request::get("/posts/7").header("x-forwarded-for", "6.6.6.6").body(Body::empty()).unwrap();
    let response = routes().layer(RaspLayer::default()).oneshot(ask).await.unwrap();
    assert!(text(response).await.ends_with("None"));
}

#[tokio::test]
async fn a_websocket_opens_and_speaks() {
    for app in [routes().layer(RaspLayer::default()), routes().layer(RaspLayer::default().axum())] {
        let address = start(app).await;
        let mut connection = Raw::connect(address).await;
        connection
            .send(
                "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            )
            .await;
        let answer = connection.until("\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 101") && answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{answer}");
        // A final text frame of two bytes, masked with zeros, and its echo.
        connection.send_bytes(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']).await;
        assert!(connection.until("hi").await.ends_with("\u{2}hi"));
    }
}

#[tokio::test]
async fn the_first_event_comes_although_the_stream_has_no_end() {
    for app in [routes().layer(RaspLayer::default()), routes().layer(RaspLayer::default().axum())] {
        let address = start(app).await;
        let mut response = http1(address, request("GET", address, "/events").body(server::empty()).unwrap()).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap(), "data: first\n\n");
    }
}

#[tokio::test]
async fn a_large_upload_streams_through() {
    let address = start(routes().layer(RaspLayer::default()).layer(DefaultBodyLimit::disable())).await;
    let value = "a line of an honest text file\n".repeat(100_000);
    let body =
        format!("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\n{value}\r\n--b--\r\n");
    let ask = request("POST", address, "/upload").header("content-type", "multipart/form-data; boundary=b");
    let response = http1(address, ask.body(server::full(body)).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response).await, value.len().to_string());
}

#[tokio::test]
async fn lengths_and_head_requests_are_as_without_the_layer() {
    let address = start(routes().layer(RaspLayer::default().axum())).await;
    let head = raw(address, "HEAD /search?q=hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(head.contains("content-length: 5") && head.ends_with("\r\n\r\n"), "{head}");
    let get = raw(address, "GET /search?q=hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(get.contains("content-length: 5") && get.ends_with("hello"), "{get}");
    let refused =
        |method: &str| format!("{method} /?q={ATTACK_ENCODED} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let length = |answer: &str| answer.lines().find(|line| line.starts_with("content-length")).map(str::to_owned);
    let (head, get) = (raw(address, &refused("HEAD")).await, raw(address, &refused("GET")).await);
    assert!(head.starts_with("HTTP/1.1 403") && head.ends_with("\r\n\r\n"), "{head}");
    assert_eq!(length(&head), length(&get));
}

#[tokio::test]
async fn messages_that_servers_read_differently_are_refused_or_told() {
    let at = async |paranoia: u8| {
        let rasp = Rasp::builder().config_text(format!("paranoia = {paranoia}")).build().unwrap();
        start(routes().layer(rasp.layer().axum())).await
    };
    // What alerts at the first level of paranoia is refused at the second.
    let addresses = [at(1).await, at(2).await];
    let multipart = |boundaries: &str| {
        let body = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n";
        let head = format!("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n", body.len());
        format!("{head}Content-Type: multipart/form-data; {boundaries}\r\n\r\n{body}")
    };
    let get = |target: &str, headers: &str| format!("GET {target} HTTP/1.1\r\n{headers}\r\n");
    let chunked =
        |coding: &str| format!("POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {coding}\r\n\r\n0\r\n\r\n");
    for (name, request, refused) in [
        ("one host", get("/search?q=a", "Host: x\r\n"), [false, false]),
        ("two hosts", get("/search?q=a", "Host: x\r\nHost: y\r\n"), [true, true]),
        ("the same host twice", get("/search?q=a", "Host: x\r\nHost: x\r\n"), [true, true]),
        ("no host", get("/search?q=a", ""), [false, true]),
        ("no host in HTTP/1.0", "GET /search?q=a HTTP/1.0\r\n\r\n".to_owned(), [false, false]),
        ("a target in absolute form", get("http://x:80/search?q=a", "Host: X\r\n"), [false, false]),
        ("a target unlike the host", get("http://y/search?q=a", "Host: x\r\n"), [false, true]),
        ("a coding below chunks", chunked("gzip, chunked"), [false, true]),
        ("chunks", chunked("chunked"), [false, false]),
        ("two types", get("/search?q=a", "Host: x\r\nContent-Type: text/a\r\nContent-Type: text/b\r\n"), [false, true]),
        (
            "one type twice",
            get("/search?q=a", "Host: x\r\nContent-Type: text/a\r\nContent-Type: Text/A; charset=utf-8\r\n"),
            [false, false],
        ),
        ("one boundary", multipart("boundary=b"), [false, false]),
        ("two boundaries", multipart("boundary=b; boundary=c"), [true, true]),
    ] {
        for (address, refused) in addresses.iter().zip(refused) {
            let answer = raw(*address, &request.replacen("\r\n", "\r\nConnection: close\r\n", 1)).await;
            assert_eq!(
                answer.starts_with("HTTP/1.1 403") || answer.starts_with("HTTP/1.0 403"),
                refused,
                "{name}: {answer}"
            );
        }
    }
}

#[tokio::test]
async fn a_handler_finds_the_head_verdict_and_the_response_the_final_one() {
    let app = Router::new()
        .route(
            "/",
            get(|Extension(context): Extension<Arc<RequestContext>>, path: MatchedPath| async move {
                format!("{} {:?}", path.as_str(), context.head_verdict().map(|verdict| verdict.action))
            }),
        )
        .layer(Rasp::builder().mode(Mode::Detect).build().unwrap().layer());
    let target = format!("/?q={ATTACK_ENCODED}");
    let response = app.oneshot(Request::get(target).body(Body::empty()).unwrap()).await.unwrap();
    let context = response.extensions().get::<Arc<RequestContext>>().unwrap().clone();
    assert_eq!(text(response).await, "/ Some(Alert)");
    let verdict = context.verdict().expect("the response is done");
    assert_eq!((verdict.action, verdict.verdict), (Action::Alert, Action::Block));
}

#[tokio::test]
async fn a_service_can_tell_a_refusal_from_a_broken_body_through_the_errors_of_axum() {
    let (sender, told) = tokio::sync::oneshot::channel();
    let sender = Arc::new(std::sync::Mutex::new(Some(sender)));
    let app = Router::new()
        .route(
            "/",
            post(move |body: Body| async move {
                let error = body.collect().await.expect_err("the attack is withheld");
                let blocked = tower_rasp::Blocked::find(&error).copied();
                sender.lock().unwrap().take().unwrap().send(blocked).unwrap();
            }),
        )
        .layer(RaspLayer::default().axum());
    let refused = app.oneshot(Request::post("/").body(Body::from(ATTACK)).unwrap()).await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let context = refused.extensions().get::<Arc<RequestContext>>().unwrap();
    assert_eq!(told.await.unwrap().unwrap().id(), context.id());
}

#[tokio::test]
async fn connect_info_counts_beside_our_own_extension() {
    let mut ask = Request::get("/posts/7").body(Body::empty()).unwrap();
    ask.extensions_mut().insert(ConnectInfo::<SocketAddr>("[::ffff:192.0.2.7]:80".parse().unwrap()));
    let response = routes().layer(RaspLayer::default()).oneshot(ask).await.unwrap();
    assert!(text(response).await.ends_with("Some(192.0.2.7)"));
}
