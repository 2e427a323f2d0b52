//! Media types of requests against those that are declared.

/// The type of a `Content-Type` value, without parameters; in any case.
pub(super) fn essence(content_type: &[u8]) -> &[u8] {
    let end = content_type.iter().position(|&byte| byte == b';').unwrap_or(content_type.len());
    content_type.get(..end).unwrap_or_default().trim_ascii()
}

/// How closely a declared type or range fits: 3 the same, 2 `text/*`, 1 `*/*`, 0 not at all.
pub(super) fn closeness(declared: &str, essence: &[u8]) -> u8 {
    if !essence.is_empty() && essence.eq_ignore_ascii_case(declared.as_bytes()) {
        return 3;
    }
    let begins = |kind: &str| {
        let own = essence.get(..kind.len()).is_some_and(|own| own.eq_ignore_ascii_case(kind.as_bytes()));
        own && essence.get(kind.len()) == Some(&b'/')
    };
    match declared.split_once('/') {
        Some(("*", "*")) => 1,
        Some((kind, "*")) if begins(kind) => 2,
        _ => 0,
    }
}

/// Whether a type is JSON, or something written in it.
pub(super) fn is_json(essence: &[u8]) -> bool {
    let suffix = essence.len().checked_sub(b"+json".len()).and_then(|start| essence.get(start..));
    essence.eq_ignore_ascii_case(b"application/json")
        || essence.eq_ignore_ascii_case(b"text/json")
        || suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case(b"+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_declared_type_is_told() {
        assert_eq!(essence(b"Application/JSON ; charset=utf-8"), b"Application/JSON");
        for (declared, essence, expected) in [
            ("application/json", "application/json", 3),
            ("application/json", "Application/JSON", 3),
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
    }
}
