//! Array-likes, counts and words in; nothing else touches numpy.

use std::str::FromStr;

use canary_core::anomaly::{Amount, Matrix};
use canary_core::{Arms, Counts, Exposure, Margin};
use numpy::{
    PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyException, PyMemoryError, PyOverflowError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyByteArray, PyDict, PyFloat, PyInt, PyList, PyString};
#[cfg(feature = "stubs")]
use pyo3::{inspect::PyStaticExpr, type_hint_identifier, type_hint_subscript, type_hint_union};

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

/// A margin: `"10%"`, `"2x"`, or a number for a difference.
pub(crate) struct MarginLike(pub(crate) Margin);

impl<'py> FromPyObject<'_, 'py> for MarginLike {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: PyStaticExpr =
        type_hint_union!(type_hint_identifier!("builtins", "str"), f64::INPUT_TYPE);

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let margin = match object.cast::<PyString>() {
            Ok(text) => text.to_string_lossy().parse(),
            Err(_) => Margin::Difference(real("margin", &object)?).check(),
        };
        margin.map(Self).map_err(to_python)
    }
}

/// `"auto"`, a whole number of them, or a fraction of all.
pub(crate) struct AmountLike<'py>(pub(crate) Bound<'py, PyAny>);

impl<'py> FromPyObject<'_, 'py> for AmountLike<'py> {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: PyStaticExpr =
        type_hint_union!(type_hint_identifier!("builtins", "str"), f64::INPUT_TYPE);

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self(object.to_owned()))
    }
}

impl AmountLike<'_> {
    pub(crate) fn read(&self, argument: &str) -> PyResult<Amount> {
        if let Ok(text) = self.0.cast::<PyString>() {
            return if text == "auto" {
                Ok(Amount::Auto)
            } else {
                let rule = "must be \"auto\", a whole number, or a fraction in (0, 1]";
                Err(crate::error::invalid_option(argument, rule, show(text)))
            };
        }
        if self.0.hasattr("__index__")? {
            let count = count(argument, &self.0)?;
            return Ok(Amount::Count(usize::try_from(count).unwrap_or(usize::MAX)));
        }
        real(argument, &self.0).map(Amount::Fraction)
    }
}

/// Numbers of one kind on their way out, as a numpy array.
macro_rules! array_out {
    ($(#[$meta:meta])* $name:ident($number:ty, $dtype:literal)) => {
        $(#[$meta])*
        pub(crate) struct $name(pub(crate) Vec<$number>);

        impl<'py> IntoPyObject<'py> for $name {
            type Target = PyArray1<$number>;
            type Output = Bound<'py, PyArray1<$number>>;
            type Error = std::convert::Infallible;

            #[cfg(feature = "stubs")]
            const OUTPUT_TYPE: PyStaticExpr = type_hint_subscript!(
                type_hint_identifier!("numpy.typing", "NDArray"),
                type_hint_identifier!("numpy", $dtype)
            );

            fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
                Ok(PyArray1::from_vec(py, self.0))
            }
        }
    };
}

array_out! {
    /// Real numbers on their way out.
    Array(f64, "float64")
}
array_out! {
    /// Whole numbers on their way out.
    Labels(i64, "int64")
}

/// Real numbers on their way out, a row for each point.
pub(crate) struct Grid {
    pub(crate) values: Vec<f64>,
    pub(crate) columns: usize,
}

impl<'py> IntoPyObject<'py> for Grid {
    type Target = PyArray2<f64>;
    type Output = Bound<'py, PyArray2<f64>>;
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const OUTPUT_TYPE: PyStaticExpr = type_hint_subscript!(
        type_hint_identifier!("numpy.typing", "NDArray"),
        type_hint_identifier!("numpy", "float64")
    );

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        let rows = self.values.len() / self.columns.max(1);
        PyArray1::from_vec(py, self.values).reshape([rows, self.columns])
    }
}

/// Real numbers in one contiguous row: numpy's memory, or a sample's.
pub(crate) enum Values<'py> {
    Array(PyReadonlyArray1<'py, f64>),
    List(Vec<f64>),
    Sample(Bound<'py, crate::data::Sample>),
}

impl Values<'_> {
    pub(crate) fn as_slice(&self) -> PyResult<&[f64]> {
        Ok(match self {
            Self::Array(array) => array.as_slice()?,
            Self::List(values) => values,
            Self::Sample(sample) => sample.get().inner.values(),
        })
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
            && let Ok(array) = array.try_readonly()
            && array.as_slice().is_ok()
        {
            return Ok(Values::Array(array));
        }
        if let Ok(sample) = self.0.cast::<crate::data::Sample>() {
            return Ok(Values::Sample(sample.clone()));
        }
        if let Some(values) = floats_and_ints(&self.0) {
            return Ok(Values::List(values));
        }
        let source = opened(argument, &self.0)?;
        let array = asarray(argument, &source)?;
        let array = to_f64(argument, &source, &array)?;
        let readonly = array.cast::<PyArray1<f64>>()?.try_readonly();
        readonly
            .map(Values::Array)
            .map_err(|error| invalid_input(argument, "must be readable", error))
    }
}

/// Something of a module's, looked up once.
macro_rules! imported {
    ($py:expr, $module:literal, $name:literal) => {{
        static FOUND: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        FOUND.import($py, $module, $name)
    }};
}

/// Many rows of numbers: numpy's own memory where they are a contiguous 2-D array of f64, copied one
/// after the other otherwise. (A borrow of each row of one array would be checked against all before.)
pub(crate) enum Rows<'py> {
    Matrix(PyReadonlyArray2<'py, f64>),
    Copied { values: Vec<f64>, ends: Vec<usize> },
}

impl<'py> Rows<'py> {
    pub(crate) fn of(argument: &str, object: &ArrayLike<'py>) -> PyResult<Self> {
        let object = object.object();
        if let Ok(array) = object.cast_exact::<PyArray2<f64>>()
            && array.is_c_contiguous() // row by row, not column by column
            && let Ok(array) = array.try_readonly()
            && array.as_slice().is_ok()
        {
            return Ok(Self::Matrix(array));
        }
        let rows = object.try_iter().map_err(|_| {
            let rule = "must be a 2-D array or a sequence of rows of numbers";
            invalid_input(argument, rule, type_name(object))
        })?;
        let (mut values, mut ends) = (Vec::new(), Vec::new());
        for (index, row) in rows.enumerate() {
            let row = ArrayLike(row?).values(&format!("{argument}[{index}]"))?;
            values.extend_from_slice(row.as_slice()?);
            ends.push(values.len());
        }
        Ok(Self::Copied { values, ends })
    }

    pub(crate) fn as_slices(&self) -> PyResult<Vec<&[f64]>> {
        Ok(match self {
            Self::Matrix(array) => {
                let values = array.as_slice()?;
                match *array.shape() {
                    [count, 0] => vec![&[]; count],
                    [_, width] => values.chunks_exact(width).collect(),
                    _ => Vec::new(),
                }
            }
            Self::Copied { values, ends } => {
                let starts = std::iter::once(&0).chain(ends);
                let rows = starts.zip(ends);
                rows.map(|(&start, &end)| values.get(start..end).unwrap_or_default())
                    .collect()
            }
        })
    }
}

/// A table of real numbers, a row for each point: numpy's own memory where it is f64 without gaps, by
/// rows or by columns (as a data frame lies), a converted copy otherwise.
pub(crate) struct Table<'py>(PyReadonlyArray2<'py, f64>);

impl<'py> Table<'py> {
    pub(crate) fn of(argument: &str, object: &ArrayLike<'py>) -> PyResult<Self> {
        let object = object.object();
        if let Ok(array) = object.cast_exact::<PyArray2<f64>>()
            && let Ok(array) = array.try_readonly()
            && array.as_slice().is_ok()
        {
            return Ok(Self(array));
        }
        let array = asarray(argument, &opened(argument, object)?)?;
        let shape = array.getattr("shape")?;
        if shape.len()? != 2 {
            let rule = "must have two dimensions, a row for each point";
            let got = format!("shape {}", show(&shape));
            return Err(invalid_input(argument, rule, got));
        }
        let flat = array.call_method1("reshape", (-1,))?;
        let mut row = to_f64(argument, &flat, &flat)?;
        // What was not an array may have been whole numbers beside a null or a fraction.
        let is_array = object.is_instance_of::<PyUntypedArray>();
        if !is_array && may_be_rounded(&row)? {
            let numpy = object.py().import("numpy")?;
            let objects = numpy.call_method1("asarray", (object, "object"))?;
            row = one_by_one(argument, &objects.call_method1("reshape", (-1,))?)?;
        }
        let array = row.call_method1("reshape", (shape,))?;
        let readonly = array.cast::<PyArray2<f64>>()?.try_readonly();
        let unreadable = |error| invalid_input(argument, "must be readable", error);
        readonly.map(Self).map_err(unreadable)
    }

    pub(crate) fn matrix(&self, argument: &str) -> PyResult<Matrix<'_>> {
        let columns = self.0.shape().get(1).copied().unwrap_or_default();
        let values = self.0.as_slice()?;
        let matrix = if self.0.is_c_contiguous() {
            Matrix::by_rows(values, columns)
        } else {
            Matrix::by_columns(values, columns)
        };
        matrix.map_err(|error| to_python(error.in_argument(&format!("{argument}.columns"))))
    }
}

/// Names in a row: a list, numpy's array, the columns of a data frame.
pub(crate) struct Names(pub(crate) Vec<String>);

impl<'py> FromPyObject<'_, 'py> for Names {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: PyStaticExpr = type_hint_subscript!(
        type_hint_identifier!("collections.abc", "Iterable"),
        type_hint_identifier!("builtins", "str")
    );

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let refused = |object: &Bound<'py, PyAny>| {
            invalid_input("feature_names", "must be texts in a row", show(object))
        };
        // A text is a row of texts, too.
        let names = match object.cast::<PyString>() {
            Ok(_) => return Err(refused(&object)),
            Err(_) => object.try_iter().map_err(|_| refused(&object))?,
        };
        let name = |name: PyResult<Bound<'py, PyAny>>| {
            let name = name?;
            name.extract::<String>().map_err(|_| refused(&name))
        };
        names.map(name).collect::<PyResult<_>>().map(Self)
    }
}

/// Truth values in a row.
pub(crate) fn truth_values(argument: &str, object: &ArrayLike<'_>) -> PyResult<Vec<bool>> {
    let rule = "must be truth values in a row (of labels: labels == -1)";
    let array = asarray(argument, &opened(argument, object.object())?)?;
    let dtype = array.getattr("dtype")?;
    let kind: char = dtype.getattr("kind")?.extract()?;
    let shape = array.getattr("shape")?;
    if shape.len()? != 1 {
        return Err(invalid_input(
            argument,
            rule,
            format!("shape {}", show(&shape)),
        ));
    }
    let is_empty = array.len()? == 0; // of any kind: numpy takes none for floats
    if !matches!(kind, 'b' | 'O') && !is_empty {
        return Err(invalid_input(argument, rule, show(&dtype)));
    }
    let truth_value = |item: PyResult<Bound<'_, PyAny>>| {
        let item = item?;
        if !is_truth_value(&item) {
            return Err(invalid_input(argument, rule, show(&item)));
        }
        item.is_truthy()
    };
    array
        .call_method0("tolist")?
        .try_iter()?
        .map(truth_value)
        .collect()
}

/// Whether a number may have lost digits on its way to f64.
fn may_be_rounded(row: &Bound<'_, PyAny>) -> PyResult<bool> {
    let row = row.cast::<PyArray1<f64>>()?.try_readonly()?;
    let is_large = |x: &f64| x.is_finite() && x.abs() >= LARGEST_WHOLE as f64;
    Ok(row.as_slice()?.iter().any(is_large))
}

/// A whole number that is an option: what does not fit is an error that names it.
pub(crate) fn whole<T: TryFrom<i128>>(argument: &str, number: i128) -> PyResult<T> {
    let rule = "must be a whole number from 0 to 2^64 - 1";
    T::try_from(number).map_err(|_| crate::error::invalid_option(argument, rule, number))
}

/// Whole numbers of at least 0.
pub(crate) fn whole_numbers(argument: &str, object: &ArrayLike<'_>) -> PyResult<Vec<u64>> {
    let values = object.values(argument)?;
    let whole = |(index, &x): (usize, &f64)| {
        if x >= 0.0 && x.fract() == 0.0 {
            Ok(x as u64)
        } else {
            let rule = "must hold whole numbers of at least 0";
            Err(invalid_input(
                argument,
                rule,
                format!("{x} at index {index}"),
            ))
        }
    };
    values.as_slice()?.iter().enumerate().map(whole).collect()
}

/// For each label (numbers, texts), the number of its group.
pub(crate) fn groups(argument: &str, labels: &Bound<'_, PyAny>) -> PyResult<Vec<u64>> {
    let py = labels.py();
    let unique = imported!(py, "numpy", "unique")?;
    let kwargs = PyDict::new(py);
    kwargs.set_item("return_inverse", true)?;
    let found = unique.call((labels,), Some(&kwargs));
    let found = found.map_err(|error| refused(argument, labels, error))?;
    let inverse = found.get_item(1)?.call_method0("ravel")?;
    whole_numbers(argument, &ArrayLike(inverse))
}

/// A list of nothing but Python's own floats and whole numbers that are floats, too.
fn floats_and_ints(object: &Bound<'_, PyAny>) -> Option<Vec<f64>> {
    let list = object.cast_exact::<PyList>().ok()?;
    let item = |item: Bound<'_, PyAny>| {
        if let Ok(float) = item.cast_exact::<PyFloat>() {
            return Some(float.value());
        }
        let whole: i64 = item.cast_exact::<PyInt>().ok()?.extract().ok()?;
        (whole.unsigned_abs() <= LARGEST_WHOLE).then_some(whole as f64)
    };
    list.iter().map(item).collect()
}

/// The object, or pyarrow's view of what nobody but Arrow can read.
fn opened<'py>(argument: &str, object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let is_arrow = || -> PyResult<bool> {
        Ok(object.hasattr("__arrow_c_array__")? || object.hasattr("__arrow_c_stream__")?)
    };
    if object.hasattr("__array__")? || !is_arrow()? {
        return Ok(object.clone());
    }
    let pyarrow = object.py().import("pyarrow").map_err(|_| {
        let rule =
            "Arrow data without __array__ need pyarrow (pip install 'canary-analysis[parquet]')";
        invalid_input(argument, rule, type_name(object))
    })?;
    pyarrow
        .call_method1("chunked_array", (object,))
        .or_else(|_| pyarrow.call_method1("array", (object,)))
        .map_err(|error| refused(argument, object, error))
}

fn asarray<'py>(argument: &str, object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // Numpy would take each byte for a number.
    if object.is_instance_of::<PyByteArray>() {
        let rule = "must be a row of numbers";
        return Err(invalid_input(argument, rule, type_name(object)));
    }
    if object.is_instance_of::<PyUntypedArray>() && object.hasattr("compressed")? {
        return unmasked(argument, object);
    }
    let array = imported!(object.py(), "numpy", "asarray")?.call1((object,));
    array.map_err(|error| refused(argument, object, error))
}

/// A masked value is a missing one; numpy's asarray would uncover it. What is not masked must be
/// numbers; what is may be anything.
fn unmasked<'py>(argument: &str, masked: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let shown = masked.call_method0("compressed")?;
    to_f64(argument, &shown, &shown)?;
    let floats = masked.call_method1("astype", ("float64",))?;
    floats.call_method1("filled", (f64::NAN,))
}

/// The reason that numpy or pyarrow gives for not reading an object, unless it is about more than
/// the object (Ctrl-C, memory).
fn refused(argument: &str, object: &Bound<'_, PyAny>, error: PyErr) -> PyErr {
    let py = object.py();
    if !error.is_instance_of::<PyException>(py) || error.is_instance_of::<PyMemoryError>(py) {
        return error;
    }
    let got = format!("{} ({})", type_name(object), show(error.value(py)));
    invalid_input(argument, "must be a row of numbers", got)
}

/// Checks what numpy made of the object, and makes it contiguous f64.
fn to_f64<'py>(
    argument: &str,
    object: &Bound<'py, PyAny>,
    array: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = array.py();
    let shape = array.getattr("shape")?;
    match shape.len()? {
        0 => {
            let rule = "must be a row of numbers";
            return Err(invalid_input(argument, rule, type_name(object)));
        }
        1 => {}
        _ => {
            let got = format!("shape {}", show(&shape));
            return Err(invalid_input(argument, "must have one dimension", got));
        }
    }
    let dtype = array.getattr("dtype")?;
    let kind: char = dtype.getattr("kind")?.extract()?;
    match kind {
        'f' => {}
        'i' | 'u' => refuse_large(argument, array)?,
        'O' => return one_by_one(argument, array),
        _ => return Err(invalid_input(argument, NUMBERS, show(&dtype))),
    }
    let floats = imported!(py, "numpy", "ascontiguousarray")?.call1((array, "float64"))?;
    let Ok(readonly) = floats.cast::<PyArray1<f64>>()?.try_readonly() else {
        return Ok(floats); // the caller says that it cannot be read
    };
    let Ok(values) = readonly.as_slice() else {
        return floats.call_method0("copy"); // it was not aligned
    };
    // What was not an array may have been whole numbers beside a null or a fraction.
    if kind == 'f'
        && !object.is_instance_of::<PyUntypedArray>()
        && values
            .iter()
            .any(|value| value.abs() >= LARGEST_WHOLE as f64)
    {
        return one_by_one(argument, object);
    }
    Ok(floats)
}

const NUMBERS: &str = "values must be real numbers";
const NOT_TOO_LARGE: &str = "whole numbers must not exceed 2^53";
/// Beyond it, whole numbers lose digits without a word.
const LARGEST_WHOLE: u64 = 1 << 53;

fn refuse_large(argument: &str, array: &Bound<'_, PyAny>) -> PyResult<()> {
    if array.len()? == 0 {
        return Ok(());
    }
    for extreme in ["min", "max"] {
        let value = array.call_method0(extreme)?;
        real_number(&value).map_err(|rule| invalid_input(argument, rule, show(&value)))?;
    }
    Ok(())
}

fn one_by_one<'py>(argument: &str, items: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let numbers = items.try_iter()?.map(|item| number(argument, &item?));
    let numbers = numbers.collect::<PyResult<_>>()?;
    Ok(PyArray1::<f64>::from_vec(items.py(), numbers).into_any())
}

/// One element of an array of objects: a number, or a missing one.
fn number(argument: &str, item: &Bound<'_, PyAny>) -> PyResult<f64> {
    if let Ok(float) = item.cast_exact::<PyFloat>() {
        return Ok(float.value());
    }
    if type_name(item) == "NAType" || item.is_none() {
        return Ok(f64::NAN);
    }
    if let Some(scalar) = item.getattr_opt("as_py")? {
        return number(argument, &scalar.call0()?); // pyarrow's
    }
    real_number(item).map_err(|rule| {
        let got = match rule {
            NUMBERS => format!("{} ({})", show(item), type_name(item)),
            _ => show(item),
        };
        invalid_input(argument, rule, got)
    })
}

/// A number of Python's, numpy's or the decimal module's, but no truth value; else the rule that
/// it breaks.
fn real_number(object: &Bound<'_, PyAny>) -> Result<f64, &'static str> {
    if let Ok(float) = object.cast::<PyFloat>() {
        return Ok(float.value());
    }
    let py = object.py();
    let is_instance = |class: PyResult<&Bound<'_, PyAny>>| {
        class
            .and_then(|class| object.is_instance(class))
            .unwrap_or(false)
    };
    if is_truth_value(object)
        || !(is_instance(imported!(py, "numbers", "Real"))
            || is_instance(imported!(py, "decimal", "Decimal")))
    {
        return Err(NUMBERS);
    }
    if is_whole(object) {
        // Compared before it is rounded: 2^53 + 1 would be 2^53 after.
        return match object.extract::<i64>() {
            Ok(whole) if whole.unsigned_abs() <= LARGEST_WHOLE => Ok(whole as f64),
            _ => Err(NOT_TOO_LARGE),
        };
    }
    object.extract().map_err(|_| NUMBERS)
}

/// Python's or numpy's.
fn is_truth_value(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyBool>() || matches!(type_name(object).as_str(), "bool" | "bool_")
}

/// Python's or numpy's whole numbers.
fn is_whole(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyInt>() || object.hasattr("__index__").unwrap_or(false)
}

/// A number of events or trials.
pub(crate) fn count(argument: &str, object: &Bound<'_, PyAny>) -> PyResult<u64> {
    let rule = "must be a whole number";
    if is_truth_value(object) {
        return Err(invalid_input(argument, rule, show(object)));
    }
    if let Ok(whole) = object.extract::<u64>() {
        return Ok(whole);
    }
    let negative = object.lt(0).unwrap_or(false);
    let rule = match object.extract::<i128>() {
        Ok(whole) if whole < 0 => "must not be negative",
        Ok(_) => "must be less than 2^64",
        Err(error) if error.is_instance_of::<PyOverflowError>(object.py()) => {
            if negative {
                "must not be negative"
            } else {
                "must be less than 2^64"
            }
        }
        // A whole number may come as 3.0.
        Err(_) => match real_number(object) {
            Ok(float) if float.fract() != 0.0 || !float.is_finite() => rule,
            Ok(float) if float < 0.0 => "must not be negative",
            Ok(float) if float < 2.0_f64.powi(64) => return Ok(float as u64),
            Ok(_) => "must be less than 2^64",
            Err(_) => rule,
        },
    };
    Err(invalid_input(argument, rule, show(object)))
}

/// A single real number.
pub(crate) fn real(argument: &str, object: &Bound<'_, PyAny>) -> PyResult<f64> {
    real_number(object).map_err(|rule| {
        let rule = if rule == NUMBERS {
            "must be a number"
        } else {
            rule
        };
        invalid_input(argument, rule, show(object))
    })
}

/// Whether it is a single real number, or a truth value in its place.
pub(crate) fn is_scalar(object: &Bound<'_, PyAny>) -> bool {
    is_truth_value(object) || !matches!(real_number(object), Err(NUMBERS))
}

/// `(events, trials)`, or `Counts`.
pub(crate) fn counts(argument: &str, object: &Bound<'_, PyAny>) -> PyResult<Counts> {
    if let Ok(counts) = object.cast::<crate::data::Counts>() {
        return Ok(counts.get().inner);
    }
    let (events, trials) = pair(argument, object, "(events, trials)")?;
    let events = count(&format!("{argument}.events"), &events)?;
    let trials = count(&format!("{argument}.trials"), &trials)?;
    Counts::new(events, trials)
        .map_err(|error| to_python(error.in_argument(&format!("{argument}.events"))))
}

/// `(events, time)`, or `Exposure`.
pub(crate) fn exposure(argument: &str, object: &Bound<'_, PyAny>) -> PyResult<Exposure> {
    if let Ok(exposure) = object.cast::<crate::data::Exposure>() {
        return Ok(exposure.get().inner);
    }
    let (events, time) = pair(argument, object, "(events, time)")?;
    let events = count(&format!("{argument}.events"), &events)?;
    let time = real(&format!("{argument}.time"), &time)?;
    Exposure::new(events, time)
        .map_err(|error| to_python(error.in_argument(&format!("{argument}.time"))))
}

/// Two in an order: a set has none, and a text's letters are no numbers.
pub(crate) fn pair<'py>(
    argument: &str,
    object: &Bound<'py, PyAny>,
    what: &str,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let pair = || -> Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let mut items = match object.hasattr("__getitem__") {
            Ok(true) if !object.is_instance_of::<PyString>() => object.try_iter().ok()?,
            _ => return None,
        };
        let pair = (items.next()?.ok()?, items.next()?.ok()?);
        (items.next().is_none() && !object.hasattr("keys").ok()?).then_some(pair)
    };
    pair().ok_or_else(|| invalid_input(argument, &format!("must be {what}"), show(object)))
}

/// What two dicts hold under the same names, in the first one's order. `argument` names the second.
pub(crate) fn by_name<'py>(
    baseline: &Bound<'py, PyDict>,
    argument: &str,
    other: &Bound<'py, PyDict>,
) -> PyResult<Vec<(String, Arms<Bound<'py, PyAny>>)>> {
    let mut found = Vec::with_capacity(baseline.len());
    for (name, item) in baseline {
        let Some(counterpart) = other.get_item(&name)? else {
            let rule = "must have every name that baseline has";
            return Err(invalid_input(
                argument,
                rule,
                format!("none of {}", show(&name)),
            ));
        };
        found.push((show(&name), Arms::new(item, counterpart)));
    }
    let names = other.keys();
    let more = names
        .iter()
        .find(|name| !baseline.contains(name).unwrap_or(true));
    match more {
        None => Ok(found),
        Some(more) => {
            let rule = "must have no name that baseline has not";
            Err(invalid_input(argument, rule, show(&more)))
        }
    }
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

/// An object as a message shows it: texts in quotes, and no more than a line of it.
pub(crate) fn show(object: &Bound<'_, PyAny>) -> String {
    let shown = match object.cast::<PyString>() {
        Ok(text) => text.repr(),
        Err(_) => object.str(),
    };
    let Ok(shown) = shown else {
        return type_name(object); // such as an int of too many digits
    };
    let shown = shown.to_string_lossy();
    let mut line = shown.lines().next().unwrap_or_default().chars();
    let start: String = line.by_ref().take(100).collect();
    if line.next().is_some() || shown.lines().nth(1).is_some() {
        return format!("{start}...");
    }
    start
}
