//! What a policy and a snapshot come to together: metrics that are made of others by a formula, and
//! proportions that are read in percent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::expression::{BoundFormula, DIVIDES_BY_ZERO, Formula, Reading, Reference};
use super::policy::Policy;
use crate::data::{Arm, Arms, Counts, Gauge, Observations, Series, Snapshot};
use crate::error::Result;

/// Why formulas have no value on an arm, by metric: such as a division by zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Faults(BTreeMap<String, Arms<Option<String>>>);

impl Faults {
    /// Why there is none of the first of these metrics that has none, on either arm.
    pub(super) fn of(&self, metrics: &[String]) -> Option<&str> {
        metrics.iter().find_map(|metric| {
            let arms = self.0.get(metric)?;
            arms.canary.as_deref().or(arms.baseline.as_deref())
        })
    }

    /// Why there is none of what a condition names.
    pub(super) fn at(&self, reference: &Reference) -> Option<&str> {
        let arms = self.0.get(&reference.metric)?;
        match reference.arm {
            Arm::Baseline => arms.baseline.as_deref(),
            Arm::Canary => arms.canary.as_deref(),
        }
    }
}

/// The snapshot with the policy's formulas computed on each arm. A quotient of whole numbers, as of
/// errors by requests, becomes counts, which can be tested exactly; series give a series; all else one
/// number. What cannot be computed is missing, as if it had not been measured: for want of data, or for one
/// of the faults.
///
/// # Errors
/// For a formula whose names mean nothing, whatever the data are.
pub(super) fn with_formulas<'s>(
    policy: &Policy,
    snapshot: &'s Snapshot,
) -> Result<(Cow<'s, Snapshot>, Faults)> {
    let mut faults = Faults::default();
    if policy.formulas().is_empty() {
        return Ok((Cow::Borrowed(snapshot), faults));
    }
    let scope = policy.scope();
    let mut all = snapshot.clone();
    for (metric, formula) in policy.formulas() {
        let bound = Formula::bind(formula, &scope)?;
        let (arms, why) = of_arms(metric, &bound, snapshot);
        if why != Arms::default() {
            faults.0.insert(metric.clone(), why);
        }
        all.insert(metric, arms)?;
    }
    Ok((Cow::Owned(all), faults))
}

/// What a formula comes to on both arms, in the same way, and why it has no value on one.
fn of_arms(
    metric: &str,
    formula: &BoundFormula,
    snapshot: &Snapshot,
) -> (Arms<Option<Observations>>, Arms<Option<String>>) {
    let both = |of: fn(Arm, &BoundFormula, &Snapshot) -> Result<Option<Observations>>| {
        Arms::new(Arm::Baseline, Arm::Canary).map(|arm| of(arm, formula, snapshot))
    };
    let is_counts = |arm: &Result<Option<Observations>>| {
        matches!(arm, Ok(Some(Observations::Counts(_)) | None))
    };
    let mut found = both(of_arm);
    // A quotient that is more than 1 on one arm is no proportion on the other either.
    if is_counts(&found.baseline) != is_counts(&found.canary) {
        found = both(number);
    }
    let fault = |arm: Arm, found: &Result<Option<Observations>>| {
        let reason = found.as_ref().err()?.reason();
        let reason = reason.strip_prefix(DIVIDES_BY_ZERO).unwrap_or(&reason);
        let text = formula.as_str();
        let part = if reason.starts_with(text) {
            String::new()
        } else {
            format!(", {text},")
        };
        Some(format!(
            "the formula of {metric}{part} has no value on the {arm}: {reason}"
        ))
    };
    let why = Arms::new(
        fault(Arm::Baseline, &found.baseline),
        fault(Arm::Canary, &found.canary),
    );
    (found.map(Result::unwrap_or_default), why)
}

/// What a formula comes to on one arm; names that say no arm are of that one.
fn of_arm(arm: Arm, formula: &BoundFormula, snapshot: &Snapshot) -> Result<Option<Observations>> {
    let find = |reference: &Reference| {
        let arms = snapshot.get(&reference.metric)?;
        match arm_of(arm, reference) {
            Arm::Baseline => arms.baseline.as_ref(),
            Arm::Canary => arms.canary.as_ref(),
        }
    };
    if let Some((over, under)) = formula.ratio()
        && let (Some(events), Some(trials)) = (whole(find(over)), whole(find(under)))
        && events <= trials
    {
        return Ok(Some(Counts::new(events, trials)?.into()));
    }
    let references = formula.references();
    let series = |reference: &Reference| match find(reference) {
        Some(Observations::Series(series)) => Some(series),
        _ => None,
    };
    if !references.is_empty()
        && references
            .iter()
            .all(|reference| series(reference).is_some())
    {
        let series: Series = formula.evaluate_series(series)?;
        return Ok(Some(series.into()));
    }
    number(arm, formula, snapshot)
}

/// The one number that a formula comes to on one arm.
fn number(arm: Arm, formula: &BoundFormula, snapshot: &Snapshot) -> Result<Option<Observations>> {
    let mut failed = None;
    let reading = formula.evaluate(|reference| {
        let here = Reference {
            arm: arm_of(arm, reference),
            ..reference.clone()
        };
        here.read(snapshot).unwrap_or_else(|error| {
            failed.get_or_insert(error);
            Reading::Number(f64::NAN)
        })
    });
    match (failed, reading?) {
        (Some(error), _) => Err(error),
        (None, Reading::Number(number)) if !number.is_nan() => Ok(Some(Gauge::new(number)?.into())),
        (None, _) => Ok(None),
    }
}

/// A name without an arm is read as the canary's: here it is of the arm that is computed.
const fn arm_of(arm: Arm, reference: &Reference) -> Arm {
    match reference.arm {
        Arm::Canary => arm,
        Arm::Baseline => Arm::Baseline,
    }
}

/// A whole number of events or requests.
fn whole(observations: Option<&Observations>) -> Option<u64> {
    /// Up to here whole numbers are exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match observations {
        Some(Observations::Gauge(gauge)) => {
            let value = gauge.value();
            let is_whole = value.fract() == 0.0 && (0.0..=EXACT).contains(&value);
            is_whole.then_some(value as u64)
        }
        _ => None,
    }
}

/// How many percent all there is has.
pub(super) const PERCENT: f64 = 100.0;

/// Whether a metric in `%` was measured as counts.
pub(super) fn is_percentage(policy: &Policy, snapshot: &Snapshot, name: &str) -> bool {
    let unit = policy
        .metrics()
        .get(name)
        .and_then(|metric| metric.unit.as_deref());
    unit == Some("%") && matches!(snapshot.either(name), Some(Observations::Counts(_)))
}

/// The policy with its percentages of counts as shares: a metric in `%` that was measured as counts has a
/// proportion from 0 to 1, and a limit of `5%` on it is 0.05.
pub(super) fn in_shares<'p>(policy: &'p Policy, snapshot: &Snapshot) -> Cow<'p, Policy> {
    let names = policy.metrics().keys().map(String::as_str);
    let percentages: Vec<&str> = names
        .filter(|name| is_percentage(policy, snapshot, name))
        .collect();
    if percentages.is_empty() {
        return Cow::Borrowed(policy);
    }
    let mut policy = policy.clone();
    policy.read_as_shares(&percentages);
    Cow::Owned(policy)
}
