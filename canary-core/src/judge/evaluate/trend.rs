//! Growth over time: what leaks.

use super::{Evidence, both};
use crate::data::{Arms, Design, Direction, Observations, Series};
use crate::error::{Error, Result};
use crate::judge::condition::{TestGoal, TrendCondition};
use crate::judge::evaluate::test::{acceptable, part};
use crate::judge::finding::Change;
use crate::number::moments::Moments;
use crate::options::{Margin, Measure};
use crate::stats::{Autocorrelation, Interval, Pairing, Trend};

/// Holds how much more the canary grows in the condition's time against the margin.
pub(super) fn trend(
    condition: &TrendCondition,
    direction: Direction,
    design: Design,
    arms: Arms<Option<&Observations>>,
) -> Result<Evidence> {
    let mut evidence = Evidence::of("growth (Theil-Sen slopes, Mann-Kendall test)".to_owned());
    let series = match both(arms) {
        Err(absent) => return Ok(evidence.blocked(absent)),
        Ok(Arms {
            baseline: Observations::Series(baseline),
            canary: Observations::Series(canary),
        }) => Arms::new(baseline, canary),
        Ok(Arms { baseline, .. }) => {
            return Err(Error::input("", "a trend needs series", baseline.kind()));
        }
    };
    let over = condition.over;
    let level = Moments::mean_of(series.baseline.values()).abs();
    let margin = match condition.margin.measure() {
        Measure::Difference => condition.margin,
        _ => Margin::Difference(level * part(condition.margin, direction)),
    };
    let acceptable = acceptable(margin, TestGoal::NonInferiority, direction);
    evidence.acceptable = Some(acceptable);
    let test = Trend::new()
        .correction(Autocorrelation::HamedRao)
        .pairing(match design {
            Design::Concurrent => Pairing::Paired,
            Design::BeforeAndAfter => Pairing::Independent,
        })
        .confidence(condition.confidence.get());
    let series: Arms<Series> = series.map(Clone::clone);
    let found = match test.compare(&series) {
        Ok(found) => found,
        Err(error) => return Ok(evidence.blocked(error.to_string())),
    };
    evidence.levels = found.arms.map(|arm| Some(over * arm.level));
    // The slope of the differences need not be the difference of the slopes.
    let difference = found.arms.canary.level - found.arms.baseline.level;
    let slope = found.estimate.as_ref().map(|estimate| estimate.value);
    if slope.is_some_and(|slope| slope * difference < 0.0) {
        evidence.levels = Arms::default();
    }
    evidence.change = found.estimate.as_ref().map(|estimate| Change {
        measure: Measure::Difference,
        value: over * estimate.value,
        interval: Some(Interval {
            low: over * estimate.interval.low,
            high: over * estimate.interval.high,
            confidence: estimate.interval.confidence,
        }),
    });
    evidence.confidence = Some(condition.confidence);
    evidence.test = Some(found);
    if evidence.is_beyond() {
        evidence.p_margin = acceptable.p_value_beyond(|alternative, limit| {
            let at_limit = test.alternative(alternative).null(limit / over);
            Some(at_limit.compare(&series).ok()?.p_value)
        });
    }
    Ok(evidence)
}
