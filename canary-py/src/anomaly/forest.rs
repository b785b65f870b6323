//! The fitted isolation forest. Its estimator, with scikit-learn's habits, is Python.

use canary_core::anomaly::{self, Amount, IsolationForest, Matrix};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::convert::{AmountLike, Array, ArrayLike, Grid, Labels, Table, real, show, whole, word};
use crate::error::{invalid_option, to_python};
use crate::wrap::{from_json, to_json, to_python as json_to_python};

/// From this many numbers on, other Python threads may run meanwhile.
const DETACH_FROM: usize = 1 << 10;

/// A fitted isolation forest: plain data that scores rows, is written and read, and scores the same
/// after. `Forest.fit` grows one; `IsolationForest` is the estimator with scikit-learn's habits.
///
/// # Example
/// >>> rows = numpy.array([[1.0], [1.1], [0.9], [1.05], [7.0]])
/// >>> forest = canary.Forest.fit(rows, contamination=0.2)
/// >>> forest.predict(rows).tolist()
/// [1, 1, 1, 1, -1]
/// >>> canary.Forest.from_bytes(forest.to_bytes()) == forest
/// True
#[pyclass(frozen, eq, module = "canary")]
#[derive(Clone, PartialEq)]
pub(crate) struct Forest {
    inner: anomaly::Forest,
}

impl Forest {
    fn on_rows<T: Send>(
        &self,
        py: Python<'_>,
        rows: &ArrayLike<'_>,
        compute: impl Fn(&anomaly::Forest, &Matrix<'_>) -> canary_core::Result<T> + Send + Sync,
    ) -> PyResult<T> {
        let table = Table::of("rows", rows)?;
        let matrix = table.matrix("rows")?;
        let result = if matrix.rows() * matrix.columns() < DETACH_FROM {
            compute(&self.inner, &matrix)
        } else {
            py.detach(|| compute(&self.inner, &matrix))
        };
        result.map_err(to_python)
    }
}

#[pymethods]
impl Forest {
    #[doc = include_str!("../../../canary-core/src/anomaly/isolation_forest/isolation_forest.md")]
    ///
    /// # Parameters
    /// `rows`: a 2-D array or data frame, a row for each point. `n_estimators`: how many trees.
    /// `max_samples`: how many rows each grows on: `"auto"` (256), a number, or a fraction of all.
    /// `max_features`: how many features each may use, likewise (`"auto"` is all). `contamination`:
    /// which part of the rows to take for anomalies, or `"auto"` for an offset of -0.5. `bootstrap`:
    /// whether rows are drawn with replacement. `extension_level`: with k > 0, splits are
    /// hyperplanes of k + 1 features. `missing`: `"raise"` or `"both_ways"`. `random_state`: the
    /// seed.
    ///
    /// # Errors
    /// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
    ///
    /// # Example
    /// >>> rows = numpy.array([[1.0, 5.0], [1.1, 5.2], [0.9, 5.1], [1.0, 9.0]])
    /// >>> forest = canary.Forest.fit(rows)
    /// >>> int(forest.score_samples(rows).argmin())
    /// 3
    #[staticmethod]
    #[pyo3(signature = (rows, *, n_estimators = 100, max_samples = None, max_features = None,
                        contamination = None, bootstrap = false, extension_level = 0,
                        missing = "raise", random_state = 0))]
    #[expect(clippy::too_many_arguments, reason = "an option each")]
    fn fit(
        py: Python<'_>,
        rows: ArrayLike<'_>,
        n_estimators: i128,
        max_samples: Option<AmountLike<'_>>,
        max_features: Option<AmountLike<'_>>,
        contamination: Option<AmountLike<'_>>,
        bootstrap: bool,
        extension_level: i128,
        missing: &str,
        random_state: i128,
    ) -> PyResult<Self> {
        let amount = |argument: &str, given: Option<AmountLike<'_>>| {
            given.map_or(Ok(Amount::Auto), |given| given.read(argument))
        };
        let contamination = match contamination {
            Some(given) if given.0.is_instance_of::<PyString>() => {
                if !given.0.eq("auto")? {
                    let rule = "must be \"auto\" or a part of all rows in (0, 0.5]";
                    return Err(invalid_option("contamination", rule, show(&given.0)));
                }
                None
            }
            Some(given) => Some(real("contamination", &given.0)?),
            None => None,
        };
        let options = IsolationForest::new()
            .n_estimators(whole("n_estimators", n_estimators)?)
            .max_samples(amount("max_samples", max_samples)?)
            .max_features(amount("max_features", max_features)?)
            .contamination(contamination)
            .bootstrap(bootstrap)
            .extension_level(whole("extension_level", extension_level)?)
            .missing(word(missing)?)
            .random_state(whole("random_state", random_state)?);
        let table = Table::of("rows", &rows)?;
        let matrix = table.matrix("rows")?;
        let fitted = py.detach(|| options.fit(&matrix));
        fitted.map(|inner| Self { inner }).map_err(to_python)
    }

    /// How many features a row has.
    #[getter]
    fn n_features(&self) -> usize {
        self.inner.n_features()
    }

    /// How many trees there are.
    #[getter]
    fn n_trees(&self) -> usize {
        self.inner.n_trees()
    }

    /// How many rows each tree grew on.
    #[getter]
    fn sample_size(&self) -> usize {
        self.inner.sample_size()
    }

    /// What is done with missing values: `"raise"` or `"both_ways"`.
    #[getter]
    fn missing(&self) -> &'static str {
        self.inner.missing().as_str()
    }

    /// The score below which a row is an anomaly.
    #[getter]
    fn offset(&self) -> f64 {
        self.inner.offset()
    }

    /// The score of a row whose paths are as long as those of a training row on average.
    #[getter]
    fn expected_score(&self) -> f64 {
        self.inner.expected_score()
    }

    /// The score of each row, between -1 and 0: the lower, the more of an anomaly.
    ///
    /// # Example
    /// >>> forest = canary.Forest.fit([[1.0], [1.1], [0.9], [7.0]])
    /// >>> low, high = forest.score_samples([[7.0], [1.0]])
    /// >>> low < high
    /// True
    fn score_samples(&self, py: Python<'_>, rows: ArrayLike<'_>) -> PyResult<Array> {
        let scores = self.on_rows(py, &rows, anomaly::Forest::score_samples)?;
        Ok(Array(scores))
    }

    /// The score above the offset: negative for anomalies.
    fn decision_function(&self, py: Python<'_>, rows: ArrayLike<'_>) -> PyResult<Array> {
        let decisions = self.on_rows(py, &rows, anomaly::Forest::decision_function)?;
        Ok(Array(decisions))
    }

    /// -1 for each row that is an anomaly, 1 for each that is not.
    fn predict(&self, py: Python<'_>, rows: ArrayLike<'_>) -> PyResult<Labels> {
        self.on_rows(py, &rows, anomaly::Forest::predict)
            .map(Labels)
    }

    /// Why each row scores as it does, a column for each feature: by how much its splits raise
    /// log2(-score) above that of a training row on average. A row's contributions add up to the
    /// whole difference; positive ones make it an anomaly.
    ///
    /// # Example
    /// >>> rows = [[1.0, 5.0], [1.1, 5.2], [0.9, 5.1], [1.0, 9.0]]
    /// >>> forest = canary.Forest.fit(rows)
    /// >>> first, second = forest.contributions(rows)[3]
    /// >>> first < 0.2 < second
    /// True
    fn contributions(&self, py: Python<'_>, rows: ArrayLike<'_>) -> PyResult<Grid> {
        let values = self.on_rows(py, &rows, anomaly::Forest::contributions)?;
        Ok(Grid {
            values,
            columns: self.inner.n_features(),
        })
    }

    /// How much each feature tells these rows apart: the mean of its contributions without their
    /// signs, as a part of all features'.
    ///
    /// # Example
    /// >>> rows = [[1.0, 5.0], [1.0, 5.2], [1.0, 5.1], [1.0, 9.0]]
    /// >>> canary.Forest.fit(rows).feature_importances(rows).tolist()
    /// [0.0, 1.0]
    fn feature_importances(&self, py: Python<'_>, rows: ArrayLike<'_>) -> PyResult<Array> {
        let importances = self.on_rows(py, &rows, anomaly::Forest::feature_importances)?;
        Ok(Array(importances))
    }

    /// The forest in a few bytes a node, with its version.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.to_bytes())
    }

    /// Reads what `to_bytes` wrote.
    #[staticmethod]
    fn from_bytes(data: &[u8]) -> PyResult<Self> {
        let inner = anomaly::Forest::from_bytes(data).map_err(to_python)?;
        Ok(Self { inner })
    }

    /// The forest as JSON.
    fn to_json(&self) -> PyResult<String> {
        to_json(&self.inner)
    }

    /// Reads what `to_json` wrote.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        Ok(Self {
            inner: from_json(text)?,
        })
    }

    /// The JSON form as Python's own dicts, lists and numbers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json_to_python(py, &self.to_json()?)
    }

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let from_bytes = py.get_type::<Self>().getattr("from_bytes")?;
        Ok((from_bytes, (self.to_bytes(py),)))
    }

    fn __copy__(&self) -> Self {
        self.clone()
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyAny>) -> Self {
        self.clone()
    }

    fn __repr__(&self) -> String {
        format!(
            "Forest(n_trees={}, n_features={}, sample_size={}, offset={:?})",
            self.inner.n_trees(),
            self.inner.n_features(),
            self.inner.sample_size(),
            self.inner.offset()
        )
    }
}
