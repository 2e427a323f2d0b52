//! The names of all signals: events, spans, metrics and attributes. `registry.yaml` describes each, and a test holds the
//! two together.

/// The name of the instrumentation: scope of meters, tracers and loggers.
#[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "of OpenTelemetry alone"))]
pub(crate) const SCOPE: &str = "tower_rasp";
/// The version of OpenTelemetry's conventions that the names of theirs are taken from.
#[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "of OpenTelemetry alone"))]
pub(crate) const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.42.0";
/// The target of security events.
pub(crate) const EVENTS: &str = "tower_rasp::event";
/// The target of diagnostics.
pub(crate) const DIAGNOSTICS: &str = "tower_rasp";

macro_rules! names {
    ($(#[doc = $list_doc:literal] $list:ident { $(#[doc = $doc:literal] $name:ident = $value:literal;)* })*) => {
        $($(
            #[doc = $doc]
            #[allow(dead_code, reason = "reserved, or recorded only with a feature")]
            pub(crate) const $name: &str = $value;
        )*)*
        $(
            #[doc = $list_doc]
            #[cfg(all(test, feature = "schema"))]
            pub(crate) const $list: &[&str] = &[$($name),*];
        )*
    };
}

names! {
    /// Every event.
    EVENT_NAMES {
        /// A request was inspected. Opt-in and sampled; severity DEBUG (5).
        REQUEST_INSPECTED = "rasp.request.inspected";
        /// A rule matched.
        RULE_MATCHED = "rasp.rule.matched";
        /// A request was refused.
        REQUEST_BLOCKED = "rasp.request.blocked";
        /// A part of a request was not inspected, and the policy asks for more than `pass`.
        REQUEST_INCOMPLETE = "rasp.request.incomplete";
        /// A schema refused a value.
        VALIDATION_FAILED = "rasp.validation.failed";
        /// An input would have changed what a sink does.
        SINK_BLOCKED = "rasp.sink.blocked";
        /// A ban begins.
        CLIENT_BANNED = "rasp.client.banned";
        /// A ban ends.
        CLIENT_UNBANNED = "rasp.client.unbanned";
        /// A new configuration is in force.
        CONFIG_RELOADED = "rasp.config.reloaded";
        /// A new configuration was refused, and the old one stays.
        CONFIG_REJECTED = "rasp.config.rejected";
        /// An inspection could not finish.
        ENGINE_FAILED = "rasp.engine.failed";
        /// Events were held back by their limit.
        EVENTS_SUPPRESSED = "rasp.events.suppressed";
    }
    /// Every span.
    SPAN_NAMES {
        /// One phase of an inspection. Opt-in, `[telemetry] inspect_span`.
        INSPECT_SPAN = "rasp.inspect";
    }
    /// Every metric.
    METRIC_NAMES {
        /// Requests, by what was done with them.
        METRIC_REQUESTS = "rasp.requests";
        /// Time spent inspecting a request, a phase at a time; waiting for bytes does not count.
        METRIC_INSPECTION_DURATION = "rasp.inspection.duration";
        /// Bytes of a request's body that were inspected.
        METRIC_INSPECTION_BODY_SIZE = "rasp.inspection.body.size";
        /// Requests of which a part was not inspected, by cause; one with several causes counts for each.
        METRIC_INSPECTION_INCOMPLETE = "rasp.inspection.incomplete";
        /// Findings, by rule.
        METRIC_RULE_MATCHES = "rasp.rule.matches";
        /// Values that a schema refused.
        METRIC_VALIDATION_FAILURES = "rasp.validation.failures";
        /// 1 for the mode in force of each category; with a route for each configured route where it is another, at most 50 of them.
        METRIC_MODE_EFFECTIVE = "rasp.mode.effective";
        /// Bytes that all requests together hold for inspection.
        METRIC_INSPECTION_MEMORY_USAGE = "rasp.inspection.memory.usage";
        /// Bytes that all requests together may hold for inspection.
        METRIC_INSPECTION_MEMORY_LIMIT = "rasp.inspection.memory.limit";
        /// The most steps that the schemas of one request took, of the last minute or two.
        METRIC_INSPECTION_WORK_USAGE = "rasp.inspection.work.usage";
        /// Steps that the schemas of one request may take.
        METRIC_INSPECTION_WORK_LIMIT = "rasp.inspection.work.limit";
        /// Reloads of the configuration.
        METRIC_CONFIG_RELOADS = "rasp.config.reloads";
        /// Rules in force.
        METRIC_RULESET_RULES = "rasp.ruleset.rules";
        /// Inspections that could not finish.
        METRIC_ENGINE_ERRORS = "rasp.engine.errors";
        /// Events that were not sent.
        METRIC_EVENTS_DROPPED = "rasp.events.dropped";
        /// Statements, paths, commands and calls that a guard looked at.
        METRIC_SINK_CHECKS = "rasp.sink.checks";
        /// Bans that began.
        METRIC_CLIENT_BANS = "rasp.client.bans";
        /// Clients that are kept out now.
        METRIC_CLIENT_BAN_ACTIVE = "rasp.client.ban.active";
        /// Times that the breaker went from enforcing to detecting.
        METRIC_BREAKER_TRIPS = "rasp.breaker.trips";
        /// Requests for which a candidate configuration would have acted otherwise.
        METRIC_CANDIDATE_DIFFERENCES = "rasp.candidate.differences";
    }
    /// Every attribute of our own.
    ATTRIBUTE_NAMES {
        /// What was done.
        ATTRIBUTE_ACTION = "rasp.action";
        /// What enforcing would have done; differs from the action in mode `detect`.
        ATTRIBUTE_VERDICT = "rasp.verdict";
        /// The mode in force for the request, or of a category on a route.
        ATTRIBUTE_MODE = "rasp.mode";
        /// Which part of the way of a request.
        ATTRIBUTE_PHASE = "rasp.phase";
        /// Whether the service was called; false for a request whose head was refused.
        ATTRIBUTE_HANDLER_RAN = "rasp.handler.ran";
        /// The weakness that an attack of the category needs, of MITRE's CWE list.
        ATTRIBUTE_WEAKNESS_ID = "rasp.weakness.id";
        /// The technique that it belongs to, of MITRE ATT&CK.
        ATTRIBUTE_TECHNIQUE_ID = "rasp.technique.id";
        /// Where it was found, in the location grammar; a name that could be a value is `*`.
        ATTRIBUTE_LOCATION = "rasp.location";
        /// The name that the client chose, where it is a plain one.
        ATTRIBUTE_LOCATION_NAME = "rasp.location.name";
        /// What the matcher knows.
        ATTRIBUTE_CONFIDENCE = "rasp.confidence";
        /// What the finding would mean; it ranks alerts and decides nothing.
        ATTRIBUTE_SEVERITY = "rasp.severity";
        /// An anomaly score for those who are used to one; it decides nothing.
        ATTRIBUTE_SCORE = "rasp.score";
        /// How many findings count.
        ATTRIBUTE_MATCH_COUNT = "rasp.match.count";
        /// At most 64 characters of what was found, escaped and masked. Opt-in.
        ATTRIBUTE_MATCH_EXCERPT = "rasp.match.excerpt";
        /// The ids of the rules that matched, at most 16.
        ATTRIBUTE_RULES = "rasp.rules";
        /// The incident id that the client was shown.
        ATTRIBUTE_REQUEST_ID = "rasp.request.id";
        /// `whole`, or the causes for which a part was not inspected; on metrics one word, the first of them.
        ATTRIBUTE_INSPECTION_COMPLETENESS = "rasp.inspection.completeness";
        /// Why a part of a request was not inspected.
        ATTRIBUTE_INSPECTION_CAUSE = "rasp.inspection.cause";
        /// Seconds spent inspecting, on the event `rasp.request.inspected`.
        ATTRIBUTE_INSPECTION_DURATION = "rasp.inspection.duration";
        /// Which part of the request its schema refused.
        ATTRIBUTE_VALIDATION_TARGET = "rasp.validation.target";
        /// The keyword of the schema that failed, as in the rule's id.
        ATTRIBUTE_VALIDATION_KEYWORD = "rasp.validation.keyword";
        /// A pointer into the schema, never a value.
        ATTRIBUTE_VALIDATION_PATH = "rasp.validation.path";
        /// Sums up the configuration in force: 16 hexadecimal digits, the same for the same text.
        ATTRIBUTE_CONFIG_VERSION = "rasp.config.version";
        /// How many rules are in force.
        ATTRIBUTE_RULESET_RULES = "rasp.ruleset.rules";
        /// What the configuration does when the engine fails.
        ATTRIBUTE_ON_ERROR = "rasp.on_error";
        /// How many events were not sent.
        ATTRIBUTE_SUPPRESSED_COUNT = "rasp.suppressed.count";
        /// Why events were not sent.
        ATTRIBUTE_DROP_REASON = "rasp.drop.reason";
        /// The kind of sink that a guard stands at.
        ATTRIBUTE_SINK_TYPE = "rasp.sink.type";
        /// The rule of bans that began it.
        ATTRIBUTE_BAN_REASON = "rasp.ban.reason";
        /// Who decided the ban.
        ATTRIBUTE_BAN_SOURCE = "rasp.ban.source";
        /// How long it holds, in seconds.
        ATTRIBUTE_BAN_DURATION = "rasp.ban.duration";
        /// Whom it keeps out.
        ATTRIBUTE_BAN_SCOPE = "rasp.ban.scope";
        /// The rung of the ladder that the client stands on.
        ATTRIBUTE_BAN_RUNG = "rasp.ban.rung";
        /// Why the breaker tripped.
        ATTRIBUTE_BREAKER_REASON = "rasp.breaker.reason";
        /// How the candidate's action differs from the one in force.
        ATTRIBUTE_CANDIDATE_CHANGE = "rasp.candidate.change";
    }
    /// Attributes of Datadog's; those with an underscore are no public contract of theirs.
    DATADOG_NAMES {
        /// `true` where something was found.
        DATADOG_EVENT = "appsec.event";
        /// `true` where the request was refused.
        DATADOG_BLOCKED = "appsec.blocked";
        /// `appsec` where something was found.
        DATADOG_ORIGIN = "_dd.origin";
        /// What was found, as JSON: rules and redacted locations, no value.
        DATADOG_TRIGGERS = "_dd.appsec.json";
    }
    /// Attributes of OpenTelemetry's own registry.
    FOREIGN_NAMES {
        /// The id of a rule.
        SECURITY_RULE_UUID = "security_rule.uuid";
        /// Its description.
        SECURITY_RULE_NAME = "security_rule.name";
        /// The kind of attack that it finds.
        SECURITY_RULE_CATEGORY = "security_rule.category";
        /// The kind of failure.
        ERROR_TYPE = "error.type";
        /// The method, `_OTHER` where it is none of the known.
        HTTP_REQUEST_METHOD = "http.request.method";
        /// The matched template.
        HTTP_ROUTE = "http.route";
        /// The status that the client got.
        HTTP_RESPONSE_STATUS_CODE = "http.response.status_code";
        /// The path.
        URL_PATH = "url.path";
        /// The client, behind proxies.
        CLIENT_ADDRESS = "client.address";
        /// The peer of the connection.
        NETWORK_PEER_ADDRESS = "network.peer.address";
        /// The user agent.
        USER_AGENT_ORIGINAL = "user_agent.original";
        /// Who the user is, where the program can tell.
        USER_ID = "user.id";
        /// `builtin` or `custom`.
        SECURITY_RULE_RULESET_NAME = "security_rule.ruleset.name";
        /// The version of the built-in rules; rules of the user's own have none.
        SECURITY_RULE_VERSION = "security_rule.version";
    }
}
