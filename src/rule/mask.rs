//! A set of rules by their index, as bits.

/// How many rules one engine can have.
pub const RULES_MAX: usize = 256;

/// Which rules of a set: one bit a rule, of a fixed size, so that none is ever allocated.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct RuleMask {
    words: [u64; RULES_MAX / 64],
}

impl RuleMask {
    /// The empty mask.
    pub const NONE: Self = Self { words: [0; RULES_MAX / 64] };

    /// The first `rules` rules.
    #[must_use]
    pub fn first(rules: usize) -> Self {
        let mut mask = Self::NONE;
        (0..rules).for_each(|rule| mask.insert(rule));
        mask
    }

    /// Adds a rule.
    pub fn insert(&mut self, rule: usize) {
        if let Some(word) = self.words.get_mut(rule / 64) {
            *word |= 1 << (rule % 64);
        }
    }

    /// Whether the rule is in the mask.
    #[must_use]
    pub fn contains(&self, rule: usize) -> bool {
        self.words.get(rule / 64).is_some_and(|word| word >> (rule % 64) & 1 == 1)
    }

    /// Whether no rule is in the mask.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// The rules of either.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        self.extend(other);
        self
    }

    /// Adds every rule of `other`.
    #[inline]
    pub fn extend(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// This mask less the rules of `other`.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
        self
    }

    /// The mask as one number: that of another mask is another, but for one chance in 2^64.
    #[must_use]
    #[inline]
    pub fn fold(&self) -> u64 {
        // An odd multiplier (of the golden ratio) makes each word's place count.
        self.words.iter().fold(0, |sum: u64, word| (sum.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// The rules that are in both.
    #[must_use]
    #[inline]
    pub fn shared(mut self, other: &Self) -> Self {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
        self
    }

    /// The rules, in rising order.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = usize> {
        self.words.into_iter().enumerate().flat_map(|(index, mut word)| {
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let bit = word.trailing_zeros() as usize;
                    word &= word - 1;
                    index * 64 + bit
                })
            })
        })
    }
}
