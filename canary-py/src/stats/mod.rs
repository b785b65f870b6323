//! The tests, a file for each kind of data, and their one result.

pub(crate) mod bayes;
pub(crate) mod equivalence;
pub(crate) mod location;
pub(crate) mod many;
pub(crate) mod power;
pub(crate) mod proportions;
pub(crate) mod result;
pub(crate) mod shape;
pub(crate) mod strata;
pub(crate) mod trend;

use canary_core::{self as core, Arms};
use pyo3::prelude::*;

use crate::convert::ArrayLike;
use crate::error::to_python;
use result::TestResult;

/// From this many values on, other Python threads may run meanwhile.
const DETACH_FROM: usize = 8192;

/// A test with its options set from Python's words and values.
macro_rules! options {
    ($test:ident; $($word:ident),*; $($value:ident),*) => {
        core::stats::$test::new()
            $(.$word($crate::convert::word($word)?))*
            $(.$value($value))*
    };
}
use options;

/// Computes on two rows of numbers, without the interpreter's lock where that takes a while.
fn on_values<T: Send>(
    py: Python<'_>,
    baseline: &ArrayLike<'_>,
    canary: &ArrayLike<'_>,
    compute: impl Fn(&Arms<&[f64]>) -> core::Result<T> + Send + Sync,
) -> PyResult<T> {
    let (baseline, canary) = (baseline.values("baseline")?, canary.values("canary")?);
    let arms = Arms::new(baseline.as_slice()?, canary.as_slice()?);
    let size = arms.baseline.len() + arms.canary.len();
    detached(py, size, || compute(&arms))
}

/// Computes something that reads `size` numbers.
fn detached<T: Send>(
    py: Python<'_>,
    size: usize,
    compute: impl Fn() -> core::Result<T> + Send + Sync,
) -> PyResult<T> {
    let result = if size < DETACH_FROM {
        compute()
    } else {
        py.detach(compute)
    };
    result.map_err(to_python)
}

fn test_on_values(
    py: Python<'_>,
    baseline: &ArrayLike<'_>,
    canary: &ArrayLike<'_>,
    test: impl Fn(&Arms<&[f64]>) -> core::Result<core::TestResult> + Send + Sync,
) -> PyResult<TestResult> {
    Ok(on_values(py, baseline, canary, test)?.into())
}
