use super::result::{TestName, TestResult};
use super::t_test::{Centred, TTest, Variance};
use crate::data::{Arms, finite};
use crate::error::{Error, Result};
use crate::number::moments::Moments;
use crate::number::parallel::both;
use crate::number::sort;
use crate::options::{Alternative, Measure, NanPolicy, builder, choice};

choice! {
    /// What the values' distance is taken from.
    Centre("centre") {
        /// The median (Brown and Forsythe 1974): the one to use.
        Median = "median",
        /// The mean (Levene 1960).
        Mean = "mean",
        /// The mean without the 5 % at either end.
        TrimmedMean = "trimmed_mean",
    }
}

builder! {
    #[doc = include_str!("brown_forsythe.md")]
    ///
    /// # Defaults
    /// About the median, two-sided, confidence 0.95, difference of mean absolute deviations, NaN
    /// refused.
    ///
    /// # Example: the same middle, three times the jitter
    /// ```
    /// use canary_core::{Arms, Measure, stats::BrownForsythe};
    ///
    /// let baseline: Vec<f64> = (0..101).map(|i| 100.0 + f64::from(i % 21) - 10.0).collect();
    /// let canary: Vec<f64> = (0..42).map(|i| 100.0 + 3.0 * (f64::from(i % 21) - 10.0)).collect();
    /// let test = BrownForsythe::new().measure(Measure::Ratio);
    /// let wider = test.run(&Arms { baseline, canary })?.estimate.unwrap();
    /// assert!(wider.interval.low > 2.0 && wider.interval.high < 4.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    BrownForsythe {
        /// What the values' distance is taken from.
        centre: Centre = Centre::Median,
        /// What is held against equal spread.
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the estimate is a difference or a ratio of mean absolute deviations.
        measure: Measure = Measure::Difference,
        /// What to do with NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
        /// What the estimate is under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
    }
}

impl BrownForsythe {
    /// Runs the test on raw values.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`](crate::Error) for fewer than two values on an arm;
    /// [`Error::InvalidInput`](crate::Error) for values that are not finite (by the NaN policy) and
    /// for a ratio to a baseline without spread; [`Error::InvalidOption`](crate::Error) for a
    /// confidence outside (0, 1).
    pub fn run<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        let checked = arms.as_ref().try_map(|arm, values| {
            let (values, omitted) = finite(arm, values.as_ref(), self.nan_policy)?;
            if values.len() < 2 {
                return Err(Error::not_enough(arm, "2 values", values.len()));
            }
            Ok((values, omitted))
        })?;
        let values = checked.as_ref().map(|(values, _)| &**values);
        let deviations = |values: &[f64]| {
            let centre = self.centre.of(values);
            Moments::of_blocks(values.len(), |range, block| {
                let values = values.get(range).unwrap_or_default();
                block.extend(values.iter().map(|x| (x - centre).abs()));
            })
        };
        let (baseline, canary) = both(
            values.baseline.len().min(values.canary.len()),
            || deviations(values.baseline),
            || deviations(values.canary),
        );
        let found = Arms { baseline, canary };
        let centred = Centred {
            moments: found.map(|(_, moments)| moments),
            pivot: found.map(|(pivot, _)| pivot),
            unit: 1.0,
            omitted: checked.as_ref().map(|&(_, omitted)| omitted),
        };
        let test = TTest::new()
            .variance(Variance::Pooled)
            .alternative(self.alternative)
            .confidence(self.confidence)
            .measure(self.measure)
            .null(self.null);
        let mut result = if centred.is_extreme() {
            // The same by a list, of which the test takes care.
            let deviations = values.map(|values| -> Vec<f64> {
                let centre = self.centre.of(values);
                let away = |x: &f64| (x - centre).abs().min(f64::MAX);
                values.iter().map(away).collect()
            });
            test.run(&deviations)?
        } else {
            test.test(centred)?
        };
        result.test = TestName::BrownForsythe;
        result.effect_sizes.clear();
        if let Some(estimate) = &mut result.estimate {
            estimate.of = format!("{} of mean absolute deviations", self.measure.title());
        }
        result.arms.baseline.omitted = centred.omitted.baseline;
        result.arms.canary.omitted = centred.omitted.canary;
        Ok(result)
    }
}

impl Centre {
    fn of(self, values: &[f64]) -> f64 {
        match self {
            Self::Median => sort::median(values),
            Self::Mean => Moments::mean_of(values),
            Self::TrimmedMean => {
                let sorted = sort::sorted(values);
                let cut = (0.05 * sorted.len() as f64) as usize;
                Moments::mean_of(sorted.get(cut..sorted.len() - cut).unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_is_no_spread() {
        let baseline = [1.0, 4.0, 9.0, 16.0, 25.0];
        let moved = baseline.map(|x| x + 1e6);
        let result = BrownForsythe::new()
            .run(&Arms::new(baseline, moved))
            .unwrap();
        assert_eq!((result.statistic, result.p_value), (0.0, 1.0));
        let constant = BrownForsythe::new()
            .run(&Arms::new([1.0; 3], [7.0; 3]))
            .unwrap();
        assert_eq!(constant.p_value, 1.0);
    }
}
