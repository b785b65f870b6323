use super::contrast::{Asked, Compared, Contrast, satterthwaite};
use super::result::{ArmLevel, Method, TestName, TestResult};
use super::t_test::power_of_two;
use crate::data::{Arms, finite};
use crate::error::{Error, Result};
use crate::number::moments::Moments;
use crate::options::{Alternative, Measure, NanPolicy, builder};

builder! {
    #[doc = include_str!("weighted_means.md")]
    ///
    /// # Defaults
    /// Two-sided, confidence 0.95, difference of means, NaN refused.
    ///
    /// # Example: the canary ran where requests are slow anyway
    /// ```
    /// use canary_core::{Arms, stats::WeightedMeans};
    ///
    /// let near = Arms::new(vec![10.0, 11.0, 9.0, 10.5, 9.5, 10.0], vec![10.2, 9.9]);
    /// let far = Arms::new(vec![50.0, 52.0], vec![51.0, 49.0, 50.5, 52.5, 50.0, 51.5]);
    /// let result = WeightedMeans::new().post_stratified(&[near, far], &[0.5, 0.5])?;
    /// assert!(result.p_value > 0.5); // the raw means differ by 24
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    WeightedMeans {
        /// What is held against the null hypothesis.
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the estimate is a difference or a ratio of means.
        measure: Measure = Measure::Difference,
        /// What to do with NaN among values.
        nan_policy: NanPolicy = NanPolicy::Raise,
        /// What the estimate is under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
    }
}

impl WeightedMeans {
    /// Compares strata, and adds up with the share that each has of all traffic.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for another number of weights than strata, weights that are negative or
    /// all zero, and values that are not finite (by the NaN policy); [`Error::NotEnoughData`] for a
    /// stratum with fewer than two values on an arm; [`Error::InvalidOption`] for a confidence
    /// outside (0, 1).
    pub fn post_stratified<A: AsRef<[f64]>>(
        &self,
        strata: &[Arms<A>],
        weights: &[f64],
    ) -> Result<TestResult> {
        if weights.len() != strata.len() {
            let rule = format!("must be as many as the {} strata", strata.len());
            return Err(Error::input("weights", rule, weights.len()));
        }
        let total = check_weights("weights", weights)?;
        let units = strata
            .iter()
            .map(|stratum| power_of_two(stratum.as_ref().map(A::as_ref)));
        let unit = units.fold(f64::MIN_POSITIVE, f64::max);
        let mut cells = Arms::new(Vec::new(), Vec::new());
        let mut omitted = Arms::new(0, 0);
        for (index, (stratum, &weight)) in strata.iter().zip(weights).enumerate() {
            if weight == 0.0 {
                continue;
            }
            let found = stratum.as_ref().map(A::as_ref).try_map(|arm, values| {
                let name = format!("strata[{index}].{arm}");
                let (values, omitted) = finite(&name, values, self.nan_policy)?;
                if values.len() < 2 {
                    return Err(Error::not_enough(name, "2 values", values.len()));
                }
                let values: Vec<f64> = values.iter().map(|x| x / unit).collect();
                let pivot = Moments::pivot(&values);
                let moments = Moments::about(pivot, &values);
                Ok((Cell::of(weight / total, pivot, moments), omitted))
            })?;
            cells.baseline.push(found.baseline.0);
            cells.canary.push(found.canary.0);
            omitted.baseline += found.baseline.1;
            omitted.canary += found.canary.1;
        }
        let sum = |cells: &[Cell], f: fn(&Cell) -> f64| cells.iter().map(f).sum::<f64>();
        let contrast = Contrast {
            unit,
            level: cells.as_ref().map(|cells| sum(cells, |cell| cell.mean)),
            squared_error: cells
                .as_ref()
                .map(|cells| sum(cells, |cell| cell.squared_error)),
            df: cells.as_ref().map(|cells| {
                satterthwaite(
                    cells
                        .iter()
                        .map(|cell| (cell.squared_error, cell.n as f64 - 1.0)),
                )
            }),
        };
        let n = cells.map(|cells| cells.iter().map(|cell| cell.n).sum());
        self.result(contrast, n, omitted)
    }

    /// Compares observations that have weights, such as the inverse of their propensity.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for another number of weights than values, weights that are negative or
    /// all zero, and values that are not finite (NaN is refused whatever the policy, as it would part
    /// values from their weights); [`Error::NotEnoughData`] for fewer than two values on an arm;
    /// [`Error::InvalidOption`] for a confidence outside (0, 1).
    pub fn inverse_propensity<A: AsRef<[f64]>>(
        &self,
        values: &Arms<A>,
        weights: &Arms<A>,
    ) -> Result<TestResult> {
        let unit = power_of_two(values.as_ref().map(A::as_ref));
        let both = values.as_ref().zip(weights.as_ref());
        let estimates = both.try_map(|arm, (values, weights)| {
            let (values, weights) = (values.as_ref(), weights.as_ref());
            finite(arm, values, NanPolicy::Raise)?;
            let n = values.len();
            let name = format!("{arm}_weights");
            if weights.len() != n {
                let rule = format!("must be as many as the {n} values");
                return Err(Error::input(name, rule, weights.len()));
            }
            let total = if n > 0 {
                check_weights(&name, weights)?
            } else {
                1.0
            };
            // A value of no weight says nothing.
            let weighty = values.iter().zip(weights).filter(|(_, w)| **w > 0.0);
            let (values, weights): (Vec<f64>, Vec<f64>) =
                weighty.map(|(x, w)| (x / unit, *w)).unzip();
            let n = values.len();
            if n < 2 {
                return Err(Error::not_enough(arm, "2 values that have a weight", n));
            }
            let pairs = || values.iter().zip(&weights);
            let pivot = Moments::pivot(&values);
            let above = pairs().map(|(x, w)| w / total * (x - pivot)).sum::<f64>();
            let squares = pairs().map(|(x, w)| (w / total * (x - pivot - above)).powi(2));
            let size = n as f64;
            let squared_error = size / (size - 1.0) * squares.sum::<f64>();
            Ok((pivot + above, squared_error, n as u64))
        })?;
        let contrast = Contrast {
            unit,
            level: estimates.map(|estimate| estimate.0),
            squared_error: estimates.map(|estimate| estimate.1),
            df: estimates.map(|estimate| estimate.2 as f64 - 1.0),
        };
        self.result(
            contrast,
            estimates.map(|estimate| estimate.2),
            Arms::new(0, 0),
        )
    }

    fn result(&self, contrast: Contrast, n: Arms<u64>, omitted: Arms<u64>) -> Result<TestResult> {
        let asked = Asked {
            alternative: self.alternative,
            confidence: self.confidence,
            measure: self.measure,
            null: self.null,
        };
        let Compared {
            null,
            statistic,
            df,
            p_value,
            estimate,
        } = contrast.compare(asked, "weighted means")?;
        Ok(TestResult {
            test: TestName::WeightedMeans,
            method: Method::StudentT,
            alternative: self.alternative,
            null: Some(null),
            statistic,
            df: Some(df),
            p_value,
            estimate: Some(estimate),
            effect_sizes: vec![],
            arms: n
                .zip(omitted)
                .zip(contrast.level)
                .map(|((n, omitted), level)| ArmLevel {
                    n,
                    omitted,
                    level: level * contrast.unit,
                }),
        })
    }
}

/// One stratum's part of an arm's estimate.
#[derive(Clone, Copy)]
struct Cell {
    n: u64,
    mean: f64,
    squared_error: f64,
}

impl Cell {
    fn of(weight: f64, pivot: f64, moments: Moments) -> Self {
        Self {
            n: moments.count,
            mean: weight * (pivot + moments.mean),
            squared_error: weight * weight * moments.variance() / moments.count as f64,
        }
    }
}

/// The sum of weights, none of which is negative.
fn check_weights(name: &str, weights: &[f64]) -> Result<f64> {
    if let Some(weight) = weights.iter().find(|w| !(w.is_finite() && **w >= 0.0)) {
        let rule = "must hold finite weights that are not negative";
        return Err(Error::input(name, rule, weight));
    }
    let total: f64 = weights.iter().sum();
    if total > 0.0 && total.is_finite() {
        Ok(total)
    } else {
        Err(Error::input(
            name,
            "must have a positive and finite sum",
            total,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::t_test::TTest;
    use super::*;

    #[test]
    fn one_stratum_or_equal_weights_are_a_t_test() {
        let arms = Arms::new(vec![3.0, 5.0, 9.0, 4.0, 7.0], vec![8.0, 6.0, 12.0, 9.0]);
        let plain = TTest::new().run(&arms).unwrap();
        let test = WeightedMeans::new();
        let one = test
            .post_stratified(std::slice::from_ref(&arms), &[7.0])
            .unwrap();
        let weights = arms.as_ref().map(|values| vec![2.5; values.len()]);
        let equal = test.inverse_propensity(&arms, &weights).unwrap();
        for result in [one, equal] {
            assert!(
                (result.p_value / plain.p_value - 1.0).abs() < 1e-12,
                "{result:?}"
            );
            assert!((result.df.unwrap() / plain.df.unwrap() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn wrong_weights_are_named() {
        let arms = Arms::new(vec![1.0, 2.0], vec![3.0, 4.0]);
        let error = |weights: &[f64]| {
            let result = WeightedMeans::new().post_stratified(std::slice::from_ref(&arms), weights);
            result.unwrap_err().to_string()
        };
        assert_eq!(
            error(&[]),
            "weights: must be as many as the 1 strata, got 0"
        );
        assert_eq!(
            error(&[-1.0]),
            "weights: must hold finite weights that are not negative, got -1"
        );
        let small = Arms::new(vec![1.0], vec![3.0, 4.0]);
        let error = WeightedMeans::new()
            .post_stratified(&[small], &[1.0])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "strata[0].baseline: needs at least 2 values, got 1"
        );
    }
}
