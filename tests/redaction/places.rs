//! Where a secret can stand in a request.

use form_urlencoded::byte_serialize;

use crate::secrets::Kind;

/// A request, as it is sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub trailer: Option<(String, String)>,
}

impl Sent {
    fn get(target: String) -> Self {
        Self { method: "GET".to_owned(), target, headers: Vec::new(), body: String::new(), trailer: None }
    }

    fn post(target: &str, kind: &str, body: String) -> Self {
        let mut sent = Self::get(target.to_owned()).with("content-type", kind);
        sent.method = "POST".to_owned();
        sent.body = body;
        sent
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The bytes of HTTP/1.1; the connection is for one request.
    pub fn to_http(&self, accept: &str) -> String {
        let mut text = format!("{} {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n", self.method, self.target);
        text += &format!("accept: {accept}\r\n");
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        match &self.trailer {
            None => text + &format!("content-length: {}\r\n\r\n{}", self.body.len(), self.body),
            Some((name, value)) => {
                let (length, body) = (self.body.len(), &self.body);
                text + &format!(
                    "trailer: {name}\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n{name}: {value}\r\n\r\n"
                )
            }
        }
    }
}

/// Makes a request of a value (a secret with an attack beside it) and the secret alone; none where such a value cannot stand.
type Make = fn(&str, &str) -> Option<Sent>;

pub struct Place {
    pub name: &'static str,
    /// What tells that a value there is a secret.
    tells: Tells,
    make: Make,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tells {
    /// Nothing: a word is shown in an excerpt, where those are asked for.
    Nothing,
    /// Its name, or the place: nothing of it is ever shown.
    Name,
    /// It is a name, a segment of a path or a user agent itself: one that looks like a word is shown, by design.
    IsName,
}

impl Place {
    /// Whether a secret of this kind may not be shown from there.
    pub fn hides(&self, kind: Kind, excerpts: bool) -> bool {
        match (kind, self.tells) {
            (Kind::Token | Kind::Card, _) | (Kind::Word, Tells::Name) => true,
            (Kind::Word, Tells::Nothing) => !excerpts,
            (Kind::Word, Tells::IsName) => false,
        }
    }

    pub fn request(&self, value: &str, secret: &str) -> Option<Sent> {
        (self.make)(value, secret)
    }
}

const fn place(name: &'static str, tells: Tells, make: Make) -> Place {
    Place { name, tells, make }
}

const ATTACK: &str = "1%27%20union%20select%20a%20from%20b--";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn plus(value: &str) -> String {
    byte_serialize(value.as_bytes()).collect()
}

fn percent(value: &str) -> String {
    plus(value).replace('+', "%20")
}

fn json(value: serde_json::Value) -> Option<Sent> {
    Some(Sent::post("/x", JSON, value.to_string()))
}

fn part(disposition: &str, more: &str, content: &str) -> Option<Sent> {
    let body = format!("--b\r\ncontent-disposition: form-data; {disposition}\r\n{more}\r\n{content}\r\n--b--\r\n");
    Some(Sent::post("/x", "multipart/form-data; boundary=b", body))
}

/// As it stands between the quotes of a part's header.
fn quoted(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "%22")
}

fn text_of(text: String) -> Option<Sent> {
    Some(Sent::post("/x", "text/plain", text))
}

fn token_only(secret: &str) -> bool {
    secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= three.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

use Tells::{IsName, Name, Nothing};

pub const PLACES: [Place; 66] = [
    place("the path", IsName, |value, _| Some(Sent::get(format!("/x/{}/y", percent(value))))),
    place("another segment of the path", IsName, |_, secret| {
        Some(Sent::get(format!("/{}/y?q={ATTACK}", percent(secret))))
    }),
    place("a path parameter", Nothing, |value, _| Some(Sent::get(format!("/posts/{}", percent(value))))),
    place("a path parameter beside an attack", Nothing, |_, secret| {
        Some(Sent::get(format!("/posts/{}?q={ATTACK}", percent(secret))))
    }),
    place("a query value", Nothing, |value, _| Some(Sent::get(format!("/?q={}", plus(value))))),
    place("a query value, encoded twice", Nothing, |value, _| {
        Some(Sent::get(format!("/?q={}", plus(&percent(value)))))
    }),
    place("a query value, encoded three times", Nothing, |value, _| {
        Some(Sent::get(format!("/?q={}", plus(&percent(&percent(value))))))
    }),
    place("query values by short names of secrets", Name, |value, _| {
        let names =
            ["pass", "pin", "otp", "sid", "PHPSESSID", "sig", "access_key", "jwt", "key", "AWSAccessKeyId", "csrf"];
        let values: Vec<String> = names.iter().map(|name| format!("{name}={}", plus(value))).collect();
        Some(Sent::get(format!("/?{}", values.join("&"))))
    }),
    place("the user of a URL", Name, |_, secret| {
        token_only(secret).then_some(())?;
        Some(Sent::get(format!("/?q={}{ATTACK}", percent(&format!("postgres://bob:{secret}@db/x ")))))
    }),
    place("a segment for each group", IsName, |_, secret| Some(Sent::get(format!("/pay/{secret}?q={ATTACK}")))),
    place("a query value by the name of a secret", Name, |value, _| {
        Some(Sent::get(format!("/?api_key={}", plus(value))))
    }),
    place("a query name", IsName, |value, _| Some(Sent::get(format!("/?{}=1", plus(value))))),
    place("a query name of the secret alone", IsName, |_, secret| {
        Some(Sent::get(format!("/?{}={ATTACK}", plus(secret))))
    }),
    place("a query name and its value", IsName, |value, _| Some(Sent::get(format!("/?{0}={0}", plus(value))))),
    place("a query value twice", Nothing, |value, secret| {
        Some(Sent::get(format!("/?q={}&q={}&q={ATTACK}", plus(secret), plus(value))))
    }),
    place("a header", Nothing, |value, _| Some(Sent::get("/".to_owned()).with("x-note", value))),
    place("a header by the name of a secret", Name, |value, _| {
        Some(Sent::get("/".to_owned()).with("x-api-key", value))
    }),
    place("the name of a header", IsName, |_, secret| {
        token_only(secret).then(|| Sent::get("/".to_owned()).with(secret, "1' union select a from b--"))
    }),
    place("the referer header", Nothing, |value, _| {
        Some(Sent::get("/".to_owned()).with("referer", format!("https://example.org/?token={}", plus(value))))
    }),
    place("a forwarding header", Nothing, |value, _| Some(Sent::get("/".to_owned()).with("x-forwarded-for", value))),
    place("the header Authorization, Bearer", Name, |value, _| {
        Some(Sent::get("/".to_owned()).with("authorization", format!("Bearer {value}")))
    }),
    place("the header Authorization, Basic, in clear", Name, |value, _| {
        Some(Sent::get("/".to_owned()).with("authorization", format!("Basic {value}")))
    }),
    place("the header Authorization, Basic", Name, |value, _| {
        Some(Sent::get("/".to_owned()).with("authorization", format!("Basic {}", base64(&format!("alice:{value}")))))
    }),
    place("the header Authorization beside an attack", Name, |_, secret| {
        Some(Sent::get(format!("/?q={ATTACK}")).with("authorization", format!("Bearer {secret}")))
    }),
    place("the header Proxy-Authorization", Name, |value, _| {
        Some(Sent::get("/".to_owned()).with("proxy-authorization", format!("Basic {value}")))
    }),
    place("a credential behind a tab", Name, |_, secret| {
        token_only(secret)
            .then(|| Sent::post("/x", "text/plain", format!("Basic\t{secret} 1' union select a from b--")))
    }),
    place("a cookie", Name, |value, _| {
        Some(Sent::get("/".to_owned()).with("cookie", format!("sid={}", percent(value))))
    }),
    place("a cookie as it is", Name, |value, _| {
        Some(Sent::get("/".to_owned()).with("cookie", format!("a=1; sid={value}")))
    }),
    place("the name of a cookie", IsName, |value, _| {
        Some(Sent::get("/".to_owned()).with("cookie", format!("{}=1", value.replace(['=', ';'], ""))))
    }),
    place("the user agent", IsName, |value, _| Some(Sent::get("/".to_owned()).with("user-agent", value))),
    place("the user agent beside an attack", IsName, |_, secret| {
        Some(Sent::get(format!("/?q={ATTACK}")).with("user-agent", format!("curl/8 ({secret})")))
    }),
    place("the method", IsName, |_, secret| {
        token_only(secret).then(|| Sent { method: secret.to_owned(), ..Sent::get(format!("/?q={ATTACK}")) })
    }),
    place("a form value", Nothing, |value, _| Some(Sent::post("/x", FORM, format!("a={}", plus(value))))),
    place("a form value by the name of a secret", Name, |value, _| {
        Some(Sent::post("/x", FORM, format!("password={}&b={}", plus(value), ATTACK)))
    }),
    place("a form name", IsName, |value, _| Some(Sent::post("/x", FORM, format!("{}=1", plus(value))))),
    place("a json value", Nothing, |value, _| json(serde_json::json!({ "a": value }))),
    place("a json value by the name of a secret", Name, |value, _| {
        json(serde_json::json!({ "user": { "password": value } }))
    }),
    place("a json name", IsName, |value, _| json(serde_json::json!({ value: 1 }))),
    place("a json name above an attack", IsName, |_, secret| {
        json(serde_json::json!({ secret: { "a": ["1' union select a from b--"] } }))
    }),
    place("a json number", Nothing, |_, secret| {
        let number: u64 = secret.parse().ok()?;
        json(serde_json::json!({ "number": number, "a": "1' union select a from b--" }))
    }),
    place("json in a json value", Name, |value, _| {
        json(
            serde_json::json!({ "note": format!("{} 1' union select a from b--", serde_json::json!({ "password": value })) }),
        )
    }),
    place("json with an escape in the name of a secret", Name, |_, secret| {
        let text = format!("{{\"pass\\u0077ord\":\"{secret}\",\"a\":\"1' union select a from b--\"}}");
        Some(Sent::post("/x", "text/plain", text))
    }),
    place("xml by the name of a secret", Name, |_, secret| {
        Some(Sent::post(
            "/x",
            "text/plain",
            format!("<a><password>{secret}</password><b>1' union select a from b--</b></a>"),
        ))
    }),
    place("an attribute by the name of a secret", Name, |_, secret| {
        Some(Sent::post("/x", "text/plain", format!("<a password='{secret}'><b>1' union select a from b--</b></a>")))
    }),
    place("yaml by the name of a secret", Name, |_, secret| {
        Some(Sent::post("/x", "text/plain", format!("password: >\n  {secret}\nb: 1' union select a from b--\n")))
    }),
    place("graphql by the name of a secret", Name, |_, secret| {
        let text =
            format!("mutation {{ login(password: \"{secret}\", note: \"1' union select a from b--\") {{ id }} }}");
        Some(Sent::post("/x", "text/plain", text))
    }),
    place("parameters of a credential in a value", Name, |_, secret| {
        text_of(format!("1' union select a-- Authorization: Token a=\"1\", b=\"{secret}\""))
    }),
    place("cookies in a value", Name, |_, secret| text_of(format!("1' union select a-- Cookie: a=1; b={secret}"))),
    place("a credential in quotes in the user agent", Name, |_, secret| {
        let agent = format!("x bearer \"{secret}\"");
        token_only(secret).then(|| Sent::get(format!("/?q={ATTACK}")).with("user-agent", agent))
    }),
    place("a credential behind a colon in the path", Name, |_, secret| {
        token_only(secret).then(|| Sent::get(format!("/zz/bearer:{secret}?q={ATTACK}")))
    }),
    place("a call by the name of a secret in the path", Name, |_, secret| {
        token_only(secret).then(|| Sent::get(format!("/zz/password({secret})?q={ATTACK}")))
    }),
    place("a password with a quote in it", Name, |_, secret| {
        token_only(secret).then(|| text_of(format!("1' union select a-- password=a'{secret}")))?
    }),
    place("the value before the name of a secret", Name, |_, secret| {
        text_of(format!("1' union select a-- {{\"value\":\"{secret}\",\"name\":\"password\"}}"))
    }),
    place("an element by the name of a secret in its attribute", Name, |_, secret| {
        text_of(format!("1' union select a-- <a name=\"password\">{secret}</a>"))
    }),
    place("json that is broken", Nothing, |value, _| {
        Some(Sent::post("/x", JSON, format!("{{\"a\":{}", serde_json::json!(value))))
    }),
    place("a multipart field", Nothing, |value, _| part("name=\"a\"", "", value)),
    place("a multipart field by the name of a secret", Name, |value, _| part("name=\"password\"", "", value)),
    place("the name of a multipart field", IsName, |value, _| part(&format!("name=\"{}\"", quoted(value)), "", "1")),
    place("the name of a multipart file", Nothing, |value, _| {
        part(&format!("name=\"a\"; filename=\"{}\"", quoted(value)), "", "1")
    }),
    place("a multipart file", Nothing, |value, _| {
        part("name=\"a\"; filename=\"a.txt\"", "content-type: text/plain\r\n", value)
    }),
    place("a header of a multipart file", Nothing, |value, _| {
        part("name=\"a\"; filename=\"a.txt\"", &format!("x-note: {value}\r\n"), "1")
    }),
    place("text", Nothing, |value, _| Some(Sent::post("/x", "text/plain", value.to_owned()))),
    place("a body of no known type", Nothing, |value, _| Some(Sent::post("/x", "application/x-own", value.to_owned()))),
    place("a trailer", Nothing, |value, _| {
        let trailer = Some(("x-note".to_owned(), value.to_owned()));
        Some(Sent { trailer, ..Sent::post("/x", "text/plain", "hello".to_owned()) })
    }),
    place("a value that its schema refuses", Nothing, |_, secret| {
        Some(Sent::post(
            "/checked",
            JSON,
            serde_json::json!({ "n": secret, "s": format!("{secret}{secret}") }).to_string(),
        ))
    }),
    place("a call of grpc", Nothing, |value, _| {
        Some(Sent::post("/x", "application/grpc", String::new()).with("x-note", value))
    }),
];
