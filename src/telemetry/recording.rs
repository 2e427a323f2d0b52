//! What is recorded of one request, from its head to its end.

use std::mem;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
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
    /// None where nobody listens: then nothing is allocated, locked or timed.
    kept: Option<Box<Kept>>,
}

/// What is kept of a request for those who listen.
struct Kept {
    /// Whether the request is told although nothing was found.
    sampled: bool,
    stopwatch: Stopwatch,
    inspect: Option<spans::Phases>,
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
#[derive(Default)]
struct Open {
    surroundings: Option<Surroundings>,
    told: Option<Told>,
}

impl Recording {
    /// Begins with the request; the span and the context of now are those of the request.
    pub(crate) fn begin(in_force: InForce<'_>, now: SystemTime) -> Self {
        let InForce { recorder, settings, .. } = in_force;
        recorder.meters.look(now);
        let sampled = recorder.events.samples(settings);
        let timing = recorder.meters.on() || settings.inspect_span || sampled;
        let listened_to = timing || recorder.given.needs_each_request() || Surroundings::may_be();
        Self { kept: listened_to.then(|| Box::new(Kept::begin(settings, now, sampled, timing))) }
    }

    /// Asks who the user is; not again where the program's own code panicked.
    pub(crate) fn identify(&self, in_force: InForce<'_>, extensions: &Extensions) {
        let Some(kept) = self.kept.as_ref().filter(|kept| kept.user.get().is_none()) else { return };
        let user = match in_force.recorder.given.user(extensions) {
            Ok(None) => return,
            Ok(user) => user,
            Err(Panicked) => {
                in_force.recorder.user_panicked();
                None
            }
        };
        let _ = kept.user.set(user);
    }

    /// The head is inspected, until this is dropped.
    pub(crate) fn head(&mut self) -> Option<OfHead<'_>> {
        let kept = self.kept.as_deref_mut()?;
        let within = kept.inspect.as_ref().map(spans::Phases::enter_head);
        Some(OfHead { _work: kept.stopwatch.head(), _within: within })
    }

    /// Inspects so many bytes of the body.
    pub(crate) fn body<T>(&self, bytes: usize, inspect: impl FnOnce() -> T) -> T {
        let Some(kept) = &self.kept else { return inspect() };
        match &kept.inspect {
            Some(phases) => phases.body(|| kept.stopwatch.body(bytes, inspect)),
            None => kept.stopwatch.body(bytes, inspect),
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
        let Some(kept) = &self.kept else { return };
        let settings = in_force.settings;
        let mut open = kept.open();
        let Some(surroundings) = &open.surroundings else { return };
        let told = (settings.span_attributes && spans::wants(surroundings)).then(|| {
            let verdict = verdict();
            spans::put(surroundings, context, &verdict, settings.datadog);
            Told::of(&verdict)
        });
        open.told = told;
        if last && kept.inspect.is_none() && !kept.sampled {
            open.surroundings = None;
        }
    }

    /// The verdict is final.
    pub(crate) fn concluded(
        &self,
        in_force: InForce<'_>,
        context: &RequestContext,
        verdict: &Verdict,
        outcome: Outcome,
    ) {
        let kept = self.kept.as_deref();
        let work = kept.map_or(Work::NONE, |kept| kept.stopwatch.work());
        in_force.recorder.meters.concluded(context, verdict, &work);
        let surroundings = kept.and_then(|kept| kept.close(in_force.settings, context, verdict, &work));
        if !self.has_news(verdict) {
            return in_force.recorder.events.report_when_due();
        }
        let tell = || self.tell(in_force, context, verdict, outcome, &work, surroundings.as_ref());
        match &surroundings {
            Some(surroundings) => surroundings.within(tell),
            None => tell(),
        }
    }

    fn sampled(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.sampled)
    }

    /// Whether there is anything to say beyond numbers.
    fn has_news(&self, verdict: &Verdict) -> bool {
        let silent = verdict.findings.is_empty() && verdict.causes.is_empty();
        !silent || verdict.completeness.contains(Cause::EngineFault) || self.sampled()
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
            user: self.kept.as_ref().and_then(|kept| kept.user.get()).and_then(Option::as_deref),
            surroundings,
            inspected: self.sampled().then(|| Duration::from_nanos(nanoseconds)),
        };
        let dropped = in_force.recorder.events.concluded(&about);
        in_force.recorder.events_dropped(&dropped);
    }
}

impl Kept {
    fn begin(settings: &TelemetrySettings, now: SystemTime, sampled: bool, timing: bool) -> Self {
        let surroundings = Surroundings::current();
        Self {
            sampled,
            stopwatch: Stopwatch::new(timing),
            inspect: settings.inspect_span.then(|| spans::Phases::new(&surroundings, now)),
            user: OnceLock::new(),
            open: Mutex::new(Open { surroundings: Some(surroundings), told: None }),
        }
    }

    /// Puts the final verdict onto the user's span, and lets it go: to whoever tells events within it.
    fn close(
        &self,
        settings: &TelemetrySettings,
        context: &RequestContext,
        verdict: &Verdict,
        work: &Work,
    ) -> Option<Surroundings> {
        let Open { surroundings, told } = mem::take(&mut *self.open());
        let surroundings = surroundings?;
        let wants = settings.span_attributes && spans::wants(&surroundings);
        if wants && told.is_none_or(|told| told != Told::of(verdict)) {
            spans::put(&surroundings, context, verdict, settings.datadog);
        }
        if let Some(phases) = &self.inspect {
            phases.end(&surroundings, work);
        }
        Some(surroundings)
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
