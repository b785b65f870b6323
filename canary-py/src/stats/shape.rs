//! Tests of the whole distribution, of its quantiles, and the bootstrap.

use canary_core as core;
use canary_core::stats;
use pyo3::prelude::*;

use super::result::{ArmLevel, Estimate, Interval, TestResult};
use super::strata::Homogeneity;
use super::{detached, on_values, options, test_on_values};
use crate::convert::{ArrayLike, Rows};
use crate::error::to_python;
use crate::wrap::shell;

#[doc = include_str!("../../../canary-core/src/stats/kolmogorov_smirnov.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row (anything numpy reads). `method`: `"auto"`, `"exact"` or
/// `"asymptotic"`. `alternative`, `nan_policy`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.kolmogorov_smirnov([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0], alternative="greater")
/// >>> result.statistic, round(result.p_value, 4)  # 1 of 35 orders
/// (1.0, 0.0286)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, method = "auto", alternative = "two_sided",
                    nan_policy = "raise"))]
pub(crate) fn kolmogorov_smirnov(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    method: &str,
    alternative: &str,
    nan_policy: &str,
) -> PyResult<TestResult> {
    let test = options!(KolmogorovSmirnov; method, alternative, nan_policy;);
    test_on_values(py, &baseline, &canary, |arms| test.run(arms))
}

#[doc = include_str!("../../../canary-core/src/stats/anderson_darling.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row (anything numpy reads), at least two an arm.
/// `nan_policy`: `"raise"` or `"omit"`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> x = numpy.arange(400.0) % 37
/// >>> canary.anderson_darling(x, numpy.append(x[:90], [300.0] * 15)).p_value < 0.05
/// True
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, nan_policy = "raise"))]
pub(crate) fn anderson_darling(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    nan_policy: &str,
) -> PyResult<TestResult> {
    let test = options!(AndersonDarling; nan_policy;);
    test_on_values(py, &baseline, &canary, |arms| test.run(arms))
}

/// Anderson and Darling's test of any number of groups at once: do all pods, or all regions, answer
/// alike? See `anderson_darling` for the formula.
///
/// # Parameters
/// `groups`: rows of numbers, or a 2-D array. `nan_policy`: `"raise"` or `"omit"`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> pod = numpy.arange(50.0) * 7 % 50
/// >>> found = canary.anderson_darling_groups([pod, pod, 2 * pod])
/// >>> found.df, found.p_value < 1e-6
/// (2.0, True)
#[pyfunction]
#[pyo3(signature = (groups, *, nan_policy = "raise"))]
pub(crate) fn anderson_darling_groups(
    py: Python<'_>,
    groups: ArrayLike<'_>,
    nan_policy: &str,
) -> PyResult<Homogeneity> {
    let test = options!(AndersonDarling; nan_policy; );
    let rows = Rows::of("groups", &groups)?;
    let groups = rows.as_slices()?;
    let size = groups.iter().map(|values| values.len()).sum();
    Ok(detached(py, size, || test.run_groups(&groups))?.into())
}

#[doc = include_str!("../../../canary-core/src/stats/quantile_test.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row (anything numpy reads). `quantile`: in (0, 1).
/// `interval`: `"order_statistics"` or `"bootstrap"`. `alternative`, `confidence`, `measure`,
/// `nan_policy`, `null`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> x = 100 + numpy.arange(4000.0) * 7 % 1000
/// >>> result = canary.quantile_test(x, 1.5 * x, quantile=0.99, measure="ratio")
/// >>> result.estimate.value, result.interval.low > 1.45
/// (1.5, True)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, quantile = 0.5, interval = "order_statistics",
                    alternative = "two_sided", confidence = 0.95, measure = "difference",
                    nan_policy = "raise", null = None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn quantile_test(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    quantile: f64,
    interval: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
    nan_policy: &str,
    null: Option<f64>,
) -> PyResult<TestResult> {
    let test = options!(QuantileTest;
        interval, alternative, measure, nan_policy; quantile, confidence, null);
    test_on_values(py, &baseline, &canary, |arms| test.run(arms))
}

shell! {
    /// An estimate with its bootstrap interval.
    BootstrapResult(stats::BootstrapResult) {
        /// `"mean"`, `"median"`, `"quantile"` or `"trimmed_mean"`.
        #[getter]
        fn statistic(&self) -> &'static str {
            self.inner.statistic.as_str()
        }

        /// `"bca"`, `"percentile"` or `"basic"`.
        #[getter]
        fn method(&self) -> &'static str {
            self.inner.method.as_str()
        }

        /// The estimate with its interval.
        #[getter]
        fn estimate(&self) -> Estimate {
            self.inner.estimate.clone().into()
        }

        /// The estimate.
        #[getter]
        fn value(&self) -> f64 {
            self.inner.estimate.value
        }

        /// The estimate's interval.
        #[getter]
        fn interval(&self) -> Interval {
            self.inner.estimate.interval.into()
        }

        /// The bootstrap distribution's standard deviation.
        #[getter]
        fn standard_error(&self) -> f64 {
            self.inner.standard_error
        }

        /// How many resamples were drawn; 0 where the distribution is known in closed form.
        #[getter]
        fn resamples(&self) -> u64 {
            self.inner.resamples
        }

        /// What the baseline contributed.
        #[getter]
        fn baseline(&self) -> ArmLevel {
            self.inner.arms.baseline.into()
        }

        /// What the canary, or the one sample, contributed.
        #[getter]
        fn canary(&self) -> ArmLevel {
            self.inner.arms.canary.into()
        }

        fn __repr__(&self) -> String {
            let stats::Estimate { of, value, interval, .. } = &self.inner.estimate;
            format!(
                "BootstrapResult(of={of:?}, value={value:?}, interval=({:?}, {:?}), standard_error={:?})",
                interval.low, interval.high, self.inner.standard_error
            )
        }
    }
}

#[doc = include_str!("../../../canary-core/src/stats/bootstrap.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row (anything numpy reads). `statistic`: `"mean"`,
/// `"median"`, `"quantile"` (which: `quantile`) or `"trimmed_mean"` (cut off at either end: `trim`).
/// `interval`: `"percentile"`, `"basic"` or `"bca"`. `resamples`: how many. `seed`: which random
/// numbers. `block`: the blocks' length. `pairing`: `"independent"` or `"paired"`. `alternative`,
/// `confidence`, `measure`, `nan_policy`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> x = numpy.arange(1000.0) * 37 % 101
/// >>> result = canary.bootstrap(x, x + 5, statistic="median", interval="percentile")
/// >>> result.value, result.resamples  # known in closed form: nothing was drawn
/// (5.0, 0)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, statistic = "mean", quantile = 0.5, trim = 0.1,
                    measure = "difference", interval = "percentile", alternative = "two_sided",
                    confidence = 0.95, resamples = 9999, seed = 0, block = None,
                    pairing = "independent", nan_policy = "raise"))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn bootstrap(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    statistic: &str,
    quantile: f64,
    trim: f64,
    measure: &str,
    interval: &str,
    alternative: &str,
    confidence: f64,
    resamples: u64,
    seed: u64,
    block: Option<u64>,
    pairing: &str,
    nan_policy: &str,
) -> PyResult<BootstrapResult> {
    let bootstrap = options!(Bootstrap;
        statistic, measure, interval, alternative, pairing, nan_policy;
        quantile, trim, confidence, resamples, seed, block);
    Ok(on_values(py, &baseline, &canary, |arms| bootstrap.run(arms))?.into())
}

/// The bootstrap interval of one sample's statistic: see `bootstrap`.
///
/// # Parameters
/// `values`: numbers in one row (anything numpy reads). The others: as for `bootstrap`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.bootstrap_one(numpy.arange(101.0), statistic="median")
/// >>> result.value, [round(end) for end in result.interval]
/// (50.0, [40, 60])
#[pyfunction]
#[pyo3(signature = (values, *, statistic = "mean", quantile = 0.5, trim = 0.1, interval = "percentile",
                    alternative = "two_sided", confidence = 0.95, resamples = 9999, seed = 0,
                    block = None, nan_policy = "raise"))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn bootstrap_one(
    py: Python<'_>,
    values: ArrayLike<'_>,
    statistic: &str,
    quantile: f64,
    trim: f64,
    interval: &str,
    alternative: &str,
    confidence: f64,
    resamples: u64,
    seed: u64,
    block: Option<u64>,
    nan_policy: &str,
) -> PyResult<BootstrapResult> {
    let bootstrap = options!(Bootstrap;
        statistic, interval, alternative, nan_policy;
        quantile, trim, confidence, resamples, seed, block);
    let values = values.values("values")?;
    let slice = values.as_slice()?;
    let result = py.detach(|| bootstrap.run_one(slice));
    Ok(result.map_err(to_python)?.into())
}
