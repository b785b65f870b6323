//! Order statistics of the n(n + 1)/2 averages of two differences, without listing them.

use std::cell::RefCell;

use crate::number::sort::{from_key, sorted, to_key};

pub(super) struct WalshAverages {
    /// Half of each difference, ascending: the sum of two halves is an average and cannot overflow.
    halves: Vec<f64>,
    /// How many averages are at most x, for some x, ascending.
    counted: RefCell<Vec<(f64, u64)>>,
}

impl WalshAverages {
    pub(super) fn of(differences: &[f64]) -> Self {
        let halves: Vec<f64> = differences.iter().map(|d| 0.5 * d).collect();
        Self {
            halves: sorted(&halves),
            counted: RefCell::default(),
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

    /// The k-th smallest average, k from 1. Counts on both sides of it close in, by interpolation,
    /// until few enough averages are left to list; every count ever made helps the next search.
    pub(super) fn kth(&self, k: u64) -> f64 {
        let ends = (self.halves.first(), self.halves.last());
        let (Some(&first), Some(&last)) = ends else {
            return f64::NAN;
        };
        if self.at_most_counted(first + first) >= k {
            return first + first + 0.0;
        }
        self.at_most_counted(last + last);
        let few = (4 * self.halves.len() as u64).max(1 << 12);
        for step in 0..300 {
            let ((low, below), (high, upto)) = self.around(k);
            if upto - below <= few {
                return self.listed(low, high, k - below);
            }
            let share = ((k - below) as f64 - 0.5) / (upto - below) as f64;
            let between = low + share * (high - low);
            // Interpolation may creep towards one end: every third step halves the doubles.
            let between = if step % 3 == 2 || between <= low || between >= high {
                let (low, high) = (to_key(low), to_key(high));
                from_key(low + (high - low) / 2)
            } else {
                between
            };
            if between <= low {
                return high; // no double lies between: all of these averages are equal
            }
            self.at_most_counted(between);
        }
        self.around(k).1.0
    }

    /// The nearest counts made so far with fewer than k averages, and with at least k.
    fn around(&self, k: u64) -> ((f64, u64), (f64, u64)) {
        let counted = self.counted.borrow();
        let next = counted.partition_point(|&(_, count)| count < k);
        let low = next.checked_sub(1).and_then(|index| counted.get(index));
        let low = low.copied().unwrap_or((f64::NEG_INFINITY, 0));
        (low, counted.get(next).copied().unwrap_or(low))
    }

    fn at_most_counted(&self, x: f64) -> u64 {
        let count = self.at_most(x);
        let mut counted = self.counted.borrow_mut();
        let place = counted.partition_point(|&(other, _)| other < x);
        counted.insert(place, (x, count));
        count
    }

    /// The k-th smallest of the averages in (low, high].
    fn listed(&self, low: f64, high: f64, k: u64) -> f64 {
        let mut averages = Vec::new();
        // Partners of each half, from itself on: where they start moves down as the half grows.
        let (mut start, mut end) = (self.halves.len(), self.halves.len());
        for (index, &half) in self.halves.iter().enumerate() {
            let at = |place: usize| self.halves.get(place).copied().unwrap_or(f64::INFINITY);
            while start > 0 && half + at(start - 1) > low {
                start -= 1;
            }
            while end > 0 && half + at(end - 1) > high {
                end -= 1;
            }
            let partners = self.halves.get(start.max(index)..end).unwrap_or_default();
            averages.extend(partners.iter().map(|other| half + other));
        }
        let index = (k as usize).saturating_sub(1);
        if index >= averages.len() {
            return f64::NAN;
        }
        let (_, kth, _) = averages.select_nth_unstable_by(index, f64::total_cmp);
        *kth + 0.0
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

    fn all_averages(d: &[f64]) -> Vec<f64> {
        let from = |i: usize| d[i..].iter().map(move |other| 0.5 * d[i] + 0.5 * other);
        let mut list: Vec<f64> = (0..d.len()).flat_map(from).collect();
        list.sort_by(f64::total_cmp);
        list
    }

    #[test]
    fn many_averages_that_tie_have_their_order() {
        for (n, zeros) in [(400_u32, 2), (400, 5), (300, 1), (400, 400)] {
            let value = |i: u32| match i % zeros {
                0 => f64::from((i * 7919) % 1009) - 500.0,
                _ => 0.0,
            };
            let d: Vec<f64> = (0..n).map(value).collect();
            let list = all_averages(&d);
            let averages = WalshAverages::of(&d);
            let total = list.len();
            for k in (1..=total).step_by(total / 97).chain([total]) {
                assert_eq!(averages.kth(k as u64), list[k - 1], "{n} {zeros} {k}");
            }
        }
    }

    #[test]
    fn order_statistics_are_those_of_the_list() {
        for n in (1..12_i32).chain([150, 333]) {
            let d: Vec<f64> = (0..n)
                .map(|i| f64::from(i * i * 7 % (23 + n / 3) - 9) / 4.0)
                .collect();
            let list = all_averages(&d);
            let averages = WalshAverages::of(&d);
            assert_eq!(averages.total(), list.len() as u64);
            for (i, expected) in list.iter().enumerate() {
                assert_eq!(averages.kth(i as u64 + 1), *expected, "{n} {i}");
            }
        }
    }
}
