//! What a check demands: a threshold on one number, a test with a margin, or hardly more anomalies.

use crate::error::{Error, Result};
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
    /// Hardly more windows that are unlike the rest, by several metrics together, than the baseline
    /// has itself: three answers.
    Anomaly(AnomalyCondition),
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

/// How many more anomalous windows are still acceptable: see
/// [`AnomalousWindows`](crate::anomaly::AnomalousWindows).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnomalyCondition {
    /// By how much the canary's share of anomalous windows may exceed the baseline's own, from 0 to
    /// 1.
    pub margin: f64,
    /// Which part of the baseline's held-out windows counts as anomalous, in (0, 0.5].
    pub contamination: f64,
    /// Confidence of the interval that is held against the margin.
    pub confidence: Confidence,
}

impl AnomalyCondition {
    /// With the usual contamination of 0.1 and confidence of 0.95.
    ///
    /// ```
    /// assert_eq!(canary_core::judge::AnomalyCondition::new(0.2).contamination, 0.1);
    /// ```
    #[must_use]
    pub fn new(margin: f64) -> Self {
        Self {
            margin,
            contamination: 0.1,
            confidence: Confidence::default(),
        }
    }

    /// The same where its shares are in range; else what is wrong.
    pub(super) fn check(self) -> Result<Self> {
        if !(0.0..=1.0).contains(&self.margin) {
            let rule = "must lie in [0, 1]";
            return Err(Error::option("anomaly.margin", rule, self.margin));
        }
        if !(self.contamination > 0.0 && self.contamination <= 0.5) {
            let rule = "must lie in (0, 0.5]";
            return Err(Error::option(
                "anomaly.contamination",
                rule,
                self.contamination,
            ));
        }
        Ok(self)
    }
}

impl From<AnomalyCondition> for Condition {
    fn from(anomaly: AnomalyCondition) -> Self {
        Self::Anomaly(anomaly)
    }
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
