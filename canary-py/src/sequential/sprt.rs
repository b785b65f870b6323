//! Wald's sequential probability ratio test.

use canary_core::sequential::{self, Hypotheses, Sprt, SprtPlanner, Update};
use canary_core::{Arms, Counts, NanPolicy, Summary};
use pyo3::prelude::*;
use pyo3::types::PyBool;

use crate::convert::{ArrayLike, count, counts, exposure, is_scalar, pair, real, show, word};
use crate::error::{invalid_input, invalid_option, to_python};
use crate::wrap::{monitor, shell};

shell! {
    /// What to expect of a sequential probability ratio test; `str` says it in a sentence.
    SprtPlan(sequential::SprtPlan) {
        /// What is true, in the unit of the hypotheses.
        #[getter]
        fn truth(&self) -> f64 {
            self.inner.truth
        }

        /// How this was computed: `"exact"` or `"wald"`.
        #[getter]
        fn method(&self) -> &'static str {
            self.inner.method.as_str()
        }

        /// The probability that the alternative is accepted.
        #[getter]
        fn accept_alternative(&self) -> f64 {
            self.inner.accept_alternative
        }

        /// The probability that the null hypothesis is accepted.
        #[getter]
        fn accept_null(&self) -> f64 {
            self.inner.accept_null
        }

        /// How many observations it takes on average, on all arms: trials, values, events of a ratio of
        /// rates; for a rate, time.
        #[getter]
        fn expected(&self) -> f64 {
            self.inner.expected
        }

        /// How many it takes in half of all cases; exact only.
        #[getter]
        fn median(&self) -> Option<f64> {
            self.inner.median
        }

        /// How many it takes in nine of ten cases; exact only.
        #[getter]
        fn ninth_decile(&self) -> Option<f64> {
            self.inner.ninth_decile
        }

        /// How many seconds it takes on average, where the traffic was given.
        #[getter]
        fn seconds(&self) -> Option<f64> {
            self.inner.seconds
        }

        fn __repr__(&self) -> String {
            let sequential::SprtPlan { truth, accept_alternative, expected, .. } = self.inner;
            format!(
                "SprtPlan(truth={truth:?}, accept_alternative={accept_alternative:?}, expected={expected:?})"
            )
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

/// The model's word with its numbers.
fn hypotheses(
    model: &str,
    null: Option<f64>,
    alternative: f64,
    sd: Option<&Bound<'_, PyAny>>,
) -> PyResult<Hypotheses> {
    let given = |default: Option<f64>| {
        let rule = "must be given for this model";
        null.or(default)
            .ok_or_else(|| invalid_option("null", rule, "none"))
    };
    let known_sd = || {
        let rule = "must be given for this model";
        sd.ok_or_else(|| invalid_option("sd", rule, "none"))
    };
    if let Some(sd) = sd
        && !matches!(model, "mean" | "mean_difference")
    {
        let rule = "must be left out for this model";
        return Err(invalid_option("sd", rule, show(sd)));
    }
    Ok(match model {
        "proportion" => Hypotheses::Proportion {
            null: given(None)?,
            alternative,
        },
        "rate" => Hypotheses::Rate {
            null: given(None)?,
            alternative,
        },
        "mean" => Hypotheses::Mean {
            null: given(None)?,
            alternative,
            sd: real("sd", known_sd()?)?,
        },
        "standardized_mean" => Hypotheses::StandardizedMean {
            mean: given(None)?,
            alternative,
        },
        "odds_ratio" => Hypotheses::OddsRatio {
            null: given(Some(1.0))?,
            alternative,
        },
        "rate_ratio" => Hypotheses::RateRatio {
            null: given(Some(1.0))?,
            alternative,
        },
        "mean_difference" => {
            let sd = known_sd()?;
            let sd = if is_scalar(sd) {
                let both = real("sd", sd)?;
                Arms::new(both, both)
            } else {
                let (baseline, canary) = pair("sd", sd, "a number, or (baseline, canary)")?;
                Arms::new(real("sd.baseline", &baseline)?, real("sd.canary", &canary)?)
            };
            Hypotheses::MeanDifference {
                null: given(Some(0.0))?,
                alternative,
                sd,
            }
        }
        "standardized_difference" => {
            if let Some(null) = null
                && null != 0.0
            {
                return Err(invalid_option("null", "must be 0 for this model", null));
            }
            Hypotheses::StandardizedDifference { alternative }
        }
        _ => {
            let rule = "must be one of \"proportion\", \"rate\", \"mean\", \"standardized_mean\", \
                        \"odds_ratio\", \"rate_ratio\", \"mean_difference\", \
                        \"standardized_difference\"";
            return Err(invalid_option("model", rule, format!("{model:?}")));
        }
    })
}

/// Trials: `True`, `False`, or counts.
fn trials(argument: &str, object: &Bound<'_, PyAny>) -> PyResult<Counts> {
    match object.cast::<PyBool>() {
        Ok(is_event) => Counts::new(u64::from(is_event.is_true()), 1).map_err(to_python),
        Err(_) => counts(argument, object),
    }
}

/// Values: a number, numbers, or their summary; nothing for no numbers.
fn values(argument: &str, object: &Bound<'_, PyAny>) -> PyResult<Option<Summary>> {
    let of = |values: &[f64]| {
        let summary = Summary::of(values, NanPolicy::Raise);
        summary.map_err(|error| to_python(error.in_argument(argument)))
    };
    if let Ok(summary) = object.cast::<crate::data::Summary>() {
        return Ok(Some(summary.get().inner));
    }
    if is_scalar(object) {
        return of(&[real(argument, object)?]).map(Some);
    }
    let values = ArrayLike::of(object).values(argument)?;
    match values.as_slice()? {
        [] => Ok(None),
        values => of(values).map(Some),
    }
}

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/sprt/sprt.md")]
    ///
    /// # Parameters
    /// `model`: what the hypotheses are about, and what `update` takes:
    ///
    /// | model | hypotheses | `update` takes, for each arm |
    /// |---|---|---|
    /// | `"proportion"` | of the canary | `True` or `False`, `(events, trials)`, `Counts` |
    /// | `"rate"` | of the canary | `(events, time)`, `Exposure` |
    /// | `"mean"` | of the canary, with its `sd` | a number, numbers, `Summary` |
    /// | `"standardized_mean"` | `null` a mean, `alternative` how many standard deviations away | the same |
    /// | `"odds_ratio"` | `null` 1 unless given | as `"proportion"` |
    /// | `"rate_ratio"` | `null` 1 unless given | events, or `(events, traffic or time)` |
    /// | `"mean_difference"` | `null` 0 unless given; `sd` a number or `(baseline, canary)` | as `"mean"` |
    /// | `"standardized_difference"` | `alternative` in standard deviations | as `"mean"` |
    ///
    /// `null`, `alternative`: the values under the two hypotheses. `alpha`: how often the alternative may
    /// be accepted although the null hypothesis is true. `beta`: how often the null hypothesis although
    /// the alternative is. `bounds`: `"ville"`, or `"wald"` for his approximations. `truncation`: after so
    /// many observations (for a rate: so much time) there is a decision. `share`: the canary's share of
    /// the traffic, in (0, 1): for events without exposures, and to plan. `assume`: `"nothing"`, or
    /// `"independence"` as a promise.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: is one request in fifty an error, or one in a hundred?
    /// >>> errors = canary.SprtMonitor(
    /// ...     "proportion", null=0.01, alternative=0.02, assume="independence")
    /// >>> errors.update(canary=(3, 200))
    /// 'continue'
    /// >>> errors.update(canary=(9, 300))
    /// 'accept_alternative'
    ///
    /// Errors of two arms, one request at a time or a minute at a time:
    ///
    /// >>> errors = canary.SprtMonitor("odds_ratio", alternative=2.0, share=0.05)
    /// >>> errors.update(canary=False)
    /// 'continue'
    /// >>> errors.update(baseline=(9, 1900), canary=(1, 100))
    /// 'continue'
    /// >>> plan = errors.plan(baseline=0.01, per_second=100.0)
    /// >>> plan.method, 60 < plan.seconds < 180
    /// ('wald', True)
    SprtMonitor(sequential::SprtMonitor) {
        #[new]
        #[pyo3(signature = (model, *, alternative, null = None, sd = None, alpha = 0.05, beta = 0.2,
                            bounds = "ville", truncation = None, share = 0.5, assume = "nothing"))]
        #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
        fn new(
            model: &str,
            alternative: f64,
            null: Option<f64>,
            sd: Option<Bound<'_, PyAny>>,
            alpha: f64,
            beta: f64,
            bounds: &str,
            truncation: Option<f64>,
            share: f64,
            assume: &str,
        ) -> PyResult<Self> {
            let design = Sprt::new()
                .hypotheses(hypotheses(model, null, alternative, sd.as_ref())?)
                .alpha(alpha)
                .beta(beta)
                .bounds(word(bounds)?)
                .truncation(truncation)
                .share(share)
                .assume(word(assume)?);
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds what has come since the last update, and gives the decision. What is held against a
        /// standard takes the `canary` alone; of two arms, one may be left out where there was nothing.
        #[pyo3(signature = (baseline = None, canary = None))]
        fn update(
            &self,
            py: Python<'_>,
            baseline: Option<Bound<'_, PyAny>>,
            canary: Option<Bound<'_, PyAny>>,
        ) -> PyResult<&'static str> {
            let hypotheses = self.inner.read(py, sequential::SprtMonitor::hypotheses);
            let arms = Arms::new(baseline, canary);
            let decision = match hypotheses {
                Hypotheses::Proportion { .. } => {
                    let counts = trials("canary", &alone(arms)?)?;
                    self.inner.change(py, |own| own.update(counts))
                }
                Hypotheses::Rate { .. } => {
                    let exposure = exposure("canary", &alone(arms)?)?;
                    self.inner.change(py, |own| own.update(exposure))
                }
                Hypotheses::Mean { .. } | Hypotheses::StandardizedMean { .. } => {
                    match values("canary", &alone(arms)?)? {
                        Some(summary) => self.inner.change(py, |own| own.update(summary)),
                        None => self.inner.change(py, |own| own.update(&[][..])),
                    }
                }
                Hypotheses::OddsRatio { .. } => {
                    let none = Counts::new(0, 0).map_err(to_python)?;
                    let counts = either(arms)?.try_map(|arm, object| match object {
                        Some(object) => trials(arm, &object),
                        None => Ok(none),
                    })?;
                    self.inner.change(py, |own| own.update(counts))
                }
                Hypotheses::RateRatio { .. } => self.events(py, either(arms)?),
                Hypotheses::MeanDifference { .. } | Hypotheses::StandardizedDifference { .. } => {
                    let summaries = either(arms)?.try_map(|arm, object| match object {
                        Some(object) => values(arm, &object),
                        None => Ok(None),
                    })?;
                    self.inner.change(py, |own| own.update(summaries))
                }
            }?;
            Ok(sequential::Decision::as_str(decision))
        }

        /// What to expect of this test: how often it ends which way, and when.
        ///
        /// `truth`: what is true, in the unit of the hypotheses; without it, the alternative. `baseline`:
        /// the baseline's proportion, for an odds ratio. `per_second`: observations per second on all
        /// arms together (for a rate, units of its time; for a ratio of rates, events). `method`:
        /// `"exact"` over all paths, `"wald"` for his formulas, or `"auto"`: exact where that is quick.
        ///
        /// Exact plans look after every observation. There are none for odds ratios (planned for strata
        /// of many trials) and standardized means (planned as if the standard deviation was known).
        ///
        /// >>> errors = canary.SprtMonitor("proportion", null=0.01, alternative=0.02, bounds="wald")
        /// >>> round(errors.plan(0.02, method="wald").expected, 2)
        /// 487.13
        /// >>> round(errors.plan(0.02, per_second=20.0).seconds, 1)
        /// 26.8
        #[pyo3(signature = (truth = None, *, baseline = None, per_second = None, method = "auto"))]
        fn plan(
            &self,
            py: Python<'_>,
            truth: Option<f64>,
            baseline: Option<f64>,
            per_second: Option<f64>,
            method: &str,
        ) -> PyResult<SprtPlan> {
            let planner = SprtPlanner::new()
                .truth(truth)
                .baseline(baseline)
                .per_second(per_second)
                .method(word(method)?);
            let design = self.inner.read(py, sequential::SprtMonitor::design);
            let plan = py.detach(|| planner.run(&design)).map_err(to_python)?;
            Ok(plan.into())
        }
    }
}

type Given<'py> = Arms<Option<Bound<'py, PyAny>>>;

/// The canary, and no baseline.
fn alone(arms: Given<'_>) -> PyResult<Bound<'_, PyAny>> {
    if let Some(baseline) = arms.baseline {
        let rule = "must be left out where the canary is held against a standard";
        return Err(invalid_input("baseline", rule, show(&baseline)));
    }
    let rule = "must be given";
    arms.canary
        .ok_or_else(|| invalid_input("canary", rule, "nothing"))
}

/// At least one arm.
fn either(arms: Given<'_>) -> PyResult<Given<'_>> {
    if arms.baseline.is_some() || arms.canary.is_some() {
        return Ok(arms);
    }
    let rule = "one of them must be given";
    Err(invalid_input("baseline and canary", rule, "nothing"))
}

impl SprtMonitor {
    /// Events by the design's share, or by exposures of their own.
    fn events(&self, py: Python<'_>, arms: Given<'_>) -> PyResult<sequential::Decision> {
        if let (Some(baseline), Some(canary)) = (&arms.baseline, &arms.canary)
            && !(is_scalar(baseline) && is_scalar(canary))
        {
            let arms = Arms::new(exposure("baseline", baseline)?, exposure("canary", canary)?);
            return self.inner.change(py, |own| own.update(arms));
        }
        let events = arms.try_map(|arm, object| match object {
            Some(object) => count(arm, &object),
            None => Ok(0),
        })?;
        self.inner.change(py, |own| own.update(events))
    }
}
