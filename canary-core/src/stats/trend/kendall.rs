//! Kendall's S against time, and its distribution.

use crate::number::parallel::both;
use crate::number::sort::merge;
use crate::stats::ranks::Runs;
use crate::stats::symmetric::Symmetric;

/// What a series' order says.
pub(super) struct Kendall {
    pub(super) n: u64,
    /// Pairs of which the later value is greater, less those of which it is less.
    pub(super) s: i128,
    /// Pairs of equal values.
    pub(super) ties: u128,
    /// n(n-1)(2n+5) - Σ t(t-1)(2t+5), over 18.
    pub(super) variance: f64,
}

impl Kendall {
    /// Of values in the order of time.
    pub(super) fn of(values: &[f64]) -> Self {
        let (sorted, falling) = sorted_and_inversions(values);
        let runs = Runs::of(&sorted);
        let term = |t: u128| t * t.saturating_sub(1) * (2 * t + 5);
        let (mut ties, mut tie_terms) = (0, 0);
        if !runs.is_distinct() {
            for run in 0..runs.values.len() {
                let size = u128::from(runs.size(run));
                ties += size * (size - 1) / 2;
                tie_terms += term(size);
            }
        }
        let n = values.len() as u128;
        let pairs = n * n.saturating_sub(1) / 2;
        Self {
            n: n as u64,
            s: (pairs - ties) as i128 - 2 * i128::from(falling),
            ties,
            variance: term(n).saturating_sub(tie_terms) as f64 / 18.0,
        }
    }

    /// All pairs.
    pub(super) fn pairs(&self) -> u64 {
        self.n * self.n.saturating_sub(1) / 2
    }

    pub(super) fn tau_b(&self) -> f64 {
        let pairs = self.pairs() as f64;
        let untied = pairs - self.ties as f64;
        if untied == 0.0 {
            0.0
        } else {
            self.s as f64 / (pairs * untied).sqrt()
        }
    }
}

/// The values sorted, and how many pairs of them fall (the later is less), which sorting by merging
/// counts on its way (Knight 1966).
pub(super) fn sorted_and_inversions(values: &[f64]) -> (Vec<f64>, u64) {
    let mut sorted = values.to_vec();
    let mut room = sorted.clone();
    let count = sort(&mut sorted, &mut room);
    (sorted, count)
}

/// Up to so many values are sorted by exchanging neighbours.
const FEW: usize = 8;

/// Sorts `values`, of which `room` is a copy, and counts the pairs that fell.
fn sort(values: &mut [f64], room: &mut [f64]) -> u64 {
    if values.len() <= FEW {
        return exchange(values);
    }
    let half = values.len() / 2;
    let (left, right) = values.split_at_mut(half);
    let (left_room, right_room) = room.split_at_mut(half);
    // The halves are sorted in the other place, and merged back into this one.
    let (of_left, of_right) = both(half, || sort(left_room, left), || sort(right_room, right));
    of_left + of_right + merge(left_room, right_room, values)
}

fn exchange(values: &mut [f64]) -> u64 {
    let mut count = 0;
    for end in 1..values.len() {
        let mut place = end;
        while let Some([before, here]) = place
            .checked_sub(1)
            .and_then(|at| values.get_mut(at..=place))
        {
            if *before <= *here {
                break;
            }
            std::mem::swap(before, here);
            count += 1;
            place -= 1;
        }
    }
    count
}

/// The distribution of the number of pairs that fall, of n values without ties: each further value
/// adds 0, 1, ..., or as many as were there before, all equally likely.
pub(super) fn falling_pairs(n: u64) -> Symmetric<impl Fn(u64) -> Vec<f64>> {
    Symmetric {
        most: n * n.saturating_sub(1) / 2,
        lower_half: move |last| {
            let mut probability = vec![0.0; last as usize + 1];
            if let Some(first) = probability.first_mut() {
                *first = 1.0;
            }
            for size in 2..=n as usize {
                let before = probability.clone();
                for (falls, here) in probability.iter_mut().enumerate() {
                    let from = (falls + 1).saturating_sub(size);
                    let window = before.get(from..=falls).unwrap_or_default();
                    *here = window.iter().sum::<f64>() / size as f64;
                }
            }
            probability
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_pairs_as_a_double_loop_does() {
        for n in [0_usize, 1, 2, 3, 7, 50, 257] {
            let values: Vec<f64> = (0..n).map(|i| ((i * i * 31) % 23) as f64).collect();
            let mut s = 0;
            for (i, a) in values.iter().enumerate() {
                for b in &values[i + 1..] {
                    s += i128::from(b > a) - i128::from(b < a);
                }
            }
            assert_eq!(Kendall::of(&values).s, s, "{n}");
        }
    }

    #[test]
    fn six_values_by_counting() {
        // Mahonian numbers of 4: 1 3 5 6 5 3 1 (OEIS A008302)
        let (less, greater) = falling_pairs(4).tails(1);
        assert!((less - 4.0 / 24.0).abs() < 1e-15);
        assert!((greater - 23.0 / 24.0).abs() < 1e-15);
        assert_eq!(falling_pairs(4).order_statistic(0.05), 1); // 1/24 < 0.05 < 4/24
    }
}
