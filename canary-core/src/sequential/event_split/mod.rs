mod evidence;
mod quiet;
mod shares;

use serde::{Deserialize, Serialize};

pub(super) use self::evidence::{Evidence, times_until};
use self::quiet::Quiet;
use self::shares::{Shares, plus};
use super::dependence::{Batches, Contrast};
use super::state::{
    Assume, Decision, Dependence, Design, Monitor, MonitorName, Peak, State, Update, Version,
    check_positive, check_rate, checked, confidence, same_design,
};
use crate::data::{Arm, Arms, Counts, Exposure};
use crate::error::{Error, Result};
use crate::number::beta::Point;
use crate::options::{Alternative, Measure, builder};
use crate::stats::{ArmLevel, Estimate, Interval};

builder! {
    #[doc = include_str!("../event_split.md")]
    ///
    /// # Defaults
    /// Two-sided, alpha 0.05, the traffic split evenly, a strength of 20 events, no tolerance.
    ///
    /// # Example: six errors, all of them the canary's, which has a tenth of the traffic
    /// ```
    /// use canary_core::Arms;
    /// use canary_core::sequential::{Assume, Decision, EventSplit, Update};
    ///
    /// let design = EventSplit::new().share(0.1).assume(Assume::Independence);
    /// let mut errors = design.monitor()?;
    /// assert_eq!(errors.update(Arms::new(0, 1))?, Decision::Continue);
    /// assert_eq!(errors.update(Arms::new(0, 5))?, Decision::AcceptAlternative);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    ///
    /// # Example: a rollout in stages, each minute with the requests that it had
    /// ```
    /// use canary_core::sequential::{Decision, EventSplit, Update};
    /// use canary_core::{Arms, Counts};
    ///
    /// let mut errors = EventSplit::new().share(0.05).tolerance(Some(1.5)).monitor()?;
    /// let mut decision = Decision::Continue;
    /// for canary in [10, 50, 250, 500].repeat(30) {
    ///     let requests = Arms::new(10_000 - 10 * canary, 10 * canary);
    ///     let minute = requests.try_map(|_, n| Counts::new(n / 100, n))?;
    ///     decision = errors.update(minute)?;
    /// }
    /// assert_eq!(decision, Decision::AcceptNull); // not 1.5 times as many, nor as few
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    EventSplit {
        /// The canary's share of the traffic, in (0, 1), wherever the data do not say their own.
        /// It also says how wide the prior is; for shares that grow, one from the middle serves.
        share: f64 = 0.5,
        /// The false-alarm rate over all looks, in (0, 1).
        alpha: f64 = 0.05,
        /// What is held against equal rates.
        alternative: Alternative = Alternative::TwoSided,
        /// How many times worse is still tolerated, greater than 1: the null hypothesis is
        /// accepted when a ratio of rates of at least that is excluded (for `Less` of at most its
        /// inverse, for two sides both), with an error rate of alpha. Without it, never.
        tolerance: Option<f64> = None,
        /// How many events the prior is worth; positive.
        strength: f64 = 20.0,
        /// Whether events may be taken to come one by one.
        assume: Assume = Assume::Nothing,
    }
}

impl Design for EventSplit {
    fn check(&self) -> Result<()> {
        check_rate("alpha", self.alpha)?;
        check_rate("share", self.share)?;
        if let Some(factor) = self.tolerance
            && !(factor > 1.0 && factor.is_finite())
        {
            let rule = "must be a finite factor greater than 1";
            return Err(Error::option("tolerance", rule, factor));
        }
        check_positive("strength", self.strength)
    }
}

impl EventSplit {
    fn bound(&self) -> f64 {
        -self.alpha.ln()
    }

    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a share or an alpha outside (0, 1), a tolerance that is not
    /// greater than 1, and a strength that is not positive and finite.
    pub fn monitor(self) -> Result<EventSplitMonitor> {
        self.check()?;
        Ok(EventSplitMonitor {
            version: Version,
            design: self,
            events: Arms::default(),
            others: None,
            peak: Peak::default(),
            decision: Decision::Continue,
            batches: Batches::default(),
            quiet: Quiet::default(),
        })
    }

    fn log_e(&self, evidence: Evidence<'_>) -> f64 {
        evidence.log_e(0.0, self.alternative)
    }

    /// Logarithms of the e-values against "too many" and "too few", of those that are asked for.
    fn log_e_within(&self, evidence: Evidence<'_>, factor: f64) -> impl Iterator<Item = f64> {
        let (many, few) = match self.alternative {
            Alternative::TwoSided => (true, true),
            Alternative::Greater => (true, false),
            Alternative::Less => (false, true),
        };
        let margin = factor.ln();
        let many = many.then(|| evidence.log_e(margin, Alternative::Less));
        let few = few.then(|| evidence.log_e(-margin, Alternative::Greater));
        many.into_iter().chain(few)
    }
}

/// Watches the split of events: see [`EventSplit`]. Merges exactly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSplitMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: EventSplit,
    /// Those under the design's share.
    events: Arms<u64>,
    /// Those under others.
    others: Option<Shares>,
    peak: Peak,
    decision: Decision,
    batches: Batches,
    #[serde(skip)]
    quiet: Quiet,
}

impl EventSplitMonitor {
    fn evidence(&self, own: Arms<u64>) -> Evidence<'_> {
        Evidence {
            share: Point::new(self.design.share),
            strength: self.design.strength,
            own: own.map(|events| events as f64),
            others: self.others.as_ref(),
            times: 1.0,
            batches: None,
        }
    }

    /// All of the evidence, with what is known of its dependence.
    fn all_evidence(&self) -> Evidence<'_> {
        Evidence {
            batches: self.design.assume.measured(&self.batches),
            ..self.evidence(self.events)
        }
    }

    fn look(&mut self) -> Decision {
        if self.others.is_none() && self.quiet.holds(self.events) {
            return self.decision;
        }
        let design = self.design;
        let evidence = self.all_evidence();
        let log_e = design.log_e(evidence);
        let is_open = self.decision == Decision::Continue;
        let tolerance = design.tolerance.filter(|_| is_open);
        let within = |evidence| {
            tolerance.map_or(f64::NEG_INFINITY, |factor| {
                let least = design.log_e_within(evidence, factor);
                least.fold(f64::INFINITY, f64::min)
            })
        };
        let is_within = within(evidence) >= design.bound();
        self.peak.note(log_e);
        if is_open && self.peak.rejects(design.alpha) {
            self.decision = Decision::AcceptAlternative;
        } else if is_open && is_within {
            self.decision = Decision::AcceptNull;
        }
        self.seek_quiet(design.log_e(self.evidence(self.events)));
        self.decision
    }

    fn seek_quiet(&mut self, log_e: f64) {
        let (design, peak) = (self.design, self.peak.log_e());
        let nearly = |log_e: f64, bound: f64| log_e >= bound - 1e-6 * (1.0 + bound.abs());
        if self.others.is_some() || nearly(log_e, peak) {
            return;
        }
        let tolerance = design
            .tolerance
            .filter(|_| self.decision == Decision::Continue);
        let mut quiet = self.quiet;
        quiet.look(self.events, design.share, |events| {
            let evidence = self.evidence(events);
            nearly(design.log_e(evidence), peak)
                || tolerance.is_some_and(|factor| {
                    let mut within = design.log_e_within(evidence, factor);
                    within.any(|log_e| nearly(log_e, design.bound()))
                })
        });
        self.quiet = quiet;
    }

    /// Takes events of an interval in which the canary had this share of the traffic. With all of
    /// the traffic on one arm there was nothing to tell, and they are left out.
    fn take(&mut self, share: f64, events: Arms<u64>) -> Decision {
        let own = self.design.share;
        let is_own = (share - own).abs() <= 4.0 * f64::EPSILON * own;
        if is_own {
            self.events = plus(self.events, events);
        } else if share > 0.0 && share < 1.0 {
            self.others.get_or_insert_default().add(share, events);
        } else {
            return self.decision;
        }
        if self.design.assume == Assume::Nothing {
            let traffic = Arms::new(1.0 - share, share);
            let events = events.map(|events| events as f64);
            self.batches
                .push(Contrast::of_events(Measure::Ratio, events, traffic));
        }
        self.look()
    }

    /// All events, whatever the share.
    fn all(&self) -> Arms<u64> {
        match &self.others {
            None => self.events,
            Some(others) => plus(self.events, others.events),
        }
    }

    fn estimate(&self) -> Option<Estimate> {
        let Arms { baseline, canary } = self.all();
        if baseline == 0 && canary == 0 {
            return None;
        }
        let EventSplit {
            alpha, alternative, ..
        } = self.design;
        let evidence = self.all_evidence();
        let (low, high) = evidence.interval(alternative, self.design.bound());
        let ends = (low.exp(), high.exp());
        Some(Estimate {
            measure: Measure::Ratio,
            of: "ratio of rates".to_owned(),
            value: evidence.estimate().exp(),
            interval: Interval::new(ends, (0.0, f64::INFINITY), alternative, confidence(alpha)),
        })
    }

    /// About how many more events.
    fn remaining(&self) -> Option<f64> {
        let Arms { baseline, canary } = self.all();
        let all = baseline as f64 + canary as f64;
        if self.decision != Decision::Continue || all == 0.0 {
            return None;
        }
        let (design, mut evidence) = (self.design, self.all_evidence());
        if self.batches.is_refused() {
            evidence.batches = None; // the least that it takes
        }
        let bound = design.bound();
        let worse = evidence.times_until(bound, |evidence| design.log_e(evidence));
        let not_worse = design.tolerance.and_then(|factor| {
            evidence.times_until(bound, |evidence| {
                let least = design.log_e_within(evidence, factor);
                least.fold(f64::INFINITY, f64::min)
            })
        });
        let times = worse.into_iter().chain(not_worse).reduce(f64::min)?;
        let observations = baseline.saturating_add(canary);
        let least = self.batches.wait(observations);
        Some(((times - 1.0) * all).ceil().max(least))
    }
}

/// One event.
impl Update<Arm> for EventSplitMonitor {
    fn update(&mut self, arm: Arm) -> Result<Decision> {
        self.update(Arms::alone(arm, 1))
    }
}

/// Events of both arms since the last update, under the design's share.
impl Update<Arms<u64>> for EventSplitMonitor {
    fn update(&mut self, events: Arms<u64>) -> Result<Decision> {
        Ok(self.take(self.design.share, events))
    }
}

/// The canary's share of the traffic since the last update, in (0, 1), and the events of both arms.
impl Update<(f64, Arms<u64>)> for EventSplitMonitor {
    fn update(&mut self, (share, events): (f64, Arms<u64>)) -> Result<Decision> {
        if share > 0.0 && share < 1.0 {
            return Ok(self.take(share, events));
        }
        Err(Error::input("share", "must lie in (0, 1)", share))
    }
}

/// Events of both arms since the last update in their exposures (requests, time, machine-hours),
/// which say the share.
impl Update<Arms<Exposure>> for EventSplitMonitor {
    fn update(&mut self, arms: Arms<Exposure>) -> Result<Decision> {
        let share = 1.0 / (1.0 + arms.baseline.time() / arms.canary.time());
        Ok(self.take(share, arms.map(Exposure::events)))
    }
}

/// Events of both arms since the last update and the trials that they came from, which say the
/// share. An interval in which an arm had no trials is left out.
impl Update<Arms<Counts>> for EventSplitMonitor {
    fn update(&mut self, arms: Arms<Counts>) -> Result<Decision> {
        let trials = arms.map(|arm| arm.trials() as f64);
        let share = trials.canary / (trials.canary + trials.baseline);
        Ok(self.take(share, arms.map(Counts::events)))
    }
}

impl Monitor for EventSplitMonitor {
    fn state(&self) -> State {
        let events = self.all();
        let all = events.baseline as f64 + events.canary as f64;
        let observations = events.baseline.saturating_add(events.canary);
        State {
            monitor: MonitorName::EventSplit,
            decision: self.decision,
            alpha: self.design.alpha,
            p_value: self.peak.p_value(),
            log_e_value: self.design.log_e(self.all_evidence()),
            estimate: self.estimate(),
            arms: [events.baseline, events.canary]
                .map(|n| ArmLevel::new(n, n as f64 / all))
                .to_vec(),
            observations,
            remaining: self.remaining(),
            dependence: Some(Dependence::of(self.all_evidence().batches, observations)),
        }
    }

    fn decision(&self) -> Decision {
        self.decision
    }

    fn merge(&mut self, later: &Self) -> Result<()> {
        same_design(&self.design, &later.design)?;
        self.events = plus(self.events, later.events);
        if let Some(others) = &later.others {
            self.others.get_or_insert_default().merge(others);
        }
        self.batches.merge(&later.batches);
        self.quiet = Quiet::default();
        self.look();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
