//! The process's memory for inspection: one counter for a `Rasp`, however many requests there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
        if used + bytes > self.budget.bytes_max.load(Ordering::Relaxed) {
            self.budget.used.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        self.held += bytes;
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
}
