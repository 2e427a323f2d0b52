//! What is recorded of a request, and when: once, when both of its bodies are done.

mod server;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt, service_fn};
use tower_rasp::{Body, Mode, Rasp};
use tracing::{Event, Instrument, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use server::{ATTACK, ATTACK_ENCODED};

/// Keeps the names of the security events, each with the span that it stands in.
#[derive(Clone, Default)]
struct Records(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Records {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() == "tower_rasp::event" {
            let span = context.lookup_current().map_or("no span", |span| span.name());
            self.0.lock().unwrap().push(format!("{} in {span}", event.metadata().name()));
        }
    }
}

impl Records {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// What is recorded until the response has begun, and after that.
async fn records(mode: Mode, target: &str, body: &'static str) -> (Vec<String>, Vec<String>) {
    let rasp = Rasp::builder().mode(mode).build().unwrap();
    let records = Records::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(records.clone()));
    let service = service_fn(|request: Request<Body<Body<Full<Bytes>>>>| async {
        let read = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Ok::<_, Infallible>(Response::new(Full::from(read)))
    });
    let service = rasp.layer().layer(rasp.layer().layer(service));
    let request = Request::post(target).body(Full::from(body)).unwrap();
    let response = service.oneshot(request).instrument(tracing::info_span!("server")).await.unwrap();
    let begun = records.take();
    // As a server does, outside of the user's span.
    drop(response.into_body().collect().await);
    (begun, records.take())
}

#[tokio::test]
async fn nothing_is_recorded_of_a_benign_request() {
    let (begun, done) = records(Mode::Enforce, "/?q=hello", "hello").await;
    assert!(begun.is_empty() && done.is_empty(), "{begun:?} {done:?}");
}

#[tokio::test]
async fn a_refusal_is_recorded_at_once_and_once() {
    for (target, body) in [(format!("/?q={ATTACK_ENCODED}"), "hello"), ("/".to_owned(), ATTACK)] {
        let (begun, done) = records(Mode::Enforce, &target, body).await;
        let blocked = begun.iter().filter(|record| *record == "rasp.request.blocked in server").count();
        assert_eq!(blocked, 1, "{begun:?}");
        assert!(begun.iter().any(|record| record == "rasp.rule.matched in server"));
        assert!(done.is_empty(), "{done:?}");
    }
}

#[tokio::test]
async fn in_detect_mode_the_record_comes_with_the_end_of_the_response_in_the_span_of_the_request() {
    let (begun, done) = records(Mode::Detect, &format!("/?q={ATTACK_ENCODED}"), "hello").await;
    assert!(begun.is_empty(), "{begun:?}");
    assert!(!done.is_empty() && done.iter().all(|record| record == "rasp.rule.matched in server"), "{done:?}");
}
