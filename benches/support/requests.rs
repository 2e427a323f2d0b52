//! The requests of the benchmarks.

use bytes::Bytes;
use http::Request;
use tower_rasp::Action;

/// One request with the verdict that it must get.
pub struct Scenario {
    pub name: &'static str,
    pub request: Request<Bytes>,
    pub expected: Action,
}

impl Scenario {
    /// Bytes of target, headers and body.
    #[allow(dead_code, reason = "not every benchmark prints it")]
    pub fn bytes(&self) -> usize {
        let headers = self.request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
        self.request.uri().to_string().len() + headers.sum::<usize>() + self.request.body().len()
    }
}

/// Prose full of words that are keywords elsewhere.
const PROSE: &str = "Please select the best option from the union of all offers, or drop by where we order and group \
    things by hand; it's O'Brien's table, and 1 or 2 people can execute the update. Insert a coin, delete nothing, \
    alter your mind: the script says \"onload, on time\" (as in 5 > 3 && 2 < 4), cat and dog, ping me at ../office. ";

const PROSE_ELSEWHERE: &str = "Wähle bitte die beste Auswahl — select — aus der Union aller Angebote, или приходи: where \
    we order & group by hand; c’est l'école d'O’Brien, 1 or 2 Größen «execute» das Update. Insert coin、削除しない、\
    alter: скрипт says “onload, on time” (5 > 3 && 2 < 4), Katze und Hund. ";

/// Every scenario, ASCII and not.
pub fn all() -> Vec<Scenario> {
    vec![
        scenario("browser_get", browser("/search?q=red+shoes&page=2"), Action::Pass),
        scenario("browser_get_elsewhere", browser("/suche?q=gr%C3%BC%C3%9Fe+aus+k%C3%B6ln&seite=2"), Action::Pass),
        scenario("json_1k", json(&document("Ada Lovelace", "analyst and metaphysician")), Action::Pass),
        scenario("json_1k_elsewhere", json(&document("Łukasz Żółć", "分析者、数学者 и писатель")), Action::Pass),
        scenario("prose_2000", json(&text(PROSE)), Action::Pass),
        scenario("prose_2000_elsewhere", json(&text(PROSE_ELSEWHERE)), Action::Pass),
        scenario("attack_last_field", json(&attacked("Ada Lovelace")), Action::Block),
        scenario("attack_last_field_elsewhere", json(&attacked("Łukasz Żółć 分析")), Action::Block),
    ]
}

fn scenario(name: &'static str, request: Request<Bytes>, expected: Action) -> Scenario {
    Scenario { name, request, expected }
}

/// A browser's GET with the headers that browsers send.
pub fn browser(target: &str) -> Request<Bytes> {
    let headers = [
        ("host", "shop.example.com"),
        (
            "user-agent",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
        ),
        ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
        ("accept-language", "en-GB,en;q=0.9,de;q=0.7"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("referer", "https://shop.example.com/search?q=red+boots&page=1"),
        ("cookie", "session=4f1c9a7be2d04c6f8a31; theme=dark; consent=analytics%3Dno"),
        ("sec-ch-ua", "\"Chromium\";v=\"126\", \"Not/A)Brand\";v=\"8\""),
        ("sec-ch-ua-mobile", "?0"),
        ("sec-ch-ua-platform", "\"Windows\""),
        ("sec-fetch-dest", "document"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-site", "same-origin"),
        ("upgrade-insecure-requests", "1"),
        ("cache-control", "max-age=0"),
    ];
    let builder = Request::get(target);
    let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
    builder.body(Bytes::new()).expect("a request")
}

fn json(body: &str) -> Request<Bytes> {
    Request::post("/api/people")
        .header("host", "api.example.com")
        .header("user-agent", "okhttp/4.12.0")
        .header("content-type", "application/json")
        .header("content-length", body.len())
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .expect("a request")
}

/// About 1 KiB of an ordinary document.
fn document(name: &str, work: &str) -> String {
    let person = |id: usize| {
        format!(
            r#"{{"id":{id},"name":"{name}","work":"{work}","mail":"ada{id}@example.com","tags":["one","two"],"home":"https://example.com/people/{id}","active":true,"score":12.5}}"#
        )
    };
    format!(r#"{{"people":[{}]}}"#, (0..6).map(person).collect::<Vec<_>>().join(","))
}

/// One field of 2,000 characters.
fn text(prose: &str) -> String {
    let text: String = prose.chars().cycle().take(2000).collect();
    serde_json::json!({ "title": "A note", "text": text }).to_string()
}

fn attacked(name: &str) -> String {
    let document = document(name, "analyst");
    format!(r#"{},"note":"x' OR '1'='1"}}"#, &document[..document.len() - 1])
}
