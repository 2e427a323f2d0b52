//! Where a request stands in the user's own traces: the span of `tracing`, and the context of OpenTelemetry.

#[cfg(feature = "otel")]
use opentelemetry::Context;
#[cfg(feature = "otel")]
use opentelemetry::trace::{SpanContext, TraceContextExt};
use tracing::Span;
use tracing::level_filters::LevelFilter;

/// The user's span and context, taken when the request came, for what is recorded when its task may have gone.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(super) span: Span,
    #[cfg(feature = "otel")]
    pub(super) context: Context,
}

impl Surroundings {
    /// Whether there may be any now.
    pub(crate) fn may_be() -> bool {
        #[cfg(feature = "otel")]
        if Context::map_current(Context::has_active_span) {
            return true;
        }
        tracing_listens()
    }

    /// Those of now.
    pub(crate) fn current() -> Self {
        Self {
            span: if tracing_listens() { Span::current() } else { Span::none() },
            #[cfg(feature = "otel")]
            context: Context::current(),
        }
    }

    /// Records within them: events of `tracing` stand in the user's span, and log records in its trace.
    pub(crate) fn within<T>(&self, record: impl FnOnce() -> T) -> T {
        #[cfg(feature = "otel")]
        let _context = self.context.clone().attach();
        self.span.in_scope(record)
    }

    /// The ids of the trace and of the span, in hexadecimal digits.
    pub(super) fn trace_ids(&self) -> Option<(String, String)> {
        #[cfg(feature = "otel")]
        return self.trace().map(|span| (span.trace_id().to_string(), span.span_id().to_string()));
        #[cfg(not(feature = "otel"))]
        None
    }

    /// The trace and the span, for log records; none outside of a trace.
    #[cfg(feature = "otel")]
    pub(crate) fn trace(&self) -> Option<SpanContext> {
        let context = self.span.in_scope(|| {
            // A span of `tracing` that a bridge makes OpenTelemetry's is the nearer one, where the bridge activates it.
            let now = Context::current();
            if now.has_active_span() { now } else { self.context.clone() }
        });
        Some(context.span().span_context().clone()).filter(SpanContext::is_valid)
    }
}

/// Whether anybody may take spans or events of `tracing`, of any level.
pub(super) fn tracing_listens() -> bool {
    LevelFilter::current() != LevelFilter::OFF
}
