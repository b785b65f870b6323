use serde::{Deserialize, Serialize};

use super::beta_mixture::BetaMixture;
use super::state::{
    Decision, Design, Monitor, MonitorName, Peak, State, Update, Version, check_rate, checked,
    same_design,
};
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::beta::Point;
use crate::options::{Alternative, builder};
use crate::stats::ArmLevel;

builder! {
    #[doc = include_str!("event_split.md")]
    ///
    /// # Defaults
    /// Two-sided, alpha 0.05, the traffic split evenly, a strength of 20 events.
    ///
    /// # Example: six errors, all of them the canary's, which has a tenth of the traffic
    /// ```
    /// use canary_core::Arms;
    /// use canary_core::sequential::{Decision, EventSplit, Update};
    ///
    /// let mut errors = EventSplit::new().share(0.1).monitor()?;
    /// assert_eq!(errors.update(Arms::new(0, 1))?, Decision::Continue);
    /// assert_eq!(errors.update(Arms::new(0, 5))?, Decision::AcceptAlternative);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    EventSplit {
        /// The canary's share of the traffic, in (0, 1).
        share: f64 = 0.5,
        /// The false-alarm rate over all looks, in (0, 1).
        alpha: f64 = 0.05,
        /// What is held against equal rates.
        alternative: Alternative = Alternative::TwoSided,
        /// How many events the prior is worth; positive.
        strength: f64 = 20.0,
    }
}

impl Design for EventSplit {
    fn check(&self) -> Result<()> {
        check_rate("alpha", self.alpha)?;
        check_rate("share", self.share)?;
        if self.strength > 0.0 && self.strength.is_finite() {
            return Ok(());
        }
        let rule = "must be positive and finite";
        Err(Error::option("strength", rule, self.strength))
    }
}

impl EventSplit {
    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a share or an alpha outside (0, 1), and a strength that is not
    /// positive and finite.
    pub fn monitor(self) -> Result<EventSplitMonitor> {
        self.check()?;
        Ok(EventSplitMonitor {
            version: Version,
            design: self,
            events: Arms::default(),
            peak: Peak::default(),
            decision: Decision::Continue,
        })
    }
}

/// Watches the split of events: see [`EventSplit`]. Merges exactly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSplitMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: EventSplit,
    events: Arms<u64>,
    peak: Peak,
    decision: Decision,
}

impl EventSplitMonitor {
    fn log_e(&self) -> f64 {
        let EventSplit {
            share,
            alternative,
            strength,
            ..
        } = self.design;
        let null = Point::new(share);
        let events = self.events.map(|events| events as f64);
        BetaMixture::centred(null, strength).log_e(
            events.canary,
            events.baseline,
            null,
            alternative,
        )
    }

    fn look(&mut self) -> Decision {
        self.peak.note(self.log_e());
        if self.decision == Decision::Continue && self.peak.rejects(self.design.alpha) {
            self.decision = Decision::AcceptAlternative;
        }
        self.decision
    }

    fn add(&mut self, events: Arms<u64>) {
        self.events = self.events.zip(events).map(|(a, b)| a.saturating_add(b));
    }
}

/// Events of both arms since the last update.
impl Update<Arms<u64>> for EventSplitMonitor {
    fn update(&mut self, events: Arms<u64>) -> Result<Decision> {
        self.add(events);
        Ok(self.look())
    }
}

impl Monitor for EventSplitMonitor {
    fn state(&self) -> State {
        let events = self.events;
        let all = events.baseline as f64 + events.canary as f64;
        State {
            monitor: MonitorName::EventSplit,
            decision: self.decision,
            alpha: self.design.alpha,
            p_value: self.peak.p_value(),
            log_e_value: self.log_e(),
            estimate: None,
            arms: [events.baseline, events.canary]
                .map(|n| ArmLevel::new(n, n as f64 / all))
                .to_vec(),
            observations: events.baseline.saturating_add(events.canary),
            remaining: None,
            dependence: None,
        }
    }

    fn merge(&mut self, later: &Self) -> Result<()> {
        same_design(&self.design, &later.design)?;
        self.add(later.events);
        self.look();
        Ok(())
    }
}
