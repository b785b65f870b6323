//! One question, asked again and again from later on, and thinned by how much intervals remember.

use serde::{Deserialize, Serialize};

use super::{BUDGET, Seen};
use crate::data::{Arms, Counts, Design, Exposure, Observations, Summary};
use crate::error::Result;
use crate::judge::condition::SampleRatioCondition;
use crate::judge::evaluate::{Evidence, NO_SPLIT, added, requests};
use crate::judge::finding::Acceptable;
use crate::judge::verdict::Status;
use crate::options::{Alternative, Measure};
use crate::sequential::{
    Assume, AutoregressiveLevels, Basis, Level, MixtureSprt, MixtureSprtMonitor, Monitor,
    SampleRatioMismatch, SampleRatioMonitor, SeriesComparison, SeriesMonitor, State, Update,
};

/// After so many looks monitors begin anew beside those from the start, and again each time that twice as
/// many have passed: a fault that comes late is not weighed against all the good time before it.
const BEGIN_ANEW: u64 = 20;
/// The part of the error rate that those from the start have: most faults come with the release.
const FROM_THE_START: f64 = 0.8;

/// The largest dispersion that is believed of data of a kind: a fault that begins late, or grows, looks like
/// memory, too. Requests that fail in bursts of up to five.
pub(super) const OF_EVENTS: f64 = 5.0;
/// Requests that are slow together for a while.
pub(super) const OF_REQUESTS: f64 = 2.0;
/// A question put to observations from some look on.
pub(super) trait Asked: Clone {
    /// The p-value, at all looks together, where this dispersion at least is known from elsewhere.
    fn p_value(&self, at_least: f64) -> f64;

    /// By how much the variance of long sums exceeds that of independent observations; none as long as
    /// that is not known.
    fn dispersion(&self) -> Option<f64>;

    /// The same, told what those that began earlier know of it.
    fn knowing(self, dispersion: Option<f64>) -> Self;
}

/// What takes such observations.
pub(super) trait Takes<D> {
    fn take(&mut self, data: D) -> Result<()>;
}

/// One question put to observations from different looks on: those from the start have most of the error
/// rate, the k-th that began later 1 / (k (k + 1)) of the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question<A> {
    fresh: A,
    /// From the start, and from later on.
    asked: Vec<A>,
    begins_anew: bool,
    looks: u64,
}

impl<A: Asked> Question<A> {
    pub(super) fn new(fresh: A, begins_anew: bool) -> Self {
        Self {
            asked: vec![fresh.clone()],
            fresh,
            begins_anew,
            looks: 0,
        }
    }

    /// The anytime p-value of all together (Bonferroni, by their shares of the error rate).
    pub(super) fn p_value(&self, at_least: f64) -> f64 {
        let p_values = self.asked.iter().enumerate().map(|(place, asked)| {
            let k = place as f64;
            let share = match place {
                _ if !self.begins_anew => 1.0,
                0 => FROM_THE_START,
                _ => (1.0 - FROM_THE_START) / (k * (k + 1.0)),
            };
            asked.p_value(at_least) / share
        });
        p_values.fold(1.0, f64::min)
    }

    /// Notes that a look begins, which may be one from which it is asked anew.
    pub(super) fn begin_look(&mut self) {
        let age = self.looks / BEGIN_ANEW;
        let is_due = self.looks.is_multiple_of(BEGIN_ANEW) && age.is_power_of_two();
        if self.begins_anew && is_due {
            let known = self.asked.iter().filter_map(Asked::dispersion);
            let least = known.reduce(f64::min);
            self.asked.push(self.fresh.clone().knowing(least));
        }
        self.looks += 1;
    }

    pub(super) fn update<D: Copy>(&mut self, data: D) -> Result<()>
    where
        A: Takes<D>,
    {
        self.asked.iter_mut().try_for_each(|asked| asked.take(data))
    }

    /// What was asked from the start.
    fn first(&self) -> &A {
        self.asked.first().unwrap_or(&self.fresh)
    }
}

/// A monitor that takes observations to be independent; beside it a *careful* one takes nothing for
/// granted and measures, from 16 batches of updates on, the dispersion.
///
/// An e-value of events that come in fives is the fifth power of one of single events; so evidence (its
/// logarithm) is divided by the dispersion. Before it is known it is taken for what those that began
/// earlier have measured, and at first for 1: what makes that safe enough is a null hypothesis that lies
/// away from no change. The least that was measured counts, and no more than is believed of such data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pair<M> {
    bold: M,
    careful: M,
    /// The largest dispersion that is believed.
    largest: f64,
    /// What is taken for the dispersion, and whether it was measured here.
    dispersion: f64,
    is_measured: bool,
}

impl<M: Monitor> Pair<M> {
    pub(super) fn new(largest: f64, make: impl Fn(Assume) -> Result<M>) -> Result<Self> {
        Ok(Self {
            bold: make(Assume::Independence)?,
            careful: make(Assume::Nothing)?,
            largest,
            dispersion: 1.0,
            is_measured: false,
        })
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

impl<M: Monitor + Clone> Asked for Pair<M> {
    /// The p-value with the evidence divided by the dispersion.
    fn p_value(&self, at_least: f64) -> f64 {
        let dispersion = self.dispersion.max(at_least);
        self.bold.p_value().powf(1.0 / dispersion)
    }

    fn dispersion(&self) -> Option<f64> {
        self.is_measured.then_some(self.dispersion)
    }

    fn knowing(self, dispersion: Option<f64>) -> Self {
        Self {
            dispersion: dispersion.unwrap_or(self.dispersion),
            ..self
        }
    }
}

impl Pair<MixtureSprtMonitor> {
    /// What is known, with the interval that the p-value decides by: evidence that is divided by the
    /// dispersion reaches 1/α where it is itself 1/α to the power of that.
    fn state(&self, at_least: f64) -> State {
        let dispersion = self.dispersion.max(at_least);
        let alpha = BUDGET.powf(dispersion).max(f64::MIN_POSITIVE);
        self.bold.state_at(alpha)
    }
}

impl<M: Monitor + Update<D>, D: Copy> Takes<D> for Pair<M> {
    fn take(&mut self, data: D) -> Result<()> {
        self.careful.update(data)?;
        self.bold.update(data)?;
        self.measure();
        Ok(())
    }
}

impl Asked for AutoregressiveLevels {
    fn p_value(&self, _at_least: f64) -> f64 {
        self.p_value()
    }

    fn dispersion(&self) -> Option<f64> {
        self.known()
    }

    fn knowing(self, dispersion: Option<f64>) -> Self {
        self.knowing(dispersion)
    }
}

impl Takes<Arms<f64>> for AutoregressiveLevels {
    fn take(&mut self, data: Arms<f64>) -> Result<()> {
        self.update(data)
    }
}

/// How a question is put.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Manner {
    /// Look after look, of what came since the last one.
    LookByLook,
    /// Of all data so far at once, with this error rate at all such looks together.
    AllAtOnce(f64),
}

impl Manner {
    pub(super) const fn alpha(self) -> f64 {
        match self {
            Self::LookByLook => BUDGET,
            Self::AllAtOnce(alpha) => alpha,
        }
    }
}

/// What takes both arms' observations of an interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum AnyMonitor {
    Mixture(Box<Question<Pair<MixtureSprtMonitor>>>),
    Series(Box<Question<AutoregressiveLevels>>),
    /// All observations so far as one interval. How they came cannot be seen in them: they are taken to be
    /// independent.
    Totals(Box<MixtureSprtMonitor>),
    /// All pairs so far, from which it is measured what they remember.
    Pairs(Box<SeriesMonitor>),
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

impl Kind {
    /// Whether it counts events, of which several may come at once.
    pub(super) const fn is_of_events(self) -> bool {
        matches!(self, Self::Proportion | Self::Rate)
    }
}

impl AnyMonitor {
    /// Asks whether the change is more (or less) than `null`; tuned to an `effect` beyond it.
    pub(super) fn new(
        kind: Kind,
        manner: Manner,
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
                return Ok(match manner {
                    Manner::LookByLook => {
                        let levels =
                            AutoregressiveLevels::new(measure, alternative, null, manner.alpha());
                        Self::Series(Box::new(Question::new(levels, begins_anew)))
                    }
                    Manner::AllAtOnce(_) => {
                        let design = SeriesComparison::new()
                            .measure(measure)
                            .alternative(alternative)
                            .alpha(manner.alpha())
                            .null(Some(null));
                        Self::Pairs(Box::new(design.monitor()?))
                    }
                });
            }
        };
        let design = MixtureSprt::new()
            .level(level)
            .measure(measure)
            .alternative(alternative)
            .alpha(manner.alpha())
            .effect(effect)
            .null(Some(null));
        if let Manner::AllAtOnce(_) = manner {
            let monitor = design.assume(Assume::Independence).monitor()?;
            return Ok(Self::Totals(Box::new(monitor)));
        }
        let largest = match kind {
            Kind::Mean => OF_REQUESTS,
            Kind::Proportion | Kind::Rate | Kind::Series => OF_EVENTS,
        };
        let pair = Pair::new(largest, |assume| design.assume(assume).monitor())?;
        Ok(Self::Mixture(Box::new(Question::new(pair, begins_anew))))
    }

    pub(super) fn p_value(&self, at_least: f64) -> f64 {
        match self {
            Self::Mixture(question) => question.p_value(at_least),
            Self::Series(question) => question.p_value(at_least),
            Self::Totals(monitor) => monitor.p_value(),
            Self::Pairs(monitor) => monitor.p_value(),
        }
    }

    pub(super) fn state(&self, at_least: f64) -> State {
        match self {
            Self::Mixture(question) => question.first().state(at_least),
            Self::Series(question) => question.first().state(),
            Self::Totals(monitor) => monitor.state(),
            Self::Pairs(monitor) => monitor.state(),
        }
    }

    /// Takes what both arms showed in an interval.
    pub(super) fn update(&mut self, data: &Interval) -> Result<()> {
        match self {
            Self::Mixture(question) => question.begin_look(),
            Self::Series(question) => question.begin_look(),
            Self::Totals(_) | Self::Pairs(_) => {}
        }
        match (self, data) {
            (Self::Mixture(question), Interval::Counts(arms)) => question.update(*arms)?,
            (Self::Mixture(question), Interval::Exposure(arms)) => question.update(*arms)?,
            (Self::Mixture(question), Interval::Summary(arms)) => question.update(*arms)?,
            (Self::Series(question), Interval::Pairs(pairs)) => {
                for &pair in pairs {
                    question.update(pair)?;
                }
            }
            (Self::Totals(monitor), Interval::Counts(arms)) => {
                monitor.update(*arms)?;
            }
            (Self::Totals(monitor), Interval::Exposure(arms)) => {
                monitor.update(*arms)?;
            }
            (Self::Totals(monitor), Interval::Summary(arms)) => {
                monitor.update(*arms)?;
            }
            (Self::Pairs(monitor), Interval::Pairs(pairs)) => {
                for &pair in pairs {
                    monitor.update(pair)?;
                }
            }
            _ => {}
        }
        Ok(())
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
    monitor: Question<Pair<SampleRatioMonitor>>,
    sizes: Arms<u64>,
}

impl Split {
    pub(super) fn new(condition: SampleRatioCondition) -> Result<Self> {
        let expected = vec![1.0 - condition.canary, condition.canary];
        Ok(Self {
            canary: condition.canary,
            alpha: condition.alpha,
            monitor: Question::new(
                Pair::new(OF_EVENTS, |assume| {
                    SampleRatioMismatch::new(expected.clone())
                        .alpha(condition.alpha)
                        .assume(assume)
                        .monitor()
                })?,
                false,
            ),
            sizes: Arms::default(),
        })
    }

    pub(super) fn look(
        &mut self,
        arms: Arms<Option<&Observations>>,
        design: Design,
    ) -> Result<Seen> {
        let none = |observations: Option<&Observations>| observations.map_or(Ok(0), requests);
        let new = Arms::new(none(arms.baseline)?, none(arms.canary)?);
        if design == Design::Concurrent {
            self.monitor.update(new)?;
        }
        self.sizes = added(self.sizes, new);
        let p_value = self.monitor.p_value(1.0);
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
        if design == Design::BeforeAndAfter {
            evidence = evidence.undecided(NO_SPLIT);
        }
        Ok((evidence, self.sizes))
    }
}
