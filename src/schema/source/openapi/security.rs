//! Security requirements as credentials that must be there.

use serde_json::Value;

use super::super::escape;
use super::Reader;
use crate::build_error::BuildError;
use crate::input::Place;
use crate::schema::{Credential, SecurityAlternative, Unenforced};

/// The ways into an operation: its own, else the document's.
pub(super) fn alternatives(
    reader: &Reader<'_>,
    operation: &str,
    unenforced: &mut Vec<Unenforced>,
) -> Result<Vec<SecurityAlternative>, BuildError> {
    let own = format!("{operation}/security");
    let pointer = if reader.document.value.pointer(&own).is_some() { own } else { "/security".to_owned() };
    let Some(requirements) = reader.document.elements(&pointer)? else { return Ok(Vec::new()) };
    let mut alternatives = Vec::new();
    for index in 0..requirements.len() {
        let mut alternative = SecurityAlternative::default();
        let at = format!("{pointer}/{index}");
        for name in super::names_of(reader.document.members(&at)?) {
            if let Some(credential) = credential(reader, name, &at, unenforced)? {
                alternative.credentials.push(credential);
            }
        }
        alternatives.push(alternative);
    }
    // A way that asks for nothing lets everybody in.
    if alternatives.iter().any(|alternative| alternative.credentials.is_empty()) {
        alternatives.clear();
    }
    Ok(alternatives)
}

/// What a scheme asks for; nothing where it cannot be seen in a request.
fn credential(
    reader: &Reader<'_>,
    name: &str,
    used_at: &str,
    unenforced: &mut Vec<Unenforced>,
) -> Result<Option<Credential>, BuildError> {
    let pointer = format!("/components/securitySchemes/{}", escape(name));
    if reader.document.value.pointer(&pointer).is_none() {
        let message = format!("names the security scheme `{}`, which is not declared", name.escape_debug());
        return Err(reader.document.origin(used_at).error(message));
    }
    let (scheme, pointer) = reader.document.resolve(&pointer)?;
    let word = |key: &str| scheme.get(key).and_then(Value::as_str);
    let authorization =
        |scheme: Option<String>| Credential { place: Place::Header, name: "authorization".to_owned(), scheme };
    Ok(Some(match word("type") {
        Some("http") => authorization(word("scheme").map(str::to_ascii_lowercase)),
        Some("oauth2" | "openIdConnect") => authorization(Some("bearer".to_owned())),
        Some("apiKey") => {
            let (place, name) = match (word("in"), word("name")) {
                (Some("header"), Some(name)) => (Place::Header, name.to_ascii_lowercase()),
                (Some("query"), Some(name)) => (Place::Query, name.to_owned()),
                (Some("cookie"), Some(name)) => (Place::Cookie, name.to_owned()),
                _ => return Err(reader.document.origin(&pointer).error("an `apiKey` needs `in` and `name`")),
            };
            Credential { place, name, scheme: None }
        }
        _ => {
            let reason = "credentials of this kind cannot be seen in a request".to_owned();
            let entry = Unenforced { origin: reader.document.origin(&pointer), reason };
            if !unenforced.contains(&entry) {
                unenforced.push(entry);
            }
            return Ok(None);
        }
    }))
}
