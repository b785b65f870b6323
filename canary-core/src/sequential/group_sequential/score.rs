//! The score of what both arms have shown: sums over strata, each of one share of the traffic.

use std::ops::Add;

use serde::{Deserialize, Serialize};

use crate::data::{Arms, Counts};
use crate::error::{Error, Result};
use crate::number::moments::Moments;
use crate::options::Measure;
use crate::sequential::dependence::Contrast;

/// Sums over strata of H (d - null), its variance, and H: the harmonic mean of the arms' sizes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Score {
    /// Σ H (d - null).
    pub(super) sum: f64,
    /// The variance of the sum, if the null hypothesis is true.
    pub(super) variance: f64,
    /// The variance of the sum, whatever the effect.
    pub(super) spread: f64,
    /// Σ H.
    pub(super) size: f64,
}

impl Score {
    /// The difference less the null hypothesis'.
    pub(super) fn effect(self) -> f64 {
        self.sum / self.size
    }

    pub(super) fn z(self) -> f64 {
        self.sum / self.variance.sqrt()
    }

    /// The standard error of the difference.
    pub(super) fn error(self) -> f64 {
        self.spread.sqrt() / self.size
    }

    /// The same of observations of which so many are worth one that is independent, in a unit of its
    /// own in which the variance stays.
    pub(super) fn dispersed(self, dispersion: f64) -> Self {
        let root = dispersion.sqrt();
        Self {
            sum: self.sum / root,
            size: self.size / root,
            ..self
        }
    }

    fn is_finite(self) -> bool {
        (self.sum.abs() + self.variance + self.spread + self.size).is_finite()
    }
}

impl Add for Score {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            sum: self.sum + other.sum,
            variance: self.variance + other.variance,
            spread: self.spread + other.spread,
            size: self.size + other.size,
        }
    }
}

/// What both arms have shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Observed {
    #[default]
    Nothing,
    /// A z of the caller's own.
    Scores,
    Counts(Arms<Counts>),
    Means(Arms<Moments>),
}

impl Observed {
    /// Both taken together.
    pub(super) fn add(self, more: Self) -> Result<Self> {
        match (self, more) {
            (Self::Nothing, one) | (one, Self::Nothing) => Ok(one),
            (Self::Scores, Self::Scores) => Ok(Self::Scores),
            (Self::Counts(own), Self::Counts(more)) => {
                let sums = own.zip(more).try_map(|_, (own, more)| {
                    let events = own.events().saturating_add(more.events());
                    Counts::new(events, own.trials().saturating_add(more.trials()))
                })?;
                Ok(Self::Counts(sums))
            }
            (Self::Means(own), Self::Means(more)) => {
                let sums = own.zip(more).map(|(own, more)| own.merge(more));
                let sums = sums.try_map(|arm, moments| {
                    if moments.mean.is_finite() && moments.m2.is_finite() {
                        return Ok(moments);
                    }
                    let rule = "must have a mean and a spread that are finite numbers";
                    Err(Error::input(arm, rule, moments.mean))
                })?;
                Ok(Self::Means(sums))
            }
            (own, _) => {
                let rule = format!("must be {}, as before", own.kind());
                Err(Error::input("data", rule, more.kind()))
            }
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Scores => "z with its information",
            Self::Counts(_) => "counts",
            Self::Means(_) => "values",
        }
    }

    /// How many observations on each arm, and their level.
    pub(super) fn levels(self) -> Option<Arms<(u64, f64)>> {
        match self {
            Self::Nothing | Self::Scores => None,
            Self::Counts(arms) => Some(arms.map(|arm| (arm.trials(), arm.rate()))),
            Self::Means(arms) => Some(arms.map(|arm| (arm.count, arm.mean))),
        }
    }

    /// What both arms say of their difference, if there is enough of either to tell.
    pub(super) fn contrast(self) -> Option<Contrast> {
        match self {
            Self::Nothing | Self::Scores => None,
            Self::Counts(arms) => {
                let trials = arms.map(|arm| arm.trials() as f64);
                let events = arms.map(|arm| arm.events() as f64);
                let has_both = trials.baseline > 0.0 && trials.canary > 0.0;
                has_both.then(|| Contrast::of_proportions(Measure::Difference, events, trials))
            }
            Self::Means(arms) => {
                let has_both = arms.baseline.count >= 2 && arms.canary.count >= 2;
                has_both.then(|| Contrast::of_samples(Measure::Difference, arms))
            }
        }
    }

    /// The score of one stratum; nothing of what says nothing about the difference, or more than a
    /// double holds.
    pub(super) fn score(self, null: f64) -> Score {
        let score = match self {
            Self::Nothing | Self::Scores => None,
            Self::Counts(arms) => of_counts(arms, null),
            Self::Means(arms) => of_means(arms, null),
        };
        score.filter(|score| score.is_finite()).unwrap_or_default()
    }
}

fn of_counts(arms: Arms<Counts>, null: f64) -> Option<Score> {
    let n = arms.map(|arm| arm.trials() as f64);
    let all = n.baseline + n.canary;
    let half = n.baseline * (n.canary / all);
    if half.is_nan() || half <= 0.0 {
        return None;
    }
    let events = arms.map(|arm| arm.events() as f64);
    let rate = arms.map(Counts::rate);
    let pooled = (events.baseline + events.canary) / all;
    let size = 2.0 * half;
    let null_variance = pooled * (1.0 - pooled) / half * (all / (all - 1.0));
    // Half an event and half a non-event more: no variance of an arm is 0.
    let own = n.zip(events).map(|(n, events)| {
        let p = (events + 0.5) / (n + 1.0);
        p * (1.0 - p) / n
    });
    let spread = size * size * (own.baseline + own.canary);
    Some(Score {
        sum: size * (rate.canary - rate.baseline - null),
        variance: if null == 0.0 {
            size * size * null_variance
        } else {
            spread
        },
        spread,
        size,
    })
}

fn of_means(arms: Arms<Moments>, null: f64) -> Option<Score> {
    if arms.baseline.count < 2 || arms.canary.count < 2 {
        return None; // no variance
    }
    let n = arms.map(|arm| arm.count as f64);
    let size = 2.0 * n.baseline * (n.canary / (n.baseline + n.canary));
    let of_mean = arms.map(|arm| arm.variance() / arm.count as f64);
    let variance = size * size * (of_mean.baseline + of_mean.canary);
    Some(Score {
        sum: size * (arms.canary.mean - arms.baseline.mean - null),
        variance,
        spread: variance,
        size,
    })
}
