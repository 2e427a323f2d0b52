//! Texts to values, as the styles of OpenAPI write them (OpenAPI 3.1, "Style Values").

use super::deep::DeepTexts;
use crate::schema::Style;
use crate::schema::shape::{Shape, ShapeId, Shapes, Types};
use crate::schema::tape::{Kind, TapeBuilder};

/// What a text is read as where its schema leaves a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefer {
    /// A number, boolean or null, where it looks like one.
    Typed,
    /// A string.
    Strings,
    /// A string; and a list that no field names is an empty one, of which a form writes nothing (RFC 6570, 3.2.8).
    StringsAndLists,
}

/// Puts a scalar on the tape.
pub(super) fn scalar(text: &str, types: Types, prefer: Prefer, tape: &mut TapeBuilder) {
    let typed = prefer == Prefer::Typed || !types.has(Types::STRING);
    let numeric = || text.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    match text {
        "true" if typed && types.has(Types::BOOLEAN) => tape.begin(Kind::True),
        "false" if typed && types.has(Types::BOOLEAN) => tape.begin(Kind::False),
        "null" if typed && types.has(Types::NULL) && types != Types::ANY => tape.begin(Kind::Null),
        "" if types.has(Types::NULL) && !types.has(Types::STRING) => tape.begin(Kind::Null),
        _ if typed && types.has(Types::NUMBER) && numeric() && super::reader::is_number(text) => {
            tape.scalar(Kind::Number, text);
        }
        _ => tape.scalar(Kind::String, text),
    }
}

/// The texts of one parameter, split as its style says and decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Texts {
    One(String),
    Many(Vec<String>),
    Members(Vec<(String, String)>),
    /// What stands below the name (`deepObject`).
    Deep(DeepTexts),
}

impl Texts {
    /// Puts the value on a tape, by what its shape makes of the texts.
    pub(super) fn write(&self, shape: &Shape, shapes: &Shapes, prefer: Prefer, tape: &mut TapeBuilder) {
        let types_of = |id: Option<ShapeId>| id.map_or(Types::ANY, |id| shapes.get(id).types);
        match self {
            Self::One(text) => scalar(text, shape.types, prefer, tape),
            Self::Deep(texts) => texts.write(shape, shapes, prefer, tape),
            Self::Many(texts) => {
                tape.begin(Kind::Array);
                let types = types_of(shape.items);
                texts.iter().for_each(|text| scalar(text, types, prefer, tape));
                tape.end();
            }
            Self::Members(members) => {
                tape.begin(Kind::Object);
                for (name, text) in members {
                    tape.key(name);
                    let shape = shape.property(name.as_bytes()).or(shape.others());
                    scalar(text, types_of(shape), prefer, tape);
                }
                tape.end();
            }
        }
    }
}

/// What a parameter holds, by its shape: arrays and objects are written apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Scalar,
    Array,
    Object,
}

impl Form {
    pub(super) fn of(shape: &Shape) -> Self {
        // A schema that says nothing of its type is read as one text.
        match shape.types {
            Types::ANY if shape.items.is_some() => Self::Array,
            Types::ANY if !shape.properties.is_empty() => Self::Object,
            Types::ANY => Self::Scalar,
            types if types.has(Types::ARRAY) => Self::Array,
            types if types.has(Types::OBJECT) => Self::Object,
            _ => Self::Scalar,
        }
    }
}

/// Splits one raw text as `simple`, `label`, `matrix` and the unexploded query styles write it.
/// `decode` undoes what the place escapes, after the split. `None`: it is not written so.
pub(super) fn split(
    raw: &str,
    name: &str,
    style: Style,
    explode: bool,
    form: Form,
    decode: impl Fn(&str) -> String,
) -> Option<Texts> {
    let (text, separator) = match style {
        Style::Simple | Style::Form => (raw.to_owned(), ","),
        Style::Label => (raw.strip_prefix('.')?.to_owned(), if explode { "." } else { "," }),
        Style::Matrix => return matrix(raw, name, explode, form, decode),
        Style::SpaceDelimited => (raw.replace('+', "%20"), "%20"),
        Style::PipeDelimited => (raw.replace("%7C", "|").replace("%7c", "|"), "|"),
        Style::DeepObject => return None,
    };
    Some(match form {
        Form::Scalar => Texts::One(decode(&text)),
        Form::Array if text.is_empty() => Texts::Many(Vec::new()),
        Form::Array => Texts::Many(text.split(separator).map(decode).collect()),
        Form::Object => Texts::Members(members(&text, separator, explode, decode)?),
    })
}

/// `R,100,G,200`, or `R=100,G=200` where they are exploded.
fn members(
    text: &str,
    separator: &str,
    explode: bool,
    decode: impl Fn(&str) -> String,
) -> Option<Vec<(String, String)>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let tokens: Vec<&str> = text.split(separator).collect();
    if explode {
        return tokens
            .iter()
            .map(|token| token.split_once('=').map(|(name, value)| (decode(name), decode(value))))
            .collect();
    }
    let pairs = tokens.chunks(2).map(|pair| match pair {
        [name, value] => Some((decode(name), decode(value))),
        _ => None,
    });
    pairs.collect()
}

/// `;color=blue;color=black`, `;color=blue,black`, `;R=100;G=200`.
fn matrix(raw: &str, name: &str, explode: bool, form: Form, decode: impl Fn(&str) -> String) -> Option<Texts> {
    let rest = raw.strip_prefix(';')?;
    let pairs: Vec<(&str, &str)> = rest.split(';').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    let own = |pair: &(&str, &str)| (pair.0 == name).then(|| pair.1.to_owned());
    match (form, explode) {
        (Form::Scalar, _) => match pairs.as_slice() {
            [pair] => Some(Texts::One(decode(&own(pair)?))),
            _ => None,
        },
        (Form::Array, true) => {
            pairs.iter().map(|pair| own(pair).map(|text| decode(&text))).collect::<Option<_>>().map(Texts::Many)
        }
        (Form::Object, true) => {
            Some(Texts::Members(pairs.iter().map(|(name, value)| (decode(name), decode(value))).collect()))
        }
        (_, false) => match pairs.as_slice() {
            [pair] => split(&own(pair)?, name, Style::Simple, false, form, decode),
            _ => None,
        },
    }
}
