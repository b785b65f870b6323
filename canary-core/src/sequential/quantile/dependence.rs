//! How much values beyond fixed thresholds depend on each other, from one update to the next.

use serde::{Deserialize, Serialize};

use super::grid::{Binned, Grid, joined};
use crate::data::{Arm, Arms};
use crate::number::extended;
use crate::options::Alternative;
use crate::sequential::dependence::{Batches, Contrast};
use crate::sequential::state::{Assume, Dependence};

/// A threshold is fixed when so many values are to be expected beyond it.
const BEYOND: f64 = 10.0;
/// Values that come alone are an interval of time when there are so many on either arm.
const INTERVAL: f64 = 10.0;

/// Of fewer intervals than these it cannot be told well whether they remember each other.
const FEW: f64 = 48.0;

/// One quantile's threshold, and what is beyond it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Level {
    /// The bin whose upper edge it is.
    threshold: Option<i32>,
    batches: Batches,
}

/// Of every quantile that is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Levels {
    levels: Vec<Level>,
    /// What came alone and is no interval yet, and how much of it there is.
    open: Arms<Binned>,
    waiting: Arms<f64>,
    shares: Shares,
}

impl Levels {
    pub(super) fn new(quantiles: usize) -> Self {
        Self {
            levels: vec![Level::default(); quantiles],
            open: Arms::default(),
            waiting: Arms::default(),
            shares: Shares::default(),
        }
    }

    /// With the only threshold known from the beginning.
    pub(super) fn at(threshold: i32) -> Self {
        let mut levels = Self::new(1);
        for level in &mut levels.levels {
            level.threshold = Some(threshold);
        }
        levels
    }

    /// An update of both arms; `all` are the values so far, with these.
    pub(super) fn add(
        &mut self,
        quantiles: &[f64],
        block: &Arms<Binned>,
        all: impl Fn() -> Arms<Binned>,
    ) {
        let n = block.as_ref().map(Binned::count);
        if n.baseline > 0.0 && n.canary > 0.0 {
            self.close(quantiles, block, n, all);
        } else {
            self.open.merge(block);
            self.waiting = self.waiting.zip(n).map(|(a, b)| a + b);
            self.close_open(quantiles, all);
        }
    }

    /// A single value.
    pub(super) fn add_one(
        &mut self,
        quantiles: &[f64],
        (grid, arm, value): (Grid<'_>, Arm, f64),
        all: impl Fn() -> Arms<Binned>,
    ) {
        self.open.get_mut(arm).add(grid, value);
        *self.waiting.get_mut(arm) += 1.0;
        self.close_open(quantiles, all);
    }

    fn close_open(&mut self, quantiles: &[f64], all: impl Fn() -> Arms<Binned>) {
        let n = self.waiting;
        if n.baseline >= INTERVAL && n.canary >= INTERVAL {
            let open = std::mem::take(&mut self.open);
            self.waiting = Arms::default();
            self.close(quantiles, &open, n, all);
        }
    }

    fn close(
        &mut self,
        quantiles: &[f64],
        block: &Arms<Binned>,
        n: Arms<f64>,
        all: impl Fn() -> Arms<Binned>,
    ) {
        self.shares.add(n);
        self.fix(quantiles, &all);
        for level in &mut self.levels {
            if let Some(bin) = level.threshold {
                let beyond = block.as_ref().zip(n).map(|(arm, n)| n - arm.up_to(bin));
                level.batches.push(Contrast::of_shares(beyond, n));
            }
        }
    }

    /// An update of one arm; `all` are its values so far, with these.
    pub(super) fn add_of_one_arm(&mut self, quantiles: &[f64], block: &Binned, all: &Binned) {
        self.open.canary.merge(block);
        self.waiting.canary += block.count();
        self.close_one_arm(quantiles, all);
    }

    /// A single value of one arm.
    pub(super) fn add_one_of_one_arm(
        &mut self,
        quantiles: &[f64],
        (grid, value): (Grid<'_>, f64),
        all: &Binned,
    ) {
        self.open.canary.add(grid, value);
        self.waiting.canary += 1.0;
        self.close_one_arm(quantiles, all);
    }

    fn close_one_arm(&mut self, quantiles: &[f64], all: &Binned) {
        let n = self.waiting.canary;
        if n < INTERVAL {
            return;
        }
        let block = std::mem::take(&mut self.open.canary);
        self.waiting.canary = 0.0;
        self.shares.add(Arms::new(0.0, n));
        self.fix(quantiles, || Arms::new(Binned::default(), all.clone()));
        for (level, p) in self.levels.iter_mut().zip(quantiles) {
            if let Some(bin) = level.threshold {
                let contrast = Contrast::of_trials(block.up_to(bin), n, *p);
                level.batches.push(contrast);
            }
        }
    }

    /// Fixes the thresholds of which enough is known.
    fn fix(&mut self, quantiles: &[f64], all: impl Fn() -> Arms<Binned>) {
        let is_open = |level: &Level| level.threshold.is_none();
        if !self.levels.iter().any(is_open) {
            return;
        }
        let steps = all().as_ref().map(Binned::cumulative);
        let pooled: Vec<(i32, f64)> = joined(&steps.baseline, &steps.canary)
            .iter()
            .map(|(bin, b, c)| (*bin, b.to + c.to))
            .collect();
        let total = pooled.last().map_or(0.0, |(_, to)| *to);
        for (level, &p) in self.levels.iter_mut().zip(quantiles) {
            if is_open(level) && p.min(1.0 - p) * total >= BEYOND {
                level.threshold = nearest(&pooled, p * total);
            }
        }
    }

    /// Whether something is known of quantile number `index`.
    pub(super) fn is_known(&self, index: usize) -> bool {
        let level = self.levels.get(index);
        level.is_some_and(|level| !level.batches.is_refused())
    }

    /// Whether nothing can be decided by any.
    pub(super) fn is_refused(&self, assume: Assume) -> bool {
        let mut levels = self.levels.iter();
        assume == Assume::Nothing && levels.all(|level| level.batches.is_refused())
    }

    /// As how many independent values each one counts, for quantile number `index`; none while that is
    /// not known.
    pub(super) fn times(&self, assume: Assume, index: usize) -> Option<f64> {
        match assume {
            Assume::Nothing => self.levels.get(index)?.times(),
            Assume::Independence => Some(1.0),
        }
    }

    /// As how many independent values each value of a whole curve counts: by the threshold where that
    /// is least; none while nothing is known.
    pub(super) fn least_times(&self, assume: Assume) -> f64 {
        match assume {
            Assume::Nothing => {
                let known = self.levels.iter().filter_map(Level::times);
                known.reduce(f64::min).unwrap_or(0.0)
            }
            Assume::Independence => 1.0,
        }
    }

    /// Logarithm of the e-value at quantile number `index` by way of a formula for independent values,
    /// told as how many of these each counts.
    pub(super) fn log_e(
        &self,
        assume: Assume,
        index: usize,
        asked: (f64, Alternative),
        middle: Middle,
        own: impl Fn(f64) -> f64,
    ) -> f64 {
        match assume.measured(self.levels.get(index)) {
            Some(level) => level.map_or(0.0, |level| level.log_e(asked, middle, own)),
            None => own(1.0),
        }
    }

    /// What is known best: of the threshold in the middle.
    pub(super) fn middle(&self, quantiles: &[f64]) -> Middle {
        let mut middle = Middle {
            times: 1.0,
            remembers: false,
        };
        let mut nearest = f64::INFINITY;
        for (level, p) in self.levels.iter().zip(quantiles) {
            let distance = (p - 0.5).abs();
            if let Some(caution) = level.batches.caution()
                && distance < nearest
            {
                nearest = distance;
                middle = Middle {
                    times: 1.0 / caution.dispersion,
                    remembers: caution.remembers,
                };
            }
        }
        // Updates without memory: each threshold by itself.
        if !middle.remembers {
            middle.times = 1.0;
        }
        middle.remembers |= self.shares.change() || self.shares.intervals < FEW;
        middle
    }

    /// What was measured at quantile number `index`.
    pub(super) fn dependence(&self, assume: Assume, index: usize, n: u64) -> Dependence {
        let nothing = Batches::default();
        let measured = self
            .levels
            .get(index)
            .map_or(&nothing, |level| &level.batches);
        Dependence::of(assume.measured(measured), n)
    }

    pub(super) fn merge(&mut self, later: &Self) {
        for (own, later) in self.levels.iter_mut().zip(&later.levels) {
            own.threshold = own.threshold.or(later.threshold);
            own.batches.merge(&later.batches);
        }
        self.open.merge(&later.open);
        self.waiting = self.waiting.zip(later.waiting).map(|(a, b)| a + b);
        self.shares.merge(&later.shares);
    }
}

impl Level {
    /// As how many independent values each one counts, where that is known.
    fn times(&self) -> Option<f64> {
        let caution = self.batches.caution()?;
        Some(1.0 / caution.dispersion)
    }

    /// Logarithm of the e-value by way of a formula for independent values, told as how many of these
    /// each counts. Nothing is evidence where nothing is known. The batches, with `null` for what they
    /// are about, must agree where updates remember each other, or where they `must`.
    fn log_e(
        &self,
        (null, alternative): (f64, Alternative),
        middle: Middle,
        own: impl Fn(f64) -> f64,
    ) -> f64 {
        let Some(caution) = self.batches.caution() else {
            return 0.0;
        };
        let times = 1.0 / caution.dispersion;
        let log_e = own(times.min(middle.times));
        if !caution.remembers && !middle.remembers {
            return log_e;
        }
        let less = (middle.times / times).min(1.0);
        let batches = self.batches.log_e(null, alternative, less);
        log_e.min(batches.unwrap_or(0.0))
    }
}

/// What no threshold is taken to depend less than.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Middle {
    times: f64,
    remembers: bool,
}

/// The edge up to which the number of values is nearest to `rank`.
fn nearest(pooled: &[(i32, f64)], rank: f64) -> Option<i32> {
    let at = pooled.partition_point(|(_, to)| *to < rank);
    let above = pooled.get(at);
    let below = at.checked_sub(1).and_then(|at| pooled.get(at));
    match (below, above) {
        (Some(below), Some(above)) if rank - below.1 < above.1 - rank => Some(below.0),
        (below, above) => above.or(below).map(|(bin, _)| *bin),
    }
}

/// Whether the canary's share of the traffic is the same in all intervals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shares {
    #[serde(with = "extended")]
    intervals: f64,
    /// Values of either arm.
    all: Arms<f64>,
    /// Σ c² / n, of c of the canary's among n.
    #[serde(with = "extended")]
    squares: f64,
}

impl Shares {
    fn add(&mut self, n: Arms<f64>) {
        self.intervals += 1.0;
        self.all = self.all.zip(n).map(|(all, n)| all + n);
        self.squares += n.canary * (n.canary / (n.baseline + n.canary));
    }

    /// Pearson's χ² is beyond its mean by four of its standard deviations.
    fn change(&self) -> bool {
        let all = self.all.baseline + self.all.canary;
        let share = self.all.canary / all;
        let chi_square = (self.squares - self.all.canary * share) / (share * (1.0 - share));
        chi_square > self.intervals + 4.0 * (2.0 * self.intervals).sqrt()
    }

    fn merge(&mut self, later: &Self) {
        self.intervals += later.intervals;
        self.all = self.all.zip(later.all).map(|(a, b)| a + b);
        self.squares += later.squares;
    }
}
