//! Tests of where values lie: means, medians, ranks, paired or not.

use canary_core as core;
use canary_core::Arms;
use pyo3::prelude::*;

use super::result::TestResult;
use super::{on_values, options, test_on_values};
use crate::convert::{ArrayLike, word};
use crate::data::{Series, Summary};
use crate::error::to_python;

#[doc = include_str!("../../../canary-core/src/stats/t_test.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row (anything numpy reads), or both a `Summary`.
/// `variance`: `"welch"` or `"pooled"`. `alternative`: `"two_sided"`, `"greater"` (the canary is
/// greater) or `"less"`. `confidence`: in (0, 1). `measure`: `"difference"` or `"ratio"`.
/// `nan_policy`: `"raise"` or `"omit"`. `null`: what the estimate is under the null hypothesis;
/// without it, no difference.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.t_test([101.2, 98.7, 103.5, 99.1], [107.9, 110.3, 105.2, 109.8])
/// >>> round(result.p_value, 4), round(result.estimate.value, 3)
/// (0.003, 7.675)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, variance = "welch", alternative = "two_sided",
                    confidence = 0.95, measure = "difference", nan_policy = "raise", null = None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn t_test(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    variance: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
    nan_policy: &str,
    null: Option<f64>,
) -> PyResult<TestResult> {
    let test = options!(TTest; variance, alternative, measure, nan_policy; confidence, null);
    let summaries = (
        baseline.object().cast::<Summary>(),
        canary.object().cast::<Summary>(),
    );
    if let (Ok(baseline), Ok(canary)) = summaries {
        let arms = Arms::new(baseline.get().inner, canary.get().inner);
        return Ok(test.run_summaries(&arms).map_err(to_python)?.into());
    }
    test_on_values(py, &baseline, &canary, |arms| test.run(arms))
}

#[doc = include_str!("../../../canary-core/src/stats/paired_t.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row that belong together by position. `alternative`,
/// `confidence`, `measure`, `nan_policy`, `null`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.paired_t([12.1, 95.0, 40.2, 33.3], [12.9, 97.1, 41.0, 34.9])
/// >>> round(result.estimate.value, 3), round(result.p_value, 4)
/// (1.325, 0.0255)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, alternative = "two_sided", confidence = 0.95,
                    measure = "difference", nan_policy = "raise", null = None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn paired_t(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    alternative: &str,
    confidence: f64,
    measure: &str,
    nan_policy: &str,
    null: Option<f64>,
) -> PyResult<TestResult> {
    let test = options!(PairedT; alternative, measure, nan_policy; confidence, null);
    test_on_values(py, &baseline, &canary, |arms| test.run(arms))
}

#[doc = include_str!("../../../canary-core/src/stats/mann_whitney.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row (anything numpy reads). `method`: `"auto"`, `"exact"`
/// or `"asymptotic"`. `continuity`: `"corrected"` or `"uncorrected"`. `interval`:
/// `"hodges_lehmann"` or `"none"`, which leaves the estimate out and is several times faster.
/// `alternative`, `confidence`, `measure`, `nan_policy`, `null`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.mann_whitney([101.2, 98.7, 103.5, 99.1], [107.9, 110.3, 105.2, 109.8])
/// >>> result.statistic, round(result.p_value, 4), result.effect_sizes["common_language"]
/// (16.0, 0.0286, 1.0)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, method = "auto", continuity = "corrected",
                    interval = "hodges_lehmann", alternative = "two_sided", confidence = 0.95,
                    measure = "difference", nan_policy = "raise", null = None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn mann_whitney(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    method: &str,
    continuity: &str,
    interval: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
    nan_policy: &str,
    null: Option<f64>,
) -> PyResult<TestResult> {
    let test = options!(MannWhitney;
        method, continuity, interval, alternative, measure, nan_policy; confidence, null);
    test_on_values(py, &baseline, &canary, |arms| test.run(arms))
}

#[doc = include_str!("../../../canary-core/src/stats/signed_rank.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row that belong together by position. `zeros`: `"wilcox"`,
/// `"pratt"` or `"split"`. `method`, `continuity`, `interval`: as for `mann_whitney`; `alternative`,
/// `confidence`, `measure`, `nan_policy`, `null`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.signed_rank([12.1, 95.0, 40.2, 33.3, 7.0], [12.9, 97.1, 41.0, 34.9, 7.5])
/// >>> result.statistic, result.method
/// (15.0, 'exact')
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, zeros = "wilcox", method = "auto",
                    continuity = "corrected", interval = "hodges_lehmann",
                    alternative = "two_sided", confidence = 0.95, measure = "difference",
                    nan_policy = "raise", null = None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn signed_rank(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    zeros: &str,
    method: &str,
    continuity: &str,
    interval: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
    nan_policy: &str,
    null: Option<f64>,
) -> PyResult<TestResult> {
    let test = options!(SignedRank;
        zeros, method, continuity, interval, alternative, measure, nan_policy; confidence, null);
    test_on_values(py, &baseline, &canary, |arms| test.run(arms))
}

#[doc = include_str!("../../../canary-core/src/stats/brunner_munzel.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row (anything numpy reads). `method`: `"t"` or
/// `"asymptotic"`. `alternative`, `confidence`, `nan_policy`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.brunner_munzel([101.2, 98.7, 103.5, 99.1], [107.9, 110.3, 102.2, 109.8])
/// >>> result.estimate.of, result.estimate.value
/// ('P(canary > baseline)', 0.9375)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, method = "t", alternative = "two_sided",
                    confidence = 0.95, nan_policy = "raise"))]
pub(crate) fn brunner_munzel(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    method: &str,
    alternative: &str,
    confidence: f64,
    nan_policy: &str,
) -> PyResult<TestResult> {
    let test = options!(BrunnerMunzel; method, alternative, nan_policy; confidence);
    test_on_values(py, &baseline, &canary, |arms| test.run(arms))
}

#[doc = include_str!("../../../canary-core/src/stats/paired_series.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers at the same times, in their order, or both a `Series`, of which the
/// times that both have are used. `method`: `"cosine"`, `"newey_west"` or `"batch_means"`. `terms`:
/// how many cosines, lags or batches. `alternative`, `confidence`, `measure`, `nan_policy`, `null`:
/// as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> wave = 100 + 30 * numpy.sin(numpy.arange(60) / 10)
/// >>> result = canary.paired_series(wave, wave + 2 + numpy.arange(60) % 3 / 10)
/// >>> result.df, round(result.estimate.value, 2)
/// (6.0, 2.1)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, method = "cosine", terms = None,
                    alternative = "two_sided", confidence = 0.95, measure = "difference",
                    nan_policy = "raise", null = None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn paired_series(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    method: &str,
    terms: Option<u64>,
    alternative: &str,
    confidence: f64,
    measure: &str,
    nan_policy: &str,
    null: Option<f64>,
) -> PyResult<TestResult> {
    let test = options!(PairedSeries;
        method, alternative, measure, nan_policy; terms, confidence, null);
    let series = (
        baseline.object().cast::<Series>(),
        canary.object().cast::<Series>(),
    );
    if let (Ok(baseline), Ok(canary)) = series {
        let arms = Arms::new(&baseline.get().inner, &canary.get().inner);
        let aligned = core::Series::align(arms);
        return Ok(test.run(&aligned).map_err(to_python)?.into());
    }
    test_on_values(py, &baseline, &canary, |arms| test.run(arms))
}

/// How many independent values a series is worth: n / (1 + 2 Σ ρ), the autocorrelations summed in
/// pairs while these are positive and do not grow (Geyer 1992, *Statistical Science* 7, 473-483,
/// section 3.3).
///
/// # Parameters
/// `values`: numbers in the order of time, at least 4. `nan_policy`: `"raise"` or `"omit"`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> held = [x for x in (3.0, 9.0, 1.0, 7.0, 4.0, 8.0, 2.0, 6.0) for _ in range(10)]
/// >>> canary.effective_sample_size(held) < 20  # of 80
/// True
#[pyfunction]
#[pyo3(signature = (values, *, nan_policy = "raise"))]
pub(crate) fn effective_sample_size(
    py: Python<'_>,
    values: ArrayLike<'_>,
    nan_policy: &str,
) -> PyResult<f64> {
    let policy = word(nan_policy)?;
    let values = values.values("values")?;
    let slice = values.as_slice()?;
    super::detached(py, slice.len(), || {
        core::stats::effective_sample_size(slice, policy)
    })
}

#[doc = include_str!("../../../canary-core/src/stats/brown_forsythe.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row (anything numpy reads). `centre`: `"median"`, `"mean"` or
/// `"trimmed_mean"`. `alternative`, `confidence`, `measure`, `nan_policy`, `null`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> x = numpy.arange(100.0) % 21 - 10
/// >>> result = canary.brown_forsythe(x, 3 * x, measure="ratio")
/// >>> round(result.estimate.value, 6), result.p_value < 1e-9
/// (3.0, True)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, centre = "median", alternative = "two_sided",
                    confidence = 0.95, measure = "difference", nan_policy = "raise", null = None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn brown_forsythe(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    centre: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
    nan_policy: &str,
    null: Option<f64>,
) -> PyResult<TestResult> {
    let test = options!(BrownForsythe; centre, alternative, measure, nan_policy; confidence, null);
    Ok(on_values(py, &baseline, &canary, |arms| test.run(arms))?.into())
}
