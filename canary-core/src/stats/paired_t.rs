use std::ops::Range;

use super::input::Pairs;
use super::result::{
    ArmLevel, Effect, EffectSize, Estimate, Interval, Method, TestName, TestResult,
};
use super::t_test::{ANY, fieller, power_of_two, ratio_of_means, zero_if_equal};
use crate::data::Arms;
use crate::error::Result;
use crate::number::moments::Moments;
use crate::number::parallel::both;
use crate::number::student_t;
use crate::options::{Alternative, Confidence, Measure, NanPolicy, builder};

builder! {
    #[doc = include_str!("paired_t.md")]
    ///
    /// # Defaults
    /// Two-sided, confidence 0.95, difference of means, NaN refused.
    ///
    /// # Example: the same requests, replayed against both versions
    /// ```
    /// use canary_core::{Arms, stats::PairedT};
    ///
    /// let latency_ms = Arms::new([12.1, 95.0, 40.2, 33.3, 71.8], [12.9, 97.1, 41.0, 34.9, 73.0]);
    /// let result = PairedT::new().run(&latency_ms)?;
    /// assert!(result.p_value < 0.01);
    /// assert!((result.estimate.unwrap().value - 1.3).abs() < 1e-9);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    PairedT {
        /// What is held against the null hypothesis.
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the estimate is a difference or a ratio of means.
        measure: Measure = Measure::Difference,
        /// What to do with a pair that has a NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
        /// What the estimate is under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
    }
}

impl PairedT {
    /// Runs the test on values that belong together by their position.
    ///
    /// # Errors
    /// [`Error::InvalidInput`](crate::Error) for arms of different lengths, values that are not
    /// finite (by the NaN policy) and a ratio to a mean that is not positive;
    /// [`Error::NotEnoughData`](crate::Error) for fewer than two pairs;
    /// [`Error::InvalidOption`](crate::Error) for a confidence outside (0, 1).
    pub fn run<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        let confidence = Confidence::try_from(self.confidence)?;
        let null = self.measure.without_odds()?.null_or(self.null)?;
        let weight = match self.measure {
            Measure::Difference => 1.0,
            _ => null,
        };
        let found = Found::of(arms, weight, self.nan_policy)?;
        let Found { contrast, unit, .. } = found;
        let n = contrast.moments.count as f64;
        let df = n - 1.0;
        let standard_error = (contrast.moments.variance() / n).sqrt();
        let offset = match self.measure {
            Measure::Difference => null / unit,
            _ => 0.0,
        };
        let statistic = zero_if_equal(contrast.mean_less(offset), standard_error);
        let tail = confidence.tail(self.alternative);
        let t = student_t::quantile(tail, df);
        let mean = found.arms.map(|arm| arm.mean_less(0.0));
        let (value, ends) = match self.measure {
            Measure::Difference => {
                let difference = contrast.mean_less(0.0);
                let reach = t * standard_error;
                let ends = ((difference - reach) * unit, (difference + reach) * unit);
                (difference * unit, ends)
            }
            _ => {
                let ratio = ratio_of_means(mean, unit)?;
                let squared_error = found.arms.map(|arm| arm.moments.variance() / n);
                // s(b, c) from the variance of the difference.
                let difference = found.difference.moments.variance() / n;
                let covariance = 0.5 * (squared_error.baseline + squared_error.canary - difference);
                (ratio, fieller(mean, squared_error, covariance, t))
            }
        };
        let cohens_dz = zero_if_equal(contrast.mean_less(0.0), contrast.moments.variance().sqrt());
        Ok(TestResult {
            test: TestName::PairedT,
            method: Method::StudentT,
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
            effect_sizes: vec![EffectSize::new(Effect::CohensDz, cohens_dz)],
            arms: mean.map(|mean| ArmLevel {
                n: contrast.moments.count,
                omitted: found.omitted,
                level: mean * unit,
            }),
        })
    }
}

/// Moments about a pivot, so that 1e9 + noise keeps its noise.
#[derive(Clone, Copy)]
struct Centred {
    moments: Moments,
    pivot: f64,
}

impl Centred {
    /// The mean less something, which is taken from the pivot first.
    fn mean_less(&self, offset: f64) -> f64 {
        (self.pivot - offset) + self.moments.mean
    }

    fn is_extreme(&self) -> bool {
        let is_good = self.moments.m2 < 1e280 && self.mean_less(0.0).abs() < 1e140;
        !is_good // NaN is not good, either
    }
}

/// What the test needs of the pairs, which were divided by `unit`, a power of two.
struct Found {
    /// Of canary - weight · baseline.
    contrast: Centred,
    /// Of canary - baseline.
    difference: Centred,
    arms: Arms<Centred>,
    unit: f64,
    omitted: u64,
}

impl Found {
    fn of<A: AsRef<[f64]>>(arms: &Arms<A>, weight: f64, nan_policy: NanPolicy) -> Result<Self> {
        let values = arms.as_ref().map(A::as_ref);
        let len = values.baseline.len();
        // What is not finite makes the moments so: these pairs need no check of their own.
        if len >= 2 && values.canary.len() == len {
            let plain = Self::of_checked(values, weight, 1.0);
            let squares = plain.arms.baseline.moments.m2 + plain.arms.canary.moments.m2;
            let is_extreme = plain.contrast.is_extreme()
                || plain.arms.baseline.is_extreme()
                || plain.arms.canary.is_extreme()
                || squares < 1e-280;
            if !is_extreme {
                return Ok(plain);
            }
        }
        let pairs = Pairs::of(arms, nan_policy, 2)?;
        let values = pairs.values.as_ref().map(|values| &**values);
        let unit = power_of_two(values);
        let scaled = values.map(|values| values.iter().map(|x| x / unit).collect::<Vec<_>>());
        let scaled = scaled.as_ref().map(Vec::as_slice);
        Ok(Self {
            omitted: pairs.omitted,
            ..Self::of_checked(scaled, weight, unit)
        })
    }

    fn of_checked(values: Arms<&[f64]>, weight: f64, unit: f64) -> Self {
        let len = values.baseline.len();
        let contrasts = |weight: f64, range: Range<usize>, into: &mut Vec<f64>| {
            into.clear();
            let baseline = values.baseline.get(range.clone()).unwrap_or_default();
            let canary = values.canary.get(range).unwrap_or_default();
            into.extend(baseline.iter().zip(canary).map(|(b, c)| c - weight * b));
        };
        let mut first = Vec::new();
        contrasts(weight, 0..BLOCK.min(len), &mut first);
        let pivot = Moments::pivot(&first);
        let pivots = values.map(Moments::pivot);
        // Block by block, so that both arms are read from memory once.
        let part = |from: usize, to: usize| {
            let (mut contrast, mut arms) = (
                Moments::default(),
                Arms::new(Moments::default(), Moments::default()),
            );
            let mut block = Vec::with_capacity(BLOCK);
            for start in (from..to).step_by(BLOCK) {
                let range = start..(start + BLOCK).min(to);
                contrasts(weight, range.clone(), &mut block);
                contrast = contrast.merge(Moments::about(pivot, &block));
                let of = |values: &[f64], pivot| {
                    Moments::about(pivot, values.get(range.clone()).unwrap_or_default())
                };
                let here = values.zip(pivots).map(|(values, pivot)| of(values, pivot));
                arms = arms.zip(here).map(|(sum, here)| sum.merge(here));
            }
            (contrast, arms)
        };
        let middle = len / 2;
        let (left, right) = both(middle, || part(0, middle), || part(middle, len));
        let contrast = Centred {
            moments: left.0.merge(right.0),
            pivot,
        };
        let difference = if weight == 1.0 {
            contrast
        } else {
            let (pivot, moments) =
                Moments::of_blocks(len, |range, block| contrasts(1.0, range, block));
            Centred { moments, pivot }
        };
        let arms = left.1.zip(right.1).zip(pivots);
        Self {
            contrast,
            difference,
            arms: arms.map(|((left, right), pivot)| Centred {
                moments: left.merge(right),
                pivot,
            }),
            unit,
            omitted: 0,
        }
    }
}

/// So many pairs at once stay in the first-level cache.
const BLOCK: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_differences_have_a_defined_answer() {
        let run = |c: [f64; 3]| PairedT::new().run(&Arms::new([1.0, 2.0, 3.0], c)).unwrap();
        let same = run([1.0, 2.0, 3.0]);
        assert_eq!((same.statistic, same.p_value), (0.0, 1.0));
        let moved = run([2.0, 3.0, 4.0]);
        assert_eq!((moved.statistic, moved.p_value), (f64::INFINITY, 0.0));
    }

    #[test]
    fn a_pair_goes_with_either_of_its_values() {
        let test = PairedT::new().nan_policy(NanPolicy::Omit);
        let nan = f64::NAN;
        let result = test
            .run(&Arms::new([1.0, nan, 3.0, 4.0], [2.0, 2.0, nan, 6.0]))
            .unwrap();
        assert_eq!((result.arms.baseline.n, result.arms.canary.omitted), (2, 2));
        assert!(
            PairedT::new()
                .run(&Arms::new([1.0, nan], [1.0, 2.0]))
                .is_err()
        );
        let error = test.run(&Arms::new(vec![1.0], vec![1.0, 2.0])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "canary: must have as many values as baseline (1), one for each, got 2"
        );
    }

    #[test]
    fn the_ratio_and_its_test_agree() {
        let data = Arms::new([10.0, 12.0, 9.0, 14.0, 11.0], [11.0, 14.0, 9.5, 15.5, 12.0]);
        let ratio = PairedT::new().measure(Measure::Ratio);
        let interval = ratio.run(&data).unwrap().estimate.unwrap().interval;
        for end in [interval.low, interval.high] {
            let p = ratio.null(Some(end)).run(&data).unwrap().p_value;
            assert!((p - 0.05).abs() < 1e-10, "{end}: {p}");
        }
    }
}
