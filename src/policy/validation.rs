//! What schemas refused, as the client is told.

use std::borrow::Cow;
use std::fmt::Write;

use super::verdict::JudgedFinding;
use crate::input::{Location, Place};

/// One thing that a schema refused, for the answer to the client. No value of the request is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValidationError {
    /// Where: `query.page`, `body./user/name`.
    pub location: Location,
    /// The keyword that failed: `max_length`, `missing_parameter`, `undeclared_field`.
    pub keyword: &'static str,
    /// The pointer of that keyword in its document (RFC 6901).
    pub schema_pointer: Box<str>,
    /// One sentence: `must be at most 64 characters`.
    pub message: Cow<'static, str>,
}

impl ValidationError {
    pub(super) fn of(judged: &JudgedFinding) -> Option<Self> {
        let validation = judged.finding.validation.as_ref()?;
        Some(Self {
            location: judged.finding.location.clone(),
            keyword: validation.keyword,
            schema_pointer: validation.schema_pointer.clone(),
            message: validation.message.clone(),
        })
    }

    /// For a place in the body its JSON Pointer as a fragment (RFC 6901, 6): `#/user/name`.
    #[must_use]
    pub fn pointer(&self) -> Option<String> {
        let name = self.location.name();
        match self.location.place() {
            Place::Body if name.is_empty() || name.starts_with(b"/") => Some(format!("#{}", escaped_pointer(name))),
            Place::Form | Place::Part | Place::File => {
                let token = String::from_utf8_lossy(name).replace('~', "~0").replace('/', "~1");
                Some(format!("#/{}", escaped_pointer(token.as_bytes())))
            }
            _ => None,
        }
    }
}

/// How many bytes of a pointer are shown.
const POINTER_BYTES_SHOWN_MAX: usize = 256;

/// A pointer as the fragment of a URI writes it.
fn escaped_pointer(pointer: &[u8]) -> String {
    let mut text = String::new();
    for &byte in pointer.iter().take(POINTER_BYTES_SHOWN_MAX) {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

impl serde::Serialize for ValidationError {
    /// As an object with `location`, `pointer` (for bodies), `keyword` and `message`.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("location", &self.location.to_string())?;
        if let Some(pointer) = self.pointer() {
            map.serialize_entry("pointer", &pointer)?;
        }
        map.serialize_entry("keyword", self.keyword)?;
        map.serialize_entry("message", &self.message)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_body_has_a_pointer() {
        for (location, pointer) in [
            ("body", Some("#")),
            ("body./user/na me", Some("#/user/na%20me")),
            ("body./a~1b/0", Some("#/a~1b/0")),
            ("form.title", Some("#/title")),
            ("part.a/b", Some("#/a~1b")),
            ("query.page", None),
            ("header.x-tenant", None),
        ] {
            let error = ValidationError {
                location: location.parse().expect(location),
                keyword: "type",
                schema_pointer: "".into(),
                message: "must be a string".into(),
            };
            assert_eq!(error.pointer().as_deref(), pointer, "{location}");
        }
    }
}
