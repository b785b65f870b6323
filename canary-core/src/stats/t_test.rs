use std::f64;

use super::result::{
    ArmLevel, Effect, EffectSize, Estimate, Interval, Method, TestName, TestResult,
};
use crate::data::{Arms, Summary, finite};
use crate::error::{Error, Result};
use crate::number::moments::Moments;
use crate::number::parallel::both;
use crate::number::student_t;
use crate::options::{Alternative, Confidence, Measure, NanPolicy, builder, choice};

choice! {
    /// Whether the arms may have different variances.
    #[derive(Default)]
    Variance("variance") {
        /// They may: Welch's test. Nearly as powerful as Student's when they do not, and right
        /// when they do, above all with 5 % of the traffic on one arm.
        #[default]
        Welch = "welch",
        /// They may not: Student's test.
        Pooled = "pooled",
    }
}

builder! {
    #[doc = include_str!("t_test.md")]
    ///
    /// # Defaults
    /// Welch, two-sided, confidence 0.95, difference of means, NaN refused.
    ///
    /// # Example: the canary is slower
    /// ```
    /// use canary_core::{Alternative, Arms, TTest};
    ///
    /// let latency_ms = Arms {
    ///     baseline: vec![101.2, 98.7, 103.5, 99.1, 100.4],
    ///     canary: vec![107.9, 110.3, 105.2, 109.8, 108.1],
    /// };
    /// let result = TTest::new().alternative(Alternative::Greater).run(&latency_ms)?;
    /// assert!(result.p_value < 0.001);
    /// let slower = result.estimate.unwrap();
    /// assert!((slower.value - 7.68).abs() < 1e-9);
    /// assert!(slower.interval.low > 5.0 && slower.interval.high == f64::INFINITY);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    TTest {
        /// Welch's or Student's.
        variance: Variance = Variance::Welch,
        /// What is held against "no difference".
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the estimate is a difference or a ratio of means.
        measure: Measure = Measure::Difference,
        /// What to do with NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
        /// What the estimate is under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
    }
}

impl TTest {
    /// Runs the test on raw values.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a confidence outside (0, 1); [`Error::InvalidInput`] for
    /// values that are not finite (by the NaN policy) and for a ratio to a mean that is not
    /// positive; [`Error::NotEnoughData`] for fewer values than the formula needs.
    pub fn run<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        self.test(Centred::of(arms, self.nan_policy)?)
    }

    /// Runs the test on summaries, where the values themselves were not kept.
    ///
    /// # Errors
    /// As [`TTest::run`].
    ///
    /// # Example: from a published table
    /// ```
    /// use canary_core::{Arms, Summary, TTest};
    ///
    /// let arms = Arms {
    ///     baseline: Summary::from_moments(95, 101.3, 14.2)?,
    ///     canary: Summary::from_moments(5, 120.9, 16.0)?,
    /// };
    /// assert!(TTest::new().run_summaries(&arms)?.p_value > 0.04);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn run_summaries(&self, arms: &Arms<Summary>) -> Result<TestResult> {
        let centred = Centred {
            moments: arms.map(|summary| summary.moments()),
            pivot: Arms::new(0.0, 0.0),
            unit: 1.0,
            omitted: Arms::new(0, 0),
        };
        self.test(centred)
    }

    pub(super) fn test(&self, centred: Centred) -> Result<TestResult> {
        let Centred {
            moments,
            pivot,
            unit,
            omitted,
        } = centred;
        let confidence = Confidence::try_from(self.confidence)?;
        self.check_sizes(moments)?;
        let n = moments.map(|m| m.count as f64);
        let mean = moments.zip(pivot).map(|(m, pivot)| pivot + m.mean);
        let difference =
            (pivot.canary - pivot.baseline) + (moments.canary.mean - moments.baseline.mean);
        let pooled_df = n.baseline + n.canary - 2.0;
        let pooled_variance = (moments.baseline.m2 + moments.canary.m2) / pooled_df;
        let squared_error = match self.variance {
            Variance::Welch => moments.map(|m| m.variance() / m.count as f64),
            Variance::Pooled => n.map(|n| pooled_variance / n),
        };
        let df_at = |ratio: f64| match self.variance {
            Variance::Welch => welch_df(squared_error, n, ratio),
            Variance::Pooled => pooled_df,
        };
        let null = self.measure.without_odds()?.null_or(self.null)?;
        // The contrast is canary - weight * baseline, held against offset.
        let (weight, offset) = match self.measure {
            Measure::Difference => (1.0, null / unit),
            _ => (null, 0.0),
        };
        let df = df_at(weight);
        let standard_error =
            (squared_error.baseline * weight * weight + squared_error.canary).sqrt();
        let contrast = if weight == 1.0 {
            difference - offset
        } else {
            mean.canary - weight * mean.baseline
        };
        let statistic = zero_if_equal(contrast, standard_error);
        let tail = confidence.tail(self.alternative);
        let (value, ends) = match self.measure {
            Measure::Difference => {
                let half_width = student_t::quantile(tail, df) * standard_error;
                let interval = (difference - half_width, difference + half_width);
                (difference * unit, (interval.0 * unit, interval.1 * unit))
            }
            Measure::Ratio | Measure::OddsRatio => {
                let ratio = ratio_of_means(mean, unit)?;
                let t = student_t::quantile(tail, df_at(ratio));
                (ratio, fieller(mean, squared_error, 0.0, t))
            }
        };
        let cohens_d = zero_if_equal(difference, pooled_variance.sqrt());
        Ok(TestResult {
            test: TestName::TTest,
            method: match self.variance {
                Variance::Welch => Method::Welch,
                Variance::Pooled => Method::Pooled,
            },
            alternative: self.alternative,
            null: Some(null),
            statistic,
            df: Some(df),
            p_value: student_t::p_value(statistic, df, self.alternative),
            estimate: Some(Estimate {
                measure: self.measure,
                of: format!("{} of means", self.measure.title()),
                value,
                interval: Interval::new(ends, ANY, self.alternative, confidence),
            }),
            effect_sizes: vec![
                EffectSize {
                    effect: Effect::CohensD,
                    value: cohens_d,
                },
                EffectSize {
                    effect: Effect::HedgesG,
                    value: hedges_g(cohens_d, pooled_df),
                },
            ],
            arms: moments
                .zip(mean)
                .zip(omitted)
                .map(|((m, mean), omitted)| ArmLevel {
                    n: m.count,
                    omitted,
                    level: mean * unit,
                }),
        })
    }

    fn check_sizes(&self, moments: Arms<Moments>) -> Result<()> {
        let count = moments.map(|m| m.count as usize);
        match self.variance {
            Variance::Welch => {
                count.try_map(|arm, count| match count {
                    0 | 1 => Err(Error::not_enough(arm, "2 values", count)),
                    _ => Ok(()),
                })?;
            }
            Variance::Pooled if count.baseline + count.canary < 3 => {
                let both = count.baseline + count.canary;
                return Err(Error::not_enough("baseline and canary", "3 values", both));
            }
            Variance::Pooled => {}
        }
        Ok(())
    }
}

/// The range of a difference of means, and of the ratio's interval where nothing bounds it.
pub(super) const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// Welch (1947) and Satterthwaite (1946), for the contrast canary - ratio · baseline. Written in
/// the baseline's share of the variance, so that no fourth power can overflow.
pub(super) fn welch_df(squared_error: Arms<f64>, n: Arms<f64>, ratio: f64) -> f64 {
    let baseline = ratio * ratio * squared_error.baseline;
    let total = baseline + squared_error.canary;
    if total == 0.0 {
        return n.baseline + n.canary - 2.0;
    }
    let share = baseline / total;
    1.0 / (share * share / (n.baseline - 1.0) + (1.0 - share).powi(2) / (n.canary - 1.0))
}

/// x̄c / x̄b, for a positive x̄b; both are in this unit.
pub(super) fn ratio_of_means(mean: Arms<f64>, unit: f64) -> Result<f64> {
    if mean.baseline > 0.0 {
        return Ok(mean.canary / mean.baseline);
    }
    let rule = "must have a positive mean for a ratio of means";
    Err(Error::input("baseline", rule, mean.baseline * unit))
}

/// The ratios ρ with (x̄c - ρ x̄b)² ≤ t² (vc - 2 ρ v(b, c) + ρ² vb) (Fieller 1954): an interval, or
/// everything where the baseline's mean cannot be told from zero.
pub(super) fn fieller(
    mean: Arms<f64>,
    squared_error: Arms<f64>,
    covariance: f64,
    t: f64,
) -> (f64, f64) {
    let (vb, vc) = (t * t * squared_error.baseline, t * t * squared_error.canary);
    let both = t * t * covariance;
    let a = mean.baseline * mean.baseline - vb;
    if a <= 0.0 {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    let product = mean.canary * mean.baseline;
    let b = product - both;
    // b² - a(x̄c² - vc), multiplied out so that nothing large cancels.
    let apart = vb * mean.canary * mean.canary + vc * a;
    let root = (apart - 2.0 * both * product + both * both).max(0.0).sqrt();
    // The root farther from zero by the formula, the other from their product.
    let far = (b + root.copysign(b)) / a;
    let product = (mean.canary * mean.canary - vc) / a;
    let near = if far == 0.0 { 0.0 } else { product / far };
    (far.min(near), far.max(near))
}

/// x / y, where nothing over nothing is nothing.
pub(super) fn zero_if_equal(x: f64, y: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x / y }
}

/// Cohen's d times Hedges' (1981) exact J(m) = Γ(m/2) / (√(m/2) Γ((m - 1)/2)); J(1) is 0, Γ(0)
/// being infinite. An infinite d, without any variance, stays infinite.
fn hedges_g(cohens_d: f64, m: f64) -> f64 {
    if cohens_d.is_infinite() {
        return cohens_d;
    }
    if m <= 1.0 {
        return 0.0;
    }
    cohens_d * student_t::half_gamma_ratio((m - 1.0) / 2.0) / (m / 2.0).sqrt()
}

/// Each arm's moments about a pivot in its midst, of values that were divided by `unit`. The means
/// differ by what the means themselves, each rounded to a double, may no longer show.
#[derive(Clone, Copy)]
pub(super) struct Centred {
    pub(super) moments: Arms<Moments>,
    pub(super) pivot: Arms<f64>,
    pub(super) unit: f64,
    pub(super) omitted: Arms<u64>,
}

impl Centred {
    /// Of both arms' values, once checked.
    pub(super) fn of<A: AsRef<[f64]>>(arms: &Arms<A>, nan_policy: NanPolicy) -> Result<Self> {
        let values = arms.as_ref().map(A::as_ref);
        let plain = Self::of_checked(values, 1.0, Arms::new(0, 0));
        // What is not finite makes the moments so: these need no check of their own.
        if !values.baseline.is_empty() && !values.canary.is_empty() && !plain.is_extreme() {
            return Ok(plain);
        }
        let checked = values.try_map(|arm, values| finite(arm, values, nan_policy))?;
        let values = checked.as_ref().map(|(values, _)| &**values);
        let omitted = checked.as_ref().map(|&(_, omitted)| omitted);
        let plain = Self::of_checked(values, 1.0, omitted);
        if !plain.is_extreme() {
            return Ok(plain);
        }
        let unit = power_of_two(values);
        let scaled = values.map(|values| values.iter().map(|x| x / unit).collect::<Vec<_>>());
        let scaled = scaled.as_ref().map(Vec::as_slice);
        Ok(Self::of_checked(scaled, unit, omitted))
    }

    fn of_checked(values: Arms<&[f64]>, unit: f64, omitted: Arms<u64>) -> Self {
        let pivot = values.map(Moments::pivot);
        let about = |values, pivot| move || Moments::about(pivot, values);
        let size = values.baseline.len().min(values.canary.len());
        let (baseline, canary) = both(
            size,
            about(values.baseline, pivot.baseline),
            about(values.canary, pivot.canary),
        );
        let moments = Arms { baseline, canary };
        Self {
            moments,
            pivot,
            unit,
            omitted,
        }
    }

    /// Whether squares have overflowed (or will, in the ratio's formula), or may have lost digits
    /// by underflow.
    pub(super) fn is_extreme(self) -> bool {
        let is_good = |(m, pivot): (Moments, f64)| {
            m.m2 < 1e280 && (pivot + m.mean).abs() < 1e140 // false for NaN, too
        };
        let arms = self.moments.zip(self.pivot);
        let m2 = self.moments.baseline.m2 + self.moments.canary.m2;
        !(is_good(arms.baseline) && is_good(arms.canary)) || m2 < 1e-280
    }
}

/// A power of two near the largest absolute value: dividing by it loses nothing.
pub(super) fn power_of_two(values: Arms<&[f64]>) -> f64 {
    let largest = |values: &[f64]| values.iter().fold(0.0, |max: f64, x| max.max(x.abs()));
    let size = largest(values.baseline).max(largest(values.canary));
    if size == 0.0 {
        1.0
    } else {
        size.log2().floor().min(1023.0).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(test: &TTest, baseline: &[f64], canary: &[f64]) -> TestResult {
        test.run(&Arms::new(baseline, canary)).unwrap()
    }

    #[test]
    fn no_variance_has_a_defined_answer() {
        let same = p(&TTest::new(), &[3.0; 4], &[3.0; 5]);
        assert_eq!((same.statistic, same.p_value), (0.0, 1.0));
        let moved = p(&TTest::new(), &[3.0; 4], &[4.0; 5]);
        assert_eq!((moved.statistic, moved.p_value), (f64::INFINITY, 0.0));
        assert_eq!(moved.estimate.unwrap().interval.low, 1.0);
    }

    #[test]
    fn extreme_scales_change_nothing_but_the_unit() {
        let baseline = [1.0, 2.0, 4.0, 8.0];
        let canary = [3.0, 5.0, 9.0];
        let plain = p(&TTest::new(), &baseline, &canary);
        for scale in [2f64.powi(1000), 2f64.powi(-1000), 2f64.powi(-500)] {
            let scaled = p(
                &TTest::new(),
                &baseline.map(|x| x * scale),
                &canary.map(|x| x * scale),
            );
            assert_eq!(scaled.p_value, plain.p_value);
            let (scaled, plain) = (scaled.estimate.unwrap(), plain.estimate.clone().unwrap());
            assert_eq!(scaled.value, plain.value * scale);
        }
    }

    #[test]
    fn too_few_values_are_named() {
        let one = TTest::new()
            .run(&Arms::new(vec![1.0], vec![1.0, 2.0]))
            .unwrap_err();
        assert_eq!(one.to_string(), "baseline: needs at least 2 values, got 1");
        let pooled = TTest::new().variance(Variance::Pooled);
        assert!(pooled.run(&Arms::new(vec![1.0], vec![1.0, 2.0])).is_ok());
    }

    #[test]
    fn an_indistinct_baseline_leaves_the_ratio_open() {
        let ratio = TTest::new().measure(Measure::Ratio);
        let result = p(&ratio, &[-1.0, 1.2, 0.1], &[5.0, 6.0, 7.0]);
        assert_eq!(result.estimate.unwrap().interval.high, f64::INFINITY);
        assert!(ratio.run(&Arms::new([0.0, 0.0], [1.0, 2.0])).is_err());
    }
}
