//! Policies, and advice on them.

use canary_core as core;
use canary_core::judge as core_judge;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
#[cfg(feature = "stubs")]
use pyo3::{inspect::PyStaticExpr, type_hint_identifier, type_hint_subscript, type_hint_union};

use super::default;
use crate::convert::{type_name, whole};
use crate::error::{InvalidPolicy, invalid_option, to_python};
use crate::wrap::shell;

shell! {
    /// Metrics, the checks on them, and how those become a verdict.
    ///
    /// >>> policy = canary.Policy.from_dict({
    /// ...     "version": 1,
    /// ...     "metrics": {"latency": {"unit": "ms", "direction": "increase"}},
    /// ...     "checks": [{"metric": "latency", "threshold": {"statistic": "p99", "factor": "2x"}}],
    /// ... })
    /// >>> policy
    /// Policy(name=None, metrics=['latency'], checks=['latency p99'])
    ///
    /// What a check can demand, each by its own key: `threshold` (a point), `test` (an interval against a
    /// margin, at one look), `sequential` (the same at any look: for all data so far, judged again and
    /// again), `distribution`, `trend`, `anomaly`, `fairness`, `sample_ratio`, `missing`, `fail_if` and
    /// `pass_if`, and `standard`. A `sequential` check takes what a `test` takes, and is written as a test
    /// with `looks: any`; of counts, exposures, samples (their mean, or a `quantile`), summaries and series.
    /// What it holds under: the canary's share of the traffic stays the same, or the level does; events
    /// come one by one; values are independent, but for series, whose memory is measured (16 points at least).
    ///
    /// # Example: a controller that keeps nothing asks every minute about all requests so far
    /// >>> policy = canary.Policy.from_yaml('''
    /// ... version: 1
    /// ... metrics: {error_rate: {direction: increase}}
    /// ... checks:
    /// ...   - metric: error_rate
    /// ...     sequential: {margin: {percent: 50%, floor: 0.25%}, confidence: 95%}
    /// ... ''')
    /// >>> verdict = canary.judge(
    /// ...     policy,
    /// ...     baseline={"error_rate": canary.Counts(190, 19_000)},
    /// ...     canary={"error_rate": canary.Counts(40, 1_000)},
    /// ... )
    /// >>> verdict.status, "at any look" in verdict.findings[0].sentence
    /// ('FAIL', True)
    Policy(core::Policy, read_policy) {
        /// The policy of somebody who has decided nothing but which metrics there are: of each, the
        /// canary must be worse in no way that its observations can show.
        ///
        /// # Parameters
        /// `metrics`: their names in a row; or a mapping from name to what is known of it, each
        /// optional:
        ///
        /// - `"direction"`: which way is worse, `"increase"`, `"decrease"` or `"either"`; by default
        ///   by the words of the name (`"error"`, `"latency"`, `"throughput"`, ...);
        /// - `"unit"`: such as `"ms"`;
        /// - `"margin"`: how much worse is acceptable: `"20%"`, `"2x"`, `"20ms"` or a number in the
        ///   unit; or a mapping such as `{"percent": 20, "floor": "0.25%"}`, whose floor is a
        ///   difference that is acceptable however large a part of the baseline it is. By default 50 %
        ///   of rates (or a quarter of a percentage point of proportions, if that is more) and 20 %
        ///   of values.
        ///
        /// # Errors
        /// `InvalidPolicy` for no metric, and for what is known wrongly.
        ///
        /// >>> canary.Policy.default(["error_rate", "latency"])
        /// Policy(name='standard', metrics=['error_rate', 'latency'], checks=['error_rate', 'latency'])
        /// >>> policy = canary.Policy.default({
        /// ...     "sales": {"direction": "decrease", "margin": "5%"},
        /// ...     "latency": {"unit": "ms", "margin": "20ms"},
        /// ...     "errors": {"margin": {"percent": 100, "floor": "0.1%"}},
        /// ... })
        /// >>> print(policy.in_words().splitlines()[0])
        /// The policy "standard" makes 3 checks of 3 metrics.
        #[staticmethod]
        fn default(metrics: MetricsLike<'_>) -> PyResult<Self> {
            Ok(default::policy(&metrics.0)?.into())
        }

        /// Reads a policy from YAML, or one block of a playbook (see `phases`). Errors name the line and
        /// the column.
        #[staticmethod]
        fn from_yaml(text: &str) -> PyResult<Self> {
            Ok(core::Policy::from_yaml(text).map_err(to_python)?.into())
        }

        /// Reads the blocks of a playbook as they stand there, each as a policy: `(name, policy)` in the
        /// order written. One block alone is also read by `from_yaml`, `from_json` and `from_dict`.
        ///
        /// # Parameters
        /// `text`: YAML without a `version`, of these blocks:
        ///
        /// - `canary-5-percent`, with any share:
        ///     - `traffic-split: {baseline: 95, canary: 5}`: `requests` must split so;
        ///     - `analysis: {interval: 10m, iterations: 6}`: for how long to watch, an hour;
        ///     - `analysis: {statistical-significance: true}`, or `{confidence-level: 99%}`: each increase
        ///       must also be proved to be within its threshold, at 95 % or that confidence;
        ///     - `thresholds: {error-rate-increase: 50%, latency-increase: 50%, success-rate-min: 97%}`: of
        ///       `error_rate`, of the p99 of `latency` (ms), and of `success_rate`.
        /// - `rollback-triggers: {automatic: [...]}`, each with a `condition`, a `duration` and an `action`;
        /// - `alerts: [...]`, each with a `name`, a `condition`, a `duration`, a `severity` and an `action`:
        ///   `auto_rollback`, or `notify_on_call`, which tells `on_call` and holds the canary.
        ///
        /// A latency increase is a percentage in the playbooks' YAML and a ratio in their code: `"50%"` is
        /// 1.5 times the baseline, and so is a plain 1.5. A plain number that could be either is refused.
        ///
        /// # Errors
        /// `InvalidPolicy` for what is unclear, and for a key that is none of these, by its name.
        ///
        /// >>> phases = canary.Policy.phases('''
        /// ... canary-1-percent:
        /// ...   thresholds: {latency-increase: 100%, success-rate-min: 95%}
        /// ... canary-5-percent:
        /// ...   thresholds: {latency-increase: 50%, success-rate-min: 97%}
        /// ... ''')
        /// >>> [name for name, policy in phases]
        /// ['canary-1-percent', 'canary-5-percent']
        /// >>> phases[0][1].checks
        /// ['latency-increase', 'success-rate-min']
        #[staticmethod]
        fn phases(text: &str) -> PyResult<Vec<(String, Self)>> {
            let phases = core::Policy::phases(text).map_err(to_python)?;
            Ok(phases.into_iter().map(|(name, policy)| (name, policy.into())).collect())
        }

        /// Reads a policy from a dict of the same shape, or one block of a playbook (see `phases`).
        #[staticmethod]
        fn from_dict(policy: &Bound<'_, PyAny>) -> PyResult<Self> {
            let json = policy.py().import("json")?.call_method1("dumps", (policy,));
            let json = json.map_err(|error| InvalidPolicy::new_err(format!("policy: {error}")))?;
            let policy = core::Policy::from_json(&json.extract::<String>()?);
            Ok(policy.map_err(|error| to_python(without_place(error)))?.into())
        }

        /// The JSON schema of a policy, for editors.
        #[staticmethod]
        fn json_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
            crate::wrap::to_python(py, &core::Policy::json_schema().to_string())
        }

        /// What people call it.
        #[getter]
        fn name(&self) -> Option<&str> {
            self.inner.name()
        }

        /// The names of the metrics.
        #[getter]
        fn metrics(&self) -> Vec<String> {
            self.inner.metrics().keys().cloned().collect()
        }

        /// The names of the checks.
        #[getter]
        fn checks(&self) -> Vec<String> {
            self.inner.checks().iter().map(core_judge::Check::name).collect()
        }

        /// The policy in words: each metric, each check, and how they become a verdict.
        ///
        /// >>> print(canary.Policy.default(["latency"]).in_words())
        /// The policy "standard" makes 1 check of 1 metric.
        /// <BLANKLINE>
        /// latency is worse when it increases.
        /// - latency: worse in no way that can be measured. Its failure asks to roll the canary back.
        /// <BLANKLINE>
        /// The verdict:
        /// - FAIL when a check fails, unless its failure changes nothing.
        /// - INCONCLUSIVE when more than 50% of the checks have no data.
        /// - INCONCLUSIVE while a guardrail is undecided.
        /// - PASS otherwise.
        /// - Failures are corrected for the number of comparisons, by Holm's method.
        fn in_words(&self) -> String {
            self.inner.in_words()
        }

        /// What is unwise about the policy, each an `Advice`: nothing, where nothing was found.
        ///
        /// # Parameters
        /// With the traffic that there will be, also what it cannot decide: `requests_per_second` on
        /// both arms together, the `canary_share` of them, for how many `minutes` the arms are watched
        /// (all three or none), the `baseline_rate` of events such as errors, and how many `looks` are
        /// taken meanwhile.
        ///
        /// # Errors
        /// `InvalidOption` for what lies outside its range.
        ///
        /// >>> policy = canary.Policy.from_dict({
        /// ...     "version": 1,
        /// ...     "metrics": {"latency": {"unit": "ms"}},
        /// ...     "checks": [{"metric": "latency", "threshold": {"statistic": "p99", "factor": "2x"}}],
        /// ... })
        /// >>> for advice in policy.advice():
        /// ...     print(advice.topic, advice.instead)
        /// point_without_sample Add `min_sample: 1000`, or use a `test` with a margin.
        /// >>> slow = policy.advice(requests_per_second=1, canary_share=0.05, minutes=60)
        /// >>> [advice.topic for advice in slow]
        /// ['point_without_sample', 'few_for_percentile']
        #[pyo3(signature = (*, requests_per_second = None, canary_share = None, minutes = None,
                            baseline_rate = 0.01, looks = 1))]
        fn advice(
            &self,
            requests_per_second: Option<f64>,
            canary_share: Option<f64>,
            minutes: Option<f64>,
            baseline_rate: f64,
            looks: i128,
        ) -> PyResult<Vec<Advice>> {
            let looks = whole("looks", looks)?;
            let traffic = match (requests_per_second, canary_share, minutes) {
                (None, None, None) => None,
                (Some(requests_per_second), Some(canary_share), Some(minutes)) => {
                    Some(core_judge::ExpectedTraffic {
                        requests_per_second, canary_share, minutes, baseline_rate, looks,
                    })
                }
                (requests, share, minutes) => {
                    let given = [requests, share, minutes].into_iter().flatten().count();
                    let rule = "must be given with canary_share and minutes, or none of the three";
                    return Err(invalid_option("requests_per_second", rule, given));
                }
            };
            let advice = self.inner.advice(traffic.as_ref()).map_err(to_python)?;
            Ok(advice.into_iter().map(Advice::from).collect())
        }

        fn __repr__(&self) -> String {
            let name = self.inner.name().map_or_else(|| "None".to_owned(), |name| format!("'{name}'"));
            let list = |names: Vec<String>| format!("['{}']", names.join("', '"));
            format!("Policy(name={name}, metrics={}, checks={})", list(self.metrics()), list(self.checks()))
        }
    }
}

/// A dict has no lines and columns.
fn without_place(error: canary_core::Error) -> canary_core::Error {
    match error {
        canary_core::Error::InvalidPolicy { message, .. } => canary_core::Error::InvalidPolicy {
            message,
            location: None,
        },
        other => other,
    }
}

/// Errors name the line and the column.
fn read_policy(text: &str) -> PyResult<core::Policy> {
    core::Policy::from_json(text).map_err(to_python)
}

shell! {
    /// Something unwise about a policy: what, why, and what to do instead.
    ///
    /// >>> policy = canary.Policy.from_dict({
    /// ...     "version": 1,
    /// ...     "metrics": {"sold": {}, "bought": {}},
    /// ...     "checks": [{"metric": "sold", "standard": {}}],
    /// ... })
    /// >>> print(policy.advice()[0].what)
    /// No check looks at the metric `bought`.
    Advice(core_judge::Advice) {
        /// What it is about, in a word: `"unresolvable_margin"`, `"few_for_percentile"`,
        /// `"repeated_looks"`, `"unreachable"`, `"split"`, `"no_correction"`,
        /// `"point_without_sample"`, `"percentage_of_zero"`, `"zero_margin"`, `"low_confidence"`,
        /// `"high_confidence"`, `"no_data_passes"`, `"all_muted"`, `"nothing_acts"`,
        /// `"nothing_proved"`, `"unused_group"`, `"no_unit"`, `"unchecked_metric"` or `"same_name"`.
        #[getter]
        fn topic(&self) -> &'static str {
            self.inner.topic.as_str()
        }

        /// The check's name; none where it is about the policy as a whole.
        #[getter]
        fn check(&self) -> Option<&str> {
            self.inner.check.as_deref()
        }

        /// What is unwise.
        #[getter]
        fn what(&self) -> &str {
            &self.inner.what
        }

        /// Why.
        #[getter]
        fn why(&self) -> &str {
            &self.inner.why
        }

        /// What to do instead.
        #[getter]
        fn instead(&self) -> &str {
            &self.inner.instead
        }

        fn __repr__(&self) -> String {
            let check = self.inner.check.as_ref().map_or_else(|| "None".to_owned(), |name| format!("'{name}'"));
            format!("Advice(topic='{}', check={check})", self.inner.topic)
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

/// A policy, or a dict of its written form. No text: it could be a policy or where one lies.
pub(crate) struct PolicyLike(pub(crate) core::Policy);

impl<'py> FromPyObject<'_, 'py> for PolicyLike {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: PyStaticExpr = type_hint_union!(
        <Bound<'py, Policy> as FromPyObject<'_, 'py>>::INPUT_TYPE,
        type_hint_identifier!("builtins", "dict")
    );

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(policy) = object.cast::<Policy>() {
            return Ok(Self(policy.get().inner.clone()));
        }
        if object.is_instance_of::<PyDict>() {
            return Ok(Self(Policy::from_dict(&object)?.inner));
        }
        let rule = match object.is_instance_of::<PyString>() {
            true => "must be a Policy or a dict; of a text, Policy.from_yaml(text) makes one",
            false => "must be a Policy or a dict",
        };
        Err(InvalidPolicy::new_err(format!(
            "policy: {rule}, got {}",
            type_name(&object)
        )))
    }
}

/// Names of metrics in a row, or a mapping from name to what is known of it.
pub(crate) struct MetricsLike<'py>(Bound<'py, PyAny>);

impl<'py> FromPyObject<'_, 'py> for MetricsLike<'py> {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: PyStaticExpr = type_hint_subscript!(
        type_hint_identifier!("collections.abc", "Iterable"),
        type_hint_identifier!("builtins", "str")
    );

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self(object.to_owned()))
    }
}
