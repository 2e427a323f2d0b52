//! The time that one evaluation takes: CPU time of this thread, so that a busy machine does not
//! count.

/// How often each request is evaluated; odd, so that the median is one of them.
const EVALUATIONS: usize = 7;

/// The answer of `evaluate`, and the median of its time in nanoseconds.
pub fn median<T>(mut evaluate: impl FnMut() -> T) -> (T, u64) {
    let mut times = [0; EVALUATIONS];
    let mut timed = |time: &mut u64| {
        let start = now();
        let answer = evaluate();
        *time = now().saturating_sub(start);
        answer
    };
    let [first, others @ ..] = &mut times;
    let answer = timed(first);
    for time in others {
        timed(time);
    }
    times.sort_unstable();
    (answer, times[EVALUATIONS / 2])
}

/// Nanoseconds of CPU time that this thread has used.
#[cfg(unix)]
fn now() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let part = |number: i64| u64::try_from(number).unwrap_or(0);
    part(time.tv_sec) * 1_000_000_000 + part(time.tv_nsec)
}

/// Nanoseconds of a steady clock, where there is no safe way to ask for a thread's own.
#[cfg(not(unix))]
fn now() -> u64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
