//! Where readings have passed, so that the same text is not read once for every quote before it.

/// How often a text that was read before may be read again, in times of the whole value.
const AGAIN_FACTOR: usize = 2;
/// And in bytes on top, so that short values are never cut.
const AGAIN_BYTES: usize = 4096;

/// How much all readings of a value together may read, in times of the whole value. Honest text takes
/// less than five.
const TOTAL_FACTOR: usize = 24;
/// And in bytes on top.
const TOTAL_BYTES: usize = 16_384;

/// The places behind strings and comments at which some reading has been.
pub(super) struct Marks {
    bits: Vec<u64>,
    bytes: usize,
    again: usize,
    total: usize,
}

impl Marks {
    /// No places yet, in a value of this length.
    pub(super) fn new(bytes: usize) -> Self {
        let times = |factor: usize, more: usize| bytes.saturating_mul(factor).saturating_add(more);
        let (again, total) = (times(AGAIN_FACTOR, AGAIN_BYTES), times(TOTAL_FACTOR, TOTAL_BYTES));
        Self { bits: Vec::new(), bytes, again, total }
    }

    /// Marks a place, and says whether it was marked already.
    pub(super) fn pass(&mut self, position: usize) -> bool {
        if self.bits.is_empty() {
            self.bits.resize(self.bytes / 64 + 1, 0);
        }
        let Some(word) = self.bits.get_mut(position / 64) else { return false };
        let bit = 1 << (position % 64);
        let passed = *word & bit != 0;
        *word |= bit;
        passed
    }

    /// Whether a reading has been here.
    pub(super) fn passed(&self, position: usize) -> bool {
        self.bits.get(position / 64).is_some_and(|word| word & (1 << (position % 64)) != 0)
    }

    /// Takes from what may be read at all; false when nothing is left.
    pub(super) fn read(&mut self, bytes: usize) -> bool {
        self.total = self.total.saturating_sub(bytes.max(1));
        self.total > 0
    }

    /// Whether there was more to read than may be.
    pub(super) fn exhausted(&self) -> bool {
        self.total == 0
    }

    /// Takes from what may be read again; false when nothing is left.
    pub(super) fn spend(&mut self, bytes: usize) -> bool {
        match self.again.checked_sub(bytes.max(1)) {
            Some(left) => {
                self.again = left;
                true
            }
            None => false,
        }
    }
}
