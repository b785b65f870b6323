//! What is unwise about a policy: what, why, and what to do instead.
//!
//! | file | what it looks at |
//! |---|---|
//! | `policy` | the policy as a whole: metrics, groups, how findings become a verdict |
//! | `check` | each check by itself |
//! | `traffic` | each check against the traffic that there will be |

mod check;
mod policy;
mod traffic;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::policy::Policy;
use crate::error::{Error, Result};
use crate::options::choice;
use crate::stats::Traffic;

choice! {
    /// What advice is about.
    Topic("topic") {
        /// The traffic cannot resolve the margin in the time there is.
        UnresolvableMargin = "unresolvable_margin",
        /// There are too few requests for such a percentile.
        FewForPercentile = "few_for_percentile",
        /// A test of one look is to be looked at again and again.
        RepeatedLooks = "repeated_looks",
        /// More is asked for than there can be: observations, or time.
        Unreachable = "unreachable",
        /// The split that is checked is not the split that there will be.
        Split = "split",
        /// Many comparisons, and no correction for their number.
        NoCorrection = "no_correction",
        /// One number is compared, however few observations it comes from.
        PointWithoutSample = "point_without_sample",
        /// A part of what may be zero.
        PercentageOfZero = "percentage_of_zero",
        /// Nothing but an improvement could show that the canary is not worse.
        ZeroMargin = "zero_margin",
        /// So little confidence that chance decides.
        LowConfidence = "low_confidence",
        /// So much confidence that hardly anything is ever proved.
        HighConfidence = "high_confidence",
        /// A metric that has died passes.
        NoDataPasses = "no_data_passes",
        /// Every check is a dry run.
        AllMuted = "all_muted",
        /// No failure leads to anything.
        NothingActs = "nothing_acts",
        /// A canary without any data passes, because nothing must be proved.
        NothingProved = "nothing_proved",
        /// A group or a weight that has no effect.
        UnusedGroup = "unused_group",
        /// A limit in a unit that nobody wrote down.
        NoUnit = "no_unit",
        /// A metric that no check looks at.
        UncheckedMetric = "unchecked_metric",
        /// Checks of the same name, whose findings cannot be told apart.
        SameName = "same_name",
    }
}

/// Something unwise about a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// What it is about, in a word that programs can compare.
    pub topic: Topic,
    /// The check's name; none where it is about the policy as a whole.
    pub check: Option<String>,
    /// What is unwise, in a sentence.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do instead.
    pub instead: String,
}

impl Advice {
    fn new(
        topic: Topic,
        what: impl Into<String>,
        why: impl Into<String>,
        instead: impl Into<String>,
    ) -> Self {
        Self {
            topic,
            check: None,
            what: what.into(),
            why: why.into(),
            instead: instead.into(),
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(check) = &self.check {
            write!(f, "{check}: ")?;
        }
        write!(f, "{} {} {}", self.what, self.why, self.instead)
    }
}

/// What there will be to judge by: traffic, for so long, looked at so often.
///
/// ```
/// use canary_core::judge::ExpectedTraffic;
///
/// let an_hour = ExpectedTraffic::new(100.0, 0.05, 60.0)?;
/// assert_eq!(an_hour.requests().canary, 18_000.0);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedTraffic {
    /// Requests per second on both arms together.
    pub requests_per_second: f64,
    /// The canary's share of them, in (0, 1).
    pub canary_share: f64,
    /// For how many minutes the arms are watched before a verdict is wanted.
    pub minutes: f64,
    /// The baseline's rate, such as its error rate, in (0, 1); 0.01 by default.
    #[serde(default = "usual_rate")]
    pub baseline_rate: f64,
    /// How often the data are looked at meanwhile; once by default.
    #[serde(default = "once")]
    pub looks: u64,
}

const fn usual_rate() -> f64 {
    0.01
}

const fn once() -> u64 {
    1
}

impl ExpectedTraffic {
    /// So many requests per second, of which the canary has this share, for so many minutes: a
    /// baseline's rate of 1 %, one look.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn new(requests_per_second: f64, canary_share: f64, minutes: f64) -> Result<Self> {
        Self {
            requests_per_second,
            canary_share,
            minutes,
            baseline_rate: usual_rate(),
            looks: once(),
        }
        .check()
    }

    /// The same where all of it is in range.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for requests or minutes that are not positive, and for shares and
    /// rates outside (0, 1).
    ///
    /// ```
    /// use canary_core::judge::ExpectedTraffic;
    ///
    /// let expected = ExpectedTraffic::new(100.0, 0.05, 60.0)?;
    /// assert!(ExpectedTraffic { looks: 60, ..expected }.check().is_ok());
    /// assert!(ExpectedTraffic { minutes: 0.0, ..expected }.check().is_err());
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn check(self) -> Result<Self> {
        Traffic::new(self.requests_per_second, self.canary_share)?;
        if !(self.minutes > 0.0 && self.minutes.is_finite()) {
            let rule = "must be positive and finite";
            return Err(Error::option("minutes", rule, self.minutes));
        }
        if !(self.baseline_rate > 0.0 && self.baseline_rate < 1.0) {
            let rule = "must lie in (0, 1)";
            return Err(Error::option("baseline_rate", rule, self.baseline_rate));
        }
        Ok(self)
    }

    /// How many requests each arm will have had.
    #[must_use]
    pub fn requests(&self) -> crate::data::Arms<f64> {
        let all = self.requests_per_second * 60.0 * self.minutes;
        crate::data::Arms::new(1.0 - self.canary_share, self.canary_share).map(|share| share * all)
    }
}

impl Policy {
    /// What is unwise about the policy; nothing, where nothing was found. With the traffic that there
    /// will be, also what that traffic cannot decide.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for traffic out of range, as [`ExpectedTraffic::check`].
    ///
    /// ```
    /// use canary_core::Policy;
    /// use canary_core::judge::{ExpectedTraffic, Topic};
    ///
    /// let policy = Policy::from_json(r#"{
    ///     "version": 1,
    ///     "metrics": {"errors": {"direction": "increase"}},
    ///     "checks": [{"metric": "errors", "test": {"method": "two_proportion_z",
    ///                                              "margin": {"difference": "0.1%"}}}]
    /// }"#)?;
    /// assert!(policy.advice(None)?.is_empty());
    ///
    /// let ten_minutes = ExpectedTraffic::new(10.0, 0.05, 10.0)?;
    /// let advice = policy.advice(Some(&ten_minutes))?;
    /// assert_eq!(advice[0].topic, Topic::UnresolvableMargin);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn advice(&self, traffic: Option<&ExpectedTraffic>) -> Result<Vec<Advice>> {
        let mut found = policy::advice(self);
        for check in self.checks().iter().filter(|check| !check.muted) {
            let mut of_check = check::advice(self, check);
            if let Some(traffic) = traffic {
                of_check.extend(traffic::of_check(self, check, &traffic.check()?));
            }
            let name = check.name();
            found.extend(of_check.into_iter().map(|advice| Advice {
                check: Some(name.clone()),
                ..advice
            }));
        }
        if let Some(traffic) = traffic {
            found.extend(traffic::of_policy(self, &traffic.check()?));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests;
