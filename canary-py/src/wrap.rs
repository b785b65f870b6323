//! The shell that every class has: equality, JSON, pickling.

use pyo3::prelude::*;
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
