//! Where decoders put what they read: leaves go to the detector, oddities become findings.

use crate::decode::Sink;
use crate::detect::{Detector, Scratch};
use crate::finding::Finding;
use crate::input::{Cause, Leaf, Notice, Place};
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
        let file = leaf.place == Place::File || leaf.place == Place::Body && leaf.name.is_empty();
        let binary = (file && is_binary(leaf.value)).then(|| self.active.shared(self.detector.binary_rules()));
        if binary.is_some() {
            self.context.add_cause(Cause::UnknownType);
        }
        let active = binary.as_ref().unwrap_or(self.active);
        let cut = self.detector.inspect(&leaf, active, self.views, self.scratch, self.found);
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

/// How many bytes of a file tell what it is.
const BINARY_BYTES_LOOKED_AT: usize = 1024;

/// Whether a file, or a body without structure, is no text: one byte in twenty is a control byte.
/// In images and archives any short run of marks stands somewhere, and nobody reads it.
fn is_binary(value: &[u8]) -> bool {
    let looked_at = &value[..value.len().min(BINARY_BYTES_LOOKED_AT)];
    let is_control = |byte: &&u8| (**byte < 0x20 && !byte.is_ascii_whitespace()) || **byte == 0x7F;
    looked_at.iter().filter(is_control).count() * 20 > looked_at.len()
}
