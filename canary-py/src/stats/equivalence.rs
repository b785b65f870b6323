//! Equivalence, non-inferiority, and adjusted p-values.

use canary_core::{self as core, Arms, stats};
use pyo3::prelude::*;

use super::on_values;
use super::result::{Estimate, Interval, TestResult};
use crate::convert::{Array, ArrayLike, MarginLike, counts, exposure, word};
use crate::data::Summary;
use crate::error::{invalid_option, to_python};
use crate::wrap::shell;

shell! {
    /// What an equivalence or non-inferiority test found.
    EquivalenceResult(stats::EquivalenceResult) {
        /// `"non_inferiority"` or `"equivalence"`.
        #[getter]
        fn goal(&self) -> &'static str {
            self.inner.goal.as_str()
        }

        /// `"within"` the margin, `"beyond"` it, or `"undecided"`.
        #[getter]
        fn outcome(&self) -> &'static str {
            self.inner.outcome.as_str()
        }

        /// The smallest acceptable change.
        #[getter]
        fn low(&self) -> f64 {
            self.inner.low
        }

        /// The largest acceptable change.
        #[getter]
        fn high(&self) -> f64 {
            self.inner.high
        }

        /// The error rate that was accepted.
        #[getter]
        fn alpha(&self) -> f64 {
            self.inner.alpha
        }

        /// The probability of data this reassuring if the canary were worse by the margin.
        #[getter]
        fn p_value(&self) -> f64 {
            self.inner.p_value
        }

        /// The change with its interval of confidence 1 - 2 alpha.
        #[getter]
        fn estimate(&self) -> Estimate {
            self.inner.estimate.clone().into()
        }

        /// The estimate's interval.
        #[getter]
        fn interval(&self) -> Interval {
            self.inner.estimate.interval.into()
        }

        /// The one-sided tests at the limits.
        #[getter]
        fn tests(&self) -> Vec<TestResult> {
            self.inner.tests.iter().cloned().map(TestResult::from).collect()
        }

        fn __repr__(&self) -> String {
            let stats::EquivalenceResult { outcome, p_value, low, high, .. } = &self.inner;
            format!("EquivalenceResult(outcome='{outcome}', p_value={p_value:?}, limits=({low:?}, {high:?}))")
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

#[doc = include_str!("../../../canary-core/src/stats/equivalence.md")]
///
/// # Parameters
/// `baseline`, `canary`: numbers in one row, or what the test of `of` takes: `(events, trials)` for
/// `"proportion"`, `(events, time)` for `"rate"`, `Summary` for `"mean"`, too. `margin`: a number (a
/// difference), `"10%"` or `"1.5x"`. `of`: `"mean"`, `"median"`, `"quantile"` (which: `quantile`),
/// `"shift"`, `"proportion"` or `"rate"`. `goal`: `"non_inferiority"` or `"equivalence"`. `direction`:
/// which way is worse, `"increase"`, `"decrease"` or `"either"`. `alpha`: in (0, 0.5). `nan_policy`:
/// `"raise"` or `"omit"`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.equivalence((95, 19_000), (6, 1_000), 0.01, of="proportion")
/// >>> result.outcome, result.p_value < 0.05
/// ('within', True)
#[pyfunction]
#[pyo3(signature = (baseline, canary, margin, *, of = "mean", quantile = 0.5,
                    goal = "non_inferiority", direction = "increase", alpha = 0.05,
                    nan_policy = "raise"))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn equivalence(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    margin: MarginLike,
    of: &str,
    quantile: f64,
    goal: &str,
    direction: &str,
    alpha: f64,
    nan_policy: &str,
) -> PyResult<EquivalenceResult> {
    let test = core::Equivalence::new(margin.0)
        .goal(word(goal)?)
        .direction(word(direction)?)
        .alpha(alpha)
        .nan_policy(word(nan_policy)?);
    let objects = Arms::new(baseline.object(), canary.object());
    let result = match of {
        "mean" => {
            if let (Ok(b), Ok(c)) = (
                objects.baseline.cast::<Summary>(),
                objects.canary.cast::<Summary>(),
            ) {
                let arms = Arms::new(b.get().inner, c.get().inner);
                test.summaries(&arms).map_err(to_python)?
            } else {
                on_values(py, &baseline, &canary, |arms| test.means(arms))?
            }
        }
        "median" => on_values(py, &baseline, &canary, |arms| test.quantiles(arms, 0.5))?,
        "quantile" => on_values(py, &baseline, &canary, |arms| {
            test.quantiles(arms, quantile)
        })?,
        "shift" => on_values(py, &baseline, &canary, |arms| test.shifts(arms))?,
        "proportion" => {
            let arms = objects.try_map(counts)?;
            test.proportions(&arms).map_err(to_python)?
        }
        "rate" => {
            let arms = objects.try_map(exposure)?;
            test.rates(&arms).map_err(to_python)?
        }
        _ => {
            let rule = "must be one of \"mean\", \"median\", \"quantile\", \"shift\", \"proportion\", \"rate\"";
            return Err(invalid_option("of", rule, format_args!("{of:?}")));
        }
    };
    Ok(result.into())
}

#[doc = include_str!("../../../canary-core/src/stats/multiplicity.md")]
///
/// # Parameters
/// `p_values`: numbers in [0, 1]. `method`: one of the five.
///
/// # Errors
/// `InvalidInput` or `InvalidOption`, both of them `CanaryError`.
///
/// # Example
/// >>> canary.adjust([0.01, 0.04, 0.03, 0.005])
/// array([0.03, 0.06, 0.06, 0.02])
#[pyfunction]
#[pyo3(signature = (p_values, *, method = "holm"))]
pub(crate) fn adjust(p_values: ArrayLike<'_>, method: &str) -> PyResult<Array> {
    let values = p_values.values("p_values")?;
    let adjusted = stats::adjust(values.as_slice()?, word(method)?);
    adjusted.map(Array).map_err(to_python)
}
