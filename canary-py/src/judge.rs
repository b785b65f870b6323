//! Policies and verdicts.

use std::collections::BTreeMap;

use canary_core::judge::{self as core_judge};
use canary_core::report::{Context, Report, Style};
use canary_core::{self as core, Arms, Observations, Snapshot};
use pyo3::prelude::*;
use pyo3::types::PyMapping;

use crate::anomaly::windows::AnomalyResult;
use crate::convert::type_name;
use crate::data::observations;
use crate::error::{InvalidPolicy, invalid_input, to_python};
use crate::flip::Flip;
use crate::stats::result::{Interval, TestResult};
use crate::wrap::{self, shell};

shell! {
    /// Metrics and the checks on them, all of which must pass for a canary to be promoted.
    ///
    /// >>> policy = canary.Policy.from_dict({
    /// ...     "version": 1,
    /// ...     "metrics": {"latency": {"unit": "ms", "direction": "increase"}},
    /// ...     "checks": [{"metric": "latency", "threshold": {"statistic": "p99", "factor": "2x"}}],
    /// ... })
    /// >>> policy
    /// Policy(name=None, metrics=['latency'], checks=['latency p99'])
    Policy(core::Policy, read_policy) {
        /// Reads a policy from YAML. Errors name the line and the column.
        #[staticmethod]
        fn from_yaml(text: &str) -> PyResult<Self> {
            Ok(core::Policy::from_yaml(text).map_err(to_python)?.into())
        }

        /// Reads a policy from a dict of the same shape.
        #[staticmethod]
        fn from_dict(policy: &Bound<'_, PyAny>) -> PyResult<Self> {
            let json = policy.py().import("json")?.call_method1("dumps", (policy,));
            let json = json.map_err(|error| InvalidPolicy::new_err(format!("policy: {error}")))?;
            Self::from_json(&json.extract::<String>()?)
        }

        /// The JSON schema of a policy, for editors.
        #[staticmethod]
        fn json_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
            wrap::to_python(py, &core::Policy::json_schema().to_string())
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

        fn __repr__(&self) -> String {
            let name = self.inner.name().map_or_else(|| "None".to_owned(), |name| format!("'{name}'"));
            let list = |names: Vec<String>| format!("['{}']", names.join("', '"));
            format!("Policy(name={name}, metrics={}, checks={})", list(self.metrics()), list(self.checks()))
        }
    }
}

shell! {
    /// How the canary compares with the baseline.
    Change(core_judge::Change) {
        /// `"difference"` or `"ratio"`.
        #[getter]
        fn measure(&self) -> &'static str {
            self.inner.measure.as_str()
        }

        /// Canary minus baseline, or canary divided by baseline.
        #[getter]
        fn value(&self) -> f64 {
            self.inner.value
        }

        /// Where the truth probably lies; point comparisons have none.
        #[getter]
        fn interval(&self) -> Option<Interval> {
            self.inner.interval.map(Interval::from)
        }

        fn __repr__(&self) -> String {
            format!("Change(measure='{}', value={:?})", self.inner.measure, self.inner.value)
        }
    }
}

shell! {
    /// A check's outcome with its evidence.
    Finding(core::Finding) {
        /// The check's name.
        #[getter]
        fn check(&self) -> &str {
            &self.inner.check
        }

        /// Its metric.
        #[getter]
        fn metric(&self) -> &str {
            &self.inner.metric
        }

        /// The metric's unit; `"proportion"` for counts without one.
        #[getter]
        fn unit(&self) -> Option<&str> {
            self.inner.unit.as_deref()
        }

        /// `"PASS"`, `"FAIL"` or `"INCONCLUSIVE"`.
        #[getter]
        fn status(&self) -> &'static str {
            self.inner.status.as_str()
        }

        /// The rule in words.
        #[getter]
        fn rule(&self) -> &str {
            &self.inner.rule
        }

        /// What was compared.
        #[getter]
        fn compared(&self) -> &str {
            &self.inner.compared
        }

        /// That number of the baseline, if known.
        #[getter]
        fn baseline(&self) -> Option<f64> {
            self.inner.levels.baseline
        }

        /// That number of the canary, if known.
        #[getter]
        fn canary(&self) -> Option<f64> {
            self.inner.levels.canary
        }

        /// How many observations the baseline and the canary had.
        #[getter]
        fn sizes(&self) -> (u64, u64) {
            (self.inner.sizes.baseline, self.inner.sizes.canary)
        }

        /// The change, unless the rule is about the canary alone.
        #[getter]
        fn change(&self) -> Option<Change> {
            self.inner.change.map(Change::from)
        }

        /// The lowest and highest acceptable change (or number of the canary).
        #[getter]
        fn acceptable(&self) -> Option<(f64, f64)> {
            self.inner.acceptable.map(|acceptable| (acceptable.low, acceptable.high))
        }

        /// The test, if one was run.
        #[getter]
        fn test(&self) -> Option<TestResult> {
            self.inner.test.clone().map(TestResult::from)
        }

        /// The windows that are unlike the rest, if they were looked for.
        #[getter]
        fn anomaly(&self) -> Option<AnomalyResult> {
            self.inner.anomaly.as_deref().cloned().map(AnomalyResult::from)
        }

        /// The p-value of no difference, if a test was run.
        #[getter]
        fn p_value(&self) -> Option<f64> {
            self.inner.p_value()
        }

        /// About how many more canary observations would decide.
        #[getter]
        fn more_needed(&self) -> Option<u64> {
            self.inner.more_needed
        }

        /// The outcome in plain words.
        #[getter]
        fn sentence(&self) -> &str {
            &self.inner.sentence
        }

        fn __repr__(&self) -> String {
            format!("Finding(check='{}', status='{}')", self.inner.check, self.inner.status)
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

shell! {
    /// What a policy says of the two arms, with everything that led to it.
    Verdict(core::Verdict) {
        /// `"PASS"`, `"FAIL"` or `"INCONCLUSIVE"`.
        #[getter]
        fn status(&self) -> &'static str {
            self.inner.status.as_str()
        }

        /// `"promote"`, `"rollback"` or `"continue"`.
        #[getter]
        fn recommendation(&self) -> &'static str {
            self.inner.recommendation.as_str()
        }

        /// Why, in plain words.
        #[getter]
        fn reason(&self) -> &str {
            &self.inner.reason
        }

        /// The policy's name.
        #[getter]
        fn policy(&self) -> Option<&str> {
            self.inner.policy.as_deref()
        }

        /// One finding per check, in the policy's order.
        #[getter]
        fn findings(&self) -> Vec<Finding> {
            self.inner.findings.iter().cloned().map(Finding::from).collect()
        }

        /// Metrics in the data that no check looks at.
        #[getter]
        fn unchecked(&self) -> Vec<String> {
            self.inner.unchecked.clone()
        }

        /// The verdict in words, with a terminal's colours if asked for; `flips` are what would change
        /// it (see `flips`).
        #[pyo3(signature = (*, color = false, flips = None))]
        fn to_text(&self, color: bool, flips: Option<Vec<PyRef<'_, Flip>>>) -> String {
            let style = if color { Style::Colour } else { Style::Plain };
            self.report(flips, |report| report.text(style))
        }

        /// The verdict as Markdown; `flips` are what would change it.
        #[pyo3(signature = (*, flips = None))]
        fn to_markdown(&self, flips: Option<Vec<PyRef<'_, Flip>>>) -> String {
            self.report(flips, |report| report.markdown())
        }

        /// The verdict as a fragment of HTML without scripts; `flips` are what would change it.
        #[pyo3(signature = (*, flips = None))]
        fn to_html(&self, flips: Option<Vec<PyRef<'_, Flip>>>) -> String {
            self.report(flips, |report| report.html())
        }

        /// The verdict as a message to everybody concerned, in Markdown: status, metrics, findings, next
        /// steps and the way back. What is not given is left out; `next_steps` and `rollback_plan` are a
        /// line each.
        ///
        /// >>> policy = canary.Policy.from_dict({
        /// ...     "version": 1,
        /// ...     "metrics": {"cpu": {"unit": "%"}},
        /// ...     "checks": [{"metric": "cpu", "threshold": {"max": "70%"}}],
        /// ... })
        /// >>> verdict = canary.judge(policy, baseline={"cpu": 40}, canary={"cpu": 52})
        /// >>> update = verdict.to_update(system="checkout", canary_share="10%", duration="day 3 of 5")
        /// >>> print(*update.splitlines()[:6], sep="\n")
        /// # Canary Rollout Update - checkout
        /// <BLANKLINE>
        /// ## Current Status
        /// - **Traffic Split:** 10% canary, 90% baseline
        /// - **Duration:** day 3 of 5
        /// - **Health:** ✅ Healthy
        #[pyo3(signature = (
            *, flips = None, system = None, date = None, phase = None, canary_share = None,
            duration = None, next_steps = None, rollback_plan = None,
        ))]
        #[expect(clippy::too_many_arguments, reason = "each is a keyword, and all may be left out")]
        fn to_update(
            &self,
            flips: Option<Vec<PyRef<'_, Flip>>>,
            system: Option<String>,
            date: Option<String>,
            phase: Option<String>,
            canary_share: Option<String>,
            duration: Option<String>,
            next_steps: Option<String>,
            rollback_plan: Option<String>,
        ) -> String {
            let context = Context {
                system, date, phase, canary_share, duration, next_steps, rollback_plan,
            };
            self.report(flips, |report| report.context(context).update())
        }

        fn __repr__(&self) -> String {
            let core::Verdict { status, recommendation, findings, .. } = &self.inner;
            format!("Verdict(status='{status}', recommendation='{recommendation}', findings={})", findings.len())
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }

        fn _repr_html_(&self) -> String {
            self.report(None, |report| report.html())
        }
    }
}

/// Errors name the line and the column.
fn read_policy(text: &str) -> PyResult<core::Policy> {
    core::Policy::from_json(text).map_err(to_python)
}

/// Applies a policy to what was measured on both arms.
///
/// # Parameters
/// `policy`: a `Policy`. `baseline`, `canary`: a mapping from metric name to observations: an
/// object of this package (`Counts`, `Sample`, ...), a number (a gauge), numbers in one row (a
/// sample), or a dict: `{"events": 3, "trials": 1000}`, `{"times": [...], "values": [...]}`.
///
/// A metric that is missing on an arm gives an INCONCLUSIVE finding; it is never passed over.
///
/// # Errors
/// `InvalidInput` for data that break a rule or do not suit their check.
///
/// # Example
/// >>> policy = canary.Policy.from_yaml('''
/// ... version: 1
/// ... metrics:
/// ...   error_rate: {direction: increase}
/// ... checks:
/// ...   - metric: error_rate
/// ...     test: {method: two_proportion_z, margin: {difference: 0.25%}}
/// ... ''')
/// >>> verdict = canary.judge(
/// ...     policy,
/// ...     baseline={"error_rate": canary.Counts(95, 19_000)},
/// ...     canary={"error_rate": canary.Counts(30, 2_000)},
/// ... )
/// >>> verdict.status, verdict.recommendation
/// ('FAIL', 'rollback')
#[pyfunction]
#[pyo3(signature = (policy, *, baseline, canary))]
pub(crate) fn judge(
    py: Python<'_>,
    policy: &Bound<'_, Policy>,
    baseline: &Bound<'_, PyAny>,
    canary: &Bound<'_, PyAny>,
) -> PyResult<Verdict> {
    let arms = Arms::new(arm("baseline", baseline)?, arm("canary", canary)?);
    let policy = &policy.get().inner;
    let verdict = py.detach(|| core::judge(policy, &Snapshot::from_arms(arms)?));
    Ok(verdict.map_err(to_python)?.into())
}

/// What was measured on an arm.
pub(crate) fn arm(
    name: &str,
    object: &Bound<'_, PyAny>,
) -> PyResult<BTreeMap<String, Observations>> {
    let rule = "must be a mapping from metric name to observations";
    let Ok(mapping) = object.cast::<PyMapping>() else {
        return Err(invalid_input(name, rule, type_name(object)));
    };
    let mut metrics = BTreeMap::new();
    for item in mapping.items()?.iter() {
        let (metric, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let Ok(metric) = metric.extract::<String>() else {
            return Err(invalid_input(name, rule, metric.repr()?));
        };
        let observations = observations(&format!("{name}.{metric}"), &value)?;
        metrics.insert(metric, observations);
    }
    Ok(metrics)
}

impl Verdict {
    /// A rendering of the verdict with what would change it.
    fn report(
        &self,
        flips: Option<Vec<PyRef<'_, Flip>>>,
        render: impl FnOnce(Report<'_>) -> String,
    ) -> String {
        let report = Report::new(&self.inner);
        match flips {
            None => render(report),
            Some(flips) => {
                let flips: Vec<_> = flips.iter().map(|flip| flip.inner.clone()).collect();
                render(report.flips(&flips))
            }
        }
    }
}
