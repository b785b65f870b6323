//! The exact distribution of U without ties.

use crate::stats::symmetric::Symmetric;

/// P(U = 0), ..., P(U = last) for arms of sizes m and n, with `last` at most mn/2.
///
/// The counts are the coefficients of the Gaussian binomial ∏ (1 - q^(n+i)) / (1 - q^i) over
/// i = 1..m. Each step multiplies and divides by one factor and scales by i / (n + i), so that
/// what it leaves is again a distribution, that for arms of sizes i and n. On the lower half every
/// subtraction leaves a value of the size of what it was taken from, so that no digits are lost.
fn lower_half(m: u64, n: u64, last: u64) -> Vec<f64> {
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

/// The distribution of U.
pub(super) fn of(m: u64, n: u64) -> Symmetric<impl Fn(u64) -> Vec<f64>> {
    Symmetric {
        most: m * n,
        lower_half: move |last| lower_half(m, n, last),
    }
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
        let (less, greater) = of(8, 20).tails(0);
        assert!((less * 3_108_105.0 - 1.0).abs() < 1e-13); // 1 / C(28, 8)
        assert_eq!(greater, 1.0);
        assert_eq!(of(8, 20).tails(160), (1.0, less));
    }
}
