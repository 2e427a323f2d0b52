//! How many events go out: a bucket of tokens for each rule and for each client.
//!
//! # What this does not protect from
//!
//! The table is fixed and its places are found by a keyed hash, so two clients can share a bucket,
//! and then share its tokens.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::config::TelemetrySettings;

/// Buckets of rules, and buckets of clients.
const RULES: usize = 1024;
const CLIENTS: usize = 4096;
/// Between two reports of what was held back.
const REPORT_MILLISECONDS: u64 = 10_000;

/// Buckets in a fixed table: 40 KiB, whatever comes. No lock; each bucket is the time, in
/// milliseconds since the start, at which it is full again (the generic cell rate algorithm).
pub(super) struct Limit {
    start: Instant,
    seed: RandomState,
    buckets: Box<[AtomicU64]>,
    suppressed: AtomicU64,
    reported: AtomicU64,
}

impl Limit {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            seed: RandomState::new(),
            buckets: (0..RULES + CLIENTS).map(|_| AtomicU64::new(0)).collect(),
            suppressed: AtomicU64::new(0),
            reported: AtomicU64::new(0),
        }
    }

    /// Milliseconds since the start, and one more, so that a full bucket is never in the future.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX / 2).saturating_add(REPORT_MILLISECONDS)
    }

    /// Takes a token of the client's and one of the rule's for an event of this name. Without both
    /// the event is counted and held back.
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
        let admitted = [client, rule].into_iter().all(|place| take(&self.buckets[place], now, settings));
        if !admitted {
            self.suppressed.fetch_add(1, Ordering::Relaxed);
        }
        admitted
    }

    /// How many were held back since the last report, when one is due: at once, and then every ten
    /// seconds in which an event comes.
    pub(super) fn report(&self, now: u64) -> Option<u64> {
        if self.suppressed.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let last = self.reported.load(Ordering::Relaxed);
        let due = last == 0 || now.saturating_sub(last) >= REPORT_MILLISECONDS;
        let mine = due && self.reported.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        mine.then(|| self.suppressed.swap(0, Ordering::Relaxed)).filter(|count| *count > 0)
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
        let (limit, settings) = (Limit::new(), TelemetrySettings::default());
        let now = limit.now();
        let admitted = |now| (0..100).filter(|_| limit.admits(now, &settings, "e", "r", client(1))).count();
        assert_eq!(admitted(now), 20);
        assert_eq!(limit.report(now), Some(80));
        assert_eq!(admitted(now + 1000), 1);
        assert_eq!(limit.report(now + 1000), None);
        assert_eq!(admitted(now + 4000), 3);
        assert_eq!(limit.report(now + REPORT_MILLISECONDS), Some(99 + 97));
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
