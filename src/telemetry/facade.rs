//! The instruments through the `metrics` facade, from whatever recorder the program has installed.

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, Unit};

use super::instrument::{self, Instrument, Kind};
use super::names;

const METADATA: Metadata<'static> = Metadata::new(names::SCOPE, Level::INFO, None);

/// Which recorder is installed, as an address; none while it is the one that does nothing, which
/// is of no size.
pub(super) fn installed() -> Option<usize> {
    metrics::with_recorder(|recorder| {
        (size_of_val(recorder) > 0).then(|| std::ptr::from_ref::<dyn Recorder>(recorder).cast::<()>() as usize)
    })
}

/// Tells the recorder what the instruments are. Countables have no unit here: a recorder would put
/// it into their names.
pub(super) fn describe() {
    metrics::with_recorder(|recorder| {
        for one in instrument::ALL {
            let unit = match one.unit {
                "s" => Some(Unit::Seconds),
                "By" => Some(Unit::Bytes),
                _ => None,
            };
            let (name, description) = (one.name.into(), one.description.into());
            match one.kind {
                Kind::Counter => recorder.describe_counter(name, unit, description),
                Kind::Histogram(_) => recorder.describe_histogram(name, unit, description),
                Kind::Gauge => recorder.describe_gauge(name, unit, description),
            }
        }
    });
}

pub(super) fn counter(of: &Instrument, attributes: &[(&'static str, &str)]) -> Counter {
    metrics::with_recorder(|recorder| recorder.register_counter(&key(of, attributes), &METADATA))
}

pub(super) fn histogram(of: &Instrument, attributes: &[(&'static str, &str)]) -> Histogram {
    metrics::with_recorder(|recorder| recorder.register_histogram(&key(of, attributes), &METADATA))
}

pub(super) fn gauge(name: &'static str, attributes: &[(&'static str, &str)]) -> Gauge {
    metrics::with_recorder(|recorder| recorder.register_gauge(&Key::from_parts(name, labels(attributes)), &METADATA))
}

fn key(of: &Instrument, attributes: &[(&'static str, &str)]) -> Key {
    Key::from_parts(of.name, labels(attributes))
}

fn labels(attributes: &[(&'static str, &str)]) -> Vec<Label> {
    attributes.iter().map(|(key, value)| Label::new(*key, (*value).to_owned())).collect()
}
