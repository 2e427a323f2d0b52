//! A body on its way to the tape: what the decoders emit, kept until all of it is there.

use std::collections::HashMap;
use std::sync::Arc;

use super::deep::{self, Deep};
use super::embedded;
use super::style::{Form, Prefer, Texts, scalar, split};
use crate::input::{Aspect, Cause, Leaf, Mark, Notice, Place};
use crate::schema::Fact;
use crate::schema::compile::{CompiledBody, Reading};
use crate::schema::contract::{Encoding, Style};
use crate::schema::shape::{Shape, ShapeId, Shapes, Types};
use crate::schema::tape::{Flaw, Kind, NAMED, Tape, TapeBuilder};

pub(super) use crate::schema::tape::is_number;

/// What is known of a leaf before its body was validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// Nothing, whatever else stands in the body.
    Nothing,
    /// This, if the body is valid.
    Fact(Fact),
    /// That is seen at the end, by this number.
    Later(u32),
}

/// Takes in a body and what the decoders emit of it, in the reading that its schema asks for.
#[derive(Debug)]
pub struct BodyReader {
    reading: Reading,
    tape: TapeBuilder,
    fields: Vec<Field>,
    /// Bytes that were taken in of the fields.
    fields_bytes: usize,
    text: Vec<u8>,
    /// How many bytes of the next leaf repeat the one before.
    repeats: Option<usize>,
    flaw: Option<Flaw>,
}

/// A field of a form, or a part of a multipart body.
#[derive(Debug, Default)]
struct Field {
    name: Vec<u8>,
    value: Option<Vec<u8>>,
    content_type: Option<Vec<u8>>,
    /// Whether it says that its content is encoded: the decoded form is a leaf too.
    is_encoded: bool,
    is_file: bool,
}

impl Field {
    /// Whether its text begins so, white space aside.
    fn begins_with(&self, byte: u8) -> bool {
        self.value.as_deref().is_some_and(|value| value.trim_ascii_start().first() == Some(&byte))
    }
}

/// A body that was read whole.
pub(super) struct Read {
    pub(super) tape: Tape,
    /// The node of each leaf, by the number that [`BodyReader::leaf`] gave it.
    pub(super) nodes: Vec<u32>,
    /// Fields that came more than once and may not.
    pub(super) repeated: Vec<String>,
    /// Fields whose text or media type is not what their schema asks.
    pub(super) malformed: Vec<String>,
}

impl BodyReader {
    /// Begins a body.
    #[must_use]
    pub(super) fn new(reading: Reading, shape: Option<(&Arc<Shapes>, ShapeId)>) -> Self {
        let tape = shape.map(|(shapes, shape)| TapeBuilder::shaped(shapes, shape)).unwrap_or_default();
        Self { reading, tape, fields: Vec::new(), fields_bytes: 0, text: Vec::new(), repeats: None, flaw: None }
    }

    /// The bytes themselves, as they come: some bodies are one text, whatever decoders make of it.
    pub fn chunk(&mut self, bytes: &[u8]) {
        match self.reading {
            Reading::Text => self.text.extend_from_slice(bytes),
            Reading::Json => self.tape.expect(bytes.len()),
            Reading::Form | Reading::Multipart | Reading::Unenforced => {}
        }
    }

    /// A step in the structure of the body.
    pub fn structure(&mut self, mark: Mark) {
        if let Mark::More(repeats) = mark {
            self.repeats = Some(repeats);
            return;
        }
        if self.reading != Reading::Json {
            return;
        }
        match mark {
            Mark::Object => self.tape.begin(Kind::Object),
            Mark::Array => self.tape.begin(Kind::Array),
            Mark::End => self.tape.end(),
            Mark::Key => self.tape.begin_key(),
            Mark::String => self.tape.begin(Kind::String),
            Mark::Number => self.tape.begin(Kind::Number),
            Mark::True => self.tape.begin(Kind::True),
            Mark::False => self.tape.begin(Kind::False),
            Mark::Null => self.tape.begin(Kind::Null),
            Mark::More(_) => {}
        }
    }

    /// A leaf, and what will be known of it.
    pub fn leaf(&mut self, leaf: &Leaf<'_>) -> Prospect {
        let repeats = self.repeats.take();
        let fact = match (self.reading, repeats) {
            (Reading::Json, None) if leaf.place == Place::Body => self.tape.text(leaf.value),
            (Reading::Json, Some(repeats)) if leaf.place == Place::Body => {
                self.tape.more(leaf.value.get(repeats..).unwrap_or_default())
            }
            (Reading::Form, _) if leaf.place == Place::Form => return self.field(leaf, repeats),
            (Reading::Multipart, _) if matches!(leaf.place, Place::Part | Place::File) => {
                return self.field(leaf, repeats);
            }
            // The text decoder emits the whole, in windows.
            (Reading::Text, _) if leaf.place == Place::Body && leaf.name.is_empty() => return Prospect::Later(0),
            _ => None,
        };
        fact.map_or(Prospect::Nothing, Prospect::Fact)
    }

    fn field(&mut self, leaf: &Leaf<'_>, repeats: Option<usize>) -> Prospect {
        if leaf.aspect == Aspect::Name && repeats.is_none() {
            self.fields.push(Field::default());
        }
        let number = (self.fields.len() as u32).saturating_sub(1);
        let Some(field) = self.fields.last_mut() else {
            // A part without a name: what is said of it is not known.
            self.flaw(Flaw::Malformed);
            return Prospect::Nothing;
        };
        let value = leaf.value.get(repeats.unwrap_or(0)..).unwrap_or_default();
        self.fields_bytes += value.len();
        match leaf.aspect {
            Aspect::Name => field.name.extend_from_slice(value),
            Aspect::Value => match (&mut field.value, repeats) {
                (None, _) => field.value = Some(value.to_vec()),
                (Some(known), Some(_)) if !field.is_encoded => known.extend_from_slice(value),
                // Another reading of the same content.
                (Some(_), None) if field.is_encoded => return Prospect::Nothing,
                (Some(_), repeats) => {
                    self.flaw(if repeats.is_some() { Flaw::TooLarge } else { Flaw::Malformed });
                    return Prospect::Nothing;
                }
            },
            // A file name is not what its field's schema speaks of.
            Aspect::Filename => {
                field.is_file = true;
                return Prospect::Nothing;
            }
            Aspect::Header(b"content-type") => {
                // Of two some readers take the first and some the last.
                if field.content_type.replace(value.to_vec()).is_some() {
                    self.flaw(Flaw::Malformed);
                }
                return Prospect::Nothing;
            }
            Aspect::Header(b"content-transfer-encoding") => {
                field.is_encoded =
                    matches!(value.trim_ascii().to_ascii_lowercase().as_slice(), b"base64" | b"quoted-printable");
                return Prospect::Nothing;
            }
            Aspect::Header(_) => return Prospect::Nothing,
        }
        Prospect::Later(number)
    }

    /// The bytes are odd in this way: what honest clients never send is a flaw.
    pub fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::DuplicateKey => self.flaw(Flaw::DuplicateKey),
            Notice::TwoHosts => {}
            _ => self.flaw(Flaw::Malformed),
        }
    }

    /// A part went unread.
    pub fn incomplete(&mut self, cause: Cause) {
        if self.reading != Reading::Text && matches!(cause, Cause::Limit | Cause::Budget | Cause::Undecodable) {
            self.flaw(Flaw::TooLarge);
        }
    }

    /// Something in it cannot be read.
    pub fn flaw(&mut self, flaw: Flaw) {
        if self.reading != Reading::Text {
            self.flaw.get_or_insert(flaw);
        }
    }

    /// Bytes that it holds by now.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let fields = self.fields.capacity() * size_of::<Field>() + self.fields_bytes;
        self.tape.bytes() + self.text.capacity() + fields
    }

    pub(super) const fn reading(&self) -> Reading {
        self.reading
    }

    /// What was read. A JSON document is handed out once; the texts of others may be read again, in
    /// another way.
    pub(super) fn finish(&mut self, body: &CompiledBody, shapes: &Arc<Shapes>, prefer: Prefer) -> Result<Read, Flaw> {
        if let Some(flaw) = self.flaw {
            return Err(flaw);
        }
        let shape = body.check.as_ref().map(|check| check.shape);
        match self.reading {
            Reading::Json => {
                let tape = std::mem::take(&mut self.tape).finish()?;
                if tape.root().is_none() {
                    return Err(Flaw::Malformed);
                }
                Ok(Read { tape, nodes: Vec::new(), repeated: Vec::new(), malformed: Vec::new() })
            }
            Reading::Form | Reading::Multipart => {
                fields(&self.fields, self.reading, shape, shapes, &body.declared.encodings, prefer)
            }
            Reading::Text | Reading::Unenforced => {
                if let Some(read) = self.document(shape, shapes) {
                    return read;
                }
                let mut tape = shape.map(|shape| TapeBuilder::shaped(shapes, shape)).unwrap_or_default();
                let types = shape.map_or(Types::ANY, |id| shapes.get(id).types);
                scalar(&String::from_utf8_lossy(&self.text), types, prefer, &mut tape);
                Ok(Read { tape: tape.finish()?, nodes: vec![0], repeated: Vec::new(), malformed: Vec::new() })
            }
        }
    }
}

impl BodyReader {
    /// A text as a JSON document, where its schema asks for what no text is. Whatever the client calls it,
    /// a handler that can use it reads it so.
    fn document(&self, shape: Option<ShapeId>, shapes: &Arc<Shapes>) -> Option<Result<Read, Flaw>> {
        let id = shape?;
        let shape = shapes.get(id);
        let must_be = !shape.types.has(Types::STRING);
        let may_be = || matches!(self.text.trim_ascii_start().first(), Some(b'{' | b'['));
        if Form::of(shape) == Form::Scalar || !must_be && !may_be() {
            return None;
        }
        let mut tape = TapeBuilder::shaped(shapes, id);
        if !embedded::write(&self.text, &mut tape) {
            return must_be.then_some(Err(Flaw::Malformed));
        }
        let read = |tape| Read { tape, nodes: Vec::new(), repeated: Vec::new(), malformed: Vec::new() };
        Some(tape.finish().map(read))
    }
}

impl Read {
    /// What is known of a leaf.
    pub(super) fn fact(&self, leaf: u32, aspect: Aspect<'_>) -> Option<Fact> {
        let node = *self.nodes.get(leaf as usize)?;
        match aspect {
            Aspect::Value => self.tape.fact(node),
            Aspect::Name => self.tape.is_named(node).then_some(NAMED),
            Aspect::Filename | Aspect::Header(_) => None,
        }
    }
}

/// Puts fields on a tape as the members of one object.
fn fields(
    fields: &[Field],
    reading: Reading,
    shape: Option<ShapeId>,
    shapes: &Arc<Shapes>,
    encodings: &[Encoding],
    prefer: Prefer,
) -> Result<Read, Flaw> {
    let any = Shape::ANY;
    let object = shape.map_or(&any, |id| shapes.get(id));
    let mut order: Vec<&[u8]> = Vec::new();
    let mut groups: HashMap<&[u8], Vec<usize>> = HashMap::new();
    // As many as encodings name, at most.
    let mut into: Vec<(&str, Deep<'_>)> = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        if let Some((property, steps)) = deep_steps(&field.name, encodings) {
            match into.iter_mut().find(|(known, _)| *known == property) {
                Some((_, deep)) => deep.insert(&steps, index),
                None => {
                    let mut deep = Deep::default();
                    deep.insert(&steps, index);
                    into.push((property, deep));
                }
            }
            continue;
        }
        let group = groups.entry(&field.name).or_insert_with(|| {
            order.push(&field.name);
            Vec::new()
        });
        group.push(index);
    }
    if prefer == Prefer::StringsAndLists {
        let is_list = |id: ShapeId| shapes.get(id).types == Types::ARRAY;
        let lists = object.properties.iter().filter(|(_, id)| is_list(*id)).map(|(name, _)| name.as_bytes());
        let is_there = |name: &[u8]| groups.contains_key(name) || into.iter().any(|(one, _)| one.as_bytes() == name);
        order.extend(lists.filter(|name| !is_there(name)));
    }
    let mut read = Read {
        tape: TapeBuilder::default().finish()?,
        nodes: vec![u32::MAX; fields.len()],
        repeated: Vec::new(),
        malformed: Vec::new(),
    };
    let mut tape = shape.map(|shape| TapeBuilder::shaped(shapes, shape)).unwrap_or_default();
    tape.begin(Kind::Object);
    for name in order {
        let Ok(text_name) = std::str::from_utf8(name) else { return Err(Flaw::Malformed) };
        let own = object.property(name).or(object.others()).map_or(&any, |id| shapes.get(id));
        let encoding = encodings.iter().find(|encoding| encoding.property == text_name);
        let members: &[usize] = groups.get(name).map_or(&[], Vec::as_slice);
        tape.key(text_name);
        let mut writer =
            FieldWriter { tape: &mut tape, shapes, prefer, reading, encoding, read: &mut read, name: text_name };
        writer.group(fields, members, own);
    }
    for (name, value) in &into {
        let own = object.property(name.as_bytes()).map_or(&any, |id| shapes.get(id));
        tape.key(name);
        let encoding = encodings.iter().find(|encoding| encoding.property == *name);
        let mut writer = FieldWriter { tape: &mut tape, shapes, prefer, reading, encoding, read: &mut read, name };
        writer.deep(fields, value, own);
    }
    tape.end();
    read.tape = tape.finish()?;
    Ok(read)
}

/// The property of a field whose name leads into a value, where its encoding says that such names do.
fn deep_steps<'f>(name: &'f [u8], encodings: &[Encoding]) -> Option<(&'f str, Vec<&'f str>)> {
    let is_deep = |encoding: &Encoding| encoding.style == Some(Style::DeepObject);
    if !encodings.iter().any(is_deep) {
        return None;
    }
    let (property, steps) = deep::steps(std::str::from_utf8(name).ok()?)?;
    encodings.iter().any(|encoding| is_deep(encoding) && encoding.property == property).then_some((property, steps))
}

struct FieldWriter<'a> {
    tape: &'a mut TapeBuilder,
    shapes: &'a Shapes,
    prefer: Prefer,
    reading: Reading,
    encoding: Option<&'a Encoding>,
    read: &'a mut Read,
    name: &'a str,
}

impl FieldWriter<'_> {
    /// All fields of one name.
    fn group(&mut self, fields: &[Field], members: &[usize], shape: &Shape) {
        let exploded = self.encoding.and_then(|encoding| encoding.explode).unwrap_or(true);
        let is_array = Form::of(shape) == Form::Array;
        let single = members.len() == 1;
        if is_array && single {
            let only = members.first().and_then(|&index| Some((index, fields.get(index)?)));
            if let Some((index, field)) = only.filter(|(_, field)| self.is_whole_array(field)) {
                return match self.reading {
                    Reading::Multipart => self.value(fields, index, shape),
                    _ => self.json(field.value.as_deref().unwrap_or_default()),
                };
            }
            // A word may stand where a list may.
            let takes_words = shape.types != Types::ANY && shape.types.has(Types::STRING.or(Types::NULL));
            if let Some((index, _)) = only.filter(|_| takes_words && self.prefer == Prefer::Strings) {
                return self.scalar(fields, index, shape);
            }
        }
        if is_array && (exploded || !single) || !single && shape.types == Types::ANY {
            self.tape.begin(Kind::Array);
            let any = Shape::ANY;
            let items = shape.items.map_or(&any, |id| self.shapes.get(id));
            members.iter().for_each(|&index| self.value(fields, index, items));
            self.tape.end();
            return;
        }
        if !single {
            self.read.repeated.push(self.name.to_owned());
        }
        if let Some(&index) = members.first() {
            self.value(fields, index, shape);
        }
    }

    /// A value that the names of its fields lead into. Its depth is that of the names.
    fn deep(&mut self, fields: &[Field], value: &Deep<'_>, shape: &Shape) {
        if value.members.is_empty() {
            return self.group(fields, &value.fields, shape);
        }
        if let Some(&index) = value.fields.first() {
            // A value and what is within it: which of the two counts nobody can say.
            self.read.repeated.push(self.name.to_owned());
            return self.value(fields, index, shape);
        }
        let is_list = value.is_list_of(shape);
        self.tape.begin(if is_list { Kind::Array } else { Kind::Object });
        for (step, member) in &value.members {
            if !is_list {
                self.tape.key(step);
            }
            self.deep(fields, member, deep::below(shape, step, is_list, self.shapes));
        }
        self.tape.end();
    }

    /// Some write each element by itself, some the array as one document.
    fn is_whole_array(&self, field: &Field) -> bool {
        let says_so = match self.reading {
            Reading::Multipart => is_json(field),
            _ => self.is_declared_json(),
        };
        says_so && field.begins_with(b'[')
    }

    /// One text as it is.
    fn scalar(&mut self, fields: &[Field], index: usize, shape: &Shape) {
        if let Some(slot) = self.read.nodes.get_mut(index) {
            *slot = self.tape.next_node();
        }
        let text = fields.get(index).and_then(|field| field.value.as_deref()).unwrap_or_default();
        scalar(&String::from_utf8_lossy(text), shape.types, self.prefer, self.tape);
    }

    /// Whether the encoding says of a form's field that it holds JSON; beside a style that counts for nothing
    /// (OpenAPI 3.1, "Encoding Object").
    fn is_declared_json(&self) -> bool {
        let is_json = |declared: &String| super::media::is_json(declared.as_bytes());
        self.encoding.is_some_and(|one| one.style.is_none() && one.content_types.iter().any(is_json))
    }

    /// Whether a field is a JSON document of its own. In a form an object is one where nothing else is said of it.
    fn holds_json(&self, field: &Field, form: Form) -> bool {
        match self.reading {
            Reading::Multipart => form == Form::Object || is_json(field) && self.asks_for_json(form),
            _ => {
                let is_usual = form == Form::Object && self.encoding.is_none_or(|one| one.style.is_none());
                self.is_declared_json() || is_usual && field.begins_with(b'{')
            }
        }
    }

    fn value(&mut self, fields: &[Field], index: usize, shape: &Shape) {
        let Some(field) = fields.get(index) else { return };
        if let Some(slot) = self.read.nodes.get_mut(index) {
            *slot = self.tape.next_node();
        }
        let value = field.value.as_deref().unwrap_or_default();
        if self.reading == Reading::Multipart && !self.accepts(field) {
            self.read.malformed.push(self.name.to_owned());
        }
        let form = Form::of(shape);
        if self.holds_json(field, form) {
            return self.json(value);
        }
        let Ok(text) = std::str::from_utf8(value) else {
            // The content of a file: its length is what can be said of it.
            return scalar(&String::from_utf8_lossy(value), shape.types, self.prefer, self.tape);
        };
        let style = self.encoding.and_then(|encoding| encoding.style).unwrap_or(Style::Form);
        let texts = match (form, style) {
            (Form::Array | Form::Object, Style::Form | Style::SpaceDelimited | Style::PipeDelimited) => {
                let text = if style == Style::SpaceDelimited { text.replace(' ', "%20") } else { text.to_owned() };
                split(&text, self.name, style, false, form, str::to_owned)
            }
            _ => None,
        };
        match texts {
            Some(texts) => texts.write(shape, self.shapes, self.prefer, self.tape),
            None => Texts::One(text.to_owned()).write(shape, self.shapes, self.prefer, self.tape),
        }
    }

    /// Whether the media type of a part is one that its encoding names.
    fn accepts(&self, field: &Field) -> bool {
        let Some(encoding) = self.encoding.filter(|encoding| !encoding.content_types.is_empty()) else { return true };
        let essence = super::media::essence(field.content_type.as_deref().unwrap_or(b"text/plain"));
        encoding.content_types.iter().any(|declared| super::media::closeness(declared, essence) > 0)
    }

    /// Whether a part that calls itself JSON is read so: the schema decides that, and not the client.
    fn asks_for_json(&self, form: Form) -> bool {
        let is_json = |declared: &String| super::media::is_json(declared.as_bytes());
        form != Form::Scalar || self.encoding.is_some_and(|encoding| encoding.content_types.iter().any(is_json))
    }

    /// A part that is a JSON document of its own. Parts are small, and the decoder reads none of
    /// them as JSON, so this is the one reading.
    fn json(&mut self, value: &[u8]) {
        // On a tape of its own first: what breaks off must not leave the fields' own open.
        let mut trial = TapeBuilder::default();
        let flaw = if embedded::write(value, &mut trial) { trial.finish().err() } else { Some(Flaw::Malformed) };
        match flaw {
            None => _ = embedded::write(value, self.tape),
            Some(flaw) => {
                let told = if flaw == Flaw::DuplicateKey { &mut self.read.repeated } else { &mut self.read.malformed };
                told.push(self.name.to_owned());
                self.tape.begin(Kind::Null);
            }
        }
    }
}

fn is_json(field: &Field) -> bool {
    field.content_type.as_deref().is_some_and(|value| super::media::is_json(super::media::essence(value)))
}
