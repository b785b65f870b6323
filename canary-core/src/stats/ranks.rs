//! How two sorted arms compare: pairs won, and ties. Shared by every rank test.

use std::borrow::Cow;
use std::hint::select_unpredictable;

use crate::number::parallel::both;

/// Sorted values as runs of equal ones, so that a million values of which a thousand are distinct
/// cost a thousand. Values without any ties are borrowed as they are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Runs<'a> {
    /// The distinct values, ascending.
    pub(super) values: Cow<'a, [f64]>,
    /// How many values lie before each run, and after the last one the total. Empty where every
    /// run is a single value.
    before: Vec<u64>,
}

impl<'a> Runs<'a> {
    pub(super) fn of(sorted: &'a [f64]) -> Self {
        if !has_ties(sorted) {
            return Self {
                values: Cow::Borrowed(sorted),
                before: Vec::new(),
            };
        }
        let mut values = Vec::new();
        let mut before = vec![0];
        let mut count = 0;
        for run in sorted.chunk_by(|a, b| a == b) {
            count += run.len() as u64;
            values.extend(run.first());
            before.push(count);
        }
        Self {
            values: Cow::Owned(values),
            before,
        }
    }

    /// The same of values that nobody else keeps.
    pub(super) fn of_owned(sorted: Vec<f64>) -> Runs<'static> {
        if !has_ties(&sorted) {
            return Runs {
                values: Cow::Owned(sorted),
                before: Vec::new(),
            };
        }
        let Runs { values, before } = Runs::of(&sorted);
        Runs {
            values: Cow::Owned(values.into_owned()),
            before,
        }
    }

    /// The same runs of f(value), for an f that does not descend, or only by its rounding.
    pub(super) fn map(self, f: impl Fn(f64) -> f64) -> Runs<'static> {
        let mut greatest = f64::NEG_INFINITY;
        let mut ascending = |x| {
            greatest = f(x).max(greatest);
            greatest
        };
        Runs {
            values: self.values.iter().map(|&x| ascending(x)).collect(),
            before: self.before,
        }
    }

    /// About `size` of the values at evenly spaced ranks: a small sample with nearly the same
    /// distribution.
    pub(super) fn thinned(&self, size: u64) -> Runs<'static> {
        let total = self.total();
        let at_rank = |rank: u64| {
            let run = if self.is_distinct() {
                rank as usize
            } else {
                let after = self.before.partition_point(|&before| before <= rank);
                after.saturating_sub(1)
            };
            self.values.get(run).copied()
        };
        let ranks = (0..size).map(|i| ((2 * i + 1) * total) / (2 * size));
        Runs::of_owned(ranks.filter_map(at_rank).collect())
    }

    /// Whether every run is a single value.
    pub(super) const fn is_distinct(&self) -> bool {
        self.before.is_empty()
    }

    /// How many values lie before a run; for one beyond the last, all.
    pub(super) fn before(&self, run: usize) -> u64 {
        if self.is_distinct() {
            return run as u64;
        }
        self.before.get(run).copied().unwrap_or(0)
    }

    /// How many values a run has.
    pub(super) fn size(&self, run: usize) -> u64 {
        self.before(run + 1) - self.before(run)
    }

    /// How many values there are in all.
    pub(super) fn total(&self) -> u64 {
        self.before(self.values.len())
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

/// Whether sorted values repeat.
fn has_ties(sorted: &[f64]) -> bool {
    let next = sorted.get(1..).unwrap_or_default();
    // Whole chunks without an early exit, so that several values are compared at once.
    sorted
        .chunks(512)
        .zip(next.chunks(512))
        .any(|(a, b)| a.iter().zip(b).fold(false, |any, (a, b)| any | (a == b)))
}

/// What a rank test needs to know of two arms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Comparison {
    /// Twice U: pairs in which the canary is greater count two, ties one.
    pub(super) twice_u: u128,
    /// Σ (t³ - t) over the groups of tied values of both arms together.
    pub(super) tie_term: u128,
}

/// Compares two arms.
pub(super) fn compare(baseline: &Runs<'_>, canary: &Runs<'_>) -> Comparison {
    if baseline.is_distinct() && canary.is_distinct() {
        compare_distinct(&baseline.values, &canary.values)
    } else {
        compare_runs(baseline, canary)
    }
}

/// The common case, no ties within an arm.
fn compare_distinct(baseline: &[f64], canary: &[f64]) -> Comparison {
    // Two staircases that know nothing of each other: canary values below its median, and the rest.
    let (canary_low, canary_high) = canary.split_at(canary.len() / 2);
    let middle = canary_high.first().copied().unwrap_or(f64::INFINITY);
    let (low, high) = baseline.split_at(baseline.partition_point(|&b| b < middle));
    let count = |baseline: &[f64], canary: &[f64]| {
        let mut tied = 0;
        let is_tied = |(_, c): (usize, f64), (_, b)| tied += u64::from(c == b);
        let not_won = near_pairs(baseline, canary, |c, b| c <= b, is_tied);
        (baseline.len() as u64 * canary.len() as u64 - not_won, tied)
    };
    let (below, above) = both(
        baseline.len().min(canary.len()),
        || count(low, canary_low),
        || count(high, canary_high),
    );
    let won = below.0 + above.0 + low.len() as u64 * canary_high.len() as u64;
    let tied = below.1 + above.1;
    Comparison {
        twice_u: 2 * u128::from(won) + u128::from(tied),
        tie_term: 6 * u128::from(tied), // each a group of two: 2³ - 2
    }
}

/// The general case, one step per distinct value, again without a branch on the data.
fn compare_runs(baseline: &Runs<'_>, canary: &Runs<'_>) -> Comparison {
    let value = |runs: &Runs<'_>, at: usize| runs.values.get(at).copied().unwrap_or(f64::INFINITY);
    let (mut i, mut j) = (0, 0);
    let mut comparison = Comparison {
        twice_u: 0,
        tie_term: 0,
    };
    while i < baseline.values.len() || j < canary.values.len() {
        let (b, c) = (value(baseline, i), value(canary, j));
        let baseline_size = if b <= c { baseline.size(i) } else { 0 };
        let canary_size = if c <= b { canary.size(j) } else { 0 };
        let below = baseline.before(i);
        comparison.twice_u += u128::from(canary_size) * u128::from(2 * below + baseline_size);
        comparison.tie_term += tie_term(baseline_size + canary_size);
        i += usize::from(b <= c);
        j += usize::from(c <= b);
    }
    comparison
}

/// For each run of an arm: its size, and twice how many of the other arm's values are below it,
/// ties counted half.
pub(super) fn placements<'a>(
    arm: &'a Runs<'_>,
    other: &'a Runs<'_>,
) -> impl Iterator<Item = (u64, u64)> + 'a {
    let mut j = 0;
    arm.values.iter().enumerate().map(move |(i, &value)| {
        while other.values.get(j).is_some_and(|&below| below < value) {
            j += 1;
        }
        let is_tied = other.values.get(j) == Some(&value);
        let tied = if is_tied { other.size(j) } else { 0 };
        (arm.size(i), 2 * other.before(j) + tied)
    })
}

/// How many pairs are near; `also` is shown each pair that the walk looks at, with indices: among
/// them the first near one of every row.
///
/// `near(c, b)` must stay true as c falls and as b grows: see [`staircase`], which this is without
/// a decision at the steps. Row i of the table of pairs begins to be near at a column j that is
/// the number of the step there less i, so that the sum of all j is that of the steps, and this,
/// summed by parts, needs nothing but the sum of i over all steps.
#[inline]
pub(super) fn near_pairs(
    baseline: &[f64],
    canary: &[f64],
    near: impl Fn(f64, f64) -> bool,
    mut also: impl FnMut((usize, f64), (usize, f64)),
) -> u64 {
    let (starts, length, rest) = pieces(baseline, canary, &near);
    let mut rows = starts.map(|(i, _)| i);
    let mut sums = [0_u64; PIECES];
    #[expect(clippy::indexing_slicing, reason = "no piece leaves the table")]
    let mut walk = |piece: usize, step: usize| {
        let (start, row) = (starts[piece], &mut rows[piece]);
        let (i, j) = (*row, start.0 + start.1 + step - *row);
        let (c, b) = (canary[i], baseline[j]);
        *row += usize::from(near(c, b));
        also((i, c), (j, b));
        sums[piece] += *row as u64;
    };
    for step in 0..length {
        for piece in 0..PIECES {
            walk(piece, step);
        }
    }
    for step in length..length + rest {
        walk(PIECES - 1, step);
    }
    let lengths = [length, length, length, length + rest].map(|length| length as u64);
    let ends = starts.into_iter().zip(rows).zip(sums).zip(lengths);
    ends.map(|((((i, j), row), sum), length)| {
        let (i, rows) = (i as u64, (row - i) as u64);
        let steps = length * rows - (sum - length * i);
        let first_columns = rows * j as u64 + steps - rows * rows.saturating_sub(1) / 2;
        rows * baseline.len() as u64 - first_columns
    })
    .sum()
}

/// Walks the border between the pairs that are near and those that are not.
///
/// `near(c, b)` must stay true as c falls and as b grows, so that in the table of all pairs the
/// near ones lie below a staircase. `step(i, j, near)` is called once for each of its at most
/// m + n steps: near pairs end the row of canary value i, all of whose near pairs start at j; the
/// others end the column of baseline value j. The order of the calls means nothing.
#[inline]
pub(super) fn staircase(
    baseline: &[f64],
    canary: &[f64],
    near: impl Fn(f64, f64) -> bool,
    mut step: impl FnMut(usize, usize, bool),
) {
    let (mut places, length, rest) = pieces(baseline, canary, &near);
    #[expect(clippy::indexing_slicing, reason = "no piece leaves the table")]
    let mut walk = |place: &mut (usize, usize)| {
        let (i, j) = *place;
        let is_near = near(canary[i], baseline[j]);
        step(i, j, is_near);
        *place = (i + usize::from(is_near), j + usize::from(!is_near));
    };
    for _ in 0..length {
        places.iter_mut().for_each(&mut walk);
    }
    if let Some(last) = places.last_mut() {
        (0..rest).for_each(|_| walk(last));
    }
}

/// A staircase is walked in so many pieces in turns: what one waits for is hidden behind the others.
const PIECES: usize = 4;

/// Where the pieces of a staircase start, how many steps each has, and how many more the last has.
///
/// They are found by bisection along a diagonal (the merge path of Odeh, Green, Mwassi, Shmueli and
/// Birk 2012).
#[expect(clippy::indexing_slicing, reason = "bisection stays within the table")]
fn pieces(
    baseline: &[f64],
    canary: &[f64],
    near: impl Fn(f64, f64) -> bool,
) -> ([(usize, usize); PIECES], usize, usize) {
    // The staircase leaves the table at the end of the last row or of the last column.
    let steps = match (baseline.last(), canary.last()) {
        (Some(&b), Some(&c)) if near(c, b) => {
            canary.len() + baseline.partition_point(|&b| !near(c, b))
        }
        (Some(&b), Some(_)) => baseline.len() + canary.partition_point(|&c| near(c, b)),
        _ => 0,
    };
    let place = |after: usize| {
        let mut low = after.saturating_sub(baseline.len());
        let mut high = after.min(canary.len());
        while low < high {
            let i = low + (high - low) / 2;
            // Chosen, not jumped to: which side it is nobody can guess.
            let is_near = near(canary[i], baseline[after - 1 - i]);
            low = select_unpredictable(is_near, i + 1, low);
            high = select_unpredictable(is_near, high, i);
        }
        (low, after - low)
    };
    let length = steps / PIECES;
    (
        std::array::from_fn(|piece| place(piece * length)),
        length,
        steps % PIECES,
    )
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
            let comparison = compare(&Runs::of(&baseline), &Runs::of(&canary));
            assert_eq!(comparison.twice_u, brute_force(&baseline, &canary));
            let mut pooled = [baseline, canary].concat();
            pooled.sort_by(f64::total_cmp);
            assert_eq!(comparison.tie_term, Runs::of(&pooled).tie_term());
        }
    }

    #[test]
    fn the_last_value_of_either_arm_counts() {
        let twice_u = |b: &[f64], c: &[f64]| compare(&Runs::of(b), &Runs::of(c)).twice_u;
        assert_eq!(twice_u(&[1.0, 2.0], &[3.0, 4.0]), 8);
        assert_eq!(twice_u(&[3.0, 4.0], &[1.0, 2.0]), 0);
        assert_eq!(twice_u(&[1.0, 1.0], &[1.0, 1.0]), 4);
    }

    #[test]
    fn the_staircase_has_every_near_pair_whatever_the_sizes() {
        for (n, m) in [
            (1, 1),
            (1, 9),
            (9, 1),
            (7, 7),
            (64, 3),
            (50, 61),
            (2, 2),
            (5, 1),
        ] {
            let baseline: Vec<f64> = (0..n).map(|i| f64::from(i * i % 83)).collect();
            let canary: Vec<f64> = (0..m).map(|i| f64::from(i * 5 % 71)).collect();
            let sort = |mut values: Vec<f64>| {
                values.sort_by(f64::total_cmp);
                values
            };
            let (baseline, canary) = (sort(baseline), sort(canary));
            for d in [-100.0, -60.0, -3.0, 0.0, 1.0, 40.0, 100.0] {
                let (mut pairs, mut rows) = (0, 0);
                let count = |_: usize, j: usize, near: bool| {
                    pairs += if near { baseline.len() - j } else { 0 };
                    rows += usize::from(near);
                };
                staircase(&baseline, &canary, |c, b| c - b <= d, count);
                let all = canary
                    .iter()
                    .flat_map(|c| baseline.iter().map(move |b| c - b));
                assert_eq!(pairs, all.filter(|x| *x <= d).count(), "{n}, {m}, {d}");
                assert!(rows <= canary.len());
                let counted = near_pairs(&baseline, &canary, |c, b| c - b <= d, |_, _| {});
                assert_eq!(counted, pairs as u64);
            }
        }
    }
}
