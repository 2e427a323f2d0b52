//! Words for modes and actions: of the whole, of categories, of rules, of causes.

use crate::build_error::BuildError;
use crate::document::{At, Table, nearest, nearest_mend};
use crate::input::{Cause, Glob};
use crate::policy::{Action, CompletenessActions, Mode};
use crate::rule::{Category, Rule, format};

/// The mode under `mode`.
pub(super) fn mode(table: &mut Table<'_>) -> Result<Option<Mode>, BuildError> {
    format::optional_word(table, "mode", Mode::from_name, &Mode::ALL.map(Mode::as_str))
}

/// The modes under `category`, and the line of each.
pub(super) fn categories(table: &mut Table<'_>, lines: &mut Vec<usize>) -> Result<Vec<(Category, Mode)>, BuildError> {
    let Some(table) = table.table("category")? else { return Ok(Vec::new()) };
    let known = Category::ALL.map(Category::as_str);
    let entries = table.string_entries()?;
    lines.extend(entries.iter().map(|(key, _)| key.line));
    entries
        .iter()
        .map(|(key, text)| Ok((format::one_of(key, "category", Category::from_name, &known)?, mode_of(text)?)))
        .collect()
}

/// The modes under `rule_mode`, and the line of each; each must fit a rule.
pub(super) fn rules(
    table: &mut Table<'_>,
    rules: &[Rule],
    lines: &mut Vec<usize>,
) -> Result<Vec<(Glob, Mode)>, BuildError> {
    let Some(table) = table.table("rule_mode")? else { return Ok(Vec::new()) };
    let quoted = "write a rule id in quotes: \"sqli.union\" = \"detect\"";
    let entries = table.string_entries().map_err(|error| error.mend(quoted))?;
    lines.extend(entries.iter().map(|(key, _)| key.line));
    entries.iter().map(|(key, text)| Ok((rule_glob(key, rules)?, mode_of(text)?))).collect()
}

fn mode_of(text: &At<&str>) -> Result<Mode, BuildError> {
    format::one_of(text, "mode", Mode::from_name, &Mode::ALL.map(Mode::as_str))
}

/// A glob over rule ids; one that fits no rule is a slip of the pen, and would do nothing.
pub(super) fn rule_glob(text: &At<&str>, rules: &[Rule]) -> Result<Glob, BuildError> {
    let glob = Glob::new(text.value);
    if rules.iter().any(|rule| glob.matches(&rule.info.id)) {
        return Ok(glob);
    }
    let ids: Vec<&str> = rules.iter().map(|rule| rule.info.id.as_str()).collect();
    let mend = nearest(text.value, &ids)
        .map_or_else(|| "`rasp rules list` shows every id".to_owned(), |id| format!("did you mean `{id}`?"));
    Err(text.error(format!("no rule is called `{}`", text.value.escape_debug())).mend(mend))
}

/// What is done for each cause; `throttle` is for bans.
pub(super) fn completeness(table: Table<'_>) -> Result<CompletenessActions, BuildError> {
    let causes = Cause::ALL.map(Cause::as_str);
    let actions = [Action::Pass, Action::Alert, Action::Block];
    let mut chosen = CompletenessActions::default();
    for (key, text) in table.string_entries()? {
        let cause = Cause::ALL.into_iter().find(|cause| cause.as_str() == key.value).ok_or_else(|| {
            key.error(format!("`{}` is no cause", key.value.escape_debug())).mend(nearest_mend(key.value, &causes))
        })?;
        let read = |word: &str| actions.into_iter().find(|action| action.as_str() == word);
        chosen.set(cause, format::one_of(&text, "action", read, &actions.map(Action::as_str))?);
    }
    Ok(chosen)
}
