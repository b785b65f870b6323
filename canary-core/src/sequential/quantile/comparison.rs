use serde::{Deserialize, Serialize};

use super::bands::Mixture;
use super::dependence::Levels;
use super::grid::{Binned, Grid, Step, joined};
use super::{
    change, changes, check_quantiles, check_tolerance, design, edges, observations, quantile,
    takes_two_arms, total, until_evident, until_next_look, until_within,
};
use crate::data::{Arm, Arms, Histogram};
use crate::error::Result;
use crate::number::log_space::log_mean_exp;
use crate::options::{Alternative, Margin, Measure};
use crate::sequential::state::{
    Assume, Decision, Design, Monitor, MonitorName, Peak, State, Update, Version, check_positive,
    check_rate, checked, confidence, same_design,
};
use crate::stats::{ArmLevel, Estimate, Interval};

design! {
    #[doc = include_str!("comparison.md")]
    ///
    /// # Defaults
    /// Quantiles 0.5, 0.9, 0.95, 0.99 and 0.999; two-sided, alpha 0.05, differences, no tolerance;
    /// sharpest at 1000 values an arm; bins of 1%; nothing taken for granted.
    ///
    /// # Example: a twentieth of the canary's requests takes ten times as long
    /// ```
    /// use canary_core::Arms;
    /// use canary_core::sequential::{Decision, Monitor, QuantileComparison, Update};
    ///
    /// let mut latency = QuantileComparison::new().quantiles(&[0.5, 0.9, 0.99]).monitor()?;
    /// let baseline: Vec<f64> = (0..20_000).map(|i| 100.0 + f64::from(i % 50)).collect();
    /// let canary: Vec<f64> = baseline.iter().enumerate()
    ///     .map(|(i, ms)| if i % 20 == 0 { 10.0 * ms } else { *ms }).collect();
    /// for (baseline, canary) in baseline.chunks(50).zip(canary.chunks(50)) {
    ///     latency.update(Arms::new(baseline, canary))?;
    /// }
    /// assert_eq!(latency.state().decision, Decision::AcceptAlternative);
    /// let p99 = &latency.changes()[2];
    /// assert_eq!(p99.of, "difference of quantile 0.99");
    /// assert!(p99.interval.low > 500.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    QuantileComparison {
        /// The false-alarm rate over all looks and quantiles, in (0, 1).
        alpha: f64 = 0.05,
        /// What is held against equal quantiles; `Greater`: some quantile of the canary's is greater.
        alternative: Alternative = Alternative::TwoSided,
        /// Whether quantiles are subtracted or divided; division needs values of at least 0.
        measure: Measure = Measure::Difference,
        /// By how much the canary may be worse, for the decision "not worse". Worse is what the
        /// alternative says; for a two-sided one, either way.
        tolerance: Option<Margin> = None,
        /// How many values an arm the bounds are sharpest at; positive.
        t_opt: f64 = 1000.0,
        /// The width of a bin over its values, rounded down to a power of 1/2; in [0.001, 0.5].
        accuracy: f64 = 0.01,
        /// Whether values may be taken to come one by one.
        assume: Assume = Assume::Nothing;
        /// Which quantiles, in (0, 1), ascending.
        quantiles = [0.5, 0.9, 0.95, 0.99, 0.999],
    }
}

impl Design for QuantileComparison {
    fn check(&self) -> Result<()> {
        check_rate("alpha", self.alpha)?;
        check_quantiles(&self.quantiles)?;
        check_positive("t_opt", self.t_opt)?;
        check_tolerance(self.tolerance)?;
        self.measure.without_odds()?;
        Grid::check(self.accuracy, self.bounds.as_deref())
    }
}

impl QuantileComparison {
    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`InvalidOption`](crate::Error::InvalidOption) for an alpha or quantiles outside (0, 1), quantiles or bounds that do
    /// not ascend, a negative tolerance, and an accuracy outside [0.001, 0.5].
    pub fn monitor(self) -> Result<QuantileComparisonMonitor> {
        self.check()?;
        Ok(QuantileComparisonMonitor {
            version: Version,
            counts: Arms::default(),
            peak: Peak::default(),
            peaks: vec![Peak::default(); self.quantiles.len()],
            due: 0.0,
            decision: Decision::Continue,
            dependence: Levels::new(self.quantiles.len()),
            design: self,
        })
    }

    fn mixture(&self, p: f64) -> Mixture {
        let tuned = match self.alternative {
            Alternative::TwoSided => self.alpha,
            _ => (2.0 * self.alpha).min(0.999),
        };
        Mixture::new(p, self.t_opt, tuned)
    }

    /// Which way is worse.
    fn worse(&self) -> &'static [Alternative] {
        match self.alternative {
            Alternative::TwoSided => &[Alternative::Greater, Alternative::Less],
            Alternative::Greater => &[Alternative::Greater],
            Alternative::Less => &[Alternative::Less],
        }
    }
}

/// Compares quantiles: see [`QuantileComparison`]. The counts merge exactly; batches do not span the seam.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantileComparisonMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: QuantileComparison,
    counts: Arms<Binned>,
    peak: Peak,
    peaks: Vec<Peak>,
    /// How many values until the next look at a stream of single ones.
    due: f64,
    decision: Decision,
    dependence: Levels,
}

impl QuantileComparisonMonitor {
    /// Each quantile's change, in the order of the quantiles, with intervals that hold for all of
    /// them at all looks at once.
    #[must_use]
    pub fn changes(&self) -> Vec<Estimate> {
        let alpha = self.design.alpha / self.design.quantiles.len() as f64;
        let arms = self.seen();
        let estimate = |(index, &p): (usize, &f64)| {
            let measure = self.design.measure;
            let mixture = self.design.mixture(p);
            let side = self.design.alternative;
            let ends = arms.interval(&mixture, measure, alpha, side, self.times(index));
            let title = measure.title();
            Estimate {
                measure,
                of: format!("{title} of quantile {p}"),
                value: arms.change(p, measure),
                interval: Interval {
                    low: ends.0,
                    high: ends.1,
                    confidence: confidence(self.design.alpha),
                },
            }
        };
        self.design
            .quantiles
            .iter()
            .enumerate()
            .map(estimate)
            .collect()
    }

    /// The anytime p-value of each quantile alone, in the order of the quantiles: the smallest so far.
    #[must_use]
    pub fn p_values(&self) -> Vec<f64> {
        self.peaks.iter().map(|peak| peak.p_value()).collect()
    }

    fn seen(&self) -> Seen<'_> {
        Seen::new(&self.counts, self.design.grid())
    }

    /// As how many independent values each one counts, for a quantile; none while that is not known.
    fn times(&self, index: usize) -> Option<f64> {
        self.dependence.times(self.design.assume, index)
    }

    fn log_e_values(&self, arms: &Seen<'_>) -> Vec<f64> {
        let side = self.design.alternative;
        let quantiles = self.design.quantiles.iter().enumerate();
        let middle = self.dependence.middle(&self.design.quantiles);
        let log_e = |(index, &p): (usize, &f64)| {
            let mixture = self.design.mixture(p);
            let own = |times| arms.log_e(&mixture, side, times);
            // Where the quantile is greater, more values are beyond the threshold.
            let asked = (0.0, side);
            self.dependence
                .log_e(self.design.assume, index, asked, middle, own)
        };
        quantiles.map(log_e).collect()
    }

    fn look(&mut self) -> Decision {
        let arms = self.seen();
        let log_e_values = self.log_e_values(&arms);
        let is_tolerable = self.decision == Decision::Continue && self.is_tolerable(&arms);
        self.peak.note(log_mean_exp(log_e_values.iter().copied()));
        for (peak, log_e) in self.peaks.iter_mut().zip(log_e_values) {
            peak.note(log_e);
        }
        if self.decision == Decision::Continue {
            if self.peak.rejects(self.design.alpha) {
                self.decision = Decision::AcceptAlternative;
            } else if is_tolerable {
                self.decision = Decision::AcceptNull;
            }
        }
        self.decision
    }

    /// Whether every quantile is worse by less than the tolerance: each at alpha, for the canary passes
    /// only when all of them do.
    fn is_tolerable(&self, arms: &Seen<'_>) -> bool {
        let Some(tolerance) = self.design.tolerance else {
            return false;
        };
        self.design.quantiles.iter().enumerate().all(|(index, &p)| {
            self.design.worse().iter().all(|&worse| {
                let times = self.times(index);
                let (end, limit) = self.margin(arms, p, tolerance, worse, times);
                if worse == Alternative::Greater {
                    end < limit
                } else {
                    end > limit
                }
            })
        })
    }

    /// How much worse it may be, at most, and how much is tolerated.
    fn margin(
        &self,
        arms: &Seen<'_>,
        p: f64,
        tolerance: Margin,
        worse: Alternative,
        times: Option<f64>,
    ) -> (f64, f64) {
        let mixture = self.design.mixture(p);
        let (low, high) = arms.interval(
            &mixture,
            tolerance.measure(),
            self.design.alpha,
            worse.opposite(),
            times,
        );
        match worse {
            Alternative::Less => (low, tolerance.lower()),
            _ => (high, tolerance.upper()),
        }
    }

    fn remaining(&self, arms: &Seen<'_>, log_e: f64) -> Option<f64> {
        if self.decision != Decision::Continue {
            return None;
        }
        let n = arms.n.baseline + arms.n.canary;
        let log_e = if self.dependence.is_refused(self.design.assume) {
            // The least that it takes.
            let side = self.design.alternative;
            let quantiles = self.design.quantiles.iter();
            let logs: Vec<f64> = quantiles
                .map(|&p| arms.log_e(&self.design.mixture(p), side, 1.0))
                .collect();
            log_mean_exp(logs.iter().copied())
        } else {
            log_e
        };
        let evident = until_evident(n, log_e, -self.design.alpha.ln());
        let tolerable = self.design.tolerance.and_then(|tolerance| {
            let mut most = 0.0_f64;
            for (index, &p) in self.design.quantiles.iter().enumerate() {
                let times = self.times(index).or(Some(1.0));
                for &worse in self.design.worse() {
                    let (end, limit) = self.margin(arms, p, tolerance, worse, times);
                    let value = arms.change(p, tolerance.measure());
                    most = most.max(until_within(n, value, end, limit)?);
                }
            }
            Some(most)
        });
        match (evident, tolerable) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn take(&mut self, block: &Arms<Binned>) -> Decision {
        self.counts.merge(block);
        if self.design.assume == Assume::Nothing {
            let (quantiles, counts) = (&self.design.quantiles, &self.counts);
            self.dependence.add(quantiles, block, || counts.clone());
        }
        self.look_now()
    }

    fn take_one(&mut self, arm: Arm, value: f64) -> Decision {
        let grid = self.design.grid();
        self.counts.get_mut(arm).add(grid, value);
        if self.design.assume == Assume::Nothing {
            let (quantiles, counts) = (&self.design.quantiles, &self.counts);
            let all = || counts.clone();
            self.dependence.add_one(quantiles, (grid, arm, value), all);
        }
        self.due -= 1.0;
        if self.due > 0.0 {
            return self.decision;
        }
        self.look_now()
    }

    fn look_now(&mut self) -> Decision {
        self.due = until_next_look(observations(&self.counts));
        self.look()
    }
}

takes_two_arms!(QuantileComparisonMonitor);

impl Monitor for QuantileComparisonMonitor {
    fn state(&self) -> State {
        let arms = self.seen();
        let log_e_values = self.log_e_values(&arms);
        let log_e = log_mean_exp(log_e_values.iter().copied());
        // The quantile that says most.
        let says = |index: usize| match self.times(index) {
            Some(_) => log_e_values.get(index).copied(),
            None => None,
        };
        let says = |index| says(index).unwrap_or(f64::NEG_INFINITY);
        let most = (0..log_e_values.len())
            .max_by(|&a, &b| says(a).total_cmp(&says(b)).then(b.cmp(&a)))
            .unwrap_or(0);
        let p = self.design.quantiles.get(most).copied().unwrap_or(0.5);
        let level = |steps: &[Step]| {
            let level = quantile(steps, self.design.grid(), p);
            ArmLevel::new(total(steps).round() as u64, level)
        };
        State {
            monitor: MonitorName::QuantileComparison,
            decision: self.decision,
            alpha: self.design.alpha,
            p_value: self.peak.p_value(),
            log_e_value: log_e,
            estimate: self.changes().into_iter().nth(most),
            arms: vec![level(&arms.steps.baseline), level(&arms.steps.canary)],
            observations: observations(&self.counts),
            remaining: self.remaining(&arms, log_e),
            dependence: Some(self.dependence.dependence(
                self.design.assume,
                most,
                observations(&self.counts),
            )),
        }
    }

    fn decision(&self) -> Decision {
        self.decision
    }

    fn merge(&mut self, later: &Self) -> Result<()> {
        same_design(&self.design, &later.design)?;
        self.counts.merge(&later.counts);
        self.dependence.merge(&later.dependence);
        self.look_now();
        Ok(())
    }
}

/// Both arms' counts, ready to be asked.
struct Seen<'a> {
    grid: Grid<'a>,
    steps: Arms<Vec<Step>>,
    n: Arms<f64>,
    both: Vec<(i32, Step, Step)>,
}

/// A range of values with the least e-value of them.
#[derive(Clone, Copy)]
struct Part {
    range: (f64, f64),
    log_e: f64,
}

impl<'a> Seen<'a> {
    fn new(counts: &Arms<Binned>, grid: Grid<'a>) -> Self {
        let steps = counts.as_ref().map(Binned::cumulative);
        Self {
            grid,
            n: steps.as_ref().map(|steps| total(steps)),
            both: joined(&steps.baseline, &steps.canary),
            steps,
        }
    }

    fn change(&self, p: f64, measure: Measure) -> f64 {
        let level = self
            .steps
            .as_ref()
            .map(|steps| quantile(steps, self.grid, p));
        change(measure, level.canary, level.baseline)
    }

    /// The least, over every value that the common quantile may have, of the product of both arms'
    /// e-values. By branch and bound: of a run of bins, the counts at its ends say how small the product
    /// can be inside. Each value counts as so many independent ones.
    fn log_e(&self, mixture: &Mixture, side: Alternative, times: f64) -> f64 {
        if self.n.baseline == 0.0 || self.n.canary == 0.0 {
            return 0.0;
        }
        let n = self.n.map(|n| times * n);
        let counts = |from: &Step, to: &Step| (times * from.before, times * to.to);
        let least = |run: &[(i32, Step, Step)]| match (run.first(), run.last()) {
            (Some((_, b0, c0)), Some((_, b1, c1))) => {
                mixture.least_log_e(counts(b0, b1), n.baseline, side)
                    + mixture.least_log_e(counts(c0, c1), n.canary, side.opposite())
            }
            _ => f64::INFINITY,
        };
        let mut best = f64::INFINITY;
        let mut runs = vec![(least(&self.both), self.both.as_slice())];
        while let Some((bound, run)) = runs.pop() {
            if bound >= best {
                continue;
            }
            if run.len() <= 1 {
                best = bound;
                continue;
            }
            let (left, right) = run.split_at(run.len() / 2);
            let mut halves = [(least(left), left), (least(right), right)];
            // The more promising one is looked into first.
            halves.sort_by(|a, b| b.0.total_cmp(&a.0));
            runs.extend(halves);
        }
        best
    }

    /// The changes that are not rejected: those for which some value of the baseline's quantile has a
    /// product below the threshold. `Greater` has no upper end, `Less` no lower one. Each value counts
    /// as so many independent `times`, if that is known.
    fn interval(
        &self,
        mixture: &Mixture,
        measure: Measure,
        alpha: f64,
        side: Alternative,
        times: Option<f64>,
    ) -> (f64, f64) {
        let log_threshold = -alpha.ln();
        let (mut low, mut high) = match measure {
            Measure::Difference => (f64::NEG_INFINITY, f64::INFINITY),
            _ => (0.0, f64::INFINITY),
        };
        if self.n.baseline == 0.0 || self.n.canary == 0.0 {
            return (low, high);
        }
        let Some(times) = times else {
            return (low, high);
        };
        let sides = Arms::new(side, side.opposite());
        let n = self.n.map(|n| times * n);
        let least = n
            .zip(sides)
            .map(|(n, side)| mixture.least_log_e((0.0, n), n, side));
        let parts = |steps: &[Step], side: Alternative, others: f64| {
            self.parts(steps, mixture, times, side, log_threshold - others)
        };
        let baseline = parts(&self.steps.baseline, sides.baseline, least.canary);
        let canary = parts(&self.steps.canary, sides.canary, least.baseline);
        let (mut least_change, mut most_change) = (f64::INFINITY, f64::NEG_INFINITY);
        for own in &baseline {
            let accepted = |part: &&Part| part.log_e + own.log_e < log_threshold;
            let first = canary.iter().find(accepted);
            let last = canary.iter().rev().find(accepted);
            if let (Some(first), Some(last)) = (first, last) {
                let range = (first.range.0, last.range.1);
                let (low, high) = changes(measure, range, own.range);
                least_change = least_change.min(low);
                most_change = most_change.max(high);
            }
        }
        if side != Alternative::Less && least_change < f64::INFINITY {
            low = low.max(least_change);
        }
        if side != Alternative::Greater && most_change > f64::NEG_INFINITY {
            high = high.min(most_change);
        }
        (low, high)
    }

    /// An arm's bins that may hold its quantile, if the other arm's e-value is as small as it can be.
    fn parts(
        &self,
        steps: &[Step],
        mixture: &Mixture,
        times: f64,
        side: Alternative,
        log_threshold: f64,
    ) -> Vec<Part> {
        let n = times * total(steps);
        let (low, high) = mixture.ends(n, log_threshold, side);
        let from = steps.partition_point(|step| times * step.to < low);
        let to = steps.partition_point(|step| times * step.before <= high);
        let part = |range, counts| Part {
            range,
            log_e: mixture.least_log_e(counts, n, side),
        };
        let mut parts = Vec::with_capacity(to.saturating_sub(from) + 2);
        let lowest = steps
            .first()
            .map_or(0.0, |step| edges(self.grid, step.bin).0);
        if low <= 0.0 {
            parts.push(part((f64::NEG_INFINITY, lowest), (0.0, 0.0)));
        }
        let mut before = lowest;
        for step in steps.get(from..to).unwrap_or_default() {
            // From the bin before on: the quantile may lie where no value does.
            let (start, end) = edges(self.grid, step.bin);
            parts.push(part((start, end), (times * step.before, times * step.to)));
            before = end;
        }
        if high >= n {
            parts.push(part((before, f64::INFINITY), (n, n)));
        }
        parts
    }
}
