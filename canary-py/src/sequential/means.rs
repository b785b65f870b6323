//! Monitors of one arm against a standard.

use canary_core::Counts;
use canary_core::sequential::{self, Decision, Update};
use pyo3::prelude::*;

use crate::convert::{ArrayLike, counts, is_scalar, real, word};
use crate::error::to_python;
use crate::wrap::monitor;

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/mean_sequence.md")]
    ///
    /// # Parameters
    /// `null`: the standard. `alternative`: `"two_sided"`, `"greater"` or `"less"`. `alpha`: the
    /// false-alarm rate over all looks. `tolerance`: how far beyond the standard is tolerated. `bounds`:
    /// the least and the greatest value there can be. `tuned_at`: after how many values the interval is
    /// to be shortest. `burn_in`: how many values there must be before anything is decided, without
    /// bounds. `assume`: `"nothing"`, or `"independence"` as a promise.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: a queue that should not be more than half full
    /// >>> fill = canary.MeanSequenceMonitor(null=0.5, bounds=(0, 1), alternative="greater")
    /// >>> fill.update(0.8)
    /// 'continue'
    /// >>> for minute in range(30):
    /// ...     decision = fill.update([0.7, 0.8, 0.9, 0.8, 0.7])
    /// >>> decision
    /// 'accept_alternative'
    /// >>> fill.state.estimate.interval.low > 0.5
    /// True
    MeanSequenceMonitor(sequential::MeanSequenceMonitor) {
        #[new]
        #[pyo3(signature = (*, null = 0.0, alternative = "two_sided", alpha = 0.05, tolerance = None, bounds = None, tuned_at = None, burn_in = 50,
                            assume = "nothing"))]
        #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
        fn new(
            null: f64,
            alternative: &str,
            alpha: f64,
            tolerance: Option<f64>,
            bounds: Option<(f64, f64)>,
            tuned_at: Option<f64>,
            burn_in: u64,
            assume: &str,
        ) -> PyResult<Self> {
            let design = sequential::MeanSequence::new()
                .null(null)
                .alternative(word(alternative)?)
                .alpha(alpha)
                .tolerance(tolerance)
                .bounds(bounds)
                .tuned_at(tuned_at)
                .burn_in(burn_in)
                .assume(word(assume)?);
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds the values since the last update (a row of them, a single one, or a `Summary`), and gives
        /// the decision.
        fn update(&self, py: Python<'_>, values: &Bound<'_, PyAny>) -> PyResult<&'static str> {
            let decision = if let Ok(summary) = values.cast::<crate::data::Summary>() {
                let summary = summary.get().inner;
                self.inner.change(py, |own| own.update(summary))
            } else if is_scalar(values) {
                let value = real("values", values)?;
                self.inner.change(py, |own| own.update(value))
            } else {
                let values = ArrayLike::of(values).values("values")?;
                let values = values.as_slice()?;
                self.inner.change(py, |own| own.update(values))
            };
            Ok(Decision::as_str(decision?))
        }
    }
}

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/proportion_sequence.md")]
    ///
    /// # Parameters
    /// `null`: the standard, in (0, 1). `alternative`: `"two_sided"`, `"greater"` or `"less"`. `alpha`:
    /// the false-alarm rate over all looks. `tolerance`: how far beyond the standard is tolerated.
    /// `tuned_at`: after how many trials the interval is to be shortest. `assume`: `"nothing"`, or
    /// `"independence"` as a promise.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: an objective of 0.1 % errors
    /// >>> errors = canary.ProportionSequenceMonitor(
    /// ...     null=0.001, alternative="greater", assume="independence")
    /// >>> errors.update((2, 1000))
    /// 'continue'
    /// >>> errors.update((9, 1000))
    /// 'accept_alternative'
    ProportionSequenceMonitor(sequential::ProportionSequenceMonitor) {
        #[new]
        #[pyo3(signature = (*, null = 0.5, alternative = "two_sided", alpha = 0.05, tolerance = None, tuned_at = 1000.0,
                            assume = "nothing"))]
        fn new(
            null: f64,
            alternative: &str,
            alpha: f64,
            tolerance: Option<f64>,
            tuned_at: f64,
            assume: &str,
        ) -> PyResult<Self> {
            let design = sequential::ProportionSequence::new()
                .null(null)
                .alternative(word(alternative)?)
                .alpha(alpha)
                .tolerance(tolerance)
                .tuned_at(tuned_at)
                .assume(word(assume)?);
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds `(events, trials)` since the last update, or `True` or `False` of a single trial, and
        /// gives the decision.
        fn update(&self, py: Python<'_>, observed: &Bound<'_, PyAny>) -> PyResult<&'static str> {
            let decision = if let Ok(event) = observed.extract::<bool>() {
                self.inner.change(py, |own| own.update(event))
            } else {
                let counts: Counts = counts("observed", observed)?;
                self.inner.change(py, |own| own.update(counts))
            };
            Ok(Decision::as_str(decision?))
        }
    }
}
