//! Parameters and credentials: what the head of a request must hold.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::deep::{self, DeepText, DeepTexts};
use super::embedded;
use super::failures::validate;
use super::style::{Form, Prefer, Texts, split};
use crate::input::{Head, Leaf, Location, Place};
use crate::schema::compile::{Check, CompiledOperation};
use crate::schema::contract::{Credential, Parameter, Style};
use crate::schema::shape::{Additional, Types};
use crate::schema::tape::{Tape, TapeBuilder};
use crate::schema::{Failure, Keyword, Report, UndeclaredAction};

/// The pairs of a query, raw, and their names decoded.
struct Query<'a> {
    pairs: Vec<(Cow<'a, str>, &'a [u8])>,
}

impl<'a> Query<'a> {
    fn of(head: &'a Head) -> Self {
        let raw = head.query().unwrap_or_default();
        let pairs = raw.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
            let equals = memchr::memchr(b'=', pair).unwrap_or(pair.len());
            let (name, value) = pair.split_at(equals);
            (form_decode(name).into(), value.get(1..).unwrap_or_default())
        });
        Self { pairs: pairs.collect() }
    }

    fn values<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'a [u8]> {
        self.pairs.iter().filter(move |(own, _)| own == name).map(|(_, value)| *value)
    }
}

/// What stands in a request for one parameter.
enum Found {
    Absent,
    Repeated,
    Malformed,
    Texts(Texts),
}

impl CompiledOperation {
    /// Checks the head: parameters, credentials, and what is not declared. `path` has the values
    /// of the template's parameters, raw, under the names that the operation gives them.
    pub fn check_head(&self, head: &Head, path: &[(&str, &[u8])], report: &mut Report) {
        let query = Query::of(head);
        for (parameter, check) in self.operation.parameters.iter().zip(&self.parameters) {
            self.parameter(parameter, check.as_ref(), head, &query, path, report);
        }
        self.credentials(head, &query, report);
        self.undeclared(head, &query, report);
    }

    fn parameter(
        &self,
        parameter: &Parameter,
        check: Option<&Check>,
        head: &Head,
        query: &Query<'_>,
        path: &[(&str, &[u8])],
        report: &mut Report,
    ) {
        let shape = check.map(|check| self.shapes.get(check.shape));
        let form = shape.map_or(Form::Scalar, Form::of);
        let form = if parameter.content.is_some() { Form::Scalar } else { form };
        let find = |form| match parameter.place {
            Place::Path => in_path(parameter, form, path),
            Place::Query => self.in_query(parameter, check, form, query),
            Place::Header => in_header(parameter, form, head),
            _ => in_cookie(parameter, form, head),
        };
        let found = match check.filter(|_| form != Form::Scalar) {
            Some(check) => self.one_text(parameter, check, find(Form::Scalar)).unwrap_or_else(|| find(form)),
            None => find(form),
        };
        let location = location(parameter.place, &parameter.name);
        let fail = |keyword, message: &'static str| Failure {
            keyword,
            location: location.clone(),
            schema_pointer: parameter.origin.pointer.as_str().into(),
            message: message.into(),
        };
        let texts = match found {
            Found::Absent if parameter.required => {
                return report.fail(UndeclaredAction::Block, || fail(Keyword::MissingParameter, "must be there"));
            }
            Found::Absent => return,
            Found::Repeated => {
                return report.fail(UndeclaredAction::Block, || fail(Keyword::Duplicate, "may be there once only"));
            }
            Found::Malformed => {
                return report
                    .fail(UndeclaredAction::Block, || fail(Keyword::Malformed, "is not written as its style asks"));
            }
            Found::Texts(texts) => texts,
        };
        report.unenforced |= parameter.unenforced;
        let (Some(check), Some(shape)) = (check, shape) else { return };
        report.unenforced |= shape.unenforced;
        if parameter.allow_empty && texts == Texts::One(String::new()) {
            return;
        }
        let Some(tape) = self.tape(parameter, check, &texts) else {
            return report
                .fail(UndeclaredAction::Block, || fail(Keyword::Malformed, "cannot be read as its media type"));
        };
        let valid = validate(check, &tape, self.work_max, report, |_| location.clone());
        report.unenforced |= tape.is_unenforced();
        tape.allow(u64::MAX, 1);
        let is_deep = parameter.style == Style::DeepObject;
        self.undeclared_fields(&tape, report, |pointer| match is_deep {
            true => member_location(parameter, pointer),
            false => location.clone(),
        });
        if valid {
            self.learn(parameter, check, &texts, report);
        }
    }

    /// What stands there as one text, where its schema takes that besides what is written apart (`a`, where a word or a
    /// list of numbers may stand; nothing, where null may).
    fn one_text(&self, parameter: &Parameter, check: &Check, found: Found) -> Option<Found> {
        let types = self.shapes.get(check.shape).types;
        let Found::Texts(texts @ Texts::One(_)) = found else { return None };
        let fits = || self.tape(parameter, check, &texts).is_some_and(|tape| self.fits(check, &tape));
        (types != Types::ANY && types.has(Types::SCALARS) && fits()).then_some(Found::Texts(texts))
    }

    /// The value of a parameter; where a text may be a string or something else, what is valid.
    fn tape(&self, parameter: &Parameter, check: &Check, texts: &Texts) -> Option<Tape> {
        if let (Some(_), Texts::One(text)) = (&parameter.content, texts) {
            let mut tape = TapeBuilder::shaped(&self.shapes, check.shape);
            return embedded::write(text.as_bytes(), &mut tape).then(|| tape.finish().ok()).flatten();
        }
        let shape = self.shapes.get(check.shape);
        let read = |prefer| {
            let mut tape = TapeBuilder::shaped(&self.shapes, check.shape);
            texts.write(shape, &self.shapes, prefer, &mut tape);
            tape.finish().ok()
        };
        let strings = read(Prefer::Strings).filter(|tape| self.fits(check, tape));
        strings.or_else(|| read(Prefer::Typed))
    }

    /// What a valid parameter makes known of its leaves.
    fn learn(&self, parameter: &Parameter, check: &Check, texts: &Texts, report: &mut Report) {
        let shape = self.shapes.get(check.shape);
        let place = parameter.place;
        if parameter.content.is_some() {
            return;
        }
        match texts {
            Texts::One(_) => {
                if let Some(fact) = shape.fact {
                    report.facts.insert(place, parameter.name.as_bytes(), fact);
                }
            }
            Texts::Many(_) => {
                // Where all stand in one leaf, what each element is does not make the whole so: of
                // letters and bars or dots a command or a path can be made, of letters and commas not.
                let is_apart = parameter.explode && parameter.style == Style::Form;
                if !is_apart && !matches!(parameter.style, Style::Form | Style::Simple) {
                    return;
                }
                if let Some(fact) = shape.items.and_then(|items| self.shapes.get(items).fact) {
                    let fact = if is_apart { fact } else { fact.joined() };
                    report.facts.insert(place, parameter.name.as_bytes(), fact);
                }
            }
            Texts::Deep(texts) => {
                for (name, fact) in texts.facts(shape, &self.shapes) {
                    report.facts.insert(place, name.as_bytes(), fact);
                }
            }
            Texts::Members(members) => {
                for (name, _) in members {
                    let fact = shape.property(name.as_bytes()).and_then(|id| self.shapes.get(id).fact);
                    let Some(fact) = fact else { continue };
                    if parameter.style == Style::Form && parameter.explode {
                        report.facts.insert(place, name.as_bytes(), fact);
                    }
                }
            }
        }
    }

    fn in_query(&self, parameter: &Parameter, check: Option<&Check>, form: Form, query: &Query<'_>) -> Found {
        let name = parameter.name.as_str();
        let decode = |text: &str| form_decode(text.as_bytes());
        match (parameter.style, form, parameter.explode) {
            (Style::DeepObject, ..) => self.deep(query, name, form, check),
            (Style::Form, Form::Object, true) => {
                let Some(check) = check else { return Found::Absent };
                let shape = self.shapes.get(check.shape);
                // What no other parameter has is this one's, where it says of what it does not name what that must be.
                let takes_others = matches!(shape.additional, Additional::Shaped(_));
                let known =
                    |own: &str| shape.property(own.as_bytes()).is_some() || takes_others && !self.names_query(own);
                let members = query.pairs.iter().filter(|(own, _)| known(own));
                members_found(members.map(|(own, value)| (own.to_string(), form_decode(value))).collect())
            }
            (Style::Form, Form::Array, true) => {
                let texts: Vec<String> = query.values(name).map(form_decode).collect();
                if texts.is_empty() { Found::Absent } else { Found::Texts(Texts::Many(texts)) }
            }
            // `explode` separates the others in the same way.
            (Style::SpaceDelimited | Style::PipeDelimited, Form::Array, true)
                if query.values(name).nth(1).is_some() =>
            {
                Found::Texts(Texts::Many(query.values(name).map(form_decode).collect()))
            }
            (style, form, explode) => {
                let mut values = query.values(name);
                let Some(value) = values.next() else { return Found::Absent };
                if values.next().is_some() {
                    return Found::Repeated;
                }
                let Ok(raw) = std::str::from_utf8(value) else { return Found::Malformed };
                let explode = explode && form == Form::Object;
                let strict = split(raw, name, style, explode, form, decode);
                if style != Style::Form || form == Form::Scalar || !holds_comma(raw) {
                    return strict.map_or(Found::Malformed, Found::Texts);
                }
                // Many clients escape the commas between values too, and servers that decode first never see it.
                let fits = |texts: &Texts| {
                    let tape = check.and_then(|check| Some((check, self.tape(parameter, check, texts)?)));
                    tape.is_some_and(|(check, tape)| self.fits(check, &tape))
                };
                let between =
                    || split(&raw.replace("%2C", ",").replace("%2c", ","), name, style, explode, form, decode);
                strict.filter(fits).or_else(between).map_or(Found::Malformed, Found::Texts)
            }
        }
    }

    /// `f[a]=1` and what is deeper, `f[a][b]=1`; of an array `f[]=1` and `f[0]=1`, as documents mean it; and `f=1`, which
    /// a schema may allow besides.
    fn deep(&self, query: &Query<'_>, name: &str, form: Form, check: Option<&Check>) -> Found {
        let deep = |(own, value): &(Cow<'_, str>, &[u8])| {
            let (_, steps) = deep::steps(own).filter(|(property, _)| *property == name)?;
            let steps = steps.into_iter().map(str::to_owned).collect();
            Some(DeepText { name: own.to_string(), steps, text: form_decode(value) })
        };
        let texts = DeepTexts(query.pairs.iter().filter_map(deep).collect());
        let mut plain: Vec<String> = query.values(name).map(form_decode).collect();
        if texts.0.is_empty() {
            return match (form, plain.len()) {
                (_, 0) => Found::Absent,
                (Form::Array, _) => Found::Texts(Texts::Many(plain)),
                (_, 1) => Found::Texts(Texts::One(plain.pop().unwrap_or_default())),
                _ => Found::Repeated,
            };
        }
        if form == Form::Array && texts.is_flat_list() {
            plain.extend(texts.0.into_iter().map(|one| one.text));
            return Found::Texts(Texts::Many(plain));
        }
        if !plain.is_empty() || texts.is_tangled() {
            return Found::Malformed;
        }
        let shape = check.map(|check| self.shapes.get(check.shape));
        match shape.is_some_and(|shape| texts.is_repeated(shape, &self.shapes)) {
            true => Found::Repeated,
            false => Found::Texts(Texts::Deep(texts)),
        }
    }

    fn credentials(&self, head: &Head, query: &Query<'_>, report: &mut Report) {
        let alternatives = &self.operation.security;
        let there = |credential: &Credential| is_there(credential, head, query);
        if alternatives.is_empty() || alternatives.iter().any(|alternative| alternative.credentials.iter().all(there)) {
            return;
        }
        let Some(credential) =
            alternatives.iter().flat_map(|alternative| &alternative.credentials).find(|one| !there(one))
        else {
            return;
        };
        report.failures.push(Failure {
            keyword: Keyword::MissingCredential,
            location: location(credential.place, &credential.name),
            schema_pointer: self.operation.origin.pointer.as_str().into(),
            message: "a credential must be there".into(),
        });
    }

    fn undeclared(&self, head: &Head, query: &Query<'_>, report: &mut Report) {
        let undeclared = &self.operation.undeclared;
        let mut fail = |action, keyword, location, message: &'static str| {
            let schema_pointer = self.operation.origin.pointer.as_str().into();
            report.fail(action, || Failure { keyword, location, schema_pointer, message: message.into() });
        };
        if undeclared.parameters > UndeclaredAction::Pass {
            for (name, _) in query.pairs.iter().filter(|(name, _)| !self.declares_query(name)) {
                fail(
                    undeclared.parameters,
                    Keyword::UndeclaredParameter,
                    location(Place::Query, name),
                    "the parameter is not declared",
                );
            }
            // Cookies of other services come along; they count where any is declared here.
            if self.declares(Place::Cookie, None) {
                for (name, _) in cookies(head).filter(|(name, _)| !self.declares(Place::Cookie, Some(name))) {
                    fail(
                        undeclared.parameters,
                        Keyword::UndeclaredParameter,
                        location(Place::Cookie, &name),
                        "the cookie is not declared",
                    );
                }
            }
        }
        if let Some(headers) = undeclared.headers.as_ref().filter(|headers| headers.action > UndeclaredAction::Pass) {
            for header in head.headers().filter(|header| header.name.starts_with(headers.prefix.as_bytes())) {
                let name = String::from_utf8_lossy(header.name);
                if !self.declares(Place::Header, Some(&name)) {
                    fail(
                        headers.action,
                        Keyword::UndeclaredHeader,
                        location(Place::Header, &name),
                        "the header is not declared",
                    );
                }
            }
        }
    }

    /// Whether a parameter or credential stands at this place, of this name or of any.
    fn declares(&self, place: Place, name: Option<&str>) -> bool {
        let named = |own: &str| name.is_none_or(|name| own.eq_ignore_ascii_case(name));
        let mut credentials = self.operation.security.iter().flat_map(|alternative| &alternative.credentials);
        self.operation.parameters.iter().any(|parameter| parameter.place == place && named(&parameter.name))
            || credentials.any(|credential| credential.place == place && named(&credential.name))
    }

    fn declares_query(&self, name: &str) -> bool {
        let takes_others = |(parameter, check): (&Parameter, &Option<Check>)| {
            let shape = check.as_ref().map(|check| self.shapes.get(check.shape));
            let takes = shape.is_some_and(|shape| {
                Form::of(shape) == Form::Object && matches!(shape.additional, Additional::Shaped(_))
            });
            parameter.place == Place::Query && parameter.style == Style::Form && parameter.explode && takes
        };
        self.names_query(name) || self.operation.parameters.iter().zip(&self.parameters).any(takes_others)
    }

    /// Whether a parameter, a member of one or a credential bears this name.
    fn names_query(&self, name: &str) -> bool {
        let declares = |(parameter, check): (&Parameter, &Option<Check>)| {
            if parameter.place != Place::Query {
                return false;
            }
            let shape = check.as_ref().map(|check| self.shapes.get(check.shape));
            let is_member = match parameter.style {
                Style::DeepObject => deep::steps(name).is_some_and(|(own, _)| own == parameter.name),
                Style::Form if parameter.explode => {
                    shape.is_some_and(|shape| shape.property(name.as_bytes()).is_some())
                }
                _ => false,
            };
            is_member || parameter.name == name
        };
        self.operation.parameters.iter().zip(&self.parameters).any(declares)
            || self
                .operation
                .security
                .iter()
                .flat_map(|one| &one.credentials)
                .any(|credential| credential.place == Place::Query && credential.name == name)
    }
}

/// Whether a comma is escaped there.
fn holds_comma(raw: &str) -> bool {
    memchr::memmem::find(raw.as_bytes(), b"%2C").or_else(|| memchr::memmem::find(raw.as_bytes(), b"%2c")).is_some()
}

fn members_found(members: Vec<(String, String)>) -> Found {
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
        return Found::Repeated;
    }
    if members.is_empty() { Found::Absent } else { Found::Texts(Texts::Members(members)) }
}

fn in_path(parameter: &Parameter, form: Form, path: &[(&str, &[u8])]) -> Found {
    let Some((_, raw)) = path.iter().find(|(name, _)| *name == parameter.name) else { return Found::Absent };
    let Ok(raw) = std::str::from_utf8(raw) else { return Found::Malformed };
    let decode = |text: &str| percent_decode(text.as_bytes()).decode_utf8_lossy().into_owned();
    split(raw, &parameter.name, parameter.style, parameter.explode, form, decode).map_or(Found::Malformed, Found::Texts)
}

fn in_header(parameter: &Parameter, form: Form, head: &Head) -> Found {
    let values: Vec<&[u8]> = head.header(&parameter.name).collect();
    // Lines of one header are one list (RFC 9110, 5.3).
    let joined = match values.as_slice() {
        [] => return Found::Absent,
        [_, _, ..] if form == Form::Scalar => return Found::Repeated,
        values => values.join(&b','),
    };
    let Ok(raw) = String::from_utf8(joined) else { return Found::Malformed };
    let decode = |text: &str| text.trim().to_owned();
    split(raw.trim(), &parameter.name, Style::Simple, parameter.explode, form, decode)
        .map_or(Found::Malformed, Found::Texts)
}

fn in_cookie(parameter: &Parameter, form: Form, head: &Head) -> Found {
    let mut values = cookies(head).filter(|(name, _)| *name == parameter.name.as_str()).map(|(_, value)| value);
    let Some(value) = values.next() else { return Found::Absent };
    let texts: Vec<_> = std::iter::once(value.clone()).chain(values).collect();
    if texts.len() > 1 {
        return match form {
            Form::Array => Found::Texts(Texts::Many(texts.into_iter().map(Cow::into_owned).collect())),
            _ => Found::Repeated,
        };
    }
    let explode = parameter.explode && form == Form::Object;
    split(&value, &parameter.name, Style::Form, explode, form, str::to_owned).map_or(Found::Malformed, Found::Texts)
}

/// The cookies of all lines, cut as the decoder cuts them: what is known of a cookie is known by its
/// name, so each that bears the name there must be seen here. What is no text fits no declared one.
fn cookies(head: &Head) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let pairs = head.header("cookie").flat_map(|line| line.split(|&byte| byte == b';'));
    pairs.filter_map(|pair| {
        let (name, value) = pair.split_at(memchr::memchr(b'=', pair)?);
        let value = value.get(1..)?.trim_ascii();
        Some((String::from_utf8_lossy(name.trim_ascii()), String::from_utf8_lossy(value)))
    })
}

fn is_there(credential: &Credential, head: &Head, query: &Query<'_>) -> bool {
    match credential.place {
        Place::Header => head.header(&credential.name).any(|value| match &credential.scheme {
            Some(scheme) => {
                let (own, rest) = value.split_at(value.len().min(scheme.len()));
                own.eq_ignore_ascii_case(scheme.as_bytes()) && rest.starts_with(b" ") && !rest.trim_ascii().is_empty()
            }
            None => !value.trim_ascii().is_empty(),
        }),
        Place::Query => query.values(&credential.name).any(|value| !value.is_empty()),
        _ => cookies(head).any(|(name, value)| name == credential.name.as_str() && !value.is_empty()),
    }
}

/// What stands below the name of a parameter, by its pointer there: `/a/b` is `name[a][b]`.
fn member_location(parameter: &Parameter, pointer: &str) -> Location {
    let steps = pointer.split('/').skip(1).map(|step| format!("[{}]", step.replace("~1", "/").replace("~0", "~")));
    location(parameter.place, &format!("{}{}", parameter.name, steps.collect::<String>()))
}

fn location(place: Place, name: &str) -> Location {
    Location::of(&Leaf::value(place, name.as_bytes(), b""))
}

/// As forms are read: `+` is a space.
fn form_decode(raw: &[u8]) -> String {
    let spaced: Vec<u8> = raw.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}
