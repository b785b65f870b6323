//! Levels that do not vary at all: three replicas of either arm, at every look.

use serde::{Deserialize, Serialize};

use super::monitors::Manner;
use crate::data::Arms;
use crate::options::Measure;

/// From so many pairs on a change that never varied is taken for what it is; so many points one look needs, too.
const ENOUGH: u64 = 8;
/// By how much numbers may differ in their last digits and be the same.
const ROUNDING: f64 = 1e-12;

/// The change of paired values as long as it has always been the same. What varies is left to monitors, which
/// can say nothing without any noise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Still {
    measure: Measure,
    /// Whether all there is comes at once, so that values count and not looks.
    at_once: bool,
    first: Option<Arms<f64>>,
    pairs: u64,
    has_varied: bool,
}

impl Still {
    pub(super) const fn new(measure: Measure, manner: Manner) -> Self {
        Self {
            measure,
            at_once: matches!(manner, Manner::AllAtOnce(_)),
            first: None,
            pairs: 0,
            has_varied: false,
        }
    }

    pub(super) fn update(&mut self, pair: Arms<f64>) {
        self.update_of_values(pair, 1);
    }

    /// Takes a look with so many values on either arm, all of them the same.
    pub(super) fn update_of_values(&mut self, pair: Arms<f64>, values: u64) {
        let times = if self.at_once { values } else { 1 };
        let first = *self.first.get_or_insert(pair);
        self.has_varied |= !is_same_change(self.measure, first, pair);
        self.pairs = self.pairs.saturating_add(times);
    }

    /// Takes note of values that differ.
    pub(super) const fn vary(&mut self) {
        self.has_varied = true;
    }

    /// The change, where it is known exactly.
    pub(super) fn change(&self) -> Option<f64> {
        self.so_far().filter(|_| self.pairs >= ENOUGH)
    }

    /// The change, where it has not varied yet.
    pub(super) fn so_far(&self) -> Option<f64> {
        let first = self.first.filter(|_| !self.has_varied)?;
        Some(change(self.measure, first))
    }
}

/// The change of a pair. Nothing against nothing is no change.
fn change(measure: Measure, pair: Arms<f64>) -> f64 {
    match measure {
        Measure::Difference => pair.canary - pair.baseline,
        _ if pair.canary == pair.baseline => 1.0,
        _ => pair.canary / pair.baseline,
    }
}

/// Whether two pairs differ (or are to each other) alike, but for their last digits.
fn is_same_change(measure: Measure, a: Arms<f64>, b: Arms<f64>) -> bool {
    let (left, right) = (change(measure, a), change(measure, b));
    let scale = match measure {
        Measure::Difference => {
            a.canary.abs() + a.baseline.abs() + b.canary.abs() + b.baseline.abs()
        }
        _ => left.abs() + right.abs(),
    };
    left == right || (left - right).abs() <= ROUNDING * scale.min(f64::MAX)
}

/// Whether a change that is known exactly is more than a limit, but for its last digits.
pub(super) fn is_more(change: f64, limit: f64) -> bool {
    change - limit > ROUNDING * (change.abs() + limit.abs()).min(f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(measure: Measure, pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
        let mut still = Still::new(measure, Manner::LookByLook);
        for (baseline, canary) in pairs {
            still.update(Arms::new(baseline, canary));
        }
        still.change()
    }

    #[test]
    fn a_change_is_known_when_it_never_varied() {
        let same = |n: usize| vec![(3.0, 4.0); n];
        assert_eq!(change(Measure::Difference, same(7)), None);
        assert_eq!(change(Measure::Difference, same(8)), Some(1.0));
        assert_eq!(change(Measure::Ratio, same(8)), Some(4.0 / 3.0));
        // Both were scaled up alike.
        let doubled = same(8).into_iter().chain([(6.0, 8.0)]);
        assert_eq!(change(Measure::Ratio, doubled.clone()), Some(4.0 / 3.0));
        assert_eq!(change(Measure::Difference, doubled), None);
        let last_digits = same(7).into_iter().chain([(30.0 * 0.1, 4.0 + 1e-15)]);
        assert_eq!(change(Measure::Difference, last_digits), Some(1.0));
        assert_eq!(change(Measure::Ratio, vec![(0.0, 0.0); 9]), Some(1.0));
        assert_eq!(
            change(Measure::Ratio, vec![(0.0, 3.0); 9]),
            Some(f64::INFINITY)
        );
        let some_errors = vec![(0.0, 0.0); 9].into_iter().chain([(0.0, 1.0)]);
        assert_eq!(change(Measure::Ratio, some_errors), None);
        assert_eq!(change(Measure::Difference, vec![(0.0, 0.0); 9]), Some(0.0));
    }

    #[test]
    fn the_last_digits_are_no_more() {
        assert!(!is_more(0.1 + 0.2, 0.3));
        assert!(is_more(0.31, 0.3));
        assert!(!is_more(1.0, f64::INFINITY));
        assert!(is_more(f64::INFINITY, 1.2));
    }
}
