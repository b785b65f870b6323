use serde::{Deserialize, Serialize};

use super::contrast::{Asked, Compared, Contrast};
use super::result::{ArmLevel, Method, TestName, TestResult};
use super::t_test::power_of_two;
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::options::{Alternative, Measure, builder};

/// One arm's clusters: of each, a numerator and a denominator.
///
/// ```
/// use canary_core::stats::Clusters;
///
/// // Latencies of six requests by three users.
/// let users = Clusters::of_values(&[12.0, 14.0, 90.0, 95.0, 11.0, 13.0], &[7, 7, 3, 3, 9, 9])?;
/// assert_eq!(users.len(), 3);
/// assert!((users.ratio() - 235.0 / 6.0).abs() < 1e-12); // the mean over requests
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Clusters {
    numerators: Vec<f64>,
    denominators: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    numerators: Vec<f64>,
    denominators: Vec<f64>,
}

impl Clusters {
    /// Of sums that were made already.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for different lengths, values that are not finite or a negative
    /// denominator, or denominators that sum to zero; [`Error::NotEnoughData`] for fewer than two
    /// clusters.
    pub fn new(numerators: Vec<f64>, denominators: Vec<f64>) -> Result<Self> {
        let n = numerators.len();
        if denominators.len() != n {
            let rule = format!("must be as many as the {n} numerators");
            return Err(Error::input("denominators", rule, denominators.len()));
        }
        if n < 2 {
            return Err(Error::not_enough("numerators", "2 clusters", n));
        }
        for (name, values) in [("numerators", &numerators), ("denominators", &denominators)] {
            if let Some((index, value)) = values.iter().enumerate().find(|(_, x)| !x.is_finite()) {
                let value = format!("{value} at index {index}");
                return Err(Error::input(name, "must hold finite values", value));
            }
        }
        if let Some(negative) = denominators.iter().find(|&&x| x < 0.0) {
            return Err(Error::input(
                "denominators",
                "must not be negative",
                negative,
            ));
        }
        let total: f64 = denominators.iter().sum();
        if total <= 0.0 || !total.is_finite() {
            let rule = "must have a positive and finite sum";
            return Err(Error::input("denominators", rule, total));
        }
        Ok(Self {
            numerators,
            denominators,
        })
    }

    /// Of values, each with the number of its cluster: sums of values over numbers of values.
    ///
    /// # Errors
    /// As [`Clusters::new`], and [`Error::InvalidInput`] for different lengths.
    pub fn of_values(values: &[f64], clusters: &[u64]) -> Result<Self> {
        if clusters.len() != values.len() {
            let rule = format!("must be as many as the {} values", values.len());
            return Err(Error::input("clusters", rule, clusters.len()));
        }
        let mut sums = std::collections::BTreeMap::new();
        for (&value, &cluster) in values.iter().zip(clusters) {
            let (sum, count) = sums.entry(cluster).or_insert((0.0, 0.0));
            *sum += value;
            *count += 1.0;
        }
        let (numerators, denominators) = sums.into_values().unzip();
        Self::new(numerators, denominators)
    }

    /// How many clusters there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there are always two")]
    pub fn len(&self) -> usize {
        self.numerators.len()
    }

    /// Σ numerators / Σ denominators.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        let unit = power_of_two(Arms::new(&self.numerators, &[]));
        self.ratio_in(unit) * unit
    }

    /// The ratio divided by a unit, in which no sum of numerators overflows.
    fn ratio_in(&self, unit: f64) -> f64 {
        let total: f64 = self.numerators.iter().map(|y| y / unit).sum();
        total / self.denominators.iter().sum::<f64>()
    }

    /// The ratio's squared standard error by the delta method, in the unit.
    fn squared_error(&self, unit: f64) -> f64 {
        let (ratio, n) = (self.ratio_in(unit), self.len() as f64);
        let total: f64 = self.denominators.iter().sum();
        let clusters = self.numerators.iter().zip(&self.denominators);
        let squares = clusters.map(|(y, x)| {
            let residual = (y / unit - ratio * x) / total;
            residual * residual
        });
        n / (n - 1.0) * squares.sum::<f64>()
    }
}

impl TryFrom<Document> for Clusters {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        Self::new(document.numerators, document.denominators)
    }
}

impl From<Clusters> for Document {
    fn from(clusters: Clusters) -> Self {
        Self {
            numerators: clusters.numerators,
            denominators: clusters.denominators,
        }
    }
}

builder! {
    #[doc = include_str!("ratio_metric.md")]
    ///
    /// # Defaults
    /// Two-sided, confidence 0.95, difference of ratios.
    ///
    /// # Example: errors per request, over minutes with bursts
    /// ```
    /// use canary_core::{Arms, stats::{Clusters, RatioMetric}};
    ///
    /// let requests = vec![1000.0; 6];
    /// let minutes = Arms {
    ///     baseline: Clusters::new(vec![9.0, 11.0, 10.0, 8.0, 12.0, 10.0], requests.clone())?,
    ///     canary: Clusters::new(vec![2.0, 0.0, 70.0, 1.0, 3.0, 2.0], requests)?,
    /// };
    /// // One burst of 70 is no proof, though a test that takes requests for independent says so.
    /// assert!(RatioMetric::new().run(&minutes)?.p_value > 0.7);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    RatioMetric {
        /// What is held against the null hypothesis.
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the estimate is a difference or a ratio of the arms' ratios.
        measure: Measure = Measure::Difference,
        /// What the estimate is under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
    }
}

impl RatioMetric {
    /// Runs the test on clusters.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a confidence outside (0, 1); [`Error::InvalidInput`] for a
    /// ratio to a baseline that is not positive, and for ratios that are no finite numbers.
    pub fn run(&self, arms: &Arms<Clusters>) -> Result<TestResult> {
        let unit = power_of_two(arms.as_ref().map(|clusters| clusters.numerators.as_slice()));
        let contrast = Contrast {
            unit,
            level: arms.as_ref().map(|clusters| clusters.ratio_in(unit)),
            squared_error: arms.as_ref().map(|clusters| clusters.squared_error(unit)),
            df: arms.as_ref().map(|clusters| clusters.len() as f64 - 1.0),
        };
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
        } = contrast.compare(asked, "ratios")?;
        Ok(TestResult {
            test: TestName::RatioMetric,
            method: Method::Clustered,
            alternative: self.alternative,
            null: Some(null),
            statistic,
            df: Some(df),
            p_value,
            estimate: Some(estimate),
            effect_sizes: vec![],
            arms: arms
                .as_ref()
                .map(|clusters| ArmLevel::new(clusters.len() as u64, clusters.ratio())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::t_test::TTest;
    use super::*;

    #[test]
    fn clusters_of_one_are_a_t_test() {
        let values = Arms::new(vec![3.0, 5.0, 9.0, 4.0, 7.0], vec![8.0, 6.0, 12.0, 9.0]);
        let single = values.as_ref().map(|values| {
            let ids: Vec<u64> = (0..values.len() as u64).collect();
            Clusters::of_values(values, &ids).unwrap()
        });
        for measure in [Measure::Difference, Measure::Ratio] {
            let clustered = RatioMetric::new().measure(measure).run(&single).unwrap();
            let plain = TTest::new().measure(measure).run(&values).unwrap();
            assert!((clustered.p_value / plain.p_value - 1.0).abs() < 1e-12);
            let (a, b) = (clustered.estimate.unwrap(), plain.estimate.unwrap());
            assert!((a.interval.low / b.interval.low - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn repeating_every_request_tells_nothing_new() {
        let once = Clusters::of_values(&[1.0, 5.0, 2.0, 9.0], &[1, 1, 2, 3]).unwrap();
        let twice = [1.0, 5.0, 2.0, 9.0, 1.0, 5.0, 2.0, 9.0];
        let twice = Clusters::of_values(&twice, &[1, 1, 2, 3, 1, 1, 2, 3]).unwrap();
        assert!((once.squared_error(1.0) / twice.squared_error(1.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn wrong_clusters_are_named() {
        let error = |y: &[f64], x: &[f64]| {
            Clusters::new(y.to_vec(), x.to_vec())
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            error(&[1.0], &[1.0]),
            "numerators: needs at least 2 clusters, got 1"
        );
        assert_eq!(
            error(&[1.0, 2.0], &[0.0, 0.0]),
            "denominators: must have a positive and finite sum, got 0"
        );
    }
}
