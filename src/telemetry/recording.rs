//! What is recorded of one request, from its head to its end.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use http::Extensions;
use tracing::span::Entered;

use super::event::About;
use super::given::Panicked;
use super::record::Outcome;
use super::recorder::Recorder;
use super::spans::{self, Told};
use super::surroundings::Surroundings;
use super::work::{self, Stopwatch, Work};
use crate::config::TelemetrySettings;
use crate::context::RequestContext;
use crate::input::Cause;
use crate::policy::Verdict;

/// What of the configuration in force is needed to record its requests; whoever has a request pins it.
#[derive(Clone, Copy)]
pub(crate) struct InForce<'a> {
    pub(crate) recorder: &'a Recorder,
    pub(crate) settings: &'a TelemetrySettings,
    pub(crate) config_version: u64,
}

/// The recording of one request.
pub(crate) struct Recording {
    /// Whether the request is told although nothing was found.
    sampled: bool,
    stopwatch: Stopwatch,
    inspect: Option<Box<spans::Phases>>,
    /// Who the user is, once somebody knows; none where nobody ever will.
    user: OnceLock<Option<String>>,
    open: Mutex<Open>,
}

/// The inspection of a head, while it goes on.
pub(crate) struct OfHead<'a> {
    _work: work::OfHead<'a>,
    _within: Option<Entered<'a>>,
}

/// The user's span, while there may be something to put onto it.
struct Open {
    surroundings: Option<Surroundings>,
    told: Option<Told>,
}

impl Open {
    const fn take(&mut self) -> (Option<Surroundings>, Option<Told>) {
        (self.surroundings.take(), self.told)
    }
}

impl Recording {
    /// Begins with the request; the span and the context of now are those of the request.
    pub(crate) fn begin(in_force: InForce<'_>, now: SystemTime) -> Self {
        let InForce { recorder, settings, .. } = in_force;
        recorder.meters.look(now);
        let surroundings = Surroundings::current();
        let sampled = recorder.events.samples(settings);
        Self {
            sampled,
            stopwatch: Stopwatch::new(recorder.meters.on() || settings.inspect_span || sampled),
            inspect: settings.inspect_span.then(|| Box::new(spans::Phases::new(&surroundings, now))),
            user: OnceLock::new(),
            open: Mutex::new(Open { surroundings: Some(surroundings), told: None }),
        }
    }

    /// Asks who the user is; not again where the program's own code panicked.
    pub(crate) fn identify(&self, in_force: InForce<'_>, extensions: &Extensions) {
        if self.user.get().is_some() {
            return;
        }
        match in_force.recorder.given.user(extensions) {
            Ok(None) => {}
            Ok(Some(user)) => self.set_user(Some(user)),
            Err(Panicked) => {
                in_force.recorder.user_panicked();
                self.set_user(None);
            }
        }
    }

    fn set_user(&self, user: Option<String>) {
        let _ = self.user.set(user);
    }

    /// The head is inspected, until this is dropped.
    pub(crate) fn head(&mut self) -> OfHead<'_> {
        let within = self.inspect.as_ref().map(|phases| phases.enter_head());
        OfHead { _work: self.stopwatch.head(), _within: within }
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
    pub(crate) fn answered(
        &self,
        in_force: InForce<'_>,
        context: &RequestContext,
        last: bool,
        verdict: impl FnOnce() -> Verdict,
    ) {
        let settings = in_force.settings;
        let mut open = self.open();
        let Some(surroundings) = &open.surroundings else { return };
        let told = (settings.span_attributes && spans::wants(surroundings)).then(|| {
            let verdict = verdict();
            spans::put(surroundings, context, &verdict, settings.datadog);
            Told::of(&verdict)
        });
        open.told = told;
        if last && self.inspect.is_none() && !self.sampled {
            open.surroundings = None;
        }
    }

    /// The verdict is final, while others may still hold the recording.
    pub(crate) fn concluded(
        &self,
        in_force: InForce<'_>,
        context: &RequestContext,
        verdict: &Verdict,
        outcome: Outcome,
    ) {
        let (surroundings, told) = self.open().take();
        self.conclude(in_force, context, verdict, outcome, surroundings.as_ref(), told);
    }

    /// The verdict is final, and nobody else holds the recording: the same without a lock.
    pub(crate) fn concluded_last(
        &mut self,
        in_force: InForce<'_>,
        context: &RequestContext,
        verdict: &Verdict,
        outcome: Outcome,
    ) {
        let (surroundings, told) = self.open.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        self.conclude(in_force, context, verdict, outcome, surroundings.as_ref(), told);
    }

    fn conclude(
        &self,
        in_force: InForce<'_>,
        context: &RequestContext,
        verdict: &Verdict,
        outcome: Outcome,
        surroundings: Option<&Surroundings>,
        told: Option<Told>,
    ) {
        let settings = in_force.settings;
        let work = self.stopwatch.work();
        in_force.recorder.meters.concluded(context, verdict, &work);
        if let Some(surroundings) = surroundings {
            let wants = settings.span_attributes && spans::wants(surroundings);
            if wants && told.is_none_or(|told| told != Told::of(verdict)) {
                spans::put(surroundings, context, verdict, settings.datadog);
            }
            if let Some(phases) = &self.inspect {
                phases.end(surroundings, &work);
            }
        }
        if !self.has_news(verdict) {
            return in_force.recorder.events.report_when_due();
        }
        let tell = || self.tell(in_force, context, verdict, outcome, &work, surroundings);
        match surroundings {
            Some(surroundings) => surroundings.within(tell),
            None => tell(),
        }
    }

    /// Whether there is anything to say beyond numbers.
    fn has_news(&self, verdict: &Verdict) -> bool {
        let silent = verdict.findings.is_empty() && verdict.causes.is_empty();
        !silent || verdict.completeness.contains(Cause::EngineFault) || self.sampled
    }

    /// Sends the events.
    fn tell(
        &self,
        in_force: InForce<'_>,
        context: &RequestContext,
        verdict: &Verdict,
        outcome: Outcome,
        work: &Work,
        surroundings: Option<&Surroundings>,
    ) {
        let nanoseconds = work.head_nanoseconds + work.body.as_ref().map_or(0, |body| body.nanoseconds);
        let about = About {
            context,
            verdict,
            outcome,
            settings: in_force.settings,
            config_version: in_force.config_version,
            user: self.user.get().and_then(Option::as_deref),
            surroundings,
            inspected: self.sampled.then(|| Duration::from_nanos(nanoseconds)),
        };
        let dropped = in_force.recorder.events.concluded(&about);
        in_force.recorder.events_dropped(&dropped);
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
