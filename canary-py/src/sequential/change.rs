//! Monitors of a service that runs: change of its level.

use canary_core::sequential::{self, Update};
use pyo3::prelude::*;

use crate::convert::{ArrayLike, counts, exposure, is_scalar, real, word};
use crate::error::{invalid_input, to_python};
use crate::wrap::{monitor, shell};

shell! {
    /// When a change came, and when it was found.
    ChangePoint(sequential::ChangePoint) {
        /// After how much (values, trials, units of time; updates of an e-detector) the likeliest
        /// change came.
        #[getter]
        fn start(&self) -> f64 {
            self.inner.start
        }

        /// After how much the alarm was raised; `None` while there is none.
        #[getter]
        fn alarm(&self) -> Option<f64> {
            self.inner.alarm
        }

        fn __repr__(&self) -> String {
            let sequential::ChangePoint { start, alarm } = self.inner;
            let alarm = alarm.map_or_else(|| "None".to_owned(), |alarm| format!("{alarm:?}"));
            format!("ChangePoint(start={start:?}, alarm={alarm})")
        }
    }
}

/// What an update may be of.
enum Data {
    Event(bool),
    Values(Vec<f64>),
    Counts(canary_core::Counts),
    Exposure(canary_core::Exposure),
}

fn data(object: &Bound<'_, PyAny>, is_of_events: bool) -> PyResult<Data> {
    if object.cast::<crate::data::Counts>().is_ok() {
        return counts("data", object).map(Data::Counts);
    }
    if object.cast::<crate::data::Exposure>().is_ok() || is_of_events {
        return exposure("data", object).map(Data::Exposure);
    }
    if let Ok(event) = object.extract::<bool>() {
        return Ok(Data::Event(event));
    }
    if is_scalar(object) {
        return Ok(Data::Values(vec![real("data", object)?]));
    }
    let array: ArrayLike<'_> = object.extract()?;
    let values = array.values("data")?;
    Ok(Data::Values(values.as_slice()?.to_vec()))
}

fn give<T>(monitor: &mut T, data: &Data) -> canary_core::Result<sequential::Decision>
where
    T: Update<bool> + for<'a> Update<&'a [f64]>,
    T: Update<canary_core::Counts> + Update<canary_core::Exposure>,
{
    match data {
        Data::Event(event) => monitor.update(*event),
        Data::Values(values) => monitor.update(values.as_slice()),
        Data::Counts(counts) => monitor.update(*counts),
        Data::Exposure(exposure) => monitor.update(*exposure),
    }
}

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/cusum.md")]
    ///
    /// # Parameters
    /// `model`: `"bernoulli"` (takes `True` and `False`, and `Counts` or (events, trials)), `"poisson"`
    /// (`Exposure` or (events, time)) or `"normal"` (a value or many, one after the other). `before`: the
    /// level that there is. `after`: the one that is looked for, greater or less. `sd`: the standard
    /// deviation of normal values. `average_run_length`: how many values, trials or units of time there
    /// are at least between false alarms, on average.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option; `merge` is always an error.
    ///
    /// # Example: failed requests, from 1% to 2%
    /// >>> errors = canary.CusumMonitor("bernoulli", 0.01, 0.02)
    /// >>> for _ in range(60):
    /// ...     decision = errors.update((10, 1_000))
    /// >>> decision
    /// 'continue'
    /// >>> for _ in range(4):
    /// ...     decision = errors.update((20, 1_000))
    /// >>> decision, errors.change_point.start
    /// ('accept_alternative', 60000.0)
    CusumMonitor(sequential::CusumMonitor) {
        #[new]
        #[pyo3(signature = (model, before, after, *, sd = 1.0, average_run_length = 1e6))]
        fn new(
            py: Python<'_>,
            model: &str,
            before: f64,
            after: f64,
            sd: f64,
            average_run_length: f64,
        ) -> PyResult<Self> {
            let design = sequential::Cusum::new(word(model)?, before, after)
                .sd(sd)
                .average_run_length(average_run_length);
            Ok(py.detach(|| design.monitor()).map_err(to_python)?.into())
        }

        /// Adds what came since the last update, and gives the decision.
        fn update(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<&'static str> {
            let model = self.inner.read(py, sequential::CusumMonitor::model);
            let data = match model {
                sequential::ChangeModel::Bernoulli if !is_scalar(data) => {
                    Data::Counts(counts("data", data)?)
                }
                model => self::data(data, model == sequential::ChangeModel::Poisson)?,
            };
            let decision = self.inner.change(py, |own| give(own, &data))?;
            Ok(sequential::Decision::as_str(decision))
        }

        /// Watches for the next change, after an alarm. What was counted stays.
        fn reset(&self, py: Python<'_>) -> PyResult<()> {
            self.inner.change(py, |own| {
                own.reset();
                Ok(())
            })
        }

        /// The sum at which there is an alarm.
        #[getter]
        fn threshold(&self, py: Python<'_>) -> f64 {
            self.inner.read(py, sequential::CusumMonitor::threshold)
        }

        /// How many values, trials or units of time there are between false alarms, on average.
        #[getter]
        fn average_run_length(&self, py: Python<'_>) -> f64 {
            self.inner.read(py, sequential::CusumMonitor::average_run_length)
        }

        /// How many there are until the alarm after the change that is looked for, on average.
        #[getter]
        fn delay(&self, py: Python<'_>) -> f64 {
            self.inner.read(py, sequential::CusumMonitor::delay)
        }

        /// When the likeliest change came and when the alarm, in values, trials or units of time.
        #[getter]
        fn change_point(&self, py: Python<'_>) -> ChangePoint {
            self.inner.read(py, sequential::CusumMonitor::change_point).into()
        }
    }
}

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/e_detector.md")]
    ///
    /// # Parameters
    /// `before`: the level that there is. `low`, `high`: the values' range; without them, what comes are
    /// events in time (`Exposure` or (events, time)). Of the range [0, 1] it takes `True` and `False`
    /// and `Counts`, too. `alternative`: `"greater"`, `"less"` or `"two_sided"`. `method`:
    /// `"shiryaev_roberts"` or `"cusum"`. `average_run_length`: how many updates there are at least
    /// before a false alarm, on average.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option; `merge` is always an error.
    ///
    /// # Example: the share of failed requests in a service that had 1%
    /// >>> errors = canary.EDetectorMonitor(0.01, low=0, high=1)
    /// >>> errors.update(canary.Counts(10, 1_000))
    /// 'continue'
    /// >>> errors.update(canary.Counts(25, 1_000))
    /// 'continue'
    /// >>> errors.update(canary.Counts(25, 1_000))
    /// 'accept_alternative'
    /// >>> errors.change_point
    /// ChangePoint(start=1.0, alarm=3.0)
    EDetectorMonitor(sequential::EDetectorMonitor) {
        #[new]
        #[pyo3(signature = (before, *, low = None, high = None, alternative = "greater", method = "shiryaev_roberts", average_run_length = 1e4))]
        fn new(
            before: f64,
            low: Option<f64>,
            high: Option<f64>,
            alternative: &str,
            method: &str,
            average_run_length: f64,
        ) -> PyResult<Self> {
            let design = match (low, high) {
                (Some(low), Some(high)) => sequential::EDetector::bounded(low, high, before),
                (None, None) => sequential::EDetector::poisson(before),
                _ => {
                    let rule = "must be given with low";
                    return Err(invalid_input("high", rule, "one of the two"));
                }
            };
            let design = design
                .alternative(word(alternative)?)
                .method(word(method)?)
                .average_run_length(average_run_length);
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds what came since the last update, and gives the decision.
        fn update(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<&'static str> {
            let is_of_events = self.inner.read(py, sequential::EDetectorMonitor::is_of_events);
            let data = self::data(data, is_of_events)?;
            let decision = self.inner.change(py, |own| give(own, &data))?;
            Ok(sequential::Decision::as_str(decision))
        }

        /// Watches for the next change, after an alarm. What was counted stays.
        fn reset(&self, py: Python<'_>) -> PyResult<()> {
            self.inner.change(py, |own| {
                own.reset();
                Ok(())
            })
        }

        /// When the likeliest change came and when the alarm, in updates; values given at once are
        /// one each.
        #[getter]
        fn change_point(&self, py: Python<'_>) -> ChangePoint {
            self.inner.read(py, sequential::EDetectorMonitor::change_point).into()
        }
    }
}
