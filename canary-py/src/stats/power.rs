//! Planning: power, sample size, smallest effect, and how long it takes.

use canary_core::Arms;
use canary_core::stats::{self, Model, Power};
use pyo3::prelude::*;

use crate::convert::{MarginLike, is_scalar, pair, real, word};
use crate::error::{invalid_option, to_python};
use crate::wrap::shell;

shell! {
    /// A sample size, an effect and the power that belong together.
    PowerResult(stats::PowerResult) {
        /// How many observations on the baseline; for rates, how much exposure.
        #[getter]
        fn n_baseline(&self) -> f64 {
            self.inner.n.baseline
        }

        /// How many observations on the canary; for rates, how much exposure.
        #[getter]
        fn n_canary(&self) -> f64 {
            self.inner.n.canary
        }

        /// The canary's value less the baseline's.
        #[getter]
        fn effect(&self) -> f64 {
            self.inner.effect
        }

        /// The probability that the test shows it.
        #[getter]
        fn power(&self) -> f64 {
            self.inner.power
        }

        /// The test's error rate.
        #[getter]
        fn alpha(&self) -> f64 {
            self.inner.alpha
        }

        fn __repr__(&self) -> String {
            let stats::PowerResult { n, effect, power, .. } = self.inner;
            format!(
                "PowerResult(n_baseline={:?}, n_canary={:?}, effect={effect:?}, power={power:?})",
                n.baseline, n.canary
            )
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

shell! {
    /// How long it takes to see a change; `str` says it in a sentence.
    Plan(stats::Plan) {
        /// How long, in seconds.
        #[getter]
        fn seconds(&self) -> f64 {
            self.inner.seconds
        }

        /// How many requests on each arm, the effect and the power.
        #[getter]
        fn needed(&self) -> PowerResult {
            self.inner.needed.into()
        }

        fn __repr__(&self) -> String {
            format!("Plan(seconds={:?})", self.inner.seconds)
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

/// What was asked for, and what is the third to be found.
struct Asked<'py> {
    n: Option<Bound<'py, PyAny>>,
    effect: Option<f64>,
    power: Option<f64>,
    /// 0 where the goal knows none.
    margin: f64,
}

impl<'py> Asked<'py> {
    fn of(
        n: Option<Bound<'py, PyAny>>,
        effect: Option<f64>,
        power: Option<f64>,
        goal: &str,
        margin: f64,
    ) -> Self {
        Self {
            n,
            effect,
            power,
            margin: if goal == "difference" { 0.0 } else { margin },
        }
    }

    fn answer(self, test: Power, share: f64, model: Model) -> PyResult<PowerResult> {
        let test = test.share(share);
        let arms = |n: &Bound<'_, PyAny>| -> PyResult<Arms<f64>> {
            if is_scalar(n) {
                let all = real("n", n)?;
                return Ok(Arms::new(all * (1.0 - share), all * share));
            }
            let (baseline, canary) = pair("n", n, "a number, or (baseline, canary)")?;
            Ok(Arms::new(
                real("n.baseline", &baseline)?,
                real("n.canary", &canary)?,
            ))
        };
        let found = match (&self.n, self.effect, self.power) {
            (Some(n), Some(effect), None) => test.power(model, effect, arms(n)?),
            (None, Some(effect), Some(power)) => test.sample_size(model, effect, power),
            (Some(_), None, Some(_)) if self.margin != 0.0 => {
                let rule = "must be left out where the smallest margin is asked for";
                return Err(invalid_option("margin", rule, self.margin));
            }
            (Some(n), None, Some(power)) => test.detectable(model, arms(n)?, power),
            _ => {
                let given = [
                    self.n.is_some(),
                    self.effect.is_some(),
                    self.power.is_some(),
                ];
                let count = given.into_iter().filter(|is| *is).count();
                let rule = "exactly two must be given, and the third is found";
                return Err(invalid_option(
                    "n, effect and power",
                    rule,
                    format!("{count} of them"),
                ));
            }
        };
        Ok(found.map_err(to_python)?.into())
    }
}

fn test(goal: &str, alternative: &str, alpha: f64, margin: f64) -> PyResult<Power> {
    Ok(Power::new()
        .goal(word(goal)?)
        .alternative(word(alternative)?)
        .alpha(alpha)
        .margin(margin))
}

#[doc = include_str!("../../../canary-core/src/stats/power.md")]
///
/// # Parameters
/// Of `n`, `effect` and `power` exactly two. `n`: both arms' observations, or `(baseline, canary)`.
/// `effect`: the canary's mean less the baseline's. `sd`: the standard deviation, or `(baseline,
/// canary)`. `share`: the canary's share of the observations. `goal`: `"difference"`,
/// `"non_inferiority"` or `"equivalence"`, with `margin`. `alternative`: `"two_sided"`, `"greater"` or
/// `"less"`. `alpha`: in (0, 0.5). With `n` and `power` of another goal than `"difference"`, the smallest
/// margin is found, as `effect`: no `margin` then, and `"less"` for one downwards.
///
/// # Errors
/// `InvalidOption`, a `CanaryError`.
///
/// # Example
/// >>> found = canary.power_means(effect=2.0, sd=10.0, power=0.8, share=0.05)
/// >>> found.n_baseline, found.n_canary
/// (3971.0, 209.0)
#[pyfunction]
#[pyo3(signature = (*, sd, n = None, effect = None, power = None, share = 0.5, goal = "difference",
                    margin = 0.0, alternative = "two_sided", alpha = 0.05))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn power_means(
    sd: &Bound<'_, PyAny>,
    n: Option<Bound<'_, PyAny>>,
    effect: Option<f64>,
    power: Option<f64>,
    share: f64,
    goal: &str,
    margin: f64,
    alternative: &str,
    alpha: f64,
) -> PyResult<PowerResult> {
    let sd = if is_scalar(sd) {
        let both = real("sd", sd)?;
        Arms::new(both, both)
    } else {
        let (baseline, canary) = pair("sd", sd, "a number, or (baseline, canary)")?;
        Arms::new(real("sd.baseline", &baseline)?, real("sd.canary", &canary)?)
    };
    let test = test(goal, alternative, alpha, margin)?;
    Asked::of(n, effect, power, goal, margin).answer(test, share, Model::Means { sd })
}

/// Power, sample size or smallest effect of a Mann-Whitney test: see `power_means`.
///
/// # Parameters
/// `effect`: P(canary > baseline) + ½ P(=) less ½. The others: as for `power_means`.
///
/// # Errors
/// `InvalidOption`, a `CanaryError`.
///
/// # Example
/// >>> found = canary.power_ranks(effect=0.1, power=0.8)
/// >>> found.n_canary
/// 132.0
#[pyfunction]
#[pyo3(signature = (*, n = None, effect = None, power = None, share = 0.5, goal = "difference",
                    margin = 0.0, alternative = "two_sided", alpha = 0.05))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn power_ranks(
    n: Option<Bound<'_, PyAny>>,
    effect: Option<f64>,
    power: Option<f64>,
    share: f64,
    goal: &str,
    margin: f64,
    alternative: &str,
    alpha: f64,
) -> PyResult<PowerResult> {
    let test = test(goal, alternative, alpha, margin)?;
    Asked::of(n, effect, power, goal, margin).answer(test, share, Model::Ranks)
}

/// Power, sample size or smallest effect of a two-proportion z-test: see `power_means`.
///
/// # Parameters
/// `baseline`: the baseline's proportion. `effect`: the canary's less the baseline's. The others: as
/// for `power_means`.
///
/// # Errors
/// `InvalidOption`, a `CanaryError`.
///
/// # Example
/// >>> found = canary.power_proportions(baseline=0.1, effect=0.05, power=0.8)
/// >>> found.n_canary
/// 686.0
#[pyfunction]
#[pyo3(signature = (*, baseline, n = None, effect = None, power = None, share = 0.5,
                    goal = "difference", margin = 0.0, alternative = "two_sided", alpha = 0.05))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn power_proportions(
    baseline: f64,
    n: Option<Bound<'_, PyAny>>,
    effect: Option<f64>,
    power: Option<f64>,
    share: f64,
    goal: &str,
    margin: f64,
    alternative: &str,
    alpha: f64,
) -> PyResult<PowerResult> {
    let test = test(goal, alternative, alpha, margin)?;
    Asked::of(n, effect, power, goal, margin).answer(test, share, Model::Proportions { baseline })
}

/// Power, exposure or smallest effect of a test of two Poisson rates: see `power_means`.
///
/// # Parameters
/// `baseline`: the baseline's events per unit of exposure. `n`: exposures. `effect`: the canary's rate
/// less the baseline's. The others: as for `power_means`.
///
/// # Errors
/// `InvalidOption`, a `CanaryError`.
///
/// # Example
/// >>> found = canary.power_rates(baseline=0.5, effect=0.5, power=0.8, share=0.1)
/// >>> round(found.n_canary, 1)  # hours, for restarts per hour
/// 23.0
#[pyfunction]
#[pyo3(signature = (*, baseline, n = None, effect = None, power = None, share = 0.5,
                    goal = "difference", margin = 0.0, alternative = "two_sided", alpha = 0.05))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn power_rates(
    baseline: f64,
    n: Option<Bound<'_, PyAny>>,
    effect: Option<f64>,
    power: Option<f64>,
    share: f64,
    goal: &str,
    margin: f64,
    alternative: &str,
    alpha: f64,
) -> PyResult<PowerResult> {
    let test = test(goal, alternative, alpha, margin)?;
    Asked::of(n, effect, power, goal, margin).answer(test, share, Model::Rates { baseline })
}

/// How long a stage of a rollout must last for a change to be seen.
///
/// # Parameters
/// `requests_per_second`: on both arms together. `canary_share`: in (0, 1). `baseline`: the baseline's
/// proportion, or its mean when `sd` (the standard deviation) is given. `change`: `"25%"`, `"2x"`, or a
/// number for a difference: a rise, or with the alternative `"less"` a fall. `power`: the probability
/// that it is seen. `goal`: `"difference"`, or `"non_inferiority"` or `"equivalence"`, with the change as
/// the margin. `alternative`, `alpha`: as for `power_means`.
///
/// # Errors
/// `InvalidOption`, a `CanaryError`.
///
/// # Example
/// >>> print(canary.plan_duration(12_500, 0.05, baseline=0.009, change="25%"))
/// at 12500 requests/s and 5% canary, to see a 25% rise of a rate of 0.9% with power 0.8 takes 26 s
/// (297825 baseline and 15675 canary requests)
#[pyfunction]
#[pyo3(signature = (requests_per_second, canary_share, *, baseline, change, sd = None, power = 0.8,
                    goal = "difference", alternative = "two_sided", alpha = 0.05))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn plan_duration(
    requests_per_second: f64,
    canary_share: f64,
    baseline: f64,
    change: MarginLike,
    sd: Option<f64>,
    power: f64,
    goal: &str,
    alternative: &str,
    alpha: f64,
) -> PyResult<Plan> {
    let traffic = stats::Traffic::new(requests_per_second, canary_share).map_err(to_python)?;
    let test = test(goal, alternative, alpha, 0.0)?;
    let plan = match sd {
        Some(sd) => traffic.mean(&test, baseline, sd, change.0, power),
        None => traffic.proportion(&test, baseline, change.0, power),
    };
    Ok(plan.map_err(to_python)?.into())
}

/// The textbook's power of a two-proportion z-test, the far tail left out: see `power_proportions`
/// for both tails.
///
/// # Parameters
/// `baseline`, `canary`: proportions. `n_baseline`, `n_canary`: trials. `alpha`: in (0, 1).
/// `alternative`: as for `t_test`.
///
/// # Errors
/// `InvalidOption`, a `CanaryError`.
///
/// # Example
/// >>> round(canary.power_two_proportions(0.10, 0.15, 700, 700), 4)
/// 0.8081
#[pyfunction]
#[pyo3(signature = (baseline, canary, n_baseline, n_canary, *, alpha = 0.05,
                    alternative = "two_sided"))]
pub(crate) fn power_two_proportions(
    baseline: f64,
    canary: f64,
    n_baseline: f64,
    n_canary: f64,
    alpha: f64,
    alternative: &str,
) -> PyResult<f64> {
    let (proportion, n) = (Arms::new(baseline, canary), Arms::new(n_baseline, n_canary));
    let power = stats::power_two_proportions(proportion, n, alpha, word(alternative)?);
    power.map_err(to_python)
}

/// P(Z ≤ z) of the standard normal distribution, with its digits where it is small.
///
/// >>> canary.normal_cdf(0.0)
/// 0.5
#[pyfunction]
pub(crate) fn normal_cdf(z: f64) -> f64 {
    stats::normal_cdf(z)
}

/// The z with P(Z ≤ z) = p, for p in (0, 1).
///
/// >>> round(canary.normal_quantile(0.975), 6)
/// 1.959964
#[pyfunction]
pub(crate) fn normal_quantile(p: f64) -> PyResult<f64> {
    stats::normal_quantile(p).map_err(to_python)
}
