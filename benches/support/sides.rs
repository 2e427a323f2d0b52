//! Sides that are measured turn by turn in one process, and compared round by round with the first of them.

use std::time::Instant;

/// What noise of a busy machine does not reach.
const NOISE: f64 = 4.0;

/// One side: a name, and a round of it that answers with the nanoseconds of a call.
pub struct Side<'a> {
    name: &'static str,
    round: Box<dyn FnMut() -> f64 + 'a>,
    /// The nanoseconds that it may take more than the first.
    bound: Option<f64>,
}

impl<'a> Side<'a> {
    pub fn new(name: &'static str, round: impl FnMut() -> f64 + 'a) -> Self {
        Self { name, round: Box::new(round), bound: None }
    }

    /// The nanoseconds that it is to take more than the first side, at the most.
    #[allow(dead_code, reason = "not every bench has bounds")]
    pub fn within(self, nanoseconds: f64) -> Self {
        Self { bound: Some(nanoseconds), ..self }
    }
}

/// Prints the median of each side, the median of what its rounds took more than those of the first, and whether that is
/// within its bound. Panics where it is far from it.
pub fn compare(title: &str, rounds: usize, mut sides: Vec<Side<'_>>, mut between: impl FnMut()) {
    let mut took: Vec<Vec<f64>> = vec![Vec::new(); sides.len()];
    for round in 0..rounds {
        between();
        // What it left cold, the first side has not to warm; and of the others each has to in its turn alone.
        (sides[0].round)();
        took[0].push((sides[0].round)());
        let others = sides.len() - 1;
        for turn in 0..others {
            let side = 1 + (round + turn) % others;
            took[side].push((sides[side].round)());
        }
    }
    println!("{title:<40} {:>10} {:>10} {:>10}", "ns", "more", "bound");
    for (side, rounds) in sides.iter().zip(&took) {
        let more = median(rounds.iter().zip(&took[0]).map(|(round, base)| round - base).collect());
        let (bound, said) = match side.bound {
            Some(bound) => (format!("{bound:.0}"), if more <= bound { "met" } else { "MISSED" }),
            None => (String::new(), ""),
        };
        println!("{:<40} {:>10.0} {more:>10.0} {bound:>10} {said}", side.name, median(rounds.clone()));
        assert!(side.bound.is_none_or(|bound| more <= NOISE * bound), "{}: far past its bound", side.name);
    }
}

/// Nanoseconds of a call.
pub fn time(calls: u32, mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        call();
    }
    start.elapsed().as_nanos() as f64 / f64::from(calls)
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}
