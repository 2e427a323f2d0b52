//! Sets of bytes as one machine word: what a gate can decide with one look-up a byte.
//!
//! Every ASCII punctuation mark has a bit of its own; letters, digits and the parts of the
//! non-ASCII range share theirs. A set made [`of`](ByteSet::of) a letter therefore stands for
//! all letters: the gate may say yes too often, and never no too often.

/// A set of bytes, exact for ASCII punctuation and white space, by class for the rest.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ByteSet(u64);

/// The class of each byte, as a set with one member.
static CLASS: [u64; 256] = classes();

const LETTER: u32 = 40;
const DIGIT: u32 = 41;
const NUL: u32 = 42;
const CONTROL: u32 = 43;
const TAB: u32 = 44;
const LINE_FEED: u32 = 45;
const CARRIAGE_RETURN: u32 = 46;
const NON_ASCII: u32 = 47;

const fn class_of(byte: u8) -> u32 {
    match byte {
        0 => NUL,
        b'\t' => TAB,
        b'\n' => LINE_FEED,
        b'\r' => CARRIAGE_RETURN,
        1..=31 | 127 => CONTROL,
        b'A'..=b'Z' | b'a'..=b'z' => LETTER,
        b'0'..=b'9' => DIGIT,
        b' '..=b'/' => (byte - b' ') as u32,
        b':'..=b'@' => 16 + (byte - b':') as u32,
        b'['..=b'`' => 23 + (byte - b'[') as u32,
        b'{'..=b'~' => 29 + (byte - b'{') as u32,
        128..=255 => NON_ASCII,
    }
}

const fn classes() -> [u64; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = 1 << class_of(byte as u8);
        byte += 1;
    }
    table
}

impl ByteSet {
    /// The set without members.
    pub const EMPTY: Self = Self(0);
    /// Every byte.
    pub const ALL: Self = Self(u64::MAX);

    /// The set of these bytes (of their classes, for letters, digits, controls and non-ASCII).
    #[must_use]
    pub const fn of(bytes: &[u8]) -> Self {
        let mut set = 0;
        let mut index = 0;
        while index < bytes.len() {
            set |= 1 << class_of(bytes[index]);
            index += 1;
        }
        Self(set)
    }

    /// The bytes that are present in `value`: one look-up a byte.
    #[must_use]
    #[inline]
    pub fn present_in(value: &[u8]) -> Self {
        // Four independent chains, so that the loads overlap.
        let mut lanes = [0_u64; 4];
        let mut chunks = value.chunks_exact(4);
        for chunk in &mut chunks {
            for (lane, &byte) in lanes.iter_mut().zip(chunk) {
                *lane |= CLASS[usize::from(byte)];
            }
        }
        let rest = chunks.remainder().iter().fold(0, |set, &byte| set | CLASS[usize::from(byte)]);
        Self(lanes[0] | lanes[1] | lanes[2] | lanes[3] | rest)
    }

    /// Whether the two sets share a member.
    #[must_use]
    #[inline]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Members of either set.
    #[must_use]
    #[inline]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every member of `other` is one of this set.
    #[must_use]
    pub const fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The numbers of the classes of its members, each below [`CLASSES`](Self::CLASSES).
    #[inline]
    pub fn classes(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let class = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                class
            })
        })
    }

    /// The members of both sets.
    #[must_use]
    #[inline]
    pub const fn shared(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// How many classes there can be.
    pub const CLASSES: usize = 64;

    /// Whether the set has no member.
    #[must_use]
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl std::fmt::Debug for ByteSet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ByteSet({:#x})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_punctuation_mark_has_a_bit_of_its_own() {
        let marks: Vec<u8> = (b' '..=b'~').filter(|byte| !byte.is_ascii_alphanumeric()).collect();
        for &one in &marks {
            for &other in &marks {
                assert_eq!(ByteSet::of(&[one]).intersects(ByteSet::of(&[other])), one == other);
            }
        }
    }

    #[test]
    fn what_is_present_is_the_union_of_the_bytes() {
        for length in 0..20 {
            let value: Vec<u8> = (0..length).map(|index| index * 13 + 7).collect();
            assert_eq!(ByteSet::present_in(&value), ByteSet::of(&value));
        }
    }
}
