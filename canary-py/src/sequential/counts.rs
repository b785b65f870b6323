//! Monitors of counts.

use canary_core::Arms;
use canary_core::sequential::{self, Update};
use pyo3::prelude::*;

use crate::convert::{count, word};
use crate::error::to_python;
use crate::wrap::monitor;

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/event_split.md")]
    ///
    /// # Parameters
    /// `share`: the canary's share of the traffic, in (0, 1). `alpha`: the false-alarm rate over all
    /// looks. `alternative`: `"two_sided"`, `"greater"` (more of the canary's) or `"less"`. `strength`:
    /// how many events the prior is worth.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: six errors, all of them the canary's, which has a tenth of the traffic
    /// >>> errors = canary.EventSplitMonitor(share=0.1)
    /// >>> errors.update(baseline=0, canary=1)
    /// 'continue'
    /// >>> errors.update(baseline=0, canary=5)
    /// 'accept_alternative'
    EventSplitMonitor(sequential::EventSplitMonitor) {
        #[new]
        #[pyo3(signature = (*, share = 0.5, alpha = 0.05, alternative = "two_sided", strength = 20.0))]
        fn new(share: f64, alpha: f64, alternative: &str, strength: f64) -> PyResult<Self> {
            let design = sequential::EventSplit::new()
                .share(share)
                .alpha(alpha)
                .alternative(word(alternative)?)
                .strength(strength);
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds the events of both arms since the last update, and gives the decision.
        #[pyo3(signature = (baseline, canary))]
        fn update(
            &self,
            py: Python<'_>,
            baseline: &Bound<'_, PyAny>,
            canary: &Bound<'_, PyAny>,
        ) -> PyResult<&'static str> {
            let events = Arms::new(count("baseline", baseline)?, count("canary", canary)?);
            let decision = self.inner.change(py, |own| own.update(events))?;
            Ok(sequential::Decision::as_str(decision))
        }
    }
}
