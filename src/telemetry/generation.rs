//! The series of one configuration and one set of listeners.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::events::DROP_REASONS;
use super::facts::Facts;
use super::instrument::Instrument;
use super::series::{Backends, CounterSeries, HistogramSeries, Slots};
use super::work::Work;
use super::{event, instrument, names};
use crate::context::RequestContext;
use crate::input::{Cause, Completeness, Place};
use crate::policy::{Action, JudgedFinding, Mode, Verdict};
use crate::rule::Category;

/// Templates that metrics name, over the life of a handle; requests of further ones are counted without.
const ROUTES_MAX: usize = 200;

const ACTIONS: usize = Action::ALL.len();
const MODES: usize = Mode::ALL.len();

/// The rules of schemas begin so; the keyword follows.
const SCHEMA_RULE: &str = "schema.";

/// What `error.type` says of inspections.
const PANIC: &str = "panic";
const BUDGET_EXCEEDED: &str = "budget_exceeded";
/// The program's own code that finds users panicked.
pub(super) const USER_PANIC: &str = "user_panic";
/// What `error.type` says of a reload that was refused.
pub(super) const CONFIG: &str = "config";

type OfRoute = Slots<CounterSeries, { ACTIONS * ACTIONS * MODES }>;
type OfRule = Slots<CounterSeries, ACTIONS>;

/// Every series that one request after the other needs.
#[derive(Default)]
pub(super) struct Generation {
    backends: Backends,
    facts: Arc<Facts>,
    without_route: Box<OfRoute>,
    routes: ArcSwap<HashMap<Box<str>, Arc<OfRoute>>>,
    durations: Slots<HistogramSeries, { 2 * ACTIONS * 2 }>,
    sizes: Slots<HistogramSeries, { 1 + Cause::ALL.len() }>,
    incomplete: Slots<CounterSeries, { Cause::ALL.len() * ACTIONS }>,
    rules: HashMap<Box<str>, OfRule>,
    categories: Slots<OfRule, { Category::ALL.len() }>,
}

impl Generation {
    /// None are made yet; the templates that were named before stay so.
    pub(super) fn new(backends: Backends, facts: Arc<Facts>, before: &Self) -> Self {
        let routes = before.routes.load().keys().map(|route| (route.clone(), Arc::default())).collect();
        let rules = facts.named.iter().map(|id| (id.clone(), OfRule::default())).collect();
        Self { backends, facts, routes: ArcSwap::from_pointee(routes), rules, ..Self::default() }
    }

    /// Begins the counters of which one step is news, at 0: who watches them with `increase()` does not see the step with
    /// which a series appears.
    pub(super) fn begin(&self) {
        let (on_fault, on_budget) = (self.facts.on_error(Cause::EngineFault), self.facts.on_error(Cause::Budget));
        for (error, action) in [(PANIC, on_fault), (BUDGET_EXCEEDED, on_budget), (USER_PANIC, Action::Pass)] {
            let attributes = [(names::ERROR_TYPE, error), (names::ATTRIBUTE_ON_ERROR, action.as_str())];
            self.add(&instrument::ENGINE_ERRORS, &attributes, 0);
        }
        self.add(&instrument::CONFIG_RELOADS, &[], 0);
        self.add(&instrument::CONFIG_RELOADS, &[(names::ERROR_TYPE, CONFIG)], 0);
        for reason in DROP_REASONS {
            self.add(&instrument::EVENTS_DROPPED, &[(names::ATTRIBUTE_DROP_REASON, reason)], 0);
        }
    }

    pub(super) fn concluded(&self, context: &RequestContext, verdict: &Verdict, work: &Work) {
        let route = context.route().filter(|_| self.facts.settings.route_attribute);
        self.request(route, verdict);
        self.duration("head", 0, Some(work.head_nanoseconds), verdict);
        self.duration("body", 1, work.body.map(|body| body.nanoseconds), verdict);
        if let Some(body) = work.body {
            self.size(body.bytes, verdict.completeness);
        }
        for cause in verdict.completeness.causes() {
            self.cause(cause, verdict);
        }
        for judged in &verdict.findings {
            self.finding(route, judged);
        }
    }

    /// Adds to a series that is seldom needed.
    pub(super) fn add(&self, of: &Instrument, attributes: &[(&'static str, &str)], count: u64) {
        self.backends.counter(of, attributes).add(count);
    }

    fn request(&self, route: Option<&str>, verdict: &Verdict) {
        let (action, would, mode) = (verdict.action, verdict.verdict, verdict.mode);
        let index = (action as usize * ACTIONS + would as usize) * MODES + mode as usize;
        let make = |route: Option<&str>| {
            let attributes = [
                Some((names::ATTRIBUTE_ACTION, action.as_str())),
                Some((names::ATTRIBUTE_VERDICT, would.as_str())),
                Some((names::ATTRIBUTE_MODE, mode.as_str())),
                route.map(|route| (names::HTTP_ROUTE, route)),
            ];
            let attributes: Vec<_> = attributes.into_iter().flatten().collect();
            self.backends.counter(&instrument::REQUESTS, &attributes)
        };
        match route.and_then(|route| self.route(route)) {
            Some(of_route) => of_route.get(index, || make(route)).add(1),
            None => self.without_route.get(index, || make(None)).add(1),
        }
    }

    /// The series of a template, while there is room for it.
    fn route(&self, route: &str) -> Option<Arc<OfRoute>> {
        let known = self.routes.load();
        if let Some(of_route) = known.get(route) {
            return Some(Arc::clone(of_route));
        }
        if known.len() >= ROUTES_MAX {
            return None;
        }
        drop(known);
        self.routes.rcu(|known| {
            let mut more = HashMap::clone(known);
            if more.len() < ROUTES_MAX {
                more.entry(Box::from(route)).or_default();
            }
            more
        });
        self.routes.load().get(route).map(Arc::clone)
    }

    fn duration(&self, phase: &str, index: usize, nanoseconds: Option<u64>, verdict: &Verdict) {
        let Some(nanoseconds) = nanoseconds else { return };
        let failed = verdict.completeness.contains(Cause::EngineFault);
        let index = (index * ACTIONS + verdict.action as usize) * 2 + usize::from(failed);
        let make = || {
            let attributes = [
                (names::ATTRIBUTE_PHASE, phase),
                (names::ATTRIBUTE_ACTION, verdict.action.as_str()),
                (names::ERROR_TYPE, PANIC),
            ];
            self.backends.histogram(&instrument::INSPECTION_DURATION, &attributes[..2 + usize::from(failed)])
        };
        self.durations.get(index, make).record(nanoseconds as f64 * 1e-9);
    }

    fn size(&self, bytes: u64, completeness: Completeness) {
        let cause = completeness.causes().next();
        let make = || {
            let word = cause.map_or("whole", Cause::as_str);
            let attributes = [(names::ATTRIBUTE_INSPECTION_COMPLETENESS, word)];
            self.backends.histogram(&instrument::INSPECTION_BODY_SIZE, &attributes)
        };
        self.sizes.get(cause.map_or(0, |cause| 1 + cause as usize), make).record(bytes as f64);
    }

    fn cause(&self, cause: Cause, verdict: &Verdict) {
        let of_cause = verdict.causes.iter().find(|(known, _)| *known == cause);
        let action = of_cause.map_or(Action::Pass, |&(_, action)| action.under(verdict.mode));
        let make = || {
            let attributes =
                [(names::ATTRIBUTE_INSPECTION_CAUSE, cause.as_str()), (names::ATTRIBUTE_ACTION, action.as_str())];
            self.backends.counter(&instrument::INSPECTION_INCOMPLETE, &attributes)
        };
        self.incomplete.get(cause as usize * ACTIONS + action as usize, make).add(1);
        let error = match cause {
            Cause::EngineFault => PANIC,
            Cause::Budget => BUDGET_EXCEEDED,
            _ => return,
        };
        let on_error = self.facts.on_error(cause).as_str();
        let attributes = [(names::ERROR_TYPE, error), (names::ATTRIBUTE_ON_ERROR, on_error)];
        self.add(&instrument::ENGINE_ERRORS, &attributes, 1);
    }

    fn finding(&self, route: Option<&str>, judged: &JudgedFinding) {
        let rule = &judged.finding.rule;
        let (category, action) = (rule.category, judged.action);
        if category == Category::Schema
            && let Some(keyword) = rule.id.strip_prefix(SCHEMA_RULE)
        {
            return self.validation_failed(judged.finding.location.place(), keyword, action, route);
        }
        let make = |id: Option<&str>| {
            let attributes = [
                id.map(|id| (names::SECURITY_RULE_UUID, id)),
                Some((names::SECURITY_RULE_CATEGORY, category.as_str())),
                Some((names::ATTRIBUTE_ACTION, action.as_str())),
            ];
            let attributes: Vec<_> = attributes.into_iter().flatten().collect();
            self.backends.counter(&instrument::RULE_MATCHES, &attributes)
        };
        match self.rules.get(rule.id.as_str()) {
            Some(of_rule) => of_rule.get(action as usize, || make(Some(&rule.id))).add(1),
            None => {
                let of_category = self.categories.get(category as usize, OfRule::default);
                of_category.get(action as usize, || make(None)).add(1);
            }
        }
    }

    /// A schema keyword failed. Keywords are those of our schemas: a client does not choose them.
    fn validation_failed(&self, place: Place, keyword: &str, action: Action, route: Option<&str>) {
        let known = route.filter(|route| self.route(route).is_some());
        let attributes = [
            Some((names::ATTRIBUTE_VALIDATION_TARGET, event::validation_target(place))),
            Some((names::ATTRIBUTE_VALIDATION_KEYWORD, keyword)),
            Some((names::ATTRIBUTE_ACTION, action.as_str())),
            known.map(|route| (names::HTTP_ROUTE, route)),
        ];
        let attributes: Vec<_> = attributes.into_iter().flatten().collect();
        self.add(&instrument::VALIDATION_FAILURES, &attributes, 1);
    }
}
