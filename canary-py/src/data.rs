//! What was measured: one class per kind of observations.

use canary_core::{self as core, NanPolicy, Observations};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};

use crate::convert::{Array, ArrayLike, count, counts, groups, is_scalar, real, show, word};
use crate::error::{invalid_input, to_python};
use crate::wrap::{from_json, shell};

shell! {
    /// Events out of trials: errors of requests, conversions of visits.
    ///
    /// `events` must not exceed `trials`; no trials at all is valid (no traffic).
    ///
    /// >>> errors = canary.Counts(3, 1000)
    /// >>> errors.rate
    /// 0.003
    Counts(core::Counts) {
        #[new]
        fn new(events: &Bound<'_, PyAny>, trials: &Bound<'_, PyAny>) -> PyResult<Self> {
            let (events, trials) = (count("events", events)?, count("trials", trials)?);
            Ok(core::Counts::new(events, trials).map_err(to_python)?.into())
        }

        /// How many trials had the event.
        #[getter]
        fn events(&self) -> u64 {
            self.inner.events()
        }

        /// How many trials there were.
        #[getter]
        fn trials(&self) -> u64 {
            self.inner.trials()
        }

        /// Events per trial; NaN without trials.
        #[getter]
        fn rate(&self) -> f64 {
            self.inner.rate()
        }

        fn __repr__(&self) -> String {
            format!("Counts(events={}, trials={})", self.inner.events(), self.inner.trials())
        }
    }
}

shell! {
    /// Events in a span of time (or any other exposure), in the caller's unit of time.
    ///
    /// >>> canary.Exposure(6, 2.0).rate
    /// 3.0
    Exposure(core::Exposure) {
        #[new]
        fn new(events: &Bound<'_, PyAny>, time: &Bound<'_, PyAny>) -> PyResult<Self> {
            let (events, time) = (count("events", events)?, real("time", time)?);
            Ok(core::Exposure::new(events, time).map_err(to_python)?.into())
        }

        /// How many events there were.
        #[getter]
        fn events(&self) -> u64 {
            self.inner.events()
        }

        /// How long was watched.
        #[getter]
        fn time(&self) -> f64 {
            self.inner.time()
        }

        /// Events per unit of time.
        #[getter]
        fn rate(&self) -> f64 {
            self.inner.rate()
        }

        fn __repr__(&self) -> String {
            format!("Exposure(events={}, time={:?})", self.inner.events(), self.inner.time())
        }
    }
}

shell! {
    /// One finite value, without a sample size: for thresholds, not for tests.
    ///
    /// >>> canary.Gauge(0.7)
    /// Gauge(0.7)
    Gauge(core::Gauge) {
        #[new]
        fn new(value: &Bound<'_, PyAny>) -> PyResult<Self> {
            Ok(core::Gauge::new(real("value", value)?).map_err(to_python)?.into())
        }

        /// What it reads.
        #[getter]
        fn value(&self) -> f64 {
            self.inner.value()
        }

        fn __repr__(&self) -> String {
            format!("Gauge({:?})", self.inner.value())
        }
    }
}

shell! {
    /// Raw values, one a request, in any order.
    ///
    /// NaN and nulls are refused, or left out and counted with `nan_policy="omit"`; infinite
    /// values and empty samples are refused.
    ///
    /// >>> latency = canary.Sample([12.0, None, 14.0, 90.0], nan_policy="omit")
    /// >>> latency, latency.omitted, latency.quantile(0.5)
    /// (Sample(n=3), 1, 14.0)
    Sample(core::Sample) {
        #[new]
        #[pyo3(signature = (values, *, nan_policy = "raise"))]
        fn new(values: ArrayLike<'_>, nan_policy: &str) -> PyResult<Self> {
            Ok(sample("values", &values, word(nan_policy)?)?.into())
        }

        /// A sample of one mean per unit: the host, the user, the window of time that was assigned to
        /// an arm. `units` says of which unit each value is (texts or numbers).
        ///
        /// Observations of one unit are alike, so that a thousand of one host tell of one host, not of
        /// a thousand. Each unit counts alike, however many values it has. From a single unit on an
        /// arm no test can decide, and the judge says so. With `nan_policy="omit"`, `omitted` counts
        /// the units of nothing but NaN.
        ///
        /// >>> canary.Sample.by_units([10, 14, 30, 50], ["vm1", "vm1", "vm2", "vm3"]).values.tolist()
        /// [12.0, 30.0, 50.0]
        #[staticmethod]
        #[pyo3(signature = (values, units, *, nan_policy = "raise"))]
        fn by_units(
            values: ArrayLike<'_>,
            units: ArrayLike<'_>,
            nan_policy: &str,
        ) -> PyResult<Self> {
            Ok(by_units("", &values, &units, word(nan_policy)?)?.into())
        }

        /// The values, without the omitted ones, as a numpy array.
        #[getter]
        fn values(&self) -> Array {
            Array(self.inner.values().to_vec())
        }

        /// How many NaNs were left out.
        #[getter]
        fn omitted(&self) -> u64 {
            self.inner.omitted()
        }

        /// The q-quantile by linear interpolation, as `numpy.quantile` has it.
        fn quantile(&self, q: f64) -> f64 {
            self.inner.quantile(q)
        }

        fn __len__(&self) -> usize {
            self.inner.values().len()
        }

        fn __repr__(&self) -> String {
            format!("Sample(n={})", self.inner.values().len())
        }
    }
}

shell! {
    /// A value per time, times strictly increasing.
    ///
    /// >>> memory = canary.Series([0, 15, 30], [210.0, 214.0, 219.0])
    /// >>> memory
    /// Series(n=3)
    Series(core::Series) {
        #[new]
        #[pyo3(signature = (times, values, *, nan_policy = "raise"))]
        fn new(times: ArrayLike<'_>, values: ArrayLike<'_>, nan_policy: &str) -> PyResult<Self> {
            Ok(series("", &times, &values, word(nan_policy)?)?.into())
        }

        /// The times at which there is a value.
        #[getter]
        fn times(&self) -> Array {
            Array(self.inner.times().to_vec())
        }

        /// The values, in the order of time.
        #[getter]
        fn values(&self) -> Array {
            Array(self.inner.values().to_vec())
        }

        /// How many gaps were left out.
        #[getter]
        fn omitted(&self) -> u64 {
            self.inner.omitted()
        }

        /// By how much a counter grew; a fall is a restart from zero.
        fn counter_increase(&self) -> f64 {
            self.inner.counter_increase()
        }

        fn __len__(&self) -> usize {
            self.inner.values().len()
        }

        fn __repr__(&self) -> String {
            format!("Series(n={})", self.inner.values().len())
        }
    }
}

shell! {
    /// Prometheus' cumulative buckets: how many values were at most each bound, the last of which
    /// is infinite, and the sum of all values if known.
    ///
    /// >>> latency = canary.Histogram([0.1, 0.5, float("inf")], [80, 98, 100], sum=11.25)
    /// >>> latency.quantile(0.5), latency.quantile(0.99), latency.mean
    /// (0.0625, 0.5, 0.1125)
    Histogram(core::Histogram) {
        #[new]
        #[pyo3(signature = (bounds, counts, *, sum = None))]
        fn new(bounds: ArrayLike<'_>, counts: ArrayLike<'_>, sum: Option<f64>) -> PyResult<Self> {
            let (bounds, counts) = (bounds.values("bounds")?, counts.values("counts")?);
            let histogram = core::Histogram::new(bounds.as_slice()?, counts.as_slice()?, sum);
            Ok(histogram.map_err(to_python)?.into())
        }

        /// The upper bounds, the last one infinite.
        #[getter]
        fn bounds(&self) -> Array {
            Array(self.inner.buckets().iter().map(|bucket| bucket.upper).collect())
        }

        /// How many values were at most each bound.
        #[getter]
        fn counts(&self) -> Array {
            Array(self.inner.buckets().iter().map(|bucket| bucket.count).collect())
        }

        /// How many values there were.
        #[getter]
        fn count(&self) -> f64 {
            self.inner.count()
        }

        /// The sum of all values, if known.
        #[getter]
        fn sum(&self) -> Option<f64> {
            self.inner.sum()
        }

        /// Sum over count, if the sum is known.
        #[getter]
        fn mean(&self) -> Option<f64> {
            self.inner.mean()
        }

        /// The q-quantile as Prometheus' `histogram_quantile` estimates it: NaN without
        /// observations, infinite for q outside of 0 to 1, the highest finite bound in the last
        /// bucket.
        fn quantile(&self, q: f64) -> f64 {
            self.inner.quantile(q)
        }

        /// What was added since an earlier scrape; all of it where the count fell.
        fn since(&self, earlier: &Bound<'_, Self>) -> PyResult<Self> {
            Ok(self.inner.since(&earlier.get().inner).map_err(to_python)?.into())
        }

        /// Both histograms' observations together.
        fn merge(&self, other: &Bound<'_, Self>) -> PyResult<Self> {
            Ok(self.inner.merge(&other.get().inner).map_err(to_python)?.into())
        }

        fn __repr__(&self) -> String {
            format!("Histogram(buckets={}, count={:?})", self.inner.buckets().len(), self.inner.count())
        }
    }
}

shell! {
    /// Size, mean and standard deviation of values that were not kept.
    ///
    /// >>> canary.Summary.of([10.0, 12.0]).merge(canary.Summary.of([14.0, 20.0])).mean
    /// 14.0
    Summary(core::Summary) {
        #[new]
        fn new(count: &Bound<'_, PyAny>, mean: f64, stddev: f64) -> PyResult<Self> {
            let count = self::count("count", count)?;
            Ok(core::Summary::from_moments(count, mean, stddev).map_err(to_python)?.into())
        }

        /// The summary of values.
        #[staticmethod]
        #[pyo3(signature = (values, *, nan_policy = "raise"))]
        fn of(values: ArrayLike<'_>, nan_policy: &str) -> PyResult<Self> {
            let values = values.values("values")?;
            let summary = core::Summary::of(values.as_slice()?, word(nan_policy)?);
            Ok(summary.map_err(to_python)?.into())
        }

        /// How many values there were.
        #[getter]
        fn count(&self) -> u64 {
            self.inner.count()
        }

        /// Their mean.
        #[getter]
        fn mean(&self) -> f64 {
            self.inner.mean()
        }

        /// Their standard deviation, with n - 1.
        #[getter]
        fn stddev(&self) -> f64 {
            self.inner.stddev()
        }

        /// The smallest value, if known.
        #[getter]
        fn min(&self) -> Option<f64> {
            self.inner.min()
        }

        /// The largest value, if known.
        #[getter]
        fn max(&self) -> Option<f64> {
            self.inner.max()
        }

        /// The summary of both sets of values together.
        fn merge(&self, other: &Bound<'_, Self>) -> Self {
            self.inner.merge(other.get().inner).into()
        }

        fn __repr__(&self) -> String {
            let (count, mean, stddev) = (self.inner.count(), self.inner.mean(), self.inner.stddev());
            format!("Summary(count={count}, mean={mean:?}, stddev={stddev:?})")
        }
    }
}

fn sample(argument: &str, values: &ArrayLike<'_>, policy: NanPolicy) -> PyResult<core::Sample> {
    let values = values.values(argument)?.as_slice()?.to_vec();
    core::Sample::new(values, policy).map_err(|error| to_python(error.in_argument(argument)))
}

/// A series; an argument that is not empty stands before the names of its parts.
fn series(
    argument: &str,
    times: &ArrayLike<'_>,
    values: &ArrayLike<'_>,
    policy: NanPolicy,
) -> PyResult<core::Series> {
    let times = times.values(&part(argument, "times"))?.as_slice()?.to_vec();
    let values = values
        .values(&part(argument, "values"))?
        .as_slice()?
        .to_vec();
    core::Series::new(times, values, policy).map_err(|error| in_argument(argument, error))
}

/// A sample of one mean per unit, named like a series.
fn by_units(
    argument: &str,
    values: &ArrayLike<'_>,
    units: &ArrayLike<'_>,
    policy: NanPolicy,
) -> PyResult<core::Sample> {
    let values = values.values(&part(argument, "values"))?;
    let units = groups(&part(argument, "units"), units.object())?;
    let sample = core::Sample::by_units(values.as_slice()?, &units, policy);
    sample.map_err(|error| in_argument(argument, error))
}

/// The name of an argument's part; of no argument, the part's own.
fn part(argument: &str, name: &str) -> String {
    match argument {
        "" => name.to_owned(),
        argument => format!("{argument}.{name}"),
    }
}

/// The error about a part of the argument.
fn in_argument(argument: &str, error: core::Error) -> PyErr {
    let place = match &error {
        core::Error::InvalidInput { argument: own, .. }
        | core::Error::NotEnoughData { argument: own, .. } => part(argument, own),
        _ => argument.to_owned(),
    };
    to_python(error.in_argument(&place))
}

/// What a caller gives for one metric of one arm: an object of this module, a number, an array, or
/// a dict in the shape of the JSON form.
pub(crate) fn observations(argument: &str, object: &Bound<'_, PyAny>) -> PyResult<Observations> {
    macro_rules! unwrap {
        ($($class:ident),+) => {$(
            if let Ok(observations) = object.cast::<$class>() {
                return Ok(observations.get().inner.clone().into());
            }
        )+};
    }
    unwrap!(Counts, Exposure, Gauge, Histogram, Sample, Series, Summary);
    if is_scalar(object) {
        let gauge = core::Gauge::new(real(argument, object)?);
        let gauge = gauge.map_err(|error| to_python(error.in_argument(argument)))?;
        return Ok(gauge.into());
    }
    let Ok(dict) = object.cast::<PyDict>() else {
        return Ok(sample(argument, &ArrayLike::of(object), NanPolicy::Raise)?.into());
    };
    if let (Some(events), Some(trials)) = (dict.get_item("events")?, dict.get_item("trials")?)
        && dict.len() == 2
    {
        let pair = (events, trials).into_pyobject(object.py())?;
        return Ok(counts(argument, &pair)?.into());
    }
    if let (Some(times), Some(values)) = (dict.get_item("times")?, dict.get_item("values")?)
        && dict.len() == 2
    {
        let (times, values) = (ArrayLike::of(&times), ArrayLike::of(&values));
        return Ok(series(argument, &times, &values, NanPolicy::Raise)?.into());
    }
    if let (Some(values), Some(units)) = (dict.get_item("values")?, dict.get_item("units")?)
        && dict.len() == 2
    {
        let (values, units) = (ArrayLike::of(&values), ArrayLike::of(&units));
        return Ok(by_units(argument, &values, &units, NanPolicy::Raise)?.into());
    }
    let json: String = dumps(object)
        .and_then(|json| json.extract())
        .map_err(|_| invalid_input(argument, "must be observations", show(object)))?;
    from_json(&json).map_err(|error| {
        let message = error.value(object.py()).to_string();
        invalid_input(
            argument,
            "must be observations",
            message.trim_start_matches("json: "),
        )
    })
}

/// Python's own JSON, with numpy's numbers and arrays as plain ones.
pub(crate) fn dumps<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    let plain = py
        .import("operator")?
        .call_method1("methodcaller", ("tolist",))?;
    let options = [("default", plain)].into_py_dict(py)?;
    py.import("json")?
        .call_method("dumps", (object,), Some(&options))
}
