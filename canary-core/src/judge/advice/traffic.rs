//! Advice on a policy against the traffic that there will be.

use super::check::{BEYOND, confidence, metric_of, observations_for};
use super::{Advice, ExpectedTraffic, Topic};
use crate::data::{Direction, Metric};
use crate::judge::check::Check;
use crate::judge::condition::{Condition, Looks, TestCondition, TestGoal, TestMethod, Threshold};
use crate::judge::policy::Policy;
use crate::judge::statistic::Statistic;
use crate::number::show::{Given, Show};
use crate::options::Measure;
use crate::stats::{Model, Power, PowerGoal};

/// The probability with which a healthy canary is to be shown to be healthy.
const POWER: f64 = 0.8;

/// The chance that a test with an error rate of 5 % raises a false alarm at one of so many looks
/// (Armitage, McPherson and Rowe 1969, table 2).
const LOOKS: &[(u64, f64)] = &[
    (2, 0.083),
    (3, 0.107),
    (4, 0.126),
    (5, 0.142),
    (10, 0.193),
    (20, 0.248),
    (50, 0.320),
    (100, 0.374),
    (1000, 0.530),
];

pub(super) fn of_check(policy: &Policy, check: &Check, traffic: &ExpectedTraffic) -> Vec<Advice> {
    let metric = metric_of(policy, check);
    [
        few_for_percentile(check, traffic),
        unresolvable_margin(check, &metric, traffic),
        min_sample(check, traffic),
        min_sample_of_a_look(check, traffic),
        split(check, traffic),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn of_policy(policy: &Policy, traffic: &ExpectedTraffic) -> Vec<Advice> {
    [repeated_looks(policy, traffic), min_time(policy, traffic)]
        .into_iter()
        .flatten()
        .collect()
}

fn repeated_looks(policy: &Policy, traffic: &ExpectedTraffic) -> Option<Advice> {
    let is_of_chance = |check: &Check| match &check.condition {
        Condition::Test(test) => test.looks == Looks::Once,
        Condition::Standard(_) => true,
        other => confidence(other).is_some(),
    };
    let mut active = policy.checks().iter().filter(|check| !check.muted);
    let (_, chance) = LOOKS
        .iter()
        .rev()
        .find(|(looks, _)| *looks <= traffic.looks)?;
    active.any(is_of_chance).then(|| {
        Advice::new(
            Topic::RepeatedLooks,
            format!("The data are looked at {} times.", traffic.looks),
            format!(
                "Its intervals hold for one look: a test with an error rate of 5%, looked at so often, \
                 raises a false alarm in {}% of rollouts or more.",
                Show(100.0 * chance)
            ),
            "Judge once, at the end; or hand what came since the last look to a `Watch`, which may be \
             looked at at any time; or, where nothing can be kept between looks, judge all data so far \
             with `sequential` in the place of `test`.",
        )
    })
}

fn min_time(policy: &Policy, traffic: &ExpectedTraffic) -> Option<Advice> {
    let needed = policy.aggregation().min_time / 60.0;
    (needed > traffic.minutes).then(|| {
        Advice::new(
            Topic::Unreachable,
            format!("A rollout passes after {} at the earliest.", span(needed)),
            format!(
                "It is watched for {}, so that no canary ever passes.",
                span(traffic.minutes)
            ),
            "Watch for longer, or lower `min_time`.",
        )
    })
}

fn min_sample(check: &Check, traffic: &ExpectedTraffic) -> Option<Advice> {
    let requests = traffic.requests();
    let smaller = requests.baseline.min(requests.canary);
    (check.min_sample as f64 > smaller).then(|| {
        Advice::new(
            Topic::Unreachable,
            format!("It needs {} observations of each arm.", check.min_sample),
            format!(
                "In {} an arm has about {} requests, so that nothing is ever decided.",
                span(traffic.minutes),
                Show(smaller.floor())
            ),
            "Watch for longer, give the canary more traffic, or lower `min_sample`.",
        )
    })
}

/// A `Watch` holds a point comparison to what came since the last look alone.
fn min_sample_of_a_look(check: &Check, traffic: &ExpectedTraffic) -> Option<Advice> {
    let is_point = matches!(
        check.condition,
        Condition::Threshold(_) | Condition::Expression(_) | Condition::Missing(_)
    );
    let requests = traffic.requests();
    let smaller = requests.baseline.min(requests.canary);
    let of_a_look = smaller / traffic.looks.max(1) as f64;
    let needed = check.min_sample as f64;
    (is_point && needed > of_a_look && needed <= smaller).then(|| {
        let minutes = needed / smaller * traffic.minutes;
        Advice::new(
            Topic::Unreachable,
            format!(
                "It needs {} observations of each arm, and is a point comparison.",
                check.min_sample
            ),
            format!(
                "A `Watch` judges it by what came since the last look alone, which is about {} requests of an \
                 arm, so that nothing is ever decided.",
                Show(of_a_look.floor())
            ),
            format!(
                "Look every {} or less often, lower `min_sample`, or use a `test` with a margin, for which all \
                 looks count together.",
                span(minutes)
            ),
        )
    })
}

fn split(check: &Check, traffic: &ExpectedTraffic) -> Option<Advice> {
    let Condition::SampleRatio(split) = &check.condition else {
        return None;
    };
    let (checked, expected) = (split.canary, traffic.canary_share);
    ((checked - expected).abs() > 1e-9).then(|| {
        Advice::new(
            Topic::Split,
            format!(
                "It expects {}% of the requests on the canary.",
                Given(100.0 * checked)
            ),
            format!(
                "The canary will have {}%, so that the check fails and nothing else is trusted.",
                Given(100.0 * expected)
            ),
            format!("Write `canary: {}%`.", Given(100.0 * expected)),
        )
    })
}

/// Too few requests for an interval of the percentile to have both its ends, or, of a point
/// comparison, for more than a few values to lie beyond it.
fn few_for_percentile(check: &Check, traffic: &ExpectedTraffic) -> Option<Advice> {
    let (p, needed) = match &check.condition {
        Condition::Test(test) if test.method == TestMethod::Quantile => {
            let far = test.quantile.max(1.0 - test.quantile);
            // All of n values lie on one side of the percentile with probability q^n.
            (100.0 * test.quantile, (tail(test).ln() / far.ln()).ceil())
        }
        Condition::Threshold(Threshold {
            statistic: Some(statistic @ Statistic::Percentile(p)),
            ..
        }) => (*p, observations_for(Some(*statistic))?),
        _ => return None,
    };
    let canary = traffic.requests().canary;
    if canary >= needed {
        return None;
    }
    let reachable = (100.0 * (1.0 - BEYOND / canary)).floor();
    let lower = if reachable >= 50.0 && reachable < p {
        format!(", or compare the p{}", Given(reachable))
    } else {
        String::new()
    };
    Some(Advice::new(
        Topic::FewForPercentile,
        format!(
            "The canary will have about {} requests.",
            Show(canary.floor())
        ),
        format!(
            "A p{} takes {needed} at the very least: it is made of the few at the end.",
            Given(p)
        ),
        format!(
            "Watch for {} or longer, give the canary more traffic{lower}.",
            span(minutes_for(needed, traffic))
        ),
    ))
}

/// Each side's error rate.
fn tail(test: &TestCondition) -> f64 {
    0.5 * (1.0 - test.confidence.get())
}

/// What is compared, as planning knows it: by what is known of it, or usual.
struct Planned {
    model: Model,
    /// The margin, in the model's unit.
    margin: f64,
    /// What was assumed.
    assumed: String,
    /// By what a margin in the model's unit is multiplied to be written as a percentage.
    percent: f64,
    /// Of what it is one.
    of: &'static str,
}

fn planned(test: &TestCondition, metric: &Metric, traffic: &ExpectedTraffic) -> Option<Planned> {
    let is_rate = match test.method {
        TestMethod::TwoProportionZ => true,
        TestMethod::Auto => metric.unit.is_none(),
        _ => false,
    };
    let is_relative = test.margin.measure() == Measure::Ratio;
    let part = match metric.direction {
        Direction::Decrease => 1.0 - test.margin.lower(),
        Direction::Increase | Direction::Either => test.margin.upper() - 1.0,
    };
    if is_rate {
        let baseline = traffic.baseline_rate;
        let by = if is_relative {
            part * baseline
        } else {
            test.margin.upper()
        };
        return Some(Planned {
            model: Model::Proportions { baseline },
            margin: by.max(test.floor.unwrap_or(0.0)),
            assumed: format!("a baseline's rate of {}%", Given(100.0 * baseline)),
            percent: 100.0,
            of: "percentage points",
        });
    }
    // Of values no more is known than that requests take times which spread as much as their mean.
    if !is_relative || test.floor.is_some() {
        return None;
    }
    let spread = match test.method {
        TestMethod::Auto | TestMethod::TTest | TestMethod::MannWhitney => 1.0,
        TestMethod::Quantile => {
            let beyond = 1.0 - test.quantile;
            (test.quantile / beyond).sqrt() / -beyond.ln()
        }
        _ => return None,
    };
    Some(Planned {
        model: Model::Means {
            sd: crate::data::Arms::new(spread, spread),
        },
        margin: part,
        assumed: "values that spread as much as their mean".to_owned(),
        percent: 100.0,
        of: "% of the baseline",
    })
}

fn unresolvable_margin(
    check: &Check,
    metric: &Metric,
    traffic: &ExpectedTraffic,
) -> Option<Advice> {
    let Condition::Test(test) = &check.condition else {
        return None;
    };
    let goal = match (test.goal, metric.direction) {
        (TestGoal::Superiority, _) => return None,
        (TestGoal::Equivalence, _) | (_, Direction::Either) => PowerGoal::Equivalence,
        _ => PowerGoal::NonInferiority,
    };
    let planned = planned(test, metric, traffic)?;
    let sign = match (goal, metric.direction) {
        (PowerGoal::NonInferiority, Direction::Decrease) => -1.0,
        _ => 1.0,
    };
    // More than the planner takes is more than there can be.
    let power = Power::new()
        .goal(goal)
        .alpha(tail(test).min(0.499))
        .share(traffic.canary_share);
    let needed = power
        .margin(sign * planned.margin)
        .sample_size(planned.model, 0.0, POWER)
        .map_or(f64::INFINITY, |plan| plan.n.canary);
    let requests = traffic.requests();
    if planned.margin <= 0.0 || needed <= requests.canary {
        return None; // a margin of nothing is another piece of advice
    }
    let shown = power
        .detectable(planned.model, requests.map(|n| n.max(2.0)), POWER)
        .ok()
        .map(|plan| {
            let least = Show(planned.percent * plan.effect.abs());
            match planned.of {
                of if of.starts_with('%') => format!(", or allow {least}{of}"),
                of => format!(", or allow {least} {of}"),
            }
        })
        .unwrap_or_default();
    let (watch, takes) = if needed.is_finite() {
        let minutes = span(minutes_for(needed, traffic));
        (
            format!("Watch for {minutes}"),
            format!("about {}", Show(needed)),
        )
    } else {
        (
            "Give the canary more traffic".to_owned(),
            "more than can be counted".to_owned(),
        )
    };
    Some(Advice::new(
        Topic::UnresolvableMargin,
        format!(
            "The canary will have about {} requests.",
            Show(requests.canary.floor())
        ),
        format!(
            "To show with such a margin that a healthy canary is healthy, in four cases of five, takes \
             {takes}, for {}.",
            planned.assumed
        ),
        format!("{watch}{shown}."),
    ))
}

/// How many minutes until the canary has so many requests.
fn minutes_for(canary: f64, traffic: &ExpectedTraffic) -> f64 {
    canary / (traffic.requests_per_second * traffic.canary_share) / 60.0
}

/// A span of time in the unit that people would take, rounded up.
fn span(minutes: f64) -> String {
    let (number, unit) = match minutes {
        m if m < 1.0 => (60.0 * m, "second"),
        m if m < 120.0 => (m, "minute"),
        m if m < 48.0 * 60.0 => (m / 60.0, "hour"),
        m => (m / 1440.0, "day"),
    };
    let number = number.ceil();
    let plural = if number == 1.0 { "" } else { "s" };
    format!("{} {unit}{plural}", Show(number))
}
