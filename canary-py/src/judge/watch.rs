//! A policy over time.

use canary_core::judge as core;
use canary_core::{Arms, Design, Snapshot};
use pyo3::prelude::*;

use super::arm;
use super::policy::{Policy, PolicyLike};
use super::verdict::Verdict;
use crate::convert::word;
use crate::wrap::shared;

shared! {
    /// Watches a rollout by a policy: one error budget of 5 % over all metrics, all looks and all stages.
    ///
    /// Every `look` is handed what both arms have shown *since the last one*, at a time in seconds, and gives
    /// the verdict on all that was seen. However often one looks, the chance that a canary that is harmless
    /// ever fails is at most the budget, for noise as in docs/quality.md. What it is tested by is a monitor of each metric (`MixtureSprtMonitor`,
    /// `SeriesMonitor`, `DistributionComparisonMonitor`); point comparisons are held to their check's limits.
    ///
    /// # Parameters
    /// `policy`: a `Policy`, such as `Policy.default(names)`, or a dict of its written form.
    ///
    /// # Example: half a percentage point more errors, a look a minute
    /// >>> watch = canary.Watch(canary.Policy.default(["error_rate"]))
    /// >>> for minute in range(1, 61):
    /// ...     verdict = watch.look(
    /// ...         60.0 * minute,
    /// ...         baseline={"error_rate": canary.Counts(10, 9_500)},
    /// ...         canary={"error_rate": canary.Counts(6, 500)},
    /// ...     )
    /// ...     if verdict.status != "INCONCLUSIVE":
    /// ...         break
    /// >>> verdict.status, verdict.recommendation, minute < 15
    /// ('FAIL', 'rollback', True)
    Watch(core::Watch) {
        #[new]
        fn new(policy: PolicyLike) -> Self {
            core::Watch::new(policy.0).into()
        }

        /// Takes what both arms have shown since the last look, at a time in seconds, and judges all that was
        /// seen. With `design="before_and_after"` the baseline is from a time before the canary (see `judge`);
        /// all of it may then come at the first look, and each finding keeps saying so.
        ///
        /// # Errors
        /// `InvalidInput` for a time that is not after the last one's, for data that break a rule, and for
        /// what cannot be judged where its check says that no data is an error; the watch is then as it was.
        #[pyo3(signature = (at, *, baseline, canary, design = "concurrent"))]
        fn look(
            &self,
            py: Python<'_>,
            at: f64,
            baseline: &Bound<'_, PyAny>,
            canary: &Bound<'_, PyAny>,
            design: &str,
        ) -> PyResult<Verdict> {
            let design: Design = word(design)?;
            let arms = Arms::new(arm("baseline", baseline)?, arm("canary", canary)?);
            let snapshot = Snapshot::from_arms(arms).designed(design);
            let verdict = self.inner.change(py, |watch| watch.look(at, &snapshot))?;
            Ok(verdict.into())
        }

        /// The policy it watches by.
        #[getter]
        fn policy(&self, py: Python<'_>) -> Policy {
            self.inner.read(py, |watch| watch.policy().clone()).into()
        }

        /// How many looks it has taken.
        #[getter]
        fn looks(&self, py: Python<'_>) -> u64 {
            self.inner.read(py, core::Watch::looks)
        }

        fn __repr__(&self, py: Python<'_>) -> String {
            self.inner.read(py, |watch| {
                let name = watch.policy().name().unwrap_or("no name");
                format!("Watch(policy='{name}', looks={})", watch.looks())
            })
        }
    }
}
