use super::input::Sorted;
use super::ranks::{Runs, placements};
use super::result::{Effect, EffectSize, Estimate, Interval, Method, TestName, TestResult};
use crate::data::Arms;
use crate::error::Result;
use crate::number::{normal, student_t};
use crate::options::{Alternative, Confidence, Measure, NanPolicy, builder, choice};

choice! {
    /// Which distribution the Brunner-Munzel statistic is held against.
    BrunnerMunzelMethod("method") {
        /// Student's t: the one to use.
        StudentT = "t",
        /// The normal distribution, for hundreds of values an arm.
        Asymptotic = "asymptotic",
    }
}

builder! {
    #[doc = include_str!("brunner_munzel.md")]
    ///
    /// # Defaults
    /// Two-sided, t distribution, confidence 0.95, NaN refused.
    ///
    /// # Example
    /// ```
    /// use canary_core::{Arms, stats::BrunnerMunzel};
    ///
    /// let latency_ms = Arms {
    ///     baseline: vec![101.2, 98.7, 103.5, 99.1, 100.4, 108.0],
    ///     canary: vec![107.9, 110.3, 105.2, 109.8],
    /// };
    /// let result = BrunnerMunzel::new().run(&latency_ms)?;
    /// assert!(result.p_value < 0.01);
    /// assert!((result.estimate.unwrap().value - 22.0 / 24.0).abs() < 1e-12);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    BrunnerMunzel {
        /// What is held against even chances.
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Which distribution the statistic is held against.
        method: BrunnerMunzelMethod = BrunnerMunzelMethod::StudentT,
        /// What to do with NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
    }
}

impl BrunnerMunzel {
    /// Runs the test on raw values.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`](crate::Error) for fewer than two values on an arm;
    /// [`Error::InvalidInput`](crate::Error) for values that are not finite (by the NaN policy);
    /// [`Error::InvalidOption`](crate::Error) for a confidence outside (0, 1).
    pub fn run<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        let confidence = Confidence::try_from(self.confidence)?;
        let sorted = Sorted::of(arms, self.nan_policy)?.at_least(2)?;
        let runs = sorted.as_slices().map(Runs::of);
        let n = runs.as_ref().map(|runs| runs.total() as f64);
        let placed = Arms {
            baseline: Placed::of(&runs.baseline, &runs.canary),
            canary: Placed::of(&runs.canary, &runs.baseline),
        };
        let pairs = n.baseline * n.canary;
        let won = placed.canary.mean / n.baseline;
        // n S² of each arm.
        let mut spread = placed
            .zip(n)
            .map(|(placed, n)| n * placed.sum_of_squares / (n - 1.0));
        let mut above = won - 0.5;
        let is_apart = spread.baseline == 0.0 && spread.canary == 0.0 && above != 0.0;
        if is_apart {
            // Half a tie: one value of each arm is placed ½ nearer to the others.
            let nearer = n.map(|n| n * (0.25 * (1.0 - 1.0 / n)) / (n - 1.0));
            spread = nearer;
            above -= (0.5 / pairs).copysign(above);
        }
        let total = spread.baseline + spread.canary;
        let error = total.sqrt() / pairs;
        let statistic = if above == 0.0 { 0.0 } else { above / error };
        let df = if total == 0.0 {
            n.baseline + n.canary - 2.0
        } else {
            let share = spread.baseline / total;
            1.0 / (share * share / (n.baseline - 1.0) + (1.0 - share).powi(2) / (n.canary - 1.0))
        };
        let tail = confidence.tail(self.alternative);
        let (method, df, p_value, critical) = match self.method {
            BrunnerMunzelMethod::StudentT => (
                Method::StudentT,
                Some(df),
                student_t::p_value(statistic, df, self.alternative),
                student_t::quantile(tail, df),
            ),
            BrunnerMunzelMethod::Asymptotic => (
                Method::Asymptotic,
                None,
                normal::p_value(statistic, self.alternative),
                normal::quantile(tail),
            ),
        };
        let ends = if total == 0.0 {
            (0.0, 1.0)
        } else {
            let middle = above + 0.5;
            let reach = critical * error;
            (
                (middle - reach).clamp(0.0, 1.0),
                (middle + reach).clamp(0.0, 1.0),
            )
        };
        Ok(TestResult {
            test: TestName::BrunnerMunzel,
            method,
            alternative: self.alternative,
            null: Some(0.5),
            statistic,
            df,
            p_value,
            estimate: Some(Estimate {
                measure: Measure::Difference,
                of: "P(canary > baseline)".to_owned(),
                value: won,
                interval: Interval::new(
                    (ends.0.min(won), ends.1.max(won)),
                    (0.0, 1.0),
                    self.alternative,
                    confidence,
                ),
            }),
            effect_sizes: vec![
                EffectSize::new(Effect::RankBiserial, 2.0 * won - 1.0),
                EffectSize::new(Effect::CommonLanguage, won),
            ],
            arms: sorted.quantiles(0.5),
        })
    }
}

/// Mean and sum of squared deviations of how many of the other arm's values lie below each value.
#[derive(Clone, Copy)]
struct Placed {
    mean: f64,
    sum_of_squares: f64,
}

impl Placed {
    fn of(arm: &Runs<'_>, other: &Runs<'_>) -> Self {
        let total = arm.total() as f64;
        let sum: u128 = placements(arm, other)
            .map(|(size, twice_below)| u128::from(size) * u128::from(twice_below))
            .sum();
        let mean = 0.5 * sum as f64 / total;
        let squares = placements(arm, other).map(|(size, twice_below)| {
            let distance = 0.5 * twice_below as f64 - mean;
            size as f64 * distance * distance
        });
        Self {
            mean,
            sum_of_squares: squares.sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Brunner and Munzel's (2000) example: pain scores after surgery.
    #[test]
    fn agrees_with_the_published_example() {
        let y = [1., 2., 1., 1., 1., 1., 1., 1., 1., 1., 2., 4., 1., 1.];
        let n = [3., 3., 4., 3., 1., 2., 3., 1., 1., 5., 4.];
        let result = BrunnerMunzel::new()
            .run(&Arms::new(y.as_slice(), n.as_slice()))
            .unwrap();
        assert!((result.statistic - 3.137_467_4).abs() < 1e-6);
        assert!((result.df.unwrap() - 17.682_84).abs() < 1e-4);
        assert!((result.p_value - 0.005_786).abs() < 1e-6);
        let interval = result.estimate.unwrap().interval;
        assert!((interval.low - 0.595_217).abs() < 1e-5);
        assert!((interval.high - 0.982_705).abs() < 1e-5);
    }

    #[test]
    fn arms_that_do_not_overlap_are_not_certain() {
        let p = |b: &[f64], c: &[f64]| {
            let result = BrunnerMunzel::new().run(&Arms::new(b, c)).unwrap();
            assert!(result.statistic.is_finite());
            result.p_value
        };
        let few = p(&[1.0, 2.0], &[3.0, 4.0]);
        let more = p(&[1.0, 2.0, 3.0, 4.0, 5.0], &[6.0, 7.0, 8.0, 9.0, 10.0]);
        assert!(more < 1e-3 && few > more, "{few} {more}");
        let tied = BrunnerMunzel::new()
            .run(&Arms::new([1.0; 3], [1.0; 3]))
            .unwrap();
        assert_eq!((tied.statistic, tied.p_value), (0.0, 1.0));
    }
}
