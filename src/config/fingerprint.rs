//! The version of a configuration: what was given, summed up.

/// One number for all text that was read: FNV-1a, which is the same on every machine and in every
/// version of Rust.
#[derive(Clone, Copy)]
pub(crate) struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    /// Goes on from the number of what was added before.
    pub(crate) const fn after(number: u64) -> Self {
        Self(number)
    }

    /// The number of one text.
    pub(crate) fn of(text: &str) -> u64 {
        let mut fingerprint = Self::default();
        fingerprint.add(text);
        fingerprint.value()
    }

    /// Adds one text and its end, which no UTF-8 can hold.
    pub(crate) fn add(&mut self, text: &str) {
        for byte in text.bytes().chain(std::iter::once(0xff)) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    pub(crate) const fn value(&self) -> u64 {
        self.0
    }
}
