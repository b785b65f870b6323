use super::input::Sorted;
use super::mann_whitney::standard_deviation;
use super::ranks::{Runs, compare};
use super::result::{ArmLevel, Effect, EffectSize, Method, TestName, TestResult};
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::{normal, sort};
use crate::options::{Alternative, NanPolicy, builder};

builder! {
    #[doc = include_str!("van_elteren.md")]
    ///
    /// # Defaults
    /// Two-sided, NaN refused.
    ///
    /// # Example
    /// ```
    /// use canary_core::{Arms, stats::VanElteren};
    ///
    /// let near = Arms::new(vec![10.0, 11.0, 9.0, 10.5], vec![12.0, 11.5, 12.5]);
    /// let far = Arms::new(vec![50.0, 52.0, 51.0], vec![55.0, 53.0, 54.0, 56.0]);
    /// assert!(VanElteren::new().run(&[near, far])?.p_value < 0.01);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    VanElteren {
        /// What is held against equal distributions.
        alternative: Alternative = Alternative::TwoSided,
        /// What to do with NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
    }
}

impl VanElteren {
    /// Runs the test on strata.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for values that are not finite (by the NaN policy);
    /// [`Error::NotEnoughData`] where no stratum has values on both arms.
    pub fn run<A: AsRef<[f64]>>(&self, strata: &[Arms<A>]) -> Result<TestResult> {
        let (mut above, mut variance) = (0.0, 0.0);
        let (mut won, mut pairs) = (0.0, 0.0);
        let mut omitted = Arms::new(0, 0);
        let mut pooled = Arms::new(Vec::new(), Vec::new());
        for (index, stratum) in strata.iter().enumerate() {
            let sizes = stratum.as_ref().map(|values| values.as_ref().len());
            if sizes.baseline == 0 || sizes.canary == 0 {
                continue;
            }
            let sorted = Sorted::of(stratum, self.nan_policy).map_err(|error| {
                let name = match &error {
                    Error::InvalidInput { argument, .. }
                    | Error::NotEnoughData { argument, .. } => {
                        format!("strata[{index}].{argument}")
                    }
                    _ => format!("strata[{index}]"),
                };
                error.in_argument(&name)
            })?;
            let runs = sorted.as_slices().map(Runs::of);
            let comparison = compare(&runs.baseline, &runs.canary);
            let n = runs.as_ref().map(Runs::total);
            let size = n.map(|n| n as f64);
            let weight = 1.0 / (size.baseline + size.canary + 1.0);
            let all = size.baseline * size.canary;
            let u = 0.5 * comparison.twice_u as f64;
            above += weight * (u - 0.5 * all);
            variance += (weight * standard_deviation(n, comparison.tie_term)).powi(2);
            won += weight * u;
            pairs += weight * all;
            omitted = omitted.zip(sorted.omitted).map(|(a, b)| a + b);
            pooled.baseline.extend(sorted.values.baseline);
            pooled.canary.extend(sorted.values.canary);
        }
        if pairs == 0.0 {
            return Err(Error::not_enough(
                "strata",
                "1 stratum with values on both arms",
                0,
            ));
        }
        let statistic = if variance > 0.0 {
            above / variance.sqrt()
        } else {
            0.0
        };
        let won = won / pairs;
        Ok(TestResult {
            test: TestName::VanElteren,
            method: Method::Asymptotic,
            alternative: self.alternative,
            null: None,
            statistic,
            df: None,
            p_value: normal::p_value(statistic, self.alternative),
            estimate: None,
            effect_sizes: vec![
                EffectSize::new(Effect::RankBiserial, 2.0 * won - 1.0),
                EffectSize::new(Effect::CommonLanguage, won),
            ],
            arms: pooled.zip(omitted).map(|(values, omitted)| ArmLevel {
                n: values.len() as u64,
                omitted,
                level: sort::median(&values),
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::mann_whitney::{Continuity, MannWhitney, RankMethod};
    use super::*;

    #[test]
    fn one_stratum_is_mann_whitney() {
        let arms = Arms::new(vec![1.0, 4.0, 4.0, 9.0, 2.0], vec![4.0, 7.0, 9.0, 12.0]);
        let plain = MannWhitney::new()
            .method(RankMethod::Asymptotic)
            .continuity(Continuity::Uncorrected)
            .run(&arms)
            .unwrap();
        let one = VanElteren::new().run(&[arms]).unwrap();
        assert!((one.p_value / plain.p_value - 1.0).abs() < 1e-14);
        let empty = Arms::new(vec![], vec![1.0]);
        assert!(VanElteren::new().run(&[empty]).is_err());
    }

    #[test]
    fn a_wave_between_strata_is_not_compared() {
        let near = Arms::new(vec![1.0, 2.0, 3.0, 4.0], vec![2.5, 1.5]);
        let far = Arms::new(vec![101.0, 102.0], vec![101.5, 100.5, 102.5, 103.0]);
        assert!(VanElteren::new().run(&[near, far]).unwrap().p_value > 0.5);
    }
}
