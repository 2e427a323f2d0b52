//! What a decoder may spend on one body.

/// How much of one window the next repeats, so that what straddles the cut is seen whole.
pub const WINDOW_OVERLAP_BYTES: usize = 4_096;

/// The same where memory is short.
pub(super) const SHED_OVERLAP_BYTES: usize = 256;

/// The smallest window: below this, windows would be mostly overlap.
const WINDOW_BYTES_MIN: usize = 64;

/// Limits of one decoder. Past a limit the bytes are still read, only in a plainer way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeLimits {
    /// How deep JSON may nest before its pointers stop; deeper strings are still read.
    pub depth_max: usize,
    /// How many leaves one decoder makes before it reads the rest as text.
    pub leaves_max: usize,
    /// The largest leaf; a larger value comes in windows of this size that overlap.
    pub leaf_bytes_max: usize,
    /// How much of a name or pointer is kept as the location of its value; the name itself is
    /// emitted whole.
    pub name_bytes_max: usize,
    /// How large the headers of one part may be; what follows is read as its content.
    pub part_header_bytes_max: usize,
}

impl Default for DecodeLimits {
    fn default() -> Self {
        Self {
            depth_max: 128,
            leaves_max: 100_000,
            leaf_bytes_max: 65_536,
            name_bytes_max: 1_024,
            part_header_bytes_max: 16_384,
        }
    }
}

impl DecodeLimits {
    /// The size of a window.
    pub(super) fn window_bytes(&self) -> usize {
        self.leaf_bytes_max.max(WINDOW_BYTES_MIN)
    }

    /// What a window repeats of the one before.
    pub(super) fn overlap_bytes(&self) -> usize {
        WINDOW_OVERLAP_BYTES.min(self.window_bytes() / 4)
    }

    /// The length at which the name of a location is cut. At most a window, so that a name in
    /// windows has its location from the first on.
    pub(super) fn location_bytes(&self) -> usize {
        self.name_bytes_max.min(self.window_bytes())
    }
}
