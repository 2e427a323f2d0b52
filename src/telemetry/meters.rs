//! Counts requests, findings, bytes and time, for whoever listens: through OpenTelemetry and `metrics`.
//!
//! Nothing that a client can choose is an attribute: rules and modes are configured, a route is the
//! framework's template, and each list has an end. Series are made when they are first needed and
//! found by small numbers after that; those of which one step is news are there from the start, at 0.
//!
//! Who listens is looked up at the first request, and then once a second by whichever request comes
//! first in it; so a provider that is set later counts from at most a second after, and one that is
//! never set costs nothing but a look at the time that each request has already.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::SystemTime;

use arc_swap::ArcSwap;

#[cfg(feature = "metrics")]
use super::facade;
use super::facts::{Facts, State};
use super::generation::Generation;
#[cfg(feature = "otel")]
use super::given::Given;
#[cfg(feature = "otel")]
use super::otel;
use super::series::Backends;
use super::work::{Peak, Work};
use super::{generation, instrument, names};
use crate::build_error::BuildError;
use crate::config::TelemetrySettings;
use crate::context::{Budget, RequestContext};
use crate::engine::Engine;
use crate::policy::Verdict;

/// The metrics of one handle.
pub(super) struct Meters {
    state: Arc<State>,
    #[cfg(feature = "otel")]
    given: Option<otel::Provider>,
    /// Whether anybody listens: else no clock is read.
    on: AtomicBool,
    first: Once,
    /// The second of the last look for listeners.
    second: AtomicU64,
    listeners: Mutex<Listeners>,
    generation: ArcSwap<Generation>,
}

/// Whom the series in use were made for.
#[derive(Default)]
struct Listeners {
    #[cfg(feature = "otel")]
    provider: Option<otel::Provider>,
    #[cfg(feature = "otel")]
    instruments: Option<Arc<otel::Instruments>>,
    #[cfg(feature = "metrics")]
    recorder: Option<usize>,
    /// The gauges that `metrics` was told, to take back those that no longer hold.
    #[cfg(feature = "metrics")]
    shown: Vec<metrics::Gauge>,
}

impl Meters {
    pub(super) fn new(#[cfg(feature = "otel")] given: &Given, budget: &Arc<Budget>) -> Self {
        Self {
            state: Arc::new(State { budget: Arc::clone(budget), work: Peak::default(), facts: ArcSwap::default() }),
            #[cfg(feature = "otel")]
            given: given.meters.clone(),
            on: AtomicBool::new(false),
            first: Once::new(),
            second: AtomicU64::new(0),
            listeners: Mutex::default(),
            generation: ArcSwap::default(),
        }
    }

    /// A configuration is in force from now on.
    pub(super) fn in_force(&self, engine: &Engine, settings: &TelemetrySettings) {
        let facts = Facts::of(engine, settings, &self.state.facts.load());
        self.state.facts.store(Arc::new(facts));
        // Who listens already sees what is in force before the first request comes.
        self.look_now();
        if let Ok(mut listeners) = self.listeners.lock() {
            self.renew(&mut listeners);
        }
    }

    /// Whether anybody listens.
    pub(super) fn on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// Looks who listens, where this second has not been looked yet.
    pub(super) fn look(&self, now: SystemTime) {
        self.first.call_once(|| self.look_now());
        let second = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let before = self.second.load(Ordering::Relaxed);
        let is_first = || self.second.compare_exchange(before, second, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if before != second && is_first() {
            self.state.work.turn(second);
            self.look_now();
        }
    }

    fn look_now(&self) {
        // Whoever holds it looks right now.
        let Ok(mut listeners) = self.listeners.try_lock() else { return };
        let mut changed = false;
        #[cfg(feature = "otel")]
        {
            let provider = self.given.clone().or_else(otel::global);
            let address = |provider: &Option<otel::Provider>| {
                provider.as_ref().map(|provider| Arc::as_ptr(provider).cast::<()>())
            };
            if address(&provider) != address(&listeners.provider) {
                listeners.instruments =
                    provider.as_ref().map(|provider| Arc::new(otel::Instruments::new(provider, &self.state)));
                listeners.provider = provider;
                changed = true;
            }
        }
        #[cfg(feature = "metrics")]
        {
            let recorder = facade::installed();
            if recorder != listeners.recorder {
                listeners.recorder = recorder;
                listeners.shown.clear();
                facade::describe();
                changed = true;
            }
        }
        if changed {
            self.renew(&mut listeners);
        } else {
            self.show(&mut listeners);
        }
    }

    /// Makes all series anew, for those who listen and what is in force.
    fn renew(&self, listeners: &mut Listeners) {
        let backends = Backends {
            #[cfg(feature = "otel")]
            otel: listeners.instruments.clone(),
            #[cfg(feature = "metrics")]
            facade: listeners.recorder.is_some(),
        };
        self.on.store(backends.any(), Ordering::Relaxed);
        let generation = Generation::new(backends, self.state.facts.load_full(), &self.generation.load());
        generation.begin();
        self.generation.store(Arc::new(generation));
        self.show(listeners);
    }

    /// Tells `metrics` the gauges; OpenTelemetry asks for them.
    #[cfg_attr(not(feature = "metrics"), allow(clippy::unused_self, reason = "OpenTelemetry asks"))]
    fn show(&self, _listeners: &mut Listeners) {
        #[cfg(feature = "metrics")]
        if _listeners.recorder.is_some() {
            for gauge in _listeners.shown.drain(..) {
                gauge.set(0.0);
            }
            for one in instrument::ALL.iter().filter(|one| one.kind == instrument::Kind::Gauge) {
                Facts::gauges(&self.state, one.name, &mut |attributes, value| {
                    let gauge = facade::gauge(one.name, attributes);
                    gauge.set(value as f64);
                    // Only modes come and go.
                    if one.name == names::METRIC_MODE_EFFECTIVE {
                        _listeners.shown.push(gauge);
                    }
                });
            }
        }
    }

    /// Counts a request whose verdict is final.
    pub(super) fn concluded(&self, context: &RequestContext, verdict: &Verdict, work: &Work) {
        if self.on() {
            self.state.work.add(context.schema_steps());
            self.generation.load().concluded(context, verdict, work);
        }
    }

    /// Counts a reload, done or refused.
    pub(super) fn reloaded(&self, result: Result<(), &BuildError>) {
        self.first.call_once(|| self.look_now());
        let attributes = [(names::ERROR_TYPE, generation::CONFIG)];
        let attributes = if result.is_ok() { &[][..] } else { &attributes };
        self.generation.load().add(&instrument::CONFIG_RELOADS, attributes, 1);
    }

    /// Counts a panic of the program's own code that finds users.
    pub(super) fn user_panicked(&self) {
        let attributes = [(names::ERROR_TYPE, generation::USER_PANIC), (names::ATTRIBUTE_ON_ERROR, "pass")];
        self.generation.load().add(&instrument::ENGINE_ERRORS, &attributes, 1);
    }

    /// Counts events that were not sent.
    pub(super) fn events_dropped(&self, reason: &'static str, count: u64) {
        let attributes = [(names::ATTRIBUTE_DROP_REASON, reason)];
        self.generation.load().add(&instrument::EVENTS_DROPPED, &attributes, count);
    }
}
