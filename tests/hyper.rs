//! The layer on a plain hyper server, over real connections.

mod server;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tower::{Layer, service_fn};
use tower_rasp::{Body, Mode, Rasp, RaspLayer, RequestContext};

use server::{ATTACK, ATTACK_ENCODED, Boxed, Raw, empty, full, http1, http2, raw, request, serve, text};

/// A body that another task writes.
fn channel() -> (mpsc::Sender<Result<Frame<Bytes>, server::BoxError>>, Boxed) {
    let (sender, mut receiver) = mpsc::channel(8);
    let stream = futures_util::stream::poll_fn(move |cx| receiver.poll_recv(cx));
    (sender, BodyExt::boxed(StreamBody::new(stream)))
}

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([(http::HeaderName::from_static("x-sum"), HeaderValue::from_static("abc"))])
}

/// Paths that behave in the ways that layers trip over.
async fn handle(request: Request<Body<Incoming>>) -> Result<Response<Boxed>, Infallible> {
    let path = request.uri().path().to_owned();
    Ok(match path.as_str() {
        "/read" => match request.into_body().collect().await {
            Ok(body) => {
                let sum = body.trailers().and_then(|trailers| trailers.get("x-sum")).cloned();
                let mut response = Response::new(full(body.to_bytes()));
                response.headers_mut().extend(sum.map(|sum| (http::HeaderName::from_static("x-got-sum"), sum)));
                response
            }
            // What a careless service does.
            Err(_) => Response::new(full("swallowed")),
        },
        "/length" => Response::new(full(format!("{:?}", request.body().size_hint().exact()))),
        "/unauthorized" => {
            let mut response = Response::new(full("who are you?"));
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            response
        }
        "/client" => {
            let context = request.extensions().get::<Arc<RequestContext>>().unwrap();
            Response::new(full(format!("{:?}", context.head().client())))
        }
        "/stream" => {
            let (sender, body) = channel();
            tokio::spawn(async move {
                let _ = sender.send(Ok(Frame::data(Bytes::from_static(b"first")))).await;
                let read = request.into_body().collect().await;
                let last = if read.is_ok() { "last" } else { "swallowed" };
                let _ = sender.send(Ok(Frame::data(Bytes::from_static(last.as_bytes())))).await;
                let _ = sender.send(Ok(Frame::trailers(trailers()))).await;
            });
            Response::new(body)
        }
        "/upgrade" => {
            tokio::spawn(async move {
                let mut stream = TokioIo::new(hyper::upgrade::on(request).await.unwrap());
                let mut line = [0; 5];
                stream.read_exact(&mut line).await.unwrap();
                stream.write_all(&line).await.unwrap();
            });
            let response = Response::builder().status(101).header("upgrade", "echo").header("connection", "upgrade");
            response.body(empty()).unwrap()
        }
        _ => Response::new(full("ok")),
    })
}

async fn start(layer: RaspLayer) -> SocketAddr {
    serve(layer.layer(service_fn(handle))).await
}

async fn start_default() -> SocketAddr {
    start(RaspLayer::default()).await
}

#[tokio::test]
async fn http1_a_request_is_served_and_an_attack_refused() {
    let address = start_default().await;
    let ask =
        |target: String| async move { http1(address, request("GET", address, &target).body(empty()).unwrap()).await };
    let served = ask("/search?q=the+union+of+select+friends".to_owned()).await;
    assert_eq!(served.status(), StatusCode::OK);
    assert_eq!(text(served).await, "ok");
    let refused = ask(format!("/search?q={ATTACK_ENCODED}")).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(refused.headers()["cache-control"], "no-store");
    assert!(text(refused).await.contains("Incident: "));
}

#[tokio::test]
async fn http2_a_request_is_served_and_an_attack_refused() {
    let address = start_default().await;
    for (target, status) in [("/search?q=hello".to_owned(), 200), (format!("/search?q={ATTACK_ENCODED}"), 403)] {
        let response = http2(address, request("GET", address, &target).body(empty()).unwrap()).await;
        assert_eq!(response.status(), status, "{target}");
    }
}

#[tokio::test]
async fn bodies_of_every_kind_are_served_and_their_attacks_refused() {
    let address = start_default().await;
    let multipart =
        |value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n{value}\r\n--b--\r\n");
    type Write<'a> = &'a dyn Fn(&str) -> String;
    let kinds: [(&str, Write<'_>); 4] = [
        ("application/json", &|value| format!(r#"{{"title":"{value}","n":1}}"#)),
        ("application/x-www-form-urlencoded", &|value| {
            format!("title={}&n=1", value.replace(' ', "+").replace('\'', "%27"))
        }),
        ("multipart/form-data; boundary=b", &|value| multipart(value)),
        ("text/plain", &|value| value.to_owned()),
    ];
    for (kind, write) in kinds {
        for (value, status) in [("a quiet note, isn't it", 200), (ATTACK, 403)] {
            let ask = request("POST", address, "/read").header("content-type", kind);
            let response = http1(address, ask.body(full(write(value))).unwrap()).await;
            assert_eq!(response.status(), status, "{kind}: {value}");
            if status == 200 {
                assert_eq!(text(response).await, write(value), "{kind}: the bytes are unchanged");
            }
        }
    }
}

#[tokio::test]
async fn in_detect_mode_an_attack_is_served() {
    let address = start(Rasp::builder().mode(Mode::Detect).build().unwrap().layer()).await;
    let ask = request("POST", address, &format!("/read?q={ATTACK_ENCODED}"));
    let response = http1(address, ask.body(full(ATTACK)).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response).await, ATTACK);
}

#[tokio::test]
async fn an_expected_continue_is_not_given_to_an_attack_in_the_head() {
    let address = start_default().await;
    let head = |target: &str| {
        format!(
            "POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
    };
    let refused = raw(address, &head(&format!("/read?q={ATTACK_ENCODED}"))).await;
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");

    let unread = raw(address, &head("/unauthorized")).await;
    assert!(unread.starts_with("HTTP/1.1 401"), "a service that does not read asks for no body: {unread}");

    let mut connection = Raw::connect(address).await;
    connection.send(&head("/read")).await;
    connection.until("100 Continue\r\n\r\n").await;
    connection.send("hello").await;
    let served = connection.rest().await;
    assert!(served.starts_with("HTTP/1.1 200") && served.ends_with("hello"), "{served}");
}

#[tokio::test]
async fn an_upload_is_refused_before_its_end() {
    let address = start_default().await;
    let mut connection = Raw::connect(address).await;
    let head = "POST /read HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    connection.send(&format!("{head}Content-Length: 1000000\r\n\r\nq={ATTACK_ENCODED}&rest=")).await;
    let refused = connection.until("\r\n\r\n").await;
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
}

#[tokio::test]
async fn a_head_request_has_no_body_served_or_refused_and_the_connection_lives_on() {
    let address = start_default().await;
    let mut connection = Raw::connect(address).await;
    for (target, status) in [(format!("/?q={ATTACK_ENCODED}"), 403), ("/".to_owned(), 200), ("/".to_owned(), 200)] {
        connection.send(&format!("HEAD {target} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        let answer = connection.until("\r\n\r\n").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn the_length_of_a_body_stays_visible() {
    let address = start_default().await;
    let response = http1(address, request("POST", address, "/length").body(full("12345")).unwrap()).await;
    assert_eq!(response.headers()["content-length"], "7", "and of the response too");
    assert_eq!(text(response).await, "Some(5)");
}

#[tokio::test]
async fn trailers_pass_both_ways() {
    let address = start_default().await;
    let (sender, body) = channel();
    sender.send(Ok(Frame::data(Bytes::from_static(b"hello")))).await.unwrap();
    sender.send(Ok(Frame::trailers(trailers()))).await.unwrap();
    drop(sender);
    let response = http2(address, request("POST", address, "/read").body(body).unwrap()).await;
    assert_eq!(response.headers()["x-got-sum"], "abc");
    assert_eq!(text(response).await, "hello");

    let response = http2(address, request("GET", address, "/stream").body(empty()).unwrap()).await;
    let collected = response.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["x-sum"], "abc");

    let chunked = "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\nConnection: close\r\n\r\n\
                   5\r\nhello\r\n0\r\nx-sum: abc\r\n\r\n";
    assert!(raw(address, chunked).await.contains("x-got-sum: abc"));
}

#[tokio::test]
async fn the_first_bytes_of_a_stream_come_before_its_end() {
    let address = start_default().await;
    let (sender, body) = channel();
    let mut response = http2(address, request("POST", address, "/stream").body(body).unwrap()).await;
    assert_eq!(response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap(), "first");
    drop(sender);
    assert!(text(response).await.ends_with("last"));
}

#[tokio::test]
async fn a_refusal_after_the_response_has_begun_resets_the_stream() {
    let address = start_default().await;
    let form = "application/x-www-form-urlencoded";
    let (sender, body) = channel();
    let ask = request("POST", address, "/stream").header("content-type", form);
    let mut response = http2(address, ask.body(body).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap(), "first");
    sender.send(Ok(Frame::data(Bytes::from(format!("q={ATTACK_ENCODED}&"))))).await.unwrap();
    assert!(response.body_mut().frame().await.unwrap().is_err());

    let mut connection = Raw::connect(address).await;
    connection
        .send(&format!("POST /stream HTTP/1.1\r\nHost: x\r\nContent-Type: {form}\r\nContent-Length: 999\r\n\r\n"))
        .await;
    connection.until("first").await;
    connection.send(&format!("q={ATTACK_ENCODED}&")).await;
    let rest = connection.rest().await;
    assert!(!rest.contains("swallowed") && !rest.contains("0\r\n\r\n"), "the response has no end: {rest}");
}

#[tokio::test]
async fn an_upgrade_goes_through() {
    let address = start_default().await;
    let mut connection = Raw::connect(address).await;
    connection.send("GET /upgrade HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n").await;
    assert!(connection.until("\r\n\r\n").await.starts_with("HTTP/1.1 101"));
    connection.send("hello").await;
    assert_eq!(connection.until("hello").await, "hello");
}

#[tokio::test]
async fn grpc_is_refused_by_its_own_status() {
    let address = start_default().await;
    let ask =
        request("POST", address, &format!("/a.B/C?q={ATTACK_ENCODED}")).header("content-type", "application/grpc");
    let response = http2(address, ask.body(empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["grpc-status"], "7");
}

#[tokio::test]
async fn the_client_is_the_peer() {
    let address = start_default().await;
    let ask = request("GET", address, "/client").header("x-forwarded-for", "6.6.6.6");
    assert_eq!(text(http1(address, ask.body(empty()).unwrap()).await).await, "Some(127.0.0.1)");
}

#[tokio::test]
async fn a_broken_upload_ends_the_request_and_nothing_else() {
    let address = start_default().await;
    let mut connection = Raw::connect(address).await;
    connection.send("POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf").await;
    drop(connection);
    let response = http1(address, request("GET", address, "/").body(empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
}
