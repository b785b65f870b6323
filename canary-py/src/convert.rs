//! Array-likes, counts and words in; nothing else touches numpy.

use std::str::FromStr;

use canary_core::Counts;
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString, PyTuple};
#[cfg(feature = "stubs")]
use pyo3::{inspect::PyStaticExpr, type_hint_identifier, type_hint_subscript};

use crate::error::{invalid_input, to_python};

/// Anything numpy can make an array of: converted only when the argument's name is known.
pub(crate) struct ArrayLike<'py>(Bound<'py, PyAny>);

impl<'py> FromPyObject<'_, 'py> for ArrayLike<'py> {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: PyStaticExpr = type_hint_identifier!("numpy.typing", "ArrayLike");

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self(object.to_owned()))
    }
}

/// Real numbers on their way out, as a numpy array.
pub(crate) struct Array(pub(crate) Vec<f64>);

impl<'py> IntoPyObject<'py> for Array {
    type Target = PyArray1<f64>;
    type Output = Bound<'py, PyArray1<f64>>;
    type Error = std::convert::Infallible;

    #[cfg(feature = "stubs")]
    const OUTPUT_TYPE: PyStaticExpr = type_hint_subscript!(
        type_hint_identifier!("numpy.typing", "NDArray"),
        type_hint_identifier!("numpy", "float64")
    );

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(PyArray1::from_vec(py, self.0))
    }
}

/// Real numbers in one contiguous row.
pub(crate) struct Values<'py>(PyReadonlyArray1<'py, f64>);

impl Values<'_> {
    pub(crate) fn as_slice(&self) -> PyResult<&[f64]> {
        Ok(self.0.as_slice()?)
    }
}

impl<'py> ArrayLike<'py> {
    pub(crate) fn of(object: &Bound<'py, PyAny>) -> Self {
        Self(object.clone())
    }

    pub(crate) const fn object(&self) -> &Bound<'py, PyAny> {
        &self.0
    }

    /// The numbers: numpy's own memory where it is contiguous f64, a converted copy otherwise.
    pub(crate) fn values(&self, argument: &str) -> PyResult<Values<'py>> {
        // Exactly numpy's own class: a subclass (a masked array) may mean more than its numbers.
        if let Ok(array) = self.0.cast_exact::<PyArray1<f64>>()
            && array.is_contiguous()
        {
            return borrow(argument, array);
        }
        let array = asarray(argument, &self.0)?;
        let array = to_f64(argument, &self.0, &array)?;
        borrow(argument, array.cast::<PyArray1<f64>>()?)
    }
}

fn borrow<'py>(argument: &str, array: &Bound<'py, PyArray1<f64>>) -> PyResult<Values<'py>> {
    let readonly = array.try_readonly();
    readonly
        .map(Values)
        .map_err(|error| invalid_input(argument, "must be readable", error))
}

/// A function of numpy's, looked up once.
macro_rules! numpy_function {
    ($py:expr, $name:literal) => {{
        static FUNCTION: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let found = FUNCTION.get_or_try_init($py, || {
            $py.import("numpy")?.getattr($name).map(Bound::unbind)
        });
        found.map(|function| function.bind($py))
    }};
}

fn asarray<'py>(argument: &str, object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    // A masked value is a missing one; numpy's asarray would uncover it.
    if object.hasattr("mask")? && object.hasattr("filled")? {
        let floats = object.call_method1("astype", ("float64",))?;
        return floats.call_method1("filled", (f64::NAN,));
    }
    let is_arrow = || -> PyResult<bool> {
        Ok(object.hasattr("__arrow_c_array__")? || object.hasattr("__arrow_c_stream__")?)
    };
    if !object.hasattr("__array__")? && is_arrow()? {
        return from_arrow(argument, object);
    }
    let array = numpy_function!(py, "asarray")?.call1((object,));
    array.map_err(|error| invalid_input(argument, "must be a row of numbers", error.value(py)))
}

fn from_arrow<'py>(argument: &str, object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let pyarrow = object.py().import("pyarrow").map_err(|_| {
        let rule =
            "Arrow data without __array__ need pyarrow (pip install 'canary-analysis[parquet]')";
        invalid_input(argument, rule, type_name(object))
    })?;
    let chunked = pyarrow.call_method1("chunked_array", (object,));
    chunked
        .or_else(|_| pyarrow.call_method1("array", (object,)))?
        .call_method0("to_numpy")
}

/// Checks what numpy made of the object, and makes it contiguous f64.
fn to_f64<'py>(
    argument: &str,
    object: &Bound<'py, PyAny>,
    array: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = array.py();
    let dimensions: usize = array.getattr("ndim")?.extract()?;
    if dimensions == 0 {
        return Err(invalid_input(
            argument,
            "must be a row of numbers",
            type_name(object),
        ));
    }
    if dimensions > 1 {
        let shape = array.getattr("shape")?;
        return Err(invalid_input(
            argument,
            "must have one dimension",
            format!("shape {shape}"),
        ));
    }
    let dtype = array.getattr("dtype")?;
    let kind: char = dtype.getattr("kind")?.extract()?;
    let rule = "values must be real numbers";
    match kind {
        'f' => {}
        'i' | 'u' => refuse_large(argument, array)?,
        'O' => {
            let numbers = array.try_iter()?.map(|item| number(argument, &item?));
            return Ok(PyArray1::from_vec(py, numbers.collect::<PyResult<_>>()?).into_any());
        }
        _ => return Err(invalid_input(argument, rule, dtype.str()?)),
    }
    numpy_function!(py, "ascontiguousarray")?.call1((array, "float64"))
}

/// Whole numbers beyond 2^53 would lose digits without a word.
fn refuse_large(argument: &str, array: &Bound<'_, PyAny>) -> PyResult<()> {
    if array.len()? == 0 {
        return Ok(());
    }
    for extreme in ["min", "max"] {
        let value = array.call_method0(extreme)?;
        let size: i128 = value.extract()?;
        if size.unsigned_abs() > 1 << 53 {
            return Err(invalid_input(
                argument,
                "whole numbers must not exceed 2^53",
                value.str()?,
            ));
        }
    }
    Ok(())
}

/// One element of an array of objects: a number, or a missing one.
fn number(argument: &str, item: &Bound<'_, PyAny>) -> PyResult<f64> {
    if item.is_none() || type_name(item) == "NAType" {
        return Ok(f64::NAN);
    }
    let is_number = item.is_instance_of::<PyFloat>() || is_whole(item);
    if !is_number || item.is_instance_of::<PyBool>() {
        let got = format!("{} ({})", item.repr()?, type_name(item));
        return Err(invalid_input(argument, "values must be real numbers", got));
    }
    let value: f64 = item.extract()?;
    if is_whole(item) && value.abs() > (1_u64 << 53) as f64 {
        return Err(invalid_input(
            argument,
            "whole numbers must not exceed 2^53",
            item.str()?,
        ));
    }
    Ok(value)
}

/// Python's or numpy's whole numbers.
fn is_whole(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyInt>() || object.hasattr("__index__").unwrap_or(false)
}

/// A number of events or trials.
pub(crate) fn count(argument: &str, object: &Bound<'_, PyAny>) -> PyResult<u64> {
    let rule = "must be a whole number";
    if object.is_instance_of::<PyBool>() {
        return Err(invalid_input(argument, rule, object.str()?));
    }
    let whole: i128 = if is_whole(object) {
        let outside = |_| invalid_input(argument, "must be less than 2^64", object.to_string());
        object.extract().map_err(outside)?
    } else {
        match object.extract::<f64>() {
            Ok(float) if float.fract() == 0.0 && float.abs() < 2e19 => float as i128,
            _ => return Err(invalid_input(argument, rule, object.repr()?)),
        }
    };
    if whole < 0 {
        return Err(invalid_input(argument, "must not be negative", whole));
    }
    u64::try_from(whole).map_err(|_| invalid_input(argument, "must be less than 2^64", whole))
}

/// A single real number.
pub(crate) fn real(argument: &str, object: &Bound<'_, PyAny>) -> PyResult<f64> {
    let is_word = object.is_instance_of::<PyString>() || object.is_instance_of::<PyBool>();
    match object.extract::<f64>() {
        Ok(value) if !is_word => Ok(value),
        _ => Err(invalid_input(argument, "must be a number", object.repr()?)),
    }
}

/// `(events, trials)`, or `Counts`.
pub(crate) fn counts(argument: &str, object: &Bound<'_, PyAny>) -> PyResult<Counts> {
    if let Ok(counts) = object.cast::<crate::data::Counts>() {
        return Ok(counts.get().inner);
    }
    let pair = object
        .try_iter()
        .and_then(|items| PyTuple::new(object.py(), items.collect::<PyResult<Vec<_>>>()?));
    let Ok((events, trials)) =
        pair.and_then(|pair| pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>())
    else {
        return Err(invalid_input(
            argument,
            "must be (events, trials)",
            object.repr()?,
        ));
    };
    let events = count(&format!("{argument}.events"), &events)?;
    let trials = count(&format!("{argument}.trials"), &trials)?;
    Counts::new(events, trials)
        .map_err(|error| to_python(error.in_argument(&format!("{argument}.events"))))
}

/// One of an option's words.
pub(crate) fn word<T: FromStr<Err = canary_core::Error>>(text: &str) -> PyResult<T> {
    text.parse().map_err(to_python)
}

/// The name of an object's type.
pub(crate) fn type_name(object: &Bound<'_, PyAny>) -> String {
    object
        .get_type()
        .name()
        .map_or_else(|_| "an object".to_owned(), |name| name.to_string())
}
