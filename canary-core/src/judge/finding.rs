//! A check's outcome with its evidence.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::importance::{Role, Severity};
use super::verdict::Status;
use crate::anomaly::AnomalyResult;
use crate::data::{Arms, Design};
use crate::number::extended;
use crate::options::{Alternative, Confidence, Measure};
use crate::stats::{Estimate, Interval, TestResult};

/// How the canary compares with the baseline: canary minus baseline, or canary over baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Difference or ratio.
    pub measure: Measure,
    /// Its value. From zero, any increase is an infinite ratio; zero to zero is a ratio of 1.
    #[serde(with = "extended")]
    pub value: f64,
    /// Where the truth probably lies; point comparisons have none.
    pub interval: Option<Interval>,
}

/// The values that a check accepts, from `low` to `high`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Acceptable {
    /// Lowest acceptable value, -∞ for none.
    #[serde(with = "extended")]
    pub low: f64,
    /// Highest acceptable value, ∞ for none.
    #[serde(with = "extended")]
    pub high: f64,
}

impl From<&Estimate> for Change {
    fn from(estimate: &Estimate) -> Self {
        Self {
            measure: estimate.measure,
            value: estimate.value,
            interval: Some(estimate.interval),
        }
    }
}

impl Acceptable {
    /// Without any limit.
    pub(super) const EVERYTHING: Self = Self {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
    };

    /// Up to a limit.
    pub(super) const fn at_most(high: f64) -> Self {
        Self {
            high,
            ..Self::EVERYTHING
        }
    }

    /// From a limit on.
    pub(super) const fn at_least(low: f64) -> Self {
        Self {
            low,
            ..Self::EVERYTHING
        }
    }

    /// The smallest of the p-values that `at` gives for the ends that there are: of a change that is more
    /// than the upper one, and of one that is less than the lower.
    pub(super) fn p_value_beyond(
        self,
        at: impl Fn(Alternative, f64) -> Option<f64>,
    ) -> Option<f64> {
        let sides = [
            (Alternative::Greater, self.high),
            (Alternative::Less, self.low),
        ];
        sides
            .into_iter()
            .filter(|(_, limit)| limit.is_finite())
            .filter_map(|(side, limit)| at(side, limit))
            .reduce(f64::min)
    }

    /// The three answers: all of [low, high] acceptable, none of it, or some.
    pub(super) fn decide(self, low: f64, high: f64) -> Status {
        if self.low <= low && high <= self.high {
            Status::Pass
        } else if high < self.low || self.high < low {
            Status::Fail
        } else {
            Status::Inconclusive
        }
    }
}

/// A check's outcome: what was compared, what came out, by which rule, and one plain sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The check's name.
    pub check: String,
    /// Its metric; several are separated by commas.
    pub metric: String,
    /// The metric's unit; `proportion` for counts without one.
    pub unit: Option<String>,
    /// PASS, FAIL or INCONCLUSIVE.
    pub status: Status,
    /// How bad a failure is.
    #[serde(default)]
    pub severity: Severity,
    /// What the check is for.
    #[serde(default)]
    pub role: Role,
    /// The group it counts in.
    #[serde(default)]
    pub group: Option<String>,
    /// How much it counts there.
    #[serde(default = "one")]
    pub weight: f64,
    /// Whether it only reports.
    #[serde(default)]
    pub muted: bool,
    /// The rule in words, e.g. `p99 at most 2x the baseline`.
    pub rule: String,
    /// What was compared, e.g. `median (Mann-Whitney U test)` or `p99 (point comparison)`.
    pub compared: String,
    /// That number on each arm, where it is known.
    pub levels: Arms<Option<f64>>,
    /// How many observations each arm had.
    pub sizes: Arms<u64>,
    /// The change from baseline to canary, unless the rule is about the canary alone.
    pub change: Option<Change>,
    /// What the rule accepts: of the change, or of the canary's own number where there is none.
    pub acceptable: Option<Acceptable>,
    /// Proved to be beyond this the canary fails, where that is less than what is acceptable.
    #[serde(default)]
    pub harmless: Option<Acceptable>,
    /// Where the canary's own number probably lies, where the rule is about that alone and it was
    /// estimated.
    #[serde(default)]
    pub own_interval: Option<Interval>,
    /// The test with its p-value and effect sizes, where one was run.
    pub test: Option<TestResult>,
    /// The windows that are unlike the rest, where they were looked for.
    #[serde(default)]
    pub anomaly: Option<Box<AnomalyResult>>,
    /// The confidence of the interval that was held against what is acceptable.
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// The p-value of no difference, where it does not stand in the test or the windows above.
    #[serde(default)]
    pub p_null: Option<f64>,
    /// The probability of a change at least so far beyond what is acceptable, if the truth were just
    /// acceptable; of failures alone.
    #[serde(default)]
    pub p_margin: Option<f64>,
    /// The same, corrected for the number of comparisons.
    #[serde(default)]
    pub p_adjusted: Option<f64>,
    /// Why there is nothing to decide on, where that is so.
    #[serde(default)]
    pub obstacle: Option<String>,
    /// Whether both arms were measured side by side, or the baseline before the canary: then whatever else
    /// changed in between is in the comparison, too.
    #[serde(default)]
    pub design: Design,
    /// About how many more canary observations would decide, with the baseline growing alike and
    /// the change staying as it is.
    pub more_needed: Option<u64>,
    /// Whom a failure is to be told to.
    #[serde(default)]
    pub notify: Vec<String>,
    /// The outcome in one plain sentence.
    pub sentence: String,
}

const fn one() -> f64 {
    1.0
}

impl Finding {
    /// The probability of such a change if the arms did not differ, where a test was run.
    #[must_use]
    pub fn p_value(&self) -> Option<f64> {
        let of_windows = || self.anomaly.as_ref().map(|anomaly| anomaly.p_value);
        self.test
            .as_ref()
            .map(|test| test.p_value)
            .or_else(of_windows)
            .or(self.p_null)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.sentence)
    }
}
