//! Trends: of one series, and of the canary's against the baseline's.

use canary_core::stats;
use canary_core::{self as core, Arms};
use pyo3::prelude::*;

use super::result::{Estimate, TestResult};
use super::{detached, options};
use crate::convert::{ArrayLike, word};
use crate::data::Series;
use crate::error::to_python;
use crate::wrap::shell;

shell! {
    /// The trend of one series.
    TrendResult(stats::TrendResult) {
        /// How p was computed: `"exact"` or `"asymptotic"`.
        #[getter]
        fn method(&self) -> &'static str {
            self.inner.method.as_str()
        }

        /// `"two_sided"`, `"greater"` (a rise) or `"less"`.
        #[getter]
        fn alternative(&self) -> &'static str {
            self.inner.alternative.as_str()
        }

        /// The slope under the null hypothesis.
        #[getter]
        fn null(&self) -> f64 {
            self.inner.null
        }

        /// S: the pairs that rise, less those that fall.
        #[getter]
        fn statistic(&self) -> f64 {
            self.inner.statistic
        }

        /// (S - sign S) / √Var S.
        #[getter]
        fn z(&self) -> f64 {
            self.inner.z
        }

        /// Kendall's tau-b against time.
        #[getter]
        fn tau(&self) -> f64 {
            self.inner.tau
        }

        /// The probability of an S at least as extreme if there is no trend.
        #[getter]
        fn p_value(&self) -> f64 {
            self.inner.p_value
        }

        /// Theil and Sen's slope with its interval, in the values' unit per unit of time, unless it
        /// was not asked for.
        #[getter]
        fn slope(&self) -> Option<Estimate> {
            self.inner.slope.clone().map(Estimate::from)
        }

        /// Where the line of that slope through the medians meets time 0.
        #[getter]
        fn intercept(&self) -> Option<f64> {
            self.inner.intercept
        }

        /// How many values there are.
        #[getter]
        fn n(&self) -> u64 {
            self.inner.n
        }

        /// How many gaps (NaN) there were.
        #[getter]
        fn omitted(&self) -> u64 {
            self.inner.omitted
        }

        fn __repr__(&self) -> String {
            let stats::TrendResult { tau, p_value, slope, .. } = &self.inner;
            let slope = match slope {
                Some(slope) => format!("{:?}", slope.value),
                None => "None".to_owned(),
            };
            format!("TrendResult(slope={slope}, tau={tau:?}, p_value={p_value:?})")
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

/// A `Series` as it is, or numbers with their times: 0, 1, 2, ... where none are given.
fn series(
    argument: &str,
    values: &ArrayLike<'_>,
    times: Option<&[f64]>,
    nan_policy: core::NanPolicy,
) -> PyResult<core::Series> {
    if let Ok(series) = values.object().cast::<Series>() {
        return Ok(series.get().inner.clone());
    }
    let values = values.values(argument)?.as_slice()?.to_vec();
    let times = match times {
        Some(times) => times.to_vec(),
        None => (0..values.len()).map(|i| i as f64).collect(),
    };
    core::Series::new(times, values, nan_policy)
        .map_err(|error| to_python(error.in_argument(argument)))
}

#[doc = include_str!("../../../canary-core/src/stats/trend.md")]
///
/// Here: of one series. `compare_trends` holds the canary against the baseline.
///
/// # Parameters
/// `values`: numbers in the order of time, or a `Series`. `times`: one for each value, increasing;
/// without them 0, 1, 2, ... `alternative`: `"two_sided"`, `"greater"` (a rise) or `"less"`.
/// `confidence`: in (0, 1). `correction`: `"none"` or `"hamed_rao"`, with so many `lags`. `interval`:
/// `"sen"`, or `"none"` to leave the slope out, which is many times faster. `nan_policy`:
/// `"raise"` or `"omit"`. `null`: the slope under the null hypothesis.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example: memory that leaks 2 MB a minute
/// >>> minutes = numpy.arange(30.0)
/// >>> leak = canary.trend(512 + 2 * minutes + 5 * numpy.sin(7.3 * minutes))
/// >>> round(leak.slope.value, 1), leak.p_value < 1e-9
/// (2.0, True)
#[pyfunction]
#[pyo3(signature = (values, *, times = None, alternative = "two_sided", confidence = 0.95,
                    correction = "none", lags = None, interval = "sen", nan_policy = "raise",
                    null = 0.0))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn trend(
    py: Python<'_>,
    values: ArrayLike<'_>,
    times: Option<ArrayLike<'_>>,
    alternative: &str,
    confidence: f64,
    correction: &str,
    lags: Option<u64>,
    interval: &str,
    nan_policy: &str,
    null: f64,
) -> PyResult<TrendResult> {
    let test = options!(Trend; alternative, correction, interval; confidence, lags, null);
    let times = times.map(|times| times.values("times")).transpose()?;
    let times = times.as_ref().map(|times| times.as_slice()).transpose()?;
    let series = series("values", &values, times, word(nan_policy)?)?;
    Ok(detached(py, WORTH_DETACHING * series.values().len(), || {
        test.run(&series)
    })?
    .into())
}

/// Test of whether the canary's slope is the baseline's: see `trend` for the formula.
///
/// # Parameters
/// `baseline`, `canary`: numbers in the order of time, or both a `Series`. `times`: one for each
/// value of either arm; without them 0, 1, 2, ... `pairing`: `"paired"` tests the differences at the
/// times that both arms have, `"independent"` two slopes. The others: as for `trend`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example: both arms grow with the day's traffic, the canary grows faster
/// >>> minutes = numpy.arange(30.0)
/// >>> wave = 500 + minutes**2 / 9
/// >>> round(canary.compare_trends(wave, wave + minutes / 2).estimate.value, 6)
/// 0.5
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, times = None, pairing = "paired",
                    alternative = "two_sided", confidence = 0.95, correction = "none",
                    lags = None, nan_policy = "raise", null = 0.0))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn compare_trends(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    times: Option<ArrayLike<'_>>,
    pairing: &str,
    alternative: &str,
    confidence: f64,
    correction: &str,
    lags: Option<u64>,
    nan_policy: &str,
    null: f64,
) -> PyResult<TestResult> {
    let test = options!(Trend; pairing, alternative, correction; confidence, lags, null);
    let times = times.map(|times| times.values("times")).transpose()?;
    let times = times.as_ref().map(|times| times.as_slice()).transpose()?;
    let policy = word(nan_policy)?;
    let arms = Arms::new(
        series("baseline", &baseline, times, policy)?,
        series("canary", &canary, times, policy)?,
    );
    let size = arms.baseline.values().len();
    Ok(detached(py, WORTH_DETACHING * size, || test.compare(&arms))?.into())
}

/// A value costs some dozens of slopes.
const WORTH_DETACHING: usize = 64;
