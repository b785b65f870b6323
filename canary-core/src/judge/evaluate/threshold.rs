//! A point comparison: one number against a bound.

use super::test::acceptable;
use super::{Evidence, missing};
use crate::data::{Arms, Direction, Observations};
use crate::error::{Error, Result};
use crate::judge::condition::{Bound, TestGoal, Threshold};
use crate::judge::finding::{Acceptable, Change};
use crate::judge::statistic::Statistic;
use crate::options::Measure;

/// Why there is no relative change.
pub(in crate::judge) const NO_RATIO: &str = "a factor or a percentage means nothing of negative \
    levels; state the bound as a difference";

/// A point comparison.
pub(super) fn threshold(
    condition: &Threshold,
    direction: Direction,
    arms: Arms<Option<&Observations>>,
) -> Result<Evidence> {
    let statistic = match (condition.statistic, arms.canary.or(arms.baseline)) {
        (Some(statistic), _) => Some(statistic),
        (None, Some(observations)) => {
            Some(Statistic::default_of(observations).ok_or_else(|| {
                let choices = Statistic::choices(observations);
                Error::input(
                    "",
                    format!("a threshold needs a statistic of {choices}"),
                    "none",
                )
            })?)
        }
        (None, None) => None,
    };
    let level = |observations: Option<&Observations>| {
        let (Some(statistic), Some(observations)) = (statistic, observations) else {
            return Ok(None);
        };
        let level = statistic.of(observations).ok_or_else(|| {
            let (kind, choices) = (observations.kind(), Statistic::choices(observations));
            Error::input(
                "",
                format!("a threshold on {kind} needs one of {choices}"),
                statistic,
            )
        })?;
        // An empty histogram or no traffic: there is nothing to compare.
        Ok((!level.is_nan()).then_some(level))
    };
    let compared = match condition.statistic {
        Some(statistic) => format!("{statistic} (point comparison)"),
        None => "point comparison".to_owned(),
    };
    let mut evidence = Evidence::of(compared);
    evidence.levels = Arms::new(level(arms.baseline)?, level(arms.canary)?);
    match condition.bound {
        Bound::Absolute { min, max } => {
            evidence.acceptable = Some(Acceptable {
                low: min.unwrap_or(f64::NEG_INFINITY),
                high: max.unwrap_or(f64::INFINITY),
            });
            let absent = Arms::new(false, evidence.levels.canary.is_none());
            evidence.obstacle = missing(absent).map(str::to_owned);
        }
        Bound::Relative(margin) => {
            evidence.acceptable = Some(acceptable(margin, TestGoal::NonInferiority, direction));
            let Arms {
                baseline: Some(baseline),
                canary: Some(canary),
            } = evidence.levels
            else {
                let absent = evidence.levels.map(|level| level.is_none());
                return Ok(evidence.blocked(missing(absent).unwrap_or_default()));
            };
            match change(margin.measure(), baseline, canary) {
                Some(value) => {
                    evidence.change = Some(Change {
                        measure: margin.measure(),
                        value,
                        interval: None,
                    });
                }
                None => {
                    return Ok(evidence.blocked(NO_RATIO));
                }
            }
        }
    }
    Ok(evidence)
}

/// Canary minus baseline, or canary over baseline: from zero, equal is no change and anything
/// more is an infinite one. No ratio to a negative baseline.
fn change(measure: Measure, baseline: f64, canary: f64) -> Option<f64> {
    match measure {
        Measure::Difference => Some(canary - baseline),
        _ if baseline < 0.0 || (baseline == 0.0 && canary < 0.0) => None,
        _ if canary == baseline => Some(1.0),
        _ => Some(canary / baseline),
    }
}
