//! Paths to templates: segments that are ids by their look, or that vary without end, are parameters.

use std::collections::{BTreeMap, BTreeSet};

/// Different segments at one place past which the place is a parameter.
const VARIETY_MAX: usize = 24;

/// What stands at one place of the paths, by what stands before it.
#[derive(Default)]
pub struct Paths {
    segments: BTreeMap<String, BTreeSet<String>>,
}

impl Paths {
    /// Takes note of a path.
    pub fn see(&mut self, path: &str) {
        let mut before = String::new();
        for segment in path.split('/').skip(1) {
            if id(segment).is_none() {
                let seen = self.segments.entry(before.clone()).or_default();
                if seen.len() <= VARIETY_MAX {
                    seen.insert(segment.to_owned());
                }
            }
            before.push('/');
            before.push_str(id(segment).unwrap_or(segment));
        }
    }

    /// The template of a path, and the values of its parameters.
    pub fn template(&self, path: &str) -> (String, Vec<(String, String)>) {
        let mut template = String::new();
        let mut before = String::new();
        let mut values: Vec<(String, String)> = Vec::new();
        for segment in path.split('/').skip(1) {
            let varies = self.segments.get(&before).is_some_and(|seen| seen.len() > VARIETY_MAX) && !segment.is_empty();
            before.push('/');
            before.push_str(id(segment).unwrap_or(segment));
            template.push('/');
            match id(segment).or(varies.then_some("name")) {
                Some(kind) => {
                    let count = values.iter().filter(|(name, _)| name.starts_with(kind)).count();
                    let name = if count == 0 { kind.to_owned() } else { format!("{kind}{}", count + 1) };
                    template.push_str(&format!("{{{name}}}"));
                    values.push((name, segment.to_owned()));
                }
                // Braces are a template's.
                None => template.push_str(&segment.replace(['{', '}'], "_")),
            }
        }
        (template, values)
    }
}

/// What kind of id a segment is by its look.
fn id(segment: &str) -> Option<&'static str> {
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
    let hex = segment.bytes().all(|byte| byte.is_ascii_hexdigit());
    match segment.len() {
        0 => None,
        _ if digits => Some("id"),
        36 if super::sketch::is_uuid(segment) => Some("uuid"),
        16.. if hex => Some("hash"),
        // What is a client's own is not written down.
        _ if super::sketch::is_private(segment) => Some("value"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_what_varies_are_parameters() {
        let mut paths = Paths::default();
        for number in 0..40 {
            paths.see(&format!("/users/{number}/posts"));
            paths.see(&format!("/tags/t{number}x"));
        }
        assert_eq!(paths.template("/users/7/posts").0, "/users/{id}/posts");
        assert_eq!(
            paths.template("/tags/rust"),
            ("/tags/{name}".to_owned(), vec![("name".to_owned(), "rust".to_owned())])
        );
        assert_eq!(paths.template("/a/1/2").0, "/a/{id}/{id2}");
        assert_eq!(paths.template("/").0, "/");
    }
}
