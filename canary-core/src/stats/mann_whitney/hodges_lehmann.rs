//! The k-th smallest of all m·n differences, without making them.
//!
//! How many differences are at most d is counted in one walk over both sorted arms. The arms'
//! quartiles, or a few values of each large arm, evenly spaced in rank, say about where the k-th
//! difference lies; counts on both sides of that close in on it until few enough differences are
//! left to list. Every count ever made helps to find the next order statistic.

use std::cell::{OnceCell, RefCell};

use crate::data::Arms;
use crate::number::parallel::both;
use crate::number::sort::{from_key, to_key};
use crate::stats::ranks::{Runs, near_pairs, staircase};

/// Arms with up to so many pairs are not thinned.
const SMALL: u64 = 1 << 14;

/// How far off, as a part of all differences, quartiles say where one of them lies.
const NEAR: f64 = 0.025;

/// All differences canary - baseline of two arms.
pub(super) struct Differences<'a> {
    arms: Arms<Runs<'a>>,
    /// Ascending, from below all differences to the greatest.
    counted: RefCell<Vec<Count>>,
    /// The differences of a few values of each arm.
    thinned: OnceCell<Box<Differences<'static>>>,
}

/// How many differences are at most d.
#[derive(Clone, Copy)]
struct Count {
    d: f64,
    differences: u64,
    /// The same where a run of equal values counts as one value.
    distinct: u64,
}

impl<'a> Differences<'a> {
    pub(super) fn of(arms: Arms<Runs<'a>>) -> Self {
        let ends = |runs: &Runs<'_>| {
            let first = runs.values.first().copied().unwrap_or(f64::NAN);
            (first, runs.values.last().copied().unwrap_or(f64::NAN))
        };
        let (b_low, b_high) = ends(&arms.baseline);
        let (c_low, c_high) = ends(&arms.canary);
        let least = c_low - b_high;
        let none = Count {
            // Where the least difference has overflowed, what is below it is a NaN by its key.
            d: if least == f64::NEG_INFINITY {
                from_key(to_key(least) - 1)
            } else {
                least.next_down()
            },
            differences: 0,
            distinct: 0,
        };
        let all = Count {
            d: c_high - b_low,
            differences: arms.baseline.total() * arms.canary.total(),
            distinct: arms.baseline.values.len() as u64 * arms.canary.values.len() as u64,
        };
        Self {
            counted: RefCell::new(vec![none, all]),
            thinned: OnceCell::new(),
            arms,
        }
    }

    pub(super) fn total(&self) -> u64 {
        self.arms.baseline.total() * self.arms.canary.total()
    }

    /// The median: the middle difference, or the mean of the two middle ones.
    pub(super) fn median(&self) -> f64 {
        let total = self.total();
        if total % 2 == 1 {
            return self.kth(total / 2 + 1);
        }
        let (low, next) = self.kth_and_next(total / 2);
        let high = next.unwrap_or_else(|| self.kth(total / 2 + 1));
        if low == high {
            low
        } else {
            0.5 * low + 0.5 * high
        }
    }

    /// The k-th smallest difference, k from 1 to m·n.
    pub(super) fn kth(&self, k: u64) -> f64 {
        self.kth_and_next(k).0
    }

    /// The k-th smallest difference, and the one after it where it came to light as well.
    fn kth_and_next(&self, k: u64) -> (f64, Option<f64>) {
        let k = k.clamp(1, self.total());
        let (low, high) = self.close_in(k);
        if is_one_number(low.d, high.d) {
            return (high.d, (k < high.differences).then_some(high.d));
        }
        self.list(low, high, k - low.differences)
    }

    /// A bracket around the k-th difference with few others in it, or one of neighbouring numbers.
    fn close_in(&self, k: u64) -> (Count, Count) {
        self.start(k);
        loop {
            let (low, high) = self.bracket(k);
            let inside = high.distinct - low.distinct;
            if inside <= self.few() || is_one_number(low.d, high.d) {
                return (low, high);
            }
            let [low_rank, high_rank] = self.around(k, high.differences - low.differences);
            self.count_both(self.at_rank(low_rank), self.at_rank(high_rank));
            let (low, high) = self.bracket(k);
            if high.distinct - low.distinct > inside / 2 {
                // Interpolation stalls where differences are bunched: halve the distance, and the
                // numbers between, of which most may lie near zero.
                let halfway = 0.5 * low.d + 0.5 * high.d;
                let middle = from_key(to_key(low.d) + (to_key(high.d) - to_key(low.d)) / 2);
                let is_between = halfway > low.d && halfway < high.d;
                self.count_both(is_between.then_some(halfway), Some(middle));
            }
        }
    }

    /// How many differences cost less to list than to count all once more. With ties, a single value
    /// may be the difference of as many runs as the smaller arm has: no fewer are ever left.
    fn few(&self) -> u64 {
        let Arms { baseline, canary } = self.arms.as_ref().map(|runs| runs.values.len() as u64);
        64 + (baseline + canary) / if self.is_distinct() { 16 } else { 2 }
    }

    const fn is_distinct(&self) -> bool {
        self.arms.baseline.is_distinct() && self.arms.canary.is_distinct()
    }

    /// Ranks on both sides of k, about as far off as interpolation among `inside` differences errs:
    /// by their share of all, for the bend of the distribution, and by the root, for its noise.
    fn around(&self, k: u64, inside: u64) -> [u64; 2] {
        let share = inside as f64 / self.total() as f64;
        let bend = inside as f64 * share.min(0.25);
        let off = (bend + 0.5 * (inside as f64).sqrt()) as u64 + self.few() / 10;
        [k.saturating_sub(off), k.saturating_add(off)]
    }

    /// Counts on both sides of where the k-th difference is expected.
    fn start(&self, k: u64) {
        if self.total() > SMALL {
            self.start_by_thinned(k);
        } else {
            self.start_by_quartiles(k);
        }
    }

    /// Near where differences with these quartiles would have it if they were logistic, which at the
    /// middle, where it is mostly asked for, hardly matters.
    fn start_by_quartiles(&self, k: u64) {
        let (low, high) = self.bracket(k);
        if high.distinct - low.distinct <= 8 * self.few() {
            return;
        }
        let [below, middle, above] = [1, 2, 3].map(|quarters| {
            let at = |runs: &Runs<'_>| runs.values.get(quarters * runs.values.len() / 4).copied();
            self.arms.as_ref().map(|runs| at(runs).unwrap_or(f64::NAN))
        });
        let range = above.zip(below).map(|(above, below)| above - below);
        // From the middle to a quartile, where the logit is ln 3.
        let scale = 0.5 * range.baseline.hypot(range.canary) / 3.0_f64.ln();
        let centre = middle.canary - middle.baseline;
        let rank = k as f64 / self.total() as f64;
        let near = |rank: f64| {
            let rank = rank.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
            let d = centre + scale * (rank / (1.0 - rank)).ln();
            (d > low.d && d < high.d).then_some(d)
        };
        self.count_both(near(rank - NEAR), near(rank + NEAR));
    }

    /// Near where a few values of each arm have it.
    fn start_by_thinned(&self, k: u64) {
        let thin = |runs: &Runs<'_>| runs.thinned((runs.total() / 24).clamp(48, 1024));
        let thinned = self
            .thinned
            .get_or_init(|| Box::new(Differences::of(self.arms.as_ref().map(thin))));
        let (total, all) = (thinned.total() as f64, self.total() as f64);
        let rank = k as f64 / all * total;
        let off = total.sqrt() / 16.0 + 1.0;
        let near = |rank: f64| Some(thinned.kth(rank.round().clamp(1.0, total) as u64));
        self.count_both(near(rank - off), near(rank + off));
    }

    /// Where interpolation between the counts so far expects a rank, if that is anywhere new.
    fn at_rank(&self, rank: u64) -> Option<f64> {
        if !(1..=self.total()).contains(&rank) {
            return None;
        }
        let (low, high) = self.bracket(rank);
        let share = (rank - low.differences) as f64 / (high.differences - low.differences) as f64;
        let d = low.d * (1.0 - share) + high.d * share;
        (d > low.d && d < high.d).then_some(d)
    }

    /// The nearest counts on either side of the k-th difference.
    fn bracket(&self, k: u64) -> (Count, Count) {
        let counted = self.counted.borrow();
        let at = counted.partition_point(|count| count.differences < k);
        let low = at.checked_sub(1).and_then(|below| counted.get(below));
        let nothing = Count {
            d: f64::NAN,
            differences: k,
            distinct: 0,
        };
        (
            low.copied().unwrap_or(nothing),
            counted.get(at).copied().unwrap_or(nothing),
        )
    }

    /// Counts the differences that are at most each d, at the same time where there are many.
    fn count_both(&self, first: Option<f64>, second: Option<f64>) {
        let Arms { baseline, canary } = &self.arms;
        // Every zero is positive, so that keys order counts as numbers do.
        let count = |d: Option<f64>| move || d.map(|d| at_most(d + 0.0, baseline, canary));
        let size = baseline.values.len().min(canary.values.len());
        let counts = both(size, count(first), count(second));
        let mut counted = self.counted.borrow_mut();
        for count in [counts.0, counts.1].into_iter().flatten() {
            let at = counted.partition_point(|other| to_key(other.d) < to_key(count.d));
            if counted.get(at).is_none_or(|other| other.d != count.d) {
                counted.insert(at, count);
            }
        }
    }

    /// The rank-th smallest of the few differences in (low, high], and the next of them.
    fn list(&self, low: Count, high: Count, rank: u64) -> (f64, Option<f64>) {
        let mut found = Vec::with_capacity((high.distinct - low.distinct) as usize);
        let (low, high) = (low.d, high.d);
        let Arms { baseline, canary } = &self.arms;
        // By their keys in one comparison, whose outcome is no guess: hardly a step has any.
        let (above, width) = (to_key(low) + 1, to_key(high) - to_key(low));
        let is_here = |c: f64, b: f64| to_key(c - b).wrapping_sub(above) < width;
        let is_near = |c: f64, b: f64| c - b <= high;
        near_pairs(
            &baseline.values,
            &canary.values,
            is_near,
            |(i, c), (j, b)| {
                if is_here(c, b) {
                    let columns = baseline.values.get(j..).unwrap_or_default();
                    let here = columns.iter().take_while(|&&b| is_here(c, b));
                    let size = canary.size(i);
                    found.extend(
                        here.zip(j..)
                            .map(|(b, j)| (to_key(c - b), size * baseline.size(j))),
                    );
                }
            },
        );
        if self.is_distinct() {
            let index = (rank as usize).saturating_sub(1);
            if index >= found.len() {
                return (high, None);
            }
            let (_, &mut (kth, _), after) = found.select_nth_unstable(index);
            let next = after.iter().min();
            return (from_key(kth), next.map(|&(key, _)| from_key(key)));
        }
        found.sort_unstable();
        let mut seen = 0;
        let at = found.iter().position(|(_, size)| {
            seen += size;
            seen >= rank
        });
        let value = |at: usize| found.get(at).map(|&(key, _)| from_key(key));
        let Some((at, kth)) = at.and_then(|at| Some((at, value(at)?))) else {
            return (high, None);
        };
        (
            kth,
            if seen > rank {
                Some(kth)
            } else {
                value(at + 1)
            },
        )
    }
}

/// Whether there is a single number in (low, high].
fn is_one_number(low: f64, high: f64) -> bool {
    // The first by number, since there are two zeros; the second for the NaN below -∞.
    low.next_up() >= high || to_key(high) - to_key(low) <= 1
}

/// As the canary's value grows, so does the smallest baseline value that is near enough to it.
fn at_most(d: f64, baseline: &Runs<'_>, canary: &Runs<'_>) -> Count {
    let near = |c: f64, b: f64| c - b <= d;
    if baseline.is_distinct() && canary.is_distinct() {
        let differences = near_pairs(&baseline.values, &canary.values, near, |_, _| {});
        return Count {
            d,
            differences,
            distinct: differences,
        };
    }
    let (mut differences, mut distinct) = (0, 0);
    let (columns, total) = (baseline.values.len(), baseline.total());
    staircase(&baseline.values, &canary.values, near, |i, j, near| {
        distinct += (columns - j) as u64 * u64::from(near);
        differences += canary.size(i) * (total - baseline.before(j)) * u64::from(near);
    });
    Count {
        d,
        differences,
        distinct,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(baseline: &[f64], canary: &[f64]) {
        let sort = |values: &[f64]| crate::number::sort::sorted(values);
        let runs = Arms::new(sort(baseline), sort(canary)).map(Runs::of_owned);
        let differences = Differences::of(runs);
        let mut all: Vec<f64> = canary
            .iter()
            .flat_map(|c| baseline.iter().map(move |b| c - b))
            .collect();
        all.sort_by(f64::total_cmp);
        let total = all.len();
        for k in [
            1,
            2,
            total / 7 + 1,
            total / 2,
            total / 2 + 1,
            total - total / 9,
            total,
        ] {
            if (1..=total).contains(&k) {
                assert_eq!(differences.kth(k as u64), all[k - 1], "k = {k} of {total}");
            }
        }
    }

    fn lattice(n: u64, modulus: u64, offset: f64, scale: f64) -> Vec<f64> {
        (0..n)
            .map(|i| offset + scale * (i * 7919 % modulus) as f64 / modulus as f64)
            .collect()
    }

    #[test]
    fn order_statistics_are_those_of_the_listed_differences() {
        check(&[1.0], &[5.0]);
        check(
            &lattice(300, 100_003, 0.0, 1.0),
            &lattice(400, 99_991, 0.3, 2.0),
        );
        check(&lattice(300, 7, 0.0, 7.0), &lattice(400, 5, 1.0, 5.0));
        check(&[2.0; 200], &[3.0; 300]);
        check(
            &lattice(250, 100_003, 1e9, 1.0),
            &lattice(250, 99_991, 1e9, 1.0),
        );
        check(
            &lattice(250, 100_003, -1e300, 2e300),
            &lattice(250, 99_991, -1e308, 1e308),
        );
        let spiky: Vec<f64> = (0..300)
            .map(|i| if i % 10 == 0 { 1e6 } else { f64::from(i) })
            .collect();
        check(&spiky, &lattice(300, 100_003, 0.0, 300.0));
        check(&[f64::MAX, -f64::MAX], &[f64::MAX; 3000]);
    }

    #[test]
    fn differences_that_overflow_have_their_order_too() {
        check(&[f64::MAX; 3], &[-f64::MAX, -f64::MAX, 1.0]);
        check(&[-f64::MAX, 0.0, f64::MAX], &[-f64::MAX, 0.0, f64::MAX]);
    }

    /// Many small arms of every kind that makes differences bunch up, each against all pairs.
    #[test]
    fn order_statistics_of_random_arms_are_those_of_the_listed_differences() {
        let mut state = 88_172_645_463_325_252_u64;
        let mut random = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 8) % below
        };
        for round in 0..300 {
            let mut arm = |size: u64| -> Vec<f64> {
                let scale = [1.0, 0.01, 1e-300, 1e300, 1e9][random(5) as usize];
                let offset = [0.0, 1e9, 0.1][random(3) as usize];
                let distinct = [2, 30, 1 << 40][random(3) as usize];
                let values = (0..size).map(|_| offset + scale * random(distinct) as f64 / 64.0);
                let mut values: Vec<_> = values.collect();
                if round % 3 == 0 {
                    values[0] = -1e12; // a spike
                }
                values
            };
            let sizes = if round % 10 == 0 {
                (300, 250)
            } else {
                (40, 17)
            };
            check(&arm(sizes.0), &arm(sizes.1));
        }
    }
}
