//! The monitor of two series.

use canary_core::Arms;
use canary_core::sequential::{self, Decision, Update};
use pyo3::prelude::*;

use crate::convert::{ArrayLike, is_scalar, real, word};
use crate::error::to_python;
use crate::wrap::monitor;

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/series_comparison.md")]
    ///
    /// # Parameters
    /// `measure`: `"difference"` or `"ratio"`. `alternative`: `"two_sided"`, `"greater"` or `"less"`.
    /// `alpha`: the false-alarm rate over all looks. `null`: the estimate under the null hypothesis.
    /// `tolerance`: how much worse is tolerated, a positive difference or a factor above 1. `tuned_at`:
    /// how many intervals there will be when the interval is to be shortest, if independence is promised.
    /// `assume`: `"nothing"`, or `"independence"` as a promise.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: memory by the minute, the canary 3 MB above the same wave
    /// >>> minutes = numpy.arange(60.0)
    /// >>> wave = 512 + 50 * numpy.sin(minutes / 20)
    /// >>> memory = canary.SeriesMonitor()
    /// >>> memory.update(wave, wave + 3 + numpy.sin(7.3 * minutes**2))
    /// 'accept_alternative'
    /// >>> 2 < memory.state.estimate.interval.low < 3
    /// True
    SeriesMonitor(sequential::SeriesMonitor) {
        #[new]
        #[pyo3(signature = (*, measure = "difference", alternative = "two_sided", alpha = 0.05,
                            null = None, tolerance = None, tuned_at = 60.0, assume = "nothing"))]
        fn new(
            measure: &str,
            alternative: &str,
            alpha: f64,
            null: Option<f64>,
            tolerance: Option<f64>,
            tuned_at: f64,
            assume: &str,
        ) -> PyResult<Self> {
            let design = sequential::SeriesComparison::new()
                .measure(word(measure)?)
                .alternative(word(alternative)?)
                .alpha(alpha)
                .null(null)
                .tolerance(tolerance)
                .tuned_at(tuned_at)
                .assume(word(assume)?);
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds a value of each arm, or as many of each in the order of time, and gives the decision.
        /// Every pair of values is a look.
        fn update(
            &self,
            py: Python<'_>,
            baseline: &Bound<'_, PyAny>,
            canary: &Bound<'_, PyAny>,
        ) -> PyResult<&'static str> {
            let decision = if is_scalar(baseline) && is_scalar(canary) {
                let values = Arms::new(real("baseline", baseline)?, real("canary", canary)?);
                self.inner.change(py, |own| own.update(values))?
            } else {
                let baseline = ArrayLike::of(baseline).values("baseline")?;
                let canary = ArrayLike::of(canary).values("canary")?;
                let values = Arms::new(baseline.as_slice()?, canary.as_slice()?);
                self.inner.change(py, |own| own.update(values))?
            };
            Ok(Decision::as_str(decision))
        }
    }
}
