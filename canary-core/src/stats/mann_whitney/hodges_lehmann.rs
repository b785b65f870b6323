//! The k-th smallest of all m·n differences, without making them.
//!
//! How many differences are at most d is counted in one walk over both sorted arms. The counts at
//! a few d's, found by interpolation, close in on the one that is sought until few enough
//! differences are left to list. Every count ever made helps to find the next order statistic.

use std::cell::RefCell;

use crate::data::Arms;
use crate::number::sort::{from_key, to_key};
use crate::stats::ranks::Runs;

/// Up to this many differences are listed and sorted.
const FEW: u64 = 4096;

/// All differences canary - baseline of two arms.
pub(super) struct Differences<'a> {
    arms: Arms<&'a Runs>,
    /// Counted so far: (d, how many differences are at most d), ascending.
    counted: RefCell<Vec<(f64, u64)>>,
}

impl<'a> Differences<'a> {
    pub(super) fn of(arms: Arms<&'a Runs>) -> Self {
        let Arms { baseline, canary } = arms;
        let ends = |runs: &Runs| {
            let first = runs.values.first().copied().unwrap_or(f64::NAN);
            (first, runs.values.last().copied().unwrap_or(f64::NAN))
        };
        let ((b_low, b_high), (c_low, c_high)) = (ends(baseline), ends(canary));
        let below_all = (c_low - b_high).next_down();
        let total = baseline.total() * canary.total();
        let counted = RefCell::new(vec![(below_all, 0), (c_high - b_low, total)]);
        Self { arms, counted }
    }

    pub(super) fn total(&self) -> u64 {
        self.arms.baseline.total() * self.arms.canary.total()
    }

    /// The median: the middle difference, or the mean of the two middle ones.
    pub(super) fn median(&self) -> f64 {
        let total = self.total();
        let high = self.kth(total / 2 + 1);
        if total % 2 == 1 {
            return high;
        }
        let low = self.kth(total / 2);
        if low == high {
            low
        } else {
            0.5 * low + 0.5 * high
        }
    }

    /// The k-th smallest difference, k from 1 to m·n.
    pub(super) fn kth(&self, k: u64) -> f64 {
        let mut bisect = false;
        let mut inside_before = u64::MAX;
        loop {
            let ((low, count_low), (high, count_high)) = self.bracket(k);
            let inside = count_high - count_low;
            if inside <= FEW {
                return self.list(low, high, k - count_low);
            }
            if to_key(high) - to_key(low) <= 1 {
                return high;
            }
            let share = (k - count_low) as f64 / inside as f64;
            let guess = if bisect {
                0.5 * low + 0.5 * high
            } else {
                low + share * (high - low)
            };
            // Interpolation stalls where the differences are bunched: then halve the interval, of
            // values first, and of floating-point numbers where that does not help either.
            let stalled = inside > inside_before / 2;
            let d = if guess > low && guess < high && !(stalled && bisect) {
                guess
            } else {
                from_key(to_key(low) + (to_key(high) - to_key(low)) / 2)
            };
            bisect = stalled && !bisect;
            inside_before = inside;
            self.count(d);
        }
    }

    /// The nearest counted d's on either side of the k-th difference.
    fn bracket(&self, k: u64) -> ((f64, u64), (f64, u64)) {
        let counted = self.counted.borrow();
        let at = counted.partition_point(|&(_, count)| count < k);
        let low = at.checked_sub(1).and_then(|below| counted.get(below));
        let high = counted.get(at);
        let nothing = (f64::NAN, k);
        (
            low.copied().unwrap_or(nothing),
            high.copied().unwrap_or(nothing),
        )
    }

    /// Counts the differences that are at most d: as the canary's value grows, so does the
    /// smallest baseline value that is near enough to it.
    fn count(&self, d: f64) {
        let Arms { baseline, canary } = self.arms;
        let (mut i, mut j) = (0, 0);
        let mut count = 0;
        let size = |at: usize| match (canary.before.get(at), canary.before.get(at + 1)) {
            (Some(before), Some(after)) => after - before,
            _ => 0,
        };
        while let (Some(c), Some(b), Some(below)) = (
            canary.values.get(i),
            baseline.values.get(j),
            baseline.before.get(j),
        ) {
            let near = c - b <= d;
            count += if near {
                size(i) * (baseline.total() - below)
            } else {
                0
            };
            i += usize::from(near);
            j += usize::from(!near);
        }
        let mut counted = self.counted.borrow_mut();
        let at = counted.partition_point(|&(other, _)| other < d);
        counted.insert(at, (d, count));
    }

    /// The rank-th smallest of the few differences in (low, high].
    fn list(&self, low: f64, high: f64, rank: u64) -> f64 {
        let Arms { baseline, canary } = self.arms;
        let mut differences = Vec::new();
        let mut start = 0;
        for (c, sizes) in canary.values.iter().zip(canary.before.windows(2)) {
            let rest = baseline.values.get(start..).unwrap_or_default();
            start += rest.iter().take_while(|&b| c - b > high).count();
            let near = baseline
                .values
                .iter()
                .zip(baseline.before.windows(2))
                .skip(start);
            for (b, others) in near.take_while(|(b, _)| c - *b > low) {
                let size = |pair: &[u64]| pair.last().zip(pair.first()).map_or(0, |(a, b)| a - b);
                differences.push((c - b, size(sizes) * size(others)));
            }
        }
        differences.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
        let mut seen = 0;
        let mut found = differences.iter().find(|(_, size)| {
            seen += size;
            seen >= rank
        });
        found.take().map_or(high, |&(difference, _)| difference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(baseline: &[f64], canary: &[f64]) {
        let sort = |values: &[f64]| crate::number::sort::sorted(values);
        let runs = Arms::new(sort(baseline), sort(canary)).map(|values| Runs::of(&values));
        let differences = Differences::of(runs.as_ref());
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
}
