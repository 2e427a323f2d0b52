//! A set of rules by their index, as bits.

/// Which rules of a set: one bit a rule.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct RuleMask {
    words: Vec<u64>,
}

impl RuleMask {
    /// The empty mask for a set of `rules` rules.
    #[must_use]
    pub fn none(rules: usize) -> Self {
        Self { words: vec![0; rules.div_ceil(64)] }
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
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// Adds every rule of `other`.
    pub fn extend(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Makes this mask a copy of `other`, keeping its memory.
    pub fn copy_from(&mut self, other: &Self) {
        self.words.clone_from(&other.words);
    }

    /// The rules that are in this mask and in both others, in rising order.
    pub fn shared<'a>(&'a self, second: &'a Self, third: &'a Self) -> impl Iterator<Item = usize> + 'a {
        let words = self.words.iter().zip(&second.words).zip(&third.words);
        words.enumerate().flat_map(|(index, ((one, two), three))| {
            let mut word = one & two & three;
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
