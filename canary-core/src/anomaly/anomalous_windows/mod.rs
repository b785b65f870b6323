//! Anomalous windows: `held_out` scores, `memory` and `metrics` say
//! how long blocks must be and which metrics can be told by them, `exact` has the
//! tests of them, `result` what is found.

mod exact;
mod held_out;
mod memory;
mod metrics;
mod result;

pub use result::{
    AnomalousFeature, AnomalyResult, AnomalyWindow, WindowBasis, WindowDependence, WindowTimes,
};

use super::{IsolationForest, Matrix};
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::normal;
use crate::number::sort;
use crate::options::{Alternative, Confidence, Measure, builder};
use crate::stats::{ArmLevel, Estimate, Interval, Share, newcombe_reach};
use held_out::{Folds, Scores};
use metrics::Metrics;
use serde::{Deserialize, Serialize};

/// Fewer windows leave nobody a tenth of them, and a forest hardly a tree.
const FEWEST: usize = 16;
/// Blocks that are long for the sake of the anomalies' own memory are at least so many: then a
/// canary that is anomalous for half of the time shows.
const CLUMPS: usize = 10;

builder! {
    #[doc = include_str!("anomalous_windows.md")]
    ///
    /// # Defaults
    /// A forest of 100 trees, contamination 0.1, 5 folds, blocks by the rule, greater, confidence
    /// 0.95.
    ///
    /// # Example: memory and p99 high together, in some of the windows
    /// ```
    /// use canary_core::Arms;
    /// use canary_core::anomaly::{AnomalousWindows, Matrix};
    ///
    /// let minute = |i: u32| [500.0 + f64::from(i * 7 % 13), 40.0 + f64::from(i * 5 % 11), 0.0];
    /// let baseline: Vec<f64> = (0..60).flat_map(minute).collect();
    /// let canary: Vec<f64> = (60..120)
    ///     .map(minute)
    ///     .enumerate()
    ///     .flat_map(|(i, [memory, p99, errors])| match i % 3 {
    ///         0 => [memory + 40.0, p99 + 30.0, errors],
    ///         _ => [memory, p99, errors],
    ///     })
    ///     .collect();
    /// let arms = Arms::new(Matrix::by_rows(&baseline, 3)?, Matrix::by_rows(&canary, 3)?);
    /// let result = AnomalousWindows::new().run(&arms)?.with_names(&["memory", "p99", "errors"])?;
    /// assert!(result.p_value < 0.01 && result.arms.canary.level >= 1.0 / 3.0);
    /// let names: Vec<_> = result.strongest().iter().map(|feature| &feature.name).collect();
    /// assert_eq!(names.len(), 2);
    /// assert!(names.iter().all(|name| *name != "errors"));
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    AnomalousWindows {
        /// How forests are grown. Their own `contamination` says nothing here.
        forest: IsolationForest = IsolationForest::new(),
        /// Which part of the baseline's held-out windows is to be anomalous, in (0, 0.5].
        contamination: f64 = 0.1,
        /// How many folds of stretches of time are held out in turn, from 2 to 50.
        folds: u64 = 5,
        /// How many windows are one block; without it, as many as they remember.
        block: Option<u64> = None,
        /// What is held against "as many anomalous windows".
        alternative: Alternative = Alternative::Greater,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
    }
}

/// Which windows are compared, and how.
struct Design {
    times: WindowTimes,
    /// Windows at the same times, in their order; empty for different times.
    pairs: Vec<(usize, usize)>,
}

impl Design {
    /// The windows of either arm that count.
    fn windows(&self, rows: Arms<usize>) -> Arms<Vec<usize>> {
        match self.times {
            WindowTimes::Same => Arms::new(
                self.pairs.iter().map(|pair| pair.0).collect(),
                self.pairs.iter().map(|pair| pair.1).collect(),
            ),
            WindowTimes::Different => rows.map(|rows| (0..rows).collect()),
        }
    }
}

impl AnomalousWindows {
    /// Compares windows in the order of time. As many on either arm are taken to be at the same
    /// times, one by one; otherwise the arms are taken to be measured at different times.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] for fewer than 16 windows on an arm; [`Error::InvalidInput`] for
    /// arms with different numbers of columns, infinite values, and missing ones (NaN) unless the
    /// forest takes them; [`Error::InvalidOption`] for an option out of its range, a contamination of
    /// less than one window of the baseline, and blocks so long that too few are left.
    pub fn run(&self, windows: &Arms<Matrix<'_>>) -> Result<AnomalyResult> {
        let rows = windows.map(|arm| arm.rows());
        let design = if rows.baseline == rows.canary {
            Design {
                times: WindowTimes::Same,
                pairs: (0..rows.canary).map(|i| (i, i)).collect(),
            }
        } else {
            Design {
                times: WindowTimes::Different,
                pairs: Vec::new(),
            }
        };
        self.compare(windows, &design, Folds::of)
    }

    /// Compares windows with their times, which increase (their unit is the caller's). Times no
    /// further apart than half of the baseline's usual step are the same. Where half of the
    /// canary's windows, and 16 of them, have one of the baseline's at the same time, those are
    /// compared; otherwise the arms are taken to be measured at different times.
    ///
    /// # Errors
    /// As [`AnomalousWindows::run`], and [`Error::InvalidInput`] for times that are not as many as the
    /// windows, not finite, or do not increase.
    ///
    /// ```
    /// use canary_core::Arms;
    /// use canary_core::anomaly::{AnomalousWindows, Matrix, WindowTimes};
    ///
    /// // The baseline's last 30 windows of 90 have the canary's times.
    /// let minutes: Vec<f64> = (0..90).map(f64::from).collect();
    /// let p99: Vec<f64> = (0..90).map(|i| f64::from(i * 7 % 23)).collect();
    /// let canary: Vec<f64> = p99[..30].iter().map(|p99| p99 + 40.0).collect();
    /// let result = AnomalousWindows::new().run_at(
    ///     &Arms::new(&minutes[..], &minutes[60..]),
    ///     &Arms::new(Matrix::by_rows(&p99, 1)?, Matrix::by_rows(&canary, 1)?),
    /// )?;
    /// assert_eq!(result.times, WindowTimes::Same);
    /// assert!(result.p_value < 1e-6);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn run_at(
        &self,
        times: &Arms<&[f64]>,
        windows: &Arms<Matrix<'_>>,
    ) -> Result<AnomalyResult> {
        times.zip(*windows).try_map(check_times)?;
        let mut result = self.compare_at(times, windows)?;
        for (window, &time) in result.windows.iter_mut().zip(times.canary) {
            window.time = Some(time);
        }
        Ok(result)
    }

    fn compare_at(
        &self,
        times: &Arms<&[f64]>,
        windows: &Arms<Matrix<'_>>,
    ) -> Result<AnomalyResult> {
        let pairs = pairs(times);
        if pairs.len() >= FEWEST && 2 * pairs.len() >= times.canary.len() {
            let design = Design {
                times: WindowTimes::Same,
                pairs,
            };
            // A window without a partner belongs where its time is.
            let partner = |window: usize| {
                let time = times.canary.get(window).copied().unwrap_or(f64::NAN);
                times.baseline.partition_point(|&other| other < time)
            };
            let mut partners: Vec<usize> = (0..times.canary.len()).map(partner).collect();
            for &(own, other) in &design.pairs {
                if let Some(slot) = partners.get_mut(other) {
                    *slot = own;
                }
            }
            let last = times.baseline.len().saturating_sub(1);
            let partner = |window: usize| partners.get(window).map_or(last, |&own| own.min(last));
            return self.compare(windows, &design, |folds, window| folds.of(partner(window)));
        }
        let design = Design {
            times: WindowTimes::Different,
            pairs: Vec::new(),
        };
        self.compare(windows, &design, Folds::of)
    }

    fn compare(
        &self,
        arms: &Arms<Matrix<'_>>,
        design: &Design,
        fold_of: impl Fn(&Folds, usize) -> usize,
    ) -> Result<AnomalyResult> {
        let confidence = Confidence::try_from(self.confidence)?;
        let allowed = self.check(arms)?;
        let rows = arms.map(|arm| arm.rows());
        let tested = design.windows(rows);
        let least_p = confidence.tail(self.alternative);
        let counts = tested.as_ref().map(Vec::len);

        let most = longest_block(counts, design.times, least_p);
        let metrics = Metrics::of(arms, design, most, self.block.is_some());
        let correlation = metrics.correlation;
        let by_metrics = memory::length(correlation);
        let given = self
            .block
            .map(|block| usize::try_from(block).unwrap_or(usize::MAX));
        if given.is_some_and(|block| block == 0 || (block > most.max(1))) {
            let rule = format!("must lie between 1 and {} for these windows", most.max(1));
            return Err(Error::option("block", rule, self.block.unwrap_or_default()));
        }
        let gap = given.unwrap_or(by_metrics).min(most.max(1));
        let gap = if gap > 1 { gap } else { 0 };
        let folds = Folds::new(rows.baseline, self.folds as usize, gap);
        let fold_of: Vec<usize> = (0..rows.canary)
            .map(|window| fold_of(&folds, window))
            .collect();
        let forest = self.forest.contamination(None);
        let kept = arms.map(|windows| metrics.kept(windows));
        let columns = metrics.columns();
        let matrices = kept
            .as_ref()
            .try_map(|_, kept| Matrix::by_rows(kept, columns))?;
        let mut scores = folds.scores(&forest, &matrices, &fold_of)?;
        scores.contributions = metrics.of_all(&scores.contributions);

        let sorted = sort::sorted(&scores.of.baseline);
        let threshold = threshold(&sorted, allowed);
        let anomalous = scores.of.as_ref().map(|arm| {
            let is_anomalous = arm.iter().map(|&score| score <= threshold);
            is_anomalous.collect::<Vec<bool>>()
        });
        let tested_anomalous =
            tested
                .as_ref()
                .zip(anomalous.as_ref())
                .map(|(tested, anomalous)| {
                    let is = tested
                        .iter()
                        .map(|&window| anomalous.get(window) == Some(&true));
                    is.collect::<Vec<bool>>()
                });
        let by_anomalies = memory::length(anomaly_correlation(&tested_anomalous, design));
        // One clump of anomalies alone does not make an answer impossible.
        let by_anomalies = by_anomalies.min(counts.baseline.min(counts.canary) / CLUMPS);
        let block = given.unwrap_or_else(|| by_metrics.max(by_anomalies));
        let blocks = Blocks::new(&tested_anomalous, design.times, block.min(most.max(1)));
        let basis = if most == 0 {
            WindowBasis::TooFew
        } else if block > most {
            WindowBasis::TooDependent
        } else {
            WindowBasis::Blocks
        };
        let is_told = basis == WindowBasis::Blocks;
        let p_value = if is_told {
            blocks.p_value(self.alternative)
        } else {
            1.0
        };
        let shares = blocks.shares();
        let dispersion = blocks.dispersion();
        let effective = blocks.sizes().map(|n| n / dispersion);
        let range = (-1.0, 1.0);
        let ends = if is_told {
            newcombe(shares, effective, normal::quantile(least_p))
        } else {
            range
        };
        let interval = Interval::new(
            agreeing(ends, p_value, least_p, self.alternative, shares),
            range,
            self.alternative,
            confidence,
        );
        let sizes = blocks.sizes();
        Ok(AnomalyResult {
            alternative: self.alternative,
            p_value,
            estimate: Estimate {
                measure: Measure::Difference,
                of: "difference of shares of anomalous windows".to_owned(),
                value: shares.canary - shares.baseline,
                interval,
            },
            arms: sizes
                .zip(shares)
                .map(|(n, share)| ArmLevel::new(n as u64, share)),
            times: design.times,
            contamination: self.contamination,
            threshold,
            dependence: WindowDependence {
                basis,
                correlation,
                block: block.min(counts.canary.max(counts.baseline)) as u64,
                blocks: blocks.numbers(),
                dispersion,
                effective,
            },
            features: features(&scores, &anomalous.canary, arms.canary.columns()),
            left_out: metrics.left_out(),
            windows: windows(&scores, &sorted, &anomalous.canary, arms.canary.columns()),
        })
    }

    /// Checks everything that does not need a forest, and gives how many of the baseline's windows
    /// may be anomalous.
    fn check(&self, arms: &Arms<Matrix<'_>>) -> Result<usize> {
        if !(self.contamination > 0.0 && self.contamination <= 0.5) {
            let rule = "must lie in (0, 0.5]";
            return Err(Error::option("contamination", rule, self.contamination));
        }
        if !(2..=50).contains(&self.folds) {
            return Err(Error::option(
                "folds",
                "must lie between 2 and 50",
                self.folds,
            ));
        }
        let columns = arms.baseline.columns();
        if arms.canary.columns() != columns {
            let rule = format!("must have the baseline's {columns} columns");
            return Err(Error::input("canary", rule, arms.canary.columns()));
        }
        let may_miss = self.forest.may_miss();
        arms.try_map(|arm, windows| {
            if windows.rows() < FEWEST {
                let needed = format!("{FEWEST} windows");
                return Err(Error::not_enough(arm, needed, windows.rows()));
            }
            let checked = windows.checked_block(arm, 0..windows.rows(), may_miss);
            checked.map(drop)
        })?;
        // 0.1 of 30 is 3, whatever its last digits.
        let allowed = (self.contamination * arms.baseline.rows() as f64 + 1e-9) as usize;
        if allowed == 0 {
            let rule = format!(
                "must be at least one of the baseline's {} windows",
                arms.baseline.rows()
            );
            return Err(Error::option("contamination", rule, self.contamination));
        }
        Ok(allowed)
    }
}

fn check_times(arm: &'static str, (times, windows): (&[f64], Matrix<'_>)) -> Result<()> {
    let argument = format!("times.{arm}");
    if times.len() != windows.rows() {
        let rule = format!("must be as many as the {} windows", windows.rows());
        return Err(Error::input(argument, rule, times.len()));
    }
    if let Some(time) = times.iter().find(|time| !time.is_finite()) {
        return Err(Error::input(argument, "must be finite", time));
    }
    let pairs = times.iter().zip(times.iter().skip(1));
    for (before, after) in pairs {
        if after <= before {
            let value = format!("{after} after {before}");
            return Err(Error::input(argument, "must increase", value));
        }
    }
    Ok(())
}

/// Windows whose times are the same, or nearly.
fn pairs(times: &Arms<&[f64]>) -> Vec<(usize, usize)> {
    let near = sort::usual_step(times.baseline).map_or(0.0, |step| 0.5 * step);
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (other, &time) in times.canary.iter().enumerate() {
        let after = times.baseline.partition_point(|&own| own < time);
        let distance = |own: &usize| {
            let own = times.baseline.get(*own).copied();
            own.map_or(f64::INFINITY, |own| (own - time).abs())
        };
        let own = [after.saturating_sub(1), after]
            .into_iter()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)));
        if let Some(own) = own
            && (distance(&own) < near || distance(&own) == 0.0)
            && pairs.last().is_none_or(|&(last, _)| last < own)
        {
            pairs.push((own, other));
        }
    }
    pairs
}

/// How neighbouring windows correlate in whether they are anomalous.
fn anomaly_correlation(anomalous: &Arms<Vec<bool>>, design: &Design) -> f64 {
    let numbers = anomalous.as_ref().map(|arm| {
        let numbers = arm.iter().map(|&is| f64::from(u8::from(is)));
        numbers.collect::<Vec<f64>>()
    });
    match design.times {
        WindowTimes::Same => {
            let pairs = numbers.baseline.iter().zip(&numbers.canary);
            let differences: Vec<f64> = pairs.map(|(baseline, canary)| canary - baseline).collect();
            memory::correlation(&differences)
        }
        WindowTimes::Different => {
            let own = numbers.as_ref().map(|arm| memory::correlation(arm));
            metrics::mean_of(own, numbers.map(|arm| arm.len()))
        }
    }
}

/// The longest blocks of which there are enough for a p-value of at most `least_p`, and none but for
/// one step of it; 0 where there are too few windows.
fn longest_block(windows: Arms<usize>, times: WindowTimes, least_p: f64) -> usize {
    let is_enough = |block: usize| {
        let blocks = windows.map(|windows| windows / block);
        let fewest = match times {
            WindowTimes::Same => 6,
            WindowTimes::Different => 3,
        };
        blocks.baseline.min(blocks.canary) >= fewest
            && exact::least(blocks.baseline, blocks.canary, times == WindowTimes::Same)
                <= 0.5 * least_p
    };
    let longest = windows.baseline.min(windows.canary);
    (1..=longest)
        .rev()
        .find(|&block| is_enough(block))
        .unwrap_or(0)
}

/// The score at which a window is anomalous, or below: the largest of the baseline's that no more
/// than `allowed` of them reach. One below all of them where more are equal.
fn threshold(sorted: &[f64], allowed: usize) -> f64 {
    let beyond = sorted.get(allowed).copied().unwrap_or(f64::NAN);
    let below = sorted.iter().rev().find(|&&score| score < beyond);
    let least = sorted.first().copied().unwrap_or(f64::NAN);
    below.copied().unwrap_or_else(|| least.next_down())
}

/// Anomalous windows counted in blocks.
struct Blocks {
    times: WindowTimes,
    counts: Arms<Vec<u64>>,
    sizes: Arms<usize>,
}

impl Blocks {
    fn new(anomalous: &Arms<Vec<bool>>, times: WindowTimes, block: usize) -> Self {
        let lengths = anomalous.as_ref().map(Vec::len);
        let count = |windows: &[bool]| windows.iter().filter(|is| **is).count() as u64;
        let all = count(&anomalous.baseline) + count(&anomalous.canary);
        let is_feasible = |block: &usize| {
            let blocks = lengths.map(|windows| windows / block);
            exact::is_feasible(blocks, all, times == WindowTimes::Same)
        };
        // Many windows are counted in larger blocks than they need.
        let doubled = std::iter::successors(Some(block.max(1)), |block| block.checked_mul(2));
        let block = doubled.take(40).find(is_feasible).unwrap_or(block);
        let counts = anomalous.as_ref().map(|arm| match times {
            WindowTimes::Same => {
                // As even as may be; a pair of blocks has the same windows on either arm.
                let blocks = (arm.len() / block).max(1);
                let start = |block: usize| block * arm.len() / blocks;
                let windows = |b: usize| arm.get(start(b)..start(b + 1)).unwrap_or_default();
                (0..blocks).map(|b| count(windows(b))).collect()
            }
            // All alike, so that one may stand for another: the first few windows are left over.
            WindowTimes::Different => arm.rchunks_exact(block).map(count).collect::<Vec<u64>>(),
        });
        let sizes = match times {
            WindowTimes::Same => lengths,
            WindowTimes::Different => counts.as_ref().map(|blocks| blocks.len() * block),
        };
        Self {
            times,
            counts,
            sizes,
        }
    }

    fn sizes(&self) -> Arms<f64> {
        self.sizes.map(|n| n as f64)
    }

    fn numbers(&self) -> Arms<u64> {
        self.counts.as_ref().map(|blocks| blocks.len() as u64)
    }

    fn shares(&self) -> Arms<f64> {
        let sums = self
            .counts
            .as_ref()
            .map(|blocks| blocks.iter().sum::<u64>());
        let shares = sums.zip(self.sizes);
        shares.map(|(sum, n)| if n > 0 { sum as f64 / n as f64 } else { 0.0 })
    }

    fn differences(&self) -> Vec<i64> {
        let pairs = self.counts.baseline.iter().zip(&self.counts.canary);
        pairs
            .map(|(&own, &other)| other as i64 - own as i64)
            .collect()
    }

    fn p_value(&self, alternative: Alternative) -> f64 {
        match self.times {
            WindowTimes::Same => exact::flip(&self.differences(), alternative),
            WindowTimes::Different => {
                exact::permute(&self.counts.baseline, &self.counts.canary, alternative)
            }
        }
    }

    /// The variance of the difference of shares, over that of as many independent windows; at least
    /// 1.
    fn dispersion(&self) -> f64 {
        let per_window = |counts: &[f64], n: f64| {
            let blocks = counts.len() as f64;
            let mean = counts.iter().sum::<f64>() / blocks;
            let squares: f64 = counts.iter().map(|c| (c - mean).powi(2)).sum();
            // Of the sum, by n²: of the share.
            if blocks > 1.0 {
                squares * blocks / (blocks - 1.0) / (n * n)
            } else {
                0.0
            }
        };
        let sizes = self.sizes();
        let seen = match self.times {
            WindowTimes::Same => {
                let differences: Vec<f64> = self.differences().iter().map(|&d| d as f64).collect();
                per_window(&differences, sizes.canary)
            }
            WindowTimes::Different => {
                let of = self.counts.as_ref().zip(sizes).map(|(counts, n)| {
                    let counts: Vec<f64> = counts.iter().map(|&c| c as f64).collect();
                    per_window(&counts, n)
                });
                of.baseline + of.canary
            }
        };
        let independent = self.shares().zip(sizes).map(|(p, n)| p * (1.0 - p) / n);
        let independent = independent.baseline + independent.canary;
        if independent > 0.0 {
            (seen / independent).max(1.0)
        } else {
            1.0
        }
    }
}

/// Newcombe's hybrid score interval of a difference of shares of so many windows each.
fn newcombe(shares: Arms<f64>, sizes: Arms<f64>, critical: f64) -> (f64, f64) {
    let value = shares.canary - shares.baseline;
    let shares = shares.zip(sizes).map(|(of, trials)| Share {
        of,
        rest: 1.0 - of,
        trials,
    });
    let (below, above) = newcombe_reach(shares, critical.abs());
    // An end beyond the estimate, where less than half of the confidence is asked for.
    let (below, above) = if critical < 0.0 {
        (above, below)
    } else {
        (below, above)
    };
    ((value - below).max(-1.0), (value + above).min(1.0))
}

/// The ends moved so that the interval excludes no difference only where the test does.
fn agreeing(
    (low, high): (f64, f64),
    p_value: f64,
    tail: f64,
    alternative: Alternative,
    shares: Arms<f64>,
) -> (f64, f64) {
    let level = match alternative {
        Alternative::TwoSided => 2.0 * tail,
        Alternative::Greater | Alternative::Less => tail,
    };
    if p_value > level {
        return (low.min(0.0), high.max(0.0));
    }
    // The test is surer than the interval.
    if shares.canary > shares.baseline {
        (low.max(f64::MIN_POSITIVE), high)
    } else {
        (low, high.min(-f64::MIN_POSITIVE))
    }
}

/// Mean contributions to the canary's anomalous windows.
fn features(scores: &Scores, anomalous: &[bool], columns: usize) -> Vec<AnomalousFeature> {
    let mut sums = vec![0.0; columns];
    let mut count = 0.0_f64;
    let windows = scores.contributions.chunks_exact(columns).zip(anomalous);
    for (contributions, _) in windows.filter(|(_, is)| **is) {
        count += 1.0;
        for (sum, contribution) in sums.iter_mut().zip(contributions) {
            *sum += contribution;
        }
    }
    let feature = |(column, sum)| AnomalousFeature {
        name: format!("feature {column}"),
        contribution: sum / count.max(1.0),
    };
    sums.into_iter().enumerate().map(feature).collect()
}

fn windows(
    scores: &Scores,
    baseline: &[f64],
    anomalous: &[bool],
    columns: usize,
) -> Vec<AnomalyWindow> {
    let all = baseline.len() as f64;
    let contributions = scores.contributions.chunks_exact(columns);
    let windows = scores.of.canary.iter().zip(anomalous).zip(contributions);
    let window = |((&score, &is_anomalous), contributions): ((&f64, &bool), &[f64])| {
        let at_most = baseline.partition_point(|&own| own <= score) as f64;
        AnomalyWindow {
            time: None,
            score,
            p_value: (1.0 + at_most) / (1.0 + all),
            is_anomalous,
            contributions: contributions.to_vec(),
        }
    };
    windows.map(window).collect()
}

#[cfg(test)]
mod tests;
