//! Tests of events: out of trials, in a span of time, over clusters, per group.

use canary_core as core;
use canary_core::{Arms, stats};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::options;
use super::result::{Estimate, Interval, TestResult};
use crate::convert::{Array, ArrayLike, by_name, counts, exposure, groups, pair, whole_numbers};
use crate::error::to_python;
use crate::wrap::shell;

#[doc = include_str!("../../../canary-core/src/stats/proportions/two_proportion_z.md")]
///
/// # Parameters
/// `baseline`, `canary`: `(events, trials)` or `Counts`. `interval`: `"miettinen_nurminen"`,
/// `"newcombe"` or `"wald"`. `measure`: `"difference"`, `"ratio"` or `"odds_ratio"`. `alternative`,
/// `confidence`, `null`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.two_proportion_z((95, 19_000), (30, 2_000))
/// >>> round(result.estimate.value, 4), [round(end, 4) for end in result.interval]
/// (0.01, [0.0054, 0.0164])
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, interval = "miettinen_nurminen",
                    alternative = "two_sided", confidence = 0.95, measure = "difference",
                    null = None))]
pub(crate) fn two_proportion_z(
    baseline: &Bound<'_, PyAny>,
    canary: &Bound<'_, PyAny>,
    interval: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
    null: Option<f64>,
) -> PyResult<TestResult> {
    let test = options!(TwoProportionZ; interval, alternative, measure; confidence, null);
    let arms = Arms::new(counts("baseline", baseline)?, counts("canary", canary)?);
    Ok(test.run(&arms).map_err(to_python)?.into())
}

#[doc = include_str!("../../../canary-core/src/stats/proportions/exact.md")]
///
/// # Parameters
/// `baseline`, `canary`: `(events, trials)` or `Counts`. `method`: `"boschloo"`, `"barnard"` or
/// `"fisher"`. `measure`: `"difference"`, `"ratio"` or `"odds_ratio"`. `alternative`, `confidence`:
/// as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.exact_proportions((0, 50), (4, 50), alternative="greater")
/// >>> round(result.p_value, 4)
/// 0.0443
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, method = "boschloo", alternative = "two_sided",
                    confidence = 0.95, measure = "difference"))]
pub(crate) fn exact_proportions(
    py: Python<'_>,
    baseline: &Bound<'_, PyAny>,
    canary: &Bound<'_, PyAny>,
    method: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
) -> PyResult<TestResult> {
    let test = options!(ExactProportions; method, alternative, measure; confidence);
    let arms = Arms::new(counts("baseline", baseline)?, counts("canary", canary)?);
    let result = py.detach(|| test.run(&arms));
    Ok(result.map_err(to_python)?.into())
}

#[doc = include_str!("../../../canary-core/src/stats/proportions/chi_square.md")]
///
/// # Parameters
/// `baseline`, `canary`: the counts of each category, in the same order. `continuity`:
/// `"uncorrected"` or `"corrected"` (two categories only).
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.chi_square([90, 410, 18_500], [14, 20, 966])  # 5xx, 4xx, 2xx
/// >>> result.df, result.p_value < 0.001
/// (2.0, True)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, continuity = "uncorrected"))]
pub(crate) fn chi_square(
    baseline: ArrayLike<'_>,
    canary: ArrayLike<'_>,
    continuity: &str,
) -> PyResult<TestResult> {
    let test = options!(ChiSquare; continuity;);
    let arms = Arms {
        baseline: whole_numbers("baseline", &baseline)?,
        canary: whole_numbers("canary", &canary)?,
    };
    Ok(test.run(&arms).map_err(to_python)?.into())
}

#[doc = include_str!("../../../canary-core/src/stats/two_rates.md")]
///
/// # Parameters
/// `baseline`, `canary`: `(events, time)` or `Exposure`. `method`: `"score"` or `"exact"`. `measure`:
/// `"ratio"` or `"difference"`. `alternative`, `confidence`, `null`: as for `t_test`.
///
/// # Errors
/// `InvalidInput` or `InvalidOption`, both of them `CanaryError`.
///
/// # Example
/// >>> result = canary.two_rates((12, 950.0), (4, 50.0))
/// >>> round(result.estimate.value, 3), result.p_value < 0.001
/// (6.333, True)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, method = "score", alternative = "two_sided",
                    confidence = 0.95, measure = "ratio", null = None))]
pub(crate) fn two_rates(
    baseline: &Bound<'_, PyAny>,
    canary: &Bound<'_, PyAny>,
    method: &str,
    alternative: &str,
    confidence: f64,
    measure: &str,
    null: Option<f64>,
) -> PyResult<TestResult> {
    let test = options!(TwoRates; method, alternative, measure; confidence, null);
    let arms = Arms::new(exposure("baseline", baseline)?, exposure("canary", canary)?);
    Ok(test.run(&arms).map_err(to_python)?.into())
}

shell! {
    /// One arm's clusters (users, sessions, pods, minutes): of each, a numerator and a denominator.
    ///
    /// >>> users = canary.Clusters.of_values([12.0, 14.0, 90.0, 95.0], ["ann", "ann", "bob", "bob"])
    /// >>> len(users), users.ratio  # the mean over requests
    /// (2, 52.75)
    Clusters(stats::Clusters) {
        /// Of sums that were made already.
        #[new]
        fn new(numerators: ArrayLike<'_>, denominators: ArrayLike<'_>) -> PyResult<Self> {
            let numerators = numerators.values("numerators")?.as_slice()?.to_vec();
            let denominators = denominators.values("denominators")?.as_slice()?.to_vec();
            let inner = stats::Clusters::new(numerators, denominators).map_err(to_python)?;
            Ok(Self { inner })
        }

        /// Of values, each with its cluster's label (numbers or texts).
        #[staticmethod]
        fn of_values(values: ArrayLike<'_>, clusters: &Bound<'_, PyAny>) -> PyResult<Self> {
            let clusters = groups("clusters", clusters)?;
            let values = values.values("values")?;
            let inner = stats::Clusters::of_values(values.as_slice()?, &clusters);
            Ok(Self { inner: inner.map_err(to_python)? })
        }

        /// Sum of the numerators over the sum of the denominators.
        #[getter]
        fn ratio(&self) -> f64 {
            self.inner.ratio()
        }

        fn __len__(&self) -> usize {
            self.inner.len()
        }

        fn __repr__(&self) -> String {
            format!("Clusters({} clusters, ratio={:?})", self.inner.len(), self.inner.ratio())
        }
    }
}

#[doc = include_str!("../../../canary-core/src/stats/ratio_metric.md")]
///
/// # Parameters
/// `baseline`, `canary`: `Clusters`, or `(numerators, denominators)`. `alternative`, `confidence`,
/// `measure`, `null`: as for `t_test`.
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> requests = [1000.0] * 6
/// >>> errors = [9, 11, 10, 8, 12, 10], [2, 0, 70, 1, 3, 2]
/// >>> result = canary.ratio_metric((errors[0], requests), (errors[1], requests))
/// >>> result.p_value > 0.7  # one burst is no proof
/// True
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, alternative = "two_sided", confidence = 0.95,
                    measure = "difference", null = None))]
pub(crate) fn ratio_metric(
    baseline: &Bound<'_, PyAny>,
    canary: &Bound<'_, PyAny>,
    alternative: &str,
    confidence: f64,
    measure: &str,
    null: Option<f64>,
) -> PyResult<TestResult> {
    let test = options!(RatioMetric; alternative, measure; confidence, null);
    let clusters = |argument: &str, object: &Bound<'_, PyAny>| {
        if let Ok(clusters) = object.cast::<Clusters>() {
            return Ok(clusters.get().inner.clone());
        }
        let (numerators, denominators) = pair(argument, object, "(numerators, denominators)")?;
        let read = |name: &str, object| -> PyResult<Vec<f64>> {
            let values = ArrayLike::of(object).values(&format!("{argument}.{name}"))?;
            Ok(values.as_slice()?.to_vec())
        };
        let numerators = read("numerators", &numerators)?;
        let denominators = read("denominators", &denominators)?;
        stats::Clusters::new(numerators, denominators)
            .map_err(|error| to_python(error.in_argument(argument)))
    };
    let arms = Arms::new(clusters("baseline", baseline)?, clusters("canary", canary)?);
    Ok(test.run(&arms).map_err(to_python)?.into())
}

shell! {
    /// How much more counts scatter between windows than chance makes them.
    Overdispersion(stats::Overdispersion) {
        /// By how much the variance is larger than chance makes it.
        #[getter]
        fn factor(&self) -> f64 {
            self.inner.factor
        }

        /// Pearson's statistic.
        #[getter]
        fn statistic(&self) -> f64 {
            self.inner.statistic
        }

        /// Windows less one.
        #[getter]
        fn df(&self) -> f64 {
            self.inner.df
        }

        /// The probability of scatter at least as large if events were independent.
        #[getter]
        fn p_value(&self) -> f64 {
            self.inner.p_value
        }

        fn __repr__(&self) -> String {
            let stats::Overdispersion { factor, p_value, .. } = self.inner;
            format!("Overdispersion(factor={factor:?}, p_value={p_value:?})")
        }
    }
}

#[doc = include_str!("../../../canary-core/src/stats/overdispersion.md")]
///
/// # Parameters
/// `windows`: `(events, trials)` or `Counts` of each window, or `Exposure` of each.
///
/// # Errors
/// `InvalidInput` or `NotEnoughData`, both of them `CanaryError`.
///
/// # Example
/// >>> found = canary.overdispersion([(errors, 1000) for errors in (2, 0, 70, 1, 3, 2)])
/// >>> found.factor > 50
/// True
#[pyfunction]
pub(crate) fn overdispersion(windows: &Bound<'_, PyAny>) -> PyResult<Overdispersion> {
    let items: Vec<Bound<'_, PyAny>> = windows.try_iter()?.collect::<PyResult<_>>()?;
    let are_exposures = items
        .first()
        .is_some_and(PyAnyMethods::is_instance_of::<crate::data::Exposure>);
    let name = |index: usize| format!("windows[{index}]");
    let items = items.iter().enumerate();
    let found = if are_exposures {
        let windows = items.map(|(index, item)| exposure(&name(index), item));
        stats::Overdispersion::of_exposures(&windows.collect::<PyResult<Vec<_>>>()?)
    } else {
        let windows = items.map(|(index, item)| counts(&name(index), item));
        stats::Overdispersion::of_counts(&windows.collect::<PyResult<Vec<_>>>()?)
    };
    Ok(found.map_err(to_python)?.into())
}

shell! {
    /// What a check of the traffic split found.
    SampleRatio(stats::SampleRatio) {
        /// Chi-square.
        #[getter]
        fn statistic(&self) -> f64 {
            self.inner.statistic
        }

        /// Groups less one.
        #[getter]
        fn df(&self) -> f64 {
            self.inner.df
        }

        /// The probability of shares at least as far off if the split were as configured.
        #[getter]
        fn p_value(&self) -> f64 {
            self.inner.p_value
        }

        /// The share of each group.
        #[getter]
        fn observed(&self) -> Array {
            Array(self.inner.observed.clone())
        }

        /// The share that each group should have.
        #[getter]
        fn expected(&self) -> Array {
            Array(self.inner.expected.clone())
        }

        fn __repr__(&self) -> String {
            let stats::SampleRatio { statistic, p_value, .. } = self.inner;
            format!("SampleRatio(statistic={statistic:?}, p_value={p_value:?})")
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

#[doc = include_str!("../../../canary-core/src/stats/sample_ratio.md")]
///
/// # Parameters
/// `counts`: the requests of each group. `expected`: the share that each should have.
///
/// # Errors
/// `InvalidInput` or `NotEnoughData`, both of them `CanaryError`.
///
/// # Example
/// >>> canary.sample_ratio([94_600, 5_400], [0.95, 0.05]).p_value < 0.001
/// True
#[pyfunction]
#[pyo3(signature = (counts, expected))]
pub(crate) fn sample_ratio(
    counts: ArrayLike<'_>,
    expected: ArrayLike<'_>,
) -> PyResult<SampleRatio> {
    let counts = whole_numbers("counts", &counts)?;
    let expected = expected.values("expected")?;
    let found = stats::sample_ratio(&counts, expected.as_slice()?);
    Ok(found.map_err(to_python)?.into())
}

shell! {
    /// The gap between the groups of one arm.
    Gap(stats::Gap) {
        /// Each group's rate, in the order of the input.
        #[getter]
        fn rates(&self) -> Array {
            Array(self.inner.rates.clone())
        }

        /// Which group has the highest rate, by its position.
        #[getter]
        fn highest(&self) -> usize {
            self.inner.highest
        }

        /// Which group has the lowest rate, by its position.
        #[getter]
        fn lowest(&self) -> usize {
            self.inner.lowest
        }

        /// The gap.
        #[getter]
        fn value(&self) -> f64 {
            self.inner.value
        }

        /// Where the true gap probably lies.
        #[getter]
        fn interval(&self) -> Interval {
            self.inner.interval.into()
        }

        fn __repr__(&self) -> String {
            let stats::Gap { value, interval, .. } = &self.inner;
            format!("Gap(value={value:?}, interval=({:?}, {:?}))", interval.low, interval.high)
        }
    }
}

shell! {
    /// Both arms' gaps between groups, and the canary's change of it.
    FairnessResult(stats::FairnessResult) {
        /// `"demographic_parity"`, `"equal_opportunity"` or `"disparate_impact"`.
        #[getter]
        fn notion(&self) -> &'static str {
            self.inner.notion.as_str()
        }

        /// The baseline's gap.
        #[getter]
        fn baseline(&self) -> Gap {
            self.inner.arms.baseline.clone().into()
        }

        /// The canary's gap.
        #[getter]
        fn canary(&self) -> Gap {
            self.inner.arms.canary.clone().into()
        }

        /// The canary's gap less the baseline's, or over it.
        #[getter]
        fn change(&self) -> Estimate {
            self.inner.change.clone().into()
        }

        fn __repr__(&self) -> String {
            let stats::Estimate { value, interval, .. } = &self.inner.change;
            format!(
                "FairnessResult(baseline={:?}, canary={:?}, change={value:?}, interval=({:?}, {:?}))",
                self.inner.arms.baseline.value, self.inner.arms.canary.value, interval.low, interval.high
            )
        }
    }
}

#[doc = include_str!("../../../canary-core/src/stats/fairness.md")]
///
/// # Parameters
/// `baseline`, `canary`: for each group's name, `(events, trials)` or `Counts`; the same names on both
/// arms. `notion`: `"demographic_parity"`, `"equal_opportunity"` or `"disparate_impact"`.
/// `confidence`: in (0, 1).
///
/// # Errors
/// `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.
///
/// # Example
/// >>> result = canary.fairness_gap(
/// ...     {"a": (480, 1000), "b": (500, 1000)}, {"a": (380, 1000), "b": (520, 1000)})
/// >>> round(result.change.value, 3), result.change.interval.low > 0
/// (0.12, True)
#[pyfunction]
#[pyo3(signature = (baseline, canary, *, notion = "demographic_parity", confidence = 0.95))]
pub(crate) fn fairness_gap(
    baseline: &Bound<'_, PyDict>,
    canary: &Bound<'_, PyDict>,
    notion: &str,
    confidence: f64,
) -> PyResult<FairnessResult> {
    let test = options!(FairnessGap; notion; confidence);
    let mut arms = Arms::new(Vec::new(), Vec::new());
    for (name, groups) in by_name(baseline, "canary", canary)? {
        let read = |arm: &str, group| counts(&format!("{arm}[{name}]"), group);
        arms.baseline.push(read("baseline", &groups.baseline)?);
        arms.canary.push(read("canary", &groups.canary)?);
    }
    Ok(test.run(&arms).map_err(to_python)?.into())
}
