//! Servers: base paths and hosts.

use serde_json::Value;

use super::Reader;
use crate::build_error::BuildError;

/// Base paths that one operation may have.
const BASES_MAX: usize = 64;
/// Values of a variable that are tried; more are not servers of one service.
const VARIANTS_MAX: usize = 64;

/// The base paths of an operation: its own servers, else its path's, else the document's.
pub(super) fn base_paths(reader: &Reader<'_>, path: &str, operation: &str) -> Result<Vec<String>, BuildError> {
    for owner in [operation, path] {
        let bases = bases_of(reader, &format!("{owner}/servers"))?;
        if !bases.is_empty() {
            return Ok(bases);
        }
    }
    Ok(if reader.bases.is_empty() { vec![String::new()] } else { reader.bases.clone() })
}

/// The base paths of a list of servers.
pub(super) fn bases_of(reader: &Reader<'_>, pointer: &str) -> Result<Vec<String>, BuildError> {
    let mut bases = Vec::new();
    for index in 0..reader.document.elements(pointer)?.map_or(0, Vec::len) {
        bases.extend(urls(reader, &format!("{pointer}/{index}"))?.iter().map(|url| parts(url).1));
    }
    bases.sort();
    bases.dedup();
    match bases.len() > BASES_MAX {
        true => Err(reader.document.origin(pointer).error(format!("have more than {BASES_MAX} base paths"))),
        false => Ok(bases),
    }
}

/// The hosts of the document's servers; none where one of them names none.
pub(super) fn hosts(reader: &Reader<'_>) -> Result<Vec<String>, BuildError> {
    let Some(Value::Array(servers)) = reader.document.value.get("servers") else { return Ok(Vec::new()) };
    let mut hosts = Vec::new();
    for (index, server) in servers.iter().enumerate() {
        if has_free_host(server) {
            return Ok(Vec::new());
        }
        for url in urls(reader, &format!("/servers/{index}"))? {
            match parts(&url).0 {
                Some(host) => hosts.push(host),
                None => return Ok(Vec::new()),
            }
        }
    }
    Ok(hosts)
}

/// Whether the host holds a variable that may be anything.
fn has_free_host(server: &Value) -> bool {
    let url = server.get("url").and_then(Value::as_str).unwrap_or_default();
    let host = url.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
    let variables = server.get("variables").and_then(Value::as_object);
    let is_free =
        |(name, variable): (&String, &Value)| host.contains(&format!("{{{name}}}")) && variable.get("enum").is_none();
    variables.into_iter().flatten().any(is_free)
}

/// The addresses of a server, for all values of its variables.
fn urls(reader: &Reader<'_>, pointer: &str) -> Result<Vec<String>, BuildError> {
    let server = reader.document.value.pointer(pointer);
    let Some(url) = server.and_then(|server| server.get("url")).and_then(Value::as_str) else {
        return Err(reader.document.origin(pointer).error("a server has no `url`"));
    };
    let mut urls = vec![url.to_owned()];
    let variables = server.and_then(|server| server.get("variables")).and_then(Value::as_object);
    for (name, variable) in variables.into_iter().flatten() {
        let options = variable.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(word);
        let mut values: Vec<String> = options.collect();
        if values.is_empty() {
            values.extend(variable.get("default").and_then(word));
        }
        if values.is_empty() {
            let at = format!("{pointer}/variables/{}", super::super::escape(name));
            return Err(reader.document.origin(&at).error("a variable has no `default`"));
        }
        let mark = format!("{{{name}}}");
        let fill = |url: &String| values.iter().map(|value| url.replace(&mark, value)).collect::<Vec<_>>();
        urls = urls.iter().flat_map(fill).take(VARIANTS_MAX).collect();
    }
    Ok(urls)
}

/// A value of a variable; of versions and ports YAML makes numbers.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The host, where the address has one, and the base path without its last slash.
fn parts(url: &str) -> (Option<String>, String) {
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => {
            let slash = rest.find('/').unwrap_or(rest.len());
            let (host, path) = rest.split_at(slash);
            (Some(host.to_ascii_lowercase()), path)
        }
        None => (None, url),
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    // Where the document is served nobody says here, so that `.` and `..` are its root.
    let segments = path.split('/').filter(|segment| !matches!(*segment, "" | "." | ".."));
    let path: String = segments.flat_map(|segment| ["/", segment]).collect();
    (host.filter(|host| !host.is_empty()), path)
}
