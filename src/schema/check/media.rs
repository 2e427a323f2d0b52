//! Media types of requests against those that are declared.

/// The type of a `Content-Type` value: lower case, without parameters.
pub(super) fn essence(content_type: &[u8]) -> String {
    let end = content_type.iter().position(|&byte| byte == b';').unwrap_or(content_type.len());
    String::from_utf8_lossy(content_type.get(..end).unwrap_or_default().trim_ascii()).to_ascii_lowercase()
}

/// How closely a declared type or range fits: 3 the same, 2 `text/*`, 1 `*/*`, 0 not at all.
pub(super) fn closeness(declared: &str, essence: &str) -> u8 {
    match declared.split_once('/') {
        _ if declared == essence && !essence.is_empty() => 3,
        Some(("*", "*")) => 1,
        Some((kind, "*")) if essence.split_once('/').is_some_and(|(own, _)| own == kind) => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_declared_type_is_told() {
        assert_eq!(essence(b"Application/JSON; charset=utf-8"), "application/json");
        assert_eq!(closeness("application/json", "application/json"), 3);
        assert_eq!(closeness("text/*", "text/plain"), 2);
        assert_eq!(closeness("*/*", ""), 1);
        assert_eq!(closeness("text/*", "application/json"), 0);
    }
}
