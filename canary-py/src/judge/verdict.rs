//! What a policy says of both arms.

use std::collections::BTreeMap;

use canary_core as core;
use canary_core::judge as core_judge;
use canary_core::report::{self, Style};
use pyo3::prelude::*;

use super::finding::Finding;
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
        /// `"reduce"` (the canary's traffic).
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

        /// The verdict in words, with a terminal's colours if asked for.
        #[pyo3(signature = (*, color = false))]
        fn to_text(&self, color: bool) -> String {
            report::text(&self.inner, if color { Style::Colour } else { Style::Plain })
        }

        /// The verdict as Markdown.
        fn to_markdown(&self) -> String {
            report::markdown(&self.inner)
        }

        fn __repr__(&self) -> String {
            let core::Verdict { status, recommendation, findings, .. } = &self.inner;
            format!("Verdict(status='{status}', recommendation='{recommendation}', findings={})", findings.len())
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }

        fn _repr_html_(&self) -> String {
            report::html(&self.inner)
        }
    }
}
