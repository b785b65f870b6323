//! A check's outcome.

use canary_core as core;
use canary_core::judge as core_judge;
use pyo3::prelude::*;

use crate::anomaly::windows::AnomalyResult;
use crate::stats::result::{Interval, TestResult};
use crate::wrap::shell;

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
    ///
    /// >>> requests = {"errors": (95, 19_000)}, {"errors": (60, 2_000)}
    /// >>> baseline, canary_arm = ({"errors": canary.Counts(*arm["errors"])} for arm in requests)
    /// >>> finding = canary.judge(baseline=baseline, canary=canary_arm).findings[0]
    /// >>> finding.status, finding.severity, finding.role, finding.confidence
    /// ('FAIL', 'high', 'guardrail', 0.9)
    /// >>> finding.baseline, finding.canary, finding.p_adjusted < 1e-6
    /// (0.005, 0.03, True)
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

        /// How bad a failure is: `"critical"`, `"high"`, `"medium"` or `"low"`.
        #[getter]
        fn severity(&self) -> &'static str {
            self.inner.severity.as_str()
        }

        /// What the check is for: `"guardrail"` (must be shown to hold), `"success"` (what the release
        /// is for), `"deterioration"` (must not be shown to be worse) or `"quality"` (whether the data
        /// can be trusted).
        #[getter]
        fn role(&self) -> &'static str {
            self.inner.role.as_str()
        }

        /// The group that it counts in, where the verdict goes by points.
        #[getter]
        fn group(&self) -> Option<&str> {
            self.inner.group.as_deref()
        }

        /// How much it counts there.
        #[getter]
        fn weight(&self) -> f64 {
            self.inner.weight
        }

        /// Whether it only reports, and decides nothing.
        #[getter]
        fn muted(&self) -> bool {
            self.inner.muted
        }

        /// `"concurrent"`, or `"before_and_after"` where the baseline is from a time before the canary.
        #[getter]
        fn design(&self) -> &'static str {
            self.inner.design.as_str()
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

        /// Where the canary's own number probably lies, where the rule is about that alone and it was
        /// estimated.
        #[getter]
        fn own_interval(&self) -> Option<Interval> {
            self.inner.own_interval.map(Interval::from)
        }

        /// The confidence of the interval that was held against what is acceptable.
        #[getter]
        fn confidence(&self) -> Option<f64> {
            self.inner.confidence.map(core::Confidence::get)
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

        /// The probability of a change at least so far beyond what is acceptable, if the truth were
        /// just acceptable; of what lies beyond it alone.
        #[getter]
        fn p_margin(&self) -> Option<f64> {
            self.inner.p_margin
        }

        /// The same, corrected for the number of comparisons.
        #[getter]
        fn p_adjusted(&self) -> Option<f64> {
            self.inner.p_adjusted
        }

        /// Why there is nothing to decide on, where that is so.
        #[getter]
        fn obstacle(&self) -> Option<&str> {
            self.inner.obstacle.as_deref()
        }

        /// Whom a failure is to be told to.
        #[getter]
        fn notify(&self) -> Vec<String> {
            self.inner.notify.clone()
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
