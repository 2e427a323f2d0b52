//! Where decoders put what they read: leaves go to the detector, oddities become findings.

use super::head::HeadSink;
use super::limits::Limits;
use super::memo::Memo;
use crate::decode::{self, DecodeLimits, Sink};
use crate::detect::{Detector, Scratch};
use crate::finding::Finding;
use crate::input::{Cause, Header, Leaf, Notice, Place};
use crate::rule::RuleMask;

use crate::context::{Keeper, RequestContext};

/// Inspects each leaf as it comes, and keeps it for guards.
pub(super) struct LeafSink<'a> {
    pub(super) detector: &'a Detector,
    pub(super) memo: Option<&'a Memo>,
    pub(super) active: &'a RuleMask,
    pub(super) limits: &'a Limits,
    pub(super) scratch: &'a mut Scratch,
    pub(super) found: &'a mut Vec<(usize, Finding)>,
    pub(super) context: &'a RequestContext,
    /// Keeps leaves for guards, where they come from elsewhere than the head.
    pub(super) keeper: Option<Keeper<'a>>,
    /// Whether anything at all was told since this was last cleared.
    pub(super) told: bool,
}

impl HeadSink for LeafSink<'_> {
    /// A path whose segments have names of their own goes by those too, and is hardly the same twice.
    fn path(&mut self, raw: &[u8], template: Option<&str>) {
        let read = |sink: &mut Self| decode::path_segments(raw, template, sink);
        if template.is_some_and(|template| template.contains('{')) {
            read(self);
        } else {
            self.once(&Header { name: PATH, value: raw }, read);
        }
    }

    fn header(&mut self, header: &Header<'_>, limits: &DecodeLimits) {
        self.once(header, |sink| decode::header(header, limits, sink));
    }
}

/// What a path is remembered under: no header has such a name.
const PATH: &[u8] = b":path";

impl LeafSink<'_> {
    /// Reads what held nothing the last time no second time.
    fn once(&mut self, header: &Header<'_>, read: impl FnOnce(&mut Self)) {
        let tag = self.memo.and_then(|memo| Some((memo, memo.tag(self.active.fold(), header)?)));
        if tag.is_some_and(|(memo, tag)| memo.knows(tag)) {
            return;
        }
        self.told = false;
        read(self);
        if let Some((memo, tag)) = tag.filter(|_| !self.told) {
            memo.remember(tag);
        }
    }

    /// Keeps a leaf for guards.
    pub(super) fn keep(&mut self, leaf: &Leaf<'_>) {
        if let Some(keeper) = &mut self.keeper {
            keeper.keep(leaf);
        }
    }

    /// Looks at a leaf with some of the rules.
    #[inline]
    pub(super) fn look(&mut self, leaf: &Leaf<'_>, active: &RuleMask) {
        let file = leaf.place == Place::File || leaf.place == Place::Body && leaf.name.is_empty();
        let before = self.found.len();
        if file && is_binary(leaf.value) {
            self.incomplete(Cause::UnknownType);
            self.detector.inspect_binary(leaf, active, self.scratch, self.found);
            return;
        }
        let (limits, views) = (self.limits.decode(), self.limits.views());
        let Self { detector, scratch, found, .. } = self;
        let mut cut = detector.inspect(leaf, active, views, scratch, found);
        decode::inside(leaf, &limits, &mut |inner| {
            let known = found.len();
            cut |= detector.inspect(inner, active, views, scratch, found);
            drop_repeated(found, before, known);
        });
        self.told |= self.found.len() > before;
        if cut {
            self.incomplete(Cause::Limit);
        }
    }
}

impl Sink for LeafSink<'_> {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        self.keep(&leaf);
        self.look(&leaf, self.active);
    }

    fn incomplete(&mut self, cause: Cause) {
        self.told = true;
        self.context.add_cause(cause);
    }

    fn notice(&mut self, notice: Notice) {
        self.told = true;
        self.found.extend(self.detector.notice(notice, self.active));
    }
}

/// What a document inside a value holds may be found in the value as well, or twice: of each rule the first
/// finding since `begin` stays, of those from `known` on.
fn drop_repeated(found: &mut Vec<(usize, Finding)>, begin: usize, known: usize) {
    let mut at = known;
    while at < found.len() {
        if found[begin..at].iter().any(|(rule, _)| *rule == found[at].0) {
            found.swap_remove(at);
        } else {
            at += 1;
        }
    }
}

/// How many bytes of a file tell what it is.
const BINARY_BYTES_LOOKED_AT: usize = 1024;

/// Whether a file, or a body without structure, is no text: one byte in twenty is a control byte.
/// In images and archives any short run of marks stands somewhere, and nobody reads it. Text of wide
/// characters is NUL in every second byte.
fn is_binary(value: &[u8]) -> bool {
    let looked_at = &value[..value.len().min(BINARY_BYTES_LOOKED_AT)];
    let is_control = |byte: &&u8| (**byte < 0x20 && !byte.is_ascii_whitespace()) || **byte == 0x7F;
    let nuls = memchr::memchr_iter(0, looked_at).count();
    let wide = nuls * 5 > looked_at.len() * 2;
    !wide && looked_at.iter().filter(is_control).count() * 20 > looked_at.len()
}
