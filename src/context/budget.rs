//! The process's memory for inspection: one counter for a `Rasp`, however many requests there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is held is counted in steps of so many bytes, so that few changes touch the counter.
const STEP_BYTES: usize = 1_024;

/// A share up to this size may use the whole of the budget; larger ones leave a part of it, so that a
/// few large requests do not take from all others the little that each needs to be read at all.
const SMALL_BYTES: usize = 8 * STEP_BYTES;

/// The part that large shares leave: an eighth.
const KEPT_BACK_PART: usize = 8;

/// Bytes that all requests together may hold for inspection.
#[derive(Debug)]
pub struct Budget {
    bytes_max: AtomicUsize,
    used: AtomicUsize,
}

impl Budget {
    /// A budget of so many bytes.
    #[must_use]
    pub const fn new(bytes_max: usize) -> Self {
        Self { bytes_max: AtomicUsize::new(bytes_max), used: AtomicUsize::new(0) }
    }

    /// Changes the limit; what is held already stays held.
    pub fn set_bytes_max(&self, bytes_max: usize) {
        self.bytes_max.store(bytes_max, Ordering::Relaxed);
    }

    /// How many bytes are held now.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

/// What one request holds of the budget; given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    held: usize,
}

impl Share {
    pub(crate) const fn new(budget: Arc<Budget>) -> Self {
        Self { budget, held: 0 }
    }

    /// An empty share of the same budget.
    pub(crate) fn another(&self) -> Self {
        Self::new(Arc::clone(&self.budget))
    }

    /// Whether the budget is this one.
    pub(crate) fn is_of(&self, budget: &Arc<Budget>) -> bool {
        Arc::ptr_eq(&self.budget, budget)
    }

    /// Takes so many bytes more, or none when the budget is used up.
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        let used = self.budget.used.fetch_add(bytes, Ordering::Relaxed);
        let bytes_max = self.budget.bytes_max.load(Ordering::Relaxed);
        let kept_back = if self.held.saturating_add(bytes) > SMALL_BYTES { bytes_max / KEPT_BACK_PART } else { 0 };
        if used.saturating_add(bytes) > bytes_max - kept_back {
            self.budget.used.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        self.held += bytes;
        true
    }

    /// Holds so many bytes from now on, rounded up. Answers false, and holds what it held before, when
    /// that would be more and the budget is used up.
    pub(crate) fn cover(&mut self, bytes: usize) -> bool {
        let bytes = bytes.div_ceil(STEP_BYTES).saturating_mul(STEP_BYTES);
        match bytes.checked_sub(self.held) {
            None => self.release(self.held - bytes),
            Some(0) => {}
            Some(more) => return self.take(more),
        }
        true
    }

    /// Counts bytes that are held in any case.
    pub(crate) fn hold(&mut self, bytes: usize) {
        self.budget.used.fetch_add(bytes, Ordering::Relaxed);
        self.held += bytes;
    }

    /// Gives so many bytes back.
    pub(crate) fn release(&mut self, bytes: usize) {
        let bytes = bytes.min(self.held);
        self.held -= bytes;
        self.budget.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.held, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_budget_nothing_more_is_given_and_all_comes_back() {
        let budget = Arc::new(Budget::new(100));
        let mut one = Share::new(budget.clone());
        let mut two = Share::new(budget.clone());
        assert!(one.take(60));
        assert!(!two.take(60));
        assert!(two.take(40));
        one.release(10);
        assert_eq!(budget.used(), 90);
        drop((one, two));
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn what_is_covered_is_counted_in_steps_and_changes_nothing_where_it_does_not_fit() {
        let budget = Arc::new(Budget::new(3 * STEP_BYTES));
        let mut share = Share::new(budget.clone());
        for (bytes, fits, used) in
            [(1, true, 1), (1024, true, 1), (3 * 1024, true, 3), (3 * 1024 + 1, false, 3), (0, true, 0)]
        {
            assert_eq!((share.cover(bytes), budget.used()), (fits, used * STEP_BYTES), "{bytes}");
        }
    }

    #[test]
    fn large_shares_leave_room_for_small_ones() {
        let budget = Arc::new(Budget::new(80 * STEP_BYTES));
        let mut large = Share::new(budget.clone());
        assert!(!large.take(71 * STEP_BYTES));
        assert!(large.take(70 * STEP_BYTES));
        let mut small = Share::new(budget.clone());
        assert!(small.cover(8 * STEP_BYTES));
        assert!(!small.cover(9 * STEP_BYTES), "a share that grows large has no right to the rest");
    }
}
