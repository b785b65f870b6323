//! The exact distribution of W without ties or zeros.

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

/// P(W ≤ w) and P(W ≥ w), each summed as a tail.
pub(super) fn tails(n: u64, w: u64) -> (f64, f64) {
    let most = n * (n + 1) / 2;
    let mirrored = most - w.min(most);
    let small = w.min(mirrored);
    let near: f64 = probabilities(n, small).iter().sum();
    // P(W ≥ small) = 1 - P(W ≤ small - 1), which is at least one half.
    let far = if small == 0 {
        1.0
    } else {
        1.0 - probabilities(n, small - 1).iter().sum::<f64>()
    };
    if w <= mirrored {
        (near, far)
    } else {
        (far, near)
    }
}

/// The greatest k with P(W ≤ k - 1) ≤ tail: the k-th smallest Walsh average is an end.
pub(super) fn order_statistic(n: u64, tail: f64) -> u64 {
    let mut sum = 0.0;
    let mut within = |probability: &f64| {
        sum += probability;
        sum <= tail
    };
    let half = n * (n + 1) / 4;
    probabilities(n, half)
        .iter()
        .take_while(|p| within(p))
        .count() as u64
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
                let (less, greater) = tails(n, w);
                assert!((less - share(&|x| x <= w)).abs() < 1e-15);
                assert!((greater - share(&|x| x >= w)).abs() < 1e-15);
            }
        }
    }
}
