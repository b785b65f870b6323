//! The extension module `canary._core`: a thin shell around `canary-core`.

#![expect(
    clippy::needless_pass_by_value,
    reason = "what Python hands over is taken by value; the crate's errors end here"
)]

mod convert;
mod data;
mod error;
mod judge;
mod stats;
mod wrap;

use pyo3::prelude::pymodule;

/// The compiled part of the package; import `canary` instead.
#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::data::{Counts, Exposure, Gauge, Histogram, Sample, Series, Summary};
    #[pymodule_export]
    use super::error::{CanaryError, InvalidInput, InvalidOption, InvalidPolicy, NotEnoughData};
    #[pymodule_export]
    use super::judge::{Change, Finding, Policy, Verdict, judge};
    #[pymodule_export]
    use super::stats::{
        ArmLevel, Estimate, Interval, TestResult, mann_whitney, t_test, two_proportion_z,
    };

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    /// Whether it was built without optimisation, and is slow.
    #[pymodule_export]
    const DEBUG_BUILD: bool = cfg!(debug_assertions);
}
