//! The one way to refuse a request after its head: a flag and a waker.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

/// Set by whoever refuses; the layer's future sees it and answers in place of the service.
#[derive(Default)]
pub(super) struct Refusal {
    refused: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Refusal {
    pub(super) fn is_set(&self) -> bool {
        self.refused.load(Ordering::Acquire)
    }

    /// Sets the flag and wakes whoever waits for it.
    pub(super) fn set(&self) {
        self.refused.store(true, Ordering::Release);
        let waker = self.waker.lock().ok().and_then(|mut waker| waker.take());
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Has this task woken when the flag is set. Ask [`is_set`](Self::is_set) after.
    pub(super) fn register(&self, waker: &Waker) {
        if let Ok(mut slot) = self.waker.lock()
            && !slot.as_ref().is_some_and(|known| known.will_wake(waker))
        {
            *slot = Some(waker.clone());
        }
    }
}
