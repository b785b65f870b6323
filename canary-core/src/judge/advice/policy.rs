//! Advice on the policy as a whole.

use std::collections::BTreeSet;

use super::{Advice, Topic};
use crate::judge::aggregate::Multiplicity;
use crate::judge::check::Check;
use crate::judge::condition::Condition;
use crate::judge::importance::Role;
use crate::judge::policy::Policy;
use crate::judge::verdict::Recommendation;
use crate::number::show::Show;

/// From so many comparisons on, chance alone puts one beyond its margin too often.
const MANY: usize = 20;
/// The most comparisons that a standard check stands for.
const OF_STANDARD: usize = 5;

pub(super) fn advice(policy: &Policy) -> Vec<Advice> {
    let active: Vec<&Check> = policy.checks().iter().filter(|c| !c.muted).collect();
    let mut found = Vec::new();
    if active.is_empty() {
        found.push(Advice::new(
            Topic::AllMuted,
            "Every check is muted.",
            "Muted checks are reported and decide nothing, so that no canary ever passes or fails.",
            "Take `muted` from the checks that have proved themselves.",
        ));
    } else {
        found.extend(nothing_acts(policy, &active));
        found.extend(nothing_proved(&active));
        found.extend(no_correction(policy, &active));
    }
    found.extend(unused_groups(policy));
    found.extend(unchecked_metrics(policy));
    found.extend(same_names(policy));
    found
}

/// Whether no failure asks for more than to continue.
fn nothing_acts(policy: &Policy, active: &[&Check]) -> Option<Advice> {
    let aggregation = policy.aggregation();
    let acts = |check: &&Check| {
        check.role != Role::Quality
            && aggregation.actions.of(check.severity) != Recommendation::Continue
    };
    let is_by_points =
        aggregation.score.is_some() && aggregation.actions.critical != Recommendation::Continue;
    if is_by_points || active.iter().any(acts) {
        return None;
    }
    Some(Advice::new(
        Topic::NothingActs,
        "No failure leads to anything.",
        "What each failure asks for is only to continue, so that nothing is done however bad the canary is.",
        "Give at least one check the severity high or critical, or let its `actions` ask for more.",
    ))
}

/// Whether a canary passes of which nothing has been shown.
fn nothing_proved(active: &[&Check]) -> Option<Advice> {
    let proves = |check: &&Check| matches!(check.role, Role::Guardrail | Role::Success);
    if active.iter().any(proves) {
        return None;
    }
    Some(Advice::new(
        Topic::NothingProved,
        "Nothing must be proved.",
        "Checks of the roles deterioration and quality stop a canary only when something is shown \
         against it, so that one with hardly any data passes.",
        "Give at least one check the role guardrail.",
    ))
}

fn no_correction(policy: &Policy, active: &[&Check]) -> Option<Advice> {
    let comparisons = |check: &&Check| match &check.condition {
        Condition::Standard(_) => OF_STANDARD,
        condition => usize::from(super::check::confidence(condition).is_some()),
    };
    let number: usize = active.iter().map(comparisons).sum();
    if policy.aggregation().multiplicity != Multiplicity::None || number <= MANY {
        return None;
    }
    // Of a confidence of 95 %, each side has 2.5 %.
    let any = 100.0 * (1.0 - 0.975_f64.powf(number as f64));
    Some(Advice::new(
        Topic::NoCorrection,
        format!("Up to {number} comparisons are made, and their number is not allowed for."),
        format!(
            "Of {number} comparisons with 95% confidence, chance alone puts one beyond its margin in up \
             to {}% of rollouts of a canary that only just holds them.",
            Show(any)
        ),
        "Leave `multiplicity` out of `verdict`, or set it to holm or benjamini_hochberg.",
    ))
}

fn unused_groups(policy: &Policy) -> Vec<Advice> {
    let of_checks: BTreeSet<&str> = policy
        .checks()
        .iter()
        .filter_map(|check| check.group.as_deref())
        .collect();
    let unused = |what: String, why: &str, instead: &str| {
        Advice::new(Topic::UnusedGroup, what, why, instead)
    };
    match &policy.aggregation().score {
        Some(score) => score
            .weights
            .keys()
            .filter(|group| !of_checks.contains(group.as_str()))
            .map(|group| {
                unused(
                    format!("The group `{group}` has a weight and no check."),
                    "A group without checks earns no points and loses none.",
                    "Name it as the `group` of its checks, or take its weight away.",
                )
            })
            .collect(),
        None if !of_checks.is_empty() => {
            let names: Vec<String> = of_checks.iter().map(|group| format!("`{group}`")).collect();
            vec![unused(
                format!(
                    "Checks stand in groups ({}) that have no effect.",
                    names.join(", ")
                ),
                "Groups and weights count only where the verdict goes by points.",
                "Add a `score` to `verdict`, or take the groups away.",
            )]
        }
        None => Vec::new(),
    }
}

fn unchecked_metrics(policy: &Policy) -> Vec<Advice> {
    let looked_at = looked_at(policy);
    policy
        .metrics()
        .keys()
        .filter(|name| !looked_at.contains(*name))
        .map(|name| {
            Advice::new(
                Topic::UncheckedMetric,
                format!("No check looks at the metric `{name}`."),
                "Whatever happens to it, the verdict is the same.",
                format!(
                    "Add a check, such as {{metric: {name}, standard: {{}}}}, or take it away."
                ),
            )
        })
        .collect()
}

/// The metrics that a check names, or a condition or a formula uses.
fn looked_at(policy: &Policy) -> BTreeSet<String> {
    let scope = policy.scope();
    let mut names = BTreeSet::new();
    for check in policy.checks() {
        names.extend(check.metrics.iter().cloned());
        if let Condition::Expression(condition) = &check.condition {
            for bound in condition
                .both()
                .filter_map(|text| check.bind(text, &scope).ok())
            {
                names.extend(
                    bound
                        .references()
                        .into_iter()
                        .map(|used| used.metric.clone()),
                );
            }
        }
    }
    for formula in policy.formulas().values() {
        if let Ok(bound) = formula.bind(&scope) {
            names.extend(
                bound
                    .references()
                    .into_iter()
                    .map(|used| used.metric.clone()),
            );
        }
    }
    names
}

fn same_names(policy: &Policy) -> Vec<Advice> {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for check in policy.checks() {
        let name = check.name();
        if !seen.insert(name.clone()) {
            twice.insert(name);
        }
    }
    twice
        .into_iter()
        .map(|name| {
            Advice::new(
                Topic::SameName,
                format!("More than one check is called `{name}`."),
                "Their findings cannot be told apart.",
                "Give each a `name` of its own.",
            )
        })
        .collect()
}
