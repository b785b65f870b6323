//! What the standard checks of a metric are, by the kind of its observations.

use crate::data::{Direction, Observations};
use crate::judge::check::Check;
use crate::judge::condition::{
    Condition, DistributionCondition, StandardCondition, TestCondition, TestMethod, TrendCondition,
};
use crate::judge::importance::Role;
use crate::options::{Confidence, Margin};

/// Rates may grow by half, and proportions by a quarter of a percentage point in any case: one more
/// error in 400 requests.
const RATES: Margin = Margin::Percent(50.0);
const FLOOR_OF_PROPORTIONS: f64 = 0.0025;
/// Values may be a fifth worse.
const VALUES: Margin = Margin::Percent(20.0);
/// Spread is a shakier thing: it may double.
const SPREAD: Margin = Margin::Factor(2.0);
/// Half of the margin is harmless.
const FAIL_BEYOND: f64 = 0.5;
/// Each side of an interval has an error rate of 5 %.
const CONFIDENCE: f64 = 0.9;

/// The checks that a standard check of `metric` stands for.
pub(super) fn checks(
    check: &Check,
    condition: &StandardCondition,
    observations: &Observations,
    direction: Direction,
) -> Vec<Check> {
    let margin = |usual: Margin| condition.margin.unwrap_or(usual);
    let confidence = Confidence::try_from(CONFIDENCE).unwrap_or_default();
    let test = |margin: Margin, floor: Option<f64>| TestCondition {
        floor: condition.floor.or(floor),
        fail_beyond: FAIL_BEYOND,
        confidence,
        ..TestCondition::new(margin)
    };
    let values = test(margin(VALUES), None);
    let spread = TestCondition {
        floor: None,
        ..test(SPREAD, None)
    };
    let curve = DistributionCondition {
        confidence,
        ..DistributionCondition::new(margin(VALUES))
    };
    // What must be proved to be no worse, and what only must not be proved to be worse.
    let (guardrails, deteriorations): (Vec<Condition>, Vec<Condition>) = match observations {
        Observations::Counts(_) => {
            // Half of all successes is no small part: there a difference says what is meant.
            let (usual, floor) = match direction {
                Direction::Increase => (RATES, Some(FLOOR_OF_PROPORTIONS)),
                Direction::Decrease | Direction::Either => {
                    (Margin::Difference(FLOOR_OF_PROPORTIONS), None)
                }
            };
            (vec![test(margin(usual), floor).into()], vec![])
        }
        Observations::Exposure(_) => (vec![test(margin(RATES), None).into()], vec![]),
        Observations::Sample(_) => (
            vec![
                values.by(TestMethod::TTest).into(),
                values.of_quantile(0.5).into(),
            ],
            vec![
                values.of_quantile(0.95).into(),
                values.of_quantile(0.99).into(),
                spread.by(TestMethod::Spread).into(),
                curve.into(),
            ],
        ),
        Observations::Series(series) => (
            vec![values.into()],
            match (series.times().first(), series.times().last()) {
                // Over as much time as was watched, it may grow by as much as it may differ.
                (Some(first), Some(last)) if last > first => vec![
                    spread.by(TestMethod::Spread).into(),
                    TrendCondition {
                        confidence,
                        ..TrendCondition::new(margin(VALUES), last - first)
                    }
                    .into(),
                ],
                _ => vec![],
            },
        ),
        Observations::Histogram(_) => (
            vec![
                values.of_quantile(0.5).into(),
                values.of_quantile(0.95).into(),
            ],
            vec![values.of_quantile(0.99).into()],
        ),
        Observations::Summary(_) | Observations::Gauge(_) => (vec![values.into()], vec![]),
    };
    made(check, guardrails, deteriorations)
}

/// The same where a rollout is watched: one question of each metric, so that the error budget is not
/// spread thin, and what only all data so far can show.
pub(super) fn watched(
    check: &Check,
    condition: &StandardCondition,
    observations: &Observations,
    direction: Direction,
) -> Vec<Check> {
    let margin = condition.margin.unwrap_or(VALUES);
    let curve = DistributionCondition {
        fail_beyond: FAIL_BEYOND,
        ..DistributionCondition::new(margin)
    };
    match observations {
        Observations::Sample(_) => {
            let mean = TestCondition {
                floor: condition.floor,
                fail_beyond: FAIL_BEYOND,
                ..TestCondition::new(margin).by(TestMethod::TTest)
            };
            made(check, vec![mean.into()], vec![curve.into()])
        }
        Observations::Series(_) | Observations::Gauge(_) => {
            let test = TestCondition {
                floor: condition.floor,
                fail_beyond: FAIL_BEYOND,
                ..TestCondition::new(margin)
            };
            made(check, vec![test.into()], vec![])
        }
        _ => checks(check, condition, observations, direction),
    }
}

/// Checks with the standing of the standard check that they stand for.
fn made(check: &Check, guardrails: Vec<Condition>, deteriorations: Vec<Condition>) -> Vec<Check> {
    let made = |condition: Condition, role: Option<Role>| {
        let made = Check::together(check.metrics.iter().cloned(), condition).standing_of(check);
        match role {
            Some(role) if made.role == Role::Guardrail => made.role(role),
            _ => made,
        }
    };
    let guardrails = guardrails
        .into_iter()
        .map(|condition| made(condition, None));
    let deteriorations = deteriorations
        .into_iter()
        .map(|condition| made(condition, Some(Role::Deterioration)));
    guardrails.chain(deteriorations).collect()
}
