//! Which arm do the values above a threshold come from?

use serde::{Deserialize, Serialize};

use super::grid::{Step, joined};
use crate::data::Arms;
use crate::number::log_space::log_mean_exp;
use crate::options::Alternative;

/// Logarithms of the odds ratios that are held against 1, on either side: each twice the one before.
const TILTS: [f64; 9] = [0.0125, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2];
/// From this variance on, a sum over all splits is that of a normal curve to 1e-6 and better.
const NEARLY_NORMAL: f64 = 1e5;

/// The logarithms of the likelihood ratios so far, by threshold and tilt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Splits(Vec<Vec<f64>>);

impl Splits {
    pub(super) fn new(levels: usize, alternative: Alternative) -> Self {
        Self(vec![vec![0.0; tilts(alternative).count()]; levels])
    }

    /// The evidence of one level, each of whose values counts as so many independent ones. (Of a
    /// likelihood ratio, the tilt and what is subtracted for it: of fewer values, both are as much
    /// less.)
    pub(super) fn log_e(&self, level: usize, times: f64) -> f64 {
        let row = self.0.get(level).map_or(&[][..], Vec::as_slice);
        log_mean_exp(row.iter().map(|log_ratio| times * log_ratio))
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (row, other) in self.0.iter_mut().zip(&other.0) {
            for (own, other) in row.iter_mut().zip(other) {
                *own += other;
            }
        }
    }

    /// A block of values of both arms, `block`, that came in one interval. The thresholds are
    /// quantiles of all values so far, `all`, of both arms pooled.
    pub(super) fn add(
        &mut self,
        levels: &[f64],
        alternative: Alternative,
        all: &Arms<Vec<Step>>,
        block: &Arms<Vec<Step>>,
    ) {
        let pooled = joined(&all.baseline, &all.canary);
        let total = pooled.last().map_or(0.0, |(_, b, c)| b.to + c.to);
        let n = block
            .as_ref()
            .map(|steps| steps.last().map_or(0.0, |step| step.to));
        // Whole numbers, also of a histogram's fractions.
        let whole = n.map(f64::round);
        for (level, row) in levels.iter().zip(&mut self.0) {
            let at = pooled.partition_point(|(_, b, c)| b.to + c.to < level * total);
            let Some(&(bin, ..)) = pooled.get(at) else {
                continue;
            };
            let above = block.as_ref().zip(n).map(|(steps, n)| {
                let after = steps.partition_point(|step| step.bin <= bin);
                let up_to = steps.get(..after).and_then(<[Step]>::last);
                (n - up_to.map_or(0.0, |step| step.to)).round()
            });
            let split = Split {
                n: whole,
                above: above.zip(whole).map(|(above, n)| above.clamp(0.0, n)),
            };
            for (log_ratio, tilt) in row.iter_mut().zip(tilts(alternative)) {
                *log_ratio += split.log_ratio(tilt);
            }
        }
    }
}

fn tilts(alternative: Alternative) -> impl Iterator<Item = f64> {
    let sides: &[f64] = match alternative {
        Alternative::TwoSided => &[1.0, -1.0],
        Alternative::Greater => &[1.0],
        Alternative::Less => &[-1.0],
    };
    sides.iter().flat_map(|side| TILTS.map(|tilt| side * tilt))
}

/// Of a block's `n` values on either arm, so many are `above` a threshold.
#[derive(Debug, Clone, Copy)]
struct Split {
    n: Arms<f64>,
    above: Arms<f64>,
}

impl Split {
    /// tilt · K - ln E exp(tilt · K) for K, the canary's values among those above, which is
    /// hypergeometric if the arms' values can be exchanged.
    fn log_ratio(self, tilt: f64) -> f64 {
        let Self { n, above } = self;
        let k = above.baseline + above.canary;
        if k == 0.0 || k == n.baseline + n.canary || n.baseline == 0.0 || n.canary == 0.0 {
            return 0.0;
        }
        let log_ratio = tilt * above.canary - log_mgf(n, k, tilt);
        // Of counts beyond any that can be told from each other.
        if log_ratio.is_finite() {
            log_ratio
        } else {
            0.0
        }
    }
}

/// ln E exp(tilt · K) of the hypergeometric distribution: of `n.baseline` + `n.canary` values, `k` are
/// drawn, and K of them are the canary's. Summed from the largest term on, both ways.
fn log_mgf(n: Arms<f64>, k: f64, tilt: f64) -> f64 {
    let odds = tilt.exp();
    let (lowest, highest) = ((k - n.baseline).max(0.0), k.min(n.canary));
    // Where a term is as large as the one before: a root of a quadratic.
    let a = tilt.exp_m1();
    let b = odds * (n.canary + k + 2.0) + n.baseline - k;
    let c = odds * (n.canary + 1.0) * (k + 1.0);
    let root = 2.0 * c / (b + (b * b - 4.0 * a * c).max(0.0).sqrt());
    let mode = root.floor().clamp(lowest, highest);
    let log_largest = tilt * mode + ln_choose(n.canary, mode) + ln_choose(n.baseline, k - mode)
        - ln_choose(n.baseline + n.canary, k);
    let curvature = [mode, n.canary - mode, k - mode, n.baseline - k + mode]
        .map(|x| 1.0 / (x + 0.5))
        .iter()
        .sum::<f64>();
    if curvature * NEARLY_NORMAL < 1.0 {
        return log_largest + 0.5 * (2.0 * std::f64::consts::PI / curvature).ln();
    }
    let up = |j: f64| odds * (n.canary - j + 1.0) * (k - j + 1.0) / (j * (n.baseline - k + j));
    let mut sum = 1.0;
    let (mut term, mut j) = (1.0, mode);
    while j < highest && term > 1e-17 * sum {
        j += 1.0;
        term *= up(j);
        sum += term;
    }
    (term, j) = (1.0, mode);
    while j > lowest && term > 1e-17 * sum {
        term /= up(j);
        j -= 1.0;
        sum += term;
    }
    log_largest + sum.ln()
}

fn ln_choose(n: f64, k: f64) -> f64 {
    libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vandermonde: at a tilt of 0 the terms sum to 1; 3 and 4 values, 2 above: by hand.
    #[test]
    fn the_sum_is_over_every_split() {
        for (b, c, k) in [
            (3.0, 4.0, 2.0),
            (100.0, 5.0, 50.0),
            (700.0, 900.0, 1500.0),
            (1e5, 2e5, 100.0),
        ] {
            let n = Arms::new(b, c);
            assert!(log_mgf(n, k, 0.0).abs() < 1e-8);
            for tilt in [-3.2_f64, 0.1, 3.2] {
                let terms = (0..=k as u32)
                    .map(f64::from)
                    .filter(|&j| j <= c && k - j <= b);
                let logs: Vec<f64> = terms
                    .map(|j| tilt * j + ln_choose(c, j) + ln_choose(b, k - j) - ln_choose(b + c, k))
                    .collect();
                let direct = log_mean_exp(logs.iter().copied()) + (logs.len() as f64).ln();
                assert!(
                    (log_mgf(n, k, tilt) / direct - 1.0).abs() < 1e-7,
                    "{b} {c} {k} {tilt}"
                );
            }
        }
        let odds = 2.0_f64;
        let by_hand = (3.0 + 12.0 * odds + 6.0 * odds * odds) / 21.0;
        assert!((log_mgf(Arms::new(3.0, 4.0), 2.0, odds.ln()) - by_hand.ln()).abs() < 1e-12);
    }

    #[test]
    fn large_blocks_are_nearly_normal() {
        // Just below and above the size from which on the sum is not made.
        for (tilt, size) in [(0.1, 1e6), (1.6, 1e6), (-3.2, 1e7)] {
            let log_mgf = |size: f64| log_mgf(Arms::new(3.0 * size, 2.0 * size), 2.5 * size, tilt);
            // ln E is the size's multiple but for a part that goes to a constant.
            let small = size / 20.0;
            let per_value = (log_mgf(size) - log_mgf(small)) / (size - small);
            let rest = log_mgf(small) - per_value * small;
            let expected = log_mgf(0.5 * size);
            assert!(
                (per_value * 0.5 * size + rest - expected).abs() < 1e-4,
                "{tilt}"
            );
        }
    }

    #[test]
    fn nonsense_is_no_evidence() {
        let n = Arms::new(1e300, 1e300);
        let split = Split {
            n,
            above: Arms::new(1e299, 2e299),
        };
        assert!(split.log_ratio(1.6).is_finite());
    }
}
