//! Shares with their 95 % intervals.

use std::ops::AddAssign;

use tower_rasp::Action;

/// Of how many records how many were acted on.
#[derive(Clone, Copy, Default)]
pub struct Rate {
    pub records: u64,
    /// Blocked, or only alerted.
    pub alerted: u64,
    pub blocked: u64,
}

impl Rate {
    pub fn add(&mut self, action: Action) {
        self.records += 1;
        self.alerted += u64::from(action >= Action::Alert);
        self.blocked += u64::from(action == Action::Block);
    }
}

impl AddAssign for Rate {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.alerted += other.alerted;
        self.blocked += other.blocked;
    }
}

/// A share in percent.
pub fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

/// The 95 % interval of a share, in percent (E. B. Wilson 1927): honest for few records and for
/// shares near 0 and 100, where the usual one is not.
pub fn wilson(part: u64, whole: u64) -> (f64, f64) {
    if whole == 0 {
        return (0.0, 100.0);
    }
    // The normal quantile for 95 %, both sides.
    const Z: f64 = 1.959_963_984_540_054;
    let (share, count) = (part as f64 / whole as f64, whole as f64);
    let spread = Z * Z / count;
    let centre = (share + spread / 2.0) / (1.0 + spread);
    let reach = Z / (1.0 + spread) * (share * (1.0 - share) / count + spread / (4.0 * count)).sqrt();
    (100.0 * (centre - reach).max(0.0), 100.0 * (centre + reach).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::wilson;

    #[test]
    fn intervals_are_those_of_the_textbook() {
        for (part, whole, low, high) in [
            (0, 10, 0.0, 27.75),
            (10, 10, 72.25, 100.0),
            (5, 10, 23.66, 76.34),
            (81, 263, 25.53, 36.62),
            (1, 1, 20.65, 100.0),
        ] {
            let (own_low, own_high) = wilson(part, whole);
            assert!(
                (own_low - low).abs() < 0.01 && (own_high - high).abs() < 0.01,
                "{part}/{whole}: {own_low} {own_high}"
            );
        }
    }
}
