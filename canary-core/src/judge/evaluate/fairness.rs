//! Groups of people, and whether they are treated alike.

use super::{Evidence, of_each};
use crate::data::{Counts, Observations, Snapshot};
use crate::error::{Error, Result};
use crate::judge::condition::FairnessCondition;
use crate::judge::finding::Acceptable;
use crate::stats::FairnessGap;

/// Holds the gap between the canary's groups against its limits.
pub(super) fn fairness(
    condition: &FairnessCondition,
    groups: &[String],
    snapshot: &Snapshot,
) -> Result<Evidence> {
    let notion = condition.notion.as_str().replace('_', " ");
    let mut evidence = Evidence::of(format!("{notion} of {} groups", groups.len()));
    evidence.acceptable = Some(Acceptable {
        low: condition.min.unwrap_or(f64::NEG_INFINITY),
        high: condition.max.unwrap_or(f64::INFINITY),
    });
    let counts = match of_each(groups, snapshot, of_counts)? {
        Ok(counts) => counts,
        Err(absent) => return Ok(evidence.blocked(absent)),
    };
    let test = FairnessGap::new()
        .notion(condition.notion)
        .confidence(condition.confidence.get());
    match test.run(&counts) {
        Ok(found) => {
            evidence.levels = found.arms.as_ref().map(|gap| Some(gap.value));
            evidence.own_interval = Some(found.arms.canary.interval);
            Ok(evidence)
        }
        Err(error) => Ok(evidence.blocked(error.to_string())),
    }
}

fn of_counts(observations: &Observations) -> Result<Counts> {
    match observations {
        Observations::Counts(counts) => Ok(*counts),
        other => {
            let rule = "fairness needs counts of each group";
            Err(Error::input("", rule, other.kind()))
        }
    }
}
