//! The monitors, a file for each kind of data, and their one state.

pub(crate) mod change;
pub(crate) mod combine;
pub(crate) mod counts;
pub(crate) mod group_sequential;
pub(crate) mod means;
pub(crate) mod mixture;
pub(crate) mod quantile;
pub(crate) mod series;
pub(crate) mod sprt;

use canary_core::sequential;
use pyo3::prelude::*;

use crate::stats::result::{ArmLevel, Estimate};
use crate::wrap::shell;

shell! {
    /// How much what a monitor was fed depends on what came before.
    Dependence(sequential::Dependence) {
        /// What decisions stand on: `"independence"` (a promise), `"batches"`, or nothing yet: `"too_few"`
        /// updates to tell, or `"too_dependent"` ones.
        #[getter]
        fn basis(&self) -> &'static str {
            self.inner.basis.as_str()
        }

        /// The variance of a long mean over that of as many independent observations.
        #[getter]
        fn dispersion(&self) -> f64 {
            self.inner.dispersion
        }

        /// As many independent observations would say as much.
        #[getter]
        fn effective(&self) -> f64 {
            self.inner.effective
        }

        /// How many updates are one batch.
        #[getter]
        fn batch(&self) -> u64 {
            self.inner.batch
        }

        /// How many such batches there are.
        #[getter]
        fn batches(&self) -> u64 {
            self.inner.batches
        }

        fn __repr__(&self) -> String {
            let sequential::Dependence { basis, dispersion, batch, .. } = self.inner;
            format!("Dependence(basis='{basis}', dispersion={dispersion:?}, batch={batch})")
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

shell! {
    /// What is known at a look.
    State(sequential::State) {
        /// Which monitor: `"event_split"`, ...
        #[getter]
        fn monitor(&self) -> &'static str {
            self.inner.monitor.as_str()
        }

        /// `"continue"`, `"accept_null"` or `"accept_alternative"`. A decision, once made, stands.
        #[getter]
        fn decision(&self) -> &'static str {
            self.inner.decision.as_str()
        }

        /// The false-alarm rate over all looks.
        #[getter]
        fn alpha(&self) -> f64 {
            self.inner.alpha
        }

        /// The anytime p-value, the smallest so far: if the null hypothesis is true, the probability
        /// that it is *ever* u or less is at most u.
        #[getter]
        fn p_value(&self) -> f64 {
            self.inner.p_value
        }

        /// Evidence against the null hypothesis now: on average at most 1 if it is true.
        #[getter]
        fn e_value(&self) -> f64 {
            self.inner.e_value()
        }

        /// Its logarithm, which is finite where the e-value itself is not.
        #[getter]
        fn log_e_value(&self) -> f64 {
            self.inner.log_e_value
        }

        /// The size of the change; its interval holds at all looks at once.
        #[getter]
        fn estimate(&self) -> Option<Estimate> {
            self.inner.estimate.clone().map(Estimate::from)
        }

        /// What the arms have shown: baseline and canary, the canary alone where it is held against a
        /// standard, or every group of a split.
        #[getter]
        fn arms(&self) -> Vec<ArmLevel> {
            self.inner.arms.iter().copied().map(ArmLevel::from).collect()
        }

        /// How many observations there were, on all arms.
        #[getter]
        fn observations(&self) -> u64 {
            self.inner.observations
        }

        /// About how many more until a decision, if what was seen so far goes on.
        #[getter]
        fn remaining(&self) -> Option<f64> {
            self.inner.remaining
        }

        /// How much what came depends on what came before, where that was measured.
        #[getter]
        fn dependence(&self) -> Option<Dependence> {
            self.inner.dependence.map(Dependence::from)
        }

        fn __repr__(&self) -> String {
            let sequential::State { monitor, decision, p_value, observations, .. } = &self.inner;
            format!("State(monitor='{monitor}', decision='{decision}', p_value={p_value:?}, observations={observations})")
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}
