//! Policies and verdicts.

mod default;
pub(crate) mod finding;
pub(crate) mod policy;
pub(crate) mod verdict;
pub(crate) mod watch;

use std::collections::BTreeMap;

use canary_core::{self as core, Arms, Observations, Snapshot};
use pyo3::prelude::*;
use pyo3::types::PyMapping;

use self::policy::PolicyLike;
use self::verdict::Verdict;
use crate::convert::{type_name, word};
use crate::data::observations;
use crate::error::{invalid_input, to_python};

/// Applies a policy to what was measured on both arms.
///
/// # Parameters
/// `policy`: a `Policy`, or a dict of its written form; left out, `Policy.default` of all metrics in
/// the data. `baseline`, `canary`: a mapping from metric name to observations: an object of this
/// package (`Counts`, `Sample`, ...), a number (a gauge), numbers in one row (a sample), or a dict:
/// `{"events": 3, "trials": 1000}`, `{"times": [...], "values": [...]}`, or
/// `{"values": [...], "units": ["vm1", "vm1", "vm2"]}` for values of which several are of one host or
/// user (see `Sample.by_units`).
///
/// `design`: `"concurrent"`, both arms side by side, or `"before_and_after"`, the baseline from a time before
/// the canary. Then whatever else changed in between is in the comparison, too: PASS and FAIL are what they
/// are, and each says that it is weaker; series are not paired in time, and the split of the traffic cannot be
/// checked. Series of which the baseline's ends before the canary's begins are found out without that word.
///
/// A metric that is missing on an arm, or that cannot be judged as its check asks (the p99 of counts, a
/// formula that divides by zero), gives a finding that says so, by the check's rule for no data: INCONCLUSIVE,
/// unless it says otherwise. It is never passed over, and all other checks are judged.
///
/// A test holds for one look at the data. To judge all data so far again and again, without anything kept in
/// between, write `sequential` in the place of `test` in the policy (see `Policy`); or use a `Watch`.
///
/// # Errors
/// `InvalidInput` for data that break a rule, and for what cannot be judged where its check says that no data
/// is an error.
///
/// # Example: without a policy
/// >>> before = {"errors": canary.Counts(95, 19_000), "latency": [20.0, 21.0, 23.0, 22.0]}
/// >>> after = {"errors": canary.Counts(60, 2_000), "latency": [19.0, 24.0, 22.0, 20.0]}
/// >>> print(canary.judge(baseline=before, canary=after).findings[0].rule)
/// at most 50% above the baseline or 0.25 percentage points, with 90% confidence
///
/// # Example: with one
/// >>> policy = canary.Policy.from_yaml('''
/// ... version: 1
/// ... metrics:
/// ...   error_rate: {direction: increase}
/// ... checks:
/// ...   - metric: error_rate
/// ...     test: {method: two_proportion_z, margin: {difference: 0.25%}}
/// ... ''')
/// >>> verdict = canary.judge(
/// ...     policy,
/// ...     baseline={"error_rate": canary.Counts(95, 19_000)},
/// ...     canary={"error_rate": canary.Counts(30, 2_000)},
/// ... )
/// >>> verdict.status, verdict.recommendation
/// ('FAIL', 'rollback')
///
/// # Example: last week's errors for a baseline
/// >>> verdict = canary.judge(
/// ...     policy,
/// ...     baseline={"error_rate": canary.Counts(95, 19_000)},
/// ...     canary={"error_rate": canary.Counts(100, 20_000)},
/// ...     design="before_and_after",
/// ... )
/// >>> verdict.status, verdict.design, verdict.findings[0].design
/// ('PASS', 'before_and_after', 'before_and_after')
/// >>> print(verdict.reason.rpartition(": ")[2])
/// it is weaker than side by side.
#[pyfunction]
#[pyo3(signature = (policy = None, *, baseline, canary, design = "concurrent"))]
pub(crate) fn judge(
    py: Python<'_>,
    policy: Option<PolicyLike>,
    baseline: &Bound<'_, PyAny>,
    canary: &Bound<'_, PyAny>,
    design: &str,
) -> PyResult<Verdict> {
    let (policy, snapshot) = asked(policy, baseline, canary, word(design)?)?;
    let verdict = py.detach(|| core::judge(&policy, &snapshot));
    Ok(verdict.map_err(to_python)?.into())
}

/// What was measured, and the policy, or else the default one of all metrics in the data.
pub(crate) fn asked(
    policy: Option<PolicyLike>,
    baseline: &Bound<'_, PyAny>,
    canary: &Bound<'_, PyAny>,
    design: core::Design,
) -> PyResult<(core::Policy, Snapshot)> {
    let arms = Arms::new(arm("baseline", baseline)?, arm("canary", canary)?);
    let is_empty = arms.baseline.is_empty() && arms.canary.is_empty();
    let snapshot = Snapshot::from_arms(arms).designed(design);
    match policy {
        Some(PolicyLike(policy)) => Ok((policy, snapshot)),
        None if is_empty => {
            let rule = "must hold a metric, or canary must, where there is no policy";
            Err(invalid_input("baseline", rule, "none"))
        }
        None => {
            let policy = core::Policy::standard(snapshot.names()).map_err(to_python)?;
            Ok((policy, snapshot))
        }
    }
}

/// What was measured on an arm.
pub(crate) fn arm(
    name: &str,
    object: &Bound<'_, PyAny>,
) -> PyResult<BTreeMap<String, Observations>> {
    let rule = "must be a mapping from metric name to observations";
    let Ok(mapping) = object.cast::<PyMapping>() else {
        return Err(invalid_input(name, rule, type_name(object)));
    };
    let mut metrics = BTreeMap::new();
    for item in mapping.items()?.iter() {
        let (metric, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let Ok(metric) = metric.extract::<String>() else {
            return Err(invalid_input(name, rule, metric.repr()?));
        };
        let observations = observations(&format!("{name}.{metric}"), &value)?;
        metrics.insert(metric, observations);
    }
    Ok(metrics)
}
