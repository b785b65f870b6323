use super::input::Pairs;
use super::result::{Effect, EffectSize, Estimate, Interval, Method, TestName, TestResult};
use super::t_test::{ANY, fieller, power_of_two, ratio_of_means, zero_if_equal};
use crate::data::Arms;
use crate::error::Result;
use crate::number::moments::Moments;
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
        let pairs = Pairs::of(arms, self.nan_policy, 2)?;
        let values = pairs.values.as_ref().map(|values| &**values);
        // Divided by a power of two, which loses nothing, so that no square overflows.
        let unit = power_of_two(values);
        let moments_of = |f: &dyn Fn(f64, f64) -> f64| {
            let of_pair = |(b, c): (&f64, &f64)| f(b / unit, c / unit);
            let pairs = values.baseline.iter().zip(values.canary);
            Centred::of(&pairs.map(of_pair).collect::<Vec<_>>())
        };
        let weight = match self.measure {
            Measure::Difference => 1.0,
            _ => null,
        };
        let contrast = moments_of(&|b, c| c - weight * b);
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
        let mean = values.map(|values| {
            let scaled: Vec<f64> = values.iter().map(|x| x / unit).collect();
            Centred::of(&scaled).mean_less(0.0)
        });
        let (value, ends) = match self.measure {
            Measure::Difference => {
                let difference = contrast.mean_less(0.0);
                let reach = t * standard_error;
                let ends = ((difference - reach) * unit, (difference + reach) * unit);
                (difference * unit, ends)
            }
            _ => {
                let ratio = ratio_of_means(mean, unit)?;
                let squared_error = Arms::new(
                    moments_of(&|b, _| b).moments.variance() / n,
                    moments_of(&|_, c| c).moments.variance() / n,
                );
                // s(b, c) from the variance of the difference.
                let difference = moments_of(&|b, c| c - b).moments.variance() / n;
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
            arms: mean
                .zip(pairs.levels(|_| 0.0))
                .map(|(mean, level)| super::result::ArmLevel {
                    level: mean * unit,
                    ..level
                }),
        })
    }
}

/// Moments about a pivot, so that 1e9 + noise keeps its noise.
struct Centred {
    moments: Moments,
    pivot: f64,
}

impl Centred {
    fn of(values: &[f64]) -> Self {
        let pivot = Moments::pivot(values);
        Self {
            moments: Moments::about(pivot, values),
            pivot,
        }
    }

    /// The mean less something, which is taken from the pivot first.
    fn mean_less(&self, offset: f64) -> f64 {
        (self.pivot - offset) + self.moments.mean
    }
}

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
