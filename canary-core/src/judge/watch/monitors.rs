//! One question, asked twice: carefully, and boldly as long as caution cannot answer.

use serde::{Deserialize, Serialize};

use super::{BUDGET, Seen};
use crate::data::{Arms, Counts, Exposure, Observations, Summary};
use crate::error::Result;
use crate::judge::condition::SampleRatioCondition;
use crate::judge::evaluate::{Evidence, requests};
use crate::judge::finding::Acceptable;
use crate::judge::verdict::Status;
use crate::options::{Alternative, Measure};
use crate::sequential::{
    Assume, Level, MixtureSprt, MixtureSprtMonitor, Monitor, SampleRatioMismatch,
    SampleRatioMonitor, SeriesComparison, SeriesMonitor, State, Update,
};

/// As many times as much evidence is asked of a monitor that takes observations to be independent as
/// would do if they were: right for events that come in bursts of up to so many.
const BURSTS: f64 = 4.0;

/// One question put to two monitors. The *careful* one takes nothing for granted, and so says nothing
/// before there are 16 batches of updates. Until then a *bold* one speaks, which takes observations to
/// be independent, and whose evidence is divided by the dispersion that bursts of [`BURSTS`] have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question<M> {
    pub(super) careful: M,
    pub(super) bold: M,
}

impl<M: Monitor> Question<M> {
    pub(super) fn new(make: impl Fn(Assume) -> Result<M>) -> Result<Self> {
        Ok(Self {
            careful: make(Assume::Nothing)?,
            bold: make(Assume::Independence)?,
        })
    }

    /// The anytime p-value of both together (Bonferroni).
    pub(super) fn p_value(&self) -> f64 {
        let careful = self.careful.p_value();
        let bold = self.bold.p_value().powf(1.0 / BURSTS);
        (2.0 * careful.min(bold)).min(1.0)
    }

    pub(super) fn update<D: Copy>(&mut self, data: D) -> Result<()>
    where
        M: Update<D>,
    {
        self.careful.update(data)?;
        self.bold.update(data)?;
        Ok(())
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

impl AnyMonitor {
    /// Asks whether the change is more (or less) than `null`.
    pub(super) fn new(
        kind: Kind,
        measure: Measure,
        alternative: Alternative,
        null: f64,
    ) -> Result<Self> {
        let level = match kind {
            Kind::Proportion => Level::Proportion,
            Kind::Rate => Level::Rate,
            Kind::Mean => Level::Mean,
            Kind::Series => {
                let design = SeriesComparison::new()
                    .measure(measure)
                    .alternative(alternative)
                    .alpha(BUDGET)
                    .null(Some(null));
                let made = Question::new(|assume| design.assume(assume).monitor());
                return made.map(|question| Self::Series(Box::new(question)));
            }
        };
        let design = MixtureSprt::new()
            .level(level)
            .measure(measure)
            .alternative(alternative)
            .alpha(BUDGET)
            .null(Some(null));
        let made = Question::new(|assume| design.assume(assume).monitor());
        made.map(|question| Self::Mixture(Box::new(question)))
    }

    pub(super) fn p_value(&self) -> f64 {
        match self {
            Self::Mixture(question) => question.p_value(),
            Self::Series(question) => question.p_value(),
        }
    }

    /// What the careful one knows.
    pub(super) fn state(&self) -> State {
        match self {
            Self::Mixture(question) => question.careful.state(),
            Self::Series(question) => question.careful.state(),
        }
    }

    /// Takes what both arms showed in an interval.
    pub(super) fn update(&mut self, data: &Interval) -> Result<()> {
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
    monitor: SampleRatioMonitor,
    sizes: Arms<u64>,
}

impl Split {
    pub(super) fn new(condition: SampleRatioCondition) -> Result<Self> {
        let expected = vec![1.0 - condition.canary, condition.canary];
        Ok(Self {
            canary: condition.canary,
            alpha: condition.alpha,
            monitor: SampleRatioMismatch::new(expected)
                .alpha(condition.alpha)
                .monitor()?,
            sizes: Arms::default(),
        })
    }

    pub(super) fn look(&mut self, arms: Arms<Option<&Observations>>) -> Result<Seen> {
        let none = |observations: Option<&Observations>| observations.map_or(Ok(0), requests);
        let new = Arms::new(none(arms.baseline)?, none(arms.canary)?);
        self.monitor.update(new)?;
        self.sizes = Arms::new(
            self.sizes.baseline.saturating_add(new.baseline),
            self.sizes.canary.saturating_add(new.canary),
        );
        let state = self.monitor.state();
        let all = self.sizes.baseline as f64 + self.sizes.canary as f64;
        let mut evidence =
            Evidence::of("the canary's share of the traffic (at any look)".to_owned());
        evidence.levels = self.sizes.map(|size| Some(size as f64 / all));
        evidence.acceptable = Some(Acceptable {
            low: self.canary,
            high: self.canary,
        });
        evidence.p_value = Some(state.p_value);
        evidence.outcome = Some(if state.p_value <= self.alpha {
            Status::Fail
        } else {
            Status::Pass
        });
        Ok((evidence, self.sizes))
    }
}
