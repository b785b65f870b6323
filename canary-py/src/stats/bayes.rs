//! Bayesian comparison.

use canary_core::stats::{self, MeanPrior};
use canary_core::{self as core, Arms};
use pyo3::prelude::*;

use super::on_values;
use super::options;
use super::result::{ArmLevel, Estimate};
use crate::convert::{ArrayLike, counts, exposure, pair, real, word};
use crate::data::Summary;
use crate::error::{invalid_option, to_python};
use crate::wrap::{shell, to_json};

shell! {
    /// How probable it is that the measure lies in the region of practical equivalence.
    Rope(stats::Rope) {
        /// The region's lower end.
        #[getter]
        fn low(&self) -> f64 {
            self.inner.low
        }

        /// The region's upper end.
        #[getter]
        fn high(&self) -> f64 {
            self.inner.high
        }

        /// P(measure < low).
        #[getter]
        fn below(&self) -> f64 {
            self.inner.below
        }

        /// P(low ≤ measure ≤ high).
        #[getter]
        fn within(&self) -> f64 {
            self.inner.within
        }

        /// P(measure > high).
        #[getter]
        fn above(&self) -> f64 {
            self.inner.above
        }

        fn __repr__(&self) -> String {
            let stats::Rope { low, high, below, within, above } = self.inner;
            format!("Rope(low={low:?}, high={high:?}, below={below:?}, within={within:?}, above={above:?})")
        }
    }
}

shell! {
    /// What a Bayesian comparison found.
    BayesResult(stats::BayesResult) {
        /// `"beta_binomial"`, `"gamma_poisson"`, `"normal"` or `"log_normal"`.
        #[getter]
        fn model(&self) -> &'static str {
            self.inner.model.as_str()
        }

        /// Which way is worse: `"increase"`, `"decrease"` or `"either"`.
        #[getter]
        fn direction(&self) -> &'static str {
            self.inner.direction.as_str()
        }

        /// P(canary > baseline).
        #[getter]
        fn p_canary_greater(&self) -> f64 {
            self.inner.p_canary_greater
        }

        /// P(the canary is worse), by the direction.
        #[getter]
        fn p_canary_worse(&self) -> f64 {
            self.inner.p_canary_worse
        }

        /// What promoting the canary is expected to cost.
        #[getter]
        fn expected_loss(&self) -> f64 {
            self.inner.expected_loss
        }

        /// What staying with the baseline is expected to cost.
        #[getter]
        fn expected_loss_staying(&self) -> f64 {
            self.inner.expected_loss_staying
        }

        /// The posterior median of the measure, with its equal-tailed credible interval.
        #[getter]
        fn estimate(&self) -> Estimate {
            self.inner.estimate.clone().into()
        }

        /// The region of practical equivalence with its probabilities, where one was given.
        #[getter]
        fn rope(&self) -> Option<Rope> {
            self.inner.rope.map(Rope::from)
        }

        /// Each arm's posterior: its family and parameters, under `"baseline"` and `"canary"`.
        #[getter]
        fn posteriors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
            crate::wrap::to_python(py, &to_json(&self.inner.posteriors)?)
        }

        /// What the baseline contributed, with its posterior level.
        #[getter]
        fn baseline(&self) -> ArmLevel {
            self.inner.arms.baseline.into()
        }

        /// What the canary contributed, with its posterior level.
        #[getter]
        fn canary(&self) -> ArmLevel {
            self.inner.arms.canary.into()
        }

        /// The smallest sample size that was asked for, on each arm.
        #[getter]
        fn min_n(&self) -> u64 {
            self.inner.min_n
        }

        /// `"not_yet"`, `"canary_worse"`, `"canary_better"`, `"equivalent"` or `"undecided"`.
        #[getter]
        fn decision(&self) -> &'static str {
            self.inner.decision.as_str()
        }

        fn __repr__(&self) -> String {
            let stats::BayesResult { decision, p_canary_worse, expected_loss, .. } = &self.inner;
            format!(
                "BayesResult(decision='{decision}', p_canary_worse={p_canary_worse:?}, expected_loss={expected_loss:?})"
            )
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

#[doc = include_str!("../../../canary-core/src/stats/bayes/bayes.md")]
///
/// # Parameters
/// `baseline`, `canary`: `(events, trials)` or `Counts`; `(events, time)` or `Exposure`; numbers in one
/// row, or both a `Summary`. `model`: `"beta_binomial"`, `"gamma_poisson"`, `"normal"` or
/// `"log_normal"`. `prior`: of the beta distribution `(a, b)`, (1, 1) without; of the gamma
/// distribution `(shape, rate)`, (0.5, 0) without; of means `(mean, weight, shape, scale)`, the
/// reference prior without. `of`: of log-normal values the `"median"` or the `"mean"`. `measure`:
/// `"difference"` or `"ratio"`; without it, the model's. `direction`: which way is worse. `confidence`:
/// the credible level. `rope`: `(low, high)`. `min_n`: 100 trials, 10 expected events or 30 values
/// without. `nan_policy`: `"raise"` or `"omit"`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.bayesian_test(
/// ...     (95, 19_000), (6, 1_000), model="beta_binomial", rope=(-0.01, 0.01))
/// >>> result.decision, round(result.p_canary_worse, 4), round(result.expected_loss, 5)
/// ('equivalent', 0.7506, 0.00222)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, model, prior = None, of = "median", measure = None,
                    direction = "increase", confidence = 0.95, rope = None, min_n = None,
                    nan_policy = "raise"))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn bayesian_test(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    model: &str,
    prior: Option<Vec<f64>>,
    of: &str,
    measure: Option<&str>,
    direction: &str,
    confidence: f64,
    rope: Option<Bound<'_, PyAny>>,
    min_n: Option<u64>,
    nan_policy: &str,
) -> PyResult<BayesResult> {
    let model: stats::BayesModel = word(model)?;
    let measure = measure.map(word).transpose()?;
    let rope = match rope {
        None => None,
        Some(rope) => {
            let (low, high) = pair("rope", &rope, "(low, high)")?;
            Some((real("rope.low", &low)?, real("rope.high", &high)?))
        }
    };
    let mut test =
        options!(BayesianTest; of, direction, nan_policy; confidence, measure, rope, min_n);
    if let Some(prior) = prior {
        test = match (model, prior.as_slice()) {
            (stats::BayesModel::BetaBinomial, &[a, b]) => test.proportion_prior((a, b)),
            (stats::BayesModel::GammaPoisson, &[shape, rate]) => test.rate_prior((shape, rate)),
            (
                stats::BayesModel::Normal | stats::BayesModel::LogNormal,
                &[mean, weight, shape, scale],
            ) => test.mean_prior(Some(MeanPrior {
                mean,
                weight,
                shape,
                scale,
            })),
            (stats::BayesModel::BetaBinomial | stats::BayesModel::GammaPoisson, _) => {
                let rule = format!("must hold 2 numbers for {model}");
                return Err(invalid_option("prior", &rule, prior.len()));
            }
            _ => {
                let rule = format!("must hold 4 numbers for {model}");
                return Err(invalid_option("prior", &rule, prior.len()));
            }
        };
    }
    let objects = Arms::new(baseline.object(), canary.object());
    let found = match model {
        stats::BayesModel::BetaBinomial => {
            let arms = objects.try_map(counts)?;
            py.detach(|| test.counts(&arms))
        }
        stats::BayesModel::GammaPoisson => {
            let arms = objects.try_map(exposure)?;
            py.detach(|| test.exposures(&arms))
        }
        stats::BayesModel::Normal => {
            let summaries = objects.map(|object| object.cast::<Summary>());
            match (summaries.baseline, summaries.canary) {
                (Ok(baseline), Ok(canary)) => {
                    let arms = Arms::new(baseline.get().inner, canary.get().inner);
                    test.summaries(&arms)
                }
                _ => {
                    return Ok(on_values(py, &baseline, &canary, |arms| test.values(arms))?.into());
                }
            }
        }
        stats::BayesModel::LogNormal => {
            return Ok(on_values(py, &baseline, &canary, |arms| test.log_values(arms))?.into());
        }
    };
    Ok(found.map_err(to_python)?.into())
}
