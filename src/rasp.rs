//! The handle: parts given in code, fixed for its life, and a snapshot that a reload swaps.

use std::fmt;
#[cfg(feature = "config")]
use std::path::Path;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use arc_swap::ArcSwap;

use crate::build_error::BuildError;
use crate::config::{AnswerSettings, ClientSettings, Fingerprint, Settings, TelemetrySettings};
use crate::context::{Budget, RequestContext};
use crate::engine::{Effort, Engine, EngineParts};
use crate::policy::Mode;
use crate::telemetry::{Given, InForce, Recorder};

/// The protection of a service: a cheap handle on one engine and its configuration.
///
/// Clones share everything. It starts no task and opens nothing by itself; a reload happens when
/// [`reload`](Self::reload) is called.
#[derive(Clone)]
pub struct Rasp {
    shared: Arc<Shared>,
}

struct Shared {
    parts: Parts,
    budget: Arc<Budget>,
    recorder: Arc<Recorder>,
    snapshot: ArcSwap<Snapshot>,
}

/// What one configuration compiles to. A request pins one for its life.
pub(crate) struct Snapshot {
    pub(crate) engine: Arc<Engine>,
    pub(crate) answer: AnswerSettings,
    pub(crate) clients: ClientSettings,
    pub(crate) telemetry: TelemetrySettings,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) version: u64,
}

impl Snapshot {
    /// What recording needs of it.
    pub(crate) fn in_force(&self) -> InForce<'_> {
        InForce { recorder: &self.recorder, settings: &self.telemetry, config_version: self.version }
    }
}

/// The parts given in code.
#[derive(Clone, Default)]
struct Parts {
    source: Source,
    mode: Option<Mode>,
    effort: Effort,
    given: Given,
    #[cfg(feature = "schema")]
    schemas: Vec<Result<crate::schema::Source, BuildError>>,
    /// What is done about what the schemas given in code do not declare.
    #[cfg(feature = "schema")]
    undeclared: Option<crate::schema::Undeclared>,
    /// Whether an assertion in them that cannot be enforced is an error.
    #[cfg(feature = "schema")]
    unsupported_is_error: bool,
    /// Whether everything undeclared is told, whatever the sources say.
    #[cfg(feature = "schema")]
    undeclared_is_told: bool,
    /// Whether the configuration may speak of schemas that are given elsewhere.
    #[cfg(feature = "schema")]
    schemas_may_be_elsewhere: bool,
}

impl Parts {
    /// The number of the configuration and of what was given in code.
    fn version(&self, settings: &Settings) -> Fingerprint {
        let mut fingerprint = Fingerprint::after(settings.version);
        if let Some(mode) = self.mode {
            fingerprint.add(mode.as_str());
        }
        fingerprint
    }

    /// The sources given in code; what stands in files is read.
    #[cfg(feature = "schema")]
    fn sources(&self) -> Result<Vec<crate::schema::Source>, BuildError> {
        let loaded = |source: &Result<crate::schema::Source, BuildError>| {
            let mut source = source.as_ref().map_err(BuildError::clone)?.loaded()?;
            source.undeclared = self.undeclared.clone();
            source.unsupported_is_error = self.unsupported_is_error;
            Ok(source)
        };
        self.schemas.iter().map(loaded).collect()
    }
}

#[derive(Clone, Default)]
enum Source {
    #[default]
    Defaults,
    #[cfg_attr(not(feature = "config"), expect(dead_code, reason = "files need the feature"))]
    File(PathBuf),
    #[cfg_attr(not(feature = "config"), expect(dead_code, reason = "files need the feature"))]
    Text(String),
    #[cfg(test)]
    Settings(Box<Settings>),
}

impl Source {
    fn settings(&self) -> Result<Settings, BuildError> {
        match self {
            Self::Defaults => Settings::builtin(),
            #[cfg(feature = "config")]
            Self::File(path) => crate::config::from_path(path),
            #[cfg(feature = "config")]
            Self::Text(text) => crate::config::from_text("rasp.toml", text, Path::new(".")),
            #[cfg(not(feature = "config"))]
            Self::File(_) | Self::Text(_) => Settings::builtin(),
            #[cfg(test)]
            Self::Settings(settings) => Ok(Settings::clone(settings)),
        }
    }
}

impl Rasp {
    /// Begins a handle with parts of your own.
    pub fn builder() -> RaspBuilder {
        RaspBuilder { parts: Parts::default() }
    }

    /// Reads the configuration again and puts it in force for the requests that begin after.
    ///
    /// # Errors
    ///
    /// When it cannot be used; then the configuration in force stays.
    pub fn reload(&self) -> Result<(), BuildError> {
        match compile(&self.shared.parts, &self.shared.budget, &self.shared.recorder) {
            Ok(snapshot) => {
                self.shared.recorder.reloaded(&snapshot.engine, &snapshot.telemetry, snapshot.version);
                self.shared.snapshot.store(Arc::new(snapshot));
                Ok(())
            }
            Err(error) => {
                self.shared.recorder.rejected(&error, self.shared.snapshot.load().version);
                Err(error)
            }
        }
    }

    /// How many bytes all requests together hold for inspection now.
    #[must_use]
    pub fn inspection_memory_bytes(&self) -> usize {
        self.shared.budget.used()
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot.load_full()
    }

    /// Whether this handle, or a clone of it, inspected the request.
    pub(crate) fn inspected(&self, context: &RequestContext) -> bool {
        context.draws_on(&self.shared.budget)
    }

    /// The engine in force, for tools that look at rules and modes.
    #[must_use]
    pub fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.snapshot().engine)
    }
}

/// The built-in policy, compiled once in a process: mode `enforce`, paranoia 1, all categories.
impl Default for Rasp {
    fn default() -> Self {
        static DEFAULT: LazyLock<Rasp> = LazyLock::new(|| match Rasp::builder().build() {
            Ok(rasp) => rasp,
            // The built-in rules are proved by the tests; no input reaches this.
            Err(error) => unreachable!("the built-in rules do not compile: {error}"),
        });
        DEFAULT.clone()
    }
}

impl fmt::Debug for Rasp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rasp").field("rules", &self.engine().rules().len()).finish_non_exhaustive()
    }
}

/// Gathers the parts of a [`Rasp`].
#[must_use]
pub struct RaspBuilder {
    parts: Parts,
}

impl RaspBuilder {
    /// The configuration file; it is read by [`build`](Self::build) and by every reload.
    #[cfg(feature = "config")]
    pub fn config_path(mut self, path: impl AsRef<Path>) -> Self {
        self.parts.source = Source::File(path.as_ref().to_owned());
        self
    }

    /// The configuration as text, in place of a file.
    #[cfg(feature = "config")]
    pub fn config_text(mut self, text: impl Into<String>) -> Self {
        self.parts.source = Source::Text(text.into());
        self
    }

    /// The configuration as data, for tests that must not hang on the file or the built-in rules.
    #[cfg(test)]
    pub(crate) fn settings(mut self, settings: Settings) -> Self {
        self.parts.source = Source::Settings(Box::new(settings));
        self
    }

    /// The mode of the whole, over what the configuration says.
    pub const fn mode(mut self, mode: Mode) -> Self {
        self.parts.mode = Some(mode);
        self
    }

    /// One more source of schemas, beside those of the configuration.
    #[cfg(feature = "schema")]
    pub(crate) fn schema_source(mut self, source: Result<crate::schema::Source, BuildError>) -> Self {
        self.parts.schemas.push(source);
        self
    }

    /// What is done about what the schemas given in code do not declare.
    #[cfg(feature = "schema")]
    pub(crate) fn schema_undeclared(mut self, undeclared: crate::schema::Undeclared) -> Self {
        self.parts.undeclared = Some(undeclared);
        self
    }

    /// An assertion in schemas given in code that cannot be enforced is an error.
    #[cfg(feature = "schema")]
    pub(crate) const fn schema_unsupported_is_error(mut self) -> Self {
        self.parts.unsupported_is_error = true;
        self
    }

    /// Records metrics through this provider of OpenTelemetry, in place of the global one.
    ///
    /// Without it the global provider counts, also one that is set later: it is looked for at the
    /// first request, and then once a second.
    #[cfg(feature = "otel")]
    pub fn meter_provider(
        mut self,
        provider: impl opentelemetry::metrics::MeterProvider + Send + Sync + 'static,
    ) -> Self {
        self.parts.given.set_meters(provider);
        self
    }

    /// Sends events as log records through this provider of OpenTelemetry, in place of `tracing`.
    ///
    /// OpenTelemetry has no global provider of logs. A processor that blocks blocks the request
    /// that it is called for: use one that queues.
    #[cfg(feature = "otel")]
    pub fn logger_provider<P>(mut self, provider: &P) -> Self
    where
        P: opentelemetry::logs::LoggerProvider,
        P::Logger: Send + Sync + 'static,
    {
        self.parts.given.set_logs(provider);
        self
    }

    /// Puts each event into an audit log too, whose other end a thread of yours writes.
    pub fn audit_log(mut self, log: crate::telemetry::AuditLog) -> Self {
        self.parts.given.audit = Some(log);
        self
    }

    /// Keeps what a request held that was alerted or refused, encrypted to the operator's key; a thread of yours writes it.
    /// `[telemetry] evidence` says from which action on.
    #[cfg(feature = "evidence")]
    pub fn evidence(mut self, evidence: crate::telemetry::Evidence) -> Self {
        self.parts.given.evidence = Some(evidence);
        self
    }

    /// Tells who the user of a request is, for events about it: asked with the extensions of the
    /// request as they are at the layer, and with those of its response where the request had none.
    ///
    /// It runs for every request; what it answers leaves with events, and nowhere else. Should it panic, the request
    /// goes on without a user, and `rasp.engine.errors` counts it as `user_panic`.
    ///
    /// ```
    /// use tower_rasp::Rasp;
    ///
    /// #[derive(Clone)]
    /// struct UserId(u64);
    ///
    /// let rasp = Rasp::builder().user(|extensions| extensions.get::<UserId>().map(|user| user.0.to_string()));
    /// ```
    pub fn user(mut self, find: impl Fn(&http::Extensions) -> Option<String> + Send + Sync + 'static) -> Self {
        self.parts.given.set_user(find);
        self
    }

    /// Has everything told that no schema declares, whatever the configuration says of it; for tools
    /// that look for gaps.
    #[cfg(feature = "schema")]
    #[doc(hidden)]
    pub const fn undeclared_is_told(mut self) -> Self {
        self.parts.undeclared_is_told = true;
        self
    }

    /// What the configuration says of routes without a schema is no error: for tools, which see no schema that is
    /// given in code.
    #[cfg(feature = "schema")]
    #[doc(hidden)]
    pub const fn schemas_may_be_elsewhere(mut self) -> Self {
        self.parts.schemas_may_be_elsewhere = true;
        self
    }

    /// How much work is done for the same findings. For tests and benchmarks.
    #[doc(hidden)]
    pub const fn effort(mut self, effort: Effort) -> Self {
        self.parts.effort = effort;
        self
    }

    /// Compiles everything and proves that it fires.
    ///
    /// # Errors
    ///
    /// When the configuration, a rule or a part cannot be used; the error names the place and
    /// the mend.
    pub fn build(self) -> Result<Rasp, BuildError> {
        let budget = Arc::new(Budget::new(0));
        let recorder = Arc::new(Recorder::new(self.parts.given.clone(), &budget));
        let snapshot = compile(&self.parts, &budget, &recorder)?;
        recorder.started(&snapshot.engine, &snapshot.telemetry, snapshot.version);
        let snapshot = ArcSwap::from_pointee(snapshot);
        Ok(Rasp { shared: Arc::new(Shared { parts: self.parts, budget, recorder, snapshot }) })
    }
}

fn compile(parts: &Parts, budget: &Arc<Budget>, recorder: &Arc<Recorder>) -> Result<Snapshot, BuildError> {
    let mut settings = parts.source.settings()?;
    #[cfg_attr(not(feature = "schema"), expect(unused_mut, reason = "there are no schemas"))]
    let mut version = parts.version(&settings);
    if let Some(mode) = parts.mode {
        settings.policy.mode = mode;
    }
    #[cfg(feature = "schema")]
    let contract = {
        let given = parts.sources()?;
        given.iter().for_each(|source| version.add(&source.summary()));
        settings.schemas.sources.extend(given);
        if parts.undeclared_is_told {
            settings.schemas.tell_undeclared();
        }
        settings.schemas.is_part = parts.schemas_may_be_elsewhere;
        settings.schemas.contract().map_err(|error| match &settings.places.file {
            Some(file) => error.in_file(file),
            None => error,
        })?
    };
    let file = settings.places.file;
    let engine = Engine::build(EngineParts {
        rules: settings.rules,
        policy: settings.policy,
        #[cfg(feature = "schema")]
        contract,
        limits: settings.limits,
        budget: Arc::clone(budget),
        effort: parts.effort,
    })
    .map_err(|error| match &file {
        Some(file) => error.in_file(file),
        None => error,
    })?;
    Ok(Snapshot {
        engine: Arc::new(engine),
        answer: settings.answer,
        clients: settings.clients,
        telemetry: settings.telemetry,
        recorder: Arc::clone(recorder),
        version: version.value(),
    })
}
