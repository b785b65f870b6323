//! Changes of the policy: one limit of a check, wider or tighter.

use super::search::Path;
use super::{Setting, Way};
use crate::judge::check::Check;
use crate::judge::condition::{Bound, Condition, TestGoal};
use crate::judge::explain::PROPORTION;
use crate::judge::finding::{Acceptable, Finding};
use crate::options::{Margin, Measure};

/// The limit of a check that a finding turns on, and how it may move.
pub(super) fn limit(check: &Check, finding: &Finding, way: Way) -> Option<(Setting, Path)> {
    match &check.condition {
        Condition::Threshold(threshold) => match threshold.bound {
            Bound::Relative(margin) => Some(of_margin(margin, way == Way::Better, finding)),
            Bound::Absolute { .. } => absolute(finding, way),
        },
        Condition::Test(test) => {
            // A floor, or a baseline of nothing, makes a difference of a part.
            let is_difference = finding
                .change
                .is_some_and(|change| change.measure == Measure::Difference);
            let margin = match (is_difference, finding.acceptable) {
                (true, Some(acceptable)) => Margin::Difference(size(acceptable)?),
                _ => test.margin,
            };
            let wider = (way == Way::Better) != (test.goal == TestGoal::Superiority);
            Some(of_margin(margin, wider, finding))
        }
        Condition::Distribution(curve) => Some((Setting::Share, of_share(curve.share, way))),
        Condition::Trend(trend) => Some(of_margin(trend.margin, way == Way::Better, finding)),
        Condition::Anomaly(anomaly) => Some((Setting::Margin, of_share(anomaly.margin, way))),
        Condition::Missing(missing) => Some((Setting::Max, of_share(missing.max, way))),
        Condition::Fairness(_) => fairness(finding, way),
        // Which split was configured is a fact, a condition may have any number of limits, and a standard
        // check is judged as those it stands for.
        Condition::SampleRatio(_) | Condition::Expression(_) | Condition::Standard(_) => None,
    }
}

/// The check with that limit instead of its own.
pub(super) fn with_limit(check: &Check, setting: Setting, to: f64) -> Option<Check> {
    let mut check = check.clone();
    let margin = match setting {
        Setting::Percent => Some(Margin::Percent(to)),
        Setting::Factor => Some(Margin::Factor(to)),
        Setting::Difference => Some(Margin::Difference(to)),
        _ => None,
    };
    match (&mut check.condition, setting, margin) {
        (Condition::Threshold(threshold), _, Some(margin)) => {
            threshold.bound = Bound::Relative(margin);
        }
        (Condition::Threshold(threshold), _, None) => match &mut threshold.bound {
            Bound::Absolute { min, .. } if setting == Setting::Min => *min = Some(to),
            Bound::Absolute { max, .. } if setting == Setting::Max => *max = Some(to),
            _ => return None,
        },
        (Condition::Test(test), _, Some(margin)) => {
            test.margin = margin;
            // What was held against the change was the larger of both.
            test.floor = None;
        }
        (Condition::Trend(trend), _, Some(margin)) => trend.margin = margin,
        (Condition::Distribution(curve), Setting::Share, _) => curve.share = to,
        (Condition::Anomaly(anomaly), Setting::Margin, _) => anomaly.margin = to,
        (Condition::Missing(missing), Setting::Max, _) => missing.max = to,
        (Condition::Fairness(fairness), Setting::Min, _) => fairness.min = Some(to),
        (Condition::Fairness(fairness), Setting::Max, _) => fairness.max = Some(to),
        _ => return None,
    }
    check.check().is_ok().then_some(check)
}

/// How large a difference is accepted, in the worse direction or in both.
fn size(Acceptable { low, high }: Acceptable) -> Option<f64> {
    [high, low]
        .into_iter()
        .find(|end| end.is_finite())
        .map(f64::abs)
}

fn of_margin(margin: Margin, wider: bool, finding: &Finding) -> (Setting, Path) {
    let (setting, from, least) = match margin {
        Margin::Percent(percent) => (Setting::Percent, percent, 0.0),
        Margin::Factor(factor) => (Setting::Factor, factor, 1.0),
        Margin::Difference(difference) => (Setting::Difference, difference, 0.0),
    };
    let usual = match setting {
        Setting::Percent => 1.0,
        Setting::Factor => 0.01,
        _ => scale(finding),
    };
    let step = (0.02 * (from - least)).max(0.01 * usual);
    (setting, line(from, step, wider, (!wider).then_some(least)))
}

/// A limit from 0 to 1.
fn of_share(from: f64, way: Way) -> Path {
    let step = (0.02 * from).max(1e-4);
    match way {
        Way::Better => line(from, step, true, Some(1.0 - 1e-9)),
        Way::Worse => line(from, step, false, Some(0.0)),
    }
}

fn absolute(finding: &Finding, way: Way) -> Option<(Setting, Path)> {
    let (setting, from) = nearer_end(finding)?;
    let step = (0.01 * from.abs()).max(0.01 * scale(finding));
    let up = (setting == Setting::Max) == (way == Way::Better);
    // No limit is beyond what the canary can be: below zero what is never negative, above 1 a share.
    let levels = [finding.levels.canary, finding.levels.baseline];
    let keeps_sign = levels.into_iter().flatten().all(|level| level >= 0.0);
    let end = match up {
        true if finding.unit.as_deref() == Some(PROPORTION) => Some(from.max(1.0)),
        false if keeps_sign => Some(from.min(0.0)),
        _ => None,
    };
    Some((setting, line(from, step, up, end)))
}

fn fairness(finding: &Finding, way: Way) -> Option<(Setting, Path)> {
    let (setting, from) = nearer_end(finding)?;
    let up = (setting == Setting::Max) == (way == Way::Better);
    let end = if up { 1.0 } else { 0.0 };
    Some((setting, line(from, 0.01, up, Some(end))))
}

/// The end of what is acceptable that the canary's own number passes, or comes nearest to.
fn nearer_end(finding: &Finding) -> Option<(Setting, f64)> {
    let Acceptable { low, high } = finding.acceptable?;
    let (least, most) = range(finding)?;
    match (low.is_finite(), high.is_finite()) {
        (false, false) => None,
        (true, false) => Some((Setting::Min, low)),
        (false, true) => Some((Setting::Max, high)),
        (true, true) if most - high >= low - least => Some((Setting::Max, high)),
        (true, true) => Some((Setting::Min, low)),
    }
}

/// The range that was held against what is acceptable.
pub(super) fn range(finding: &Finding) -> Option<(f64, f64)> {
    match (finding.change, finding.own_interval) {
        (Some(change), _) => Some(match change.interval {
            Some(interval) => (interval.low, interval.high),
            None => (change.value, change.value),
        }),
        (None, Some(own)) => Some((own.low, own.high)),
        (None, None) => finding.levels.canary.map(|level| (level, level)),
    }
}

/// The usual size of the compared number, so that a search from zero has a step to begin with.
fn scale(finding: &Finding) -> f64 {
    let sizes = [finding.levels.canary, finding.levels.baseline];
    let size = sizes.into_iter().flatten().map(f64::abs);
    let size = size.filter(|size| size.is_finite()).fold(0.0, f64::max);
    if size > 0.0 { size } else { 1.0 }
}

const fn line(from: f64, step: f64, up: bool, end: Option<f64>) -> Path {
    Path::Line {
        from,
        step: if up { step } else { -step },
        end,
    }
}
