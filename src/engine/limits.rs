//! Every limit of an inspection: its name, its default, and what follows past it.

use crate::decode::DecodeLimits;
use crate::transform::ViewLimits;

/// The limits; each is a key of `[limits]` in the configuration, with the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a body that are held back until all of them were inspected. Default: 262,144.
    /// Past it the body flows, each chunk inspected before it is handed on.
    pub body_hold_bytes_max: usize,
    /// Bytes that all requests together may hold for inspection. Default: 67,108,864. Past it
    /// bodies flow without being held (cause `budget`), and inputs are not kept for guards.
    pub inspection_memory_bytes_max: usize,
    /// Bytes of one value that are looked at together. Default: 65,536. A longer value is looked
    /// at in windows of this size, which overlap.
    pub leaf_bytes_max: usize,
    /// Values and names of one body or query. Default: 100,000. Past it the rest is inspected as
    /// plain text (cause `limit`).
    pub leaves_max: usize,
    /// How deep JSON may nest. Default: 128. Deeper values are inspected without their pointer
    /// (cause `limit`).
    pub json_depth_max: usize,
    /// Bytes of a name or pointer that are kept. Default: 4,096. Past it a name is cut; in
    /// JSON a key already at half of what is left (cause `limit`).
    pub name_bytes_max: usize,
    /// Bytes of the headers of one multipart part. Default: 16,384. Past it they are inspected as
    /// plain text (cause `limit`).
    pub part_header_bytes_max: usize,
    /// Views of one value. Default: 8. Deeper disguises are not followed (cause `limit`).
    pub views_max: usize,
    /// Findings of one request that are kept. Default: 64. Past it only findings that block are. Those of schemas have a
    /// limit of their own.
    pub findings_max: usize,
    /// Bytes of inputs that one request keeps for guards. Default: 262,144. Past it an input is
    /// dropped, and `RequestContext::inputs_whole` says so.
    pub inputs_bytes_max: usize,
    /// Work that the schemas of one request may cost: looks at the nodes of its documents, and one for
    /// each 16 bytes of text. Default: 4,000,000. Past it the rest is not validated (cause `budget`).
    pub schema_work_max: usize,
    /// Failures that schemas tell of the head of a request, and of its body. Default: 32. Past it one finding
    /// `schema.more_failures` stands for the rest.
    pub schema_failures_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_hold_bytes_max: 262_144,
            inspection_memory_bytes_max: 67_108_864,
            leaf_bytes_max: 65_536,
            leaves_max: 100_000,
            json_depth_max: 128,
            name_bytes_max: 4_096,
            part_header_bytes_max: 16_384,
            views_max: 8,
            findings_max: 64,
            inputs_bytes_max: 262_144,
            schema_work_max: 4_000_000,
            schema_failures_max: 32,
        }
    }
}

impl Limits {
    pub(super) const fn decode(&self) -> DecodeLimits {
        DecodeLimits {
            depth_max: self.json_depth_max,
            leaves_max: self.leaves_max,
            leaf_bytes_max: self.leaf_bytes_max,
            name_bytes_max: self.name_bytes_max,
            part_header_bytes_max: self.part_header_bytes_max,
        }
    }

    pub(super) const fn views(&self) -> ViewLimits {
        ViewLimits { views_max: self.views_max }
    }
}
