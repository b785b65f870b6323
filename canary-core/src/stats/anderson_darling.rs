use std::f64::consts::PI;

use super::input::Sorted;
use super::result::{Method, TestName, TestResult};
use crate::data::Arms;
use crate::error::Result;
use crate::number::quadrature;
use crate::options::{Alternative, NanPolicy, builder};

builder! {
    #[doc = include_str!("anderson_darling.md")]
    ///
    /// # Defaults
    /// NaN refused. The test has no sides.
    ///
    /// # Example: one request in twenty is far slower
    /// ```
    /// use canary_core::{Arms, stats::AndersonDarling};
    ///
    /// let baseline: Vec<f64> = (0..400).map(|i| 100.0 + f64::from(i % 20)).collect();
    /// let canary: Vec<f64> = (0..100)
    ///     .map(|i| if i % 10 == 0 { 300.0 } else { 100.0 + f64::from(i % 20) })
    ///     .collect();
    /// let result = AndersonDarling::new().run(&Arms { baseline, canary })?;
    /// assert!(result.p_value < 0.05);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    AndersonDarling {
        /// What to do with NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
    }
}

impl AndersonDarling {
    /// Runs the test on raw values.
    ///
    /// # Errors
    /// [`Error::InvalidInput`](crate::Error) for values that are not finite (by the NaN policy);
    /// [`Error::NotEnoughData`](crate::Error) for fewer than two values on an arm.
    pub fn run<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        let sorted = Sorted::of(arms, self.nan_policy)?.at_least(2)?;
        let a2 = distance(sorted.as_slices());
        let n = sorted.as_slices().map(|values| values.len() as f64);
        let (statistic, p_value) = match a2 {
            Some(a2) => {
                let statistic = (a2 - 1.0) / variance(n).sqrt();
                (statistic, limit_sf(1.0 + statistic * LIMIT_VARIANCE.sqrt()))
            }
            None => (0.0, 1.0), // all tied
        };
        Ok(TestResult {
            test: TestName::AndersonDarling,
            method: Method::Asymptotic,
            alternative: Alternative::TwoSided,
            null: None,
            statistic,
            df: None,
            p_value,
            estimate: None,
            effect_sizes: vec![],
            arms: sorted.quantiles(0.5),
        })
    }
}

/// Scholz and Stephens' eq. 7; none where every value is tied.
fn distance(sorted: Arms<&[f64]>) -> Option<f64> {
    let Arms { baseline, canary } = sorted;
    let (nb, nc) = (baseline.len() as f64, canary.len() as f64);
    let all = nb + nc;
    let (mut i, mut j) = (0, 0);
    let mut sums = Arms::new(0.0, 0.0);
    let mut distinct = 0;
    loop {
        let value = match (baseline.get(i), canary.get(j)) {
            (Some(b), Some(c)) => b.min(*c),
            (Some(&only), None) | (None, Some(&only)) => only,
            (None, None) => break,
        };
        distinct += 1;
        let tied = |values: &[f64], from: usize| {
            let rest = values.get(from..).unwrap_or_default();
            rest.iter().take_while(|&&x| x == value).count()
        };
        let (fb, fc) = (tied(baseline, i), tied(canary, j));
        let l = (fb + fc) as f64;
        let below = (i + j) as f64 + 0.5 * l;
        let weight = l / all / (below * (all - below) - 0.25 * all * l);
        // N M - n B, which for two arms differs in its sign alone.
        let (mb, mc) = (i as f64 + 0.5 * fb as f64, j as f64 + 0.5 * fc as f64);
        let apart = nc * mb - nb * mc;
        sums.baseline += weight * apart * apart;
        sums.canary += weight * apart * apart;
        (i, j) = (i + fb, j + fc);
    }
    (distinct > 1).then(|| (all - 1.0) / all * (sums.baseline / nb + sums.canary / nc))
}

/// `σ_N²`: Scholz and Stephens' eq. 4 for k = 2.
fn variance(n: Arms<f64>) -> f64 {
    let all = n.baseline + n.canary;
    let inverse = 1.0 / n.baseline + 1.0 / n.canary; // their H
    let last = all as u64 - 1;
    let harmonic: f64 = (1..=last).map(|j| 1.0 / j as f64).sum(); // their h
    // Their g: Σ over i < j < N of 1/((N - i) j), by what is left of h after each i.
    let mut rest = harmonic;
    let terms = (1..last).map(|i| {
        rest -= 1.0 / i as f64;
        rest / (all - i as f64)
    });
    let g: f64 = terms.sum();
    let a = (4.0 * g - 6.0) + (10.0 - 6.0 * g) * inverse;
    let b = (2.0 * g - 4.0) * 4.0 + 16.0 * harmonic + (2.0 * g - 14.0 * harmonic - 4.0) * inverse
        - 8.0 * harmonic
        + 4.0 * g
        - 6.0;
    let c = (6.0 * harmonic + 2.0 * g - 2.0) * 4.0
        + (4.0 * harmonic - 4.0 * g + 6.0) * 2.0
        + (2.0 * harmonic - 6.0) * inverse
        + 4.0 * harmonic;
    let d = (2.0 * harmonic + 6.0) * 4.0 - 8.0 * harmonic;
    let polynomial = ((a * all + b) * all + c) * all + d;
    polynomial / ((all - 1.0) * (all - 2.0) * (all - 3.0))
}

/// The variance of A∞: 2(π² - 9)/3.
const LIMIT_VARIANCE: f64 = 2.0 * (PI * PI - 9.0) / 3.0;

/// P(A∞ > x) for A∞ = Σ χ²(1)/(j(j + 1)), by Smirnov's (1937) formula
///
/// ```text
/// 1/π Σ (-1)^(k+1) ∫ e^(-xu) / (u √|D(u)|) du  from u = k(2k - 1) to k(2k + 1)
/// ```
///
/// with D(u) = ∏ (1 - 2u/(j(j + 1))) = -cos(π/2 √(1 + 8u)) / (2πu), whose zeros are the limits of
/// the integrals: u = middle + half sin φ takes their singularities away.
fn limit_sf(x: f64) -> f64 {
    if x < 0.05 {
        return 1.0; // P(A∞ < 0.05) is below 1e-10
    }
    let mut sum = 0.0;
    for k in 1..200 {
        let k = f64::from(k);
        let (low, high) = (k * (2.0 * k - 1.0), k * (2.0 * k + 1.0));
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let integrand = |phi: f64| {
            let (sine, cosine) = phi.sin_cos();
            let u = middle + half * sine;
            // |cos(π/2 √(1 + 8u))| by the distance from the nearer zero, where √(1 + 8u) is odd.
            let from_low = half * (1.0 + sine);
            let from_high = half * (1.0 - sine);
            let root = (1.0 + 8.0 * u).sqrt();
            let (near, odd) = if from_low < from_high {
                (from_low, 4.0 * k - 1.0)
            } else {
                (from_high, 4.0 * k + 1.0)
            };
            let d = (0.5 * PI * 8.0 * near / (root + odd)).sin().abs() / (2.0 * PI * u);
            (-x * (u - low)).exp() / (u * d.sqrt()) * half * cosine
        };
        let part = (-x * low).exp() * quadrature::integral(integrand, -0.5 * PI, 0.5 * PI, 8);
        let previous = sum;
        sum += if k % 2.0 == 1.0 { part } else { -part };
        if previous == sum {
            break;
        }
    }
    (sum / PI).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_has_its_published_points() {
        // Marsaglia and Marsaglia (2004), the limit's distribution function.
        for (x, cdf) in [
            (0.5, 0.253_495),
            (1.0, 0.642_733),
            (2.0, 0.908_159),
            (4.0, 0.991_335),
        ] {
            let got = 1.0 - limit_sf(x);
            assert!((got - cdf).abs() < 5e-4, "{x}: {got}");
        }
        // Far out the first integral is all there is.
        let ratio = limit_sf(30.0) / limit_sf(31.0);
        assert!((ratio / 1f64.exp() - 1.0).abs() < 0.03, "{ratio}");
    }

    #[test]
    fn everything_tied_is_no_difference() {
        let result = AndersonDarling::new()
            .run(&Arms::new([2.0; 4], [2.0; 4]))
            .unwrap();
        assert_eq!((result.statistic, result.p_value), (0.0, 1.0));
    }
}
