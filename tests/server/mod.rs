//! What the end-to-end tests share: real servers on loopback, and clients that see every byte.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{Service, ServiceExt};
use tower_rasp::PeerAddress;

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub type Boxed = BoxBody<Bytes, BoxError>;

/// As it would stand in a URL.
pub const ATTACK_ENCODED: &str = "1%27%20UNION%20SELECT%20password%20FROM%20users--";
pub const ATTACK: &str = "1' UNION SELECT password FROM users--";

pub fn full(text: impl Into<Bytes>) -> Boxed {
    Full::new(text.into()).map_err(|never| match never {}).boxed()
}

pub fn empty() -> Boxed {
    Empty::new().map_err(|never| match never {}).boxed()
}

/// Serves HTTP/1.1 and h2c on a free port of loopback, for as long as the test runs.
pub async fn serve<S, R>(service: S) -> SocketAddr
where
    S: Service<Request<Incoming>, Response = Response<R>, Error: Into<BoxError>, Future: Send>,
    S: Clone + Send + 'static,
    R: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let service = service.clone().map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(PeerAddress(peer));
                request
            });
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                // A reset stream is what some tests ask for.
                let _ = server
                    .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service))
                    .await;
            });
        }
    });
    address
}

/// A connection on which the test writes and reads bytes.
pub struct Raw(TcpStream);

impl Raw {
    pub async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.expect("a connection"))
    }

    pub async fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes()).await;
    }

    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("the server reads");
    }

    /// Reads until the text has come; answers all that came.
    pub async fn until(&mut self, end: &str) -> String {
        let mut read = Vec::new();
        let done = async {
            let mut buffer = [0; 4096];
            while !String::from_utf8_lossy(&read).contains(end) {
                match self.0.read(&mut buffer).await {
                    Ok(count) if count > 0 => read.extend_from_slice(&buffer[..count]),
                    _ => break,
                }
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(10), done).await;
        let text = String::from_utf8_lossy(&read).into_owned();
        assert!(ended.is_ok() && text.contains(end), "no {end:?} in {text:?}");
        text
    }

    /// Reads until the server closes.
    pub async fn rest(&mut self) -> String {
        let mut read = Vec::new();
        let done = self.0.read_to_end(&mut read);
        // A reset is an end too.
        let ended = tokio::time::timeout(Duration::from_secs(10), done).await;
        assert!(ended.is_ok(), "the connection stays open after {:?}", String::from_utf8_lossy(&read));
        String::from_utf8_lossy(&read).into_owned()
    }
}

/// One request on a connection of its own, HTTP/1.1 by its bytes; answers all that comes back.
pub async fn raw(address: SocketAddr, request: &str) -> String {
    let mut connection = Raw::connect(address).await;
    connection.send(request).await;
    connection.rest().await
}

/// One request by hyper's HTTP/1.1 client.
pub async fn http1(address: SocketAddr, request: Request<Boxed>) -> Response<Incoming> {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender.send_request(request).await.expect("a response")
}

/// One request by hyper's HTTP/2 client, without TLS.
pub async fn http2(address: SocketAddr, request: Request<Boxed>) -> Response<Incoming> {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender.send_request(request).await.expect("a response")
}

/// A request for a path of the server.
pub fn request(method: &str, address: SocketAddr, target: &str) -> http::request::Builder {
    Request::builder().method(method).uri(format!("http://{address}{target}")).header("host", address.to_string())
}

pub async fn text<B>(response: Response<B>) -> String
where
    B: http_body::Body<Data = Bytes, Error: std::fmt::Debug>,
{
    let bytes = response.into_body().collect().await.expect("a whole body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}
