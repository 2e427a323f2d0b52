//! Fields whose names lead into a value: `address[city]`, `items[0][price]`, `expand[]` (style `deepObject`).
//!
//! OpenAPI says so of the members of one object and no more; documents write what is deeper, and arrays, as `qs` does.

use std::collections::HashMap;

use super::style::{Form, Prefer, scalar};
use crate::schema::Fact;
use crate::schema::shape::{Additional, Shape, Shapes, Types};
use crate::schema::tape::{Kind, TapeBuilder};

/// Steps that one name may have.
const STEPS_MAX: usize = 16;

/// What stands under one property.
#[derive(Debug, Default)]
pub(super) struct Deep<'a> {
    /// The fields that end here, by their number.
    pub(super) fields: Vec<usize>,
    /// What goes on, in the order in which it came.
    pub(super) members: Vec<(&'a str, Deep<'a>)>,
    known: HashMap<&'a str, usize>,
}

impl<'a> Deep<'a> {
    /// Puts a field where its steps lead; `[]` is a new element each time.
    pub(super) fn insert(&mut self, steps: &[&'a str], field: usize) {
        let Some((&step, rest)) = steps.split_first() else { return self.fields.push(field) };
        let at = match self.known.get(step).filter(|_| !step.is_empty()) {
            Some(&at) => at,
            None => {
                self.known.insert(step, self.members.len());
                self.members.push((step, Deep::default()));
                self.members.len() - 1
            }
        };
        if let Some((_, member)) = self.members.get_mut(at) {
            member.insert(rest, field);
        }
    }

    /// Whether its members are the elements of an array, to a schema of this shape.
    pub(super) fn is_list_of(&self, shape: &Shape) -> bool {
        Form::of(shape) != Form::Object
            && self.members.iter().all(|(step, _)| step.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// One text of a query, with the steps to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DeepText {
    /// The whole name: `address[city]`.
    pub(super) name: String,
    pub(super) steps: Vec<String>,
    pub(super) text: String,
}

/// The texts of one parameter that stand below its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DeepTexts(pub(super) Vec<DeepText>);

impl DeepTexts {
    fn tree(&self) -> Deep<'_> {
        let mut tree = Deep::default();
        for (index, one) in self.0.iter().enumerate() {
            let steps: Vec<&str> = one.steps.iter().map(String::as_str).collect();
            tree.insert(&steps, index);
        }
        tree
    }

    /// Whether all are elements of one list.
    pub(super) fn is_flat_list(&self) -> bool {
        self.0
            .iter()
            .all(|one| matches!(one.steps.as_slice(), [step] if step.bytes().all(|byte| byte.is_ascii_digit())))
    }

    /// Whether one stands where others lead through: which of them counts nobody can say.
    pub(super) fn is_tangled(&self) -> bool {
        let tree = self.tree();
        let mut stack = vec![&tree];
        let mut tangled = false;
        while let Some(value) = stack.pop() {
            tangled |= !value.fields.is_empty() && !value.members.is_empty();
            stack.extend(value.members.iter().map(|(_, member)| member));
        }
        tangled
    }

    /// Whether one is there more than once where its schema has no list.
    pub(super) fn is_repeated(&self, shape: &Shape, shapes: &Shapes) -> bool {
        repeats(&self.tree(), shape, shapes)
    }

    /// Puts them on a tape as one value.
    pub(super) fn write(&self, shape: &Shape, shapes: &Shapes, prefer: Prefer, tape: &mut TapeBuilder) {
        self.put(&self.tree(), shape, (shapes, prefer), tape);
    }

    fn put(&self, value: &Deep<'_>, shape: &Shape, how: (&Shapes, Prefer), tape: &mut TapeBuilder) {
        let (shapes, prefer) = how;
        if value.members.is_empty() {
            return self.put_texts(&value.fields, shape, how, tape);
        }
        let is_list = value.is_list_of(shape);
        tape.begin(if is_list { Kind::Array } else { Kind::Object });
        for (step, member) in &value.members {
            if !is_list {
                tape.key(step);
            }
            self.put(member, below(shape, step, is_list, shapes), (shapes, prefer), tape);
        }
        tape.end();
    }

    fn put_texts(&self, fields: &[usize], shape: &Shape, how: (&Shapes, Prefer), tape: &mut TapeBuilder) {
        let (shapes, prefer) = how;
        let text = |index: &usize| self.0.get(*index).map_or("", |one| one.text.as_str());
        let is_one = prefer == Prefer::Strings && shape.types.has(Types::STRING) || Form::of(shape) != Form::Array;
        match fields {
            [one] if is_one => scalar(text(one), shape.types, prefer, tape),
            _ => {
                let types = shape.items.map_or(Types::ANY, |items| shapes.get(items).types);
                tape.begin(Kind::Array);
                fields.iter().for_each(|one| scalar(text(one), types, prefer, tape));
                tape.end();
            }
        }
    }

    /// What is known of each of them once the value is valid, by its whole name.
    pub(super) fn facts<'t>(&'t self, shape: &'t Shape, shapes: &'t Shapes) -> impl Iterator<Item = (&'t str, Fact)> {
        let fact = move |one: &'t DeepText| {
            // Only where the steps can have led nowhere else.
            let mut at = shape;
            for step in &one.steps {
                at = match Form::of(at) {
                    Form::Object => shapes.get(at.property(step.as_bytes())?),
                    Form::Array if at.types == Types::ARRAY => shapes.get(at.items?),
                    _ => return None,
                };
            }
            let at = if at.types == Types::ARRAY { shapes.get(at.items?) } else { at };
            Some((one.name.as_str(), at.fact?))
        };
        self.0.iter().filter_map(fact)
    }
}

fn repeats(value: &Deep<'_>, shape: &Shape, shapes: &Shapes) -> bool {
    let takes_many = Form::of(shape) == Form::Array || shape.types == Types::ANY && shape.fact.is_none();
    let is_list = value.is_list_of(shape);
    let below = |(step, member): &(&str, Deep<'_>)| repeats(member, below(shape, step, is_list, shapes), shapes);
    value.fields.len() > 1 && !takes_many || value.members.iter().any(below)
}

/// What is said of a member or an element.
pub(super) fn below<'s>(shape: &Shape, step: &str, is_list: bool, shapes: &'s Shapes) -> &'s Shape {
    static ANY: Shape = Shape::ANY;
    let other = if let Additional::Shaped(other) = shape.additional { Some(other) } else { None };
    let own = if is_list { shape.items } else { shape.property(step.as_bytes()).or(other) };
    own.map_or(&ANY, |id| shapes.get(id))
}

/// A name as its property and the steps from there; none where it has no steps, or is not written so.
pub(super) fn steps(name: &str) -> Option<(&str, Vec<&str>)> {
    let (property, rest) = name.split_at(name.find('[').filter(|&at| at > 0)?);
    let inner = rest.strip_prefix('[')?.strip_suffix(']')?;
    let steps: Vec<&str> = inner.split("][").take(STEPS_MAX + 1).collect();
    let plain = steps.len() <= STEPS_MAX && steps.iter().all(|step| !step.contains(['[', ']']));
    plain.then_some((property, steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_into_a_value() {
        assert_eq!(steps("a[b][0][]"), Some(("a", vec!["b", "0", ""])));
        for plain in ["a", "[a]", "a[b", "a[b]c", "a[b]]", "a[[b]", &format!("a{}", "[b]".repeat(17))] {
            assert_eq!(steps(plain), None, "{plain}");
        }
    }
}
