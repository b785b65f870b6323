//! The shell that every class has: equality, JSON, pickling.

use std::sync::{Mutex, MutexGuard, PoisonError};

use canary_core::sequential::Monitor;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::InvalidInput;

pub(crate) fn to_json<T: Serialize>(inner: &T) -> PyResult<String> {
    serde_json::to_string(inner).map_err(|error| InvalidInput::new_err(error.to_string()))
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|error| InvalidInput::new_err(format!("json: {error}")))
}

/// The JSON form as Python's own lists, dicts and numbers.
pub(crate) fn to_python<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (json,))
}

/// Declares a class around a type of the crate, read from JSON by serde or by a function of its own.
macro_rules! shell {
    ($(#[$meta:meta])* $name:ident($core:ty) { $($items:tt)* }) => {
        $crate::wrap::shell! {
            $(#[$meta])* $name($core, $crate::wrap::from_json) { $($items)* }
        }
    };
    ($(#[$meta:meta])* $name:ident($core:ty, $read:path) { $($items:tt)* }) => {
        $(#[$meta])*
        #[pyclass(frozen, eq, module = "canary")]
        #[derive(Clone, PartialEq)]
        pub(crate) struct $name {
            pub(crate) inner: $core,
        }

        impl From<$core> for $name {
            fn from(inner: $core) -> Self {
                Self { inner }
            }
        }

        #[pymethods]
        impl $name {
            $($items)*

            /// The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
            fn to_json(&self) -> PyResult<String> {
                $crate::wrap::to_json(&self.inner)
            }

            /// Reads what `to_json` wrote.
            #[staticmethod]
            fn from_json(text: &str) -> PyResult<Self> {
                Ok(Self { inner: $read(text)? })
            }

            /// The JSON form as Python's own dicts, lists and numbers.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                $crate::wrap::to_python(py, &self.to_json()?)
            }

            fn __reduce__<'py>(
                &self,
                py: Python<'py>,
            ) -> PyResult<(Bound<'py, PyAny>, (String,))> {
                let from_json = py.get_type::<Self>().getattr("from_json")?;
                Ok((from_json, (self.to_json()?,)))
            }

            fn __copy__(&self) -> Self {
                self.clone()
            }

            fn __deepcopy__(&self, _memo: &Bound<'_, PyAny>) -> Self {
                self.clone()
            }
        }
    };
}
pub(crate) use shell;

/// A monitor that several threads may update: they take turns.
pub(crate) struct Shared<T>(Mutex<T>);

impl<T> From<T> for Shared<T> {
    fn from(monitor: T) -> Self {
        Self(Mutex::new(monitor))
    }
}

impl<T: Clone + Send> Shared<T> {
    /// The monitor as it is now.
    pub(crate) fn get(&self, py: Python<'_>) -> T {
        self.read(py, T::clone)
    }

    /// What is asked of the monitor as it is now.
    pub(crate) fn read<U>(&self, py: Python<'_>, ask: impl FnOnce(&T) -> U) -> U {
        let lock = self.0.lock_py_attached(py);
        ask(&lock.unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the monitor. Other Python threads may run meanwhile: one that waited for the monitor
    /// and kept the interpreter would wait for ever.
    pub(crate) fn change<U: Send>(
        &self,
        py: Python<'_>,
        change: impl FnOnce(&mut T) -> canary_core::Result<U> + Send,
    ) -> PyResult<U> {
        let changed = py.detach(|| {
            let mut lock: MutexGuard<'_, T> = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut lock)
        });
        changed.map_err(crate::error::to_python)
    }

    /// Goes on with what a later monitor has seen.
    pub(crate) fn merge(&self, py: Python<'_>, later: &Self) -> PyResult<()>
    where
        T: Monitor,
    {
        let later = later.get(py);
        self.change(py, move |own| own.merge(&later))
    }
}

/// Declares a class around what several threads may update: what each can do besides being made and
/// taking data.
macro_rules! shared {
    ($(#[$meta:meta])* $name:ident($core:ty) { $($items:tt)* }) => {
        $(#[$meta])*
        #[pyclass(frozen, module = "canary")]
        pub(crate) struct $name {
            inner: $crate::wrap::Shared<$core>,
        }

        impl From<$core> for $name {
            fn from(monitor: $core) -> Self {
                Self { inner: monitor.into() }
            }
        }

        #[pymethods]
        impl $name {
            $($items)*

            /// The monitor as JSON, to the last bit: for a restart.
            fn to_json(&self, py: Python<'_>) -> PyResult<String> {
                self.inner.read(py, $crate::wrap::to_json)
            }

            /// Reads what `to_json` wrote.
            #[staticmethod]
            fn from_json(text: &str) -> PyResult<Self> {
                Ok(Self::from($crate::wrap::from_json::<$core>(text)?))
            }

            /// The JSON form as Python's own dicts, lists and numbers.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                $crate::wrap::to_python(py, &self.to_json(py)?)
            }

            fn __reduce__<'py>(
                &self,
                py: Python<'py>,
            ) -> PyResult<(Bound<'py, PyAny>, (String,))> {
                let from_json = py.get_type::<Self>().getattr("from_json")?;
                Ok((from_json, (self.to_json(py)?,)))
            }

            fn __copy__(&self, py: Python<'_>) -> Self {
                Self::from(self.inner.get(py))
            }

            fn __deepcopy__(&self, py: Python<'_>, _memo: &Bound<'_, PyAny>) -> Self {
                Self::from(self.inner.get(py))
            }

            fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> bool {
                match other.cast::<Self>() {
                    Ok(other) => {
                        // One after the other: it may be the same one.
                        let other = other.get().inner.get(py);
                        self.inner.read(py, |own| *own == other)
                    }
                    Err(_) => false,
                }
            }
        }
    };
}
pub(crate) use shared;

/// Declares a class around a monitor: what every monitor can do besides being made and taking data.
macro_rules! monitor {
    ($(#[$meta:meta])* $name:ident($core:ty) { $($items:tt)* }) => {
        $crate::wrap::shared! {
            $(#[$meta])*
            $name($core) {
                $($items)*

                /// What is known now: a `State`.
                #[getter]
                fn state(&self, py: Python<'_>) -> $crate::sequential::State {
                    self.inner.read(py, canary_core::sequential::Monitor::state).into()
                }

                /// `"continue"`, `"accept_null"` or `"accept_alternative"`.
                #[getter]
                fn decision(&self, py: Python<'_>) -> &'static str {
                    self.inner.read(py, canary_core::sequential::Monitor::decision).as_str()
                }

                /// Goes on with what a later monitor of the same design has seen, as if it had been
                /// seen here; the looks that the later one took are lost.
                fn merge(&self, py: Python<'_>, later: &Bound<'_, Self>) -> PyResult<()> {
                    self.inner.merge(py, &later.get().inner)
                }

                fn __repr__(&self, py: Python<'_>) -> String {
                    let canary_core::sequential::State { decision, p_value, observations, .. } =
                        self.state(py).inner;
                    format!(
                        concat!(
                            stringify!($name), "(decision='{}', p_value={:?}, observations={})"
                        ),
                        decision, p_value, observations
                    )
                }

                fn __str__(&self, py: Python<'_>) -> String {
                    self.state(py).inner.to_string()
                }
            }
        }
    };
}
pub(crate) use monitor;
