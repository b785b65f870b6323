//! A test whose answer holds at any look: all data so far, judged again and again by somebody who keeps
//! nothing in between.

#[cfg(test)]
mod tests;

use super::test::{ONE_NUMBER, acceptable, part, without_data};
use super::{Evidence, both};
use crate::data::{Arms, Design, Direction, Observations, Sample};
use crate::error::{Error, Result};
use crate::judge::condition::{TestCondition, TestGoal, TestMethod};
use crate::judge::finding::Change;
use crate::judge::watch;
use crate::number::moments::Moments;
use crate::options::{Alternative, Margin, Measure};
use crate::sequential::{
    Assume, Monitor as _, QuantileComparison, QuantileComparisonMonitor, Update,
};
use crate::stats::Interval;

/// Why series of different times cannot be tested.
const NO_PAIRS: &str =
    "a test at any look pairs series in time, and these were not measured at the same time";

/// Holds a change against the margin, with an interval that holds at all looks together.
pub(super) fn at_any_look(
    condition: &TestCondition,
    direction: Direction,
    design: Design,
    arms: Arms<Option<&Observations>>,
) -> Result<Evidence> {
    use Observations as O;
    let nothing = || without_data(condition, direction);
    let arms = match both(arms) {
        Ok(arms) => arms,
        Err(absent) => return Ok(nothing().blocked(absent)),
    };
    if let O::Gauge(_) = arms.canary {
        return Ok(nothing().blocked(ONE_NUMBER));
    }
    if let (O::Series(_), Design::BeforeAndAfter) = (arms.canary, design) {
        return Ok(nothing().blocked(NO_PAIRS));
    }
    let condition = &match level(arms.baseline) {
        Some(level) if level <= 0.0 => of_no_ratio(condition, direction, level),
        _ => *condition,
    };
    let found = match (condition.method, arms.baseline, arms.canary) {
        (TestMethod::Quantile, O::Sample(baseline), O::Sample(canary)) => {
            Some(quantile(condition, direction, Arms::new(baseline, canary))?)
        }
        _ => watch::all_at_once(condition, direction, arms)?,
    };
    found.ok_or_else(|| Error::input("", needs(condition.method), arms.canary.kind()))
}

/// The mean of values; that of events needs no care, being at least 0.
fn level(observations: &Observations) -> Option<f64> {
    match observations {
        Observations::Sample(sample) => Some(Moments::mean_of(sample.values())),
        Observations::Series(series) => Some(Moments::mean_of(series.values())),
        Observations::Summary(summary) => Some(summary.mean()),
        _ => None,
    }
}

/// What a test at any look needs, for an error message.
const fn needs(method: TestMethod) -> &'static str {
    match method {
        TestMethod::Quantile => "a test of a quantile at any look needs a sample",
        TestMethod::TTest => "a t-test at any look needs a sample, a series or a summary",
        TestMethod::TwoProportionZ => "a test of proportions at any look needs counts",
        TestMethod::TwoRates => "a test of two rates at any look needs exposures",
        TestMethod::PairedSeries => "a comparison of series at any look needs series",
        TestMethod::Auto | TestMethod::MannWhitney | TestMethod::Spread => {
            "a test at any look needs counts, an exposure, a sample, a summary or a series"
        }
    }
}

/// Holds the change of a quantile against the margin.
fn quantile(
    condition: &TestCondition,
    direction: Direction,
    arms: Arms<&Sample>,
) -> Result<Evidence> {
    let TestCondition {
        quantile,
        goal,
        confidence,
        ..
    } = *condition;
    let margin = held(condition, direction, arms.baseline.quantile(quantile));
    let measure = margin.measure();
    let mut evidence = Evidence::of(format!("{} (at any look)", condition.level()));
    evidence.levels = arms.map(|sample| Some(sample.quantile(quantile)));
    evidence.confidence = Some(confidence);
    evidence.acceptable = Some(acceptable(margin, goal, direction));
    let is_partly = condition.fail_beyond < 1.0 && goal == TestGoal::NonInferiority;
    evidence.harmless =
        is_partly.then(|| acceptable(margin.part(condition.fail_beyond), goal, direction));
    let asked = |side: Alternative, canary: &[f64]| -> Result<QuantileComparisonMonitor> {
        let mut monitor = QuantileComparison::new()
            .quantiles(&[quantile])
            .measure(measure)
            .alternative(side)
            .alpha(0.5 * (1.0 - confidence.get()))
            .assume(Assume::Independence)
            .monitor()?;
        monitor.update(Arms::new(arms.baseline.values(), canary))?;
        Ok(monitor)
    };
    let end = |side| asked(side, arms.canary.values()).map(|monitor| monitor.changes().pop());
    let ends = end(Alternative::Greater).and_then(|low| Ok((low, end(Alternative::Less)?)));
    evidence.change = match ends {
        Ok((low, high)) => low.zip(high).map(|(low, high)| Change {
            measure,
            value: low.value,
            interval: Some(Interval {
                low: low.interval.low,
                high: high.interval.high,
                confidence,
            }),
        }),
        // No ratio of what may be negative.
        Err(error) => return Ok(evidence.blocked(error.to_string())),
    };
    if let (true, Some(failing)) = (
        evidence.is_beyond(),
        evidence.harmless.or(evidence.acceptable),
    ) {
        // A canary that is at the limit is, moved back by it, like the baseline.
        evidence.p_margin = failing.p_value_beyond(|side, limit| {
            let back = |&x: &f64| match measure {
                Measure::Difference => x - limit,
                _ => x / limit,
            };
            let moved: Vec<f64> = arms.canary.values().iter().map(back).collect();
            Some(asked(side, &moved).ok()?.p_value())
        });
    }
    Ok(evidence)
}

/// The same with a difference as its margin: the part of a level that is not positive, or the floor if that
/// is more. Of nothing at all, any part is nothing.
fn of_no_ratio(condition: &TestCondition, direction: Direction, level: f64) -> TestCondition {
    if condition.margin.measure() == Measure::Difference {
        return *condition;
    }
    let by = level.abs() * part(condition.margin, direction);
    TestCondition {
        margin: Margin::Difference(condition.floor.map_or(by, |floor| floor.max(by))),
        floor: None,
        ..*condition
    }
}

/// The margin as it is held against the change: a part of the baseline, or the floor if that is more.
fn held(condition: &TestCondition, direction: Direction, baseline: f64) -> Margin {
    let by = baseline.abs() * part(condition.margin, direction);
    match (condition.margin.measure(), condition.floor) {
        (Measure::Ratio, Some(floor)) if floor >= by => Margin::Difference(floor),
        _ => condition.margin,
    }
}
