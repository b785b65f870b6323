//! Count, mean and sum of squared deviations, in one pass over memory.
//!
//! The values are taken in blocks that fit the first-level cache. Within a block the mean is found
//! first and the deviations from it second (the corrected two-pass algorithm of Chan, Golub and
//! LeVeque 1983, eq. 1.7); blocks are merged by their pairwise update (eq. 2.1). So 1e9 + noise
//! keeps the noise, and the cost is that of reading the values once.

use std::ops::Range;

use serde::{Deserialize, Serialize};

const BLOCK: usize = 2048;
const LANES: usize = 8;

/// Count, mean, and m2 = Σ (x - mean)².
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Moments {
    pub(crate) count: u64,
    pub(crate) mean: f64,
    pub(crate) m2: f64,
}

impl Moments {
    /// Of a single value.
    pub(crate) const fn one(value: f64) -> Self {
        Self {
            count: 1,
            mean: value,
            m2: 0.0,
        }
    }

    pub(crate) fn of(values: &[f64]) -> Self {
        Self::about(0.0, values)
    }

    /// The moments of x - pivot: with a pivot in their midst, the mean keeps the digits that a
    /// double of the size of the values has no room for.
    pub(crate) fn about(pivot: f64, values: &[f64]) -> Self {
        let blocks = values
            .chunks(BLOCK)
            .map(|block| Self::of_block(pivot, block));
        blocks.fold(Self::default(), Self::merge)
    }

    /// The moments, about a pivot in their midst that is also given, of what `fill` writes for each
    /// block of `count` positions: nothing is kept but a block.
    pub(crate) fn of_blocks(
        count: usize,
        fill: impl Fn(Range<usize>, &mut Vec<f64>),
    ) -> (f64, Self) {
        let mut block = Vec::with_capacity(BLOCK.min(count));
        let mut pivot = 0.0;
        let mut moments = Self::default();
        for start in (0..count).step_by(BLOCK) {
            block.clear();
            fill(start..(start + BLOCK).min(count), &mut block);
            if start == 0 {
                pivot = Self::pivot(&block);
            }
            moments = moments.merge(Self::of_block(pivot, &block));
        }
        (pivot, moments)
    }

    /// A value in the midst of the values: the mean of the first of them, cut to 24 bits so that
    /// most differences from it are exact.
    pub(crate) fn pivot(values: &[f64]) -> f64 {
        let first = values.get(..BLOCK.min(values.len())).unwrap_or_default();
        f64::from_bits(Self::of(first).mean.to_bits() & !((1 << 29) - 1))
    }

    /// The mean alone, by way of a pivot.
    pub(crate) fn mean_of(values: &[f64]) -> f64 {
        let pivot = Self::pivot(values);
        pivot + Self::about(pivot, values).mean
    }

    fn of_block(pivot: f64, block: &[f64]) -> Self {
        let n = block.len() as f64;
        let mean = sum(block, |x| x - pivot) / n;
        let (residual, squares) = deviations(block, |x| (x - pivot) - mean);
        Self {
            count: block.len() as u64,
            mean: mean + residual / n,
            m2: spread(squares - residual * residual / n, block),
        }
    }

    /// The moments of two sets of values taken together.
    pub(crate) fn merge(self, other: Self) -> Self {
        if self.count == 0 {
            return other;
        }
        if other.count == 0 {
            return self;
        }
        let count = self.count.saturating_add(other.count);
        let share = other.count as f64 / count as f64;
        let delta = other.mean - self.mean;
        Self {
            count,
            mean: self.mean + delta * share,
            m2: self.m2 + other.m2 + delta * delta * self.count as f64 * share,
        }
    }

    /// The unbiased variance m2 / (n - 1); 0 for a single value.
    pub(crate) fn variance(self) -> f64 {
        if self.count < 2 {
            return 0.0;
        }
        self.m2 / (self.count - 1) as f64
    }
}

/// A sum of squares that rounding may have left a little below zero, or overflow as ∞ - ∞.
fn spread(m2: f64, block: &[f64]) -> f64 {
    if m2.is_nan() {
        let is_constant = block.windows(2).all(|pair| pair.first() == pair.last());
        return if is_constant { 0.0 } else { f64::INFINITY };
    }
    m2.max(0.0)
}

/// Σ f(x), in independent lanes so that the compiler can use wide registers.
fn sum(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += f(x);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|&x| f(x)).sum::<f64>()
}

/// Σ f(x) and Σ f(x)², likewise.
fn deviations(values: &[f64], f: impl Fn(f64) -> f64) -> (f64, f64) {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let (mut sums, mut squares) = ([0.0; LANES], [0.0; LANES]);
    for chunk in chunks {
        for ((sum, square), &x) in sums.iter_mut().zip(&mut squares).zip(chunk) {
            let away = f(x);
            *sum += away;
            *square += away * away;
        }
    }
    let rest = rest
        .iter()
        .map(|&x| f(x))
        .fold((0.0, 0.0), |(sum, square), away| {
            (sum + away, square + away * away)
        });
    (
        sums.iter().sum::<f64>() + rest.0,
        squares.iter().sum::<f64>() + rest.1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_noise_on_a_huge_offset() {
        let values: Vec<f64> = (0..100_000).map(|i| 1e9 + f64::from(i % 2)).collect();
        let moments = Moments::of(&values);
        assert_eq!(moments.mean, 1e9 + 0.5);
        assert!((moments.variance() - 0.25 * 100_000.0 / 99_999.0).abs() < 1e-12);
    }

    #[test]
    fn a_constant_has_no_variance_whatever_its_value() {
        for constant in [0.1, 1.0 / 3.0, 1e-300, 1e300] {
            assert_eq!(Moments::of(&[constant; 1000]).variance(), 0.0);
        }
    }

    #[test]
    fn merging_two_parts_is_the_whole() {
        let values: Vec<f64> = (0..5000).map(|i| f64::from(i * 7919 % 1009)).collect();
        let whole = Moments::of(&values);
        let merged = Moments::of(&values[..1234]).merge(Moments::of(&values[1234..]));
        assert_eq!(whole.count, merged.count);
        assert!((whole.mean / merged.mean - 1.0).abs() < 1e-14);
        assert!((whole.m2 / merged.m2 - 1.0).abs() < 1e-14);
    }
}
