//! One rule on one metric, or on several together.

use super::condition::Condition;

/// One rule on one metric, or on several together.
///
/// ```
/// use canary_core::Margin;
/// use canary_core::judge::{Bound, Check, Statistic, Threshold};
///
/// let check = Check::new("latency", Threshold {
///     statistic: Some(Statistic::Percentile(99.0)),
///     bound: Bound::Relative(Margin::Factor(2.0)),
/// });
/// assert_eq!(check.name(), "latency p99");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The metrics it looks at: one, unless windows are held against each other by several.
    pub metrics: Vec<String>,
    /// What it demands.
    pub condition: Condition,
    /// What people call it, where they gave it a name.
    pub given_name: Option<String>,
}

impl Check {
    /// A check of `metric`.
    pub fn new(metric: impl Into<String>, condition: impl Into<Condition>) -> Self {
        Self::together([metric], condition)
    }

    /// A check of several metrics together.
    ///
    /// ```
    /// use canary_core::judge::{AnomalyCondition, Check};
    ///
    /// let check = Check::together(["memory", "p99"], AnomalyCondition::new(0.1));
    /// assert_eq!(check.name(), "memory, p99 anomalies");
    /// ```
    pub fn together<M: Into<String>>(
        metrics: impl IntoIterator<Item = M>,
        condition: impl Into<Condition>,
    ) -> Self {
        Self {
            metrics: metrics.into_iter().map(Into::into).collect(),
            condition: condition.into(),
            given_name: None,
        }
    }

    /// The check under a name of its own.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.given_name = Some(name.into());
        self
    }

    /// Its given name, or else its metric and what is compared: `latency p99`.
    #[must_use]
    pub fn name(&self) -> String {
        if let Some(name) = &self.given_name {
            return name.clone();
        }
        let metric = self.metric();
        match &self.condition {
            Condition::Threshold(threshold) => match threshold.statistic {
                Some(statistic) => format!("{metric} {statistic}"),
                None => metric,
            },
            Condition::Test(test) => format!("{metric} {}", test.method.level()),
            Condition::Anomaly(_) => format!("{metric} anomalies"),
        }
    }

    /// Its metrics, as they are named: `memory, p99`.
    #[must_use]
    pub fn metric(&self) -> String {
        self.metrics.join(", ")
    }
}
