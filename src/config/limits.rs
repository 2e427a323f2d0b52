//! `[limits]`: every limit of the engine by its name, each with the range that makes sense.

use std::ops::RangeInclusive;

use crate::build_error::BuildError;
use crate::document::Table;
use crate::engine::Limits;

/// One key of `[limits]`.
pub struct LimitKey {
    /// The key, and the name of the field in [`Limits`].
    pub name: &'static str,
    range: RangeInclusive<u64>,
    field: fn(&mut Limits) -> &mut usize,
}

impl LimitKey {
    /// The value of this limit.
    #[must_use]
    pub fn of(&self, limits: &Limits) -> usize {
        *(self.field)(&mut limits.clone())
    }
}

/// Every key: adding a limit is a field and a line.
pub const KEYS: &[LimitKey] = &[
    LimitKey {
        name: "body_hold_bytes_max",
        range: 1_024..=67_108_864,
        field: |limits| &mut limits.body_hold_bytes_max,
    },
    LimitKey {
        name: "inspection_memory_bytes_max",
        range: 65_536..=17_179_869_184,
        field: |limits| &mut limits.inspection_memory_bytes_max,
    },
    LimitKey { name: "leaf_bytes_max", range: 1_024..=1_048_576, field: |limits| &mut limits.leaf_bytes_max },
    LimitKey { name: "leaves_max", range: 16..=1_000_000, field: |limits| &mut limits.leaves_max },
    LimitKey { name: "json_depth_max", range: 1..=1_024, field: |limits| &mut limits.json_depth_max },
    LimitKey { name: "name_bytes_max", range: 64..=65_536, field: |limits| &mut limits.name_bytes_max },
    LimitKey {
        name: "part_header_bytes_max",
        range: 256..=1_048_576,
        field: |limits| &mut limits.part_header_bytes_max,
    },
    LimitKey { name: "views_max", range: 1..=12, field: |limits| &mut limits.views_max },
    LimitKey { name: "findings_max", range: 1..=4_096, field: |limits| &mut limits.findings_max },
    LimitKey { name: "inputs_bytes_max", range: 0..=67_108_864, field: |limits| &mut limits.inputs_bytes_max },
    LimitKey { name: "schema_work_max", range: 1_000..=1_000_000_000, field: |limits| &mut limits.schema_work_max },
    LimitKey { name: "schema_failures_max", range: 1..=256, field: |limits| &mut limits.schema_failures_max },
];

/// The limits; what `[limits]` does not name keeps its default.
pub(super) fn limits(top: &mut Table<'_>) -> Result<Limits, BuildError> {
    let mut limits = Limits::default();
    let Some(mut table) = top.table("limits")? else { return Ok(limits) };
    for key in KEYS {
        let Some(number) = table.number(key.name)? else { continue };
        let value = Some(number.value).filter(|value| key.range.contains(value));
        // Above the range of `usize` only where pointers are short.
        *(key.field)(&mut limits) = value.and_then(|value| usize::try_from(value).ok()).ok_or_else(|| {
            let (least, most) = (grouped(*key.range.start()), grouped(*key.range.end()));
            number.error(format!("`{}` must be {least} to {most}, and not {}", key.name, grouped(number.value)))
        })?;
    }
    let line = table.line_of("inspection_memory_bytes_max").or(table.line_of("body_hold_bytes_max"));
    if let Some(line) = line.filter(|_| limits.inspection_memory_bytes_max < limits.body_hold_bytes_max) {
        return Err(BuildError::new("`inspection_memory_bytes_max` is less than `body_hold_bytes_max`")
            .at_line(line)
            .mend("all requests together need room for at least one held body"));
    }
    table.finish()?;
    Ok(limits)
}

/// A number as TOML lets one write it: `262_144`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_a_key_and_a_default_within_its_range() {
        let limits = Limits::default();
        let fields = format!("{limits:?}").matches(": ").count();
        assert_eq!(KEYS.len(), fields);
        for key in KEYS {
            let value = key.of(&limits);
            assert!(key.range.contains(&(value as u64)), "{}", key.name);
            assert!(format!("{limits:?}").contains(&format!("{}: {value}", key.name)), "{}", key.name);
        }
    }
}
