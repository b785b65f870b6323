//! Anomalous windows grouped into incidents.

use canary_core::anomaly::{self, Incidents, ScoredWindows};
use pyo3::prelude::*;

use crate::convert::{ArrayLike, Names, Table, truth_values, whole};
use crate::error::to_python;
use crate::wrap::shell;

shell! {
    /// Anomalous windows that belong together. Printed, it is a sentence that names the metrics with a
    /// tenth of the blame or more.
    Incident(anomaly::Incident) {
        /// The time of its first anomalous window, in seconds as they were given.
        #[getter]
        fn start(&self) -> f64 {
            self.inner.start
        }

        /// The time of its last anomalous window; the window's own length comes on top.
        #[getter]
        fn end(&self) -> f64 {
            self.inner.end
        }

        /// When it was strongest: the time of its lowest score, the first of several.
        #[getter]
        fn peak(&self) -> f64 {
            self.inner.peak
        }

        /// The lowest score.
        #[getter]
        fn lowest_score(&self) -> f64 {
            self.inner.lowest_score
        }

        /// By how much its windows' scores lie below the offset on average.
        #[getter]
        fn mean_excess(&self) -> f64 {
            self.inner.mean_excess
        }

        /// The numbers of its windows' rows, from 0, in order of time.
        #[getter]
        fn windows(&self) -> Vec<usize> {
            self.inner.windows.clone()
        }

        /// Each metric to blame with its share, the largest first: its name, or `"feature 0"`. Shares add
        /// up to 1; there are none where no feature contributes to any window.
        #[getter]
        fn metrics(&self) -> Vec<(String, f64)> {
            let metrics = self.inner.metrics.iter();
            metrics.map(|metric| (metric.title(), metric.share)).collect()
        }

        /// Whether it is a single window, with no other in reach: perhaps no more than chance.
        #[getter]
        fn is_lone(&self) -> bool {
            self.inner.is_lone()
        }

        fn __repr__(&self) -> String {
            let anomaly::Incident { start, end, windows, lowest_score, .. } = &self.inner;
            format!(
                "Incident(start={start:?}, end={end:?}, windows={}, lowest_score={lowest_score:?})",
                windows.len()
            )
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

#[doc = include_str!("../../../canary-core/src/anomaly/incidents/incidents.md")]
///
/// # Parameters
/// `times`: when each window was, in seconds, in any order; all windows, since the normal ones say how
/// long a window is. `scores`: the score of each, the lower the more of an anomaly
/// (`Forest.score_samples`). `anomalous`: which windows are, as truth values. `contributions`: a row for
/// each window and a column for each feature (`Forest.contributions`); those of normal windows are not
/// looked at. `feature_names`: the features' names. `gap`, `window`, `min_windows`, `angle`, `offset`: see
/// above.
///
/// # Errors
/// `InvalidInput` or `InvalidOption`, both of them `CanaryError`.
///
/// # Example: half an hour of trouble in two metrics
/// >>> minutes = numpy.arange(600.0)
/// >>> load = numpy.sin(minutes / 40)
/// >>> rows = numpy.column_stack([500 + 9 * load, 40 + 3 * load + minutes * 7 % 5])
/// >>> rows[300:330] += [180, 20]
/// >>> forest = canary.Forest.fit(rows, contamination=0.05)
/// >>> found = canary.incidents(60 * minutes, forest.score_samples(rows), forest.predict(rows) == -1,
/// ...                          forest.contributions(rows), feature_names=["memory", "p99"])
/// >>> print(max(found, key=lambda incident: len(incident.windows)))
/// from 18000 s to 19740 s, 30 windows, strongest at 18000 s (score -0.777): memory 56 %, p99 44 %
#[pyfunction]
#[pyo3(signature = (times, scores, anomalous, contributions, *, feature_names = None, gap = 1,
                    window = None, min_windows = 2, angle = 60.0, offset = -0.5))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn incidents(
    py: Python<'_>,
    times: ArrayLike<'_>,
    scores: ArrayLike<'_>,
    anomalous: ArrayLike<'_>,
    contributions: ArrayLike<'_>,
    feature_names: Option<Names>,
    gap: i128,
    window: Option<f64>,
    min_windows: i128,
    angle: f64,
    offset: f64,
) -> PyResult<Vec<Incident>> {
    let options = Incidents::new()
        .gap(whole("gap", gap)?)
        .window(window)
        .min_windows(whole("min_windows", min_windows)?)
        .angle(angle)
        .offset(offset);
    let (times, scores) = (times.values("times")?, scores.values("scores")?);
    let anomalous = truth_values("anomalous", &anomalous)?;
    let contributions = Table::of("contributions", &contributions)?;
    let names = feature_names.map(|Names(names)| names);
    let names: Option<Vec<&str>> = names
        .as_ref()
        .map(|names| names.iter().map(String::as_str).collect());
    let windows = ScoredWindows {
        times: times.as_slice()?,
        scores: scores.as_slice()?,
        anomalous: &anomalous,
        contributions: contributions.matrix("contributions")?,
        feature_names: names.as_deref(),
    };
    let found = py.detach(|| options.find(&windows)).map_err(to_python)?;
    Ok(found.into_iter().map(Incident::from).collect())
}
