//! What happened between two pages, or since the service started where there is but one.

use std::collections::{BTreeMap, HashMap};

use super::page::{Page, Series};

/// More bounds than any histogram of ours has.
const BOUNDS_MAX: usize = 64;

/// What happened, in counts.
#[derive(Debug, Default)]
pub struct Rates {
    pub requests: f64,
    /// By what was done.
    pub actions: BTreeMap<String, f64>,
    /// What enforcing would have refused, and was not.
    pub let_through: f64,
    pub categories: Counts,
    pub rules: Counts,
    /// Requests that were refused or would have been, by route.
    pub routes: Counts,
    /// Uninspected parts, by cause.
    pub causes: Counts,
    /// Time spent inspecting, by phase.
    pub times: BTreeMap<String, Histogram>,
    /// What is now, by route and mode: the categories. Without a name, everywhere but on routes with a mode of their own.
    pub modes: BTreeMap<(String, String), Vec<String>>,
    pub engine_errors: f64,
    pub events_dropped: f64,
    pub memory_bytes: Option<(f64, f64)>,
    /// Series of ours on the page.
    pub series: usize,
    pub unreadable: usize,
    pub past_the_limit: usize,
}

/// Names with what happened since the last page, and since the start.
pub type Counts = BTreeMap<String, Count>;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    pub lately: f64,
    pub total: f64,
}

/// Counts at most as large as each bound.
#[derive(Debug, Default)]
pub struct Histogram(Vec<(f64, f64)>);

impl Histogram {
    fn add(&mut self, bound: f64, count: f64) {
        if let Some((_, sum)) = self.0.iter_mut().find(|(other, _)| *other == bound) {
            *sum += count;
        } else if self.0.len() < BOUNDS_MAX && !bound.is_nan() {
            self.0.push((bound, count));
        }
    }

    fn sort(&mut self) {
        self.0.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    }

    /// The value below which this share lies, by straight lines between the bounds, as Prometheus does it; none without
    /// samples.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let all = self.0.last().filter(|(bound, _)| bound.is_infinite())?.1;
        if all <= 0.0 {
            return None;
        }
        let rank = share * all;
        let (mut lower, mut below) = (0.0, 0.0);
        for &(bound, count) in &self.0 {
            if count >= rank {
                if bound.is_infinite() {
                    return Some(lower);
                }
                let within = if count > below { (rank - below) / (count - below) } else { 1.0 };
                return Some(lower + (bound - lower) * within);
            }
            (lower, below) = (bound, count.max(below));
        }
        None
    }
}

impl Rates {
    pub fn between(before: Option<&Page>, now: &Page) -> Self {
        let old: HashMap<_, f64> =
            before.iter().flat_map(|page| &page.series).map(|series| (series.key(), series.value)).collect();
        let since = |series: &Series| match old.get(&series.key()) {
            // A counter that fell began anew.
            Some(&value) if value <= series.value => finite(series.value - value),
            _ => finite(series.value),
        };
        let mut rates = Self {
            series: now.series.len(),
            unreadable: now.unreadable,
            past_the_limit: now.past_the_limit,
            ..Self::default()
        };
        rates.count_requests(now, &since);
        for (counts, name, label) in [
            (&mut rates.categories, "rasp_rule_matches_total", "security_rule_category"),
            (&mut rates.rules, "rasp_rule_matches_total", "security_rule_uuid"),
            (&mut rates.causes, "rasp_inspection_incomplete_total", "rasp_inspection_cause"),
        ] {
            for series in now.named(name) {
                add(counts, series.label(label), series, &since);
            }
        }
        for series in now.named("rasp_inspection_duration_seconds_bucket") {
            let Ok(bound) = series.label("le").parse::<f64>() else { continue };
            rates.times.entry(series.label("rasp_phase").to_owned()).or_default().add(bound, since(series));
        }
        rates.times.values_mut().for_each(Histogram::sort);
        rates.engine_errors = now.named("rasp_engine_errors_total").map(&since).sum();
        rates.events_dropped = now.named("rasp_events_dropped_total").map(&since).sum();
        rates.see_what_is(now);
        rates
    }

    fn count_requests(&mut self, now: &Page, since: &impl Fn(&Series) -> f64) {
        for series in now.named("rasp_requests_total") {
            let count = since(series);
            self.requests += count;
            let action = series.label("rasp_action");
            *self.actions.entry(action.to_owned()).or_default() += count;
            if series.label("rasp_verdict") == "block" {
                if action != "block" {
                    self.let_through += count;
                }
                add(&mut self.routes, series.label("http_route"), series, since);
            }
        }
    }

    fn see_what_is(&mut self, now: &Page) {
        for series in now.named("rasp_mode_effective").filter(|series| series.value == 1.0) {
            let place = (series.label("http_route").to_owned(), series.label("rasp_mode").to_owned());
            let categories = self.modes.entry(place).or_default();
            categories.push(series.label("security_rule_category").to_owned());
        }
        let gauge = |name| now.named(name).map(|series| series.value).reduce(f64::max);
        self.memory_bytes =
            gauge("rasp_inspection_memory_usage_bytes").zip(gauge("rasp_inspection_memory_limit_bytes"));
    }
}

fn add(counts: &mut Counts, name: &str, series: &Series, since: &impl Fn(&Series) -> f64) {
    let count = counts.entry(name.to_owned()).or_default();
    count.lately += since(series);
    count.total += finite(series.value);
}

/// A hostile page must not make sums of what is no number, or of numbers that fill a screen.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value.clamp(0.0, 1e12) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_grow_begin_anew_and_appear() {
        let before = Page::read(
            "rasp_requests_total{rasp_action=\"pass\"} 10\nrasp_requests_total{rasp_action=\"alert\"} 9\n\
             rasp_requests_total{rasp_action=\"throttle\"} NaN\n",
        );
        let now = Page::read(
            "rasp_requests_total{rasp_action=\"pass\"} 15\nrasp_requests_total{rasp_action=\"alert\"} 2\n\
             rasp_requests_total{rasp_action=\"block\",rasp_verdict=\"block\",http_route=\"/a\"} 3\n\
             rasp_requests_total{rasp_action=\"alert\",rasp_verdict=\"block\",http_route=\"/a\"} 4\n\
             rasp_requests_total{rasp_action=\"throttle\"} -Inf\n",
        );
        let rates = Rates::between(Some(&before), &now);
        assert_eq!((rates.requests, rates.let_through), (14.0, 4.0));
        assert_eq!((rates.actions["pass"], rates.actions["alert"], rates.actions["block"]), (5.0, 6.0, 3.0));
        assert_eq!(rates.routes["/a"], Count { lately: 7.0, total: 7.0 });
        let totals = Rates::between(None, &now);
        assert_eq!(totals.requests, 24.0);
    }

    #[test]
    fn quantiles_are_those_of_prometheus() {
        let page = |counts: [u32; 4]| {
            let lines = ["0.001", "0.01", "0.1", "+Inf"].iter().zip(counts);
            let text: String = lines
                .map(|(le, count)| {
                    format!("rasp_inspection_duration_seconds_bucket{{rasp_phase=\"head\",le=\"{le}\"}} {count}\n")
                })
                .collect();
            Page::read(&text)
        };
        let of = |page: &Page, share| {
            Rates::between(None, page).times["head"].quantile(share).map(|value| (value * 1e6).round())
        };
        assert_eq!(of(&page([50, 100, 100, 100]), 0.5), Some(1_000.0));
        assert_eq!(of(&page([50, 100, 100, 100]), 0.75), Some(5_500.0));
        assert_eq!(of(&page([0, 0, 0, 10]), 0.5), Some(100_000.0));
        assert_eq!(of(&page([0, 0, 0, 0]), 0.5), None);
        // Counts that fall are no histogram, and still end.
        assert!(of(&page([9, 3, 1, 5]), 0.5).is_some());
    }
}
