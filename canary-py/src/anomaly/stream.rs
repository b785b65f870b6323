//! Streams of points: the random cut forest.

use canary_core::anomaly;
use pyo3::prelude::*;

use crate::convert::{Array, ArrayLike, Rows, Table};
use crate::error::{invalid_option, to_python};
use crate::wrap::{shared, shell};

shell! {
    /// How unlike the others a point of a stream is: see `RandomCutForestMonitor`.
    StreamScore(anomaly::StreamScore) {
        /// The expected share of the window that the point displaces, from 0 to 1; the higher, the
        /// more anomalous.
        #[getter]
        fn score(&self) -> f64 {
            self.inner.score
        }

        /// The score's rank among those of the last points, as a share: (1 + #{sᵢ ≥ s})/(n + 1).
        #[getter]
        fn p_value(&self) -> f64 {
            self.inner.p_value
        }

        /// Each feature's part of the score; their sum is the score.
        #[getter]
        fn contributions(&self) -> Array {
            Array(self.inner.contributions.clone())
        }

        /// The feature with the largest part of the score, counted from 0; `None` for a score of 0.
        #[getter]
        fn most(&self) -> Option<usize> {
            self.inner.most()
        }

        /// Among how many scores the rank is.
        #[getter]
        fn compared(&self) -> u64 {
            self.inner.compared
        }

        /// How many points the forest held.
        #[getter]
        fn points(&self) -> u64 {
            self.inner.points
        }

        fn __repr__(&self) -> String {
            let anomaly::StreamScore { score, p_value, contributions, .. } = &self.inner;
            format!("StreamScore(score={score:?}, p_value={p_value:?}, contributions={contributions:?})")
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

/// Points: a 2-D array or data frame, a row for each, or rows of numbers.
fn points(argument: &str, object: &ArrayLike<'_>) -> PyResult<Vec<Vec<f64>>> {
    let has = |attribute: &str| object.object().hasattr(attribute);
    if has("__array__")? || has("__arrow_c_stream__")? {
        // To iterate over a frame would be to iterate over its columns.
        let table = Table::of(argument, object)?;
        let matrix = table.matrix(argument)?;
        let row = |row| {
            let columns = 0..matrix.columns();
            columns
                .filter_map(|column| matrix.get(row, column))
                .collect()
        };
        return Ok((0..matrix.rows()).map(row).collect());
    }
    let rows = Rows::of(argument, object)?;
    Ok(rows.as_slices()?.into_iter().map(<[f64]>::to_vec).collect())
}

/// Whole numbers, each read under its own name: Python's have no largest and no smallest.
mod given {
    use pyo3::prelude::*;

    use crate::convert::count;

    macro_rules! counts {
        ($($argument:ident)*) => {
            $(pub(super) fn $argument(object: &Bound<'_, PyAny>) -> PyResult<u64> {
                count(stringify!($argument), object)
            })*
        };
    }
    counts!(n_features n_trees window shingle calibration random_state);

    pub(super) fn warm_up(object: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
        if object.is_none() {
            return Ok(None);
        }
        count("warm_up", object).map(Some)
    }
}

/// One of a score's two numbers.
fn number(of: &str) -> PyResult<fn(&anomaly::StreamScore) -> f64> {
    match of {
        "score" => Ok(|found| found.score),
        "p_value" => Ok(|found| found.p_value),
        _ => {
            let rule = "must be one of \"score\", \"p_value\"";
            Err(invalid_option("of", rule, format!("{of:?}")))
        }
    }
}

shared! {
    #[doc = include_str!("../../../canary-core/src/anomaly/random_cut_forest/random_cut_forest.md")]
    ///
    /// # Parameters
    /// `n_features`: how many numbers a point has. `n_trees`: how many trees, 1 to 1,000. `window`: how many
    /// points a tree holds, 2 to 65,536. `shingle`: how many points in a row are looked at as one. `warm_up`: after
    /// how many points the features' scales stand; by default `window` or 1,024 where that is less. `calibration`: among how many of the
    /// last scores a p-value is a rank. `random_state`: which random numbers.
    ///
    /// # Errors
    /// `InvalidOption`, or `InvalidInput` for what is no whole number of at least 0; each is a `CanaryError` and
    /// names the option.
    ///
    /// # Example: memory and latency, minute by minute
    /// >>> rng = numpy.random.default_rng(1)
    /// >>> minutes = rng.normal([512, 0.2], [20, 0.01], size=(300, 2))
    /// >>> service = canary.RandomCutForestMonitor(2)
    /// >>> scores = service.update_many(minutes)
    /// >>> found = service.update([520, 0.35])  # latency jumps, memory does not
    /// >>> found.score > 0.5, found.p_value < 0.01, found.most
    /// (True, True, 1)
    RandomCutForestMonitor(anomaly::RandomCutForestMonitor) {
        #[new]
        #[pyo3(signature = (n_features: "int", *, n_trees: "int" = 100, window: "int" = 256,
                            shingle: "int" = 1, warm_up: "int | None" = None,
                            calibration: "int" = 256, random_state: "int" = 0))]
        fn new(
            #[pyo3(from_py_with = given::n_features)] n_features: u64,
            #[pyo3(from_py_with = given::n_trees)] n_trees: u64,
            #[pyo3(from_py_with = given::window)] window: u64,
            #[pyo3(from_py_with = given::shingle)] shingle: u64,
            #[pyo3(from_py_with = given::warm_up)] warm_up: Option<u64>,
            #[pyo3(from_py_with = given::calibration)] calibration: u64,
            #[pyo3(from_py_with = given::random_state)] random_state: u64,
        ) -> PyResult<Self> {
            let design = anomaly::RandomCutForest::new()
                .n_trees(n_trees)
                .window(window)
                .shingle(shingle)
                .warm_up(warm_up)
                .calibration(calibration)
                .random_state(random_state);
            Ok(design.monitor(n_features).map_err(to_python)?.into())
        }

        /// Learns from a baseline before the first point: the features' scales from all of its rows (a 2-D array or
        /// data frame, a row for each point, or rows of numbers), which then stand (but for features with too few
        /// changes), and the window and the scores from the last of them.
        fn prime(&self, py: Python<'_>, baseline: ArrayLike<'_>) -> PyResult<()> {
            let rows = points("baseline", &baseline)?;
            self.inner.change(py, |own| own.prime(&rows))
        }

        /// Scores a point (a row of numbers), then adds it; the oldest one leaves a full window.
        fn update(&self, py: Python<'_>, point: ArrayLike<'_>) -> PyResult<StreamScore> {
            let values = point.values("point")?;
            let point = values.as_slice()?;
            Ok(self.inner.change(py, |own| own.update(point))?.into())
        }

        /// Scores and adds points (a 2-D array or data frame, a row for each, or rows of numbers), one after the
        /// other: the scores, or, with `of="p_value"`, their p-values.
        #[pyo3(signature = (rows, *, of = "score"))]
        fn update_many(&self, py: Python<'_>, rows: ArrayLike<'_>, of: &str) -> PyResult<Array> {
            let number = number(of)?;
            let rows = points("rows", &rows)?;
            let found = self.inner.change(py, |own| own.update_many(&rows))?;
            Ok(Array(found.iter().map(number).collect()))
        }

        /// Scores a point and adds nothing.
        fn score(&self, py: Python<'_>, point: ArrayLike<'_>) -> PyResult<StreamScore> {
            let values = point.values("point")?;
            let point = values.as_slice()?;
            Ok(self.inner.change(py, |own| own.score(point))?.into())
        }

        /// How many numbers a point has.
        #[getter]
        fn n_features(&self, py: Python<'_>) -> usize {
            self.inner.read(py, anomaly::RandomCutForestMonitor::n_features)
        }

        /// How many points were added.
        #[getter]
        fn updates(&self, py: Python<'_>) -> u64 {
            self.inner.read(py, anomaly::RandomCutForestMonitor::updates)
        }

        /// One unit of each feature; 0 for one that has never changed, or once only and long ago.
        #[getter]
        fn scales(&self, py: Python<'_>) -> Array {
            self.inner.read(py, |own| Array(own.scales().to_vec()))
        }

        /// The scores of the last points, oldest first, among which a p-value is a rank.
        #[getter]
        fn scores(&self, py: Python<'_>) -> Array {
            self.inner.read(py, |own| Array(own.scores()))
        }

        fn __repr__(&self, py: Python<'_>) -> String {
            self.inner.read(py, |own| {
                let (features, updates) = (own.n_features(), own.updates());
                let anomaly = own.scores().last().copied();
                let last = anomaly.map_or_else(|| "None".to_owned(), |score| format!("{score:?}"));
                format!(
                    "RandomCutForestMonitor(n_features={features}, updates={updates}, last_score={last})"
                )
            })
        }
    }
}
