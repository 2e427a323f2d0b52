//! The layer without a server: scripted bodies, and services that behave badly.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::{BodyExt, Empty, Full};
use tower::{Layer, Service, ServiceExt, service_fn};

use super::*;
use crate::config::Settings;
use crate::context::RequestContext;
use crate::input::{Cause, Completeness};
use crate::policy::{Action, Mode};

const ATTACK: &str = "q=1 union select password";

fn settings() -> Settings {
    let text = r#"
        [[rule]]
        id = "test.union"
        description = "a word for tests"
        category = "sql_injection"
        severity = "critical"
        confidence = "certain"
        matcher = { regex = "(?i)union( |%20)select" }
        examples = ["union select", "UNION select", "union%20select"]
        counter_examples = ["union", "select", "x"]
    "#;
    let mut settings = Settings::builtin().expect("the built-in rules");
    settings.rules = crate::rule::parse("test.toml", text).expect("a rule");
    settings
}

fn rasp_with(change: impl FnOnce(&mut Settings)) -> Rasp {
    let mut settings = settings();
    change(&mut settings);
    Rasp::builder().settings(settings).build().expect("a rasp")
}

fn rasp() -> Rasp {
    rasp_with(|_| {})
}

/// A body that does as it is told, and counts how often it was asked.
#[derive(Default)]
struct Script {
    steps: VecDeque<Step>,
    polled: Arc<AtomicUsize>,
    hint: Option<u64>,
}

enum Step {
    Data(&'static str),
    Bytes(Bytes),
    Trailer(&'static str),
    Wait,
    Fail,
}

fn script(steps: impl IntoIterator<Item = Step>) -> Script {
    Script { steps: steps.into_iter().collect(), ..Script::default() }
}

impl http_body::Body for Script {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.polled.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(match self.steps.pop_front() {
            None => None,
            Some(Step::Data(text)) => Some(Ok(Frame::data(Bytes::from_static(text.as_bytes())))),
            Some(Step::Bytes(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Step::Trailer(value)) => {
                let mut trailers = HeaderMap::new();
                trailers.insert("x-checksum", value.parse().unwrap());
                Some(Ok(Frame::trailers(trailers)))
            }
            Some(Step::Fail) => Some(Err("the client went away".into())),
            Some(Step::Wait) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.hint.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// What a reading service saw, frame by frame.
#[derive(Debug, PartialEq, Eq, Default, Clone)]
struct Seen {
    frames: Vec<String>,
    error: Option<String>,
}

async fn see<B>(body: B) -> Seen
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut seen = Seen::default();
    let mut body = std::pin::pin!(body);
    while let Some(frame) = body.frame().await {
        match frame.map(Frame::into_data) {
            Ok(Ok(data)) => seen.frames.push(String::from_utf8_lossy(&data).into_owned()),
            Ok(Err(frame)) => {
                let trailers = frame.into_trailers().expect("data or trailers");
                seen.frames.push(format!("trailers:{}", trailers["x-checksum"].to_str().unwrap()));
            }
            Err(error) => seen.error = Some(error.into().to_string()),
        }
    }
    seen
}

/// Sends one request through the layer to a service that reads everything and says "ok".
async fn read_all(layer: RaspLayer, request: Request<Script>) -> (Response<ResponseBody<Full<Bytes>>>, Seen) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let keep = Arc::clone(&seen);
    let service = layer.layer(service_fn(move |request: Request<Body<Script>>| {
        let keep = Arc::clone(&keep);
        async move {
            let (_, body) = request.into_parts();
            *keep.lock().unwrap() = see(body).await;
            Ok::<_, Infallible>(Response::new(Full::from("ok")))
        }
    }));
    let response = service.oneshot(request).await.unwrap();
    let seen = seen.lock().unwrap().clone();
    (response, seen)
}

fn post(body: Script) -> Request<Script> {
    Request::post("/notes").header("content-type", "application/x-www-form-urlencoded").body(body).unwrap()
}

fn context<B>(response: &Response<B>) -> Arc<RequestContext> {
    response.extensions().get::<Arc<RequestContext>>().expect("a context").clone()
}

async fn text<B>(response: Response<B>) -> String
where
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// What the verdict of a response says once its body is done.
async fn completeness(response: Response<ResponseBody<Full<Bytes>>>) -> Completeness {
    let context = context(&response);
    drop(text(response).await);
    context.verdict().expect("a final verdict").completeness
}

#[tokio::test]
async fn a_benign_body_reaches_the_service_unchanged_with_its_trailers() {
    let steps = [Step::Data("a=1&"), Step::Wait, Step::Data(""), Step::Data("b=2"), Step::Trailer("abc")];
    let (response, seen) = read_all(rasp().layer(), post(script(steps))).await;
    assert_eq!(seen.frames, ["a=1&", "", "b=2", "trailers:abc"]);
    assert_eq!(seen.error, None);
    assert_eq!(response.status(), StatusCode::OK);
    assert!(completeness(response).await.is_whole());
}

#[tokio::test]
async fn an_attack_in_the_body_is_refused_before_a_byte_is_handed_on() {
    let steps = [Step::Data("a=1&"), Step::Data(ATTACK), Step::Data("&b=2")];
    let (response, seen) = read_all(rasp().layer(), post(script(steps))).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(seen.frames.is_empty());
    assert!(seen.error.unwrap().starts_with("the request was refused"));
    let context = context(&response);
    assert_eq!(context.verdict().unwrap().action, Action::Block);
    assert!(text(response).await.contains(&context.id().to_string()));
}

#[tokio::test]
async fn an_attack_in_a_trailer_is_refused() {
    let (response, _) =
        read_all(rasp().layer(), post(script([Step::Data("a=1"), Step::Trailer("union select")]))).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_attack_in_the_head_never_reaches_the_service() {
    let body = script([Step::Data("a=1")]);
    let polled = Arc::clone(&body.polled);
    let request = Request::get("/search?q=union%20select").body(body).unwrap();
    let service = rasp().layer().layer(service_fn(|_: Request<Body<Script>>| async {
        panic!("called");
        #[expect(unreachable_code, reason = "it gives the types")]
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    }));
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(response.extensions().get::<Arc<Verdict>>().unwrap().is_block());
    assert_eq!(polled.load(Ordering::Relaxed), 0, "the body was not touched");
}

#[tokio::test]
async fn past_the_hold_an_attack_is_still_refused_and_in_detect_mode_served() {
    for (mode, status, frames) in [(Mode::Enforce, 403, 3), (Mode::Detect, 200, 4)] {
        let rasp = rasp_with(|settings| {
            settings.limits.body_hold_bytes_max = 8;
            settings.policy.mode = mode;
        });
        let steps = ["a=123&", "b=456&", "c=789&", "q=union select&"].map(Step::Data);
        let (response, seen) = read_all(rasp.layer(), post(script(steps))).await;
        assert_eq!(response.status(), status);
        assert_eq!(seen.frames.len(), frames);
    }
}

/// Polls a body once, outside of any service.
fn reading(rasp: &Rasp, body: Script) -> (Arc<RequestContext>, Body<Script>) {
    let request = post(body);
    let service::Begun::Inspected(request, exchange) = rasp.layer().begin(request) else {
        panic!("refused by its head");
    };
    let context = Arc::clone(exchange.context());
    (context, request.into_body())
}

#[tokio::test]
async fn what_flows_is_handed_on_until_the_attack_which_is_one_error() {
    let rasp = rasp_with(|settings| settings.limits.body_hold_bytes_max = 8);
    let steps = [
        Step::Data("a=123&"),
        Step::Data("b=456&"),
        Step::Data("c=1&"),
        Step::Data("q=union select&"),
        Step::Data("d=1"),
    ];
    let (context, mut body) = reading(&rasp, script(steps));
    for expected in ["a=123&", "b=456&", "c=1&"] {
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), expected);
    }
    let error = body.frame().await.unwrap().unwrap_err();
    assert_eq!(Blocked::find(&*error).unwrap().id(), context.id());
    assert!(body.is_end_stream());
    assert!(body.frame().await.is_none());
    drop((context, body));
    assert_eq!(rasp.inspection_memory_bytes(), 0, "what was held is given back");
}

#[tokio::test]
async fn in_detect_mode_each_frame_passes_in_the_poll_that_brought_it() {
    let rasp = rasp_with(|settings| settings.policy.mode = Mode::Detect);
    let big = Bytes::from(vec![b'x'; 300_000]);
    let (context, mut body) =
        reading(&rasp, script([Step::Data(ATTACK), Step::Bytes(big), Step::Wait, Step::Data("&b=2")]));
    let mut cx = Context::from_waker(std::task::Waker::noop());
    for expected in [Some(ATTACK.len()), Some(300_000), None, Some(4)] {
        match Pin::new(&mut body).poll_frame(&mut cx) {
            Poll::Ready(frame) => assert_eq!(Some(frame.unwrap().unwrap().into_data().unwrap().len()), expected),
            Poll::Pending => assert_eq!(expected, None),
        }
    }
    assert!(body.frame().await.is_none());
    assert!(!context.is_refused());
    assert_eq!(context.findings().len(), 1);
}

#[tokio::test]
async fn a_large_chunk_is_inspected_in_slices_between_which_others_run() {
    let (_, mut body) = reading(&rasp(), script([Step::Bytes(Bytes::from(vec![b'x'; 10 * SLICE_BYTES]))]));
    let woken = Arc::new(CountWakes::default());
    let waker = Arc::clone(&woken).into();
    let mut cx = Context::from_waker(&waker);
    let mut pending = 0;
    let frame = loop {
        match Pin::new(&mut body).poll_frame(&mut cx) {
            Poll::Ready(frame) => break frame,
            Poll::Pending => pending += 1,
        }
    };
    assert_eq!(frame.unwrap().unwrap().into_data().unwrap().len(), 10 * SLICE_BYTES, "the frame is one as it came");
    assert!(pending >= 9, "{pending}");
    assert_eq!(woken.0.load(Ordering::Relaxed), pending);
}

#[derive(Default)]
struct CountWakes(AtomicUsize);

impl std::task::Wake for CountWakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn without_memory_for_inspection_the_body_flows_and_is_still_inspected() {
    let rasp = rasp_with(|settings| settings.limits.inspection_memory_bytes_max = 0);
    let (context, mut body) =
        reading(&rasp, script([Step::Data("a=1&"), Step::Wait, Step::Data(ATTACK), Step::Data("&")]));
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "a=1&");
    assert!(context.completeness().contains(Cause::Budget));
    while let Some(Ok(_)) = body.frame().await {}
    assert!(context.is_refused());
}

#[tokio::test]
async fn a_cause_that_the_policy_refuses_is_refused() {
    for (cause, change) in [
        (Cause::Budget, (|settings| settings.limits.inspection_memory_bytes_max = 0) as fn(&mut Settings)),
        (Cause::Unread, |_| {}),
        (Cause::Upgrade, |_| {}),
    ] {
        let rasp = rasp_with(|settings| {
            change(settings);
            settings.policy.completeness.set(cause, Action::Block);
        });
        let service = rasp.layer().layer(service_fn(move |request: Request<Body<Script>>| async move {
            if cause == Cause::Budget {
                see(request.into_body()).await;
            }
            let mut response = Response::new(Full::<Bytes>::from("ok"));
            if cause == Cause::Upgrade {
                *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            }
            Ok::<_, Infallible>(response)
        }));
        let response = service.oneshot(post(script([Step::Data("a=1")]))).await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{cause:?}");
    }
}

#[tokio::test]
async fn an_untouched_body_shows_its_length_and_a_read_one_what_is_left() {
    let mut inner = script([Step::Data("a=12"), Step::Data("&b=3")]);
    inner.hint = Some(8);
    let (_, body) = reading(&rasp(), inner);
    assert_eq!(body.size_hint().exact(), Some(8));
    assert!(!body.is_end_stream());
}

#[tokio::test]
async fn an_error_of_the_client_comes_after_what_came_before_it() {
    let (response, seen) = read_all(rasp().layer(), post(script([Step::Data("a=1"), Step::Fail]))).await;
    assert_eq!(seen, Seen { frames: vec!["a=1".into()], error: Some("the client went away".into()) });
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_attack_in_a_body_that_broke_off_is_refused() {
    let (response, seen) = read_all(rasp().layer(), post(script([Step::Data(ATTACK), Step::Fail]))).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(seen.frames.is_empty());
}

#[tokio::test]
async fn grpc_is_not_held_and_is_refused_in_its_own_way() {
    let grpc = |body| Request::post("/a.B/C").header("content-type", "application/grpc+proto").body(body).unwrap();
    let request = grpc(script([Step::Data("a=1&"), Step::Data("b=2")]));
    let service::Begun::Inspected(request, _exchange) = rasp().layer().begin(request) else { panic!() };
    let mut body = request.into_body();
    let polled = Arc::clone(&body_script(&body).polled);
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "a=1&");
    assert_eq!(polled.load(Ordering::Relaxed), 1, "nothing is read ahead");

    let (response, _) = read_all(rasp().layer(), grpc(script([Step::Data(ATTACK)]))).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["grpc-status"], "7");
    assert_eq!(response.headers()["content-type"], "application/grpc");
    assert!(response.body().is_end_stream());
}

fn body_script(body: &Body<Script>) -> &Script {
    body.inner()
}

#[tokio::test]
async fn very_many_tiny_chunks_are_joined_and_none_is_lost() {
    let steps = (0..5000).map(|_| Step::Data("x")).chain([Step::Trailer("end"), Step::Trailer("twice")]);
    let (_, seen) = read_all(rasp().layer(), post(script(steps))).await;
    assert_eq!(seen.frames.len(), 1024 + 1 + 2);
    let data: usize = seen.frames[..1025].iter().map(String::len).sum();
    assert_eq!(data, 5000);
    assert_eq!(seen.frames[1025..], ["trailers:end", "trailers:twice"]);
}

#[tokio::test]
async fn held_bytes_are_counted_and_given_back() {
    let rasp = rasp();
    let (_context, mut body) = reading(&rasp, script([Step::Data("a=1"), Step::Wait, Step::Data("&b=2")]));
    assert!(poll_once(&mut body).is_pending());
    let held = rasp.inspection_memory_bytes();
    assert!(held >= 3, "{held}");
    drop(body);
    assert!(rasp.inspection_memory_bytes() < held);
}

fn poll_once(body: &mut Body<Script>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
    Pin::new(body).poll_frame(&mut Context::from_waker(std::task::Waker::noop()))
}

#[tokio::test]
async fn a_body_that_nobody_reads_is_unread_and_an_empty_one_is_whole() {
    let ignore =
        || service_fn(|_: Request<Body<Script>>| async { Ok::<_, Infallible>(Response::new(Full::from("ok"))) });
    let response = rasp().layer().layer(ignore()).oneshot(post(script([Step::Data("a=1")]))).await.unwrap();
    assert_eq!(completeness(response).await.to_string(), "unread");

    let ignore =
        service_fn(|_: Request<Body<Empty<Bytes>>>| async { Ok::<_, Infallible>(Response::new(Full::from("ok"))) });
    let response = rasp().layer().layer(ignore).oneshot(Request::new(Empty::new())).await.unwrap();
    assert!(completeness(response).await.is_whole());
}

#[tokio::test]
async fn an_upgrade_is_its_own_cause_and_not_unread() {
    for (method, status) in [("GET", 101), ("CONNECT", 200)] {
        let service = rasp().layer().layer(service_fn(move |_: Request<Body<Script>>| async move {
            Ok::<_, Infallible>(Response::builder().status(status).body(Full::from("")).unwrap())
        }));
        let target = if method == "CONNECT" { "example.com:443" } else { "/ws" };
        let request = Request::builder().method(method).uri(target).body(script([Step::Data("x")])).unwrap();
        let response = service.oneshot(request).await.unwrap();
        assert_eq!(completeness(response).await.to_string(), "upgrade", "{method}");
    }
}

#[tokio::test]
async fn a_service_that_swallows_the_error_of_the_body_still_cannot_answer() {
    let service = rasp().layer().layer(service_fn(|request: Request<Body<Script>>| async {
        let read = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Ok::<_, Infallible>(Response::new(Full::from(read)))
    }));
    let response = service.oneshot(post(script([Step::Data(ATTACK)]))).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_service_that_fails_on_the_error_of_the_body_is_answered_for() {
    let service = rasp().layer().layer(service_fn(|request: Request<Body<Script>>| async {
        request.into_body().collect().await.map(|_| Response::new(Full::<Bytes>::default()))
    }));
    let response = service.oneshot(post(script([Step::Data(ATTACK)]))).await.expect("a refusal is a response");
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_body_read_in_another_task_refuses_while_the_service_waits_for_ever() {
    let service = rasp().layer().layer(service_fn(|request: Request<Body<Script>>| async {
        tokio::spawn(see(request.into_body()));
        std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>().await
    }));
    let response = service.oneshot(post(script([Step::Wait, Step::Data(ATTACK)]))).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_refusal_after_the_response_has_begun_breaks_its_body_off() {
    let (start, started) = tokio::sync::oneshot::channel::<()>();
    let started = Arc::new(Mutex::new(Some(started)));
    let service = rasp().layer().layer(service_fn(move |request: Request<Body<Script>>| {
        let started = started.lock().unwrap().take().unwrap();
        async move {
            tokio::spawn(async move {
                started.await.unwrap();
                see(request.into_body()).await
            });
            // A stream that never ends by itself.
            let body = script([Step::Data("begun")]).chain_pending();
            Ok::<_, Infallible>(Response::new(body))
        }
    }));
    let response = service.oneshot(post(script([Step::Data(ATTACK)]))).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let context = context(&response);
    let mut body = response.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "begun");
    start.send(()).unwrap();
    let error = body.frame().await.unwrap().unwrap_err();
    assert!(Blocked::find(&*error).is_some());
    assert!(body.frame().await.is_none());
    tokio::task::yield_now().await;
    assert_eq!(context.verdict().unwrap().action, Action::Block);
}

impl Script {
    fn chain_pending(self) -> impl http_body::Body<Data = Bytes, Error = BoxError> + Unpin {
        struct Forever(Script);
        impl http_body::Body for Forever {
            type Data = Bytes;
            type Error = BoxError;
            fn poll_frame(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
            ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
                if self.0.steps.is_empty() { Poll::Pending } else { Pin::new(&mut self.0).poll_frame(cx) }
            }
        }
        Forever(self)
    }
}

#[tokio::test]
async fn the_verdict_waits_for_a_body_that_is_read_after_the_response() {
    let task = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&task);
    let service = rasp().layer().layer(service_fn(move |request: Request<Body<Script>>| {
        *keep.lock().unwrap() = Some(request.into_body());
        async { Ok::<_, Infallible>(Response::new(Full::from("ok"))) }
    }));
    let response = service.oneshot(post(script([Step::Data(ATTACK)]))).await.unwrap();
    let context = context(&response);
    assert_eq!(text(response).await, "ok");
    assert!(context.verdict().is_none(), "the body may still be read");
    let body = task.lock().unwrap().take().unwrap();
    assert!(see(body).await.error.is_some());
    assert_eq!(context.verdict().unwrap().action, Action::Block);
}

#[tokio::test]
async fn trailers_and_hints_of_the_response_pass() {
    let service = rasp().layer().layer(service_fn(|_: Request<Body<Empty<Bytes>>>| async {
        let mut body = script([Step::Data("one"), Step::Trailer("sum")]);
        body.hint = Some(3);
        Ok::<_, Infallible>(Response::new(body))
    }));
    let response = service.oneshot(Request::new(Empty::new())).await.unwrap();
    assert_eq!(response.body().size_hint().exact(), Some(3));
    assert_eq!(see(response.into_body()).await.frames, ["one", "trailers:sum"]);
}

#[tokio::test]
async fn two_layers_of_one_rasp_inspect_once_and_another_rasp_inspects_again() {
    let (one, other) = (rasp(), rasp());
    let ids = Arc::new(Mutex::new(Vec::new()));
    let note = |layer: RaspLayer| {
        let ids = Arc::clone(&ids);
        (layer, ids)
    };
    let (outer, keep) = note(one.layer());
    let service = outer.layer(other.layer().layer(one.clone().layer().layer(service_fn(
        move |request: Request<Body<Body<Body<Empty<Bytes>>>>>| {
            keep.lock().unwrap().push(request.extensions().get::<Arc<RequestContext>>().unwrap().id());
            async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("ok"))) }
        },
    ))));
    let response = service.oneshot(Request::new(Empty::new())).await.unwrap();
    let outermost = context(&response).id();
    let innermost = ids.lock().unwrap()[0];
    assert_ne!(outermost, innermost, "the other one inspected again");
    let begin = |layers: &Rasp, concluded: bool| {
        let service::Begun::Inspected(request, exchange) = one.layer().begin(Request::new(Empty::<Bytes>::new()))
        else {
            panic!("not inspected");
        };
        let exchange = (!concluded).then_some(exchange);
        let known = layers.layer().begin(request).is_known();
        drop(exchange);
        known
    };
    assert!(begin(&one, false), "its own context is known");
    assert!(!begin(&other, false), "that of another is not");
    assert!(!begin(&one, true), "nor one that was copied from a request that is over");
}

impl<B> service::Begun<B> {
    fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }
}

#[tokio::test]
async fn a_stricter_rasp_within_a_milder_one_refuses() {
    let mild = rasp_with(|settings| settings.policy.mode = Mode::Detect);
    let handler = service_fn(|_: Request<_>| async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("ok"))) });
    let request = || Request::get("/?q=union%20select").body(Empty::<Bytes>::new()).unwrap();
    let inside = mild.layer().layer(rasp().layer().layer(handler));
    assert_eq!(inside.oneshot(request()).await.unwrap().status(), StatusCode::FORBIDDEN);
    let handler = service_fn(|_: Request<_>| async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("ok"))) });
    let outside = rasp().layer().layer(mild.layer().layer(handler));
    assert_eq!(outside.oneshot(request()).await.unwrap().status(), StatusCode::FORBIDDEN);
}

/// A service that must be found ready before each call, and by the same clone.
struct Strict {
    ready: bool,
    unready_calls: Arc<AtomicUsize>,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self { ready: false, unready_calls: Arc::clone(&self.unready_calls) }
    }
}

impl<B> Service<Request<B>> for Strict {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        if !std::mem::take(&mut self.ready) {
            self.unready_calls.fetch_add(1, Ordering::Relaxed);
        }
        std::future::ready(Ok(Response::new(Full::from("ok"))))
    }
}

#[tokio::test]
async fn the_service_that_was_found_ready_is_the_one_that_is_called() {
    let unready_calls = Arc::new(AtomicUsize::new(0));
    let mut service = rasp().layer().layer(Strict { ready: false, unready_calls: Arc::clone(&unready_calls) });
    for target in ["/", "/?q=union%20select", "/"] {
        let request = Request::get(target).body(Empty::<Bytes>::new()).unwrap();
        ServiceExt::<Request<Empty<Bytes>>>::ready(&mut service).await.unwrap().call(request).await.unwrap();
    }
    assert_eq!(unready_calls.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn the_answer_has_the_form_that_the_client_asks_for_and_says_nothing_of_the_rule() {
    let ask = |accept: &'static str, method: &'static str| async move {
        let request = Request::builder().method(method).uri("/?q=union%20select").header("accept", accept);
        let handler =
            service_fn(|_: Request<Body<_>>| async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) });
        rasp().layer().layer(handler).oneshot(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap()
    };
    let response = ask("application/json", "GET").await;
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let id = context(&response).id().to_string();
    let problem: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(problem["status"], 403);
    assert_eq!(problem["type"], "about:blank");
    assert_eq!(problem["instance"], format!("urn:rasp:incident:{id}"));
    for (accept, start) in [("text/html", "<!doctype html>"), ("*/*", "Forbidden")] {
        let page = text(ask(accept, "GET").await).await;
        assert!(page.starts_with(start), "{page}");
        assert!(!page.contains("test.union") && !page.contains("sql") && !page.contains("select"), "{page}");
    }
    let head = ask("*/*", "HEAD").await;
    assert_eq!(head.status(), StatusCode::FORBIDDEN);
    assert!(head.body().is_end_stream());
    let length = text(ask("*/*", "GET").await).await.len();
    assert_eq!(head.headers()["content-length"], length.to_string(), "what a GET has");
}

#[tokio::test]
async fn the_operator_chooses_status_and_words_or_the_whole_answer() {
    let refuse = |layer: RaspLayer| async move {
        let handler =
            service_fn(|_: Request<Body<_>>| async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) });
        let request = Request::get("/?q=union%20select").header("accept", "text/html").body(Empty::<Bytes>::new());
        layer.layer(handler).oneshot(request.unwrap()).await.unwrap()
    };
    let rasp = rasp_with(|settings| {
        settings.answer.status = 418;
        settings.answer.title = "<No>".to_owned();
    });
    let response = refuse(rasp.layer()).await;
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert!(text(response).await.contains("<h1>&lt;No&gt;</h1>"));

    let layer = rasp.layer().respond(|verdict, context| {
        assert!(verdict.is_block());
        Response::builder().status(400).body(Bytes::from(format!("mine {}", context.id()))).unwrap()
    });
    let response = refuse(layer).await;
    let id = context(&response).id();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(text(response).await, format!("mine {id}"));
}

#[tokio::test]
async fn a_guard_that_refuses_while_the_service_works_is_answered_for() {
    let service = rasp().layer().layer(service_fn(|request: Request<Body<Empty<Bytes>>>| async move {
        request.extensions().get::<Arc<RequestContext>>().unwrap().refuse();
        std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>().await
    }));
    let response = service.oneshot(Request::new(Empty::new())).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn mode_off_passes_everything_as_it_is() {
    let rasp = rasp_with(|settings| settings.policy.mode = Mode::Off);
    let (response, seen) =
        read_all(rasp.layer(), post(script([Step::Data(ATTACK), Step::Trailer("union select")]))).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(seen.frames.len(), 2);
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_request() {
    let kept = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&kept);
    let service = rasp().layer().layer(service_fn(move |request: Request<Body<Script>>| {
        *keep.lock().unwrap() = request.extensions().get::<Arc<RequestContext>>().cloned();
        async move {
            let _request = request;
            std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>().await
        }
    }));
    let future = service.oneshot(post(script([Step::Data("a=1")])));
    assert!(tokio::time::timeout(std::time::Duration::ZERO, future).await.is_err());
    let context = kept.lock().unwrap().take().unwrap();
    assert_eq!(context.verdict().unwrap().completeness.to_string(), "unread");
}

#[test]
fn a_request_in_memory_gets_the_verdict_of_the_same_engine() {
    let rasp = rasp();
    let inspect = |target: &str, body: &'static str| {
        rasp.inspect(&Request::post(target).body(Bytes::from_static(body.as_bytes())).unwrap())
    };
    assert!(inspect("/?q=union%20select", "").is_block());
    assert!(inspect("/", ATTACK).is_block());
    let pass = inspect("/", "hello");
    assert_eq!(pass.action, Action::Pass);
    assert!(pass.completeness.is_whole());
}

#[test]
fn futures_and_bodies_may_cross_threads() {
    fn is_send<T: Send>() {}
    fn is_sync<T: Sync>() {}
    is_send::<ResponseFuture<std::future::Ready<()>>>();
    is_send::<Body<Full<Bytes>>>();
    is_send::<ResponseBody<Full<Bytes>>>();
    is_send::<RaspService<()>>();
    is_sync::<RaspService<()>>();
    is_sync::<RequestContext>();
}
