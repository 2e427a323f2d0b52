//! A request's head in the core's words.

use std::net::SocketAddr;
use std::time::SystemTime;

use http::{Extensions, Request, Uri, Version};

use super::client_address::{self, PeerAddress};
use crate::config::ClientSettings;
use crate::input::Head;

/// Reads the head of a request. The time of the request is now.
pub(super) fn read<B>(request: &Request<B>, clients: &ClientSettings) -> Head {
    let extensions = request.extensions();
    let uri = original_uri(extensions).unwrap_or_else(|| request.uri());
    let peer = peer(extensions);
    let client = client_address::client(peer, request.headers(), clients);
    let (method, path, query) = (request.method().as_str(), uri.path(), uri.query());
    let (authority, route) = (uri.authority().map(http::uri::Authority::as_str), matched_route(extensions));
    let headers = request.headers();
    let bytes = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>()
        + [Some(method), Some(path), query, authority, route].into_iter().flatten().map(str::len).sum::<usize>();
    let mut builder =
        Head::builder_with_room(bytes, headers.len(), method.as_bytes(), path.as_bytes(), query.map(str::as_bytes))
            .needs_host(request.version() == Version::HTTP_11)
            .client(client)
            .peer(peer.map(|peer| peer.ip().to_canonical()))
            .time(SystemTime::now());
    if let Some(authority) = authority {
        builder = builder.authority(authority.as_bytes());
    }
    if let Some(route) = route {
        builder = builder.route(route);
    }
    for (name, value) in headers {
        builder.push_header(name.as_str().as_bytes(), value.as_bytes());
    }
    builder.build()
}

/// The target as the client sent it: inside a nested router axum cuts the prefix off.
#[cfg(feature = "axum")]
fn original_uri(extensions: &Extensions) -> Option<&Uri> {
    extensions.get::<::axum::extract::OriginalUri>().map(|original| &original.0)
}

#[cfg(not(feature = "axum"))]
const fn original_uri(_: &Extensions) -> Option<&Uri> {
    None
}

#[cfg(feature = "axum")]
fn matched_route(extensions: &Extensions) -> Option<&str> {
    extensions.get::<::axum::extract::MatchedPath>().map(::axum::extract::MatchedPath::as_str)
}

#[cfg(not(feature = "axum"))]
const fn matched_route(_: &Extensions) -> Option<&str> {
    None
}

fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<PeerAddress>().map(|peer| peer.0).or_else(|| framework_peer(extensions))
}

#[cfg(feature = "axum")]
fn framework_peer(extensions: &Extensions) -> Option<SocketAddr> {
    use ::axum::extract::ConnectInfo;
    extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0)
}

#[cfg(not(feature = "axum"))]
const fn framework_peer(_: &Extensions) -> Option<SocketAddr> {
    None
}
