//! How a `[[rule]]` table is read.

use std::sync::Arc;

use super::set::{MatcherSource, Needs, Rule, RuleInfo, When};
use super::{Category, Confidence, Paranoia, Severity};
use crate::build_error::BuildError;
use crate::byte_set::ByteSet;
use crate::document::{At, Table, nearest_mend};
use crate::input::Notice;

/// Every `[[rule]]` of a document; `file` is kept for messages.
pub fn rules(top: &mut Table<'_>, file: &str) -> Result<Vec<Rule>, BuildError> {
    let file: Arc<str> = file.into();
    top.tables("rule")?.into_iter().map(|table| rule(table, &file)).collect()
}

fn rule(mut table: Table<'_>, file: &Arc<str>) -> Result<Rule, BuildError> {
    let id = required(&mut table, "id")?;
    valid_id(&id)?;
    let description = required(&mut table, "description")?;
    let category = word(&mut table, "category", Category::from_name, &Category::ALL.map(Category::as_str))?;
    let severity = word(&mut table, "severity", Severity::from_name, &["notice", "warning", "error", "critical"])?;
    let confidence = optional_word(&mut table, "confidence", Confidence::from_name, &["weak", "likely", "certain"])?;
    let (matcher, matcher_line) = matcher(&mut table)?;
    if matches!(matcher, MatcherSource::Schema(_)) && !super::set::is_builtin(file) {
        return Err(table.error("only the built-in rules are about keywords of schemas").mend("exclude one by its id"));
    }
    if confidence.is_none() && !matches!(matcher, MatcherSource::Code(_)) {
        return Err(table
            .error(format!("rule `{}` has no `confidence`", id.value))
            .mend("say weak, likely or certain"));
    }
    let rule = Rule {
        info: Arc::new(RuleInfo {
            id: id.value.to_owned(),
            description: description.value.to_owned(),
            category,
            severity,
            paranoia: paranoia(&mut table, "paranoia")?.unwrap_or(Paranoia::LEAST),
            builtin: super::set::is_builtin(file),
        }),
        confidence,
        locations: locations(&mut table)?,
        when: when(&mut table)?,
        needs: needs(&mut table)?,
        matcher,
        matcher_line,
        examples: proof(&mut table, "examples", id.value)?,
        counter_examples: proof(&mut table, "counter_examples", id.value)?,
        file: Arc::clone(file),
        line: table.line(),
    };
    table.finish()?;
    Ok(rule)
}

/// A paranoia level under `key`.
pub fn paranoia(table: &mut Table<'_>, key: &'static str) -> Result<Option<Paranoia>, BuildError> {
    let Some(level) = table.number(key)? else { return Ok(None) };
    let paranoia = u8::try_from(level.value).ok().and_then(Paranoia::new);
    paranoia.map(Some).ok_or_else(|| level.error(format!("`{key}` must be 1, 2, 3 or 4, and not {}", level.value)))
}

fn required<'d>(table: &mut Table<'d>, key: &'static str) -> Result<At<&'d str>, BuildError> {
    let missing = table.error(format!("a rule needs `{key}`"));
    table.string(key)?.ok_or(missing)
}

/// Dotted words of lower-case letters, digits, `-` and `_`: an id is a name in signals and globs.
fn valid_id(id: &At<&str>) -> Result<(), BuildError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    let valid = id.value.len() <= 64 && id.value.split('.').all(|word| !word.is_empty() && word.bytes().all(plain));
    if valid {
        return Ok(());
    }
    Err(id
        .error(format!("`{}` is no rule id", id.value.escape_debug()))
        .mend("an id is words of a-z, 0-9, - and _ with dots between them, at most 64 bytes"))
}

/// One word of a closed list under `key`.
pub fn optional_word<T>(
    table: &mut Table<'_>,
    key: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
    known: &[&str],
) -> Result<Option<T>, BuildError> {
    let Some(text) = table.string(key)? else { return Ok(None) };
    one_of(&text, key, read, known).map(Some)
}

/// A word of a closed list, else an error with the nearest.
pub fn one_of<T>(
    text: &At<&str>,
    key: &str,
    read: impl FnOnce(&str) -> Option<T>,
    known: &[&str],
) -> Result<T, BuildError> {
    read(text.value).ok_or_else(|| {
        text.error(format!("`{}` is no {key}", text.value.escape_debug())).mend(nearest_mend(text.value, known))
    })
}

fn word<T>(
    table: &mut Table<'_>,
    key: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
    known: &[&str],
) -> Result<T, BuildError> {
    let missing = table.error(format!("a rule needs `{key}`"));
    optional_word(table, key, read, known)?.ok_or(missing)
}

/// How a rule tests, and the line on which that stands.
fn matcher(table: &mut Table<'_>) -> Result<(MatcherSource, usize), BuildError> {
    let missing = table.error("a rule needs `matcher`").mend("write matcher = { regex = '..' }");
    let mut matcher = table.table("matcher")?.ok_or(missing)?;
    let code = matcher.string("code")?.map(|name| MatcherSource::Code(name.value.to_owned()));
    let pattern = matcher.string("regex")?;
    let line = pattern.as_ref().map_or(matcher.line(), |pattern| pattern.line);
    let regex = pattern.map(|pattern| MatcherSource::Regex(pattern.value.to_owned()));
    let known = Notice::ALL.map(Notice::as_str);
    let by_name = |name: &str| Notice::ALL.into_iter().find(|notice| notice.as_str() == name);
    let notice = optional_word(&mut matcher, "notice", by_name, &known)?.map(MatcherSource::Notice);
    let schema = matcher.string("schema")?.map(|keyword| MatcherSource::Schema(keyword.value.to_owned()));
    let wrong = matcher.error("a matcher is one of `regex`, `code` and `notice`");
    matcher.finish()?;
    let mut given = [code, regex, notice, schema].into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(one), None) => Ok((one, line)),
        _ => Err(wrong),
    }
}

fn locations(table: &mut Table<'_>) -> Result<Vec<crate::input::LocationPattern>, BuildError> {
    let texts = table.strings("location")?.unwrap_or_default();
    texts.iter().map(location).collect()
}

/// One location pattern.
pub fn location(text: &At<&str>) -> Result<crate::input::LocationPattern, BuildError> {
    text.value.parse().map_err(|error| text.error(format!("location `{}`: {error}", text.value.escape_debug())))
}

fn when(table: &mut Table<'_>) -> Result<When, BuildError> {
    let Some(mut when) = table.table("when")? else { return Ok(When::default()) };
    let route = when.string("route")?.map(|route| route.value.to_owned());
    let methods = methods(&mut when)?;
    when.finish()?;
    Ok(When { route, methods })
}

/// The methods under `method`, in upper case as HTTP has them.
pub fn methods(table: &mut Table<'_>) -> Result<Vec<String>, BuildError> {
    let methods = table.strings("method")?.unwrap_or_default();
    methods
        .iter()
        .map(|method| {
            let is_method =
                |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
            is_method(method.value).then(|| method.value.to_owned()).ok_or_else(|| {
                let upper = method.value.to_ascii_uppercase();
                let mend = if is_method(&upper) {
                    format!("did you mean `{upper}`?")
                } else {
                    "a method is one word, and several are a list: method = [\"GET\", \"PUT\"]".to_owned()
                };
                method.error(format!("`{}` is no method", method.value.escape_debug())).mend(mend)
            })
        })
        .collect()
}

fn needs(table: &mut Table<'_>) -> Result<Needs, BuildError> {
    let Some(mut needs) = table.table("needs")? else {
        return Ok(Needs { bytes: ByteSet::ALL, literals: Vec::new(), words: Vec::new() });
    };
    let bytes = needs.string("bytes")?.map_or(ByteSet::ALL, |bytes| ByteSet::of(bytes.value.as_bytes()));
    let literals = literals(&mut needs, "literals")?;
    let words = literals_of_letters(&mut needs)?;
    needs.finish()?;
    Ok(Needs { bytes, literals, words })
}

fn literals(needs: &mut Table<'_>, key: &'static str) -> Result<Vec<String>, BuildError> {
    let literals = needs.strings(key)?.unwrap_or_default();
    if let Some(empty) = literals.iter().find(|literal| literal.value.is_empty()) {
        return Err(empty.error("a literal cannot be empty"));
    }
    Ok(literals.iter().map(|literal| literal.value.to_ascii_lowercase()).collect())
}

/// `words`: only of letters at both ends, since letters beside them are what is looked at.
fn literals_of_letters(needs: &mut Table<'_>) -> Result<Vec<String>, BuildError> {
    let line = needs.line();
    let words = literals(needs, "words")?;
    let bounded = |word: &String| {
        let ends = [word.as_bytes().first(), word.as_bytes().last()];
        ends.iter().all(|end| end.is_some_and(u8::is_ascii_alphabetic))
    };
    match words.iter().find(|word| !bounded(word)) {
        Some(word) => Err(BuildError::new(format!("`{}` is no word", word.escape_debug()))
            .at_line(line)
            .mend("a word begins and ends with a letter; name it under `literals`")),
        None => Ok(words),
    }
}

fn proof(table: &mut Table<'_>, key: &'static str, id: &str) -> Result<Vec<String>, BuildError> {
    let missing = table.error(format!("rule `{id}` has no `{key}`")).mend("a rule brings its own proof");
    let values = table.strings(key)?.filter(|values| !values.is_empty()).ok_or(missing)?;
    Ok(values.into_iter().map(|value| value.value.to_owned()).collect())
}
