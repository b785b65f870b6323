//! Kayenta's judge, `NetflixACAJudge-v1.0`, as it is usually configured: every metric worse when it increases,
//! in one group, NaNs removed, no metric critical, scores of 95 to pass and 75 to go on.

mod wilcoxon;
mod zeroin;

use canary_core::{Arms, Result, Status};

use super::Judge;
use super::recent::quantile;
use crate::random::Random;
use crate::world::{MINUTES, Measured, Minute};

const PASS: f64 = 95.0;
const MARGINAL: f64 = 75.0;
/// Of the estimate, so much is tolerated.
const TOLERANCE: f64 = 0.25;
/// The standard deviation of noise, over the value.
const NOISE: f64 = 1e-5;

/// A value a minute of every metric, all minutes so far, judged anew at every look.
pub(crate) struct Kayenta {
    /// Before this minute it does not look.
    first_look: u32,
    series: Vec<Arms<Vec<f64>>>,
}

impl Kayenta {
    pub(super) const fn from_minute(first_look: u32) -> Self {
        Self {
            first_look,
            series: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Label {
    Pass,
    High,
    NoData,
    /// The classification failed, and does not count.
    Error,
}

impl Judge for Kayenta {
    fn look(&mut self, minute: &Minute) -> Result<Status> {
        let Arms { baseline, canary } = minute.arms.as_ref().map(|arm| match arm {
            Some(measured) => values(measured),
            None => Vec::new(),
        });
        let metrics = baseline.len().max(canary.len()).max(self.series.len());
        self.series.resize(metrics, Arms::default());
        let at = |values: &[f64], index: usize| values.get(index).copied().filter(|x| !x.is_nan());
        for (index, series) in self.series.iter_mut().enumerate() {
            series.baseline.extend(at(&baseline, index));
            series.canary.extend(at(&canary, index));
        }
        if minute.number < self.first_look {
            return Ok(Status::Inconclusive);
        }
        let score = score(&self.series.iter().map(classify).collect::<Vec<_>>());
        let is_last = minute.number == MINUTES;
        Ok(if score <= MARGINAL || (is_last && score < PASS) {
            Status::Fail
        } else {
            Status::Pass
        })
    }
}

fn values(measured: &Measured) -> Vec<f64> {
    let mut latencies = measured.latencies.clone();
    let mut values = vec![measured.counts.rate()];
    values.extend([0.5, 0.95, 0.99].map(|q| quantile(&mut latencies, q)));
    values.extend(&measured.gauges);
    values
}

fn score(labels: &[Label]) -> f64 {
    let count = |label| labels.iter().filter(|own| **own == label).count() as f64;
    let (passed, high, no_data) = (count(Label::Pass), count(Label::High), count(Label::NoData));
    if no_data >= 0.5 * labels.len() as f64 {
        return 0.0;
    }
    if passed + high == 0.0 {
        return 100.0;
    }
    let score = 100.0 * passed / (passed + high);
    (100.0 * score).round() / 100.0
}

fn classify(series: &Arms<Vec<f64>>) -> Label {
    let Arms { baseline, canary } = series.as_ref().map(|values| {
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    });
    if baseline.is_empty() || canary.is_empty() {
        return Label::NoData;
    }
    let all_equal = baseline
        .iter()
        .chain(&canary)
        .all(|x| Some(x) == canary.first());
    if baseline == canary || all_equal {
        return Label::Pass;
    }
    let is_flat = [&baseline, &canary].map(|values| values.first() == values.last());
    let (baseline, canary) = match is_flat {
        [true, true] => (noisy(&baseline, 1), noisy(&canary, 2)),
        _ => (baseline, canary),
    };
    let Some(shift) = wilcoxon::shift(&canary, &baseline) else {
        return Label::Error;
    };
    let means = [mean(&canary), mean(&baseline)];
    let is_ratio_known = !means.contains(&0.0);
    let is_high = shift.lower > TOLERANCE * shift.estimate.abs();
    if is_high && (mean(&canary) >= mean(&baseline) || !is_ratio_known) {
        Label::High
    } else {
        Label::Pass
    }
}

/// Where either arm has one value only, they are made to differ a little.
fn noisy(values: &[f64], seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    let mut noisy: Vec<f64> = values
        .iter()
        .map(|x| x + NOISE * x * random.normal())
        .collect();
    noisy.sort_unstable_by(f64::total_cmp);
    noisy
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
