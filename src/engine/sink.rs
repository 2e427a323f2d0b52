//! Where decoders put what they read: leaves go to the detector, oddities become findings.

use crate::decode::Sink;
use crate::detect::{Detector, Scratch};
use crate::finding::Finding;
use crate::input::{Cause, Leaf, Notice};
use crate::rule::RuleMask;
use crate::transform::ViewLimits;

use crate::context::RequestContext;

/// Inspects each leaf as it comes, and keeps it for guards.
pub(super) struct LeafSink<'a> {
    pub(super) detector: &'a Detector,
    pub(super) active: &'a RuleMask,
    pub(super) views: ViewLimits,
    pub(super) scratch: &'a mut Scratch,
    pub(super) found: &'a mut Vec<(usize, Finding)>,
    pub(super) context: &'a RequestContext,
    pub(super) keep: &'a mut dyn FnMut(&Leaf<'_>),
}

impl Sink for LeafSink<'_> {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        (self.keep)(&leaf);
        let cut = self.detector.inspect(&leaf, self.active, self.views, self.scratch, self.found);
        if cut {
            self.context.add_cause(Cause::Limit);
        }
    }

    fn incomplete(&mut self, cause: Cause) {
        self.context.add_cause(cause);
    }

    fn notice(&mut self, notice: Notice) {
        self.found.extend(self.detector.notice(notice, self.active));
    }
}
