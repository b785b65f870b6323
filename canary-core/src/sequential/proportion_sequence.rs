use serde::{Deserialize, Serialize};

use super::beta_mixture::BetaMixture;
use super::dependence::{Batches, Contrast};
use super::evidence::{Answers, Evidence, Question};
use super::normal_mixture::tuned_at;
use super::state::{
    Assume, Decision, Dependence, Design, Monitor, MonitorName, State, Update, Version,
    check_positive, check_rate, checked, same_design,
};
use crate::data::Counts;
use crate::error::{Error, Result};
use crate::number::beta::Point;
use crate::options::{Alternative, Measure, builder};
use crate::stats::{ArmLevel, Estimate};

builder! {
    #[doc = include_str!("proportion_sequence.md")]
    ///
    /// # Defaults
    /// Against a proportion of 0.5, two-sided, alpha 0.05, tuned at 1000 trials, nothing tolerated, and
    /// nothing taken for granted.
    ///
    /// # Example: an objective of 0.1 % errors
    /// ```
    /// use canary_core::sequential::{Assume, Decision, Monitor, ProportionSequence, Update};
    /// use canary_core::{Alternative, Counts};
    ///
    /// let design = ProportionSequence::new().null(0.001).alternative(Alternative::Greater);
    /// let mut errors = design.assume(Assume::Independence).monitor()?;
    /// assert_eq!(errors.update(Counts::new(2, 1000)?)?, Decision::Continue);
    /// assert_eq!(errors.update(Counts::new(9, 1000)?)?, Decision::AcceptAlternative);
    /// assert!(errors.state().estimate.unwrap().interval.low > 0.001);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    ProportionSequence {
        /// The standard, in (0, 1).
        null: f64 = 0.5,
        /// What is held against it.
        alternative: Alternative = Alternative::TwoSided,
        /// The false-alarm rate over all looks, in (0, 1).
        alpha: f64 = 0.05,
        /// How far beyond the standard is tolerated: a positive difference.
        tolerance: Option<f64> = None,
        /// After how many trials the interval is to be shortest.
        tuned_at: f64 = 1000.0,
        /// Whether trials may be taken to be independent.
        assume: Assume = Assume::Nothing,
    }
}

impl Design for ProportionSequence {
    fn check(&self) -> Result<()> {
        check_rate("null", self.null)?;
        self.question().check()?;
        check_positive("tuned_at", self.tuned_at)
    }
}

impl ProportionSequence {
    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an alpha or a standard outside (0, 1), a tolerance that is not
    /// positive, and a `tuned_at` that is not positive and finite.
    pub fn monitor(self) -> Result<ProportionSequenceMonitor> {
        self.check()?;
        Ok(ProportionSequenceMonitor {
            version: Version,
            design: self,
            events: 0,
            trials: 0,
            answers: Answers::default(),
            batches: Batches::default(),
        })
    }

    fn question(&self) -> Question {
        Question {
            alpha: self.alpha,
            alternative: self.alternative,
            measure: Measure::Difference,
            null: 0.0,
            tolerance: self.tolerance,
        }
    }
}

/// Watches a proportion: see [`ProportionSequence`]. Merges exactly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProportionSequenceMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: ProportionSequence,
    events: u64,
    trials: u64,
    answers: Answers,
    batches: Batches,
}

/// Of the proportion less the standard.
struct Seen<'a> {
    events: f64,
    others: f64,
    standard: f64,
    strength: f64,
    /// What is known of the trials' dependence, unless they are taken to be independent.
    batches: Option<&'a Batches>,
}

impl Seen<'_> {
    fn log_e_if_independent(&self, null: f64, alternative: Alternative, times: f64) -> f64 {
        let null = Point::new(self.standard + null);
        if !(null.x > 0.0 && null.y > 0.0) {
            // No event, or nothing else, can be: a limit beyond which nothing is tolerated.
            let is_impossible = if null.x > 0.0 {
                self.others
            } else {
                self.events
            } > 0.0;
            return if is_impossible { f64::INFINITY } else { 0.0 };
        }
        let (events, others) = (times * self.events, times * self.others);
        let log_e =
            BetaMixture::centred(null, self.strength).log_e(events, others, null, alternative);
        if log_e.is_nan() { 0.0 } else { log_e }
    }
}

impl Evidence for Seen<'_> {
    fn log_e(&self, null: f64, alternative: Alternative, times: f64) -> f64 {
        let own = |times| self.log_e_if_independent(null, alternative, times);
        let Some(batches) = self.batches else {
            return own(times);
        };
        let proportion = self.standard + null;
        let log_e = batches.log_e_of_counts(proportion, alternative, times, own);
        log_e.unwrap_or(0.0)
    }

    fn log_e_at_most(&self, null: f64, alternative: Alternative) -> f64 {
        // Of fewer counts, an e-value may fall less below 1, but that raises no peak.
        self.log_e_if_independent(null, alternative, 1.0)
    }

    fn estimate(&self) -> f64 {
        self.events / (self.events + self.others) - self.standard
    }

    fn scale(&self) -> f64 {
        0.5 / (self.events + self.others).sqrt()
    }
}

impl ProportionSequenceMonitor {
    fn evidence(&self) -> Seen<'_> {
        let ProportionSequence {
            null,
            alternative,
            alpha,
            tuned_at: n,
            ..
        } = self.design;
        Seen {
            events: self.events as f64,
            others: self.trials.saturating_sub(self.events) as f64,
            standard: null,
            strength: (1.0 / tuned_at(n, alpha, alternative) - 1.0).max(0.001),
            batches: self.design.assume.measured(&self.batches),
        }
    }

    fn add(&mut self, events: u64, trials: u64) -> Decision {
        self.events = self.events.saturating_add(events);
        self.trials = self.trials.saturating_add(trials);
        if self.design.assume == Assume::Nothing && trials > 0 {
            let (events, trials) = (events as f64, trials as f64);
            self.batches
                .push(Contrast::of_trials(events, trials, self.design.null));
        }
        self.look()
    }

    fn look(&mut self) -> Decision {
        let mut answers = self.answers;
        answers.look(&self.design.question(), &self.evidence());
        self.answers = answers;
        answers.decision()
    }
}

/// Events of trials since the last update.
impl Update<Counts> for ProportionSequenceMonitor {
    fn update(&mut self, counts: Counts) -> Result<Decision> {
        Ok(self.add(counts.events(), counts.trials()))
    }
}

/// A single trial, and whether it had the event.
impl Update<bool> for ProportionSequenceMonitor {
    fn update(&mut self, event: bool) -> Result<Decision> {
        Ok(self.add(u64::from(event), 1))
    }
}

impl Monitor for ProportionSequenceMonitor {
    fn state(&self) -> State {
        let design = self.design;
        let question = design.question();
        let mut evidence = self.evidence();
        let is_refused = evidence.batches.is_some_and(Batches::is_refused);
        let range = (-design.null, 1.0 - design.null);
        let mut estimate = question.estimate("", &evidence, range, self.trials > 0 && !is_refused);
        let at = |end: f64| (end + design.null).clamp(0.0, 1.0);
        estimate.interval.low = at(estimate.interval.low);
        estimate.interval.high = at(estimate.interval.high);
        let proportion = self.events as f64 / self.trials as f64;
        let log_e_value = evidence.log_e(0.0, design.alternative, 1.0);
        if is_refused {
            evidence.batches = None; // the least that it takes
        }
        State {
            monitor: MonitorName::ProportionSequence,
            decision: self.answers.decision(),
            alpha: design.alpha,
            p_value: self.answers.p_value(),
            log_e_value,
            estimate: Some(Estimate {
                of: "proportion".to_owned(),
                value: proportion,
                ..estimate
            }),
            arms: vec![ArmLevel::new(self.trials, proportion)],
            observations: self.trials,
            remaining: question
                .remaining(&evidence, self.trials, self.answers.decision())
                .map(|more| more.max(self.batches.wait(self.trials))),
            dependence: Some(Dependence::of(
                design.assume.measured(&self.batches),
                self.trials,
            )),
        }
    }

    fn decision(&self) -> Decision {
        self.answers.decision()
    }

    fn merge(&mut self, later: &Self) -> Result<()> {
        same_design(&self.design, &later.design)?;
        if later.events > later.trials {
            let rule = "must not exceed the trials";
            return Err(Error::input("events", rule, later.events));
        }
        self.events = self.events.saturating_add(later.events);
        self.trials = self.trials.saturating_add(later.trials);
        self.batches.merge(&later.batches);
        self.look();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(design: ProportionSequence, events: u64, trials: u64) -> State {
        let mut monitor = design.monitor().unwrap();
        monitor
            .update(Counts::new(events, trials).unwrap())
            .unwrap();
        monitor.state()
    }

    /// confseq's `bernoulli_confidence_interval`, whose tests state these values.
    #[test]
    fn agrees_with_published_intervals() {
        for (events, trials, tuned, low, high) in [
            (700, 1000, 100.0, 0.651_629, 0.745_949),
            (15, 50, 50.0, 0.129_556, 0.511_896),
            (5, 50, 50.0, 0.013_021, 0.269_264),
        ] {
            let state = seen(
                ProportionSequence::new()
                    .assume(Assume::Independence)
                    .tuned_at(tuned),
                events,
                trials,
            );
            let interval = state.estimate.unwrap().interval;
            assert!((interval.low - low).abs() < 2e-6, "{interval:?}");
            assert!((interval.high - high).abs() < 2e-6, "{interval:?}");
        }
    }

    #[test]
    fn the_interval_holds_what_is_not_rejected() {
        for &alternative in Alternative::ALL {
            let design = ProportionSequence::new()
                .assume(Assume::Independence)
                .alternative(alternative)
                .tuned_at(100.0);
            for (events, trials) in [(0, 60), (60, 60), (7, 90)] {
                let interval = seen(design, events, trials).estimate.unwrap().interval;
                for end in [interval.low, interval.high] {
                    if end > 0.0 && end < 1.0 {
                        let log_e = seen(design.null(end), events, trials).log_e_value;
                        assert!((log_e - 20_f64.ln()).abs() < 1e-7, "{end} {log_e}");
                    }
                }
            }
        }
    }

    #[test]
    fn three_answers() {
        let design = ProportionSequence::new()
            .assume(Assume::Independence)
            .null(0.01)
            .alternative(Alternative::Greater)
            .tolerance(Some(0.01));
        assert_eq!(seen(design, 2, 100).decision, Decision::Continue);
        assert_eq!(seen(design, 10, 100).decision, Decision::AcceptAlternative);
        assert_eq!(seen(design, 30, 3000).decision, Decision::AcceptNull);
        let error = design.tolerance(Some(-0.1)).monitor().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("tolerance: must be a positive")
        );
    }
}
