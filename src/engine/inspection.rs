//! One request on its way through the engine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;

use super::build::Engine;
use super::head;
use super::positive::{Positive, Surroundings};
use super::reading::Reading;
use super::sink::LeafSink;
use crate::context::RequestContext;
use crate::decode::{BodyDecoder, DecodeLimits, Sink};
use crate::detect::Scratch;
use crate::finding::Finding;
use crate::input::{Cause, Head, Leaf, Location, Place};
use crate::policy::Action;
use crate::rule::{Confidence, RuleMask};

/// One request on its way: [`head`](Self::head), then [`chunk`](Self::chunk) for each piece of
/// the body, then [`end`](Self::end).
pub struct Inspection {
    engine: Arc<Engine>,
    context: Arc<RequestContext>,
    body: Body,
    /// Where schemas count for this request.
    positive: Option<Box<Positive>>,
    scratch: Scratch,
    found: Vec<(usize, Finding)>,
    action: Action,
    /// Whether a rule runs for this request at all.
    looks: bool,
}

enum Body {
    /// No chunk came yet.
    Untouched,
    /// In the middle, with the decoders that read it.
    Reading(Box<Reading>),
    /// To its end, or given up after a panic.
    Done,
}

impl Inspection {
    /// Inspects the head; the action is known at once.
    #[must_use]
    pub fn head(engine: Arc<Engine>, head: Head) -> Self {
        Self::begin(engine, head, false)
    }

    /// The same; `records` keeps for `explain` what schemas make known of each value.
    pub(super) fn begin(engine: Arc<Engine>, head: Head, records: bool) -> Self {
        let scope = engine.policy.scope(&head);
        let looks = !engine.policy.active(&scope).is_empty();
        let context =
            RequestContext::new(head, scope, &engine.budget, engine.limits.decode(), engine.limits.inputs_bytes_max);
        let positive = Positive::new(&engine, &context, records);
        let mut inspection = Self {
            engine,
            context: Arc::new(context),
            body: Body::Untouched,
            positive,
            scratch: Scratch::default(),
            found: Vec::new(),
            action: Action::Pass,
            looks,
        };
        if looks {
            inspection.look_at_head();
        }
        if inspection.context.has_something() {
            inspection.context.set_head_verdict(inspection.engine.judge(&inspection.context));
        }
        inspection
    }

    fn look_at_head(&mut self) {
        if self.positive.is_none() {
            self.step(None, |engine, _, _, sink| head::leaves(sink.context.head(), None, &engine.limits, sink));
            return;
        }
        self.validate(Positive::check_head);
        self.step(None, |engine, _, positive, sink| {
            let Some(positive) = positive else { return };
            let (head, template) = (sink.context.head(), positive.template(engine));
            if let Some(mut sink) = positive.sink(engine, sink) {
                head::leaves(head, template, &engine.limits, &mut sink);
            }
        });
    }

    /// What is done so far; `Block` means that the request is refused.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// What this request leaves behind.
    #[must_use]
    pub const fn context(&self) -> &Arc<RequestContext> {
        &self.context
    }

    /// The engine that inspects: the snapshot that this request has pinned.
    #[must_use]
    pub const fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Whether anything found in this request could be refused; else it need not be held.
    #[must_use]
    pub fn enforces(&self) -> bool {
        self.looks && self.engine.policy.enforces(self.context.scope())
    }

    /// Whether a schema wants all of the body before any of it is handed on.
    #[must_use]
    pub(crate) fn wants_whole_body(&self) -> bool {
        self.positive.as_ref().is_some_and(|positive| positive.wants_whole(&self.engine, self.context.head()))
    }

    /// Whether any rule runs for this request; else there is nothing to push.
    #[must_use]
    pub const fn looks(&self) -> bool {
        self.looks
    }

    /// Inspects a piece of the body. Large pieces cost their length: push slices to stay brief.
    pub fn chunk(&mut self, bytes: &Bytes) -> Action {
        self.take_chunk(bytes);
        self.drain(usize::MAX)
    }

    /// The same; what then [`waits`](Self::waits) is to be [drained](Self::drain).
    pub(crate) fn take_chunk(&mut self, bytes: &Bytes) -> Action {
        if !self.looks {
            return self.action;
        }
        self.validate(|positive, around| positive.expect(bytes, around));
        self.step(Some(bytes), |engine, body, mut positive, sink| {
            let context = sink.context;
            through(positive.as_deref_mut(), engine, sink, |sink| {
                if let Body::Untouched = body {
                    *body = Body::Reading(Box::new(Reading::new(context, &engine.limits.decode(), sink)));
                }
                if let Body::Reading(reading) = body {
                    reading.push(bytes, sink);
                }
            });
            let Body::Reading(reading) = body else { return };
            if !reading.has_room() {
                context.add_cause(Cause::Budget);
                // What is emitted early is no part of the document's structure.
                if let Some(positive) = positive.as_deref_mut() {
                    positive.run_out();
                }
                through(positive, engine, sink, |sink| reading.make_room(sink));
            }
        });
        self.validate(Positive::settle)
    }

    /// Whether leaves wait to be looked at.
    pub(crate) fn waits(&self) -> bool {
        self.positive.as_ref().is_some_and(|positive| positive.waits())
    }

    /// Looks at about so many bytes of what waits.
    pub(crate) fn drain(&mut self, bytes: usize) -> Action {
        if !self.waits() {
            return self.action;
        }
        self.step(None, |engine, _, positive, sink| {
            if let Some(positive) = positive {
                positive.drain(bytes, sink, engine);
            }
        })
    }

    /// Inspects one trailer field; `name` in lower case.
    pub fn trailer(&mut self, name: &[u8], value: &[u8]) -> Action {
        if !self.looks {
            return self.action;
        }
        self.step(Some(&Bytes::new()), |_, _, _, sink| {
            sink.leaf(Leaf::name(Place::Trailer, name, name));
            sink.leaf(Leaf::value(Place::Trailer, name, value));
        })
    }

    /// The body has ended: decoders emit what they still hold.
    pub fn end(&mut self) -> Action {
        self.take_end();
        self.drain(usize::MAX)
    }

    /// The same; what then [`waits`](Self::waits) is to be [drained](Self::drain).
    pub(crate) fn take_end(&mut self) -> Action {
        match self.body {
            Body::Done => return self.action,
            Body::Untouched => self.body = Body::Done,
            Body::Reading(_) => {
                self.step(Some(&Bytes::new()), |engine, body, positive, sink| {
                    if let Body::Reading(reading) = body {
                        through(positive, engine, sink, |sink| reading.end(sink));
                    }
                    *body = Body::Done;
                });
            }
        }
        if self.looks { self.validate(Positive::check_body) } else { self.action }
    }

    /// The body will not be read to its end.
    pub fn abandon(&mut self, cause: Cause) {
        if !matches!(self.body, Body::Done) {
            self.context.add_cause(cause);
        }
    }

    /// Something goes on without what it needs; the verdict may ask for more than that.
    pub fn incomplete(&mut self, cause: Cause) -> Action {
        let before = self.context.completeness();
        self.context.add_cause(cause);
        // What is not held is handed on before it could be validated.
        self.validate(Positive::unheld);
        self.settle(before != self.context.completeness())
    }

    /// The operation that the schemas selected, for `explain`.
    pub(super) fn operation(&self) -> Option<String> {
        self.positive.as_ref().map(|positive| positive.operation(&self.engine))
    }

    /// The template of that operation, for `explain`.
    pub(super) fn template(&self) -> Option<&str> {
        self.positive.as_ref().and_then(|positive| positive.template(&self.engine))
    }

    /// What the schemas made known of a value, and which rules looked at it, for `explain`.
    pub(super) fn field(&self, location: &Location) -> Option<(String, RuleMask)> {
        self.positive.as_ref().and_then(|positive| positive.field(location, (&self.engine, &self.context)))
    }

    /// Lets the schemas look, where any count, and takes in what they found.
    fn validate(&mut self, work: impl FnOnce(&mut Positive, &mut Surroundings<'_>)) -> Action {
        let Self { engine, context, positive: Some(positive), found, .. } = self else { return self.action };
        let before = context.completeness();
        let mut around = Surroundings { engine, context, found };
        if catch_unwind(AssertUnwindSafe(|| work(positive, &mut around))).is_err() {
            self.context.add_cause(Cause::EngineFault);
        }
        self.settle(before != self.context.completeness())
    }

    /// Runs one step with a sink, catches a panic in it, and takes in what it found. What is read
    /// from `source` is kept for guards; the head is there in any case.
    fn step(
        &mut self,
        source: Option<&Bytes>,
        work: impl FnOnce(&Engine, &mut Body, Option<&mut Positive>, &mut LeafSink<'_>),
    ) -> Action {
        let Self { engine, context, body, positive, scratch, found, .. } = self;
        let before = context.completeness();
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let active = engine.policy.active(context.scope());
            let (detector, memo, limits) = (&engine.detector, engine.memo.as_ref(), &engine.limits);
            let keeper = source.map(|source| context.keeper(source));
            let mut sink = LeafSink { detector, memo, active, limits, scratch, found, context, keeper, told: false };
            work(engine, body, positive.as_deref_mut(), &mut sink);
        }));
        self.scratch.trim();
        if caught.is_err() {
            self.body = Body::Done;
            self.context.add_cause(Cause::EngineFault);
        }
        self.settle(before != self.context.completeness())
    }

    /// Judges again when there is something new, and refuses when the verdict says so. While leaves
    /// wait it does not: an attack among them is the better reason.
    fn settle(&mut self, causes_changed: bool) -> Action {
        if !self.found.is_empty() || causes_changed {
            let kept =
                self.context.with_findings(|kept| kept.iter().filter(|(_, one)| one.validation.is_none()).count());
            limit(&mut self.found, kept, self.engine.limits.findings_max);
            self.context.append(&mut self.found);
            self.action = self.action.max(self.engine.judge(&self.context).action);
        }
        if self.action == Action::Block && !self.waits() {
            self.context.refuse();
        }
        self.action
    }
}

/// Leaves come to the schemas first, where any count.
fn through(
    positive: Option<&mut Positive>,
    engine: &Engine,
    sink: &mut LeafSink<'_>,
    work: impl FnOnce(&mut dyn Sink),
) {
    let Some(positive) = positive else { return work(sink) };
    if let Some(mut sink) = positive.sink(engine, sink) {
        work(&mut sink);
    }
}

/// The decoders that read the body of a request.
pub(super) fn decoder(limits: &DecodeLimits, head: &Head, sink: &mut dyn Sink) -> BodyDecoder {
    let types: Vec<&[u8]> = head.header("content-type").collect();
    BodyDecoder::new(&types, limits, sink)
}

/// Past the limit only findings that block are kept, and of those as many again. What schemas find has a
/// limit of its own, and takes no room from attacks.
fn limit(found: &mut Vec<(usize, Finding)>, kept: usize, findings_max: usize) {
    let mut count = kept;
    found.retain(|(_, finding)| {
        if finding.validation.is_some() {
            return true;
        }
        let most = if finding.confidence == Confidence::Certain { findings_max * 2 } else { findings_max };
        let keep = count < most;
        count += usize::from(keep);
        keep
    });
}

impl std::fmt::Debug for Inspection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Inspection")
            .field("context", &self.context)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}
