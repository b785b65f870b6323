//! One test on thousands of pairs at once.

use canary_core::{self as core, Arms, Counts, stats};
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;

use super::options;
use super::result::TestResult;
use crate::convert::{Array, ArrayLike, Rows, whole_numbers, word};
use crate::error::{InvalidInput, invalid_input, invalid_option, to_python};
use crate::wrap::shell;

shell! {
    /// The results of one test on many pairs, as columns and one by one.
    ///
    /// >>> results = canary.t_test_many([[1.0, 2.0, 3.0]] * 2, [[4.0, 5.0, 6.5], [1.0, 2.0, 3.5]])
    /// >>> len(results), results[0].p_value == results.p_value.item(0)
    /// (2, True)
    ManyResults(Vec<Option<stats::TestResult>>) {
        /// Every test statistic; NaN where there is no result.
        #[getter]
        fn statistic(&self) -> Array {
            self.column(|result| Some(result.statistic))
        }

        /// Every p-value; NaN where there is no result.
        #[getter]
        fn p_value(&self) -> Array {
            self.column(|result| Some(result.p_value))
        }

        /// Every number of degrees of freedom; NaN where there is none.
        #[getter]
        fn df(&self) -> Array {
            self.column(|result| result.df)
        }

        /// Every estimate; NaN where there is none.
        #[getter]
        fn estimate(&self) -> Array {
            self.column(|result| result.estimate.as_ref().map(|estimate| estimate.value))
        }

        /// Every interval's lower end; NaN where there is none.
        #[getter]
        fn low(&self) -> Array {
            self.column(|result| result.estimate.as_ref().map(|estimate| estimate.interval.low))
        }

        /// Every interval's upper end; NaN where there is none.
        #[getter]
        fn high(&self) -> Array {
            self.column(|result| result.estimate.as_ref().map(|estimate| estimate.interval.high))
        }

        /// The p-values adjusted for their number, as `adjust` does; NaN where there is no result.
        #[pyo3(signature = (method = "holm"))]
        fn adjusted(&self, method: &str) -> PyResult<Array> {
            let p_values: Vec<f64> = self.inner.iter().flatten().map(|result| result.p_value).collect();
            let adjusted = stats::adjust(&p_values, word(method)?).map_err(to_python)?;
            let mut adjusted = adjusted.into_iter();
            let place = |result: &Option<_>| match result {
                Some(_) => adjusted.next().unwrap_or(f64::NAN),
                None => f64::NAN,
            };
            Ok(Array(self.inner.iter().map(place).collect()))
        }

        fn __len__(&self) -> usize {
            self.inner.len()
        }

        fn __getitem__(&self, index: isize) -> PyResult<Option<TestResult>> {
            let from_end = index.checked_add_unsigned(self.inner.len()).unwrap_or(-1);
            let place = if index < 0 { from_end } else { index };
            let found = usize::try_from(place).ok().and_then(|place| self.inner.get(place));
            match found {
                Some(result) => Ok(result.clone().map(TestResult::from)),
                None => Err(PyIndexError::new_err(format!("{index} of {} results", self.inner.len()))),
            }
        }

        fn __repr__(&self) -> String {
            let missing = self.inner.iter().filter(|result| result.is_none()).count();
            format!("ManyResults({} results, {missing} of them missing)", self.inner.len())
        }
    }
}

impl ManyResults {
    fn column(&self, f: impl Fn(&stats::TestResult) -> Option<f64>) -> Array {
        let cell = |result: &Option<_>| result.as_ref().and_then(&f).unwrap_or(f64::NAN);
        Array(self.inner.iter().map(cell).collect())
    }

    /// The results; a pair without one is an error that names it, or stays missing.
    fn of(results: Vec<core::Result<stats::TestResult>>, errors: &str) -> PyResult<Self> {
        let missing = match errors {
            "raise" => false,
            "missing" => true,
            _ => {
                let rule = "must be one of \"raise\", \"missing\"";
                return Err(invalid_option("errors", rule, format_args!("{errors:?}")));
            }
        };
        let inner = results
            .into_iter()
            .enumerate()
            .map(|(index, result)| match result {
                Ok(result) => Ok(Some(result)),
                Err(core::Error::InvalidOption { .. }) => result.map(Some).map_err(to_python),
                Err(_) if missing => Ok(None),
                Err(error) => Err(InvalidInput::new_err(format!("pair {index}: {error}"))),
            });
        Ok(Self {
            inner: inner.collect::<PyResult<_>>()?,
        })
    }
}

fn on_rows(
    py: Python<'_>,
    baseline: &ArrayLike<'_>,
    canary: &ArrayLike<'_>,
    errors: &str,
    test: impl Fn(&Arms<&[f64]>) -> core::Result<stats::TestResult> + Send + Sync,
) -> PyResult<ManyResults> {
    let rows = (Rows::of("baseline", baseline)?, Rows::of("canary", canary)?);
    let (baseline, canary) = (rows.0.as_slices()?, rows.1.as_slices()?);
    if baseline.len() != canary.len() {
        let rule = format!("must have as many rows as baseline ({})", baseline.len());
        return Err(invalid_input("canary", &rule, canary.len()));
    }
    let pairs: Vec<_> = baseline
        .into_iter()
        .zip(canary)
        .map(|(b, c)| Arms::new(b, c))
        .collect();
    ManyResults::of(py.detach(|| stats::many(&pairs, &test)), errors)
}

/// `t_test` on many pairs at once, on all cores.
///
/// # Parameters
/// `baseline`, `canary`: 2-D arrays with a row for each metric, or sequences of rows. `errors`:
/// `"raise"`, which names the first pair that cannot be tested, or `"missing"`, which leaves it out.
/// The others: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> x = numpy.arange(600.0).reshape(10, 60) % 7
/// >>> results = canary.t_test_many(x, x + 1)
/// >>> results.estimate.round(6).tolist() == [1.0] * 10
/// True
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, variance = "welch", alternative = "two_sided",
                    confidence = 0.95, measure = "difference", nan_policy = "raise", null = None,
                    errors = "raise"))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn t_test_many(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    variance: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
    nan_policy: &str,
    null: Option<f64>,
    errors: &str,
) -> PyResult<ManyResults> {
    let test = options!(TTest; variance, alternative, measure, nan_policy; confidence, null);
    on_rows(py, &baseline, &canary, errors, |arms| test.run(arms))
}

/// `mann_whitney` on many pairs at once, on all cores.
///
/// # Parameters
/// `baseline`, `canary`, `errors`: as for `t_test_many`. The others: as for `mann_whitney`, but that
/// the interval, which takes most of the time, is asked for with `"hodges_lehmann"`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> x = numpy.arange(600.0).reshape(10, 60) % 7
/// >>> results = canary.mann_whitney_many(x, x + 3)
/// >>> (results.adjusted("benjamini_hochberg") < 0.05).all().item()
/// True
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, method = "auto", continuity = "corrected",
                    interval = "none", alternative = "two_sided", confidence = 0.95,
                    measure = "difference", nan_policy = "raise", null = None, errors = "raise"))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn mann_whitney_many(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    method: &str,
    continuity: &str,
    interval: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
    nan_policy: &str,
    null: Option<f64>,
    errors: &str,
) -> PyResult<ManyResults> {
    let test = options!(MannWhitney;
        method, continuity, interval, alternative, measure, nan_policy; confidence, null);
    on_rows(py, &baseline, &canary, errors, |arms| test.run(arms))
}

/// `brunner_munzel` on many pairs at once, on all cores.
///
/// # Parameters
/// `baseline`, `canary`, `errors`: as for `t_test_many`. The others: as for `brunner_munzel`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> x = numpy.arange(600.0).reshape(10, 60) % 7
/// >>> canary.brunner_munzel_many(x, x).p_value.tolist() == [1.0] * 10
/// True
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, method = "t", alternative = "two_sided",
                    confidence = 0.95, nan_policy = "raise", errors = "raise"))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn brunner_munzel_many(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    method: &str,
    alternative: &str,
    confidence: f64,
    nan_policy: &str,
    errors: &str,
) -> PyResult<ManyResults> {
    let test = options!(BrunnerMunzel; method, alternative, nan_policy; confidence);
    on_rows(py, &baseline, &canary, errors, |arms| test.run(arms))
}

/// `kolmogorov_smirnov` on many pairs at once, on all cores.
///
/// # Parameters
/// `baseline`, `canary`, `errors`: as for `t_test_many`. The others: as for `kolmogorov_smirnov`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> x = numpy.arange(600.0).reshape(10, 60) % 7
/// >>> canary.kolmogorov_smirnov_many(x, x).statistic.tolist() == [0.0] * 10
/// True
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, method = "auto", alternative = "two_sided",
                    nan_policy = "raise", errors = "raise"))]
pub(crate) fn kolmogorov_smirnov_many(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    method: &str,
    alternative: &str,
    nan_policy: &str,
    errors: &str,
) -> PyResult<ManyResults> {
    let test = options!(KolmogorovSmirnov; method, alternative, nan_policy;);
    on_rows(py, &baseline, &canary, errors, |arms| test.run(arms))
}

/// `quantile_test` on many pairs at once, on all cores.
///
/// # Parameters
/// `baseline`, `canary`, `errors`: as for `t_test_many`. The others: as for `quantile_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> x = numpy.arange(600.0).reshape(10, 60) % 7
/// >>> canary.quantile_test_many(x, x + 2).estimate.tolist() == [2.0] * 10
/// True
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, quantile = 0.5, interval = "order_statistics",
                    alternative = "two_sided", confidence = 0.95, measure = "difference",
                    nan_policy = "raise", null = None, errors = "raise"))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn quantile_test_many(
    py: Python<'_>,
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    quantile: f64,
    interval: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
    nan_policy: &str,
    null: Option<f64>,
    errors: &str,
) -> PyResult<ManyResults> {
    let test = options!(QuantileTest;
        interval, alternative, measure, nan_policy; quantile, confidence, null);
    on_rows(py, &baseline, &canary, errors, |arms| test.run(arms))
}

/// `two_proportion_z` on many pairs at once, on all cores.
///
/// # Parameters
/// `baseline_events`, `baseline_trials`, `canary_events`, `canary_trials`: whole numbers, one for each
/// metric. `errors`: as for `t_test_many`. The others: as for `two_proportion_z`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> results = canary.two_proportion_z_many([95, 9], [19_000, 950], [30, 1], [2_000, 50])
/// >>> results.p_value.item(0) == canary.two_proportion_z((95, 19_000), (30, 2_000)).p_value
/// True
#[pyfunction]
#[pyo3(signature = (baseline_events, baseline_trials, canary_events, canary_trials, *,
                    interval = "miettinen_nurminen", alternative = "two_sided", confidence = 0.95,
                    measure = "difference", null = None, errors = "raise"))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub(crate) fn two_proportion_z_many(
    py: Python<'_>,
    baseline_events: ArrayLike<'_>,
    baseline_trials: ArrayLike<'_>,
    canary_events: ArrayLike<'_>,
    canary_trials: ArrayLike<'_>,
    interval: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
    null: Option<f64>,
    errors: &str,
) -> PyResult<ManyResults> {
    let test = options!(TwoProportionZ; interval, alternative, measure; confidence, null);
    let columns = [
        ("baseline_events", baseline_events),
        ("baseline_trials", baseline_trials),
        ("canary_events", canary_events),
        ("canary_trials", canary_trials),
    ];
    let [be, bt, ce, ct] =
        columns.map(|(name, column)| whole_numbers(name, &column).map(|v| (name, v)));
    let (be, bt, ce, ct) = (be?, bt?, ce?, ct?);
    let count = be.1.len();
    for (name, column) in [&bt, &ce, &ct] {
        if column.len() != count {
            let rule = format!("must be as many as baseline_events ({count})");
            return Err(invalid_input(name, &rule, column.len()));
        }
    }
    let cells = be.1.into_iter().zip(bt.1).zip(ce.1.into_iter().zip(ct.1));
    let pairs: Vec<Arms<(u64, u64)>> = cells.map(|(b, c)| Arms::new(b, c)).collect();
    let run = |arms: &Arms<(u64, u64)>| {
        let arms = arms.try_map(|arm, (events, trials)| {
            Counts::new(events, trials).map_err(|error| error.in_argument(arm))
        })?;
        test.run(&arms)
    };
    ManyResults::of(py.detach(|| stats::many(&pairs, run)), errors)
}
