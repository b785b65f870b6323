//! Changes of what was measured on the canary, and more of the same of both arms.

use super::margin::range;
use super::search::Path;
use super::{Setting, Way};
use crate::data::{
    Arms, Bucket, Counts, Design, Direction, Exposure, Gauge, Histogram, Observations, Sample,
    Series, Snapshot, Summary,
};
use crate::judge::check::Check;
use crate::judge::condition::{Condition, TestMethod};
use crate::judge::evaluate::same_again;
use crate::judge::finding::{Acceptable, Finding};
use crate::judge::statistic::Statistic;
use crate::number::sort;
use crate::options::{Measure, NanPolicy};

/// How many values of a metric and arm a search for more data goes to.
const MOST_VALUES: usize = 50_000;

/// In which way the canary's data may move to change a finding; none where no single way does.
pub(super) fn movement(
    check: &Check,
    finding: &Finding,
    direction: Direction,
    arms: Arms<Option<&Observations>>,
    way: Way,
) -> Option<(Setting, Path)> {
    use Observations as O;
    let canary = arms.canary?;
    let up = upwards(check, finding, direction, way)?;
    let level = finding.levels.canary.unwrap_or(0.0);
    // What was never negative does not become so: zeros stay, unless all of it must go up.
    let keeps_sign = [arms.baseline, arms.canary]
        .into_iter()
        .flatten()
        .all(is_never_negative);
    let is_scaled = is_positive(canary) || keeps_sign && (!up || level > 0.0);
    let setting = match (&check.condition, canary) {
        (
            Condition::Anomaly(_)
            | Condition::Fairness(_)
            | Condition::SampleRatio(_)
            | Condition::Missing(_)
            | Condition::Expression(_)
            | Condition::Standard(_),
            _,
        ) => return None,
        (Condition::Threshold(threshold), _) if threshold.statistic == Some(Statistic::Count) => {
            return None;
        }
        (_, O::Counts(_) | O::Exposure(_)) => Setting::Events,
        (_, O::Gauge(_)) => Setting::Value,
        (Condition::Trend(_), O::Series(_)) => Setting::Growth,
        (Condition::Threshold(threshold), _) if threshold.statistic == Some(Statistic::Stddev) => {
            Setting::Spread
        }
        (Condition::Test(test), _) if test.method == TestMethod::Spread => Setting::Spread,
        _ if is_scaled => Setting::Times,
        _ => Setting::Plus,
    };
    let signed = |step: f64| if up { step } else { -step };
    let other = finding.levels.baseline.unwrap_or(0.0).abs();
    let usual = level.abs().max(other);
    let step = signed(if usual > 0.0 { 0.01 * usual } else { 0.01 });
    // A search for the middle of what is acceptable must not step over it.
    let centre = (way == Way::Better).then(|| centre(finding)).flatten();
    let of_level = |x: f64| centre.map(|centre| (centre * x).round());
    let path = match (setting, canary) {
        (Setting::Events, O::Counts(counts)) => Path::Whole {
            from: counts.events() as f64,
            step: 1.0,
            up,
            end: of_level(counts.trials() as f64).unwrap_or(if up {
                counts.trials() as f64
            } else {
                0.0
            }),
        },
        (Setting::Events, O::Exposure(exposure)) => Path::Whole {
            from: exposure.events() as f64,
            step: 1.0,
            up,
            end: of_level(exposure.time()).unwrap_or(if up { 1e15 } else { 0.0 }),
        },
        (Setting::Value, O::Gauge(gauge)) => Path::Line {
            from: gauge.value(),
            step,
            end: match (centre, keeps_sign && !up) {
                (Some(centre), true) => Some(centre.max(0.0)),
                (None, true) => Some(0.0),
                (centre, false) => centre,
            },
        },
        (Setting::Times | Setting::Spread, _) => Path::Factor {
            up,
            end: centre
                .zip(finding.levels.canary)
                .map(|(centre, level)| centre / level)
                .filter(|factor| *factor > 0.0 && factor.is_finite()),
        },
        _ => Path::Line {
            from: 0.0,
            step,
            end: centre
                .zip(finding.levels.canary)
                .map(|(centre, level)| centre - level),
        },
    };
    Some((setting, path))
}

/// The canary's level in the middle of what is acceptable, where that has two ends.
fn centre(finding: &Finding) -> Option<f64> {
    let Acceptable { low, high } = finding.acceptable?;
    if !(low.is_finite() && high.is_finite()) {
        return None;
    }
    let middle = 0.5 * low + 0.5 * high;
    match finding.change {
        None => Some(middle),
        Some(change) => {
            let baseline = finding.levels.baseline?;
            Some(match change.measure {
                Measure::Difference => baseline + middle,
                Measure::Ratio | Measure::OddsRatio => baseline * middle,
            })
        }
    }
}

/// Whether the canary's values must go up: a failure turns back towards what is acceptable, a pass
/// goes on to its nearer end.
fn upwards(check: &Check, finding: &Finding, direction: Direction, way: Way) -> Option<bool> {
    let acceptable = finding.acceptable?;
    let (least, most) = range(finding)?;
    // How far beyond each end it lies, or how little is missing.
    let (above, below) = (most - acceptable.high, acceptable.low - least);
    let is_too_high = match (acceptable.low.is_finite(), acceptable.high.is_finite()) {
        (false, false) => return None,
        (true, true) => above >= below,
        (_, has_high) => has_high,
    };
    let compared_up = is_too_high == (way == Way::Worse);
    // Of a curve it is the share of worse values that is compared.
    Some(match (&check.condition, direction) {
        (Condition::Distribution(_), Direction::Decrease) => !compared_up,
        _ => compared_up,
    })
}

fn is_positive(observations: &Observations) -> bool {
    match observations {
        Observations::Sample(sample) => sample.values().iter().all(|&x| x > 0.0),
        Observations::Series(series) => series.values().iter().all(|&x| x > 0.0),
        Observations::Summary(summary) => summary.mean() > 0.0,
        Observations::Histogram(histogram) => {
            let first = histogram.buckets().first();
            first.is_some_and(|bucket| bucket.upper > 0.0)
        }
        _ => false,
    }
}

fn is_never_negative(observations: &Observations) -> bool {
    let are = |values: &[f64]| values.iter().all(|&x| x >= 0.0);
    match observations {
        Observations::Counts(_) | Observations::Exposure(_) => true,
        Observations::Gauge(gauge) => gauge.value() >= 0.0,
        Observations::Sample(sample) => are(sample.values()),
        Observations::Series(series) => are(series.values()),
        Observations::Summary(summary) => summary.min().unwrap_or(summary.mean()) >= 0.0,
        Observations::Histogram(histogram) => {
            let first = histogram.buckets().first();
            first.is_some_and(|bucket| bucket.upper >= 0.0)
        }
    }
}

/// The observations moved in that way; `over` is the time that a growth is stated for.
pub(super) fn moved(
    observations: &Observations,
    setting: Setting,
    to: f64,
    over: f64,
) -> Option<Observations> {
    use Observations as O;
    let events = || (to >= 0.0 && to.fract() == 0.0).then_some(to as u64);
    Some(match (setting, observations) {
        (Setting::Events, O::Counts(counts)) => {
            Counts::new(events()?, counts.trials()).ok()?.into()
        }
        (Setting::Events, O::Exposure(exposure)) => {
            Exposure::new(events()?, exposure.time()).ok()?.into()
        }
        (Setting::Value, O::Gauge(_)) => Gauge::new(to).ok()?.into(),
        (Setting::Times, _) => each(observations, |x| x * to)?,
        (Setting::Plus, _) => each(observations, |x| x + to)?,
        (Setting::Spread, O::Sample(sample)) => {
            let median = sample.quantile(0.5);
            each(observations, |x| median + to * (x - median))?
        }
        (Setting::Spread, O::Series(series)) => {
            let median = series.sample().quantile(0.5);
            each(observations, |x| median + to * (x - median))?
        }
        (Setting::Spread, O::Summary(summary)) => {
            let (mean, range) = (summary.mean(), summary.min().zip(summary.max()));
            of_moments(
                summary.count(),
                mean,
                to * summary.stddev(),
                range.map(|(low, high)| (mean + to * (low - mean), mean + to * (high - mean))),
            )?
        }
        (Setting::Growth, O::Series(series)) => {
            let first = series.times().first().copied()?;
            let pairs = series.times().iter().zip(series.values());
            let values = pairs.map(|(time, value)| value + to * (time - first) / over);
            let values: Vec<f64> = values.collect();
            if is_never_negative(observations) && values.iter().any(|&x| x < 0.0) {
                return None;
            }
            of_series(series.times().to_vec(), values, series.omitted())?
        }
        _ => return None,
    })
}

/// The observations with each value changed; the change must keep their order.
fn each(observations: &Observations, change: impl Fn(f64) -> f64) -> Option<Observations> {
    Some(match observations {
        Observations::Sample(sample) => {
            let values = sample.values().iter().map(|&x| change(x)).collect();
            of_values(values, sample.omitted())?
        }
        Observations::Series(series) => {
            let values = series.values().iter().map(|&x| change(x)).collect();
            of_series(series.times().to_vec(), values, series.omitted())?
        }
        Observations::Summary(summary) => {
            let stretch = change(1.0) - change(0.0);
            let range = summary.min().zip(summary.max());
            of_moments(
                summary.count(),
                change(summary.mean()),
                stretch * summary.stddev(),
                range.map(|(low, high)| (change(low), change(high))),
            )?
        }
        Observations::Histogram(histogram) => {
            let moved = histogram.buckets().iter().map(|bucket| Bucket {
                upper: change(bucket.upper),
                count: bucket.count,
            });
            let count = histogram.count();
            let sum = histogram.sum().map(|sum| {
                if count > 0.0 {
                    count * change(sum / count)
                } else {
                    sum
                }
            });
            Histogram::from_buckets(moved.collect(), sum).ok()?.into()
        }
        _ => return None,
    })
}

/// What was left out for being NaN stays left out.
fn of_values(mut values: Vec<f64>, omitted: u64) -> Option<Observations> {
    let omitted = usize::try_from(omitted).ok()?;
    values.resize(values.len().checked_add(omitted)?, f64::NAN);
    Some(Sample::new(values, NanPolicy::Omit).ok()?.into())
}

fn of_series(mut times: Vec<f64>, mut values: Vec<f64>, omitted: u64) -> Option<Observations> {
    let step = sort::usual_step(&times).unwrap_or(1.0);
    for _ in 0..omitted {
        times.push(times.last()? + step);
        values.push(f64::NAN);
    }
    Some(Series::new(times, values, NanPolicy::Omit).ok()?.into())
}

fn of_moments(
    count: u64,
    mean: f64,
    stddev: f64,
    range: Option<(f64, f64)>,
) -> Option<Observations> {
    let document = serde_json::json!({
        "count": count,
        "mean": mean,
        "m2": stddev * stddev * count.saturating_sub(1) as f64,
        "range": range,
    });
    let summary: Summary = serde_json::from_value(document).ok()?;
    Some(summary.into())
}

/// The whole snapshot with `amount` times as much data of the same kind, where it can be made.
pub(super) fn grown(snapshot: &Snapshot, amount: f64) -> Option<Snapshot> {
    // More of a baseline from before the canary is no baseline beside it.
    let designs = snapshot.names().map(|name| snapshot.design_of(name));
    let design = designs.fold(snapshot.design(), Design::or);
    let mut grown = Snapshot::new().designed(design);
    for name in snapshot.names() {
        let arms = snapshot.get(name)?.as_ref();
        let more = arms.try_map(|_, observations| match observations {
            None => Ok(None),
            Some(observations) => repeated(observations, amount).map(Some).ok_or(()),
        });
        grown.insert(name, more.ok()?).ok()?;
    }
    Some(grown)
}

/// So many times as many observations: counts in proportion, values again from the first on, a series
/// again after its last.
fn repeated(observations: &Observations, amount: f64) -> Option<Observations> {
    use Observations as O;
    let times = |n: u64| {
        let more = (n as f64 * amount).round();
        (more < 1e15).then_some(more as u64)
    };
    Some(match observations {
        O::Counts(counts) => {
            let trials = times(counts.trials())?;
            Counts::new(times(counts.events())?.min(trials), trials)
                .ok()?
                .into()
        }
        O::Exposure(exposure) => Exposure::new(times(exposure.events())?, exposure.time() * amount)
            .ok()?
            .into(),
        O::Gauge(gauge) => (*gauge).into(),
        O::Histogram(histogram) => {
            let buckets = histogram.buckets().iter().map(|bucket| Bucket {
                upper: bucket.upper,
                count: bucket.count * amount,
            });
            let sum = histogram.sum().map(|sum| sum * amount);
            Histogram::from_buckets(buckets.collect(), sum).ok()?.into()
        }
        O::Summary(summary) => {
            let count = times(summary.count())?;
            of_moments(
                count,
                summary.mean(),
                same_again(summary.count(), count) * summary.stddev(),
                summary.min().zip(summary.max()),
            )?
        }
        O::Sample(sample) => {
            let size = longer(sample.values().len(), amount);
            let values = sample.values().iter().copied().cycle().take(size).collect();
            of_values(values, times(sample.omitted())?)?
        }
        O::Series(series) => {
            let size = longer(series.times().len(), amount);
            let (first, last) = (series.times().first()?, series.times().last()?);
            let period = last - first + sort::usual_step(series.times()).unwrap_or(1.0);
            let rounds = (0_u32..).map(f64::from);
            let times_again = rounds.flat_map(|round: f64| {
                series.times().iter().map(move |time| time + round * period)
            });
            let values = series.values().iter().copied().cycle().take(size).collect();
            of_series(
                times_again.take(size).collect(),
                values,
                times(series.omitted())?,
            )?
        }
    })
}

/// Where there are many values already, no more are made.
fn longer(size: usize, amount: f64) -> usize {
    let wanted = (size as f64 * amount).round() as usize;
    wanted.min(size.max(MOST_VALUES))
}

/// How many observations there are, of what comes in whole ones.
pub(super) fn whole(observations: &Observations) -> Option<f64> {
    match observations {
        Observations::Counts(_)
        | Observations::Sample(_)
        | Observations::Series(_)
        | Observations::Summary(_) => Some(observations.size() as f64).filter(|&size| size > 0.0),
        Observations::Exposure(_) | Observations::Gauge(_) | Observations::Histogram(_) => None,
    }
}

/// How many times as many observations can be made of such.
pub(super) fn most(observations: &Observations) -> f64 {
    let values = match observations {
        Observations::Sample(sample) => sample.values().len(),
        Observations::Series(series) => series.values().len(),
        _ => return 1e6,
    };
    (MOST_VALUES as f64 / values as f64).max(1.0)
}

/// The snapshot with other observations of the canary.
pub(super) fn with_canary(
    snapshot: &Snapshot,
    metric: &str,
    canary: Observations,
) -> Option<Snapshot> {
    let mut changed = snapshot.clone();
    let baseline = snapshot.get(metric)?.baseline.clone();
    changed
        .insert(metric, Arms::new(baseline, Some(canary)))
        .ok()?;
    Some(changed)
}

/// Only these metrics of the snapshot: a re-run needs no more.
pub(super) fn only<'a>(snapshot: &Snapshot, metrics: impl Iterator<Item = &'a String>) -> Snapshot {
    let mut part = Snapshot::new().designed(snapshot.design());
    for metric in metrics {
        if let Some(arms) = snapshot.get(metric) {
            // The arms are of one kind: they were in a snapshot.
            let _ = part.insert(metric, arms.clone());
        }
    }
    part
}
