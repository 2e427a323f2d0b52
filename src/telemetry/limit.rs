//! How many events go out: a bucket of tokens for each rule and for each client.
//!
//! # What this does not protect from
//!
//! The table is fixed and its places are found by a keyed hash, so two clients can share a bucket,
//! and then share its tokens. The rest of a flood after which no request comes is told by the metric
//! `rasp.events.dropped` alone.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::config::TelemetrySettings;

/// Buckets of rules, and buckets of clients.
const RULES: usize = 1024;
const CLIENTS: usize = 4096;
/// Between two reports of what was held back.
const REPORT_MILLISECONDS: u64 = 10_000;
/// After so long without an event that is held back, the next one begins another flood.
const QUIET_MILLISECONDS: u64 = 60_000;

/// Buckets in a fixed table: 40 KiB, whatever comes. No lock; each bucket is the time, in
/// milliseconds since the start, at which it is full again (the generic cell rate algorithm).
pub(super) struct Limit {
    start: Instant,
    seed: RandomState,
    buckets: Box<[AtomicU64]>,
    suppressed: AtomicU64,
    reported: AtomicU64,
    /// When the first since the last report was held back, and when the last; 0 where none was.
    first: AtomicU64,
    last: AtomicU64,
    flood: Current,
}

/// The flood that was reported last. Only who reports touches it.
#[derive(Default)]
struct Current {
    number: AtomicU64,
    first: AtomicU64,
    last: AtomicU64,
    count: AtomicU64,
}

/// What was held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// Since the last report.
    pub(super) count: u64,
    /// Which flood it belongs to; no other flood has this number.
    pub(super) flood: u64,
    pub(super) is_new: bool,
    /// Since the flood began.
    pub(super) total: u64,
    /// How long ago the flood began, and the last event of it was held back.
    pub(super) first_ago: Duration,
    pub(super) last_ago: Duration,
}

impl Limit {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            seed: RandomState::new(),
            buckets: (0..RULES + CLIENTS).map(|_| AtomicU64::new(0)).collect(),
            suppressed: AtomicU64::new(0),
            reported: AtomicU64::new(0),
            first: AtomicU64::new(0),
            last: AtomicU64::new(0),
            flood: Current::default(),
        }
    }

    /// Milliseconds since the start, and one more, so that a full bucket is never in the future.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX / 2).saturating_add(REPORT_MILLISECONDS)
    }

    /// Takes a token of the client's and one of the rule's for an event of this name; without both the event is held
    /// back.
    pub(super) fn admits(
        &self,
        now: u64,
        settings: &TelemetrySettings,
        name: &str,
        rule: &str,
        client: Option<IpAddr>,
    ) -> bool {
        let client = client.map(network);
        let client = RULES + self.seed.hash_one((name, client)) as usize % CLIENTS;
        let rule = self.seed.hash_one((name, rule)) as usize % RULES;
        [client, rule].into_iter().all(|place| take(&self.buckets[place], now, settings))
    }

    /// Counts an event that is held back; answers whether it is the first since the last report.
    pub(super) fn hold_back(&self, now: u64) -> bool {
        self.last.store(now, Ordering::Relaxed);
        self.suppressed.fetch_add(1, Ordering::Relaxed);
        let is_first = self.first.load(Ordering::Relaxed) == 0;
        is_first && self.first.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Whether anything was held back since the last report.
    pub(super) fn holds_back(&self) -> bool {
        self.suppressed.load(Ordering::Relaxed) > 0
    }

    /// What was held back since the last report, when one is due: at once, and then with the first request
    /// after every ten seconds.
    pub(super) fn report(&self, now: u64) -> Option<Report> {
        if !self.holds_back() {
            return None;
        }
        let last = self.reported.load(Ordering::Relaxed);
        let due = last == 0 || now.saturating_sub(last) >= REPORT_MILLISECONDS;
        let mine = due && self.reported.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        let count = mine.then(|| self.suppressed.swap(0, Ordering::Relaxed)).filter(|count| *count > 0)?;
        Some(self.continued(now, count))
    }

    /// The flood goes on, or another begins.
    fn continued(&self, now: u64, count: u64) -> Report {
        let (flood, last) = (&self.flood, self.last.load(Ordering::Relaxed));
        let first = Some(self.first.swap(0, Ordering::Relaxed)).filter(|first| *first > 0).unwrap_or(last);
        let before = flood.last.swap(last, Ordering::Relaxed);
        let is_new = before == 0 || first.saturating_sub(before) > QUIET_MILLISECONDS;
        if is_new {
            flood.number.fetch_add(1, Ordering::Relaxed);
            flood.first.store(first, Ordering::Relaxed);
            flood.count.store(0, Ordering::Relaxed);
        }
        let ago = |then: u64| Duration::from_millis(now.saturating_sub(then));
        Report {
            count,
            flood: self.seed.hash_one(("flood", flood.number.load(Ordering::Relaxed))),
            is_new,
            total: count + flood.count.fetch_add(count, Ordering::Relaxed),
            first_ago: ago(flood.first.load(Ordering::Relaxed)),
            last_ago: ago(last),
        }
    }
}

/// Whoever has an IPv6 address has a whole /64 of them.
fn network(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(address) => u64::from(address.to_bits()) | 1 << 40,
        IpAddr::V6(address) => (address.to_bits() >> 64) as u64,
    }
}

fn take(bucket: &AtomicU64, now: u64, settings: &TelemetrySettings) -> bool {
    let interval = (1000 / settings.events_per_second.max(1)).max(1);
    let tolerance = interval.saturating_mul(settings.events_at_once.saturating_sub(1));
    let next = |full: u64| {
        let full = full.max(now);
        (full - now <= tolerance).then_some(full + interval)
    };
    bucket.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u32) -> Option<IpAddr> {
        Some(IpAddr::V4(number.into()))
    }

    #[test]
    fn twenty_at_once_and_then_one_a_second() {
        let limit = Limit::new();
        let now = limit.now();
        assert_eq!(admitted(&limit, now), 20);
        assert_eq!(limit.report(now).map(|report| report.count), Some(80));
        assert_eq!(admitted(&limit, now + 1000), 1);
        assert_eq!(limit.report(now + 1000), None);
        assert_eq!(admitted(&limit, now + 4000), 3);
        assert_eq!(limit.report(now + REPORT_MILLISECONDS).map(|report| report.count), Some(99 + 97));
    }

    /// How many of a hundred events go out.
    fn admitted(limit: &Limit, now: u64) -> usize {
        let settings = TelemetrySettings::default();
        let mut count = 0;
        for _ in 0..100 {
            if limit.admits(now, &settings, "e", "r", client(1)) {
                count += 1;
            } else {
                limit.hold_back(now);
            }
        }
        count
    }

    #[test]
    fn a_flood_lasts_until_a_minute_without_one() {
        let limit = Limit::new();
        let now = limit.now();
        let report = |at: u64| {
            admitted(&limit, now + at);
            limit.report(now + at + 5).expect("a report")
        };
        let first = report(0);
        assert_eq!((first.is_new, first.total), (true, first.count));
        assert_eq!((first.first_ago.as_millis(), first.last_ago.as_millis()), (5, 5));
        let second = report(50_000);
        assert_eq!((second.is_new, second.flood, second.total), (false, first.flood, first.count + second.count));
        assert_eq!((second.first_ago.as_millis(), second.last_ago.as_millis()), (50_005, 5));
        let third = report(50_000 + QUIET_MILLISECONDS + 6);
        assert!(third.is_new && third.flood != first.flood && third.total == third.count, "{third:?}");
    }

    #[test]
    fn changing_addresses_does_not_help() {
        let (limit, settings) = (Limit::new(), TelemetrySettings::default());
        let now = limit.now();
        let admitted = (0..100_000).filter(|&number| limit.admits(now, &settings, "e", "r", client(number))).count();
        assert_eq!(admitted, 20);
        assert_eq!(limit.buckets.len(), RULES + CLIENTS);
    }

    #[test]
    fn a_noisy_client_does_not_hold_back_others_on_other_rules() {
        let (limit, settings) = (Limit::new(), TelemetrySettings::default());
        let now = limit.now();
        for _ in 0..1000 {
            limit.admits(now, &settings, "e", "r", client(1));
        }
        assert!(limit.admits(now, &settings, "e", "other", client(2)));
    }
}
