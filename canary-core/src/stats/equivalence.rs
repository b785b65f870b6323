use std::fmt;

use serde::{Deserialize, Serialize};

use super::bootstrap::check_quantile;
use super::input::Sorted;
use super::mann_whitney::{MannWhitney, ShiftInterval};
use super::proportions::TwoProportionZ;
use super::quantile_test::QuantileTest;
use super::result::{Estimate, TestResult};
use super::t_test::{Centred, TTest};
use super::two_rates::TwoRates;
use crate::data::{Arms, Counts, Direction, Exposure, Summary};
use crate::error::{Error, Result};
use crate::number::extended;
use crate::number::show::{Show, ShowP};
use crate::options::{Alternative, Margin, Measure, NanPolicy, choice};

choice! {
    /// What is to be shown of the canary.
    Goal("goal") {
        /// That it is not worse by the margin or more.
        NonInferiority = "non_inferiority",
        /// That it is neither worse nor better by the margin or more.
        Equivalence = "equivalence",
    }
}

choice! {
    /// What an equivalence or non-inferiority test found.
    EquivalenceOutcome("outcome") {
        /// The change is within the margin.
        Within = "within",
        /// The change is beyond the margin.
        Beyond = "beyond",
        /// The data do not tell.
        Undecided = "undecided",
    }
}

#[doc = include_str!("equivalence.md")]
///
/// # Defaults
/// Non-inferiority, worse is an increase, alpha 0.05, NaN refused. The margin has no default.
///
/// # Example: at most 10 % slower?
/// ```
/// use canary_core::{Arms, Equivalence, Margin, stats::EquivalenceOutcome};
///
/// let latency_ms = Arms {
///     baseline: vec![101.2, 98.7, 103.5, 99.1, 100.4, 102.0],
///     canary: vec![102.9, 100.3, 103.2, 101.8, 99.1],
/// };
/// let result = Equivalence::new(Margin::Percent(10.0)).means(&latency_ms)?;
/// assert_eq!(result.outcome, EquivalenceOutcome::Within);
/// assert!(result.p_value < 0.001);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equivalence {
    margin: Margin,
    goal: Goal,
    direction: Direction,
    alpha: f64,
    nan_policy: NanPolicy,
}

/// What an equivalence or non-inferiority test found, with the tests it consists of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EquivalenceResult {
    /// What was to be shown.
    pub goal: Goal,
    /// Which way is worse.
    pub direction: Direction,
    /// The margin as it was given.
    pub margin: Margin,
    /// The smallest acceptable change; `-inf` (or 0 for a ratio) where there is none.
    #[serde(with = "extended")]
    pub low: f64,
    /// The largest acceptable change; `inf` where there is none.
    #[serde(with = "extended")]
    pub high: f64,
    /// The error rate that was accepted.
    pub alpha: f64,
    /// The probability of data this reassuring if the canary were worse by the margin.
    pub p_value: f64,
    /// Within the margin, beyond it, or not told by the data.
    pub outcome: EquivalenceOutcome,
    /// The change with its interval of confidence 1 - 2 alpha.
    pub estimate: Estimate,
    /// The one-sided tests at the limits.
    pub tests: Vec<TestResult>,
}

/// A test with the options that a limit asks for: all of the tests have them by the same names.
macro_rules! asked {
    ($test:expr, $at:expr) => {
        $test
            .alternative($at.side)
            .confidence($at.confidence)
            .measure($at.measure)
            .null($at.null)
    };
}

impl Equivalence {
    /// With this margin and the defaults.
    #[must_use]
    pub const fn new(margin: Margin) -> Self {
        Self {
            margin,
            goal: Goal::NonInferiority,
            direction: Direction::Increase,
            alpha: 0.05,
            nan_policy: NanPolicy::Raise,
        }
    }

    /// What is to be shown.
    #[must_use]
    pub const fn goal(mut self, goal: Goal) -> Self {
        self.goal = goal;
        self
    }

    /// Which way is worse; `Either` makes non-inferiority an equivalence.
    #[must_use]
    pub const fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// The error rate, in (0, 0.5).
    #[must_use]
    pub const fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// What to do with NaN.
    #[must_use]
    pub const fn nan_policy(mut self, nan_policy: NanPolicy) -> Self {
        self.nan_policy = nan_policy;
        self
    }

    /// Of means, by Welch's t.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a margin or alpha outside its range, and what
    /// [`TTest::run`] refuses.
    pub fn means<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<EquivalenceResult> {
        let centred = Centred::of(arms, self.nan_policy)?;
        self.decide(|at| asked!(TTest::new(), at).test(centred))
    }

    /// Of means that only summaries were kept of.
    ///
    /// # Errors
    /// As [`Equivalence::means`].
    pub fn summaries(&self, arms: &Arms<Summary>) -> Result<EquivalenceResult> {
        self.decide(|at| asked!(TTest::new(), at).run_summaries(arms))
    }

    /// Of the shift between distributions of equal shape, by Mann-Whitney.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a margin or alpha outside its range, and what
    /// [`MannWhitney::run`] refuses.
    pub fn shifts<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<EquivalenceResult> {
        let sorted = Sorted::of(arms, self.nan_policy)?;
        self.decide(|at| {
            let interval = match at.null {
                Some(_) => ShiftInterval::None,
                None => ShiftInterval::HodgesLehmann,
            };
            asked!(MannWhitney::new().interval(interval), at).test(&sorted)
        })
    }

    /// Of a quantile in (0, 1): 0.5 is the median.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a margin or alpha outside its range, and what
    /// [`QuantileTest::run`] refuses.
    pub fn quantiles<A: AsRef<[f64]>>(
        &self,
        arms: &Arms<A>,
        quantile: f64,
    ) -> Result<EquivalenceResult> {
        check_quantile(quantile)?;
        let sorted = Sorted::of(arms, self.nan_policy)?;
        self.decide(|at| asked!(QuantileTest::new().quantile(quantile), at).test(&sorted))
    }

    /// Of proportions, by score tests.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a margin or alpha outside its range, and what
    /// [`TwoProportionZ::run`] refuses.
    pub fn proportions(&self, arms: &Arms<Counts>) -> Result<EquivalenceResult> {
        self.decide(|at| asked!(TwoProportionZ::new(), at).run(arms))
    }

    /// Of Poisson rates, by score tests.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a margin or alpha outside its range, and what
    /// [`TwoRates::run`] refuses.
    pub fn rates(&self, arms: &Arms<Exposure>) -> Result<EquivalenceResult> {
        self.decide(|at| asked!(TwoRates::new(), at).run(arms))
    }

    /// Runs the one-sided tests at the limits, and the two-sided one for the interval.
    fn decide(&self, run: impl Fn(At) -> Result<TestResult>) -> Result<EquivalenceResult> {
        if !(self.alpha > 0.0 && self.alpha < 0.5) {
            return Err(Error::option("alpha", "must lie in (0, 0.5)", self.alpha));
        }
        let margin = self.margin.check()?;
        let measure = margin.measure();
        let both = self.goal == Goal::Equivalence || self.direction == Direction::Either;
        let has_upper = both || self.direction == Direction::Increase;
        let has_lower = both || self.direction == Direction::Decrease;
        if has_lower && measure == Measure::Ratio && margin.lower() <= 0.0 {
            let rule = "must leave a decrease of less than 100%";
            return Err(Error::option("margin", rule, margin));
        }
        let at = |side, null: f64| {
            run(At {
                side,
                confidence: 1.0 - self.alpha,
                measure,
                null: Some(null),
            })
        };
        let mut tests = Vec::new();
        let mut is_beyond = false;
        if has_upper {
            tests.push(at(Alternative::Less, margin.upper())?);
            is_beyond |= at(Alternative::Greater, margin.upper())?.p_value <= self.alpha;
        }
        if has_lower {
            tests.push(at(Alternative::Greater, margin.lower())?);
            is_beyond |= at(Alternative::Less, margin.lower())?.p_value <= self.alpha;
        }
        let p_value = tests.iter().map(|test| test.p_value).fold(0.0, f64::max);
        let whole = run(At {
            side: Alternative::TwoSided,
            confidence: 1.0 - 2.0 * self.alpha,
            measure,
            null: None,
        })?;
        let estimate = whole
            .estimate
            .ok_or_else(|| Error::not_enough("canary", "an estimate", 0))?;
        let none = match measure {
            Measure::Difference => f64::NEG_INFINITY,
            _ => 0.0,
        };
        Ok(EquivalenceResult {
            goal: self.goal,
            direction: self.direction,
            margin,
            low: if has_lower { margin.lower() } else { none },
            high: if has_upper {
                margin.upper()
            } else {
                f64::INFINITY
            },
            alpha: self.alpha,
            p_value,
            outcome: if p_value <= self.alpha {
                EquivalenceOutcome::Within
            } else if is_beyond {
                EquivalenceOutcome::Beyond
            } else {
                EquivalenceOutcome::Undecided
            },
            estimate,
            tests,
        })
    }
}

/// One test to be run.
#[derive(Clone, Copy)]
struct At {
    side: Alternative,
    confidence: f64,
    measure: Measure,
    null: Option<f64>,
}

impl fmt::Display for EquivalenceResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = match self.goal {
            Goal::NonInferiority => "not worse",
            Goal::Equivalence => "the same",
        };
        let Estimate {
            of,
            value,
            interval,
            ..
        } = &self.estimate;
        writeln!(
            f,
            "Is the canary {asked}, within {}? {}",
            self.margin, self.outcome
        )?;
        writeln!(f, "  {of}: {}, interval {interval}", Show(*value))?;
        write!(
            f,
            "  acceptable: {} to {}, {}",
            Show(self.low),
            Show(self.high),
            ShowP(self.p_value)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_is_what_the_interval_says() {
        let arms = |shift: f64| {
            let values = |n: u32, shift: f64| -> Vec<f64> {
                (0..n)
                    .map(|i| 100.0 + shift + f64::from(i * 37 % 41) - 20.0)
                    .collect()
            };
            Arms::new(values(400, 0.0), values(60, shift))
        };
        use EquivalenceOutcome::{Beyond, Undecided, Within};
        for (shift, expected) in [
            (0.0, Within),
            (4.0, Undecided),
            (12.0, Beyond),
            (-9.0, Within),
        ] {
            let test = Equivalence::new(Margin::Difference(5.0));
            for result in [
                test.means(&arms(shift)).unwrap(),
                test.shifts(&arms(shift)).unwrap(),
            ] {
                assert_eq!(result.outcome, expected, "{shift} {result:?}");
                let interval = result.estimate.interval;
                assert_eq!(interval.high <= 5.0, expected == Within);
                assert_eq!(interval.low >= 5.0, expected == Beyond);
            }
        }
        let both = Equivalence::new(Margin::Difference(5.0)).goal(Goal::Equivalence);
        assert_eq!(both.means(&arms(-9.0)).unwrap().outcome, Beyond);
        assert_eq!(both.means(&arms(-9.0)).unwrap().tests.len(), 2);
    }

    /// Farrington and Manning (1990): a difference of 0.1 to be excluded.
    #[test]
    fn proportions_by_the_score_test() {
        let counts = |x, n| Counts::new(x, n).unwrap();
        let arms = Arms::new(counts(95, 19_000), counts(6, 1_000));
        let result = Equivalence::new(Margin::Difference(0.01))
            .proportions(&arms)
            .unwrap();
        assert_eq!(result.outcome, EquivalenceOutcome::Within);
        let tight = Equivalence::new(Margin::Percent(10.0))
            .proportions(&arms)
            .unwrap();
        assert_eq!(tight.outcome, EquivalenceOutcome::Undecided);
        assert!(tight.to_string().contains("undecided"));
    }

    #[test]
    fn margins_are_checked() {
        let arms = Arms::new(vec![1.0, 2.0], vec![1.0, 3.0]);
        let error = |margin, alpha| {
            let test = Equivalence::new(margin)
                .alpha(alpha)
                .direction(Direction::Decrease);
            test.means(&arms).unwrap_err().to_string()
        };
        assert_eq!(
            error(Margin::Percent(100.0), 0.05),
            "margin: must leave a decrease of less than 100%, got 100%"
        );
        assert_eq!(
            error(Margin::Percent(1.0), 0.7),
            "alpha: must lie in (0, 0.5), got 0.7"
        );
    }
}
