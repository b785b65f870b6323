//! E-values of several hypotheses put together.

use canary_core::sequential;
use pyo3::prelude::*;

use crate::convert::{Array, ArrayLike};
use crate::error::to_python;
use crate::wrap::shell;

shell! {
    /// Which hypotheses are rejected.
    Discoveries(sequential::Discoveries) {
        /// Whether each hypothesis is rejected, in the order of the e-values.
        #[getter]
        fn rejected(&self) -> Vec<bool> {
            self.inner.rejected.clone()
        }

        /// For each, the smallest alpha at which it is.
        #[getter]
        fn adjusted(&self) -> Array {
            Array(self.inner.adjusted.clone())
        }

        /// How many are rejected.
        #[getter]
        fn count(&self) -> usize {
            self.inner.count()
        }

        fn __repr__(&self) -> String {
            format!("Discoveries(count={}, of={})", self.inner.count(), self.inner.rejected.len())
        }
    }
}

#[doc = include_str!("../../../canary-core/src/sequential/combine.md")]
///
/// This is the average; without weights, all have the same.
///
/// # Errors
/// `NotEnoughData` without e-values; `InvalidInput` for a negative e-value or weight.
///
/// # Example
/// >>> canary.combine_e_values([60, 0.5, 2.5])
/// 21.0
#[pyfunction]
#[pyo3(signature = (e_values, weights = None))]
pub(crate) fn combine_e_values(
    e_values: ArrayLike<'_>,
    weights: Option<ArrayLike<'_>>,
) -> PyResult<f64> {
    let e_values = e_values.values("e_values")?;
    let weights = weights
        .map(|weights| weights.values("weights"))
        .transpose()?;
    let weights = weights
        .as_ref()
        .map(|weights| weights.as_slice())
        .transpose()?;
    sequential::combine_e_values(e_values.as_slice()?, weights).map_err(to_python)
}

#[doc = include_str!("../../../canary-core/src/sequential/combine.md")]
///
/// This is e-BH.
///
/// # Errors
/// `InvalidInput` for a negative e-value; `InvalidOption` for an alpha outside (0, 1).
///
/// # Example
/// >>> canary.e_benjamini_hochberg([50, 0.3, 35, 2], 0.1).rejected
/// [True, False, True, False]
#[pyfunction]
#[pyo3(signature = (e_values, alpha = 0.05))]
pub(crate) fn e_benjamini_hochberg(e_values: ArrayLike<'_>, alpha: f64) -> PyResult<Discoveries> {
    let e_values = e_values.values("e_values")?;
    let found = sequential::e_benjamini_hochberg(e_values.as_slice()?, alpha);
    found.map(Discoveries::from).map_err(to_python)
}

#[doc = include_str!("../../../canary-core/src/sequential/combine.md")]
///
/// This is the p-value of an e-value.
///
/// # Errors
/// `InvalidInput` for a negative e-value.
///
/// # Example
/// >>> canary.e_to_p(40)
/// 0.025
#[pyfunction]
pub(crate) fn e_to_p(e_value: f64) -> PyResult<f64> {
    sequential::e_to_p(e_value).map_err(to_python)
}

#[doc = include_str!("../../../canary-core/src/sequential/combine.md")]
///
/// This is the e-value of a p-value, by the calibrator with this κ or, without one, by the mean over
/// all.
///
/// # Errors
/// `InvalidInput` for a p-value outside [0, 1]; `InvalidOption` for a κ outside (0, 1).
///
/// # Example
/// >>> canary.p_to_e(0.01, kappa=0.5)
/// 5.0
#[pyfunction]
#[pyo3(signature = (p_value, *, kappa = None))]
pub(crate) fn p_to_e(p_value: f64, kappa: Option<f64>) -> PyResult<f64> {
    sequential::p_to_e(p_value, kappa).map_err(to_python)
}
