use serde::{Deserialize, Serialize};

use super::bands::Band;
use super::dependence::Levels;
use super::grid::{Binned, Grid, Step, joined};
use super::splits::Splits;
use super::{
    change, changes, check_quantiles, check_tolerance, design, edges, observations, quantile,
    takes_two_arms, total, until_evident, until_within,
};
use crate::data::{Arm, Arms, Histogram};
use crate::error::{Error, Result};
use crate::number::log_space::log_mean_exp;
use crate::options::{Alternative, Margin, Measure};
use crate::sequential::state::{
    Assume, Decision, Design, Monitor, MonitorName, Peak, State, Update, Version, check_rate,
    checked, confidence, same_design,
};
use crate::stats::{ArmLevel, Estimate, Interval};

design! {
    #[doc = include_str!("distribution.md")]
    ///
    /// # Defaults
    /// Two-sided, alpha 0.05, thresholds at the pooled quantiles 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98,
    /// 0.99, 0.995 and 0.999; bands from the first value on; no tolerance; bins of 1%; nothing taken
    /// for granted.
    ///
    /// # Example: every twentieth of the canary's requests takes ten times as long
    /// ```
    /// use canary_core::Arms;
    /// use canary_core::sequential::{Decision, DistributionComparison, Monitor, Update};
    ///
    /// let mut latency = DistributionComparison::new().monitor()?;
    /// let baseline: Vec<f64> = (0..6000).map(|i| 100.0 + f64::from(i % 50)).collect();
    /// let canary: Vec<f64> = baseline.iter().enumerate()
    ///     .map(|(i, ms)| if i % 20 == 0 { 10.0 * ms } else { *ms }).collect();
    /// for (baseline, canary) in baseline.chunks(50).zip(canary.chunks(50)) {
    ///     latency.update(Arms::new(baseline, canary))?;
    /// }
    /// assert_eq!(latency.state().decision, Decision::AcceptAlternative);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    DistributionComparison {
        /// The false-alarm rate over all looks, in (0, 1).
        alpha: f64 = 0.05,
        /// What is held against equal distributions; `Greater`: the canary is slower somewhere.
        alternative: Alternative = Alternative::TwoSided,
        /// By how much any quantile of the canary's may be worse, for the decision "not worse".
        tolerance: Option<Margin> = None,
        /// The highest quantile that the tolerance is about, and one less it the lowest; in (0.5, 1).
        within: f64 = 0.9,
        /// From how many values an arm on the bands hold; a later start makes them narrower.
        t_min: f64 = 1.0,
        /// The width of a bin over its values, rounded down to a power of 1/2; in [0.001, 0.5].
        accuracy: f64 = 0.01,
        /// Whether values may be taken to come one by one.
        assume: Assume = Assume::Nothing;
        /// The quantiles of all values, of both arms, that are thresholds; in (0, 1), ascending.
        quantiles = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999],
    }
}

impl Design for DistributionComparison {
    fn check(&self) -> Result<()> {
        check_rate("alpha", self.alpha)?;
        check_quantiles(&self.quantiles)?;
        check_tolerance(self.tolerance)?;
        if !(self.within > 0.5 && self.within < 1.0) {
            return Err(Error::option("within", "must lie in (0.5, 1)", self.within));
        }
        if !(self.t_min >= 1.0 && self.t_min.is_finite()) {
            let rule = "must be at least 1 and finite";
            return Err(Error::option("t_min", rule, self.t_min));
        }
        Grid::check(self.accuracy, self.bounds.as_deref())
    }
}

impl DistributionComparison {
    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an alpha or quantiles outside (0, 1), quantiles or bounds that do
    /// not ascend, a negative tolerance, and an accuracy outside [0.001, 0.5].
    pub fn monitor(self) -> Result<DistributionComparisonMonitor> {
        self.check()?;
        Ok(DistributionComparisonMonitor {
            version: Version,
            splits: Splits::new(self.quantiles.len(), self.alternative),
            counts: Arms::default(),
            pending: Arms::default(),
            waiting: 0.0,
            seen: 0.0,
            peak: Peak::default(),
            decision: Decision::Continue,
            dependence: Levels::new(self.quantiles.len()),
            design: self,
        })
    }

    /// The bands with half of alpha on either arm.
    fn band(&self) -> Band {
        Band::new(0.5 * self.alpha, self.t_min)
    }

    fn is_worse_up(&self) -> bool {
        self.alternative != Alternative::Less
    }

    fn is_worse_down(&self) -> bool {
        self.alternative != Alternative::Greater
    }
}

/// Compares whole distributions: see [`DistributionComparison`]. Merges: the evidence of both adds up, as
/// it comes from different values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DistributionComparisonMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: DistributionComparison,
    splits: Splits,
    /// Of the blocks so far.
    counts: Arms<Binned>,
    /// Of the next block.
    pending: Arms<Binned>,
    /// How many values the next block has, and how many all blocks before it.
    waiting: f64,
    seen: f64,
    peak: Peak,
    decision: Decision,
    dependence: Levels,
}

/// The fewest values of a block: from fewer than these, little is known of which arm is which.
const LEAST_BLOCK: f64 = 32.0;

impl DistributionComparisonMonitor {
    /// The anytime p-value of the bands alone: with probability u at most, it is ever u or less if the
    /// canary is nowhere slower (faster, different: as the alternative says).
    #[must_use]
    pub fn band_p_value(&self) -> f64 {
        let curves = self.curves();
        let n = [curves.n.baseline, curves.n.canary].map(|n| curves.times * n);
        // Each band is two-sided by itself: both sides of a difference are in the same error.
        (2.0 * Band::error_at(self.design.t_min, n, curves.gap(self.design.alternative).0)).min(1.0)
    }

    /// The change of each of these quantiles, with intervals that hold for every quantile there is, at all
    /// looks at once.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for quantiles outside (0, 1) and an odds ratio.
    pub fn changes(&self, quantiles: &[f64], measure: Measure) -> Result<Vec<Estimate>> {
        check_quantiles(quantiles)?;
        measure.without_odds()?;
        let curves = self.curves();
        let band = self.design.band();
        let estimate = |&p: &f64| {
            let (low, high) = changes(
                measure,
                curves.range(&curves.steps.canary, band, p),
                curves.range(&curves.steps.baseline, band, p),
            );
            Estimate {
                measure,
                of: format!("{} of quantile {p}", measure.title()),
                value: curves.change(p, measure),
                interval: Interval {
                    low,
                    high,
                    confidence: confidence(self.design.alpha),
                },
            }
        };
        Ok(quantiles.iter().map(estimate).collect())
    }

    /// A quantile of each arm, to the precision of the bins.
    pub(crate) fn levels(&self, quantile: f64) -> Arms<f64> {
        self.curves().levels(quantile)
    }

    /// The anytime p-value now of each threshold alone, in the order of the quantiles.
    #[must_use]
    pub fn p_values(&self) -> Vec<f64> {
        let logs = self.log_e_values();
        logs.into_iter()
            .map(|log_e| (-log_e).exp().min(1.0))
            .collect()
    }

    /// The evidence of each threshold.
    fn log_e_values(&self) -> Vec<f64> {
        let side = self.design.alternative;
        let middle = self.dependence.middle(&self.design.quantiles);
        let log_e = |index: usize| {
            let own = |times| self.splits.log_e(index, times);
            self.dependence
                .log_e(self.design.assume, index, (0.0, side), middle, own)
        };
        (0..self.design.quantiles.len()).map(log_e).collect()
    }

    fn log_e(&self) -> f64 {
        log_mean_exp(self.log_e_values().iter().copied())
    }

    fn curves(&self) -> Curves<'_> {
        let all = joint(&self.counts, &self.pending)();
        let times = self.dependence.least_times(self.design.assume);
        Curves::new(&all, self.design.grid(), times)
    }

    fn take(&mut self, block: &Arms<Binned>) -> Decision {
        self.pending.merge(block);
        self.waiting += block.baseline.count() + block.canary.count();
        if self.design.assume == Assume::Nothing {
            let all = joint(&self.counts, &self.pending);
            self.dependence.add(&self.design.quantiles, block, all);
        }
        self.look_if_due()
    }

    fn take_one(&mut self, arm: Arm, value: f64) -> Decision {
        let grid = self.design.grid();
        self.pending.get_mut(arm).add(grid, value);
        if self.design.assume == Assume::Nothing {
            let (quantiles, all) = (&self.design.quantiles, joint(&self.counts, &self.pending));
            self.dependence.add_one(quantiles, (grid, arm, value), all);
        }
        self.waiting += 1.0;
        self.look_if_due()
    }

    fn look_if_due(&mut self) -> Decision {
        let is_due = self.waiting >= LEAST_BLOCK.max(self.seen / 32.0);
        if is_due && !self.pending.baseline.is_empty() && !self.pending.canary.is_empty() {
            self.close_block();
        }
        self.decision
    }

    fn close_block(&mut self) {
        self.counts.merge(&self.pending);
        let all = self.counts.as_ref().map(Binned::cumulative);
        let block = self.pending.as_ref().map(Binned::cumulative);
        let Self { design, splits, .. } = self;
        splits.add(&design.quantiles, design.alternative, &all, &block);
        self.seen += self.waiting;
        self.waiting = 0.0;
        self.pending = Arms::default();
        self.decide();
    }

    fn decide(&mut self) {
        self.peak.note(self.log_e());
        if self.decision == Decision::Continue {
            if self.peak.rejects(self.design.alpha) {
                self.decision = Decision::AcceptAlternative;
            } else if self.is_tolerable() {
                self.decision = Decision::AcceptNull;
            }
        }
    }

    fn is_tolerable(&self) -> bool {
        let Some(tolerance) = self.design.tolerance else {
            return false;
        };
        let (worst, best) =
            self.curves()
                .extremes(self.design.within, self.design.band(), tolerance);
        (worst < tolerance.upper() || !self.design.is_worse_up())
            && (best > tolerance.lower() || !self.design.is_worse_down())
    }

    fn remaining(&self, curves: &Curves<'_>, log_e: f64) -> Option<f64> {
        if self.decision != Decision::Continue {
            return None;
        }
        if self.dependence.is_refused(self.design.assume) {
            // The least that it takes.
            let levels = 0..self.design.quantiles.len();
            let log_e = log_mean_exp(levels.map(|level| self.splits.log_e(level, 1.0)));
            let mut curves = self.curves();
            curves.times = 1.0;
            return self.remaining_of(&curves, log_e);
        }
        self.remaining_of(curves, log_e)
    }

    fn remaining_of(&self, curves: &Curves<'_>, log_e: f64) -> Option<f64> {
        let n = curves.n.baseline + curves.n.canary;
        let evident = until_evident(n, log_e, -self.design.alpha.ln());
        let tolerable = self.design.tolerance.and_then(|tolerance| {
            let (worst, best) = curves.extremes(self.design.within, self.design.band(), tolerance);
            let median = curves.change(0.5, tolerance.measure());
            let up = until_within(n, median, worst, tolerance.upper());
            let down = until_within(n, median, best, tolerance.lower());
            match (self.design.is_worse_up(), self.design.is_worse_down()) {
                (true, true) => Some(up?.max(down?)),
                (true, false) => up,
                _ => down,
            }
        });
        match (evident, tolerable) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

takes_two_arms!(DistributionComparisonMonitor);

impl Monitor for DistributionComparisonMonitor {
    fn state(&self) -> State {
        let curves = self.curves();
        let log_e_values = self.log_e_values();
        let log_e = log_mean_exp(log_e_values.iter().copied());
        let is_known = |index: &usize| self.dependence.is_known(*index);
        let most = (0..log_e_values.len()).filter(is_known).max_by(|&a, &b| {
            let at = |index: usize| log_e_values.get(index).copied().unwrap_or(0.0);
            at(a).total_cmp(&at(b))
        });
        let (low, high) = curves.gap(self.design.alternative);
        let reach = curves.n.map(|n| curves.radius(self.design.band(), n));
        let reach = reach.baseline + reach.canary;
        let level = |steps: &[Step]| {
            let median = quantile(steps, self.design.grid(), 0.5);
            ArmLevel::new(total(steps).round() as u64, median)
        };
        let seen = observations(&self.counts).saturating_add(observations(&self.pending));
        State {
            monitor: MonitorName::DistributionComparison,
            decision: self.decision,
            alpha: self.design.alpha,
            p_value: self.peak.p_value(),
            log_e_value: log_e,
            estimate: Some(Estimate {
                measure: Measure::Difference,
                of: "greatest difference of distribution functions".to_owned(),
                value: low,
                interval: Interval {
                    low: (low - reach).max(0.0),
                    high: (high + reach).min(1.0),
                    confidence: confidence(self.design.alpha),
                },
            }),
            arms: vec![level(&curves.steps.baseline), level(&curves.steps.canary)],
            observations: seen,
            remaining: self.remaining(&curves, log_e),
            dependence: Some(self.dependence.dependence(
                self.design.assume,
                most.unwrap_or(0),
                seen,
            )),
        }
    }

    fn decision(&self) -> Decision {
        self.decision
    }

    fn p_value(&self) -> f64 {
        self.peak.p_value()
    }

    fn merge(&mut self, later: &Self) -> Result<()> {
        same_design(&self.design, &later.design)?;
        self.splits.merge(&later.splits);
        self.counts.merge(&later.counts);
        self.seen += later.seen;
        self.dependence.merge(&later.dependence);
        self.decide();
        self.pending.merge(&later.pending);
        self.waiting += later.waiting;
        self.look_if_due();
        Ok(())
    }
}

/// Both together, when they are needed.
fn joint(counts: &Arms<Binned>, pending: &Arms<Binned>) -> impl Fn() -> Arms<Binned> {
    move || {
        let mut all = counts.clone();
        all.merge(pending);
        all
    }
}

/// Both arms' distribution functions.
struct Curves<'a> {
    grid: Grid<'a>,
    steps: Arms<Vec<Step>>,
    n: Arms<f64>,
    /// As how many independent values each one counts.
    times: f64,
}

impl<'a> Curves<'a> {
    fn new(counts: &Arms<Binned>, grid: Grid<'a>, times: f64) -> Self {
        let steps = counts.as_ref().map(Binned::cumulative);
        let n = steps.as_ref().map(|steps| total(steps));
        Self {
            grid,
            steps,
            n,
            times,
        }
    }

    /// What the band of an arm with `n` values spans on either side.
    fn radius(&self, band: Band, n: f64) -> f64 {
        band.radius(self.times * n)
    }

    fn levels(&self, p: f64) -> Arms<f64> {
        let steps = self.steps.as_ref();
        steps.map(|steps| quantile(steps, self.grid, p))
    }

    fn change(&self, p: f64, measure: Measure) -> f64 {
        let level = self.levels(p);
        change(measure, level.canary, level.baseline)
    }

    /// The greatest difference between the curves, at the edges of the bins, and at most inside them.
    fn gap(&self, alternative: Alternative) -> (f64, f64) {
        let n = self.n;
        if n.baseline == 0.0 || n.canary == 0.0 {
            return (0.0, 1.0);
        }
        let (mut least, mut most) = (0.0_f64, 0.0_f64);
        for (_, b, c) in joined(&self.steps.baseline, &self.steps.canary) {
            if alternative != Alternative::Less {
                least = least.max(b.to / n.baseline - c.to / n.canary);
                most = most.max(b.to / n.baseline - c.before / n.canary);
            }
            if alternative != Alternative::Greater {
                least = least.max(c.to / n.canary - b.to / n.baseline);
                most = most.max(c.to / n.canary - b.before / n.baseline);
            }
        }
        (least, most)
    }

    /// Where an arm's `p`-quantile may lie.
    fn range(&self, steps: &[Step], band: Band, p: f64) -> (f64, f64) {
        let n = total(steps);
        let reach = if n > 0.0 {
            n * self.radius(band, n)
        } else {
            f64::INFINITY
        };
        let (low, high) = (n * p - reach, n * p + reach);
        let first = steps.get(steps.partition_point(|step| step.to < low));
        let last = steps.get(steps.partition_point(|step| step.to < high));
        (
            first
                .filter(|_| low > 0.0)
                .map_or(f64::NEG_INFINITY, |step| edges(self.grid, step.bin).0),
            last.filter(|_| high <= n)
                .map_or(f64::INFINITY, |step| edges(self.grid, step.bin).1),
        )
    }

    /// How much worse, and how much better, any quantile between 1 - `within` and `within` may be.
    fn extremes(&self, within: f64, band: Band, tolerance: Margin) -> (f64, f64) {
        let n = self.n;
        let measure = tolerance.measure();
        // Between two steps of either end, nothing changes.
        let mut levels = vec![1.0 - within, within];
        for (steps, n) in [
            (&self.steps.baseline, n.baseline),
            (&self.steps.canary, n.canary),
        ] {
            let reach = self.radius(band, n);
            for step in steps {
                for level in [step.to / n - reach, step.to / n + reach] {
                    // Just above a step the next one counts.
                    levels.extend([level, level + 1e-12]);
                }
            }
        }
        let (mut worst, mut best) = (f64::NEG_INFINITY, f64::INFINITY);
        for p in levels
            .into_iter()
            .filter(|p| (1.0 - within..=within).contains(p))
        {
            let canary = self.range(&self.steps.canary, band, p);
            let baseline = self.range(&self.steps.baseline, band, p);
            let (low, high) = changes(measure, canary, baseline);
            (worst, best) = (worst.max(high), best.min(low));
        }
        (worst, best)
    }
}
