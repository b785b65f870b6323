//! Advice on a check by itself.

use super::{Advice, Topic};
use crate::data::{Direction, Metric};
use crate::judge::check::Check;
use crate::judge::condition::{Bound, Condition, TestGoal, TestMethod, Threshold};
use crate::judge::importance::{NoData, Role};
use crate::judge::policy::Policy;
use crate::judge::statistic::Statistic;
use crate::number::show::Given;
use crate::options::{Confidence, Margin, Measure};

/// Below so much confidence, chance decides; above so much, hardly anything is proved.
const LEAST_CONFIDENCE: f64 = 0.8;
const MOST_CONFIDENCE: f64 = 0.9999;
/// So many observations beyond a percentile make it more than an accident.
pub(super) const BEYOND: f64 = 10.0;
/// From so many on, a mean is hardly moved by one of them.
const FOR_A_MEAN: f64 = 30.0;

/// Words in the names of metrics that are often zero: what should not happen.
const OFTEN_ZERO: &[&str] = &[
    "error",
    "fail",
    "fault",
    "exception",
    "crash",
    "restart",
    "oom",
    "timeout",
    "5xx",
    "4xx",
    "retry",
    "retries",
    "drop",
    "loss",
    "throttl",
    "shed",
    "panic",
];

pub(super) fn advice(policy: &Policy, check: &Check) -> Vec<Advice> {
    let metric = metric_of(policy, check);
    [
        of_confidence(check),
        point_without_sample(check, &metric),
        percentage_of_zero(check),
        zero_margin(check),
        no_unit(check, &metric),
        no_data_passes(check, &metric),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// How the check's first metric is to be read.
pub(super) fn metric_of(policy: &Policy, check: &Check) -> Metric {
    let first = check.metrics.first();
    let metric = first.and_then(|name| policy.metrics().get(name));
    metric.cloned().unwrap_or_default()
}

/// The confidence that a condition asks for, where it compares with any.
pub(super) const fn confidence(condition: &Condition) -> Option<Confidence> {
    match condition {
        Condition::Test(test) => Some(test.confidence),
        Condition::Distribution(curve) => Some(curve.confidence),
        Condition::Trend(trend) => Some(trend.confidence),
        Condition::Anomaly(anomaly) => Some(anomaly.confidence),
        Condition::Fairness(fairness) => Some(fairness.confidence),
        Condition::Threshold(_)
        | Condition::SampleRatio(_)
        | Condition::Missing(_)
        | Condition::Expression(_)
        | Condition::Standard(_) => None,
    }
}

/// How many observations a statistic needs, to be more than an accident.
pub(super) fn observations_for(statistic: Option<Statistic>) -> Option<f64> {
    match statistic {
        // The canary's rate of errors: a few of them, where one in a hundred fails.
        None | Some(Statistic::Rate) => Some(1000.0),
        Some(Statistic::Percentile(p)) => {
            let beyond = (0.01 * p).min(1.0 - 0.01 * p);
            Some((BEYOND / beyond.max(1e-6)).ceil().max(FOR_A_MEAN))
        }
        Some(Statistic::Mean | Statistic::Stddev | Statistic::Min | Statistic::Max) => {
            Some(FOR_A_MEAN)
        }
        // One number by nature.
        Some(Statistic::Value | Statistic::Count | Statistic::First | Statistic::Last) => None,
    }
}

fn of_confidence(check: &Check) -> Option<Advice> {
    let level = confidence(&check.condition)?.get();
    let percent = Given(100.0 * level);
    if level < LEAST_CONFIDENCE {
        let wrong = Given(50.0 * (1.0 - level));
        return Some(Advice::new(
            Topic::LowConfidence,
            format!("It asks for {percent}% confidence."),
            format!(
                "Of canaries that only just hold the margin, {wrong}% are found to be beyond it."
            ),
            "Ask for 90% to 99%.",
        ));
    }
    (level > MOST_CONFIDENCE).then(|| {
        Advice::new(
            Topic::HighConfidence,
            format!("It asks for {percent}% confidence."),
            "Intervals become so wide that real harm stays INCONCLUSIVE for long, and their far tails \
             are not as exact as that.",
            "Ask for 99% to 99.9%; the number of checks is allowed for by itself.",
        )
    })
}

fn point_without_sample(check: &Check, metric: &Metric) -> Option<Advice> {
    let Condition::Threshold(Threshold { statistic, .. }) = check.condition else {
        return None;
    };
    // Without a statistic and with a unit it is a gauge, which is one number by nature.
    if check.min_sample > 0 || (statistic.is_none() && metric.unit.is_some()) {
        return None;
    }
    let enough = Given(observations_for(statistic)?);
    let what = statistic.map_or("rate".to_owned(), |statistic| statistic.to_string());
    Some(Advice::new(
        Topic::PointWithoutSample,
        format!("The {what} is compared as a point, from however few observations."),
        "A point comparison knows nothing of chance: in the first minutes one unlucky request decides.",
        format!("Add `min_sample: {enough}`, or use a `test` with a margin."),
    ))
}

fn percentage_of_zero(check: &Check) -> Option<Advice> {
    let (margin, instead) = match &check.condition {
        Condition::Test(test) if test.floor.is_none() && test.goal != TestGoal::Superiority => (
            test.margin,
            "Add a `floor` to the margin, a difference that is always acceptable, such as 0.25% of \
             requests.",
        ),
        Condition::Threshold(Threshold {
            bound: Bound::Relative(margin),
            ..
        }) => (
            *margin,
            "State the bound as a `difference`, or use a `test` whose margin has a `floor`.",
        ),
        _ => return None,
    };
    let name = check.metric();
    let lower = name.to_lowercase();
    let is_often_zero = OFTEN_ZERO.iter().any(|word| lower.contains(word));
    if margin.measure() == Measure::Difference || !is_often_zero {
        return None;
    }
    Some(Advice::new(
        Topic::PercentageOfZero,
        format!("The margin is a part of the baseline's {name}, which may be zero or close to it."),
        "Any part of zero is zero: then a single event on the canary is infinitely more, and of hardly \
         any events no data will ever show a small percentage.",
        instead,
    ))
}

fn zero_margin(check: &Check) -> Option<Advice> {
    let Condition::Test(test) = &check.condition else {
        return None;
    };
    let is_zero =
        test.margin.upper() == test.margin.measure().null() && test.floor.unwrap_or(0.0) == 0.0;
    if !is_zero || test.goal == TestGoal::Superiority || check.role != Role::Guardrail {
        return None;
    }
    Some(Advice::new(
        Topic::ZeroMargin,
        "The margin is nothing at all.",
        "No data can show that two arms are exactly alike, so that a canary which is no better than the \
         baseline stays INCONCLUSIVE for ever.",
        "Allow what nobody would notice, or give the check the role deterioration.",
    ))
}

fn no_unit(check: &Check, metric: &Metric) -> Option<Advice> {
    let has_quantity = match &check.condition {
        Condition::Threshold(Threshold { statistic, bound }) => {
            let is_share = matches!(statistic, None | Some(Statistic::Rate | Statistic::Count));
            let is_quantity = matches!(
                bound,
                Bound::Absolute { .. } | Bound::Relative(Margin::Difference(_))
            );
            !is_share && is_quantity
        }
        Condition::Test(test) => {
            let is_of_values = !matches!(
                test.method,
                TestMethod::Auto | TestMethod::TwoProportionZ | TestMethod::TwoRates
            );
            is_of_values && (test.margin.measure() == Measure::Difference || test.floor.is_some())
        }
        Condition::Distribution(curve) => curve.margin.measure() == Measure::Difference,
        Condition::Trend(trend) => trend.margin.measure() == Measure::Difference,
        _ => false,
    };
    if metric.unit.is_some() || !has_quantity {
        return None;
    }
    let name = check.metric();
    Some(Advice::new(
        Topic::NoUnit,
        format!("A limit is a plain number, and `{name}` has no unit."),
        "Nobody can see whether 500 are milliseconds or seconds, and nothing is converted.",
        format!("Give the metric its `unit`, such as {{{name}: {{unit: ms}}}}, and write 500ms."),
    ))
}

fn no_data_passes(check: &Check, metric: &Metric) -> Option<Advice> {
    if check.no_data != NoData::Pass || metric.direction != Direction::Decrease {
        return None;
    }
    Some(Advice::new(
        Topic::NoDataPasses,
        "It passes where there are no data.",
        "The metric gets worse by falling, and a canary that does nothing at all measures nothing.",
        "Leave `no_data` out, or set it to fail.",
    ))
}
