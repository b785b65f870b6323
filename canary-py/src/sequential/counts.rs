//! Monitors of counts.

use canary_core::sequential::{self, Update};
use canary_core::{Arms, Counts, Exposure};
use pyo3::prelude::*;

use crate::convert::{ArrayLike, count, counts, exposure, is_scalar, whole_numbers, word};
use crate::error::{invalid_input, to_python};
use crate::wrap::monitor;

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/event_split.md")]
    ///
    /// # Parameters
    /// `share`: the canary's share of the traffic, in (0, 1). `alpha`: the false-alarm rate over all
    /// looks. `alternative`: `"two_sided"`, `"greater"` (more of the canary's) or `"less"`. `strength`:
    /// how many events the prior is worth. `tolerance`: how many times worse is still tolerated,
    /// greater than 1. `assume`: `"nothing"`, or `"independence"` as a promise that events come one by
    /// one.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: six errors, all of them the canary's, which has a tenth of the traffic
    /// >>> errors = canary.EventSplitMonitor(share=0.1, assume="independence")
    /// >>> errors.update(baseline=0, canary=1)
    /// 'continue'
    /// >>> errors.update(baseline=0, canary=5)
    /// 'accept_alternative'
    ///
    /// # Example: a rollout in stages, each minute with the requests that it had
    /// >>> errors = canary.EventSplitMonitor(share=0.05, tolerance=1.5)
    /// >>> for canary_requests in [100, 500, 2_500, 5_000] * 30:
    /// ...     minute = [(n // 100, n) for n in (10_000 - canary_requests, canary_requests)]
    /// ...     decision = errors.update(*minute)
    /// >>> decision
    /// 'accept_null'
    EventSplitMonitor(sequential::EventSplitMonitor) {
        #[new]
        #[pyo3(signature = (*, share = 0.5, alpha = 0.05, alternative = "two_sided", strength = 20.0,
                            tolerance = None, assume = "nothing"))]
        fn new(
            share: f64,
            alpha: f64,
            alternative: &str,
            strength: f64,
            tolerance: Option<f64>,
            assume: &str,
        ) -> PyResult<Self> {
            let design = sequential::EventSplit::new()
                .share(share)
                .alpha(alpha)
                .alternative(word(alternative)?)
                .tolerance(tolerance)
                .strength(strength)
                .assume(word(assume)?);
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds the events of both arms since the last update, and gives the decision. The events may
        /// come as numbers, under the design's share or this interval's own `share`; or with what they
        /// came from, which says the share: as (events, trials) or `Counts`, or as `Exposure`.
        #[pyo3(signature = (baseline, canary, *, share = None))]
        fn update(
            &self,
            py: Python<'_>,
            baseline: &Bound<'_, PyAny>,
            canary: &Bound<'_, PyAny>,
            share: Option<f64>,
        ) -> PyResult<&'static str> {
            let events = Events::new(Arms::new(baseline, canary), share)?;
            let decision = self.inner.change(py, |own| match events {
                Events::Alone(events) => own.update(events),
                Events::InShare(share, events) => own.update((share, events)),
                Events::OfTrials(arms) => own.update(arms),
                Events::InTime(arms) => own.update(arms),
            })?;
            Ok(sequential::Decision::as_str(decision))
        }
    }
}

enum Events {
    Alone(Arms<u64>),
    InShare(f64, Arms<u64>),
    OfTrials(Arms<Counts>),
    InTime(Arms<Exposure>),
}

impl Events {
    fn new(arms: Arms<&Bound<'_, PyAny>>, share: Option<f64>) -> PyResult<Self> {
        if is_scalar(arms.baseline) {
            let events = arms.try_map(count)?;
            return Ok(share.map_or(Self::Alone(events), |share| Self::InShare(share, events)));
        }
        if let Some(share) = share {
            let rule = "must not be given with events that come with their trials or time";
            return Err(invalid_input("share", rule, share));
        }
        if arms.baseline.cast::<crate::data::Exposure>().is_ok() {
            return Ok(Self::InTime(arms.try_map(exposure)?));
        }
        Ok(Self::OfTrials(arms.try_map(counts)?))
    }
}

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/sample_ratio_mismatch.md")]
    ///
    /// # Parameters
    /// `expected`: the shares that the groups should have, in any unit, baseline first. `alpha`: the
    /// false-alarm rate over all looks. `concentration`: how many requests the prior is worth. `assume`:
    /// `"nothing"`, or `"independence"` as a promise.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: a canary that should have 5% of the users
    /// >>> users = canary.SampleRatioMonitor([0.95, 0.05], assume="independence")
    /// >>> users.update([9_510, 490])
    /// 'continue'
    /// >>> users.update([18_730, 1_270])
    /// 'accept_alternative'
    SampleRatioMonitor(sequential::SampleRatioMonitor) {
        #[new]
        #[pyo3(signature = (expected, *, alpha = 0.05, concentration = 1e3, assume = "nothing"))]
        fn new(
            expected: ArrayLike<'_>,
            alpha: f64,
            concentration: f64,
            assume: &str,
        ) -> PyResult<Self> {
            let expected = expected.values("expected")?;
            let design = sequential::SampleRatioMismatch::new(expected.as_slice()?)
                .alpha(alpha)
                .concentration(concentration)
                .assume(word(assume)?);
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds the requests (users, sessions) of every group since the last update, in the order of
        /// the shares, and gives the decision.
        fn update(&self, py: Python<'_>, counts: ArrayLike<'_>) -> PyResult<&'static str> {
            let counts = whole_numbers("counts", &counts)?;
            let decision = self.inner.change(py, |own| own.update(counts.as_slice()))?;
            Ok(sequential::Decision::as_str(decision))
        }
    }
}
