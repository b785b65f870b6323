//! The exact distribution of W without ties or zeros.

use crate::stats::symmetric::Symmetric;

/// P(W = 0), ..., P(W = last): of all 2^n subsets of the ranks 1..n, those with that sum.
fn probabilities(n: u64, last: u64) -> Vec<f64> {
    let mut probability = vec![0.0; last as usize + 1];
    if let Some(first) = probability.first_mut() {
        *first = 1.0;
    }
    for rank in 1..=n as usize {
        for w in (0..probability.len()).rev() {
            let without = w
                .checked_sub(rank)
                .and_then(|w| probability.get(w))
                .copied();
            if let Some(here) = probability.get_mut(w) {
                *here = 0.5 * (*here + without.unwrap_or(0.0));
            }
        }
    }
    probability
}

/// The distribution of W.
pub(super) fn of(n: u64) -> Symmetric<impl Fn(u64) -> Vec<f64>> {
    Symmetric {
        most: n * (n + 1) / 2,
        lower_half: move |last| probabilities(n, last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_ranks_by_counting() {
        for n in 1..10_u64 {
            let sums: Vec<u64> = (0..1_u64 << n)
                .map(|subset| (1..=n).filter(|rank| subset >> (rank - 1) & 1 == 1).sum())
                .collect();
            let share = |f: &dyn Fn(u64) -> bool| {
                sums.iter().filter(|&&w| f(w)).count() as f64 / sums.len() as f64
            };
            for w in 0..=n * (n + 1) / 2 {
                let (less, greater) = of(n).tails(w);
                assert!((less - share(&|x| x <= w)).abs() < 1e-15);
                assert!((greater - share(&|x| x >= w)).abs() < 1e-15);
            }
        }
    }
}
