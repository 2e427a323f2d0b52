//! What the program gives for recording: providers, and who the user is.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use http::Extensions;
#[cfg(feature = "otel")]
use opentelemetry::logs::LoggerProvider;
#[cfg(feature = "otel")]
use opentelemetry::metrics::MeterProvider;

use super::audit::AuditLog;
#[cfg(feature = "evidence")]
use super::evidence::Evidence;
#[cfg(feature = "otel")]
use super::logs::{self, Logs};

/// Finds who the user is, in the extensions of a request or of its response.
type FindUser = dyn Fn(&Extensions) -> Option<String> + Send + Sync;

/// The program's own code panicked.
#[derive(Debug)]
pub(crate) struct Panicked;

/// What was given; where nothing was, OpenTelemetry's global providers count.
#[derive(Clone, Default)]
pub(crate) struct Given {
    #[cfg(feature = "otel")]
    pub(crate) meters: Option<Arc<dyn MeterProvider + Send + Sync>>,
    /// Where events go; none means through `tracing`.
    #[cfg(feature = "otel")]
    pub(crate) logs: Option<Arc<dyn Logs>>,
    /// Where events go besides.
    pub(crate) audit: Option<AuditLog>,
    /// Where evidence goes.
    #[cfg(feature = "evidence")]
    pub(crate) evidence: Option<Evidence>,
    user: Option<Arc<FindUser>>,
}

impl Given {
    #[cfg(feature = "otel")]
    pub(crate) fn set_meters(&mut self, provider: impl MeterProvider + Send + Sync + 'static) {
        self.meters = Some(Arc::new(provider));
    }

    #[cfg(feature = "otel")]
    pub(crate) fn set_logs<P>(&mut self, provider: &P)
    where
        P: LoggerProvider,
        P::Logger: Send + Sync + 'static,
    {
        self.logs = Some(logs::of(provider));
    }

    pub(crate) fn set_user(&mut self, find: impl Fn(&Extensions) -> Option<String> + Send + Sync + 'static) {
        self.user = Some(Arc::new(find));
    }

    /// Who the user is, where the program can tell.
    ///
    /// # Errors
    ///
    /// When the program's own code panics.
    pub(crate) fn user(&self, extensions: &Extensions) -> Result<Option<String>, Panicked> {
        let Some(find) = &self.user else { return Ok(None) };
        catch_unwind(AssertUnwindSafe(|| find(extensions))).map_err(|_| Panicked)
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Given").field("user", &self.user.is_some()).finish_non_exhaustive()
    }
}
