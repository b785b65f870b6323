//! Whether the data can be trusted: how the traffic splits, and how much is missing.

use super::{Evidence, both};
use crate::data::{Arms, Design, Observations};
use crate::error::{Error, Result};
use crate::judge::condition::{MissingCondition, SampleRatioCondition};
use crate::judge::finding::Acceptable;
use crate::judge::verdict::Status;
use crate::number::sort;
use crate::stats;

/// Why there is no split of the traffic.
pub(in crate::judge) const NO_SPLIT: &str =
    "baseline and canary were not measured at the same time, so that they share no traffic";

/// Holds the split of the traffic against the one that was configured.
pub(super) fn sample_ratio(
    condition: &SampleRatioCondition,
    design: Design,
    arms: Arms<Option<&Observations>>,
) -> Result<Evidence> {
    let mut evidence = Evidence::of("the canary's share of the traffic (chi-square)".to_owned());
    if design == Design::BeforeAndAfter {
        return Ok(evidence.blocked(NO_SPLIT));
    }
    let sizes = match both(arms) {
        Ok(arms) => arms.try_map(|_, observations| requests(observations))?,
        Err(absent) => return Ok(evidence.blocked(absent)),
    };
    let expected = [1.0 - condition.canary, condition.canary];
    let found = match stats::sample_ratio(&[sizes.baseline, sizes.canary], &expected) {
        Ok(found) => found,
        Err(error) => return Ok(evidence.blocked(error.to_string())),
    };
    let all = sizes.baseline as f64 + sizes.canary as f64;
    evidence.levels = sizes.map(|size| Some(size as f64 / all));
    evidence.p_value = Some(found.p_value);
    evidence.acceptable = Some(Acceptable {
        low: condition.canary,
        high: condition.canary,
    });
    evidence.outcome = Some(if found.p_value <= condition.alpha {
        Status::Fail
    } else {
        Status::Pass
    });
    Ok(evidence)
}

/// How many requests there were: trials, values, or a number of them.
pub(in crate::judge) fn requests(observations: &Observations) -> Result<u64> {
    match observations {
        Observations::Gauge(gauge) if gauge.value() >= 0.0 && gauge.value().fract() == 0.0 => {
            Ok(gauge.value() as u64)
        }
        Observations::Gauge(gauge) => {
            let rule = "a split needs a number of requests";
            Err(Error::input("", rule, gauge.value()))
        }
        other => Ok(other.size()),
    }
}

/// Holds the share of missing data of the worse arm against its limit.
pub(super) fn missing_data(
    condition: &MissingCondition,
    arms: Arms<Option<&Observations>>,
) -> Evidence {
    let mut evidence = Evidence::of("share of missing data".to_owned());
    evidence.acceptable = Some(Acceptable::at_most(condition.max));
    evidence.levels = arms.map(|observations| Some(observations.map_or(1.0, share_missing)));
    let worst = [evidence.levels.baseline, evidence.levels.canary];
    let is_too_much = worst
        .into_iter()
        .flatten()
        .any(|share| share > condition.max);
    evidence.outcome = Some(if is_too_much {
        Status::Fail
    } else {
        Status::Pass
    });
    evidence
}

/// Which part of what should have been measured was not: of a series, the steps without a value
/// between its first and its last and the NaN at its ends; of a sample, the NaN.
fn share_missing(observations: &Observations) -> f64 {
    match observations {
        Observations::Sample(sample) => {
            let (kept, omitted) = (sample.values().len() as f64, sample.omitted() as f64);
            omitted / (kept + omitted)
        }
        Observations::Series(series) => {
            let times = series.times();
            let kept = times.len() as f64;
            let steps = match (times, sort::usual_step(times)) {
                ([first, .., last], Some(step)) if step > 0.0 => {
                    1.0 + ((last - first) / step).round()
                }
                _ => kept,
            };
            let expected = steps.max(kept + series.omitted() as f64);
            1.0 - kept / expected
        }
        other if other.size() == 0 => 1.0,
        _ => 0.0,
    }
}
