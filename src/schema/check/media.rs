//! Media types of requests against those that are declared.

/// The type of a `Content-Type` value, without parameters; in any case.
pub(super) fn essence(content_type: &[u8]) -> &[u8] {
    let end = content_type.iter().position(|&byte| byte == b';').unwrap_or(content_type.len());
    content_type.get(..end).unwrap_or_default().trim_ascii()
}

/// How closely a declared type or range fits: 4 the same, 3 `application/*+json`, 2 `text/*`, 1 `*/*`,
/// 0 not at all.
pub(super) fn closeness(declared: &str, essence: &[u8]) -> u8 {
    if !essence.is_empty() && essence.eq_ignore_ascii_case(declared.as_bytes()) {
        return 4;
    }
    let begins = |kind: &str| {
        let own = essence.get(..kind.len()).is_some_and(|own| own.eq_ignore_ascii_case(kind.as_bytes()));
        own && essence.get(kind.len()) == Some(&b'/')
    };
    match declared.split_once('/') {
        Some(("*", "*")) => 1,
        Some((kind, "*")) if begins(kind) => 2,
        Some((kind, subtype)) if begins(kind) => match subtype.strip_prefix("*+") {
            // JSON itself is JSON of every kind.
            Some(suffix) if ends_with(essence, '+', suffix) || ends_with(essence, '/', suffix) => 3,
            _ => 0,
        },
        _ => 0,
    }
}

/// Whether a type is JSON, or something written in it.
pub(super) fn is_json(essence: &[u8]) -> bool {
    ends_with(essence, '/', "json") || ends_with(essence, '+', "json")
}

fn ends_with(essence: &[u8], mark: char, suffix: &str) -> bool {
    let cut = essence.len().checked_sub(suffix.len()).and_then(|at| essence.split_at_checked(at));
    let Some((before, end)) = cut else { return false };
    end.eq_ignore_ascii_case(suffix.as_bytes()) && before.ends_with(&[mark as u8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_declared_type_is_told() {
        assert_eq!(essence(b"Application/JSON ; charset=utf-8"), b"Application/JSON");
        for (declared, essence, expected) in [
            ("application/json", "application/json", 4),
            ("application/json", "Application/JSON", 4),
            ("application/*+json", "application/vnd.x+JSON", 3),
            ("application/*+json", "application/json", 3),
            ("application/*+json", "application/notjson", 0),
            ("application/*+json", "text/x+json", 0),
            ("application/*+json", "application/x+xml", 0),
            ("text/*", "text/plain", 2),
            ("text/*", "TEXT/plain", 2),
            ("text/*", "textual/plain", 0),
            ("*/*", "", 1),
            ("", "", 0),
            ("text/*", "application/json", 0),
        ] {
            assert_eq!(closeness(declared, essence.as_bytes()), expected, "{declared} {essence}");
        }
        assert!(is_json(b"application/JSON") && is_json(b"application/problem+json") && !is_json(b"text/plain"));
        assert!(is_json(b"text/json") && !is_json(b"json") && !is_json(b"application/geojson"));
    }
}
