//! The k-th smallest of all m·n differences, without making them.
//!
//! How many differences are at most d is counted in one walk over both sorted arms. A few values of
//! each arm, evenly spaced in rank, say about where the k-th difference lies; counts on both sides
//! of that close in on it until few enough differences are left to list. Every count ever made
//! helps to find the next order statistic.

use std::cell::{OnceCell, RefCell};

use crate::data::Arms;
use crate::number::parallel::both;
use crate::number::sort::{from_key, to_key};
use crate::stats::ranks::Runs;

/// Each arm is thinned to so many values, and again while that is many fewer than it has.
const THINNING: u64 = 24;

/// All differences canary - baseline of two arms.
pub(super) struct Differences {
    arms: Arms<Runs>,
    /// Counted so far: (d, how many differences are at most d), ascending.
    counted: RefCell<Vec<(f64, u64)>>,
    /// The differences of a few values of each arm.
    thinned: OnceCell<Option<Box<Self>>>,
}

impl Differences {
    pub(super) fn of(arms: Arms<Runs>) -> Self {
        let ends = |runs: &Runs| {
            let first = runs.values.first().copied().unwrap_or(f64::NAN);
            (first, runs.values.last().copied().unwrap_or(f64::NAN))
        };
        let (b_low, b_high) = ends(&arms.baseline);
        let (c_low, c_high) = ends(&arms.canary);
        let total = arms.baseline.total() * arms.canary.total();
        let below_all = (c_low - b_high).next_down();
        Self {
            counted: RefCell::new(vec![(below_all, 0), (c_high - b_low, total)]),
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
        let k = k.clamp(1, self.total());
        self.start(k);
        loop {
            let ((low, count_low), (high, count_high)) = self.bracket(k);
            let inside = count_high - count_low;
            if inside <= self.few() {
                return self.list(low, high, k - count_low);
            }
            if low.next_up() >= high {
                return high;
            }
            let [low_rank, high_rank] = self.around(k, inside);
            self.count_both(self.at_rank(low_rank), self.at_rank(high_rank));
            let ((low, count_low), (high, count_high)) = self.bracket(k);
            if count_high - count_low > inside / 2 {
                // Interpolation stalls where differences are bunched: halve the numbers between.
                let middle = from_key(to_key(low) + (to_key(high) - to_key(low)) / 2);
                self.count_both(Some(middle), None);
            }
        }
    }

    /// How many differences it costs as much to list as to count all once.
    fn few(&self) -> u64 {
        let Arms { baseline, canary } = self.arms.as_ref().map(|runs| runs.values.len() as u64);
        32 + (baseline + canary) / 2
    }

    /// Ranks on both sides of k, as far off as interpolation among `inside` differences may err:
    /// by their share of all, for the bend of the distribution, and by the root, for its noise.
    fn around(&self, k: u64, inside: u64) -> [u64; 2] {
        let share = inside as f64 / self.total() as f64;
        let bend = inside as f64 * (4.0 * share).min(0.25);
        let off = (bend + 2.0 * (inside as f64).sqrt()) as u64 + self.few() / 4;
        [k.saturating_sub(off), k.saturating_add(off)]
    }

    /// Counts near where a few values of each arm have their k-th difference.
    fn start(&self, k: u64) {
        let thin = |runs: &Runs| runs.thinned((runs.total() / THINNING).clamp(48, 1024));
        let is_large = self.total() > 1 << 14;
        let thinned = self
            .thinned
            .get_or_init(|| is_large.then(|| Box::new(Self::of(self.arms.as_ref().map(thin)))));
        if let Some(thinned) = thinned {
            let (total, all) = (thinned.total() as f64, self.total() as f64);
            let rank = k as f64 / all * total;
            let off = total.sqrt() / 16.0 + 1.0;
            let near = |rank: f64| Some(thinned.kth(rank.round().clamp(1.0, total) as u64));
            self.count_both(near(rank - off), near(rank + off));
        }
    }

    /// Where interpolation between the counts so far expects a rank, if that is anywhere new.
    fn at_rank(&self, rank: u64) -> Option<f64> {
        if !(1..=self.total()).contains(&rank) {
            return None;
        }
        let ((low, count_low), (high, count_high)) = self.bracket(rank);
        let share = (rank - count_low) as f64 / (count_high - count_low) as f64;
        let d = low * (1.0 - share) + high * share;
        (d > low && d < high).then_some(d)
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

    /// Counts the differences that are at most each d, at the same time where there are many.
    fn count_both(&self, first: Option<f64>, second: Option<f64>) {
        let Arms { baseline, canary } = &self.arms;
        let count = |d: Option<f64>| move || d.map(|d| (d, at_most(d, baseline, canary)));
        let size = baseline.values.len().min(canary.values.len());
        let counts = both(size, count(first), count(second));
        let mut counted = self.counted.borrow_mut();
        for (d, count) in [counts.0, counts.1].into_iter().flatten() {
            let at = counted.partition_point(|&(other, _)| other < d);
            if counted.get(at).is_none_or(|&(other, _)| other != d) {
                counted.insert(at, (d, count));
            }
        }
    }

    /// The rank-th smallest of the few differences in (low, high].
    fn list(&self, low: f64, high: f64, rank: u64) -> f64 {
        let Arms { baseline, canary } = &self.arms;
        let size = |runs: &Runs, at: usize| match (runs.before.get(at), runs.before.get(at + 1)) {
            (Some(before), Some(after)) => after - before,
            _ => 0,
        };
        let mut keys = Vec::new();
        let mut start = 0;
        for (i, c) in canary.values.iter().enumerate() {
            let rest = baseline.values.get(start..).unwrap_or_default();
            start += rest.iter().take_while(|&b| c - b > high).count();
            let near = baseline.values.get(start..).unwrap_or_default().iter();
            for (j, b) in near.take_while(|&b| c - b > low).enumerate() {
                let pairs = size(canary, i) * size(baseline, start + j);
                keys.extend((0..pairs).map(|_| to_key(c - b)));
            }
        }
        let index = (rank as usize).saturating_sub(1);
        if index >= keys.len() {
            return high;
        }
        from_key(*keys.select_nth_unstable(index).1)
    }
}

/// How many differences are at most d: as the canary's value grows, so does the smallest baseline
/// value that is near enough to it. One step per value, without a branch on the data.
#[expect(
    clippy::indexing_slicing,
    reason = "both indices are tested in the loop's condition"
)]
fn at_most(d: f64, baseline: &Runs, canary: &Runs) -> u64 {
    let (below, starts) = (&baseline.before[..], &canary.before[..]);
    let (baseline, canary) = (
        &baseline.values[..below.len() - 1],
        &canary.values[..starts.len() - 1],
    );
    let total = below[baseline.len()];
    let (mut i, mut j, mut count) = (0, 0, 0);
    while i < canary.len() && j < baseline.len() {
        let near = u64::from(canary[i] - baseline[j] <= d);
        count += near * (starts[i + 1] - starts[i]) * (total - below[j]);
        i += near as usize;
        j += 1 - near as usize;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(baseline: &[f64], canary: &[f64]) {
        let sort = |values: &[f64]| crate::number::sort::sorted(values);
        let runs = Arms::new(sort(baseline), sort(canary)).map(|values| Runs::of(&values));
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
}
