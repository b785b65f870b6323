//! Monitors of two arms' proportions, means and rates.

use canary_core::sequential::{self, Decision, Level, Update};
use canary_core::{Arm, Arms, Counts};
use pyo3::prelude::*;

use crate::convert::{ArrayLike, counts, exposure, is_scalar, real, word};
use crate::error::{invalid_input, to_python};
use crate::wrap::monitor;

/// What came of an arm: `(events, trials)`, a single trial's `True` or `False`, or nothing.
fn trials(argument: &str, object: Option<&Bound<'_, PyAny>>) -> PyResult<Counts> {
    match object {
        None => Counts::new(0, 0).map_err(to_python),
        Some(object) => match object.extract::<bool>() {
            Ok(event) => Counts::new(event.into(), 1).map_err(to_python),
            Err(_) => counts(argument, object),
        },
    }
}

/// A single observation, if that is what came.
fn single<'a, 'py>(
    baseline: Option<&'a Bound<'py, PyAny>>,
    canary: Option<&'a Bound<'py, PyAny>>,
) -> Option<(Arm, &'a Bound<'py, PyAny>)> {
    match (baseline, canary) {
        (Some(object), None) => Some((Arm::Baseline, object)),
        (None, Some(object)) => Some((Arm::Canary, object)),
        _ => None,
    }
}

/// Values of an arm: a row of them, a single one, or nothing.
fn values(argument: &str, object: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<f64>> {
    match object {
        None => Ok(Vec::new()),
        Some(object) if is_scalar(object) => Ok(vec![real(argument, object)?]),
        Some(object) => Ok(ArrayLike::of(object).values(argument)?.as_slice()?.to_vec()),
    }
}

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/mixture_sprt.md")]
    ///
    /// # Parameters
    /// `level`: `"proportion"`, `"mean"` or `"rate"`. `measure`: `"difference"` or `"ratio"`.
    /// `alternative`: `"two_sided"`, `"greater"` (the canary is greater) or `"less"`. `alpha`: the
    /// false-alarm rate over all looks. `null`: the estimate under the null hypothesis. `tolerance`: how
    /// much worse is tolerated, a positive difference or a factor above 1. `effect`: the effect to be
    /// caught soonest, a difference or a factor. `tuned_at`: instead of it, how many observations of the
    /// smaller arm there will be when the interval is to be shortest. `burn_in`: how many observations
    /// of either arm there must be before anything is decided. `assume`: `"nothing"`, or
    /// `"independence"` as a promise that single observations do not depend on each other.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: errors of requests, minute by minute, and latencies, one by one
    /// >>> errors = canary.MixtureSprtMonitor(alternative="greater")
    /// >>> for minute in range(24):
    /// ...     decision = errors.update(baseline=(9 + minute % 3, 950), canary=(2 + minute % 2, 50))
    /// >>> decision
    /// 'accept_alternative'
    /// >>> errors.state.p_value < 0.05
    /// True
    /// >>> latency = canary.MixtureSprtMonitor(level="mean", measure="ratio", tolerance=1.1)
    /// >>> latency.update(canary=12.5)
    /// 'continue'
    MixtureSprtMonitor(sequential::MixtureSprtMonitor) {
        #[new]
        #[pyo3(signature = (*, level = "proportion", measure = "difference", alternative = "two_sided", alpha = 0.05, null = None, tolerance = None, effect = None, tuned_at = None, burn_in = 50, assume = "nothing"))]
        #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
        fn new(
            level: &str,
            measure: &str,
            alternative: &str,
            alpha: f64,
            null: Option<f64>,
            tolerance: Option<f64>,
            effect: Option<f64>,
            tuned_at: Option<f64>,
            burn_in: u64,
            assume: &str,
        ) -> PyResult<Self> {
            let design = sequential::MixtureSprt::new()
                .level(word(level)?)
                .measure(word(measure)?)
                .alternative(word(alternative)?)
                .alpha(alpha)
                .null(null)
                .tolerance(tolerance)
                .effect(effect)
                .tuned_at(tuned_at)
                .burn_in(burn_in)
                .assume(word(assume)?);
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds what came since the last update, and gives the decision. Of proportions: `(events,
        /// trials)` of either arm, or `True` or `False` of a single trial. Of means: a row of values, a
        /// single value, or a `Summary` of either arm. Of rates: `(events, time)` of both arms. An arm
        /// of which nothing came may be left out.
        #[pyo3(signature = (baseline = None, canary = None))]
        fn update(
            &self,
            py: Python<'_>,
            baseline: Option<&Bound<'_, PyAny>>,
            canary: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<&'static str> {
            let decision = match self.inner.read(py, sequential::MixtureSprtMonitor::level) {
                Level::Proportion => {
                    let arms = Arms::new(trials("baseline", baseline)?, trials("canary", canary)?);
                    self.inner.change(py, |own| own.update(arms))
                }
                Level::Rate => {
                    let of = |argument, object: Option<&Bound<'_, PyAny>>| match object {
                        Some(object) => exposure(argument, object),
                        None => Err(invalid_input(argument, "must be (events, time)", "None")),
                    };
                    let arms = Arms::new(of("baseline", baseline)?, of("canary", canary)?);
                    self.inner.change(py, |own| own.update(arms))
                }
                Level::Mean => {
                    let summary = |object: Option<&Bound<'_, PyAny>>| {
                        let summary = object?.cast::<crate::data::Summary>().ok()?;
                        Some(summary.get().inner)
                    };
                    match (summary(baseline), summary(canary), single(baseline, canary)) {
                        (Some(baseline), Some(canary), _) => {
                            let arms = Arms::new(baseline, canary);
                            self.inner.change(py, |own| own.update(arms))
                        }
                        (_, _, Some((arm, object))) if is_scalar(object) => {
                            let value = real(arm.as_str(), object)?;
                            self.inner.change(py, |own| own.update((arm, value)))
                        }
                        _ => {
                            let (baseline, canary) =
                                (values("baseline", baseline)?, values("canary", canary)?);
                            self.inner.change(py, move |own| {
                                own.update(Arms::new(baseline.as_slice(), canary.as_slice()))
                            })
                        }
                    }
                }
            };
            Ok(Decision::as_str(decision?))
        }
    }
}

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/proportion_blocks.md")]
    ///
    /// # Parameters
    /// `alpha`: the false-alarm rate over all looks. `alternative`: `"two_sided"`, `"greater"` (the
    /// canary is greater) or `"less"`. `assume`: `"nothing"`, or `"independence"` as a promise.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: minute by minute
    /// >>> errors = canary.ProportionBlocksMonitor(alternative="greater", assume="independence")
    /// >>> for minute in range(3):
    /// ...     decision = errors.update(baseline=(1, 950), canary=(9, 50))
    /// >>> decision
    /// 'accept_alternative'
    ProportionBlocksMonitor(sequential::ProportionBlocksMonitor) {
        #[new]
        #[pyo3(signature = (*, alpha = 0.05, alternative = "two_sided", assume = "nothing"))]
        fn new(alpha: f64, alternative: &str, assume: &str) -> PyResult<Self> {
            let design = sequential::ProportionBlocks::new()
                .alpha(alpha)
                .alternative(word(alternative)?)
                .assume(word(assume)?);
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds `(events, trials)` of both arms since the last update, or `True` or `False` of a single
        /// trial, and gives the decision.
        #[pyo3(signature = (baseline = None, canary = None))]
        fn update(
            &self,
            py: Python<'_>,
            baseline: Option<&Bound<'_, PyAny>>,
            canary: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<&'static str> {
            let arms = Arms::new(trials("baseline", baseline)?, trials("canary", canary)?);
            let decision = self.inner.change(py, |own| own.update(arms))?;
            Ok(Decision::as_str(decision))
        }
    }
}
