//! The smallest hyper server with the layer, for HTTP/1.1 and h2c.
//!
//! `cargo run --example hyper`; `ADDR` overrides the address.

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::io::{IsTerminal, stderr};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt, service_fn};
use tower_rasp::{Body, PeerAddress, RaspLayer};

/// Answers with what it was sent.
async fn echo(request: Request<Body<Incoming>>) -> Result<Response<Full<Bytes>>, Infallible> {
    let target = request.uri().to_string();
    let (status, text) = match request.into_body().collect().await {
        Ok(body) => (StatusCode::OK, body.to_bytes()),
        Err(error) => (StatusCode::BAD_REQUEST, Bytes::from(error.to_string())),
    };
    let text = [target.as_bytes(), b"\n", &text, b"\n"].concat();
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    Ok(response)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(stderr).with_ansi(stderr().is_terminal()).compact().init();
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    println!("Listening on http://{}", listener.local_addr()?);

    let service = RaspLayer::default().layer(service_fn(echo));
    loop {
        let Ok((stream, peer)) = listener.accept().await else { continue };
        let service = service.clone().map_request(move |mut request: Request<Incoming>| {
            // The client's address, for signals; hyper itself does not tell it.
            request.extensions_mut().insert(PeerAddress(peer));
            request
        });
        tokio::spawn(async move {
            let service = TowerToHyperService::new(service);
            let server = auto::Builder::new(TokioExecutor::new());
            if let Err(error) = server.serve_connection_with_upgrades(TokioIo::new(stream), service).await {
                tracing::debug!("a connection broke off: {error}");
            }
        });
    }
}
