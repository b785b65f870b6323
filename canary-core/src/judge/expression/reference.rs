//! What a name in a condition stands for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::statistic::Statistic;
use super::answer::Reading;
use crate::data::{Arm, Observations, Snapshot};
use crate::error::{Error, Result};

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

impl Reference {
    /// Its number on a snapshot.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] that names the metric when its observations have no such statistic,
    /// or need one that is not named.
    ///
    /// ```
    /// use canary_core::judge::{Part, Reading, Reference};
    /// use canary_core::{Arm, Arms, Counts, Snapshot};
    ///
    /// let errors = Arms::new(Counts::new(2, 1_000)?, Counts::new(3, 100)?);
    /// let snapshot = Snapshot::new().with("errors", errors)?;
    /// let rate = Reference {
    ///     arm: Arm::Canary,
    ///     metric: "errors".to_owned(),
    ///     statistic: None,
    ///     part: Part::Whole,
    /// };
    /// assert_eq!(rate.read(&snapshot)?, Reading::Number(0.03));
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn read(&self, snapshot: &Snapshot) -> Result<Reading> {
        let arms = snapshot.get(&self.metric);
        let observations = arms.and_then(|arms| match self.arm {
            Arm::Baseline => arms.baseline.as_ref(),
            Arm::Canary => arms.canary.as_ref(),
        });
        let Some(observations) = observations else {
            let reason = format!("it was not measured on the {}", self.arm);
            return Ok(Reading::NoData(reason));
        };
        match self.part {
            Part::Whole => self.whole(observations),
            Part::Element(index) => self.element(observations, index as usize),
            Part::Length => Ok(Reading::Number(observations.size() as f64)),
        }
    }

    fn whole(&self, observations: &Observations) -> Result<Reading> {
        let (kind, choices) = (observations.kind(), Statistic::choices(observations));
        let refused = |got: &dyn fmt::Display| {
            let rule = format!("a condition on {kind} needs one of {choices}");
            Error::input(&self.metric, rule, got)
        };
        let statistic = self
            .statistic
            .or_else(|| Statistic::default_of(observations));
        let statistic = statistic.ok_or_else(|| refused(&"none"))?;
        match statistic.of(observations) {
            Some(number) => Ok(Reading::Number(number)),
            None => Err(refused(&statistic)),
        }
    }

    fn element(&self, observations: &Observations, index: usize) -> Result<Reading> {
        let gauge;
        let values = match observations {
            Observations::Sample(sample) => sample.values(),
            Observations::Series(series) => series.values(),
            Observations::Gauge(value) => {
                gauge = [value.value()];
                &gauge
            }
            _ => {
                let rule = "must be a sample, a series or a gauge to have single values";
                return Err(Error::input(&self.metric, rule, observations.kind()));
            }
        };
        Ok(match values.get(index) {
            Some(value) => Reading::Number(*value),
            None => Reading::NoData(format!("it has {} values", values.len())),
        })
    }
}
