use serde::{Deserialize, Serialize};

use super::bands::{Band, Mixture, stitched};
use super::dependence::Levels;
use super::grid::{Binned, Grid, Step};
use super::{
    check_quantiles, design, edges, quantile, total, until_evident, until_next_look, until_within,
};
use crate::data::Histogram;
use crate::error::{Error, Result};
use crate::options::{Alternative, Measure, choice};
use crate::sequential::state::{
    Assume, Decision, Design, Monitor, MonitorName, Peak, State, Update, Version, check_positive,
    check_rate, checked, confidence, same_design,
};
use crate::stats::{ArmLevel, Estimate, Interval};

choice! {
    /// Where the confidence sequence of one quantile comes from.
    #[derive(Default)]
    QuantileBound("bound") {
        /// A beta-binomial mixture, sharpest at a number of values.
        #[default]
        Mixture = "mixture",
        /// The stitched closed form: wider, with the rate of the law of the iterated logarithm.
        Stitched = "stitched",
    }
}

design! {
    #[doc = include_str!("sequence.md")]
    ///
    /// # Defaults
    /// Quantiles 0.5, 0.9, 0.95, 0.99 and 0.999; alpha 0.05; mixtures that are sharpest at 1000 values;
    /// a band from the first value on; bins of 1%; no null hypothesis; nothing taken for granted.
    ///
    /// # Example: is the 99th percentile above 500 ms?
    /// ```
    /// use canary_core::Alternative;
    /// use canary_core::sequential::{Decision, Monitor, QuantileSequence, Update};
    ///
    /// let mut latency = QuantileSequence::new()
    ///     .quantiles(&[0.99])
    ///     .null(Some(500.0))
    ///     .alternative(Alternative::Greater)
    ///     .monitor()?;
    /// let slow: Vec<f64> = (0..1000).map(|i| 100.0 + f64::from(i % 25 / 24) * 900.0).collect();
    /// for minute in slow.chunks(50) {
    ///     latency.update(minute)?;
    /// }
    /// assert_eq!(latency.state().decision, Decision::AcceptAlternative);
    /// assert!(latency.state().estimate.unwrap().interval.low > 990.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    QuantileSequence {
        /// The probability that an interval or the band ever misses, in (0, 1). The quantiles share it;
        /// the band has it for itself.
        alpha: f64 = 0.05,
        /// What is held against the null hypothesis, and which end the intervals have.
        alternative: Alternative = Alternative::TwoSided,
        /// The value that the quantile is held against; with one quantile only.
        null: Option<f64> = None,
        /// Mixture or stitched.
        bound: QuantileBound = QuantileBound::Mixture,
        /// How many values the mixture is sharpest at; positive.
        t_opt: f64 = 1000.0,
        /// From how many values on the band holds; a later start makes it narrower. At least 1.
        t_min: f64 = 1.0,
        /// The width of a bin over its values, rounded down to a power of 1/2; in [0.001, 0.5].
        accuracy: f64 = 0.01,
        /// Whether values may be taken to come one by one.
        assume: Assume = Assume::Nothing;
        /// Which quantiles, in (0, 1), ascending.
        quantiles = [0.5, 0.9, 0.95, 0.99, 0.999],
    }
}

impl Design for QuantileSequence {
    fn check(&self) -> Result<()> {
        check_rate("alpha", self.alpha)?;
        check_quantiles(&self.quantiles)?;
        check_positive("t_opt", self.t_opt)?;
        if !(self.t_min >= 1.0 && self.t_min.is_finite()) {
            let rule = "must be at least 1 and finite";
            return Err(Error::option("t_min", rule, self.t_min));
        }
        if let Some(null) = self.null {
            if !null.is_finite() {
                return Err(Error::option("null", "must be finite", null));
            }
            if self.quantiles.len() != 1 {
                let rule = "must be one quantile when there is a null hypothesis";
                return Err(Error::option("quantiles", rule, self.quantiles.len()));
            }
        }
        Grid::check(self.accuracy, self.bounds.as_deref())
    }
}

impl QuantileSequence {
    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an alpha or quantiles outside (0, 1), quantiles or bounds that do
    /// not ascend, a null hypothesis with several quantiles, and an accuracy outside [0.001, 0.5].
    pub fn monitor(self) -> Result<QuantileSequenceMonitor> {
        self.check()?;
        Ok(QuantileSequenceMonitor {
            version: Version,
            counts: Binned::default(),
            peak: Peak::default(),
            due: 0.0,
            decision: Decision::Continue,
            dependence: match self.null {
                Some(null) => Levels::at(self.grid().bin(null)),
                None => Levels::new(self.quantiles.len()),
            },
            design: self,
        })
    }

    fn mixture(&self, p: f64) -> Mixture {
        Mixture::new(p, self.t_opt, self.alpha)
    }

    /// The numbers of `n` values between which the number of those up to the `p`-quantile lies, when
    /// each counts as so many independent ones.
    fn ends(&self, p: f64, n: f64, times: f64) -> (f64, f64) {
        let alpha = self.alpha / self.quantiles.len() as f64;
        let n = times * n;
        let (low, high) = match self.bound {
            QuantileBound::Mixture => {
                // A quantile is greater where fewer values are up to it.
                self.mixture(p)
                    .ends(n, -alpha.ln(), self.alternative.opposite())
            }
            QuantileBound::Stitched => {
                let reach = n * stitched(p, n.max(1.0), alpha);
                ((n * p - reach).max(0.0), (n * p + reach).min(n))
            }
        };
        (low / times, high / times)
    }
}

/// Watches the quantiles of one arm: see [`QuantileSequence`]. The counts merge exactly; batches do not
/// span the seam.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantileSequenceMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: QuantileSequence,
    counts: Binned,
    peak: Peak,
    due: f64,
    decision: Decision,
    dependence: Levels,
}

impl QuantileSequenceMonitor {
    /// Each quantile with its interval, in the order of the quantiles; the intervals hold for all of
    /// them at all looks at once.
    #[must_use]
    pub fn quantiles(&self) -> Vec<Estimate> {
        let steps = self.counts.cumulative();
        let quantiles = self.design.quantiles.iter();
        quantiles
            .enumerate()
            .map(|(index, &p)| self.estimate(&steps, p, self.times(index)))
            .collect()
    }

    /// The probability of a value up to `x`: its range by the band, which holds for every x at all looks
    /// at once.
    #[must_use]
    pub fn probability(&self, x: f64) -> Interval {
        let steps = self.counts.cumulative();
        let n = total(&steps);
        let (before, to) = up_to(&steps, self.design.grid(), x);
        let times = self.dependence.least_times(self.design.assume);
        let radius = Band::new(self.design.alpha, self.design.t_min).radius(times * n);
        let (low, high) = if n > 0.0 {
            ((before / n - radius).max(0.0), (to / n + radius).min(1.0))
        } else {
            (0.0, 1.0)
        };
        Interval {
            low,
            high,
            confidence: confidence(self.design.alpha),
        }
    }

    /// As how many independent values each one counts, for a quantile; none while that is not known.
    fn times(&self, index: usize) -> Option<f64> {
        self.dependence.times(self.design.assume, index)
    }

    fn estimate(&self, steps: &[Step], p: f64, times: Option<f64>) -> Estimate {
        let grid = self.design.grid();
        let n = total(steps);
        let all = (0.0, n);
        let (low, high) = times.map_or(all, |times| self.design.ends(p, n, times));
        let from = steps.partition_point(|step| step.to < low);
        let to = steps.partition_point(|step| step.before <= high);
        let first = steps.get(from).filter(|_| low > 0.0);
        let last = to
            .checked_sub(1)
            .and_then(|last| steps.get(last))
            .filter(|_| high < n);
        let ends = (
            first.map_or(f64::NEG_INFINITY, |step| edges(grid, step.bin).0),
            last.map_or(f64::INFINITY, |step| edges(grid, step.bin).1),
        );
        let range = (f64::NEG_INFINITY, f64::INFINITY);
        Estimate {
            measure: Measure::Difference,
            of: format!("quantile {p}"),
            value: quantile(steps, grid, p),
            interval: Interval::new(
                ends,
                range,
                self.design.alternative,
                confidence(self.design.alpha),
            ),
        }
    }

    /// Against "the quantile is the null hypothesis'".
    fn log_e(&self, steps: &[Step]) -> f64 {
        let (Some(_), [p]) = (self.design.null, self.design.quantiles.as_slice()) else {
            return 0.0;
        };
        let own = |times| self.log_e_of(steps, times);
        let asked = (*p, self.design.alternative.opposite());
        let middle = self.dependence.middle(&self.design.quantiles);
        self.dependence
            .log_e(self.design.assume, 0, asked, middle, own)
    }

    /// The same when each value counts as so many independent ones.
    fn log_e_of(&self, steps: &[Step], times: f64) -> f64 {
        let (Some(null), [p]) = (self.design.null, self.design.quantiles.as_slice()) else {
            return 0.0;
        };
        let n = total(steps);
        let counts = up_to(steps, self.design.grid(), null);
        let side = self.design.alternative.opposite();
        match self.design.bound {
            QuantileBound::Mixture => {
                let counts = (times * counts.0, times * counts.1);
                let mixture = self.design.mixture(*p);
                mixture.least_log_e(counts, times * n, side)
            }
            // Evidence of no size: enough, or none.
            QuantileBound::Stitched => {
                let (low, high) = self.design.ends(*p, n, times);
                let greater = counts.1 < low && self.design.alternative != Alternative::Less;
                let less = counts.0 > high && self.design.alternative != Alternative::Greater;
                if greater || less {
                    -self.design.alpha.ln()
                } else {
                    0.0
                }
            }
        }
    }

    fn look(&mut self) -> Decision {
        let steps = self.counts.cumulative();
        let n = total(&steps);
        self.due = until_next_look(n.round() as u64);
        if n > 0.0 {
            self.peak.note(self.log_e(&steps));
        }
        if self.decision == Decision::Continue && self.peak.rejects(self.design.alpha) {
            self.decision = Decision::AcceptAlternative;
        }
        self.decision
    }

    fn take(&mut self, block: &Binned) -> Decision {
        self.counts.merge(block);
        if self.design.assume == Assume::Nothing {
            let (quantiles, all) = (&self.design.quantiles, &self.counts);
            self.dependence.add_of_one_arm(quantiles, block, all);
        }
        self.look()
    }
}

/// How many values are at most, and may be at most, `x`.
fn up_to(steps: &[Step], grid: Grid<'_>, x: f64) -> (f64, f64) {
    let whole = steps.partition_point(|step| edges(grid, step.bin).1 <= x);
    let parted = steps.partition_point(|step| edges(grid, step.bin).0 < x);
    let to = |steps: usize| match steps.checked_sub(1) {
        Some(last) => last,
        None => usize::MAX,
    };
    let count = |at: usize| steps.get(to(at)).map_or(0.0, |step| step.to);
    (count(whole), count(parted.max(whole)))
}

/// Values since the last update.
impl Update<&[f64]> for QuantileSequenceMonitor {
    fn update(&mut self, values: &[f64]) -> Result<Decision> {
        let block = super::binned("values", values, self.design.grid())?;
        Ok(self.take(&block))
    }
}

/// A single value. Looked at when the values have become a few percent more.
impl Update<f64> for QuantileSequenceMonitor {
    fn update(&mut self, value: f64) -> Result<Decision> {
        super::check_finite("values", &[value])?;
        let grid = self.design.grid();
        self.counts.add(grid, value);
        if self.design.assume == Assume::Nothing {
            let (quantiles, all) = (&self.design.quantiles, &self.counts);
            self.dependence
                .add_one_of_one_arm(quantiles, (grid, value), all);
        }
        self.due -= 1.0;
        if self.due > 0.0 {
            return Ok(self.decision);
        }
        Ok(self.look())
    }
}

/// What a histogram has counted since the last update.
impl Update<&Histogram> for QuantileSequenceMonitor {
    fn update(&mut self, counts: &Histogram) -> Result<Decision> {
        let block = super::bucketed("counts", counts, self.design.grid())?;
        Ok(self.take(&block))
    }
}

impl Monitor for QuantileSequenceMonitor {
    fn state(&self) -> State {
        let steps = self.counts.cumulative();
        let n = total(&steps);
        let log_e = if n > 0.0 { self.log_e(&steps) } else { 0.0 };
        let estimate = self
            .design
            .quantiles
            .first()
            .map(|&p| self.estimate(&steps, p, self.times(0)));
        let level = estimate
            .as_ref()
            .map_or(f64::NAN, |estimate| estimate.value);
        let log_threshold = -self.design.alpha.ln();
        let is_refused = n > 0.0 && self.times(0).is_none();
        // While there is no answer, the least that it takes.
        let (soonest, evidence) = if is_refused {
            let mut soonest = self.design.quantiles.iter();
            let soonest = soonest.next().map(|&p| self.estimate(&steps, p, Some(1.0)));
            (soonest, self.log_e_of(&steps, 1.0))
        } else {
            (estimate.clone(), log_e)
        };
        let remaining = soonest
            .as_ref()
            .zip(self.design.null)
            .and_then(|(estimate, null)| {
                let Interval { low, high, .. } = estimate.interval;
                let end = if estimate.value > null { low } else { high };
                until_evident(n, evidence, log_threshold)
                    .or_else(|| until_within(n, estimate.value, end, null))
            });
        State {
            monitor: MonitorName::QuantileSequence,
            decision: self.decision,
            alpha: self.design.alpha,
            p_value: self.peak.p_value(),
            log_e_value: log_e,
            estimate,
            arms: vec![ArmLevel::new(n.round() as u64, level)],
            observations: n.round() as u64,
            remaining: remaining.filter(|_| self.decision == Decision::Continue),
            dependence: Some(
                self.dependence
                    .dependence(self.design.assume, 0, n.round() as u64),
            ),
        }
    }

    fn decision(&self) -> Decision {
        self.decision
    }

    fn merge(&mut self, later: &Self) -> Result<()> {
        same_design(&self.design, &later.design)?;
        self.counts.merge(&later.counts);
        self.dependence.merge(&later.dependence);
        self.look();
        Ok(())
    }
}
