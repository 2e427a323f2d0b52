//! What recording a benign request costs where neither `otel` nor `metrics` is compiled in.

use std::hint::black_box;

use tower_rasp::{Action, Rasp};

#[path = "../../support/requests.rs"]
#[allow(dead_code, reason = "only the browser's request is used here")]
mod requests;
#[path = "../../support/sides.rs"]
mod sides;

use sides::{Side, compare, time};

const ROUNDS: usize = 1_601;
const CALLS: u32 = 250;

fn main() {
    let rasp = Rasp::builder().build().expect("the built-in rules");
    let request = requests::browser("/search?q=red+shoes&page=2");
    let recorded = || assert_eq!(rasp.inspect(black_box(&request)).action, Action::Pass);
    let unrecorded = || assert_eq!(rasp.inspect_unrecorded(black_box(&request)).action, Action::Pass);
    let sides = vec![
        Side::new("not recorded", || time(CALLS, unrecorded)),
        Side::new("recorded, without the features", || time(CALLS, recorded)).within(30.0),
    ];
    compare("a browser's GET, no features", ROUNDS, sides, || ());
}
