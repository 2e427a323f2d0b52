//! JSON Pointers (RFC 6901) into documents of schemas.

use std::borrow::Cow;

use serde_json::Value;

/// What stands at a pointer. `Value::pointer` makes two strings of each token, which large documents feel.
#[must_use]
pub fn find<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    if pointer.is_empty() {
        return Some(value);
    }
    pointer.strip_prefix('/')?.split('/').try_fold(value, |at, token| match at {
        Value::Object(members) => members.get(unescape(token).as_ref()),
        Value::Array(elements) => elements.get(index(token)?),
        _ => None,
    })
}

/// A token of a pointer.
#[must_use]
pub fn escape(token: &str) -> Cow<'_, str> {
    match token.contains(['~', '/']) {
        true => token.replace('~', "~0").replace('/', "~1").into(),
        false => token.into(),
    }
}

fn unescape(token: &str) -> Cow<'_, str> {
    match token.contains('~') {
        true => token.replace("~1", "/").replace("~0", "~").into(),
        false => token.into(),
    }
}

fn index(token: &str) -> Option<usize> {
    let is_plain = token == "0" || !token.starts_with(['0', '+']);
    token.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_finds_what_serde_json_finds() {
        let value = serde_json::json!({"a": [1, {"b/c": 2, "~1": 3}], "": 4});
        for pointer in ["", "/", "/a", "/a/0", "/a/00", "/a/+0", "/a/2", "/a/1/b~1c", "/a/1/~01", "/a/x", "a", "/a/0/b"]
        {
            assert_eq!(find(&value, pointer), value.pointer(pointer), "{pointer}");
        }
    }
}
