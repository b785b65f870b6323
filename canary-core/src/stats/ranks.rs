//! How two sorted arms compare: pairs won, and ties. Shared by every rank test.

use crate::number::parallel::both;

/// Sorted values as runs of equal ones, so that a million values of which a thousand are distinct
/// cost a thousand.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Runs {
    /// The distinct values, ascending.
    pub(super) values: Vec<f64>,
    /// How many values lie before each run; one more entry than runs, the last one the total.
    pub(super) before: Vec<u64>,
}

impl Runs {
    pub(super) fn of(sorted: &[f64]) -> Self {
        let mut values = Vec::with_capacity(sorted.len());
        let mut before = Vec::with_capacity(sorted.len() + 1);
        let mut count = 0;
        for run in sorted.chunk_by(|a, b| a == b) {
            values.extend(run.first());
            before.push(count);
            count += run.len() as u64;
        }
        before.push(count);
        Self { values, before }
    }

    /// About `size` of the values at evenly spaced ranks: a small sample with nearly the same
    /// distribution.
    pub(super) fn thinned(&self, size: u64) -> Self {
        let total = self.total();
        let at_rank = |rank: u64| {
            let run = self
                .before
                .partition_point(|&before| before <= rank)
                .saturating_sub(1);
            self.values.get(run).copied()
        };
        let ranks = (0..size).map(|i| ((2 * i + 1) * total) / (2 * size));
        Self::of(&ranks.filter_map(at_rank).collect::<Vec<_>>())
    }

    /// How many values there are in all.
    pub(super) fn total(&self) -> u64 {
        self.before.last().copied().unwrap_or(0)
    }

    /// Σ (t³ - t) over the runs.
    pub(super) fn tie_term(&self) -> u128 {
        let sizes = self
            .before
            .windows(2)
            .filter_map(|pair| Some(pair.get(1)? - pair.first()?));
        sizes.map(tie_term).sum()
    }
}

/// t³ - t.
fn tie_term(size: u64) -> u128 {
    let t = u128::from(size);
    t * t * t - t
}

/// What a rank test needs to know of two arms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Comparison {
    /// Twice U: pairs in which the canary is greater count two, ties one.
    pub(super) twice_u: u128,
    /// Σ (t³ - t) over the groups of tied values of both arms together.
    pub(super) tie_term: u128,
}

/// Compares two sorted arms.
pub(super) fn compare(baseline: &[f64], canary: &[f64]) -> Comparison {
    compare_distinct(baseline, canary)
        .unwrap_or_else(|| compare_runs(&Runs::of(baseline), &Runs::of(canary)))
}

/// The common case, no ties at all; `None` if there are any.
fn compare_distinct(baseline: &[f64], canary: &[f64]) -> Option<Comparison> {
    if has_ties(baseline) || has_ties(canary) {
        return None;
    }
    // Two merges that know nothing of each other: values below the canary's median, and the rest.
    let (canary_low, canary_high) = canary.split_at_checked(canary.len() / 2)?;
    let middle = canary_high.first()?;
    let (low, high) = baseline.split_at_checked(baseline.partition_point(|b| b < middle))?;
    let (below, above) = both(
        baseline.len(),
        || wins(low, canary_low),
        || wins(high, canary_high),
    );
    let wins = below? + above? + low.len() as u64 * canary_high.len() as u64;
    Some(Comparison {
        twice_u: 2 * u128::from(wins),
        tie_term: 0,
    })
}

/// Pairs in which the canary is greater, in one merge without a branch on the data; `None` if any
/// pair is tied.
#[expect(
    clippy::indexing_slicing,
    reason = "both indices are tested in the loop's condition"
)]
fn wins(baseline: &[f64], canary: &[f64]) -> Option<u64> {
    let (mut i, mut j, mut wins, mut ties) = (0, 0, 0, 0);
    while i < baseline.len() && j < canary.len() {
        let (b, c) = (baseline[i], canary[j]);
        let canary_is_next = usize::from(c <= b);
        ties += u64::from(c == b);
        wins += (i * canary_is_next) as u64;
        i += 1 - canary_is_next;
        j += canary_is_next;
    }
    wins += (canary.len() - j) as u64 * baseline.len() as u64;
    (ties == 0).then_some(wins)
}

/// Whether sorted values repeat.
fn has_ties(sorted: &[f64]) -> bool {
    let next = sorted.get(1..).unwrap_or_default();
    // Whole chunks without an early exit, so that several values are compared at once.
    sorted
        .chunks(512)
        .zip(next.chunks(512))
        .any(|(a, b)| a.iter().zip(b).fold(false, |any, (a, b)| any | (a == b)))
}

/// The general case, one step per distinct value, again without a branch on the data.
fn compare_runs(baseline: &Runs, canary: &Runs) -> Comparison {
    let size = |runs: &Runs, at: usize| match (runs.before.get(at), runs.before.get(at + 1)) {
        (Some(before), Some(after)) => after - before,
        _ => 0,
    };
    let value = |runs: &Runs, at: usize| runs.values.get(at).copied().unwrap_or(f64::INFINITY);
    let (mut i, mut j) = (0, 0);
    let mut comparison = Comparison {
        twice_u: 0,
        tie_term: 0,
    };
    while i < baseline.values.len() || j < canary.values.len() {
        let (b, c) = (value(baseline, i), value(canary, j));
        let baseline_size = if b <= c { size(baseline, i) } else { 0 };
        let canary_size = if c <= b { size(canary, j) } else { 0 };
        let below = baseline.before.get(i).copied().unwrap_or(0);
        comparison.twice_u += u128::from(canary_size) * u128::from(2 * below + baseline_size);
        comparison.tie_term += tie_term(baseline_size + canary_size);
        i += usize::from(b <= c);
        j += usize::from(c <= b);
    }
    comparison
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brute_force(baseline: &[f64], canary: &[f64]) -> u128 {
        let pairs = canary
            .iter()
            .flat_map(|c| baseline.iter().map(move |b| (b, c)));
        pairs
            .map(|(b, c)| if c > b { 2 } else { u128::from(c == b) })
            .sum()
    }

    #[test]
    fn counts_pairs_and_ties_like_brute_force() {
        let spread = |n: u32, step: u32, modulus: u32| -> Vec<f64> {
            let mut values: Vec<_> = (0..n).map(|i| f64::from(i * step % modulus)).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        for (n, m, modulus) in [
            (1, 1, 7),
            (50, 40, 1009),
            (300, 200, 13),
            (5, 600, 2),
            (9, 9, 1),
        ] {
            let (baseline, canary) = (spread(n, 37, modulus), spread(m, 61, modulus));
            let comparison = compare(&baseline, &canary);
            assert_eq!(comparison.twice_u, brute_force(&baseline, &canary));
            let mut pooled = [baseline, canary].concat();
            pooled.sort_by(f64::total_cmp);
            assert_eq!(comparison.tie_term, Runs::of(&pooled).tie_term());
        }
    }

    #[test]
    fn the_last_value_of_either_arm_counts() {
        assert_eq!(compare(&[1.0, 2.0], &[3.0, 4.0]).twice_u, 8);
        assert_eq!(compare(&[3.0, 4.0], &[1.0, 2.0]).twice_u, 0);
        assert_eq!(compare(&[1.0, 1.0], &[1.0, 1.0]).twice_u, 4);
    }
}
