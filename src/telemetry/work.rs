//! How long a request was inspected, and how much of it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// What was done for one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    pub(crate) head_nanoseconds: u64,
    /// None where no body was read.
    pub(crate) body: Option<BodyWork>,
}

impl Work {
    /// Of a request that nobody asked to measure.
    pub(super) const NONE: Self = Self { head_nanoseconds: 0, body: None };
}

/// What was done for one body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyWork {
    pub(crate) nanoseconds: u64,
    pub(crate) bytes: u64,
}

/// The most steps that the schemas of one request took, of this minute with requests and the one before.
#[derive(Default)]
pub(super) struct Peak {
    minute: AtomicU64,
    now: AtomicU64,
    before: AtomicU64,
}

impl Peak {
    pub(super) fn add(&self, steps: u64) {
        if steps > self.now.load(Ordering::Relaxed) {
            self.now.fetch_max(steps, Ordering::Relaxed);
        }
    }

    /// So late it is now.
    pub(super) fn turn(&self, second: u64) {
        let minute = second / 60;
        if self.minute.swap(minute, Ordering::Relaxed) != minute {
            self.before.store(self.now.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    pub(super) fn most(&self) -> u64 {
        self.now.load(Ordering::Relaxed).max(self.before.load(Ordering::Relaxed))
    }
}

/// Measures the work of one request; no clock is read unless it is told to.
pub(super) struct Stopwatch {
    timing: bool,
    head_nanoseconds: u64,
    body_nanoseconds: AtomicU64,
    body_bytes: AtomicU64,
    body_read: AtomicBool,
}

impl Stopwatch {
    pub(super) const fn new(timing: bool) -> Self {
        Self {
            timing,
            head_nanoseconds: 0,
            body_nanoseconds: AtomicU64::new(0),
            body_bytes: AtomicU64::new(0),
            body_read: AtomicBool::new(false),
        }
    }

    /// Measures the work on the head until it is dropped.
    pub(super) fn head(&mut self) -> OfHead<'_> {
        OfHead { start: self.start(), stopwatch: self }
    }

    pub(super) fn body<T>(&self, bytes: usize, inspect: impl FnOnce() -> T) -> T {
        self.body_read.store(true, Ordering::Relaxed);
        self.body_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        let start = self.start();
        let result = inspect();
        self.body_nanoseconds.fetch_add(since(start), Ordering::Relaxed);
        result
    }

    fn start(&self) -> Option<Instant> {
        self.timing.then(Instant::now)
    }

    pub(super) fn work(&self) -> Work {
        let body = BodyWork {
            nanoseconds: self.body_nanoseconds.load(Ordering::Relaxed),
            bytes: self.body_bytes.load(Ordering::Relaxed),
        };
        Work { head_nanoseconds: self.head_nanoseconds, body: self.body_read.load(Ordering::Relaxed).then_some(body) }
    }
}

/// The work on a head.
pub(super) struct OfHead<'a> {
    start: Option<Instant>,
    stopwatch: &'a mut Stopwatch,
}

impl Drop for OfHead<'_> {
    fn drop(&mut self) {
        self.stopwatch.head_nanoseconds += since(self.start);
    }
}

fn since(start: Option<Instant>) -> u64 {
    start.map_or(0, |start| u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX))
}
