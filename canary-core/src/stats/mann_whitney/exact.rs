//! The exact distribution of U without ties.

/// P(U = 0), ..., P(U = last) for arms of sizes m and n, with `last` at most mn/2.
///
/// The counts are the coefficients of the Gaussian binomial ∏ (1 - q^(n+i)) / (1 - q^i) over
/// i = 1..m. Each step multiplies and divides by one factor and scales by i / (n + i), so that
/// what it leaves is again a distribution, that for arms of sizes i and n. On the lower half every
/// subtraction leaves a value of the size of what it was taken from, so that no digits are lost.
pub(super) fn lower_half(m: u64, n: u64, last: u64) -> Vec<f64> {
    let (m, n) = (m.min(n) as usize, m.max(n) as usize);
    let mut probability = vec![0.0; last as usize + 1];
    if let Some(first) = probability.first_mut() {
        *first = 1.0;
    }
    for i in 1..=m {
        // times (1 - q^(n+i)), from the top down
        for u in (n + i..probability.len()).rev() {
            let below = probability.get(u - n - i).copied().unwrap_or(0.0);
            if let Some(here) = probability.get_mut(u) {
                *here -= below;
            }
        }
        // divided by (1 - q^i), from the bottom up
        for u in i..probability.len() {
            let below = probability.get(u - i).copied().unwrap_or(0.0);
            if let Some(here) = probability.get_mut(u) {
                *here += below;
            }
        }
        let scale = i as f64 / (n + i) as f64;
        for here in &mut probability {
            *here *= scale;
        }
    }
    probability
}

/// P(U ≤ u) and P(U ≥ u), each summed as a tail.
pub(super) fn tails(m: u64, n: u64, u: u64) -> (f64, f64) {
    let mirrored = m * n - u;
    let nearer = u.min(mirrored);
    let probability = lower_half(m, n, nearer);
    let tail: f64 = probability.iter().sum();
    let here = probability.last().copied().unwrap_or(0.0);
    let other = (1.0 - tail + here).min(1.0);
    if u <= mirrored {
        (tail, other)
    } else {
        (other, tail)
    }
}

/// The largest k with P(U ≤ k - 1) < tail, or 0 if there is none. A probability that equals the
/// tail but for the last digits of 1 - confidence is taken to equal it, as in R.
pub(super) fn order_statistic(m: u64, n: u64, tail: f64) -> u64 {
    let mut cumulative = 0.0;
    let mut k = 0;
    for probability in lower_half(m, n, m * n / 2) {
        cumulative += probability;
        if cumulative >= tail - 10.0 * f64::EPSILON {
            break;
        }
        k += 1;
    }
    k
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of arrangements by the defining recurrence (Mann and Whitney 1947, eq. 3),
    /// between whole numbers.
    fn counts(m: usize, n: usize) -> Vec<u128> {
        let mut table = vec![vec![vec![1_u128]; n + 1]; m + 1];
        for i in 1..=m {
            for j in 1..=n {
                table[i][j] = (0..=i * j)
                    .map(|u| {
                        let canary_last = u.checked_sub(j).and_then(|u| table[i - 1][j].get(u));
                        let baseline_last = table[i][j - 1].get(u);
                        canary_last.unwrap_or(&0) + baseline_last.unwrap_or(&0)
                    })
                    .collect();
            }
        }
        table[m][n].clone()
    }

    #[test]
    fn agrees_with_exact_counts() {
        for (m, n) in [(1, 1), (1, 9), (3, 4), (8, 20), (15, 15), (20, 27), (5, 60)] {
            let counts = counts(m, n);
            let total: u128 = counts.iter().sum();
            let half = lower_half(m as u64, n as u64, (m * n / 2) as u64);
            for (u, probability) in half.iter().enumerate() {
                let exact = counts[u] as f64 / total as f64;
                assert!((probability / exact - 1.0).abs() < 1e-13, "{m}, {n}, {u}");
            }
        }
    }

    #[test]
    fn tails_are_tails() {
        let (less, greater) = tails(8, 20, 0);
        assert!((less * 3_108_105.0 - 1.0).abs() < 1e-13); // 1 / C(28, 8)
        assert_eq!(greater, 1.0);
        assert_eq!(tails(8, 20, 160), (1.0, less));
    }
}
