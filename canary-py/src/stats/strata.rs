//! Tests within strata (region, device, hour of day), and of weighted values.

use canary_core::stats;
use canary_core::{self as core, Arms};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::result::TestResult;
use super::{detached, options};
use crate::convert::{ArrayLike, Values, by_name, counts, real};
use crate::error::to_python;
use crate::wrap::shell;

/// Each stratum's counts on both arms.
fn counted(
    baseline: &Bound<'_, PyDict>,
    canary: &Bound<'_, PyDict>,
) -> PyResult<Vec<Arms<core::Counts>>> {
    let strata = by_name(baseline, "canary", canary)?;
    let read = |(name, arms): &(String, Arms<Bound<'_, PyAny>>)| {
        Ok(Arms::new(
            counts(&format!("baseline[{name}]"), &arms.baseline)?,
            counts(&format!("canary[{name}]"), &arms.canary)?,
        ))
    };
    strata.iter().map(read).collect()
}

/// Each stratum's values on both arms.
struct Rows<'py>(Vec<Arms<Values<'py>>>);

impl<'py> Rows<'py> {
    fn of(baseline: &Bound<'py, PyDict>, canary: &Bound<'py, PyDict>) -> PyResult<Self> {
        let strata = by_name(baseline, "canary", canary)?;
        let read = |(name, arms): &(String, Arms<Bound<'py, PyAny>>)| {
            let values =
                |arm: &str, object| ArrayLike::of(object).values(&format!("{arm}[{name}]"));
            Ok(Arms::new(
                values("baseline", &arms.baseline)?,
                values("canary", &arms.canary)?,
            ))
        };
        strata.iter().map(read).collect::<PyResult<_>>().map(Self)
    }

    fn as_slices(&self) -> PyResult<Vec<Arms<&[f64]>>> {
        let mut rows = Vec::with_capacity(self.0.len());
        for arms in &self.0 {
            rows.push(Arms::new(
                arms.baseline.as_slice()?,
                arms.canary.as_slice()?,
            ));
        }
        Ok(rows)
    }
}

fn size(strata: &[Arms<&[f64]>]) -> usize {
    let sizes = strata
        .iter()
        .map(|arms| arms.baseline.len() + arms.canary.len());
    sizes.sum()
}

#[doc = include_str!("../../../canary-core/src/stats/cochran_mantel_haenszel.md")]
///
/// # Parameters
/// `baseline`, `canary`: for each stratum's name, `(events, trials)` or `Counts`; the same names on
/// both arms. `continuity`: `"uncorrected"` or `"corrected"`. `alternative`, `confidence`: as for
/// `t_test`. `measure`: `"difference"`, `"ratio"` or `"odds_ratio"`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example: worse in both regions, better when they are pooled
/// >>> result = canary.cochran_mantel_haenszel(
/// ...     {"near": (10, 1000), "far": (900, 9000)}, {"near": (200, 9000), "far": (130, 1000)})
/// >>> result.estimate.interval.low > 0
/// True
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, alternative = "two_sided", continuity = "uncorrected",
                    confidence = 0.95, measure = "difference"))]
pub(crate) fn cochran_mantel_haenszel(
    baseline: &Bound<'_, PyDict>,
    canary: &Bound<'_, PyDict>,
    alternative: &str,
    continuity: &str,
    confidence: f64,
    measure: &str,
) -> PyResult<TestResult> {
    let test = options!(CochranMantelHaenszel; alternative, continuity, measure; confidence);
    let strata = counted(baseline, canary)?;
    Ok(test.run(&strata).map_err(to_python)?.into())
}

shell! {
    /// What a test of whether several groups or strata are alike found.
    Homogeneity(stats::Homogeneity) {
        /// Chi-square, or another test statistic.
        #[getter]
        fn statistic(&self) -> f64 {
            self.inner.statistic
        }

        /// Groups, or strata, less one.
        #[getter]
        fn df(&self) -> f64 {
            self.inner.df
        }

        /// The probability of groups at least as far apart if they were alike.
        #[getter]
        fn p_value(&self) -> f64 {
            self.inner.p_value
        }

        fn __repr__(&self) -> String {
            let stats::Homogeneity { statistic, df, p_value } = self.inner;
            format!("Homogeneity(statistic={statistic:?}, df={df:?}, p_value={p_value:?})")
        }
    }
}

/// Breslow and Day's (1980) test, with Tarone's (1985) correction, of whether strata share one odds
/// ratio: `Σ (xc - E)²/V - (Σ (xc - E))²/Σ V`, with E and V the canary's events fitted under the
/// Mantel-Haenszel odds ratio. Strata without trials on an arm, or without both events and others, say
/// nothing and are left out.
///
/// # Parameters
/// `baseline`, `canary`: as for `cochran_mantel_haenszel`.
///
/// # Errors
/// `InvalidInput`, or `NotEnoughData` for fewer than two strata that say something, or where the
/// common odds ratio is 0 or infinite; both of them `CanaryError`.
///
/// # Example: worse here, better there
/// >>> found = canary.breslow_day(
/// ...     {"near": (10, 1000), "far": (90, 1000)}, {"near": (20, 1000), "far": (50, 1000)})
/// >>> found.p_value < 0.01
/// True
#[pyfunction]
#[pyo3(signature = (baseline, canary))]
pub(crate) fn breslow_day(
    baseline: &Bound<'_, PyDict>,
    canary: &Bound<'_, PyDict>,
) -> PyResult<Homogeneity> {
    let strata = counted(baseline, canary)?;
    Ok(stats::breslow_day(&strata).map_err(to_python)?.into())
}

#[doc = include_str!("../../../canary-core/src/stats/van_elteren.md")]
///
/// # Parameters
/// `baseline`, `canary`: for each stratum's name, numbers in one row; the same names on both arms.
/// `alternative`, `nan_policy`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> rows = {"day": numpy.arange(100.0), "night": numpy.arange(20.0) / 9}
/// >>> slower = {hour: values + values.std() / 2 for hour, values in rows.items()}
/// >>> canary.van_elteren(rows, slower).p_value < 0.01
/// True
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, alternative = "two_sided", nan_policy = "raise"))]
pub(crate) fn van_elteren(
    py: Python<'_>,
    baseline: &Bound<'_, PyDict>,
    canary: &Bound<'_, PyDict>,
    alternative: &str,
    nan_policy: &str,
) -> PyResult<TestResult> {
    let test = options!(VanElteren; alternative, nan_policy; );
    let rows = Rows::of(baseline, canary)?;
    let strata = rows.as_slices()?;
    Ok(detached(py, size(&strata), || test.run(&strata))?.into())
}

#[doc = include_str!("../../../canary-core/src/stats/weighted_means.md")]
///
/// Here: post-stratified. `inverse_propensity_means` is the other.
///
/// # Parameters
/// `baseline`, `canary`: for each stratum's name, numbers in one row. `weights`: for each stratum's
/// name, its share of all traffic (in any unit). All with the same names. `alternative`,
/// `confidence`, `measure`, `nan_policy`, `null`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example: the canary is served where it is slow
/// >>> fast, slow = numpy.arange(100.0) % 7, 50 + numpy.arange(100.0) % 7
/// >>> result = canary.post_stratified_means(
/// ...     {"near": fast, "far": slow[:10]}, {"near": fast[:10], "far": slow},
/// ...     {"near": 0.8, "far": 0.2})
/// >>> abs(result.estimate.value) < 0.5
/// True
#[pyfunction]
#[pyo3(signature = (baseline, canary, weights, *, alternative = "two_sided", confidence = 0.95,
                    measure = "difference", nan_policy = "raise", null = None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn post_stratified_means(
    py: Python<'_>,
    baseline: &Bound<'_, PyDict>,
    canary: &Bound<'_, PyDict>,
    weights: &Bound<'_, PyDict>,
    alternative: &str,
    confidence: f64,
    measure: &str,
    nan_policy: &str,
    null: Option<f64>,
) -> PyResult<TestResult> {
    let test = options!(WeightedMeans; alternative, measure, nan_policy; confidence, null);
    let named = by_name(baseline, "weights", weights)?;
    let weight = |(name, arms): &(String, Arms<Bound<'_, PyAny>>)| {
        real(&format!("weights[{name}]"), &arms.canary)
    };
    let weights = named.iter().map(weight).collect::<PyResult<Vec<_>>>()?;
    let rows = Rows::of(baseline, canary)?;
    let strata = rows.as_slices()?;
    let run = || test.post_stratified(&strata, &weights);
    Ok(detached(py, size(&strata), run)?.into())
}

/// Test of means in which each value is weighted by the inverse of the probability that it was sent
/// to its arm (Hájek's estimate): see `post_stratified_means` for the formula.
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row. `baseline_weights`, `canary_weights`: one weight for each
/// value, 1 over its propensity. The others: as for `t_test`; NaN is always refused, as leaving it out
/// would part values from their weights.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.inverse_propensity_means(
/// ...     [1.0, 2.0, 9.0], [2.0, 3.0, 9.5], [1.05, 1.05, 1.5], [20.0, 20.0, 3.0])
/// >>> round(result.baseline.level, 3), round(result.canary.level, 3)
/// (4.625, 2.988)
#[pyfunction]
#[pyo3(signature = (baseline, canary, baseline_weights, canary_weights, *,
                    alternative = "two_sided", confidence = 0.95, measure = "difference",
                    null = None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn inverse_propensity_means(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    baseline_weights: ArrayLike<'_>,
    canary_weights: ArrayLike<'_>,
    alternative: &str,
    confidence: f64,
    measure: &str,
    null: Option<f64>,
) -> PyResult<TestResult> {
    let test = options!(WeightedMeans; alternative, measure; confidence, null);
    let weights = (
        baseline_weights.values("baseline_weights")?,
        canary_weights.values("canary_weights")?,
    );
    let weights = Arms::new(weights.0.as_slice()?, weights.1.as_slice()?);
    super::test_on_values(py, &baseline, &canary, |arms| {
        test.inverse_propensity(arms, &weights)
    })
}
