//! The whole curve: which share of the observations lies beyond the margin.

use super::{Evidence, both};
use crate::data::{Arms, Direction, Observations, Sample};
use crate::error::{Error, Result};
use crate::judge::condition::DistributionCondition;
use crate::judge::finding::{Acceptable, Change};
use crate::number::normal;
use crate::options::{Margin, Measure};
use crate::stats::Interval;

/// Holds the share of observations that are worse by more than the margin against what is accepted.
///
/// With F and G the arms' distributions, and the canary's values moved back by the margin,
///
/// D = sup over x of F(x) - G(x)
///
/// is the largest share of the canary's observations that are worse than the baseline's of the same
/// rank by more than the margin. Of n and m values, with ν = n m / (n + m), its estimate exceeds the
/// truth by ε with probability at most about exp(-2 ν ε²) (Smirnov 1939, whose bound is reached where
/// the distributions are equal), and falls short by z / (2 √ν) with that of the normal tail (at the
/// point where D is reached the estimate is a difference of two proportions).
pub(super) fn distribution(
    condition: &DistributionCondition,
    direction: Direction,
    arms: Arms<Option<&Observations>>,
) -> Result<Evidence> {
    let mut evidence = Evidence::of(format!(
        "share of observations beyond {} (Smirnov's test)",
        condition.margin
    ));
    evidence.is_share = true;
    evidence.acceptable = Some(Acceptable::at_most(condition.share));
    let samples = match both(arms) {
        Ok(arms) => arms.try_map(|_, observations| sample(observations))?,
        Err(absent) => return Ok(evidence.blocked(absent)),
    };
    let sorted = samples.map(Sample::sorted);
    let sizes = sorted.map(|values| values.len() as f64);
    let (n, m) = (sizes.baseline, sizes.canary);
    let weight = n * m / (n + m);
    let worse = match direction {
        Direction::Increase => slower(sorted, condition.margin),
        Direction::Decrease => faster(sorted, condition.margin),
        Direction::Either => slower(sorted, condition.margin).max(faster(sorted, condition.margin)),
    };
    let sides = if direction == Direction::Either {
        2.0
    } else {
        1.0
    };
    let tail = 0.5 * (1.0 - condition.confidence.get()) / sides;
    let below = (-0.5 * tail.ln() / weight).sqrt();
    let above = 0.5 * normal::quantile(tail) / weight.sqrt();
    evidence.levels = Arms::new(Some(0.0), Some(worse));
    evidence.change = Some(Change {
        measure: Measure::Difference,
        value: worse,
        interval: Some(Interval {
            low: (worse - below).max(0.0),
            high: (worse + above).min(1.0),
            confidence: condition.confidence,
        }),
    });
    evidence.confidence = Some(condition.confidence);
    let excess = (worse - condition.share).max(0.0);
    evidence.p_margin = Some((sides * (-2.0 * weight * excess * excess).exp()).min(1.0));
    Ok(evidence)
}

fn sample(observations: &Observations) -> Result<&Sample> {
    match observations {
        Observations::Sample(sample) => Ok(sample),
        Observations::Series(series) => Ok(series.sample()),
        other => {
            let rule = "a comparison of distributions needs a sample or a series";
            Err(Error::input("", rule, other.kind()))
        }
    }
}

/// The largest share of the canary's values that are larger by more than the margin.
fn slower(sorted: Arms<&[f64]>, margin: Margin) -> f64 {
    largest_gap(sorted.baseline, sorted.canary, back(margin, true))
}

/// The largest share that are smaller by more than the margin.
fn faster(sorted: Arms<&[f64]>, margin: Margin) -> f64 {
    // F_c(moved) above F_b: the roles exchanged, and the baseline moved down instead.
    largest_gap(sorted.canary, sorted.baseline, back(margin, false))
}

/// How values of the arm that is expected to be the larger are moved back by the margin. A part of
/// a negative value would move it the wrong way, so that its size counts.
pub(in crate::judge) fn back(margin: Margin, up: bool) -> impl Fn(f64) -> f64 {
    move |x| match (margin.measure(), up) {
        (Measure::Difference, _) => x - margin.upper(),
        (_, true) => x - (1.0 - 1.0 / margin.upper()) * x.abs(),
        (_, false) => x - (1.0 - margin.lower()) * x.abs(),
    }
}

/// sup of F(x) - G(x), of sorted values with distributions F and, moved back, G.
fn largest_gap(first: &[f64], second: &[f64], back: impl Fn(f64) -> f64) -> f64 {
    let (n, m) = (first.len() as f64, second.len() as f64);
    let mut behind = 0;
    let mut largest = 0.0_f64;
    for (index, &x) in first.iter().enumerate() {
        // Only at the last of equal values F has its full height.
        if first.get(index + 1) == Some(&x) {
            continue;
        }
        while second.get(behind).is_some_and(|&y| back(y) <= x) {
            behind += 1;
        }
        largest = largest.max((index as f64 + 1.0) / n - behind as f64 / m);
    }
    largest
}
