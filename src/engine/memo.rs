//! Which headers were looked at before and held nothing.
//!
//! Browsers send the same dozen headers with every request, and many clients ask for the same paths. What is found in a
//! header is a function of its name, its value and the rules that run, so a header that was clean once is clean again, all
//! of its leaves; only that fact is kept, as a tag of 64 bits, and never the value. The table is of
//! a fixed size and has no lock: an entry is one atomic word, and a newer tag replaces an older one.
//!
//! # Why no client can make two headers share a tag
//!
//! The tag is a universal hash under keys that are drawn for each engine: NH (Black et al., UMAC,
//! 1999) over blocks of two words, then a multilinear hash of its 128 bits. For any two headers
//! that differ, whoever chose them, at most two in 2^64 keys give both the same tag. That is proved
//! and rests on no belief about mixing, but holds only as long as nothing of the keys is told. So
//! the slot of a tag is made without them: by timing, a client learns which headers share a slot,
//! and nothing about a tag but that it differs.
//!
//! # What this does not protect from
//!
//! A client that sends ever new headers, or ones made for the slots of others, makes those pay the
//! full inspection again, and no more than that.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::input::Header;

/// How many headers are remembered: 32 KiB.
const ENTRIES: usize = 4096;
/// Longer names are rare.
const NAME_BYTES_MAX: usize = 64;
/// Longer values are hardly the same twice.
const VALUE_BYTES_MAX: usize = 2048;
/// Bytes that are hashed in one step: two words.
const BLOCK: usize = 16;

/// Tags of headers that held nothing.
pub(super) struct Memo {
    keys: Box<Keys>,
    entries: Box<[AtomicU64]>,
}

/// Random words, two for each block that a header can have.
struct Keys {
    lengths: [u64; 2],
    name: [[u64; 2]; NAME_BYTES_MAX / BLOCK],
    value: [[u64; 2]; VALUE_BYTES_MAX / BLOCK],
    last: [u128; 3],
}

/// What a header is remembered by, and where.
#[derive(Clone, Copy)]
pub(super) struct Tag {
    slot: usize,
    tag: u64,
}

impl Memo {
    pub(super) fn new() -> Self {
        // SipHash under a key from the system makes as many words as are needed.
        let source = RandomState::new();
        let mut count = 0_u64;
        let mut word = || {
            count += 1;
            source.hash_one(count)
        };
        let mut keys = Box::new(Keys {
            lengths: [word(), word()],
            name: [[0; 2]; NAME_BYTES_MAX / BLOCK],
            value: [[0; 2]; VALUE_BYTES_MAX / BLOCK],
            last: [(); 3].map(|()| u128::from(word()) << 64 | u128::from(word())),
        });
        keys.name.as_flattened_mut().fill_with(&mut word);
        keys.value.as_flattened_mut().fill_with(word);
        Self { keys, entries: (0..ENTRIES).map(|_| AtomicU64::new(0)).collect() }
    }

    /// The tag of a header under the rules of this number; none for those that are not remembered.
    pub(super) fn tag(&self, rules: u64, header: &Header<'_>) -> Option<Tag> {
        let Header { name, value } = *header;
        if name.len() > NAME_BYTES_MAX || value.len() > VALUE_BYTES_MAX {
            return None;
        }
        let mut hash = Hash { sum: 0, mix: 0 };
        // With the lengths in it, no other header reads as the same blocks.
        hash.block([rules, (name.len() as u64) << 32 | value.len() as u64], self.keys.lengths);
        hash.bytes(name, &self.keys.name);
        hash.bytes(value, &self.keys.value);
        let tag = hash.finish(&self.keys.last);
        // Zero is the mark of an empty entry.
        (tag.tag != 0).then_some(tag)
    }

    pub(super) fn knows(&self, tag: Tag) -> bool {
        self.entries[tag.slot % ENTRIES].load(Ordering::Relaxed) == tag.tag
    }

    pub(super) fn remember(&self, tag: Tag) {
        self.entries[tag.slot % ENTRIES].store(tag.tag, Ordering::Relaxed);
    }
}

struct Hash {
    /// NH of the blocks so far: secret.
    sum: u128,
    /// What chooses the slot: known to everybody.
    mix: u64,
}

impl Hash {
    #[inline]
    fn block(&mut self, [one, other]: [u64; 2], [key, other_key]: [u64; 2]) {
        let product = u128::from(one.wrapping_add(key)) * u128::from(other.wrapping_add(other_key));
        self.sum = self.sum.wrapping_add(product);
        self.mix = self.mix.rotate_left(9) ^ one ^ other.rotate_left(32);
    }

    /// Block by block; the last one is filled up with the bytes before it, or with zeros.
    #[inline]
    fn bytes(&mut self, bytes: &[u8], keys: &[[u64; 2]]) {
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        for (block, key) in blocks.iter().zip(keys) {
            self.block(words(block), *key);
        }
        if let (false, Some(key)) = (rest.is_empty(), keys.get(blocks.len())) {
            self.block(last_words(bytes, rest), *key);
        }
    }

    #[inline]
    fn finish(self, last: &[u128; 3]) -> Tag {
        let (low, high) = (self.sum & u128::from(u64::MAX), self.sum >> 64);
        let sum = last[0].wrapping_add(low.wrapping_mul(last[1])).wrapping_add(high.wrapping_mul(last[2]));
        // The golden ratio spreads the mix.
        let slot = self.mix.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        Tag { slot: slot as usize, tag: (sum >> 64) as u64 }
    }
}

#[inline]
fn words(block: &[u8; BLOCK]) -> [u64; 2] {
    let block = u128::from_le_bytes(*block);
    [block as u64, (block >> 64) as u64]
}

#[inline]
fn last_words(bytes: &[u8], rest: &[u8]) -> [u64; 2] {
    if let Some(block) = bytes.last_chunk() {
        return words(block);
    }
    let half = |bytes: Option<&[u8; 8]>| bytes.map(|bytes| u64::from_le_bytes(*bytes));
    if let (Some(first), Some(last)) = (half(rest.first_chunk()), half(rest.last_chunk())) {
        return [first, last];
    }
    [rest.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)), 0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_change_of_rules_name_or_value_is_another_tag() {
        let memo = Memo::new();
        let tag = |rules, name: &[u8], value: &[u8]| {
            memo.tag(rules, &Header { name, value }).map(|tag| tag.tag).expect("short enough")
        };
        let mut seen = std::collections::HashSet::new();
        let bytes: Vec<u8> = (0..VALUE_BYTES_MAX).map(|index| (index % 251) as u8).collect();
        for length in (0..80).chain([500, 1000, VALUE_BYTES_MAX]) {
            assert!(seen.insert(tag(1, b"", &bytes[..length])), "value of {length} bytes");
            assert!(seen.insert(tag(2, b"", &bytes[..length])), "other rules, {length} bytes");
            assert!(seen.insert(tag(1, b"x", &bytes[..length])), "other name, {length} bytes");
            for index in 0..length {
                let mut changed = bytes[..length].to_vec();
                changed[index] ^= 0x80;
                assert!(seen.insert(tag(1, b"", &changed)), "byte {index} of {length}");
            }
        }
        for length in 2..=NAME_BYTES_MAX {
            assert!(seen.insert(tag(1, &bytes[..length], b"")), "name of {length} bytes");
        }
        assert!(seen.insert(tag(1, b"ab", b"c")) && seen.insert(tag(1, b"a", b"bc")), "where the name ends");
        assert!(seen.insert(tag(1, b"", b"\0\0")) && seen.insert(tag(1, b"", b"\0\0\0")), "zeros count");
    }

    #[test]
    fn what_is_too_long_is_not_remembered() {
        let memo = Memo::new();
        let long = [b'a'; VALUE_BYTES_MAX + 1];
        assert!(memo.tag(1, &Header { name: b"a", value: &long }).is_none());
        assert!(memo.tag(1, &Header { name: &long[..NAME_BYTES_MAX + 1], value: b"" }).is_none());
    }

    #[test]
    fn a_tag_is_known_once_it_is_remembered() {
        let memo = Memo::new();
        let [one, other] = [b"one".as_slice(), b"two"].map(|value| memo.tag(1, &Header { name: b"a", value }).unwrap());
        assert!(!memo.knows(one));
        memo.remember(one);
        assert!(memo.knows(one) && !memo.knows(other));
    }
}
