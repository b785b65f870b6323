//! What the engines in use decide: Argo Rollouts, Flagger and Keptn.

use std::collections::BTreeMap;

use canary_core::judge::engines::{self as core, EngineReading};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};

use crate::convert::{is_scalar, real, type_name, word};
use crate::error::{InvalidPolicy, invalid_input, to_python};
use crate::wrap::shell;

shell! {
    /// The metrics of an Argo `AnalysisTemplate`, and what Argo Rollouts decides by them.
    ///
    /// Read it from the template's `spec`, or from the whole manifest. Its traps are Argo's own:
    /// a `failureLimit` of 3 needs **four** failures.
    ///
    /// >>> analysis = canary.ArgoAnalysis.from_yaml('''
    /// ... metrics:
    /// ... - name: success-rate
    /// ...   interval: 1m
    /// ...   failureLimit: 3
    /// ...   successCondition: result[0] >= 0.95
    /// ... ''')
    /// >>> looks = analysis.run([{"success-rate": [0.90]}] * 4)
    /// >>> [look.phase for look in looks]
    /// ['Running', 'Running', 'Running', 'Failed']
    /// >>> looks[-1].effect, looks[-1].reason
    /// ('abort', 'success-rate is Failed: 4 failed > failureLimit 3')
    ArgoAnalysis(core::ArgoAnalysis, read_argo) {
        /// Reads it from YAML.
        #[staticmethod]
        fn from_yaml(text: &str) -> PyResult<Self> {
            Ok(core::ArgoAnalysis::from_yaml(text).map_err(to_python)?.into())
        }

        /// Reads it from a dict of the same shape.
        #[staticmethod]
        fn from_dict(analysis: &Bound<'_, PyAny>) -> PyResult<Self> {
            Self::from_json(&dumped(analysis)?)
        }

        /// The names of the metrics.
        #[getter]
        fn metrics(&self) -> Vec<String> {
            self.inner.metrics.iter().map(|metric| metric.name.clone()).collect()
        }

        /// What Argo decides after each look.
        ///
        /// # Parameters
        /// `looks`: what was found at each look: a mapping from metric to what its query gave. A
        /// list, as Prometheus gives it (`result[0]`); a number; `None` for no result; or, if the
        /// outcome is known, `"pass"`, `"fail"`, `"inconclusive"` or `"error"` (the query failed).
        ///
        /// `times`: the looks' times in seconds. With them Argo's schedule decides which readings
        /// are taken (`interval`, `initialDelay`, 10 s after an error); without, all are.
        ///
        /// `terminate`: whether the run is stopped after the last look, as by the rollout's end; that
        /// is one more look.
        #[pyo3(signature = (looks, *, times = None, terminate = false))]
        fn run(
            &self,
            looks: Vec<Bound<'_, PyAny>>,
            times: Option<Vec<f64>>,
            terminate: bool,
        ) -> PyResult<Vec<ArgoLook>> {
            if let Some(times) = times.as_ref().filter(|times| times.len() != looks.len()) {
                let rule = format!("must be as many as the looks, {}", looks.len());
                return Err(invalid_input("times", &rule, times.len()));
            }
            let mut run = core::ArgoRun::new(self.inner.clone()).map_err(to_python)?;
            let mut seen = Vec::with_capacity(looks.len());
            for (index, look) in looks.iter().enumerate() {
                let readings = readings(index, look)?;
                let look = match times.as_ref().and_then(|times| times.get(index)) {
                    Some(&time) => run.look_at(time, &readings).map_err(to_python)?,
                    None => run.look(&readings),
                };
                seen.push(look.into());
            }
            if terminate {
                seen.push(run.terminate().into());
            }
            Ok(seen)
        }

        fn __repr__(&self) -> String {
            format!("ArgoAnalysis(metrics=['{}'])", self.metrics().join("', '"))
        }
    }
}

shell! {
    /// A run of an `ArgoAnalysis` after a look.
    ArgoLook(core::ArgoLook) {
        /// The look's time in seconds, if it was given.
        #[getter]
        fn at_seconds(&self) -> Option<f64> {
            self.inner.at_seconds
        }

        /// The run's phase: `"Running"`, `"Successful"`, `"Failed"`, `"Error"` or
        /// `"Inconclusive"`.
        #[getter]
        fn phase(&self) -> &'static str {
            self.inner.phase.as_str()
        }

        /// What the rollout does: `"continue"`, `"abort"`, `"pause"`, or `None` while it runs.
        #[getter]
        fn effect(&self) -> Option<&'static str> {
            self.inner.effect.map(core::ArgoEffect::as_str)
        }

        /// Why the run did not end well.
        #[getter]
        fn reason(&self) -> Option<&str> {
            self.inner.reason.as_deref()
        }

        /// What was measured at this look: `"Successful"`, ..., by metric; `None` if it was not.
        #[getter]
        fn measurements(&self) -> BTreeMap<&str, Option<&'static str>> {
            let metrics = self.inner.metrics.iter();
            let phase = |look: &core::ArgoMetricLook| {
                look.measurement.as_ref().map(|measured| measured.phase.as_str())
            };
            metrics.map(|look| (look.name.as_str(), phase(look))).collect()
        }

        /// The phases of the metrics; `None` until the first measurement.
        #[getter]
        fn metrics(&self) -> BTreeMap<&str, Option<&'static str>> {
            let metrics = self.inner.metrics.iter();
            let phase = |look: &core::ArgoMetricLook| look.phase.map(core::ArgoPhase::as_str);
            metrics.map(|look| (look.name.as_str(), phase(look))).collect()
        }

        /// Why a measurement of this look is an error, by metric.
        #[getter]
        fn errors(&self) -> BTreeMap<&str, &str> {
            let errors = self.inner.metrics.iter().filter_map(|look| {
                let measured = look.measurement.as_ref()?;
                Some((look.name.as_str(), measured.message.as_deref()?))
            });
            errors.collect()
        }

        fn __repr__(&self) -> String {
            let effect = self.effect().map_or("None".to_owned(), |effect| format!("'{effect}'"));
            let measured = self.inner.metrics.iter().filter_map(|look| {
                let phase = look.measurement.as_ref()?.phase;
                Some(format!("'{}': '{phase}'", look.name))
            });
            let measured: Vec<_> = measured.collect();
            format!(
                "ArgoLook(phase='{}', effect={effect}, measurements={{{}}})",
                self.phase(),
                measured.join(", ")
            )
        }
    }
}

shell! {
    /// The analysis of a Flagger Canary, and what Flagger decides by it.
    ///
    /// Read it from `spec.analysis` of the Canary, or from the whole manifest. The provider of a
    /// metric's template may be named with the metric, as `provider`: only Prometheus' NaN is
    /// "no values".
    ///
    /// >>> analysis = canary.FlaggerAnalysis.from_yaml('''
    /// ... interval: 1m
    /// ... threshold: 2
    /// ... stepWeight: 10
    /// ... maxWeight: 50
    /// ... metrics:
    /// ... - name: request-success-rate
    /// ...   thresholdRange: {min: 99}
    /// ... ''')
    /// >>> for look in analysis.run([{"request-success-rate": 90.0}] * 4):
    /// ...     print(look.phase, look.weight, look.failed_checks)
    /// Progressing 10 0
    /// Progressing 10 1
    /// Progressing 10 2
    /// Failed 0 2
    FlaggerAnalysis(core::FlaggerAnalysis, read_flagger) {
        /// Reads it from YAML.
        #[staticmethod]
        fn from_yaml(text: &str) -> PyResult<Self> {
            Ok(core::FlaggerAnalysis::from_yaml(text).map_err(to_python)?.into())
        }

        /// Reads it from a dict of the same shape.
        #[staticmethod]
        fn from_dict(analysis: &Bound<'_, PyAny>) -> PyResult<Self> {
            Self::from_json(&dumped(analysis)?)
        }

        /// The names of the metrics.
        #[getter]
        fn metrics(&self) -> Vec<String> {
            self.inner.metrics.iter().map(|metric| metric.name.clone()).collect()
        }

        /// Seconds between ticks.
        #[getter]
        fn interval_seconds(&self) -> f64 {
            self.inner.interval_seconds()
        }

        /// What Flagger decides at each tick, from the new revision on.
        ///
        /// # Parameters
        /// `looks`: what was found at each tick: a mapping from metric to a number (rates in
        /// percent, durations in milliseconds), `None` for no values, or `"error"`.
        ///
        /// `hooks`: what the hooks answered, where it is not that all gates are open: a mapping a
        /// tick, from `rollback`, `pre_rollout`, `rollout`, `confirm_traffic_increase`,
        /// `confirm_promotion` and `new_revision` to true or false.
        #[pyo3(signature = (looks, *, hooks = None))]
        fn run(
            &self,
            looks: Vec<Bound<'_, PyAny>>,
            hooks: Option<Vec<Bound<'_, PyAny>>>,
        ) -> PyResult<Vec<FlaggerLook>> {
            if let Some(hooks) = hooks.as_ref().filter(|hooks| hooks.len() != looks.len()) {
                let rule = format!("must be as many as the looks, {}", looks.len());
                return Err(invalid_input("hooks", &rule, hooks.len()));
            }
            let mut canary = core::FlaggerRun::new(self.inner.clone()).map_err(to_python)?;
            let mut seen = Vec::with_capacity(looks.len());
            for (index, look) in looks.iter().enumerate() {
                let answers = match hooks.as_ref().and_then(|hooks| hooks.get(index)) {
                    Some(answers) if !answers.is_none() => {
                        let json = dumped(answers)?;
                        serde_json::from_str(&json).map_err(|error| {
                            let message = error.to_string();
                            let message = message.split(" at line ").next().unwrap_or_default();
                            invalid_input(&format!("hooks[{index}]"), message, &json)
                        })?
                    }
                    _ => core::FlaggerHooks::default(),
                };
                seen.push(canary.tick(&readings(index, look)?, answers).into());
            }
            Ok(seen)
        }

        fn __repr__(&self) -> String {
            let metrics = self.metrics().join("', '");
            format!("FlaggerAnalysis(metrics=['{metrics}'], interval_seconds={:?})", self.interval_seconds())
        }
    }
}

shell! {
    /// A canary of a `FlaggerAnalysis` after a tick.
    FlaggerLook(core::FlaggerLook) {
        /// `"Progressing"`, `"WaitingPromotion"`, `"Promoting"`, `"Finalising"`, `"Succeeded"` or
        /// `"Failed"`.
        #[getter]
        fn phase(&self) -> &'static str {
            self.inner.phase.as_str()
        }

        /// The canary's share of the traffic, in percent.
        #[getter]
        fn weight(&self) -> i64 {
            self.inner.weight
        }

        /// Whether traffic is copied to it.
        #[getter]
        fn mirrored(&self) -> bool {
            self.inner.mirrored
        }

        /// Ticks of a blue/green or A/B analysis.
        #[getter]
        fn iterations(&self) -> i64 {
            self.inner.iterations
        }

        /// Failed checks since the revision's start.
        #[getter]
        fn failed_checks(&self) -> u64 {
            self.inner.failed_checks
        }

        /// What was checked, up to the first failure, and why it failed: `None` where it passed.
        #[getter]
        fn checks(&self) -> BTreeMap<&str, Option<&str>> {
            let checks = self.inner.checks.iter();
            checks.map(|check| (check.name.as_str(), check.reason.as_deref())).collect()
        }

        fn __repr__(&self) -> String {
            let core::FlaggerLook { phase, weight, failed_checks, .. } = self.inner;
            format!("FlaggerLook(phase='{phase}', weight={weight}, failed_checks={failed_checks})")
        }
    }
}

shell! {
    /// A Keptn SLO file, or the `spec` of an `AnalysisDefinition`, and what Keptn scores by it.
    ///
    /// >>> analysis = canary.KeptnAnalysis.from_yaml('''
    /// ... objectives:
    /// ... - sli: response_time_p95
    /// ...   pass: [{criteria: ["<=+10%", "<600"]}]
    /// ...   warning: [{criteria: ["<=800"]}]
    /// ... total_score: {pass: "90%", warning: "50%"}
    /// ... ''')
    /// >>> looks = [{"response_time_p95": p95} for p95 in (500, 540, 650)]
    /// >>> [(look.result, look.score) for look in analysis.run(looks)]
    /// [('pass', 100.0), ('pass', 100.0), ('warning', 50.0)]
    KeptnAnalysis(core::KeptnAnalysis, read_keptn) {
        /// Reads it from YAML.
        #[staticmethod]
        fn from_yaml(text: &str) -> PyResult<Self> {
            Ok(core::KeptnAnalysis::from_yaml(text).map_err(to_python)?.into())
        }

        /// Reads it from a dict of the same shape.
        #[staticmethod]
        fn from_dict(analysis: &Bound<'_, PyAny>) -> PyResult<Self> {
            Self::from_json(&dumped(analysis)?)
        }

        /// The names of the indicators, one an objective.
        #[getter]
        fn indicators(&self) -> Vec<String> {
            self.inner.indicators().into_iter().map(str::to_owned).collect()
        }

        /// Evaluations one after the other; those of an SLO file see the ones before.
        ///
        /// # Parameters
        /// `looks`: a mapping an evaluation, from indicator to a number, or to `None` or `"error"`
        /// for one that failed. One that is not there was never measured: an SLO passes over it
        /// in silence.
        fn run(&self, looks: Vec<Bound<'_, PyAny>>) -> PyResult<Vec<KeptnEvaluation>> {
            let looks = looks.iter().enumerate().map(|(index, look)| readings(index, look));
            let looks: Vec<_> = looks.collect::<PyResult<_>>()?;
            let evaluations = self.inner.run(&looks).map_err(to_python)?;
            Ok(evaluations.into_iter().map(KeptnEvaluation::from).collect())
        }

        fn __repr__(&self) -> String {
            format!("KeptnAnalysis(indicators=['{}'])", self.indicators().join("', '"))
        }
    }
}

shell! {
    /// What an evaluation of a `KeptnAnalysis` came to.
    KeptnEvaluation(core::KeptnEvaluation) {
        /// `"pass"`, `"warning"`, `"fail"` or `"error"`.
        #[getter]
        fn result(&self) -> &'static str {
            self.inner.result.as_str()
        }

        /// The score reached, in percent.
        #[getter]
        fn score(&self) -> f64 {
            self.inner.score
        }

        /// Whether a key objective failed.
        #[getter]
        fn key_failed(&self) -> bool {
            self.inner.key_failed
        }

        /// Why it is an error.
        #[getter]
        fn message(&self) -> Option<&str> {
            self.inner.message.as_deref()
        }

        /// What each objective came to, by indicator: `"pass"`, `"warning"`, `"fail"`, `"info"` or
        /// `"missing"`.
        #[getter]
        fn objectives(&self) -> BTreeMap<&str, &'static str> {
            let objectives = self.inner.objectives.iter();
            objectives.map(|one| (one.name.as_str(), one.result.as_str())).collect()
        }

        fn __repr__(&self) -> String {
            let core::KeptnEvaluation { result, score, .. } = self.inner;
            format!("KeptnEvaluation(result='{result}', score={score:?})")
        }
    }
}

fn read_argo(text: &str) -> PyResult<core::ArgoAnalysis> {
    core::ArgoAnalysis::from_json(text).map_err(to_python)
}

fn read_flagger(text: &str) -> PyResult<core::FlaggerAnalysis> {
    core::FlaggerAnalysis::from_json(text).map_err(to_python)
}

fn read_keptn(text: &str) -> PyResult<core::KeptnAnalysis> {
    core::KeptnAnalysis::from_json(text).map_err(to_python)
}

/// A dict as JSON.
fn dumped(object: &Bound<'_, PyAny>) -> PyResult<String> {
    let options = PyDict::new(object.py());
    options.set_item("allow_nan", false)?;
    let json = object.py().import("json")?;
    let text = json.call_method("dumps", (object,), Some(&options));
    let text = text.map_err(|error| InvalidPolicy::new_err(format!("policy: {error}")))?;
    text.extract()
}

/// What one look found, by metric.
fn readings(index: usize, look: &Bound<'_, PyAny>) -> PyResult<BTreeMap<String, EngineReading>> {
    let argument = format!("looks[{index}]");
    let rule = "must be a mapping from metric to what was found";
    let Ok(mapping) = look.cast::<PyMapping>() else {
        return Err(invalid_input(&argument, rule, type_name(look)));
    };
    let mut readings = BTreeMap::new();
    for item in mapping.items()?.iter() {
        let (metric, found): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let Ok(metric) = metric.extract::<String>() else {
            return Err(invalid_input(&argument, rule, metric.repr()?));
        };
        let reading = reading(&format!("{argument}.{metric}"), &found)?;
        readings.insert(metric, reading);
    }
    Ok(readings)
}

fn reading(argument: &str, found: &Bound<'_, PyAny>) -> PyResult<EngineReading> {
    if found.is_none() {
        return Ok(EngineReading::Nothing);
    }
    if let Ok(outcome) = found.cast::<PyString>() {
        return Ok(EngineReading::Known(word(outcome.to_str()?)?));
    }
    if is_scalar(found) {
        return Ok(EngineReading::Number(real(argument, found)?));
    }
    let numbers = found.try_iter().and_then(|numbers| {
        numbers
            .map(|number| real(argument, &number?))
            .collect::<PyResult<_>>()
    });
    numbers.map(EngineReading::Vector)
}
