//! Log records through OpenTelemetry's Logs API, whoever makes the logger.

use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::logs::{AnyValue, LogRecord as _, Logger, LoggerProvider, Severity};
use opentelemetry::trace::SpanContext;
use opentelemetry::{InstrumentationScope, Key};

use super::names;

/// One log record, as data.
pub(crate) struct LogRecord {
    /// The name of the event: one of `names`.
    pub(crate) name: &'static str,
    pub(crate) severity: Severity,
    /// When it happened.
    pub(crate) time: SystemTime,
    /// One sentence for a person.
    pub(crate) message: String,
    pub(crate) attributes: Vec<(&'static str, AnyValue)>,
    /// The span of the request that it is about.
    pub(crate) trace: Option<SpanContext>,
}

/// Takes log records. The SDK behind it queues them; a processor that blocks blocks its caller.
pub(crate) trait Logs: Send + Sync {
    fn emit(&self, record: LogRecord);
}

/// The log of a provider.
pub(crate) fn of<P>(provider: &P) -> Arc<dyn Logs>
where
    P: LoggerProvider,
    P::Logger: Send + Sync + 'static,
{
    Arc::new(Given(provider.logger_with_scope(scope())))
}

/// Who records: the name, version and conventions of this crate.
pub(super) fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(names::SCOPE)
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(names::SCHEMA_URL)
        .build()
}

struct Given<L>(L);

impl<L: Logger + Send + Sync> Logs for Given<L> {
    fn emit(&self, entry: LogRecord) {
        let mut record = self.0.create_log_record();
        record.set_event_name(entry.name);
        record.set_timestamp(entry.time);
        record.set_severity_number(entry.severity);
        record.set_body(entry.message.into());
        record.add_attributes(entry.attributes.into_iter().map(|(key, value)| (Key::from_static_str(key), value)));
        if let Some(trace) = entry.trace {
            record.set_trace_context(trace.trace_id(), trace.span_id(), Some(trace.trace_flags()));
        }
        self.0.emit(record);
    }
}
