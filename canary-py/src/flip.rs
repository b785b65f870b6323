//! What would change a verdict.

use canary_core::judge as core;
use pyo3::prelude::*;

use crate::convert::word;
use crate::error::to_python;
use crate::judge::asked;
use crate::judge::policy::PolicyLike;
use crate::wrap::shell;

shell! {
    /// One number that a flip changes.
    FlipChange(core::FlipChange) {
        /// The check whose finding it is about.
        #[getter]
        fn check(&self) -> &str {
            &self.inner.check
        }

        /// Its place among the verdict's findings, counted from 0.
        #[getter]
        fn finding(&self) -> usize {
            self.inner.finding
        }

        /// The metric that changes; of more data, all of them do.
        #[getter]
        fn metric(&self) -> &str {
            &self.inner.metric
        }

        /// Which number changes: `"percent"`, `"factor"`, `"difference"`, `"min"`, `"max"`, `"share"` or
        /// `"margin"` of a check; `"events"`, `"value"`, `"times"` (each value multiplied), `"plus"`,
        /// `"growth"` or `"spread"` of the canary's data; `"amount"` of all data.
        #[getter]
        fn setting(&self) -> &'static str {
            self.inner.setting.as_str()
        }

        /// What it is now.
        #[getter]
        fn now(&self) -> f64 {
            self.inner.now
        }

        /// The nearest value found that changes the outcome.
        #[getter]
        fn to(&self) -> f64 {
            self.inner.to
        }

        /// The farthest value tried, towards `to`, with which the outcome stays as it is; `now`
        /// itself, where any change at all is enough.
        #[getter]
        fn until(&self) -> f64 {
            self.inner.until
        }

        /// The unit of all three, if they have one.
        #[getter]
        fn unit(&self) -> Option<&str> {
            self.inner.unit.as_deref()
        }

        fn __repr__(&self) -> String {
            let core::FlipChange { check, setting, now, to, .. } = &self.inner;
            format!("FlipChange(check={check:?}, setting='{setting}', now={now:?}, to={to:?})")
        }
    }
}

shell! {
    /// What would change a verdict, and into which; it has been tried. See `flips`.
    Flip(core::Flip) {
        /// `"policy"`, `"data"` (of the canary) or `"more_data"` (of everything).
        #[getter]
        fn what(&self) -> &'static str {
            self.inner.what.as_str()
        }

        /// What changes: one number, or several, all of which have to.
        #[getter]
        fn changes(&self) -> Vec<FlipChange> {
            self.inner.changes.iter().cloned().map(FlipChange::from).collect()
        }

        /// The verdict that it gives.
        #[getter]
        fn status(&self) -> &'static str {
            self.inner.status.as_str()
        }

        /// In about how many seconds that is reached, of more data and where `watched` was given.
        #[getter]
        fn seconds(&self) -> Option<f64> {
            self.inner.seconds
        }

        /// The same in one plain sentence.
        #[getter]
        fn sentence(&self) -> &str {
            &self.inner.sentence
        }

        fn __repr__(&self) -> String {
            format!("Flip(what='{}', status='{}')", self.inner.what, self.inner.status)
        }

        fn __str__(&self) -> String {
            self.inner.sentence.clone()
        }
    }
}

/// What would change the verdict: the smallest changes that do, each of them tried.
///
/// | verdict | of the policy | of the data |
/// |---|---|---|
/// | FAIL | the tightest limit with which it is no longer FAIL | the least improvement of the canary that makes it PASS, or else no longer FAIL |
/// | PASS | the first tighter limit with which it is no longer PASS | the least worsening of the canary that makes it FAIL, or else no longer PASS |
/// | INCONCLUSIVE | the tightest limit with which it is PASS now | how many times as much data decide, and which way |
///
/// Where no change of one check is enough, the flip has a change for each of them. The list is empty
/// where no such change is known: of data that are missing or cannot be trusted, for example.
///
/// # Parameters
/// `policy`, `baseline`, `canary`, `design`: as for `judge`. `watched`: for how many seconds the data were
/// collected; then a flip by more data says when it is to be expected.
///
/// # Errors
/// Those of `judge`, and `InvalidOption` where `watched` is not positive and finite.
///
/// # Example
/// >>> policy = canary.Policy.from_dict({
/// ...     "version": 1,
/// ...     "metrics": {"error_rate": {}},
/// ...     "checks": [{"metric": "error_rate", "test": {"margin": {"difference": "0.25%"}}}],
/// ... })
/// >>> for flip in canary.flips(
/// ...     policy,
/// ...     baseline={"error_rate": canary.Counts(95, 19_000)},
/// ...     canary={"error_rate": canary.Counts(30, 2_000)},
/// ... ):
/// ...     print(flip)
/// With a margin of 0.54 instead of 0.25 percentage points for error_rate, the verdict would be INCONCLUSIVE.
/// With 7 events of error_rate instead of 30 among the canary's 2000, the verdict would be PASS.
#[pyfunction]
#[pyo3(signature = (policy = None, *, baseline, canary, watched = None, design = "concurrent"))]
pub(crate) fn flips(
    py: Python<'_>,
    policy: Option<PolicyLike>,
    baseline: &Bound<'_, PyAny>,
    canary: &Bound<'_, PyAny>,
    watched: Option<f64>,
    design: &str,
) -> PyResult<Vec<Flip>> {
    let (policy, snapshot) = asked(policy, baseline, canary, word(design)?)?;
    let found = py.detach(|| core::flips(&policy, &snapshot, watched));
    Ok(found
        .map_err(to_python)?
        .into_iter()
        .map(Flip::from)
        .collect())
}
