//! Two arms: proportions, means and rates.

mod events;
mod means;
mod score;
mod strata;

use serde::{Deserialize, Serialize};

use super::dependence::{Batches, Contrast};
use super::evidence::{Answers, Evidence, Question};
use super::normal_mixture::tuned_at;
use super::state::{
    Assume, Decision, Dependence, Design, LARGEST, Monitor, MonitorName, State, Update, Version,
    check_positive, checked, moderate, same_design,
};
use crate::data::{Arm, Arms, Counts, Exposure, Summary};
use crate::error::{Error, Result};
use crate::number::moments::Moments;
use crate::options::{Alternative, Measure, builder, choice};
use crate::stats::ArmLevel;
use score::{Score, Tuning};
use strata::{Part, Span, Strata, Trials};

choice! {
    /// What of each arm is compared.
    #[derive(Default)]
    Level("level") {
        /// Events per trial, e.g. errors per request.
        #[default]
        Proportion = "proportion",
        /// The mean of values, e.g. latencies.
        Mean = "mean",
        /// Events per unit of time.
        Rate = "rate",
    }
}

builder! {
    #[doc = include_str!("../mixture_sprt.md")]
    ///
    /// # Defaults
    /// Proportions, their difference, two-sided, alpha 0.05, no tolerance, tuned to the usual effect,
    /// nothing decided before 50 observations of either arm.
    ///
    /// # Example: errors of requests, minute by minute, the canary with a twentieth of the traffic
    /// ```
    /// use canary_core::sequential::{Decision, MixtureSprt, Monitor, Update};
    /// use canary_core::{Alternative, Arms, Counts};
    ///
    /// let design = MixtureSprt::new().alternative(Alternative::Greater);
    /// let mut errors = design.monitor()?;
    /// let minute = Arms::new(Counts::new(9, 950)?, Counts::new(2, 50)?);
    /// let mut minutes = 1;
    /// while errors.update(minute)? == Decision::Continue {
    ///     minutes += 1;
    /// }
    /// assert_eq!(errors.state().decision, Decision::AcceptAlternative);
    /// assert!(minutes < 30);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    MixtureSprt {
        /// What is compared: proportions, means or rates.
        level: Level = Level::Proportion,
        /// Whether by difference or by ratio.
        measure: Measure = Measure::Difference,
        /// What is held against the null hypothesis.
        alternative: Alternative = Alternative::TwoSided,
        /// The false-alarm rate over all looks, in (0, 1).
        alpha: f64 = 0.05,
        /// The estimate under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
        /// How much worse is tolerated: a positive difference, or a factor above 1. With it, a canary
        /// may be found to be no worse than that.
        tolerance: Option<f64> = None,
        /// The effect that is to be caught soonest: a difference in the unit of the level, or a
        /// factor.
        effect: Option<f64> = None,
        /// How many observations of the smaller arm there will be when the interval is to be
        /// shortest, instead of an effect: nb nc / (nb + nc), to be precise. For rates, in time.
        tuned_at: Option<f64> = None,
        /// How many observations of either arm there must be before anything is decided.
        burn_in: u64 = 50,
        /// Whether observations may be taken to be independent.
        assume: Assume = Assume::Nothing,
    }
}

/// So many events (and trials without one) make a sum of them nearly normal.
const LEAST_EVENTS: u64 = 10;
/// And so many of the smaller arm, nearly, are expected: w p.
const LEAST_WEIGHT: f64 = 1.0;

impl Design for MixtureSprt {
    fn check(&self) -> Result<()> {
        let question = self.question()?;
        question.check()?;
        if self.null.unwrap_or(0.0).abs() > LARGEST {
            let rule = "must lie between -1e50 and 1e50";
            return Err(Error::option("null", rule, question.null));
        }
        if let Some(effect) = self.effect {
            if self.tuned_at.is_some() {
                let rule = "must not be given together with tuned_at";
                return Err(Error::option("effect", rule, effect));
            }
            let size = self.effect_size(effect);
            if !(size > 0.0 && size < LARGEST) {
                let rule = match self.measure {
                    Measure::Difference => "must be a finite difference other than 0",
                    _ => "must be a positive factor other than 1",
                };
                return Err(Error::option("effect", rule, effect));
            }
        }
        self.tuned_at
            .map_or(Ok(()), |n| check_positive("tuned_at", n))
    }
}

impl MixtureSprt {
    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an alpha outside (0, 1); an odds ratio; a null hypothesis, an
    /// effect or a `tuned_at` that cannot be, or both of these; and a tolerance that leaves no room
    /// for the null hypothesis.
    pub fn monitor(self) -> Result<MixtureSprtMonitor> {
        self.check()?;
        Ok(MixtureSprtMonitor {
            version: Version,
            design: self,
            seen: match self.level {
                Level::Proportion => Seen::Proportion(Strata::default()),
                Level::Mean => Seen::Mean(Strata::default()),
                Level::Rate => Seen::Rate(Strata::default()),
            },
            batches: Batches::default(),
            answers: Answers::default(),
        })
    }

    fn question(&self) -> Result<Question> {
        Ok(Question {
            null: self.measure.without_odds()?.null_or(self.null)?,
            ..self.asked()
        })
    }

    /// The question of a design that was checked.
    fn asked(&self) -> Question {
        Question {
            alpha: self.alpha,
            alternative: self.alternative,
            measure: self.measure,
            null: self.null.unwrap_or_else(|| self.measure.null()),
            tolerance: self.tolerance,
        }
    }

    fn effect_size(&self, effect: f64) -> f64 {
        match self.measure {
            Measure::Difference => effect.abs(),
            _ => effect.ln().abs(),
        }
    }

    fn tuning(&self) -> Tuning {
        match (self.effect, self.tuned_at) {
            (Some(effect), _) => Tuning::Effect(self.effect_size(effect)),
            (None, Some(n)) => Tuning::PerObservation(tuned_at(n, self.alpha, self.alternative)),
            (None, None) => Tuning::Usual,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Seen {
    Proportion(Strata<Trials, events::Events>),
    Mean(Strata<Moments, means::Means>),
    Rate(Strata<Span, events::Events>),
}

/// Sums over all strata.
#[derive(Debug, Clone, Copy)]
enum Sum {
    Events(events::Events),
    Means(means::Means),
}

/// Watches two arms: see [`MixtureSprt`]. Merges exactly but for single observations that were no
/// stratum yet, which are pooled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MixtureSprtMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: MixtureSprt,
    seen: Seen,
    batches: Batches,
    answers: Answers,
}

/// What a look knows.
struct Look<'a> {
    sum: Sum,
    measure: Measure,
    tuning: Tuning,
    /// What is known of the observations' dependence, unless they are taken to be independent.
    batches: Option<&'a Batches>,
}

impl Look<'_> {
    fn log_e_if_independent(&self, null: f64, alternative: Alternative, times: f64) -> f64 {
        let score = self.score(null).repeated(times);
        if score.least < LEAST_WEIGHT {
            return 0.0; // a sum of so few is not nearly normal
        }
        let mixture = score.mixture(self.tuning);
        mixture.log_e(score.z(), score.df, alternative)
    }

    fn score(&self, null: f64) -> Score {
        match &self.sum {
            Sum::Events(events) => events.score(self.measure, null),
            Sum::Means(means) => means.score(self.measure, null),
        }
    }
}

impl Evidence for Look<'_> {
    fn log_e(&self, null: f64, alternative: Alternative, times: f64) -> f64 {
        let own = |times| self.log_e_if_independent(null, alternative, times);
        let Some(batches) = self.batches else {
            return own(times);
        };
        let effect = null - self.measure.null();
        let found = match self.sum {
            Sum::Events(_) => batches.log_e_of_counts(effect, alternative, times, own),
            Sum::Means(_) => {
                let both = batches.log_e(effect, alternative, times);
                both.map(|log_e| log_e.min(own(times)))
            }
        };
        found.unwrap_or(0.0)
    }

    fn log_e_at_most(&self, null: f64, alternative: Alternative) -> f64 {
        let score = self.score(null);
        let bound = score
            .mixture(self.tuning)
            .at_most(score.z(), score.df, alternative);
        if bound.is_nan() { f64::INFINITY } else { bound }
    }

    fn estimate(&self) -> f64 {
        match &self.sum {
            Sum::Events(events) => events.estimate(self.measure),
            Sum::Means(means) => means.estimate(self.measure),
        }
    }

    fn scale(&self) -> f64 {
        let score = self.score(self.measure.null());
        let unit = match self.measure {
            Measure::Difference => score.unit,
            _ => return 0.25,
        };
        if score.variance > 0.0 {
            score.variance.sqrt() / unit
        } else {
            1.0 / unit
        }
    }
}

impl MixtureSprtMonitor {
    /// What it compares, and so what data it takes.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.design.level
    }

    /// What is known, with the interval that has this error rate instead.
    pub(crate) fn state_at(&self, alpha: f64) -> State {
        let design = self.design.alpha(alpha);
        Self {
            design,
            ..self.clone()
        }
        .state()
    }

    fn evidence(&self) -> Look<'_> {
        Look {
            sum: match &self.seen {
                Seen::Proportion(strata) => Sum::Events(strata.sum()),
                Seen::Rate(strata) => Sum::Events(strata.sum()),
                Seen::Mean(strata) => Sum::Means(strata.sum()),
            },
            measure: self.design.measure,
            tuning: self.design.tuning(),
            batches: self.design.assume.measured(&self.batches),
        }
    }

    /// Notes what a stratum says of its dependence on others.
    fn push(&mut self, contrast: Option<Contrast>) {
        if let (Assume::Nothing, Some(contrast)) = (self.design.assume, contrast) {
            self.batches.push(contrast);
        }
    }

    /// Whether sums are nearly normal.
    fn is_ready(&self, evidence: &Look) -> bool {
        let least = self.design.burn_in;
        let past = |n: Arms<u64>| n.baseline.min(n.canary) >= least;
        let events = match &self.seen {
            Seen::Proportion(strata) if past(strata.all().map(|arm| arm.trials)) => {
                let all = strata.all();
                let sum = all.baseline.plus(all.canary);
                sum.events.min(sum.trials.saturating_sub(sum.events))
            }
            Seen::Rate(strata) => {
                let all = strata.all();
                all.baseline.plus(all.canary).events
            }
            Seen::Mean(strata) => return past(strata.all().map(|arm| arm.count)),
            Seen::Proportion(_) => 0,
        };
        events >= LEAST_EVENTS && evidence.score(self.design.asked().null).least >= LEAST_WEIGHT
    }

    fn look(&mut self) -> Decision {
        let evidence = self.evidence();
        if self.is_ready(&evidence) {
            let mut answers = self.answers;
            answers.look(&self.design.asked(), &evidence);
            self.answers = answers;
        }
        self.answers.decision()
    }

    fn levels(&self) -> Arms<ArmLevel> {
        match &self.seen {
            Seen::Proportion(strata) => strata
                .all()
                .map(|arm| ArmLevel::new(arm.trials, arm.events as f64 / arm.trials as f64)),
            Seen::Rate(strata) => strata
                .all()
                .map(|arm| ArmLevel::new(arm.events, arm.events as f64 / arm.time)),
            Seen::Mean(strata) => strata.all().map(ArmLevel::of_moments),
        }
    }

    fn trials(&mut self, trials: Arms<Trials>) -> Result<Decision> {
        let Seen::Proportion(strata) = &mut self.seen else {
            return Err(self.unlike("events of trials"));
        };
        let contrast = strata.add(trials, self.design.measure);
        self.push(contrast);
        Ok(self.look())
    }

    fn moments(&mut self, moments: Arms<Moments>) -> Result<Decision> {
        let Seen::Mean(strata) = &mut self.seen else {
            return Err(self.unlike("values"));
        };
        let contrast = strata.add(moments, self.design.measure);
        self.push(contrast);
        Ok(self.look())
    }

    fn unlike(&self, data: &str) -> Error {
        let rule = format!("must be what a {} is of", self.design.level);
        Error::input("data", rule, data)
    }
}

/// Events and trials of both arms since the last update: one stratum.
impl Update<Arms<Counts>> for MixtureSprtMonitor {
    fn update(&mut self, counts: Arms<Counts>) -> Result<Decision> {
        self.trials(counts.map(|arm| Trials {
            events: arm.events(),
            trials: arm.trials(),
        }))
    }
}

/// A single trial, and whether it had the event.
impl Update<(Arm, bool)> for MixtureSprtMonitor {
    fn update(&mut self, (arm, event): (Arm, bool)) -> Result<Decision> {
        let trial = Trials {
            events: u64::from(event),
            trials: 1,
        };
        self.trials(Arms::alone(arm, trial))
    }
}

/// Events in time on both arms since the last update: one stratum.
impl Update<Arms<Exposure>> for MixtureSprtMonitor {
    fn update(&mut self, exposures: Arms<Exposure>) -> Result<Decision> {
        let Seen::Rate(strata) = &mut self.seen else {
            return Err(self.unlike("events in time"));
        };
        let ratio = exposures.baseline.time() / exposures.canary.time();
        exposures.try_map(|arm, exposure| {
            if (1e-50..=1e50).contains(&exposure.time()) && (1e-15..=1e15).contains(&ratio) {
                return Ok(());
            }
            let rule = "must have a time between 1e-50 and 1e50, comparable with the other arm's";
            Err(Error::input(arm, rule, exposure.time()))
        })?;
        let spans = exposures.map(|arm| Span {
            events: arm.events(),
            time: arm.time(),
        });
        let contrast = strata.add(spans, self.design.measure);
        self.push(contrast);
        Ok(self.look())
    }
}

/// Values of both arms since the last update: one stratum.
impl Update<Arms<&[f64]>> for MixtureSprtMonitor {
    fn update(&mut self, values: Arms<&[f64]>) -> Result<Decision> {
        let moments = values.try_map(|arm, values| {
            for &value in values {
                moderate(arm, value)?;
            }
            Ok(Moments::of(values))
        })?;
        self.moments(moments)
    }
}

/// A single value.
impl Update<(Arm, f64)> for MixtureSprtMonitor {
    fn update(&mut self, (arm, value): (Arm, f64)) -> Result<Decision> {
        moderate(arm.as_str(), value)?;
        self.moments(Arms::alone(arm, Moments::one(value)))
    }
}

/// Summaries of both arms' values since the last update: one stratum.
impl Update<Arms<Summary>> for MixtureSprtMonitor {
    fn update(&mut self, summaries: Arms<Summary>) -> Result<Decision> {
        let moments = summaries.try_map(|arm, summary| {
            moderate(arm, summary.mean())?;
            moderate(arm, summary.stddev())?;
            Ok(summary.moments())
        })?;
        self.moments(moments)
    }
}

impl Monitor for MixtureSprtMonitor {
    fn state(&self) -> State {
        let design = self.design;
        let question = design.asked();
        let evidence = self.evidence();
        let is_ready = self.is_ready(&evidence);
        let levels = self.levels();
        let (of, range) = match (design.level, design.measure) {
            (Level::Proportion, Measure::Difference) => ("proportions", (-1.0, 1.0)),
            (Level::Proportion, _) => ("proportions", (0.0, f64::INFINITY)),
            (Level::Mean, Measure::Difference) => ("means", (f64::NEG_INFINITY, f64::INFINITY)),
            (Level::Mean, _) => ("means", (0.0, f64::INFINITY)),
            (Level::Rate, Measure::Difference) => ("rates", (f64::NEG_INFINITY, f64::INFINITY)),
            (Level::Rate, _) => ("rates", (0.0, f64::INFINITY)),
        };
        let observations = levels.baseline.n.saturating_add(levels.canary.n);
        let soonest = Look {
            batches: evidence.batches.filter(|batches| !batches.is_refused()),
            ..evidence
        };
        let log_e_value = if is_ready {
            evidence.log_e(question.null, question.alternative, 1.0)
        } else {
            0.0
        };
        State {
            monitor: MonitorName::MixtureSprt,
            decision: self.answers.decision(),
            alpha: design.alpha,
            p_value: self.answers.p_value(),
            log_e_value,
            estimate: Some(question.estimate(of, &evidence, range, is_ready)),
            arms: vec![levels.baseline, levels.canary],
            observations,
            remaining: question
                .remaining(&soonest, observations, self.answers.decision())
                .map(|more| more.max(self.batches.wait(observations))),
            dependence: Some(Dependence::of(evidence.batches, observations)),
        }
    }

    fn decision(&self) -> Decision {
        self.answers.decision()
    }

    fn p_value(&self) -> f64 {
        self.answers.p_value()
    }

    fn merge(&mut self, later: &Self) -> Result<()> {
        same_design(&self.design, &later.design)?;
        match (&mut self.seen, &later.seen) {
            (Seen::Proportion(own), Seen::Proportion(later)) => own.merge(later),
            (Seen::Mean(own), Seen::Mean(later)) => own.merge(later),
            (Seen::Rate(own), Seen::Rate(later)) => own.merge(later),
            _ => return Err(self.unlike("other data")),
        }
        self.batches.merge(&later.batches);
        self.look();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
