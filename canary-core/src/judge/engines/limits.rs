//! How many failures, errors or doubts are too many: the limits that the engines have, as one type.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::number::version::Version;
use crate::options::choice;

choice! {
    /// What one look at one metric came to.
    Outcome("outcome") {
        /// As it should be.
        Pass = "pass",
        /// Not as it should be.
        Fail = "fail",
        /// Neither proved good nor proved bad.
        Inconclusive = "inconclusive",
        /// Nothing was measured: the query failed.
        Error = "error",
    }
}

/// How often each outcome was seen, in all and in a row.
///
/// A row of passes or of errors ends with anything else. A row of failures ends with a pass or an
/// inconclusive look, and outlasts an error, which says nothing of the canary.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Looks that passed.
    pub passes: u64,
    /// Looks that failed.
    pub failures: u64,
    /// Looks that decided nothing.
    pub inconclusive: u64,
    /// Looks at which nothing was measured.
    pub errors: u64,
    /// Passes in a row, up to now.
    pub consecutive_passes: u64,
    /// Failures in a row, up to now.
    pub consecutive_failures: u64,
    /// Errors in a row, up to now.
    pub consecutive_errors: u64,
}

impl Tally {
    /// Counts one more look.
    ///
    /// ```
    /// use canary_core::judge::engines::{Outcome, Tally};
    ///
    /// let mut tally = Tally::default();
    /// for outcome in [Outcome::Fail, Outcome::Error, Outcome::Fail] {
    ///     tally.count(outcome);
    /// }
    /// assert_eq!((tally.failures, tally.consecutive_failures), (2, 2));
    /// assert_eq!((tally.errors, tally.consecutive_errors), (1, 0));
    /// ```
    pub fn count(&mut self, outcome: Outcome) {
        let (total, row) = match outcome {
            Outcome::Pass => (&mut self.passes, self.consecutive_passes),
            Outcome::Fail => (&mut self.failures, self.consecutive_failures),
            Outcome::Inconclusive => (&mut self.inconclusive, 0),
            Outcome::Error => (&mut self.errors, self.consecutive_errors),
        };
        *total = total.saturating_add(1);
        let longer = row.saturating_add(1);
        self.consecutive_passes = 0;
        self.consecutive_errors = 0;
        match outcome {
            Outcome::Pass => (self.consecutive_passes, self.consecutive_failures) = (longer, 0),
            Outcome::Fail => self.consecutive_failures = longer,
            Outcome::Inconclusive => self.consecutive_failures = 0,
            Outcome::Error => self.consecutive_errors = longer,
        }
    }

    /// Looks at which something was measured: all but the errors.
    #[must_use]
    pub const fn measured(&self) -> u64 {
        let decided = self.passes.saturating_add(self.failures);
        decided.saturating_add(self.inconclusive)
    }
}

/// At most so many failures among the last looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowLimit {
    /// So many failures are too many; at least 1.
    pub failures: u64,
    /// Among so many last looks, errors left out; at least `failures`, at most 10,000.
    pub looks: u64,
}

impl WindowLimit {
    const MOST_LOOKS: u64 = 10_000;
}

/// When to stop looking. Each limit is **reached** by its number: a limit of 3 by the third. What
/// is not given does not limit.
///
/// # Example: three failures in a row, or five in all
/// ```
/// use canary_core::judge::engines::{LimitName, LimitState, Limits, Outcome};
///
/// let limits = Limits {
///     consecutive_failures: Some(3),
///     total_failures: Some(5),
///     ..Limits::default()
/// };
/// let mut state = LimitState::new(limits)?;
/// assert_eq!(state.observe(Outcome::Fail, 0.0)?, None);
/// assert_eq!(state.observe(Outcome::Fail, 60.0)?, None);
/// let hit = state.observe(Outcome::Fail, 120.0)?.expect("the third in a row");
/// assert_eq!(hit.limit, LimitName::ConsecutiveFailures);
/// assert_eq!(hit.outcome, Outcome::Fail);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Failures in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_failures: Option<u64>,
    /// Failures in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consecutive_failures: Option<u64>,
    /// Failures among the last looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failures_in_window: Option<WindowLimit>,
    /// Seconds from the first failure of a row to the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violation_seconds: Option<f64>,
    /// Errors in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consecutive_errors: Option<u64>,
    /// Inconclusive looks in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_inconclusive: Option<u64>,
    /// Passes in a row: enough is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consecutive_passes: Option<u64>,
}

impl Limits {
    /// The same, with every number in its range.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a limit of 0, a window of fewer looks than failures or of more
    /// than 10,000 looks, and a duration that is not positive and finite.
    ///
    /// ```
    /// use canary_core::judge::engines::Limits;
    ///
    /// let error = Limits { total_failures: Some(0), ..Limits::default() }.check().unwrap_err();
    /// assert_eq!(error.to_string(), "total_failures: must be at least 1, got 0");
    /// ```
    pub fn check(self) -> Result<Self> {
        for (name, limit) in [
            (LimitName::TotalFailures, self.total_failures),
            (LimitName::ConsecutiveFailures, self.consecutive_failures),
            (LimitName::ConsecutiveErrors, self.consecutive_errors),
            (LimitName::TotalInconclusive, self.total_inconclusive),
            (LimitName::ConsecutivePasses, self.consecutive_passes),
        ] {
            if limit == Some(0) {
                return Err(Error::option(name.as_str(), "must be at least 1", 0));
            }
        }
        if let Some(WindowLimit { failures, looks }) = self.failures_in_window {
            let name = |part| format!("{}.{part}", LimitName::FailuresInWindow);
            if failures == 0 {
                return Err(Error::option(name("failures"), "must be at least 1", 0));
            }
            if looks < failures || looks > WindowLimit::MOST_LOOKS {
                let rule = format!("must lie in [{failures}, {}]", WindowLimit::MOST_LOOKS);
                return Err(Error::option(name("looks"), rule, looks));
            }
        }
        match self.violation_seconds {
            Some(seconds) if !(seconds > 0.0 && seconds.is_finite()) => Err(Error::option(
                LimitName::ViolationSeconds.as_str(),
                "must be positive and finite",
                seconds,
            )),
            _ => Ok(self),
        }
    }
}

choice! {
    /// The limits, the more serious ones first.
    LimitName("limit") {
        /// Failures in all.
        TotalFailures = "total_failures",
        /// Failures in a row.
        ConsecutiveFailures = "consecutive_failures",
        /// Failures among the last looks.
        FailuresInWindow = "failures_in_window",
        /// How long failures have lasted.
        ViolationSeconds = "violation_seconds",
        /// Errors in a row.
        ConsecutiveErrors = "consecutive_errors",
        /// Inconclusive looks in all.
        TotalInconclusive = "total_inconclusive",
        /// Passes in a row.
        ConsecutivePasses = "consecutive_passes",
    }
}

impl LimitName {
    /// What reaching it means.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::TotalFailures
            | Self::ConsecutiveFailures
            | Self::FailuresInWindow
            | Self::ViolationSeconds => Outcome::Fail,
            Self::ConsecutiveErrors => Outcome::Error,
            Self::TotalInconclusive => Outcome::Inconclusive,
            Self::ConsecutivePasses => Outcome::Pass,
        }
    }
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LimitHit {
    /// Which one.
    pub limit: LimitName,
    /// What it means.
    pub outcome: Outcome,
    /// How far it went: looks, or seconds for a duration.
    pub reached: f64,
    /// How far it may go, in the same unit.
    pub allowed: f64,
    /// The look, in seconds.
    pub at_seconds: f64,
}

/// Limits and what has been seen under them: plain data, for a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitState {
    version: Version,
    limits: Limits,
    tally: Tally,
    /// The last looks that measured something: whether they failed.
    window: VecDeque<bool>,
    /// When the present row of failures began.
    violation_since: Option<f64>,
    last_look: Option<f64>,
}

impl LimitState {
    /// Nothing has been seen yet.
    ///
    /// # Errors
    /// Those of [`Limits::check`].
    pub fn new(limits: Limits) -> Result<Self> {
        Ok(Self {
            version: Version,
            limits: limits.check()?,
            tally: Tally::default(),
            window: VecDeque::new(),
            violation_since: None,
            last_look: None,
        })
    }

    /// The counts so far.
    #[must_use]
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// Takes one look at `at_seconds` into account. Gives the most serious limit that is reached
    /// now, if any; whether to look further is the caller's business.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a time that is not finite or lies before the last look.
    pub fn observe(&mut self, outcome: Outcome, at_seconds: f64) -> Result<Option<LimitHit>> {
        if !at_seconds.is_finite() {
            return Err(Error::input("at_seconds", "must be finite", at_seconds));
        }
        if let Some(last) = self.last_look.filter(|&last| at_seconds < last) {
            let rule = format!("must not lie before the last look's {last}");
            return Err(Error::input("at_seconds", rule, at_seconds));
        }
        self.last_look = Some(at_seconds);
        self.tally.count(outcome);
        if outcome != Outcome::Error {
            self.window.push_back(outcome == Outcome::Fail);
            let looks = self
                .limits
                .failures_in_window
                .map_or(0, |window| window.looks);
            while self.window.len() as u64 > looks {
                self.window.pop_front();
            }
        }
        if self.tally.consecutive_failures == 0 {
            self.violation_since = None;
        } else if outcome == Outcome::Fail {
            self.violation_since.get_or_insert(at_seconds);
        }
        Ok(self.hit(outcome, at_seconds))
    }

    fn hit(&self, outcome: Outcome, at_seconds: f64) -> Option<LimitHit> {
        let Self { limits, tally, .. } = self;
        let as_f64 = |limit: Option<u64>| limit.map(|limit| limit as f64);
        // An error neither adds to a row of failures nor ends it: it cannot reach their limits.
        let lasted = match self.violation_since {
            Some(since) if outcome == Outcome::Fail => at_seconds - since,
            _ => 0.0,
        };
        let in_window = self.window.iter().filter(|&&failed| failed).count();
        let hits = [
            (
                LimitName::TotalFailures,
                as_f64(limits.total_failures),
                tally.failures as f64,
            ),
            (
                LimitName::ConsecutiveFailures,
                as_f64(limits.consecutive_failures),
                tally.consecutive_failures as f64,
            ),
            (
                LimitName::FailuresInWindow,
                as_f64(limits.failures_in_window.map(|window| window.failures)),
                in_window as f64,
            ),
            (
                LimitName::ViolationSeconds,
                limits.violation_seconds,
                lasted,
            ),
            (
                LimitName::ConsecutiveErrors,
                as_f64(limits.consecutive_errors),
                tally.consecutive_errors as f64,
            ),
            (
                LimitName::TotalInconclusive,
                as_f64(limits.total_inconclusive),
                tally.inconclusive as f64,
            ),
            (
                LimitName::ConsecutivePasses,
                as_f64(limits.consecutive_passes),
                tally.consecutive_passes as f64,
            ),
        ];
        hits.into_iter().find_map(|(limit, allowed, reached)| {
            let allowed = allowed.filter(|&allowed| reached >= allowed)?;
            let outcome = limit.outcome();
            Some(LimitHit {
                limit,
                outcome,
                reached,
                allowed,
                at_seconds,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome::{Error as E, Fail as F, Inconclusive as I, Pass as P};
    use super::*;

    /// The look at which a limit is reached first, a look a minute, and which limit.
    fn first(limits: Limits, outcomes: &[Outcome]) -> Option<(usize, LimitName)> {
        let mut state = LimitState::new(limits).unwrap();
        outcomes.iter().enumerate().find_map(|(look, &outcome)| {
            let hit = state.observe(outcome, 60.0 * look as f64).unwrap();
            // A restart in between changes nothing.
            let json = serde_json::to_string(&state).unwrap();
            assert_eq!(serde_json::from_str::<LimitState>(&json).unwrap(), state);
            hit.map(|hit| (look, hit.limit))
        })
    }

    #[test]
    fn each_limit_is_reached_by_its_number_and_no_sooner() {
        let none = Limits::default();
        let window = WindowLimit {
            failures: 2,
            looks: 3,
        };
        for (limits, outcomes, expected) in [
            (
                Limits {
                    total_failures: Some(2),
                    ..none
                },
                &[F, P, I, E, F][..],
                Some(4),
            ),
            (
                Limits {
                    consecutive_failures: Some(2),
                    ..none
                },
                &[F, P, F, I, F, E, F],
                Some(6),
            ),
            (
                Limits {
                    failures_in_window: Some(window),
                    ..none
                },
                &[F, P, P, F, E, I, F],
                Some(6),
            ),
            (
                Limits {
                    failures_in_window: Some(window),
                    ..none
                },
                &[F, P, P, F, P, P, F],
                None,
            ),
            (
                Limits {
                    violation_seconds: Some(120.0),
                    ..none
                },
                &[F, F, P, F, E, F],
                Some(5),
            ),
            (
                Limits {
                    violation_seconds: Some(120.0),
                    ..none
                },
                &[F, F, E, E, P],
                None,
            ),
            (
                Limits {
                    consecutive_errors: Some(2),
                    ..none
                },
                &[E, F, E, P, E, I, E, E],
                Some(7),
            ),
            (
                Limits {
                    total_inconclusive: Some(2),
                    ..none
                },
                &[I, P, I],
                Some(2),
            ),
            (
                Limits {
                    consecutive_passes: Some(2),
                    ..none
                },
                &[P, E, P, F, P, I, P, P],
                Some(7),
            ),
            (none, &[F, F, F, E, E, E, I, I, I, P, P, P], None),
        ] {
            assert_eq!(
                first(limits, outcomes).map(|(look, _)| look),
                expected,
                "{limits:?}"
            );
        }
    }

    #[test]
    fn the_more_serious_limit_is_named() {
        let limits = Limits {
            total_failures: Some(1),
            consecutive_passes: Some(1),
            ..Limits::default()
        };
        assert_eq!(first(limits, &[F]), Some((0, LimitName::TotalFailures)));
        assert_eq!(first(limits, &[P]), Some((0, LimitName::ConsecutivePasses)));
    }

    #[test]
    fn time_does_not_run_backwards() {
        let mut state = LimitState::new(Limits::default()).unwrap();
        state.observe(P, 60.0).unwrap();
        for wrong in [59.0, f64::NAN, f64::INFINITY] {
            let before = state.clone();
            let error = state.observe(P, wrong).unwrap_err().to_string();
            assert!(error.starts_with("at_seconds: must "), "{error}");
            assert_eq!(state, before);
        }
    }

    #[test]
    fn wrong_limits_are_named() {
        let none = Limits::default();
        let window = |failures, looks| Limits {
            failures_in_window: Some(WindowLimit { failures, looks }),
            ..none
        };
        for (limits, argument) in [
            (
                Limits {
                    consecutive_passes: Some(0),
                    ..none
                },
                "consecutive_passes",
            ),
            (
                Limits {
                    violation_seconds: Some(f64::NAN),
                    ..none
                },
                "violation_seconds",
            ),
            (window(0, 3), "failures_in_window.failures"),
            (window(4, 3), "failures_in_window.looks"),
            (window(4, 10_001), "failures_in_window.looks"),
        ] {
            let error = limits.check().unwrap_err().to_string();
            assert!(error.starts_with(&format!("{argument}: must ")), "{error}");
        }
    }
}
