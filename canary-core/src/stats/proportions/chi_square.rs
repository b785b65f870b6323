use super::super::result::{ArmLevel, Effect, EffectSize, Method, TestName, TestResult};
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::gamma;
use crate::options::{Alternative, builder, choice};

choice! {
    /// Whether the chi-square of two categories is corrected for continuity.
    ChiSquareContinuity("continuity") {
        /// Not corrected.
        Uncorrected = "uncorrected",
        /// Yates's correction, which makes the test too careful.
        Corrected = "corrected",
    }
}

builder! {
    #[doc = include_str!("chi_square.md")]
    ///
    /// # Defaults
    /// Not corrected for continuity.
    ///
    /// # Example: more 5xx and fewer 2xx answers
    /// ```
    /// use canary_core::{Arms, stats::ChiSquare};
    ///
    /// // 5xx, 4xx, 2xx
    /// let answers = Arms::new([90, 410, 18_500], [14, 20, 966]);
    /// let result = ChiSquare::new().run(&answers)?;
    /// assert_eq!(result.df, Some(2.0));
    /// assert!(result.p_value < 0.001);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    ChiSquare {
        /// Whether two categories are corrected for continuity.
        continuity: ChiSquareContinuity = ChiSquareContinuity::Uncorrected,
    }
}

impl ChiSquare {
    /// Runs the test on the counts of each category, in the same order on both arms.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for arms of different lengths; [`Error::NotEnoughData`] for fewer
    /// than two categories or an arm without any count; [`Error::InvalidOption`] for a correction
    /// of more than two categories.
    pub fn run<A: AsRef<[u64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        let counts = arms.as_ref().map(A::as_ref);
        let categories = counts.baseline.len();
        if categories != counts.canary.len() {
            let rule = format!("must have as many categories as baseline ({categories})");
            return Err(Error::input("canary", rule, counts.canary.len()));
        }
        if categories < 2 {
            return Err(Error::not_enough("baseline", "2 categories", categories));
        }
        let is_corrected = self.continuity == ChiSquareContinuity::Corrected;
        if is_corrected && categories > 2 {
            let rule = format!("must be \"uncorrected\" for {categories} categories");
            return Err(Error::option("continuity", rule, self.continuity));
        }
        let total = counts.try_map(|arm, counts| {
            match counts.iter().map(|&count| u128::from(count)).sum::<u128>() {
                0 => Err(Error::not_enough(arm, "1 count", 0)),
                total => Ok(total),
            }
        })?;
        let all = total.baseline + total.canary;
        let share = total.map(|total| total as f64 / all as f64);
        let (mut statistic, mut used) = (0.0, 0_u32);
        for (&baseline, &canary) in counts.baseline.iter().zip(counts.canary) {
            let category = u128::from(baseline) + u128::from(canary);
            if category == 0 {
                continue;
            }
            used += 1;
            // O - E is the same on both arms but for its sign: (c B - b C) / N.
            let ahead = u128::from(canary).saturating_mul(total.baseline);
            let behind = u128::from(baseline).saturating_mul(total.canary);
            let distance = ahead.abs_diff(behind) as f64 / all as f64;
            let distance = if is_corrected {
                (distance - 0.5).max(0.0)
            } else {
                distance
            };
            let category = category as f64;
            let terms = share.map(|share| distance * distance / (category * share));
            statistic += terms.baseline + terms.canary;
        }
        let df = f64::from(used.saturating_sub(1));
        let first = |counts: &[u64], total: u128| {
            counts
                .first()
                .map_or(0.0, |&count| count as f64 / total as f64)
        };
        Ok(TestResult {
            test: TestName::ChiSquare,
            method: Method::Asymptotic,
            alternative: Alternative::TwoSided,
            null: None,
            statistic,
            df: Some(df),
            p_value: if df == 0.0 {
                1.0
            } else {
                gamma::chi_square_sf(statistic, df)
            },
            estimate: None,
            effect_sizes: vec![EffectSize::new(
                Effect::CramersV,
                (statistic / all as f64).sqrt(),
            )],
            arms: counts.zip(total).map(|(counts, total)| {
                ArmLevel::new(
                    u64::try_from(total).unwrap_or(u64::MAX),
                    first(counts, total),
                )
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_categories_say_nothing() {
        let test = ChiSquare::new();
        let with = test.run(&Arms::new([5, 0, 95], [9, 0, 91])).unwrap();
        let without = test.run(&Arms::new([5, 95], [9, 91])).unwrap();
        assert_eq!((with.statistic, with.df), (without.statistic, without.df));
        let one = test.run(&Arms::new([5, 0], [9, 0])).unwrap();
        assert_eq!((one.statistic, one.p_value), (0.0, 1.0));
    }

    #[test]
    fn wrong_uses_are_named() {
        let error = |b: &[u64], c: &[u64]| {
            let result = ChiSquare::new().run(&Arms::new(b, c));
            result.unwrap_err().to_string()
        };
        assert_eq!(
            error(&[1, 2], &[1, 2, 3]),
            "canary: must have as many categories as baseline (2), got 3"
        );
        assert_eq!(
            error(&[1], &[1]),
            "baseline: needs at least 2 categories, got 1"
        );
        assert_eq!(
            error(&[1, 2], &[0, 0]),
            "canary: needs at least 1 count, got 0"
        );
    }
}
