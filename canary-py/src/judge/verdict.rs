//! What a policy says of both arms.
#![allow(
    clippy::redundant_closure_for_method_calls,
    reason = "a method of a borrowed report is not general enough for what takes any report"
)]
#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a report's methods are of one lifetime, and a rendering is of any"
)]

use std::collections::BTreeMap;

use canary_core as core;
use canary_core::judge as core_judge;
use canary_core::report::{Context, Report, Style};
use pyo3::prelude::*;

use super::finding::Finding;
use crate::flip::Flip;
use crate::wrap::shell;

shell! {
    /// The points of a verdict by points.
    ///
    /// >>> policy = canary.Policy.from_dict({
    /// ...     "version": 1,
    /// ...     "metrics": {"load": {}, "heat": {}},
    /// ...     "checks": [
    /// ...         {"metric": "load", "threshold": {"max": 1}, "weight": 3, "notify": ["ops"]},
    /// ...         {"metric": "heat", "threshold": {"max": 1}},
    /// ...     ],
    /// ...     "verdict": {"score": {"pass": 95, "marginal": 70}},
    /// ... })
    /// >>> verdict = canary.judge(policy, baseline={}, canary={"load": 0.5, "heat": 2})
    /// >>> verdict.score.total, verdict.score.groups, verdict.recommendation
    /// (75.0, {'': 75.0}, 'hold')
    Scored(core_judge::Scored) {
        /// All points, from 0 to 100.
        #[getter]
        fn total(&self) -> f64 {
            self.inner.total
        }

        /// Each group's points; those of no group stand under the empty name.
        #[getter]
        fn groups(&self) -> BTreeMap<String, f64> {
            self.inner.groups.clone()
        }

        fn __repr__(&self) -> String {
            format!("Scored(total={:?})", self.inner.total)
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

        /// `"promote"`, `"rollback"`, `"continue"`, `"hold"` (until somebody has looked) or
        /// `"reduce"` (the canary's traffic). Of a FAIL it is what the policy asks for: `"rollback"`, unless the
        /// severity of what failed, or the policy's `actions`, say another one (never `"promote"`). Too few points
        /// ask for what a critical failure does. A controller that rolls back whatever fails looks at `status`.
        #[getter]
        fn recommendation(&self) -> &'static str {
            self.inner.recommendation.as_str()
        }

        /// Why, in plain words.
        #[getter]
        fn reason(&self) -> &str {
            &self.inner.reason
        }

        /// `"concurrent"`, or `"before_and_after"` where some of what was compared was not measured side by
        /// side: then the reason says what that means.
        #[getter]
        fn design(&self) -> &'static str {
            self.inner.design.as_str()
        }

        /// The policy's name.
        #[getter]
        fn policy(&self) -> Option<&str> {
            self.inner.policy.as_deref()
        }

        /// The points, where the policy counts them: a `Scored`.
        #[getter]
        fn score(&self) -> Option<Scored> {
            self.inner.score.clone().map(Scored::from)
        }

        /// Whom the failures are to be told to.
        #[getter]
        fn notify(&self) -> Vec<String> {
            self.inner.notify.clone()
        }

        /// One finding per check, in the policy's order; a standard check has several.
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
            self.report(flips, |report| report.clone().context(context).update())
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

impl Verdict {
    /// A rendering of the verdict with what would change it.
    fn report(
        &self,
        flips: Option<Vec<PyRef<'_, Flip>>>,
        render: impl FnOnce(&Report<'_>) -> String,
    ) -> String {
        let report = Report::new(&self.inner);
        match flips {
            None => render(&report),
            Some(flips) => {
                let flips: Vec<_> = flips.iter().map(|flip| flip.inner.clone()).collect();
                render(&report.flips(&flips))
            }
        }
    }
}
