//! What a policy and a snapshot come to together: metrics that are made of others by a formula, and
//! proportions that are read in percent.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::expression::{BoundFormula, DIVIDES_BY_ZERO, Formula, Reading, Reference};
use super::policy::Policy;
use crate::data::{Arm, Arms, Counts, Gauge, Observations, Series, Snapshot};
use crate::error::{Error, Result};

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
/// number. A formula may be of formulas. What cannot be computed is missing, as if it had not been measured: for want of data, or for one
/// of the faults.
///
/// # Errors
/// For a formula whose names mean nothing, and for formulas that go in a circle, whatever the data are.
pub(super) fn with_formulas<'p, 's>(
    policy: &'p Policy,
    snapshot: &'s Snapshot,
) -> Result<(Cow<'s, Snapshot>, Faults)> {
    let mut faults = Faults::default();
    if policy.formulas().is_empty() {
        return Ok((Cow::Borrowed(snapshot), faults));
    }
    let scope = policy.scope();
    let bind =
        |(metric, formula): (&'p String, &Formula)| Ok((metric.as_str(), formula.bind(&scope)?));
    let bound = policy.formulas().iter().map(bind).collect::<Result<_>>()?;
    let mut all = snapshot.clone();
    for (metric, formula) in in_order(bound)? {
        let (arms, own) = of_arms(metric, &formula, &all);
        let is_absent = arms.as_ref().map(Option::is_none);
        let of_others = |arm: Arm, is_absent: bool| {
            let references = formula.references().into_iter();
            let mut others = references.filter_map(|reference| {
                let arm = arm_of(arm, reference);
                faults.at(&Reference {
                    arm,
                    ..reference.clone()
                })
            });
            let why = others.next().filter(|_| is_absent)?;
            Some(format!(
                "the formula of {metric}, {}, has no value on the {arm}: {why}",
                formula.as_str()
            ))
        };
        let why = Arms::new(
            own.baseline
                .or_else(|| of_others(Arm::Baseline, is_absent.baseline)),
            own.canary
                .or_else(|| of_others(Arm::Canary, is_absent.canary)),
        );
        if why != Arms::default() {
            faults.0.insert(metric.to_owned(), why);
        }
        all.insert(metric, arms)?;
    }
    Ok((Cow::Owned(all), faults))
}

/// The formulas by metric, each after those that it is made of.
///
/// # Errors
/// For formulas that go in a circle, with the circle.
pub(super) fn in_order<'p>(
    formulas: BTreeMap<&'p str, BoundFormula>,
) -> Result<Vec<(&'p str, BoundFormula)>> {
    let needs_of = |formula: &BoundFormula| -> BTreeSet<&'p str> {
        let references = formula.references().into_iter();
        let known =
            references.filter_map(|reference| formulas.get_key_value(reference.metric.as_str()));
        known.map(|(&metric, _)| metric).collect()
    };
    let mut needs: BTreeMap<&str, BTreeSet<&str>> = formulas
        .iter()
        .map(|(&metric, formula)| (metric, needs_of(formula)))
        .collect();
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (&metric, needed) in &needs {
        for &other in needed {
            users.entry(other).or_default().push(metric);
        }
    }
    let mut ready: Vec<&str> = Vec::new();
    needs.retain(|metric, needed| {
        if needed.is_empty() {
            ready.push(metric);
        }
        !needed.is_empty()
    });
    let mut order = Vec::with_capacity(formulas.len());
    while let Some(metric) = ready.pop() {
        order.push(metric);
        for user in users.remove(metric).unwrap_or_default() {
            let Some(needed) = needs.get_mut(user) else {
                continue;
            };
            needed.remove(metric);
            if needed.is_empty() {
                needs.remove(user);
                ready.push(user);
            }
        }
    }
    if let Some(circle) = circle(&needs) {
        let first = circle.first().copied().unwrap_or_default();
        return Err(Error::policy(format!(
            "metrics.{first}: its formula is made of itself: {}",
            circle.join(" -> ")
        )));
    }
    let mut formulas = formulas;
    let taken = order
        .into_iter()
        .filter_map(|metric| Some((metric, formulas.remove(metric)?)));
    Ok(taken.collect())
}

/// So many names of a circle are shown.
const SHOWN: usize = 8;

/// A circle among metrics that all wait for others of them: its first metric stands at the end again.
fn circle<'p>(needs: &BTreeMap<&'p str, BTreeSet<&'p str>>) -> Option<Vec<&'p str>> {
    let mut at = *needs.keys().next()?;
    let mut path: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    while seen.insert(at) {
        path.push(at);
        at = needs
            .get(at)?
            .iter()
            .find(|other| needs.contains_key(*other))?;
    }
    let mut circle: Vec<&str> = path
        .into_iter()
        .skip_while(|&metric| metric != at)
        .collect();
    if circle.len() > SHOWN {
        circle.truncate(SHOWN);
        circle.push("\u{2026}");
    }
    circle.push(at);
    Some(circle)
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

#[cfg(test)]
mod tests {
    use crate::data::{Arms, Gauge, Snapshot};
    use crate::judge::{Policy, Status, judge};

    fn policy(metrics: &str) -> crate::Result<Policy> {
        Policy::from_json(&format!(
            r#"{{"version": 1, "metrics": {{{metrics}}}, "checks": [{{"metric": "a", "threshold": {{"max": 5}}}}]}}"#
        ))
    }

    #[test]
    fn formulas_of_formulas_are_computed_after_those_that_they_are_made_of() {
        let text = r#""a": {"formula": "b * 2 + d"}, "b": {"formula": "c / 2"}, "c": {}, "d": {"formula": "b + c"}"#;
        let gauge = |x| Gauge::new(x).unwrap();
        let snapshot = Snapshot::new()
            .with("c", Arms::new(gauge(2.0), gauge(4.0)))
            .unwrap();
        let verdict = judge(&policy(text).unwrap(), &snapshot).unwrap();
        assert_eq!(verdict.findings[0].levels.canary, Some(10.0));
        assert_eq!(verdict.status, Status::Fail);
    }

    #[test]
    fn a_long_chain_is_computed_and_a_long_circle_refused() {
        let link = |i: usize, of: &str| format!(r#""x{i:04}": {{"formula": "{of} + 0"}}"#);
        let chain = |last: &str| {
            let links: Vec<String> = (0..999)
                .map(|i| link(i, &format!("x{:04}", i + 1)))
                .collect();
            format!(
                r#""a": {{"formula": "x0000"}}, {}, "x0999": {last}, "c": {{}}"#,
                links.join(", ")
            )
        };
        let policy = policy(&chain(r#"{"formula": "c"}"#)).unwrap();
        let one = Gauge::new(1.0).unwrap();
        let snapshot = Snapshot::new().with("c", Arms::new(one, one)).unwrap();
        assert_eq!(judge(&policy, &snapshot).unwrap().status, Status::Pass);
        let error = super::tests::policy(&chain(r#"{"formula": "x0000"}"#))
            .unwrap_err()
            .to_string();
        assert!(error.contains("x0000 -> x0001"), "{error}");
        assert!(error.len() < 200, "{error}");
    }

    #[test]
    fn formulas_that_are_made_of_themselves_are_refused_with_the_circle() {
        for (metrics, circle) in [
            (
                r#""a": {"formula": "a / b"}, "b": {}"#,
                "a: its formula is made of itself: a -> a",
            ),
            (
                r#""a": {"formula": "b / 2"}, "b": {"formula": "a / 2"}"#,
                "a: its formula is made of itself: a -> b -> a",
            ),
            (
                r#""a": {"formula": "b / 2"}, "b": {"formula": "c"}, "c": {"formula": "baseline_d"}, "d": {"formula": "b"}"#,
                "b: its formula is made of itself: b -> c -> d -> b",
            ),
        ] {
            let error = policy(metrics).unwrap_err().to_string();
            assert_eq!(error, format!("policy: metrics.{circle}"));
        }
    }

    #[test]
    fn a_condition_that_no_data_can_change_is_refused_when_the_policy_is_read() {
        for condition in ["1 > 2", "a > 1e308 * 10", "a > 1/0"] {
            let text = format!(
                r#"{{"version": 1, "metrics": {{"a": {{}}}}, "checks": [{{"fail_if": "{condition}"}}]}}"#
            );
            let error = Policy::from_json(&text).unwrap_err().to_string();
            assert!(error.starts_with("policy: checks[0]"), "{error}");
        }
        assert!(policy(r#""a": {"formula": "b / 0"}, "b": {}"#).is_err());
    }
}
