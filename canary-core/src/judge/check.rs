//! One rule on one metric.

use super::condition::Condition;

/// One rule on one metric.
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
    /// The metric it looks at.
    pub metric: String,
    /// What it demands.
    pub condition: Condition,
    /// What people call it, where they gave it a name.
    pub given_name: Option<String>,
}

impl Check {
    /// A check of `metric`.
    pub fn new(metric: impl Into<String>, condition: impl Into<Condition>) -> Self {
        Self {
            metric: metric.into(),
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
        match &self.condition {
            Condition::Threshold(threshold) => match threshold.statistic {
                Some(statistic) => format!("{} {statistic}", self.metric),
                None => self.metric.clone(),
            },
            Condition::Test(test) => format!("{} {}", self.metric, test.method.level()),
        }
    }
}
