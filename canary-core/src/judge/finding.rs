//! A check's outcome with its evidence.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::verdict::Status;
use crate::anomaly::AnomalyResult;
use crate::data::Arms;
use crate::number::extended;
use crate::options::Measure;
use crate::stats::{Interval, TestResult};

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

impl Acceptable {
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
    /// The test with its p-value and effect sizes, where one was run.
    pub test: Option<TestResult>,
    /// The windows that are unlike the rest, where they were looked for.
    #[serde(default)]
    pub anomaly: Option<Box<AnomalyResult>>,
    /// About how many more canary observations would decide, with the baseline growing alike and
    /// the change staying as it is.
    pub more_needed: Option<u64>,
    /// The outcome in one plain sentence.
    pub sentence: String,
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
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.sentence)
    }
}
