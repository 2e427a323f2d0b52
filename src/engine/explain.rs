//! One request with every step told; for people, and not on the way of a request.

use std::sync::Arc;

use bytes::Bytes;

use super::head::HeadSink;
use super::inspection::decoder;
use super::{Engine, Inspection, head};
use crate::context::RequestContext;
use crate::decode::{self, Sink};
use crate::detect::ViewRecord;
use crate::finding::Finding;
use crate::input::{Cause, Head, Leaf, Location, Notice};
use crate::policy::{Exclusion, Plan, Verdict};
use crate::rule::RuleMask;

/// Everything that was decided about one request, and why.
pub struct Explanation {
    /// Every leaf, in the order in which the decoders emit them.
    pub leaves: Vec<LeafRecord>,
    /// The operation that its schemas selected; none where no schema counts for it.
    pub operation: Option<String>,
    /// The oddities that the decoders reported.
    pub notices: Vec<&'static str>,
    /// The findings that an exclusion took out, and that exclusion.
    pub excluded: Vec<(Finding, Exclusion)>,
    /// The verdict: the ordinary engine's, and not made from these records.
    pub verdict: Verdict,
    /// What the ordinary inspection left behind.
    pub context: Arc<RequestContext>,
}

/// One leaf, and what became of it.
pub struct LeafRecord {
    /// Where it stands.
    pub location: Location,
    /// What a schema made known of it: as what it is pinned, by which schema, and who looks; none where no
    /// schema could speak of it.
    pub schema: Option<String>,
    /// Its views, the value as it came first.
    pub views: Vec<ViewRecord>,
}

impl Engine {
    /// Inspects a request as ever, and beside it records every step on the way.
    #[doc(hidden)]
    #[must_use]
    pub fn explain(self: &Arc<Self>, head: Head, body: &Bytes) -> Explanation {
        let mut inspection = Inspection::begin(Arc::clone(self), head.clone(), true);
        if !body.is_empty() {
            inspection.chunk(body);
        }
        inspection.end();
        let context = Arc::clone(inspection.context());
        let mut recorder = Recorder {
            engine: self,
            active: self.policy.active(context.scope()),
            inspection: &inspection,
            leaves: Vec::new(),
            notices: Vec::new(),
        };
        head::leaves(&head, inspection.template(), &self.limits, &mut recorder);
        if !body.is_empty() {
            let mut decoder = decoder(&self.limits.decode(), &head, &mut recorder);
            decoder.push(body, &mut recorder);
            decoder.end(&mut recorder);
        }
        let Recorder { leaves, notices, .. } = recorder;
        Explanation {
            leaves,
            notices,
            operation: inspection.operation(),
            excluded: self.excluded(&context),
            verdict: self.judge(&context),
            context,
        }
    }

    fn excluded(&self, context: &RequestContext) -> Vec<(Finding, Exclusion)> {
        let exclusion = |finding: &Finding| self.policy.exclusion_of(context.scope(), context.head(), finding).cloned();
        context.findings().into_iter().filter_map(|finding| Some((finding.clone(), exclusion(&finding)?))).collect()
    }

    /// What holds for a request on its route.
    #[doc(hidden)]
    #[must_use]
    pub fn plan(&self, context: &RequestContext) -> &Plan {
        self.policy.plan(context.scope())
    }
}

/// Takes the place of the sink that inspects.
struct Recorder<'a> {
    engine: &'a Engine,
    active: &'a RuleMask,
    inspection: &'a Inspection,
    leaves: Vec<LeafRecord>,
    notices: Vec<&'static str>,
}

impl HeadSink for Recorder<'_> {}

impl Sink for Recorder<'_> {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        let location = Location::of(&leaf);
        let (schema, active) = match self.inspection.field(&location) {
            Some((why, rules)) => (Some(why), rules),
            None => (None, *self.active),
        };
        let limits = &self.engine.limits;
        let mut views = self.engine.detector.explain(&leaf, &active, limits.views());
        decode::inside(&leaf, &limits.decode(), &mut |inner| {
            views.extend(self.engine.detector.explain(inner, &active, limits.views()));
        });
        self.leaves.push(LeafRecord { location, schema, views });
    }

    // The ordinary inspection keeps the causes.
    fn incomplete(&mut self, _: Cause) {}

    fn notice(&mut self, notice: Notice) {
        self.notices.push(notice.as_str());
    }
}
