//! What a name in a condition stands for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::statistic::Statistic;
use crate::data::Arm;

/// A number of one arm that a condition asks for: which metric, which statistic of it, on which
/// arm.
///
/// ```
/// use canary_core::Arm;
/// use canary_core::judge::{Part, Reference, Statistic};
///
/// let slowest = Reference {
///     arm: Arm::Baseline,
///     metric: "latency".to_owned(),
///     statistic: Some(Statistic::Percentile(99.0)),
///     part: Part::Whole,
/// };
/// assert_eq!(slowest.to_string(), "latency p99 of the baseline");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Which arm; a name without one is the canary's.
    pub arm: Arm,
    /// The metric, as the policy has it.
    pub metric: String,
    /// Which number of it; `None` is the rate of counts and the value of a gauge.
    pub statistic: Option<Statistic>,
    /// All of it, one value, or how many values there are.
    pub part: Part,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.metric)?;
        if let Some(statistic) = self.statistic {
            write!(f, " {statistic}")?;
        }
        match self.part {
            Part::Whole => {}
            Part::Element(index) => write!(f, "[{index}]")?,
            Part::Length => f.write_str(" length")?,
        }
        write!(f, " of the {}", self.arm)
    }
}

/// How much of a metric's values a name takes: `result`, `result[0]` or `len(result)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The one number that the statistic makes of them.
    Whole,
    /// One of them, counted from 0.
    Element(u32),
    /// How many there are.
    Length,
}
