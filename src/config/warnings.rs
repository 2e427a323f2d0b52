//! What in a valid configuration is unused, expired or shadowed.

use std::fmt;
use std::time::SystemTime;

use super::Settings;
use crate::policy::{Exclusion, Mode, Policy, RouteSettings};

/// Something in a configuration that does not do what it seems to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The file that it stands in.
    pub file: String,
    /// The line there.
    pub line: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl Settings {
    /// The warnings, in the order of their lines; `policy` is what these settings compile to.
    #[must_use]
    pub fn warnings(&self, policy: &Policy, now: SystemTime) -> Vec<Warning> {
        let mut list = List { file: self.places.file.as_deref().unwrap_or_default(), warnings: Vec::new() };
        categories(self, &mut list);
        rule_modes(self, &mut list);
        networks(self, &mut list);
        routes(self, policy, &mut list);
        exclusions(self, policy, now, &mut list);
        own_rules(self, policy, &mut list);
        list.warnings.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
        list.warnings
    }
}

struct List<'a> {
    file: &'a str,
    warnings: Vec<Warning>,
}

impl List<'_> {
    fn add(&mut self, line: usize, message: String) {
        self.warnings.push(Warning { file: self.file.to_owned(), line, message });
    }
}

fn categories(settings: &Settings, list: &mut List<'_>) {
    let policy = &settings.policy;
    for (&(category, mode), &line) in policy.categories.iter().zip(&settings.places.categories) {
        // Beside a stricter route the entry still has a meaning: there the milder holds.
        let changes_a_route = policy.routes.iter().any(|route| route.mode.is_some_and(|route| route > mode));
        if !settings.rules.iter().any(|rule| rule.info.category == category) {
            list.add(line, format!("no rule is of category `{category}`, so its mode does nothing"));
        } else if mode == policy.mode && !changes_a_route {
            list.add(line, format!("category `{category}` has mode `{mode}`, as the whole has anyway"));
        }
    }
}

fn rule_modes(settings: &Settings, list: &mut List<'_>) {
    let entries: Vec<_> = settings.policy.rules.iter().map(|(glob, _)| glob).zip(&settings.places.rules).collect();
    for (index, (glob, line)) in entries.iter().enumerate() {
        if let Some((wide, at)) = entries.iter().skip(index + 1).find(|(wide, _)| wide.covers(glob)) {
            list.add(
                **line,
                format!("the mode of `{glob}` is shadowed by that of `{wide}` in line {at}: the last counts"),
            );
        }
    }
}

fn networks(settings: &Settings, list: &mut List<'_>) {
    for (network, &line) in settings.clients.trusted_proxies.iter().zip(&settings.places.trusted_proxies) {
        if network.prefix_len() == 0 {
            list.add(line, format!("`{network}` trusts everybody: any client can write the address that it likes"));
        }
    }
}

fn routes(settings: &Settings, policy: &Policy, list: &mut List<'_>) {
    let routes: &[RouteSettings] = &settings.policy.routes;
    for (index, route) in routes.iter().enumerate() {
        let name = &route.route;
        let shadows =
            |earlier: &&RouteSettings| earlier.route == route.route && covers_methods(&earlier.methods, &route.methods);
        if let Some(earlier) = routes[..index].iter().find(shadows) {
            list.add(route.line, format!("route `{name}` is shadowed by line {}: the first counts", earlier.line));
        } else if route.mode.is_none()
            && route.categories.is_empty()
            && route.enforce_percent.is_none()
            && !speaks_of_schemas(settings, route)
        {
            list.add(route.line, format!("route `{name}` changes nothing"));
        }
        let enforces = policy.plans().nth(index + 1).is_none_or(|(_, plan)| plan.enforces());
        if route.enforce_percent.is_some() && !enforces {
            list.add(route.line, format!("`enforce_percent` does nothing: route `{name}` enforces nothing"));
        }
    }
}

/// Whether it says what is done about what is not declared there.
#[cfg(feature = "schema")]
fn speaks_of_schemas(settings: &Settings, route: &RouteSettings) -> bool {
    settings.schemas.routes.iter().any(|one| one.template == route.route && one.methods == route.methods)
}

/// There are no schemas.
#[cfg(not(feature = "schema"))]
const fn speaks_of_schemas(_: &Settings, _: &RouteSettings) -> bool {
    false
}

/// Whether the methods `wide` hold all of `narrow`; none named means all.
fn covers_methods(wide: &[String], narrow: &[String]) -> bool {
    wide.is_empty() || (!narrow.is_empty() && narrow.iter().all(|method| wide.contains(method)))
}

fn exclusions(settings: &Settings, policy: &Policy, now: SystemTime, list: &mut List<'_>) {
    let exclusions = &settings.policy.exclusions;
    let is_expired = |exclusion: &Exclusion| exclusion.expires.is_some_and(|end| end <= now);
    for (index, exclusion) in exclusions.iter().enumerate() {
        let glob = &exclusion.rule;
        if is_expired(exclusion) {
            list.add(exclusion.line, format!("the exclusion of `{glob}` has expired; take it out or renew it"));
            continue;
        }
        if turns_all_off(exclusion) {
            let place = exclusion.route.as_ref().map_or("everywhere".to_owned(), |route| format!("on `{route}`"));
            let mend = "name the rule and the location that it is about";
            list.add(
                exclusion.line,
                format!("this exclusion turns everything off {place}, whatever the modes say; {mend}"),
            );
        }
        let shadows = |&(other_index, other): &(usize, &Exclusion)| {
            let first = other_index < index || !covers(exclusion, other);
            other_index != index && !is_expired(other) && covers(other, exclusion) && first
        };
        if let Some((_, wide)) = exclusions.iter().enumerate().find(shadows) {
            list.add(
                exclusion.line,
                format!("the exclusion of `{glob}` is shadowed by the wider one in line {}", wide.line),
            );
        }
        let runs = |rule: usize| policy.plans().any(|(_, plan)| plan.runs(rule));
        if !settings.rules.iter().enumerate().any(|(rule, known)| glob.matches(&known.info.id) && runs(rule)) {
            list.add(exclusion.line, format!("the exclusion of `{glob}` is unused: no such rule runs"));
        }
    }
}

/// Whether an exclusion leaves no rule at any location.
fn turns_all_off(exclusion: &Exclusion) -> bool {
    let location = exclusion.location.as_ref();
    exclusion.rule.to_string() == "*"
        && location.is_none_or(|pattern| matches!(pattern.to_string().as_str(), "*" | "**"))
}

/// Whether one exclusion takes out all that another does, and for as long.
fn covers(wide: &Exclusion, narrow: &Exclusion) -> bool {
    let location = match (&wide.location, &narrow.location) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => wide.covers(narrow),
    };
    let lasts = match (wide.expires, narrow.expires) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => wide >= narrow,
    };
    location
        && lasts
        && wide.rule.covers(&narrow.rule)
        && (wide.route.is_none() || wide.route == narrow.route)
        && covers_methods(&wide.methods, &narrow.methods)
}

/// Rules that a user wrote and that never run; of the built-in ones that is no surprise.
fn own_rules(settings: &Settings, policy: &Policy, list: &mut List<'_>) {
    let own = settings.rules.iter().enumerate().filter(|(_, rule)| !rule.is_builtin());
    for (index, rule) in own {
        let (id, level) = (&rule.info.id, rule.info.paranoia.level());
        let detection = settings.policy.detection_paranoia.level();
        let message = if level > detection {
            format!("rule `{id}` never runs: its paranoia is {level}, and `detection_paranoia` is {detection}")
        } else if policy.plans().all(|(_, plan)| plan.mode_of(index) == Mode::Off) {
            format!("rule `{id}` never runs: its mode is `off` everywhere")
        } else {
            continue;
        };
        list.warnings.push(Warning { file: rule.file.to_string(), line: rule.line, message });
    }
}
