//! What a check demands: a threshold on one number, or a test with a margin.

use crate::options::{Confidence, Margin, choice};
use crate::stats::TestName;

use super::statistic::Statistic;

/// What a check demands of its metric.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// A point comparison, as playbooks write them: "p99 at most 2x the baseline". It has two
    /// answers and knows nothing of chance.
    Threshold(Threshold),
    /// A statistical comparison with a margin: three answers.
    Test(TestCondition),
}

/// One number of an arm held against a bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Which number; `None` is the rate of counts and the value of a gauge.
    pub statistic: Option<Statistic>,
    /// What it must not pass.
    pub bound: Bound,
}

/// What a threshold's number must not pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// Fixed limits of the canary's own number, in the metric's unit; the baseline is not asked.
    Absolute {
        /// At least this.
        min: Option<f64>,
        /// At most this.
        max: Option<f64>,
    },
    /// At most so much worse than the baseline's number.
    Relative(Margin),
}

choice! {
    /// The tests that a check can ask for: those whose interval can be held against a margin.
    TestMethod("method") {
        /// Student's or Welch's t, on samples, series and summaries.
        TTest = "t_test",
        /// Mann-Whitney U, on samples and series.
        MannWhitney = "mann_whitney",
        /// Two-proportion z, on counts.
        TwoProportionZ = "two_proportion_z",
        /// Two Poisson rates, on exposures.
        TwoRates = "two_rates",
    }
}

impl TestMethod {
    /// The test among all tests.
    #[must_use]
    pub const fn test(self) -> TestName {
        match self {
            Self::TTest => TestName::TTest,
            Self::MannWhitney => TestName::MannWhitney,
            Self::TwoProportionZ => TestName::TwoProportionZ,
            Self::TwoRates => TestName::TwoRates,
        }
    }

    pub(super) const fn level(self) -> &'static str {
        self.test().level()
    }

    pub(super) const fn title(self) -> &'static str {
        self.test().title()
    }
}

/// A test and how much worse is still acceptable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TestCondition {
    /// Which test.
    pub method: TestMethod,
    /// The largest degradation one is willing to accept.
    pub margin: Margin,
    /// Confidence of the interval that is held against the margin.
    pub confidence: Confidence,
}

impl From<Threshold> for Condition {
    fn from(threshold: Threshold) -> Self {
        Self::Threshold(threshold)
    }
}

impl From<TestCondition> for Condition {
    fn from(test: TestCondition) -> Self {
        Self::Test(test)
    }
}
