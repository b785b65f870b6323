//! The distribution of a resampled quantile, which is known: no resample need be drawn.

use std::ops::Range;

use crate::number::beta::{self, Point};
use crate::number::density::binomial;
use crate::number::quadrature;

/// Up to so many values a quantile between two order statistics has their joint distribution.
const JOINT: usize = 1000;

/// Values in ascending order with their probabilities.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Atoms {
    values: Vec<f64>,
    weights: Vec<f64>,
    /// Σ of the weights up to and including each.
    cumulative: Vec<f64>,
}

impl Atoms {
    /// Of the q-quantile (type 7, between two order statistics where it falls there) of as many
    /// values drawn from the sorted ones with replacement.
    pub(in super::super) fn of(sorted: &[f64], q: f64) -> Self {
        if sorted.is_empty() {
            return Self::nothing();
        }
        let n = sorted.len();
        let (k, between) = at_or_below(n, q);
        if between == 0.0 || k as usize >= n {
            return Self::marginal(sorted, k, 0.0);
        }
        if n <= JOINT {
            Self::joint(sorted, k, between)
        } else {
            Self::marginal(sorted, k, between)
        }
    }

    /// Zero, surely: what one sample alone is compared with.
    fn nothing() -> Self {
        Self::new(vec![(0.0, 1.0)])
    }

    fn new(mut atoms: Vec<(f64, f64)>) -> Self {
        if atoms
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.0 > b.0))
        {
            atoms.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        }
        let total: f64 = atoms.iter().map(|atom| atom.1).sum();
        let mut sum = 0.0;
        let cumulative = atoms.iter().map(|atom| {
            sum += atom.1 / total;
            sum.min(1.0)
        });
        let cumulative = cumulative.collect();
        let (values, weights) = atoms.into_iter().map(|(x, w)| (x, w / total)).unzip();
        Self {
            values,
            weights,
            cumulative,
        }
    }

    /// Of the k-th order statistic; with the probability `mixed`, of the one after it.
    ///
    /// The resampled k-th value is the i-th of the sample with the probability that a beta variable
    /// of shapes k and n - k + 1 lies between (i - 1)/n and i/n.
    fn marginal(sorted: &[f64], k: u64, mixed: f64) -> Self {
        let n = sorted.len() as f64;
        let (a, b) = (k as f64, n - k as f64 + 1.0);
        let (centre, spread) = centre_and_spread(n, a);
        // The density relative to that at the centre: the whole is scaled to 1 later.
        let density = |x: f64| {
            let away = x - centre;
            let log =
                (a - 1.0) * (away / centre).ln_1p() + (b - 1.0) * (-away / (n - centre)).ln_1p();
            // The next order statistic's density is this one's times its odds over the mean's.
            let next = (b - 1.0) / a * (x / (n - x));
            log.exp() * (1.0 + mixed * (next - 1.0))
        };
        // Per cell: smooth where a cell is a small part of the spread.
        let mass = |i: usize| {
            let (low, high) = (i as f64, i as f64 + 1.0);
            if spread > 12.0 {
                quadrature::four_points(&density, low, high)
            } else {
                quadrature::panel(&density, low, high)
            }
        };
        let window = window(sorted.len(), k);
        let cells = sorted.iter().copied().enumerate();
        let cells = cells.take(window.end).skip(window.start);
        Self::new(cells.map(|(i, value)| (value, mass(i))).collect())
    }

    /// Of (1 - g) times the k-th order statistic plus g times the one after it.
    ///
    /// Below it the first k values are all at most the i-th of the sample and one is the i-th;
    /// above it the others are all at least the j-th and one is the j-th.
    fn joint(sorted: &[f64], k: u64, g: f64) -> Self {
        let n = sorted.len();
        let size = n as f64;
        let (a, b) = (k as f64, size - k as f64);
        // 1 - ((m - 1)/m)^power: that not all stay away from the m-th of m.
        let touched = |m: f64, power: f64| -(power * (-1.0 / m).ln_1p()).exp_m1();
        let mut atoms = Vec::new();
        for (i, &low) in sorted.iter().enumerate() {
            let i1 = i as f64 + 1.0;
            let point = |x: f64| Point {
                x: x / size,
                y: (size - x) / size,
            };
            let at_most = |x: f64| beta::cdf(point(x), a, b + 1.0);
            let mut left = (at_most(i1) - at_most(i1 - 1.0)).max(0.0);
            for (j, &high) in sorted.iter().enumerate().skip(i + 1) {
                let (share, rest) = (i1, (n - j) as f64);
                let both = share + rest;
                let whole = (size * (both / size).ln()).exp();
                let mass = binomial(a, b, share / both, rest / both)
                    * whole
                    * touched(share, a)
                    * touched(rest, b);
                if mass < 1e-18 {
                    break;
                }
                left -= mass;
                atoms.push((low * (1.0 - g) + high * g, mass));
            }
            if left > 1e-18 {
                atoms.push((low, left));
            }
        }
        Self::new(atoms)
    }

    /// The atoms at f(value), for an increasing f.
    pub(super) fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self {
            values: self.values.into_iter().map(f).collect(),
            ..self
        }
    }

    /// The least and the greatest difference from another's atoms.
    pub(super) fn less(&self, other: &Self) -> (f64, f64) {
        let ends = |atoms: &Self| {
            let first = atoms.values.first().copied().unwrap_or(0.0);
            (first, atoms.values.last().copied().unwrap_or(0.0))
        };
        let (own, others) = (ends(self), ends(other));
        let bound = |x: f64| x.clamp(f64::MIN, f64::MAX);
        (bound(own.0 - others.1), bound(own.1 - others.0))
    }

    /// P(X - Y ≤ d) for X of these atoms and Y of the other's, in one walk over both.
    pub(super) fn at_most(&self, other: &Self, d: f64) -> f64 {
        let up_to = |i: usize| match i.checked_sub(1) {
            Some(last) => self.cumulative.get(last).copied().unwrap_or(1.0),
            None => 0.0,
        };
        let mut i = 0;
        let mut sum = 0.0;
        for (&y, &weight) in other.values.iter().zip(&other.weights) {
            while self.values.get(i).is_some_and(|&x| x - y <= d) {
                i += 1;
            }
            sum += weight * up_to(i);
        }
        sum
    }

    pub(super) fn expected(&self, f: impl Fn(f64) -> f64) -> f64 {
        let atoms = self.values.iter().zip(&self.weights);
        atoms.map(|(&x, weight)| weight * f(x)).sum()
    }

    pub(super) fn variance(&self) -> f64 {
        let mean = self.expected(|x| x);
        self.expected(|x| (x - mean) * (x - mean))
    }
}

/// The ranks of which the distribution of n values' q-quantile makes anything: all others could
/// change places.
pub(super) fn ranks_that_count(n: usize, q: f64) -> Range<usize> {
    if n <= JOINT {
        return 0..n;
    }
    let Range { start, end } = window(n, at_or_below(n, q).0);
    start..end.max(start + 2).min(n)
}

/// The order statistic (from 1) at or below the q-quantile, and how far the quantile is on the way to
/// the next.
fn at_or_below(n: usize, q: f64) -> (u64, f64) {
    let position = (n as f64 - 1.0).max(0.0) * q;
    let below = position.floor();
    (below as u64 + 1, position - below)
}

/// Of which the resampled k-th value may be, counted from 0, but for less than 1e-15.
fn window(n: usize, k: u64) -> Range<usize> {
    let (centre, spread) = centre_and_spread(n as f64, k as f64);
    let reach = 9.0 * spread + 12.0;
    (centre - reach).max(0.0) as usize..((centre + reach) as usize + 1).min(n)
}

/// Where the resampled k-th of n values is expected, and its standard deviation.
fn centre_and_spread(n: f64, k: f64) -> (f64, f64) {
    let middle = k / (n + 1.0);
    (middle * n, (middle * (1.0 - middle) * n).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All n^n resamples of a few values.
    fn by_counting(sorted: &[f64], q: f64) -> Vec<f64> {
        let n = sorted.len();
        let mut all = Vec::new();
        for code in 0..n.pow(n as u32) {
            let mut rest = code;
            let mut drawn: Vec<f64> = (0..n)
                .map(|_| {
                    let value = sorted[rest % n];
                    rest /= n;
                    value
                })
                .collect();
            drawn.sort_by(f64::total_cmp);
            all.push(crate::data::quantile_of_sorted(&drawn, q));
        }
        all
    }

    #[test]
    fn few_values_by_drawing_everything() {
        let sorted = [1.0, 2.0, 5.0, 11.0, 12.0, 30.0];
        for n in 1..=6 {
            for q in [0.1, 0.25, 0.5, 0.9] {
                let atoms = Atoms::of(&sorted[..n], q);
                let all = by_counting(&sorted[..n], q);
                for &x in &all {
                    let share = all.iter().filter(|&&y| y <= x + 1e-9).count() as f64;
                    let got = atoms.at_most(&Atoms::nothing(), x + 1e-9);
                    assert!(
                        (got - share / all.len() as f64).abs() < 1e-12,
                        "{n} {q} {x}"
                    );
                }
            }
        }
    }

    #[test]
    fn beyond_the_joint_distribution_the_mixture_is_as_wide() {
        let sorted: Vec<f64> = (0..1000).map(f64::from).collect();
        let joint = Atoms::joint(&sorted, 500, 0.5);
        let mixture = Atoms::marginal(&sorted, 500, 0.5);
        let none = Atoms::nothing();
        assert!((joint.variance() / mixture.variance() - 1.0).abs() < 0.003);
        for x in [465.0, 480.0, 499.6, 520.0] {
            let apart = joint.at_most(&none, x) - mixture.at_most(&none, x);
            assert!(apart.abs() < 0.02, "{x}: {apart}"); // an atom of the mixture is 0.025
        }
    }
}
