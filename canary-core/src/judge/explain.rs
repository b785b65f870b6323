//! The words: rules, outcomes and reasons as plain sentences. Nowhere else.

use std::collections::BTreeSet;

use super::aggregate::{Ground, holds_back, lacks_data};
use super::check::Check;
use super::condition::{Bound, Condition, DistributionCondition, Looks, TestGoal, TestMethod};
use super::engines::{LimitHit, Outcome, Tally};
use super::evaluate::Evidence;
use super::finding::{Acceptable, Change, Finding};
use super::importance::Role;
use super::verdict::{Scored, Status};
use crate::anomaly::AnomalyResult;
use crate::data::{Arms, Design, Direction};
use crate::number::show::{Given, Percent, Show, ShowP};
use crate::options::{Confidence, Margin, Measure};
use crate::stats::Interval;

/// The unit of a share that is written as a number from 0 to 1 and read as a percentage.
pub(super) const PROPORTION: &str = "proportion";

/// What a finding says whose arms were not measured side by side.
pub(super) const BEFORE_AND_AFTER: &str = " (Before and after, not side by side.)";

/// What a verdict says, once, that stands on such findings: of all metrics, or of these.
pub(crate) fn caveat(findings: &[&Finding]) -> Option<String> {
    let compared =
        |finding: &&&Finding| finding.change.is_some() || finding.design == Design::BeforeAndAfter;
    let is_apart = |finding: &&&Finding| finding.design == Design::BeforeAndAfter;
    let apart: Vec<&&Finding> = findings.iter().filter(is_apart).collect();
    if apart.is_empty() {
        return None;
    }
    let of = if apart.len() == findings.iter().filter(compared).count() {
        String::new()
    } else {
        let names = apart.iter().map(|finding| finding.metric.as_str());
        let metrics: Vec<&str> = names.collect::<BTreeSet<_>>().into_iter().collect();
        format!(" of {}", metrics.join(", "))
    };
    Some(format!(
        "Baseline and canary{of} were not measured at the same time, so that whatever else changed in \
         between is in the comparison: it is weaker than side by side."
    ))
}

/// How a number is written: as measured, or as somebody chose it.
pub(super) type Write = fn(f64) -> String;
pub(super) const MEASURED: Write = |x| Show(x).to_string();
pub(super) const CHOSEN: Write = |x| Given(x).to_string();

/// A measured value in its unit: `41.2 ms`, `0.5%`.
pub(crate) fn level(x: f64, unit: Option<&str>) -> String {
    in_unit(MEASURED, x, unit)
}

pub(super) fn in_unit(write: Write, x: f64, unit: Option<&str>) -> String {
    match unit {
        None => write(x),
        Some(PROPORTION) => format!("{}%", write(100.0 * x)),
        Some("%") => format!("{}%", write(x)),
        Some(unit) => format!("{} {unit}", write(x)),
    }
}

/// A difference in its unit: that of two shares is in percentage points.
pub(super) fn difference(write: Write, x: f64, unit: Option<&str>) -> String {
    match unit {
        Some(PROPORTION) => format!("{} percentage points", write(100.0 * x)),
        Some("%") => format!("{} percentage points", write(x)),
        _ => in_unit(write, x, unit),
    }
}

/// A change as people say it: `20 ms more`, `5% less`, `2.1 times as much`.
pub(super) fn change(write: Write, measure: Measure, x: f64, unit: Option<&str>) -> String {
    match measure {
        _ if x == measure.null() => "the same".to_owned(),
        Measure::Difference if x > 0.0 => format!("{} more", difference(write, x, unit)),
        Measure::Difference => format!("{} less", difference(write, -x, unit)),
        _ if x == f64::INFINITY => "infinitely more, being up from zero".to_owned(),
        _ if x >= 2.0 => format!("{} times as much", write(x)),
        _ if x > 1.0 => format!("{}% more", write(100.0 * (x - 1.0))),
        _ => format!("{}% less", write(100.0 * (1.0 - x))),
    }
}

/// A change as a table has it: `+20 ms`, `-5%`, `+0.98 points`.
pub(crate) fn signed(measure: Measure, x: f64, unit: Option<&str>) -> String {
    let sign = |x: f64| if x > 0.0 { "+" } else { "" };
    match measure {
        Measure::Ratio | Measure::OddsRatio if x == f64::INFINITY => "up from zero".to_owned(),
        Measure::Ratio | Measure::OddsRatio if x >= 2.0 => format!("×{}", Show(x)),
        Measure::Ratio | Measure::OddsRatio => {
            let percent = 100.0 * (x - 1.0);
            format!("{}{}%", sign(percent), Show(percent))
        }
        Measure::Difference => match unit {
            Some(PROPORTION) => format!("{}{} points", sign(x), Show(100.0 * x)),
            Some("%") => format!("{}{} points", sign(x), Show(x)),
            _ => format!("{}{}", sign(x), level(x, unit)),
        },
    }
}

/// The rule of a check in words, e.g. `p99 at most 2x the baseline`.
pub(super) fn rule(condition: &Condition, direction: Direction, unit: Option<&str>) -> String {
    match condition {
        Condition::Threshold(threshold) => {
            let subject = threshold
                .statistic
                .map(|s| format!("{s} "))
                .unwrap_or_default();
            let bound = match threshold.bound {
                Bound::Relative(margin) => relative(margin, direction, unit),
                Bound::Absolute { min, max } => [("at least", min), ("at most", max)]
                    .into_iter()
                    .filter_map(|(word, limit)| {
                        Some(format!("{word} {}", in_unit(CHOSEN, limit?, unit)))
                    })
                    .collect::<Vec<_>>()
                    .join(" and "),
            };
            format!("{subject}{bound}")
        }
        Condition::Test(test) => {
            let bound = match test.goal {
                TestGoal::NonInferiority => relative(test.margin, direction, unit),
                TestGoal::Equivalence => relative(test.margin, Direction::Either, unit),
                TestGoal::Superiority => format!("better than the baseline by {}", test.margin),
            };
            let floor = test.floor.map(|floor| difference(CHOSEN, floor, unit));
            let floor = floor.map_or_else(String::new, |floor| format!(" or {floor}"));
            let looks = at_looks(test.looks);
            let bound = format!(
                "{bound}{floor}, {}{looks}",
                with_confidence(test.confidence)
            );
            match test.level() {
                level if level.is_empty() => bound,
                level => format!("{level} {bound}"),
            }
        }
        Condition::Distribution(curve) => format!(
            "at most {}% of observations worse by more than {}, {}",
            Given(100.0 * curve.share),
            curve.margin,
            with_confidence(curve.confidence)
        ),
        Condition::Trend(trend) => format!(
            "growth in {} {}, {}",
            Given(trend.over),
            relative(trend.margin, direction, unit),
            with_confidence(trend.confidence)
        ),
        Condition::Fairness(fairness) => {
            let limits = [("at least", fairness.min), ("at most", fairness.max)];
            let limits = limits
                .into_iter()
                .filter_map(|(word, limit)| Some(format!("{word} {}", Given(limit?))));
            let limits = limits.collect::<Vec<_>>().join(" and ");
            let notion = fairness.notion.as_str().replace('_', " ");
            format!(
                "{notion} {limits}, {}",
                with_confidence(fairness.confidence)
            )
        }
        Condition::SampleRatio(split) => format!(
            "the canary gets {}% of the requests, unless p is at most {}",
            Given(100.0 * split.canary),
            Given(split.alpha)
        ),
        Condition::Missing(missing) => {
            format!(
                "at most {}% missing of either arm",
                Given(100.0 * missing.max)
            )
        }
        Condition::Expression(expression) => {
            let rules = [
                ("fails if", &expression.fail_if),
                ("passes if", &expression.pass_if),
            ];
            let rules = rules
                .into_iter()
                .filter_map(|(word, condition)| Some(format!("{word} {}", condition.as_ref()?)));
            rules.collect::<Vec<_>>().join(", ")
        }
        Condition::Standard(_) => "worse in no way that can be measured".to_owned(),
        Condition::Anomaly(anomaly) => format!(
            "share of anomalous windows {}, {}",
            relative(
                Margin::Difference(anomaly.margin),
                Direction::Increase,
                unit
            ),
            with_confidence(anomaly.confidence)
        ),
    }
}

fn with_confidence(confidence: Confidence) -> String {
    format!("with {} confidence", Percent(confidence))
}

/// What is added to a confidence that holds for more than one look.
const fn at_looks(looks: Looks) -> &'static str {
    match looks {
        Looks::Once => "",
        Looks::Any => " at any look",
    }
}

fn relative(margin: Margin, direction: Direction, unit: Option<&str>) -> String {
    let size = match margin {
        Margin::Factor(factor) => format!("{}x", Given(factor)),
        Margin::Percent(percent) => format!("{}%", Given(percent)),
        Margin::Difference(by) => difference(CHOSEN, by, unit),
    };
    match (margin, direction) {
        (Margin::Factor(_), Direction::Increase) => format!("at most {size} the baseline"),
        (Margin::Factor(factor), Direction::Decrease) => {
            format!("at least the baseline divided by {}", Given(factor))
        }
        (_, Direction::Increase) => format!("at most {size} above the baseline"),
        (_, Direction::Decrease) => format!("at most {size} below the baseline"),
        (_, Direction::Either) => format!("within {size} of the baseline"),
    }
}

/// The outcome of a check in one or two plain sentences.
pub(super) fn sentence(
    check: &Check,
    unit: Option<&str>,
    status: Status,
    evidence: &Evidence,
    more_needed: Option<u64>,
) -> String {
    let subject = subject(check, evidence);
    if let Some(obstacle) = &evidence.obstacle {
        let meaning = match status {
            Status::Pass => "; its check passes without data",
            Status::Fail => "; its check fails without data",
            Status::Inconclusive => "",
        };
        return format!("{subject} cannot be judged: {obstacle}{meaning}.");
    }
    if let Some(said) = &evidence.said {
        return said.clone();
    }
    let canary = evidence.levels.canary.unwrap_or(f64::NAN);
    let acceptable = evidence.acceptable.unwrap_or(Acceptable::EVERYTHING);
    let baseline = evidence.levels.baseline.unwrap_or(f64::NAN);
    let Some(change) = evidence.change else {
        return alone(
            check,
            &subject,
            Arms::new(baseline, canary),
            unit,
            status,
            evidence,
        );
    };
    if let Condition::Distribution(curve) = &check.condition
        && evidence.is_share
    {
        return beyond(&subject, curve, change, status, more_needed);
    }
    let (canary, baseline) = (level(canary, unit), level(baseline, unit));
    let what = self::change(MEASURED, change.measure, change.value, unit);
    let allowed = allowed(acceptable, change, unit);
    let Some(interval) = change.interval else {
        let undecided = match status {
            Status::Inconclusive => " More data would be needed.",
            Status::Pass | Status::Fail => "",
        };
        return format!(
            "{subject} is {canary} on the canary and {baseline} on the baseline, {what}; \
             {allowed} is allowed.{undecided}"
        );
    };
    let estimated = match what.as_str() {
        "the same" => "no difference".to_owned(),
        // Of nothing to nothing there is no ratio.
        _ if change.value.is_nan() => "no estimate yet".to_owned(),
        what => format!("an estimated {what}"),
    };
    let percent = Percent(interval.confidence);
    let looks = match &check.condition {
        Condition::Test(test) => at_looks(test.looks),
        _ => "",
    };
    let (low, high) = bounds(change.measure, change.value, interval);
    let range = range(change.measure, low, high, unit);
    let is_bounded = range.is_some();
    let range = match range {
        Some(range) => format!("with {percent} confidence{looks} {range}"),
        None => format!("which so few data do not bound with {percent} confidence{looks}"),
    };
    let outcome = outcome(
        status,
        evidence,
        change,
        interval,
        &allowed,
        unit,
        more_needed,
        is_bounded,
    );
    let stands_out = match &evidence.anomaly {
        Some(anomaly) => stands_out(anomaly),
        None => String::new(),
    };
    let found = match (&check.condition, what.as_str()) {
        // The slope of the differences is not the difference of the slopes, which may look otherwise.
        (Condition::Trend(_), "the same") => format!("{subject} is the same on both arms"),
        (Condition::Trend(_), what) => {
            format!("{subject} is an estimated {what} on the canary than on the baseline")
        }
        _ => format!(
            "{subject} is {canary} on the canary and {baseline} on the baseline: {estimated}"
        ),
    };
    format!("{found}, {range}. {outcome}{stands_out}")
}

/// What a change with its interval comes to. Other evidence than the interval may have decided, such as an
/// exact test, or all quantiles together.
#[expect(clippy::too_many_arguments, reason = "what a sentence is made of")]
fn outcome(
    status: Status,
    evidence: &Evidence,
    change: Change,
    interval: Interval,
    allowed: &str,
    unit: Option<&str>,
    more_needed: Option<u64>,
    is_bounded: bool,
) -> String {
    let by_interval =
        |acceptable: Acceptable| acceptable.decide(interval.low, interval.high) == status;
    let acceptable = evidence.acceptable.unwrap_or(Acceptable::EVERYTHING);
    match status {
        Status::Pass if by_interval(acceptable) => {
            format!("Even the worst of that is within what is allowed: {allowed}.")
        }
        Status::Pass => format!("That is proved to be within what is allowed: {allowed}."),
        Status::Fail => {
            let failing = evidence.harmless.unwrap_or(acceptable);
            let proved = if by_interval(failing) {
                "Even the best of that is beyond"
            } else {
                "That is proved to be beyond"
            };
            match evidence.harmless {
                Some(harmless) => {
                    let harmless = self::allowed(harmless, change, unit);
                    format!(
                        "{proved} what is harmless ({harmless}), and what is allowed, {allowed}, is not proved."
                    )
                }
                None => format!("{proved} what is allowed: {allowed}."),
            }
        }
        Status::Inconclusive if evidence.buckets.is_some() => {
            let ends = evidence.buckets.unwrap_or_default();
            let between =
                |(low, high)| format!("between {} and {}", level(low, unit), level(high, unit));
            format!(
                "What is allowed is {allowed}. More data would not decide: within a bucket nothing is known, and \
                 the baseline's lies {}, the canary's {}. Finer buckets there would.",
                between(ends.baseline),
                between(ends.canary)
            )
        }
        Status::Inconclusive => {
            let more = match more_needed {
                Some(n) => would_decide(n),
                None => "more data would be needed".to_owned(),
            };
            if by_interval(acceptable) && is_bounded {
                format!("What is allowed, {allowed}, lies inside that range: {more}.")
            } else {
                format!("What is allowed is {allowed}: {more}.")
            }
        }
    }
}

fn would_decide(more: u64) -> String {
    let plural = if more == 1 { "" } else { "s" };
    format!("about {more} more canary observation{plural} would decide")
}

/// The outcome of a rule that is about the arms' own numbers.
fn alone(
    check: &Check,
    subject: &str,
    levels: Arms<f64>,
    unit: Option<&str>,
    status: Status,
    evidence: &Evidence,
) -> String {
    let (baseline, canary) = (level(levels.baseline, unit), level(levels.canary, unit));
    let acceptable = evidence.acceptable.unwrap_or(Acceptable::EVERYTHING);
    let limits = limits(acceptable, |end| in_unit(CHOSEN, end, unit));
    match (&check.condition, evidence.own_interval) {
        (Condition::SampleRatio(split), _) => {
            let expected = in_unit(CHOSEN, split.canary, unit);
            let p = ShowP(evidence.p_value.unwrap_or(f64::NAN));
            let outcome = match status {
                Status::Fail => {
                    "something other than the release differs between the arms, so that nothing \
                     else here can be trusted"
                }
                // Of a rollout that is watched it takes more to prove it.
                _ => "that is not proved to differ",
            };
            format!("{subject} is {canary} where {expected} was configured ({p}): {outcome}.")
        }
        (Condition::Missing(_), _) => format!(
            "{subject} is {baseline} on the baseline and {canary} on the canary; {limits} is allowed."
        ),
        (_, Some(interval)) => {
            let (low, high) = (level(interval.low, unit), level(interval.high, unit));
            let percent = Percent(interval.confidence);
            let outcome = match status {
                Status::Pass => "all of that is allowed",
                Status::Fail => "none of that is allowed",
                Status::Inconclusive => "more data would tell",
            };
            format!(
                "{subject} is {canary} on the canary (with {percent} confidence {low} to {high}) and \
                 {baseline} on the baseline; {limits} is allowed: {outcome}."
            )
        }
        _ => format!("{subject} is {canary} on the canary; {limits} is allowed."),
    }
}

/// The outcome for a whole curve.
fn beyond(
    subject: &str,
    curve: &DistributionCondition,
    change: Change,
    status: Status,
    more_needed: Option<u64>,
) -> String {
    let percent = |x: f64| format!("{}%", Show(100.0 * x));
    let (low, high) = change
        .interval
        .map_or((change.value, change.value), |i| (i.low, i.high));
    let outcome = match (status, more_needed) {
        (Status::Pass, _) => "even the most of that is allowed".to_owned(),
        (Status::Fail, _) => "even the least of that is more than is allowed".to_owned(),
        (Status::Inconclusive, Some(n)) => would_decide(n),
        (Status::Inconclusive, None) => "more data would be needed".to_owned(),
    };
    format!(
        "{subject} is worse by more than {} for {} of the canary's observations, {} between {} and {}; \
         at most {} is allowed: {outcome}.",
        curve.margin,
        percent(change.value),
        with_confidence(curve.confidence),
        percent(low),
        percent(high),
        percent(curve.share),
    )
}

/// What is added where a failure was taken back, being one of many.
pub(super) fn one_of_many(number: usize, adjusted: f64) -> String {
    format!(
        " But of {number} comparisons chance alone puts one there too often (corrected {}), so it is \
         not taken as proved.",
        ShowP(adjusted)
    )
}

/// What is added for a check with limits: how far it is from them, or which was reached.
pub(super) fn under_limits(outcome: Outcome, hit: Option<&LimitHit>, tally: Tally) -> String {
    let count = |n: u64, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let limit = |hit: &LimitHit| {
        let limit = hit.limit.as_str().replace('_', " ");
        format!("the limit of {} {limit}", Given(hit.allowed))
    };
    match (hit, outcome) {
        (Some(hit), _) if hit.outcome != outcome => {
            let before = match hit.outcome {
                Outcome::Fail => count(tally.failures, "look") + " failed",
                Outcome::Inconclusive => count(tally.inconclusive, "look") + " decided nothing",
                Outcome::Error => count(tally.errors, "look") + " had no data",
                Outcome::Pass => count(tally.passes, "look") + " passed",
            };
            format!(" But {before} before, and {} was reached.", limit(hit))
        }
        (Some(hit), _) if hit.reached > hit.allowed => {
            format!(" That is beyond {}.", limit(hit))
        }
        (Some(hit), _) => format!(" That reaches {}.", limit(hit)),
        (None, Outcome::Fail) => format!(
            " So far {}, {} in a row: no limit is reached.",
            count(tally.failures, "failure"),
            tally.consecutive_failures
        ),
        (None, _) => String::new(),
    }
}

/// The metrics that make windows anomalous, where more of the canary's are: `memory and p99
/// together`.
fn stands_out(anomaly: &AnomalyResult) -> String {
    let names: Vec<&str> = anomaly
        .strongest()
        .iter()
        .map(|f| f.name.as_str())
        .collect();
    match names.as_slice() {
        _ if anomaly.estimate.value <= 0.0 => String::new(),
        [] => String::new(),
        [name] => format!(" What stands out is {name}."),
        [first @ .., last] => {
            format!(
                " What stands out is {} and {last} together.",
                first.join(", ")
            )
        }
    }
}

fn subject(check: &Check, evidence: &Evidence) -> String {
    let metric = check.metric();
    match &check.condition {
        Condition::Threshold(threshold) => match threshold.statistic {
            Some(statistic) => format!("The {statistic} of {metric}"),
            None => metric,
        },
        // Counts have one number only: their rate.
        Condition::Test(test) if test.method == TestMethod::TwoProportionZ => metric,
        Condition::Test(test) => match test.level() {
            level if level.is_empty() => metric,
            level => format!("The {level} of {metric}"),
        },
        Condition::Distribution(_) => match evidence.quantile {
            Some(quantile) => format!("The p{} of {metric}", Given(100.0 * quantile)),
            None => metric,
        },
        Condition::Trend(trend) => format!("The growth of {metric} in {}", Given(trend.over)),
        Condition::Anomaly(_) => format!("The share of anomalous windows of {metric}"),
        Condition::Fairness(fairness) => {
            format!(
                "The {} of {metric}",
                fairness.notion.as_str().replace('_', " ")
            )
        }
        Condition::SampleRatio(_) => format!("The canary's share of {metric}"),
        Condition::Missing(_) => format!("The missing part of {metric}"),
        Condition::Expression(_) => format!("`{}`", check.name()),
        Condition::Standard(_) => metric,
    }
}

/// The acceptable ends that exist: `at most a`, `at least b`, or both.
fn limits(Acceptable { low, high }: Acceptable, show: impl Fn(f64) -> String) -> String {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("at least {} and at most {}", show(low), show(high)),
        (true, false) => format!("at least {}", show(low)),
        (false, true) => format!("at most {}", show(high)),
        (false, false) => "anything".to_owned(),
    }
}

/// What may happen at most: `5% more`, `0.25 percentage points more`, `5% less or 5% more`.
fn allowed(acceptable: Acceptable, Change { measure, .. }: Change, unit: Option<&str>) -> String {
    let show = |end: f64| match change(CHOSEN, measure, end, unit).as_str() {
        "the same" => "no change".to_owned(),
        words => words.to_owned(),
    };
    match (acceptable.low.is_finite(), acceptable.high.is_finite()) {
        (true, true) => format!("{} to {}", show(acceptable.low), show(acceptable.high)),
        // Of superiority an improvement is asked for, not a degradation allowed.
        (true, false) if acceptable.low > measure.null() => {
            format!("at least {}", show(acceptable.low))
        }
        (true, false) => format!("at most {}", show(acceptable.low)),
        (false, true) if acceptable.high < measure.null() => {
            format!("at least {}", show(acceptable.high))
        }
        _ => format!("at most {}", show(acceptable.high)),
    }
}

/// So many times what was estimated, an end of an interval bounds nothing.
const BOUNDLESS: f64 = 1e6;

/// The ends of a change's interval that bound it.
pub(crate) fn bounds(
    measure: Measure,
    value: f64,
    Interval { low, high, .. }: Interval,
) -> (Option<f64>, Option<f64>) {
    let (least, most) = match measure {
        Measure::Difference => (f64::NEG_INFINITY, f64::INFINITY),
        Measure::Ratio | Measure::OddsRatio => {
            let value = if value.is_nan() { 1.0 } else { value };
            (
                value.clamp(0.0, 1.0) / BOUNDLESS,
                value.max(1.0) * BOUNDLESS,
            )
        }
    };
    (
        Some(low).filter(|&low| low > least),
        Some(high).filter(|&high| high < most),
    )
}

/// An interval of changes: `between 2% less and 9% more`; none where anything is possible.
fn range(
    measure: Measure,
    low: Option<f64>,
    high: Option<f64>,
    unit: Option<&str>,
) -> Option<String> {
    let show = |end: f64| change(MEASURED, measure, end, unit);
    Some(match (low, high) {
        (Some(low), Some(high)) => {
            let (low, high) = (show(low), show(high));
            if low == high {
                return Some(format!("exactly {low}"));
            }
            // "between 0.4 and 0.6 percentage points more": what both have in common once.
            match (low.split_once([' ', '%']), high.split_once([' ', '%'])) {
                (Some((number, words)), Some((_, same))) if words == same => {
                    format!("between {number} and {high}")
                }
                _ => format!("between {low} and {high}"),
            }
        }
        (Some(low), None) => format!("at least {}", show(low)),
        (None, Some(high)) => format!("at most {}", show(high)),
        (None, None) => return None,
    })
}

/// Why the verdict is what it is.
pub(super) fn reason(
    status: Status,
    ground: Ground,
    active: &[&Finding],
    score: Option<&Scored>,
) -> String {
    let total = active.len();
    let of = |finding: &&&Finding| match ground {
        Ground::Untrusted => finding.role == Role::Quality && finding.status == Status::Fail,
        Ground::Missing => lacks_data(finding),
        Ground::Undecided => holds_back(finding),
        Ground::NoSuccess => finding.role == Role::Success,
        Ground::Failed => finding.status == Status::Fail && finding.role != Role::Quality,
        Ground::Points | Ground::Marginal => finding.status != Status::Pass,
        Ground::Passed | Ground::TooSoon => true,
    };
    let mut deciding: Vec<&&Finding> = active.iter().filter(of).collect();
    // The worst first.
    deciding.sort_by_key(|finding| (finding.status != Status::Fail, finding.severity as u8));
    let count = deciding.len();
    let names: Vec<&str> = deciding
        .iter()
        .map(|finding| finding.check.as_str())
        .collect();
    let names = names.join(", ");
    let first = deciding
        .first()
        .map_or("", |finding| finding.sentence.as_str());
    let many = if count > 1 {
        format!(" ({names})")
    } else {
        String::new()
    };
    match ground {
        _ if total == 0 => "No check decides: there is none but such as only report.".to_owned(),
        Ground::Passed if total == 1 && deciding.iter().all(|f| f.status == Status::Pass) => {
            format!("The only check passed. {first}")
        }
        Ground::Passed if total == 1 => format!("{} {first}", passed(active)),
        Ground::Passed => passed(active),
        Ground::TooSoon => format!(
            "{} But it has not been watched for long enough.",
            passed(active)
        ),
        Ground::Failed => format!("{count} of {total} checks failed{many}. {first}"),
        Ground::Undecided => {
            format!("No check failed, but {count} of {total} cannot be decided yet{many}. {first}")
        }
        Ground::Untrusted => format!("The data cannot be trusted{many}. {first}"),
        Ground::Missing => {
            format!("{count} of {total} checks have no data to go by{many}. {first}")
        }
        Ground::NoSuccess => format!(
            "Nothing stands against the canary, but what it was made for has not been shown{many}. {first}"
        ),
        Ground::Points | Ground::Marginal => {
            let points = Show(score.map_or(f64::NAN, |score| score.total));
            let what = match (status, ground) {
                (_, Ground::Marginal) => "too few to pass and too many to fail",
                (Status::Pass, _) => "enough to pass",
                _ => "too few",
            };
            let lost = if count > 0 {
                format!(" Points were lost by {names}. {first}")
            } else {
                String::new()
            };
            format!("{points} of 100 points, {what}.{lost}")
        }
    }
}

/// What passed, and what did not but decides nothing.
fn passed(active: &[&Finding]) -> String {
    let total = active.len();
    let with = |status: Status| {
        let names = active
            .iter()
            .filter(move |finding| finding.status == status);
        names
            .map(|finding| finding.check.as_str())
            .collect::<Vec<_>>()
    };
    let failed = with(Status::Fail);
    let (unjudged, undecided): (Vec<&Finding>, Vec<&Finding>) = active
        .iter()
        .filter(|finding| finding.status == Status::Inconclusive)
        .partition(|finding| finding.obstacle.is_some());
    let names = |findings: Vec<&Finding>| {
        let names: Vec<&str> = findings.iter().map(|f| f.check.as_str()).collect();
        names.join(", ")
    };
    if failed.is_empty() && undecided.is_empty() && unjudged.is_empty() {
        return match total {
            1 => "The only check passed.".to_owned(),
            _ => format!("All {total} checks passed."),
        };
    }
    let mut parts = vec![format!(
        "{} of {total} checks passed",
        with(Status::Pass).len()
    )];
    if !failed.is_empty() {
        parts.push(format!(
            "{} failed without being severe enough to matter",
            failed.join(", ")
        ));
    }
    if !undecided.is_empty() {
        parts.push(format!("nothing was found against {}", names(undecided)));
    }
    if !unjudged.is_empty() {
        parts.push(format!("{} cannot be judged", names(unjudged)));
    }
    format!("{}.", parts.join("; "))
}

/// What a finding accepts at most: `at most 5% more`, `at least 99%`.
pub(crate) fn acceptable(finding: &Finding) -> String {
    let (acceptable, unit) = (
        finding.acceptable.unwrap_or(Acceptable::EVERYTHING),
        finding.unit.as_deref(),
    );
    match finding.change {
        Some(change) => allowed(acceptable, change, unit),
        None => limits(acceptable, |end| in_unit(CHOSEN, end, unit)),
    }
}

/// The evidence of a finding in one line: p-values against the margin and against no difference,
/// confidence, effect size and sample sizes.
pub(crate) fn evidence(finding: &Finding) -> String {
    let mut parts = Vec::new();
    if let Some(p) = finding.p_margin {
        let corrected = match finding.p_adjusted {
            Some(adjusted) if adjusted != p => format!(" (corrected {})", ShowP(adjusted)),
            _ => String::new(),
        };
        parts.push(format!("{} against the margin{corrected}", ShowP(p)));
    }
    if let Some(test) = &finding.test {
        parts.push(format!("{} against no difference", ShowP(test.p_value)));
        let size = test.effect_sizes.first();
        if let Some(size) = size.filter(|size| size.value.is_finite()) {
            parts.push(format!("{} {}", size.effect.title(), Show(size.value)));
        }
    }
    if let Some(anomaly) = &finding.anomaly {
        parts.push(format!("{} against as many", ShowP(anomaly.p_value)));
    }
    if let Some(p) = finding.p_null {
        parts.push(format!("{} against no difference", ShowP(p)));
    }
    if let Some(confidence) = finding.confidence {
        parts.push(format!("{} confidence", Percent(confidence)));
    }
    parts.push(format!(
        "n = {} and {}",
        finding.sizes.baseline, finding.sizes.canary
    ));
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Counts, Gauge, Sample, Snapshot};
    use crate::judge::policy::Policy;
    use crate::judge::verdict::Verdict;
    use crate::judge::watch::Watch;
    use crate::options::NanPolicy;

    fn policy(check: &str) -> Policy {
        let metrics = r#""metrics": {"m": {}}, "verdict": {"min_time": 60}"#;
        let check = format!(r#"{{"metric": "m", {check}}}"#);
        Policy::from_json(&format!(
            r#"{{"version": 1, {metrics}, "checks": [{check}]}}"#
        ))
        .unwrap()
    }

    fn gauges(canary: f64) -> Snapshot {
        let arms = Arms::new(1.0, canary).map(|x| Gauge::new(x).unwrap());
        Snapshot::new().with("m", arms).unwrap()
    }

    fn looks(check: &str, snapshots: &[Snapshot]) -> Vec<Verdict> {
        let mut watch = Watch::new(policy(check));
        let times = (0_u32..).map(|minute| 60.0 * f64::from(minute));
        let looks = times.zip(snapshots);
        looks
            .map(|(at, snapshot)| watch.look(at, snapshot).unwrap())
            .collect()
    }

    #[test]
    fn a_verdict_without_checks_says_so() {
        let muted = policy(r#""muted": true, "threshold": {"max": 5}"#);
        let verdict = crate::judge::judge(&muted, &gauges(1.0)).unwrap();
        assert_eq!(
            verdict.reason,
            "No check decides: there is none but such as only report."
        );
    }

    #[test]
    fn one_check_is_the_only_one() {
        let verdicts = looks(r#""threshold": {"max": 5}"#, &[gauges(1.0)]);
        assert_eq!(
            verdicts[0].reason,
            "The only check passed. But it has not been watched for long enough."
        );
    }

    #[test]
    fn a_look_that_passes_tells_of_the_failures_before() {
        let limited = r#""threshold": {"max": 5}, "limits": {"total_failures": 2}"#;
        let verdicts = looks(limited, &[9.0, 8.0, 7.0, 1.0].map(gauges));
        let said: Vec<&str> = verdicts
            .iter()
            .map(|verdict| verdict.findings[0].sentence.as_str())
            .collect();
        for (said, ends) in said.iter().zip([
            " So far 1 failure, 1 in a row: no limit is reached.",
            " That reaches the limit of 2 total failures.",
            " That is beyond the limit of 2 total failures.",
            " But 3 looks failed before, and the limit of 2 total failures was reached.",
        ]) {
            assert!(said.ends_with(ends), "{said}");
        }
        assert_eq!(verdicts[3].status, Status::Fail);
    }

    #[test]
    fn a_split_that_passes_is_not_called_as_configured() {
        let arms = Arms::new(630, 60).map(|n| Counts::new(0, n).unwrap());
        let snapshot = Snapshot::new().with("m", arms).unwrap();
        let verdicts = looks(
            r#""role": "quality", "sample_ratio": {"canary": "5%"}"#,
            &[snapshot],
        );
        let said = &verdicts[0].findings[0].sentence;
        assert_eq!(verdicts[0].findings[0].status, Status::Pass);
        assert!(
            said.ends_with("(p = 0.0359): that is not proved to differ."),
            "{said}"
        );
    }

    #[test]
    fn an_absurdly_wide_interval_bounds_nothing() {
        let of = |low, high| {
            let interval = Interval {
                low,
                high,
                confidence: Confidence::default(),
            };
            let (low, high) = bounds(Measure::Ratio, 1.5, interval);
            range(Measure::Ratio, low, high, None)
        };
        assert_eq!(of(0.5, 8.12e152), Some("at least 50% less".to_owned()));
        assert_eq!(of(1e-150, 3.0), Some("at most 3 times as much".to_owned()));
        assert_eq!(of(1e-150, 8.12e152), None);
        let values = [[1.0, 2.0, 1e-150, 1.0], [1.0, 2.0, 3e4, 1e150]];
        let arms = Arms::new(&values[0], &values[1])
            .map(|x| Sample::new(x.to_vec(), NanPolicy::Raise).unwrap());
        let test = policy(r#""test": {"margin": {"percent": 10}, "method": "mann_whitney"}"#);
        let snapshot = Snapshot::new().with("m", arms).unwrap();
        let finding = crate::judge::judge(&test, &snapshot)
            .unwrap()
            .findings
            .remove(0);
        assert!(!finding.sentence.contains("e300"), "{finding}");
        assert!(
            finding
                .sentence
                .contains("with 95% confidence at least 50% less"),
            "{finding}"
        );
    }
}
