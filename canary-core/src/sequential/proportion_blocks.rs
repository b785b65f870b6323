use serde::{Deserialize, Serialize};

use super::dependence::{Batches, Contrast};
use super::state::{
    Assume, Decision, Dependence, Design, Monitor, MonitorName, Peak, State, Update, Version,
    check_rate, checked,
};
use crate::data::{Arm, Arms, Counts};
use crate::error::{Error, Result};
use crate::number::extended;
use crate::options::{Alternative, Measure, builder};
use crate::stats::ArmLevel;

builder! {
    #[doc = include_str!("proportion_blocks.md")]
    ///
    /// # Defaults
    /// Two-sided, alpha 0.05, nothing taken for granted.
    ///
    /// # Example: one trial of either arm at a time, all of them the canary's errors
    /// ```
    /// use canary_core::sequential::{Assume, Decision, Monitor, ProportionBlocks, Update};
    /// use canary_core::{Arms, Counts};
    ///
    /// let design = ProportionBlocks::new().assume(Assume::Independence);
    /// let mut errors = design.monitor()?;
    /// let block = Arms::new(Counts::new(0, 1)?, Counts::new(1, 1)?);
    /// for _ in 0..3 {
    ///     assert_eq!(errors.update(block)?, Decision::Continue);
    /// }
    /// assert_eq!(errors.update(block)?, Decision::AcceptAlternative);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    ProportionBlocks {
        /// The false-alarm rate over all looks, in (0, 1).
        alpha: f64 = 0.05,
        /// What is held against equal proportions.
        alternative: Alternative = Alternative::TwoSided,
        /// Whether trials may be taken to be independent.
        assume: Assume = Assume::Nothing,
    }
}

/// Turner, Ly and Grünwald's prior: so many events, and as many trials without one.
const PRIOR: f64 = 0.18;

impl Design for ProportionBlocks {
    fn check(&self) -> Result<()> {
        check_rate("alpha", self.alpha)
    }
}

impl ProportionBlocks {
    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an alpha outside (0, 1).
    pub fn monitor(self) -> Result<ProportionBlocksMonitor> {
        self.check()?;
        Ok(ProportionBlocksMonitor {
            version: Version,
            design: self,
            before: Arms::default(),
            block: Arms::default(),
            log_e: 0.0,
            peak: Peak::default(),
            decision: Decision::Continue,
            batches: Batches::default(),
        })
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trials {
    events: u64,
    trials: u64,
}

impl Trials {
    fn plus(self, other: Self) -> Self {
        Self {
            events: self.events.saturating_add(other.events),
            trials: self.trials.saturating_add(other.trials),
        }
    }

    fn others(self) -> f64 {
        self.trials.saturating_sub(self.events) as f64
    }

    fn proportion(self) -> f64 {
        (self.events as f64 + PRIOR) / (self.trials as f64 + 2.0 * PRIOR)
    }
}

/// Watches two proportions: see [`ProportionBlocks`]. Two of them cannot be merged: every block's bet
/// stands on all blocks before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProportionBlocksMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: ProportionBlocks,
    /// In blocks that are complete.
    before: Arms<Trials>,
    /// In the one that is not.
    block: Arms<Trials>,
    #[serde(with = "extended")]
    log_e: f64,
    peak: Peak,
    decision: Decision,
    batches: Batches,
}

impl ProportionBlocksMonitor {
    /// The proportions to bet on, if it is to be on that side at all.
    fn bet(&self) -> Option<(Arms<f64>, f64, f64)> {
        let bet = self.before.map(Trials::proportion);
        let wanted = match self.design.alternative {
            Alternative::TwoSided => true,
            Alternative::Greater => bet.canary > bet.baseline,
            Alternative::Less => bet.canary < bet.baseline,
        };
        let n = self.block.map(|arm| arm.trials as f64);
        let all = n.baseline + n.canary;
        let common = bet.baseline * (n.baseline / all) + bet.canary * (n.canary / all);
        (wanted && all > 0.0).then_some((bet, common, all))
    }

    fn add(&mut self, trials: Arms<Trials>) -> Decision {
        self.block = self.block.zip(trials).map(|(a, b)| a.plus(b));
        if self.block.baseline.trials == 0 || self.block.canary.trials == 0 {
            return self.decision;
        }
        if let Some((bet, common, _)) = self.bet() {
            let gain = self.block.zip(bet).map(|(arm, bet)| {
                let events = arm.events as f64 * (bet / common).ln();
                events + arm.others() * ((1.0 - bet) / (1.0 - common)).ln()
            });
            let log_e = self.log_e + gain.baseline + gain.canary;
            if !log_e.is_nan() {
                self.log_e = log_e;
            }
        }
        if self.design.assume == Assume::Nothing {
            let events = self.block.map(|arm| arm.events as f64);
            let trials = self.block.map(|arm| arm.trials as f64);
            let contrast = Contrast::of_proportions(Measure::Difference, events, trials);
            self.batches.push(contrast);
        }
        self.before = self.before.zip(self.block).map(|(a, b)| a.plus(b));
        self.block = Arms::default();
        if self.peak.is_below(self.log_e) {
            self.peak.note(self.log_e_now());
        }
        if self.decision == Decision::Continue && self.peak.rejects(self.design.alpha) {
            self.decision = Decision::AcceptAlternative;
        }
        self.decision
    }

    /// By what holds whatever the dependence; the bets were made on all counts, so that the batches
    /// must agree in any case.
    fn log_e_now(&self) -> f64 {
        let (batches, alternative) = (&self.batches, self.design.alternative);
        if self.design.assume == Assume::Independence {
            return self.log_e;
        }
        let own = batches.log_e_of_counts(0.0, alternative, 1.0, |times| times * self.log_e);
        let both = batches.log_e(0.0, alternative, 1.0);
        own.unwrap_or(0.0).min(both.unwrap_or(0.0))
    }

    /// What a trial adds to the e-value's logarithm, should the proportions be those that were seen.
    fn growth(&self) -> f64 {
        let all = self.before;
        let share = all.map(|arm| arm.trials as f64);
        let total = share.baseline + share.canary;
        let seen = all.map(Trials::proportion);
        let is_wanted = match self.design.alternative {
            Alternative::TwoSided => true,
            Alternative::Greater => seen.canary > seen.baseline,
            Alternative::Less => seen.canary < seen.baseline,
        };
        if !is_wanted || total == 0.0 {
            return 0.0;
        }
        let share = share.map(|n| n / total);
        let common = seen.baseline * share.baseline + seen.canary * share.canary;
        let gain = seen.zip(share).map(|(p, share)| {
            share * (p * (p / common).ln() + (1.0 - p) * ((1.0 - p) / (1.0 - common)).ln())
        });
        gain.baseline + gain.canary
    }
}

/// Events and trials of both arms since the last update.
impl Update<Arms<Counts>> for ProportionBlocksMonitor {
    fn update(&mut self, counts: Arms<Counts>) -> Result<Decision> {
        Ok(self.add(counts.map(|arm| Trials {
            events: arm.events(),
            trials: arm.trials(),
        })))
    }
}

/// A single trial, and whether it had the event.
impl Update<(Arm, bool)> for ProportionBlocksMonitor {
    fn update(&mut self, (arm, event): (Arm, bool)) -> Result<Decision> {
        let trial = Trials {
            events: u64::from(event),
            trials: 1,
        };
        Ok(self.add(Arms::alone(arm, trial)))
    }
}

impl Monitor for ProportionBlocksMonitor {
    fn state(&self) -> State {
        let all = self.before.zip(self.block).map(|(a, b)| a.plus(b));
        let levels =
            all.map(|arm| ArmLevel::new(arm.trials, arm.events as f64 / arm.trials as f64));
        let dispersion = self
            .batches
            .caution()
            .map_or(1.0, |caution| caution.dispersion);
        let missing = (-self.design.alpha.ln() * dispersion - self.log_e).max(0.0);
        let more = missing / self.growth();
        let observations = levels.baseline.n.saturating_add(levels.canary.n);
        let is_open = self.decision == Decision::Continue && more.is_finite() && more < 1e15;
        State {
            monitor: MonitorName::ProportionBlocks,
            decision: self.decision,
            alpha: self.design.alpha,
            p_value: self.peak.p_value(),
            log_e_value: self.log_e_now(),
            estimate: None,
            arms: vec![levels.baseline, levels.canary],
            observations,
            remaining: is_open.then(|| more.ceil().max(self.batches.wait(observations))),
            dependence: Some(Dependence::of(
                self.design.assume.measured(&self.batches),
                observations,
            )),
        }
    }

    fn decision(&self) -> Decision {
        self.decision
    }

    fn merge(&mut self, _later: &Self) -> Result<()> {
        let rule = "cannot be merged: every block's bet stands on all blocks before it";
        Err(Error::input("monitor", rule, MonitorName::ProportionBlocks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::random::Stream;

    fn fed(baseline: &str, canary: &str) -> Vec<f64> {
        let mut monitor = ProportionBlocks::new()
            .assume(Assume::Independence)
            .monitor()
            .unwrap();
        let pairs = baseline.chars().zip(canary.chars());
        pairs
            .map(|(baseline, canary)| {
                monitor.update((Arm::Baseline, baseline == '1')).unwrap();
                monitor.update((Arm::Canary, canary == '1')).unwrap();
                monitor.log_e
            })
            .collect()
    }

    /// Turner, Ly and Grünwald's e-values, computed anew with mpmath.
    #[test]
    fn agrees_with_independent_digits() {
        let expected = [0.0, 1.102_354, 2.329_975, 3.606_150, 4.908_122, 6.226_099];
        for (log_e, expected) in fed("000000", "111111").into_iter().zip(expected) {
            assert!((log_e - expected).abs() < 1e-6, "{log_e} {expected}");
        }
        let last = fed("001000", "101101").pop().unwrap();
        assert!((last + 0.620_124).abs() < 1e-6, "{last}");
    }

    #[test]
    fn false_alarms_over_all_looks_are_rare() {
        for alternative in Alternative::ALL {
            let design = ProportionBlocks::new()
                .assume(Assume::Independence)
                .alternative(*alternative);
            let alarms = (0..1000).filter(|&run| {
                let mut stream = Stream::new(13, run);
                let mut monitor = design.monitor().unwrap();
                (0..400).any(|_| {
                    let mut trial = || Counts::new(u64::from(stream.below(5) == 0), 1).unwrap();
                    let block = Arms::new(trial(), trial());
                    monitor.update(block).unwrap() != Decision::Continue
                })
            });
            let rate = alarms.count() as f64 / 1000.0;
            assert!(rate < 0.05, "{rate}");
        }
    }
}
