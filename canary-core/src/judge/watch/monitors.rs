//! One question, asked again and again from later on, and thinned by how much intervals remember.

use serde::{Deserialize, Serialize};

use super::{BUDGET, Seen};
use crate::data::{Arms, Counts, Exposure, Observations, Summary};
use crate::error::Result;
use crate::judge::condition::SampleRatioCondition;
use crate::judge::evaluate::{Evidence, added, requests};
use crate::judge::finding::Acceptable;
use crate::judge::verdict::Status;
use crate::options::{Alternative, Measure};
use crate::sequential::{
    Assume, Basis, Level, MixtureSprt, MixtureSprtMonitor, Monitor, SampleRatioMismatch,
    SampleRatioMonitor, SeriesComparison, SeriesMonitor, State, Update,
};

/// After so many looks monitors begin anew beside those from the start, and again each time that twice as
/// many have passed: a fault that comes late is not weighed against all the good time before it.
const BEGIN_ANEW: u64 = 20;

/// The largest dispersion that is believed of data of a kind: a fault that begins late, or grows, looks like
/// memory, too. Requests that fail in bursts of up to five.
pub(super) const OF_EVENTS: f64 = 5.0;
/// Requests that are slow together for a while.
pub(super) const OF_REQUESTS: f64 = 2.0;
/// Levels that remember the last minute: an autoregression of 0.7. More would be safer from noise that
/// remembers for longer, and blind to what leaks.
pub(super) const OF_LEVELS: f64 = 6.0;

/// One question put to monitors that begin at different looks.
///
/// They take observations to be independent; beside each a *careful* one takes nothing for granted and
/// measures, from 16 batches of updates on, the dispersion: by how much the variance of long sums exceeds
/// that of independent observations. An e-value of events that come in fives is the fifth power of one of
/// single events; so evidence (its logarithm) is divided by the dispersion. Before it is known it is taken
/// for what those that began earlier have measured, and at first for 1: what makes that safe enough is a null
/// hypothesis that lies away from no change. The least that was measured counts, and no more than is believed
/// of such data.
///
/// The monitors from the start have half of the error rate, the k-th that began later half of
/// 1 / (k (k + 1)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question<M> {
    fresh: Pair<M>,
    /// From the start, and from later on.
    asked: Vec<Pair<M>>,
    begins_anew: bool,
    looks: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair<M> {
    bold: M,
    careful: M,
    /// The largest dispersion that is believed.
    largest: f64,
    /// What is taken for the dispersion, and whether it was measured here.
    dispersion: f64,
    is_measured: bool,
}

impl<M: Monitor> Pair<M> {
    /// The p-value with the evidence divided by the dispersion.
    fn p_value(&self) -> f64 {
        self.bold.p_value().powf(1.0 / self.dispersion)
    }

    fn measure(&mut self) {
        let Some(dependence) = self.careful.dependence() else {
            return;
        };
        let measured = match dependence.basis {
            Basis::Independence | Basis::TooFew => return,
            Basis::Batches => dependence.dispersion.clamp(1.0, self.largest),
            Basis::TooDependent => self.largest,
        };
        self.dispersion = if self.is_measured {
            self.dispersion.min(measured)
        } else {
            measured
        };
        self.is_measured = true;
    }
}

impl<M: Monitor> Question<M> {
    pub(super) fn new(
        largest: f64,
        begins_anew: bool,
        make: impl Fn(Assume) -> Result<M>,
    ) -> Result<Self> {
        let fresh = Pair {
            bold: make(Assume::Independence)?,
            careful: make(Assume::Nothing)?,
            largest,
            dispersion: 1.0,
            is_measured: false,
        };
        Ok(Self {
            asked: vec![fresh.clone()],
            fresh,
            begins_anew,
            looks: 0,
        })
    }

    /// The anytime p-value of all together (Bonferroni, by their shares of the error rate).
    pub(super) fn p_value(&self) -> f64 {
        let p_values = self.asked.iter().enumerate().map(|(place, pair)| {
            let k = place as f64;
            let share = match place {
                _ if !self.begins_anew => 1.0,
                0 => 0.5,
                _ => 0.5 / (k * (k + 1.0)),
            };
            pair.p_value() / share
        });
        p_values.fold(1.0, f64::min)
    }

    /// Notes that a look begins, which may be one from which monitors begin anew.
    pub(super) fn begin_look(&mut self) {
        let age = self.looks / BEGIN_ANEW;
        let is_due = self.looks.is_multiple_of(BEGIN_ANEW) && age.is_power_of_two();
        if self.begins_anew && is_due {
            let known = self.asked.iter().filter(|pair| pair.is_measured);
            let least = known.map(|pair| pair.dispersion).reduce(f64::min);
            self.asked.push(Pair {
                dispersion: least.unwrap_or(self.fresh.dispersion),
                ..self.fresh.clone()
            });
        }
        self.looks += 1;
    }

    pub(super) fn update<D: Copy>(&mut self, data: D) -> Result<()>
    where
        M: Update<D>,
    {
        for pair in &mut self.asked {
            pair.careful.update(data)?;
            pair.bold.update(data)?;
            pair.measure();
        }
        Ok(())
    }

    /// What is known of all data: by the careful monitor as soon as it can tell.
    pub(super) fn state(&self) -> State {
        let first = self.asked.first().unwrap_or(&self.fresh);
        if first.is_measured {
            first.careful.state()
        } else {
            first.bold.state()
        }
    }
}

/// What takes both arms' observations of an interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum AnyMonitor {
    Mixture(Box<Question<MixtureSprtMonitor>>),
    Series(Box<Question<SeriesMonitor>>),
}

/// What such a monitor compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Proportion,
    Rate,
    Mean,
    Series,
}

/// How soon an effect of the size that is to be caught shows in series: after so many pairs.
const SOON: f64 = 3.0;

impl AnyMonitor {
    /// Asks whether the change is more (or less) than `null`; tuned to an `effect` beyond it.
    pub(super) fn new(
        kind: Kind,
        measure: Measure,
        alternative: Alternative,
        null: f64,
        effect: Option<f64>,
    ) -> Result<Self> {
        let begins_anew = effect.is_some();
        let level = match kind {
            Kind::Proportion => Level::Proportion,
            Kind::Rate => Level::Rate,
            Kind::Mean => Level::Mean,
            Kind::Series => {
                let design = SeriesComparison::new()
                    .measure(measure)
                    .alternative(alternative)
                    .alpha(BUDGET)
                    .tuned_at(SOON)
                    .null(Some(null));
                let question = Question::new(OF_LEVELS, begins_anew, |assume| {
                    design.assume(assume).monitor()
                })?;
                return Ok(Self::Series(Box::new(question)));
            }
        };
        let design = MixtureSprt::new()
            .level(level)
            .measure(measure)
            .alternative(alternative)
            .alpha(BUDGET)
            .effect(effect)
            .null(Some(null));
        let largest = match kind {
            Kind::Mean => OF_REQUESTS,
            Kind::Proportion | Kind::Rate | Kind::Series => OF_EVENTS,
        };
        let question = Question::new(largest, begins_anew, |assume| {
            design.assume(assume).monitor()
        })?;
        Ok(Self::Mixture(Box::new(question)))
    }

    pub(super) fn p_value(&self) -> f64 {
        match self {
            Self::Mixture(question) => question.p_value(),
            Self::Series(question) => question.p_value(),
        }
    }

    pub(super) fn state(&self) -> State {
        match self {
            Self::Mixture(question) => question.state(),
            Self::Series(question) => question.state(),
        }
    }

    /// Takes what both arms showed in an interval.
    pub(super) fn update(&mut self, data: &Interval) -> Result<()> {
        match self {
            Self::Mixture(question) => question.begin_look(),
            Self::Series(question) => question.begin_look(),
        }
        match (self, data) {
            (Self::Mixture(question), Interval::Counts(arms)) => question.update(*arms),
            (Self::Mixture(question), Interval::Exposure(arms)) => question.update(*arms),
            (Self::Mixture(question), Interval::Summary(arms)) => question.update(*arms),
            (Self::Series(question), Interval::Pairs(pairs)) => {
                for &pair in pairs {
                    question.update(pair)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// What both arms showed in an interval, in the form that monitors take.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Interval {
    Counts(Arms<Counts>),
    Exposure(Arms<Exposure>),
    Summary(Arms<Summary>),
    Pairs(Vec<Arms<f64>>),
}

/// Whether the traffic splits as configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Split {
    canary: f64,
    alpha: f64,
    monitor: Question<SampleRatioMonitor>,
    sizes: Arms<u64>,
}

impl Split {
    pub(super) fn new(condition: SampleRatioCondition) -> Result<Self> {
        let expected = vec![1.0 - condition.canary, condition.canary];
        Ok(Self {
            canary: condition.canary,
            alpha: condition.alpha,
            monitor: Question::new(OF_EVENTS, false, |assume| {
                SampleRatioMismatch::new(expected.clone())
                    .alpha(condition.alpha)
                    .assume(assume)
                    .monitor()
            })?,
            sizes: Arms::default(),
        })
    }

    pub(super) fn look(&mut self, arms: Arms<Option<&Observations>>) -> Result<Seen> {
        let none = |observations: Option<&Observations>| observations.map_or(Ok(0), requests);
        let new = Arms::new(none(arms.baseline)?, none(arms.canary)?);
        self.monitor.update(new)?;
        self.sizes = added(self.sizes, new);
        let p_value = self.monitor.p_value();
        let all = self.sizes.baseline as f64 + self.sizes.canary as f64;
        let mut evidence =
            Evidence::of("the canary's share of the traffic (at any look)".to_owned());
        if all == 0.0 {
            return Ok((
                evidence.blocked("there are no requests of either arm"),
                self.sizes,
            ));
        }
        evidence.levels = self.sizes.map(|size| Some(size as f64 / all));
        evidence.acceptable = Some(Acceptable {
            low: self.canary,
            high: self.canary,
        });
        evidence.p_value = Some(p_value);
        evidence.outcome = Some(if p_value <= self.alpha {
            Status::Fail
        } else {
            Status::Pass
        });
        Ok((evidence, self.sizes))
    }
}
