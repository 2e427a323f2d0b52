//! Parts of schemas that stand elsewhere than their document has them, so that references still find them.

use std::collections::HashMap;

/// What stood below one pointer stands below another.
#[derive(Default)]
pub(super) struct Moves {
    to: HashMap<String, String>,
    from: HashMap<String, String>,
}

impl Moves {
    pub(super) fn add(&mut self, from: String, to: String) {
        self.from.insert(to.clone(), from.clone());
        self.to.insert(from, to);
    }

    /// Where something stands now.
    pub(super) fn now(&self, pointer: &str) -> String {
        walk(&self.to, pointer)
    }

    /// Where the schema stood whose content stands at a pointer now.
    pub(super) fn whole(&self, pointer: &str) -> String {
        self.before(self.from.get(pointer).map_or(pointer, String::as_str))
    }

    /// Where it stood.
    pub(super) fn before(&self, pointer: &str) -> String {
        walk(&self.from, pointer)
    }
}

fn walk(moves: &HashMap<String, String>, pointer: &str) -> String {
    if moves.is_empty() {
        return pointer.to_owned();
    }
    let mut place = String::with_capacity(pointer.len());
    let mut asked = String::with_capacity(pointer.len());
    for token in pointer.split('/').skip(1) {
        if let Some(other) = moves.get(&asked) {
            place.clone_from(other);
        }
        for text in [&mut place, &mut asked] {
            text.push('/');
            text.push_str(token);
        }
    }
    place
}
