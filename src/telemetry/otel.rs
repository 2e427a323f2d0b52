//! The instruments through OpenTelemetry's API, from the provider that was given or the global one.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider};

use super::facts::{Facts, State};
use super::instrument::{self, Instrument, Kind};
use super::logs;

/// A provider of meters.
pub(super) type Provider = Arc<dyn MeterProvider + Send + Sync>;

/// The global provider; none while it is the one that does nothing.
///
/// The API does not say whether a provider was set. The one that does nothing is of no size, and
/// one that records must hold something.
pub(super) fn global() -> Option<Provider> {
    let provider = opentelemetry::global::meter_provider();
    (size_of_val(&*provider) > 0).then_some(provider)
}

/// The instruments of one provider.
pub(super) struct Instruments {
    counters: Vec<(&'static str, Counter<u64>)>,
    histograms: Vec<(&'static str, Histogram<f64>)>,
}

impl Instruments {
    /// Makes them; the gauges observe the state for as long as it is there.
    pub(super) fn new(provider: &Provider, state: &Arc<State>) -> Self {
        let meter = provider.meter_with_scope(logs::scope());
        let mut instruments = Self { counters: Vec::new(), histograms: Vec::new() };
        for one in instrument::ALL {
            match one.kind {
                Kind::Counter => {
                    let counter = meter.u64_counter(one.name).with_unit(one.unit).with_description(one.description);
                    instruments.counters.push((one.name, counter.build()));
                }
                Kind::Histogram(bounds) => {
                    let histogram = meter.f64_histogram(one.name).with_unit(one.unit).with_description(one.description);
                    instruments.histograms.push((one.name, histogram.with_boundaries(bounds.to_vec()).build()));
                }
                Kind::Gauge => observe(&meter, one, state),
            }
        }
        instruments
    }

    pub(super) fn counter(&self, of: &Instrument, attributes: &[(&'static str, &str)]) -> Option<CounterSeries> {
        let (_, counter) = self.counters.iter().find(|(name, _)| *name == of.name)?;
        Some(CounterSeries { counter: counter.clone(), attributes: pairs(attributes) })
    }

    pub(super) fn histogram(&self, of: &Instrument, attributes: &[(&'static str, &str)]) -> Option<HistogramSeries> {
        let (_, histogram) = self.histograms.iter().find(|(name, _)| *name == of.name)?;
        Some(HistogramSeries { histogram: histogram.clone(), attributes: pairs(attributes) })
    }
}

fn pairs(attributes: &[(&'static str, &str)]) -> Box<[KeyValue]> {
    attributes.iter().map(|(key, value)| KeyValue::new(*key, (*value).to_owned())).collect()
}

fn observe(meter: &Meter, of: &Instrument, state: &Arc<State>) {
    // A callback lives as long as its provider, which may outlive the handle.
    let state = Arc::downgrade(state);
    let name = of.name;
    let gauge = meter.u64_observable_gauge(name).with_unit(of.unit).with_description(of.description);
    let _ = gauge
        .with_callback(move |observer| {
            let Some(state) = state.upgrade() else { return };
            Facts::gauges(&state, name, &mut |attributes, value| observer.observe(value, &pairs(attributes)));
        })
        .build();
}

/// A counter with its attributes.
pub(super) struct CounterSeries {
    counter: Counter<u64>,
    attributes: Box<[KeyValue]>,
}

impl CounterSeries {
    pub(super) fn add(&self, count: u64) {
        self.counter.add(count, &self.attributes);
    }
}

/// A histogram with its attributes.
pub(super) struct HistogramSeries {
    histogram: Histogram<f64>,
    attributes: Box<[KeyValue]>,
}

impl HistogramSeries {
    pub(super) fn record(&self, value: f64) {
        self.histogram.record(value, &self.attributes);
    }
}
