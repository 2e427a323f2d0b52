//! The effective mode of every rule on every configured route, worked out once.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;

use super::action::Mode;
use super::route::Templates;
use super::settings::{PolicySettings, RouteSettings};
use crate::build_error::BuildError;
use crate::input::Head;
use crate::rule::{Category, Rule, RuleInfo, RuleMask, When};

/// A compiled policy.
pub struct Policy {
    pub(super) settings: PolicySettings,
    templates: Templates,
    /// The plan without a route, then one for each of the settings' routes.
    plans: Vec<Plan>,
    /// Rules that run only for some requests.
    conditional: Vec<(usize, When)>,
    pub(super) rules: Vec<std::sync::Arc<RuleInfo>>,
}

/// What holds for the requests of one route.
#[derive(Clone)]
pub struct Plan {
    mode: Mode,
    modes: Vec<Mode>,
    active: RuleMask,
    enforces: bool,
}

impl Plan {
    /// The mode of the whole there.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether anything found there could be refused.
    #[must_use]
    pub const fn enforces(&self) -> bool {
        self.enforces
    }

    /// Whether a rule runs there, by its index.
    #[must_use]
    pub fn runs(&self, rule: usize) -> bool {
        self.active.contains(rule)
    }

    /// The effective mode of a rule, by its index.
    #[must_use]
    pub fn mode_of(&self, rule: usize) -> Mode {
        self.modes.get(rule).copied().unwrap_or(self.mode)
    }
}

/// One request in the eyes of the policy.
#[derive(Clone)]
pub struct Scope {
    plan: usize,
    /// The template that fits the path, where the head names none.
    fitting: Option<Box<str>>,
    /// Whether this client is among those for whom findings are enforced.
    pub(super) enforced: bool,
    /// The mode of the whole for this request.
    mode: Mode,
    /// The rules of the plan less those whose condition does not hold; none where all hold.
    active: Option<RuleMask>,
}

impl Scope {
    /// The matched template, when it is known; `head` is the one that the scope was made for.
    #[must_use]
    pub fn template<'a>(&'a self, head: &'a Head) -> Option<&'a str> {
        head.route().or(self.fitting.as_deref())
    }

    /// The mode of the whole for this request.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }
}

impl Policy {
    /// Works out the plans.
    pub fn compile(settings: PolicySettings, rules: &[&Rule]) -> Result<Self, BuildError> {
        let mut templates = Templates::default();
        for route in &settings.routes {
            templates.insert(&route.route, route.line)?;
        }
        for exclusion in &settings.exclusions {
            exclusion.route.as_ref().map_or(Ok(()), |route| templates.insert(route, exclusion.line))?;
        }
        let mut conditional = Vec::new();
        for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.when != When::default()) {
            let route = rule.when.route.as_ref();
            route.map_or(Ok(()), |route| templates.insert(route, rule.line)).map_err(|e| e.in_file(&rule.file))?;
            conditional.push((index, rule.when.clone()));
        }
        let plans = std::iter::once(None).chain(settings.routes.iter().map(Some));
        let plans = plans.map(|route| plan(&settings, route, rules)).collect();
        let rules = rules.iter().map(|rule| rule.info.clone()).collect();
        Ok(Self { settings, templates, plans, conditional, rules })
    }

    /// The settings that it was compiled from.
    #[must_use]
    pub const fn settings(&self) -> &PolicySettings {
        &self.settings
    }

    /// The scope of a request.
    #[must_use]
    pub fn scope(&self, head: &Head) -> Scope {
        let template = self.templates.of(head);
        let fits = |route: &RouteSettings| {
            template == Some(route.route.as_str()) && method_fits(&route.methods, head.method())
        };
        let route = self.settings.routes.iter().position(fits);
        let percent = route.and_then(|index| self.settings.routes[index].enforce_percent);
        let plan = route.map_or(0, |index| index + 1);
        let enforced = percent.is_none_or(|percent| is_enforced(head.client(), percent));
        let mode = self.plans[plan].mode;
        Scope {
            plan,
            enforced,
            // A client outside the enforced share sees mode `detect` at the most.
            mode: if enforced { mode } else { mode.min(Mode::Detect) },
            active: self.conditional_mask(plan, template, head.method()),
            fitting: template.filter(|_| head.route().is_none()).map(Box::from),
        }
    }

    fn conditional_mask(&self, plan: usize, template: Option<&str>, method: &[u8]) -> Option<RuleMask> {
        let holds = |when: &When| {
            when.route.as_deref().is_none_or(|route| template == Some(route)) && method_fits(&when.methods, method)
        };
        let unmet = |index: usize| self.conditional.iter().any(|(rule, when)| *rule == index && !holds(when));
        if self.conditional.is_empty() {
            return None;
        }
        let mut mask = RuleMask::NONE;
        let active = &self.plans[plan].active;
        (0..self.rules.len())
            .filter(|&index| active.contains(index) && !unmet(index))
            .for_each(|index| mask.insert(index));
        Some(mask)
    }

    /// The plan of a scope.
    #[must_use]
    pub fn plan(&self, scope: &Scope) -> &Plan {
        &self.plans[scope.plan]
    }

    /// The rules that run for a scope.
    #[must_use]
    pub fn active<'a>(&'a self, scope: &'a Scope) -> &'a RuleMask {
        scope.active.as_ref().unwrap_or(&self.plan(scope).active)
    }

    /// Whether anything found in this request could be refused.
    #[must_use]
    pub fn enforces(&self, scope: &Scope) -> bool {
        scope.enforced && self.plan(scope).enforces
    }

    /// The route (none for the rest) and the plan there, for whoever starts or checks.
    pub fn plans(&self) -> impl Iterator<Item = (Option<&RouteSettings>, &Plan)> {
        let routes = std::iter::once(None).chain(self.settings.routes.iter().map(Some));
        routes.zip(&self.plans)
    }

    /// The effective modes, for whoever starts or checks: the route (none for the rest), then
    /// each category with the strictest mode of its rules.
    pub fn effective_modes(&self) -> impl Iterator<Item = (Option<&RouteSettings>, Vec<(Category, Mode)>)> {
        self.plans().map(|(route, plan)| {
            let mut modes: Vec<(Category, Mode)> = Vec::new();
            for (rule, info) in self.rules.iter().enumerate() {
                match modes.iter_mut().find(|(category, _)| *category == info.category) {
                    Some((_, mode)) => *mode = (*mode).max(plan.mode_of(rule)),
                    None => modes.push((info.category, plan.mode_of(rule))),
                }
            }
            (route, modes)
        })
    }
}

pub(super) fn method_fits(methods: &[String], method: &[u8]) -> bool {
    methods.is_empty() || methods.iter().any(|known| known.as_bytes() == method)
}

/// Whether a client belongs to the share that is enforced: always the same answer for the same
/// address.
fn is_enforced(client: Option<IpAddr>, percent: u8) -> bool {
    client.is_none_or(|address| {
        let mut hasher = DefaultHasher::new();
        address.hash(&mut hasher);
        hasher.finish() % 100 < u64::from(percent)
    })
}

fn plan(settings: &PolicySettings, route: Option<&RouteSettings>, rules: &[&Rule]) -> Plan {
    let mut active = RuleMask::NONE;
    let modes: Vec<Mode> = rules.iter().map(|rule| effective_mode(settings, route, &rule.info)).collect();
    for (index, rule) in rules.iter().enumerate() {
        if modes[index] != Mode::Off && rule.info.paranoia <= settings.detection_paranoia {
            active.insert(index);
        }
    }
    let mode = route.and_then(|route| route.mode).unwrap_or(settings.mode);
    let enforces = mode == Mode::Enforce || modes.contains(&Mode::Enforce);
    Plan { mode, modes, active, enforces }
}

/// A rule over its category over the whole, a route over the whole. Where a route and a category
/// or rule disagree the milder holds, unless the route's own table names the category.
fn effective_mode(settings: &PolicySettings, route: Option<&RouteSettings>, rule: &RuleInfo) -> Mode {
    let of_category = |table: &[(Category, Mode)]| {
        table.iter().rev().find(|(category, _)| *category == rule.category).map(|&(_, mode)| mode)
    };
    if let Some(mode) = route.and_then(|route| of_category(&route.categories)) {
        return mode;
    }
    let of_rule = settings.rules.iter().rev().find(|(glob, _)| glob.matches(&rule.id)).map(|&(_, mode)| mode);
    let specific = of_rule.or_else(|| of_category(&settings.categories));
    match (route.and_then(|route| route.mode), specific) {
        (Some(route), Some(specific)) => route.min(specific),
        (Some(mode), None) | (None, Some(mode)) => mode,
        (None, None) => settings.mode,
    }
}
