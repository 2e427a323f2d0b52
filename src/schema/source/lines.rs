//! The line of every value of a JSON document.

use std::collections::HashMap;

use super::escape;

/// The lines by pointer, or the pointer and line of a key that stands twice in one object.
///
/// The text must be JSON, and nest no deeper than its parser lets it.
pub(super) fn of(text: &str) -> Result<HashMap<String, usize>, (String, usize)> {
    let mut walk = Walk { rest: text, line: 1, pointer: String::new(), lines: HashMap::new() };
    walk.value()?;
    Ok(walk.lines)
}

struct Walk<'a> {
    rest: &'a str,
    line: usize,
    pointer: String,
    lines: HashMap<String, usize>,
}

impl<'a> Walk<'a> {
    fn value(&mut self) -> Result<(), (String, usize)> {
        let first = self.peek();
        if self.lines.insert(self.pointer.clone(), self.line).is_some() {
            return Err((self.pointer.clone(), self.line));
        }
        match first {
            Some('{') => self.members('}', |walk, _| {
                let key = walk.string();
                walk.peek();
                walk.skip(1);
                key
            }),
            Some('[') => self.members(']', |_, index| index.to_string()),
            Some('"') => {
                self.string();
                Ok(())
            }
            _ => {
                let end = self.rest.find([',', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(self.rest.len());
                self.skip(end);
                Ok(())
            }
        }
    }

    /// What stands between braces or brackets, each value under its key or number.
    fn members(&mut self, close: char, name: impl Fn(&mut Self, usize) -> String) -> Result<(), (String, usize)> {
        self.skip(1);
        for index in 0.. {
            match self.peek() {
                None => break,
                Some(next) if next == close => {
                    self.skip(1);
                    break;
                }
                Some(',') => {
                    self.skip(1);
                    self.peek();
                }
                Some(_) => {}
            }
            let name = name(self, index);
            let length = self.pointer.len();
            self.pointer.push('/');
            self.pointer.push_str(&escape(&name));
            self.value()?;
            self.pointer.truncate(length);
        }
        Ok(())
    }

    /// The next character that is no white space.
    fn peek(&mut self) -> Option<char> {
        let trimmed = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let (space, _) = self.rest.split_at(self.rest.len() - trimmed.len());
        self.line += space.bytes().filter(|&byte| byte == b'\n').count();
        self.rest = trimmed;
        trimmed.chars().next()
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// A string with its escapes undone.
    fn string(&mut self) -> String {
        let bytes = self.rest.as_bytes();
        let mut end = 1;
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let written = self.rest.get(..=end).unwrap_or(self.rest);
        self.skip(end + 1);
        serde_json::from_str(written).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pointer_has_its_line() {
        let lines = of("{\n\t\"a\": [1,\n  {\"b/c\": \"x\\\"]\"}, [], {}],\n\"d\": null }\n").expect("json");
        let mut told: Vec<(&str, usize)> = lines.iter().map(|(pointer, line)| (pointer.as_str(), *line)).collect();
        told.sort_unstable();
        let expected =
            [("", 1), ("/a", 2), ("/a/0", 2), ("/a/1", 3), ("/a/1/b~1c", 3), ("/a/2", 3), ("/a/3", 3), ("/d", 4)];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_key_that_stands_twice_is_told() {
        assert_eq!(of("{\"a\": {\"b\": 1,\n\"b\": 2}}"), Err(("/a/b".to_owned(), 2)));
    }
}
