//! Groups of people, and whether they are treated alike.

use super::{Evidence, missing};
use crate::data::{Arms, Counts, Observations, Snapshot};
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
    let mut counts = Arms::new(Vec::new(), Vec::new());
    let nothing = Arms::default();
    for group in groups {
        let arms = snapshot.get(group).unwrap_or(&nothing).as_ref();
        if let Some(obstacle) = missing(arms.map(Option::is_none)) {
            return Ok(evidence.blocked(format!("{group}: {obstacle}")));
        }
        counts.baseline.push(of_counts(arms.baseline.as_ref())?);
        counts.canary.push(of_counts(arms.canary.as_ref())?);
    }
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

fn of_counts(observations: Option<&Observations>) -> Result<Counts> {
    match observations {
        Some(Observations::Counts(counts)) => Ok(*counts),
        other => {
            let kind = other.map_or("nothing", Observations::kind);
            Err(Error::input(
                "",
                "fairness needs counts of each group",
                kind,
            ))
        }
    }
}
