//! `[[exclusion]]`: where which rule is not applied, why, and until when.

use std::time::{Duration, SystemTime};

use toml::value::Date;

use super::{modes, route};
use crate::build_error::BuildError;
use crate::document::{At, Table};
use crate::policy::Exclusion;
use crate::rule::{Rule, format};

pub(super) fn exclusions(top: &mut Table<'_>, rules: &[Rule]) -> Result<Vec<Exclusion>, BuildError> {
    top.tables("exclusion")?.into_iter().map(|table| exclusion(table, rules)).collect()
}

fn exclusion(mut table: Table<'_>, rules: &[Rule]) -> Result<Exclusion, BuildError> {
    let no_rule = table.error("an exclusion needs `rule`").mend("name one by its id, or several: rule = \"xss.*\"");
    let no_reason = table.error("an exclusion needs `reason`").mend("say why it is safe, for whoever reads it next");
    let rule = table.string("rule")?.ok_or(no_rule)?;
    let reason = table.string("reason")?.filter(|reason| !reason.value.trim().is_empty()).ok_or(no_reason)?;
    let exclusion = Exclusion {
        rule: modes::rule_glob(&rule, rules)?,
        location: table.string("location")?.as_ref().map(format::location).transpose()?,
        route: route::template(&mut table)?.map(|template| template.value),
        methods: format::methods(&mut table)?,
        reason: reason.value.to_owned(),
        owner: table.string("owner")?.map(|owner| owner.value.to_owned()),
        expires: table.date("expires")?.as_ref().map(midnight).transpose()?,
        line: table.line(),
    };
    table.finish()?;
    Ok(exclusion)
}

/// The beginning of a day, in UTC.
fn midnight(date: &At<Date>) -> Result<SystemTime, BuildError> {
    let seconds = u64::try_from(days_since_1970(date.value)).ok().map(|days| days * 86_400);
    let time = seconds.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    time.ok_or_else(|| date.error(format!("`expires` is {}: the clock begins in 1970", date.value)))
}

/// Days from 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the leap
/// day is the last of its year.
fn days_since_1970(date: Date) -> i64 {
    let (year, month, day) = (i64::from(date.year), i64::from(date.month), i64::from(date.day));
    let year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year / 4 - year / 100 + year / 400;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_leap_years() {
        for (year, month, day, days) in [
            (1970, 1, 1, 0),
            (1970, 3, 1, 59),
            (2000, 2, 29, 11_016),
            (2000, 3, 1, 11_017),
            (2027, 3, 1, 20_878),
            (2100, 3, 1, 47_541),
            (1969, 12, 31, -1),
        ] {
            assert_eq!(days_since_1970(Date { year, month, day }), days, "{year}-{month}-{day}");
        }
    }
}
