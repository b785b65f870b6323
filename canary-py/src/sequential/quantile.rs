//! Monitors of quantiles and whole distributions.

use canary_core::data::Arm;
use canary_core::sequential::{self, Update};
use canary_core::{Arms, Margin};
use pyo3::prelude::*;

use crate::convert::{ArrayLike, MarginLike, Values, is_scalar, real, word};
use crate::data::Histogram;
use crate::error::{invalid_input, to_python};
use crate::stats::result::{Estimate, Interval};
use crate::wrap::monitor;

/// A list of numbers, for an option.
fn list(argument: &str, numbers: Option<ArrayLike<'_>>) -> PyResult<Option<Vec<f64>>> {
    let read = |numbers: ArrayLike<'_>| Ok(numbers.values(argument)?.as_slice()?.to_vec());
    numbers.map(read).transpose()
}

fn margin(tolerance: Option<MarginLike>) -> Option<Margin> {
    tolerance.map(|MarginLike(margin)| margin)
}

/// An arm's values, if there are any.
fn values_of<'py>(
    argument: &str,
    object: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Values<'py>>> {
    let read = |object| ArrayLike::of(object).values(argument);
    object.map(read).transpose()
}

/// Values of both arms, or histograms of both, or a single value of one.
macro_rules! update_two_arms {
    ($own:ident, $py:ident, $baseline:ident, $canary:ident) => {{
        let given = (&$baseline, &$canary);
        if let (Some(baseline), Some(canary)) = given
            && let (Ok(baseline), Ok(canary)) =
                (baseline.cast::<Histogram>(), canary.cast::<Histogram>())
        {
            let counts = Arms::new(&baseline.get().inner, &canary.get().inner);
            let decision = $own.inner.change($py, |own| own.update(counts))?;
            return Ok(decision.as_str());
        }
        let single = match given {
            (Some(value), None) if is_scalar(value) => Some((Arm::Baseline, value)),
            (None, Some(value)) if is_scalar(value) => Some((Arm::Canary, value)),
            (None, None) => {
                let rule = "must be given, or baseline, or both";
                return Err(invalid_input("canary", rule, "neither"));
            }
            _ => None,
        };
        if let Some((arm, value)) = single {
            let value = real(arm.as_str(), value)?;
            let decision = $own.inner.change($py, |own| own.update((arm, value)))?;
            return Ok(decision.as_str());
        }
        let baseline = values_of("baseline", $baseline.as_ref())?;
        let canary = values_of("canary", $canary.as_ref())?;
        let baseline = baseline
            .as_ref()
            .map_or(Ok(&[][..]), |values| values.as_slice())?;
        let canary = canary
            .as_ref()
            .map_or(Ok(&[][..]), |values| values.as_slice())?;
        let values = Arms::new(baseline, canary);
        let decision = $own.inner.change($py, |own| own.update(values))?;
        Ok(decision.as_str())
    }};
}

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/quantile/sequence.md")]
    ///
    /// # Parameters
    /// `quantiles`: which, ascending; without them, 0.5, 0.9, 0.95, 0.99 and 0.999. `alpha`: the
    /// probability that an interval ever misses. `alternative`: `"two_sided"`, `"greater"` or `"less"`
    /// than `null`, the value that a single quantile is held against. `bound`: `"mixture"` or
    /// `"stitched"`. `t_opt`: how many values the mixture is sharpest at. `t_min`: from how many values
    /// on the band holds. `accuracy`: the width of a bin over its values. `bounds`: the finite upper
    /// bounds of histograms' buckets, in place of logarithmic bins. `assume`: `"nothing"`, or
    /// `"independence"` as a promise that values come one by one.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: is the 99th percentile above 500 ms?
    /// >>> latency = canary.QuantileSequenceMonitor(quantiles=[0.99], null=500, alternative="greater")
    /// >>> for minute in numpy.where(numpy.arange(1000) % 25 == 0, 900.0, 100.0).reshape(20, 50):
    /// ...     decision = latency.update(minute)
    /// >>> decision
    /// 'accept_alternative'
    /// >>> latency.quantiles[0].interval.low > 890
    /// True
    QuantileSequenceMonitor(sequential::QuantileSequenceMonitor) {
        #[new]
        #[expect(clippy::too_many_arguments, reason = "the design's options, by keyword")]
        #[pyo3(signature = (
            *, quantiles = None, alpha = 0.05, alternative = "two_sided", null = None, bound = "mixture",
            t_opt = 1000.0, t_min = 1.0, accuracy = 0.01, bounds = None,
            assume = "nothing"
        ))]
        fn new(
            quantiles: Option<ArrayLike<'_>>,
            alpha: f64,
            alternative: &str,
            null: Option<f64>,
            bound: &str,
            t_opt: f64,
            t_min: f64,
            accuracy: f64,
            bounds: Option<ArrayLike<'_>>,
            assume: &str,
        ) -> PyResult<Self> {
            let mut design = sequential::QuantileSequence::new()
                .alpha(alpha)
                .alternative(word(alternative)?)
                .null(null)
                .bound(word(bound)?)
                .t_opt(t_opt)
                .t_min(t_min)
                .accuracy(accuracy)
                .assume(word(assume)?);
            if let Some(quantiles) = list("quantiles", quantiles)? {
                design = design.quantiles(&quantiles);
            }
            if let Some(bounds) = list("bounds", bounds)? {
                design = design.bounds(&bounds);
            }
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds a value, values, or what a `Histogram` has counted since the last update, and gives the
        /// decision.
        #[pyo3(signature = (values))]
        fn update(&self, py: Python<'_>, values: &Bound<'_, PyAny>) -> PyResult<&'static str> {
            let decision = if let Ok(counts) = values.cast::<Histogram>() {
                let counts = &counts.get().inner;
                self.inner.change(py, |own| own.update(counts))?
            } else if is_scalar(values) {
                let value = real("values", values)?;
                self.inner.change(py, |own| own.update(value))?
            } else {
                let values = ArrayLike::of(values).values("values")?;
                let values = values.as_slice()?;
                self.inner.change(py, |own| own.update(values))?
            };
            Ok(decision.as_str())
        }

        /// Each quantile with its interval; the intervals hold for all of them at all looks at once.
        #[getter]
        fn quantiles(&self, py: Python<'_>) -> Vec<Estimate> {
            let quantiles = self.inner.read(py, sequential::QuantileSequenceMonitor::quantiles);
            quantiles.into_iter().map(Estimate::from).collect()
        }

        /// The probability of a value up to `x`: its range by the band, which holds for every x at all
        /// looks at once.
        fn probability(&self, py: Python<'_>, x: f64) -> Interval {
            self.inner.read(py, |own| own.probability(x)).into()
        }
    }
}

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/quantile/comparison.md")]
    ///
    /// # Parameters
    /// `quantiles`: which, ascending; without them, 0.5, 0.9, 0.95, 0.99 and 0.999. `alpha`: the
    /// false-alarm rate over all looks and quantiles. `alternative`: `"two_sided"`, `"greater"` (some
    /// quantile of the canary's is greater) or `"less"`. `measure`: `"difference"` or `"ratio"`.
    /// `tolerance`: by how much the canary may be worse, such as `"10%"`, `"1.5x"` or `20`. `t_opt`: how
    /// many values an arm the bounds are sharpest at. `accuracy`: the width of a bin over its values.
    /// `bounds`: the finite upper bounds of histograms' buckets, in place of logarithmic bins. `assume`:
    /// `"nothing"`, or `"independence"` as a promise that values come one by one.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: a twentieth of the canary's requests takes ten times as long
    /// >>> latency = canary.QuantileComparisonMonitor(quantiles=[0.5, 0.9, 0.99])
    /// >>> for minute in numpy.arange(20_000).reshape(400, 50):
    /// ...     baseline = 100.0 + minute % 50
    /// ...     decision = latency.update(baseline, numpy.where(minute % 20 == 0, 10 * baseline, baseline))
    /// >>> decision
    /// 'accept_alternative'
    /// >>> latency.changes[2].of, latency.changes[2].interval.low > 500
    /// ('difference of quantile 0.99', True)
    QuantileComparisonMonitor(sequential::QuantileComparisonMonitor) {
        #[new]
        #[expect(clippy::too_many_arguments, reason = "the design's options, by keyword")]
        #[pyo3(signature = (
            *, quantiles = None, alpha = 0.05, alternative = "two_sided", measure = "difference",
            tolerance = None, t_opt = 1000.0, accuracy = 0.01, bounds = None,
            assume = "nothing"
        ))]
        fn new(
            quantiles: Option<ArrayLike<'_>>,
            alpha: f64,
            alternative: &str,
            measure: &str,
            tolerance: Option<MarginLike>,
            t_opt: f64,
            accuracy: f64,
            bounds: Option<ArrayLike<'_>>,
            assume: &str,
        ) -> PyResult<Self> {
            let mut design = sequential::QuantileComparison::new()
                .alpha(alpha)
                .alternative(word(alternative)?)
                .measure(word(measure)?)
                .tolerance(margin(tolerance))
                .t_opt(t_opt)
                .accuracy(accuracy)
                .assume(word(assume)?);
            if let Some(quantiles) = list("quantiles", quantiles)? {
                design = design.quantiles(&quantiles);
            }
            if let Some(bounds) = list("bounds", bounds)? {
                design = design.bounds(&bounds);
            }
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds the values of both arms since the last update, a single value of one arm, or what two
        /// `Histogram`s have counted since, and gives the decision.
        #[pyo3(signature = (baseline = None, canary = None))]
        fn update<'py>(
            &self,
            py: Python<'py>,
            baseline: Option<Bound<'py, PyAny>>,
            canary: Option<Bound<'py, PyAny>>,
        ) -> PyResult<&'static str> {
            update_two_arms!(self, py, baseline, canary)
        }

        /// Each quantile's change; the intervals hold for all of them at all looks at once.
        #[getter]
        fn changes(&self, py: Python<'_>) -> Vec<Estimate> {
            let changes = self.inner.read(py, sequential::QuantileComparisonMonitor::changes);
            changes.into_iter().map(Estimate::from).collect()
        }

        /// The anytime p-value of each quantile alone, the smallest so far.
        #[getter]
        fn p_values(&self, py: Python<'_>) -> Vec<f64> {
            self.inner.read(py, sequential::QuantileComparisonMonitor::p_values)
        }
    }
}

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/quantile/distribution.md")]
    ///
    /// # Parameters
    /// `quantiles`: those of all values that are thresholds, ascending; without them, ten from 0.1 to
    /// 0.999. `alpha`: the false-alarm rate over all looks. `alternative`: `"two_sided"`, `"greater"` (the
    /// canary is slower somewhere) or `"less"`. `tolerance`: by how much any quantile between
    /// 1 - `within` and `within` may be worse, such as `"10%"`, `"1.5x"` or `20`. `t_min`: from how many
    /// values an arm on the bands hold. `accuracy`: the width of a bin over its values. `bounds`: the
    /// finite upper bounds of histograms' buckets, in place of logarithmic bins. `assume`: `"nothing"`, or
    /// `"independence"` as a promise that values come one by one.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: every twentieth of the canary's requests takes ten times as long
    /// >>> latency = canary.DistributionComparisonMonitor()
    /// >>> for minute in numpy.arange(6000).reshape(120, 50):
    /// ...     baseline = 100.0 + minute % 50
    /// ...     decision = latency.update(baseline, numpy.where(minute % 20 == 0, 10 * baseline, baseline))
    /// >>> decision
    /// 'accept_alternative'
    DistributionComparisonMonitor(sequential::DistributionComparisonMonitor) {
        #[new]
        #[expect(clippy::too_many_arguments, reason = "the design's options, by keyword")]
        #[pyo3(signature = (
            *, quantiles = None, alpha = 0.05, alternative = "two_sided", tolerance = None, within = 0.9,
            t_min = 1.0, accuracy = 0.01, bounds = None,
            assume = "nothing"
        ))]
        fn new(
            quantiles: Option<ArrayLike<'_>>,
            alpha: f64,
            alternative: &str,
            tolerance: Option<MarginLike>,
            within: f64,
            t_min: f64,
            accuracy: f64,
            bounds: Option<ArrayLike<'_>>,
            assume: &str,
        ) -> PyResult<Self> {
            let mut design = sequential::DistributionComparison::new()
                .alpha(alpha)
                .alternative(word(alternative)?)
                .tolerance(margin(tolerance))
                .within(within)
                .t_min(t_min)
                .accuracy(accuracy)
                .assume(word(assume)?);
            if let Some(quantiles) = list("quantiles", quantiles)? {
                design = design.quantiles(&quantiles);
            }
            if let Some(bounds) = list("bounds", bounds)? {
                design = design.bounds(&bounds);
            }
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds the values of both arms since the last update, a single value of one arm, or what two
        /// `Histogram`s have counted since, and gives the decision.
        #[pyo3(signature = (baseline = None, canary = None))]
        fn update<'py>(
            &self,
            py: Python<'py>,
            baseline: Option<Bound<'py, PyAny>>,
            canary: Option<Bound<'py, PyAny>>,
        ) -> PyResult<&'static str> {
            update_two_arms!(self, py, baseline, canary)
        }

        /// The change of each of these quantiles, with intervals that hold for every quantile there is, at
        /// all looks at once. `measure`: `"difference"` or `"ratio"`.
        #[pyo3(signature = (quantiles, *, measure = "difference"))]
        fn changes(
            &self,
            py: Python<'_>,
            quantiles: ArrayLike<'_>,
            measure: &str,
        ) -> PyResult<Vec<Estimate>> {
            let quantiles = quantiles.values("quantiles")?;
            let (quantiles, measure) = (quantiles.as_slice()?, word(measure)?);
            let changes = self.inner.read(py, |own| own.changes(quantiles, measure));
            let changes = changes.map_err(to_python)?;
            Ok(changes.into_iter().map(Estimate::from).collect())
        }

        /// The p-value now of each threshold alone.
        #[getter]
        fn p_values(&self, py: Python<'_>) -> Vec<f64> {
            self.inner.read(py, sequential::DistributionComparisonMonitor::p_values)
        }

        /// The anytime p-value of the bands alone.
        #[getter]
        fn band_p_value(&self, py: Python<'_>) -> f64 {
            self.inner.read(py, sequential::DistributionComparisonMonitor::band_p_value)
        }
    }
}
