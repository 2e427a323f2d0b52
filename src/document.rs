//! A TOML document read with its places, so that every error has a line and a mend.
//!
//! Readers take the keys that they know out of a [`Table`]; [`Table::finish`] refuses the rest,
//! with the nearest known key as the mend.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::build_error::BuildError;

/// Parses `text` and hands its top table to `read`; errors name `file`.
pub(crate) fn read<T>(
    file: &str,
    text: &str,
    read: impl FnOnce(Table<'_>) -> Result<T, BuildError>,
) -> Result<T, BuildError> {
    let lines = Lines::new(text);
    let table = DeTable::parse(text).map_err(|error| unreadable(&error, text, &lines).in_file(file))?;
    let top = Table { lines: &lines, table: table.get_ref(), line: 1, known: Vec::new() };
    read(top).map_err(|error| error.in_file(file))
}

/// What the parser says, and more where it says little.
fn unreadable(error: &toml::de::Error, text: &str, lines: &Lines) -> BuildError {
    let span = error.span().unwrap_or_default();
    let at = |message: String| BuildError::new(message).at_line(lines.line_at(span.start));
    match text.get(span.clone()).filter(|key| error.message() == "duplicate key" && !key.is_empty()) {
        Some(key) => at(format!("the key `{}` stands here for the second time", key.escape_debug()))
            .mend("keep one of the two; tables that may be many are written `[[..]]`"),
        None => at(error.message().to_owned()),
    }
}

/// Where lines begin.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(index, _)| index + 1);
        Self { starts: std::iter::once(0).chain(ends).collect() }
    }

    fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset)
    }
}

/// A table, and which of its keys were asked for.
pub(crate) struct Table<'d> {
    lines: &'d Lines,
    table: &'d DeTable<'d>,
    line: usize,
    known: Vec<&'static str>,
}

/// A value with its line.
#[derive(Clone)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) line: usize,
}

/// A key of the user's choice, and its string.
pub(crate) type StringEntry<'d> = (At<&'d str>, At<&'d str>);

impl<T> At<T> {
    /// An error at this value.
    pub(crate) fn error(&self, message: impl Into<String>) -> BuildError {
        BuildError::new(message).at_line(self.line)
    }
}

impl<'d> Table<'d> {
    /// The line on which the table begins.
    pub(crate) fn line(&self) -> usize {
        self.line
    }

    /// An error at this table.
    pub(crate) fn error(&self, message: impl Into<String>) -> BuildError {
        BuildError::new(message).at_line(self.line)
    }

    fn get(&mut self, key: &'static str) -> Option<At<&'d DeValue<'d>>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        let value = self.table.get(key)?;
        Some(At { value: value.get_ref(), line: self.lines.line_at(value.span().start) })
    }

    /// The line of a key, when it is there; the key counts as known.
    pub(crate) fn line_of(&mut self, key: &'static str) -> Option<usize> {
        self.get(key).map(|value| value.line)
    }

    pub(crate) fn string(&mut self, key: &'static str) -> Result<Option<At<&'d str>>, BuildError> {
        self.get(key).map(|value| expect(key, "a string", &value, DeValue::as_str)).transpose()
    }

    /// A whole number that is not negative.
    pub(crate) fn number(&mut self, key: &'static str) -> Result<Option<At<u64>>, BuildError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let integer = expect(key, "a whole number", &value, DeValue::as_integer)?;
        let (digits, radix) = (integer.value.as_str().replace('_', ""), integer.value.radix());
        let number = u64::from_str_radix(&digits, radix).map_err(|_| {
            integer.error(format!("`{key}` must be a whole number from 0 to 2^64 - 1, and not {digits}"))
        })?;
        Ok(Some(At { value: number, line: integer.line }))
    }

    /// `true` or `false`.
    #[cfg_attr(not(feature = "config"), allow(dead_code, reason = "no rule has such a key"))]
    pub(crate) fn boolean(&mut self, key: &'static str) -> Result<Option<bool>, BuildError> {
        let value = self.get(key).map(|value| expect(key, "true or false", &value, DeValue::as_bool)).transpose()?;
        Ok(value.map(|value| value.value))
    }

    /// A date such as `2027-03-01`.
    pub(crate) fn date(&mut self, key: &'static str) -> Result<Option<At<toml::value::Date>>, BuildError> {
        let date =
            |value: &DeValue<'_>| value.as_datetime().filter(|value| value.time.is_none()).and_then(|value| value.date);
        self.get(key).map(|value| expect(key, "a date such as 2027-03-01", &value, date)).transpose()
    }

    /// One string, or a list of them.
    pub(crate) fn strings(&mut self, key: &'static str) -> Result<Option<Vec<At<&'d str>>>, BuildError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        if let Some(text) = value.value.as_str() {
            return Ok(Some(vec![At { value: text, line: value.line }]));
        }
        let array = expect(key, "a string or a list of strings", &value, DeValue::as_array)?;
        array
            .value
            .iter()
            .map(|item| expect(key, "a list of strings", &self.at(item), DeValue::as_str))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// Any value, as JSON has it; dates are their text.
    #[cfg_attr(not(feature = "schema"), allow(dead_code, reason = "schemas are written so"))]
    pub(crate) fn value(&mut self, key: &'static str) -> Option<At<serde_json::Value>> {
        self.get(key).map(|value| At { value: json(value.value), line: value.line })
    }

    /// A table inside this one.
    pub(crate) fn table(&mut self, key: &'static str) -> Result<Option<Self>, BuildError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let table = expect(key, "a table", &value, DeValue::as_table)?;
        Ok(Some(Self { lines: self.lines, table: table.value, line: table.line, known: Vec::new() }))
    }

    /// The tables of `[[key]]`, in their order.
    pub(crate) fn tables(&mut self, key: &'static str) -> Result<Vec<Self>, BuildError> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let array = expect(key, "tables, written `[[..]]`", &value, DeValue::as_array)?;
        array
            .value
            .iter()
            .map(|item| {
                let table = expect(key, "tables, written `[[..]]`", &self.at(item), DeValue::as_table)?;
                Ok(Self { lines: self.lines, table: table.value, line: table.line, known: Vec::new() })
            })
            .collect()
    }

    /// Every key with its string, in the order of the file, for tables whose keys are the user's:
    /// `[category]`.
    pub(crate) fn string_entries(&self) -> Result<Vec<StringEntry<'d>>, BuildError> {
        let mut entries: Vec<_> = self.table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
            .into_iter()
            .map(|(key, value)| {
                let line = self.lines.line_at(key.span().start);
                let key: &'d str = key.get_ref();
                let text = expect(key, "a string", &self.at(value), DeValue::as_str)?;
                Ok((At { value: key, line }, text))
            })
            .collect()
    }

    fn at(&self, value: &'d Spanned<DeValue<'d>>) -> At<&'d DeValue<'d>> {
        At { value: value.get_ref(), line: self.lines.line_at(value.span().start) }
    }

    /// Refuses keys that nobody asked for.
    pub(crate) fn finish(self) -> Result<(), BuildError> {
        let unknown = self.table.iter().find(|(key, _)| !self.known.contains(&key.get_ref().as_ref()));
        let Some((key, _)) = unknown else { return Ok(()) };
        let error = BuildError::new(format!("unknown key `{}`", key.get_ref().escape_debug()))
            .at_line(self.lines.line_at(key.span().start));
        Err(error.mend(nearest_mend(key.get_ref(), &self.known)))
    }
}

#[cfg_attr(not(feature = "schema"), allow(dead_code, reason = "schemas are written so"))]
fn json(value: &DeValue<'_>) -> serde_json::Value {
    use serde_json::Value;
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            i64::from_str_radix(&digits, number.radix()).map_or(Value::String(digits), Value::from)
        }
        DeValue::Float(number) => {
            let text = number.as_str().replace('_', "");
            text.parse::<f64>().ok().map_or(Value::String(text), Value::from)
        }
        DeValue::Boolean(is) => Value::Bool(*is),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Array(elements) => Value::Array(elements.iter().map(|element| json(element.get_ref())).collect()),
        DeValue::Table(members) => {
            let member = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
                let key: &std::borrow::Cow<'_, str> = key.get_ref();
                (key.to_string(), json(value.get_ref()))
            };
            Value::Object(members.iter().map(member).collect())
        }
    }
}

fn expect<'d, T>(
    key: &str,
    kind: &str,
    found: &At<&'d DeValue<'d>>,
    read: impl FnOnce(&'d DeValue<'d>) -> Option<T>,
) -> Result<At<T>, BuildError> {
    let value = read(found.value)
        .ok_or_else(|| found.error(format!("`{key}` must be {kind}, and not {}", found.value.type_str())))?;
    Ok(At { value, line: found.line })
}

/// What to offer for a word that is none of `known`.
pub(crate) fn nearest_mend(word: &str, known: &[&str]) -> String {
    nearest(word, known)
        .map_or_else(|| format!("known are {}", known.join(", ")), |known| format!("did you mean `{known}`?"))
}

/// The one of `known` that a word was likely meant to be.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let (steps, nearest) = known.iter().map(|known| (distance(word, known), *known)).min()?;
    (steps <= 1 + nearest.len() / 3).then_some(nearest)
}

/// Edit distance (Levenshtein), on words of a configuration file only.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, from) in left.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, &to) in right.iter().enumerate() {
            let change = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read("rasp.toml", text, |mut table| {
            table.string("mode")?;
            table.number("paranoia")?;
            table.finish()
        })
        .expect_err("an error")
        .to_string()
    }

    #[test]
    fn an_error_names_file_line_and_mend() {
        assert_eq!(error("\nmodes = 'enforce'"), "rasp.toml:2: unknown key `modes`; did you mean `mode`?");
        assert_eq!(error("colour = 1"), "rasp.toml:1: unknown key `colour`; known are mode, paranoia");
        assert_eq!(error("mode = 3"), "rasp.toml:1: `mode` must be a string, and not integer");
        assert_eq!(
            error("paranoia = -3"),
            "rasp.toml:1: `paranoia` must be a whole number from 0 to 2^64 - 1, and not -3"
        );
        assert_eq!(error("paranoia = true"), "rasp.toml:1: `paranoia` must be a whole number, and not boolean");
        assert!(error("a = 1\nmode = =").starts_with("rasp.toml:2: "));
    }
}
