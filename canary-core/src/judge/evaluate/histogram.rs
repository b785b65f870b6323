//! Quantiles of histograms: as sure as the number of requests makes the share below them.

use super::test::{Ask, Found};
use crate::data::{Arms, Bucket, Histogram};
use crate::error::{Error, Result};
use crate::judge::finding::{Acceptable, Change};
use crate::number::normal;
use crate::number::root::brent;
use crate::options::{Confidence, Measure};
use crate::stats::Interval;

/// The change of a quantile between two histograms.
///
/// Of n requests, the share below the true q-quantile is within q ± z √(q (1 - q) / n); the histogram
/// turns those shares into values. Both arms get half of the error rate, so that the interval of the
/// change holds with at least its confidence (Bonferroni), up to the width of the buckets.
pub(super) fn quantiles(
    arms: Arms<&Histogram>,
    quantile: f64,
    Ask {
        measure,
        confidence,
        ..
    }: Ask,
) -> Result<Found> {
    let confidence = Confidence::try_from(confidence)?;
    arms.try_map(|arm, histogram| match histogram.count() {
        count if count > 0.0 => Ok(()),
        _ => Err(Error::not_enough(arm, "a request", 0)),
    })?;
    arms.try_map(|arm, histogram| {
        let rule = "must have a last bucket with a bound above the quantile";
        match is_in_last_bucket(histogram, quantile) {
            true => Err(Error::input(arm, rule, histogram.quantile(quantile))),
            false => Ok(()),
        }
    })?;
    let (low, high) = ends(arms, quantile, measure, 0.5 * (1.0 - confidence.get()));
    let levels = arms.map(|histogram| histogram.quantile(quantile));
    Ok(Found {
        levels,
        change: Some(Change {
            measure,
            value: compare(measure, levels),
            interval: Some(Interval {
                low,
                high,
                confidence,
            }),
        }),
        test: None,
    })
}

/// The error rate of one side at which the interval would touch what is acceptable.
pub(super) fn p_value_beyond(
    arms: Arms<&Histogram>,
    quantile: f64,
    acceptable: Acceptable,
    ask: Ask,
) -> Option<f64> {
    let inside = |log_tail: f64| {
        let (low, high) = ends(arms, quantile, ask.measure, log_tail.exp());
        if low <= acceptable.high && acceptable.low <= high {
            1.0
        } else {
            -1.0
        }
    };
    let smallest = 1e-300_f64.ln();
    if inside(smallest) < 0.0 {
        return Some(smallest.exp());
    }
    Some(brent(inside, smallest, 0.5_f64.ln()).exp())
}

/// Whether the quantile lies beyond the last bound, so that all that is known is that it is larger.
fn is_in_last_bucket(histogram: &Histogram, quantile: f64) -> bool {
    let finite = |bucket: &&Bucket| bucket.upper.is_finite();
    let below = histogram
        .buckets()
        .iter()
        .filter(finite)
        .map(|bucket| bucket.count);
    quantile * histogram.count() > below.fold(0.0, f64::max)
}

/// The change wherever in its bucket either quantile lies, from the least to the most: within a bucket nothing is
/// known, and the line that is drawn through it is a guess that no more data make a better one.
pub(super) fn in_any_place(edges: Arms<(f64, f64)>, measure: Measure) -> (f64, f64) {
    let at = |baseline, canary| compare(measure, Arms::new(baseline, canary));
    (
        at(edges.baseline.1, edges.canary.0),
        at(edges.baseline.0, edges.canary.1),
    )
}

/// The ends of the bucket that each arm's quantile lies in.
pub(super) fn edges(arms: Arms<&Histogram>, quantile: f64) -> Arms<(f64, f64)> {
    arms.map(|histogram| {
        let rank = quantile * histogram.count();
        let mut lower = 0.0;
        for bucket in histogram.buckets() {
            if bucket.count >= rank {
                return (lower, bucket.upper);
            }
            lower = bucket.upper;
        }
        (lower, f64::INFINITY)
    })
}

/// The ends of the change's interval with an error rate of `tail` on each side.
fn ends(arms: Arms<&Histogram>, quantile: f64, measure: Measure, tail: f64) -> (f64, f64) {
    let z = normal::quantile(0.5 * tail);
    let between = arms.map(|histogram| {
        let reach = z * (quantile * (1.0 - quantile) / histogram.count()).sqrt();
        let at = |share: f64| histogram.quantile(share.clamp(0.0, 1.0));
        (at(quantile - reach), at(quantile + reach))
    });
    let (b, c) = (between.baseline, between.canary);
    (
        compare(measure, Arms::new(b.1, c.0)),
        compare(measure, Arms::new(b.0, c.1)),
    )
}

fn compare(measure: Measure, levels: Arms<f64>) -> f64 {
    match measure {
        Measure::Difference => levels.canary - levels.baseline,
        _ if levels.canary == levels.baseline => 1.0,
        _ => levels.canary / levels.baseline,
    }
}
