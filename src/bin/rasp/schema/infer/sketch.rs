//! What many values have in common, as a schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Number, Value, json};
use tower_rasp::tools::is_secret;

/// Members of one object that are kept apart.
pub const MEMBERS_MAX: usize = 500;
/// Values below which nothing is said to be required, an enum, or a format.
pub const SUPPORT_MIN: u64 = 20;
/// Different texts up to which they may be an enum.
const OPTIONS_MAX: usize = 8;
/// How often each text must come for them to be an enum.
const RECURS_MIN: u64 = 5;
/// Digits in a word that may be an option.
const WORD_DIGITS_MAX: usize = 6;
/// How long secrets are, of which the length is not told.
const SECRET_LENGTH: usize = 64;
/// How deep documents are looked into.
const DEPTH_MAX: usize = 16;

/// What was seen of the values of one location.
#[derive(Clone, Debug, Default)]
pub struct Sketch {
    seen: u64,
    nulls: u64,
    booleans: u64,
    integers: u64,
    numbers: u64,
    strings: u64,
    least: Option<f64>,
    most: Option<f64>,
    longest: usize,
    /// The texts and how often each came; none once there are too many.
    options: Option<BTreeMap<String, u64>>,
    /// Formats that every text had.
    formats: Option<BTreeSet<&'static str>>,
    arrays: u64,
    items: Option<Box<Sketch>>,
    items_most: usize,
    objects: u64,
    members: BTreeMap<String, Sketch>,
}

impl Sketch {
    /// How many values were seen.
    pub const fn seen(&self) -> u64 {
        self.seen
    }

    /// A value of a query or form, whose type is what it looks like.
    pub fn text(&mut self, text: &str) {
        self.seen += 1;
        self.typed(text);
    }

    /// All values of one name in a request.
    pub fn texts(&mut self, texts: &[String]) {
        self.seen += 1;
        match texts {
            [text] => self.typed(text),
            texts => {
                self.arrays += 1;
                self.items_most = self.items_most.max(texts.len());
                let items = self.items.get_or_insert_default();
                texts.iter().for_each(|text| items.text(text));
            }
        }
    }

    fn typed(&mut self, text: &str) {
        let canonical = |number: i64| number.to_string() == text;
        if text == "true" || text == "false" {
            self.booleans += 1;
        } else if let Some(number) = text.parse::<i64>().ok().filter(|number| canonical(*number)) {
            self.integers += 1;
            self.bound(number as f64);
        } else {
            self.string(text);
        }
    }

    /// The fields of a form.
    pub fn members(&mut self, fields: BTreeMap<String, Vec<String>>) {
        self.seen += 1;
        self.objects += 1;
        for (name, texts) in fields {
            if self.members.len() < MEMBERS_MAX || self.members.contains_key(&name) {
                self.members.entry(name).or_default().texts(&texts);
            }
        }
    }

    /// A value of JSON.
    pub fn value(&mut self, value: &Value) {
        self.nested(value, 0);
    }

    fn nested(&mut self, value: &Value, depth: usize) {
        self.seen += 1;
        match value {
            Value::Null => self.nulls += 1,
            Value::Bool(_) => self.booleans += 1,
            Value::Number(number) => {
                match number.is_i64() || number.is_u64() {
                    true => self.integers += 1,
                    false => self.numbers += 1,
                }
                self.bound(number.as_f64().unwrap_or(0.0));
            }
            Value::String(text) => self.string(text),
            Value::Array(elements) => {
                self.arrays += 1;
                self.items_most = self.items_most.max(elements.len());
                if depth < DEPTH_MAX {
                    let items = self.items.get_or_insert_default();
                    elements.iter().for_each(|element| items.nested(element, depth + 1));
                }
            }
            Value::Object(members) => {
                self.objects += 1;
                for (name, member) in members.iter().filter(|_| depth < DEPTH_MAX) {
                    if self.members.len() < MEMBERS_MAX || self.members.contains_key(name) {
                        self.members.entry(name.clone()).or_default().nested(member, depth + 1);
                    }
                }
            }
        }
    }

    fn bound(&mut self, number: f64) {
        self.least = Some(self.least.map_or(number, |least| least.min(number)));
        self.most = Some(self.most.map_or(number, |most| most.max(number)));
    }

    fn string(&mut self, text: &str) {
        let first = self.strings == 0;
        self.strings += 1;
        self.longest = self.longest.max(text.chars().count());
        if first {
            self.options = Some(BTreeMap::new());
            self.formats = Some(FORMATS.iter().map(|(name, _)| *name).collect());
        }
        if let Some(options) = &mut self.options {
            *options.entry(text.to_owned()).or_default() += 1;
            if options.len() > OPTIONS_MAX {
                self.options = None;
            }
        }
        if let Some(formats) = &mut self.formats {
            formats.retain(|name| FORMATS.iter().any(|(known, fits)| known == name && fits(text)));
        }
    }

    /// The schema that all of them fit, with room for more, for a value of this name.
    pub fn schema(&self, name: &str) -> Value {
        self.described(is_secret(name, ""))
    }

    fn described(&self, is_secret: bool) -> Value {
        let mut schema = Map::new();
        let kinds = [
            (self.nulls > 0, "null"),
            (self.booleans > 0, "boolean"),
            (self.integers > 0 && self.numbers == 0, "integer"),
            (self.numbers > 0, "number"),
            (self.strings > 0, "string"),
            (self.arrays > 0, "array"),
            (self.objects > 0, "object"),
        ];
        let types: Vec<&str> = kinds.into_iter().filter(|(seen, _)| *seen).map(|(_, name)| name).collect();
        match types.as_slice() {
            [] => {}
            [one] => drop(schema.insert("type".to_owned(), json!(one))),
            many => drop(schema.insert("type".to_owned(), json!(many))),
        }
        if let (Some(least), Some(most)) = (self.least, self.most) {
            schema.insert("minimum".to_owned(), number(if least < 0.0 { -power_above(-least * 4.0) } else { 0.0 }));
            schema.insert("maximum".to_owned(), number(power_above(most.max(1.0) * 4.0)));
        }
        if self.strings > 0 {
            self.describe_strings(&mut schema, types.len() == 1, is_secret);
        }
        if self.arrays > 0 {
            schema.insert("maxItems".to_owned(), number(power_above(self.items_most.max(1) as f64 * 2.0)));
            if let Some(items) = &self.items {
                schema.insert("items".to_owned(), items.described(is_secret));
            }
        }
        if self.objects > 0 {
            // A name may be a client's value too: a map by tokens or addresses.
            let named = || self.members.iter().filter(|(name, _)| !is_private(name));
            let described = |member: &Sketch, name: &str| member.described(is_secret || self::is_secret(name, ""));
            let properties: Map<String, Value> =
                named().map(|(name, member)| (name.clone(), described(member, name))).collect();
            let always = |member: &Sketch| member.seen == self.objects && self.objects >= SUPPORT_MIN;
            let required: Vec<&String> = named().filter(|(_, member)| always(member)).map(|(name, _)| name).collect();
            if !required.is_empty() {
                schema.insert("required".to_owned(), json!(required));
            }
            schema.insert(
                "additionalProperties".to_owned(),
                json!(self.members.len() >= MEMBERS_MAX || properties.len() < self.members.len()),
            );
            schema.insert("properties".to_owned(), Value::Object(properties));
        }
        schema.insert("x-rasp-support".to_owned(), json!(self.seen));
        Value::Object(schema)
    }

    fn describe_strings(&self, schema: &mut Map<String, Value>, alone: bool, is_secret: bool) {
        let enough = self.strings >= SUPPORT_MIN;
        // One value may be that of the one client that was seen; of a few that come again and again there are no more.
        let recurs =
            |options: &&BTreeMap<String, u64>| options.len() > 1 && options.values().all(|count| *count >= RECURS_MIN);
        // What clients sent is written down only where it is a word of the interface, and none of theirs.
        let are_words = |options: &&BTreeMap<String, u64>| options.keys().all(|option| is_word(option));
        let options = self.options.as_ref().filter(|_| enough && alone && !is_secret);
        if let Some(options) = options.filter(recurs).filter(are_words) {
            schema.insert("enum".to_owned(), json!(options.keys().collect::<Vec<_>>()));
            return;
        }
        if let Some(format) = self.formats.as_ref().filter(|_| enough).and_then(BTreeSet::first) {
            schema.insert("format".to_owned(), json!(format));
        }
        let least = if is_secret { SECRET_LENGTH } else { 8 };
        schema.insert("maxLength".to_owned(), number(power_above(self.longest.max(least) as f64 * 2.0)));
    }
}

/// Whether a text may be one of the interface: a word, and not what tells of a client.
fn is_word(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/' | b'+'))
        && digits <= WORD_DIGITS_MAX
        && !is_private(text)
}

/// Whether a text by itself tells of a client: a token, the number of a card, an address of mail, a number to call.
pub fn is_private(text: &str) -> bool {
    let is_number =
        |text: &str| text.bytes().filter(u8::is_ascii_digit).count() > WORD_DIGITS_MAX && text.starts_with('+');
    is_secret("", text) || text.contains('@') || is_number(text)
}

/// The next power of two, so that the next value but one does not break the bound.
fn power_above(least: f64) -> f64 {
    let mut power = 1.0_f64;
    while power < least && power < 1e15 {
        power *= 2.0;
    }
    power
}

fn number(value: f64) -> Value {
    Value::Number(Number::from(value as i64))
}

type Fits = fn(&str) -> bool;

static FORMATS: [(&str, Fits); 4] =
    [("uuid", is_uuid), ("date", is_date), ("date-time", is_date_time), ("ipv4", is_ipv4)];

/// Eight, four, four, four and twelve hexadecimal digits.
pub fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == lengths.len()
        && groups
            .iter()
            .zip(lengths)
            .all(|(group, length)| group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    text.len() == 10
        && digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && text.get(4..5) == Some("-")
        && text.get(7..8) == Some("-")
}

fn is_date_time(text: &str) -> bool {
    let (date, time) = text.split_at_checked(10).unwrap_or_default();
    let zoned = time.ends_with('Z') || time.rfind(['+', '-']).is_some_and(|at| at > 5);
    is_date(date) && time.starts_with(['T', 't']) && zoned && time.len() > 8
}

fn is_ipv4(text: &str) -> bool {
    text.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_a_schema_that_they_fit() {
        let mut sketch = Sketch::default();
        for number in 0..40 {
            sketch.value(&json!({ "id": number, "kind": if number % 2 == 0 { "a" } else { "b" }, "tags": ["x"], "on": "2024-01-02" }));
        }
        sketch.value(&json!({ "id": 5, "kind": "a", "tags": [], "on": "2024-01-02", "note": null }));
        let schema = sketch.schema("");
        assert_eq!(schema["required"], json!(["id", "kind", "on", "tags"]));
        assert_eq!(
            schema["properties"]["id"],
            json!({"type": "integer", "minimum": 0, "maximum": 256, "x-rasp-support": 41})
        );
        assert_eq!(schema["properties"]["kind"]["enum"], json!(["a", "b"]));
        assert_eq!(schema["properties"]["on"].get("enum"), None);
        assert_eq!(schema["properties"]["on"]["format"], json!("date"));
        assert_eq!(schema["properties"]["note"]["type"], json!("null"));
        assert_eq!(schema["additionalProperties"], json!(false));
    }

    #[test]
    fn what_is_a_clients_own_is_not_written_down() {
        let mut sketch = Sketch::default();
        let texts = [
            ("password", "SECRETPW"),
            ("contact", "ann@example.org"),
            ("card", "4111 1111 1111 1111"),
            ("bearer", "x"),
            ("note", "Ann Meier"),
            ("phone", "+49 30 1234567"),
            ("reference", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
            ("ssn", "078-05-1120"),
        ];
        for number in 0..60 {
            let mut members: Map<String, Value> =
                texts.iter().map(|(name, text)| ((*name).to_owned(), json!(format!("{text}{}", number % 2)))).collect();
            members.insert(
                "auth".to_owned(),
                json!({ "value": format!("v{}", number % 2), "list": [format!("w{}", number % 2)] }),
            );
            members.insert(format!("ann{}@example.org", number % 2), json!(1));
            sketch.value(&Value::Object(members));
        }
        let schema = sketch.schema("").to_string();
        assert!(!schema.contains("enum") && !schema.contains("example.org"), "{schema}");
    }

    #[test]
    fn few_values_prove_little() {
        let mut sketch = Sketch::default();
        sketch.value(&json!({ "a": "2024-01-02" }));
        let schema = sketch.schema("");
        assert_eq!(schema.get("required"), None);
        assert_eq!(schema["properties"]["a"], json!({"type": "string", "maxLength": 32, "x-rasp-support": 1}));
    }
}
