//! One series on every facade: an instrument with a fixed set of attributes.

#[cfg(feature = "otel")]
use std::sync::Arc;
use std::sync::OnceLock;

#[cfg(feature = "metrics")]
use super::facade;
use super::instrument::Instrument;
#[cfg(feature = "otel")]
use super::otel;

/// Where series are made.
#[derive(Default)]
pub(super) struct Backends {
    #[cfg(feature = "otel")]
    pub(super) otel: Option<Arc<otel::Instruments>>,
    #[cfg(feature = "metrics")]
    pub(super) facade: bool,
}

impl Backends {
    /// Whether anybody listens.
    pub(super) const fn any(&self) -> bool {
        let mut any = false;
        #[cfg(feature = "otel")]
        {
            any = any || self.otel.is_some();
        }
        #[cfg(feature = "metrics")]
        {
            any = any || self.facade;
        }
        any
    }

    pub(super) fn counter(&self, of: &Instrument, attributes: &[(&'static str, &str)]) -> CounterSeries {
        check(of, attributes);
        CounterSeries {
            #[cfg(feature = "otel")]
            otel: self.otel.as_ref().and_then(|otel| otel.counter(of, attributes)),
            #[cfg(feature = "metrics")]
            facade: self.facade.then(|| facade::counter(of, attributes)),
        }
    }

    pub(super) fn histogram(&self, of: &Instrument, attributes: &[(&'static str, &str)]) -> HistogramSeries {
        check(of, attributes);
        HistogramSeries {
            #[cfg(feature = "otel")]
            otel: self.otel.as_ref().and_then(|otel| otel.histogram(of, attributes)),
            #[cfg(feature = "metrics")]
            facade: self.facade.then(|| facade::histogram(of, attributes)),
        }
    }
}

/// A series has no attribute that its instrument does not declare.
fn check(of: &Instrument, attributes: &[(&'static str, &str)]) {
    debug_assert!(attributes.iter().all(|(key, _)| of.attributes.contains(key)), "{}: {attributes:?}", of.name);
}

/// A counter with its attributes.
pub(super) struct CounterSeries {
    #[cfg(feature = "otel")]
    otel: Option<otel::CounterSeries>,
    #[cfg(feature = "metrics")]
    facade: Option<metrics::Counter>,
}

impl CounterSeries {
    pub(super) fn add(&self, count: u64) {
        #[cfg(feature = "otel")]
        if let Some(series) = &self.otel {
            series.add(count);
        }
        #[cfg(feature = "metrics")]
        if let Some(series) = &self.facade {
            series.increment(count);
        }
    }
}

/// A histogram with its attributes.
pub(super) struct HistogramSeries {
    #[cfg(feature = "otel")]
    otel: Option<otel::HistogramSeries>,
    #[cfg(feature = "metrics")]
    facade: Option<metrics::Histogram>,
}

impl HistogramSeries {
    pub(super) fn record(&self, value: f64) {
        #[cfg(feature = "otel")]
        if let Some(series) = &self.otel {
            series.record(value);
        }
        #[cfg(feature = "metrics")]
        if let Some(series) = &self.facade {
            series.record(value);
        }
    }
}

/// Series by small numbers, each made when it is first needed: what never happens is not exported.
pub(super) struct Slots<S, const N: usize>([OnceLock<S>; N]);

impl<S, const N: usize> Default for Slots<S, N> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| OnceLock::new()))
    }
}

impl<S, const N: usize> Slots<S, N> {
    pub(super) fn get(&self, index: usize, make: impl FnOnce() -> S) -> &S {
        self.0[index].get_or_init(make)
    }
}
