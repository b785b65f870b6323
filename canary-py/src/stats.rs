//! The tests and their one result.

use canary_core::stats::{self, Effect};
use canary_core::{self as core, Alternative, Arms, Measure};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyTuple};

use crate::convert::{ArrayLike, counts, word};
use crate::data::Summary;
use crate::error::to_python;
use crate::wrap::shell;

/// From this many values on, other Python threads may run meanwhile.
const DETACH_FROM: usize = 8192;

shell! {
    /// A confidence interval; unpacks as `low, high`.
    Interval(stats::Interval) {
        /// Lower end.
        #[getter]
        fn low(&self) -> f64 {
            self.inner.low
        }

        /// Upper end.
        #[getter]
        fn high(&self) -> f64 {
            self.inner.high
        }

        /// The share of such intervals that cover the truth.
        #[getter]
        fn confidence(&self) -> f64 {
            self.inner.confidence.get()
        }

        fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
            PyTuple::new(py, [self.inner.low, self.inner.high])?.try_iter()
        }

        fn __repr__(&self) -> String {
            let stats::Interval { low, high, confidence } = self.inner;
            format!("Interval(low={low:?}, high={high:?}, confidence={})", confidence.get())
        }
    }
}

shell! {
    /// The size of a change: canary minus baseline, or canary divided by baseline.
    Estimate(stats::Estimate) {
        /// `"difference"` or `"ratio"`.
        #[getter]
        fn measure(&self) -> &'static str {
            self.inner.measure.as_str()
        }

        /// What it is an estimate of, e.g. `"difference of means"`.
        #[getter]
        fn of(&self) -> &str {
            &self.inner.of
        }

        /// The estimate.
        #[getter]
        fn value(&self) -> f64 {
            self.inner.value
        }

        /// Where the truth probably lies.
        #[getter]
        fn interval(&self) -> Interval {
            self.inner.interval.into()
        }

        fn __repr__(&self) -> String {
            let stats::Estimate { of, value, interval, .. } = &self.inner;
            format!("Estimate(of={of:?}, value={value:?}, interval=({:?}, {:?}))", interval.low, interval.high)
        }
    }
}

shell! {
    /// What one arm contributed to a test.
    ArmLevel(stats::ArmLevel) {
        /// How many values or trials were used.
        #[getter]
        fn n(&self) -> u64 {
            self.inner.n
        }

        /// How many NaNs were left out.
        #[getter]
        fn omitted(&self) -> u64 {
            self.inner.omitted
        }

        /// The arm's mean (t), median (Mann-Whitney) or proportion (z).
        #[getter]
        fn level(&self) -> f64 {
            self.inner.level
        }

        fn __repr__(&self) -> String {
            let stats::ArmLevel { n, omitted, level } = self.inner;
            format!("ArmLevel(n={n}, omitted={omitted}, level={level:?})")
        }
    }
}

shell! {
    /// What a test found. Unpacks as `statistic, p_value`, as scipy's results do.
    ///
    /// >>> result = canary.t_test([1.0, 2.0, 3.0], [4.0, 5.0, 6.5])
    /// >>> statistic, p_value = result
    /// >>> p_value == result.p_value < 0.05
    /// True
    TestResult(stats::TestResult) {
        /// `"t_test"`, `"mann_whitney"` or `"two_proportion_z"`.
        #[getter]
        fn test(&self) -> &'static str {
            self.inner.test.as_str()
        }

        /// How the p-value was computed: `"welch"`, `"pooled"`, `"exact"` or `"asymptotic"`.
        #[getter]
        fn method(&self) -> &'static str {
            self.inner.method.as_str()
        }

        /// `"two_sided"`, `"greater"` (the canary is greater) or `"less"`.
        #[getter]
        fn alternative(&self) -> &'static str {
            self.inner.alternative.as_str()
        }

        /// The test statistic: t, the canary's U, or z.
        #[getter]
        fn statistic(&self) -> f64 {
            self.inner.statistic
        }

        /// Degrees of freedom, if the statistic has any.
        #[getter]
        fn df(&self) -> Option<f64> {
            self.inner.df
        }

        /// The probability of a statistic at least as extreme if the arms did not differ.
        #[getter]
        fn p_value(&self) -> f64 {
            self.inner.p_value
        }

        /// The same under scipy's name.
        #[getter]
        fn pvalue(&self) -> f64 {
            self.inner.p_value
        }

        /// The size of the change with its interval, unless it was not asked for.
        #[getter]
        fn estimate(&self) -> Option<Estimate> {
            self.inner.estimate.clone().map(Estimate::from)
        }

        /// The estimate's interval.
        #[getter]
        fn interval(&self) -> Option<Interval> {
            self.inner.estimate.as_ref().map(|estimate| estimate.interval.into())
        }

        /// The size of the change free of units, by name.
        #[getter]
        fn effect_sizes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
            let dict = PyDict::new(py);
            for size in &self.inner.effect_sizes {
                dict.set_item(Effect::as_str(size.effect), size.value)?;
            }
            Ok(dict)
        }

        /// What the baseline contributed.
        #[getter]
        fn baseline(&self) -> ArmLevel {
            self.inner.arms.baseline.into()
        }

        /// What the canary contributed.
        #[getter]
        fn canary(&self) -> ArmLevel {
            self.inner.arms.canary.into()
        }

        fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
            PyTuple::new(py, [self.inner.statistic, self.inner.p_value])?.try_iter()
        }

        fn __repr__(&self) -> String {
            let stats::TestResult { test, method, statistic, p_value, .. } = &self.inner;
            format!("TestResult(test='{test}', method='{method}', statistic={statistic:?}, p_value={p_value:?})")
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }

        fn _repr_html_(&self) -> String {
            core::report::test_html(&self.inner)
        }
    }
}

#[doc = include_str!("../../canary-core/src/stats/t_test.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row (anything numpy reads), or both a `Summary`.
/// `variance`: `"welch"` or `"pooled"`. `alternative`: `"two_sided"`, `"greater"` (the canary is
/// greater) or `"less"`. `confidence`: in (0, 1). `measure`: `"difference"` or `"ratio"`.
/// `nan_policy`: `"raise"` or `"omit"`.
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
                    confidence = 0.95, measure = "difference", nan_policy = "raise"))]
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
) -> PyResult<TestResult> {
    let test = core::TTest::new()
        .variance(word(variance)?)
        .alternative(word(alternative)?)
        .confidence(confidence)
        .measure(word(measure)?)
        .nan_policy(word(nan_policy)?);
    let summaries = (
        baseline.object().cast::<Summary>(),
        canary.object().cast::<Summary>(),
    );
    if let (Ok(baseline), Ok(canary)) = summaries {
        let arms = Arms::new(baseline.get().inner, canary.get().inner);
        return Ok(test.run_summaries(&arms).map_err(to_python)?.into());
    }
    on_values(py, &baseline, &canary, |arms| test.run(arms))
}

#[doc = include_str!("../../canary-core/src/stats/mann_whitney.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row (anything numpy reads). `method`: `"auto"`, `"exact"`
/// or `"asymptotic"`. `continuity`: `"corrected"` or `"uncorrected"`. `interval`:
/// `"hodges_lehmann"` or `"none"`, which leaves the estimate out and is several times faster.
/// `alternative`, `confidence`, `measure`, `nan_policy`: as for `t_test`.
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
                    measure = "difference", nan_policy = "raise"))]
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
) -> PyResult<TestResult> {
    let test = core::MannWhitney::new()
        .method(word(method)?)
        .continuity(word(continuity)?)
        .interval(word(interval)?)
        .alternative(word(alternative)?)
        .confidence(confidence)
        .measure(word(measure)?)
        .nan_policy(word(nan_policy)?);
    on_values(py, &baseline, &canary, |arms| test.run(arms))
}

#[doc = include_str!("../../canary-core/src/stats/two_proportion_z.md")]
///
/// # Parameters
/// `baseline`, `canary`: `(events, trials)` or `Counts`. `interval`: `"miettinen_nurminen"`,
/// `"newcombe"` or `"wald"`. `alternative`, `confidence`, `measure`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.two_proportion_z((95, 19_000), (30, 2_000))
/// >>> round(result.estimate.value, 4), [round(end, 4) for end in result.interval]
/// (0.01, [0.0054, 0.0164])
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, interval = "miettinen_nurminen",
                    alternative = "two_sided", confidence = 0.95, measure = "difference"))]
pub(crate) fn two_proportion_z(
    baseline: &Bound<'_, PyAny>,
    canary: &Bound<'_, PyAny>,
    interval: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
) -> PyResult<TestResult> {
    let test = core::TwoProportionZ::new()
        .interval(word(interval)?)
        .alternative(word::<Alternative>(alternative)?)
        .confidence(confidence)
        .measure(word::<Measure>(measure)?);
    let arms = Arms::new(counts("baseline", baseline)?, counts("canary", canary)?);
    Ok(test.run(&arms).map_err(to_python)?.into())
}

/// Runs a test on two rows of numbers, without the interpreter's lock where that takes a while.
fn on_values(
    py: Python<'_>,
    baseline: &ArrayLike<'_>,
    canary: &ArrayLike<'_>,
    test: impl Fn(&Arms<&[f64]>) -> core::Result<stats::TestResult> + Send + Sync,
) -> PyResult<TestResult> {
    let (baseline, canary) = (baseline.values("baseline")?, canary.values("canary")?);
    let arms = Arms::new(baseline.as_slice()?, canary.as_slice()?);
    let result = if arms.baseline.len() + arms.canary.len() < DETACH_FROM {
        test(&arms)
    } else {
        py.detach(|| test(&arms))
    };
    Ok(result.map_err(to_python)?.into())
}
