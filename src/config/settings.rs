//! What a configuration says, as data.

use ipnet::IpNet;

use crate::build_error::BuildError;
use crate::engine::Limits;
use crate::policy::Action;
use crate::policy::PolicySettings;
use crate::rule::{self, Rule};

/// Everything that a configuration decides.
#[derive(Clone)]
pub struct Settings {
    /// The rules: the built-in set, then those of files and of the configuration itself.
    pub rules: Vec<Rule>,
    /// How findings become a verdict.
    pub policy: PolicySettings,
    /// The limits.
    pub limits: Limits,
    /// What a refused client is told.
    pub answer: AnswerSettings,
    /// Whose address counts as the client's.
    pub clients: ClientSettings,
    /// What is recorded.
    pub telemetry: TelemetrySettings,
    /// Where things stand, for messages.
    pub places: Places,
    /// Where schemas come from.
    #[cfg(feature = "schema")]
    pub schemas: crate::schema::SchemaSettings,
    /// A number that changes with the text of the configuration, for signals; that of the defaults is that of an empty file.
    pub version: u64,
}

/// Where in the configuration things stand that keep no line of their own; each list runs beside
/// the one that it is named after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The file; none for the defaults.
    pub file: Option<String>,
    /// The lines of the modes of categories.
    pub categories: Vec<usize>,
    /// The lines of the modes of rules.
    pub rules: Vec<usize>,
    /// The lines of the networks of proxies.
    pub trusted_proxies: Vec<usize>,
}

impl Settings {
    /// The defaults: what an empty configuration file says.
    pub fn builtin() -> Result<Self, BuildError> {
        Ok(Self {
            rules: rule::builtin()?,
            policy: PolicySettings::default(),
            limits: Limits::default(),
            answer: AnswerSettings::default(),
            clients: ClientSettings::default(),
            telemetry: TelemetrySettings::default(),
            places: Places::default(),
            #[cfg(feature = "schema")]
            schemas: crate::schema::SchemaSettings::default(),
            version: super::Fingerprint::of(""),
        })
    }
}

/// What a refused client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerSettings {
    /// The status. Default: 403.
    pub status: u16,
    /// The title of the answer. Default: "Forbidden".
    pub title: String,
    /// One sentence for a person, shown with the incident id.
    pub detail: String,
    /// The statuses where a schema, and no attack, is why the request is refused.
    pub schema: SchemaStatuses,
}

/// The status of a request that is not as its schema says, by what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaStatuses {
    /// A path that no template declares, or that servers differ on. Default: 404.
    pub route: u16,
    /// A method that is not declared for its path. Default: 405, with `Allow`.
    pub method: u16,
    /// A missing credential. Default: 401, with `WWW-Authenticate`.
    pub credential: u16,
    /// A media type that is not declared, or a content coding. Default: 415, with `Accept` and
    /// `Accept-Encoding`.
    pub content_type: u16,
    /// A body that is larger than what can be held, or has more in it than is looked at. Default: 413.
    pub too_large: u16,
    /// A body for which there is no memory. Default: 503, with `Retry-After`.
    pub no_memory: u16,
    /// Everything else. Default: 422.
    pub other: u16,
}

impl Default for SchemaStatuses {
    fn default() -> Self {
        Self { route: 404, method: 405, credential: 401, content_type: 415, too_large: 413, no_memory: 503, other: 422 }
    }
}

impl Default for AnswerSettings {
    fn default() -> Self {
        Self {
            status: 403,
            title: "Forbidden".to_owned(),
            detail: "The request was refused. If you think that this is a mistake, tell the operator the incident id."
                .to_owned(),
            schema: SchemaStatuses::default(),
        }
    }
}

/// Whose address counts as the client's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientSettings {
    /// The networks of proxies whose header is believed. Default: none, so that the peer counts.
    pub trusted_proxies: Vec<IpNet>,
    /// The one header that they set, in lower case: `x-forwarded-for`, `forwarded`, or one that
    /// holds a single address.
    pub header: Option<String>,
}

/// What is recorded of requests: `[telemetry]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelemetrySettings {
    /// Whether metrics carry the matched template as `http.route`. Default: yes. Past 200
    /// templates further ones are left out.
    pub route_attribute: bool,
    /// Whether the verdict is put onto the user's own span. Default: yes.
    pub span_attributes: bool,
    /// Whether the user's own span is also given what Datadog shows an attack by, when something was found:
    /// `appsec.event`, `appsec.blocked`, `_dd.origin` and `_dd.appsec.json`, which holds rules and redacted locations and
    /// no value. Default: no. The names with an underscore are no public contract of Datadog's. A span of `tracing` must
    /// have been made with these fields; without `span_attributes` nothing is put.
    pub datadog: bool,
    /// Whether each phase of an inspection gets a child span `rasp.inspect`. Default: no.
    pub inspect_span: bool,
    /// Whether events carry `client.address`. Default: yes.
    pub client_address: bool,
    /// Whether events carry `url.path`. Default: yes.
    pub url_path: bool,
    /// Whether events carry `user_agent.original`. Default: yes.
    pub user_agent: bool,
    /// Whether events carry an excerpt of what was found, 64 characters at most. Default: no.
    pub excerpts: bool,
    /// From which action on a request's evidence is kept, where the program gives an `Evidence`: `alert`, `block`, or `off`.
    /// Default: `alert`.
    pub evidence: Option<Action>,
    /// Whether evidence holds `Authorization`, cookies, passwords and their like. Default: no, they are `***` there.
    pub evidence_secrets: bool,
    /// Of how many requests one is told by `rasp.request.inspected`. Default: 0, of none.
    pub inspected_one_in: u64,
    /// How many events of one rule, or of one client, go out at once. Default: 20.
    pub events_at_once: u64,
    /// How many more of them a second. Default: 1.
    pub events_per_second: u64,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self {
            route_attribute: true,
            span_attributes: true,
            datadog: false,
            inspect_span: false,
            client_address: true,
            url_path: true,
            user_agent: true,
            excerpts: false,
            evidence: Some(Action::Alert),
            evidence_secrets: false,
            inspected_one_in: 0,
            events_at_once: 20,
            events_per_second: 1,
        }
    }
}
