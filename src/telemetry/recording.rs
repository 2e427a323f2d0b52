//! What is recorded of one request, from its head to its end.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use http::Extensions;

use super::event::About;
use super::record::Outcome;
use super::recorder::Recorder;
use super::spans::{self, Told};
use super::surroundings::Surroundings;
use super::work::{Stopwatch, Work};
use crate::config::TelemetrySettings;
use crate::context::RequestContext;
use crate::input::Cause;
use crate::policy::Verdict;

/// The recording of one request.
pub(crate) struct Recording {
    recorder: Arc<Recorder>,
    settings: TelemetrySettings,
    config_version: u64,
    /// Whether the request is told although nothing was found.
    sampled: bool,
    stopwatch: Stopwatch,
    inspect: Option<spans::Phases>,
    user: OnceLock<String>,
    open: Mutex<Open>,
}

/// The user's span, while there may be something to put onto it.
struct Open {
    surroundings: Option<Surroundings>,
    told: Option<Told>,
}

impl Recording {
    /// Begins with the request; the span and the context of now are those of the request.
    pub(crate) fn begin(
        recorder: &Arc<Recorder>,
        settings: &TelemetrySettings,
        config_version: u64,
        now: SystemTime,
    ) -> Self {
        recorder.meters.look(now);
        let surroundings = Surroundings::current();
        let sampled = recorder.events.samples(settings);
        Self {
            recorder: Arc::clone(recorder),
            settings: settings.clone(),
            config_version,
            sampled,
            stopwatch: Stopwatch::new(recorder.meters.on() || settings.inspect_span || sampled),
            inspect: settings.inspect_span.then(|| spans::Phases::new(&surroundings, now)),
            user: OnceLock::new(),
            open: Mutex::new(Open { surroundings: Some(surroundings), told: None }),
        }
    }

    /// Asks who the user is.
    pub(crate) fn identify(&self, extensions: &Extensions) {
        if self.user.get().is_none()
            && let Some(user) = self.recorder.given.user(extensions)
        {
            let _ = self.user.set(user);
        }
    }

    /// Inspects the head.
    pub(crate) fn head<T>(&self, inspect: impl FnOnce() -> T) -> T {
        match &self.inspect {
            Some(phases) => phases.head(|| self.stopwatch.head(inspect)),
            None => self.stopwatch.head(inspect),
        }
    }

    /// Inspects so many bytes of the body.
    pub(crate) fn body<T>(&self, bytes: usize, inspect: impl FnOnce() -> T) -> T {
        match &self.inspect {
            Some(phases) => phases.body(|| self.stopwatch.body(bytes, inspect)),
            None => self.stopwatch.body(bytes, inspect),
        }
    }

    /// The service has answered. `verdict` is the one so far, and it is `last` where nothing more
    /// of the request is looked at: then the user's span is let go, since one that is held is not
    /// closed.
    pub(crate) fn answered(&self, context: &RequestContext, last: bool, verdict: impl FnOnce() -> Verdict) {
        let mut open = self.open();
        let Some(surroundings) = &open.surroundings else { return };
        let told = (self.settings.span_attributes && spans::wants(surroundings)).then(|| {
            let verdict = verdict();
            spans::put(surroundings, context, &verdict, self.settings.datadog);
            Told::of(&verdict)
        });
        open.told = told;
        if last && self.inspect.is_none() && !self.sampled {
            open.surroundings = None;
        }
    }

    /// The verdict is final.
    pub(crate) fn concluded(&self, context: &RequestContext, verdict: &Verdict, outcome: Outcome) {
        let work = self.stopwatch.work();
        self.recorder.meters.concluded(context, verdict, &work);
        let (surroundings, told) = {
            let mut open = self.open();
            (open.surroundings.take(), open.told)
        };
        let tell = |surroundings| self.tell(context, verdict, outcome, &work, surroundings);
        let Some(surroundings) = surroundings else { return tell(None) };
        let news = told.is_none_or(|told| told != Told::of(verdict));
        if self.settings.span_attributes && news && spans::wants(&surroundings) {
            spans::put(&surroundings, context, verdict, self.settings.datadog);
        }
        if let Some(phases) = &self.inspect {
            phases.end(&surroundings, &work);
        }
        surroundings.within(|| tell(Some(&surroundings)));
    }

    /// Sends the events, when there is anything to say.
    fn tell(
        &self,
        context: &RequestContext,
        verdict: &Verdict,
        outcome: Outcome,
        work: &Work,
        surroundings: Option<&Surroundings>,
    ) {
        let silent = verdict.findings.is_empty() && verdict.causes.is_empty();
        if silent && !verdict.completeness.contains(Cause::EngineFault) && !self.sampled {
            return;
        }
        let nanoseconds = work.head_nanoseconds + work.body.as_ref().map_or(0, |body| body.nanoseconds);
        let about = About {
            context,
            verdict,
            outcome,
            settings: &self.settings,
            config_version: self.config_version,
            user: self.user.get().map(String::as_str),
            surroundings,
            inspected: self.sampled.then(|| Duration::from_nanos(nanoseconds)),
        };
        let dropped = self.recorder.events.concluded(&about);
        self.recorder.events_dropped(&dropped);
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
