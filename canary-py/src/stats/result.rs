//! The one result that every test returns.

use canary_core as core;
use canary_core::stats::{self, Effect};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyTuple};

use crate::wrap::shell;

shell! {
    /// A confidence interval; unpacks as `low, high`.
    Interval(stats::Interval) {
        /// Lower end.
        #[getter]
        fn low(&self) -> f64 {
            self.inner.low
        }

        /// Upper end.
        #[getter]
        fn high(&self) -> f64 {
            self.inner.high
        }

        /// The share of such intervals that cover the truth.
        #[getter]
        fn confidence(&self) -> f64 {
            self.inner.confidence.get()
        }

        fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
            PyTuple::new(py, [self.inner.low, self.inner.high])?.try_iter()
        }

        fn __repr__(&self) -> String {
            let stats::Interval { low, high, confidence } = self.inner;
            format!("Interval(low={low:?}, high={high:?}, confidence={})", confidence.get())
        }
    }
}

shell! {
    /// The size of a change: canary minus baseline, or canary divided by baseline.
    Estimate(stats::Estimate) {
        /// `"difference"`, `"ratio"` or `"odds_ratio"`.
        #[getter]
        fn measure(&self) -> &'static str {
            self.inner.measure.as_str()
        }

        /// What it is an estimate of, e.g. `"difference of means"`.
        #[getter]
        fn of(&self) -> &str {
            &self.inner.of
        }

        /// The estimate.
        #[getter]
        fn value(&self) -> f64 {
            self.inner.value
        }

        /// Where the truth probably lies.
        #[getter]
        fn interval(&self) -> Interval {
            self.inner.interval.into()
        }

        fn __repr__(&self) -> String {
            let stats::Estimate { of, value, interval, .. } = &self.inner;
            format!("Estimate(of={of:?}, value={value:?}, interval=({:?}, {:?}))", interval.low, interval.high)
        }
    }
}

shell! {
    /// What one arm contributed to a test.
    ArmLevel(stats::ArmLevel) {
        /// How many values or trials were used.
        #[getter]
        fn n(&self) -> u64 {
            self.inner.n
        }

        /// How many NaNs were left out.
        #[getter]
        fn omitted(&self) -> u64 {
            self.inner.omitted
        }

        /// The arm's own level: its mean (t), median (ranks), proportion, rate, ...
        #[getter]
        fn level(&self) -> f64 {
            self.inner.level
        }

        fn __repr__(&self) -> String {
            let stats::ArmLevel { n, omitted, level } = self.inner;
            format!("ArmLevel(n={n}, omitted={omitted}, level={level:?})")
        }
    }
}

shell! {
    /// What a test found. Unpacks as `statistic, p_value`, as scipy's results do.
    ///
    /// >>> result = canary.t_test([1.0, 2.0, 3.0], [4.0, 5.0, 6.5])
    /// >>> statistic, p_value = result
    /// >>> p_value == result.p_value < 0.05
    /// True
    TestResult(stats::TestResult) {
        /// The function's name: `"t_test"`, `"mann_whitney"`, ...
        #[getter]
        fn test(&self) -> &'static str {
            self.inner.test.as_str()
        }

        /// How the p-value was computed: `"welch"`, `"exact"`, `"asymptotic"`, ...
        #[getter]
        fn method(&self) -> &'static str {
            self.inner.method.as_str()
        }

        /// `"two_sided"`, `"greater"` (the canary is greater) or `"less"`.
        #[getter]
        fn alternative(&self) -> &'static str {
            self.inner.alternative.as_str()
        }

        /// What the estimate is under the null hypothesis; none for tests of whole distributions.
        #[getter]
        fn null(&self) -> Option<f64> {
            self.inner.null
        }

        /// The test statistic: t, the canary's U, z, ...
        #[getter]
        fn statistic(&self) -> f64 {
            self.inner.statistic
        }

        /// Degrees of freedom, if the statistic has any.
        #[getter]
        fn df(&self) -> Option<f64> {
            self.inner.df
        }

        /// The probability of a statistic at least as extreme if the arms did not differ.
        #[getter]
        fn p_value(&self) -> f64 {
            self.inner.p_value
        }

        /// The same under scipy's name.
        #[getter]
        fn pvalue(&self) -> f64 {
            self.inner.p_value
        }

        /// The size of the change with its interval, unless it was not asked for.
        #[getter]
        fn estimate(&self) -> Option<Estimate> {
            self.inner.estimate.clone().map(Estimate::from)
        }

        /// The estimate's interval.
        #[getter]
        fn interval(&self) -> Option<Interval> {
            self.inner.estimate.as_ref().map(|estimate| estimate.interval.into())
        }

        /// The size of the change free of units, by name.
        #[getter]
        fn effect_sizes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
            let dict = PyDict::new(py);
            for size in &self.inner.effect_sizes {
                dict.set_item(Effect::as_str(size.effect), size.value)?;
            }
            Ok(dict)
        }

        /// What the baseline contributed.
        #[getter]
        fn baseline(&self) -> ArmLevel {
            self.inner.arms.baseline.into()
        }

        /// What the canary contributed.
        #[getter]
        fn canary(&self) -> ArmLevel {
            self.inner.arms.canary.into()
        }

        fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
            PyTuple::new(py, [self.inner.statistic, self.inner.p_value])?.try_iter()
        }

        fn __repr__(&self) -> String {
            let stats::TestResult { test, method, statistic, p_value, .. } = &self.inner;
            format!("TestResult(test='{test}', method='{method}', statistic={statistic:?}, p_value={p_value:?})")
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }

        fn _repr_html_(&self) -> String {
            core::report::test_html(&self.inner)
        }
    }
}
