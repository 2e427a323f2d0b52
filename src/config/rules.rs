//! `ruleset`, `rules` and `[[rule]]`: the built-in rules, then those of files, then those in place.

use std::path::{Path, PathBuf};

use super::fingerprint::Fingerprint;
use super::text;
use crate::build_error::BuildError;
use crate::document::{At, Table};
use crate::rule::{self, RULESET_VERSION, Rule, format};

/// Every rule, in the order in which they are told.
pub(super) fn all(
    top: &mut Table<'_>,
    file: &str,
    base: &Path,
    fingerprint: &mut Fingerprint,
) -> Result<Vec<Rule>, BuildError> {
    check_pin(top)?;
    let mut rules = rule::builtin()?;
    let mut read: Vec<PathBuf> = Vec::new();
    for pattern in top.strings("rules")?.unwrap_or_default() {
        for path in files(&pattern, base)? {
            if read.contains(&path) {
                continue;
            }
            rules.extend(from_file(&path, fingerprint)?);
            read.push(path);
        }
    }
    rules.extend(format::rules(top, &shown(Path::new(file)))?);
    Ok(rules)
}

fn check_pin(top: &mut Table<'_>) -> Result<(), BuildError> {
    match top.string("ruleset")? {
        Some(pin) if pin.value != RULESET_VERSION => Err(pin
            .error(format!(
                "the built-in rules are version {RULESET_VERSION}, and not {}, which is pinned",
                pin.value.escape_debug()
            ))
            .mend(format!("compare the two with `rasp replay --against`, then say ruleset = \"{RULESET_VERSION}\""))),
        _ => Ok(()),
    }
}

fn from_file(path: &Path, fingerprint: &mut Fingerprint) -> Result<Vec<Rule>, BuildError> {
    let file = shown(path);
    let text = text::read(path, &file)?;
    fingerprint.add(&text);
    rule::parse(&file, &text)
}

/// How messages call a file. Names that begin with `builtin/` belong to the crate's own rules,
/// whose proof is not repeated in full at every start.
fn shown(path: &Path) -> String {
    let plain = path.strip_prefix(".").unwrap_or(path).display().to_string();
    if plain.starts_with("builtin/") { format!("./{plain}") } else { plain }
}

/// The files that a pattern stands for, in the order of their names.
fn files(pattern: &At<&str>, base: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let text = pattern.value;
    let (directory, name) = text.rsplit_once('/').map_or(("", text), |(directory, name)| (directory, name));
    if directory.contains('*') {
        return Err(pattern
            .error(format!("`{}`: a star can stand in the last part only", text.escape_debug()))
            .mend("name each directory: rules = [\"one/*.toml\", \"two/*.toml\"]"));
    }
    if !name.contains('*') {
        let path = base.join(text);
        return if path.is_file() { Ok(vec![path]) } else { Err(no_file(pattern)) };
    }
    // An absolute directory loses its root when it is `/` itself.
    let directory = base.join(if text.starts_with('/') && directory.is_empty() { "/" } else { directory });
    let listed = if directory.as_os_str().is_empty() { Path::new(".") } else { &directory };
    let mut found: Vec<PathBuf> = std::fs::read_dir(listed)
        .map_err(|_| no_file(pattern))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|file_name| fits(name, file_name))
        .map(|file_name| directory.join(file_name))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    if found.is_empty() { Err(no_file(pattern)) } else { Ok(found) }
}

fn no_file(pattern: &At<&str>) -> BuildError {
    pattern
        .error(format!("no file fits `{}`", pattern.value.escape_debug()))
        .mend("paths are relative to the configuration file")
}

/// Whether a file name fits a pattern in which `*` stands for any characters; as in a shell it
/// stands for no leading dot.
fn fits(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    if first.is_empty() && name.starts_with('.') {
        return false;
    }
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_characters_but_a_leading_dot() {
        for (pattern, name, expected) in [
            ("*.toml", "a.toml", true),
            ("*.toml", ".toml", false),
            ("*.toml", "a.toml.bak", false),
            ("a*b*c", "abc", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("a*ba", "aba", true),
            ("ab*ba", "aba", false),
            ("*", "x", true),
            ("x", "x", true),
            ("x", "xy", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} on {name}");
        }
    }
}
