//! A small notes service with one layer added.
//!
//! `cargo run --example axum`, then try the lines that it prints. `ADDR` overrides the address,
//! `RASP_CONFIG` names a configuration file, read again at SIGHUP; without one the built-in policy
//! is in force. `OTEL_EXPORTER_OTLP_ENDPOINT` sends traces, metrics and events to a collector.

mod telemetry;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::multipart::MultipartError;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{DefaultBodyLimit, Json, Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{get, post};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_rasp::Rasp;

use telemetry::Telemetry;

const TITLE_CHARACTERS_MAX: usize = 200;
const TEXT_CHARACTERS_MAX: usize = 10_000;
const NOTES_MAX: usize = 10_000;

/// What good requests look like: served, and enforced by the layer.
const DOCUMENT: &str = include_str!("../notes.openapi.json");

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let address = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let telemetry = Telemetry::init()?;
    let mut builder = telemetry.give(Rasp::builder()).openapi_text("notes.openapi.json", DOCUMENT);
    if let Some(path) = env::var_os("RASP_CONFIG") {
        builder = builder.config_path(path);
    }
    let rasp = builder.build()?;
    reload_at_hangup(rasp.clone());
    let (stop, stopped) = watch::channel(());
    let app = routes(Notes::new(stopped)).layer(rasp.layer()).layer(from_fn(telemetry::server_span));
    // In this order: of two routers the fallback of the second answers for unknown paths, and only that of the notes
    // has the layers.
    let app = telemetry.metrics().merge(app);

    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}; ADDR chooses another address"))?;
    print_invitation(listener.local_addr()?);

    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            tokio::select! {
                () = interrupted() => {}
                () = terminated() => {}
            }
            // Event streams end too; the server waits for them.
            drop(stop);
        })
        .await?;
    telemetry.shut_down();
    Ok(())
}

/// Ctrl-C. Without a signal handler there is nothing to wait for but the end of the process.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// SIGTERM, with which containers are stopped.
#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => drop(terminate.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}

/// Reads the configuration again at SIGHUP; a bad one is told, and the old one stays.
#[cfg(unix)]
fn reload_at_hangup(rasp: Rasp) {
    use tokio::signal::unix::{SignalKind, signal};
    tokio::spawn(async move {
        let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
        while hangup.recv().await.is_some() {
            // What was wrong is an event already.
            let _ = rasp.reload();
        }
    });
}

#[cfg(not(unix))]
fn reload_at_hangup(_rasp: Rasp) {}

fn print_invitation(address: SocketAddr) {
    println!("Listening on http://{address} (Ctrl-C stops). Try, the third and the fourth are refused:");
    println!();
    println!("  curl -i 'http://{address}/search?q=select+a+union+rep'");
    println!(
        "  curl -i 'http://{address}/notes' -H 'content-type: application/json' \
         -d '{{\"title\": \"Groceries\", \"text\": \"5 < 6; eggs & ham -- not \\\"spam\\\"\"}}'"
    );
    println!("  curl -i 'http://{address}/notes' -H 'content-type: application/json' -d '{{\"title\": 7}}'");
    println!("  curl -i \"http://{address}/search?q=1'+UNION+SELECT+password+FROM+users--\"");
    println!("  curl 'http://{address}/metrics'");
    println!();
}

fn routes(notes: Notes) -> Router {
    Router::new()
        .route("/search", get(search))
        .route("/notes", post(create))
        .route("/notes/{id}", get(read).put(replace))
        // The upload is counted and not kept, so it may be of any size.
        .route("/upload", post(upload).layer(DefaultBodyLimit::disable()))
        .route("/events", get(events))
        .route("/ws", get(echo))
        .route("/openapi.json", get(|| async { ([(CONTENT_TYPE, "application/json")], DOCUMENT) }))
        .with_state(notes)
}

#[derive(Clone, Serialize)]
struct Note {
    id: u64,
    title: String,
    text: String,
}

/// All notes, the newest last. They live as long as the process.
#[derive(Clone)]
struct Notes {
    stored: Arc<Mutex<BTreeMap<u64, Note>>>,
    stopped: watch::Receiver<()>,
}

impl Notes {
    fn new(stopped: watch::Receiver<()>) -> Self {
        Self { stored: Arc::default(), stopped }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Note>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Answer<T> = Result<T, (StatusCode, String)>;

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

async fn search(State(notes): State<Notes>, Query(search): Query<Search>) -> Json<Vec<Note>> {
    let words = search.q.to_lowercase();
    let fits = |note: &&Note| note.title.to_lowercase().contains(&words) || note.text.to_lowercase().contains(&words);
    Json(notes.lock().values().rev().filter(fits).take(20).cloned().collect())
}

#[derive(Deserialize)]
struct Draft {
    title: String,
    text: String,
}

async fn create(State(notes): State<Notes>, Json(draft): Json<Draft>) -> Answer<(StatusCode, Json<Note>)> {
    at_most("title", &draft.title, TITLE_CHARACTERS_MAX)?;
    at_most("text", &draft.text, TEXT_CHARACTERS_MAX)?;
    let mut stored = notes.lock();
    let id = stored.last_key_value().map_or(1, |(id, _)| id + 1);
    let note = Note { id, title: draft.title, text: draft.text };
    stored.insert(id, note.clone());
    while stored.len() > NOTES_MAX {
        stored.pop_first();
    }
    Ok((StatusCode::CREATED, Json(note)))
}

fn at_most(name: &str, text: &str, characters_max: usize) -> Answer<()> {
    if text.chars().count() <= characters_max {
        return Ok(());
    }
    Err((StatusCode::UNPROCESSABLE_ENTITY, format!("{name} has more than {characters_max} characters\n")))
}

async fn read(State(notes): State<Notes>, Path(id): Path<u64>) -> Answer<Json<Note>> {
    notes.lock().get(&id).cloned().map(Json).ok_or_else(|| missing(id))
}

/// The body is the new text, as HTML.
async fn replace(State(notes): State<Notes>, Path(id): Path<u64>, html: String) -> Answer<Json<Note>> {
    at_most("the body", &html, TEXT_CHARACTERS_MAX)?;
    let mut stored = notes.lock();
    let note = stored.get_mut(&id).ok_or_else(|| missing(id))?;
    note.text = html;
    Ok(Json(note.clone()))
}

fn missing(id: u64) -> (StatusCode, String) {
    (StatusCode::NOT_FOUND, format!("there is no note {id}\n"))
}

#[derive(Serialize)]
struct Count {
    fields: usize,
    bytes: usize,
}

async fn upload(mut multipart: Multipart) -> Answer<Json<Count>> {
    let broken = |error: MultipartError| (error.status(), format!("{}\n", error.body_text()));
    let mut count = Count { fields: 0, bytes: 0 };
    while let Some(mut field) = multipart.next_field().await.map_err(broken)? {
        count.fields += 1;
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            count.bytes += chunk.len();
        }
    }
    Ok(Json(count))
}

/// How many notes there are: at once, and then every second.
async fn events(State(notes): State<Notes>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let ticks = tokio::time::interval(Duration::from_secs(1));
    let stream = stream::unfold((notes, ticks), |(mut notes, mut ticks)| async move {
        tokio::select! {
            _ = notes.stopped.changed() => return None,
            _ = ticks.tick() => {}
        }
        let event = Event::default().event("notes").data(notes.lock().len().to_string());
        Some((Ok(event), (notes, ticks)))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

async fn echo(upgrade: WebSocketUpgrade) -> axum::response::Response {
    upgrade.on_upgrade(|mut socket: WebSocket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            if socket.send(message).await.is_err() {
                break;
            }
        }
    })
}
