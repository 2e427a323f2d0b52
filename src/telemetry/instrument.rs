//! The instruments: what each measures, in which unit, by which attributes. The order is that of `registry.yaml`.

use super::names;

/// What an instrument does with numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Adds them up.
    Counter,
    /// Sorts them into buckets with these upper bounds.
    Histogram(&'static [f64]),
    /// Keeps the last.
    Gauge,
}

/// One instrument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instrument {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) unit: &'static str,
    pub(crate) description: &'static str,
    /// The attributes that its series may have; none is one that a client can choose.
    pub(crate) attributes: &'static [&'static str],
}

/// From a microsecond to a tenth of a second.
pub(crate) const SECONDS: &[f64] = &[
    0.000_001,
    0.000_002_5,
    0.000_005,
    0.000_01,
    0.000_025,
    0.000_05,
    0.000_1,
    0.000_25,
    0.000_5,
    0.001,
    0.002_5,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
];

/// From 256 bytes to 16 MiB.
pub(crate) const BYTES: &[f64] =
    &[256.0, 1_024.0, 4_096.0, 16_384.0, 65_536.0, 262_144.0, 1_048_576.0, 4_194_304.0, 16_777_216.0];

pub(crate) const REQUESTS: Instrument = Instrument {
    name: names::METRIC_REQUESTS,
    kind: Kind::Counter,
    unit: "{request}",
    description: "Requests, by what was done with them.",
    attributes: &[names::ATTRIBUTE_ACTION, names::ATTRIBUTE_VERDICT, names::ATTRIBUTE_MODE, names::HTTP_ROUTE],
};

pub(crate) const INSPECTION_DURATION: Instrument = Instrument {
    name: names::METRIC_INSPECTION_DURATION,
    kind: Kind::Histogram(SECONDS),
    unit: "s",
    description: "Time spent inspecting a request, a phase at a time; waiting for bytes does not count.",
    attributes: &[names::ATTRIBUTE_PHASE, names::ATTRIBUTE_ACTION, names::ERROR_TYPE],
};

pub(crate) const INSPECTION_BODY_SIZE: Instrument = Instrument {
    name: names::METRIC_INSPECTION_BODY_SIZE,
    kind: Kind::Histogram(BYTES),
    unit: "By",
    description: "Bytes of a request's body that were inspected.",
    attributes: &[names::ATTRIBUTE_INSPECTION_COMPLETENESS],
};

pub(crate) const INSPECTION_INCOMPLETE: Instrument = Instrument {
    name: names::METRIC_INSPECTION_INCOMPLETE,
    kind: Kind::Counter,
    unit: "{request}",
    description: "Requests of which a part was not inspected, by cause; one with several causes counts for each.",
    attributes: &[names::ATTRIBUTE_INSPECTION_CAUSE, names::ATTRIBUTE_ACTION],
};

pub(crate) const RULE_MATCHES: Instrument = Instrument {
    name: names::METRIC_RULE_MATCHES,
    kind: Kind::Counter,
    unit: "{match}",
    description: "Findings, by rule.",
    attributes: &[names::SECURITY_RULE_UUID, names::SECURITY_RULE_CATEGORY, names::ATTRIBUTE_ACTION],
};

pub(crate) const VALIDATION_FAILURES: Instrument = Instrument {
    name: names::METRIC_VALIDATION_FAILURES,
    kind: Kind::Counter,
    unit: "{failure}",
    description: "Values that a schema refused.",
    attributes: &[
        names::ATTRIBUTE_VALIDATION_TARGET,
        names::ATTRIBUTE_VALIDATION_KEYWORD,
        names::ATTRIBUTE_ACTION,
        names::HTTP_ROUTE,
    ],
};

pub(crate) const MODE_EFFECTIVE: Instrument = Instrument {
    name: names::METRIC_MODE_EFFECTIVE,
    kind: Kind::Gauge,
    unit: "{mode}",
    description: "1 for the mode in force of each category; with a route for each configured route where it is another, at most 50 of them.",
    attributes: &[names::SECURITY_RULE_CATEGORY, names::ATTRIBUTE_MODE, names::HTTP_ROUTE],
};

pub(crate) const INSPECTION_MEMORY_USAGE: Instrument = Instrument {
    name: names::METRIC_INSPECTION_MEMORY_USAGE,
    kind: Kind::Gauge,
    unit: "By",
    description: "Bytes that all requests together hold for inspection.",
    attributes: &[],
};

pub(crate) const INSPECTION_MEMORY_LIMIT: Instrument = Instrument {
    name: names::METRIC_INSPECTION_MEMORY_LIMIT,
    kind: Kind::Gauge,
    unit: "By",
    description: "Bytes that all requests together may hold for inspection.",
    attributes: &[],
};

pub(crate) const INSPECTION_WORK_USAGE: Instrument = Instrument {
    name: names::METRIC_INSPECTION_WORK_USAGE,
    kind: Kind::Gauge,
    unit: "{step}",
    description: "The most steps that the schemas of one request took, of the last minute or two.",
    attributes: &[],
};

pub(crate) const INSPECTION_WORK_LIMIT: Instrument = Instrument {
    name: names::METRIC_INSPECTION_WORK_LIMIT,
    kind: Kind::Gauge,
    unit: "{step}",
    description: "Steps that the schemas of one request may take.",
    attributes: &[],
};

pub(crate) const CONFIG_RELOADS: Instrument = Instrument {
    name: names::METRIC_CONFIG_RELOADS,
    kind: Kind::Counter,
    unit: "{reload}",
    description: "Reloads of the configuration; each series is there from the start.",
    attributes: &[names::ERROR_TYPE],
};

pub(crate) const RULESET_RULES: Instrument = Instrument {
    name: names::METRIC_RULESET_RULES,
    kind: Kind::Gauge,
    unit: "{rule}",
    description: "Rules in force.",
    attributes: &[names::SECURITY_RULE_RULESET_NAME],
};

pub(crate) const ENGINE_ERRORS: Instrument = Instrument {
    name: names::METRIC_ENGINE_ERRORS,
    kind: Kind::Counter,
    unit: "{error}",
    description: "Inspections that could not finish; each series is there from the start.",
    attributes: &[names::ERROR_TYPE, names::ATTRIBUTE_ON_ERROR],
};

pub(crate) const EVENTS_DROPPED: Instrument = Instrument {
    name: names::METRIC_EVENTS_DROPPED,
    kind: Kind::Counter,
    unit: "{event}",
    description: "Events that were not sent; each series is there from the start.",
    attributes: &[names::ATTRIBUTE_DROP_REASON],
};

/// Every instrument that is recorded.
pub(crate) const ALL: &[Instrument] = &[
    REQUESTS,
    INSPECTION_DURATION,
    INSPECTION_BODY_SIZE,
    INSPECTION_INCOMPLETE,
    RULE_MATCHES,
    VALIDATION_FAILURES,
    MODE_EFFECTIVE,
    INSPECTION_MEMORY_USAGE,
    INSPECTION_MEMORY_LIMIT,
    INSPECTION_WORK_USAGE,
    INSPECTION_WORK_LIMIT,
    CONFIG_RELOADS,
    RULESET_RULES,
    ENGINE_ERRORS,
    EVENTS_DROPPED,
];
