//! Which header values were looked at before and held nothing.
//!
//! Browsers send the same dozen header values with every request. A matcher is a pure function of
//! the value and its location, so what was found clean once is clean again; only that fact is
//! kept, as a 64-bit keyed hash (SipHash with a random key for each engine) of rules, location and
//! value. The table is of a fixed size and has no lock: an entry is one atomic word, and a newer
//! value replaces an older one.
//!
//! # What this does not protect from
//!
//! Two values with the same hash: a client cannot look for such a pair without the key, and
//! chance gives one in 2^64. A client that sends ever new values makes others pay the full
//! inspection again, and no more than that.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::input::{Aspect, Leaf, Place};
use crate::rule::RuleMask;

/// How many values are remembered: 32 KiB.
const ENTRIES: usize = 4096;
/// Shorter values are looked at faster than looked up.
const VALUE_BYTES_MIN: usize = 8;
/// Longer ones are hardly the same twice.
const VALUE_BYTES_MAX: usize = 512;

/// Hashes of values that held nothing.
pub(super) struct Memo {
    key: RandomState,
    entries: Box<[AtomicU64]>,
}

impl Memo {
    pub(super) fn new() -> Self {
        Self { key: RandomState::new(), entries: (0..ENTRIES).map(|_| AtomicU64::new(0)).collect() }
    }

    /// The hash by which a leaf is remembered; none for leaves that are not.
    pub(super) fn hash(&self, leaf: &Leaf<'_>, active: &RuleMask) -> Option<u64> {
        let is_header = leaf.place == Place::Header && matches!(leaf.aspect, Aspect::Value);
        if !is_header || !(VALUE_BYTES_MIN..=VALUE_BYTES_MAX).contains(&leaf.value.len()) {
            return None;
        }
        let mut hasher = self.key.build_hasher();
        hasher.write_u64(active.fold());
        hasher.write_usize(leaf.name.len());
        hasher.write(leaf.name);
        hasher.write(leaf.value);
        // Zero is the mark of an empty entry.
        Some(hasher.finish().max(1))
    }

    pub(super) fn knows(&self, hash: u64) -> bool {
        self.entries[hash as usize % ENTRIES].load(Ordering::Relaxed) == hash
    }

    pub(super) fn remember(&self, hash: u64) {
        self.entries[hash as usize % ENTRIES].store(hash, Ordering::Relaxed);
    }
}
