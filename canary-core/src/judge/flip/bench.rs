//! Re-runs of what has changed, and no more.

use std::borrow::Cow;

use super::{Setting, data};
use crate::data::{Observations, Snapshot};
use crate::error::Result;
use crate::judge::aggregate;
use crate::judge::check::Check;
use crate::judge::condition::Condition;
use crate::judge::derive::{Faults, PERCENT, in_shares, is_percentage, with_formulas};
use crate::judge::evaluate;
use crate::judge::finding::Finding;
use crate::judge::policy::Policy;
use crate::judge::verdict::Verdict;

/// A policy and a snapshot with all findings as they are before they are corrected for their number.
pub(super) struct Bench<'a> {
    pub(super) original: &'a Policy,
    /// The same with standard checks replaced by those that they stand for.
    pub(super) policy: Policy,
    pub(super) checks: Vec<Check>,
    /// What was measured.
    pub(super) snapshot: &'a Snapshot,
    /// The same with what formulas make of it.
    derived: Cow<'a, Snapshot>,
    faults: Faults,
    pub(super) verdict: Verdict,
    findings: Vec<Finding>,
    unchecked: Vec<String>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(original: &'a Policy, snapshot: &'a Snapshot) -> Result<Self> {
        let (derived, faults) = with_formulas(original, snapshot)?;
        let explicit = with_checks(original, explicit(original, snapshot)?)?;
        let policy = in_shares(&explicit, &derived).into_owned();
        let checks = policy.checks().to_vec();
        let findings: Vec<Finding> = checks
            .iter()
            .map(|check| evaluate::finding(check, &policy, &derived, &faults))
            .collect::<Result<_>>()?;
        let unchecked = evaluate::unchecked(&policy, &derived);
        let verdict = aggregate::verdict(&policy, findings.clone(), unchecked.clone(), None);
        Ok(Self {
            original,
            policy,
            checks,
            snapshot,
            derived,
            faults,
            verdict,
            findings,
            unchecked,
        })
    }

    /// The verdict with other checks at these places.
    pub(super) fn with_checks(&self, changed: &[(usize, Check)]) -> Option<Verdict> {
        let mut findings = self.findings.clone();
        for (place, check) in changed {
            *findings.get_mut(*place)? =
                evaluate::finding(check, &self.policy, &self.derived, &self.faults).ok()?;
        }
        Some(self.verdict_of(findings))
    }

    /// The verdict with other observations of the canary.
    pub(super) fn with_data(&self, changed: &[(&str, Observations)]) -> Option<Verdict> {
        // Formulas and conditions may name any metric.
        let all = !self.policy.formulas().is_empty();
        let is_changed = |name: &String| changed.iter().any(|(metric, _)| metric == name);
        let names_any = |check: &&Check| matches!(check.condition, Condition::Expression(_));
        let is_concerned =
            |check: &&Check| all || names_any(check) || check.metrics.iter().any(is_changed);
        let mut snapshot = if all || self.checks.iter().any(|check| names_any(&check)) {
            self.snapshot.clone()
        } else {
            let concerned = self.checks.iter().filter(is_concerned);
            data::only(self.snapshot, concerned.flat_map(|check| &check.metrics))
        };
        for (metric, canary) in changed {
            snapshot = data::with_canary(&snapshot, metric, canary.clone())?;
        }
        let (snapshot, faults) = with_formulas(&self.policy, &snapshot).ok()?;
        let mut findings = self.findings.clone();
        for (check, finding) in self.checks.iter().zip(&mut findings) {
            if is_concerned(&check) {
                *finding = evaluate::finding(check, &self.policy, &snapshot, &faults).ok()?;
            }
        }
        Some(self.verdict_of(findings))
    }

    /// How many of a number as it is judged are one as the policy's author has it.
    pub(super) fn per_unit(&self, metric: &str, setting: Setting) -> f64 {
        let is_in_unit = matches!(setting, Setting::Difference | Setting::Min | Setting::Max);
        if is_in_unit && is_percentage(self.original, &self.derived, metric) {
            PERCENT
        } else {
            1.0
        }
    }

    fn verdict_of(&self, findings: Vec<Finding>) -> Verdict {
        aggregate::verdict(&self.policy, findings, self.unchecked.clone(), None)
    }
}

/// The checks of the policy, standard ones replaced by those that they stand for, in the policy's units: one
/// per finding.
pub(super) fn explicit(policy: &Policy, snapshot: &Snapshot) -> Result<Vec<Check>> {
    let (snapshot, _) = with_formulas(policy, snapshot)?;
    let judged = in_shares(policy, &snapshot);
    let of_check = |(own, judged_as): (&Check, &Check)| match own.condition {
        Condition::Standard(_) => {
            let mut checks = evaluate::expanded(judged_as, &judged, &snapshot);
            if is_percentage(policy, &snapshot, own.first_metric()) {
                for check in &mut checks {
                    check.condition.in_another_unit(1.0 / PERCENT);
                }
            }
            checks
        }
        _ => vec![own.clone()],
    };
    let pairs = policy.checks().iter().zip(judged.checks());
    Ok(pairs.flat_map(of_check).collect())
}

/// The policy with other checks.
pub(super) fn with_checks(policy: &Policy, checks: Vec<Check>) -> Result<Policy> {
    let other = Policy::new(policy.metrics().clone(), checks)?;
    let mut other = other.aggregated(policy.aggregation().clone())?;
    for (metric, formula) in policy.formulas() {
        other = other.formula(metric, formula.clone())?;
    }
    for (name, value) in policy.parameters() {
        other = other.parameter(name, value.clone());
    }
    Ok(match policy.name() {
        Some(name) => other.named(name),
        None => other,
    })
}
