//! One arm's mean.

mod bounded;
mod skew;

use serde::{Deserialize, Serialize};

use super::dependence::{Batches, Contrast};
use super::evidence::{Answers, Evidence, Question};
use super::normal_mixture::{NormalMixture, tuned_at};
use super::state::{
    Assume, Decision, Dependence, Design, LARGEST, Monitor, MonitorName, State, Update, Version,
    check_positive, checked, moderate, same_design,
};
use crate::data::Summary;
use crate::error::{Error, Result};
use crate::number::extended;
use crate::number::moments::Moments;
use crate::options::{Alternative, Measure, builder};
use crate::stats::{ArmLevel, Estimate};
use bounded::Bets;

builder! {
    #[doc = include_str!("../mean_sequence.md")]
    ///
    /// # Defaults
    /// Against a mean of 0, two-sided, alpha 0.05, nothing tolerated, no bounds; tuned at 1000 values
    /// and nothing decided before 50, or, with bounds, tuned to no number of values. Nothing taken for
    /// granted.
    ///
    /// # Example: a queue that should not be more than half full
    /// ```
    /// use canary_core::sequential::{Decision, MeanSequence, Monitor, Update};
    /// use canary_core::Alternative;
    ///
    /// let mut fill = MeanSequence::new()
    ///     .null(0.5)
    ///     .bounds(Some((0.0, 1.0)))
    ///     .alternative(Alternative::Greater)
    ///     .monitor()?;
    /// let mut values = 0;
    /// while fill.update(if values % 2 == 0 { 0.8 } else { 0.7 })? == Decision::Continue {
    ///     values += 1;
    /// }
    /// assert!(values < 150 && fill.state().estimate.unwrap().interval.low > 0.5);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    MeanSequence {
        /// The standard, in the values' unit.
        null: f64 = 0.0,
        /// What is held against it.
        alternative: Alternative = Alternative::TwoSided,
        /// The false-alarm rate over all looks, in (0, 1).
        alpha: f64 = 0.05,
        /// How far beyond the standard is tolerated: a positive difference from it.
        tolerance: Option<f64> = None,
        /// The least and the greatest value there can be.
        bounds: Option<(f64, f64)> = None,
        /// After how many values the interval is to be shortest.
        tuned_at: Option<f64> = None,
        /// How many values there must be before anything is decided, without bounds.
        burn_in: u64 = 50,
        /// Whether values may be taken to be independent, and to have a mean that is nearly normal.
        assume: Assume = Assume::Nothing,
    }
}

/// Single values are an update as soon as there are so many.
const BLOCK: u64 = 4;

impl Design for MeanSequence {
    fn check(&self) -> Result<()> {
        moderate("null", self.null).map_err(|_| {
            let rule = "must be a number between -1e50 and 1e50";
            Error::option("null", rule, self.null)
        })?;
        self.question().check()?;
        if let Some(n) = self.tuned_at {
            check_positive("tuned_at", n)?;
        }
        let Some((low, high)) = self.bounds else {
            return Ok(());
        };
        let shown = format!("({low}, {high})");
        if !(low.abs() <= LARGEST && high.abs() <= LARGEST && low < high) {
            let rule = "must be two numbers between -1e50 and 1e50, the lower one first";
            return Err(Error::option("bounds", rule, shown));
        }
        if !(low <= self.null && self.null <= high) {
            let rule = format!("must lie within the bounds {shown}");
            return Err(Error::option("null", rule, self.null));
        }
        Ok(())
    }
}

impl MeanSequence {
    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an alpha outside (0, 1), a standard that is no number or not
    /// within the bounds, bounds that enclose nothing, a tolerance that is not positive, and a
    /// `tuned_at` that is not positive and finite.
    pub fn monitor(self) -> Result<MeanSequenceMonitor> {
        self.check()?;
        Ok(MeanSequenceMonitor {
            version: Version,
            design: self,
            moments: Moments::default(),
            cubes: 0.0,
            bets: Bets::default(),
            answers: Answers::default(),
            pivot: 0.0,
            open: Moments::default(),
            batches: Batches::default(),
        })
    }

    /// Of the mean less the standard.
    fn question(&self) -> Question {
        Question {
            alpha: self.alpha,
            alternative: self.alternative,
            measure: Measure::Difference,
            null: 0.0,
            tolerance: self.tolerance,
        }
    }

    /// What a one-sided bet must exceed, on a logarithmic scale.
    fn log_of_odds(&self) -> f64 {
        match self.alternative {
            Alternative::TwoSided => (2.0 / self.alpha).ln(),
            Alternative::Greater | Alternative::Less => -self.alpha.ln(),
        }
    }
}

/// Watches a mean: see [`MeanSequence`]. Merges exactly without bounds; with bounds, every bet stands
/// on all values before it, so that a stream cannot be put together from two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeanSequenceMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: MeanSequence,
    moments: Moments,
    /// Σ (x - mean)³
    #[serde(with = "extended")]
    cubes: f64,
    bets: Bets,
    answers: Answers,
    /// A value in their midst, from which those below are taken: differences of large values that are
    /// far from the standard would keep no digits.
    #[serde(with = "extended")]
    pivot: f64,
    /// Values less the pivot that are no update yet.
    open: Moments,
    batches: Batches,
}

/// Of values without bounds.
struct Normal {
    moments: Moments,
    per_value: f64,
    /// Of the values, where it counts.
    skewness: f64,
}

impl Evidence for Normal {
    fn log_e(&self, null: f64, alternative: Alternative, times: f64) -> f64 {
        let n = times * self.moments.count as f64;
        let error = (self.moments.variance() / n).sqrt();
        let z = (self.moments.mean - null) / error;
        let z = skew::corrected(z, skew::CAUTION * self.skewness / n.sqrt());
        let mixture = NormalMixture {
            spread: n * self.per_value,
        };
        mixture.log_e(z, n - 1.0, alternative)
    }

    fn estimate(&self) -> f64 {
        self.moments.mean
    }

    fn scale(&self) -> f64 {
        (self.moments.variance() / self.moments.count as f64).sqrt()
    }
}

/// Either, of the mean less the standard.
struct Seen<'a> {
    standard: f64,
    /// By how much the standard is above the pivot.
    above: f64,
    way: Way,
    /// What is known of the values' dependence, unless they are taken to be independent.
    batches: Option<&'a Batches>,
}

enum Way {
    Normal(Normal),
    Bounded(bounded::Bounded),
}

impl Seen<'_> {
    fn log_e_if_independent(&self, null: f64, alternative: Alternative, times: f64) -> f64 {
        let null = self.standard + null;
        match &self.way {
            Way::Normal(way) => way.log_e(null, alternative, times),
            Way::Bounded(way) => way.log_e(null, alternative, times),
        }
    }
}

impl Evidence for Seen<'_> {
    fn log_e(&self, null: f64, alternative: Alternative, times: f64) -> f64 {
        let own = self.log_e_if_independent(null, alternative, times);
        let Some(batches) = self.batches else {
            return own;
        };
        let both = batches.log_e(self.above + null, alternative, times);
        both.map_or(0.0, |log_e| log_e.min(own))
    }

    fn log_e_at_most(&self, null: f64, alternative: Alternative) -> f64 {
        let own = self.log_e_if_independent(null, alternative, 1.0);
        if own.is_nan() { f64::INFINITY } else { own }
    }

    fn estimate(&self) -> f64 {
        let mean = match &self.way {
            Way::Normal(way) => way.estimate(),
            Way::Bounded(way) => way.estimate(),
        };
        mean - self.standard
    }

    fn scale(&self) -> f64 {
        match &self.way {
            Way::Normal(way) => way.scale(),
            Way::Bounded(way) => way.scale(),
        }
    }
}

impl MeanSequenceMonitor {
    fn evidence(&self) -> Seen<'_> {
        let design = self.design;
        let way = match design.bounds {
            Some((low, high)) => {
                let evidence = self.bets.evidence(low, high - low, self.moments.mean);
                Way::Bounded(evidence)
            }
            None => Way::Normal(Normal {
                moments: self.moments,
                per_value: tuned_at(
                    design.tuned_at.unwrap_or(1000.0),
                    design.alpha,
                    design.alternative,
                ),
                skewness: match design.assume {
                    Assume::Nothing => skew::skewness(self.moments, self.cubes),
                    Assume::Independence => 0.0,
                },
            }),
        };
        Seen {
            standard: design.null,
            above: design.null - self.pivot,
            way,
            batches: design.assume.measured(&self.batches),
        }
    }

    fn is_ready(&self) -> bool {
        let least = if self.design.bounds.is_some() {
            1
        } else {
            self.design.burn_in.max(2)
        };
        self.moments.count >= least
    }

    fn look(&mut self) -> Decision {
        if self.is_ready() {
            let mut answers = self.answers;
            answers.look(&self.design.question(), &self.evidence());
            self.answers = answers;
        }
        self.answers.decision()
    }

    fn add(&mut self, values: Moments, cubes: f64) {
        self.cubes = skew::merge((self.moments, self.cubes), (values, cubes));
        self.moments = self.moments.merge(values);
        if self.design.assume == Assume::Independence {
            return;
        }
        if self.moments.count == values.count {
            self.pivot = values.mean; // of the first update
        }
        self.open = self.open.merge(Moments {
            mean: values.mean - self.pivot,
            ..values
        });
        if self.open.count >= BLOCK {
            self.batches.push(Contrast::of_moments(self.open));
            self.open = Moments::default();
        }
    }

    /// A value that can be.
    fn check(&self, value: f64) -> Result<()> {
        let Some((low, high)) = self.design.bounds else {
            return moderate("values", value);
        };
        if low <= value && value <= high {
            return Ok(());
        }
        let rule = format!("must lie within the bounds ({low}, {high})");
        Err(Error::input("values", rule, value))
    }

    /// A value that was checked.
    fn bet(&mut self, value: f64) {
        if let Some((low, high)) = self.design.bounds {
            let odds = self.design.log_of_odds();
            let scaled = (value - low) / (high - low);
            self.bets.add(scaled, odds, self.design.tuned_at);
        }
    }
}

/// A single value.
impl Update<f64> for MeanSequenceMonitor {
    fn update(&mut self, value: f64) -> Result<Decision> {
        self.check(value)?;
        self.bet(value);
        self.add(Moments::one(value), 0.0);
        Ok(self.look())
    }
}

/// Values since the last update.
impl Update<&[f64]> for MeanSequenceMonitor {
    fn update(&mut self, values: &[f64]) -> Result<Decision> {
        for &value in values {
            self.check(value)?;
        }
        if self.design.bounds.is_some() {
            for &value in values {
                self.bet(value);
            }
        }
        let moments = Moments::of(values);
        if !values.is_empty() {
            self.add(moments, skew::cubes(values, moments.mean));
        }
        Ok(self.look())
    }
}

/// A summary of the values since the last update; not with bounds, where every value counts.
impl Update<Summary> for MeanSequenceMonitor {
    fn update(&mut self, summary: Summary) -> Result<Decision> {
        if self.design.bounds.is_some() {
            let rule = "must be the values themselves where there are bounds";
            return Err(Error::input("values", rule, "a summary"));
        }
        moderate("values", summary.mean())?;
        moderate("values", summary.stddev())?;
        self.add(summary.moments(), 0.0);
        Ok(self.look())
    }
}

impl Monitor for MeanSequenceMonitor {
    fn state(&self) -> State {
        let design = self.design;
        let question = design.question();
        let mut evidence = self.evidence();
        let is_refused = evidence.batches.is_some_and(Batches::is_refused);
        let is_ready = self.is_ready() && !is_refused;
        let n = self.moments.count;
        let mean = if n == 0 { f64::NAN } else { self.moments.mean };
        let range = design.bounds.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        let off = (range.0 - design.null, range.1 - design.null);
        let mut estimate = question.estimate("", &evidence, off, is_ready);
        let at = |end: f64| (end + design.null).clamp(range.0, range.1);
        estimate.interval.low = at(estimate.interval.low);
        estimate.interval.high = at(estimate.interval.high);
        let log_e_value = if is_ready {
            evidence.log_e(0.0, design.alternative, 1.0)
        } else {
            0.0
        };
        let decision = self.answers.decision();
        if is_refused {
            evidence.batches = None; // the least that it takes
        }
        let remaining = if n > 1 {
            let more = question.remaining(&evidence, n, decision);
            more.map(|more| more.max(self.batches.wait(n)))
        } else {
            None
        };
        State {
            monitor: MonitorName::MeanSequence,
            decision,
            alpha: design.alpha,
            p_value: self.answers.p_value(),
            log_e_value,
            estimate: Some(Estimate {
                of: "mean".to_owned(),
                value: mean,
                ..estimate
            }),
            arms: vec![ArmLevel::new(n, mean)],
            observations: n,
            remaining,
            dependence: Some(Dependence::of(design.assume.measured(&self.batches), n)),
        }
    }

    fn decision(&self) -> Decision {
        self.answers.decision()
    }

    fn merge(&mut self, later: &Self) -> Result<()> {
        same_design(&self.design, &later.design)?;
        if let Some((low, high)) = self.design.bounds {
            let rule = "must not be given to merge: every bet stands on all values before it";
            return Err(Error::input(
                "bounds",
                rule,
                format_args!("({low}, {high})"),
            ));
        }
        self.cubes = skew::merge((self.moments, self.cubes), (later.moments, later.cubes));
        self.moments = self.moments.merge(later.moments);
        if self.moments.count == later.moments.count {
            self.pivot = later.pivot;
        }
        let by = later.pivot - self.pivot;
        self.open = self.open.merge(Moments {
            mean: later.open.mean + by,
            ..later.open
        });
        self.batches.merge(&later.batches.shifted(by));
        self.look();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::random::Stream;

    /// The standard is far away, or it is not: the interval is as wide.
    #[test]
    fn a_level_far_from_the_standard_costs_no_digits() {
        let width = |shift: f64| {
            let mut stream = Stream::new(4, 0);
            let mut noise = || stream.below(1 << 20) as f64 / f64::from(1 << 20);
            let mut monitor = MeanSequence::new().monitor().unwrap();
            let mut rest = monitor.clone();
            for i in 0..400 {
                let values = [0; 5].map(|_| shift + noise());
                let half = if i < 200 { &mut monitor } else { &mut rest };
                half.update(&values[..]).unwrap();
            }
            monitor.merge(&rest).unwrap();
            let state = monitor.state();
            let dispersion = state.dependence.unwrap().dispersion;
            assert!((0.5..2.0).contains(&dispersion), "{shift}: {dispersion}");
            let interval = state.estimate.unwrap().interval;
            interval.high - interval.low
        };
        let near = width(0.0);
        for shift in [1e3, 1e7, 1e9] {
            assert!((width(shift) / near - 1.0).abs() < 0.01, "{shift}");
        }
    }

    #[test]
    fn the_interval_holds_what_is_not_rejected() {
        let values: Vec<f64> = (0..200).map(|i| f64::from(i * 37 % 101) / 101.0).collect();
        for bounds in [None, Some((-0.5, 1.5))] {
            for &alternative in Alternative::ALL {
                let design = MeanSequence::new()
                    .assume(Assume::Independence)
                    .null(0.4)
                    .bounds(bounds)
                    .alternative(alternative);
                let run = |design: MeanSequence| {
                    let mut monitor = design.monitor().unwrap();
                    monitor.update(values.as_slice()).unwrap();
                    monitor.state()
                };
                let interval = run(design).estimate.unwrap().interval;
                assert!(interval.low < 0.49 && interval.high > 0.49);
                for end in [interval.low, interval.high] {
                    if end > -0.5 && end < 1.5 {
                        let log_e = run(design.null(end)).log_e_value;
                        assert!((log_e - 20_f64.ln()).abs() < 1e-9, "{end}: {log_e}");
                    }
                }
            }
        }
    }

    /// Fair coins, the hardest of bounded values.
    #[test]
    fn false_alarms_over_all_looks_are_rare() {
        for bounds in [None, Some((0.0, 1.0))] {
            let design = MeanSequence::new()
                .assume(Assume::Independence)
                .null(0.5)
                .bounds(bounds);
            let alarms = (0..500).filter(|&run| {
                let mut stream = Stream::new(11, run);
                let mut monitor = design.monitor().unwrap();
                (0..1000).any(|_| {
                    let value = stream.below(2) as f64;
                    monitor.update(value).unwrap() != Decision::Continue
                })
            });
            let rate = alarms.count() as f64 / 500.0;
            assert!(
                rate < 0.05 + 3.0 * (0.05_f64 * 0.95 / 500.0).sqrt(),
                "{rate}"
            );
        }
    }

    #[test]
    fn a_bad_value_changes_nothing() {
        let mut monitor = MeanSequence::new()
            .assume(Assume::Independence)
            .monitor()
            .unwrap();
        monitor.update([1.0, 2.0].as_slice()).unwrap();
        let before = monitor.clone();
        for value in [f64::NAN, f64::INFINITY, 1e300] {
            assert!(monitor.update([3.0, value].as_slice()).is_err());
            assert!(monitor.update(value).is_err());
        }
        assert_eq!(monitor, before);
    }
}
