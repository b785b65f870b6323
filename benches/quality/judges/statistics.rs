//! Tests for one look, at every look, as the same two documents have them.

use canary_core::stats::{Variance, normal_quantile};
use canary_core::{Arms, NanPolicy, Result, Status, Summary, TTest};

use super::Judge;
use super::recent::{Recent, Totals};
use crate::normal;
use crate::world::Minute;

const ALPHA: f64 = 0.05;
const POWER: f64 = 0.8;

/// The playbook's `is_statistically_significant`: Student's t-test of each metric, on all data so far.
#[derive(Default)]
pub(super) struct RepeatedT {
    errors: Arms<Option<Summary>>,
    latency: Arms<Option<Summary>>,
    gauges: Vec<Arms<Option<Summary>>>,
}

fn merge(seen: &mut Arms<Option<Summary>>, now: Arms<Option<Summary>>) {
    *seen = seen.zip(now).map(|(seen, now)| match (seen, now) {
        (Some(seen), Some(now)) => Some(seen.merge(now)),
        (seen, now) => seen.or(now),
    });
}

fn is_worse(seen: Arms<Option<Summary>>) -> bool {
    let (Some(baseline), Some(canary)) = (seen.baseline, seen.canary) else {
        return false;
    };
    let test = TTest::new().variance(Variance::Pooled);
    let found = test.run_summaries(&Arms { baseline, canary });
    found.is_ok_and(|found| found.p_value < ALPHA && canary.mean() > baseline.mean())
}

impl Judge for RepeatedT {
    fn look(&mut self, minute: &Minute) -> Result<Status> {
        let arms = minute.arms.as_ref().map(Option::as_ref);
        merge(
            &mut self.errors,
            arms.map(|arm| {
                let counts = arm?.counts;
                let (n, p) = (counts.trials() as f64, counts.rate());
                let stddev = (p * (1.0 - p) * n / (n - 1.0).max(1.0)).sqrt();
                Summary::from_moments(counts.trials(), p, stddev).ok()
            }),
        );
        merge(
            &mut self.latency,
            arms.map(|arm| Summary::of(&arm?.latencies, NanPolicy::Raise).ok()),
        );
        let gauges = [arms.baseline, arms.canary].into_iter().flatten();
        let gauges = gauges.map(|arm| arm.gauges.len()).max().unwrap_or(0);
        self.gauges
            .resize(gauges.max(self.gauges.len()), Arms::default());
        for (index, seen) in self.gauges.iter_mut().enumerate() {
            let value = |&value: &f64| Summary::of(&[value], NanPolicy::Raise).ok();
            merge(seen, arms.map(|arm| arm?.gauges.get(index).and_then(value)));
        }
        let metrics = [self.errors, self.latency].into_iter();
        let is_failing = metrics.chain(self.gauges.iter().copied()).any(is_worse);
        Ok(if is_failing {
            Status::Fail
        } else {
            Status::Pass
        })
    }
}

/// The pattern's `CanaryStatisticalAnalyzer` on the last five minutes: `sequential_testing` of successes, and
/// `analyze_response_times`.
pub(super) struct Pattern {
    recent: Recent,
}

/// What `sequential_testing` waits for, in trials, and what it takes for a difference.
const MIN_TRIALS: u64 = 100;
const MIN_EFFECT: f64 = 0.01;
const WINDOW: u32 = 5;

impl Default for Pattern {
    fn default() -> Self {
        Self {
            recent: Recent::new(WINDOW as usize),
        }
    }
}

impl Judge for Pattern {
    fn look(&mut self, minute: &Minute) -> Result<Status> {
        self.recent.push(minute);
        if minute.number < WINDOW {
            return Ok(Status::Pass);
        }
        let totals = self.recent.totals();
        let trials = totals.map(|arm| arm.requests);
        if trials.baseline == 0 || trials.canary == 0 {
            return Ok(Status::Inconclusive);
        }
        let z95 = normal_quantile(1.0 - 0.5 * ALPHA)?;
        let is_failing = has_fewer_successes(totals.map(Totals::error_rate), trials, z95)
            || is_slower(self.recent.latencies(), z95);
        Ok(if is_failing {
            Status::Fail
        } else {
            Status::Pass
        })
    }
}

fn has_fewer_successes(rates: Arms<f64>, trials: Arms<u64>, z95: f64) -> bool {
    let difference = rates.canary - rates.baseline;
    if trials.baseline + trials.canary < MIN_TRIALS || difference < MIN_EFFECT {
        return false;
    }
    let n = trials.map(|n| n as f64);
    let pooled = (rates.baseline * n.baseline + rates.canary * n.canary) / (n.baseline + n.canary);
    let pooled = (pooled * (1.0 - pooled) * (1.0 / n.baseline + 1.0 / n.canary)).sqrt();
    if pooled == 0.0 {
        return false;
    }
    let variances = rates.zip(n).map(|(p, n)| p * (1.0 - p) / n);
    let unpooled = (variances.baseline + variances.canary).sqrt();
    let power = normal::above(-(difference - z95 * pooled) / unpooled);
    normal::two_sided(difference / pooled) < ALPHA && power >= POWER
}

fn is_slower(latencies: Arms<Vec<f64>>, z95: f64) -> bool {
    if latencies.baseline.is_empty() || latencies.canary.is_empty() {
        return false;
    }
    let found = latencies.as_ref().map(|values| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        squares / n
    });
    let n = latencies.as_ref().map(Vec::len);
    let sorted = latencies.map(|mut values| {
        values.sort_unstable_by(f64::total_cmp);
        values
    });
    let medians = sorted.as_ref().map(|values| median(values));
    let stddev = (0.5 * (found.baseline + found.canary)).sqrt();
    let effect = (medians.canary - medians.baseline).abs() / stddev;
    let fewer = n.baseline.min(n.canary) as f64;
    let power = normal::above(-(effect * (0.5 * fewer).sqrt() - z95));
    let z = mann_whitney(&sorted);
    normal::two_sided(z) < ALPHA && z > 0.0 && power >= POWER
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The z of Mann and Whitney's U for the canary, corrected for continuity; latencies have no ties.
fn mann_whitney(sorted: &Arms<Vec<f64>>) -> f64 {
    let mut below = 0_usize;
    let mut u = 0.0;
    let mut baseline = sorted.baseline.iter().peekable();
    for value in &sorted.canary {
        while baseline.next_if(|other| *other < value).is_some() {
            below += 1;
        }
        u += below as f64;
    }
    let n = sorted.as_ref().map(|values| values.len() as f64);
    let product = n.baseline * n.canary;
    let stddev = (product * (n.baseline + n.canary + 1.0) / 12.0).sqrt();
    let distance = u - 0.5 * product;
    (distance.abs() - 0.5).max(0.0) / stddev * distance.signum()
}
