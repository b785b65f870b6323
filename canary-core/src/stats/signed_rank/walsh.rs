//! Order statistics of the n(n + 1)/2 averages of two differences, without listing them.

use crate::number::sort::{from_key, sorted, to_key};

pub(super) struct WalshAverages {
    /// Half of each difference, ascending: the sum of two halves is an average and cannot overflow.
    halves: Vec<f64>,
}

impl WalshAverages {
    pub(super) fn of(differences: &[f64]) -> Self {
        let halves: Vec<f64> = differences.iter().map(|d| 0.5 * d).collect();
        Self {
            halves: sorted(&halves),
        }
    }

    pub(super) fn total(&self) -> u64 {
        let n = self.halves.len() as u64;
        n * (n + 1) / 2
    }

    /// Σ (t³ - t) over the groups of equal differences.
    pub(super) fn tie_term(&self) -> u128 {
        let sizes = self
            .halves
            .chunk_by(|a, b| a == b)
            .map(|group| group.len() as u128);
        sizes.map(|t| t * t * t - t).sum()
    }

    /// How many averages are at most x: walks the border of the square of all ordered pairs, whose
    /// diagonal counts once and all else twice.
    fn at_most(&self, x: f64) -> u64 {
        let mut pairs = 0;
        let mut partners = self.halves.as_slice();
        for &half in &self.halves {
            while let Some((&last, rest)) = partners.split_last() {
                if half + last <= x {
                    break;
                }
                partners = rest;
            }
            if partners.is_empty() {
                break;
            }
            pairs += partners.len() as u64;
        }
        let diagonal = self.halves.partition_point(|&half| half + half <= x) as u64;
        (pairs + diagonal) / 2
    }

    /// The k-th smallest average, k from 1: bisection over the doubles in their order.
    pub(super) fn kth(&self, k: u64) -> f64 {
        let ends = (self.halves.first(), self.halves.last());
        let (Some(&first), Some(&last)) = ends else {
            return f64::NAN;
        };
        let (mut low, mut high) = (to_key(first + first + 0.0), to_key(last + last + 0.0));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at_most(from_key(middle)) >= k {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        from_key(low) + 0.0
    }

    pub(super) fn median(&self) -> f64 {
        let total = self.total();
        let low = self.kth(total.div_ceil(2));
        if total % 2 == 1 {
            return low;
        }
        0.5 * low + 0.5 * self.kth(total / 2 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_statistics_are_those_of_the_list() {
        for n in 1..12_i32 {
            let d: Vec<f64> = (0..n)
                .map(|i| f64::from(i * i * 7 % 23 - 9) / 4.0)
                .collect();
            let mut list = Vec::new();
            for i in 0..d.len() {
                for j in i..d.len() {
                    list.push(0.5 * d[i] + 0.5 * d[j]);
                }
            }
            list.sort_by(f64::total_cmp);
            let averages = WalshAverages::of(&d);
            assert_eq!(averages.total(), list.len() as u64);
            for (i, expected) in list.iter().enumerate() {
                assert_eq!(averages.kth(i as u64 + 1), *expected, "{n} {i}");
            }
        }
    }
}
