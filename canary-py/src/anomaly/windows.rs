//! Anomalous windows.

use canary_core::anomaly::{self, AnomalousWindows, Incidents, IsolationForest, Matrix};
use canary_core::{Arms, Result};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::incidents::Incident;
use crate::convert::{Array, ArrayLike, Rows, show, type_name, whole, word};
use crate::error::{invalid_input, to_python};
use crate::stats::result::{ArmLevel, Estimate, Interval};
use crate::wrap::shell;

shell! {
    /// How windows depend on the ones before.
    WindowDependence(anomaly::WindowDependence) {
        /// What the p-value stands on: `"blocks"`, or nothing: `"too_few"` windows, or `"too_dependent"`
        /// ones.
        #[getter]
        fn basis(&self) -> &'static str {
            self.inner.basis.as_str()
        }

        /// The correlation of neighbouring windows, over the metrics.
        #[getter]
        fn correlation(&self) -> f64 {
            self.inner.correlation
        }

        /// How many windows are one block.
        #[getter]
        fn block(&self) -> u64 {
            self.inner.block
        }

        /// How many such blocks there are, of the baseline and of the canary.
        #[getter]
        fn blocks(&self) -> (u64, u64) {
            (self.inner.blocks.baseline, self.inner.blocks.canary)
        }

        /// The variance of the share of anomalous windows over that of as many independent ones.
        #[getter]
        fn dispersion(&self) -> f64 {
            self.inner.dispersion
        }

        /// As many independent windows would say as much, of the baseline and of the canary.
        #[getter]
        fn effective(&self) -> (f64, f64) {
            (self.inner.effective.baseline, self.inner.effective.canary)
        }

        fn __repr__(&self) -> String {
            let anomaly::WindowDependence { basis, correlation, block, .. } = self.inner;
            format!("WindowDependence(basis='{basis}', correlation={correlation:?}, block={block})")
        }
    }
}

shell! {
    /// One window of the canary.
    AnomalyWindow(anomaly::AnomalyWindow) {
        /// When it was, where times were given.
        #[getter]
        fn time(&self) -> Option<f64> {
            self.inner.time
        }

        /// Its score by a forest of baseline windows from other times, between -1 and 0: the lower,
        /// the more of an anomaly.
        #[getter]
        fn score(&self) -> f64 {
            self.inner.score
        }

        /// Which part of the baseline's held-out windows is at least as anomalous:
        /// (1 + their number) / (1 + all of them).
        #[getter]
        fn p_value(&self) -> f64 {
            self.inner.p_value
        }

        /// Whether its score is at most the threshold.
        #[getter]
        fn is_anomalous(&self) -> bool {
            self.inner.is_anomalous
        }

        /// By how much each feature makes it an anomaly, on the scale of log2 of the score.
        #[getter]
        fn contributions(&self) -> Array {
            Array(self.inner.contributions.clone())
        }

        fn __repr__(&self) -> String {
            let anomaly::AnomalyWindow { score, p_value, is_anomalous, .. } = &self.inner;
            let is = if *is_anomalous { "True" } else { "False" };
            format!("AnomalyWindow(score={score:?}, p_value={p_value:?}, is_anomalous={is})")
        }
    }
}

shell! {
    /// Whether more of the canary's windows are anomalous than of the baseline's, how sure that is, and
    /// by which features.
    AnomalyResult(anomaly::AnomalyResult) {
        /// `"two_sided"`, `"greater"` (more of the canary's are) or `"less"`.
        #[getter]
        fn alternative(&self) -> &'static str {
            self.inner.alternative.as_str()
        }

        /// The probability of a difference at least as large if the arms did not differ; 1 where that
        /// cannot be told, see `dependence`.
        #[getter]
        fn p_value(&self) -> f64 {
            self.inner.p_value
        }

        /// The canary's share of anomalous windows minus the baseline's, with its interval.
        #[getter]
        fn estimate(&self) -> Estimate {
            self.inner.estimate.clone().into()
        }

        /// The estimate's interval.
        #[getter]
        fn interval(&self) -> Interval {
            self.inner.estimate.interval.into()
        }

        /// How many of the baseline's windows were compared, and which share of them was anomalous.
        #[getter]
        fn baseline(&self) -> ArmLevel {
            self.inner.arms.baseline.into()
        }

        /// The same of the canary's.
        #[getter]
        fn canary(&self) -> ArmLevel {
            self.inner.arms.canary.into()
        }

        /// `"same"` where each window was compared with the other arm's at its time, or `"different"`.
        #[getter]
        fn times(&self) -> &'static str {
            self.inner.times.as_str()
        }

        /// Which part of the baseline's held-out windows was to be anomalous.
        #[getter]
        fn contamination(&self) -> f64 {
            self.inner.contamination
        }

        /// The score at which a window is anomalous, or below.
        #[getter]
        fn threshold(&self) -> f64 {
            self.inner.threshold
        }

        /// How windows depend on the ones before.
        #[getter]
        fn dependence(&self) -> WindowDependence {
            self.inner.dependence.into()
        }

        /// By name, what each feature has to do with it: its mean contribution to the canary's
        /// anomalous windows.
        #[getter]
        fn features<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
            let dict = PyDict::new(py);
            for feature in &self.inner.features {
                dict.set_item(&feature.name, feature.contribution)?;
            }
            Ok(dict)
        }

        /// The names of the features that make windows anomalous, the strongest first: those with at
        /// least half of its contribution.
        #[getter]
        fn strongest(&self) -> Vec<String> {
            let strongest = self.inner.strongest();
            strongest.iter().map(|feature| feature.name.clone()).collect()
        }

        /// The names of the features that nothing could be told of, and which were left out: they
        /// remember for too long, or hold a value of either arm's own.
        #[getter]
        fn left_out(&self) -> Vec<String> {
            let columns = self.inner.left_out.iter();
            let features = columns.filter_map(|&column| self.inner.features.get(column));
            features.map(|feature| feature.name.clone()).collect()
        }

        /// The canary's windows, in their order.
        #[getter]
        fn windows(&self) -> Vec<AnomalyWindow> {
            self.inner.windows.iter().cloned().map(AnomalyWindow::from).collect()
        }

        /// The canary's anomalous windows as incidents: which belong together, in time and by their
        /// metrics. Their excess is measured from the threshold; without times, windows count from 0.
        /// The options are those of `incidents`.
        ///
        /// # Example
        /// >>> p99 = numpy.arange(60.0) * 7 % 23
        /// >>> slow = numpy.where((p99 > 0) & (numpy.arange(60) // 6 == 4), 90.0, p99)
        /// >>> result = canary.anomalous_windows({"p99": p99}, {"p99": slow})
        /// >>> [(i.start, i.end) for i in result.incidents() if len(i.windows) > 4]
        /// [(24.0, 29.0)]
        #[pyo3(signature = (*, gap = 1, window = None, min_windows = 2, angle = 60.0))]
        fn incidents(
            &self,
            py: Python<'_>,
            gap: i128,
            window: Option<f64>,
            min_windows: i128,
            angle: f64,
        ) -> PyResult<Vec<Incident>> {
            let design = Incidents::new()
                .gap(whole("gap", gap)?)
                .window(window)
                .min_windows(whole("min_windows", min_windows)?)
                .angle(angle);
            let found = py.detach(|| self.inner.incidents(&design)).map_err(to_python)?;
            Ok(found.into_iter().map(Incident::from).collect())
        }

        fn __repr__(&self) -> String {
            let anomaly::AnomalyResult { p_value, arms, dependence, .. } = &self.inner;
            format!(
                "AnomalyResult(p_value={p_value:?}, baseline={:?}, canary={:?}, basis='{}')",
                arms.baseline.level, arms.canary.level, dependence.basis
            )
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

/// An arm's windows as they came: numbers row by row or column by column, and names where they had
/// any.
struct Windows {
    values: Vec<f64>,
    columns: usize,
    names: Option<Vec<String>>,
}

impl Windows {
    fn of(argument: &str, object: &ArrayLike<'_>) -> PyResult<Self> {
        if let Some(names) = column_names(argument, object.object())? {
            return Self::of_columns(argument, object.object(), names);
        }
        let rows = Rows::of(argument, object)?;
        let rows = rows.as_slices()?;
        let columns = rows.first().map_or(0, |row| row.len());
        if let Some((index, row)) = rows
            .iter()
            .enumerate()
            .find(|(_, row)| row.len() != columns)
        {
            let rule = format!("must have as many numbers in row {index} as in row 0, {columns}");
            return Err(invalid_input(argument, &rule, row.len()));
        }
        Ok(Self {
            values: rows.concat(),
            columns,
            names: None,
        })
    }

    fn of_columns(
        argument: &str,
        object: &Bound<'_, PyAny>,
        names: Vec<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (mut values, mut rows) = (Vec::new(), None);
        for name in &names {
            let argument = format!("{argument}[{}]", show(name));
            let column = ArrayLike::of(&object.get_item(name)?);
            let column = column.values(&argument)?;
            let column = column.as_slice()?;
            let first = *rows.get_or_insert(column.len());
            if column.len() != first {
                let rule = format!("must have as many windows as the first column, {first}");
                return Err(invalid_input(&argument, &rule, column.len()));
            }
            values.extend_from_slice(column);
        }
        let text = |name: &Bound<'_, PyAny>| Ok(name.str()?.to_string());
        Ok(Self {
            columns: names.len(),
            names: Some(names.iter().map(text).collect::<PyResult<_>>()?),
            values,
        })
    }

    fn matrix(&self, argument: &str) -> PyResult<Matrix<'_>> {
        let matrix = if self.names.is_some() {
            Matrix::by_columns(&self.values, self.columns)
        } else {
            Matrix::by_rows(&self.values, self.columns)
        };
        matrix.map_err(|error| to_python(error.in_argument(argument)))
    }

    /// The same with its columns in another's order.
    fn like(mut self, argument: &str, other: &Self) -> PyResult<Self> {
        let (Some(own), Some(names)) = (&self.names, &other.names) else {
            return Ok(self);
        };
        if own == names {
            return Ok(self);
        }
        let rows = self.values.len() / self.columns.max(1);
        let mut values = Vec::with_capacity(self.values.len());
        for name in names {
            let Some(place) = own.iter().position(|own| own == name) else {
                let rule = format!("must have the baseline's column {name:?}");
                return Err(invalid_input(argument, &rule, format!("{own:?}")));
            };
            values.extend(self.values.iter().skip(place * rows).take(rows));
        }
        if own.len() != names.len() {
            let rule = format!("must have the baseline's columns {names:?} alone");
            return Err(invalid_input(argument, &rule, format!("{own:?}")));
        }
        self.values = values;
        self.names = Some(names.clone());
        Ok(self)
    }
}

/// The columns of a mapping or of a data frame, none of anything else.
fn column_names<'py>(
    argument: &str,
    object: &Bound<'py, PyAny>,
) -> PyResult<Option<Vec<Bound<'py, PyAny>>>> {
    let names = if let Some(columns) = object.getattr_opt("columns")? {
        columns // pandas, polars
    } else if object.hasattr("keys")? {
        object.call_method0("keys")?
    } else {
        return Ok(None);
    };
    let names = names
        .try_iter()
        .and_then(Iterator::collect::<PyResult<Vec<_>>>);
    names.map(Some).map_err(|_| {
        let rule = "must be a 2-D array, or columns by name";
        invalid_input(argument, rule, type_name(object))
    })
}

#[doc = include_str!("../../../canary-core/src/anomaly/anomalous_windows/anomalous_windows.md")]
///
/// # Parameters
/// `baseline`, `canary`: a row for each window of time, a column for each metric: a 2-D array or rows
/// of numbers, or columns by name (a dict, a pandas or polars data frame), whose names the result
/// has. `baseline_times`, `canary_times`: the windows' times, both or none. `contamination`: which part
/// of the baseline's held-out windows is to be anomalous. `folds`: how many are held out in turn.
/// `block`: how many windows are one block. `alternative`: `"greater"`, `"less"` or
/// `"two_sided"`. `confidence`: the interval's. `n_estimators`, `extension_level`, `missing`
/// (`"raise"` or `"both_ways"`), `random_state`: how forests are grown.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData` (fewer than 16 windows), all of them
/// `CanaryError`.
///
/// # Example
/// >>> minute = numpy.arange(60)
/// >>> baseline = {"memory": 500 + minute * 7 % 13, "p99": 40 + minute * 5 % 11}
/// >>> canary_ = {"memory": 540 + minute * 7 % 13, "p99": 40 + minute * 5 % 11}
/// >>> result = canary.anomalous_windows(baseline, canary_)
/// >>> result.canary.level > 0.5, result.p_value < 0.001, result.strongest
/// (True, True, ['memory'])
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, baseline_times = None, canary_times = None,
                    contamination = 0.1, folds = 5, block = None, alternative = "greater",
                    confidence = 0.95, n_estimators = 100, extension_level = 0,
                    missing = "raise", random_state = 0))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn anomalous_windows(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    baseline_times: Option<ArrayLike<'_>>,
    canary_times: Option<ArrayLike<'_>>,
    contamination: f64,
    folds: i128,
    block: Option<i128>,
    alternative: &str,
    confidence: f64,
    n_estimators: i128,
    extension_level: i128,
    missing: &str,
    random_state: i128,
) -> PyResult<AnomalyResult> {
    let forest = IsolationForest::new()
        .n_estimators(whole("n_estimators", n_estimators)?)
        .extension_level(whole("extension_level", extension_level)?)
        .missing(word(missing)?)
        .random_state(whole("random_state", random_state)?);
    let test = AnomalousWindows::new()
        .forest(forest)
        .contamination(contamination)
        .folds(whole("folds", folds)?)
        .block(block.map(|block| whole("block", block)).transpose()?)
        .alternative(word(alternative)?)
        .confidence(confidence);
    let baseline = Windows::of("baseline", &baseline)?;
    let canary = Windows::of("canary", &canary)?.like("canary", &baseline)?;
    let arms = Arms::new(baseline.matrix("baseline")?, canary.matrix("canary")?);
    let result = match (baseline_times, canary_times) {
        (None, None) => py.detach(|| test.run(&arms)),
        (Some(own), Some(other)) => {
            let (own, other) = (own.values("baseline_times")?, other.values("canary_times")?);
            let times = Arms::new(own.as_slice()?, other.as_slice()?);
            py.detach(|| test.run_at(&times, &arms))
        }
        (own, _) => {
            let given = if own.is_some() {
                "baseline_times"
            } else {
                "canary_times"
            };
            let rule = "must be given for both arms or for none";
            return Err(invalid_input("times", rule, format!("{given} alone")));
        }
    };
    let names = baseline.names.or(canary.names);
    let named = |result: anomaly::AnomalyResult| -> Result<_> {
        match names {
            Some(names) => result.with_names(&names),
            None => Ok(result),
        }
    };
    Ok(result.and_then(named).map_err(to_python)?.into())
}
