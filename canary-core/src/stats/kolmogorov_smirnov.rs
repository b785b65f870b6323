use std::f64::consts::PI;

use super::input::Sorted;
use super::mann_whitney::RankMethod;
use super::result::{Method, TestName, TestResult};
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::options::{Alternative, NanPolicy, builder};

/// `auto` is exact up to so many pairs of values, and `exact` can be up to so many.
const AUTO_PAIRS: u64 = 4_000_000;
const EXACT_PAIRS: u64 = 400_000_000;

builder! {
    #[doc = include_str!("kolmogorov_smirnov.md")]
    ///
    /// # Defaults
    /// Two-sided, method auto, NaN refused.
    ///
    /// # Example: the same median, another spread
    /// ```
    /// use canary_core::{Arms, stats::KolmogorovSmirnov};
    ///
    /// let baseline: Vec<f64> = (0..200).map(|i| 100.0 + f64::from(i % 20)).collect();
    /// let canary: Vec<f64> = (0..50).map(|i| 80.0 + 3.0 * f64::from(i % 20)).collect();
    /// let result = KolmogorovSmirnov::new().run(&Arms { baseline, canary })?;
    /// assert!(result.statistic > 0.3 && result.p_value < 0.001);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    KolmogorovSmirnov {
        /// What is held against equal distributions.
        alternative: Alternative = Alternative::TwoSided,
        /// How the p-value is computed.
        method: RankMethod = RankMethod::Auto,
        /// What to do with NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
    }
}

impl KolmogorovSmirnov {
    /// Runs the test on raw values.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for values that are not finite (by the NaN policy);
    /// [`Error::NotEnoughData`] for no values; [`Error::InvalidOption`] for `exact` with too many.
    pub fn run<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        let sorted = Sorted::of(arms, self.nan_policy)?;
        let values = sorted.as_slices();
        let n = values.map(|values| values.len() as u64);
        let pairs = n.baseline.saturating_mul(n.canary);
        let is_exact = match self.method {
            RankMethod::Exact if pairs > EXACT_PAIRS => {
                let rule = format!(
                    "must be \"asymptotic\" or \"auto\" for {} and {} values",
                    n.baseline, n.canary
                );
                return Err(Error::option("method", rule, self.method));
            }
            RankMethod::Exact => true,
            RankMethod::Auto => pairs <= AUTO_PAIRS,
            RankMethod::Asymptotic => false,
        };
        let gap = Gap::of(values);
        // nb nc D, a whole number.
        let size = match self.alternative {
            Alternative::TwoSided => gap.below.max(gap.above),
            Alternative::Greater => gap.below,
            Alternative::Less => gap.above,
        };
        let counts = n.map(|n| n as f64);
        let statistic = size as f64 / counts.baseline / counts.canary;
        let p_value = if size == 0 {
            1.0
        } else if is_exact {
            self.exact_p(values, size)
        } else {
            let en = counts.baseline / (counts.baseline + counts.canary) * counts.canary;
            match self.alternative {
                Alternative::TwoSided => kolmogorov_sf(en.sqrt() * statistic),
                Alternative::Greater | Alternative::Less => {
                    (-2.0 * en * statistic * statistic).exp()
                }
            }
        };
        Ok(TestResult {
            test: TestName::KolmogorovSmirnov,
            method: if is_exact {
                Method::Exact
            } else {
                Method::Asymptotic
            },
            alternative: self.alternative,
            null: None,
            statistic,
            df: None,
            p_value,
            estimate: None,
            effect_sizes: vec![],
            arms: sorted.quantiles(0.5),
        })
    }

    fn exact_p(&self, sorted: Arms<&[f64]>, size: u64) -> f64 {
        let (nb, nc) = (sorted.baseline.len(), sorted.canary.len());
        if has_ties(sorted) {
            return self.by_paths(sorted, size);
        }
        match self.alternative {
            Alternative::TwoSided if nb == nc => reflected(nb as u64, size / nb as u64),
            Alternative::TwoSided => within_the_band(nb as u64, nc as u64, size),
            // No reflection for unequal arms: the paths on one side are counted as with ties.
            Alternative::Greater | Alternative::Less => self.by_paths(sorted, size),
        }
    }

    /// The share of paths from no value to all values, a step for each value of either arm, that
    /// somewhere are as far from the diagonal as `size`; only where a path is between two distinct
    /// values does its distance count.
    ///
    /// `hit` holds, for each number j of the baseline's values taken and the current number i of the
    /// canary's, the probability that a random path there has been that far: the last step came
    /// from the canary with probability i/(i + j) (Hodges 1958, as a tail).
    fn by_paths(&self, sorted: Arms<&[f64]>, size: u64) -> f64 {
        let (nb, nc) = (sorted.baseline.len(), sorted.canary.len());
        let border = borders(sorted);
        let is_border = |taken: usize| border.get(taken).copied().unwrap_or(true);
        let has_ties = border.iter().any(|&is| !is);
        let is_far = |i: usize, j: usize| {
            let baseline = j as u64 * nc as u64;
            let canary = i as u64 * nb as u64;
            let is_beyond = match self.alternative {
                Alternative::TwoSided => baseline.abs_diff(canary) >= size,
                Alternative::Greater => baseline >= canary + size,
                Alternative::Less => canary >= baseline + size,
            };
            is_beyond && (!has_ties || is_border(i + j))
        };
        let mut hit = vec![0.0; nb + 1];
        for i in 0..=nc {
            let mut left = 0.0; // hit at (i, j - 1)
            for (j, here) in hit.iter_mut().enumerate() {
                *here = if i + j > 0 && is_far(i, j) {
                    1.0
                } else {
                    mixed(i as f64, *here, j as f64, left)
                };
                left = *here;
            }
        }
        hit.last().copied().unwrap_or(1.0).min(1.0)
    }
}

/// A path at (i, j) came from (i - 1, j) with the probability i/(i + j), otherwise from (i, j - 1).
fn mixed(i: f64, from_canary: f64, j: f64, from_baseline: f64) -> f64 {
    match (i == 0.0, j == 0.0) {
        (true, true) => 0.0,
        (true, false) => from_baseline,
        (false, true) => from_canary,
        (false, false) => (i * from_canary + j * from_baseline) / (i + j),
    }
}

/// Whether any value is there twice.
fn has_ties(sorted: Arms<&[f64]>) -> bool {
    let within = |values: &[f64]| values.windows(2).any(|pair| pair.first() == pair.last());
    let Arms { baseline, canary } = sorted;
    let mut others = canary.iter().peekable();
    within(baseline)
        || within(canary)
        || baseline.iter().any(|x| {
            while others.next_if(|other| *other < x).is_some() {}
            others.peek() == Some(&x)
        })
}

/// The share of paths of two equal arms of n values that somewhere are `far` steps apart: by
/// reflection, 2 Σ (-1)^(k-1) C(2n, n - k far) / C(2n, n) over k ≥ 1 (Gnedenko and Korolyuk 1951).
fn reflected(n: u64, far: u64) -> f64 {
    let mut share = 1.0; // C(2n, n - j) / C(2n, n), one j after the other
    let mut sum = 0.0;
    for j in 1..=n {
        share *= (n - j + 1) as f64 / (n + j) as f64;
        if j % far == 0 {
            let is_odd = (j / far) % 2 == 1;
            sum += if is_odd { share } else { -share };
        }
        if share < 1e-17 * sum {
            break;
        }
    }
    (2.0 * sum).clamp(0.0, 1.0)
}

/// As `by_paths` for two sides and no ties: a path that leaves the band around the diagonal has been
/// far, so that only the band need be walked.
fn within_the_band(nb: u64, nc: u64, size: u64) -> f64 {
    let mut hit = vec![1.0; nb as usize + 1];
    let mut last_start = 0;
    for i in 0..=nc {
        let along = i * nb;
        let start = (along + 1).saturating_sub(size).div_ceil(nc).min(nb + 1);
        let end = (along + size - 1) / nc;
        // What has left the band on the lower side.
        for here in hit.iter_mut().take(start as usize).skip(last_start) {
            *here = 1.0;
        }
        last_start = (start as usize).saturating_sub(1);
        let mut left = if start > 0 { 1.0 } else { 0.0 };
        let band = hit.iter_mut().zip(0_u64..).skip(start as usize);
        for (here, j) in band.take_while(|(_, j)| *j <= end) {
            *here = mixed(i as f64, *here, j as f64, left);
            left = *here;
        }
    }
    hit.last().copied().unwrap_or(1.0).min(1.0)
}

/// For every number of pooled values taken, whether the next one is another than the last.
fn borders(sorted: Arms<&[f64]>) -> Vec<bool> {
    let mut pooled = [sorted.baseline, sorted.canary].concat();
    pooled.sort_unstable_by(f64::total_cmp);
    let between = pooled.windows(2).map(|pair| pair.first() != pair.last());
    std::iter::once(true).chain(between).chain([true]).collect()
}

/// The largest gaps between the distribution functions, times nb nc.
struct Gap {
    /// By which the canary's is below the baseline's: the canary is greater.
    below: u64,
    /// By which it is above.
    above: u64,
}

impl Gap {
    fn of(sorted: Arms<&[f64]>) -> Self {
        let Arms { baseline, canary } = sorted;
        let (nb, nc) = (baseline.len() as u64, canary.len() as u64);
        let (mut i, mut j) = (0, 0);
        let mut gap = Self { below: 0, above: 0 };
        while let (Some(b), Some(c)) = (baseline.get(i), canary.get(j)) {
            let value = b.min(*c);
            while baseline.get(i).is_some_and(|&x| x == value) {
                i += 1;
            }
            while canary.get(j).is_some_and(|&x| x == value) {
                j += 1;
            }
            let (of_baseline, of_canary) = (i as u64 * nc, j as u64 * nb);
            gap.below = gap.below.max(of_baseline.saturating_sub(of_canary));
            gap.above = gap.above.max(of_canary.saturating_sub(of_baseline));
        }
        gap
    }
}

/// P(K > x) of Kolmogorov's (1933) distribution, by whichever of its two series is short.
fn kolmogorov_sf(x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x < 1.0 {
        let scale = PI * PI / (8.0 * x * x);
        let terms = (0..20).map(|k| {
            let odd = f64::from(2 * k + 1);
            (-odd * odd * scale).exp()
        });
        return (1.0 - (2.0 * PI).sqrt() / x * terms.sum::<f64>()).clamp(0.0, 1.0);
    }
    let terms = (1..20).map(|k| {
        let k = f64::from(k);
        let sign = if k % 2.0 == 1.0 { 2.0 } else { -2.0 };
        sign * (-2.0 * k * k * x * x).exp()
    });
    terms.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(test: &KolmogorovSmirnov, b: &[f64], c: &[f64]) -> (f64, f64) {
        let result = test.run(&Arms::new(b, c)).unwrap();
        (result.statistic, result.p_value)
    }

    #[test]
    fn few_values_by_counting_all_orders() {
        // 3 and 4 values with a tie: every choice of 3 of the 7 as the baseline.
        let pooled = [1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 5.0];
        let test = KolmogorovSmirnov::new().method(RankMethod::Exact);
        let arms = |chosen: u32| {
            let pick = |is: bool| -> Vec<f64> {
                (0..7)
                    .filter(|i| (chosen >> i & 1 == 1) == is)
                    .map(|i| pooled[i as usize])
                    .collect()
            };
            (pick(true), pick(false))
        };
        let choices: Vec<u32> = (0..128_u32).filter(|c| c.count_ones() == 3).collect();
        for alternative in Alternative::ALL {
            let test = test.alternative(*alternative);
            for &seen in &choices {
                let (b, c) = arms(seen);
                let (d, p_value) = p(&test, &b, &c);
                let as_large = choices.iter().filter(|&&other| {
                    let (b, c) = arms(other);
                    p(&test, &b, &c).0 >= d - 1e-12
                });
                let share = as_large.count() as f64 / choices.len() as f64;
                assert!(
                    (p_value - share).abs() < 1e-14,
                    "{alternative} {seen} {d} {share}"
                );
            }
        }
    }

    #[test]
    fn short_ways_lead_where_the_long_one_does() {
        let values = |n: u32, from: f64| -> Vec<f64> {
            (0..n).map(|i| f64::from((i * 37) % 101) + from).collect()
        };
        for (nb, nc) in [(1, 1), (7, 7), (30, 30), (8, 5), (5, 8), (40, 13), (60, 61)] {
            let (b, c) = (values(nb, 0.0), values(nc, 0.5));
            let mut sorted = Arms::new(b, c);
            sorted.baseline.sort_by(f64::total_cmp);
            sorted.canary.sort_by(f64::total_cmp);
            let sorted = sorted.as_ref().map(Vec::as_slice);
            assert!(!has_ties(sorted));
            let test = KolmogorovSmirnov::new();
            let most = u64::from(nb) * u64::from(nc);
            for size in (1..=most).step_by((most / 40).max(1) as usize) {
                let size = if nb == nc {
                    size.div_ceil(u64::from(nb)) * u64::from(nb)
                } else {
                    size
                };
                let (short, long) = (test.exact_p(sorted, size), test.by_paths(sorted, size));
                assert!(
                    (short - long).abs() < 1e-13,
                    "{nb} {nc} {size}: {short} {long}"
                );
                assert!(
                    (short / long - 1.0).abs() < 1e-9,
                    "{nb} {nc} {size}: {short} {long}"
                );
            }
        }
    }

    #[test]
    fn the_limit_has_its_published_points() {
        // Smirnov's (1948) table.
        for (x, cdf) in [
            (0.5, 0.036_055),
            (0.83, 0.503_809),
            (1.0, 0.730_000),
            (1.36, 0.950_514),
        ] {
            assert!(
                (1.0 - kolmogorov_sf(x) - cdf).abs() < 1e-4,
                "{x}: {}",
                1.0 - kolmogorov_sf(x)
            );
        }
        assert!((kolmogorov_sf(1.0 - 1e-12) - kolmogorov_sf(1.0)).abs() < 1e-11);
    }

    #[test]
    fn everything_tied_is_no_difference() {
        assert_eq!(
            p(&KolmogorovSmirnov::new(), &[1.0; 4], &[1.0; 9]),
            (0.0, 1.0)
        );
    }
}
