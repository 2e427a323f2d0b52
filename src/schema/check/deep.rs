//! Fields whose names lead into a value: `address[city]`, `items[0][price]`, `expand[]` (style `deepObject`).
//!
//! OpenAPI says so of the members of one object and no more; documents write what is deeper, and arrays, as `qs` does.

use std::collections::HashMap;

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

    /// Whether its members are the elements of an array.
    pub(super) fn is_list(&self) -> bool {
        self.members.iter().all(|(step, _)| step.bytes().all(|byte| byte.is_ascii_digit()))
    }
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
