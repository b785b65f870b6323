//! From the crate's error to a small tree of Python exceptions, in one match.

use canary_core::Error;
use pyo3::exceptions::PyValueError;
use pyo3::{PyErr, create_exception};

create_exception!(
    canary,
    CanaryError,
    PyValueError,
    "Something could not be computed. The message names the argument, the rule and the value."
);
create_exception!(
    canary,
    InvalidInput,
    CanaryError,
    "Data break a rule: NaN, more events than trials, a string where numbers belong, ..."
);
create_exception!(
    canary,
    InvalidOption,
    CanaryError,
    "An option lies outside its range or does not go with another."
);
create_exception!(
    canary,
    InvalidPolicy,
    CanaryError,
    "A policy cannot be read, or asks for what cannot be."
);
create_exception!(
    canary,
    NotEnoughData,
    CanaryError,
    "There are fewer observations than the computation needs."
);

pub(crate) fn to_python(error: Error) -> PyErr {
    let message = error.to_string();
    match error {
        Error::InvalidInput { .. } => InvalidInput::new_err(message),
        Error::InvalidOption { .. } => InvalidOption::new_err(message),
        Error::InvalidPolicy { .. } => InvalidPolicy::new_err(message),
        Error::NotEnoughData { .. } => NotEnoughData::new_err(message),
        _ => CanaryError::new_err(message),
    }
}

/// An error about data that are not even of the right type.
pub(crate) fn invalid_input(argument: &str, rule: &str, got: impl std::fmt::Display) -> PyErr {
    InvalidInput::new_err(format!("{argument}: {rule}, got {got}"))
}

/// An error about an option that only Python has.
pub(crate) fn invalid_option(argument: &str, rule: &str, got: impl std::fmt::Display) -> PyErr {
    InvalidOption::new_err(format!("{argument}: {rule}, got {got}"))
}
